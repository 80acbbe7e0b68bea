using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Host.Report.Sections;

/// <summary>What heads do on blocks of other lengths, where a fixed distance and a search for the letter part.</summary>
internal static class HeadSection
{
    public static Section Write(Reproduction run, FigureMarkup figures) => new("heads", "A fixed distance, or a search?", "Heads", Html.Of($"""
        <p>On the blocks of {run.Models[0].Repetition.BlockLength} that the models were trained on, “looks {run.Models[0].Repetition.BlockLength - 1} back” and “looks at what followed
        this letter last time” (<strong>induction</strong>) are the same stripe. On blocks of other lengths they are not: a head that searches follows the block, a head that
        counts stays where it is. So here is each head on blocks of {Prose.List([.. run.Models[0].HeadScores.Heads[0].Blocks.Select(block => block.BlockLength.ToString())])} different
        letters, {Words.Count(run.Models[0].HeadScores.Reference.Sequences)} sequences of each. No model has seen any length but {run.Models[0].Repetition.BlockLength}. The numbers are
        mean attention to one kind of place; beside them stands what heads with random weights give, which spread their attention all but evenly.</p>
        {Html.Join(run.Models, Model)}
        """),
        Html.Join(run.Models, model => Detail(model, figures)));

    private static Html Model(ModelResults model)
    {
        var trained = model.Repetition.BlockLength;
        var telling = Prose.List([.. Telling(model.HeadScores.Heads[0]).Select(block => block.BlockLength.ToString())]);
        var rows = model.HeadScores.Heads.Select(head =>
        {
            var block = HeadScores.at(trained, head);
            return Tables.Texts(
                Labels.Head(model.Configuration.Architecture, head.Head),
                Words.Percent(block.PreviousToken.Score),
                Words.Percent(block.Induction.Score),
                Words.Percent(block.PrefixMatching.Score),
                Words.Percent(Mean(head, each => each.PrefixMatching.Score)),
                Words.Percent(Mean(head, each => each.FiveBack.Score)),
                Words.Third(block.Entropy.Score),
                Words.Third(head.Copying.Score));
        });
        var first = model.HeadScores.Heads[0];
        var at = HeadScores.at(trained, first);
        var random = Tables.Texts(
            "95\u00A0% of random heads",
            Share(at.PreviousToken.Null),
            Share(at.Induction.Null),
            Share(at.PrefixMatching.Null),
            $"mean {Words.Percent(Mean(first, each => each.PrefixMatching.Null.Mean))}",
            $"mean {Words.Percent(Mean(first, each => each.FiveBack.Null.Mean))}",
            Words.Range(at.Entropy.Null),
            Words.Range(first.Copying.Null));
        var learning = model.HeadScores.InContextLearning;
        return Html.Of($"""
            <h3>{Labels.Model(model)}</h3>
            <p>{Reading(model)}</p>
            {Tables.Of(
                $"Head scores, {Prose.Keys(model)}",
                Tables.Texts("Head", "letter before", "induction", "prefix matching", $"the same, blocks of {telling}", $"five back, blocks of {telling}", "entropy, nats", "copying"),
                [.. rows, random])}
            <p class="note">Where no length is given, blocks have {trained} letters. Induction is attention to what followed this letter the last time, prefix matching to what followed it
            any time before. On blocks of {telling} five back is neither. Copying is the share of what a head raises that goes to letters of the sequence, from −1 (none) to 1
            (all). From the first prediction to the last the loss changes by {Words.Nats(learning.Score)} nats (in-context learning; random weights: {Words.Range(learning.Null)}).</p>
            """);
    }

    private static Html Detail(ModelResults model, FigureMarkup figures) => figures.Grid(
        3,
        HeadScoreFigures.Of($"{model.Name}-heads", model.HeadScores).Select(figure => figure.Name),
        Html.Of($"<strong>{Labels.Model(model)}, attention in % by block length.</strong> The last row is the mean over heads with random weights; all four pictures start at 0."),
        CommandLines.Heads(model));

    /// <summary>Attention to the letter before, over all block lengths.</summary>
    public static double PreviousToken(HeadScores<Compared> head) => head.Blocks.Average(block => block.PreviousToken.Score);

    /// <summary>The block lengths on which five back is no place that a search for the letter would lead to.</summary>
    public static IEnumerable<BlockScores<Compared>> Telling(HeadScores<Compared> head) =>
        head.Blocks.Where(block => 5 % block.BlockLength != 0 && 5 % block.BlockLength != block.BlockLength - 1);

    public static double Mean(HeadScores<Compared> head, Func<BlockScores<Compared>, double> score) => Telling(head).Select(score).DefaultIfEmpty(0).Average();

    /// <summary>How many times as much as random heads a head looks at what followed the letter, on lengths that tell.</summary>
    public static double Search(HeadScores<Compared> head) =>
        Mean(head, block => block.PrefixMatching.Score) / Math.Max(1e-9, Mean(head, block => block.PrefixMatching.Null.Mean));

    /// <summary>From this many times on a head is said to do more of something than random heads.</summary>
    public const double Clearly = 1.25;

    private static string Share(NullDistribution random) => $"{Words.Percent(random.P025)} to {Words.Percent(random.P975)}";

    private static string Reading(ModelResults model)
    {
        var trained = model.Repetition.BlockLength;
        var best = model.HeadScores.Heads.MaxBy(head => HeadScores.at(trained, head).PrefixMatching.Score)!;
        var name = Labels.Head(model.Configuration.Architecture, best.Head);
        var block = HeadScores.at(trained, best).PrefixMatching;
        if (!model.HeadScores.Heads.All(head => double.IsFinite(Search(head)) && double.IsFinite(HeadScores.at(trained, head).PrefixMatching.Score)))
        {
            return Prose.NotFinite;
        }

        if (block.Score <= block.Null.P975)
        {
            return $"On blocks of {trained}, no head looks at what followed this letter more than random heads do.";
        }

        var search = Search(best);
        var searchers = model.HeadScores.Heads.Count(head => Search(head) > Clearly);
        var count = Mean(best, each => each.FiveBack.Score) / Math.Max(1e-9, Mean(best, each => each.FiveBack.Null.Mean));
        var verdict = (search > Clearly, count > Clearly) switch
        {
            (true, false) => "it searches for the letter",
            (false, true) => "it counts, and looks five back whatever the block",
            (true, true) => search > count ? "it searches for the letter more than it counts, but does both" : "it counts more than it searches for the letter, but does both",
            _ => "of its habit little is left: on other lengths it neither searches nor counts",
        };
        return $"{name} looks the most at what followed this letter on blocks of {trained}: with {Words.Percent(block.Score)} of its attention, where random heads give {Words.Percent(block.Null.Mean)}. "
            + $"On lengths that tell, it gives such places {Words.Tenth(search)} times as much as random heads, and the letter five back {Words.Tenth(count)} times as much: {verdict}. "
            + $"Of {Prose.Number(model.HeadScores.Heads.Length)}, {Prose.Count(searchers, "head")} clearly {(searchers == 1 ? "searches" : "search")}.";
    }
}
