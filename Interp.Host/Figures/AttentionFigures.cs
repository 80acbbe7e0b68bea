using Interp.Host.Results;
using ScottPlot;

namespace Interp.Host.Figures;

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
            $"{Labels.Model(model)}, {Labels.Head(model.Configuration.Architecture, layer, head)}: average attention from each position to each earlier one, colours from 0 to {top:0.00}.",
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
            + string.Join("; ", heads.Select((offsets, head) => $"head {head}: {string.Join(", ", offsets.Select(mass => mass.ToString("0.00")))}")) + ".",
            540, 420,
            () => DrawOffsets(model, heads));
    }

    /// <summary>
    /// The largest average once there is more than one block to look at, rounded up to a twentieth: the first rows have few positions to choose from, so
    /// their entries are large whatever the head does and would wash out the rest.
    /// </summary>
    public static double ScaleTop(ModelResults model)
    {
        var largest = model.Attention.Patterns
            .SelectMany(layer => layer)
            .Max(head => head.Skip(model.Configuration.Task.BlockLength).Max(row => row.Max()));
        return Math.Ceiling(largest * 20) / 20;
    }

    /// <summary>[pos][key_pos], each column divided by its maximum; a column of zeros stays as it is.</summary>
    public static IReadOnlyList<IReadOnlyList<float>> NormaliseColumns(IReadOnlyList<IReadOnlyList<float>> pattern)
    {
        var largest = Enumerable.Range(0, pattern[0].Count).Select(column => pattern.Max(row => row[column])).ToArray();
        return [.. pattern.Select(row => (IReadOnlyList<float>)[.. row.Select((mass, column) => largest[column] > 0 ? mass / largest[column] : 0f)])];
    }

    private static Plot DrawPattern(ModelResults model, string title, string unit, IReadOnlyList<IReadOnlyList<float>> pattern, double top)
    {
        var plot = HeatMap.Draw(
            title, "key position (looked at)", "query position (looking)", unit, Causal(pattern), Palette.Sequential, new ScottPlot.Range(0, top));
        plot.DataBackground.Color = ScottPlot.Color.FromHex("#EEF0F3");
        var block = model.Configuration.Task.BlockLength;
        for (var edge = block; edge < pattern.Count; edge += block)
        {
            plot.Add.HorizontalLine(HeatMap.RowHeight(pattern.Count, edge - 0.5), 1, Palette.Muted.WithAlpha(0.45), LinePattern.Dotted);
            plot.Add.VerticalLine(edge - 0.5, 1, Palette.Muted.WithAlpha(0.45), LinePattern.Dotted);
        }

        Canvas.Ticks(plot.Axes.Bottom, PositionTicks(pattern.Count));
        Canvas.Ticks(plot.Axes.Left, PositionTicks(pattern.Count).Select(tick => (HeatMap.RowHeight(pattern.Count, tick.Position), tick.Label)));
        return plot;
    }

    /// <summary>What lies ahead of the query is masked, which is not the same as an attention of zero: it is left empty.</summary>
    private static IReadOnlyList<IReadOnlyList<float>> Causal(IReadOnlyList<IReadOnlyList<float>> pattern) =>
        [.. pattern.Select((row, position) => (IReadOnlyList<float>)[.. row.Select((mass, key) => key > position ? float.NaN : mass)])];

    private static Plot DrawOffsets(ModelResults model, IReadOnlyList<IReadOnlyList<float>> heads)
    {
        var plot = Canvas.New(Labels.Model(model), "offset (positions back)", "mean attention");
        var block = model.Configuration.Task.BlockLength;
        for (var offset = block - 1; offset < heads[0].Count; offset += block)
        {
            plot.Add.VerticalLine(offset, 14, Palette.Raises.WithAlpha(0.13));
        }

        for (var head = 0; head < heads.Count; head++)
        {
            var offsets = Enumerable.Range(0, heads[head].Count).Select(offset => (double)offset).ToArray();
            var curve = plot.Add.Scatter(offsets, heads[head].Select(mass => (double)mass).ToArray(), Palette.Of(head));
            // Heads often coincide: later ones are drawn thinner, so that the earlier show beneath.
            var weight = 1f - (head / (heads.Count + 1f));
            curve.LineWidth = 4.2f * weight;
            curve.MarkerShape = Palette.ShapeOf(head);
            curve.MarkerSize = 5 + (10 * weight);
            curve.LegendText = $"head {head}";
        }

        var even = plot.Add.ScatterLine(
            Enumerable.Range(0, heads[0].Count).Select(offset => (double)offset).ToArray(),
            Enumerable.Range(0, heads[0].Count).Select(offset => EvenlySpread(model.Configuration.Architecture.NCtx, offset)).ToArray(),
            Palette.Muted);
        even.LinePattern = LinePattern.Dashed;
        even.LineWidth = 1.8f;
        even.LegendText = "spread evenly";
        Canvas.Ticks(plot.Axes.Bottom, Enumerable.Range(0, heads[0].Count).Select(offset => ((double)offset, offset.ToString())));
        var top = Math.Max(heads.Max(head => head.Max()), EvenlySpread(model.Configuration.Architecture.NCtx, 0));
        plot.Axes.SetLimits(-0.4, heads[0].Count - 0.6, 0, top * 1.1);
        Canvas.LegendBelow(plot);
        return plot;
    }

    /// <summary>What a head that attends to everything alike would show at an offset: the mean over pos >= offset of 1 / (pos + 1).</summary>
    private static double EvenlySpread(int context, int offset) =>
        Enumerable.Range(offset, context - offset).Average(position => 1.0 / (position + 1));

    private static IEnumerable<(double Position, string Label)> PositionTicks(int count) =>
        Enumerable.Range(0, count).Where(position => position % Math.Max(1, count / 8) == 0).Select(position => ((double)position, position.ToString()));
}
