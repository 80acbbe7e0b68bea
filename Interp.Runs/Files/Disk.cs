using System.ComponentModel;
using System.Runtime.InteropServices;
using Interp.Runs.Endings;

namespace Interp.Runs.Files;

/// <summary>The operating system's disk.</summary>
internal sealed partial class Disk : IDisk
{
    public static readonly Disk Instance = new();

    private Disk()
    {
    }

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public IReadOnlyList<string> Files(string directory) =>
        Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal)] : [];

    public IReadOnlyList<string> Directories(string directory) =>
        Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal)] : [];

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public byte[] Read(string path, long most)
    {
        // A pipe or a device does not tell how much is in it, and may never end.
        const long mostUntold = 1 << 26;
        using var file = OpenStream(path);
        var told = file.CanSeek ? file.Length : 0;
        if (told > most)
        {
            throw new UnfitFileException($"it has {told} bytes, expected at most {most}");
        }

        using var content = new MemoryStream((int)Math.Min(told, Array.MaxLength));
        var chunk = new byte[1 << 16];
        var limit = Math.Max(told, Math.Min(most, mostUntold));
        for (int count; (count = file.Read(chunk)) > 0;)
        {
            if (content.Length + count > limit)
            {
                throw new UnfitFileException($"it has more than {limit} bytes");
            }

            content.Write(chunk, 0, count);
        }

        return content.Length == content.Capacity ? content.GetBuffer() : content.ToArray();
    }

    public IOpenFile Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new UnfitFileException("it is a directory, expected a file");
        }

        var file = OpenStream(path);
        // Devices such as /dev/zero have places, and no length.
        if (file.CanSeek && (file.Length > 0 || RandomAccess.Read(file.SafeFileHandle, stackalloc byte[1], 0) == 0))
        {
            return new OpenFile(file);
        }

        file.Dispose();
        throw new UnfitFileException("it is a pipe or a device, expected a file that can be read at any place");
    }

    private sealed class OpenFile(FileStream file) : IOpenFile
    {
        public long Length { get; } = file.Length;

        public DateTime Written { get; } = File.GetLastWriteTimeUtc(file.SafeFileHandle);

        public int Read(long place, Span<byte> target)
        {
            var count = 0;
            while (count < target.Length && RandomAccess.Read(file.SafeFileHandle, target[count..], place + count) is > 0 and var more)
            {
                count += more;
            }

            return count;
        }

        public void Dispose() => file.Dispose();
    }

    /// <summary>Opens a file for reading. Where it is a named pipe that waits for somebody to write to it for long, nobody will.</summary>
    private static FileStream OpenStream(string path)
    {
        FileStream Opened() => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (new FileInfo(path) is { Exists: true, Length: > 0 })
        {
            return Opened();
        }

        var patience = TimeSpan.FromSeconds(3);
        var opening = System.Threading.Tasks.Task.Factory.StartNew(Opened, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return System.Threading.Tasks.Task.WhenAny(opening, System.Threading.Tasks.Task.Delay(patience)).GetAwaiter().GetResult() == opening
            ? opening.GetAwaiter().GetResult()
            : throw new UnfitFileException($"it is a pipe that nothing was written to for {patience.TotalSeconds} seconds");
    }

    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            File.WriteAllBytes(path, bytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw TooBig(path);
        }
    }

    public void Append(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            File.AppendAllBytes(path, bytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw TooBig(path);
        }
    }

    public void Flush(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void RenameDirectory(string from, string to) => Directory.Move(from, to);

    public void Delete(string path) => File.Delete(path);

    public void DeleteDirectory(string path, bool withContent) => Directory.Delete(path, withContent);

    public void FlushDirectory(string path)
    {
        // Windows has no such call: a rename there is in the file system's journal.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            throw Failure(path);
        }

        try
        {
            // Some file systems have nothing to flush in a directory, and say "invalid argument".
            const int invalidArgument = 22;
            if (Synchronise(descriptor) != 0 && Marshal.GetLastPInvokeError() != invalidArgument)
            {
                throw Failure(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    public IDisposable? Hold(string path)
    {
        // Another process may just be looking whether the file is held; it looks for microseconds.
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException held) when (IsSharingViolation(held))
            {
                if (attempt == attempts)
                {
                    return null;
                }

                Thread.Sleep(20);
            }
        }
    }

    public bool IsHeld(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (IOException held) when (IsSharingViolation(held))
        {
            return true;
        }
        catch (Exception unknown) when (Refusal.IsDisk(unknown))
        {
            return false;
        }
    }

    /// <summary>Told from other failures, such as a directory that is gone: on Unix "try again" (flock), on Windows a sharing violation.</summary>
    private static bool IsSharingViolation(IOException exception) =>
        exception.GetType() == typeof(IOException)
        && (OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) == 32 : exception.HResult is 11 or 35);

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"{new Win32Exception(error).Message} : '{path}'", error);
    }

    /// <summary>.NET blames its caller's arguments where the operating system says that a file grew beyond what is allowed (EFBIG).</summary>
    private static IOException TooBig(string path)
    {
        const int fileTooBig = 27;
        return new($"File too large : '{path}'", fileTooBig);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronise(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
