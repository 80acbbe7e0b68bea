using System.Text.Json;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>When a run writes a checkpoint.</summary>
/// <param name="Interval">At the latest so long after the last one.</param>
/// <param name="Every">Also at every multiple of so many steps; null for no such.</param>
/// <param name="Snapshots">Log-spaced steps at which the weights are kept for good; null for as many as the run was begun with.</param>
internal sealed record CheckpointSchedule(TimeSpan Interval, int? Every = null, int? Snapshots = null)
{
    /// <summary>A checkpoint costs some milliseconds, mostly waiting for the disk: at this interval well under one percent of the time.</summary>
    public static readonly TimeSpan StandardInterval = TimeSpan.FromSeconds(2);
}

/// <summary>
/// A run on the disk: config.json, metrics.jsonl, checkpoints/, status, and in the end model.safetensors and learning-curve.csv.
/// The directory is complete after every call, so that a run can go on from whatever a process left of it.
/// </summary>
internal sealed class RunDirectory : IUnfinished, ITrainingKeeper, IDisposable
{
    /// <summary>The file that a process at work holds; its content means nothing.</summary>
    public const string LockName = "lock";

    private readonly Lock gate = new();
    private readonly IDisk disk;
    private readonly TimeProvider clock;
    private readonly string directory;
    private readonly IDisposable held;
    private readonly CheckpointSchedule schedule;
    private readonly CheckpointFiles<Checkpoint> checkpoints;
    private readonly Snapshots? snapshots;
    private readonly List<MetricsLine> unwritten = [];
    private readonly List<string> remarks = [];
    private TrainingState<Model<Tensor>> latest;
    private FSharpOption<Vocabulary>? tokens;
    private bool tornMetrics;
    private long savedAt;
    private bool closed;
    private bool finished;

    /// <summary>Opens a run. What is wrong with it is found before anything in it is touched.</summary>
    private RunDirectory(IDisk disk, TimeProvider clock, string path, IDisposable held, StoredConfiguration stored, CheckpointSchedule schedule, int further = 0)
    {
        this.disk = disk;
        this.clock = clock;
        savedAt = clock.GetTimestamp();
        this.held = held;
        this.schedule = schedule;
        Place = path;
        directory = Path.GetFullPath(path);
        Configuration = stored.Configuration;
        checkpoints = Checkpoints.Of(disk, directory, stored);
        var found = checkpoints.Look();
        var history = Metrics.Read(disk, directory);
        Finished = history.Finished is { } end && end.Step == Configuration.Steps ? FinishedOutcome(stored, history, end) : null;
        RequireMetricsOf(stored, history);
        RequireRevision(stored.Revision, further);
        if (further > 0)
        {
            RequireExtensible(further);
            Snapshots.Open(disk, directory, Configuration, null, begins: false);
            stored = stored.Extended(further);
            // This alone, and at once: whatever comes after it is what goes on with any run.
            AtomicFile.Write(disk, Path.Combine(directory, ConfigurationFile.Name), ConfigurationFile.Bytes(stored));
            Configuration = stored.Configuration;
            checkpoints = Checkpoints.Of(disk, directory, stored);
            Finished = null;
        }

        found = Finished is null ? found : new(null, null, []);
        latest = Checkpoints.State(found, Configuration);
        Start = new(latest, history.LossesUntil(latest.Step), history.HeldOutUntil(latest.Step));
        var begins = history.Started is null && latest.Step == 0;
        snapshots = Snapshots.Open(disk, directory, Configuration, schedule.Snapshots, begins);
        disk.CreateDirectory(Path.Combine(directory, Checkpoints.Name));
        AtomicFile.Clear(disk, directory);
        AtomicFile.Clear(disk, Path.Combine(directory, Checkpoints.Name));
        checkpoints.Use(found, remarks.Add);
        if (found is { Path: { } newest, Checkpoint: { } checkpoint })
        {
            RemarkOnUnsaid(newest, checkpoint);
        }

        if (history.Damaged > 0)
        {
            remarks.Add($"{Path.Combine(Place, Metrics.Name)}: {(history.Damaged == 1 ? "a line is" : $"{history.Damaged} lines are")} torn or damaged, and passed over.");
        }

        tornMetrics = !history.Whole;
        if (Finished is null)
        {
            new RunStatus(RunState.Running).Write(disk, directory);
            Write([new()
            {
                Event = begins ? "started" : "resumed",
                Step = begins ? null : latest.Step,
                At = clock.GetLocalNow(),
                Version = Product.Version,
                Configuration = JsonElement.Parse(ConfigurationFile.Bytes(Configuration)),
            }]);
        }
        else if (RunStatus.Read(disk, directory) is not { State: RunState.Finished })
        {
            new RunStatus(RunState.Finished).Write(disk, directory);
        }

        finished = closed = Finished is not null;
        Unfinished.Begin(this);
    }

