using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp develop</c>: loss and scores over a run's snapshots.</summary>
internal static class DevelopCommand
{
    public static void Run(World world, DevelopOptions options, CancellationToken interruption)
    {
        var anywhere = options.Pictures.Picture is not null || options.Pictures.Out is not null;
        var files = PictureFiles.Of(world.Disk, options.Pictures.Picture?.Value, anywhere ? options.Pictures.Out?.Value : Path.Combine(options.Run, "develop"));
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        var checkpoints = RunSnapshots.Load(world.Disk, options.Run);
        if (checkpoints.Length == 0)
        {
            throw new BadInputException($"{options.Run}: there are no snapshots in it; expected a run directory of `interp train --snapshots N`.");
        }

        var last = checkpoints[^1];
        var given = GivenModel.Of(world, terminal, last, options.Task);
        var task = given.Task;
        var isPlain = options.Explanation is null && options.Interventions.IsEmpty;
        var blockLength = Tasks.repetition(task)?.Value.BlockLength ?? Tasks.standardBlock;
        world.RequireMemory(
            Memory.ofDevelopment(threads, last.Architecture, task, options.Reference.Sequences, checkpoints.Length), "the development");
        var snapshots = terminal.Busy("scoring snapshots", () => checkpoints.Select(checkpoint =>
        {
            interruption.ThrowIfCancellationRequested();
            var model = given with { Checkpoint = checkpoint };
            var explained = Explaining.InPlaceOf(threads, model, options.Explanation, options.Reference);
            return Intervening.Checked(model, options.Interventions, interventions => explained is not null
                ? InPlaceModule.snapshot(explained, interventions, checkpoint.Steps, options.Reference)
                : Development.snapshotWith(threads, checkpoint.Architecture, task, checkpoint.Steps, checkpoint.Weights, interventions, options.Reference));
        }).ToArray());
        var random = terminal.Busy("scoring random weights", () => Development.nulls(threads, last.Architecture, task, last.Weights, last.Seed));
        var steps = snapshots.Select(snapshot => snapshot.Step).ToArray();
        // Explanations are judged beside the model as it is.
        var shares = isPlain && NamedSharesModule.measurable(last.Architecture)
            ? terminal.Progressing("explaining snapshots", show => checkpoints.Select((checkpoint, index) =>
            {
                interruption.ThrowIfCancellationRequested();
                show($"explaining the snapshot after {checkpoint.Steps} steps", (double)index / checkpoints.Length);
                return NamedSharesModule.measure(threads, task, checkpoint.Architecture, checkpoint.Weights, options.Reference.Seed).Value;
            }).ToArray())
            : [];
        var explained = ExplainedOverTraining.Of(shares);
        var pictures = files.Write(() =>
        [
            .. DevelopmentFigures.Of(snapshots, random, blockLength),
            .. explained.Count > 0 ? [ExplanationFigures.OverTraining(steps, shares)] : Array.Empty<Figure>(),
        ]) ?? [];
        terminal.Result(
            () => new JsonObject
            {
                ["run"] = options.Run,
                ["nulls"] = MeasurementJson.Of(random, blockLength),
                ["snapshots"] = Values.List(snapshots.Index(), snapshot => MeasurementJson.Of(snapshot.Item, blockLength)
                    .With(new JsonObject { ["explained"] = ExplanationJson.Of(explained, each => Values.Number(each.Values[snapshot.Index])) })),
                ["explained_from"] = ExplanationJson.Of(explained, each => each.TrueFrom(steps)),
            }.With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                console.Write(Table(snapshots, random, blockLength));
                if (explained.Count > 0)
                {
                    console.Write(Explained(steps, explained));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    private static Table Explained(IReadOnlyList<int> steps, IReadOnlyList<ExplainedOverTraining> explained)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("what explanations explain: 1 − KL / KL(nothing)")
            .AddColumns(["step", .. explained.Select(each => each.Name)]);
        foreach (var (index, step) in steps.Index())
        {
            table.AddRow([Words.Count(step), .. explained.Select(each => Words.Third(each.Values[index]))]);
        }

        table.AddEmptyRow();
        table.AddRow(
        [
            $"{Words.Tenth(ExplainedOverTraining.True)} from step",
            .. explained.Select(each => each.TrueFrom(steps) is { } step ? Words.Count(step) : "not in the end"),
        ]);
        return table;
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
                Extreme(snapshot.Spectra.OV.Select(head => head.Spectrum.Score), Enumerable.Min),
                Extreme(snapshot.Spectra.OV.Select(head => head.Spectrum.Score), Enumerable.Max),
                Extreme(snapshot.Heads.Select(head => HeadScores.at(blockLength, head).PreviousToken), Enumerable.Max),
                Extreme(snapshot.Heads.Select(head => HeadScores.at(blockLength, head).Induction), Enumerable.Max),
                Extreme(keys, Enumerable.Max));
        }

        var block = random.Head?.Value is { } untrained ? HeadScores.at(blockLength, untrained) : null;
        table.AddEmptyRow();
        table.AddRow(
            "random",
            "",
            Words.Range(random.InContextLearning),
            Words.Range(random.DirectPath),
            Range(random.OV?.Value),
            Range(random.OV?.Value),
            Range(block?.PreviousToken),
            Range(block?.Induction),
            Range(random.Composition.FirstOrDefault(kind => kind.Item1.IsKeyInput)?.Item2));
        return table;
    }

    /// <summary>What stands where a model has no such heads.</summary>
    private const string None = "-";

    private static string Extreme(IEnumerable<double> scores, Func<IEnumerable<double>, double> choose)
    {
        double[] all = [.. scores];
        return all.Length == 0 ? None : Words.Third(choose(all));
    }

    private static string Range(NullDistribution? random) => random is null ? None : Words.Range(random);
}
