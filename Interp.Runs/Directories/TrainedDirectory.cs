using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>The directory of a training of one's own: checkpoints, metrics.jsonl, and a lock.</summary>
internal sealed class TrainedDirectory<TModel> : IDisposable
{
    private readonly IDisk disk;
    private readonly string place;
    private readonly string directory;
    private readonly IDisposable held;
    private readonly CheckpointFiles<TrainingState<TModel>> checkpoints;
    private readonly List<MetricsLine> unwritten = [];
    private readonly List<double> losses;
    private readonly List<string> remarks = [];
    private TrainingState<TModel> latest;
    private bool tornMetrics;

    private TrainedDirectory(World world, string place, Objective<TModel> objective, int steps, IDisposable held)
    {
        disk = world.Disk;
        this.place = place;
        this.held = held;
        directory = Path.GetFullPath(place);
        if (disk.FileExists(Path.Combine(directory, ConfigurationFile.Name)))
        {
            throw new BadInputException($"{place}: holds a run of `interp train`, expected a directory of its own.");
        }

        checkpoints = new(disk, directory, new(state => state.Step, state => StateFile.toBytes(objective, state), (path, bytes) => Read(objective, path, bytes), (_, _) => { }));
        var found = checkpoints.Look();
        var history = Metrics.Read(disk, directory);
        latest = found.Checkpoint ?? Training.start(objective);
        if (latest.Step > steps)
        {
            throw new BadInputException($"{place}: stands at step {latest.Step}, expected at most the {steps} that are asked for.");
        }

        disk.CreateDirectory(Path.Combine(directory, Checkpoints.Name));
        AtomicFile.Clear(disk, directory);
        AtomicFile.Clear(disk, Path.Combine(directory, Checkpoints.Name));
        checkpoints.Use(found, remarks.Add);
        losses = history.LossesUntil(latest.Step);
        tornMetrics = !history.Whole;
        var begins = history.Started is null && latest.Step == 0;
        unwritten.Add(new()
        {
            Event = begins ? "started" : "resumed",
            Step = begins ? null : latest.Step,
            At = world.Clock.GetLocalNow(),
            Version = Product.Version,
        });
    }

    /// <summary>What was found wrong, and put right, on opening: sentences for the user.</summary>
    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>Opens the directory, or begins it.</summary>
    /// <exception cref="BadInputException">It holds something else.</exception>
    /// <exception cref="FailedException">Another process is at work on it.</exception>
    public static TrainedDirectory<TModel> Open(World world, string place, Objective<TModel> objective, int steps)
    {
        if (place.Length == 0 || world.Disk.FileExists(place))
        {
            throw new BadInputException(place.Length == 0 ? "The directory's name is empty." : $"{place}: is a file, expected a directory.");
        }

        var root = Path.GetFullPath(place);
        var isNew = !world.Disk.DirectoryExists(root);
        world.Disk.CreateDirectory(root);
        if (isNew && Path.GetDirectoryName(root) is { } parent)
        {
            world.Disk.FlushDirectory(parent);
        }

        var hold = world.Disk.Hold(Path.Combine(root, RunDirectory.LockName))
            ?? throw new FailedException($"{place}: another process is at work on this training.");
        try
        {
            return new(world, place, objective, steps, hold);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>Trains to the end from where the directory stands.</summary>
    /// <exception cref="InterruptedException">It was stopped; a checkpoint was written.</exception>
    /// <exception cref="FailedException">The numbers did not go along.</exception>
    public Advance<TModel> Train(TimeProvider clock, Trainer<TModel> trainer, int steps, Action<TrainingProgress> report, CancellationToken interruption)
    {
        var savedAt = clock.GetTimestamp();
        try
        {
            _ = TrainingLoop.Run(clock, trainer, latest, steps, _ => int.MaxValue, Keep, report, interruption);
            return new(latest, ListModule.OfSeq(losses));
        }
        catch (OperationCanceledException)
        {
            Save();
            throw new InterruptedException($"{place} stands at step {latest.Step} of {steps}; the same script goes on with it");
        }
        catch (DivergedException diverged)
        {
            Save();
            throw new FailedException($"{place}: {diverged.Message}; its last good checkpoint is of step {checkpoints.NewestStep}.");
        }

        void Keep(Advance<TModel> advance)
        {
            var state = advance.State;
            var before = latest.Step;
            unwritten.AddRange(advance.Losses.Select((loss, index) => new MetricsLine { Step = before + 1 + index, Loss = loss }));
            losses.AddRange(advance.Losses);
            latest = state;
            if (state.Step == steps || clock.GetElapsedTime(savedAt) >= CheckpointSchedule.StandardInterval)
            {
                Save();
                savedAt = clock.GetTimestamp();
            }
        }
    }

    public void Dispose() => held.Dispose();

    /// <summary>The metrics first: what a checkpoint builds on is on the disk before it.</summary>
    private void Save()
    {
        if (unwritten.Count > 0)
        {
            var afresh = tornMetrics;
            // Until it has been written as a whole.
            tornMetrics = true;
            Metrics.Append(disk, directory, afresh, unwritten);
            tornMetrics = false;
            unwritten.Clear();
        }

        if (latest.Step > checkpoints.NewestStep)
        {
            checkpoints.Save(latest);
        }
    }

    private static FSharpResult<TrainingState<TModel>, string> Read(Objective<TModel> objective, string path, byte[] bytes)
    {
        var read = StateFile.ofBytes(objective, bytes);
        return read switch
        {
            { IsOk: true } => FSharpResult<TrainingState<TModel>, string>.NewOk(read.ResultValue),
            { ErrorValue: StateFileError.Another another } =>
                throw new BadInputException($"{path}: is of another training: {another.Item.TrimEnd('.')}; nothing was changed: train in another directory, or as this one was begun."),
            { ErrorValue: StateFileError.Damaged damaged } => FSharpResult<TrainingState<TModel>, string>.NewError($"{path}: {damaged.Item}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
