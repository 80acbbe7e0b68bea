using Interp.Host.Json;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp explain</c>: explanations beside their model.</summary>
internal static class ExplainCommand
{
    public static void Run(World world, ExplainOptions options)
    {
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var own = NumbersKept.ofParts(PartsModule.exact(model.Architecture));
        var explanations = options.Explanations
            .Select(given => (Text: given.Item1, Parts: NumbersKept.each(Explaining.Checked(() => PartsModule.expand(model.Architecture, given.Item2)))))
            .ToArray();
        terminal.Result(
            () => new()
            {
                ["model"] = ExplanationJson.Model(own, Interp.Model.parameters(model.Weights)),
                ["explanations"] = Values.List(explanations, explanation => ExplanationJson.Of(explanation.Text, explanation.Parts)),
            },
            console =>
            {
                Terminal.Line(console, $"The model's parts are {Words.Count(own)} numbers.");
                foreach (var (text, parts) in explanations)
                {
                    console.Write(Kept(text, parts, own));
                }
            });
    }

    private static Table Kept(string text, FSharpList<KeptNumbers> parts, long own)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title(Names.Markup($"{text}: keeps {Words.Count(parts.Sum(part => part.Numbers))} of {Words.Count(own)} numbers"))
            .AddColumns("part", "kept", "numbers");
        foreach (var part in parts)
        {
            table.AddRow(Names.Markup(part.Part), Names.Markup(part.Form), Words.Count(part.Numbers));
        }

        return table;
    }
}
