using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Core;

namespace Interp;

/// <summary>A run on the disk, as <c>interp train</c> leaves it: read when it is opened, and never changed.</summary>
[StructuredFormatDisplay("{Display}")]
public sealed class Run
{
    private readonly RunSummary summary;
    private readonly Lazy<Task> task;
    private readonly Lazy<IReadOnlyList<Checkpoint>> snapshots;

    private Run(string directory)
    {
        var disk = Disk.Instance;
        Directory = directory;
        summary = RunSummary.IsRun(disk, directory)
            ? RunSummary.Read(disk, directory)
            : throw new BadInputException($"{directory}: there is no {ConfigurationFile.Name} in it, so it is not the directory of a run.");
        Checkpoint = summary.Weights(disk);
        task = new(() => Telling.Caller(() => TaskFile.Of(disk, summary.Configuration!.Task)));
        snapshots = new(() => Telling.Caller(() => RunSnapshots.Load(disk, directory)));
        Losses = summary.History.LossesUntil(Math.Max(summary.Step, Checkpoint.Steps));
    }

    /// <summary>The directory, as it was given.</summary>
    public string Directory { get; }

    /// <summary>What is trained, and how.</summary>
    public Configuration Configuration => summary.Configuration!;

    /// <summary>The task that it is trained on. That of a text reads the text the first time.</summary>
    /// <exception cref="RefusedException">The text is not there, or another one.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public Task Task => task.Value;

    /// <summary>How it stands: <c>running</c>, <c>interrupted</c>, <c>failed</c> or <c>finished</c>.</summary>
    public string State => summary.State;

    /// <summary>Steps that the model has taken.</summary>
    public int Steps => Checkpoint.Steps;

    /// <summary>The finished model; of a run under way that of its newest good checkpoint.</summary>
    public Model<Tensor> Model => Checkpoint.Weights;

    /// <summary>The model with what its file knows of it.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The loss of each step's batch before its update, nats a token, from the first step on; NaN where no line tells it.</summary>
    public IReadOnlyList<double> Losses { get; }

    /// <summary>Held-out losses that were taken on the way, nats a token.</summary>
    public IReadOnlyList<HeldOutLoss> HeldOutLosses => summary.History.HeldOut;

    /// <summary>The models that were kept on the way, in the order of their steps; none where none were. Read the first time.</summary>
    /// <exception cref="RefusedException">They are not of this run, or no models.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public IReadOnlyList<Checkpoint> Snapshots => snapshots.Value;

    internal string Display => ToString();

    /// <summary>Opens a run.</summary>
    /// <param name="directory">A run's directory.</param>
    /// <exception cref="RefusedException">It is none, or holds no model yet.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public static Run Open(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return Telling.Caller(() => new Run(directory));
    }

    /// <summary>The directory, what is trained, and how far.</summary>
    public override string ToString() => $"run {Directory}: {summary.What}, {State} at step {Steps} of {Configuration.Steps}";
}
