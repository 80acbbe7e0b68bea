using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>The loss and the scores of a model on its way.</summary>
internal static class DevelopmentAnalysis
{
    /// <summary>Sequences of each block length behind the heads' scores of a snapshot, at most.</summary>
    private const int MostHeadSequences = 500;

    /// <summary>Scores a snapshot.</summary>
    public static Snapshot Of(int threads, Checkpoint checkpoint, Reference reference)
    {
        var weights = checkpoint.Weights;
        var losses = Experiments
            .perPositionLoss(threads, checkpoint.Task, weights, ListModule.Empty<Intervention>(), Sequences.heldOut(checkpoint.Task, reference))
            .ToArray()
            .Select(loss => (double)loss)
            .ToArray();
        var spectra = Circuits.spectra(weights);
        var heads = HeadScores.ofModel(threads, checkpoint.Architecture, weights, Few(reference));
        return new()
        {
            Step = checkpoint.Steps,
            Loss = losses.Average(),
            InContextLearning = HeadScores.inContextLearning(ListModule.OfSeq(losses)),
            DirectPath = spectra.DirectPath.Score,
            OV = [.. spectra.OV.Select(head => new HeadScore(head.Head.Layer, head.Head.Head, head.Spectrum.Score))],
            PreviousToken = Scores(head => Trained(head).PreviousToken),
            Induction = Scores(head => Trained(head).Induction),
            Copying = Scores(head => head.Copying),
            Composition =
            [
                .. from kind in new[] { HeadInput.KeyInput, HeadInput.QueryInput, HeadInput.ValueInput }
                   from pair in Composition.pairs(weights)
                   select new PairScore(
                       kind.ToString().ToUpperInvariant(),
                       HeadPlace.Of(pair.Item1),
                       HeadPlace.Of(pair.Item2),
                       Composition.score(kind, pair.Item1, pair.Item2, weights),
                       FactoredModule.spectrum(Composition.circuit(kind, pair.Item1, pair.Item2, weights)).Score),
            ],
        };

        IReadOnlyList<HeadScore> Scores(Func<HeadScores<double>, double> score) =>
            [.. heads.Select(head => new HeadScore(head.Head.Layer, head.Head.Head, score(head)))];

        BlockScores<double> Trained(HeadScores<double> head) =>
            head.Blocks.MinBy(block => Math.Abs(block.BlockLength - checkpoint.Task.BlockLength))!;
    }

    /// <summary>What random weights of the same shapes show of the same scores.</summary>
    public static DevelopmentBaselines Baselines(int threads, Checkpoint checkpoint)
    {
        var circuits = CircuitAnalysis.Of(checkpoint.Architecture, checkpoint.Weights);
        var heads = HeadAnalysis.Of(threads, checkpoint.Architecture, checkpoint.Task, checkpoint.Weights, new Reference(1, checkpoint.Seed));
        var head = heads.Heads[0];
        return new()
        {
            InContextLearning = heads.InContextLearning.Baseline,
            DirectPath = circuits.DirectPath.Baseline,
            OV = circuits.OV[0].Baseline,
            PreviousToken = head.At(checkpoint.Task.BlockLength).PreviousToken.Baseline,
            Induction = head.At(checkpoint.Task.BlockLength).Induction.Baseline,
            Copying = head.Copying.Baseline,
            Composition = [.. Composition.scores(checkpoint.Weights).GroupBy(score => score.Kind).Select(kind => new CompositionBaseline(
                kind.Key.ToString().ToUpperInvariant(), NullDistribution.Of(kind.First().Baseline), NullDistribution.Of(kind.First().EigenvalueBaseline)))],
        };
    }

    private static Reference Few(Reference reference) => new(Math.Min(MostHeadSequences, reference.Sequences), reference.Seed);
}
