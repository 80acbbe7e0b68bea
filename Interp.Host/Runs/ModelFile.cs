using Interp.Host.Endings;
using Interp.Host.Files;
using Interp.Host.Wording;

namespace Interp.Host.Runs;

/// <summary>A trained model on disk: a .safetensors file, or a run directory that holds one.</summary>
internal static class ModelFile
{
    /// <summary>The model's name inside a run directory.</summary>
    public const string Name = "model.safetensors";

    /// <summary>No model that can be configured comes near this; a bigger file is refused unread.</summary>
    public const long LargestFile = 1L << 30;

    /// <summary>Reads and checks a model.</summary>
    /// <exception cref="BadInputException">It is missing, unreadable or not a model of this program's kind.</exception>
    public static Checkpoint Load(IDisk disk, string path)
    {
        var file = Resolve(disk, path);
        var read = CheckpointModule.ofBytes(file, Read(disk, file));
        return read.IsOk ? read.ResultValue : throw new BadInputException(CheckpointErrorModule.describe(read.ErrorValue));
    }

    private static string Resolve(IDisk disk, string path)
    {
        if (!disk.DirectoryExists(path))
        {
            return disk.FileExists(path)
                ? path
                : throw new BadInputException($"{path}: there is no such file or directory; expected a .safetensors file or a run directory.");
        }

        var file = Path.Combine(path, Name);
        if (disk.FileExists(file))
        {
            return file;
        }

        if (disk.Files(Path.Combine(path, Checkpoints.Name)) is { Count: > 0 } checkpoints)
        {
            throw new BadInputException(
                $"{path}: there is no {Name} in this directory, since its run is not finished; go on with `interp train --resume {Shell.Quoted(path)}`, or name a checkpoint, such as {checkpoints[^1]}.");
        }

        var others = disk.Files(path).Where(each => each.EndsWith(".safetensors", StringComparison.Ordinal)).ToArray();
        throw new BadInputException(others.Length == 0
            ? $"{path}: there is no {Name} in this directory."
            : $"{path}: there is no {Name} in this directory; name one of its models: {string.Join(", ", others)}.");
    }

    private static byte[] Read(IDisk disk, string file)
    {
        try
        {
            return disk.Read(file, LargestFile);
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            throw Refusal.OfGivenFile(unreadable, $"{file}: cannot be read ({Refusal.Words(unreadable)}).");
        }
    }
}
