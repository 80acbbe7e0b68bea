using Interp.Host.Analyses;
using Interp.Host.Figures;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp lens</c>: what the model would predict after each layer.</summary>
internal static class LensCommand
{
    public static void Run(World world, LensOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var tokens = Texts.Parse(checkpoint.Architecture, "--text", options.Text);
        var text = Letters.toText(tokens);
        var layers = LensAnalysis.Of(checkpoint.Weights, tokens);
        var pictures = PictureFiles.Write(world.Disk, options.Out, () => [TextFigures.Lens(text, layers)]);
        world.Terminal(options.Json).Result(
            () => new LensJson(text, layers, pictures),
            OutputJson.Default.LensJson,
            console =>
            {
                console.Write(Table(text, layers));
                PictureFiles.Show(console, pictures);
            });
    }

    /// <summary>The stream that a lens looks at.</summary>
    public static string Name(int layer, int layers) =>
        layer == 0 ? "embedding" : layer == layers ? $"behind layer {layer - 1}, the model" : $"behind layer {layer - 1}";

    private static Table Table(string text, IReadOnlyList<LensLayer> layers)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("likeliest next letter, its probability; in bold where it is the letter that follows")
            .AddColumns("pos", "letter")
            .AddColumns([.. layers.Select(layer => Name(layer.Layer, layers.Count - 1))]);
        for (var position = 0; position < text.Length; position++)
        {
            table.AddRow([$"{position}", $"{text[position]}", .. layers.Select(layer => Cell(layer.Logits[position], position + 1 < text.Length ? text[position + 1] : null))]);
        }

        return table;
    }

    private static string Cell(IReadOnlyList<float> logits, char? next)
    {
        var probabilities = LogitAnalysis.Softmax(logits);
        var (letter, probability) = probabilities.Index().MaxBy(entry => entry.Item);
        var shown = $"{Letters.name(letter)} {probability:0.0 %}";
        return Letters.name(letter) == next?.ToString() ? $"[bold]{shown}[/]" : shown;
    }
}
