namespace Interp.Pictures;

/// <summary>The sign at a point; the open ones are outlines.</summary>
internal enum MarkerShape
{
    FilledCircle,
    FilledSquare,
    FilledTriangleUp,
    FilledDiamond,
    OpenCircle,
    OpenSquare,
    OpenTriangleUp,
    OpenDiamond,
}

/// <summary>How a line is broken.</summary>
internal enum LinePattern
{
    Solid,
    Dashed,
    Dotted,
}

/// <summary>Which part of a text or of a legend lies at its place.</summary>
internal enum Alignment
{
    UpperLeft,
    UpperCenter,
    UpperRight,
    MiddleLeft,
    MiddleCenter,
    MiddleRight,
    LowerLeft,
    LowerCenter,
    LowerRight,
}

/// <summary>One thing on a plot, in the units of its axes; all its numbers are finite.</summary>
internal abstract record Mark
{
    /// <summary>What the legend calls it; empty where it is not in the legend.</summary>
    public string LegendText { get; set; } = string.Empty;

    /// <summary>What it is called under a pointer, where that is not in the legend.</summary>
    public string Name { get; set; } = string.Empty;
}

/// <summary>Points in their order: joined, marked, or both.</summary>
internal sealed record Line(IReadOnlyList<(double X, double Y)> Points, Color Color) : Mark
{
    /// <summary>In CSS pixels; none where the points are not joined.</summary>
    public float LineWidth { get; set; } = 1;

    public LinePattern LinePattern { get; set; } = LinePattern.Solid;

    public MarkerShape MarkerShape { get; set; } = MarkerShape.FilledCircle;

    /// <summary>The diameter in CSS pixels; none where the points have no marks.</summary>
    public float MarkerSize { get; set; } = 5;

    /// <summary>What each point is called, where it has a name.</summary>
    public IReadOnlyList<string>? Names { get; set; }

    /// <summary>The training of a study that each point is of, by its number there.</summary>
    public IReadOnlyList<int>? Trainings { get; set; }
}

/// <summary>A single sign.</summary>
internal sealed record Marker(double X, double Y, MarkerShape Shape, float Size, Color Color) : Mark
{
    /// <summary>The colour around a filled sign; null where there is no line around it.</summary>
    public Color? MarkerLineColor { get; set; }

    /// <summary>The width of an open sign's line, or of the line around a filled one.</summary>
    public float MarkerLineWidth { get; set; } = 1;
}

/// <summary>The area between two values at each place.</summary>
internal sealed record Band(IReadOnlyList<(double X, double Low, double High)> Values, Color Color) : Mark;

/// <summary>The area between two heights, over all of the width.</summary>
internal sealed record Span(double Low, double High, Color Color) : Mark;

/// <summary>A bar from zero.</summary>
internal sealed record Bar(double Place, double Value, Color Color) : Mark
{
    /// <summary>Of the distance from one bar to the next.</summary>
    public const double Width = 0.8;
}

/// <summary>A rectangle.</summary>
internal sealed record Box(double Left, double Right, double Bottom, double Top, Color Color) : Mark;

/// <summary>A line over all of the width.</summary>
internal sealed record Across(double Y, float Width, Color Color, LinePattern Pattern) : Mark;

/// <summary>A line over all of the height.</summary>
internal sealed record Upright(double X, float Width, Color Color, LinePattern Pattern) : Mark;

/// <summary>A short upright line.</summary>
internal sealed record Stroke(double X, double Bottom, double Top, float Width, Color Color) : Mark;

/// <summary>A circle about the origin.</summary>
internal sealed record Ring(double Radius, float Width, Color Color, LinePattern Pattern) : Mark;

/// <summary>Words.</summary>
internal sealed record Note(string Text, double X, double Y, Color Color, Alignment Alignment) : Mark;

/// <summary>Coloured cells [row][column], row 0 at the top, each one unit wide and high; a null is no value.</summary>
/// <param name="Values">All rows equally long; what lies outside of the range has the colours of its ends.</param>
/// <param name="Colormap">Their colours.</param>
/// <param name="Range">What its ends stand for.</param>
/// <param name="Unit">What the values are.</param>
/// <param name="Rows">What each row is called; its number where there is no name.</param>
/// <param name="Columns">The same of columns.</param>
internal sealed record Cells(
    IReadOnlyList<IReadOnlyList<double?>> Values, Colormap Colormap, Extent Range, string Unit, IReadOnlyList<string>? Rows, IReadOnlyList<string>? Columns) : Mark
{
    public int Height => Values.Count;

    public int Width => Values[0].Count;
}
