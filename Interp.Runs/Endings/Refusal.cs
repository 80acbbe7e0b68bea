using System.Reflection;

namespace Interp.Runs.Endings;

/// <summary>What the machine or its disk refuses: told from mistakes of this program, put into words, and whose fault it is, in this one place.</summary>
internal static class Refusal
{
    /// <summary>Numbers of the operating system's errors that are about the path itself. Where a number differs, Linux's stands before macOS's.</summary>
    private static readonly int[] OfPath =
    [
        2, // ENOENT: there is no such file or directory
        17, // EEXIST: a file stands where a directory is to be made
        20, // ENOTDIR: a part of the path is a file
        21, // EISDIR: it is a directory
        36, 63, // ENAMETOOLONG
        40, 62, // ELOOP: links that lead to each other
    ];

    /// <summary>The numbers of "not permitted" and "permission denied".</summary>
    private static readonly int[] OfPermission = [1, 13];

    /// <summary>Whether a disk raised it.</summary>
    public static bool IsDisk(Exception failure) => failure is IOException or UnauthorizedAccessException;

    /// <summary>
    /// Why the machine refused, in half a sentence; null where the exception is of another kind, and so most likely a mistake of this program.
    /// </summary>
    public static string? Why(Exception failure) => Cause(failure) switch
    {
        OutOfMemoryException or ThreadStartException or InsufficientExecutionStackException => "the machine has too little memory left, or no more threads",
        FileNotFoundException { FileName: { } name } when name.Contains("Version=", StringComparison.Ordinal) => NotLoaded,
        FileLoadException or BadImageFormatException or DllNotFoundException => NotLoaded,
        { } disk when IsDisk(disk) => Words(disk),
        _ => null,
    };

    /// <summary>Why a disk refused, in half a sentence.</summary>
    public static string Words(Exception refused) => Quote.line(refused.Message).TrimEnd('.');

    /// <summary>
    /// Whether a path that the user gave is the reason: there is nothing there, or something else than a path can lead through. A full disk, a failing one, too
    /// few file handles are the machine's; so is a missing permission, since what the user asked for makes sense.
    /// </summary>
    public static bool IsOfPath(Exception refused) => refused switch
    {
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException => true,
        _ => OfPath.Contains(Number(refused)),
    };

    /// <summary>The sentence as the user's fault where the path that they gave is the reason, otherwise as the machine's.</summary>
    public static Exception OfGivenPath(Exception refused, string sentence) =>
        IsOfPath(refused) ? new BadInputException(sentence) : new FailedException(sentence);

    /// <summary>
    /// The sentence as the user's fault where what they gave cannot be read, be it missing, forbidden or too large; as the machine's where it fails to read it.
    /// </summary>
    public static Exception OfGivenFile(Exception refused, string sentence) =>
        IsOfPath(refused) || OfPermission.Contains(Number(refused)) || refused is UnfitFileException ? new BadInputException(sentence) : new FailedException(sentence);

    /// <summary>The exception that says what happened, out of those that only carry it.</summary>
    public static Exception Cause(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: { Count: > 0 } inner } =>
            Cause(inner.FirstOrDefault(each => each is not OperationCanceledException) ?? inner[0]),
        TypeInitializationException or TargetInvocationException or TaskSchedulerException when failure.InnerException is { } inner => Cause(inner),
        _ => failure,
    };

    private const string NotLoaded = "a part of the program cannot be loaded, as where there are too few file handles or too little memory";

    /// <summary>The operating system's number of an error; none of its numbers where .NET does not tell it.</summary>
    private static int Number(Exception refused)
    {
        var told = refused is UnauthorizedAccessException { InnerException: IOException inner } ? inner : refused;
        // On Windows the same meanings have other numbers: 3 and 123 (path), 267 (not a directory), 5 (access).
        return !OperatingSystem.IsWindows() ? told.HResult : (refused.HResult & 0xFFFF) switch
        {
            3 or 123 or 267 => 2,
            5 => 13,
            _ => 0,
        };
    }
}
