using Interp.Host.Results;
using ScottPlot;

namespace Interp.Host.Figures;

/// <summary>The trainings of one group with what was measured on them.</summary>
internal sealed record GroupResults(Group Group, IReadOnlyList<SurveyResult> Results)
{
    /// <summary>"plain", "plain, d_head=4".</summary>
    public string Name => Group.ToString();

    public Color Color => Palette.Of(Group.Variant.IsTwoLayer ? 2 : Group.Variant.IsSmeared ? 1 : 0);

    /// <summary>The finite values of a quantity.</summary>
    public double[] Values(Quantity quantity) =>
        [.. Results.SelectMany(result => result.Quantities).Where(entry => entry.Item1.Equals(quantity) && double.IsFinite(entry.Item2)).Select(entry => entry.Item2)];

    /// <summary>The groups of some results, in the order of the items.</summary>
    public static IReadOnlyList<GroupResults> Of(IReadOnlyList<SurveyResult> results) =>
        [.. results.OrderBy(result => result.Item.Index).GroupBy(result => new Group(result.Item.Variant, result.Item.Setting)).Select(group => new GroupResults(group.Key, [.. group]))];

    /// <summary>All quantities of some groups, each once, in the order in which they are measured.</summary>
    public static IReadOnlyList<Quantity> Quantities(IReadOnlyList<GroupResults> groups) =>
        [.. groups.SelectMany(group => group.Results.SelectMany(result => result.Quantities).Select(entry => entry.Item1).Distinct()).Distinct()];
}

/// <summary>Every picture of a study over many seeds.</summary>
internal static class SurveyFigureSet
{
    public static IReadOnlyList<Figure> Of(IReadOnlyList<GroupResults> groups) =>
    [
        .. SurveyLossFigures.Of(groups),
        .. SurveyEigenvalueFigure.Of(groups) is { } eigenvalues ? [eigenvalues] : Array.Empty<Figure>(),
        .. GroupResults.Quantities(groups).Select(quantity => DistributionFigure.Of(quantity, groups)).OfType<Figure>(),
    ];
}

/// <summary>Dots of many values in a strip, so that none hides another.</summary>
internal static class Swarm
{
    // As wide as a dot is, of the axis.
    private const int Bins = 90;

    /// <summary>Each value with a height from -half to half: values of one bin stand apart, around the middle.</summary>
    public static IEnumerable<(double Value, double Height)> Spread(IReadOnlyList<double> values, double low, double high, double half)
    {
        // In the order of the items, which says nothing of the value: sorted, a bin would look like an arrow.
        var bins = values.GroupBy(value => (int)Math.Floor(Bins * (value - low) / Math.Max(high - low, double.Epsilon))).Select(bin => bin.ToArray()).ToArray();
        var most = bins.Select(bin => bin.Length).DefaultIfEmpty(1).Max();
        var step = Math.Min(0.09, 2 * half / Math.Max(1, most - 1));
        return bins.SelectMany(bin => bin.Select((value, place) =>
        {
            // 0, +1, -1, +2, -2: around the middle.
            var offset = ((place + 1) / 2) * (place % 2 == 0 ? -1 : 1);
            return (value, offset * step);
        }));
    }

    /// <summary>Draws them; the more there are, the smaller and paler.</summary>
    public static void Draw(Plot plot, IReadOnlyList<double> values, double low, double high, double middle, double half, Color color)
    {
        var dots = Spread(values, low, high, half).ToArray();
        var (size, alpha) = values.Count switch { <= 30 => (6.5f, 0.8), <= 150 => (5f, 0.65), _ => (3.5f, 0.45) };
        var drawn = plot.Add.ScatterPoints(dots.Select(dot => dot.Value).ToArray(), dots.Select(dot => middle + dot.Height).ToArray(), color.WithAlpha(alpha));
        drawn.MarkerSize = size;
        drawn.MarkerShape = MarkerShape.FilledCircle;
    }
}
