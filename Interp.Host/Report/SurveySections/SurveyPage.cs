using Interp.Host.Surveys;
using Interp.Pictures;
using Interp.Runs.Wording;

namespace Interp.Host.Report.SurveySections;

/// <summary>All that the page of a study over many seeds speaks of.</summary>
/// <param name="Stored">What was planned, and the arithmetic that it was done under.</param>
/// <param name="Groups">What has been trained, by kind.</param>
/// <param name="Failed">Items that ended in a failure, and why.</param>
/// <param name="Missing">Items that are neither done nor failed.</param>
/// <param name="Summary">What all of it comes to.</param>
/// <param name="Live">Where a training is shown as a live page, by its number.</param>
/// <param name="Directory">The study's directory, as one types it where it lies.</param>
internal sealed record SurveyPage(
    StoredSurvey Stored,
    IReadOnlyList<GroupResults> Groups,
    IReadOnlyList<(int Index, string Why)> Failed,
    IReadOnlyList<int> Missing,
    SurveySummary Summary,
    IReadOnlyDictionary<int, string> Live,
    string Directory)
{
    public Survey Survey => Stored.Survey;

    public int Trainings => Groups.Sum(group => group.Results.Count);

    public bool Swept => !Survey.Sweeps.IsEmpty;

    /// <summary>The variants that were trained, in the study's order.</summary>
    public IEnumerable<Variant> Variants => Groups.Select(group => group.Group.Variant).Distinct();

    /// <summary>The line that makes all of it again.</summary>
    public string Command =>
        $"interp study --variants {string.Join(',', Survey.Variants)} {(Survey.UntilDecided ? "--until-decided --most" : "--seeds")} {Survey.Seeds}"
        + (Survey.FirstSeed == 1 ? string.Empty : $" --first-seed {Survey.FirstSeed}")
        + (Survey.Task.Equals(TaskFormModule.study) ? string.Empty : $" --task {Shell.Quoted($"{Survey.Task}")}")
        + string.Concat(Survey.Sweeps.Select(sweep => $" --sweep {Shell.Quoted(SurveyModule.sweepName(sweep))}"))
        + (Survey.Claims.IsEmpty ? string.Empty : " --claims claims.txt")
        + (Stored.KeepsWeights ? " --keep-weights" : string.Empty)
        + $" --steps {Survey.Steps} --out {Directory}";

    /// <summary>The line that writes this page and its pictures again.</summary>
    public string ReportCommand => $"interp study report {Directory}";

    /// <summary>"One layer, plain keys".</summary>
    public static string Title(Variant variant) =>
        variant.IsTwoLayer ? "Two layers" : variant.IsSmeared ? "One layer, smeared keys" : "One layer, plain keys";

    /// <summary>"One layer, plain keys, d_head=4".</summary>
    public static string Title(Group group) =>
        group.Setting.IsEmpty ? Title(group.Variant)
        // A sweep may say what the variant's name does.
        : group.SaysVariant ? $"Models of {SurveyModule.settingName(group.Setting)}"
        : $"{Title(group.Variant)}, {SurveyModule.settingName(group.Setting)}";
}
