using Interp.Runs.Endings;
using Interp.Runs.Files;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>The checkpoints of a run of the built-in model.</summary>
internal static class Checkpoints
{
    /// <summary>The directory that they lie in, in the run's.</summary>
    public const string Name = "checkpoints";

    /// <summary>Those of a run.</summary>
    /// <param name="disk">Where they are.</param>
    /// <param name="directory">The run's directory, from the root.</param>
    /// <param name="run">What the run's configuration says.</param>
    public static CheckpointFiles<Checkpoint> Of(IDisk disk, string directory, StoredConfiguration run) =>
        new(disk, directory, new(checkpoint => checkpoint.Steps, CheckpointModule.toBytes, Read, (path, checkpoint) =>
        {
            RequireOf(run, path, checkpoint);
            if (checkpoint.Moments is null)
            {
                throw new BadInputException($"{path}: is a model without the optimizer's state, so no run goes on from it; nothing was changed: take the file away.");
            }
        }));

    /// <summary>The state that a run goes on from.</summary>
    public static TrainingState<Model<Tensor>> State(CheckpointsFound<Checkpoint> found, Configuration configuration) =>
        found.Checkpoint is { } checkpoint ? new(checkpoint.Steps, checkpoint.Weights, checkpoint.Moments.Value) : Recipe.start(configuration);

    /// <summary>Refuses a checkpoint or model that is not of a run.</summary>
    /// <exception cref="BadInputException">Where it says something else than the run's configuration, and both values.</exception>
    public static void RequireOf(StoredConfiguration run, string path, Checkpoint checkpoint)
    {
        if (CheckpointModule.differences(run.Expected(checkpoint.Provenance), checkpoint) is { IsEmpty: false } differences)
        {
            throw ConfigurationFile.Contradiction(
                path, "run", differences, ConfigurationFile.Name, $"nothing was changed: put back what {ConfigurationFile.Name} said, or take the file away, or begin another run in another directory");
        }
    }

    private static FSharpResult<Checkpoint, string> Read(string path, byte[] bytes)
    {
        var read = CheckpointModule.ofBytes(path, bytes);
        return read.IsError
            ? FSharpResult<Checkpoint, string>.NewError(CheckpointErrorModule.describe(read.ErrorValue))
            : FSharpResult<Checkpoint, string>.NewOk(read.ResultValue);
    }
}
