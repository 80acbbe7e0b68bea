using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Explanations in pictures: what they cost and explain, the letters that heads look for, and where predictions part.</summary>
internal static class ExplanationFigures
{
    /// <summary>Explanations that are told apart by colour.</summary>
    private const int MostTold = 6;

    /// <summary>Letters of a name in a legend.</summary>
    private const int MostLetters = 52;

    /// <summary>Explanations that explain less are drawn at the lower edge.</summary>
    private const double Lowest = -1;

    /// <summary>What the ladder's rungs explain where there is nothing to explain.</summary>
    private static readonly (Func<JudgedExplanation, double?> Explained, LinePattern Pattern, string Legend)[] Nulls =
    [
        (each => each.Judged.Null.Shuffled?.Value.Explained.Mean, LinePattern.Solid, "the ladder, letters shuffled (5 to 95 %)"),
        (each => each.Judged.Null.Untrained?.Value, LinePattern.Dotted, "the ladder, untrained model"),
        (each => each.Judged.Null.BigramNoise?.Value, LinePattern.Dashed, "the ladder, model of bigram noise"),
    ];

    public static IReadOnlyList<Figure> Of(string name, ExplanationResults results) =>
    [
        Ladder(name, results),
        .. results.Letters is { } letters ? [Letters(name, letters, results.Names)] : Array.Empty<Figure>(),
        .. results.Told.Count > 0 ? [ByPosition(name, results)] : Array.Empty<Figure>(),
    ];

    /// <summary>Numbers kept against what is explained.</summary>
    public static Figure Ladder(string name, ExplanationResults results) => new(
        $"{name}-ladder",
        $"Numbers kept, of {Words.Count(results.Numbers)}, against the share of the model that is explained. "
        + string.Join("; ", results.Told.Select(each => $"{each.Name}: {Words.Count(each.Judged.Numbers)} numbers, {Words.Third(each.Explained)}"))
        + (results.Ladder.Count > 0 ? $". The ladder has {results.Ladder.Count} rungs, from {Words.Third(results.Ladder[0].Explained)} to {Words.Third(results.Ladder[^1].Explained)}." : "."),
        820, 520 + (26 * ((Nulls.Length + Math.Min(results.Told.Count, MostTold) + 3) / 2)),
        () => DrawLadder(results));

    /// <summary>The letters of each head, side by side.</summary>
    public static Figure Letters(string name, HeadLetters letters, Vocabulary names)
    {
        var values = letters.Heads.Select(head => (IReadOnlyList<double?>)[.. head.Strengths.Select(strength => (double?)strength)]).ToArray();
        var range = Extent.AroundZero(HeatMap.Values(values));
        return new(
            $"{name}-letters",
            $"How strongly each of {letters.Heads.Length} heads (rows) looks for each letter (columns); strengths reach {Words.Tenth(range.High)}. {ExplanationWords.Letters(letters)}",
            900, 150 + (44 * letters.Heads.Length),
            () => Charts.Cells(
                "Letters that each head looks for", "letter of the key", "head", "score", values,
                [.. letters.Heads.Select(head => head.Head.ToString())],
                [.. Enumerable.Range(0, values[0].Count).Select(letter => NamedText.Label(names, letter))],
                Palette.Diverging, range, show: null));
    }

    /// <summary>Where predictions part.</summary>
    public static Figure ByPosition(string name, ExplanationResults results)
    {
        var told = results.Told.Take(MostTold).ToArray();
        return new(
            $"{name}-positions",
            "KL from the model to each explanation by the position that is predicted. "
            + string.Join("; ", told.Select(each => $"{each.Name}: {(Findings.worstPlace(each.Judged) is { Value: var (place, divergence) } ? $"the most, {Words.Third(divergence)} nats, at {place}" : "nowhere")}")) + ".",
            720, 440 + (26 * ((told.Length + 1) / 2)),
            () =>
            {
                var drawing = new Drawing("Where model and explanation part", "position that is predicted", "KL from the model (nats)");
                foreach (var (index, each) in told.Index())
                {
                    var line = drawing.Line(each.Judged.Faithfulness.KLByPosition.Select(place => ((double)place.Item1, place.Item2)), Palette.Of(index), Short(each.Name));
                    line.LineWidth = 2.2f;
                    line.MarkerShape = Palette.ShapeOf(index);
                    line.MarkerSize = 7;
                }

                var places = told.SelectMany(each => each.Judged.Faithfulness.KLByPosition).ToArray();
                drawing.Show(
                    Extent.Of(places.Select(place => (double)place.Item1)).Padded(0.03, 0.03),
                    Extent.FromZero(places.Select(place => place.Item2)).Padded(0, 0.08));
                drawing.LegendBelow();
                return drawing;
            });
    }

