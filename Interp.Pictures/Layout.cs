namespace Interp.Pictures;

/// <summary>Where everything of a plot comes to stand: title, axes, marks, legend, bar of colours.</summary>
internal static class Layout
{
    /// <summary>Nothing but lines comes nearer to the edge of a picture.</summary>
    private const double Edge = 8;

    /// <summary>Between an axis and its labels, and between these and what they are of.</summary>
    private const double Gap = 6;

    private const double BarWidth = 14;

    public static Scene Of(Plot plot, int width, int height)
    {
        var cells = plot.Marks.OfType<Cells>().FirstOrDefault();
        var (across, upright) = (plot.Axes.Bottom, plot.Axes.Left);
        var (title, titleSize) = Fitting.Fit(plot.Title, plot.TitleSize, width - (2 * Edge), bold: true);
        var legend = new LegendLayout(plot.Legend == LegendPlace.None ? [] : plot.Marks, width - (2 * Edge), one: plot.Legend == LegendPlace.Corner);
        string[] below = [.. new[] { across.Label, plot.LeftOut }.Where(line => line.Length > 0)];

        // What surrounds the plot depends on how large it is, and the other way round: twice is enough.
        var area = new Area(60, 30, width - 20, height - 60);
        AxisLabels beside = null!, under = null!, bar = null!;
        var (horizontal, vertical) = (plot.Horizontal, plot.Vertical);
        for (var pass = 0; pass < 2; pass++)
        {
            (horizontal, vertical) = plot.SquareUnits ? Square(plot.Horizontal, plot.Vertical, area) : (plot.Horizontal, plot.Vertical);
            beside = AxisLabels.Beside(upright, vertical, area.Height, 0.52 * width);
            under = AxisLabels.Below(across, horizontal, area.Width, 0.4 * height);
            bar = cells is null ? new([], 0, 0, false) : AxisLabels.Beside(new() { TickSize = Canvas.TickSize - 1 }, cells.Range, area.Height, 0.2 * width);
            var left = Edge + Line(upright.Label, Canvas.LabelSize) + beside.Reach + Gap;
            var right = cells is null ? Edge + Gap : Gap + BarWidth + Gap + bar.Reach + Line(cells.Unit, Canvas.TickSize) + Edge;
            var top = Edge + Line(title, titleSize);
            var bottom = Gap + under.Reach + (below.Length * Canvas.LabelSize * FigureFont.Leading) + (below.Length > 0 ? 2 : 0)
                + (plot.Legend == LegendPlace.Below ? legend.Height : 0) + Gap;
            area = new(left, top, Math.Max(width - right, left + 4), Math.Max(height - bottom, top + 4));
            area = cells is null ? area : Whole(area, cells);
        }

        var (x, y) = (new Scale(horizontal, area.Left, area.Right), new Scale(vertical, area.Bottom, area.Top));
        var marks = new MarkLayout(plot, area, x, y);
        var items = new List<Item> { Background(plot.Background, area) };
        items.AddRange(Grid(across, upright, under, beside, area, x, y));
        items.AddRange(plot.Marks.SelectMany(marks.Items));
        items.Add(Frame(area));
        items.AddRange(Labels(under, area, x, width));
        items.AddRange(Labels(beside, area, y));
        items.AddRange(Titles(title, titleSize, upright.Label, area, width, height));
        var row = area.Bottom + Gap + under.Reach;
        foreach (var line in below)
        {
            row += Canvas.LabelSize * FigureFont.Leading;
            items.Add(Centred(line, Canvas.LabelSize, (area.Left + area.Right) / 2, row, width, false));
        }

        if (cells is not null)
        {
            items.AddRange(ColorBar(cells, bar, area));
        }

        items.AddRange(plot.Legend switch
        {
            LegendPlace.Below => legend.Centred(width / 2.0, row + Gap),
            LegendPlace.Corner => legend.In(area, plot.Corner),
            _ => [],
        });
        return new(width, height, plot, area, items, cells is null ? [.. marks.Spoken()] : []);
    }

    /// <summary>A line of text with its distance to what is next; nothing where there is none.</summary>
    private static double Line(string text, double size) => text.Length == 0 ? 0 : (size * FigureFont.Leading) + Gap;

    /// <summary>The wider range of the two that shows a unit as long upright as across.</summary>
    private static (Extent Horizontal, Extent Vertical) Square(Extent horizontal, Extent vertical, Area area)
    {
        var unit = Math.Min(area.Width / horizontal.Span, area.Height / vertical.Span);
        return (horizontal.AtLeast(area.Width / unit), vertical.AtLeast(area.Height / unit));
    }

    /// <summary>Cells are whole halves of a pixel, so that none is smeared over two.</summary>
    private static Area Whole(Area area, Cells cells)
    {
        var (across, upright) = (Half(area.Width / cells.Width), Half(area.Height / cells.Height));
        var left = Math.Ceiling(area.Left + ((area.Width - (across * cells.Width)) / 2));
        var top = Math.Ceiling(area.Top);
        return new(left, top, left + (across * cells.Width), top + (upright * cells.Height));

        static double Half(double size) => size < 1 ? size : Math.Floor(2 * size) / 2;
    }

