using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
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
        var data = Intervening.Checked(
            options.Interventions,
            () => Experiments.logits(1, checkpoint.Task, checkpoint.Weights, options.Interventions).Invoke(tokens).ToArray());
        var logits = Grids.Matrix(data, tokens.Length, checkpoint.Architecture.DVocab);
        world.Terminal(options.Json).Result(
            () => new LogitsJson(Letters.toText(tokens), logits, Intervening.Printed(options.Interventions)),
            OutputJson.Default.LogitsJson,
            console =>
            {
                Intervening.Show(console, options.Interventions);
                console.Write(Table(tokens.ToArray(), logits));
            });
    }

    private static Table Table(int[] tokens, IReadOnlyList<IReadOnlyList<float>> logits)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("pos", "letter", "next letter: likeliest first", "loss of the true one");
        for (var position = 0; position < tokens.Length; position++)
        {
            var probabilities = Softmax(logits[position]);
            var likeliest = probabilities
                .Select((probability, letter) => (probability, letter))
                .OrderByDescending(entry => entry.probability)
                .Take(Shown)
                .Select(entry => $"{Letters.name(entry.letter)} {entry.probability,5:0.0 %}");
            var loss = position + 1 < tokens.Length ? (-Math.Log(probabilities[tokens[position + 1]])).ToString("0.0000") : "";
            table.AddRow(
                new Text(position.ToString()), new Text(Letters.name(tokens[position])), new Text(string.Join("   ", likeliest)), new Text(loss));
        }

        return table;
    }

    public static double[] Softmax(IReadOnlyList<float> logits)
    {
        var largest = logits.Max();
        var exponentials = logits.Select(logit => Math.Exp(logit - largest)).ToArray();
        var sum = exponentials.Sum();
        return [.. exponentials.Select(exponential => exponential / sum)];
    }
}
