using Interp.Runs.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Runs.Directories;

/// <summary>Takes a trained model apart: everything that the report says of it.</summary>
internal static class ModelAnalysis
{
    /// <summary>Sequences that explanations are judged on: two decimals of a share, and quickly.</summary>
    private const int ExplainedOn = 500;

    /// <summary>
    /// Analyses one of the study's models. Whatever its seed, it is measured once, on the sequences on which a study of many trainings measures, and claims are
    /// judged on these very numbers.
    /// </summary>
    public static ModelResults Of(TimeProvider clock, string name, Configuration configuration, int threads, TrainingOutcome training)
    {
        var started = clock.GetTimestamp();
        var weights = training.Weights;
        var (architecture, task) = (configuration.Architecture, Tasks.ofForm(configuration.Task));
        var measured = MeasurementsModule.ofModel(threads, architecture, task, weights, SurveyModule.reference);
        var (reference, whole) = (measured.Reference, MeasurementsModule.loss(measured));
        var prompts = ListModule.OfSeq(Published.prompts.Select(prompt => Letters.ofText(architecture.DVocab, prompt).ResultValue));
        return new()
        {
            Name = name,
            Checkpoint = CheckpointName(name),
            Configuration = configuration,
            WeightsSha256 = CheckpointModule.weightsSha256(weights),
            Loss = training.Loss,
            HeldOutLoss = training.FinalHeldOutLoss,
            TrainingLosses = training.Losses,
            HeldOutLosses = training.HeldOut,
            Completions = [.. CompletionModule.greedy(1, task, weights, ListModule.Empty<Intervention>(), architecture.NCtx, prompts)],
            Circuits = CircuitScoresModule.ofModel(weights),
            Positions = PositionScoresModule.ofModel(architecture.NCtx, weights),
            Attention = new(reference, [.. measured.Patterns]),
            Evaluation = measured.Evaluation,
            Ablations =
            [
                Ablation(AblationMode.ZeroMode, measured.Ablations),
                Ablation(AblationMode.MeanMode, AblationModule.heads(threads, task, weights, AblationMode.MeanMode, reference)),
            ],
            HeadScores = HeadScores.beside(threads, architecture, task, weights, measured.HeadReference, measured.Heads),
            Composition = measured.Paths?.Value is { } paths ? CompositionResultsModule.beside(weights, reference, paths, whole) : null,
            Explanations = NamedSharesModule.measurable(architecture)
                ? new ExplainedModel(threads, task, architecture, weights, configuration.Seed, new(ExplainedOn, reference.Seed)).JudgeInShort()
                : null,
            Smear = architecture.Smear.OfKeys ? [.. ModelModule.smearShares(weights)] : null,
            Quantities = MapModule.OfSeq(Quantities.ofMeasurements(measured)),
            Timings = new()
            {
                TrainingSeconds = training.Seconds,
                MedianMillisecondsPerStep = training.MedianStep,
                AnalysisSeconds = clock.GetElapsedTime(started).TotalSeconds,
            },
        };

        Ablations Ablation(AblationMode mode, FSharpList<Ablation> heads) =>
            AblationModule.beside(threads, task, weights, mode, reference, whole, heads, ListModule.Empty<Ablation>());
    }

    /// <summary>The model's file in the run directory.</summary>
    public static string CheckpointName(string name) => $"{name}.safetensors";
}
