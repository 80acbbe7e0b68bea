namespace Interp.Pictures;

/// <summary>A legend: marks with what they are called, in rows below a plot or in one of its corners.</summary>
internal sealed class LegendLayout
{
    /// <summary>From one row to the next.</summary>
    private const double RowHeight = 22;

    private const double SymbolWidth = 26;
    private const double Gap = 7;
    private const double Between = 20;

    private readonly Entry[] _entries;
    private readonly double[] _columns;

    /// <summary>As many columns as there is room for, or <paramref name="one"/>.</summary>
    public LegendLayout(IEnumerable<Mark> marks, double room, bool one)
    {
        _entries =
        [
            .. marks.Where(mark => mark.LegendText.Length > 0).Select(mark =>
            {
                var (text, size) = Fitting.Fit(mark.LegendText, Canvas.TickSize, Math.Max(room - SymbolWidth - Gap, 1));
                return new Entry(mark, text, size, SymbolWidth + Gap + FigureFont.Width(text, size));
            }),
        ];
        var most = one ? 1 : Math.Max(_entries.Length, 1);
        // The fewest columns that need no more rows, so that the last row is not nearly empty.
        var columns = Enumerable.Range(1, most).Reverse().FirstOrDefault(count => Total(Columns(count)) <= room, 1);
        var rows = (_entries.Length + columns - 1) / columns;
        _columns = Columns(rows == 0 ? 1 : (_entries.Length + rows - 1) / rows);
    }

    public double Height => Rows * RowHeight;

    private int Rows => (_entries.Length + _columns.Length - 1) / _columns.Length;

    /// <summary>Rows about a middle, the first below <paramref name="top"/>.</summary>
    public IEnumerable<Item> Centred(double middle, double top) => At(middle - (Total(_columns) / 2), top);

    /// <summary>A column in a corner of an area, over paper that lets little through.</summary>
    public IEnumerable<Item> In(Area area, Alignment corner)
    {
        if (_entries.Length == 0)
        {
            return [];
        }

        const double Margin = 6;
        var (width, height) = (Total(_columns) + (2 * Gap), Height + 4);
        var left = corner is Alignment.UpperLeft or Alignment.MiddleLeft or Alignment.LowerLeft ? area.Left + Margin : area.Right - Margin - width;
        var top = corner is Alignment.UpperLeft or Alignment.UpperCenter or Alignment.UpperRight ? area.Top + Margin : area.Bottom - Margin - height;
        return
        [
            new Shape(new Outline().Rectangle(left, top, left + width, top + height).ToString(), Palette.Paper.WithAlpha(0.88), null, 0, LinePattern.Solid, false),
            .. At(left + Gap, top + 2),
        ];
    }

    private static double Total(double[] columns) => columns.Sum() + (Between * (columns.Length - 1));

    /// <summary>The widths of so many columns, filled row by row.</summary>
    private double[] Columns(int count) =>
        [.. Enumerable.Range(0, count).Select(column => _entries.Where((_, place) => place % count == column).Select(entry => entry.Width).DefaultIfEmpty(0).Max())];

    private IEnumerable<Item> At(double left, double top) => _entries.Index().SelectMany(entry =>
    {
        var (row, column) = (entry.Index / _columns.Length, entry.Index % _columns.Length);
        var (x, middle) = (left + _columns.Take(column).Sum(width => width + Between), top + (RowHeight * (row + 0.5)));
        var text = new Lettering(entry.Item.Text, x + SymbolWidth + Gap, middle + (entry.Item.Size * FigureFont.Capital / 2), entry.Item.Size, Palette.Ink, -1);
        return Symbol(entry.Item.Mark, x, middle).Append(text);
    });

    private static IEnumerable<Item> Symbol(Mark mark, double left, double middle)
    {
        var (right, centre) = (left + SymbolWidth, left + (SymbolWidth / 2));
        return mark switch
        {
            Line line => MarkLayout.Series(line with { MarkerSize = Math.Min(line.MarkerSize, 12) }, [(left, middle), (right, middle)], [(centre, middle)], false),
            Marker marker => MarkLayout.Sign(marker with { Size = Math.Min(marker.Size, 14) }, centre, middle, false),
            Across across => [MarkLayout.Stroke(new Outline().Move(left, middle).Line(right, middle), across.Color, across.Width, across.Pattern, false)],
            Span span => [Patch(span.Color)],
            Band band => [Patch(band.Color)],
            _ => [],
        };

        Shape Patch(Color color) => new(new Outline().Rectangle(left, middle - 6, right, middle + 6).ToString(), color, null, 0, LinePattern.Solid, false);
    }

    private sealed record Entry(Mark Mark, string Text, double Size, double Width);
}
