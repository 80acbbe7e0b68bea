using Interp.Host.Explorer;
using Interp.Host.Pages;
using Interp.Pictures;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using static Interp.Host.Pages.MathMarkup;

namespace Interp.Host.Report.Sections;

/// <summary>Two layers: which heads feed which, and what becomes of the loss without.</summary>
internal static class CompositionSection
{
    public static Section Write(Reproduction run, FigureMarkup figures, bool isLive) => new("composition", "Two layers: heads that read heads", "Composition", Html.Of($"""
        <p>In a model of two layers a head can read what an earlier head wrote. There are three ways in: through its queries (<strong>Q-composition</strong>), its keys
        (<strong>K-composition</strong>) and its values (<strong>V-composition</strong>). Induction, as the field tells it, needs K-composition: a head of the first layer copies to each
        position the letter <em>before</em> it, and a head of the second layer looks, with the current letter as its query, for a position that carries this letter as
        its <em>previous</em> one. There it finds what followed, and copies it.</p>
        <p>What can be checked of that story is checked below. The K-composition term of an earlier head {Inline(Sub(Name("h"), Number("1")))} and a later head {Inline(Sub(Name("h"), Number("2")))} is a table from letters to letters,</p>
        {Display(Weight("E"), SubSup(Name("W"), Upright("QK"), Sub(Name("h"), Number("2"))), Operator("("), SubSup(Name("W"), Upright("OV"), Sub(Name("h"), Number("1"))), Sup(Operator(")"), Name("T")), SubSup(Name("W"), Name("E"), Name("T")))}
        <p>how much a letter looks for positions to which {Inline(Sub(Name("h"), Number("1")))} has moved a letter. If every letter looks for itself, its eigenvalues are positive and its eigenvalue score is
        1. The <strong>composition score</strong> of Elhage and others (2021) is cruder: |AB| / (|A| |B|) in Frobenius norms, how much of what one head writes the other
        reads at all. Both stand beside what random weights of the same shapes give.</p>
        {Html.Join(run.Models.Where(model => model.Composition is not null), model => Model(model, model.Composition!, figures))}
        {View.InStory(isLive, "composition", Html.Of($"Cut an edge, and <a href=\"#try\">see what the model says</a> then; it shows models of two layers."))}
        """),
        Html.Join(run.Models.Where(model => model.Composition is not null), model => Detail(model, model.Composition!, figures)));

    private static Html Model(ModelResults model, CompositionResults composition, FigureMarkup figures) => Html.Of($"""
        <h3>Which heads do what</h3>
        {Story(model, composition)}
        <h3>What queries and keys must read</h3>
        <p>The direct test: in later layers, let queries, keys or both read the embedding alone, as if no head had written anything, and leave values as they are. What
        the loss loses is what composition is worth.</p>
        {Tables.Of("The path experiment, nats a letter", Tables.Texts("Path", "queries read", "keys read", "this run", "the study’s"), PathLoss.Of(composition).Select(path => Path(model, path)))}
        <p>{PathReading(composition)}</p>
        {figures.One(
            $"{model.Name}-composition-paths",
            Html.Of($"<strong>The path experiment.</strong> Loss with later layers’ queries and keys cut off from earlier heads{(PathLoss.Of(model.Published) is null ? string.Empty : "; open diamonds are the study’s")}."),
            CommandLines.Compose(model))}
        {figures.Grid(
            3,
            composition.Scores.Select(score => score.Kind).Distinct().Select(kind => $"{model.Name}-composition-eigenvalues-{kind}"),
            Html.Of($"<strong>Eigenvalue scores of the composed circuits.</strong> A column is the head that writes, a row the head that reads. Blue is 1: each letter looks for, or makes likelier, itself; orange is −1. In brackets, what 95 % of random weights give."),
            CommandLines.Compose(model))}
        """);

    private static Html Detail(ModelResults model, CompositionResults composition, FigureMarkup figures) => Html.Of($"""
        {KeyTable(model, composition)}
        {figures.Grid(
            3,
            composition.Scores.Select(score => score.Kind).Distinct().Select(kind => $"{model.Name}-composition-{kind}"),
            Html.Of($"<strong>Composition scores.</strong> {Prose.Capital(Above(composition))}"),
            CommandLines.Compose(model))}
        """);

    private static string Above(CompositionResults composition) => Prose.List([.. composition.Scores.GroupBy(score => score.Kind).Select(kind =>
        $"{kind.Count(score => score.Norms.Score > score.Norms.Null.P975)} of {kind.Count()} pairs of heads {Words.Input(kind.Key)}-compose more than 97.5 % of random weights")]) + ".";

