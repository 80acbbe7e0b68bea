using System.Diagnostics;
using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Runs.Directories;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
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
        var asked = options.Run is TrainRun.NewRun ? Asked(world, terminal, options) : null;
        if (asked is not null)
        {
            world.RequireMemory(Memory.ofTraining(threads, asked, TaskFile.Of(world.Disk, asked.Task)), "the training");
        }
        else if (options.Run is TrainRun.ResumedRun { directory: var place } && RunStatus.Read(world.Disk, place) is not { State: RunState.Finished }
            && ModelFile.Run(world.Disk, place) is { Configuration.Task: TaskForm.Text text })
        {
            // A text that is gone, or another, is told before anything is touched.
            TaskFile.Of(world, terminal, text);
        }

        var schedule = new CheckpointSchedule(CheckpointSchedule.StandardInterval, options.CheckpointEvery?.Value, options.Snapshots?.Value);
        using var run = options.Run switch
        {
            TrainRun.ResumedRun resumed => RunDirectory.Resume(world.Disk, world.Clock, resumed.directory, schedule),
            TrainRun.NewRun begun => RunDirectory.Begin(world.Disk, world.Clock, begun.@out, asked!, schedule),
            _ => throw new UnreachableException(),
        };
        var configuration = run.Configuration;
        // Of a run that is finished nobody draws sequences.
        var task = run.Finished is not null && configuration.Task is TaskForm.Text finished
            ? TaskModule.late(finished.Item, Vocabulary(configuration), new(() => TaskFile.Of(world.Disk, finished)))
            : TaskFile.Of(world.Disk, configuration.Task);
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
                TrainingRun.Run(world.Clock, configuration, task, threads, start, keeper, bar.Show, stop), Tasks.names(task)))],
            atOnce: 1,
            interruption)[0];
        var hash = CheckpointModule.weightsSha256(outcome.Weights);
        var seconds = world.Clock.GetElapsedTime(started).TotalSeconds;
        terminal.Result(
            () => new JsonObject
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
            }.With(MeasurementJson.Bits(task, outcome.FinalHeldOutLoss)),
            console => Show(console, run.Place, options.Snapshots is not null ? "develop" : "evaluate", task, outcome, hash, seconds));
    }

    /// <summary>The configuration that was asked for. What follows from a task of a text is known once that is read.</summary>
    /// <exception cref="RefusedException">It does not fit.</exception>
    private static Configuration Asked(World world, Terminal terminal, TrainOptions options)
    {
        var asked = ((TrainRun.NewRun)options.Run).configuration;
        if (asked.Task is not TaskForm.Text)
        {
            return asked;
        }

        var task = TaskFile.Of(world, terminal, asked.Task).Name;
        var given = options.Given.Select(field => field.Item1.IsTask ? Tuple.Create(field.Item1, FieldValue.NewWord(task)) : field);
        var configuration = FieldModule.set(ListModule.OfSeq(given), ConfigurationModule.study);
        return FieldModule.problem(configuration) is { Value.Sentence: var sentence } ? throw new RefusedException(sentence) : configuration;
    }

    private static Vocabulary Vocabulary(Configuration configuration) => VocabularyModule.letters(configuration.Architecture.DVocab);

    private static void Show(IAnsiConsole console, string place, string next, Task task, TrainingOutcome outcome, string hash, double seconds)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        table.AddRow("loss, last batch", $"{Words.Nats(outcome.Loss)} nats a letter");
        table.AddRow("loss, held out", $"{Words.Nats(outcome.FinalHeldOutLoss)}{(TaskModule.floor(task) is { Value: var floor } ? $" (no model can be below {Words.Nats(floor)})" : "")}{(Words.Bits(task, outcome.FinalHeldOutLoss) is { } bits ? $" ({bits})" : "")}");
        table.AddRow("time", $"{Words.Tenth(seconds)} s, {Words.Hundredth(outcome.MedianStep)} ms a step (quickest {Words.Hundredth(outcome.QuickestStep)})");
        table.AddRow("weights, SHA-256", hash);
        console.Write(table);
        Terminal.Line(console, $"Run: {place} (next: interp {next} {Shell.Quoted(place)})");
    }
}
