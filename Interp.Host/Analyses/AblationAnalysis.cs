using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>The loss of a model without each of its heads, or without two.</summary>
internal static class AblationAnalysis
{
    /// <summary>Sequences behind the first-order estimate, which is a mean over them like the loss, at a gradient's cost.</summary>
    private const int MostGradientSequences = 4_000;

    /// <summary>Takes the heads away one by one, and two by two where <paramref name="pairs"/> asks for it.</summary>
    public static AblationResults Of(
        int threads, Task task, Model<Tensor> weights, AblationMode mode, Reference reference, bool pairs) => Of(
            threads, task, weights, mode, reference,
            Experiments.loss(threads, task, weights, ListModule.Empty<Intervention>(), reference),
            Experiments.ablateHeads(threads, task, weights, mode, reference),
            pairs);

    /// <summary>The same with the whole model's loss and the losses without each head, which were measured already.</summary>
    public static AblationResults Of(
        int threads, Task task, Model<Tensor> weights, AblationMode mode, Reference reference, double baseline, FSharpList<Ablation> heads, bool pairs)
    {
        var estimates = mode.IsZeroMode
            ? Attribution
                .gradientTimesActivation(threads, weights, Sequences.heldOut(task, new(Math.Min(MostGradientSequences, reference.Sequences), reference.Seed)))
                .Select(estimate => (double?)(baseline + estimate.Item2))
            : heads.Select(_ => (double?)null);
        return new()
        {
            Mode = Name(mode),
            Sequences = reference.Sequences,
            Seed = reference.Seed,
            Baseline = baseline,
            Heads = [.. heads.Zip(estimates, (ablation, estimate) => new HeadLoss
            {
                Layer = ablation.Heads.Head.Layer,
                Head = ablation.Heads.Head.Head,
                Loss = ablation.Loss,
                FirstOrder = estimate,
            })],
            Pairs = pairs
                ? [.. Experiments.ablatePairs(threads, task, weights, mode, reference).Select(pair => new PairLoss([.. pair.Heads.Select(HeadPlace.Of)], pair.Loss))]
                : null,
        };
    }

    private static string Name(AblationMode mode) => mode.IsZeroMode ? "zero" : mode.IsMeanMode ? "mean" : "resample";
}
