using Interp.Runs.Endings;
using Interp.Runs.Files;

namespace Interp.Runs.Directories;

/// <summary>
/// A run as it stands, read without touching it: its configuration where that can be read, its state in one word, and as a
/// problem what is wrong with the directory or why the run failed.
/// </summary>
internal sealed record RunSummary(string Place, StoredConfiguration? Stored, MetricsHistory History, string State, string? Problem)
{
    /// <summary>Training losses that are averaged to say how a run does: one batch alone is noise.</summary>
    private const int LastLosses = 100;

    /// <summary>What it trains; null where that cannot be read, and for a reproduction.</summary>
    public Configuration? Configuration => Stored?.Configuration;

    /// <summary>The models of a reproduction; none for the run of one model.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Whether the problem is the machine's, which could not read what may be good.</summary>
    public bool IsMachines { get; init; }

    /// <summary>What the run is, in a few words; null where that cannot be read.</summary>
    public string? What => Configuration is not null ? Describe(Configuration) : Models.Count > 0 ? $"reproduction: {string.Join(", ", Models)}" : null;

    /// <summary>Steps that are told of.</summary>
    public int Step => History.Losses.Count > 0 ? History.Losses[^1].Step : 0;

    /// <summary>Mean loss of the last training batches; null before the first.</summary>
    public double? Loss => History.Losses.Count > 0 ? History.Losses.TakeLast(LastLosses).Average(point => point.Loss) : null;

    /// <summary>The last held-out loss; null before the first.</summary>
    public double? HeldOutLoss => History.HeldOut.Count > 0 ? History.HeldOut[^1].Loss : null;

    /// <summary>Whether a directory is a run's, of whatever kind or state.</summary>
    public static bool IsRun(IDisk disk, string place) => disk.FileExists(Path.Combine(place, ConfigurationFile.Name));

    public static RunSummary Read(IDisk disk, string place)
    {
        try
        {
            if (ConfigurationFile.Names(ConfigurationFile.Content(disk, Path.Combine(place, ConfigurationFile.Name))) is { Count: > 0 } names)
            {
                return new(place, null, MetricsHistory.Empty, new RunStatus(RunState.Finished).Word, null)
                {
                    Models = [.. names.Select(Quote.text)],
                };
            }

            var stored = ConfigurationFile.Read(disk, Path.Combine(place, ConfigurationFile.Name));
            var status = RunStatus.Read(disk, place);
            var isHeld = disk.IsHeld(Path.Combine(place, RunDirectory.LockName));
            var history = Metrics.Read(disk, place);
            var state = status switch
            {
                _ when isHeld => RunState.Running,
                // It was, before it was extended.
                { State: RunState.Finished } when history.Finished is { Step: { } end } && stored.ExtendedFrom.Contains(end) => RunState.Interrupted,
                { State: RunState.Finished or RunState.Failed } => status.State,
                _ => RunState.Interrupted,
            };
            return new(
                place,
                stored,
                history,
                new RunStatus(state).Word,
                history.Differences(stored) is { Count: > 0 } differences
                    ? ConfigurationFile.Contradiction(Path.Combine(place, Metrics.Name), "run", differences, ConfigurationFile.Name, "this run does not go on").Message
                    : state == RunState.Failed && status?.Reason is { } reason ? Quote.line(reason)
                    : OtherRevision(place, stored));
        }
        catch (Exception unreadable) when (unreadable is BadInputException or FailedException || Refusal.IsDisk(unreadable))
        {
            return new(place, null, MetricsHistory.Empty, "unreadable", unreadable.Message) { IsMachines = unreadable is not BadInputException && !Refusal.IsOfPath(unreadable) };
        }
    }

    /// <summary>A sentence on numbers of another arithmetic than this version's; null where there is nothing to say.</summary>
    public static string? OtherRevision(string place, StoredConfiguration stored) =>
        ArithmeticRevision.problem(stored.Revision) is { Value: var problem } ? $"{place}: {problem}." : null;

    /// <summary>A configuration in a few words: its layers, what differs from the study's, and the seed.</summary>
    public static string Describe(Configuration configuration) => string.Join(
        ", ",
        FieldModule.all
            .Where(field => !field.IsSteps)
            .Select(field => (Field: field, Row: FieldModule.describe(field)))
            .Where(field => field.Field.IsNLayers || field.Field.IsSeed || !field.Row.Get.Invoke(configuration).Equals(FieldModule.standard(field.Field)))
            .Select(field => field.Row.Get.Invoke(configuration) is FieldValue.Truth { Item: true } ? field.Row.Name : $"{field.Row.Name} {field.Row.Get.Invoke(configuration)}"));

    /// <summary>The weights that a run has come to, and the step they are of: the finished model's or the newest good checkpoint's.</summary>
    /// <exception cref="BadInputException">There are none.</exception>
    public Checkpoint Weights(IDisk disk)
    {
        if (Stored is null)
        {
            throw IsMachines ? new FailedException($"{Place}: cannot be read ({Problem!.TrimEnd('.')}).") : new BadInputException(Problem ?? $"{Place}: holds a reproduction of several models, expected the run of one.");
        }

        var model = disk.FileExists(Path.Combine(Place, ModelFile.Name)) ? ModelFile.Load(disk, Place) : null;
        // A run that was extended has the model that it came to before, until it is finished again.
        var checkpoint = model is null || model.Steps < Stored.Configuration.Steps
            ? Checkpoints.Of(disk, Path.GetFullPath(Place), Stored).Look().Checkpoint
            : null;
        return checkpoint is not null && (model is null || model.Steps < checkpoint.Steps) ? checkpoint
            : model ?? throw new BadInputException($"{Place}: there is no {ModelFile.Name} and no good checkpoint in it yet.");
    }
}