    private static Html[] Path(ModelResults model, PathLoss path)
    {
        return Tables.Texts(
            path.Name,
            path.Queries,
            path.Keys,
            Words.Nats(path.Loss),
            PathLoss.Of(model.Published)?.FirstOrDefault(published => published.Name == path.Name) is { } study ? Words.Nats(study.Loss) : "–");
    }

    private static string PathReading(CompositionResults composition)
    {
        var (direct, keys, queries, both) = (composition.Paths.Direct, composition.Paths.WithKeys, composition.Paths.WithQueries, composition.Paths.WithBoth);
        var gap = direct - both;
        if (gap < 0.05)
        {
            return $"Cutting both off changes the loss by {Words.Nats(gap)} nats: this model hardly composes through queries and keys.";
        }

        var (byKeys, byQueries) = ((direct - keys) / gap, (direct - queries) / gap);
        var rest = 1 - Math.Max(0, byKeys) - Math.Max(0, byQueries);
        return $"With the embedding alone to read, the loss is {Words.Nats(direct)}, {Words.Nats(gap)} more than whole. {Alone("keys", byKeys, keys)} {Alone("queries", byQueries, queries)} "
            + (rest > 0.02
                ? $"Both together win back all of it, {Words.Percent(rest)} of which neither wins back alone: here keys and queries work on what earlier heads wrote to both."
                : "The two hardly need each other.");

        static string Alone(string inputs, double share, double loss) => share > 0
            ? $"Letting {inputs} read earlier heads wins back {Words.Percent(share)} of that ({Words.Nats(loss)})."
            : $"Letting {inputs} alone read earlier heads makes it worse ({Words.Nats(loss)}): they look for what the other side does not show.";
    }

    private static Html KeyTable(ModelResults model, CompositionResults composition)
    {
        var keys = composition.Scores.Where(score => score.Kind.IsKeyInput).ToArray();
        var rows = keys.GroupBy(score => score.From).Select(from =>
        {
            var head = model.HeadScores.Heads.First(each => each.Head.Equals(from.Key));
            return Tables.Texts(
                Labels.Head(model.Configuration.Architecture, from.Key),
                Words.Percent(HeadSection.PreviousToken(head)),
                $"{Words.Score(from.Min(score => score.Eigenvalues.Score))} to {Words.Score(from.Max(score => score.Eigenvalues.Score))}",
                Words.Range(from.First().Eigenvalues.Null),
                $"{Words.Third(from.Min(score => score.Norms.Score))} to {Words.Third(from.Max(score => score.Norms.Score))}",
                Words.Range(from.First().Norms.Null));
        });
        return Tables.Of(
            "K-composition through each earlier head, least and most over later heads",
            Tables.Texts("Through", "looks at letter before", "eigenvalue score", "random weights", "composition score", "random weights"),
            rows);
    }

    /// <summary>The head of the first layer through which later heads search, judged by the least eigenvalue score of its K-composition terms.</summary>
    private static (HeadAddress Head, double Least) Carrier(CompositionResults composition) => composition.Scores
        .Where(score => score.Kind.IsKeyInput && score.From.Layer == 0)
        .GroupBy(score => score.From)
        .Select(from => (from.Key, from.Min(score => score.Eigenvalues.Score)))
        .MaxBy(head => head.Item2);

