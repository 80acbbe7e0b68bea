using Interp.Host.Analyses;
using Interp.Host.Endings;
using Interp.Host.Figures;
using Interp.Host.Files;
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
        var snapshots = terminal.Busy("scoring snapshots", () => checkpoints.Select(checkpoint =>
        {
            interruption.ThrowIfCancellationRequested();
            return DevelopmentAnalysis.Of(threads, checkpoint, options.Reference);
        }).ToArray());
        var random = terminal.Busy("scoring random weights", () => DevelopmentAnalysis.Baselines(threads, last));
        var directory = options.Out?.Value ?? Path.Combine(options.Run, "develop");
        var pictures = PictureFiles.Write(world.Disk, FSharpOption<string>.Some(directory), () => DevelopmentFigures.Of(snapshots, random)) ?? [];
        terminal.Result(
            () => new DevelopmentJson(options.Run, random, snapshots, pictures),
            OutputJson.Default.DevelopmentJson,
            console =>
            {
                console.Write(Table(snapshots, random));
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

        var checkpoints = files.Select(file => ModelFile.Load(disk, file)).OrderBy(checkpoint => checkpoint.Steps).ToArray();
        return checkpoints.All(checkpoint => checkpoint.Architecture.Equals(checkpoints[0].Architecture))
            ? checkpoints
            : throw new BadInputException($"{directory}: its snapshots are of models of different shapes, expected those of one run.");
    }

    private static Table Table(Snapshot[] snapshots, DevelopmentBaselines random)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("over training; of heads and pairs the strongest; JSON and pictures have them all")
            .AddColumns("step", "loss", "in-context", "direct path", "OV, least", "OV, most", "letter before", "induction", "K-composition");
        foreach (var snapshot in snapshots)
        {
            var keys = snapshot.Composition.Where(pair => pair.Kind == "K").Select(pair => pair.Score).ToArray();
            table.AddRow(
                Words.Count(snapshot.Step),
                Words.Nats(snapshot.Loss),
                Words.Third(snapshot.InContextLearning),
                Words.Third(snapshot.DirectPath),
                Words.Third(snapshot.OV.Min(head => head.Score)),
                Words.Third(snapshot.OV.Max(head => head.Score)),
                Words.Third(snapshot.PreviousToken.Max(head => head.Score)),
                Words.Third(snapshot.Induction.Max(head => head.Score)),
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
            Words.Range(random.PreviousToken),
            Words.Range(random.Induction),
            random.Composition.FirstOrDefault(kind => kind.Kind == "K") is { } key ? Words.Range(key.Score) : "-");
        return table;
    }
}
