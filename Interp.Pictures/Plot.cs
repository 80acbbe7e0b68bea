namespace Interp.Pictures;

/// <summary>An axis: what is written beside it and at which places.</summary>
internal sealed class Axis
{
    /// <summary>What it shows; lines apart by a line feed. Empty where that goes without saying.</summary>
    public string Label { get; set; } = string.Empty;

    /// <summary>Places with their labels; null for round numbers.</summary>
    public IReadOnlyList<(double Position, string Label)>? Ticks { get; set; }

    /// <summary>The size of the labels, in CSS pixels.</summary>
    public float TickSize { get; set; } = Canvas.TickSize;

    /// <summary>Whether lines go through the places.</summary>
    public bool Grid { get; set; } = true;

    /// <summary>What is said of a place under the pointer, where an axis does not show the number itself.</summary>
    public Func<double, string>? Say { get; set; }

    /// <summary>Whether that says all there is to say, so that the label is not said before it.</summary>
    public bool SaysUnit { get; set; }
}

/// <summary>The two axes of a plot.</summary>
internal sealed record Axes(Axis Bottom, Axis Left);

/// <summary>What all pictures have in common.</summary>
internal static class Canvas
{
    public const float TitleSize = 17;
    public const float LabelSize = 15;
    public const float TickSize = 14;

    /// <summary>Labels at places of an axis instead of round numbers, and no tick marks.</summary>
    public static void Ticks(Axis axis, IEnumerable<(double Position, string Label)> ticks, float size = TickSize)
    {
        axis.Ticks = [.. ticks.Select(tick => (tick.Position, string.Join('\n', tick.Label.Split('\n').Select(Quote.text))))];
        axis.TickSize = size;
    }
}

/// <summary>Where a legend stands.</summary>
internal enum LegendPlace
{
    None,
    Corner,
    Below,
}

/// <summary>
/// A figure as a value: everything that is to be seen, in the units of its axes, and nothing of how that is written down. All numbers are
/// finite, and all words may stand in a picture.
/// </summary>
/// <param name="Title">Above the plot; empty where there is none.</param>
/// <param name="TitleSize">In CSS pixels, where there is room for it.</param>
/// <param name="Axes">What is written beside it.</param>
/// <param name="Horizontal">What the horizontal axis reaches over.</param>
/// <param name="Vertical">What the vertical axis reaches over.</param>
/// <param name="Marks">What is drawn, the lowest first.</param>
/// <param name="Legend">Where the legend stands.</param>
/// <param name="Corner">The corner that it stands in, where it does.</param>
/// <param name="SquareUnits">Whether a unit is as long upright as across.</param>
/// <param name="Background">Behind the marks.</param>
/// <param name="LeftOut">The sentence about values that are not finite; empty where all are.</param>
internal sealed record Plot(
    string Title,
    float TitleSize,
    Axes Axes,
    Extent Horizontal,
    Extent Vertical,
    IReadOnlyList<Mark> Marks,
    LegendPlace Legend,
    Alignment Corner,
    bool SquareUnits,
    Color Background,
    string LeftOut);
