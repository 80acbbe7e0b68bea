using System.Text.Json.Nodes;
using Interp.Host.Endings;
using Interp.Host.Figures;
using Interp.Host.Files;
using Interp.Host.Json;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp develop</c>: loss and scores over a run's snapshots.</summary>
internal static class DevelopCommand
{
    public static void Run(World world, DevelopOptions options, CancellationToken interruption)
    {
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        var checkpoints = Load(world.Disk, options.Run);
        var last = checkpoints[^1];
        var task = GivenModel.Of(terminal, last, options.Task).Task;
        var blockLength = Tasks.repetition(task)?.Value.BlockLength ?? Tasks.standardBlock;
        world.RequireMemory(
            Memory.ofDevelopment(threads, last.Architecture, task, options.Reference.Sequences, checkpoints.Length), "the development");
        var snapshots = terminal.Busy("scoring snapshots", () => checkpoints.Select(checkpoint =>
        {
            interruption.ThrowIfCancellationRequested();
            return Development.snapshot(threads, checkpoint.Architecture, task, checkpoint.Steps, checkpoint.Weights, options.Reference);
        }).ToArray());
        var random = terminal.Busy("scoring random weights", () => Development.nulls(threads, last.Architecture, task, last.Weights, last.Seed));
        var directory = options.Out?.Value ?? Path.Combine(options.Run, "develop");
        var pictures = PictureFiles.Write(world.Disk, FSharpOption<string>.Some(directory), () => DevelopmentFigures.Of(snapshots, random, blockLength)) ?? [];
        terminal.Result(
            () => new JsonObject
            {
                ["run"] = options.Run,
                ["nulls"] = MeasurementJson.Of(random, blockLength),
                ["snapshots"] = Values.List(snapshots, snapshot => MeasurementJson.Of(snapshot, blockLength)),
            }.With(Values.Pictures(pictures)),
            console =>
            {
                console.Write(Table(snapshots, random, blockLength));
                PictureFiles.Show(console, pictures);
            });
    }

    private static Checkpoint[] Load(IDisk disk, string run)
    {
        var directory = Path.Combine(run, Snapshots.Name);
        var files = disk.Files(directory).Where(Snapshots.IsSnapshot).ToArray();
        if (files.Length == 0)
        {
            throw new BadInputException($"{run}: there are no snapshots in it; expected a run directory of `interp train --snapshots N`.");
        }

        var checkpoints = files.Select(file => (File: file, Checkpoint: ModelFile.Load(disk, file))).OrderBy(each => each.Checkpoint.Steps).ToArray();
        var first = checkpoints[0];
        foreach (var (file, checkpoint) in checkpoints)
        {
            if (ModelFile.Run(disk, run) is { } stored)
            {
                Checkpoints.RequireOf(stored, file, checkpoint);
            }
            else if (ProvenanceModule.differences(checkpoint.Provenance, first.Checkpoint.Provenance) is { IsEmpty: false } differences)
            {
                throw ConfigurationFile.Contradiction(file, "run", differences, first.File, "expected the snapshots of one run");
            }
        }

        return [.. checkpoints.Select(each => each.Checkpoint)];
    }

    private static Table Table(Snapshot[] snapshots, SnapshotNulls random, int blockLength)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("over training; of heads and pairs the strongest; JSON and pictures have them all")
            .AddColumns("step", "loss", "in-context", "direct path", "OV, least", "OV, most", "letter before", "induction", "K-composition");
        foreach (var snapshot in snapshots)
        {
            var keys = snapshot.Composition.Where(pair => pair.Kind.IsKeyInput).Select(pair => pair.Norms).ToArray();
            table.AddRow(
                Words.Count(snapshot.Step),
                Words.Nats(snapshot.Loss),
                Words.Third(snapshot.InContextLearning),
                Words.Third(snapshot.Spectra.DirectPath.Score),
                Words.Third(snapshot.Spectra.OV.Min(head => head.Spectrum.Score)),
                Words.Third(snapshot.Spectra.OV.Max(head => head.Spectrum.Score)),
                Words.Third(snapshot.Heads.Max(head => HeadScores.at(blockLength, head).PreviousToken)),
                Words.Third(snapshot.Heads.Max(head => HeadScores.at(blockLength, head).Induction)),
                keys.Length == 0 ? "-" : Words.Third(keys.Max()));
        }

        table.AddEmptyRow();
        table.AddRow(
            "random",
            "",
            Words.Range(random.InContextLearning),
            Words.Range(random.DirectPath),
            Words.Range(random.OV),
            Words.Range(random.OV),
            Words.Range(HeadScores.at(blockLength, random.Head).PreviousToken),
            Words.Range(HeadScores.at(blockLength, random.Head).Induction),
            random.Composition.FirstOrDefault(kind => kind.Item1.IsKeyInput) is { } key ? Words.Range(key.Item2) : "-");
        return table;
    }
}
