using Interp.Host.Commands;
using Interp.Host.Results;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>Ablations, head scores, composition, attribution, patching and the lens in pictures.</summary>
internal static class ApartFigures
{
    private const int Width = 540;
    private const int Height = 400;

    /// <summary>The loss without each head, and without every two where they were asked for.</summary>
    public static IReadOnlyList<Figure> Ablation(string name, string title, AblationResults results)
    {
        var single = new Figure(
            name,
            $"{title}, {results.Mode} ablation: " + string.Join("; ", results.Heads.Select(head => $"head {head.Layer}.{head.Head}, {Words.Nats(head.Loss)}"))
            + $"; the whole model, {Words.Nats(results.Baseline)}.",
            Width, Height,
            () => Charts.Bars(
                $"{title} ({results.Mode} ablation)",
                "loss (nats a letter)",
                [.. results.Heads.Select(head => ($"{head.Layer}.{head.Head}", head.Loss, Palette.Of(head.Layer)))],
                ("whole model", results.Baseline)));
        return results.Pairs is { } pairs ? [single, Pairs($"{name}-pairs", results, pairs)] : [single];
    }

    /// <summary>K-, Q- and V-composition with their eigenvalue scores, and the path experiment.</summary>
    public static IReadOnlyList<Figure> Composition(string name, CompositionResults results, PublishedModel? study) =>
    [
        Paths($"{name}-paths", results, study),
        .. results.Scores.GroupBy(score => score.Kind).Select(kind => Scores($"{name}-{kind.Key.ToLowerInvariant()}", kind.Key, [.. kind])),
        .. results.Scores.GroupBy(score => score.Kind).Select(kind => Eigenvalues($"{name}-eigenvalues-{kind.Key.ToLowerInvariant()}", kind.Key, [.. kind])),
    ];

    /// <summary>Attention scores of every head by block length.</summary>
    public static IReadOnlyList<Figure> Heads(string name, HeadScoreResults results) =>
    [
        ByBlock($"{name}-previous-token", "Letter before", results, block => block.PreviousToken),
        ByBlock($"{name}-induction", "Induction", results, block => block.Induction),
        ByBlock($"{name}-five-back", "Five back", results, block => block.FiveBack),
        ByBlock($"{name}-prefix-matching", "Prefix matching", results, block => block.PrefixMatching),
    ];

    /// <summary>Terms of a prediction by letter.</summary>
    public static Figure Attribution(string text, int position, IReadOnlyList<TermJson> terms, string name = "attribution")
    {
        var values = terms.Select(term => (IReadOnlyList<float>)[.. term.Logits.Select(logit => logit - term.Logits.Average())]).ToArray();
        var most = Math.Max(values.Max(row => row.Max(Math.Abs)), float.Epsilon);
        return new(
            name,
            $"Logits after {text[..(position + 1)]} as a sum of {terms.Count} terms (rows) for each letter (columns), each term less its mean; values reach {most:0.0}.",
            720, 150 + (24 * terms.Count),
            () => Charts.Cells(
                $"Logits after {text[..(position + 1)]}", "letter predicted", string.Empty, "logit", values,
                [.. terms.Select(AttributeCommand.Name)], [.. Enumerable.Range(0, values[0].Count).Select(Labels.Letter)],
                Palette.Diverging, new ScottPlot.Range(-most, most), show: null));
    }

