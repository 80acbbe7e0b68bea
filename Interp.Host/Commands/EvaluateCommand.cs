using Interp.Host.Files;
using Interp.Host.Results;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp evaluate</c>: held-out loss and behaviour.</summary>
internal static class EvaluateCommand
{
    public static void Run(World world, EvaluateOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var terminal = world.Terminal(options.Json);
        var results = terminal.Busy(
            "evaluating",
            () => Intervening.Checked(options.Interventions, () => Of(
                world.Threads(options.Threads), checkpoint.Task, checkpoint.Weights, new(options.Sequences, options.Seed), options.Interventions)));
        terminal.Result(
            () => EvaluationJson.Of(results, Intervening.Printed(options.Interventions)),
            OutputJson.Default.EvaluationJson,
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Losses(results));
                ShowBehaviour(console, results);
            });
    }

    public static EvaluationResults Of(
        int threads, Task task, Model<Tensor> weights, Reference reference, FSharpList<Intervention>? interventions = null) =>
        Results(Behaviour.evaluateWith(threads, task, weights, interventions ?? ListModule.Empty<Intervention>(), reference), reference);

    /// <summary>The same of what was measured already.</summary>
    public static EvaluationResults Results(Evaluation evaluation, Reference reference) => new()
    {
        Sequences = evaluation.Sequences,
        Seed = reference.Seed,
        Loss = evaluation.Loss,
        Floor = evaluation.Floor,
        PerPositionLoss = [.. evaluation.PerPositionLoss],
        Prompts = new() { Distinct = Kind(evaluation.Distinct), Repeated = Kind(evaluation.Repeated) },
        RepeatRate = evaluation.RepeatRate,
        FromPromptRate = evaluation.FromPromptRate,
    };

    /// <summary>Shows how two-block prompts are completed.</summary>
    public static void ShowBehaviour(IAnsiConsole console, EvaluationResults results)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .AddColumns("prompts of two equal blocks", "count", "completed exactly", "letters right", "equal to the one before", "from the prompt");
        table.AddRow([.. Row("all letters different", results.Prompts.Distinct)]);
        table.AddRow([.. Row("a letter repeats", results.Prompts.Repeated)]);
        console.Write(table);
        console.WriteLine(
            $"Of all generated letters {Words.Percent(results.RepeatRate)} equal the letter before, {Words.Percent(results.FromPromptRate)} occur in the prompt.");

        static string[] Row(string kind, PromptResults rates) =>
            [kind, $"{rates.Count}", Words.Percent(rates.Exact), Words.Percent(rates.Letters), Words.Percent(rates.Repeats), Words.Percent(rates.FromPrompt)];
    }

    private static PromptResults Kind(PromptRates rates) => new()
    {
        Count = rates.Count,
        Exact = rates.Exact,
        Letters = rates.Letters,
        Repeats = rates.Repeats,
        FromPrompt = rates.FromPrompt,
    };

    private static Table Losses(EvaluationResults results)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("held-out sequences", "loss, nats a letter", "floor");
        table.AddRow($"{results.Sequences}", Words.Nats(results.Loss), Words.Nats(results.Floor));
        return table;
    }
}
