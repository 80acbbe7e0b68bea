using Interp.Runs.Endings;

namespace Interp.Runs.Files;

/// <summary>Files that a user named, or that lie where a user pointed to.</summary>
internal static class GivenFile
{
    /// <summary>A file's bytes.</summary>
    /// <exception cref="BadInputException">It is missing, far too long, or the user may not read it.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static byte[] Read(IDisk disk, string path, long most)
    {
        try
        {
            return disk.Read(path, most);
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            throw Refusal.OfGivenFile(unreadable, $"{path}: cannot be read ({Refusal.Words(unreadable)}).");
        }
    }
}
