using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>
/// A picture in the making, and the only way from values to marks: what is not finite is left out and counted, ranges are
/// <see cref="Extent"/>s, and words are shown as they may stand in a picture.
/// </summary>
internal sealed class Drawing
{
    private readonly Plot plot;
    private readonly string x;

    public Drawing(string title, string x, string y)
    {
        this.x = Quote.text(x);
        plot = Canvas.New(Quote.line(title), this.x, Quote.text(y));
    }

    /// <summary>The axes and their labels.</summary>
    public AxisManager Axes => plot.Axes;

    /// <summary>Values that were to be drawn and are not finite.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The sentence about what was left out; empty where nothing was.</summary>
    public string LeftOutSentence => LeftOut switch
    {
        0 => string.Empty,
        1 => "1 value is not finite and is left out",
        _ => $"{Words.Count(LeftOut)} values are not finite and are left out",
    };

    /// <summary>The plot, which says what was left out of it below its horizontal axis.</summary>
    public Plot Finish()
    {
        if (LeftOut > 0)
        {
            Canvas.Label(plot.Axes.Bottom, x.Length == 0 ? LeftOutSentence : $"{x}\n{LeftOutSentence}");
        }

        return plot;
    }

    /// <summary>A line through points, in their order, with a mark at each; those that are not finite are passed over.</summary>
    public ScottPlot.Plottables.Scatter Line(IEnumerable<(double X, double Y)> points, Color color, string? legend = null)
    {
        var finite = Finite(points);
        var line = plot.Add.Scatter(finite.Select(point => point.X).ToArray(), finite.Select(point => point.Y).ToArray(), color);
        line.LegendText = Quote.text(legend ?? string.Empty);
        return line;
    }

    /// <summary>The same without marks.</summary>
    public ScottPlot.Plottables.Scatter Curve(IEnumerable<(double X, double Y)> points, Color color, string? legend = null)
    {
        var line = Line(points, color, legend);
        line.MarkerSize = 0;
        return line;
    }

    /// <summary>The marks alone.</summary>
    public ScottPlot.Plottables.Scatter Points(IEnumerable<(double X, double Y)> points, Color color)
    {
        var marks = Line(points, color);
        marks.LineWidth = 0;
        return marks;
    }

    /// <summary>A single mark; null where it has no place.</summary>
    public ScottPlot.Plottables.Marker? Mark(double x, double y, MarkerShape shape, float size, Color color, string? legend = null)
    {
        if (!IsFinite(x, y))
        {
            return null;
        }

        var mark = plot.Add.Marker(x, y, shape, size, color);
        mark.LegendText = Quote.text(legend ?? string.Empty);
        return mark;
    }

    /// <summary>The area between two values at each place.</summary>
    public void Band(IEnumerable<(double X, double Low, double High)> values, Color color)
    {
        var finite = values.Where(value => IsFinite(value.X, value.Low, value.High)).ToArray();
        if (finite.Length > 0)
        {
            var band = plot.Add.FillY([.. finite.Select(value => value.X)], [.. finite.Select(value => value.Low)], [.. finite.Select(value => value.High)]);
            band.FillColor = color;
            band.LineWidth = 0;
        }
    }

    /// <summary>The area between two heights, over all of the width.</summary>
    public void Span(double low, double high, Color color, string legend)
    {
        if (IsFinite(low, high))
        {
            var span = plot.Add.VerticalSpan(low, high);
            span.FillStyle.Color = color;
            span.LineStyle.Width = 0;
            span.LegendText = Quote.text(legend);
        }
    }

    public void Bar(double place, double value, Color color)
    {
        if (IsFinite(place, value))
        {
            var bar = plot.Add.Bar(place, value);
            bar.Color = color;
            bar.Bars[0].LineWidth = 0;
        }
    }

    public void Box(double left, double right, double bottom, double top, Color color)
    {
        if (IsFinite(left, right, bottom, top))
        {
            var box = plot.Add.Rectangle(left, right, bottom, top);
            box.FillColor = color;
            box.LineWidth = 0;
        }
    }

    /// <summary>A line across.</summary>
    public void Across(double y, float width, Color color, LinePattern? pattern = null, string? legend = null)
    {
        if (IsFinite(y))
        {
            plot.Add.HorizontalLine(y, width, color, pattern ?? LinePattern.Solid).LegendText = Quote.text(legend ?? string.Empty);
        }
    }

