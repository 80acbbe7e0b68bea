using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp compose</c>: which heads feed which, and what the model loses without.</summary>
internal static class ComposeCommand
{
    public static void Run(World world, ComposeOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        model.RequireHeads(options.Model);
        if (model.Architecture.NLayers < 2)
        {
            throw new BadInputException($"{options.Model}: has one layer, so no head reads another; expected a model of two layers or more.");
        }

        var threads = world.Threads(options.Threads);
        world.RequireMemory(
            Memory.ofComposition(threads, model.Architecture, model.Task, options.Reference.Sequences), "the composition");
        var explained = terminal.Busy("preparing", () => Explaining.InPlaceOf(threads, model, options.Explanation, options.Reference));
        var results = terminal.Busy("composing heads", () => Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? InPlaceModule.composition(explained, interventions, options.Reference)
            : CompositionResultsModule.measureWith(threads, model.Task, model.Weights, interventions, options.Reference)));
        var pictures = files.Write(() => CompositionFigures.Of("composition", results, null));
        terminal.Result(
            () => MeasurementJson.Of(results).With(Explaining.Json(options.Explanation)).With(Intervening.Json(options.Interventions)).With(Values.Pictures(pictures)),
            console =>
            {
                Explaining.Show(console, options.Explanation);
                Intervening.Show(console, options.Interventions);
                Show(console, results);
                PictureFiles.Show(console, pictures);
            });
    }

    public static void Show(IAnsiConsole console, CompositionResults results)
    {
        foreach (var kind in results.Scores.GroupBy(score => score.Kind))
        {
            var first = kind.First();
            var table = new Table()
                .Border(TableBorder.Rounded)
                .Title($"{Words.Input(kind.Key)}-composition")
                .AddColumns("from", "to", "score", "stands", "eigenvalue score", "stands");
            foreach (var score in kind)
            {
                table.AddRow(
                    score.From.ToString(),
                    score.To.ToString(),
                    Words.Third(score.Norms.Score),
                    Words.Standing(score.Norms.Standing),
                    Words.Score(score.Eigenvalues.Score),
                    Words.Standing(score.Eigenvalues.Standing));
            }

            table.AddEmptyRow();
            table.AddRow("random", "weights", Words.Null(first.Norms.Null), "", Words.Null(first.Eigenvalues.Null), "");

            console.Write(table);
        }

        var losses = new Table()
            .Border(TableBorder.Rounded)
            .Title("what later layers' queries and keys read (values are never cut)")
            .AddColumns("path", "queries", "keys", "loss, nats a letter");
        foreach (var path in PathLoss.Of(results))
        {
            losses.AddRow(path.Name, path.Queries, path.Keys, Words.Nats(path.Loss));
        }

        console.Write(losses);
    }
}
