using System.Text;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp evaluate --exact</c>: loss and completions on every input that there is.</summary>
internal static class ExactCommand
{
    /// <summary>The option's word for failures of every class.</summary>
    private const string AnyClass = "all";

    /// <summary>Failures that are kept where no file asks for more, and those of them that are shown.</summary>
    private const int Kept = 100_000, Shown = 5;

    /// <summary>Classes of which each has a row; of more, those with the most failures have one.</summary>
    private const int Rows = 12;

    public static void Run(World world, EvaluateOptions options, ExactOptions exact, PictureFiles files, CancellationToken interruption)
    {
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var threads = world.Threads(options.Threads);
        var ofClass = exact.Of is { Value: var asked } ? (asked == AnyClass ? null : exact.Of) : ExhaustiveModule.usual(model.Task);
        var most = exact.Most?.Value ?? (exact.Failures is null ? Kept : ExhaustiveModule.mostFailures);
        var listed = new FailureList(ofClass, most);
        world.RequireMemory(
            Memory.ofExhaustive(threads, model.Architecture, model.Task, most, options.Interventions.Length), "the evaluation");
        if (exact.Failures is { Value: var file })
        {
            AtomicFile.RequireFolder(world.Disk, file);
        }

        var explained = terminal.Busy("preparing", () => Explaining.InPlaceOf(threads, model, options.Explanation));
        var exhaustive = Intervening.Checked(
            model, options.Interventions, interventions => explained is not null
                ? InPlaceModule.exhaustive(explained, interventions, listed)
                : ExhaustiveModule.ofModel(threads, model.Task, listed, model.Weights, interventions));
        var parts = ExhaustiveFile.parts(exhaustive, listed, model.Weights, options.Explanation, options.Interventions);
        using var keeper = new ExactKeeper(world, terminal, exhaustive, parts, exact.Resume?.Value);
        keeper.Advance(interruption);
        if (keeper.State.Done > 0)
        {
            Show(world, terminal, options, exact, files, model, exhaustive, keeper);
        }

        if (!keeper.IsDone)
        {
            throw new InterruptedException(keeper.Leave());
        }
    }

