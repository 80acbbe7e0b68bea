using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>An evaluation on all inputs that is under way: shown while it runs, and kept in a file where one was named.</summary>
internal sealed class ExactKeeper : IUnfinished, IDisposable
{
    /// <summary>A million listed failures take eight bytes each.</summary>
    private const long LargestFile = 1L << 26;

    /// <summary>How often the file is written anew, and how often a log is told.</summary>
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(20);

    private readonly World world;
    private readonly Terminal terminal;
    private readonly Exhaustive exhaustive;
    private readonly FSharpList<Tuple<string, string>> parts;
    private readonly string? file;
    private readonly long before;
    private readonly long all;
    private TimeSpan spent;

    /// <summary>Begins, or goes on from what the file has.</summary>
    /// <param name="world">Where the file is.</param>
    /// <param name="terminal">Where progress is shown.</param>
    /// <param name="exhaustive">The evaluation.</param>
    /// <param name="parts">What it is of.</param>
    /// <param name="file">The file; null for none.</param>
    /// <exception cref="BadInputException">The file is of another evaluation, or none of this kind.</exception>
    public ExactKeeper(World world, Terminal terminal, Exhaustive exhaustive, FSharpList<Tuple<string, string>> parts, string? file)
    {
        (this.world, this.terminal, this.exhaustive, this.parts, this.file) = (world, terminal, exhaustive, parts, file);
        all = ExhaustiveModule.count(exhaustive);
        State = file is not null && world.Disk.FileExists(file) ? Read(file) : ExhaustiveModule.start(exhaustive);
        before = State.Done;
        // A file that cannot be written is refused before the work, not behind it.
        Keep();
        Unfinished.Begin(this);
    }

    /// <summary>How far it is.</summary>
    public ExhaustiveState State { get; private set; }

    public bool IsDone => ExhaustiveModule.isDone(exhaustive, State);

    /// <summary>How long this process looked at inputs.</summary>
    public double Seconds => spent.TotalSeconds;

    /// <summary>At how many it did.</summary>
    public long Looked => State.Done - before;

    /// <summary>Looks at all inputs that are left, until it is interrupted; then the file has how far it came.</summary>
    public void Advance(CancellationToken interruption)
    {
        if (!terminal.IsLive)
        {
            Advance(_ => { }, line => Terminal.Line(terminal.Progress, line), interruption);
        }
        else
        {
            terminal.Progress
                .Progress()
                .AutoRefresh(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    var bar = context.AddTask("inputs", maxValue: all - before);
                    Advance(state => bar.Value = state.Done - before, _ => { }, interruption);
                });
        }

        Keep();
    }

    /// <summary>What was found so far is put together and printed.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public void Dispose() => Unfinished.End(this);

    public string Leave() => file is null
        ? "nothing was written: with --resume FILE the same command would go on"
        : $"{file} has how far it came; the same command goes on from there";

    private void Advance(Action<ExhaustiveState> show, Action<string> log, CancellationToken interruption)
    {
        var start = world.Clock.GetTimestamp();
        var kept = start;
        while (!IsDone && !interruption.IsCancellationRequested)
        {
            State = ExhaustiveModule.advance(exhaustive, State);
            spent = world.Clock.GetElapsedTime(start);
            show(State);
            if (world.Clock.GetElapsedTime(kept) >= Now)
            {
                Keep();
                kept = world.Clock.GetTimestamp();
                log(Progress());
            }
        }
    }

    private string Progress()
    {
        var left = TimeSpan.FromSeconds(Math.Round(Seconds / Looked * (all - State.Done)));
        return $"{Words.Count(State.Done)} of {Words.Count(all)} inputs, {Words.Thousands(Looked / Seconds)} a second, {left:c} left";
    }

    private void Keep()
    {
        if (file is not null)
        {
            AtomicFile.WriteState(world.Disk, file, ExhaustiveFile.toBytes(parts, State));
        }
    }

    private ExhaustiveState Read(string path)
    {
        var read = ExhaustiveFile.ofBytes(exhaustive, parts, GivenFile.Read(world.Disk, path, LargestFile));
        return read.IsOk ? read.ResultValue : throw new BadInputException(read.ErrorValue switch
        {
            StateFileError.Another another => $"{path}: is of another evaluation: {another.Item}",
            var damaged => $"{path}: {((StateFileError.Damaged)damaged).Item}",
        });
    }
}
