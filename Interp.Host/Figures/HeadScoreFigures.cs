using Interp.Host.Results;

namespace Interp.Host.Figures;

/// <summary>What heads look for, by block length.</summary>
internal static class HeadScoreFigures
{
    /// <summary>Attention scores of every head by block length.</summary>
    public static IReadOnlyList<Figure> Of(string name, ScoredHeads results) =>
    [
        ByBlock($"{name}-previous-token", "Letter before", results, block => block.PreviousToken),
        ByBlock($"{name}-induction", "Induction", results, block => block.Induction),
        ByBlock($"{name}-five-back", "Five back", results, block => block.FiveBack),
        ByBlock($"{name}-prefix-matching", "Prefix matching", results, block => block.PrefixMatching),
    ];

    private static Figure ByBlock(string name, string title, ScoredHeads results, Func<BlockScores<Compared>, Compared> score)
    {
        var values = results.Heads.Select(head => (IReadOnlyList<float>)[.. head.Blocks.Select(block => (float)score(block).Score)]).ToArray();
        string[] lengths = [.. results.Heads[0].Blocks.Select(block => $"{block.BlockLength}")];
        var random = results.Heads[0].Blocks.Select(block => score(block).Null.Mean).ToArray();
        string[] rows = [.. results.Heads.Select(head => $"{head.Head}"), "random"];
        return new(
            name,
            $"{title}: mean attention of {results.Heads.Length} heads on blocks of {string.Join(", ", lengths)} letters. "
            + string.Join("; ", results.Heads.Select((head, index) => $"{head.Head}: {string.Join(", ", values[index].Select(share => share.ToString("0.00")))}")) + ".",
            440, 170 + (30 * rows.Length),
            () => Charts.Cells(
                title, "block length", "head", "mean attention", [.. values, [.. random.Select(mean => (float)mean)]],
                rows, lengths, Palette.Sequential, new ScottPlot.Range(0, Math.Max(0.5, values.Max(row => row.Max()))), share => Math.Round(100 * share).ToString()));
    }
}
