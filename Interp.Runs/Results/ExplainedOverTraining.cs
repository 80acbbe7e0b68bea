namespace Interp.Runs.Results;

/// <summary>An explanation with a name over a run's snapshots.</summary>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Values">What it explains of each snapshot.</param>
internal sealed record ExplainedOverTraining(string Key, string Name, IReadOnlyList<double> Values)
{
    /// <summary>An explanation is said to be true of a model of which it explains so much.</summary>
    public const double True = 0.9;

    /// <summary>Those that are measured of this kind of model.</summary>
    public static IReadOnlyList<ExplainedOverTraining> Of(IReadOnlyList<NamedShares> shares)
    {
        return
        [
            .. Measured("author", "the author’s", each => each.Author?.Value),
            .. Measured("padlocks", "padlocks and keys", each => each.Padlocks?.Value),
            .. Measured("own_strengths", "letters’ own strengths", each => each.OwnStrengths),
        ];

        IEnumerable<ExplainedOverTraining> Measured(string key, string name, Func<NamedShares, double?> share) =>
            shares.Count > 0 && shares.All(each => share(each) is not null) ? [new(key, name, [.. shares.Select(each => share(each)!.Value)])] : [];
    }

    /// <summary>The step from which on it is true; null where it is not in the end.</summary>
    public int? TrueFrom(IReadOnlyList<int> steps) => Findings.reachedFrom(True, steps.Zip(Values, Tuple.Create))?.Value;
}
