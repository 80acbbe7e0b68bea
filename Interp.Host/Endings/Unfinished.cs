namespace Interp.Host.Endings;

/// <summary>The work of this process that an interruption has to leave in good order.</summary>
internal static class Unfinished
{
    private static readonly Lock Gate = new();
    private static IUnfinished? work;

    public static void Begin(IUnfinished begun)
    {
        lock (Gate)
        {
            work = begun;
        }
    }

    /// <summary>The work is finished, or was left.</summary>
    public static void End(IUnfinished ended)
    {
        lock (Gate)
        {
            work = ReferenceEquals(work, ended) ? null : work;
        }
    }

    /// <summary>Leaves the work, if there is any; says what became of it.</summary>
    public static string Leave()
    {
        lock (Gate)
        {
            var left = work?.Leave() ?? "nothing was written";
            work = null;
            return left;
        }
    }
}
