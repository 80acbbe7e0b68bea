using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>The OV eigenvalue scores of all heads of all trainings in one picture.</summary>
internal static class SurveyEigenvalueFigure
{
    public const string Name = "ov-scores";

    private const int Width = 760;

    /// <summary>Heads of one rank in one layer of one group.</summary>
    private sealed record Row(GroupResults Group, int Layer, int Rank, int Heads, double[] Values, Dot[] Dots);

    /// <summary>Null where no scores were measured.</summary>
    public static Figure? Of(IReadOnlyList<GroupResults> groups)
    {
        var rows = groups.SelectMany(Rows).ToArray();
        if (rows.Length == 0)
        {
            return null;
        }

        var bands = rows.Select(row => (row.Group, row.Layer)).Distinct().Count();
        return new(
            Name,
            "OV eigenvalue scores of all heads of all trainings, by rank within their layer. " + string.Join("; ", rows.Select(row =>
                $"{Label(row)}, head {row.Rank} of {row.Heads}: median {Words.Hundredth(Statistics.median(row.Values))}")) + ".",
            Width, 130 + (26 * rows.Length) + (14 * bands),
            () => Draw(rows, groups.Sum(group => GroupResults.Quantities([group]).OfType<Quantity.OV>().Sum(group.NotFinite))));
    }

    private static IEnumerable<Row> Rows(GroupResults group)
    {
        foreach (var layer in GroupResults.Quantities([group]).OfType<Quantity.OV>().GroupBy(score => score.layer))
        {
            // With one head, the highest and the lowest are the same.
            var scores = layer.ToArray();
            var distinct = scores.Length == 2 && group.Results.All(result => Value(result, scores[0]) == Value(result, scores[1])) ? scores[..1] : scores;
            foreach (var (rank, score) in distinct.Index())
            {
                if (group.Values(score) is { Length: > 0 } values)
                {
                    yield return new(group, layer.Key, rank + 1, distinct.Length, values, group.Dots(score));
                }
            }
        }
    }

    private static double? Value(SurveyResult result, Quantity quantity) =>
        result.Quantities.Where(entry => entry.Item1.Equals(quantity)).Select(entry => (double?)entry.Item2).FirstOrDefault();

    private static string Label(Row row) => row.Group.Group.Variant.IsTwoLayer ? $"{row.Group.Name}, layer {row.Layer}" : row.Group.Name;

    private static Drawing Draw(IReadOnlyList<Row> rows, int notFinite)
    {
        var drawing = new Drawing("OV eigenvalue scores of all heads", "eigenvalue score: −1 does the opposite of copying, 1 copies", string.Empty);
        drawing.LeaveOut(notFinite);
        drawing.Upright(0, 1.4f, Palette.Muted, LinePattern.Dashed);
        var ticks = new List<(double Position, string Label)>();
        var heads = new List<(double Height, string Name)>();
        var height = 0.0;
        foreach (var band in rows.GroupBy(row => (row.Group, row.Layer)))
        {
            var top = height;
            foreach (var row in band)
            {
                heads.Add((height, $"{Label(row)}, head {row.Rank} of {row.Heads}"));
                Swarm.Draw(drawing, row.Values, row.Dots, Extent.Between(-1.05, 1.05), height, 0.36, Palette.Of(row.Rank - 1));
                if (row.Values.Length > 1)
                {
                    drawing.Stroke(Statistics.median(row.Values), height - 0.42, height + 0.42, 2f, Palette.Ink);
                }

                height -= 1;
            }

            ticks.Add(((top + height + 1) / 2, Label(band.First())));
            drawing.Across(height + 0.25, 1, Palette.Rule);
            height -= 0.5;
        }

        Canvas.Ticks(drawing.Axes.Left, ticks, 13);
        drawing.Axes.Left.Say = place => heads.MinBy(head => Math.Abs(head.Height - place)).Name;
        Canvas.Ticks(drawing.Axes.Bottom, new[] { -1, -0.5, 0, 0.5, 1 }.Select(score => (score, Words.Minus(score))));
        drawing.Show(Extent.Between(-1.08, 1.08), Extent.Between(height + 0.9, 0.75));
        drawing.HideGridAcross();
        return drawing;
    }
}
