using System.Runtime.ExceptionServices;
using Interp.Runs.Directories;
using Interp.Runs.Endings;

namespace Interp.Host.Surveys;

/// <summary>A finished item, and the model that its training came to, as the bytes of a file, which are made where somebody keeps them.</summary>
internal sealed record TrainedItem(FinishedItem Finished, Func<byte[]> Model);

/// <summary>Does one item: its training, told of as it goes on, and its measurements.</summary>
internal delegate TrainedItem ItemWork(SurveyItem item, Action<TrainingProgress> report, CancellationToken interruption);

/// <summary>What a runner tells of as it happens, from any of its threads.</summary>
internal interface ISurveyWatcher
{
    /// <summary>A worker has begun an item.</summary>
    void Begun(int worker, SurveyItem item);

    void Progressed(int worker, SurveyItem item, TrainingProgress progress);

    /// <summary>An item is finished: by this process, or by another before or beside it (then <paramref name="seconds"/> is null).</summary>
    void Done(int? worker, SurveyItem item, double? seconds);

    void Failed(int? worker, SurveyItem item, string why);

    /// <summary>An item is not wanted: the claims about its kind are decided.</summary>
    void Spared(SurveyItem item);

    /// <summary>Something was found wrong, and put right: a sentence.</summary>
    void Remark(string sentence);
}

/// <summary>What a process came to with its share of a study.</summary>
/// <param name="Trained">Items that this process finished.</param>
/// <param name="Before">Items that were finished already, or that another process finished.</param>
/// <param name="Spared">Items that were not wanted, as the claims about their kind are decided.</param>
/// <param name="Failed">Items that failed, with why.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
/// <param name="Workers">Items at work at once.</param>
internal sealed record SurveyProgress(int Trained, int Before, int Spared, IReadOnlyList<(SurveyItem Item, string Why)> Failed, double Seconds, int Workers)
{
    public double TrainingsAnHour => Trained * 3600 / Seconds;
}

/// <summary>
/// Does every item of a share that is not done: several at once, each claimed first, so that other processes may do the same beside it.
/// Items that another process has claimed are waited for, and done here should it end without them.
/// </summary>
internal sealed class SurveyRunner : IUnfinished
{
    /// <summary>How often items that another process has claimed are looked at.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly SurveyDirectory directory;
    private readonly int workers;
    private readonly ItemWork work;
    private readonly ISurveyWatcher watcher;
    private readonly string goOn;
    private readonly Queue<SurveyItem> pending;
    private readonly int count;
    private readonly HashSet<int> failedBefore;
    private readonly HashSet<int> toTryAgain;
    private readonly KindStandings standings;
    private readonly List<(SurveyItem Item, string Why)> failed = [];
    private int trained;
    private int before;
    private int spared;
    private int claimedElsewhere;
    private ExceptionDispatchInfo? fatal;

    /// <param name="clock">How long it takes.</param>
    /// <param name="directory">The study.</param>
    /// <param name="share">The items to do.</param>
    /// <param name="workers">How many at once.</param>
    /// <param name="work">How one is done; what it raises is the item's failure, and nobody else's.</param>
    /// <param name="watcher">Is told of everything.</param>
    /// <param name="goOn">The command that goes on where this one was interrupted.</param>
    public SurveyRunner(TimeProvider clock, SurveyDirectory directory, IReadOnlyList<SurveyItem> share, int workers, ItemWork work, ISurveyWatcher watcher, string goOn)
    {
        this.clock = clock;
        this.directory = directory;
        this.workers = Math.Max(1, Math.Min(workers, share.Count));
        this.work = work;
        this.watcher = watcher;
        this.goOn = goOn;
        pending = new(SurveyModule.inOrder(directory.Survey, Microsoft.FSharp.Collections.ListModule.OfSeq(share)));
        count = share.Count;
        failedBefore = [.. share.Where(item => directory.Failure(item) is not null).Select(item => item.Index)];
        toTryAgain = [.. failedBefore];
        standings = new(directory, [], toTryAgain);
    }

