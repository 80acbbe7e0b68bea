using System.Diagnostics;
using System.Text.Json.Nodes;
using Interp.Host.Files;
using Interp.Host.Json;
using Interp.Host.Runs;
using Interp.Host.Surroundings;
using Interp.Host.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp train</c>: trains one model in a run directory, from the beginning or from where the run stands.</summary>
internal static class TrainCommand
{
    public static void Run(World world, TrainOptions options, CancellationToken interruption)
    {
        var started = world.Clock.GetTimestamp();
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        if (options.Run is TrainRun.NewRun { configuration: var asked })
        {
            world.RequireMemory(Memory.ofTraining(threads, asked, TaskFile.Of(asked.Task)), "the training");
        }

        var schedule = new CheckpointSchedule(CheckpointSchedule.StandardInterval, options.CheckpointEvery?.Value, options.Snapshots?.Value);
        using var run = options.Run switch
        {
            TrainRun.ResumedRun resumed => RunDirectory.Resume(world.Disk, world.Clock, resumed.directory, schedule),
            TrainRun.NewRun begun => RunDirectory.Begin(world.Disk, world.Clock, begun.@out, begun.configuration, schedule),
            _ => throw new UnreachableException(),
        };
        var configuration = run.Configuration;
        var task = TaskFile.Of(configuration.Task);
        foreach (var remark in run.Remarks)
        {
            Terminal.Line(terminal.Progress, $"interp: {remark}");
        }

        if (run.Finished is not null)
        {
            Terminal.Line(terminal.Progress, $"interp: {run.Place} is finished; there is nothing left to do.");
        }
        else if (run.Start.State.Step > 0)
        {
            Terminal.Line(terminal.Progress, $"interp: {run.Place} goes on from step {run.Start.State.Step} of {configuration.Steps}.");
        }

        if (options.Run is not TrainRun.NewRun && run.Finished is null)
        {
            world.RequireMemory(Memory.ofTraining(threads, configuration, task), "the training");
        }

        var outcome = run.Finished ?? TrainingDisplay.Train(
            terminal.Progress,
            [new TrainingJob<TrainingOutcome>("training", configuration.Steps, (bar, stop) => run.Train((start, keeper) =>
                TrainingRun.Run(world.Clock, configuration, task, threads, start, keeper, bar.Show, stop)))],
            atOnce: 1,
            interruption)[0];
        var hash = CheckpointModule.weightsSha256(outcome.Weights);
        var seconds = world.Clock.GetElapsedTime(started).TotalSeconds;
        terminal.Result(
            () => new()
            {
                ["run"] = run.Place,
                ["steps"] = configuration.Steps,
                ["loss"] = Values.Number(outcome.Loss),
                ["held_out_loss"] = Values.Number(outcome.FinalHeldOutLoss),
                ["weights_sha256"] = hash,
                ["seconds"] = Values.Number(seconds),
                ["ms_per_step"] = outcome.MedianStep > 0
                    ? new JsonObject { ["min"] = Values.Number(outcome.QuickestStep), ["median"] = Values.Number(outcome.MedianStep) }
                    : null,
            },
            console => Show(console, run.Place, options.Snapshots is not null ? "develop" : "evaluate", task, outcome, hash, seconds));
    }

    private static void Show(IAnsiConsole console, string place, string next, Task task, TrainingOutcome outcome, string hash, double seconds)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        table.AddRow("loss, last batch", $"{Words.Nats(outcome.Loss)} nats a letter");
        table.AddRow("loss, held out", $"{Words.Nats(outcome.FinalHeldOutLoss)}{(TaskModule.floor(task) is { Value: var floor } ? $" (no model can be below {Words.Nats(floor)})" : "")}");
        table.AddRow("time", $"{Words.Tenth(seconds)} s, {Words.Hundredth(outcome.MedianStep)} ms a step (quickest {Words.Hundredth(outcome.QuickestStep)})");
        table.AddRow("weights, SHA-256", hash);
        console.Write(table);
        Terminal.Line(console, $"Run: {place} (next: interp {next} {Shell.Quoted(place)})");
    }
}
