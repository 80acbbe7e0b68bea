using System.Text.Json.Serialization;
using Interp.Host.Surveys;

namespace Interp.Host.Commands;

/// <summary>An item; its setting as in <c>d_head=4, batch=128</c>, empty where nothing is swept.</summary>
internal sealed record SurveyItemJson(int Index, string Variant, string Setting, ulong Seed);

internal sealed record SurveyPlanJson(string Directory, IReadOnlyList<SurveyItemJson> Items);

internal sealed record SurveyFailureJson(int Index, string Why);

/// <summary>
/// What a process did: trainings that it finished, those of its share that were finished before or by another, those that failed;
/// and trainings an hour, null where it finished none.
/// </summary>
internal sealed record SurveyRunJson(
    string Directory, int Trained, int Before, IReadOnlyList<SurveyFailureJson> Failed, double Seconds, int Workers, double? TrainingsAnHour)
{
    public static SurveyRunJson Of(SurveyDirectory directory, SurveyProgress progress) => new(
        directory.Place,
        progress.Trained,
        progress.Before,
        [.. progress.Failed.Select(failure => new SurveyFailureJson(failure.Item.Index, failure.Why))],
        progress.Seconds,
        progress.Workers,
        progress.Trained > 0 ? progress.TrainingsAnHour : null);
}

/// <summary>What was put together, without the items that are missing.</summary>
internal sealed record SurveyMergeJson(
    string Directory, int Trainings, IReadOnlyList<int> Missing, IReadOnlyList<string> Files, IReadOnlyList<ClaimJson> Claims);

internal sealed record SurveyReportJson(string Report);

/// <summary>What <c>study</c> did; without results or a report where every training failed.</summary>
internal sealed record WholeSurveyJson(SurveyRunJson Run, SurveyMergeJson? Results, string? Report);

/// <summary>The objects that <c>study --json</c> prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SurveyPlanJson))]
[JsonSerializable(typeof(SurveyRunJson))]
[JsonSerializable(typeof(SurveyMergeJson))]
[JsonSerializable(typeof(SurveyReportJson))]
[JsonSerializable(typeof(WholeSurveyJson))]
internal sealed partial class SurveyOutputJson : JsonSerializerContext;
