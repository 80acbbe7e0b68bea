using Interp.Host.Wording;
using ScottPlot;

namespace Interp.Host.Figures;

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
            return $"{group.Name}, median from {Words.Nats(curve[0].Median)} to {Words.Nats(curve[^1].Median)}";
        })) + ".",
        Width, Height + (groups.Length > 4 ? 24 * ((groups.Length - 1) / 4) : 0),
        () => Draw(title, groups, color));

    private static Plot Draw(string title, GroupResults[] groups, Func<GroupResults, Color> color)
    {
        var plot = Canvas.New(title, "training step", "loss (nats a letter)");
        foreach (var floor in groups.Select(group => Configuration(group)).Select(configuration => TaskModule.floor(configuration.Task)).Distinct())
        {
            plot.Add.HorizontalLine(floor, 2, Palette.Ink, LinePattern.Dashed);
            Canvas.Note(plot, $"floor {Words.Nats(floor)}", 0, floor, Palette.Ink, Alignment.LowerLeft);
        }

        var (top, last) = (0.0, 1.0);
        foreach (var (index, group) in groups.Index())
        {
            var curve = Curve(group);
            var steps = curve.Select(point => (double)point.Step).ToArray();
            if (group.Results.Count > 1)
            {
                var band = plot.Add.FillY(steps, curve.Select(point => point.Low).ToArray(), curve.Select(point => point.High).ToArray());
                band.FillColor = color(group).WithAlpha(0.2);
                band.LineWidth = 0;
            }

            var line = plot.Add.Scatter(steps, curve.Select(point => point.Median).ToArray(), color(group));
            line.LineWidth = 2.4f;
            line.MarkerShape = Palette.ShapeOf(index);
            line.MarkerSize = 5;
            line.LegendText = $"{Label(group)}: {Words.Nats(curve[^1].Median)}";
            top = Math.Max(top, curve.Max(point => point.High));
            last = Math.Max(last, steps[^1]);
        }

        plot.Axes.SetLimits(-0.01 * last, 1.03 * last, 0, 1.08 * top);
        Canvas.LegendBelow(plot);
        return plot;
    }

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
