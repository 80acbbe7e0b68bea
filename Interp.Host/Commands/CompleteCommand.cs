using Interp.Host.Analyses;
using Interp.Host.Endings;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
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

        var prompts = options.Prompts.Select(prompt => Texts.Parse(architecture, "--prompt", prompt)).ToArray();
        foreach (var full in prompts.Where(prompt => prompt.Length >= length))
        {
            throw new BadInputException($"--prompt {Letters.toText(full)}: has {full.Length} letters, so none is left to complete up to a length of {length}.");
        }

        var completions = Intervening.Checked(options.Interventions, () => CompletionAnalysis.Of(checkpoint, length, prompts, options.Interventions));
        world.Terminal(options.Json).Result(
            () => new CompletionsJson(completions, Intervening.Printed(options.Interventions)),
            OutputJson.Default.CompletionsJson,
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Table(completions));
            });
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
