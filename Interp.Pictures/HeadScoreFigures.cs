using Interp.Runs.Results;
using Interp.Runs.Wording;

namespace Interp.Pictures;

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
        var values = results.Heads.Select(head => (IReadOnlyList<double?>)[.. head.Blocks.Select(block => (double?)score(block).Score)]).ToArray();
        string[] lengths = [.. results.Heads[0].Blocks.Select(block => $"{block.BlockLength}")];
        var random = results.Heads[0].Blocks.Select(block => score(block).Null.Mean).ToArray();
        string[] rows = [.. results.Heads.Select(head => $"{head.Head}"), "random"];
        return new(
            name,
            $"{title}: mean attention of {results.Heads.Length} heads on blocks of {string.Join(", ", lengths)} letters. "
            + string.Join("; ", results.Heads.Select(head => $"{head.Head}: {string.Join(", ", head.Blocks.Select(block => Words.Hundredth(score(block).Score)))}")) + ".",
            440, 170 + (30 * rows.Length),
            () => Charts.Cells(
                $"{title}, %", "block length", "head", "mean attention", [.. values, [.. random.Select(mean => (double?)mean)]],
                rows, lengths, Palette.Sequential, Extent.FromZero(HeatMap.Values(values).Append(0.5)), share => Words.Whole(100 * share)));
    }
}
