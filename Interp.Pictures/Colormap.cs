namespace Interp.Pictures;

/// <summary>Values from 0 to 1 as colours, in steps so small that nobody sees them and so few that a picture stays small.</summary>
internal sealed class Colormap
{
    /// <summary>An odd number, so that the middle is a step of its own.</summary>
    public const int Levels = 33;

    private readonly Color[] _colors;

    /// <summary>Stops spaced evenly over [0, 1], mixed linearly in between; on light paper and on dark.</summary>
    public Colormap(string name, string[] stops, string[] dark)
    {
        _colors = Ramp(stops, name);
        Dark = Ramp(dark, name);
    }

    /// <summary>The levels on dark paper.</summary>
    public IReadOnlyList<Color> Dark { get; }

    /// <summary>The levels on light paper, each with its name.</summary>
    public IReadOnlyList<Color> Light => _colors;

    /// <summary>The level of a position; what lies outside takes an end's.</summary>
    public static int Level(double position) => (int)Math.Round(Math.Clamp(position, 0.0, 1.0) * (Levels - 1));

    public Color GetColor(double position) => _colors[Level(position)];

    private static Color[] Ramp(string[] stops, string name)
    {
        var colors = stops.Select(stop => Color.FromHex(stop)).ToArray();
        return
        [
            .. Enumerable.Range(0, Levels).Select(level =>
            {
                var place = (double)level / (Levels - 1) * (colors.Length - 1);
                var below = Math.Min((int)place, colors.Length - 2);
                return colors[below].MixedWith(colors[below + 1], place - below) with { Name = $"{name}{level}" };
            }),
        ];
    }
}