    /// <summary>Does the share.</summary>
    /// <exception cref="InterruptedException">It was stopped.</exception>
    /// <exception cref="FailedException">The directory cannot be read or written.</exception>
    public SurveyProgress Run(CancellationToken interruption)
    {
        var started = clock.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        Unfinished.Begin(this);
        try
        {
            // Threads of their own: an item keeps one busy for many seconds.
            var threads = Enumerable.Range(0, workers)
                .Select(worker => new Thread(() => Loop(worker, stop)) { IsBackground = true, Name = $"interp study {worker}" })
                .ToArray();
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            if (fatal is not null && Refusal.Why(fatal.SourceException) is { } why)
            {
                throw new FailedException($"{directory.Place}: cannot be read or written ({why}); when that is put right, go on with `{goOn}`.");
            }

            fatal?.Throw();
            if (interruption.IsCancellationRequested)
            {
                throw new InterruptedException(Leave());
            }
        }
        finally
        {
            Unfinished.End(this);
        }

        return new(trained, before, spared, [.. failed.OrderBy(failure => failure.Item.Index)], clock.GetElapsedTime(started).TotalSeconds, workers);
    }

    public string Leave()
    {
        lock (gate)
        {
            return $"{trained + before} of {(directory.Survey.UntilDecided ? "at most " : "")}{count - spared} trainings in {directory.Place} are done; go on with: {goOn}";
        }
    }

    private void Loop(int worker, CancellationTokenSource stop)
    {
        try
        {
            while (!stop.IsCancellationRequested && Next() is { } item)
            {
                var settled = Settle(worker, item, stop.Token);
                bool wait;
                lock (gate)
                {
                    if (settled)
                    {
                        toTryAgain.Remove(item.Index);
                        claimedElsewhere = 0;
                    }
                    else
                    {
                        pending.Enqueue(item);
                        claimedElsewhere++;
                    }

                    // Others are at work on all that is left.
                    wait = claimedElsewhere >= pending.Count;
                }

                if (!settled && wait)
                {
                    stop.Token.WaitHandle.WaitOne(Glance);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Run says so.
        }
        catch (Exception broken)
        {
            lock (gate)
            {
                fatal ??= ExceptionDispatchInfo.Capture(broken);
            }

            stop.Cancel();
        }
    }

    private SurveyItem? Next()
    {
        lock (gate)
        {
            while (pending.TryDequeue(out var item))
            {
                if (standings.Wants(item))
                {
                    return item;
                }

                spared++;
                watcher.Spared(item);
            }

            return null;
        }
    }

    /// <summary>Sees to it that an item is finished or failed; false where another process is at work on it.</summary>
    private bool Settle(int worker, SurveyItem item, CancellationToken interruption)
    {
        if (directory.Find(item) is not null)
        {
            Count(ref before, () => watcher.Done(null, item, null));
            return true;
        }

        using var claim = directory.Claim(item);
        if (claim is null)
        {
            return false;
        }

        // Between the look and the claim another process may have come and gone.
        if (directory.SetAside(item) is { } damaged)
        {
            watcher.Remark($"{damaged[..damaged.LastIndexOf('.')]} is damaged: it was renamed to {Path.GetFileName(damaged)}, and {SurveyDirectory.Name(item)} is done again.");
        }
        else if (directory.Find(item) is not null)
        {
            directory.Unlock(item);
            Count(ref before, () => watcher.Done(null, item, null));
            return true;
        }

        if (!failedBefore.Contains(item.Index) && directory.Failure(item) is { } known)
        {
            Count(item, known, () => watcher.Failed(null, item, known));
            return true;
        }

        Do(worker, item, interruption);
        return true;
    }

    private void Do(int worker, SurveyItem item, CancellationToken interruption)
    {
        watcher.Begun(worker, item);
        TrainedItem done;
        try
        {
            done = work(item, progress => watcher.Progressed(worker, item, progress), interruption);
        }
        catch (Exception failure) when (Refusal.Cause(failure) is not OperationCanceledException)
        {
            var why = Sentence(Refusal.Cause(failure));
            directory.Fail(item, why);
            Count(item, why, () => watcher.Failed(worker, item, why));
            return;
        }

        directory.Keep(done);
        Count(ref trained, () => watcher.Done(worker, item, done.Finished.Seconds));
    }

    private static string Sentence(Exception failure)
    {
        var words = Quote.line(failure.Message).TrimEnd('.');
        var known = failure is DivergedException ? words : Refusal.Why(failure) ?? $"{failure.GetType().Name}: {words}";
        return $"{char.ToUpperInvariant(known[0])}{known[1..]}.";
    }

    private void Count(ref int number, Action tell)
    {
        lock (gate)
        {
            number++;
            tell();
        }
    }

    private void Count(SurveyItem item, string why, Action tell)
    {
        lock (gate)
        {
            failed.Add((item, why));
            tell();
        }
    }
}
