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
    public static Checkpoint Load(string path)
    {
        var file = Resolve(path);
        var read = CheckpointModule.ofBytes(file, Read(file));
        return read.IsOk ? read.ResultValue : throw new BadInputException(CheckpointErrorModule.describe(read.ErrorValue));
    }

    private static string Resolve(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path)
                ? path
                : throw new BadInputException($"{path}: there is no such file or directory; expected a .safetensors file or a run directory.");
        }

        var file = Path.Combine(path, Name);
        if (File.Exists(file))
        {
            return file;
        }

        if (Disk.Instance.Files(Path.Combine(path, Checkpoints.Name)) is { Count: > 0 } checkpoints)
        {
            throw new BadInputException(
                $"{path}: there is no {Name} in this directory, since its run is not finished; go on with `interp train --resume {Shell.Quoted(path)}`, or name a checkpoint, such as {checkpoints[^1]}.");
        }

        var others = Directory.GetFiles(path, "*.safetensors").Order(StringComparer.Ordinal).ToArray();
        throw new BadInputException(others.Length == 0
            ? $"{path}: there is no {Name} in this directory."
            : $"{path}: there is no {Name} in this directory; name one of its models: {string.Join(", ", others)}.");
    }

    private static byte[] Read(string file)
    {
        try
        {
            return Disk.Instance.Read(file, LargestFile);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: cannot be read ({unreadable.Message.TrimEnd('.')}).");
        }
    }
}
