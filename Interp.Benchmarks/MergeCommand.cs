using System.Diagnostics;
using System.Globalization;
using Interp.Host.Surveys;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Collections;

namespace Interp.Benchmarks;

/// <summary>What it costs to put together a study that 64 tasks of an array job shared, by its rows: seconds, memory and bytes.</summary>
internal static class MergeCommand
{
    private const int Tasks = 64;

    /// <summary>What a process came to.</summary>
    private sealed record Ended(double Seconds, double Processor, double PeakMegabytes);

    public static int Run(int[] rows)
    {
        Console.WriteLine($"A study of one-layer models, plain and smeared, each row an item's file; written by {Tasks} shares. Seconds by the clock, memory as the peak of what is resident.");
        Console.WriteLine();
        Console.WriteLine("| rows | KB a row's file | merge s | processor s | ms a row | peak MB | KB a row | report s | processor s | peak MB | results and page MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        var rest = Measured(2);
        foreach (var count in rows)
        {
            var (bytes, merge, report, tables) = Measured(count);
            Console.WriteLine(
                $"| {count:N0} | {bytes / 1024:0.0} | {merge.Seconds:0.00} | {merge.Processor:0.00} | {1000 * merge.Processor / count:0.00} | {merge.PeakMegabytes:0} | {1024 * (merge.PeakMegabytes - rest.Merge.PeakMegabytes) / count:0.0} | {report.Seconds:0.00} | {report.Processor:0.00} | {report.PeakMegabytes:0} | {tables:0.0} |");
        }

        Console.WriteLine();
        Console.WriteLine($"Of two rows: merge {rest.Merge.Seconds:0.00} s and {rest.Merge.PeakMegabytes:0} MB, report {rest.Report.Seconds:0.00} s and {rest.Report.PeakMegabytes:0} MB; a row's memory is what comes on top.");
        return 0;
    }

    private static (double Bytes, Ended Merge, Ended Report, double Tables) Measured(int rows)
    {
        var place = Directory.CreateTempSubdirectory("interp-merge-").FullName;
        try
        {
            var directory = SurveyDirectory.Plan(
                Disk.Instance,
                Path.Combine(place, "study"),
                StoredSurvey.Of(new(ListModule.OfSeq([Variant.Plain, Variant.Smeared]), TaskFormModule.study, FSharpList<Sweep>.Empty, 1, rows / 2, 1, FSharpList<Claim>.Empty, untilDecided: false)));
            var bytes = Write(directory);
            var merge = Interp("study", "merge", directory.Place);
            var report = Interp("study", "report", directory.Place);
            return (bytes / (double)directory.Items.Count, merge, report, Directory.GetFiles(directory.Place).Sum(file => new FileInfo(file).Length) / (1024.0 * 1024));
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>
    /// The file of every item, share by share: one training of each kind is done, the others have its numbers, each changed a little. Bytes in all.
    /// </summary>
    private static long Write(SurveyDirectory directory)
    {
        var done = directory.Items.GroupBy(item => item.Variant).ToDictionary(
            kind => kind.Key, kind => SurveyTraining.Do(World.Real, kind.First(), _ => { }, CancellationToken.None).Finished);
        var bytes = 0L;
        Parallel.For(0, Tasks, task =>
        {
            var share = ArrayShare.Read(Tasks, name => name == "SLURM_ARRAY_TASK_ID" ? $"{task}" : null);
            var (first, count) = SurveyModule.share(directory.Items.Count, share.Tasks, share.Task);
            foreach (var item in directory.Items.Skip(first).Take(count))
            {
                var (like, random) = (done[item.Variant], new Random(item.Index));
                var quantities = like.Result.Quantities.Select(quantity => Tuple.Create(quantity.Item1, quantity.Item2 * (0.9 + (0.2 * random.NextDouble()))));
                var content = ItemFile.Bytes(directory.Survey, like with { Result = new(item, ListModule.OfSeq(quantities), like.Result.HeldOut, like.Result.Weights) });
                File.WriteAllBytes(directory.PathOf(Path.Combine(SurveyDirectory.ItemsName, $"{item.Index:000000}.json")), content);
                Interlocked.Add(ref bytes, content.Length);
            }
        });
        return bytes;
    }

    /// <summary>Runs the program, and looks at its memory until it ends.</summary>
    private static Ended Interp(params string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Programs.Built, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var (peak, processor) = (0L, TimeSpan.Zero);
        while (!process.WaitForExit(20))
        {
            try
            {
                process.Refresh();
                (peak, processor) = (Math.Max(peak, process.PeakWorkingSet64), process.TotalProcessorTime);
            }
            catch (InvalidOperationException)
            {
                // It has ended since.
            }
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return process.ExitCode == 0
            ? new(seconds, processor.TotalSeconds, peak / (1024.0 * 1024))
            : throw new InvalidOperationException($"interp {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Result}{output.Result[..Math.Min(200, output.Result.Length)]}");
    }
}
