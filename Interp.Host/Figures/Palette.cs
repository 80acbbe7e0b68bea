using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>The colours of every picture, told apart by colour-blind readers too. Blue raises, orange lowers, everywhere.</summary>
internal static class Palette
{
    public static readonly Color Ink = Color.FromHex("#1B2430");
    public static readonly Color Muted = Color.FromHex("#5B6675");
    public static readonly Color Rule = Color.FromHex("#D9DEE5");
    public static readonly Color Paper = Colors.White;

    /// <summary>Where a matrix has no value.</summary>
    public static readonly Color Empty = Color.FromHex("#EEF0F3");

    public static readonly Color Raises = Color.FromHex("#1F6FB4");
    public static readonly Color Lowers = Color.FromHex("#C8551B");
    public static readonly Color Neither = Color.FromHex("#6B7480");

    /// <summary>Centred on zero: orange below, blue above.</summary>
    public static readonly IColormap Diverging = new Gradient(
        "Interp diverging", "#6E2A07", "#B9501A", "#E59A66", "#F8DCC6", "#FCFCFC", "#CFE1F1", "#7DB0DA", "#2C72B3", "#0B3560");

    /// <summary>From nothing, white, to much, dark.</summary>
    public static readonly IColormap Sequential = new Gradient(
        "Interp sequential", "#FFFFFF", "#DCEAF6", "#A9CCE8", "#6AA5D4", "#3479B7", "#174F8C", "#0A2A52");

    /// <summary>One for each head (after Okabe and Ito), in an order in which neighbours differ in lightness too.</summary>
    private static readonly Color[] Series =
    [
        Color.FromHex("#0072B2"), Color.FromHex("#E08A00"), Color.FromHex("#00805C"), Color.FromHex("#B84C93"),
        Color.FromHex("#56B4E9"), Color.FromHex("#A33B00"), Color.FromHex("#2B2B2B"), Color.FromHex("#B8A800"),
    ];

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp, MarkerShape.OpenDiamond,
    ];

    public static Color Of(int series) => Series[series % Series.Length];

    public static MarkerShape ShapeOf(int series) => Shapes[series % Shapes.Length];

    /// <summary>Colours spaced evenly over [0, 1], mixed linearly in between.</summary>
    private sealed class Gradient(string name, params string[] stops) : IColormap
    {
        private readonly Color[] _stops = [.. stops.Select(Color.FromHex)];

        public string Name => name;

        public Color GetColor(double position)
        {
            if (double.IsNaN(position))
            {
                return Colors.Transparent;
            }

            var place = Math.Clamp(position, 0.0, 1.0) * (_stops.Length - 1);
            var below = Math.Min((int)place, _stops.Length - 2);
            return _stops[below].MixedWith(_stops[below + 1], place - below);
        }
    }
}
