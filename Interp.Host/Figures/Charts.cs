using Interp.Host.Results;
using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>One line of a chart.</summary>
internal sealed record Series(string Name, IReadOnlyList<double> Values, Color Color, LinePattern Pattern);

/// <summary>Charts of few numbers: bars, labelled cells, lines over training.</summary>
internal static class Charts
{
    /// <summary>A bar for each label with its value at its foot, where no other mark comes to lie, and a dashed line to hold them against.</summary>
    public static Plot Bars(string title, string y, IReadOnlyList<(string Label, double Value, Color Color)> bars, (string Name, double Value)? against)
    {
        var plot = Canvas.New(title, string.Empty, y);
        foreach (var (place, bar) in bars.Index())
        {
            var drawn = plot.Add.Bar(place, bar.Value);
            drawn.Color = bar.Color;
            drawn.Bars[0].LineWidth = 0;
            Canvas.Note(plot, bar.Value.ToString("0.00"), place, 0, Dark(bar.Color) ? Palette.Paper : Palette.Ink, Alignment.LowerCenter);
        }

        if (against is { } reference)
        {
            var line = plot.Add.HorizontalLine(reference.Value, 2, Palette.Ink, LinePattern.Dashed);
            line.LegendText = $"{reference.Name}: {Words.Nats(reference.Value)}";
            Canvas.LegendBelow(plot);
        }

        Canvas.Ticks(plot.Axes.Bottom, bars.Select((bar, place) => ((double)place, bar.Label)));
        plot.Axes.SetLimits(-0.6, bars.Count - 0.4, 0, 1.12 * bars.Max(bar => bar.Value));
        plot.Grid.XAxisStyle.IsVisible = false;
        return plot;
    }

    /// <summary>A heat map with a name to each row and column and, where there is room, each cell's number.</summary>
    public static Plot Cells(
        string title,
        string x,
        string y,
        string unit,
        IReadOnlyList<IReadOnlyList<float>> values,
        IReadOnlyList<string> rows,
        IReadOnlyList<string> columns,
        IColormap colormap,
        ScottPlot.Range range,
        Func<float, string>? show)
    {
        var plot = HeatMap.Draw(title, x, y, unit, values, colormap, range);
        Canvas.Ticks(plot.Axes.Bottom, columns.Select((label, place) => ((double)place, label)), 13);
        Canvas.Ticks(plot.Axes.Left, rows.Select((label, place) => (HeatMap.RowHeight(rows.Count, place), label)), 13);
        if (show is not null)
        {
            foreach (var (row, cells) in values.Index())
            {
                foreach (var (column, value) in cells.Index())
                {
                    var color = colormap.GetColor((value - range.Min) / (range.Max - range.Min));
                    Canvas.Note(plot, show(value), column, HeatMap.RowHeight(rows.Count, row), Dark(color) ? Palette.Paper : Palette.Ink, Alignment.MiddleCenter);
                }
            }
        }

        return plot;
    }

    /// <summary>Lines against training steps on a logarithmic axis, over the band in which 95 % of random weights lie.</summary>
    public static Plot OverTraining(string title, string y, IReadOnlyList<int> steps, IReadOnlyList<Series> series, NullDistribution? random)
    {
        var plot = Canvas.New(title, "training step", y);
        var places = steps.Select(step => Math.Log10(Math.Max(step, 1))).ToArray();
        if (random is not null)
        {
            var span = plot.Add.VerticalSpan(random.P025, random.P975);
            span.FillStyle.Color = Palette.Muted.WithAlpha(0.18);
            span.LineStyle.Width = 0;
            span.LegendText = "random weights";
        }

        foreach (var (index, line) in series.Index())
        {
            var drawn = plot.Add.Scatter(places, line.Values.ToArray(), line.Color);
            drawn.LineWidth = 2.2f;
            drawn.LinePattern = line.Pattern;
            drawn.MarkerShape = Palette.ShapeOf(index);
            drawn.MarkerSize = 6;
            drawn.LegendText = line.Name;
        }

        var decades = Enumerable.Range(0, (int)Math.Ceiling(places.Max()) + 1);
        Canvas.Ticks(plot.Axes.Bottom, decades.Select(decade => ((double)decade, Math.Pow(10, decade).ToString("N0"))));
        Canvas.LegendBelow(plot);
        return plot;
    }

    /// <summary>Whether white stands out from a colour better than ink does, judged by its lightness.</summary>
    private static bool Dark(Color color) => (0.299 * color.R) + (0.587 * color.G) + (0.114 * color.B) < 140;
}
