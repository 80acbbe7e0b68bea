using Interp.Runs.Endings;
using Interp.Runs.Files;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>What the checkpoints of a training are: the newest good one, if there is one, and the damaged ones after it, each with a sentence on why.</summary>
internal sealed record CheckpointsFound<T>(string? Path, T? Checkpoint, IReadOnlyList<(string Path, string Problem)> Damaged)
    where T : class;

/// <summary>How checkpoints of one kind are written and read.</summary>
/// <param name="Steps">The steps that one has taken.</param>
/// <param name="Bytes">One as a file.</param>
/// <param name="Read">A file, by its path and bytes, as one; or what is wrong with it in a sentence. Where it is whole and not of this training it may raise.</param>
/// <param name="Require">Refuses one that is good, by its path, and nothing that this training goes on from.</param>
internal sealed record CheckpointForm<T>(
    Func<T, int> Steps, Func<T, byte[]> Bytes, Func<string, byte[], FSharpResult<T, string>> Read, Action<string, T> Require)
    where T : class;

/// <summary>The checkpoints of a training: weights and the optimiser's moments after some steps, the newest few of them.</summary>
/// <param name="disk">Where they are.</param>
/// <param name="directory">The training's directory, from the root.</param>
/// <param name="form">What kind of checkpoints they are.</param>
internal sealed class CheckpointFiles<T>(IDisk disk, string directory, CheckpointForm<T> form)
    where T : class
{
    /// <summary>Should the newest be damaged there is one before it, and another.</summary>
    private const int Kept = 3;

    private const string Extension = ".safetensors";
    private const string Prefix = "step-";
    private const string Damaged = ".damaged";

    /// <summary>No model that can be configured comes near this; a bigger file is refused unread.</summary>
    private const long Largest = 1L << 30;

    private readonly string place = Path.Combine(directory, Checkpoints.Name);

    /// <summary>The newest checkpoint that is known to be good; null while there is none.</summary>
    public string? NewestPath { get; private set; }

    /// <summary>The steps that it has taken.</summary>
    public int NewestStep { get; private set; }

    /// <summary>Writes a checkpoint, and lets the oldest go once it is there.</summary>
    /// <exception cref="FailedException">It is not one that could be read again, such as one with a weight that is not a number.</exception>
    public void Save(T checkpoint)
    {
        var step = form.Steps(checkpoint);
        var path = Path.Combine(place, $"{Prefix}{step:D9}{Extension}");
        var bytes = form.Bytes(checkpoint);
        var read = form.Read(path, bytes);
        if (read.IsError)
        {
            throw new FailedException(read.ErrorValue);
        }

        AtomicFile.Write(disk, path, bytes);
        NewestPath = path;
        NewestStep = step;
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
    public CheckpointsFound<T> Look()
    {
        var found = Paths().Reverse().Select(path => (Path: path, Read: Load(path))).ToArray();
        foreach (var (path, read) in found)
        {
            if (read.IsOk)
            {
                form.Require(path, read.ResultValue);
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
    public void Use(CheckpointsFound<T> found, Action<string> remark)
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
            NewestStep = form.Steps(checkpoint);
        }
    }

    private FSharpResult<T, string> Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = disk.Read(path, Largest);
        }
        catch (UnfitFileException tooLong)
        {
            return FSharpResult<T, string>.NewError($"{path}: is no checkpoint ({tooLong.Message}).");
        }

        return form.Read(path, bytes);
    }

    private string Aside(string path) =>
        Enumerable.Range(1, int.MaxValue - 1).Select(number => $"{path}{Damaged}{(number == 1 ? "" : $"-{number}")}").First(aside => !disk.FileExists(aside));

    /// <summary>The oldest first: the names are in the order of the steps.</summary>
    private IEnumerable<string> Paths() =>
        disk.Files(place).Where(path =>
            Path.GetFileName(path).StartsWith(Prefix, StringComparison.Ordinal) && path.EndsWith(Extension, StringComparison.Ordinal));
}
