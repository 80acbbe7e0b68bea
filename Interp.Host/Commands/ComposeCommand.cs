using Interp.Host.Figures;
using Interp.Host.Files;
using Interp.Host.Results;
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
        var results = terminal.Busy("composing heads", () => Of(
            world.Threads(options.Threads), checkpoint.Task, checkpoint.Weights, options.Reference));
        var pictures = PictureFiles.Write(world.Disk, options.Out, () => ApartFigures.Composition("composition", results, null));
        terminal.Result(
            () => new CompositionJson(results.Scores, results.Paths, pictures),
            OutputJson.Default.CompositionJson,
            console =>
            {
                Show(console, results);
                PictureFiles.Show(console, pictures);
            });
    }

    public static CompositionResults Of(int threads, Task task, Model<Tensor> weights, Reference reference) =>
        Results(weights, reference, Experiments.paths(threads, task, weights, reference));

    /// <summary>The same with the path experiment, which was carried out already.</summary>
    public static CompositionResults Results(Model<Tensor> weights, Reference reference, PathExperiment paths) => new()
    {
        Sequences = reference.Sequences,
        Seed = reference.Seed,
        Scores = [.. Composition.scores(weights).Select(score => new CompositionResult
        {
            Kind = score.Kind.ToString().ToUpperInvariant(),
            From = HeadPlace.Of(score.From),
            To = HeadPlace.Of(score.To),
            Score = score.Score,
            Baseline = NullDistribution.Of(score.Baseline),
            Standing = score.Standing,
            EigenvalueScore = score.EigenvalueScore,
            EigenvalueBaseline = NullDistribution.Of(score.EigenvalueBaseline),
            EigenvalueStanding = score.EigenvalueStanding,
        })],
        Paths = PathLoss.Of(paths, whole: paths.WithBoth),
    };

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
            var (queries, keys) = Reads(path.Name);
            losses.AddRow(path.Name, queries, keys, Words.Nats(path.Loss));
        }

        console.Write(losses);
    }

    /// <summary>What queries and keys read in a row of the path experiment.</summary>
    public static (string Queries, string Keys) Reads(string path) => path switch
    {
        "direct" => ("embedding", "embedding"),
        "direct+k" => ("embedding", "everything"),
        "direct+q" => ("everything", "embedding"),
        _ => ("everything", "everything"),
    };
}
