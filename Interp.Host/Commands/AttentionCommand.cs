using System.Text.Json.Nodes;
using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp attention</c>: where every head looks.</summary>
internal static class AttentionCommand
{
    /// <summary>Offsets that fit on the console; --json has all of every pattern.</summary>
    private const int MostOffsets = 16;

    public static void Run(World world, AttentionOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        model.RequireHeads(options.Model);
        switch (options.Input)
        {
            case AttentionInput.OneText given:
                var tokens = Texts.Parse(model, "--text", given.text);
                world.RequireMemory(Memory.ofAttention(1, model.Architecture, tokens.Length, 1, options.Json), "the attention");
                var one = Explaining.InPlaceOf(1, model, options.Explanation);
                var patterns = Intervening.Checked(model, options.Interventions, interventions => one is null
                    ? Intervened.patterns(1, model.Task, model.Weights, interventions).Invoke(tokens.Tokens)
                    : InPlaceModule.patterns(one, interventions, tokens.Tokens));
                IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers = [.. patterns.Select(Grids.Matrices)];
                var pictures = files.Write(() => AttentionMaps.Of(tokens, layers));
                Result(terminal, options, patterns, layers, pictures, console => ShowText(console, tokens, layers));
                break;
            case AttentionInput.RandomSequences random:
                var threads = world.Threads(options.Threads);
                world.RequireMemory(Memory.ofAttention(threads, model.Architecture, model.Task.Length, random.count, options.Json), "the average");
                var sequences = Sequences.heldOut(model.Task, new(random.count, random.seed));
                var explained = terminal.Busy("preparing", () => Explaining.InPlaceOf(threads, model, options.Explanation, new(random.count, random.seed)));
                var averages = terminal.Busy(
                    "averaging attention",
                    () => Intervening.Checked(model, options.Interventions, interventions => explained is null
                        ? Intervened.attention(threads, model.Task, model.Weights, interventions, sequences)
                        : InPlaceModule.attention(explained, interventions, sequences)));
                IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> means = [.. averages.Select(Grids.Matrices)];
                IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> offsets = [.. averages.Select(average => Grids.Matrix(Attention.byOffset(average)))];
                Result(terminal, options, averages, means, files.Write(() => AttentionMaps.Of(means, offsets)), console => ShowByOffset(console, offsets));
                break;
        }
    }

    /// <summary>Attention by offset, in percent: a table a layer, a row a head, its greatest share in bold.</summary>
    public static void ShowByOffset(IAnsiConsole console, IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> layers)
    {
        foreach (var (layer, heads) in layers.Index())
        {
            var shown = Math.Min(heads[0].Count, MostOffsets);
            var table = new Table().Border(TableBorder.Rounded).AddColumn("head");
            for (var offset = 0; offset < shown; offset++)
            {
                table.AddColumn(new TableColumn(offset == 0 ? "self" : $"{offset}").RightAligned());
            }

            foreach (var (head, offsets) in heads.Index())
            {
                var most = offsets.Max();
                table.AddRow([
                    $"{head}",
                    .. offsets.Take(shown).Select(mass => mass == most ? $"[bold]{Words.Tenth(100 * mass)}[/]" : Words.Tenth(100 * mass)),
                ]);
            }

            console.WriteLine($"Layer {layer}: average attention by offset, % ({(shown < heads[0].Count ? $"the first {shown} offsets" : "positions back")})");
            console.Write(table);
        }
    }

    private static void Result(
        Terminal terminal,
        AttentionOptions options,
        FSharpList<Tensor> patterns,
        IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers,
        IReadOnlyList<string>? pictures,
        Action<IAnsiConsole> show) =>
        terminal.Result(
            () => new JsonObject { ["patterns"] = Values.List(patterns, Values.Nested) }
                .With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                if (options.Maps && TerminalMap.IsPossible(console))
                {
                    ShowMaps(console, layers);
                }

                show(console);
                PictureFiles.Show(console, pictures);
            });

    /// <summary>Every head beside the others of its layer, on one scale.</summary>
    private static void ShowMaps(IAnsiConsole console, IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers)
    {
        var top = AttentionMaps.Top(layers);
        foreach (var (layer, heads) in layers.Index())
        {
            TerminalMap.Write(
                console,
                $"Layer {layer}: from each position (rows, the first at the top) to each earlier one (columns); white is 0, dark {Words.Hundredth(top)} or more.",
                [.. heads.Select((pattern, head) => new SmallMap($"head {head}", [.. pattern.Select((row, position) =>
                    (IReadOnlyList<double?>)[.. row.Select((mass, key) => key > position ? (double?)null : mass / top)])]))],
                diverging: false);
        }
    }

    /// <summary>For every position, what each head looks at most.</summary>
    private static void ShowText(IAnsiConsole console, NamedText tokens, IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> patterns)
    {
        for (var layer = 0; layer < patterns.Count; layer++)
        {
            var table = new Table()
                .Border(TableBorder.Rounded)
                .Title($"layer {layer}: most attended letter, its position and its share")
                .AddColumns("pos", "letter")
                .AddColumns([.. patterns[layer].Select((_, head) => $"head {head}")]);
            for (var position = 0; position < tokens.Length; position++)
            {
                table.AddRow([$"{position}", Names.Markup(tokens.Label(position)), .. patterns[layer].Select(head => Most(head[position]))]);
            }

            console.Write(table);
        }

        string Most(IReadOnlyList<float> row)
        {
            var (mass, key) = row.Select((mass, key) => (mass, key)).MaxBy(entry => entry.mass);
            return $"{Names.Markup(tokens.Label(key))} at {key}, {Words.Share(mass)}";
        }
    }
}
