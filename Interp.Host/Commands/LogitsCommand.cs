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

/// <summary><c>interp logits</c>: what the model predicts after each letter of a text.</summary>
internal static class LogitsCommand
{
    /// <summary>Likeliest letters that the console shows for each position.</summary>
    private const int Shown = 3;

    public static void Run(World world, LogitsOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var text = Texts.Parse(model, "--text", options.Text);
        var explained = Explaining.InPlaceOf(1, model, options.Explanation);
        var logits = Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? InPlaceModule.logits(explained, interventions).Invoke(text.Tokens)
            : Intervened.logits(1, model.Task, model.Weights, interventions).Invoke(text.Tokens));
        var pictures = files.Write(() => PredictionFigures.OfText(text, logits));
        terminal.Result(
            () => new JsonObject { ["text"] = text.ToString(), ["logits"] = Values.Nested(logits) }.With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                console.Write(Table(text, logits));
                PictureFiles.Show(console, pictures);
            });
    }

    private static Table Table(NamedText text, Tensor logits)
    {
        var distributions = Grids.Matrix(TensorModule.softmax(logits));
        var table = new Table().Border(TableBorder.Rounded).AddColumns("pos", "letter", "next letter: likeliest first", "loss of the true one");
        for (var position = 0; position < text.Length; position++)
        {
            var probabilities = distributions[position];
            var likeliest = probabilities
                .Select((probability, letter) => (probability, letter))
                .OrderByDescending(entry => entry.probability)
                .Take(Shown)
                .Select(entry => $"{NamedText.Label(text.Names, entry.letter)} {Words.Share(entry.probability),5}");
            var loss = position + 1 < text.Length ? Words.Nats(-Math.Log(probabilities[text[position + 1]])) : "";
            table.AddRow(
                new Text(position.ToString()), new Text(text.Label(position)), new Text(string.Join("   ", likeliest)), new Text(loss));
        }

        return table;
    }
}
