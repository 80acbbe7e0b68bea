namespace Interp.Host.Files;

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
            disk.Write(partial, bytes);
            disk.Flush(partial);
            if (!bytes.SequenceEqual(disk.Read(partial, bytes.Length)))
            {
                throw new IOException($"what was written does not read back : '{partial}'");
            }

            disk.Rename(partial, path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            TryDelete(disk, partial);
            throw;
        }

        disk.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes what is not needed any more; whether it goes does not matter.</summary>
    public static void TryDelete(IDisk disk, string path)
    {
        try
        {
            disk.Delete(path);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // It stays behind, and hurts nobody.
        }
    }
}
