using Interp.Host.Endings;
using Interp.Host.Files;
using Microsoft.FSharp.Core;

namespace Interp.Host.Runs;

/// <summary>The checkpoints of a run: weights and AdamW's state after some steps, the newest few of them.</summary>
internal sealed class Checkpoints(IDisk disk, string directory, Configuration configuration)
{
    public const string Name = "checkpoints";

    /// <summary>Should the newest be damaged there is one before it, and another.</summary>
    private const int Kept = 3;

    private const string Extension = ".safetensors";
    private const string Prefix = "step-";
    private const string Damaged = ".damaged";

    /// <summary>No model that can be configured comes near this; a bigger file is refused unread.</summary>
    private const long Largest = 1L << 30;

    private readonly string place = Path.Combine(directory, Name);

    /// <summary>The newest checkpoint that is known to be good; null while there is none.</summary>
    public string? NewestPath { get; private set; }

    /// <summary>The steps that it has taken.</summary>
    public int NewestStep { get; private set; }

    /// <summary>Writes a checkpoint, and lets the oldest go once it is there.</summary>
    /// <exception cref="FailedException">The state is not one that could be read again, such as one with a weight that is not a number.</exception>
    public void Save(TrainingState state)
    {
        var path = Path.Combine(place, $"{Prefix}{state.Step:D9}{Extension}");
        var bytes = CheckpointModule.toBytes(RunFiles.Checkpoint(configuration, state));
        var read = CheckpointModule.ofBytes(path, bytes);
        if (read.IsError)
        {
            throw new FailedException(CheckpointErrorModule.describe(read.ErrorValue));
        }

        AtomicFile.Write(disk, path, bytes);
        NewestPath = path;
        NewestStep = state.Step;
        foreach (var old in Paths().SkipLast(Kept))
        {
            AtomicFile.TryDelete(disk, old);
        }
    }

    /// <summary>
    /// The newest state that can be read; null where there is none. A damaged checkpoint is renamed, so that it is out of the way and can still be
    /// looked at; what is said about it goes to <paramref name="remark"/>.
    /// </summary>
    public TrainingState? Newest(Action<string> remark)
    {
        foreach (var path in Paths().Reverse())
        {
            var read = Load(path);
            if (read.IsOk)
            {
                return Use(path, read.ResultValue);
            }

            var aside = Aside(path);
            disk.Rename(path, aside);
            disk.FlushDirectory(place);
            remark($"{read.ErrorValue} It was set aside as {Path.GetFileName(aside)}.");
        }

        return null;
    }

    /// <summary>The newest checkpoint that can be read, touching nothing.</summary>
    public Checkpoint? Peek() =>
        Paths().Reverse().Select(Load).Where(read => read.IsOk).Select(read => read.ResultValue).FirstOrDefault();

    private TrainingState Use(string path, Checkpoint checkpoint)
    {
        NewestPath = path;
        NewestStep = checkpoint.Steps;
        return new(checkpoint.Steps, checkpoint.Weights, checkpoint.Moments.Value);
    }

    private FSharpResult<Checkpoint, string> Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = disk.Read(path, Largest);
        }
        catch (TooLargeException unreadable)
        {
            // Not what the disk only fails to read: that may be good, and is left where it is.
            return Bad($"{path}: cannot be read ({Refusal.Words(unreadable)}).");
        }

        var read = CheckpointModule.ofBytes(path, bytes);
        if (read.IsError)
        {
            return Bad(CheckpointErrorModule.describe(read.ErrorValue));
        }

        var checkpoint = read.ResultValue;
        if (!checkpoint.Architecture.Equals(configuration.Architecture)
            || !checkpoint.Task.Equals(configuration.Task)
            || checkpoint.Seed != configuration.Seed
            || checkpoint.Steps > configuration.Steps)
        {
            return Bad($"{path}: is a checkpoint of another run than {ConfigurationFile.Name} describes.");
        }

        return checkpoint.Moments is null
            ? Bad($"{path}: has no optimizer state, so no run can go on from it.")
            : FSharpResult<Checkpoint, string>.NewOk(checkpoint);
    }

    private static FSharpResult<Checkpoint, string> Bad(string sentence) => FSharpResult<Checkpoint, string>.NewError(sentence);

    private string Aside(string path) =>
        Enumerable.Range(1, int.MaxValue - 1).Select(number => $"{path}{Damaged}{(number == 1 ? "" : $"-{number}")}").First(aside => !disk.FileExists(aside));

    /// <summary>The oldest first: the names are in the order of the steps.</summary>
    private IEnumerable<string> Paths() =>
        disk.Files(place).Where(path =>
            Path.GetFileName(path).StartsWith(Prefix, StringComparison.Ordinal) && path.EndsWith(Extension, StringComparison.Ordinal));
}
