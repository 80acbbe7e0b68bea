namespace Interp.Runs.Endings;

/// <summary>The work of a command that an interruption has to leave in good order, and what the command has written by then.</summary>
internal static class Unfinished
{
    /// <summary>A command's own: it flows to the threads that the command starts, and to no other command of the same process.</summary>
    private static readonly AsyncLocal<Command?> Current = new();

    private static Command Here => Current.Value ??= new();

    /// <summary>A command begins, which has written nothing.</summary>
    public static void BeginCommand() => Current.Value = new();

    public static void Begin(IUnfinished begun)
    {
        lock (Here.Gate)
        {
            Here.Works.Add(begun);
        }
    }

    /// <summary>The work is finished, or was left.</summary>
    public static void End(IUnfinished ended)
    {
        lock (Here.Gate)
        {
            Here.Works.Remove(ended);
        }
    }

    /// <summary>Something was written for good: what, as half a sentence.</summary>
    public static void Wrote(string what)
    {
        lock (Here.Gate)
        {
            Here.Written.Add(what);
        }
    }

    /// <summary>What the command has written for good, as half a sentence; null for nothing.</summary>
    public static string? Written
    {
        get
        {
            lock (Here.Gate)
            {
                return Here.Written.Count == 0 ? null : string.Join(", ", Here.Written);
            }
        }
    }

    /// <summary>How much longer than any command this one may take to end by itself.</summary>
    public static TimeSpan Patience
    {
        get
        {
            lock (Here.Gate)
            {
                return Here.Works.Select(work => work.Patience).DefaultIfEmpty().Max();
            }
        }
    }

    /// <summary>Leaves the work, if there is any, the innermost first; says what became of the whole.</summary>
    public static string Leave()
    {
        var command = Here;
        lock (command.Gate)
        {
            string? left = null;
            foreach (var work in Enumerable.Reverse(command.Works))
            {
                left = work.Leave();
            }

            command.Works.Clear();
            return left ?? Written ?? "nothing was written";
        }
    }

    private sealed class Command
    {
        public Lock Gate { get; } = new();

        public List<IUnfinished> Works { get; } = [];

        public List<string> Written { get; } = [];
    }
}
