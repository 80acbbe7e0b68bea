using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp heads</c>: every head's scores on blocks of several lengths.</summary>
internal static class HeadsCommand
{
    public static void Run(World world, HeadsOptions options)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        model.RequireHeads(options.Model);
        var threads = world.Threads(options.Threads);
        world.RequireMemory(Memory.ofHeads(threads, model.Architecture, options.Reference.Sequences), "the scoring");
        var explained = terminal.Busy("preparing", () => Explaining.InPlaceOf(threads, model, options.Explanation, options.Reference));
        var results = terminal.Busy("scoring heads", () => Intervening.Checked(model, options.Interventions, interventions => explained is not null
            ? InPlaceModule.scoredHeads(explained, interventions, options.Reference)
            : Intervened.scoredHeads(threads, model.Architecture, model.Task, model.Weights, interventions, options.Reference)));
        var pictures = files.Write(() => HeadScoreFigures.Of("heads", results));
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

    private static void Show(IAnsiConsole console, ScoredHeads results)
    {
        for (var index = 0; index < results.Heads[0].Blocks.Length; index++)
        {
            var table = new Table()
                .Border(TableBorder.Rounded)
                .Title($"blocks of {results.Heads[0].Blocks[index].BlockLength} different letters, attention in %; * stands outside of 95 % of random weights")
                .AddColumns("head", "letter before", "same letter", "induction", "prefix matching", "five back", "entropy, nats");
            var blocks = results.Heads.Select(head => (Name: head.Head.ToString(), Block: head.Blocks[index])).ToArray();
            foreach (var (name, block) in blocks)
            {
                table.AddRow([name, .. Attention(block).Select(score => Marked(score, Share(score.Score))), Marked(block.Entropy, Words.Third(block.Entropy.Score))]);
            }

            var untrained = blocks[0].Block;
            table.AddEmptyRow();
            table.AddRow(["random weights", .. Attention(untrained).Select(score => Share(score.Null.Mean)), Words.Third(untrained.Entropy.Null.Mean)]);
            table.AddRow(["  standard deviation", .. Attention(untrained).Select(score => Share(score.Null.Std)), Words.Third(untrained.Entropy.Null.Std)]);
            table.AddRow(["  2.5th percentile", .. Attention(untrained).Select(score => Share(score.Null.P025)), Words.Third(untrained.Entropy.Null.P025)]);
            table.AddRow(["  97.5th percentile", .. Attention(untrained).Select(score => Share(score.Null.P975)), Words.Third(untrained.Entropy.Null.P975)]);
            console.Write(table);
        }

        var copying = new Table()
            .Border(TableBorder.Rounded)
            .Title("copying: 1 raises only letters of the sequence, -1 only others")
            .AddColumns("head", "copying", "of random weights", "stands");
        foreach (var head in results.Heads)
        {
            copying.AddRow(head.Head.ToString(), Words.Third(head.Copying.Score), Words.Null(head.Copying.Null), Words.Standing(head.Copying.Standing));
        }

        console.Write(copying);
        var learning = results.InContextLearning;
        Terminal.Line(console, $"In-context learning (loss of the last letter minus the first): {Words.Nats(learning.Score)} nats; random weights {Words.Null(learning.Null)}, this {Words.Standing(learning.Standing)}.");
    }

    private static Compared[] Attention(BlockScores<Compared> block) =>
        [block.PreviousToken, block.DuplicateToken, block.Induction, block.PrefixMatching, block.FiveBack];

    private static string Share(double share) => Words.Tenth(100 * share);

    private static string Marked(Compared score, string shown) => NullDistributionModule.stands(score) ? $"[bold]{shown}[/]*" : shown;
}
