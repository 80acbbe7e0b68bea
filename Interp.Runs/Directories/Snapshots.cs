using System.Text.Json;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>Weights kept on the way, after steps that are planned beforehand: snapshots/step-00100.safetensors, and the plan in snapshots/steps.json.</summary>
internal sealed class Snapshots
{
    public const string Name = "snapshots";

    private const string PlanName = "steps.json";

    private readonly IDisk disk;
    private readonly string place;
    private readonly Configuration configuration;
    private readonly IReadOnlyList<int> steps;

    private Snapshots(IDisk disk, string place, Configuration configuration, IReadOnlyList<int> steps)
    {
        this.disk = disk;
        this.place = place;
        this.configuration = configuration;
        this.steps = steps;
    }

    /// <summary>The plan of a run: as it was made when the run began, or new where <paramref name="count"/> asks for one; null for none.</summary>
    /// <exception cref="BadInputException">The run was begun with another plan.</exception>
    public static Snapshots? Open(IDisk disk, string directory, Configuration configuration, int? count, bool begins)
    {
        var folder = Path.Combine(directory, Name);
        var file = Path.Combine(folder, PlanName);
        int[]? found = disk.FileExists(file) ? Read(disk, file, configuration) : null;
        int[]? asked = count is { } number ? LogSpaced(number, configuration.Steps) : null;
        if (asked is not null && found is null && begins)
        {
            disk.CreateDirectory(folder);
            AtomicFile.Write(disk, file, JsonSerializer.SerializeToUtf8Bytes(asked, SnapshotJson.Default.Int32Array));
            found = asked;
        }

        if (asked is not null && !asked.AsSpan().SequenceEqual(found))
        {
            throw new BadInputException($"{directory}: the run was begun with {(found is null ? "no snapshots" : $"{found.Length} snapshots")}, not {asked.Length}.");
        }

        return found is null ? null : new(disk, folder, configuration, found);
    }

    /// <summary>Points spaced evenly on a logarithmic axis from the first step to the last, or next to it where two would fall on one.</summary>
    public static int[] LogSpaced(int count, int steps)
    {
        var points = new int[count];
        for (var index = 0; index < count; index++)
        {
            var point = count == 1 ? steps : Math.Pow(steps, index / (count - 1.0));
            var least = index == 0 ? 1 : points[index - 1] + 1;
            points[index] = Math.Clamp((int)Math.Round(point), least, steps - (count - 1 - index));
        }

        return points;
    }

    public int StepsUntilDue(int step) => steps.FirstOrDefault(planned => planned > step, int.MaxValue) - step;

    /// <summary>Whether a file is the weights at a snapshot.</summary>
    public static bool IsSnapshot(string path) =>
        Path.GetFileName(path).StartsWith("step-", StringComparison.Ordinal) && path.EndsWith(".safetensors", StringComparison.Ordinal);

    /// <summary>Writes the weights if they are planned for.</summary>
    public void Keep(TrainingState<Model<Tensor>> state, FSharpOption<Vocabulary>? tokens)
    {
        if (steps.Contains(state.Step))
        {
            AtomicFile.Write(
                disk, Path.Combine(place, $"step-{state.Step:D5}.safetensors"), RunFiles.Model(configuration, state.Step, state.Weights, tokens));
        }
    }

    private static int[] Read(IDisk disk, string file, Configuration configuration)
    {
        const long largest = 1 << 20;
        int[] plan = [.. StrictJson.Read(disk, file, largest).Items().Select(step => step.Whole(1, configuration.Steps))];
        return plan.AsSpan().SequenceEqual([.. plan.Distinct().Order()])
            ? plan
            : throw new BadInputException($"{file}: expected steps in ascending order, each once.");
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(int[]))]
internal sealed partial class SnapshotJson : System.Text.Json.Serialization.JsonSerializerContext;
