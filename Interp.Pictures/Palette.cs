namespace Interp.Pictures;

/// <summary>
/// The colours of every picture, told apart by colour-blind readers too. Blue raises, orange lowers, everywhere. Each has a second look on
/// dark paper.
/// </summary>
internal static class Palette
{
    public static readonly Color Ink = Named("#1B2430", "ink");
    public static readonly Color Muted = Named("#566172", "muted");
    public static readonly Color Rule = Named("#D9DEE5", "rule");
    public static readonly Color Paper = Named("#FFFFFF", "paper");

    /// <summary>Where a matrix has no value.</summary>
    public static readonly Color Empty = Named("#EEF0F3", "empty");

    public static readonly Color Raises = Named("#1F6FB4", "raises");
    public static readonly Color Lowers = Named("#C8551B", "lowers");
    public static readonly Color Neither = Named("#6B7480", "neither");

    /// <summary>Centred on zero: orange below, blue above.</summary>
    public static readonly Colormap Diverging = new(
        "d",
        ["#6E2A07", "#B9501A", "#E59A66", "#F8DCC6", "#FCFCFC", "#CFE1F1", "#7DB0DA", "#2C72B3", "#0B3560"],
        ["#FFD9BD", "#F3A671", "#C96F35", "#6F3B1B", "#20262E", "#1D4364", "#3279B5", "#74B2E6", "#CBE6FB"]);

    /// <summary>From nothing, white, to much, dark; on dark paper the other way round.</summary>
    public static readonly Colormap Sequential = new(
        "s",
        ["#FFFFFF", "#DCEAF6", "#A9CCE8", "#6AA5D4", "#3479B7", "#174F8C", "#0A2A52"],
        ["#171C23", "#18334D", "#1B5180", "#2C76B4", "#5FA3DB", "#A3CEF1", "#E9F5FE"]);

    /// <summary>One for each head (after Okabe and Ito), in an order in which neighbours differ in lightness too.</summary>
    private static readonly Color[] Series =
    [
        Named("#0072B2", "c0"), Named("#E08A00", "c1"), Named("#00805C", "c2"), Named("#B84C93", "c3"),
        Named("#56B4E9", "c4"), Named("#A33B00", "c5"), Named("#2B2B2B", "c6"), Named("#B8A800", "c7"),
    ];

    private static readonly (string Name, string Dark)[] OnDark =
    [
        ("ink", "#E4E8EE"), ("muted", "#A3ADBA"), ("rule", "#323A45"), ("paper", "#14181E"), ("empty", "#272E37"),
        ("raises", "#62ABE8"), ("lowers", "#F0905C"), ("neither", "#98A2AF"),
        ("c0", "#4CA6E0"), ("c1", "#F0A63C"), ("c2", "#38C096"), ("c3", "#E285C2"),
        ("c4", "#9AD5F7"), ("c5", "#DB7138"), ("c6", "#D5D9DE"), ("c7", "#D9CB3E"),
    ];

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp, MarkerShape.OpenDiamond,
    ];

    /// <summary>Every colour with a name, on light paper and on dark.</summary>
    public static IReadOnlyList<(Color Light, Color Dark)> All { get; } =
    [
        .. new[] { Ink, Muted, Rule, Paper, Empty, Raises, Lowers, Neither }.Concat(Series)
            .Select(color => (color, Color.FromHex(OnDark.First(dark => dark.Name == color.Name).Dark, color.Name))),
        .. Diverging.Light.Zip(Diverging.Dark),
        .. Sequential.Light.Zip(Sequential.Dark),
    ];

    public static Color Of(int series) => Series[series % Series.Length];

    public static MarkerShape ShapeOf(int series) => Shapes[series % Shapes.Length];

    /// <summary>Black or white, whichever is read more easily on a colour: 4.5 to 1 on any. It follows that colour onto dark paper.</summary>
    public static Color On(Color ground) => Readable(ground) with { Name = ground.Name is { } name ? $"on-{name}" : null };

    /// <summary>Black or white on a colour as it is.</summary>
    public static Color Readable(Color ground)
    {
        var (black, white) = (new Color(0, 0, 0), new Color(255, 255, 255));
        return Color.Contrast(black, ground) >= Color.Contrast(white, ground) ? black : white;
    }

    private static Color Named(string hex, string name) => Color.FromHex(hex, name);
}