    /// <summary>What patching restores, a picture for each kind of site.</summary>
    public static IReadOnlyList<Figure> Patching(string clean, string corrupt, IReadOnlyList<PatchedSiteJson> sites) =>
    [
        .. sites.GroupBy(site => site.Kind).Select(kind =>
        {
            var rows = kind.ToArray();
            return new Figure(
                $"patch-{kind.Key}",
                $"Share of the logit difference restored by patching {PatchCommand.Meaning(kind.Key)} from {clean} into {corrupt}: {rows.Length} rows, {corrupt.Length} positions.",
                Math.Max(Width, 150 + (38 * corrupt.Length)), 160 + (28 * rows.Length),
                () => Charts.Cells(
                    $"Patching {PatchCommand.Meaning(kind.Key)} of {clean}",
                    "position patched (letter of the corrupt text)",
                    rows[0].Head is null ? "before layer" : "head",
                    "share restored",
                    [.. rows.Select(row => (IReadOnlyList<float>)[.. row.Restored.Select(share => (float)share)])],
                    [.. rows.Select(row => row.Head is null ? $"{row.Layer}" : $"{row.Layer}.{row.Head}")],
                    [.. corrupt.Select((letter, place) => $"{letter}{place}")],
                    Palette.Diverging, new ScottPlot.Range(-1, 1), share => Math.Abs(share) < 0.005 ? string.Empty : Words.Minus(Math.Round(100 * share))));
        }),
    ];

    /// <summary>The probability of the letter that follows, read off after each layer.</summary>
    public static Figure Lens(string text, IReadOnlyList<LensLayerJson> layers)
    {
        // Nothing is known of what follows the text: its last column shows the model's own choice.
        var wanted = Enumerable.Range(0, text.Length)
            .Select(position => position + 1 < text.Length
                ? Enumerable.Range(0, layers[0].Logits[0].Count).First(letter => Letters.name(letter) == text[position + 1].ToString())
                : layers[^1].Logits[position].Index().MaxBy(entry => entry.Item).Index)
            .ToArray();
        var values = layers.Select(layer => (IReadOnlyList<float>)[.. layer.Logits.Select((logits, position) => (float)LogitsCommand.Softmax(logits)[wanted[position]])]).ToArray();
        return new(
            "lens",
            $"Probability of the next letter at each of {text.Length} positions of {text}, read off the residual stream before each layer and behind the last.",
            Math.Max(Width, 150 + (38 * text.Length)), 160 + (34 * layers.Count),
            () => Charts.Cells(
                "Probability of the letter that follows", "letter read > letter that follows", "before layer", "probability", values,
                [.. layers.Select(layer => layer.Layer == layers.Count - 1 ? "output" : $"{layer.Layer}")],
                [.. text.Select((letter, position) => $"{letter}>{Letters.name(wanted[position])}")],
                Palette.Sequential, new ScottPlot.Range(0, 1), share => Math.Round(100 * share).ToString()));
    }

