using System.Text.Json.Serialization;
using Interp.Host.Results;
using Interp.Host.Studies;

namespace Interp.Host.Commands;

/// <summary>An item; its setting as in <c>d_head=4, batch=128</c>, empty where nothing is swept.</summary>
internal sealed record StudyItemJson(int Index, string Variant, string Setting, ulong Seed);

internal sealed record StudyPlanJson(string Directory, IReadOnlyList<StudyItemJson> Items);

internal sealed record StudyFailureJson(int Index, string Why);

/// <summary>
/// What a process did: trainings that it finished, those of its share that were finished before or by another, those that failed;
/// and trainings an hour, null where it finished none.
/// </summary>
internal sealed record StudyRunJson(
    string Directory, int Trained, int Before, IReadOnlyList<StudyFailureJson> Failed, double Seconds, int Workers, double? TrainingsAnHour)
{
    public static StudyRunJson Of(StudyDirectory directory, StudyProgress progress) => new(
        directory.Place,
        progress.Trained,
        progress.Before,
        [.. progress.Failed.Select(failure => new StudyFailureJson(failure.Item.Index, failure.Why))],
        progress.Seconds,
        progress.Workers,
        progress.Trained > 0 ? progress.TrainingsAnHour : null);
}

/// <summary>What was put together, without the items that are missing.</summary>
internal sealed record StudyMergeJson(
    string Directory, int Trainings, IReadOnlyList<int> Missing, IReadOnlyList<string> Files, IReadOnlyList<ClaimJson> Claims);

internal sealed record StudyReportJson(string Report);

/// <summary>What <c>study</c> did; without results or a report where every training failed.</summary>
internal sealed record WholeStudyJson(StudyRunJson Run, StudyMergeJson? Results, string? Report);

/// <summary>The objects that <c>study --json</c> prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StudyPlanJson))]
[JsonSerializable(typeof(StudyRunJson))]
[JsonSerializable(typeof(StudyMergeJson))]
[JsonSerializable(typeof(StudyReportJson))]
[JsonSerializable(typeof(WholeStudyJson))]
internal sealed partial class StudyOutputJson : JsonSerializerContext;
