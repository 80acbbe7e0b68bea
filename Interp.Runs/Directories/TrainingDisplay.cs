using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Runs.Directories;

/// <summary>A model to be trained, and whatever else is to be done with it.</summary>
/// <param name="Name">What it is called on the console.</param>
/// <param name="Steps">Training steps.</param>
/// <param name="Work">The work itself; it stops when the token says so.</param>
internal sealed record TrainingJob<T>(string Name, int Steps, Func<TrainingBar, CancellationToken, T> Work);

/// <summary>The progress of one model.</summary>
internal sealed class TrainingBar(ProgressTask bar, string name)
{
    public void Show(TrainingProgress progress)
    {
        Say($"step {Words.Count(progress.Step),6} of {Words.Count(progress.Steps)}, loss {Words.Nats(progress.Loss)}, {Words.Whole(progress.StepsPerSecond),5} steps/s");
        bar.Value = progress.Step;
    }

    /// <summary>What is being done.</summary>
    public void Say(string doing) => bar.Description = Names.Markup($"{name}: {doing}");
}

/// <summary>Training with progress bars: step, loss, speed and time left.</summary>
internal static class TrainingDisplay
{
    /// <summary>Does the jobs, <paramref name="atOnce"/> at once, begun in their order; one that fails stops the others.</summary>
    public static IReadOnlyList<T> Train<T>(IAnsiConsole console, IReadOnlyList<TrainingJob<T>> jobs, int atOnce, CancellationToken interruption)
    {
        SlowMachine.Warn(console);
        return console
            .Progress()
            .AutoRefresh(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                var bars = jobs
                    .Select(job => context.AddTask(Names.Markup($"{job.Name}: waiting"), autoStart: false, maxValue: job.Steps))
                    .ToArray();
                return All(jobs.Count, atOnce, (place, stop) =>
                {
                    bars[place].StartTask();
                    var done = jobs[place].Work(new(bars[place], jobs[place].Name), stop);
                    bars[place].StopTask();
                    return done;
                }, interruption);
            });
    }

    private static T[] All<T>(int count, int atOnce, Func<int, CancellationToken, T> work, CancellationToken interruption)
    {
        var results = new T[count];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = atOnce },
                place =>
                {
                    try
                    {
                        results[place] = work(place, stop.Token);
                    }
                    catch
                    {
                        stop.Cancel();
                        throw;
                    }
                });
        }
        catch (AggregateException failures)
        {
            // Those that were stopped since another failed are not to blame.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions.FirstOrDefault(failure => failure is not OperationCanceledException) ?? failures.InnerExceptions[0]);
        }

        return results;
    }
}
