using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Patterns [layer][head][pos][key_pos] as pictures: all heads as small maps, one head as a large one, and by distance.</summary>
internal static class AttentionMaps
{
    /// <summary>Rows of a pattern that have few positions to choose from, so that their entries are large whatever the head does.</summary>
    private const int FewToChooseFrom = 6;

    /// <summary>Labels of an axis that there is room for.</summary>
    private const int MostLabels = 32;

    /// <summary>Of one text: all heads, then one by one.</summary>
    /// <param name="text">What is read.</param>
    /// <param name="layers">Its patterns.</param>
    public static IReadOnlyList<Figure> Of(NamedText text, IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers) =>
        Of($"attention after {text}", layers, [.. Enumerable.Range(0, text.Length).Select(text.Place)]);

    /// <summary>Averaged over sequences: all heads, one by one, and by distance.</summary>
    /// <param name="layers">The averages.</param>
    /// <param name="byOffset">The same [layer][head][offset].</param>
    public static IReadOnlyList<Figure> Of(
        IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers, IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>> byOffset) =>
    [
        .. Of("mean attention", layers, Positions(layers)),
        .. byOffset.Select((heads, layer) => ByOffset(layer, heads)),
    ];

    private static string[] Positions(IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers) =>
        [.. Enumerable.Range(0, layers.Count == 0 ? 0 : layers[0][0].Count).Select(position => $"{position}")];

    private static IReadOnlyList<Figure> Of(string what, IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers, IReadOnlyList<string> positions)
    {
        var top = Extent.Between(0, Top(layers));
        return layers.Count == 0 ? [] :
        [
            All(what, layers, top),
            .. layers.SelectMany((heads, layer) => heads.Select((pattern, head) => One(what, new(layer, head), pattern, positions, top))),
        ];
    }

    /// <summary>Every head beside the others of its layer, layers below one another.</summary>
    private static Figure All(string what, IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers, Extent top)
    {
        var (heads, positions) = (layers[0].Count, layers[0][0].Count);
        var gap = 1 + (positions / 12);
        double?[] space = [.. Enumerable.Repeat<double?>(null, gap)];
        var width = (heads * (positions + gap)) - gap;
        var rows = new List<IReadOnlyList<double?>>();
        var names = new List<string>();
        foreach (var (layer, patterns) in layers.Index())
        {
            for (var blank = 0; layer > 0 && blank < gap; blank++)
            {
                rows.Add([.. Enumerable.Repeat<double?>(null, width)]);
                names.Add(string.Empty);
            }

            for (var position = 0; position < positions; position++)
            {
                var place = position;
                rows.Add([.. patterns.SelectMany((pattern, head) => head == 0 ? Causal(pattern[place], place) : [.. space, .. Causal(pattern[place], place)])]);
                names.Add(position == positions / 2 ? $"layer {layer}" : string.Empty);
            }
        }

        string[] columns = [.. Enumerable.Range(0, width).Select(column => column % (positions + gap) == positions / 2 ? $"head {column / (positions + gap)}" : string.Empty)];
        var side = Math.Clamp(7 * positions, 110, 230);
        return new(
            "attention",
            $"{Sentence(what)}: {layers.Count * heads} heads, from each position (rows) to each earlier one (columns); colours from 0 to {Words.Hundredth(top.High)}. "
            + string.Join("; ", layers.SelectMany((patterns, layer) => patterns.Select((pattern, head) => $"{new HeadAddress(layer, head)} looks most at {Most(pattern)}"))) + ".",
            180 + (heads * (side + 14)), 130 + (layers.Count * (side + 14)),
            () => Masked(Charts.Cells(Sentence(what), string.Empty, string.Empty, "attention", rows, names, columns, Palette.Sequential, top, show: null)));
    }

    private static Figure One(string what, HeadAddress head, IReadOnlyList<IReadOnlyList<float>> pattern, IReadOnlyList<string> positions, Extent top)
    {
        var stride = 1 + ((positions.Count - 1) / MostLabels);
        string[] labels = [.. positions.Select((label, position) => position % stride == 0 ? label : string.Empty)];
        var side = Math.Clamp(18 * positions.Count, 300, 620);
        return new(
            $"attention-{head.Layer}-{head.Head}",
            $"Head {head}, {what}: from each of {positions.Count} positions (rows) to each earlier one (columns); it looks most at {Most(pattern)}.",
            side + 170, side + 110,
            () => Masked(Charts.Cells(
                $"Head {head}", "key position (looked at)", "query position (looking)", "attention",
                [.. pattern.Select((row, position) => Causal(row, position))], labels, labels, Palette.Sequential, top, show: null)));
    }

    private static Figure ByOffset(int layer, IReadOnlyList<IReadOnlyList<float>> heads) => new(
        $"attention-offsets-{layer}",
        $"Mean attention of layer {layer} against how far back it is: "
        + string.Join("; ", heads.Select((offsets, head) => $"head {head}: {string.Join(", ", offsets.Select(mass => Words.Hundredth(mass)))}")) + ".",
        540, 420,
        () =>
        {
            var drawing = new Drawing($"Layer {layer}", "offset (positions back)", "mean attention");
            foreach (var (head, offsets) in heads.Index())
            {
                drawing.Line(offsets.Select((mass, offset) => ((double)offset, (double)mass)), Palette.Of(head), $"head {head}");
            }

            drawing.Show(
                Extent.Between(-0.4, heads[0].Count - 0.6), Extent.FromZero(heads.SelectMany(offsets => offsets).Select(mass => (double)mass)).Padded(0, 0.1));
            drawing.LegendBelow();
            return drawing;
        });

    private static Drawing Masked(Drawing drawing)
    {
        drawing.Background(Palette.Empty);
        return drawing;
    }

    /// <summary>What lies ahead is masked, which is not the same as an attention of zero.</summary>
    private static IReadOnlyList<double?> Causal(IReadOnlyList<float> row, int position) => [.. row.Select((mass, key) => key > position ? (double?)null : mass)];

    /// <summary>The end of the colours: the largest entry that is not one of few, rounded up to a twentieth.</summary>
    public static double Top(IReadOnlyList<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>> layers)
    {
        var masses = layers
            .SelectMany(heads => heads)
            .SelectMany(pattern => pattern.Skip(Math.Min(FewToChooseFrom, pattern.Count - 1)))
            .SelectMany(row => row)
            .Select(mass => (double)mass);
        return Math.Ceiling(Extent.FromZero(masses).High * 20) / 20;
    }

    /// <summary>Where a head looks on the whole, in words: the distance that has most of its attention.</summary>
    private static string Most(IReadOnlyList<IReadOnlyList<float>> pattern)
    {
        var distances = Enumerable.Range(0, pattern.Count)
            .Select(back => Enumerable.Range(back, pattern.Count - back).Average(position => (double)pattern[position][position - back]))
            .ToArray();
        var (mass, most) = distances.Select((mass, back) => (mass, back)).MaxBy(entry => entry.mass);
        return $"{(most == 0 ? "its own position" : $"{most} back")} ({Words.Hundredth(mass)})";
    }

    private static string Sentence(string what) => char.ToUpperInvariant(what[0]) + what[1..];
}
