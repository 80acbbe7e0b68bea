using System.Text.Json.Serialization;
using Interp.Host.Wording;

namespace Interp.Host.Surveys;

/// <summary>Trainings of one kind.</summary>
/// <param name="Variant">plain, smeared or two-layer.</param>
/// <param name="Setting">The swept fields' values; empty where nothing was swept.</param>
internal sealed record GroupJson(string Variant, IReadOnlyDictionary<string, double> Setting)
{
    public static GroupJson Of(Group group) =>
        new(group.Variant.ToString(), group.Setting.ToDictionary(field => FieldModule.name(field.Item1), field => SurveyFile.Number(field.Item2)));
}

/// <summary>In how many trainings of a group a claim holds.</summary>
/// <param name="Claim">Its name.</param>
/// <param name="Sentence">What it says.</param>
/// <param name="Conditions">What a training must show, all of it: <c>ov_0_max &gt; 0.9</c>.</param>
/// <param name="Group">Which trainings.</param>
/// <param name="Holds">Trainings in which it holds.</param>
/// <param name="Trainings">Trainings in which all that it asks for was measured.</param>
/// <param name="Interval">Wilson's 95 % interval of the share, [low, high].</param>
/// <param name="Verdict">replicates, does not replicate or undecided.</param>
internal sealed record ClaimJson(
    string Claim,
    string Sentence,
    IReadOnlyList<string> Conditions,
    GroupJson Group,
    int Holds,
    int Trainings,
    IReadOnlyList<double> Interval,
    string Verdict);

/// <summary>A quantity over the trainings of a group; the interval is the bootstrap's 95 % one of the mean, [low, high].</summary>
internal sealed record QuantityJson(string Quantity, GroupJson Group, int Count, double Mean, double Median, IReadOnlyList<double> Interval);

/// <summary>
/// The first group's mean minus the second's, with its bootstrap 95 % interval [low, high], the p value of a permutation test, and the same corrected for all
/// comparisons (Holm).
/// </summary>
internal sealed record DifferenceJson(
    string Quantity, GroupJson First, GroupJson Second, double Difference, IReadOnlyList<double> Interval, double P, double CorrectedP);

/// <summary>summary.json, and what <c>study --json</c> says of claims.</summary>
internal sealed record SurveySummaryJson(IReadOnlyList<ClaimJson> Claims, IReadOnlyList<QuantityJson> Quantities, IReadOnlyList<DifferenceJson> Comparisons)
{
    public static SurveySummaryJson Of(SurveySummary summary) => new(
        [.. summary.Claims.Select(result => new ClaimJson(
            result.Claim.Name,
            result.Claim.Sentence,
            [.. result.Claim.Conditions.Select(condition => condition.ToString())],
            GroupJson.Of(result.Group),
            result.Successes,
            result.Trials,
            Ends(result.Interval),
            Words.Verdict(SurveySummaryModule.verdict(result.Interval))))],
        [.. summary.Quantities.Select(result => new QuantityJson(
            result.Quantity.ToString(), GroupJson.Of(result.Group), result.Count, result.Mean, result.Median, Ends(result.Interval)))],
        [.. summary.Comparisons.Select(result => new DifferenceJson(
            result.Quantity.ToString(), GroupJson.Of(result.First), GroupJson.Of(result.Second), result.Difference, Ends(result.Interval), result.P, result.Corrected))]);

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];
}

/// <summary>The summary as JSON, in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SurveySummaryJson))]
internal sealed partial class SurveyJson : JsonSerializerContext;