    /// <summary>The directory, as the user gave it.</summary>
    public string Place { get; }

    public Configuration Configuration { get; }

    /// <summary>Where the run goes on.</summary>
    public TrainingStart Start { get; }

    /// <summary>What the run came to, where it is finished.</summary>
    public TrainingOutcome? Finished { get; }

    /// <summary>What was found wrong, and put right, on opening: sentences for the user.</summary>
    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>The command that goes on with the run.</summary>
    public string ResumeCommand => $"interp train --resume {Shell.Quoted(Place)}";

    private string ModelPath => Path.Combine(directory, ModelFile.Name);

    /// <summary>Begins a run, or goes on with it where the directory holds this very run already.</summary>
    /// <exception cref="BadInputException">The directory holds something else.</exception>
    /// <exception cref="FailedException">It cannot be written, or another process is at work on it.</exception>
    public static RunDirectory Begin(IDisk disk, TimeProvider clock, string path, Configuration configuration, CheckpointSchedule schedule)
    {
        if (path.Length == 0 || disk.FileExists(path))
        {
            throw new BadInputException($"--out {path}: {(path.Length == 0 ? "is empty" : "is a file")}, expected a directory.");
        }

        var place = Path.GetFullPath(path);
        return Writing(path, () =>
        {
            var isNew = !disk.DirectoryExists(place);
            disk.CreateDirectory(place);
            if (isNew && Path.GetDirectoryName(place) is { } parent)
            {
                disk.FlushDirectory(parent);
            }

            return Held(disk, path, held =>
            {
                var file = Path.Combine(place, ConfigurationFile.Name);
                var stored = StoredConfiguration.Of(configuration);
                if (disk.FileExists(file))
                {
                    stored = ConfigurationFile.Read(disk, file);
                    RequireSame(path, stored.Configuration, configuration);
                }
                else if (disk.FileExists(Path.Combine(place, ModelFile.Name))
                    || disk.FileExists(Path.Combine(place, Metrics.Name))
                    || disk.Files(Path.Combine(place, Checkpoints.Name)).Count > 0)
                {
                    throw new BadInputException($"--out {path}: holds files of a run, but no {ConfigurationFile.Name} that tells which.");
                }
                else
                {
                    AtomicFile.Write(disk, file, ConfigurationFile.Bytes(configuration));
                }

                return new(disk, clock, path, held, stored, schedule);
            });
        });
    }

    /// <summary>Goes on with a run.</summary>
    /// <exception cref="BadInputException">The directory holds no run.</exception>
    /// <exception cref="FailedException">It cannot be written, or another process is at work on it.</exception>
    public static RunDirectory Resume(IDisk disk, TimeProvider clock, string path, CheckpointSchedule schedule) =>
        Resume(disk, clock, path, schedule, "--resume", 0);

    private static RunDirectory Resume(IDisk disk, TimeProvider clock, string path, CheckpointSchedule schedule, string option, int further)
    {
        var file = Path.Combine(Path.GetFullPath(path), ConfigurationFile.Name);
        if (!disk.FileExists(file))
        {
            throw new BadInputException($"{option} {path}: there is no {ConfigurationFile.Name} in it, so it is not the directory of a run.");
        }

        return Writing(path, () => Held(disk, path, held => new(disk, clock, path, held, ConfigurationFile.Read(disk, file), schedule, further)));
    }

    /// <summary>Goes on with a run, finished or not, for so many steps beyond those that it was to take.</summary>
    /// <exception cref="BadInputException">The directory holds no run, or one that further steps would not change.</exception>
    /// <exception cref="FailedException">It cannot be written, or another process is at work on it.</exception>
    public static RunDirectory Extend(IDisk disk, TimeProvider clock, string path, int further, CheckpointSchedule schedule) =>
        Resume(disk, clock, path, schedule, "--extend", further);

    public int StepsUntilDue(int step) => Math.Min(
        schedule.Every is { } every ? every - (step % every) : int.MaxValue,
        snapshots?.StepsUntilDue(step) ?? int.MaxValue);

    public void Keep(TrainingState<Model<Tensor>> state, IReadOnlyList<double> losses, HeldOutLoss? heldOut)
    {
        lock (gate)
        {
            if (closed)
            {
                throw new OperationCanceledException();
            }

            for (var index = 0; index < losses.Count; index++)
            {
                var last = index == losses.Count - 1;
                unwritten.Add(new()
                {
                    Step = state.Step - losses.Count + 1 + index,
                    Loss = losses[index],
                    HeldOutLoss = last ? heldOut?.Loss : null,
                });
            }

            snapshots?.Keep(state, tokens);
            latest = state;
            if (state.Step == Configuration.Steps
                || (schedule.Every is { } every && state.Step % every == 0)
                || clock.GetElapsedTime(savedAt) >= schedule.Interval)
            {
                Save();
            }
        }
    }

