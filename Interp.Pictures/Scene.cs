namespace Interp.Pictures;

/// <summary>A rectangle in CSS pixels from the upper left.</summary>
internal readonly record struct Area(double Left, double Top, double Right, double Bottom)
{
    public double Width => Right - Left;

    public double Height => Bottom - Top;
}

/// <summary>One thing of a picture, with its place. <paramref name="Inside"/>: what lies outside of the plot's area is cut off.</summary>
internal abstract record Item(bool Inside);

/// <summary>An outline, filled, drawn, or both.</summary>
internal sealed record Shape(string Path, Color? Fill, Color? Stroke, double Width, LinePattern Pattern, bool Inside) : Item(Inside);

/// <summary>A line of text. <paramref name="X"/> and <paramref name="Y"/> are on its base line.</summary>
/// <param name="Text">What it says.</param>
/// <param name="X">Where its start, middle or end stands.</param>
/// <param name="Y">The base line.</param>
/// <param name="Size">The font's.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Anchor">-1 where it starts at X, 0 where its middle stands there, 1 where it ends there.</param>
/// <param name="Bold">Whether it is set in semibold.</param>
/// <param name="Upwards">Whether it reads from bottom to top.</param>
/// <param name="Inside">Whether it is cut off at the plot's edge.</param>
internal sealed record Lettering(string Text, double X, double Y, double Size, Color Color, int Anchor, bool Bold = false, bool Upwards = false, bool Inside = false) : Item(Inside);

/// <summary>
/// Cells of one size: a path for each colour, of lines one unit thick in a system whose unit is a cell; "M2 3h4" are cells 2 to 5 of row 3.
/// </summary>
internal sealed record CellRuns(double Left, double Top, double CellWidth, double CellHeight, IReadOnlyList<(Color Color, string Path)> Levels) : Item(false);

/// <summary>A mark under a pointer.</summary>
/// <param name="X">In CSS pixels.</param>
/// <param name="Y">In CSS pixels.</param>
/// <param name="Across">What the horizontal axis says of it.</param>
/// <param name="Upright">What the vertical axis says of it.</param>
/// <param name="Name">A name of its own; null where it has none.</param>
/// <param name="Training">The training of a study that it is of; null where it is of none.</param>
internal sealed record SpokenPlace(double X, double Y, string Across, string Upright, string? Name, int? Training = null);

/// <summary>Marks that are spoken of together.</summary>
/// <param name="Series">What all of them are called; may be empty.</param>
/// <param name="Places">Each of them.</param>
internal sealed record Spoken(string Series, IReadOnlyList<SpokenPlace> Places);

/// <summary>A picture laid out: everything with its place, in CSS pixels, the lowest first. It is written as SVG and drawn in pixels alike.</summary>
/// <param name="Width">Of the whole.</param>
/// <param name="Height">Of the whole.</param>
/// <param name="Plot">What was laid out.</param>
/// <param name="Area">The plot's own rectangle.</param>
/// <param name="Items">What is to be seen.</param>
/// <param name="Spoken">What marks say.</param>
internal sealed record Scene(int Width, int Height, Plot Plot, Area Area, IReadOnlyList<Item> Items, IReadOnlyList<Spoken> Spoken);
