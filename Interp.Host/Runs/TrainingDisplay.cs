using Spectre.Console;

namespace Interp.Host.Runs;

/// <summary>A model to be trained: what it is called on the console, and the training itself.</summary>
internal sealed record TrainingJob(string Name, int Steps, Func<Action<TrainingProgress>, TrainingOutcome> Train);

/// <summary>Training with a progress bar: step, loss, speed and time left.</summary>
internal static class TrainingDisplay
{
    /// <summary>Trains the models one after another, a bar each.</summary>
    public static IReadOnlyList<TrainingOutcome> Train(IAnsiConsole console, IReadOnlyList<TrainingJob> jobs) =>
        console
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
                    .Select(job => context.AddTask(Markup.Escape($"{job.Name}: waiting"), autoStart: false, maxValue: job.Steps))
                    .ToArray();
                return (IReadOnlyList<TrainingOutcome>)[.. jobs.Zip(bars, (job, bar) =>
                {
                    bar.StartTask();
                    return job.Train(progress => Show(bar, job.Name, progress));
                })];
            });

    private static void Show(ProgressTask bar, string name, TrainingProgress progress)
    {
        bar.Description = Markup.Escape(
            $"{name}: step {progress.Step,6:N0} of {progress.Steps:N0}, loss {progress.Loss:0.0000}, {progress.StepsPerSecond,5:N0} steps/s");
        bar.Value = progress.Step;
    }
}
