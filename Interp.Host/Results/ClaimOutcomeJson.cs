namespace Interp.Host.Results;

/// <summary>A condition of a claim on one training.</summary>
/// <param name="Condition">As it prints: <c>ov_0_max &gt; 0.9</c>.</param>
/// <param name="Value">The quantity's; null where it was not measured.</param>
/// <param name="Bound">What the value must be above or below.</param>
/// <param name="Margin">How far the value is on the right side of its bound: it holds above 0.</param>
internal sealed record ConditionJson(string Condition, double? Value, double? Bound, double? Margin);

/// <summary>What one training says of a claim.</summary>
/// <param name="Claim">Its name.</param>
/// <param name="Sentence">What it says.</param>
/// <param name="Verdict">holds, fails or not measured.</param>
/// <param name="Conditions">All must hold.</param>
/// <param name="Published">What the study printed of the claim's quantities, by name; empty where it printed nothing.</param>
internal sealed record ClaimOutcomeJson(
    string Claim, string Sentence, string Verdict, IReadOnlyList<ConditionJson> Conditions, IReadOnlyDictionary<string, double> Published)
{
    public static ClaimOutcomeJson Of(ClaimOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return new(
            outcome.Claim.Name,
            outcome.Claim.Sentence,
            outcome.Verdict.ToString(),
            [.. outcome.Conditions.Select(condition => new ConditionJson(
                condition.Condition.ToString(), condition.Value?.Value, condition.Bound?.Value, condition.Margin?.Value))],
            ClaimModule.published(outcome.Claim).ToDictionary(published => published.Item1.ToString(), published => published.Item2.Value));
    }
}
