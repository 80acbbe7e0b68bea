using System.Diagnostics;
using Interp.Host.Files;
using Interp.Host.Results;
using Interp.Host.Runs;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp train</c>: trains one model into a run directory.</summary>
internal static class TrainCommand
{
    public static void Run(TrainOptions options, CancellationToken interruption)
    {
        var started = Stopwatch.GetTimestamp();
        var terminal = new Terminal(options.Json);
        var configuration = options.Configuration;
        var threads = Machine.Threads(options.Threads);
        using var run = RunDirectory.Create(options.Out);
        var outcome = TrainingDisplay.Train(terminal.Progress, [("training", configuration)], threads, interruption)[0];

        RunFiles.WriteModel(run.PathOf(ModelFile.Name), configuration, outcome.Weights);
        RunFiles.WriteConfiguration(run.PathOf(RunFiles.Configuration), ModelAnalysis.Configuration(configuration));
        RunFiles.WriteLearningCurve(run.PathOf(RunFiles.LearningCurve), outcome);
        interruption.ThrowIfCancellationRequested();
        run.Publish();

        var hash = CheckpointModule.weightsSha256(outcome.Weights);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        terminal.Result(
            () => new TrainingJson(
                run.Place,
                configuration.Steps,
                outcome.Loss,
                outcome.FinalHeldOutLoss,
                hash,
                seconds,
                new(outcome.QuickestStep, outcome.MedianStep)),
            OutputJson.Default.TrainingJson,
            console => Show(console, run.Place, configuration, outcome, hash, seconds));
    }

    private static void Show(IAnsiConsole console, string place, Configuration configuration, TrainingOutcome outcome, string hash, double seconds)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        table.AddRow("loss, last batch", $"{Words.Nats(outcome.Loss)} nats a letter");
        table.AddRow("loss, held out", $"{Words.Nats(outcome.FinalHeldOutLoss)} (no model can be below {Words.Nats(ConfigurationModule.floor(configuration))})");
        table.AddRow("time", $"{seconds:0.0} s, {outcome.MedianStep:0.00} ms a step (quickest {outcome.QuickestStep:0.00})");
        table.AddRow("weights, SHA-256", hash);
        console.Write(table);
        Terminal.Line(console, $"Run: {place} (next: interp evaluate {place})");
    }
}
