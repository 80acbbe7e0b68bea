using Interp.Runs.Endings;
using Interp.Runs.Files;

namespace Interp.Host.Surveys;

/// <summary>Puts the results of a study together. What it writes depends on the results alone: the same bytes, whoever did the items.</summary>
internal static class SurveyMerge
{
    private const string LockName = "merge.lock";

    /// <summary>
    /// results.csv, results.parquet, curves.csv and summary.json: their names in the study's directory, and their bytes. They are put together and written
    /// while <see cref="Alone"/> is held, from before the directory is looked at, so that no older results take the place of newer ones.
    /// </summary>
    public static (SurveySummary Summary, IReadOnlyList<(string Name, byte[] Bytes)> Files) Files(SurveyDirectory directory)
    {
        var tables = Tables(directory);
        var summary = SurveySummaryModule.ofSurvey(directory.Survey, Microsoft.FSharp.Collections.ListModule.OfSeq(directory.Results));
        return (summary, [.. tables, (SurveySummaryFile.Name, SurveySummaryFile.Bytes(summary))]);
    }

    /// <summary>By itself, so that no column is kept for longer than it is written.</summary>
    private static IReadOnlyList<(string Name, byte[] Bytes)> Tables(SurveyDirectory directory)
    {
        var table = SurveyTables.OfResults(directory.Survey, directory.Results);
        return
        [
            ($"{SurveyTables.Results}.csv", table.Csv()),
            ($"{SurveyTables.Results}.parquet", table.Parquet()),
            (SurveyTables.Curves, SurveyTables.OfCurves(directory.Results).Csv()),
        ];
    }

    /// <summary>Versions of this program that did the items, where there is more than one: their numbers need not be the same.</summary>
    public static IReadOnlyList<string> Versions(SurveyDirectory directory) =>
        [.. directory.Finished.Select(finished => finished.Version).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Waits until no other process writes merged files or the report, and keeps others from it until it is disposed of.</summary>
    /// <exception cref="FailedException">The directory cannot be written.</exception>
    public static IDisposable Alone(IDisk disk, SurveyDirectory directory, CancellationToken interruption)
    {
        try
        {
            IDisposable? claim;
            while ((claim = disk.Hold(directory.PathOf(LockName))) is null)
            {
                interruption.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
                interruption.ThrowIfCancellationRequested();
            }

            return claim;
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            throw new FailedException($"{directory.Place}: the results cannot be put together there ({Refusal.Words(refused)}); what is in it is as it was.");
        }
    }
}
