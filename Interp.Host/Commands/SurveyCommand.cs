using System.Diagnostics;
using System.Text.Json.Nodes;
using Interp.Host.Explorer;
using Interp.Host.Json;
using Interp.Host.Report;
using Interp.Host.Surveys;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Spectre.Console;
using Table = Spectre.Console.Table;

namespace Interp.Host.Commands;

/// <summary><c>interp study</c> and its subcommands: many trainings, and which claims hold in how many of them.</summary>
internal static class SurveyCommand
{
    public static void Run(World world, SurveyOptions options, CancellationToken interruption)
    {
        var terminal = world.Terminal(options.Json);
        switch (options.Job)
        {
            case SurveyJob.WholeSurvey whole:
                Whole(world, whole, terminal, interruption);
                break;
            case SurveyJob.PlanSurvey plan:
                Plan(
                    SurveyDirectory.Plan(
                        world.Disk, plan.@out, StoredSurvey.Of(Prepared(world, terminal, plan.study, plan.claims), plan.keepWeights)),
                    terminal);
                break;
            case SurveyJob.RunSurvey run:
                Share(world, run, terminal, interruption);
                break;
            case SurveyJob.MergeSurvey merge:
                Merge(world, SurveyDirectory.Open(world.Disk, merge.directory), merge.@partial, terminal, interruption);
                break;
            case SurveyJob.ReportSurvey report:
                ReportOn(world, SurveyDirectory.Open(world.Disk, report.directory), terminal, interruption);
                break;
            case SurveyJob.SlurmScript slurm:
                Slurm(world, slurm);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The study with what its texts were found to be, and with a file's claims, all of which it can judge.</summary>
    /// <exception cref="BadInputException">It cannot: which, and why.</exception>
    private static Survey Prepared(World world, Terminal terminal, Survey study, FSharpOption<string>? claims)
    {
        var read = new Survey(
            study.Variants,
            TaskFile.Resolved(world, terminal, study.Task),
            ListModule.OfSeq(study.Sweeps.Select(sweep => sweep.Field.IsTask ? new Sweep(sweep.Field, ListModule.OfSeq(sweep.Values.Select(Resolved))) : sweep)),
            study.FirstSeed, study.Seeds, study.Steps, study.Claims, study.UntilDecided);
        if (claims is not { Value: var file })
        {
            return SurveyModule.problem(read) is { Value: var sentence } ? throw new BadInputException(sentence) : read;
        }

        var whole = new Survey(
            read.Variants, read.Task, read.Sweeps, read.FirstSeed, read.Seeds, read.Steps, ClaimsText.Read(world.Disk, file), read.UntilDecided);
        return SurveyModule.problem(whole) is { Value: var problem } ? throw new BadInputException($"{file}: {problem}") : whole;

        FieldValue Resolved(FieldValue value) =>
            FieldValue.NewWord($"{TaskFile.Resolved(world, terminal, TaskFormModule.ofName(((FieldValue.Word)value).Item))}");
    }

    private static void Whole(World world, SurveyJob.WholeSurvey options, Terminal terminal, CancellationToken interruption)
    {
        var found = !options.described && SurveyDirectory.Holds(world.Disk, options.@out) ? SurveyDirectory.Open(world.Disk, options.@out) : null;
        if (found is { Stored.KeepsWeights: false } && options.keepWeights)
        {
            throw new BadInputException(
                $"--keep-weights: the study in {options.@out} was begun without it and goes on without it; a study that keeps its weights does so from the first training on, in another directory.");
        }

        // Before a directory is made.
        var study = found?.Stored ?? StoredSurvey.Of(Prepared(world, terminal, options.study, options.claims), options.keepWeights);
        var count = RequireRoom(world, found?.Items ?? [.. SurveyModule.items(study.Survey)], options.workers);
        var directory = found ?? SurveyDirectory.Plan(world.Disk, options.@out, study);
        RemarkOnWeights(directory.Stored, terminal);
        var again = $"interp study --out {Shell.Quoted(options.@out)}";
        var progress = Do(world, directory, directory.Items, count, again, terminal, interruption);
        using var finishing = new Underway($"the trainings in {directory.Place} are done; go on with: {again}");
        using var alone = SurveyMerge.Alone(world.Disk, directory, interruption);
        directory = directory.Again();
        RemarkOnVersions(directory, terminal);
        var live = SurveyExplorer.Pages(world, terminal, directory, SurveyReport.Report, interruption);
        (SurveySummary Summary, string Report)? written = directory.Results.Count == 0 ? null : terminal.Busy(
            "putting the results together and drawing",
            () =>
            {
                var (summary, files) = SurveyMerge.Files(directory);
                return (summary, Write(world, directory, summary, live, files));
            });
        terminal.Result(
            () => new()
            {
                ["run"] = SurveyJson.Run(directory, progress),
                ["results"] = written is var (summary, _) ? SurveyJson.Merge(directory, Tables(directory), summary) : null,
                ["report"] = written?.Report,
                ["live"] = LivePages(directory, live),
            },
            console =>
            {
                if (written is var (summary, report))
                {
                    ClaimTable.Show(console, summary);
                    Throughput(console, progress);
                    Show(console, directory, report, live);
                }
            });

        RequireNoFailures(progress, again);
    }

    private static void Plan(SurveyDirectory directory, Terminal terminal)
    {
        RemarkOnWeights(directory.Stored, terminal);
        terminal.Result(() => SurveyJson.Plan(directory), console =>
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns("items", "variant", "setting", "seeds", "steps");
            foreach (var group in directory.Items.Chunk(directory.Survey.Seeds))
            {
                var (first, last) = (group[0], group[^1]);
                table.AddRow(
                    first.Index == last.Index ? $"{first.Index}" : $"{first.Index}-{last.Index}",
                    first.Variant.ToString(),
                    Names.Markup(SurveyModule.settingName(first.Setting)),
                    first.Index == last.Index ? $"{first.Configuration.Seed}" : $"{first.Configuration.Seed}-{last.Configuration.Seed}",
                    Words.Count(first.Configuration.Steps));
            }

            console.Write(table);
            var claims = directory.Survey.Claims.IsEmpty ? "" : $", judged by the study's claims and {string.Join(", ", directory.Survey.Claims.Select(claim => claim.Name))}";
            var until = directory.Survey.UntilDecided ? "until its claims are decided at most " : "";
            var kept = directory.Stored.KeepsWeights ? ", whose weights are kept" : "";
            Terminal.Line(console, $"Survey: {directory.Place}, {until}{Trainings(directory.Items.Count)}{kept}{claims} (next: {directory.RunCommand})");
        });
    }

    private static void Share(World world, SurveyJob.RunSurvey options, Terminal terminal, CancellationToken interruption)
    {
        var directory = SurveyDirectory.Open(world.Disk, options.directory);
        var (share, chosen) = Chosen(directory, options.share);
        var again = directory.RunCommand + chosen;
        var progress = Do(world, directory, share, RequireRoom(world, share, options.workers), again, terminal, interruption);
        terminal.Result(
            () => SurveyJson.Run(directory, progress),
            console =>
            {
                var done = progress.Trained + progress.Before;
                var next = done == 0 ? "" : $" (next: interp study merge {Shell.Quoted(directory.Place)})";
                var most = directory.Survey.UntilDecided && progress.Spared == 0 ? "at most " : "";
                var spared = progress.Spared == 0 ? "" : ", and no more are wanted: their claims are decided";
                Terminal.Line(console, $"{Words.Count(done)} of {most}{Words.Count(share.Count - progress.Spared)} trainings are done{spared}{next}");
                Throughput(console, progress);
            });
        RequireNoFailures(progress, again);
    }

    /// <summary>The items that a process is to do, and the words that choose them on the command line, with a space before them.</summary>
    private static (IReadOnlyList<SurveyItem> Share, string Words) Chosen(SurveyDirectory directory, SurveyShare share)
    {
        var items = directory.Items;
        switch (share)
        {
            case SurveyShare.ItemRange range when range.last >= items.Count:
                throw new BadInputException($"{ItemsOption(range.first, range.last).TrimStart()}: the study has {items.Count} items, numbered from 0 to {items.Count - 1}.");
            case SurveyShare.ItemRange range:
                return ([.. items.Skip(range.first).Take(range.last - range.first + 1)], ItemsOption(range.first, range.last));
            case SurveyShare.ArrayTask array:
                var task = ArrayShare.Read(array.tasks is { Value: var tasks } ? tasks : null, Environment.GetEnvironmentVariable);
                if (directory.Survey.UntilDecided)
                {
                    // Which seeds are wanted shows as it goes on: every task takes the next one that nobody is at.
                    return (items, "");
                }

                var (first, count) = SurveyModule.share(items.Count, task.Tasks, task.Task);
                return ([.. items.Skip(first).Take(count)], count > 0 ? ItemsOption(first, first + count - 1) : "");
            default:
                return (items, "");
        }
    }

    private static string ItemsOption(int first, int last) => first == last ? $" --items {first}" : $" --items {first}-{last}";

    /// <summary>The trainings at once; refused where there are too few processors or too little memory for them.</summary>
    private static int RequireRoom(World world, IReadOnlyList<SurveyItem> share, FSharpOption<int>? workers)
    {
        var count = world.Threads(workers, "--workers");
        var trainings = ListModule.OfSeq(share.Select(item => Tuple.Create(item.Configuration, TaskFile.Of(world.Disk, item.Configuration.Task))));
        world.RequireMemory(
            Memory.ofTrainings(Math.Max(1, Math.Min(count, share.Count)), SurveyModule.reference.Sequences, trainings), "the study");
        return count;
    }

    private static SurveyProgress Do(
        World world, SurveyDirectory directory, IReadOnlyList<SurveyItem> share, int count, string again, Terminal terminal, CancellationToken interruption)
    {
        directory.RequireContinuable(share);
        return SurveyDisplay.Show(world, terminal, directory.Survey, share, count, watcher =>
            new SurveyRunner(
                world.Clock, directory, share, count, (item, report, stop) => SurveyTraining.Do(world, item, report, stop), watcher, again).Run(interruption));
    }

    /// <summary>The command's last word where something failed.</summary>
    /// <exception cref="FailedException">Which item failed first, why, and how all that failed are tried again.</exception>
    private static void RequireNoFailures(SurveyProgress progress, string again)
    {
        if (progress.Failed is [var (item, why), ..])
        {
            var many = progress.Failed.Count == 1 ? "" : $"{progress.Failed.Count} trainings failed (items {SurveyDirectory.Ranges(progress.Failed.Select(failure => failure.Item.Index))}), the first: ";
            throw new FailedException($"{many}{SurveyDirectory.Name(item)} failed: {why.TrimEnd('.')}; to try again: `{again}`.");
        }
    }

    private static string Trainings(int count) => count == 1 ? "1 training" : $"{Words.Count(count)} trainings";

    private static void Throughput(IAnsiConsole console, SurveyProgress progress)
    {
        if (progress.Trained > 0)
        {
            var atWork = Math.Min(progress.Workers, progress.Trained + progress.Failed.Count);
            var workers = atWork == 1 ? "1 worker" : $"{atWork} workers";
            Terminal.Line(console, $"{Trainings(progress.Trained)} in {Words.Tenth(progress.Seconds)} s on {workers}: {Words.Whole(progress.TrainingsAnHour)} trainings an hour");
        }
    }

    private static void Merge(World world, SurveyDirectory directory, bool partly, Terminal terminal, CancellationToken interruption)
    {
        directory.RequireContinuable([]);
        using var alone = SurveyMerge.Alone(world.Disk, directory, interruption);
        if (directory.Missing.Count > 0 && (!partly || directory.Results.Count == 0))
        {
            var why = directory.DamagedFiles is [var file, ..] ? $" ({Path.GetFileName(file)} is damaged)"
                : directory.Failed is [var (failed, _), ..] ? $" (item {failed} failed)"
                : "";
            var one = directory.Missing.Count == 1;
            throw new BadInputException(
                $"{directory.Place}: {(one ? "item" : "items")} {SurveyDirectory.Ranges(directory.Missing)} of {directory.Items.Count} {(one ? "is" : "are")} missing{why}; "
                + $"`{directory.RunCommand}` does {(one ? "it" : "them")}{(directory.Results.Count > 0 ? ", --partial merges without" : "")}.");
        }

        RemarkOnVersions(directory, terminal);
        var summary = terminal.Busy("putting the results together", () =>
        {
            var (summary, files) = SurveyMerge.Files(directory);
            Publish(world, directory, files);
            return summary;
        });
        terminal.Result(
            () => SurveyJson.Merge(directory, Tables(directory), summary),
            console =>
            {
                ClaimTable.Show(console, summary);
                var without = directory.Missing.Count == 0 ? "" : $", without {(directory.Missing.Count == 1 ? "item" : "items")} {SurveyDirectory.Ranges(directory.Missing)}";
                Terminal.Line(console, $"{Trainings(directory.Results.Count)}{without}: {string.Join(", ", Tables(directory))} (next: interp study report {Shell.Quoted(directory.Place)})");
            });
    }

    /// <summary>Says how much disk the weights of a study will take, before they do, where that is much.</summary>
    private static void RemarkOnWeights(StoredSurvey study, Terminal terminal)
    {
        const long much = 1_000_000_000;
        if (study.KeepsWeights && SurveyModule.weightBytes(study.Survey) is >= much and var bytes)
        {
            var most = study.Survey.UntilDecided ? "at most " : "";
            Terminal.Line(terminal.Progress, $"interp: the weights that are kept will take about {most}{Words.Bytes(bytes)} on the disk.");
        }
    }

    private static void RemarkOnVersions(SurveyDirectory directory, Terminal terminal)
    {
        if (SurveyMerge.Versions(directory) is { Count: > 1 } versions)
        {
            Terminal.Line(terminal.Progress, $"interp: these items were done by versions {string.Join(" and ", versions)} of this program, whose numbers need not be the same.");
        }
    }

    private static string[] Tables(SurveyDirectory directory) =>
        [.. new[] { $"{SurveyTables.Results}.csv", $"{SurveyTables.Results}.parquet", SurveyTables.Curves, SurveySummaryFile.Name }
            .Select(name => Path.Combine(directory.Place, name))];

    private static void ReportOn(World world, SurveyDirectory directory, Terminal terminal, CancellationToken interruption)
    {
        using var alone = SurveyMerge.Alone(world.Disk, directory, interruption);
        if (directory.Results.Count == 0)
        {
            directory.RequireContinuable([]);
            throw new BadInputException($"{directory.Place}: nothing is finished yet; `{directory.RunCommand}` does the study.");
        }

        if (ArithmeticRevision.problem(directory.Stored.Revision) is { Value: var problem })
        {
            Terminal.Line(terminal.Progress, $"interp: {directory.Place}: {problem}; the page says so.");
        }

        var live = SurveyExplorer.Pages(world, terminal, directory, SurveyReport.Report, interruption);
        var report = terminal.Busy("drawing and writing the report", () => Write(
            world,
            directory,
            SurveySummaryModule.ofSurvey(directory.Survey, ListModule.OfSeq(directory.Results)),
            live,
            []));
        terminal.Result(
            () => new() { ["report"] = report, ["live"] = LivePages(directory, live) },
            console => Show(console, directory, report, live));
    }

    private static void Show(IAnsiConsole console, SurveyDirectory directory, string report, SurveyLivePages live)
    {
        Terminal.Line(console, $"Report: {report}");
        foreach (var (name, _) in live.Files)
        {
            Terminal.Line(console, $"Live: {Path.Combine(directory.Place, name)}");
        }
    }

    private static JsonArray LivePages(SurveyDirectory directory, SurveyLivePages live) =>
        Values.Texts(live.Files.Select(file => Path.Combine(directory.Place, file.Name)));

    /// <summary>Writes the page, with whatever else belongs to it; returns where it is.</summary>
    private static string Write(World world, SurveyDirectory directory, SurveySummary summary, SurveyLivePages live, IReadOnlyList<(string Name, byte[] Bytes)> others)
    {
        Publish(world, directory, [.. others, .. SurveyReport.Files(directory.Stored, directory.Results, directory.Failed, directory.Missing, summary, live, directory.Place)]);
        return Path.Combine(directory.Place, SurveyReport.Report);
    }

    private static void Publish(World world, SurveyDirectory directory, IReadOnlyList<(string Name, byte[] Bytes)> files)
    {
        using var staged = StagedDirectory.Create(world.Disk, directory.Place);
        staged.Publish(files);
    }

    private static void Slurm(World world, SurveyJob.SlurmScript options)
    {
        var directory = SurveyDirectory.Open(world.Disk, options.directory);
        directory.RequireContinuable(directory.Items);
        var items = directory.Items.Count;
        var tasks = options.tasks?.Value ?? Math.Min(items, options.mostTasks);
        if (tasks > items)
        {
            throw new BadInputException($"--tasks {tasks}: the study has {items} items, so more tasks than that would have nothing to do.");
        }

        world.Terminal(false).Text(SlurmScript.Of(SlurmScript.Program(world.Disk), Path.GetFullPath(directory.Place), items, tasks, options.workers, options.time?.Value));
    }
}