    /// <summary>What named explanations explain over training.</summary>
    public static Figure OverTraining(IReadOnlyList<int> steps, IReadOnlyList<NamedShares> shares)
    {
        var series = ExplainedOverTraining.Of(shares).Index()
            .Select(line => new Series(line.Item.Name, line.Item.Values, Palette.Of(line.Index), LinePattern.Solid))
            .ToArray();
        return new(
            "develop-explained",
            $"What explanations explain at {steps.Count} steps of training. " + string.Join("; ", series.Select(line =>
                $"{line.Name}: from {Words.Third(line.Values.FirstOrDefault(double.NaN))} to {Words.Third(line.Values.LastOrDefault(double.NaN))}")) + ".",
            640, 480,
            () => Charts.OverTraining("When explanations become true", "explained: 1 − KL / KL(nothing)", steps, series, null));
    }

    private static Drawing DrawLadder(ExplanationResults results)
    {
        var drawing = new Drawing(
            results.Ladder.Count > 0 ? "From the exact model down" : "What explanations keep and explain",
            $"numbers kept, of {Words.Count(results.Numbers)}",
            "explained: 1 − KL / KL(nothing)");
        var told = results.Told.Take(MostTold).ToArray();
        double[] low = [.. results.All.Select(each => each.Explained), .. results.Ladder.Concat(told).SelectMany(Spread)];
        var vertical = Extent.Between(Math.Max(Lowest, Extent.FromZero(low).Low), 1);

        // What letters at random explain with as many numbers: from the ladder's rungs, in their order.
        var shuffled = results.Ladder
            .Where(each => each.Judged.Null.Shuffled is not null)
            .OrderBy(each => each.Judged.Numbers)
            .Select(each => (X: Place(each), By: each.Judged.Null.Shuffled!.Value.Explained))
            .ToArray();
        drawing.Band(shuffled.Select(each => (each.X, Shown(each.By.P05), Shown(each.By.P95))), Palette.Muted.WithAlpha(0.3));
        foreach (var (explained, pattern, legend) in Nulls)
        {
            var points = results.Ladder.Select(each => (X: Place(each), Y: explained(each))).Where(point => point.Y is not null).ToArray();
            if (points.Length > 0)
            {
                var line = drawing.Curve(points.Select(point => (point.X, Shown(point.Y!.Value))), Palette.Muted, legend);
                line.LineWidth = 1.5f;
                line.LinePattern = pattern;
            }
        }

        if (results.Forms.Count > 0)
        {
            var forms = drawing.Points(results.Forms.Select(each => (Place(each), Shown(each.Explained))), Palette.Muted.WithAlpha(0.55));
            forms.MarkerSize = 7;
            forms.LegendText = "single forms";
        }

        if (results.Ladder.Count > 0)
        {
            var rungs = drawing.Line(results.Ladder.Select(each => (Place(each), Shown(each.Explained))), Palette.Ink, "the ladder");
            rungs.LineWidth = 2.2f;
            rungs.MarkerSize = 8;
        }

        foreach (var (index, each) in told.Index())
        {
            if (each.Judged.Null.Shuffled is { Value: { Explained: var by } })
            {
                drawing.Stroke(Place(each), Shown(by.P05), Shown(by.P95), 5, Palette.Of(index).WithAlpha(0.35));
            }

            drawing.Mark(Place(each), Shown(each.Explained), Palette.ShapeOf(index % 4), 15, Palette.Of(index), Short(each.Name));
        }

        double[] ticks = [.. new double[] { 0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000 }.Where(tick => tick <= Math.Max(results.Numbers, 1))];
        Canvas.Ticks(drawing.Axes.Bottom, ticks.Select(tick => (Place(tick), Words.Thousands(tick))));
        drawing.Axes.Bottom.Say = place => Words.Thousands(Math.Round(Math.Pow(10, place) - 1));
        drawing.Show(Extent.FromZero(results.All.Select(Place).Append(Place(results.Numbers))).Padded(0.04, 0.04), vertical.Padded(0.05, 0.05));
        drawing.LegendBelow();
        return drawing;

        double Shown(double explained) => double.IsFinite(explained) ? Math.Max(explained, vertical.Low) : explained;
    }

    private static IEnumerable<double> Spread(JudgedExplanation each) =>
        each.Judged.Null.Shuffled is { Value: { Explained: var by } } ? [by.P05, by.P95] : [];

    private static string Short(string name) => name.Length > MostLetters ? $"{name[..MostLetters]}…" : name;

    private static double Place(JudgedExplanation each) => Place(each.Judged.Numbers);

    /// <summary>Nearly logarithmic, with a place for none.</summary>
    private static double Place(double numbers) => Math.Log10(1 + numbers);
}
