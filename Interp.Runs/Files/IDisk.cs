using Interp.Runs.Endings;

namespace Interp.Runs.Files;

/// <summary>A file that is open for reading at any place, by several threads at once.</summary>
internal interface IOpenFile : IDisposable
{
    /// <summary>Its bytes.</summary>
    long Length { get; }

    /// <summary>When it was last written: another moment, another content.</summary>
    DateTime Written { get; }

    /// <summary>Reads the bytes from a place on, as many as there are and the target holds; how many these were.</summary>
    int Read(long place, Span<byte> target);
}

/// <summary>
/// The disk as a run uses it: the few operations that everything durable is made of, so that a test can make any of them fail.
/// All of them raise <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IDisk
{
    bool FileExists(string path);

    bool DirectoryExists(string path);

    /// <summary>Paths of the files in a directory, in ordinal order; none where there is no such directory.</summary>
    IReadOnlyList<string> Files(string directory);

    /// <summary>Paths of the directories in a directory, in ordinal order; none where there is no such directory.</summary>
    IReadOnlyList<string> Directories(string directory);

    /// <summary>Makes a directory and those above it.</summary>
    void CreateDirectory(string path);

    /// <summary>A file's bytes; refused unread where there are more than <paramref name="most"/>.</summary>
    /// <exception cref="UnfitFileException">There are more, or it is a pipe that stays empty.</exception>
    byte[] Read(string path, long most);

    /// <summary>Opens a file to read it here and there.</summary>
    /// <exception cref="UnfitFileException">It is a pipe or a device, which has no places.</exception>
    IOpenFile Open(string path);

    /// <summary>Makes a file of these bytes, in place of what was there.</summary>
    void Write(string path, ReadOnlySpan<byte> bytes);

    /// <summary>Adds bytes to the end of a file, which is made where there is none.</summary>
    void Append(string path, ReadOnlySpan<byte> bytes);

    /// <summary>Returns once a file's content has reached the disk.</summary>
    void Flush(string path);

    /// <summary>Gives a file another name, at once, in place of the file that had it.</summary>
    void Rename(string from, string to);

    /// <summary>Gives a directory another name; there must be nothing of that name.</summary>
    void RenameDirectory(string from, string to);

    void Delete(string path);

    /// <summary>Deletes a directory; one that is not empty only with all that is in it.</summary>
    void DeleteDirectory(string path, bool withContent);

    /// <summary>Returns once the names in a directory have reached the disk.</summary>
    void FlushDirectory(string path);

    /// <summary>Holds a file for this process alone, until it is disposed of or the process ends; null where another holds it.</summary>
    IDisposable? Hold(string path);

    /// <summary>Whether any process holds a file.</summary>
    bool IsHeld(string path);
}
