using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>The logits at a position as a sum over paths.</summary>
internal static class AttributionAnalysis
{
    /// <summary>The prediction after position <paramref name="position"/>, as what the embedding and each head write directly, and as paths through heads' values.</summary>
    public static AttributionResults Of(Model<Tensor> weights, Tokens text, int position) => new(
        Row(Transformer.logits(weights, text), position),
        Terms(Attribution.direct(weights, text), position),
        Terms(Attribution.paths(weights, text), position));

    /// <summary>What a term is called: the heads on its way.</summary>
    public static string Name(LogitTerm term) => term.Heads.Count == 0 ? "direct path" : string.Join(" > ", term.Heads);

    private static IReadOnlyList<LogitTerm> Terms(FSharpList<PathTerm> terms, int position) =>
        [.. terms.Select(term => new LogitTerm([.. term.Heads.Select(HeadPlace.Of)], Row(term.Logits, position)))];

    private static float[] Row(Tensor logits, int position)
    {
        var vocabulary = logits.Shape[1];
        return logits.ToArray().AsSpan(position * vocabulary, vocabulary).ToArray();
    }
}
