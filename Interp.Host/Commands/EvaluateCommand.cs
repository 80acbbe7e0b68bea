using Interp.Host.Json;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp evaluate</c>: held-out loss and behaviour.</summary>
internal static class EvaluateCommand
{
    public static void Run(World world, EvaluateOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        world.RequireMemory(
            Memory.ofEvaluation(threads, checkpoint.Architecture, checkpoint.Task, options.Sequences, options.Interventions.Length), "the evaluation");
        var results = terminal.Busy(
            "evaluating",
            () => Intervening.Checked(options.Interventions, () => Behaviour.evaluateWith(
                threads, checkpoint.Task, checkpoint.Weights, options.Interventions, new(options.Sequences, options.Seed))));
        terminal.Result(
            () => MeasurementJson.Of(results).With(Intervening.Json(options.Interventions)),
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Losses(results));
                ShowBehaviour(console, results);
            });
    }

    /// <summary>Shows how two-block prompts are completed.</summary>
    public static void ShowBehaviour(IAnsiConsole console, Evaluation results)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns("prompts of two equal blocks", "count", "completed exactly", "letters right", "equal to the one before", "from the prompt");
        table.AddRow([.. Row("all letters different", results.Distinct)]);
        table.AddRow([.. Row("a letter repeats", results.Repeated)]);
        console.Write(table);
        console.WriteLine(
            $"Of all generated letters {Words.Percent(results.RepeatRate)} equal the letter before, {Words.Percent(results.FromPromptRate)} occur in the prompt.");

        static string[] Row(string kind, PromptRates rates) =>
            [kind, $"{rates.Count}", Words.Percent(rates.Exact), Words.Percent(rates.Letters), Words.Percent(rates.Repeats), Words.Percent(rates.FromPrompt)];
    }

    private static Table Losses(Evaluation results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("held-out sequences", "loss, nats a letter", "floor");
        table.AddRow($"{results.Reference.Sequences}", Words.Nats(results.Loss), Words.Nats(results.Floor));
        return table;
    }
}
