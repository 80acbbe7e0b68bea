using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>What all pictures have in common: font, colours, sizes.</summary>
internal static class Canvas
{
    private const float TitleSize = 17;
    private const float LabelSize = 15;
    private const float TickSize = 14;

    /// <summary>An empty plot with a title and axis labels.</summary>
    public static Plot New(string title, string x, string y)
    {
        FigureFont.Use();
        var plot = new Plot();
        plot.Font.Set(FigureFont.Family);
        plot.FigureBackground.Color = Palette.Paper;
        plot.DataBackground.Color = Palette.Paper;
        plot.Axes.Color(Palette.Muted);
        plot.Axes.Bottom.TickGenerator = Numbers();
        plot.Axes.Left.TickGenerator = Numbers();
        plot.Axes.Title.Label.Text = title;
        plot.Axes.Title.Label.FontSize = TitleSize;
        // Font.Set gives every label a typeface, and with one of its own a label ignores Bold.
        plot.Axes.Title.Label.Font = null;
        plot.Axes.Title.Label.FontName = FigureFont.Family;
        plot.Axes.Title.Label.Bold = true;
        plot.Axes.Title.Label.ForeColor = Palette.Ink;
        plot.Axes.Title.IsVisible = title.Length > 0;
        Label(plot.Axes.Bottom, x);
        Label(plot.Axes.Left, y);
        // Kept, but bare: the last label of the horizontal axis needs room to its right.
        plot.Axes.Right.MinimumSize = 14;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.TickLabelStyle.IsVisible = false;
        plot.Axes.Right.MajorTickStyle.Length = 0;
        plot.Axes.Right.MinorTickStyle.Length = 0;
        plot.Axes.Top.IsVisible = false;
        plot.Grid.MajorLineColor = Palette.Rule;
        plot.Grid.MajorLineWidth = 1;
        return plot;
    }

    /// <summary>A frameless legend in a corner.</summary>
    public static void Legend(Plot plot, Alignment corner)
    {
        plot.ShowLegend(corner);
        plot.Legend.FontName = FigureFont.Family;
        plot.Legend.FontSize = TickSize;
        plot.Legend.FontColor = Palette.Ink;
        plot.Legend.BackgroundColor = Palette.Paper.WithAlpha(0.88);
        plot.Legend.OutlineColor = Colors.Transparent;
        plot.Legend.ShadowColor = Colors.Transparent;
    }

    /// <summary>A legend underneath, where it can hide nothing.</summary>
    public static void LegendBelow(Plot plot)
    {
        Legend(plot, Alignment.UpperRight);
        plot.ShowLegend(Edge.Bottom);
        plot.Legend.Orientation = Orientation.Horizontal;
    }

    /// <summary>The look of words inside the plot.</summary>
    public static void Style(ScottPlot.Plottables.Text note, Color color, Alignment alignment)
    {
        note.LabelFontName = FigureFont.Family;
        note.LabelFontSize = TickSize;
        note.LabelFontColor = color;
        note.LabelAlignment = alignment;
        note.LabelPadding = 4;
    }

    /// <summary>A colour bar to the right of a heat map.</summary>
    public static void ColorBar(Plot plot, IHasColorAxis source, string label)
    {
        var bar = plot.Add.ColorBar(source);
        bar.Axis.TickGenerator = Numbers();
        bar.Label = label;
        bar.LabelStyle.FontName = FigureFont.Family;
        bar.LabelStyle.FontSize = TickSize;
        bar.LabelStyle.ForeColor = Palette.Ink;
        bar.Axis.TickLabelStyle.FontName = FigureFont.Family;
        bar.Axis.TickLabelStyle.FontSize = TickSize - 1;
        bar.Axis.TickLabelStyle.ForeColor = Palette.Ink;
        bar.Axis.MinorTickStyle.Length = 0;
        bar.Axis.MajorTickStyle.Color = Palette.Muted;
        bar.Axis.FrameLineStyle.Color = Palette.Muted;
        bar.Width = 14;
    }

    /// <summary>Labels at whole numbers, and no tick marks.</summary>
    public static void Ticks(IAxis axis, IEnumerable<(double Position, string Label)> ticks, float size = TickSize)
    {
        var all = ticks.ToArray();
        axis.SetTicks([.. all.Select(tick => tick.Position)], [.. all.Select(tick => tick.Label)]);
        axis.TickLabelStyle.FontSize = size;
        axis.MajorTickStyle.Length = 0;
    }

    /// <summary>Ticks at round numbers; what is too large for its digits is written with an exponent.</summary>
    private static ScottPlot.TickGenerators.NumericAutomatic Numbers()
    {
        var ticks = new ScottPlot.TickGenerators.NumericAutomatic();
        var usual = ticks.LabelFormatter;
        ticks.LabelFormatter = value => Words.IsLarge(value) ? Words.Exact(value) : usual(value);
        return ticks;
    }

    /// <summary>An axis and what is written beside it.</summary>
    public static void Label(IAxis axis, string text)
    {
        axis.Label.Text = text;
        axis.Label.FontSize = LabelSize;
        axis.Label.Bold = false;
        axis.Label.ForeColor = Palette.Ink;
        axis.Label.IsVisible = text.Length > 0;
        axis.TickLabelStyle.FontSize = TickSize;
        axis.TickLabelStyle.ForeColor = Palette.Ink;
        axis.FrameLineStyle.Color = Palette.Muted;
        axis.MajorTickStyle.Color = Palette.Muted;
        axis.MinorTickStyle.Length = 0;
    }
}
