using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Marks with their places.</summary>
internal sealed class MarkLayout(Plot plot, Area area, Scale across, Scale upright)
{
    /// <summary>Words keep so far from their point, and from the edge.</summary>
    private const double Pad = 4;

    private readonly Cells? _cells = plot.Marks.OfType<Cells>().FirstOrDefault();

    /// <summary>What is to be seen of a mark.</summary>
    public IEnumerable<Item> Items(Mark mark) => mark switch
    {
        Line line => Series(line, [.. line.Points.Select(Place)], [.. line.Points.Select(Place)], true),
        Marker marker => Sign(marker, across.Place(marker.X), upright.Place(marker.Y), true),
        Band band => [Filled(new Outline().Through([
            .. band.Values.Select(value => Place((value.X, value.High))),
            .. band.Values.Reverse().Select(value => Place((value.X, value.Low)))]).Close(), band.Color)],
        Span span => [Filled(new Outline().Rectangle(area.Left, upright.Place(span.High), area.Right, upright.Place(span.Low)), span.Color)],
        Bar bar => [Filled(Between(bar.Place - (Bar.Width / 2), bar.Place + (Bar.Width / 2), 0, bar.Value), bar.Color)],
        Box box => [Filled(Between(box.Left, box.Right, box.Bottom, box.Top), box.Color)],
        Across line => [Stroke(new Outline().Move(area.Left, upright.Place(line.Y)).Line(area.Right, upright.Place(line.Y)), line.Color, line.Width, line.Pattern, true)],
        Upright line => [Stroke(new Outline().Move(across.Place(line.X), area.Top).Line(across.Place(line.X), area.Bottom), line.Color, line.Width, line.Pattern, true)],
        Stroke line => [Stroke(new Outline().Move(across.Place(line.X), upright.Place(line.Bottom)).Line(across.Place(line.X), upright.Place(line.Top)), line.Color, line.Width, LinePattern.Solid, true)],
        Ring ring => [Stroke(Circle(ring.Radius), ring.Color, ring.Width, ring.Pattern, true)],
        Cells cells => [Runs(cells, area)],
        Note note => Lettering(note),
        _ => throw new InvalidOperationException($"A mark of a kind that has no place: {mark.GetType().Name}."),
    };

    /// <summary>What marks say: every point, sign and bar that is to be seen.</summary>
    public IEnumerable<Spoken> Spoken()
    {
        foreach (var mark in plot.Marks)
        {
            if (mark is Line { Points.Count: > 0 } line)
            {
                yield return Say(line.LegendText.Length > 0 ? line.LegendText : line.Name, line.Points, line.Names, line.Trainings);
            }
        }

        // One of those that look alike is in the legend for all of them.
        foreach (var signs in plot.Marks.OfType<Marker>().GroupBy(marker => (marker.Shape, marker.Size, marker.Color)))
        {
            yield return Say(
                signs.Select(sign => sign.LegendText).FirstOrDefault(text => text.Length > 0, string.Empty),
                [.. signs.Select(sign => (sign.X, sign.Y))],
                signs.Any(sign => sign.Name.Length > 0) ? [.. signs.Select(sign => sign.Name)] : null);
        }

        if (plot.Marks.OfType<Bar>().ToArray() is { Length: > 0 } bars)
        {
            yield return Say(string.Empty, [.. bars.Select(bar => (bar.Place, bar.Value))], null);
        }
    }

    /// <summary>Points at their places, joined and marked.</summary>
    internal static IEnumerable<Item> Series(Line line, IReadOnlyList<(double X, double Y)> joined, IReadOnlyList<(double X, double Y)> marked, bool inside)
    {
        if (line.LineWidth > 0 && joined.Count > 1)
        {
            yield return Stroke(new Outline().Through(joined), line.Color, line.LineWidth, line.LinePattern, inside);
        }

        if (line.MarkerSize > 0 && marked.Count > 0)
        {
            var signs = new Outline();
            foreach (var (x, y) in marked)
            {
                signs.Sign(line.MarkerShape, x, y, line.MarkerSize);
            }

            yield return IsOpen(line.MarkerShape)
                ? new Shape(signs.ToString(), null, line.Color, 1.6, LinePattern.Solid, inside)
                : new Shape(signs.ToString(), line.Color, null, 0, LinePattern.Solid, inside);
        }
    }

    /// <summary>A sign at its place.</summary>
    internal static IEnumerable<Item> Sign(Marker marker, double x, double y, bool inside)
    {
        var path = new Outline().Sign(marker.Shape, x, y, marker.Size).ToString();
        return IsOpen(marker.Shape)
            ? [new Shape(path, null, marker.Color, marker.MarkerLineWidth, LinePattern.Solid, inside)]
            : [new Shape(path, marker.Color, marker.MarkerLineColor, marker.MarkerLineColor is null ? 0 : marker.MarkerLineWidth, LinePattern.Solid, inside)];
    }

