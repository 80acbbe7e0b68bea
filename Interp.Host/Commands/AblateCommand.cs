using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp ablate</c>: the loss without each head.</summary>
internal static class AblateCommand
{
    public static void Run(World world, AblateOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var threads = world.Threads(options.Threads);
        world.RequireMemory(
            Memory.ofAblation(threads, model.Architecture, model.Task, options.Mode, options.Reference.Sequences, options.Pairs ? 2 : 1), "the ablation");
        var explained = terminal.Busy("preparing", () => Explaining.InPlaceOf(threads, model, options.Explanation, options.Reference));
        var results = terminal.Busy("ablating heads", () => Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? InPlaceModule.ablations(explained, interventions, options.Mode, options.Reference, options.Pairs)
            : AblationModule.measureWith(threads, model.Task, model.Weights, interventions, options.Mode, options.Reference, options.Pairs)));
        var pictures = files.Write(() => results.Heads.IsEmpty ? [] : AblationFigures.Of("ablation", "Loss without a head", results));
        terminal.Result(
            () => MeasurementJson.Of(results).With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                if (results.Heads.IsEmpty)
                {
                    Terminal.Line(console, $"The model has no heads, so there is nothing to ablate; its loss is {Words.Nats(results.Whole)} nats a letter.");
                    return;
                }

                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                console.Write(Table(results));
                if (!results.Pairs.IsEmpty)
                {
                    console.Write(PairTable(results));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    public static Table Table(Ablations results)
    {
        var estimated = results.Heads.Any(head => head.FirstOrder is not null);
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title($"loss without a head ({results.Mode} ablation), nats a letter; whole model {Words.Nats(results.Whole)}")
            .AddColumns("head", "loss", "more than whole");
        if (estimated)
        {
            table.AddColumn("loss to first order (gradient x activation)");
        }

        foreach (var head in results.Heads)
        {
            string[] cells = [head.Head.ToString(), Words.Nats(head.Loss), Words.Nats(head.Loss - results.Whole)];
            table.AddRow(head.FirstOrder is { Value: var estimate } ? [.. cells, Words.Nats(estimate)] : cells);
        }

        return table;
    }

    private static Table PairTable(Ablations results)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("loss without two heads; beside it what the two would cost if their losses added")
            .AddColumns("heads", "loss", "if they added");
        foreach (var pair in results.Pairs)
        {
            var added = results.Whole + pair.Heads.Sum(place => results.Heads.First(head => head.Head.Equals(place)).Loss - results.Whole);
            table.AddRow(string.Join(" and ", pair.Heads), Words.Nats(pair.Loss), Words.Nats(added));
        }

        return table;
    }
}
