using System.Text;
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

    /// <summary>
    /// step, the mean loss of the training batches since the line before, and the held-out loss after that step: one line for each
    /// held-out loss taken.
    /// </summary>
    public static void WriteLearningCurve(string path, TrainingOutcome outcome)
    {
        var text = new StringBuilder("step,training_loss,held_out_loss\n");
        var before = 0;
        foreach (var (step, loss) in outcome.HeldOut)
        {
            text.Append($"{step},{outcome.Losses.Skip(before).Take(step - before).Average()},{loss}\n");
            before = step;
        }

        File.WriteAllText(path, text.ToString());
    }
}
