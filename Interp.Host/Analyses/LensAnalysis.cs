using Interp.Host.Results;

namespace Interp.Host.Analyses;

/// <summary>What a model would predict from its residual stream at each depth.</summary>
internal static class LensAnalysis
{
    /// <summary>The stream before each layer, and behind the last.</summary>
    public static IReadOnlyList<LensLayer> Of(Model<Tensor> weights, Tokens text) =>
        [.. Attribution.lens(weights, text).Select((logits, layer) => new LensLayer(layer, Grids.Matrix(logits.ToArray(), logits.Shape[0], logits.Shape[1])))];
}
