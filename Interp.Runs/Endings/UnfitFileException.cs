namespace Interp.Runs.Endings;

/// <summary>A file is something else than what was looked for, whatever the disk says: it has more bytes than anything of its kind, or is a pipe that stays empty.</summary>
internal sealed class UnfitFileException(string message) : IOException(message);
