namespace Interp.Host.Results;

/// <summary>The logits that the residual stream would give at one depth.</summary>
/// <param name="Layer">The layer that reads the stream; behind the last, the number of layers.</param>
/// <param name="Logits">[pos][vocab].</param>
internal sealed record LensLayer(int Layer, IReadOnlyList<IReadOnlyList<float>> Logits);
