using Interp.Host.Analyses;
using Interp.Host.Endings;
using Interp.Host.Figures;
using Interp.Host.Files;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp compare</c>: runs side by side, their loss curves in one picture and their scores in one table.</summary>
internal static class CompareCommand
{
    public static void Run(World world, CompareOptions options)
    {
        var runs = options.Runs.Select(place => RunSummary.Read(world.Disk, Existing(world.Disk, place))).ToArray();
        var weights = runs.Select(run => run.Weights(world.Disk)).ToArray();
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        var compared = terminal.Busy(
            "comparing", () => runs.Zip(weights, (run, checkpoint) => Compared(run, checkpoint, options, threads)).ToArray());
        var picture = FigureRenderer.Render([LossFigures.Curves([.. runs.Select(Curve)])])[0];
        AtomicFile.Write(world.Disk, Path.GetFullPath(options.Figure), picture.Png);
        terminal.Result(
            () => new ComparisonJson(options.Figure, compared), OutputJson.Default.ComparisonJson, console => Show(console, options.Figure, compared));
    }

    private static string Existing(IDisk disk, string place) => RunSummary.IsRun(disk, place)
        ? place
        : throw new BadInputException($"{place}: there is no {ConfigurationFile.Name} in it, so it is not the directory of a run.");

    private static ComparedRunJson Compared(RunSummary run, Checkpoint checkpoint, CompareOptions options, int threads)
    {
        var circuits = CircuitScoresModule.ofModel(checkpoint.Weights);
        return new(
            run.Place,
            RunSummary.Describe(run.Configuration!),
            run.State,
            checkpoint.Steps,
            run.Configuration!.Steps,
            run.Loss,
            CheckpointModule.weightsSha256(checkpoint.Weights),
            EvaluationJson.Of(EvaluationAnalysis.Of(threads, run.Configuration.Task, checkpoint.Weights, new(options.Sequences, options.Seed))),
            new(
                circuits.DirectPath.Eigenvalues.Score,
                NullDistribution.Of(circuits.DirectPath.Eigenvalues.Baseline),
                [.. circuits.OVSum.Select(layer => layer.Eigenvalues.Score)],
                NullDistribution.Of(circuits.OVSum[0].Eigenvalues.Baseline)));
    }

    private static LossCurve Curve(RunSummary run) => new(
        $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Place)))}",
        [.. run.History.Losses.Select(point => new HeldOutLoss(point.Step, point.Loss))],
        run.History.HeldOut,
        TaskModule.floor(run.Configuration!.Task));

    private static void Show(IAnsiConsole console, string figure, IReadOnlyList<ComparedRunJson> runs)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("");
        foreach (var run in runs)
        {
            table.AddColumn(Markup.Escape(run.Run));
        }

        Row("what", run => Markup.Escape(run.What));
        Row("state", run => run.State);
        Row("step", run => $"{Words.Count(run.Step)} of {Words.Count(run.Steps)}");
        Row("loss, last batches", run => run.Loss is { } loss ? Words.Nats(loss) : "");
        Row("loss, held out", run => Words.Nats(run.Evaluation.Loss));
        Row("floor", run => Words.Nats(run.Evaluation.Floor));
        Row("score, direct path", run => Words.Score(run.Scores.DirectPath));
        Row("  of random weights", run => Words.Null(run.Scores.DirectPathBaseline));
        for (var layer = 0; layer < runs.Max(run => run.Scores.OVSum.Count); layer++)
        {
            var place = layer;
            Row($"score, OV of layer {place}", run => place < run.Scores.OVSum.Count ? Words.Score(run.Scores.OVSum[place]) : "");
        }

        Row("  of random weights", run => Words.Null(run.Scores.OVSumBaseline));
        Row("completed exactly, letters differ", run => Words.Percent(run.Evaluation.Prompts.Distinct.Exact));
        Row("completed exactly, a letter repeats", run => Words.Percent(run.Evaluation.Prompts.Repeated.Exact));
        Row("letters equal to the one before", run => Words.Percent(run.Evaluation.RepeatRate));
        Row("letters that occur in the prompt", run => Words.Percent(run.Evaluation.FromPromptRate));
        Row("weights, SHA-256", run => $"{run.WeightsSha256[..12]}…");
        console.Write(table);
        Terminal.Line(console, $"Loss curves: {figure}");

        void Row(string what, Func<ComparedRunJson, string> of) => table.AddRow([what, .. runs.Select(of)]);
    }
}
