using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Interp.Runs.Endings;

namespace Interp.Runs.Surroundings;

/// <summary>
/// Standard output or standard error as the process was given them. .NET's own console takes file handles of its own before it writes, and a stream that
/// was closed at the start for whatever file has got its number since; this one writes to the handle itself, and knows a closed one.
/// </summary>
/// <remarks>
/// A reader that has gone (<c>| head -1</c>) is no failure: what is left to say is not said. Standard output that cannot be written for another reason ends the
/// command in a <see cref="FailedException"/>. Standard error never does: what goes there is progress and remarks, and the exit code tells the rest.
/// </remarks>
internal sealed partial class StandardStream : Stream
{
    private const int OutputHandle = 1;
    private const int ErrorHandle = 2;

    private static int lastWordHandle;

    private readonly int handle;
    private readonly bool isThere;
    private bool isDone;

    private StandardStream(int handle)
    {
        this.handle = handle;
        isThere = IsThere(handle);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The process's standard input.</summary>
    public static Stream Input() => Console.OpenStandardInput();

    /// <summary>
    /// Lets <see cref="Console"/> write to the process's own streams, and a file that grows beyond the process's limit be an error like any other: the signal
    /// that comes with it would end the process. To be called before anything else, while there are handles to load the C library with.
    /// </summary>
    public static void Use()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (IsThere(ErrorHandle))
        {
            Say(ErrorHandle, "");
            lastWordHandle = ErrorHandle;
        }

        const int fileSizeExceeded = 25;
        const nint ignored = 1;
        _ = SetSignal(fileSizeExceeded, ignored);
        Console.SetOut(Writer(OutputHandle));
        Console.SetError(Writer(ErrorHandle));
    }

    /// <summary>
    /// Says a sentence on standard error where no more of the program can be loaded to say it: all that this takes is there since <see cref="Use"/>.
    /// </summary>
    public static void LastWord(string sentence)
    {
        if (lastWordHandle > 0)
        {
            Say(lastWordHandle, sentence);
        }
    }

    private static void Say(int handle, string sentence)
    {
        Span<byte> bytes = stackalloc byte[sentence.Length];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] = (byte)sentence[index];
        }

        _ = WriteTo(handle, bytes, bytes.Length);
    }

    private static bool IsThere(int handle)
    {
        // What survived the start of the process does not close when another starts; what the runtime has opened since does.
        const int getFlags = 1;
        const int closesOnStart = 1;
        var flags = Control(handle, getFlags);
        return flags >= 0 && (flags & closesOnStart) == 0;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        const int interrupted = 4;
        const int badHandle = 9;
        const int readerGone = 32;
        while (!isDone && buffer.Length > 0)
        {
            var written = isThere ? WriteTo(handle, buffer, buffer.Length) : -1;
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            var error = isThere ? Marshal.GetLastPInvokeError() : badHandle;
            if (error is 11 or 35)
            {
                // Whoever gave us the stream reads it when he likes.
                Thread.Sleep(1);
            }
            else if (error != interrupted)
            {
                // Once is enough: what comes behind a gap helps nobody.
                isDone = true;
                if (error != readerGone && handle == OutputHandle)
                {
                    var why = isThere ? new Win32Exception(error).Message : "it is closed";
                    throw new FailedException($"standard output cannot be written ({why}){(Unfinished.Written is { } kept ? $"; {kept}" : "")}.");
                }
            }
        }
    }

    private static StreamWriter Writer(int handle) =>
        new(new StandardStream(handle), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint WriteTo(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SetSignal(int signal, nint handler);
}