    /// <summary>Trains to the end, by a loop that begins where the run stands and gives its keeper what it comes to.</summary>
    /// <param name="training">The loop.</param>
    /// <param name="names">Names of the tokens that the files are to keep.</param>
    /// <exception cref="InterruptedException">It was stopped; a checkpoint was written.</exception>
    /// <exception cref="FailedException">The disk, or the numbers, did not go along.</exception>
    public TrainingOutcome Train(Func<TrainingStart, ITrainingKeeper, TrainingOutcome> training, FSharpOption<Vocabulary>? names = null)
    {
        tokens = names;
        try
        {
            var outcome = training(Start, this);
            Finish(outcome);
            return outcome;
        }
        catch (OperationCanceledException)
        {
            throw new InterruptedException(Leave());
        }
        catch (DivergedException diverged)
        {
            TrySave();
            throw Fail(diverged.Message, ", and going on would come to the same, so begin another run with a smaller --learning-rate or --weight-decay");
        }
        catch (Exception refused) when (Refusal.Why(refused) is not null)
        {
            var what = Refusal.IsDisk(refused) ? "it cannot be written" : "it cannot go on";
            throw Fail($"{what} ({Refusal.Why(refused)})", $"; when that is put right, go on with `{ResumeCommand}`");
        }
    }

    public string Leave()
    {
        lock (gate)
        {
            if (!closed)
            {
                closed = true;
                try
                {
                    Save();
                    new RunStatus(RunState.Interrupted).Write(disk, directory);
                }
                catch (Exception refused) when (Refusal.IsDisk(refused))
                {
                    throw new FailedException($"{Place}: interrupted, and it cannot be written ({Refusal.Words(refused)}); {LastGood()}; go on with `{ResumeCommand}`.");
                }
            }

            return finished ? $"{Place} is finished, and whole" : $"{Place} stands at step {checkpoints.NewestStep} of {Configuration.Steps}; go on with: {ResumeCommand}";
        }
    }

    public void Dispose()
    {
        Unfinished.End(this);
        held.Dispose();
    }

    private void Finish(TrainingOutcome outcome)
    {
        lock (gate)
        {
            if (closed)
            {
                throw new OperationCanceledException();
            }

            RunFiles.WriteModel(disk, ModelPath, Configuration, outcome.Weights, tokens);
            RunFiles.WriteLearningCurve(disk, Path.Combine(directory, RunFiles.LearningCurve), outcome);
            unwritten.Add(new()
            {
                Event = "finished",
                Step = Configuration.Steps,
                HeldOutLoss = outcome.FinalHeldOutLoss,
                At = clock.GetLocalNow(),
                Seconds = outcome.Seconds,
                QuickestStep = outcome.QuickestStep,
                MedianStep = outcome.MedianStep,
            });
            WriteMetrics();
            new RunStatus(RunState.Finished).Write(disk, directory);
            closed = true;
            finished = true;
        }

        Unfinished.Wrote($"{Place} is finished, and whole");
    }

    /// <summary>Closes the run after a failure, as well as the disk allows.</summary>
    private FailedException Fail(string why, string advice)
    {
        lock (gate)
        {
            closed = true;
            var sentence = $"{Place}: {why}; {LastGood()}{advice}.";
            try
            {
                new RunStatus(RunState.Failed, sentence).Write(disk, directory);
            }
            catch (Exception refused) when (Refusal.IsDisk(refused))
            {
                // Then the status says "running", and nothing holds the lock: that is read as "interrupted".
            }

            return new(sentence);
        }
    }

    private string LastGood() => checkpoints.NewestPath is { } path
        ? $"its last good checkpoint is {Path.Combine(Place, Path.GetRelativePath(directory, path))} (step {checkpoints.NewestStep} of {Configuration.Steps})"
        : "it has no checkpoint yet";

    /// <summary>Keeps the last state that was good, where the disk goes along: it is the one to look at.</summary>
    private void TrySave()
    {
        lock (gate)
        {
            try
            {
                Save();
            }
            catch (Exception refused) when (Refusal.IsDisk(refused))
            {
                // The checkpoint before it is there still.
            }
        }
    }

    /// <summary>The metrics first: what a checkpoint builds on is on the disk before it.</summary>
    private void Save()
    {
        WriteMetrics();
        if (latest.Step > checkpoints.NewestStep)
        {
            checkpoints.Save(CheckpointModule.withTokens(tokens, CheckpointModule.ofRun(Configuration, latest.Step, latest.Weights, latest.Moments)));
        }

        savedAt = clock.GetTimestamp();
    }

