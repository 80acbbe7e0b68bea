using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>
/// A picture in the making, and the only way from values to marks: what is not finite is left out and counted, ranges are
/// <see cref="Extent"/>s, and words are shown as they may stand in a picture.
/// </summary>
internal sealed class Drawing
{
    private readonly List<Mark> marks = [];
    private readonly string title;
    private float titleSize = Canvas.TitleSize;
    private (Extent Horizontal, Extent Vertical)? shown;
    private LegendPlace legend = LegendPlace.None;
    private Alignment corner = Alignment.UpperRight;
    private bool squareUnits;
    private Color background = Palette.Paper;

    public Drawing(string title, string x, string y)
    {
        this.title = Quote.line(title);
        Axes = new(new() { Label = Quote.text(x) }, new() { Label = Quote.text(y) });
    }

    /// <summary>The axes and their labels.</summary>
    public Axes Axes { get; }

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
        var (horizontal, vertical) = shown ?? (Extent.Of([]), Extent.Of([]));
        return new(title, titleSize, Axes, horizontal, vertical, [.. marks], legend, corner, squareUnits, background, LeftOutSentence);
    }

    /// <summary>A line through points, in their order, with a mark at each; those that are not finite are passed over.</summary>
    public Line Line(IEnumerable<(double X, double Y)> points, Color color, string? legend = null) =>
        Add(new Line(Finite(points), color) { LegendText = Quote.text(legend ?? string.Empty) });

    /// <summary>The same without marks.</summary>
    public Line Curve(IEnumerable<(double X, double Y)> points, Color color, string? legend = null)
    {
        var line = Line(points, color, legend);
        line.MarkerSize = 0;
        return line;
    }

    /// <summary>The marks alone.</summary>
    public Line Points(IEnumerable<(double X, double Y)> points, Color color)
    {
        var signs = Line(points, color);
        signs.LineWidth = 0;
        return signs;
    }

    /// <summary>The same, each the mark of a training.</summary>
    public Line Points(IEnumerable<(double X, double Y, Dot Dot)> points, Color color)
    {
        var all = points.ToArray();
        var signs = Points(all.Select(point => (point.X, point.Y)), color);
        var drawn = all.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).Select(point => point.Dot).ToArray();
        signs.Names = [.. drawn.Select(dot => Quote.text(dot.Name))];
        signs.Trainings = [.. drawn.Select(dot => dot.Training)];
        return signs;
    }

    /// <summary>A single mark; null where it has no place.</summary>
    public Marker? Mark(double x, double y, MarkerShape shape, float size, Color color, string? legend = null) => IsFinite(x, y)
        ? Add(new Marker(x, y, shape, size, color) { LegendText = Quote.text(legend ?? string.Empty) })
        : null;

    /// <summary>The area between two values at each place.</summary>
    public void Band(IEnumerable<(double X, double Low, double High)> values, Color color)
    {
        var finite = values.Where(value => IsFinite(value.X, value.Low, value.High)).ToArray();
        if (finite.Length > 0)
        {
            Add(new Band(finite, color));
        }
    }

    /// <summary>The area between two heights, over all of the width.</summary>
    public void Span(double low, double high, Color color, string legend)
    {
        if (IsFinite(low, high))
        {
            Add(new Span(low, high, color) { LegendText = Quote.text(legend) });
        }
    }

    public void Bar(double place, double value, Color color)
    {
        if (IsFinite(place, value))
        {
            Add(new Bar(place, value, color));
        }
    }

    public void Box(double left, double right, double bottom, double top, Color color)
    {
        if (IsFinite(left, right, bottom, top))
        {
            Add(new Box(left, right, bottom, top, color));
        }
    }

    /// <summary>A line across.</summary>
    public void Across(double y, float width, Color color, LinePattern? pattern = null, string? legend = null)
    {
        if (IsFinite(y))
        {
            Add(new Across(y, width, color, pattern ?? LinePattern.Solid) { LegendText = Quote.text(legend ?? string.Empty) });
        }
    }

    /// <summary>A line from top to bottom.</summary>
    public void Upright(double x, float width, Color color, LinePattern? pattern = null)
    {
        if (IsFinite(x))
        {
            Add(new Upright(x, width, color, pattern ?? LinePattern.Solid));
        }
    }

    /// <summary>A short upright line.</summary>
    public void Stroke(double x, double bottom, double top, float width, Color color)
    {
        if (IsFinite(x, bottom, top))
        {
            Add(new Stroke(x, bottom, top, width, color));
        }
    }

    /// <summary>A circle that is only a line.</summary>
    public void Ring(double radius, float width, Color color, LinePattern pattern) => Add(new Ring(radius, width, color, pattern));

    /// <summary>
    /// Coloured cells [row][column], row 0 at the top, with a bar of the colours; a null is no value and stays empty. Rows and columns go by
    /// names where there are names, by numbers else.
    /// </summary>
    public void Cells(
        IReadOnlyList<IReadOnlyList<double?>> values, Colormap colormap, Extent range, string unit, IReadOnlyList<string>? rows = null, IReadOnlyList<string>? columns = null)
    {
        var (height, width) = (Math.Max(values.Count, 1), Math.Max(values.Select(row => row.Count).DefaultIfEmpty(0).Max(), 1));
        var cells = new Cells(
            [
                .. Enumerable.Range(0, height).Select(row => (IReadOnlyList<double?>)[
                    .. Enumerable.Range(0, width).Select(column =>
                        row < values.Count && column < values[row].Count && values[row][column] is { } value && IsFinite(value) ? value : (double?)null),
                ]),
            ],
            colormap,
            range,
            Quote.text(unit),
            rows is null ? null : [.. rows.Select(Quote.text)],
            columns is null ? null : [.. columns.Select(Quote.text)]);
        Add(cells);
        if (LeftOut > 0)
        {
            // White may be a value's colour.
            Background(Palette.Empty);
        }

        // Row 0 is drawn at the top, as a matrix is read: row r lies at y = HeatMap.RowHeight(rows, r).
        Show(Extent.Between(-0.5, width - 0.5), Extent.Between(-0.5, height - 0.5));
        HideGridAcross();
        HideGridUpright();
    }

    /// <summary>Words inside the picture.</summary>
    public void Note(string text, double x, double y, Color color, Alignment alignment)
    {
        if (double.IsFinite(x) && double.IsFinite(y))
        {
            Add(new Note(Quote.text(text), x, y, color, alignment));
        }
    }

    /// <summary>Counts values that were dropped before they came here.</summary>
    public void LeaveOut(int count) => LeftOut += count;

    /// <summary>What the axes reach over.</summary>
    public void Show(Extent horizontal, Extent vertical) => shown = (horizontal, vertical);

    public void SquareUnits() => squareUnits = true;

    public void HideGridAcross() => Axes.Left.Grid = false;

    public void HideGridUpright() => Axes.Bottom.Grid = false;

    public void Background(Color color) => background = color;

    public void TitleSize(float size) => titleSize = size;

    public void Legend(Alignment corner) => (legend, this.corner) = (LegendPlace.Corner, corner);

    /// <summary>A legend underneath, where it can hide nothing.</summary>
    public void LegendBelow() => legend = LegendPlace.Below;

    private T Add<T>(T mark)
        where T : Mark
    {
        marks.Add(mark);
        return mark;
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
