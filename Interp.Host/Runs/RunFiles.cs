using System.Text;
using Interp.Host.Files;

namespace Interp.Host.Runs;

/// <summary>The files of a trained model.</summary>
internal static class RunFiles
{
    public const string LearningCurve = "learning-curve.csv";

    /// <summary>A model as a checkpoint: its weights after some steps, and what they were trained with.</summary>
    public static Checkpoint Checkpoint(Configuration configuration, int step, Model<Tensor> weights) => new(
        configuration.Architecture, configuration.Task, configuration.Seed, step, weights, null);

    /// <summary>A run between two steps as a checkpoint that it can go on from.</summary>
    public static Checkpoint Checkpoint(Configuration configuration, TrainingState state) => new(
        configuration.Architecture, configuration.Task, configuration.Seed, state.Step, state.Weights, state.Moments);

    /// <summary>The bytes of a trained model's file.</summary>
    public static byte[] Model(Configuration configuration, Model<Tensor> weights) =>
        CheckpointModule.toBytes(Checkpoint(configuration, configuration.Steps, weights));

    public static void WriteModel(IDisk disk, string path, Configuration configuration, Model<Tensor> weights) =>
        AtomicFile.Write(disk, path, Model(configuration, weights));

    public static void WriteLearningCurve(IDisk disk, string path, TrainingOutcome outcome) =>
        AtomicFile.Write(disk, path, Encoding.UTF8.GetBytes(Results.LearningCurve.Csv(outcome.Losses, outcome.HeldOut)));
}
