using Interp.Host.Files;

namespace Interp.Host.Studies;

/// <summary>Puts the results of a study together. What it writes depends on the results alone: the same bytes, whoever did the items.</summary>
internal static class StudyMerge
{
    private const string LockName = "merge.lock";

    /// <summary>
    /// Writes results.csv, results.parquet, curves.csv and summary.json; then <paramref name="andThen"/>, before another process may write
    /// the same files.
    /// </summary>
    public static StudySummary Write(IDisk disk, StudyDirectory directory, Action<StudySummary> andThen, CancellationToken interruption)
    {
        using var claim = Alone(disk, directory, interruption);
        var table = StudyTables.OfResults(directory.Study, directory.Results);
        var summary = StudySummaryModule.ofResults(Claims.study, Microsoft.FSharp.Collections.ListModule.OfSeq(directory.Results));
        AtomicFile.Write(disk, directory.PathOf($"{StudyTables.Results}.csv"), table.Csv());
        AtomicFile.Write(disk, directory.PathOf($"{StudyTables.Results}.parquet"), table.Parquet());
        AtomicFile.Write(disk, directory.PathOf(StudyTables.Curves), StudyTables.OfCurves(directory.Results).Csv());
        AtomicFile.Write(disk, directory.PathOf(StudySummaryFile.Name), StudySummaryFile.Bytes(summary));
        andThen(summary);
        return summary;
    }

    /// <summary>Versions of this program that did the items, where there is more than one: their numbers need not be the same.</summary>
    public static IReadOnlyList<string> Versions(StudyDirectory directory) =>
        [.. directory.Finished.Select(finished => finished.Version).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Waits until no other process writes merged files or the report, and keeps others from it until it is disposed of.</summary>
    public static IDisposable Alone(IDisk disk, StudyDirectory directory, CancellationToken interruption)
    {
        IDisposable? claim;
        while ((claim = disk.Hold(directory.PathOf(LockName))) is null)
        {
            interruption.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
            interruption.ThrowIfCancellationRequested();
        }

        return claim;
    }
}
