using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>What a model does with one text: its prediction as a sum, what patching restores, what it would predict at each depth.</summary>
internal static class TextFigures
{
    private const int Width = 540;

    /// <summary>Terms of a prediction by letter.</summary>
    public static Figure Attribution(NamedText text, int position, IReadOnlyList<PathTerm> terms, string name = "attribution")
    {
        var values = HeatMap.Cells(terms.Select(term => Words.Centred(term, position)));
        var range = Extent.AroundZero(HeatMap.Values(values));
        return new(
            name,
            $"Logits after {text.UpTo(position)} as a sum of {terms.Count} terms (rows) for each letter (columns), each term less its mean; values reach {Words.Tenth(range.High)}.",
            720, 150 + (24 * terms.Count),
            () => Charts.Cells(
                $"Logits after {text.UpTo(position)}", "letter predicted", string.Empty, "logit", values,
                [.. terms.Select(Words.Term)], [.. Enumerable.Range(0, values[0].Count).Select(letter => NamedText.Label(text.Names, letter))],
                Palette.Diverging, range, show: null));
    }

    /// <summary>What patching restores, a picture for each kind of site.</summary>
    public static IReadOnlyList<Figure> Patching(NamedText clean, NamedText corrupt, IReadOnlyList<PatchedSite> sites) =>
    [
        .. sites.GroupBy(site => site.Kind).Select(kind =>
        {
            var rows = kind.ToArray();
            return new Figure(
                $"patch-{kind.Key}",
                $"Share of the logit difference restored by patching {rows[0].Meaning} from {clean} into {corrupt}: {rows.Length} rows, {corrupt.Length} positions.",
                Math.Max(Width, 150 + (38 * corrupt.Length)), 160 + (28 * rows.Length),
                () => Charts.Cells(
                    $"Patching {rows[0].Meaning} of {clean}, % restored",
                    "position patched (letter of the corrupt text)",
                    rows[0].Head is null ? "before layer" : "head",
                    "share restored",
                    [.. rows.Select(row => (IReadOnlyList<double?>)[.. row.Restored.Select(share => (double?)share)])],
                    [.. rows.Select(row => row.Head is null ? $"{row.Layer}" : $"{row.Layer}.{row.Head}")],
                    [.. Enumerable.Range(0, corrupt.Length).Select(corrupt.Place)],
                    Palette.Diverging, Extent.Between(-1, 1), share => Math.Abs(share) < 0.005 ? string.Empty : Words.Whole(100 * share)));
        }),
    ];

    /// <summary>The probability of the letter that follows, read off after each layer.</summary>
    public static Figure Lens(NamedText text, IReadOnlyList<Tensor> layers)
    {
        var probabilities = layers.Select(layer => Grids.Matrix(TensorModule.softmax(layer))).ToArray();
        // Nothing is known of what follows the text: its last column shows the model's own choice.
        var wanted = Enumerable.Range(0, text.Length)
            .Select(position => position + 1 < text.Length
                ? text[position + 1]
                : probabilities[^1][position].Index().MaxBy(entry => entry.Item).Index)
            .ToArray();
        var values = probabilities.Select(layer => (IReadOnlyList<double?>)[.. layer.Select((row, position) => (double?)row[wanted[position]])]).ToArray();
        return new(
            "lens",
            $"Probability of the next letter at each of {text.Length} positions of {text}, read off the residual stream before each layer and behind the last.",
            Math.Max(Width, 150 + (38 * text.Length)), 160 + (34 * layers.Count),
            () => Charts.Cells(
                "Probability of the letter that follows, %", "letter read > letter that follows", "before layer", "probability", values,
                [.. layers.Select((_, layer) => layer == layers.Count - 1 ? "output" : $"{layer}")],
                [.. wanted.Select((next, position) => $"{text.Label(position)}>{NamedText.Label(text.Names, next)}")],
                Palette.Sequential, Extent.Between(0, 1), share => Words.Whole(100 * share)));
    }
}
