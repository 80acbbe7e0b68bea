using System.Text.Json.Nodes;
using Interp.Host.Endings;
using Interp.Host.Json;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp complete</c>: continues prompts greedily.</summary>
internal static class CompleteCommand
{
    public static void Run(World world, CompleteOptions options)
    {
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var architecture = model.Architecture;
        var length = options.Length?.Value ?? architecture.NCtx;
        if (length > architecture.NCtx)
        {
            throw new BadInputException($"--length {length} is more than the model's context of {architecture.NCtx}.");
        }

        var prompts = options.Prompts.Select(prompt => Texts.Parse(model, "--prompt", prompt)).ToArray();
        foreach (var full in prompts.Where(prompt => prompt.Length >= length))
        {
            throw new BadInputException($"--prompt {full}: has {full.Length} letters, so none is left to complete up to a length of {length}.");
        }

        world.RequireMemory(Memory.ofCompletion(architecture, prompts.Length, options.Interventions.Length), "the completion");
        var completions = Intervening.Checked(
            options.Interventions, () => CompletionModule.greedy(1, model.Task, model.Weights, options.Interventions, length, ListModule.OfSeq(prompts.Select(prompt => prompt.Tokens))));
        terminal.Result(
            () => new JsonObject { ["completions"] = Values.List(completions, completion => MeasurementJson.Of(model.Names, completion)) }.With(Intervening.Json(options.Interventions)),
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Table(model.Names, completions));
            });
    }

    private static Table Table(Vocabulary names, IEnumerable<Completion> completions)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("prompt", "completion", "expected");
        foreach (var completion in completions)
        {
            table.AddRow(
                new Text(VocabularyModule.toText(names, completion.Prompt)),
                Texts.Marked(names, completion),
                new Text(completion.Expected is { Value: var expected } ? VocabularyModule.toText(names, expected) : "-"));
        }

        return table;
    }
}
