using Interp.Host.Analyses;
using Interp.Host.Endings;
using Interp.Host.Figures;
using Interp.Host.Results;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp compose</c>: which heads feed which, and what the model loses without.</summary>
internal static class ComposeCommand
{
    public static void Run(World world, ComposeOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        if (checkpoint.Architecture.NLayers < 2)
        {
            throw new BadInputException($"{options.Model}: has one layer, so no head reads another; expected a model of two layers or more.");
        }

        var terminal = world.Terminal(options.Json);
        var results = terminal.Busy("composing heads", () => CompositionAnalysis.Of(
            world.Threads(options.Threads), checkpoint.Task, checkpoint.Weights, options.Reference));
        var pictures = PictureFiles.Write(world.Disk, options.Out, () => CompositionFigures.Of("composition", results, null));
        terminal.Result(
            () => new CompositionJson(results.Scores, results.Paths, pictures),
            OutputJson.Default.CompositionJson,
            console =>
            {
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
                .Title($"{kind.Key}-composition")
                .AddColumns("from", "to", "score", "stands", "eigenvalue score", "stands");
            foreach (var score in kind)
            {
                table.AddRow(
                    score.From.ToString(),
                    score.To.ToString(),
                    Words.Third(score.Score),
                    Words.Standing(score.Standing),
                    Words.Score(score.EigenvalueScore),
                    Words.Standing(score.EigenvalueStanding));
            }

            table.AddEmptyRow();
            table.AddRow("random", "weights", Words.Null(first.Baseline), "", Words.Null(first.EigenvalueBaseline), "");

            console.Write(table);
        }

        var losses = new Table()
            .Border(TableBorder.Rounded)
            .Title("what later layers' queries and keys read (values are never cut)")
            .AddColumns("path", "queries", "keys", "loss, nats a letter");
        foreach (var path in results.Paths)
        {
            var (queries, keys) = CompositionAnalysis.Reads(path.Name);
            losses.AddRow(path.Name, queries, keys, Words.Nats(path.Loss));
        }

        console.Write(losses);
    }
}