    internal static Shape Stroke(Outline outline, Color color, double width, LinePattern pattern, bool inside) => new(outline.ToString(), null, color, width, pattern, inside);

    /// <summary>Cells over an area: neighbours in a row of one colour are one line.</summary>
    internal static CellRuns Runs(Cells cells, Area area)
    {
        var levels = new System.Text.StringBuilder?[Colormap.Levels];
        foreach (var (row, values) in cells.Values.Index())
        {
            for (var column = 0; column < values.Count;)
            {
                var start = column;
                var level = Level(values[column]);
                while (column < values.Count && Level(values[column]) == level)
                {
                    column++;
                }

                if (level is { } one)
                {
                    (levels[one] ??= new()).Append('M').Append(start).Append(' ').Append(row).Append('h').Append(column - start);
                }
            }
        }

        return new(
            area.Left, area.Top, area.Width / cells.Width, area.Height / cells.Height,
            [.. levels.Index().Where(level => level.Item is not null).Select(level => (cells.Colormap.Light[level.Index], level.Item!.ToString()))]);

        int? Level(double? value) => value is { } known ? Colormap.Level(cells.Range.Place(known)) : null;
    }

    /// <summary>What is said of a place on an axis: its label where it has one, the number else.</summary>
    private static string Said(Axis axis, double value)
    {
        if (axis.Say is { } say)
        {
            return say(value);
        }

        var label = axis.Ticks?.Where(tick => Math.Abs(tick.Position - value) < 1e-9).Select(tick => tick.Label.Replace('\n', ' ')).FirstOrDefault();
        return label ?? Words.Significant(value);
    }

    private static bool IsOpen(MarkerShape shape) => shape >= MarkerShape.OpenCircle;

    private static Shape Filled(Outline outline, Color color) => new(outline.ToString(), color, null, 0, LinePattern.Solid, true);

    private Spoken Say(string series, IReadOnlyList<(double X, double Y)> points, IReadOnlyList<string>? names, IReadOnlyList<int>? trainings = null)
    {
        var seen = points.Index().Where(point => point.Item.X >= across.Range.Low && point.Item.X <= across.Range.High).ToArray();
        return new(
            series,
            [.. seen.Select(point => new SpokenPlace(
                across.Place(point.Item.X),
                Math.Clamp(upright.Place(point.Item.Y), area.Top, area.Bottom),
                Said(plot.Axes.Bottom, point.Item.X),
                Said(plot.Axes.Left, point.Item.Y),
                names?[point.Index],
                trainings?[point.Index]))]);
    }

    private (double X, double Y) Place((double X, double Y) point) => (across.Place(point.X), upright.Place(point.Y));

    private Outline Between(double left, double right, double bottom, double top) =>
        new Outline().Rectangle(
            across.Place(Math.Min(left, right)), upright.Place(Math.Max(bottom, top)), across.Place(Math.Max(left, right)), upright.Place(Math.Min(bottom, top)));

    private Outline Circle(double radius) => new Outline().Ellipse(
        across.Place(0), upright.Place(0), Math.Abs(across.Place(radius) - across.Place(0)), Math.Abs(upright.Place(radius) - upright.Place(0)));

    private IEnumerable<Item> Lettering(Note note)
    {
        var (text, size) = (note.Text, (double)Canvas.TickSize);
        if (text.Length == 0)
        {
            yield break;
        }

        if (_cells is { } cells && note.Alignment == Alignment.MiddleCenter)
        {
            var (room, height) = ((area.Width / cells.Width) - 2, area.Height / cells.Height);
            size = Math.Min(size, Math.Min(height - 2, size * room / Math.Max(FigureFont.Width(text, size), 1)));
            if (size < Fitting.Smallest - 1)
            {
                yield break;
            }
        }

        var width = FigureFont.Width(text, size);
        var (x, y) = Place((note.X, note.Y));
        // Words stay whole: what would reach beyond the plot is moved into it.
        var (anchor, place) = note.Alignment switch
        {
            Alignment.UpperLeft or Alignment.MiddleLeft or Alignment.LowerLeft => (-1, Within(x + Pad, area.Left, area.Right - width)),
            Alignment.UpperRight or Alignment.MiddleRight or Alignment.LowerRight => (1, Within(x - Pad, area.Left + width, area.Right)),
            _ => (0, Within(x, area.Left + (width / 2), area.Right - (width / 2))),
        };
        var high = note.Alignment switch
        {
            Alignment.UpperLeft or Alignment.UpperCenter or Alignment.UpperRight => y + Pad + (size * FigureFont.Capital),
            Alignment.LowerLeft or Alignment.LowerCenter or Alignment.LowerRight => y - Pad,
            _ => y + (size * FigureFont.Capital / 2),
        };
        yield return new Lettering(text, place, Within(high, area.Top + (size * FigureFont.Capital), area.Bottom), size, note.Color, anchor);

        static double Within(double value, double low, double high) => Math.Clamp(value, low, Math.Max(low, high));
    }
}
