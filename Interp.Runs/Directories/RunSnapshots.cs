using Interp.Runs.Endings;
using Interp.Runs.Files;

namespace Interp.Runs.Directories;

/// <summary>The weights that a run kept on its way.</summary>
internal static class RunSnapshots
{
    /// <summary>The files of all snapshots in a run directory.</summary>
    public static IReadOnlyList<string> Files(IDisk disk, string run) =>
        [.. disk.Files(Path.Combine(run, Snapshots.Name)).Where(Snapshots.IsSnapshot)];

    /// <summary>Reads and checks all snapshots in a run directory, in the order of their steps; none where there are none.</summary>
    /// <exception cref="BadInputException">One cannot be read, or they are not of one run.</exception>
    public static Checkpoint[] Load(IDisk disk, string run)
    {
        var files = Files(disk, run);
        if (files.Count == 0)
        {
            return [];
        }

        var checkpoints = files.Select(file => (File: file, Checkpoint: ModelFile.Load(disk, file))).OrderBy(each => each.Checkpoint.Steps).ToArray();
        var first = checkpoints[0];
        var known = ModelFile.Run(disk, run);
        foreach (var (file, checkpoint) in checkpoints)
        {
            if (known is { } stored)
            {
                Checkpoints.RequireOf(stored, file, checkpoint);
            }
            else if (ProvenanceModule.differences(checkpoint.Provenance, first.Checkpoint.Provenance) is { IsEmpty: false } differences)
            {
                throw ConfigurationFile.Contradiction(file, "run", differences, first.File, "expected the snapshots of one run");
            }
        }

        return [.. checkpoints.Select(each => known is null ? each.Checkpoint : ModelFile.Of(known, each.Checkpoint))];
    }
}
