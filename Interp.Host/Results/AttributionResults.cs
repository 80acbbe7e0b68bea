namespace Interp.Host.Results;

/// <summary>The logits at a position as sums.</summary>
/// <param name="Logits">[vocab]: the sum of <paramref name="Direct"/>, and of <paramref name="Paths"/>.</param>
/// <param name="Direct">What the embedding (no heads) and each head write directly.</param>
/// <param name="Paths">Paths from the embedding through the values of no head, one head or several.</param>
internal sealed record AttributionResults(IReadOnlyList<float> Logits, IReadOnlyList<LogitTerm> Direct, IReadOnlyList<LogitTerm> Paths);
