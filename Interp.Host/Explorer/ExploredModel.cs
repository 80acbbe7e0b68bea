using Interp.Runs.Directories;

namespace Interp.Host.Explorer;

/// <summary>A model as a page shows it: everything that its scripts do not compute themselves.</summary>
/// <param name="Name">What it is called on the page.</param>
/// <param name="Path">Where it was found, as it was given.</param>
/// <param name="Given">The trained model, and what it is measured on.</param>
/// <param name="Texts">The sequences that losses are over; none where its task is not known.</param>
/// <param name="Prompt">Tokens to begin with.</param>
/// <param name="Explanations">Those to switch to.</param>
/// <param name="Nulls">What random weights show.</param>
/// <param name="Snapshots">Its weights on their way, the trained model last.</param>
internal sealed record ExploredModel(
    string Name,
    string Path,
    GivenModel Given,
    ExploredTexts? Texts,
    IReadOnlyList<int> Prompt,
    IReadOnlyList<OfferedExplanation> Explanations,
    ExploredNulls Nulls,
    IReadOnlyList<ExploredSnapshot> Snapshots);

/// <summary>Sequences of a model's task.</summary>
/// <param name="Reference">Which.</param>
/// <param name="Sequences">These.</param>
/// <param name="MeanOver">Those that heads' means are over.</param>
internal sealed record ExploredTexts(Reference Reference, IReadOnlyList<Tokens> Sequences, Reference MeanOver);

/// <summary>An explanation that can be put in a model's place.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Text">As <c>--with</c> reads it.</param>
/// <param name="Explanation">What it says.</param>
/// <param name="Numbers">How many numbers it keeps.</param>
internal sealed record OfferedExplanation(string Name, string Text, Explanation Explanation, long Numbers);

/// <summary>What random weights of a shape show, each null distribution of the eigenvalue score but for the norms of composition.</summary>
/// <param name="DirectPath">Of the direct path.</param>
/// <param name="OV">Of a head's OV circuit; none without layers.</param>
/// <param name="OVSum">Of the sum of a layer's; none without layers.</param>
/// <param name="Composition">Of a pair of heads, kind by kind: norms and eigenvalues; none of one layer.</param>
internal sealed record ExploredNulls(
    NullDistribution DirectPath, NullDistribution? OV, NullDistribution? OVSum, IReadOnlyList<(HeadInput Kind, NullDistribution Norms, NullDistribution Eigenvalues)> Composition)
{
    /// <summary>Those that circuits and pairs of heads were held against.</summary>
    public static ExploredNulls Of(ScoredCircuits circuits, IEnumerable<CompositionScore> composition) => new(
        circuits.DirectPath.Eigenvalues.Null,
        circuits.OV.IsEmpty ? null : circuits.OV.Head.Scores.Eigenvalues.Null,
        circuits.OVSum.IsEmpty ? null : circuits.OVSum.Head.Scores.Eigenvalues.Null,
        [.. composition.DistinctBy(score => score.Kind).Select(score => (score.Kind, score.Norms.Null, score.Eigenvalues.Null))]);
}

/// <summary>A model's weights at some step, and what is known of them.</summary>
/// <param name="Step">Steps taken; none where that is not known.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Means">What each head mixes on average, a layer each: [head, pos, d_head]; none where the task is not known.</param>
/// <param name="Spectra">Eigenvalues of the circuits.</param>
/// <param name="Heads">The heads' scores.</param>
/// <param name="Letters">What letters the heads of the first layer look for; none where no explanation could say.</param>
/// <param name="Composition">How strongly heads feed later ones.</param>
/// <param name="Loss">Over the texts, in nats a counted letter; none where there are none.</param>
/// <param name="Explanations">What each explanation keeps beside the weights.</param>
internal sealed record ExploredSnapshot(
    int? Step,
    Model<Tensor> Weights,
    IReadOnlyList<Tensor> Means,
    CircuitSpectra Spectra,
    IReadOnlyList<HeadScores<double>> Heads,
    HeadLetters? Letters,
    IReadOnlyList<SnapshotPair> Composition,
    double? Loss,
    IReadOnlyList<Exported> Explanations);
