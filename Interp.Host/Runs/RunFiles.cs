using System.Text.Json;
using Interp.Host.Results;

namespace Interp.Host.Runs;

/// <summary>The files of a trained model.</summary>
internal static class RunFiles
{
    public const string Configuration = "config.json";
    public const string LearningCurve = "learning-curve.csv";

    /// <summary>The model as a checkpoint: its weights, and what they were trained with.</summary>
    public static Checkpoint Checkpoint(Configuration configuration, Model<Tensor> weights) => new(
        configuration.Architecture, configuration.BlockLength, configuration.Blocks, configuration.Seed, configuration.Steps, weights, null);

    public static void WriteModel(string path, Configuration configuration, Model<Tensor> weights) =>
        File.WriteAllBytes(path, CheckpointModule.toBytes(Checkpoint(configuration, weights)));

    /// <summary>config.json of one model.</summary>
    public static void WriteConfiguration(string path, ModelConfiguration configuration) =>
        File.WriteAllText(path, JsonSerializer.Serialize(configuration, ConfigurationJson.Default.ModelConfiguration) + "\n");

    /// <summary>config.json of several models, by name.</summary>
    public static void WriteConfigurations(string path, Dictionary<string, ModelConfiguration> configurations) =>
        File.WriteAllText(path, JsonSerializer.Serialize(configurations, ConfigurationJson.Default.DictionaryStringModelConfiguration) + "\n");

    public static void WriteLearningCurve(string path, TrainingOutcome outcome) =>
        File.WriteAllText(path, Results.LearningCurve.Csv(outcome.Losses, outcome.HeldOut));
}
