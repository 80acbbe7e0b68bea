using System.Text.Json.Nodes;
using Interp.Runs.Files;
using Interp.Runs.Results;
using Interp.Runs.Wording;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>Claims, what trainings say of them, and what the study printed, as JSON.</summary>
internal static class ClaimJson
{
    /// <summary>What one training says of a claim.</summary>
    public static JsonObject Of(ClaimOutcome outcome)
    {
        var published = new JsonObject();
        foreach (var (quantity, value) in ClaimModule.published(outcome.Claim))
        {
            published.Add(quantity.ToString(), Number(value.Value));
        }

        return new()
        {
            ["claim"] = outcome.Claim.Name,
            ["sentence"] = outcome.Claim.Sentence,
            ["verdict"] = outcome.Verdict.ToString(),
            ["conditions"] = List(outcome.Conditions, condition => new JsonObject
            {
                ["condition"] = condition.Condition.ToString(),
                ["value"] = Number(condition.Value?.Value),
                ["bound"] = Number(condition.Bound?.Value),
                ["margin"] = Number(condition.Margin?.Value),
            }),
            ["published"] = published,
            ["lacks"] = outcome.Lacks?.Value,
        };
    }

    /// <summary>In how many trainings of a group a claim holds.</summary>
    public static JsonObject Of(ClaimResult result) => new()
    {
        ["claim"] = result.Claim.Name,
        ["sentence"] = result.Claim.Sentence,
        ["conditions"] = Texts(result.Claim.Conditions.Select(condition => condition.ToString())),
        ["group"] = Of(result.Group),
        ["holds"] = result.Holds,
        ["trainings"] = result.Trainings,
        ["lacks"] = result.Lacks?.Value,
        ["interval"] = Ends(result.Interval),
        ["verdict"] = Words.Verdict(SurveySummaryModule.verdict(result.Interval)),
    };

    /// <summary>Claims, quantities and comparisons of many trainings.</summary>
    public static JsonObject Of(SurveySummary summary) => new()
    {
        ["claims"] = List(summary.Claims, Of),
        ["claim_intervals"] = summary.ClaimIntervals.ToString(),
        ["quantities"] = List(summary.Quantities, result => new JsonObject
        {
            ["quantity"] = result.Quantity.ToString(),
            ["group"] = Of(result.Group),
            ["count"] = result.Count,
            ["mean"] = Number(result.Mean),
            ["median"] = Number(result.Median),
            ["interval"] = Ends(result.Interval),
        }),
        ["comparisons"] = List(summary.Comparisons, result => new JsonObject
        {
            ["quantity"] = result.Quantity.ToString(),
            ["first"] = Of(result.First),
            ["second"] = Of(result.Second),
            ["difference"] = Number(result.Difference),
            ["interval"] = Ends(result.Interval),
            ["p"] = Number(result.P),
            ["corrected_p"] = Number(result.CorrectedP),
        }),
    };

    /// <summary>What the study printed of one kind of model.</summary>
    public static JsonObject Of(PublishedModel published) => new()
    {
        ["loss"] = Number(published.Loss),
        ["loss_is_approximate"] = published.LossIsApproximate,
        ["ov_scores"] = List(published.OVScores, layer => Numbers(layer)),
        ["ov_sum_score"] = Number(published.OVSumScore?.Value),
        ["direct_path_score"] = Number(published.DirectPathScore),
        ["completions"] = List(published.Completions, completion => new JsonObject { ["prompt"] = completion.Prompt, ["completion"] = completion.Completion }),
        ["ablated_losses"] = published.AblatedLosses.IsEmpty ? null : Numbers(published.AblatedLosses),
        ["paths"] = PathLoss.Of(published) is { } paths ? MeasurementJson.Paths(paths) : null,
        ["key_composition"] = published.KComposition is { Value: var composition }
            ? new JsonObject
            {
                ["through_previous_token_head"] = Number(composition.ThroughPreviousTokenHead),
                ["others_least"] = Number(composition.OthersLeast),
                ["others_most"] = Number(composition.OthersMost),
            }
            : null,
    };

    private static JsonObject Of(Group group)
    {
        var setting = new JsonObject();
        foreach (var (field, value) in group.Setting)
        {
            setting.Add(FieldModule.name(field), ConfigurationFile.Node(value));
        }

        return new() { ["variant"] = group.Variant.ToString(), ["setting"] = setting };
    }

    private static JsonArray Ends(Interval interval) => Numbers([interval.Low, interval.High]);
}
