using Interp.Host.Endings;
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
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var architecture = checkpoint.Architecture;
        var length = options.Length?.Value ?? architecture.NCtx;
        if (length > architecture.NCtx)
        {
            throw new BadInputException($"--length {length} is more than the model's context of {architecture.NCtx}.");
        }

        var completions = Of(checkpoint, length, options.Prompts, options.Interventions);
        world.Terminal(options.Json).Result(
            () => new CompletionsJson(completions, Intervening.Printed(options.Interventions)),
            OutputJson.Default.CompletionsJson,
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Table(completions));
            });
    }

    /// <summary>Completes each prompt up to <paramref name="length"/> letters, prompt included.</summary>
    public static IReadOnlyList<Completion> Of(
        Checkpoint checkpoint, int length, IEnumerable<string> prompts, FSharpList<Intervention> interventions)
    {
        var tokens = prompts.Select(prompt => Texts.Parse(checkpoint.Architecture, "--prompt", prompt)).ToArray();
        foreach (var full in tokens.Where(prompt => prompt.Length >= length))
        {
            throw new BadInputException($"--prompt {Letters.toText(full)}: has {full.Length} letters, so none is left to complete up to a length of {length}.");
        }

        var whole = Intervening.Checked(interventions, () =>
        {
            var logits = Experiments.logits(1, checkpoint.Task, checkpoint.Weights, interventions);
            return Decoding.greedyWith(1, logits, length, ListModule.OfSeq(tokens));
        });
        return [.. whole
            .Zip(tokens, (whole, prompt) => Completion(Letters.toText(whole), Letters.toText(prompt)))];

        Completion Completion(string whole, string prompt) => new()
        {
            Prompt = prompt,
            Generated = whole[prompt.Length..],
            Expected = Texts.Expected(prompt, checkpoint.Task.BlockLength, length),
        };
    }

    private static Table Table(IReadOnlyList<Completion> completions)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("prompt", "completion", "expected");
        foreach (var completion in completions)
        {
            table.AddRow(new Text(completion.Prompt), Texts.Marked(completion), new Text(completion.Expected ?? "-"));
        }

        return table;
    }
}
