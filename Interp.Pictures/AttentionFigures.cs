using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Average attention: as it is, in the study's view, and by offset.</summary>
internal static class AttentionFigures
{
    private const int PanelWidth = 480;
    private const int PanelHeight = 440;

    /// <summary>The true averages of one head. All heads of a model share one colour scale.</summary>
    public static Figure Average(ModelResults model, int layer, int head)
    {
        var top = ScaleTop(model);
        var pattern = model.Attention.Patterns[layer][head];
        return new(
            $"{model.Name}-attention-{layer}-{head}",
            $"{Labels.Model(model)}, {Labels.Head(model.Configuration.Architecture, layer, head)}: average attention from each position to each earlier one, colours from 0 to {Words.Hundredth(top)}.",
            PanelWidth, PanelHeight,
            () => DrawPattern(model, Labels.Head(model.Configuration.Architecture, layer, head), "mean attention", pattern, top));
    }

    /// <summary>The same, every key column divided by its maximum: the view that the study shows.</summary>
    public static Figure ColumnNormalised(ModelResults model, int layer, int head)
    {
        var pattern = NormaliseColumns(model.Attention.Patterns[layer][head]);
        return new(
            $"{model.Name}-attention-normalised-{layer}-{head}",
            $"{Labels.Model(model)}, {Labels.Head(model.Configuration.Architecture, layer, head)}: average attention, each key column divided by its largest entry, as in the study's pictures.",
            PanelWidth, PanelHeight,
            () => DrawPattern(model, $"{Labels.Head(model.Configuration.Architecture, layer, head)}, columns scaled", "share of the column’s maximum", pattern, 1.0));
    }

    /// <summary>Mean attention by distance, all heads of a layer in one picture.</summary>
    public static Figure ByOffset(ModelResults model, int layer)
    {
        var heads = model.Attention.ByOffset[layer];
        return new(
            $"{model.Name}-offsets-{layer}",
            $"{Labels.Model(model)}: mean attention against offset, one line for each of {heads.Count} heads. "
            + string.Join("; ", heads.Select((offsets, head) => $"head {head}: {string.Join(", ", offsets.Select(mass => Words.Hundredth(mass)))}")) + ".",
            540, 420,
            () => DrawOffsets(model, heads));
    }

    /// <summary>
    /// The largest average once there is more than one block to look at, rounded up to a twentieth: the first rows have few positions to choose from, so
    /// their entries are large whatever the head does and would wash out the rest.
    /// </summary>
    public static double ScaleTop(ModelResults model) => Math.Ceiling(Extent.FromZero(model.Attention.Patterns
        .SelectMany(layer => layer)
        .SelectMany(head => head.Skip(model.Repetition.BlockLength))
        .SelectMany(row => row)
        .Select(mass => (double)mass)).High * 20) / 20;

    /// <summary>[pos][key_pos], each column divided by its maximum; a column of zeros stays as it is.</summary>
    public static IReadOnlyList<IReadOnlyList<float>> NormaliseColumns(IReadOnlyList<IReadOnlyList<float>> pattern)
    {
        var largest = Enumerable.Range(0, pattern[0].Count)
            .Select(column => pattern.Select(row => row[column]).Where(float.IsFinite).DefaultIfEmpty(0).Max())
            .ToArray();
        return [.. pattern.Select(row => (IReadOnlyList<float>)[.. row.Select((mass, column) => largest[column] > 0 || !float.IsFinite(mass) ? mass / largest[column] : 0f)])];
    }

    private static Drawing DrawPattern(ModelResults model, string title, string unit, IReadOnlyList<IReadOnlyList<float>> pattern, double top)
    {
        var drawing = HeatMap.Draw(
            title, "key position (looked at)", "query position (looking)", unit, Causal(pattern), Palette.Sequential, Extent.Between(0, top));
        drawing.Background(Palette.Empty);
        var block = model.Repetition.BlockLength;
        for (var edge = block; edge < pattern.Count; edge += block)
        {
            drawing.Across(HeatMap.RowHeight(pattern.Count, edge - 0.5), 1, Palette.Muted.WithAlpha(0.45), LinePattern.Dotted);
            drawing.Upright(edge - 0.5, 1, Palette.Muted.WithAlpha(0.45), LinePattern.Dotted);
        }

        Canvas.Ticks(drawing.Axes.Bottom, PositionTicks(pattern.Count));
        Canvas.Ticks(drawing.Axes.Left, PositionTicks(pattern.Count).Select(tick => (HeatMap.RowHeight(pattern.Count, tick.Position), tick.Label)));
        return drawing;
    }

    /// <summary>What lies ahead of the query is masked, which is not the same as an attention of zero: it is left empty.</summary>
    private static IReadOnlyList<IReadOnlyList<double?>> Causal(IReadOnlyList<IReadOnlyList<float>> pattern) =>
        [.. pattern.Select((row, position) => (IReadOnlyList<double?>)[.. row.Select((mass, key) => key > position ? (double?)null : mass)])];

    private static Drawing DrawOffsets(ModelResults model, IReadOnlyList<IReadOnlyList<float>> heads)
    {
        var drawing = new Drawing(Labels.Model(model), "offset (positions back)", "mean attention");
        var block = model.Repetition.BlockLength;
        for (var offset = block - 1; offset < heads[0].Count; offset += block)
        {
            drawing.Upright(offset, 14, Palette.Raises.WithAlpha(0.13));
        }

        for (var head = 0; head < heads.Count; head++)
        {
            var curve = drawing.Line(heads[head].Select((mass, offset) => ((double)offset, (double)mass)), Palette.Of(head), $"head {head}");
            // Heads often coincide: later ones are drawn thinner, so that the earlier show beneath.
            var weight = 1f - (head / (heads.Count + 1f));
            curve.LineWidth = 4.2f * weight;
            curve.MarkerShape = Palette.ShapeOf(head);
            curve.MarkerSize = 5 + (10 * weight);
        }

        var even = drawing.Curve(
            Enumerable.Range(0, heads[0].Count).Select(offset => ((double)offset, EvenlySpread(model.Configuration.Architecture.NCtx, offset))), Palette.Muted, "spread evenly");
        even.LinePattern = LinePattern.Dashed;
        even.LineWidth = 1.8f;
        Canvas.Ticks(drawing.Axes.Bottom, Enumerable.Range(0, heads[0].Count).Select(offset => ((double)offset, offset.ToString())));
        var masses = heads.SelectMany(head => head).Select(mass => (double)mass).Append(EvenlySpread(model.Configuration.Architecture.NCtx, 0));
        drawing.Show(Extent.Between(-0.4, heads[0].Count - 0.6), Extent.FromZero(masses).Padded(0, 0.1));
        drawing.LegendBelow();
        return drawing;
    }

    /// <summary>What a head that attends to everything alike would show at an offset: the mean over pos >= offset of 1 / (pos + 1).</summary>
    private static double EvenlySpread(int context, int offset) =>
        Enumerable.Range(offset, context - offset).Average(position => 1.0 / (position + 1));

    private static IEnumerable<(double Position, string Label)> PositionTicks(int count) =>
        Enumerable.Range(0, count).Where(position => position % Math.Max(1, count / 8) == 0).Select(position => ((double)position, position.ToString()));
}