    private static void Show(
        World world, Terminal terminal, EvaluateOptions options, ExactOptions exact, PictureFiles files, GivenModel model, Exhaustive exhaustive, ExactKeeper keeper)
    {
        var results = ExhaustiveModule.results(exhaustive, keeper.State);
        var first = Failures.look(exhaustive, ListModule.Truncate(Shown, results.Failures));
        var compared = Failures.look(exhaustive, Failures.comparable(results)?.Value ?? FSharpList<long>.Empty);
        var common = Failures.common(exhaustive, keeper.State.Done, compared);
        if (exact.Failures is { Value: var file })
        {
            AtomicFile.WriteResult(world.Disk, file, Encoding.UTF8.GetBytes(Csv(model, exhaustive, results.Failures)));
        }

        var kind = exact.Of?.Value ?? ExhaustiveModule.usual(model.Task)?.Value ?? AnyClass;
        var pictures = files.Write(() => PredictionFigures.OfExact(results.Kind, results.Classes.Select(each => (each.Name, (long)each.Count, (long)each.Exact))));
        terminal.Result(
            () => ExactJson.Of(results, keeper.Seconds, keeper.Looked)
                .With("failures_of", kind)
                .With("in_common", Values.List(common, ExactJson.Of))
                .With("task", model.Task.Name)
                .With("failures", exact.Failures?.Value)
                .With(Explaining.Json(options.Explanation))
                .With(Intervening.Json(options.Interventions))
                .With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                if (!keeper.IsDone)
                {
                    Terminal.Line(console, $"Of patterns {Text(model, ExhaustiveModule.input(exhaustive, 0))} to {Text(model, ExhaustiveModule.input(exhaustive, keeper.State.Done - 1))} alone, which are the first ones and no random sample:");
                }

                console.Write(Losses(model.Task, results));
                console.Write(Prompts(results));
                console.Write(Classes(results));
                ShowFailures(console, model, results, kind, first, compared.Length, common);
                if (exact.Failures is { Value: var written })
                {
                    Terminal.Line(console, $"{written} has {Words.Count(results.Failures.Length)} of the {Words.Count(results.Failed)} that are not completed.");
                }

                PictureFiles.Show(console, pictures);
                Terminal.Line(console, $"{Words.Count(keeper.Looked)} inputs in {Words.Tenth(keeper.Seconds)} s.");
            });
    }

    private static Table Losses(Task task, ExactEvaluation results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("inputs", "loss, nats a letter", "floor", "likeliest letter right");
        var seen = results.Patterns == results.All ? $"all {Words.Count(results.All)}" : $"{Words.Count(results.Patterns)} of {Words.Count(results.All)}";
        table.AddRow(seen, Words.Fixed(results.Loss, "0.000000"), Words.Floor(TaskModule.floor(task)), Words.Percent(results.Accuracy));
        return table;
    }

    private static Table Prompts(ExactEvaluation results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("inputs", "count", "completed exactly", "not completed", "share completed");
        if (results.ByBlock is { Value: var (distinct, repeated) })
        {
            table.AddRow(Row("all letters different", distinct));
            table.AddRow(Row("a letter repeats", repeated));
        }

        table.AddRow(Row("all", results.Whole));
        return table;

        static string[] Row(string name, ExactPrompts prompts) =>
            [name, Words.Count(prompts.Count), Words.Count(prompts.Exact), Words.Count(prompts.Count - prompts.Exact), Share(prompts.Exact, prompts.Count)];
    }

    private static Table Classes(ExactEvaluation results)
    {
        var all = results.Classes.ToArray();
        var chosen = all.Length <= Rows ? all : [.. all.OrderByDescending(each => each.Count - each.Exact).Take(Rows)];
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title(all.Length <= Rows ? $"by {results.Kind}" : $"the {Rows} of {all.Length} with the most that are not completed; --json has them all")
            .AddColumns(results.Kind, "count", "completed exactly", "share completed", "loss, nats a letter");
        foreach (var each in chosen)
        {
            table.AddRow(Names.Markup(each.Name), Words.Count(each.Count), Words.Count(each.Exact), Share(each.Exact, each.Count), Words.Nats(each.Loss));
        }

        return table;
    }

    private static void ShowFailures(
        IAnsiConsole console, GivenModel model, ExactEvaluation results, string kind, FSharpList<Failure> first, int compared, FSharpList<SharedTrait> common)
    {
        if (results.Undecided > 0)
        {
            Terminal.Line(console, $"{Words.Count(results.Undecided)} inputs are not counted as completed since their right letters lead by less than double precision can tell from nothing.");
        }

        var which = kind == AnyClass ? "inputs" : $"inputs of {results.Kind} {kind}";
        if (first.IsEmpty)
        {
            Terminal.Line(console, $"All {which} are completed.");
            return;
        }

        Terminal.Line(console, $"{Words.Count(results.Failed)} {which} are not completed. The first:");
        var table = new Table().Border(TableBorder.Rounded).AddColumns("pattern", "first wrong at", "right", "written", "behind by");
        foreach (var failure in first)
        {
            table.AddRow(
                Names.Markup(Text(model, failure.Input)),
                $"{failure.Place}",
                Names.Markup(VocabularyModule.name(model.Names, failure.Right)),
                Names.Markup(VocabularyModule.name(model.Names, failure.Written)),
                Words.Third(failure.Behind));
        }

        console.Write(table);
        if (common.IsEmpty)
        {
            Terminal.Line(console, $"What they have in common is not said, as {Words.Count(results.Failures.Length)} of them are listed and these are the first ones; --most lists more.");
            return;
        }

        var traits = common.Select(trait => $"{Words.Percent(trait.Share)} {trait.Words}{(trait.Usual is { Value: var usual } ? $" ({Words.Percent(usual)} is usual)" : "")}");
        var of = compared == 1 ? "Of it" : compared == results.Failed ? $"Of all {Words.Count(compared)}" : $"Of {Words.Count(compared)}, spread evenly over all,";
        Terminal.Line(console, $"{of} {string.Join("; ", traits)}.");
    }

    private static string Share(long exact, long count) => count == 0 ? "none" : Words.Percent((double)exact / count);

    /// <summary>An input as a reader knows it: of a repeated block, the block.</summary>
    private static string Text(GivenModel model, Tokens input) =>
        VocabularyModule.toText(model.Names, Tasks.repetition(model.Task) is { Value: var r } ? TokensModule.slice(0, r.BlockLength, input) : input);

    private static string Csv(GivenModel model, Exhaustive exhaustive, FSharpList<long> numbers)
    {
        var text = new StringBuilder("pattern,first_wrong,right,written,behind\n");
        foreach (var failure in numbers.Chunk(Failures.mostCompared).SelectMany(some => Failures.look(exhaustive, ListModule.OfArray(some))))
        {
            text.Append(Runs.Wording.Csv.Text(Text(model, failure.Input))).Append(',')
                .Append(failure.Place).Append(',')
                .Append(Runs.Wording.Csv.Text(VocabularyModule.name(model.Names, failure.Right))).Append(',')
                .Append(Runs.Wording.Csv.Text(VocabularyModule.name(model.Names, failure.Written))).Append(',')
                .Append(Runs.Wording.Csv.Number(failure.Behind)).Append('\n');
        }

        return text.ToString();
    }
}
