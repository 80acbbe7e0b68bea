namespace Interp.Benchmarks;

/// <summary>A built program: its name in tables, and its file.</summary>
internal sealed record Source(string Name, string Program);

/// <summary>This source, and an older one in a temporary directory, built to be held against each other in turn.</summary>
internal sealed class Sources : IDisposable
{
    private string? worktree;

    private Sources() => Console.CancelKeyPress += (_, _) => Dispose();

    /// <summary>A temporary directory for whatever they write.</summary>
    public string Place { get; } = Directory.CreateTempSubdirectory("interp-sources-").FullName;

    /// <summary>The older source, if there is one, then this one.</summary>
    public IReadOnlyList<Source> All { get; private set; } = [];

    /// <summary>This source beside a revision, or beside the last tag; alone where there is neither, which is said. Null where something is wrong, which is said, too.</summary>
    /// <param name="command">Who asks.</param>
    /// <param name="revision">The revision; null for the last tag.</param>
    public static Sources? Beside(string command, string? revision)
    {
        if (revision is not null && Words("git", "rev-parse", "--verify", "--quiet", $"{revision}^{{commit}}").Length == 0)
        {
            Console.Error.WriteLine($"{command}: --base {revision}: git knows no such revision.");
            return null;
        }

        var sources = new Sources { All = [new("now", Path.GetFullPath(Programs.Built))] };
        if ((revision ?? Words("git", "describe", "--tags", "--abbrev=0")) is not { Length: > 0 } older)
        {
            Console.WriteLine("There is no tag yet: this source alone. `--base REVISION` names another.");
            return sources;
        }

        if (sources.Build(older) is { } problem)
        {
            Console.Error.WriteLine($"{command}: {problem}");
            sources.Dispose();
            return null;
        }

        return sources;
    }

    /// <summary>Removes the older source.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref worktree, null) is { } checkedOut)
        {
            Programs.Ended("git", "worktree", "remove", "--force", checkedOut);
        }

        if (Directory.Exists(Place))
        {
            Directory.Delete(Place, recursive: true);
        }
    }

    /// <summary>Checks a revision out and builds it; says what went wrong.</summary>
    private string? Build(string revision)
    {
        var place = Path.Combine(Place, "source");
        var (refused, _, error) = Programs.Ended("git", "worktree", "add", "--detach", place, revision);
        if (refused != 0)
        {
            return $"{revision} cannot be checked out: {error.Trim()}";
        }

        worktree = place;
        Console.WriteLine($"Building {revision}");
        var (code, output, _) = Programs.Ended("dotnet", "build", "-c", "Release", "-nodeReuse:false", Path.Combine(place, "Interp.Host"));
        All = [new(revision, Path.Combine(place, Programs.Built)), .. All];
        return code == 0 ? null : $"{revision} does not build:\n{output}";
    }

    /// <summary>What a program prints; empty where it fails.</summary>
    private static string Words(string program, params string[] arguments) => Programs.Ended(program, arguments) is (0, var output, _) ? output.Trim() : "";
}
