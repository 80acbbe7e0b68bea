using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Wording;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>A trained model on disk: a .safetensors file, or a run directory that holds one.</summary>
internal static class ModelFile
{
    /// <summary>The model's name inside a run directory.</summary>
    public const string Name = DiskFile.ModelName;

    /// <summary>No model that can be configured comes near this; a bigger file is refused unread.</summary>
    public const long LargestFile = DiskFile.Largest;

    /// <summary>Reads and checks a model.</summary>
    /// <exception cref="BadInputException">It is missing, unreadable or not a model of this program's kind.</exception>
    public static Checkpoint Load(IDisk disk, string path)
    {
        var file = Resolve(disk, path);
        var read = CheckpointModule.ofBytes(file, GivenFile.Read(disk, file, LargestFile));
        if (read.IsError)
        {
            throw new BadInputException(CheckpointErrorModule.describe(read.ErrorValue));
        }

        if (file != path && Run(disk, path) is { } run)
        {
            Checkpoints.RequireOf(run, file, read.ResultValue);
            return Of(run, read.ResultValue);
        }

        return read.ResultValue;
    }

    /// <summary>A model of a run, with the run's task where its file does not say it.</summary>
    public static Checkpoint Of(StoredConfiguration run, Checkpoint checkpoint) => checkpoint.Task is null
        ? new(
            checkpoint.Architecture, FSharpOption<TaskForm>.Some(run.Configuration.Task), checkpoint.Tokens, checkpoint.Seed, checkpoint.Steps, checkpoint.Weights, checkpoint.Moments, checkpoint.Provenance)
        : checkpoint;

    /// <summary>What the run of a directory trains; null where the directory is not a run's.</summary>
    public static StoredConfiguration? Run(IDisk disk, string directory)
    {
        var file = Path.Combine(directory, ConfigurationFile.Name);
        return disk.FileExists(file) && ConfigurationFile.Names(ConfigurationFile.Content(disk, file)).Count == 0 ? ConfigurationFile.Read(disk, file) : null;
    }

    private static string Resolve(IDisk disk, string path)
    {
        if (!disk.DirectoryExists(path))
        {
            return disk.FileExists(path)
                ? path
                : throw new BadInputException(path.Length == 0
                    ? "The model's path is empty, expected a .safetensors file or a run directory."
                    : $"{path}: there is no such file or directory; expected a .safetensors file or a run directory.");
        }

        var file = Path.Combine(path, Name);
        return disk.FileExists(file) ? file : throw new BadInputException($"{path}: there is no {Name} in this directory{Why(disk, path)}.");
    }

    /// <summary>Why there is no model in a directory, and what there is.</summary>
    private static string Why(IDisk disk, string path)
    {
        if (disk.Files(path).Where(each => each.EndsWith(".safetensors", StringComparison.Ordinal)).ToArray() is { Length: > 0 } others)
        {
            return $"; name one of its models: {string.Join(", ", others)}";
        }

        if (!RunSummary.IsRun(disk, path))
        {
            return ", and it is not the directory of a run; expected a .safetensors file or a run directory";
        }

        var isAtWork = disk.IsHeld(Path.Combine(path, RunDirectory.LockName));
        var advice = isAtWork ? "wait for it" : $"go on with `interp train --resume {Shell.Quoted(path)}`";
        return (isAtWork ? ", since another process is at work on its run; " : ", since its run is not finished; ")
            + (disk.Files(Path.Combine(path, Checkpoints.Name)).LastOrDefault(each => each.EndsWith(".safetensors", StringComparison.Ordinal)) is { } newest
                ? $"{advice}, or name a checkpoint, such as {newest}"
                : $"{advice} (it has no checkpoint yet)");
    }
}
