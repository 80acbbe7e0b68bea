using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp logits</c>: what the model predicts after each letter of a text.</summary>
internal static class LogitsCommand
{
    /// <summary>Likeliest letters that the console shows for each position.</summary>
    private const int Shown = 3;

    public static void Run(World world, LogitsOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var tokens = Texts.Parse(checkpoint.Architecture, "--text", options.Text);
        var logits = Intervening.Checked(options.Interventions, () => Intervened.logits(1, checkpoint.Task, checkpoint.Weights, options.Interventions).Invoke(tokens));
        world.Terminal(options.Json).Result(
            () => new JsonObject { ["text"] = Letters.toText(tokens), ["logits"] = Values.Nested(logits) }.With(Intervening.Json(options.Interventions)),
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Table(tokens.ToArray(), logits));
            });
    }

    private static Table Table(int[] tokens, Tensor logits)
    {
        var distributions = Grids.Matrix(TensorModule.softmax(logits));
        var table = new Table().Border(TableBorder.Rounded).AddColumns("pos", "letter", "next letter: likeliest first", "loss of the true one");
        for (var position = 0; position < tokens.Length; position++)
        {
            var probabilities = distributions[position];
            var likeliest = probabilities
                .Select((probability, letter) => (probability, letter))
                .OrderByDescending(entry => entry.probability)
                .Take(Shown)
                .Select(entry => $"{Letters.name(entry.letter)} {Words.Share(entry.probability),5}");
            var loss = position + 1 < tokens.Length ? Words.Nats(-Math.Log(probabilities[tokens[position + 1]])) : "";
            table.AddRow(
                new Text(position.ToString()), new Text(Letters.name(tokens[position])), new Text(string.Join("   ", likeliest)), new Text(loss));
        }

        return table;
    }
}
