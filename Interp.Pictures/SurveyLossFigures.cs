using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Held-out losses on the way, over many trainings: the median, and a band that holds most of them.</summary>
internal static class SurveyLossFigures
{
    /// <summary>From so many trainings on a band leaves the outermost tenth out; of fewer it shows all.</summary>
    public const int Many = 20;

    private const int Width = 620;
    private const int Height = 440;

    /// <summary>One picture of all variants, or, where something was swept, one for each variant.</summary>
    public static IReadOnlyList<Figure> Of(IReadOnlyList<GroupResults> groups)
    {
        var drawn = groups.Where(group => group.Results.Any(result => !result.HeldOut.IsEmpty)).ToArray();
        return drawn.All(group => group.Group.Setting.IsEmpty)
            ? drawn.Length == 0 ? [] : [Picture("losses", "Held-out loss over training", drawn, group => group.Color)]
            : [.. drawn.GroupBy(group => group.Group.Variant).Select(variant =>
            {
                var settings = variant.ToArray();
                return Picture($"losses-{variant.Key}", $"Held-out loss over training, {variant.Key}", settings, group => Palette.Of(Array.IndexOf(settings, group)));
            })];
    }

    /// <summary>What the band of so many trainings shows.</summary>
    public static string Band(int count) => count >= Many ? "from the 5th to the 95th percentile" : "from the least to the largest";

    private static Figure Picture(string name, string title, GroupResults[] groups, Func<GroupResults, Color> color) => new(
        name,
        $"{title}: " + string.Join("; ", groups.Select(group =>
        {
            var curve = Curve(group);
            return $"{group.Name}, median from {(curve.Length == 0 ? Words.NotFinite : Words.Nats(curve[0].Median))} to {Last(curve)}";
        })) + ".",
        Width, Height + (groups.Length > 4 ? 24 * ((groups.Length - 1) / 4) : 0),
        () => Draw(title, groups, color));

    private static Drawing Draw(string title, GroupResults[] groups, Func<GroupResults, Color> color)
    {
        var drawing = new Drawing(title, "training step", "loss (nats a letter)");
        var floors = groups.Select(group => Tasks.floor(Configuration(group).Task)?.Value).OfType<double>().Distinct().ToArray();
        foreach (var floor in floors)
        {
            drawing.Across(floor, 2, Palette.Ink, LinePattern.Dashed);
            drawing.Note($"floor {Words.Nats(floor)}", 0, floor, Palette.Ink, Alignment.LowerLeft);
        }

        foreach (var (index, group) in groups.Index())
        {
            var curve = Curve(group);
            if (group.Results.Count > 1)
            {
                drawing.Band(curve.Select(point => ((double)point.Step, point.Low, point.High)), color(group).WithAlpha(0.2));
            }

            var line = drawing.Line(curve.Select(point => ((double)point.Step, point.Median)), color(group), $"{Label(group)}: {Last(curve)}");
            line.LineWidth = 2.4f;
            line.MarkerShape = Palette.ShapeOf(index);
            line.MarkerSize = 5;
        }

        var points = groups.SelectMany(Curve).ToArray();
        drawing.Show(
            Extent.FromZero(points.Select(point => (double)point.Step)).Padded(0.01, 0.03),
            Extent.FromZero([.. points.SelectMany(point => new[] { point.Low, point.High }), .. floors]).Padded(0, 0.08));
        drawing.LeaveOut(groups.Sum(group => group.Results.Sum(result => result.HeldOut.Count(point => !double.IsFinite(point.Item2)))));
        drawing.LegendBelow();
        return drawing;
    }

    private static string Last((int Step, double Low, double Median, double High)[] curve) => curve.Length == 0 ? Words.NotFinite : Words.Nats(curve[^1].Median);

    /// <summary>The variant, or, in a picture of one variant's settings, the setting.</summary>
    private static string Label(GroupResults group) => group.Group.Setting.IsEmpty ? group.Name : SurveyModule.settingName(group.Group.Setting);

    private static Configuration Configuration(GroupResults group) => group.Results[0].Item.Configuration;

    /// <summary>Over the trainings that were measured at a step.</summary>
    private static (int Step, double Low, double Median, double High)[] Curve(GroupResults group) =>
    [
        .. group.Results
            .SelectMany(result => result.HeldOut)
            .Where(point => double.IsFinite(point.Item2))
            .GroupBy(point => point.Item1)
            .OrderBy(step => step.Key)
            .Select(step =>
            {
                var losses = step.Select(point => point.Item2).Order().ToArray();
                var tail = group.Results.Count >= Many ? 0.05 : 0.0;
                return (step.Key, NullDistributionModule.percentile(tail, losses), Statistics.median(losses), NullDistributionModule.percentile(1 - tail, losses));
            }),
    ];
}
