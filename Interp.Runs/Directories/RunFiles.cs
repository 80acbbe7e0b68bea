using Interp.Runs.Files;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>The files of a trained model.</summary>
internal static class RunFiles
{
    public const string LearningCurve = "learning-curve.csv";

    /// <summary>The bytes of a run's model after some steps, with the names of its tokens where it is of a text.</summary>
    public static byte[] Model(Configuration configuration, int step, Model<Tensor> weights, FSharpOption<Vocabulary>? tokens) =>
        CheckpointModule.toBytes(CheckpointModule.withTokens(tokens, CheckpointModule.ofRun(configuration, step, weights, null)));

    public static void WriteModel(IDisk disk, string path, Configuration configuration, Model<Tensor> weights, FSharpOption<Vocabulary>? tokens) =>
        AtomicFile.Write(disk, path, Model(configuration, configuration.Steps, weights, tokens));

    public static void WriteLearningCurve(IDisk disk, string path, TrainingOutcome outcome) =>
        AtomicFile.Write(disk, path, Results.LearningCurve.Table(outcome.Losses, outcome.HeldOut));
}
