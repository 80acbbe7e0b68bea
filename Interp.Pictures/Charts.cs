using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>One line of a chart.</summary>
internal sealed record Series(string Name, IReadOnlyList<double> Values, Color Color, LinePattern Pattern);

/// <summary>Charts of few numbers: bars, labelled cells, lines over training.</summary>
internal static class Charts
{
    /// <summary>Of the height of a chart, what a number takes.</summary>
    private const double NumberHeight = 0.07;

    /// <summary>A bar for each label with its value at its foot, where no other mark comes to lie, and a dashed line to hold them against.</summary>
    public static Drawing Bars(string title, string y, IReadOnlyList<(string Label, double Value, Color Color)> bars, (string Name, double Value)? against)
    {
        var drawing = new Drawing(title, string.Empty, y);
        var values = Extent.FromZero([.. bars.Select(bar => bar.Value), .. against is { } line ? [line.Value] : Array.Empty<double>()]);
        var range = values.Padded(values.Low < 0 ? 0.12 : 0, values.High > 0 ? 0.12 : 0);
        foreach (var (place, bar) in bars.Index())
        {
            drawing.Bar(place, bar.Value, bar.Color);
            var inside = double.IsFinite(bar.Value) && Math.Abs(bar.Value) > NumberHeight * range.Span;
            drawing.Note(
                Words.Hundredth(bar.Value), place, 0, inside ? Palette.On(bar.Color) : Palette.Ink,
                bar.Value < 0 ? Alignment.UpperCenter : Alignment.LowerCenter);
        }

        if (against is { } reference)
        {
            drawing.Across(reference.Value, 2, Palette.Ink, LinePattern.Dashed, $"{reference.Name}: {Words.Nats(reference.Value)}");
            drawing.LegendBelow();
        }

        Canvas.Ticks(drawing.Axes.Bottom, bars.Select((bar, place) => ((double)place, bar.Label)));
        drawing.Show(Extent.Between(-0.6, Math.Max(bars.Count, 1) - 0.4), range);
        drawing.HideGridUpright();
        return drawing;
    }

    /// <summary>A heat map with a name to each row and column and, where there is room, each cell's number.</summary>
    public static Drawing Cells(
        string title,
        string x,
        string y,
        string unit,
        IReadOnlyList<IReadOnlyList<double?>> values,
        IReadOnlyList<string> rows,
        IReadOnlyList<string> columns,
        Colormap colormap,
        Extent range,
        Func<double, string>? show)
    {
        var drawing = HeatMap.Draw(title, x, y, unit, values, colormap, range, rows, columns);
        Canvas.Ticks(drawing.Axes.Bottom, columns.Select((label, place) => ((double)place, label)), 13);
        Canvas.Ticks(drawing.Axes.Left, rows.Select((label, place) => (HeatMap.RowHeight(rows.Count, place), label)), 13);
        if (show is not null)
        {
            foreach (var (row, cells) in values.Index())
            {
                foreach (var (column, cell) in cells.Index())
                {
                    if (cell is { } value && double.IsFinite(value))
                    {
                        drawing.Note(show(value), column, HeatMap.RowHeight(rows.Count, row), Palette.On(colormap.GetColor(range.Place(value))), Alignment.MiddleCenter);
                    }
                }
            }
        }

        return drawing;
    }

    /// <summary>Lines against training steps on a logarithmic axis, over the band in which 95 % of random weights lie.</summary>
    public static Drawing OverTraining(string title, string y, IReadOnlyList<int> steps, IReadOnlyList<Series> series, NullDistribution? random)
    {
        var drawing = new Drawing(title, "training step", y);
        var places = steps.Select(step => Math.Log10(Math.Max(step, 1))).ToArray();
        if (random is not null)
        {
            drawing.Span(random.P025, random.P975, Palette.Muted.WithAlpha(0.18), "random weights");
        }

        foreach (var (index, line) in series.Index())
        {
            var drawn = drawing.Line(places.Zip(line.Values), line.Color, line.Name);
            drawn.LineWidth = 2.2f;
            drawn.LinePattern = line.Pattern;
            drawn.MarkerShape = Palette.ShapeOf(index);
            drawn.MarkerSize = 6;
        }

        drawing.Axes.Bottom.Say = place => Words.Thousands(Math.Round(Math.Pow(10, place)));
        var horizontal = Extent.Of(places);
        var decades = Enumerable.Range(0, (int)Math.Ceiling(horizontal.High) + 1);
        Canvas.Ticks(drawing.Axes.Bottom, decades.Select(decade => ((double)decade, Words.Thousands(Math.Pow(10, decade)))));
        drawing.Show(
            horizontal.Padded(0.05, 0.05),
            Extent.Of([.. series.SelectMany(line => line.Values), .. random is null ? Array.Empty<double>() : [random.P025, random.P975]]).Padded(0.07, 0.07));
        drawing.LegendBelow();
        return drawing;
    }
}
