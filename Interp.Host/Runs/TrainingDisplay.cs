using Spectre.Console;

namespace Interp.Host.Runs;

/// <summary>Training with a progress bar: step, loss, speed and time left.</summary>
internal static class TrainingDisplay
{
    /// <summary>Trains the models one after another, a bar each.</summary>
    public static IReadOnlyList<TrainingOutcome> Train(
        IAnsiConsole console, IReadOnlyList<(string Name, Configuration Configuration)> models, int threads, CancellationToken interruption) =>
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
                var bars = models
                    .Select(model => context.AddTask(Markup.Escape($"{model.Name}: waiting"), autoStart: false, maxValue: model.Configuration.Steps))
                    .ToArray();
                return (IReadOnlyList<TrainingOutcome>)[.. models.Zip(bars, (model, bar) =>
                {
                    bar.StartTask();
                    return TrainingRun.Run(model.Configuration, threads, progress => Show(bar, model.Name, progress), interruption);
                })];
            });

    private static void Show(ProgressTask bar, string name, TrainingProgress progress)
    {
        bar.Description = Markup.Escape(
            $"{name}: step {progress.Step,6:N0} of {progress.Steps:N0}, loss {progress.Loss:0.0000}, {progress.StepsPerSecond,5:N0} steps/s");
        bar.Value = progress.Step;
    }
}
