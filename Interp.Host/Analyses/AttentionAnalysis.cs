using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>Where a model's heads look.</summary>
internal static class AttentionAnalysis
{
    /// <summary>Attention averaged over the sequences of <paramref name="reference"/>, a tensor [head, pos, key_pos] a layer.</summary>
    public static AttentionResults Of(Reference reference, FSharpList<Tensor> averages) => new()
    {
        Sequences = reference.Sequences,
        Seed = reference.Seed,
        Patterns = Nested(averages),
        ByOffset = [.. averages.Select(Offsets)],
    };

    /// <summary>[layer][head][pos][key_pos].</summary>
    public static IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> Nested(FSharpList<Tensor> layers) =>
        [.. layers.Select(layer => Grids.Matrices(layer.ToArray(), layer.Shape[0], layer.Shape[1], layer.Shape[2]))];

    /// <summary>[head][offset].</summary>
    public static IReadOnlyList<IReadOnlyList<float>> Offsets(Tensor patterns)
    {
        var offsets = Attention.byOffset(patterns);
        return Grids.Matrix(offsets.ToArray(), offsets.Shape[0], offsets.Shape[1]);
    }
}
