using Interp.Host.Endings;
using Interp.Host.Files;
using Microsoft.FSharp.Core;

namespace Interp.Host.Runs;

/// <summary>What the checkpoints of a run are: the newest good one, if there is one, and the damaged ones after it, each with a sentence on why.</summary>
internal sealed record CheckpointsFound(string? Path, Checkpoint? Checkpoint, IReadOnlyList<(string Path, string Problem)> Damaged)
{
    /// <summary>The state that the run goes on from.</summary>
    public TrainingState<Model<Tensor>> State(Configuration configuration) =>
        Checkpoint is { } found ? new(found.Steps, found.Weights, found.Moments.Value) : Recipe.start(configuration);
}

/// <summary>The checkpoints of a run: weights and AdamW's state after some steps, the newest few of them.</summary>
/// <param name="disk">Where they are.</param>
/// <param name="directory">The run's directory, from the root.</param>
/// <param name="run">What the run's configuration says.</param>
internal sealed class Checkpoints(IDisk disk, string directory, StoredConfiguration run)
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
    public void Save(TrainingState<Model<Tensor>> state)
    {
        var path = Path.Combine(place, $"{Prefix}{state.Step:D9}{Extension}");
        var bytes = CheckpointModule.toBytes(CheckpointModule.ofRun(run.Configuration, state.Step, state.Weights, state.Moments));
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
    /// The newest checkpoint that can be read, and what is wrong with those after it; touches nothing. All are read: one of another run is nothing to
    /// go on from, and nothing to set aside either.
    /// </summary>
    /// <exception cref="BadInputException">One is of another run: where it differs. Or it is whole, and no checkpoint.</exception>
    /// <exception cref="IOException">One cannot be read, which does not mean that it is bad.</exception>
    public CheckpointsFound Look()
    {
        var found = Paths().Reverse().Select(path => (Path: path, Read: Load(path))).ToArray();
        foreach (var (path, read) in found)
        {
            if (read.IsOk)
            {
                RequireOf(run, path, read.ResultValue);
                if (read.ResultValue.Moments is null)
                {
                    throw new BadInputException($"{path}: is a model without the optimizer's state, so no run goes on from it; nothing was changed: take the file away.");
                }
            }
        }

        var newest = Array.FindIndex(found, each => each.Read.IsOk);
        return new(
            newest < 0 ? null : found[newest].Path,
            newest < 0 ? null : found[newest].Read.ResultValue,
            [.. found.Take(newest < 0 ? found.Length : newest).Select(each => (each.Path, each.Read.ErrorValue))]);
    }

    /// <summary>
    /// Goes on from what was found. The damaged checkpoints are renamed, so that they are out of the way and can still be looked at; what is said
    /// about each goes to <paramref name="remark"/>.
    /// </summary>
    public void Use(CheckpointsFound found, Action<string> remark)
    {
        foreach (var (path, problem) in found.Damaged)
        {
            var aside = Aside(path);
            disk.Rename(path, aside);
            disk.FlushDirectory(place);
            remark($"{problem} It was set aside as {Path.GetFileName(aside)}.");
        }

        if (found is { Path: { } newest, Checkpoint: { } checkpoint })
        {
            NewestPath = newest;
            NewestStep = checkpoint.Steps;
        }
    }

    /// <summary>Refuses a checkpoint or model that is not of a run.</summary>
    /// <exception cref="BadInputException">Where it says something else than the run's configuration, and both values.</exception>
    public static void RequireOf(StoredConfiguration run, string path, Checkpoint checkpoint)
    {
        if (CheckpointModule.differences(run.Provenance, checkpoint) is { IsEmpty: false } differences)
        {
            throw ConfigurationFile.Contradiction(
                path, "run", differences, ConfigurationFile.Name, $"nothing was changed: put back what {ConfigurationFile.Name} said, or take the file away, or begin another run in another directory");
        }
    }

    private FSharpResult<Checkpoint, string> Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = disk.Read(path, Largest);
        }
        catch (UnfitFileException tooLong)
        {
            return Bad($"{path}: is no checkpoint ({tooLong.Message}).");
        }

        var read = CheckpointModule.ofBytes(path, bytes);
        return read.IsError ? Bad(CheckpointErrorModule.describe(read.ErrorValue)) : FSharpResult<Checkpoint, string>.NewOk(read.ResultValue);
    }

    private static FSharpResult<Checkpoint, string> Bad(string sentence) => FSharpResult<Checkpoint, string>.NewError(sentence);

    private string Aside(string path) =>
        Enumerable.Range(1, int.MaxValue - 1).Select(number => $"{path}{Damaged}{(number == 1 ? "" : $"-{number}")}").First(aside => !disk.FileExists(aside));

    /// <summary>The oldest first: the names are in the order of the steps.</summary>
    private IEnumerable<string> Paths() =>
        disk.Files(place).Where(path =>
            Path.GetFileName(path).StartsWith(Prefix, StringComparison.Ordinal) && path.EndsWith(Extension, StringComparison.Ordinal));
}
