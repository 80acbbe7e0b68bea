using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp evaluate</c>: held-out loss and behaviour.</summary>
internal static class EvaluateCommand
{
    public static void Run(World world, EvaluateOptions options, CancellationToken interruption)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        if (options.Exact is { Value: var exact })
        {
            ExactCommand.Run(world, options, exact, files, interruption);
            return;
        }

        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var threads = world.Threads(options.Threads);
        world.RequireMemory(
            Memory.ofEvaluation(threads, model.Architecture, model.Task, options.Sequences, options.Interventions.Length), "the evaluation");
        var reference = new Reference(options.Sequences, options.Seed);
        var explained = terminal.Busy("preparing", () => Explaining.InPlaceOf(threads, model, options.Explanation, reference));
        var results = terminal.Busy(
            "evaluating",
            () => Intervening.Checked(model, options.Interventions, interventions => explained is not null
                ? InPlaceModule.evaluate(explained, interventions, reference)
                : Behaviour.evaluateWith(threads, model.Task, model.Weights, interventions, reference)));
        var pictures = files.Write(() => PredictionFigures.OfEvaluation(results));
        terminal.Result(
            () => MeasurementJson.Of(results).With("task", model.Task.Name).With(MeasurementJson.Bits(model.Task, results.Loss)).With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                console.Write(Losses(model.Task, results));
                ShowBehaviour(console, results);
                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>Shows how prompts are completed.</summary>
    public static void ShowBehaviour(IAnsiConsole console, Evaluation results)
    {
        if (results.Prompts is not { Value: var prompts })
        {
            return;
        }

        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(prompts.ByPattern is null ? "prompts" : "prompts of two equal blocks", "count", "completed exactly", "letters right", "equal to the one before", "from the prompt");
        if (prompts.ByPattern is { Value: var patterns })
        {
            table.AddRow([.. Row("all letters different", patterns.Distinct)]);
            table.AddRow([.. Row("a letter repeats", patterns.Repeated)]);
        }
        else
        {
            table.AddRow([.. Row("all", prompts.All)]);
        }

        console.Write(table);
        console.WriteLine("Behind ± stand standard errors of the random choice of sequences.");
        console.WriteLine(
            $"Of all generated letters {Words.Percent(prompts.All.Repeats, prompts.All.Errors.Repeats)} equal the letter before, {Words.Percent(prompts.All.FromPrompt, prompts.All.Errors.FromPrompt)} occur in the prompt.");

        static string[] Row(string kind, PromptRates rates) =>
            [
                kind,
                $"{rates.Count}",
                Words.Percent(rates.Exact, rates.Errors.Exact),
                Words.Percent(rates.Letters, rates.Errors.Letters),
                Words.Percent(rates.Repeats, rates.Errors.Repeats),
                Words.Percent(rates.FromPrompt, rates.Errors.FromPrompt),
            ];
    }

    private static Table Losses(Task task, Evaluation results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("held-out sequences", "loss, nats a letter", "floor", "likeliest letter right");
        var bits = Words.Bits(task, results.Loss) is { } text ? $" ({text})" : "";
        table.AddRow($"{results.Reference.Sequences}", $"{Words.Nats(results.Loss, results.LossStandardError?.Value)}{bits}", Words.Floor(results.Floor), Words.Percent(results.Accuracy, results.AccuracyStandardError?.Value));
        return table;
    }
}
