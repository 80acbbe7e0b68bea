using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>What every head of a model looks for and copies, beside random heads.</summary>
internal static class HeadAnalysis
{
    /// <summary>Scores the heads on blocks of several lengths.</summary>
    public static HeadScoreResults Of(int threads, Architecture architecture, Task task, Model<Tensor> weights, Reference reference) =>
        Of(threads, architecture, task, weights, reference, HeadScores.ofModel(threads, architecture, weights, reference));

    /// <summary>The same of scores that were measured already.</summary>
    public static HeadScoreResults Of(
        int threads, Architecture architecture, Task task, Model<Tensor> weights, Reference reference, FSharpList<HeadScores<double>> scores) => new()
        {
            Sequences = reference.Sequences,
            Seed = reference.Seed,
            Heads = [.. HeadScores.compare(threads, architecture, reference.Seed, scores).Select(head => new HeadResults
        {
            Layer = head.Head.Layer,
            Head = head.Head.Head,
            Copying = ComparedScore.Of(head.Copying),
            Blocks = [.. head.Blocks.Select(BlockResults.Of)],
        })],
            InContextLearning = ComparedScore.Of(HeadScores.inContextLearningCompared(threads, architecture, task, weights, reference)),
        };
}
