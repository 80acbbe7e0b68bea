using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp compare</c>: runs side by side, their loss curves in one picture and their scores in one table.</summary>
internal static class CompareCommand
{
    public static void Run(World world, CompareOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var runs = options.Runs.Select(place => RunSummary.Read(world.Disk, Existing(world.Disk, place))).ToArray();
        var weights = runs.Select(run => run.Weights(world.Disk)).ToArray();
        var terminal = world.Terminal(options.Json);
        foreach (var remark in runs.Select(run => RunSummary.OtherRevision(run.Place, run.Stored!)).OfType<string>())
        {
            Terminal.Line(terminal.Progress, $"interp: {remark}");
        }

        var threads = world.Threads(options.Threads);
        var tasks = runs.Select(run => TaskFile.Of(world, terminal, run.Configuration!.Task)).ToArray();
        world.RequireMemory(
            runs.Zip(tasks, (run, task) => Memory.ofEvaluation(threads, run.Configuration!.Architecture, task, options.Sequences, 0)).Max(), "the comparison");
        var compared = terminal.Busy(
            "comparing", () => runs.Zip(weights, tasks).Select(run => Compared(run.First, run.Second, run.Third, options, threads)).ToArray());
        var pictures = files.Write(() => [LossFigures.Curves([.. runs.Zip(tasks, Curve)])]);
        terminal.Result(
            () => new JsonObject { ["runs"] = Values.List(compared, run => run.Json()) }.With(Values.Pictures(pictures)),
            console =>
            {
                Show(console, compared);
                PictureFiles.Show(console, pictures);
            });
    }

    private static string Existing(IDisk disk, string place) => RunSummary.IsRun(disk, place)
        ? place
        : throw new BadInputException($"{place}: there is no {ConfigurationFile.Name} in it, so it is not the directory of a run.");

    private static ComparedRun Compared(RunSummary run, Checkpoint checkpoint, Task task, CompareOptions options, int threads)
    {
        return new(
            run,
            checkpoint.Steps,
            CheckpointModule.weightsSha256(checkpoint.Weights),
            Behaviour.evaluate(threads, task, checkpoint.Weights, new(options.Sequences, options.Seed)),
            CircuitScoresModule.ofModel(checkpoint.Weights));
    }

    private static LossCurve Curve(RunSummary run, Task task) => new(
        $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Place)))}",
        [.. run.History.Losses.Select(point => new HeldOutLoss(point.Step, point.Loss))],
        run.History.HeldOut,
        TaskModule.floor(task)?.Value);

    private static void Show(IAnsiConsole console, IReadOnlyList<ComparedRun> runs)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("");
        foreach (var run in runs)
        {
            table.AddColumn(Names.Markup(run.Summary.Place));
        }

        Row("what", run => Names.Markup(run.What));
        Row("state", run => run.Summary.State);
        Row("step", run => $"{Words.Count(run.Step)} of {Words.Count(run.Summary.Configuration!.Steps)}");
        Row("loss, last batches", run => run.Summary.Loss is { } loss ? Words.Nats(loss) : "");
        Row("loss, held out", run => Words.Nats(run.Evaluation.Loss));
        Row("floor", run => Words.Floor(run.Evaluation.Floor));
        Row("score, direct path", run => Words.Score(run.Circuits.DirectPath.Eigenvalues.Score));
        Row("  of random weights", run => Words.Null(run.Circuits.DirectPath.Eigenvalues.Null));
        for (var layer = 0; layer < runs.Max(run => run.Circuits.OVSum.Length); layer++)
        {
            var place = layer;
            Row($"score, OV of layer {place}", run => place < run.Circuits.OVSum.Length ? Words.Score(run.Circuits.OVSum[place].Scores.Eigenvalues.Score) : "");
        }

        if (runs.Any(run => !run.Circuits.OVSum.IsEmpty))
        {
            Row("  of random weights", run => run.Circuits.OVSum.IsEmpty ? "" : Words.Null(run.Circuits.OVSum[0].Scores.Eigenvalues.Null));
        }

        Row("likeliest letter right", run => Words.Percent(run.Evaluation.Accuracy));
        Row("completed exactly, letters differ", run => run.Evaluation.Prompts is { Value.ByPattern.Value: var patterns } ? Words.Percent(patterns.Distinct.Exact) : "");
        Row("completed exactly, a letter repeats", run => run.Evaluation.Prompts is { Value.ByPattern.Value: var patterns } ? Words.Percent(patterns.Repeated.Exact) : "");
        Row("letters equal to the one before", run => run.Evaluation.Prompts is { Value: var prompts } ? Words.Percent(prompts.All.Repeats) : "");
        Row("letters that occur in the prompt", run => run.Evaluation.Prompts is { Value: var prompts } ? Words.Percent(prompts.All.FromPrompt) : "");
        Row("weights, SHA-256", run => $"{run.WeightsSha256[..12]}…");
        console.Write(table);

        void Row(string what, Func<ComparedRun, string> of) => table.AddRow([what, .. runs.Select(of)]);
    }

    /// <summary>A run and what was measured on its weights.</summary>
    private sealed record ComparedRun(RunSummary Summary, int Step, string WeightsSha256, Evaluation Evaluation, ScoredCircuits Circuits)
    {
        public string What => RunSummary.Describe(Summary.Configuration!);

        public JsonObject Json() => new()
        {
            ["run"] = Summary.Place,
            ["what"] = What,
            ["state"] = Summary.State,
            ["step"] = Step,
            ["steps"] = Summary.Configuration!.Steps,
            ["loss"] = Values.Number(Summary.Loss),
            ["weights_sha256"] = WeightsSha256,
            ["evaluation"] = MeasurementJson.Of(Evaluation),
            ["scores"] = new JsonObject
            {
                ["direct_path"] = CircuitJson.Of(Circuits.DirectPath.Eigenvalues),
                ["ov_sum"] = Values.List(Circuits.OVSum, layer => CircuitJson.Of(layer.Scores.Eigenvalues)),
            },
        };
    }
}
