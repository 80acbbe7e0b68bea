using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp lens</c>: what the model would predict after each layer.</summary>
internal static class LensCommand
{
    public static void Run(World world, LensOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var text = Texts.Parse(model, "--text", options.Text);
        world.RequireMemory(Memory.ofPaths(model.Architecture, options.Explanation is null ? 1 : text.Length), "the lens");
        var explained = Explaining.InPlaceOf(1, model, options.Explanation);
        Tensor[] layers = [.. Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? InPlaceModule.lens(explained, text.Length, InPlaceModule.paths(explained, interventions).Invoke(text.Tokens))
            : Intervened.lens(1, model.Task, model.Weights, interventions).Invoke(text.Tokens))];
        var pictures = files.Write(() => [TextFigures.Lens(text, layers)]);
        terminal.Result(
            () => new JsonObject
            {
                ["text"] = text.ToString(),
                ["layers"] = Values.List(layers.Index(), layer => new JsonObject { ["layer"] = layer.Index, ["logits"] = Values.Nested(layer.Item) }),
            }.With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                console.Write(Table(text, layers));
                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>The stream that a lens looks at.</summary>
    public static string Name(int layer, int layers) =>
        layer == 0 ? layers == 0 ? "embedding, the model" : "embedding" : layer == layers ? $"behind layer {layer - 1}, the model" : $"behind layer {layer - 1}";

    private static Table Table(NamedText text, Tensor[] layers)
    {
        var probabilities = layers.Select(layer => Grids.Matrix(TensorModule.softmax(layer))).ToArray();
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("likeliest next letter, its probability; with * where it is the letter that follows")
            .AddColumns("pos", "letter")
            .AddColumns([.. layers.Select((_, layer) => Name(layer, layers.Length - 1))]);
        for (var position = 0; position < text.Length; position++)
        {
            table.AddRow([$"{position}", Names.Markup(text.Label(position)), .. probabilities.Select(layer => Cell(text.Names, layer[position], position + 1 < text.Length ? text[position + 1] : null))]);
        }

        return table;
    }

    private static string Cell(Vocabulary names, IReadOnlyList<float> probabilities, int? next)
    {
        var (letter, probability) = probabilities.Index().MaxBy(entry => entry.Item);
        var shown = $"{Names.Markup(NamedText.Label(names, letter))} {Words.Share(probability)}";
        return letter == next ? $"[bold]{shown}[/]*" : shown;
    }
}