    /// <summary>A line from top to bottom.</summary>
    public void Upright(double x, float width, Color color, LinePattern? pattern = null)
    {
        if (IsFinite(x))
        {
            plot.Add.VerticalLine(x, width, color, pattern ?? LinePattern.Solid);
        }
    }

    /// <summary>A short upright line.</summary>
    public void Stroke(double x, double bottom, double top, float width, Color color)
    {
        if (IsFinite(x, bottom, top))
        {
            plot.Add.Line(x, bottom, x, top).LineStyle = new() { Width = width, Color = color };
        }
    }

    /// <summary>A circle that is only a line.</summary>
    public void Ring(double radius, float width, Color color, LinePattern pattern)
    {
        var ring = plot.Add.Circle(0, 0, radius);
        ring.FillColor = Colors.Transparent;
        ring.LineColor = color;
        ring.LineWidth = width;
        ring.LinePattern = pattern;
    }

    /// <summary>Coloured cells [row][column], row 0 at the top, with a bar of the colours; a null is no value and stays empty.</summary>
    public void Cells(IReadOnlyList<IReadOnlyList<double?>> values, IColormap colormap, Extent range, string unit)
    {
        var (rows, columns) = (values.Count, values.Select(row => row.Count).DefaultIfEmpty(0).Max());
        var cells = new double[Math.Max(rows, 1), Math.Max(columns, 1)];
        // An empty cell is one that cannot be seen: of cells that are all NaN the library would look for a range in vain.
        var seen = new byte[cells.GetLength(0), cells.GetLength(1)];
        for (var row = 0; row < cells.GetLength(0); row++)
        {
            for (var column = 0; column < cells.GetLength(1); column++)
            {
                var value = row < rows && column < values[row].Count ? values[row][column] : null;
                var finite = value is { } number && IsFinite(number);
                cells[row, column] = finite ? Math.Clamp(value!.Value, range.Low, range.High) : range.Low;
                seen[row, column] = finite ? byte.MaxValue : byte.MinValue;
            }
        }

        var map = plot.Add.Heatmap(cells);
        map.Colormap = colormap;
        map.ManualRange = new ScottPlot.Range(range.Low, range.High);
        map.AlphaMap = seen;
        if (LeftOut > 0)
        {
            // White may be a value's colour.
            Background(Palette.Empty);
        }

        // Row 0 is drawn at the top, as a matrix is read: row r lies at y = HeatMap.RowHeight(rows, r).
        map.Rectangle = new CoordinateRect(-0.5, cells.GetLength(1) - 0.5, -0.5, cells.GetLength(0) - 0.5);
        Show(Extent.Between(-0.5, cells.GetLength(1) - 0.5), Extent.Between(-0.5, cells.GetLength(0) - 0.5));
        plot.HideGrid();
        Canvas.ColorBar(plot, map, unit);
    }

    /// <summary>Words inside the picture.</summary>
    public void Note(string text, double x, double y, Color color, Alignment alignment)
    {
        if (double.IsFinite(x) && double.IsFinite(y))
        {
            Canvas.Style(plot.Add.Text(Quote.text(text), x, y), color, alignment);
        }
    }

    /// <summary>Counts values that were dropped before they came here.</summary>
    public void LeaveOut(int count) => LeftOut += count;

    /// <summary>What the axes reach over.</summary>
    public void Show(Extent horizontal, Extent vertical) => plot.Axes.SetLimits(horizontal.Low, horizontal.High, vertical.Low, vertical.High);

    public void SquareUnits() => plot.Axes.SquareUnits();

    public void HideGridAcross() => plot.Grid.YAxisStyle.IsVisible = false;

    public void HideGridUpright() => plot.Grid.XAxisStyle.IsVisible = false;

    public void Background(Color color) => plot.DataBackground.Color = color;

    public void TitleSize(float size) => plot.Axes.Title.Label.FontSize = size;

    public void Legend(Alignment corner) => Canvas.Legend(plot, corner);

    /// <summary>A legend underneath; none where there is nothing to tell apart, which the library would leave the whole picture empty for.</summary>
    public void LegendBelow()
    {
        if (plot.Legend.GetItems().Length > 0)
        {
            Canvas.LegendBelow(plot);
        }
    }

    private (double X, double Y)[] Finite(IEnumerable<(double X, double Y)> points) => [.. points.Where(point => IsFinite(point.X, point.Y))];

    private bool IsFinite(params ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
            {
                LeftOut++;
                return false;
            }
        }

        return true;
    }
}
