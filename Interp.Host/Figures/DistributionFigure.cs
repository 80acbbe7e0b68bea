using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

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
        var rows = groups.Select(group => (Group: group, Values: group.Values(quantity))).Where(row => row.Values.Length > 0).ToArray();
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
            () => Draw(words, [.. rows.Select(row => (row.Group, row.Values.Select(value => scale * value).ToArray()))]));
    }

    private static Plot Draw(QuantityWords words, (GroupResults Group, double[] Values)[] rows)
    {
        var plot = Canvas.New(words.Title, words.AxisLabel, string.Empty);
        // Long words need a smaller size to stay whole: the title has the room above the plot, and long names of rows leave it less.
        var crowd = words.Title.Length + (rows.Max(row => row.Group.Name.Length) / 2);
        plot.Axes.Title.Label.FontSize = crowd switch { > 48 => 11, > 42 => 12.5f, > 36 => 14, _ => 16 };
        var (low, high) = Limits(rows.SelectMany(row => row.Values).ToArray(), words.Unit.IsShare ? 0.2 : 0.002);
        foreach (var (index, (group, values)) in rows.Index())
        {
            var middle = (double)(rows.Length - 1 - index);
            var sorted = values.Order().ToArray();
            if (sorted.Length > 3)
            {
                var box = plot.Add.Rectangle(NullDistributionModule.percentile(0.25, sorted), NullDistributionModule.percentile(0.75, sorted), middle - Half - 0.04, middle + Half + 0.04);
                box.FillColor = group.Color.WithAlpha(0.16);
                box.LineWidth = 0;
            }

            Swarm.Draw(plot, values, low, high, middle, Half, group.Color);
            if (sorted.Length > 1)
            {
                var median = Statistics.median(values);
                plot.Add.Line(median, middle - Half - 0.04, median, middle + Half + 0.04).LineStyle = new() { Width = 2.2f, Color = Palette.Ink };
            }
        }

        Canvas.Ticks(plot.Axes.Left, rows.Select((row, index) => ((double)(rows.Length - 1 - index), row.Group.Name)), rows.Max(row => row.Group.Name.Length) > 24 ? 11 : 13);
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.SetLimits(low, high, -0.55, rows.Length - 0.45);
        plot.Grid.YAxisStyle.IsVisible = false;
        return plot;
    }

    /// <summary>A little beyond all values, and never so near that rounding would look like a difference.</summary>
    private static (double Low, double High) Limits(double[] values, double span)
    {
        var (least, most) = (values.Min(), values.Max());
        var pad = Math.Max(0.04 * (most - least), 0.5 * (span - (most - least)));
        return (least - pad, most + pad);
    }
}
