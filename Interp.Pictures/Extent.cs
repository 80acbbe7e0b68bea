namespace Interp.Pictures;

/// <summary>
/// A range of colours or of an axis: finite, and wide enough to tell its ends apart, whatever it was made of. Nothing, one value, equal
/// values, huge ones and tiny ones have an extent too; what is not finite has no part in it.
/// </summary>
internal readonly record struct Extent
{
    /// <summary>Beyond this, sums and differences of a picture's arithmetic would overflow.</summary>
    private const double Largest = 1e300;

    /// <summary>Ends nearer than this share of their size are one value: pictures place things in single precision.</summary>
    private const double Narrow = 1e-6;

    /// <summary>Below this everything is zero to a picture.</summary>
    private const double Least = 1e-30;

    private Extent(double low, double high) => (Low, High) = (low, high);

    public double Low { get; }

    public double High { get; }

    public double Span => High - Low;

    /// <summary>From the least to the largest of the values that are finite; 0 to 1 where there is none.</summary>
    public static Extent Of(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).ToArray();
        return finite.Length == 0 ? new(0, 1) : Between(finite.Min(), finite.Max());
    }

    /// <summary>The same, as far as zero at least.</summary>
    public static Extent FromZero(IEnumerable<double> values) => Of(values.Append(0));

    /// <summary>As far below zero as above it, and at least to the largest magnitude.</summary>
    public static Extent AroundZero(IEnumerable<double> values) => Of(values.SelectMany(value => new[] { -value, value }));

    /// <summary>Between two ends, in either order; an end that is not finite gives way to the other.</summary>
    public static Extent Between(double one, double other)
    {
        var (low, high) = (double.IsFinite(one), double.IsFinite(other)) switch
        {
            (true, true) => (Math.Min(one, other), Math.Max(one, other)),
            (true, false) => (one, one),
            (false, true) => (other, other),
            _ => (0, 1),
        };
        (low, high) = (Math.Clamp(low, -Largest, Largest), Math.Clamp(high, -Largest, Largest));
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        return size < Least ? (low < 0 && high <= 0 ? new(-1, 0) : new(0, 1))
            : high - low > Narrow * size ? new(low, high)
            : new(low - (size / 10), high + (size / 10));
    }

    /// <summary>Wider by shares of its span.</summary>
    public Extent Padded(double below, double above) => Between(Low - (below * Span), High + (above * Span));

    /// <summary>Around the same middle, at least so wide.</summary>
    public Extent AtLeast(double span) => Span >= span ? this : Between(Low - ((span - Span) / 2), High + ((span - Span) / 2));

    /// <summary>Where a finite value stands, from 0 to 1; what lies outside stands at the end.</summary>
    public double Place(double value) => Math.Clamp((value - Low) / Span, 0, 1);
}
