namespace Interp.Runs.Endings;

/// <summary>The work was stopped from outside; the message says in half a sentence what became of it.</summary>
internal sealed class InterruptedException(string message) : OperationCanceledException(message);