    /// <summary>Loss and scores over training.</summary>
    public static IReadOnlyList<Figure> Development(IReadOnlyList<Snapshot> snapshots, DevelopmentBaselines random)
    {
        var steps = snapshots.Select(snapshot => snapshot.Step).ToArray();
        return
        [
            Line("loss", "Held-out loss", "nats a letter", [One("loss", snapshot => snapshot.Loss)], null),
            Line("in-context-learning", "In-context learning", "last loss minus first (nats)", [One("score", snapshot => snapshot.InContextLearning)], random.InContextLearning),
            Line("direct-path", "Direct path", "eigenvalue score", [One("W_E W_U", snapshot => snapshot.DirectPath)], random.DirectPath),
            Line("ov", "OV circuits", "eigenvalue score", ByHead(snapshot => snapshot.OV), random.OV),
            Line("previous-token", "Attention to the letter before", "mean attention", ByHead(snapshot => snapshot.PreviousToken), random.PreviousToken),
            Line("induction", "Induction", "mean attention", ByHead(snapshot => snapshot.Induction), random.Induction),
            Line("copying", "Copying", "score", ByHead(snapshot => snapshot.Copying), random.Copying),
            .. random.Composition.SelectMany(kind => new[]
            {
                Line($"composition-{kind.Kind.ToLowerInvariant()}", $"{kind.Kind}-composition", "score", ByPair(kind.Kind, pair => pair.Score), kind.Score),
                Line($"composition-eigenvalues-{kind.Kind.ToLowerInvariant()}", $"{kind.Kind}-composition, eigenvalues", "eigenvalue score", ByPair(kind.Kind, pair => pair.EigenvalueScore), kind.EigenvalueScore),
            }),
        ];

        Figure Line(string name, string title, string y, IReadOnlyList<Series> series, NullDistribution? band) => new(
            $"develop-{name}",
            $"{title} at {steps.Length} steps of training. " + string.Join("; ", series.Select(line => $"{line.Name}: from {Words.Third(line.Values[0])} to {Words.Third(line.Values[^1])}")) + ".",
            640, 460,
            () => Charts.OverTraining(title, y, steps, series, band));

        Series One(string name, Func<Snapshot, double> score) => new(name, [.. snapshots.Select(score)], Palette.Of(0), LinePattern.Solid);

        Series[] ByHead(Func<Snapshot, IReadOnlyList<HeadScore>> scores) =>
            [.. scores(snapshots[0]).Select((head, index) => new Series(
                $"{head.Layer}.{head.Head}", [.. snapshots.Select(snapshot => scores(snapshot)[index].Score)], Palette.Of(head.Head), Pattern(head.Layer)))];

        // A colour for each earlier head: what matters is whom a head reads.
        Series[] ByPair(string kind, Func<PairScore, double> score)
        {
            var pairs = snapshots[0].Composition.Index().Where(entry => entry.Item.Kind == kind).ToArray();
            return [.. pairs.Select(pair => new Series(
                pair.Item.From.Head == pair.Item.To.Head ? $"from {pair.Item.From}" : string.Empty,
                [.. snapshots.Select(snapshot => score(snapshot.Composition[pair.Index]))],
                Palette.Of(pair.Item.From.Head),
                Pattern(pair.Item.From.Layer)))];
        }

        static LinePattern Pattern(int layer) => layer switch { 0 => LinePattern.Solid, 1 => LinePattern.Dashed, _ => LinePattern.Dotted };
    }

    private static Figure Pairs(string name, AblationResults results, IReadOnlyList<PairLoss> pairs)
    {
        var heads = results.Heads.Select(head => new HeadPlace(head.Layer, head.Head)).ToArray();
        var values = heads.Select(row => (IReadOnlyList<float>)[.. heads.Select(column => (float)(row == column
            ? results.Heads.First(head => head.Layer == row.Layer && head.Head == row.Head).Loss
            : pairs.First(pair => pair.Heads.Contains(row) && pair.Heads.Contains(column)).Loss))]).ToArray();
        string[] names = [.. heads.Select(head => head.ToString())];
        return new(
            name,
            $"Loss without two heads, {results.Mode} ablation: {heads.Length} by {heads.Length} heads, single heads on the diagonal.",
            Math.Max(480, 150 + (48 * heads.Length)), Math.Max(420, 120 + (40 * heads.Length)),
            () => Charts.Cells(
                $"Loss without two heads ({results.Mode} ablation)", "head", "head", "loss (nats a letter)", values, names, names,
                Palette.Sequential, new ScottPlot.Range(results.Baseline, values.Max(row => row.Max())), loss => loss.ToString("0.0")));
    }

    private static Figure Paths(string name, CompositionResults results, PublishedModel? study)
    {
        // "direct+kq" cuts nothing, so it is the whole model once more.
        var paths = results.Paths.Where(path => path.Name != "direct+kq").ToArray();
        return new(
            name,
            "Loss of the path experiment: " + string.Join("; ", paths.Select(path => $"{path.Name}, {Words.Nats(path.Loss)}")) + ".",
            Width, Height,
            () =>
            {
                var plot = Charts.Bars(
                    "What queries and keys may read", "loss (nats a letter)",
                    [.. paths.Select(path => (Reading(path.Name), path.Loss, Palette.Of(path.Name == "full" ? 0 : 4)))], null);
                if (PathLoss.Of(study) is { } published)
                {
                    foreach (var (place, path) in paths.Index())
                    {
                        var mark = plot.Add.Marker(place, published.First(each => each.Name == path.Name).Loss, MarkerShape.OpenDiamond, 13, Palette.Ink);
                        mark.MarkerLineWidth = 2.2f;
                        mark.LegendText = place == 0 ? "the study’s" : string.Empty;
                    }

                    Canvas.LegendBelow(plot);
                }

                return plot;
            });
    }

