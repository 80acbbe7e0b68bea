using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>One quantity in every training: a row of dots for each group, with quartiles and median.</summary>
internal static class DistributionFigure
{
    private const int Width = 460;
    private const double Half = 0.34;

    /// <summary>The file name for a quantity; names of users' own may hold anything.</summary>
    public static string Name(Quantity quantity) =>
        "distribution-" + string.Concat(quantity.ToString().Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-'));

    /// <summary>Null where no group has a value.</summary>
    public static Figure? Of(Quantity quantity, IReadOnlyList<GroupResults> groups)
    {
        var rows = groups.Select(group => (Group: group, Values: group.Values(quantity), Dots: group.Dots(quantity))).Where(row => row.Values.Length > 0).ToArray();
        if (rows.Length == 0)
        {
            return null;
        }

        var words = QuantityWordsModule.ofQuantity(quantity);
        // Shares are drawn in per cent.
        var scale = words.Unit.IsShare ? 100 : 1;
        return new(
            Name(quantity),
            $"{words.Title}: " + string.Join("; ", rows.Select(row =>
                $"{row.Group.Name}, {row.Values.Length} {(row.Values.Length == 1 ? "training" : "trainings")}, median {words.Show(Statistics.median(row.Values))}, from {words.Show(row.Values.Min())} to {words.Show(row.Values.Max())}")) + ".",
            Width, 112 + (48 * rows.Length),
            () => Draw(words, groups.Sum(group => group.NotFinite(quantity)), [.. rows.Select(row => (row.Group, row.Values.Select(value => scale * value).ToArray(), row.Dots))]));
    }

    private static Drawing Draw(QuantityWords words, int notFinite, (GroupResults Group, double[] Values, Dot[] Dots)[] rows)
    {
        var drawing = new Drawing(words.Title, words.AxisLabel, string.Empty);
        drawing.LeaveOut(notFinite);
        drawing.TitleSize(16);
        // A little beyond all values, and never so near that rounding would look like a difference.
        var range = Extent.Of(rows.SelectMany(row => row.Values)).Padded(0.04, 0.04).AtLeast(words.Unit.IsShare ? 0.2 : 0.002);
        foreach (var (index, (group, values, dots)) in rows.Index())
        {
            var middle = (double)(rows.Length - 1 - index);
            var sorted = values.Where(double.IsFinite).Order().ToArray();
            if (sorted.Length > 3)
            {
                drawing.Box(
                    NullDistributionModule.percentile(0.25, sorted), NullDistributionModule.percentile(0.75, sorted), middle - Half - 0.04, middle + Half + 0.04,
                    group.Color.WithAlpha(0.16));
            }

            Swarm.Draw(drawing, values, dots, range, middle, Half, group.Color);
            if (sorted.Length > 1)
            {
                drawing.Stroke(Statistics.median(sorted), middle - Half - 0.04, middle + Half + 0.04, 2.2f, Palette.Ink);
            }
        }

        Canvas.Ticks(drawing.Axes.Left, rows.Select((row, index) => ((double)(rows.Length - 1 - index), row.Group.Name)), rows.Max(row => row.Group.Name.Length) > 24 ? 11 : 13);
        drawing.Axes.Left.Say = height => rows[Math.Clamp(rows.Length - 1 - (int)Math.Round(height), 0, rows.Length - 1)].Group.Name;
        drawing.Axes.Bottom.TickSize = 12;
        drawing.Axes.Bottom.Say = value => words.Said(words.Unit.IsShare ? value / 100 : value);
        drawing.Axes.Bottom.SaysUnit = true;
        drawing.Show(range, Extent.Between(-0.55, rows.Length - 0.45));
        drawing.HideGridAcross();
        return drawing;
    }
}
