using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Host.Surveys;
using static Interp.Host.Json.Values;

namespace Interp.Host.Commands;

/// <summary>What the steps of a study did, as JSON.</summary>
internal static class SurveyJson
{
    /// <summary>The trainings of a study; a setting as in <c>d_head=4, batch=128</c>, empty where nothing is swept.</summary>
    public static JsonObject Plan(SurveyDirectory directory) => new()
    {
        ["directory"] = directory.Place,
        ["until_decided"] = directory.Survey.UntilDecided,
        ["keep_weights"] = directory.Stored.KeepsWeights,
        ["claims"] = List(directory.Survey.Claims, claim => new JsonObject
        {
            ["claim"] = claim.Name,
            ["sentence"] = claim.Sentence,
            ["rule"] = Rules.show(claim.Conditions),
            ["about"] = claim.About?.Value.ToString(),
        }),
        ["items"] = List(directory.Items, item => new JsonObject
        {
            ["index"] = item.Index,
            ["variant"] = item.Variant.ToString(),
            ["setting"] = SurveyModule.settingName(item.Setting),
            ["seed"] = item.Configuration.Seed,
        }),
    };

    /// <summary>
    /// What a process did: trainings that it finished, those of its share that were finished before or by another, those that failed;
    /// and trainings an hour, null where it finished none.
    /// </summary>
    public static JsonObject Run(SurveyDirectory directory, SurveyProgress progress) => new()
    {
        ["directory"] = directory.Place,
        ["trained"] = progress.Trained,
        ["before"] = progress.Before,
        ["spared"] = progress.Spared,
        ["failed"] = List(progress.Failed, failure => new JsonObject { ["index"] = failure.Item.Index, ["why"] = failure.Why }),
        ["seconds"] = Number(progress.Seconds),
        ["workers"] = progress.Workers,
        ["trainings_an_hour"] = progress.Trained > 0 ? Number(progress.TrainingsAnHour) : null,
    };

    /// <summary>What was put together, without the items that are missing.</summary>
    public static JsonObject Merge(SurveyDirectory directory, IEnumerable<string> files, SurveySummary summary) => new()
    {
        ["directory"] = directory.Place,
        ["trainings"] = directory.Results.Count,
        ["missing"] = List(directory.Missing, item => JsonValue.Create(item)),
        ["files"] = Texts(files),
        ["claims"] = List(summary.Claims, ClaimJson.Of),
        ["claim_intervals"] = summary.ClaimIntervals.ToString(),
    };
}
