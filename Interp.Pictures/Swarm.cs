namespace Interp.Pictures;

/// <summary>What a dot stands for.</summary>
/// <param name="Name">What it is called: "seed 3".</param>
/// <param name="Training">The training's number in its study.</param>
internal sealed record Dot(string Name, int Training);

/// <summary>Dots of many values in a strip, so that none hides another.</summary>
internal static class Swarm
{
    /// <summary>Of more values than these each bin is a bar: nobody tells so many dots apart, and a page would have to hold them all.</summary>
    public const int Most = 1000;

    // As wide as a dot is, of the axis.
    private const int Bins = 90;

    // Of the highest bar: a single value is seen.
    private const double Lowest = 0.02;

    /// <summary>Each value's place in the list with a height from -half to half: values of one bin stand apart, around the middle.</summary>
    private static IEnumerable<(int Index, double Height)> Spread(IReadOnlyList<double> values, Extent range, double half)
    {
        // In the order of the items, which says nothing of the value: sorted, a bin would look like an arrow.
        var bins = values.Index().GroupBy(value => Bin(value.Item, range)).Select(bin => bin.ToArray()).ToArray();
        var most = bins.Select(bin => bin.Length).DefaultIfEmpty(1).Max();
        var step = Math.Min(0.09, 2 * half / Math.Max(1, most - 1));
        return bins.SelectMany(bin => bin.Select((value, place) =>
        {
            // 0, +1, -1, +2, -2: around the middle.
            var offset = ((place + 1) / 2) * (place % 2 == 0 ? -1 : 1);
            return (value.Index, offset * step);
        }));
    }

    private static int Bin(double value, Extent range) => Math.Min(Bins - 1, (int)Math.Floor(Bins * range.Place(value)));

    /// <summary>A bar for each bin, as high as it has values.</summary>
    private static void Bars(Drawing drawing, IReadOnlyList<double> values, Extent range, double middle, double half, Color color)
    {
        var counts = values.CountBy(value => Bin(value, range)).ToArray();
        var (most, width) = (counts.Max(bin => bin.Value), range.Span / Bins);
        foreach (var (bin, count) in counts)
        {
            var height = half * Math.Max(Lowest, (double)count / most);
            drawing.Box(range.Low + (bin * width), range.Low + ((bin + 1) * width), middle - height, middle + height, color.WithAlpha(0.45));
        }
    }

    /// <summary>Draws them, all on the axis, each with what it stands for; the more there are, the smaller and paler. Of more than <see cref="Most"/> it draws how many there are where.</summary>
    public static void Draw(Drawing drawing, IReadOnlyList<double> values, IReadOnlyList<Dot> names, Extent range, double middle, double half, Color color)
    {
        if (values.Count > Most)
        {
            Bars(drawing, values, range, middle, half, color);
            return;
        }

        var dots = Spread(values, range, half).ToArray();
        var (size, alpha) = values.Count switch { <= 30 => (6.5f, 0.8), <= 150 => (5f, 0.65), _ => (3.5f, 0.45) };
        var drawn = drawing.Points(dots.Select(dot => (values[dot.Index], middle + dot.Height, names[dot.Index])), color.WithAlpha(alpha));
        drawn.MarkerSize = size;
        drawn.MarkerShape = MarkerShape.FilledCircle;
    }
}
