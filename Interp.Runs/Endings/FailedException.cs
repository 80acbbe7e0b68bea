namespace Interp.Runs.Endings;

/// <summary>The work itself went wrong; the message is one sentence for the user.</summary>
internal sealed class FailedException(string message) : Exception(message);
