using System.Text.Json.Serialization;

namespace Interp.Host.Results;

/// <summary>How a score is distributed over random weights of the same shapes, drawn as weights are before training.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Std">The standard deviation.</param>
/// <param name="P025">The 2.5th percentile.</param>
/// <param name="P975">The 97.5th percentile.</param>
internal sealed record NullDistribution(double Mean, double Std, double P025, double P975)
{
    public static NullDistribution Of(Baseline baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        return new(baseline.Mean, baseline.Std, baseline.P025, baseline.P975);
    }
}

/// <summary>A score beside its null distribution.</summary>
/// <param name="Score">The trained model's.</param>
/// <param name="Baseline">Random weights'.</param>
/// <param name="Standing">The share of random weights with a lower score.</param>
internal sealed record ComparedScore(double Score, NullDistribution Baseline, double Standing)
{
    /// <summary>Outside of what 95 % of random weights show.</summary>
    [JsonIgnore]
    public bool Stands => Score < Baseline.P025 || Score > Baseline.P975;

    public static ComparedScore Of(Compared compared)
    {
        ArgumentNullException.ThrowIfNull(compared);
        return new(compared.Score, NullDistribution.Of(compared.Baseline), compared.Standing);
    }
}
