
namespace Interp.Pictures;

/// <summary>The trainings of one group with what was measured on them.</summary>
internal sealed record GroupResults(Group Group, IReadOnlyList<SurveyResult> Results)
{
    /// <summary>"plain", "plain, d_head=4".</summary>
    public string Name => Group.ToString();

    public Color Color => Palette.Of(Group.Variant.IsTwoLayer ? 2 : Group.Variant.IsSmeared ? 1 : 0);

    /// <summary>The finite values of a quantity.</summary>
    public double[] Values(Quantity quantity) =>
        [.. Results.SelectMany(result => result.Quantities).Where(entry => entry.Item1.Equals(quantity) && double.IsFinite(entry.Item2)).Select(entry => entry.Item2)];

    /// <summary>Which training each of them is of.</summary>
    public Dot[] Dots(Quantity quantity) =>
    [
        .. Results.SelectMany(result => result.Quantities
            .Where(entry => entry.Item1.Equals(quantity) && double.IsFinite(entry.Item2))
            .Select(_ => new Dot($"seed {result.Item.Configuration.Seed}", result.Item.Index))),
    ];

    /// <summary>How many values of a quantity are not finite.</summary>
    public int NotFinite(Quantity quantity) =>
        Results.SelectMany(result => result.Quantities).Count(entry => entry.Item1.Equals(quantity) && !double.IsFinite(entry.Item2));

    /// <summary>The groups of some results, in the order of the items.</summary>
    public static IReadOnlyList<GroupResults> Of(IReadOnlyList<SurveyResult> results) =>
        [.. results.OrderBy(result => result.Item.Index).GroupBy(result => new Group(result.Item.Variant, result.Item.Setting)).Select(group => new GroupResults(group.Key, [.. group]))];

    /// <summary>All quantities of some groups, each once, in the order in which they are measured; but not those of single heads, whose numbers mean nothing across trainings.</summary>
    public static IReadOnlyList<Quantity> Quantities(IReadOnlyList<GroupResults> groups) =>
        [.. groups.SelectMany(group => group.Results.SelectMany(result => result.Quantities).Select(entry => entry.Item1).Where(quantity => !quantity.IsOfHead).Distinct()).Distinct()];
}
