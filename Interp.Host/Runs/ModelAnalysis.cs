using Interp.Host.Commands;
using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Runs;

/// <summary>Takes a trained model apart: everything that the report says of it.</summary>
internal static class ModelAnalysis
{
    /// <summary>Held-out sequences for losses, behaviour and average attention.</summary>
    private const int SequenceCount = TrainingRun.FinalSequences;

    /// <summary>Sequences of each block length behind the heads' scores.</summary>
    private const int HeadSequenceCount = 1_000;

    /// <summary>Analyses one of the study's models, with what the study published about it beside.</summary>
    public static ModelResults Of(TimeProvider clock, string name, Configuration configuration, int threads, TrainingOutcome training, PublishedModel study)
    {
        var started = clock.GetTimestamp();
        var weights = training.Weights;
        var checkpoint = RunFiles.Checkpoint(configuration, configuration.Steps, weights);
        var circuits = CircuitsCommand.Of(configuration.Architecture, weights);
        var attention = AttentionOf(configuration, weights, threads);
        var evaluation = EvaluateCommand.Of(threads, configuration.Task, weights, new(SequenceCount, configuration.Seed));
        var reference = new Reference(SequenceCount, configuration.Seed);
        var completions = CompleteCommand.Of(checkpoint, configuration.Architecture.NCtx, Published.Prompts, ListModule.Empty<Intervention>());
        return new()
        {
            Name = name,
            Checkpoint = CheckpointName(name),
            Configuration = configuration,
            WeightsSha256 = CheckpointModule.weightsSha256(weights),
            Loss = training.Loss,
            HeldOutLoss = training.FinalHeldOutLoss,
            Floor = TaskModule.floor(configuration.Task),
            TrainingLosses = training.Losses,
            HeldOutLosses = training.HeldOut,
            Completions = completions,
            Circuits = circuits,
            Attention = attention,
            Evaluation = evaluation,
            Ablations =
            [
                AblateCommand.Of(threads, configuration.Task, weights, AblationMode.ZeroMode, reference, pairs: false),
                AblateCommand.Of(threads, configuration.Task, weights, AblationMode.MeanMode, reference, pairs: false),
            ],
            HeadScores = HeadsCommand.Of(threads, configuration.Architecture, configuration.Task, weights, new Reference(HeadSequenceCount, configuration.Seed)),
            Composition = configuration.Architecture.NLayers > 1 ? ComposeCommand.Of(threads, configuration.Task, weights, reference) : null,
            Smear = SmearOf(configuration.Architecture, weights),
            Timings = new()
            {
                TrainingSeconds = training.Seconds,
                MedianMillisecondsPerStep = training.MedianStep,
                AnalysisSeconds = clock.GetElapsedTime(started).TotalSeconds,
            },
            Published = study,
        };
    }

    /// <summary>The model's file in the run directory.</summary>
    public static string CheckpointName(string name) => $"{name}.safetensors";

    private static AttentionResults AttentionOf(Configuration configuration, Model<Tensor> weights, int threads)
    {
        var sequences = Sequences.heldOut(configuration.Task, new(SequenceCount, configuration.Seed));
        var averages = Attention.average(threads, weights, sequences);
        return new()
        {
            Sequences = SequenceCount,
            Seed = configuration.Seed,
            Patterns = AttentionCommand.Nested(averages),
            ByOffset = [.. averages.Select(AttentionCommand.Offsets)],
        };
    }

    /// <summary>sigmoid(alpha) [layer][head][pos-1]: how much of a smeared key is its own position's.</summary>
    private static IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>>? SmearOf(Architecture architecture, Model<Tensor> weights) =>
        architecture.Smeared
            ? [.. weights.Blocks.Select(block => Shares(block.Smear.Value))]
            : null;

    private static IReadOnlyList<IReadOnlyList<double>> Shares(Tensor logits) =>
        [.. Grids.Matrix(logits.ToArray(), logits.Shape[0], logits.Shape[1])
            .Select(head => (IReadOnlyList<double>)[.. head.Select(alpha => 1 / (1 + Math.Exp(-alpha)))])];
}
