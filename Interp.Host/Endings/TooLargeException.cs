namespace Interp.Host.Endings;

/// <summary>A file has more bytes than what is expected there could have; it was not read.</summary>
internal sealed class TooLargeException(string message) : IOException(message);
