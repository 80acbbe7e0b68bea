using Interp.Host.Commands;
using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Runs;

/// <summary>Takes a trained model apart: everything that the report says of it.</summary>
internal static class ModelAnalysis
{
    /// <summary>
    /// Analyses one of the study's models. Whatever its seed, it is measured once, on the sequences on which a study of many trainings measures, and claims are
    /// judged on these very numbers.
    /// </summary>
    public static ModelResults Of(TimeProvider clock, string name, Configuration configuration, int threads, TrainingOutcome training)
    {
        var started = clock.GetTimestamp();
        var weights = training.Weights;
        var checkpoint = RunFiles.Checkpoint(configuration, configuration.Steps, weights);
        var (architecture, task) = (configuration.Architecture, configuration.Task);
        var measured = MeasurementsModule.ofModel(threads, architecture, task, weights, SurveyModule.reference);
        var (reference, whole) = (measured.Reference, MeasurementsModule.loss(measured));
        var completions = CompleteCommand.Of(checkpoint, architecture.NCtx, Published.prompts, ListModule.Empty<Intervention>());
        return new()
        {
            Name = name,
            Checkpoint = CheckpointName(name),
            Configuration = configuration,
            WeightsSha256 = CheckpointModule.weightsSha256(weights),
            Loss = training.Loss,
            HeldOutLoss = training.FinalHeldOutLoss,
            Floor = TaskModule.floor(task),
            TrainingLosses = training.Losses,
            HeldOutLosses = training.HeldOut,
            Completions = completions,
            Circuits = CircuitsCommand.Of(architecture, weights),
            Attention = AttentionOf(measured),
            Evaluation = EvaluateCommand.Results(measured.Evaluation, reference),
            Ablations =
            [
                AblateCommand.Results(threads, task, weights, AblationMode.ZeroMode, reference, whole, measured.Ablations, pairs: false),
                AblateCommand.Results(
                    threads, task, weights, AblationMode.MeanMode, reference, whole, Experiments.ablateHeads(threads, task, weights, AblationMode.MeanMode, reference), pairs: false),
            ],
            HeadScores = HeadsCommand.Results(threads, architecture, task, weights, measured.HeadReference, measured.Heads),
            Composition = measured.Paths?.Value is { } paths ? ComposeCommand.Results(weights, reference, paths) : null,
            Smear = SmearOf(architecture, weights),
            Quantities = Quantities.ofMeasurements(measured).ToDictionary(quantity => quantity.Item1.ToString(), quantity => quantity.Item2),
            Timings = new()
            {
                TrainingSeconds = training.Seconds,
                MedianMillisecondsPerStep = training.MedianStep,
                AnalysisSeconds = clock.GetElapsedTime(started).TotalSeconds,
            },
        };
    }

    /// <summary>The model's file in the run directory.</summary>
    public static string CheckpointName(string name) => $"{name}.safetensors";

    private static AttentionResults AttentionOf(Measurements measured) => new()
    {
        Sequences = measured.Reference.Sequences,
        Seed = measured.Reference.Seed,
        Patterns = AttentionCommand.Nested(measured.Patterns),
        ByOffset = [.. measured.Patterns.Select(AttentionCommand.Offsets)],
    };

    /// <summary>sigmoid(alpha) [layer][head][pos-1]: how much of a smeared key is its own position's.</summary>
    private static IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>>? SmearOf(Architecture architecture, Model<Tensor> weights) =>
        architecture.Smeared
            ? [.. weights.Blocks.Select(block => Shares(block.Smear.Value))]
            : null;

    private static IReadOnlyList<IReadOnlyList<double>> Shares(Tensor logits) =>
        [.. Grids.Matrix(logits.ToArray(), logits.Shape[0], logits.Shape[1])
            .Select(head => (IReadOnlyList<double>)[.. head.Select(alpha => 1 / (1 + Math.Exp(-alpha)))])];
}