    /// <summary>Computed throughout: who is the previous-token head, whether the others compose through it, who copies.</summary>
    private static Html Story(ModelResults model, CompositionResults composition)
    {
        var earlier = model.HeadScores.Heads.Where(head => head.Head.Layer == 0).OrderByDescending(HeadSection.PreviousToken).ToArray();
        var carrier = Carrier(composition);
        var finder = earlier.First(head => head.Head.Equals(carrier.Head));
        // By its name: scores that are no numbers equal nothing, not even themselves.
        var rank = Array.FindIndex(earlier, head => head.Head.Equals(carrier.Head));
        var share = HeadSection.PreviousToken(finder);
        var random = finder.Blocks.Average(block => block.PreviousToken.Null.Mean);
        var name = $"head {finder.Head}";
        var through = composition.Scores.Where(score => score.Kind.IsKeyInput && score.From.Equals(carrier.Head)).Select(score => score.Eigenvalues.Score).ToArray();
        var others = composition.Scores.Where(score => score.Kind.IsKeyInput && score.From.Layer == 0 && !score.From.Equals(carrier.Head)).Select(score => score.Eigenvalues.Score).DefaultIfEmpty(0).ToArray();
        var untrained = composition.Scores.First(score => score.Kind.IsKeyInput).Eigenvalues.Null;
        var study = model.Published?.KComposition?.Value;
        var costs = model.Ablations[0].Heads.Where(head => head.Head.Layer == 0).OrderByDescending(head => head.Loss).ToArray();
        var place = Array.FindIndex(costs, head => head.Head.Equals(finder.Head));
        var readers = model.HeadScores.Heads.Where(head => head.Head.Layer > 0).ToArray();
        var inductive = readers.Where(head => HeadSection.Search(head) > HeadSection.Clearly).ToArray();
        var last = model.Circuits.OV.Where(head => head.Head.Layer == model.Configuration.Architecture.NLayers - 1).Select(head => head.Scores.Eigenvalues).ToArray();
        var first = model.Circuits.OV.Where(head => head.Head.Layer == 0).Select(head => head.Scores.Eigenvalues).ToArray();
        double[] judged = [carrier.Least, .. through, .. others, share, .. costs.Select(head => head.Loss), .. readers.Select(HeadSection.Search), .. last.Select(head => head.Score), .. first.Select(head => head.Score)];
        if (!judged.All(double.IsFinite))
        {
            return Html.Of($"<p>{Prose.NotFinite}</p>");
        }

        return Html.Of($"""
            <p><strong>Through whom do later heads search?</strong> Through {name}, if through any: its K-composition term has an eigenvalue score of {(carrier.Least >= 0.99
                ? $"at least {Words.Score(carrier.Least)} for every later head"
                : $"{Words.Score(through.Min())} to {Words.Score(through.Max())} over later heads")}. Through the other heads of the first layer it is anything from {Words.Score(others.Min())} to
            {Words.Score(others.Max())}; 95&#160;% of random weights give {Words.Range(untrained)}. {(carrier.Least > untrained.P975
                ? $"So every later head looks, by way of {name}, for positions to which its own current letter has been moved: the mark of induction."
                : "So not every later head searches through one and the same head.")}{(study is null ? string.Empty : $" In the study the score was at least {study.ThroughPreviousTokenHead} through its previous-token head, and between {Words.Minus(study.OthersLeast)} and {Words.Minus(study.OthersMost)} through the others.")}</p>
            <p><strong>Is it a previous-token head?</strong> {Prose.Capital(name)} gives the letter before {Words.Percent(share)} of its attention, over blocks of all lengths; random heads give {Words.Percent(random)}. {(rank == 0
                ? "No other head of its layer gives it more."
                : $"{Prose.Capital(Prose.Count(rank, "head"))} of its layer {(rank == 1 ? "gives" : "give")} it more: {earlier[0].Head} gives {Words.Percent(HeadSection.PreviousToken(earlier[0]))}.")}
            {(share > 2 * random ? "That makes it one." : share > random ? "It leans that way, no more: its attention is spread over many letters, and what it says of the one before is said faintly." : "So by its attention it is none.")}
            Taking it away costs {(place == 0 ? "more than taking away any other head of its layer" : $"less than taking away {Prose.Count(place, "other head")} of its layer")}: the loss becomes {Words.Nats(costs[place].Loss)}, from {Words.Nats(model.Ablations[0].Whole)}.</p>
            <p><strong>Do later heads find the place?</strong> Of {Prose.Number(readers.Length)}, {(inductive.Length == 0
                ? "none clearly looks at what followed this letter before"
                : $"{Prose.Number(inductive.Length)} ({Prose.List([.. inductive.Select(head => head.Head.ToString())])}) clearly {(inductive.Length == 1 ? "looks" : "look")} at what followed this letter before")}
            on blocks of lengths that the model has never seen, where counting five back leads elsewhere (<a href="#heads">their scores</a>).</p>
            <p><strong>And what do they make of it?</strong> They {(last.All(head => head.Score > 0.9) ? "copy it" : last.Average(head => head.Score) > 0.5 ? "mostly copy it" : "do not simply copy it")}: the OV circuits of the last layer have eigenvalue scores of
            {Words.Score(last.Min(head => head.Score))} to {Words.Score(last.Max(head => head.Score))}. Those of the first layer have {Words.Score(first.Min(head => head.Score))} to {Words.Score(first.Max(head => head.Score))} (95&#160;% of random weights: {Words.Range(last[0].Null)}). {(first.All(head => head.Score < 0)
                ? "Heads of the first layer speak against the letters they read: what they move is there to be searched by, not to be predicted."
                : string.Empty)}</p>
            """);
    }
}
