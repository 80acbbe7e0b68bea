namespace Interp.Host.Results;

/// <summary>Whether a run bears out what the study saw.</summary>
public enum Verdict
{
    Holds,
    NearlyHolds,
    DoesNotHold,
}

/// <summary>One observation of the study as a measured number.</summary>
public sealed record Observation
{
    /// <summary>A short name: <c>never_repeats</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What the study saw.</summary>
    public required string Claim { get; init; }

    /// <summary>What was measured, in words.</summary>
    public required string Measure { get; init; }

    public required double Value { get; init; }

    /// <summary>The value as a reader wants it: "99.2 %", "-0.9997".</summary>
    public required string Shown { get; init; }

    /// <summary>When the observation holds, in words.</summary>
    public required string Rule { get; init; }

    public required Verdict Verdict { get; init; }
}
