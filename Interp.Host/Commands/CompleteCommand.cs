using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Given;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp complete</c>: continues prompts.</summary>
internal static class CompleteCommand
{
    public static void Run(World world, CompleteOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var architecture = model.Architecture;
        var length = options.Length?.Value ?? architecture.NCtx;
        if (length > architecture.NCtx)
        {
            throw new BadInputException($"--length {length} is more than the model's context of {architecture.NCtx}.");
        }

        var lines = options.PromptFile is { Value: var file } ? PromptFile.Read(world, file) : [];
        NamedText[] prompts =
        [
            .. options.Prompts.Select(prompt => Short($"--prompt {prompt}", Texts.Parse(model, "--prompt", prompt), length)),
            .. lines.Select(line => Short(line.Place, Texts.Parse(model, line.Place, line.Text, isPlace: true), length)),
        ];

        world.RequireMemory(Memory.ofCompletion(architecture, prompts.Length, options.Interventions.Length), "the completion");
        var tokens = ListModule.OfSeq(prompts.Select(prompt => prompt.Tokens));
        var sampling = options.Sampling?.Value;
        var explained = Explaining.InPlaceOf(1, model, options.Explanation);
        var completions = Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? InPlaceModule.complete(explained, interventions, options.Sampling, length, tokens)
            : sampling is null
            ? CompletionModule.greedy(1, model.Task, model.Weights, interventions, length, tokens)
            : CompletionModule.sample(1, model.Task, model.Weights, interventions, sampling, length, tokens));
        var pictures = files.Write(() => Intervening.Checked(model, options.Interventions, interventions =>
        {
            var logits = explained is null ? Intervened.logits(1, model.Task, model.Weights, interventions) : InPlaceModule.logits(explained, interventions);
            return PredictionFigures.OfCompletions([.. completions.Select(completion => Written(model.Names, completion, logits))]);
        }));
        terminal.Result(
            () => new JsonObject { ["completions"] = Values.List(completions, completion => MeasurementJson.Of(model.Names, completion)) }.With(Json(sampling)).With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                console.Write(Table(model.Names, completions));
                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>A prompt that leaves something to write.</summary>
    private static NamedText Short(string place, NamedText prompt, int length) => prompt.Length < length
        ? prompt
        : throw new BadInputException($"{place}: has {prompt.Length} letters, so none is left to complete up to a length of {length}.");

    /// <summary>Prompt and completion, and the probability that each letter of the completion had.</summary>
    private static (NamedText Text, int Prompt, IReadOnlyList<double> Probabilities) Written(
        Vocabulary names, Completion completion, FSharpFunc<Tokens, Tensor> logits)
    {
        var text = new NamedText(names, TokensModule.append(completion.Prompt, completion.Written));
        var probabilities = Grids.Matrix(TensorModule.softmax(logits.Invoke(text.Tokens)));
        return (text, completion.Prompt.Length, [.. Enumerable.Range(completion.Prompt.Length, completion.Written.Length).Select(place => (double)probabilities[place - 1][text[place]])]);
    }

    private static JsonObject Json(Sampling? sampling) => sampling is null ? [] : new()
    {
        ["temperature"] = Values.Number(sampling.Temperature),
        ["top_k"] = sampling.TopK?.Value,
        ["seed"] = sampling.Seed,
    };

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
