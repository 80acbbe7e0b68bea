using System.Diagnostics;
using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
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
        if (options.Run.IsPrintedRun)
        {
            terminal.Text($"{TrainFields.file(Asked(world, terminal, options))}\n");
            return;
        }

        var threads = world.Threads(options.Threads);
        var asked = options.Run is TrainRun.NewRun ? Asked(world, terminal, options) : null;
        if (asked is not null)
        {
            world.RequireMemory(Memory.ofTraining(threads, asked, TaskFile.Of(world.Disk, asked.Task)), "the training");
        }
        else if (WillTrain(world, options.Run) is { } place && ModelFile.Run(world.Disk, place) is { Configuration: var stored })
        {
            // A text that is gone, or another, is told before anything is touched.
            world.RequireMemory(Memory.ofTraining(threads, stored, TaskFile.Of(world, terminal, stored.Task)), "the training");
        }

        var schedule = new CheckpointSchedule(CheckpointSchedule.StandardInterval, options.CheckpointEvery?.Value, options.Snapshots?.Value);
        using var run = options.Run switch
        {
            TrainRun.ResumedRun resumed => RunDirectory.Resume(world.Disk, world.Clock, resumed.directory, schedule),
            TrainRun.ExtendedRun extended => RunDirectory.Extend(world.Disk, world.Clock, extended.directory, extended.steps, schedule),
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

    /// <summary>The directory of a run that goes on and has steps to take.</summary>
    private static string? WillTrain(World world, TrainRun run) => run switch
    {
        TrainRun.ExtendedRun extended => extended.directory,
        TrainRun.ResumedRun resumed when RunStatus.Read(world.Disk, resumed.directory) is not { State: RunState.Finished } => resumed.directory,
        _ => null,
    };

    /// <summary>The configuration that was asked for, by options and in a file. What follows from a task of a text is known once that is read.</summary>
    /// <exception cref="BadInputException">The file is none of fields.</exception>
    /// <exception cref="RefusedException">It does not fit.</exception>
    private static Configuration Asked(World world, Terminal terminal, TrainOptions options)
    {
        var file = options.Config?.Value;
        var said = file is null ? ListModule.Empty<Tuple<Field, FieldValue>>() : ConfigurationFile.Fields(world.Disk, file);
        var asked = Of(said, options.Given);
        if (asked.Task is TaskForm.Text)
        {
            var task = TaskFile.Of(world, terminal, asked.Task).Name;
            asked = Of(Named(said, task), Named(options.Given, task));
        }

        return options.Snapshots is { Value: var snapshots } && snapshots > asked.Steps
            ? throw new RefusedException($"--snapshots must be at most the number of steps, {asked.Steps}, not {snapshots}.")
            : asked;

        Configuration Of(FSharpList<Tuple<Field, FieldValue>> said, FSharpList<Tuple<Field, FieldValue>> given)
        {
            var made = TrainFields.configuration(file ?? "", said, given);
            return made.IsOk ? made.ResultValue : throw new RefusedException(made.ErrorValue);
        }

        static FSharpList<Tuple<Field, FieldValue>> Named(FSharpList<Tuple<Field, FieldValue>> fields, string task) =>
            ListModule.OfSeq(fields.Select(field => field.Item1.IsTask ? Tuple.Create(field.Item1, FieldValue.NewWord(task)) : field));
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
