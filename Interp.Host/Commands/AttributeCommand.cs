using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp attribute</c>: the logits at a position as a sum over paths.</summary>
internal static class AttributeCommand
{
    /// <summary>Letters and paths that the console shows.</summary>
    private const int ShownLetters = 4;

    private const int ShownPaths = 24;

    public static void Run(World world, AttributeOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var text = Texts.Parse(model, "--text", options.Text);
        var position = options.Position?.Value ?? text.Length - 1;
        if (position < 0 || position >= text.Length)
        {
            throw new BadInputException($"--position {position}: the text has positions 0 to {text.Length - 1}.");
        }

        world.RequireMemory(Memory.ofPaths(model.Architecture, text.Length), "the attribution");
        var explained = Explaining.InPlaceOf(1, model, options.Explanation);
        var (whole, direct, paths) = Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? OfExplanation(explained, interventions, text.Tokens)
            : (
                Intervened.logits(1, model.Task, model.Weights, interventions).Invoke(text.Tokens),
                Intervened.direct(1, model.Task, model.Weights, interventions).Invoke(text.Tokens),
                Intervened.paths(1, model.Task, model.Weights, interventions).Invoke(text.Tokens)));
        var logits = TensorModule.select(0, position, whole).ToArray();
        var pictures = files.Write(() => [TextFigures.Attribution(text, position, direct), TextFigures.Attribution(text, position, paths, "attribution-paths")]);
        terminal.Result(
            () => new JsonObject
            {
                ["text"] = text.ToString(),
                ["position"] = position,
                ["logits"] = Values.Floats(logits),
                ["direct"] = Values.List(direct, term => MeasurementJson.Of(term, position)),
                ["paths"] = Values.List(paths, term => MeasurementJson.Of(term, position)),
            }.With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                Terminal.Line(console, $"Logits after {text.UpTo(position)}, position {position}, each term less its mean over letters:");
                console.Write(Table(model.Names, "written directly", direct, position, logits));
                if (paths.Length > direct.Length)
                {
                    console.Write(Table(model.Names, "paths through heads' values, attention held fixed, by strength", Strongest(paths, position, logits), position, logits));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>An explanation's logits and terms.</summary>
    private static (Tensor Logits, FSharpList<PathTerm> Direct, FSharpList<PathTerm> Paths) OfExplanation(
        InPlace explained, FSharpList<Intervention> interventions, Tokens text)
    {
        var paths = InPlaceModule.paths(explained, interventions).Invoke(text);
        return (InPlaceModule.logits(explained, interventions).Invoke(text), InPlaceModule.direct(explained, paths), paths);
    }

    private static PathTerm[] Strongest(IReadOnlyList<PathTerm> terms, int position, IReadOnlyList<float> logits)
    {
        var likeliest = logits.Index().MaxBy(entry => entry.Item).Index;
        return [.. terms.OrderByDescending(term => Math.Abs(Words.Centred(term, position)[likeliest])).Take(ShownPaths)];
    }

    private static Table Table(Vocabulary names, string title, IReadOnlyList<PathTerm> terms, int position, IReadOnlyList<float> logits)
    {
        var letters = logits.Index().OrderByDescending(entry => entry.Item).Take(ShownLetters).Select(entry => entry.Index).ToArray();
        var table = new Table().Border(TableBorder.Rounded).Title(title).AddColumn("term");
        foreach (var letter in letters)
        {
            table.AddColumn(new TableColumn(Names.Markup(NamedText.Label(names, letter))).RightAligned());
        }

        foreach (var term in terms)
        {
            table.AddRow([Words.Term(term), .. Cells(Words.Centred(term, position), letters)]);
        }

        table.AddEmptyRow();
        table.AddRow(["all terms", .. Cells(logits, letters)]);
        return table;
    }

    private static IEnumerable<string> Cells(IReadOnlyList<float> logits, int[] letters)
    {
        var mean = logits.Average();
        return letters.Select(letter => Words.Third(logits[letter] - mean));
    }
}