    private void WriteMetrics()
    {
        if (unwritten.Count > 0)
        {
            Write(unwritten);
            unwritten.Clear();
        }
    }

    private void Write(IEnumerable<MetricsLine> lines)
    {
        var afresh = tornMetrics;
        // Until it has been written as a whole.
        tornMetrics = true;
        Metrics.Append(disk, directory, afresh, lines);
        tornMetrics = false;
    }

    private TrainingOutcome? FinishedOutcome(StoredConfiguration stored, MetricsHistory history, MetricsLine end)
    {
        if (!disk.FileExists(ModelPath))
        {
            return null;
        }

        var read = CheckpointModule.ofBytes(ModelPath, disk.Read(ModelPath, ModelFile.LargestFile));
        if (read.IsError)
        {
            remarks.Add($"{CheckpointErrorModule.describe(read.ErrorValue)} It is made again from the newest checkpoint.");
            return null;
        }

        Checkpoints.RequireOf(stored, ModelPath, read.ResultValue);
        RemarkOnUnsaid(ModelPath, read.ResultValue);
        return new()
        {
            Weights = read.ResultValue.Weights,
            Losses = history.LossesUntil(Configuration.Steps),
            HeldOut = history.HeldOut,
            Seconds = end.Seconds ?? 0,
            QuickestStep = end.QuickestStep ?? 0,
            MedianStep = end.MedianStep ?? 0,
        };
    }

    private void RequireMetricsOf(StoredConfiguration stored, MetricsHistory history)
    {
        if (history.Differences(stored) is { Count: > 0 } differences)
        {
            throw ConfigurationFile.Contradiction(
                Path.Combine(Place, Metrics.Name), "run", differences, ConfigurationFile.Name, $"nothing was changed: put back what {ConfigurationFile.Name} said, or begin another run in another directory");
        }
    }

    /// <summary>A run goes on only under the arithmetic that it was begun under; a finished one is finished.</summary>
    private void RequireRevision(int revision, int further)
    {
        if (ArithmeticRevision.problem(revision) is not { Value: var problem })
        {
            return;
        }

        if (Finished is null || further > 0)
        {
            throw new BadInputException(
                $"{Place}: {problem}, so this run does not go on: begin a new one in another directory; its checkpoints and snapshots can still be looked at, by name.");
        }

        remarks.Add($"{Place}: {problem}; it is finished, and is not trained again.");
    }

    /// <summary>
    /// Refuses further steps that are no training. The factor of a schedule is a function of the step's number alone, whatever the number of steps, so
    /// that any other run takes them as if they had been asked for when it began.
    /// </summary>
    private void RequireExtensible(int further)
    {
        var steps = FieldModule.describe(Field.Steps).Range;
        if (FieldModule.parseIn(steps, $"{(long)Configuration.Steps + further}") is { IsOk: false })
        {
            throw new BadInputException($"--extend {further}: with the {Configuration.Steps} that {Place} was to take these are {(long)Configuration.Steps + further} steps, expected {steps}; nothing was changed.");
        }

        var parts = Configuration.Schedule.Parts;
        if (!parts.IsEmpty && parts[parts.Length - 1] is { Factor: 0 } last && last.At <= Configuration.Steps)
        {
            throw new BadInputException(
                $"--extend {further}: the schedule of {Place}, \"{Configuration.Schedule}\", ends in a learning rate of 0, so further steps would leave the model as it is; nothing was changed.");
        }
    }

    private void RemarkOnUnsaid(string path, Checkpoint checkpoint)
    {
        if (ProvenanceModule.unsaid(checkpoint.Provenance) is { IsEmpty: false } unsaid)
        {
            remarks.Add($"{path}: is of a version that did not write {string.Join(", ", unsaid.Select(FieldModule.name))} into it, and was held to {ConfigurationFile.Name} in the rest.");
        }
    }

    private static void RequireSame(string path, Configuration found, Configuration expected)
    {
        if (ConfigurationFile.Differences(found, expected) is { Count: > 0 } differences)
        {
            throw new BadInputException($"--out {path}: holds a different run: {string.Join(", ", differences)}.");
        }
    }

    private static RunDirectory Held(IDisk disk, string path, Func<IDisposable, RunDirectory> open)
    {
        var hold = disk.Hold(Path.Combine(Path.GetFullPath(path), LockName))
            ?? throw new FailedException($"{path}: another process is at work on this run.");
        try
        {
            return open(hold);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    private static RunDirectory Writing(string path, Func<RunDirectory> open)
    {
        using var opening = new Underway($"{path} is as it was, or has just been begun; the same command goes on with it");
        try
        {
            return open();
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            throw Refusal.OfGivenPath(refused, $"{path}: cannot be read or written ({Refusal.Words(refused)}); what was good in it is as it was.");
        }
    }
}
