namespace Interp.Host.Results;

/// <summary>A term of the logits at one position: [vocab].</summary>
internal sealed record LogitTerm(IReadOnlyList<HeadPlace> Heads, IReadOnlyList<float> Logits);
