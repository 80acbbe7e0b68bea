namespace Interp.Runs.Wording;

/// <summary>What judging an explanation came to, in words that its figures decide.</summary>
internal static class ExplanationWords
{
    /// <summary>A place stands out where its KL is so many times the mean.</summary>
    private const double StandsOut = 1.5;

    /// <summary>Below this share nothing is failing that would have to be told.</summary>
    private const double Nearly = 0.99;

    /// <summary>One sentence: what it keeps, what it explains, how often it agrees, and where it fails.</summary>
    public static string Sentence(Judged judged, long own, Vocabulary names)
    {
        var found = judged.Faithfulness;
        string[] parts =
        [
            $"keeps {Words.Count(judged.Numbers)} of {Words.Count(own)} numbers",
            Share(judged),
            $"the same likeliest letter in {Words.Percent(found.Agreement.Value)}",
            .. found.Explained.Value >= Nearly ? [] : Failing(judged, names),
        ];
        return $"{string.Join("; ", parts)}.";
    }

    /// <summary>"explains 79.3 % of the model".</summary>
    private static string Share(Judged judged)
    {
        var explained = judged.Faithfulness.Explained.Value;
        var share = !double.IsFinite(explained) ? $"explains {Words.NotFinite} of the model"
            : explained < 0 ? $"explains nothing ({Words.Third(explained)}: worse than saying nothing)"
            : $"explains {Words.Percent(explained)} of the model";
        return judged.Null.Shuffled is { Value: var shuffled }
            ? $"{share}, where shuffled letters explain {Words.Third(shuffled.Explained.P05)} to {Words.Third(shuffled.Explained.P95)}"
            : share;
    }

    private static string[] Failing(Judged judged, Vocabulary names)
    {
        var found = judged.Faithfulness;
        return
        [
            Findings.worstPlace(judged) is { Value: var (place, divergence) } && divergence > StandsOut * found.KL.Value
                ? $"fails most where position {place} is predicted (KL {Words.Third(divergence)} nats, {Words.Third(found.KL.Value)} on average)"
                : $"fails at no position much more than at others (KL {Words.Third(found.KL.Value)} nats on average)",
            .. Findings.worseElsewhere(judged) is { Value: var worse } ? [$"explains less on {worse.Texts} ({Words.Third(worse.Explained.Value)})"] : Array.Empty<string>(),
            .. found.Worst.IsEmpty ? [] : new[] { $"parts most from the model on {VocabularyModule.toText(names, found.Worst[0].Text)} (KL {Words.Third(found.Worst[0].KL)})" },
        ];
    }

    /// <summary>A figure with its standard error.</summary>
    public static string Estimate(Estimate estimate) => $"{Words.Third(estimate.Value)} ± {Words.Third(estimate.Error)}";

    /// <summary>What is left out of scores, replaced otherwise; nothing where that is of no account.</summary>
    public static string? Ablation(Judged judged) => Findings.dependsOnAblation(judged) is { Value: true }
        ? $"depends on the ablation: explains {Words.Third(judged.Faithfulness.Explained.Value)} by mean, {string.Join(", ", judged.Ablated.Select(other => $"{Words.Third(other.Explained)} by {other.By}"))}"
        : null;

    /// <summary>What two heads' letters have in common.</summary>
    public static string Letters(HeadLetters letters) => letters is { LargestCorrelation: { Value: var largest }, AllBelowZeroByChance: { Value: var chance } }
        ? $"The largest correlation between two heads is {Words.Third(largest)}: "
            + (largest < 0 ? "no two look for the same letters" : "there are two that look for some of the same letters")
            + $". With each head's letters shuffled, all correlations are below 0 in {Words.Percent(chance)} of {Words.Count(letters.Draws)} draws."
        : "There is one head alone, which has nothing to share letters with.";
}
