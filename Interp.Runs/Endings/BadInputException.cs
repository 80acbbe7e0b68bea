namespace Interp.Runs.Endings;

/// <summary>Something the user gave cannot be used; the message is one sentence for them.</summary>
internal sealed class BadInputException(string message) : Exception(message);
