namespace Interp.Host.Endings;

/// <summary>A file has more bytes than anything of its kind: it is something else, whatever the disk says.</summary>
internal sealed class TooLongException(string message) : IOException(message);
