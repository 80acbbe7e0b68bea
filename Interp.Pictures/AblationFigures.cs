using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

/// <summary>Losses without heads.</summary>
internal static class AblationFigures
{
    private const int Width = 540;
    private const int Height = 400;

    /// <summary>The loss without each head, and without every two where they were asked for.</summary>
    public static IReadOnlyList<Figure> Of(string name, string title, Ablations results)
    {
        var single = new Figure(
            name,
            $"{title}, {results.Mode} ablation: " + string.Join("; ", results.Heads.Select(head => $"head {head.Head}, {Words.Nats(head.Loss)}"))
            + $"; the whole model, {Words.Nats(results.Whole)}.",
            Width, Height,
            () => Charts.Bars(
                $"{title} ({results.Mode} ablation)",
                "loss (nats a letter)",
                [.. results.Heads.Select(head => ($"{head.Head}", head.Loss, Palette.Of(head.Head.Layer)))],
                ("whole model", results.Whole)));
        return results.Pairs.IsEmpty ? [single] : [single, Pairs($"{name}-pairs", results)];
    }

    private static Figure Pairs(string name, Ablations results)
    {
        var heads = results.Heads.Select(head => head.Head).ToArray();
        var values = heads.Select(row => (IReadOnlyList<double?>)[.. heads.Select(column => (double?)(row.Equals(column)
            ? results.Heads.First(head => head.Head.Equals(row)).Loss
            : results.Pairs.First(pair => pair.Heads.Contains(row) && pair.Heads.Contains(column)).Loss))]).ToArray();
        string[] names = [.. heads.Select(head => head.ToString())];
        return new(
            name,
            $"Loss without two heads, {results.Mode} ablation: {heads.Length} by {heads.Length} heads, single heads on the diagonal.",
            Math.Max(480, 150 + (48 * heads.Length)), Math.Max(420, 120 + (40 * heads.Length)),
            () => Charts.Cells(
                $"Loss without two heads ({results.Mode} ablation)", "head", "head", "loss (nats a letter)", values, names, names,
                Palette.Sequential, Extent.Of(HeatMap.Values(values).Append(results.Whole)), Words.Tenth));
    }
}
