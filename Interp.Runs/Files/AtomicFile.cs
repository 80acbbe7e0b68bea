using Interp.Runs.Endings;

namespace Interp.Runs.Files;

/// <summary>Files that are there whole or not at all, whatever happens while they are written.</summary>
internal static class AtomicFile
{
    /// <summary>What a file is called until it is whole. Such a file that was left behind means nothing.</summary>
    public const string Partial = ".partial";

    /// <summary>
    /// Writes beside the place, flushes, reads back, renames, and flushes the directory. When this returns the file has reached
    /// the disk; when it raises, what was there before is there still.
    /// </summary>
    public static void Write(IDisk disk, string path, ReadOnlySpan<byte> bytes)
    {
        var partial = path + Partial;
        try
        {
            WriteThrough(disk, partial, bytes);
            disk.Rename(partial, path);
        }
        catch (Exception failed) when (Refusal.IsDisk(failed))
        {
            TryDelete(disk, partial);
            throw;
        }

        disk.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes, flushes and reads back.</summary>
    public static void WriteThrough(IDisk disk, string path, ReadOnlySpan<byte> bytes)
    {
        disk.Write(path, bytes);
        disk.Flush(path);
        if (!bytes.SequenceEqual(disk.Read(path, bytes.Length)))
        {
            throw new IOException($"what was written does not read back : '{path}'");
        }
    }

    /// <summary>Refuses a path at which no file can be written, before the work that is to be written there.</summary>
    /// <exception cref="BadInputException">It is a directory, or in a directory that there is not.</exception>
    public static void RequireFolder(IDisk disk, string path)
    {
        if (disk.DirectoryExists(path))
        {
            throw new BadInputException($"{path}: is a directory, expected a file.");
        }

        if (!disk.DirectoryExists(Path.GetDirectoryName(Path.GetFullPath(path))!))
        {
            throw new BadInputException($"{path}: cannot be written, since there is no such directory.");
        }
    }

    /// <summary>Writes a file that the user asked for by its path.</summary>
    /// <exception cref="BadInputException">The path is none for a file.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static void WriteResult(IDisk disk, string path, ReadOnlySpan<byte> bytes)
    {
        WriteState(disk, path, bytes);
        Unfinished.Wrote($"{path} is written, and whole");
    }

    /// <summary>The same of a file that is written again and again, which is nothing to speak of.</summary>
    /// <exception cref="BadInputException">The path is none for a file.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static void WriteState(IDisk disk, string path, ReadOnlySpan<byte> bytes)
    {
        if (path.Length == 0 || disk.DirectoryExists(path))
        {
            throw new BadInputException(path.Length == 0 ? "The path of the file to be written is empty." : $"{path}: is a directory, expected a file.");
        }

        try
        {
            Write(disk, Path.GetFullPath(path), bytes);
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            throw Refusal.OfGivenPath(refused, $"{path}: cannot be written ({Refusal.Words(refused)}); what stands there is whole, be it new or what was there before.");
        }
    }

    /// <summary>Deletes what was left behind in a directory before it was whole.</summary>
    public static void Clear(IDisk disk, string directory)
    {
        foreach (var left in disk.Files(directory).Where(file => file.EndsWith(Partial, StringComparison.Ordinal)))
        {
            TryDelete(disk, left);
        }
    }

    /// <summary>Deletes what is not needed any more; whether it goes does not matter.</summary>
    public static void TryDelete(IDisk disk, string path)
    {
        try
        {
            disk.Delete(path);
        }
        catch (Exception left) when (Refusal.IsDisk(left))
        {
            // It stays behind, and hurts nobody.
        }
    }
}