    private static Shape Background(Color color, Area area) =>
        new(new Outline().Rectangle(area.Left, area.Top, area.Right, area.Bottom).ToString(), color, null, 0, LinePattern.Solid, false);

    private static IEnumerable<Item> Grid(Axis across, Axis upright, AxisLabels under, AxisLabels beside, Area area, Scale x, Scale y)
    {
        var lines = new Outline();
        foreach (var (position, _) in across.Grid ? under.Ticks : [])
        {
            lines.Move(x.Place(position), area.Top).Line(x.Place(position), area.Bottom);
        }

        foreach (var (position, _) in upright.Grid ? beside.Ticks : [])
        {
            lines.Move(area.Left, y.Place(position)).Line(area.Right, y.Place(position));
        }

        return lines.IsEmpty ? [] : [MarkLayout.Stroke(lines, Palette.Rule, 1, LinePattern.Solid, false)];
    }

    /// <summary>The two axes.</summary>
    private static Shape Frame(Area area) => MarkLayout.Stroke(
        new Outline().Move(area.Left, area.Top).Line(area.Left, area.Bottom).Line(area.Right, area.Bottom), Palette.Muted, 1, LinePattern.Solid, false);

    /// <summary>Below.</summary>
    private static IEnumerable<Item> Labels(AxisLabels labels, Area area, Scale x, int width)
    {
        foreach (var (position, lines) in labels.Ticks)
        {
            foreach (var (row, line) in lines.Index())
            {
                if (labels.Upwards)
                {
                    yield return new Lettering(line, x.Place(position) + (labels.Size * FigureFont.Capital / 2), area.Bottom + Gap, labels.Size, Palette.Ink, 1, Upwards: true);
                }
                else if (line.Length > 0)
                {
                    yield return Centred(line, labels.Size, x.Place(position), area.Bottom + Gap + (labels.Size * (FigureFont.Capital + (FigureFont.Leading * row))), width, false);
                }
            }
        }
    }

    /// <summary>To the left.</summary>
    private static IEnumerable<Item> Labels(AxisLabels labels, Area area, Scale y) => Column(labels, area.Left - Gap, 1, y);

    private static IEnumerable<Item> Column(AxisLabels labels, double x, int anchor, Scale y) => labels.Ticks.SelectMany(tick => tick.Lines.Select((line, row) =>
        (Item)new Lettering(
            line, x, y.Place(tick.Position) + (labels.Size * ((FigureFont.Capital / 2) + (FigureFont.Leading * (row - ((tick.Lines.Length - 1) / 2.0))))), labels.Size, Palette.Ink, anchor))
        .Where(item => item is Lettering { Text.Length: > 0 }));

    private static IEnumerable<Item> Titles(string title, double size, string beside, Area area, int width, int height)
    {
        if (title.Length > 0)
        {
            yield return Centred(title, size, (area.Left + area.Right) / 2, Edge + (size * FigureFont.Capital) + 2, width, true);
        }

        if (beside.Length > 0)
        {
            yield return Upwards(beside, Canvas.LabelSize, Edge + Canvas.LabelSize, area, height);
        }
    }

    /// <summary>A bar of the colours beside the cells, with its numbers and what they are.</summary>
    private static IEnumerable<Item> ColorBar(Cells cells, AxisLabels labels, Area area)
    {
        var place = new Area(area.Right + Gap + 2, area.Top, area.Right + Gap + 2 + BarWidth, area.Bottom);
        var ramp = new Cells(
            [.. Enumerable.Range(0, Colormap.Levels).Reverse().Select(level => (IReadOnlyList<double?>)[(double)level / (Colormap.Levels - 1)])],
            cells.Colormap, Extent.Between(0, 1), string.Empty, null, null);
        yield return MarkLayout.Runs(ramp, place);
        yield return MarkLayout.Stroke(new Outline().Rectangle(place.Left, place.Top, place.Right, place.Bottom), Palette.Muted, 1, LinePattern.Solid, false);
        foreach (var label in Column(labels, place.Right + Gap, -1, new(cells.Range, area.Bottom, area.Top)))
        {
            yield return label;
        }

        if (cells.Unit.Length > 0)
        {
            yield return Upwards(cells.Unit, Canvas.TickSize, place.Right + Gap + labels.Reach + Gap + Canvas.TickSize, area, area.Bottom + area.Top);
        }
    }

    /// <summary>Words about a middle, moved as far as it takes to have them whole.</summary>
    private static Lettering Centred(string text, double size, double middle, double y, int width, bool bold)
    {
        (text, size) = Fitting.Fit(text, size, width - Edge, bold);
        var half = FigureFont.Width(text, size, bold) / 2;
        return new(text, Math.Clamp(middle, half + (Edge / 2), Math.Max(half + (Edge / 2), width - half - (Edge / 2))), y, size, Palette.Ink, 0, bold);
    }

    /// <summary>The same from bottom to top, beside an area.</summary>
    private static Lettering Upwards(string text, double size, double x, Area area, double height)
    {
        (text, size) = Fitting.Fit(text, size, height - Edge);
        var half = FigureFont.Width(text, size) / 2;
        return new(text, x, Math.Clamp((area.Top + area.Bottom) / 2, half + (Edge / 2), Math.Max(half + (Edge / 2), height - half - (Edge / 2))), size, Palette.Ink, 0, Upwards: true);
    }
}
