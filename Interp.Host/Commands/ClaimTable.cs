using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>In how many trainings each claim holds, for people at a terminal.</summary>
internal static class ClaimTable
{
    /// <summary>A table for each kind of training, and the rule behind the verdicts.</summary>
    public static void Show(IAnsiConsole console, SurveySummary summary)
    {
        foreach (var group in summary.Claims.GroupBy(result => result.Group))
        {
            console.Write(Table(group.Key, [.. group], summary.ClaimIntervals));
        }

        if (!summary.Claims.IsEmpty && summary.ClaimIntervals.IsSequence)
        {
            console.MarkupLine("[grey]Intervals are those of a confidence sequence, which may be looked at after every training: each claim’s excludes the true share with a chance of 5 % at most, however many trainings there are; that is of each claim by itself, not corrected for the number of claims.[/]");
        }

        if (!summary.Claims.IsEmpty)
        {
            console.MarkupLine("[grey]A claim replicates where the whole interval lies above one half, does not where all of it lies below; else it is undecided.[/]");
        }
    }

    private static Table Table(Group group, IReadOnlyList<ClaimResult> results, ClaimIntervals intervals)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title(Names.Markup(group.ToString()))
            .AddColumn("claim")
            .AddColumn(new TableColumn("holds in").RightAligned().NoWrap())
            .AddColumn(new TableColumn(intervals.IsSequence ? "95 % sequence" : "95 % interval").RightAligned().NoWrap())
            .AddColumn(new TableColumn("").NoWrap());
        foreach (var result in results)
        {
            table.AddRow(
                new Text(result.Lacks is { Value: var lacks } ? $"{result.Claim.Sentence} ({lacks})" : result.Claim.Sentence),
                new Text(result.Trainings == 0 ? "not measured" : $"{result.Holds} of {result.Trainings}"),
                new Text(result.Trainings == 0 ? "-" : Words.Shares(result.Interval)),
                Verdict(SurveySummaryModule.verdict(result.Interval)));
        }

        return table;
    }

    private static Markup Verdict(Replication verdict)
    {
        var color = verdict.IsReplicates ? "green" : verdict.IsDoesNotReplicate ? "red" : "yellow";
        return new($"[{color}]{Words.Verdict(verdict)}[/]");
    }
}