    private static string Reading(string path) => path switch
    {
        "direct" => "embedding\nonly",
        "direct+k" => "keys read\nheads too",
        "direct+q" => "queries read\nheads too",
        _ => "both: the\nwhole model",
    };

    private static Figure Scores(string name, string kind, IReadOnlyList<CompositionResult> scores)
    {
        var most = scores.Max(score => Math.Max(score.Score, score.Baseline.P975));
        var random = scores[0].Baseline;
        return Grid(
            name, $"{kind}-composition (random: {Words.Range(random)})", "score", scores, score => score.Score,
            Palette.Sequential, new ScottPlot.Range(0, most));
    }

    private static Figure Eigenvalues(string name, string kind, IReadOnlyList<CompositionResult> scores) => Grid(
        name, $"Eigenvalues, {kind} (random: {Words.Range(scores[0].EigenvalueBaseline)})", "eigenvalue score", scores, score => score.EigenvalueScore,
        Palette.Diverging, new ScottPlot.Range(-1, 1));

    private static Figure Grid(
        string name, string title, string unit, IReadOnlyList<CompositionResult> scores, Func<CompositionResult, double> value, IColormap colormap, ScottPlot.Range range)
    {
        var from = scores.Select(score => score.From).Distinct().ToArray();
        var to = scores.Select(score => score.To).Distinct().ToArray();
        // Heads of one layer do not read each other: no number there.
        var values = to.Select(reader => (IReadOnlyList<float>)[.. from.Select(writer =>
            scores.FirstOrDefault(score => score.From == writer && score.To == reader) is { } score ? (float)value(score) : float.NaN)]).ToArray();
        return new(
            name,
            $"{title}: " + string.Join("; ", scores.Select(score => $"{score.From} to {score.To}, {Words.Third(value(score))}")) + ".",
            440, 380,
            () => Charts.Cells(
                title, "head that writes", "head that reads", unit, values, [.. to.Select(head => head.ToString())], [.. from.Select(head => head.ToString())],
                colormap, range, score => float.IsNaN(score) ? string.Empty : Words.Hundredth(score)));
    }

    private static Figure ByBlock(string name, string title, HeadScoreResults results, Func<BlockResults, ComparedScore> score)
    {
        var values = results.Heads.Select(head => (IReadOnlyList<float>)[.. head.Blocks.Select(block => (float)score(block).Score)]).ToArray();
        string[] lengths = [.. results.Heads[0].Blocks.Select(block => $"{block.BlockLength}")];
        var random = results.Heads[0].Blocks.Select(block => score(block).Baseline.Mean).ToArray();
        string[] rows = [.. results.Heads.Select(head => $"{head.Layer}.{head.Head}"), "random"];
        return new(
            name,
            $"{title}: mean attention of {results.Heads.Count} heads on blocks of {string.Join(", ", lengths)} letters. "
            + string.Join("; ", results.Heads.Select((head, index) => $"{head.Layer}.{head.Head}: {string.Join(", ", values[index].Select(share => share.ToString("0.00")))}")) + ".",
            440, 170 + (30 * rows.Length),
            () => Charts.Cells(
                title, "block length", "head", "mean attention", [.. values, [.. random.Select(mean => (float)mean)]],
                rows, lengths, Palette.Sequential, new ScottPlot.Range(0, Math.Max(0.5, values.Max(row => row.Max()))), share => Math.Round(100 * share).ToString()));
    }
}
