namespace Interp.Runs.Wording;

/// <summary>A claim on one training, in words and figures.</summary>
internal static class OutcomeWords
{
    /// <summary>What a condition's numbers are counted in.</summary>
    public static QuantityUnit Unit(Condition condition) => ExpressionModule.unit(condition.Left.IsNumber ? condition.Right : condition.Left);

    /// <summary>The quantity that a condition holds against a number; null where it is about anything else.</summary>
    public static Quantity? Quantity(Condition condition) =>
        (condition.Left, condition.Right.IsNumber) is (Expression.Measured measured, true) ? measured.Item : null;

    /// <summary>Its value: "0.9848".</summary>
    public static string Value(ConditionOutcome outcome) =>
        outcome.Value?.Value is { } value ? Unit(outcome.Condition).Show(value) : "not measured";

    /// <summary>What it must be: "above 0.95". Where that is computed of quantities, what it comes to: "above 2.6182".</summary>
    public static string Asked(ConditionOutcome outcome)
    {
        var bound = outcome.Bound?.Value is not { } known ? "what was not measured"
            : outcome.Condition.Right.IsNumber ? Unit(outcome.Condition).ShowBound(known)
            : Unit(outcome.Condition).Show(known);
        return $"{(outcome.Condition.IsBelow ? "below" : "above")}\u00A0{bound}";
    }

    /// <summary>How far the value is from its bound: "by 0.0348", "0.0348 short".</summary>
    public static string Margin(ConditionOutcome outcome)
    {
        if (outcome.Margin?.Value is not { } margin)
        {
            return "–";
        }

        var unit = Unit(outcome.Condition);
        // What is not zero is never shown as zero.
        const double least = 0.0001;
        var distance = Math.Abs(margin);
        var shown = distance is > 0 and var some && some < least ? $"under {unit.ShowDifference(least)}" : unit.ShowDifference(distance);
        return margin > 0 ? $"by\u00A0{shown}" : $"{shown}\u00A0short";
    }

    /// <summary>What the study printed of the same quantities: "about 1.23", "3.1235 against 2.5182"; a dash where it printed nothing.</summary>
    public static string Published(Claim claim, ConditionOutcome outcome)
    {
        var own = claim.About?.Value is { } variant
            ? ConditionModule.quantities(outcome.Condition).Select(quantity => Interp.Published.value(variant, quantity)?.Value)
            : [];
        var others = ConditionModule.elsewhere(outcome.Condition).Select(other => Interp.Published.value(other.Item2, other.Item1)?.Value);
        var published = own.Concat(others).OfType<PublishedValue>().ToArray();
        return published.Length == 0 ? "–" : Wording.Words.Minus(string.Join(" against ", published.Select(value => value.ToString())));
    }

    /// <summary>"ov_0_max 0.9312 (0.0188 short)": what a claim that fails was measured to be.</summary>
    public static string Reason(ClaimOutcome outcome)
    {
        var failing = outcome.Conditions.FirstOrDefault(condition => condition.Margin?.Value is null or not > 0)!;
        return failing.Margin is null ? outcome.Lacks?.Value ?? "not measured" : $"{Value(failing)}, {Margin(failing)}";
    }
}
