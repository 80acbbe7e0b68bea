using Interp.Host.Endings;

namespace Interp.Host.Files;

/// <summary>
/// A directory of results, written beside its place and moved there when it is whole: interrupted work leaves nothing, and what
/// finished work leaves has reached the disk.
/// </summary>
internal sealed class StagedDirectory : IUnfinished, IDisposable
{
    private readonly Lock gate = new();
    private readonly Stack<string> createdParents = new();
    private readonly IDisk disk;
    private bool left;

    private StagedDirectory(IDisk disk, string path, string staging)
    {
        this.disk = disk;
        Place = path;
        Staging = staging;
    }

    /// <summary>Where the run will be.</summary>
    public string Place { get; }

    /// <summary>Where its files are written until then.</summary>
    public string Staging { get; }

    /// <summary>Prepares to write a run; refuses a place that cannot be written before any work is done.</summary>
    public static StagedDirectory Create(IDisk disk, string path)
    {
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var name = Path.GetFileName(place);
        if (name.Length == 0 || Path.GetDirectoryName(place) is not { } parent)
        {
            throw new BadInputException($"--out {path}: expected a directory that can be made or added to.");
        }

        if (disk.FileExists(place))
        {
            throw new BadInputException($"--out {path}: is a file, expected a directory.");
        }

        var run = new StagedDirectory(disk, path, Path.Combine(parent, $".{name}.{Environment.ProcessId}.partial"));
        Unfinished.Begin(run);
        try
        {
            run.Prepare(parent);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            run.Dispose();
            throw new FailedException($"--out {path}: cannot be written ({refused.Message.TrimEnd('.')}).");
        }

        return run;
    }

    /// <summary>A path below <c>runs/</c> that is not taken: the name, or the name and a number.</summary>
    public static string Free(IDisk disk, string name)
    {
        var first = Path.Combine("runs", name);
        return Enumerable.Range(1, int.MaxValue - 1)
            .Select(number => number == 1 ? first : $"{first}-{number}")
            .First(path => !disk.FileExists(path) && !disk.DirectoryExists(path));
    }

    /// <summary>A file of the run, to be written now.</summary>
    public string PathOf(string name) => Path.Combine(Staging, name);

    /// <summary>Writes the files, and moves them to their place once they are whole.</summary>
    /// <exception cref="FailedException">The disk refused.</exception>
    public void Publish(Action write)
    {
        try
        {
            write();
            Publish();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"{Place}: cannot be written ({refused.Message.TrimEnd('.')}).");
        }
    }

    /// <summary>Removes what has been written so far.</summary>
    public string Leave()
    {
        lock (gate)
        {
            if (!left)
            {
                left = true;
                Discard();
            }
        }

        return "nothing was written";
    }

    /// <summary>Discards the work if it was not published.</summary>
    public void Dispose()
    {
        Leave();
        Unfinished.End(this);
    }

    /// <summary>Moves what is finished to its place. Files of earlier work there are replaced, one by one, each at once.</summary>
    private void Publish()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(left, this);
            var files = Below(Staging).ToArray();
            foreach (var file in files)
            {
                disk.Flush(file);
            }

            if (!disk.DirectoryExists(Place))
            {
                disk.RenameDirectory(Staging, Path.GetFullPath(Place));
            }
            else
            {
                foreach (var file in files)
                {
                    var target = Path.Combine(Place, Path.GetRelativePath(Staging, file));
                    disk.CreateDirectory(Path.GetDirectoryName(target)!);
                    disk.Rename(file, target);
                }

                disk.DeleteDirectory(Staging, withContent: true);
            }

            disk.FlushDirectory(Path.GetFullPath(Place));
            disk.FlushDirectory(Path.GetDirectoryName(Staging)!);
            left = true;
        }

        Unfinished.End(this);
    }

    private IEnumerable<string> Below(string directory) => disk.Files(directory).Concat(disk.Directories(directory).SelectMany(Below));

    private void Prepare(string parent)
    {
        var missing = new Stack<string>();
        for (var ancestor = parent; ancestor is not null && !disk.DirectoryExists(ancestor); ancestor = Path.GetDirectoryName(ancestor))
        {
            missing.Push(ancestor);
        }

        foreach (var ancestor in missing)
        {
            disk.CreateDirectory(ancestor);
            createdParents.Push(ancestor);
        }

        disk.CreateDirectory(Staging);
        if (disk.DirectoryExists(Place))
        {
            // Moving files in later needs this; better to learn it before the work than after.
            var probe = Path.Combine(Place, Path.GetFileName(Staging));
            disk.Write(probe, []);
            disk.Delete(probe);
        }
    }

    private void Discard()
    {
        if (disk.DirectoryExists(Staging))
        {
            disk.DeleteDirectory(Staging, withContent: true);
        }

        foreach (var ancestor in createdParents)
        {
            if (disk.DirectoryExists(ancestor) && disk.Files(ancestor).Count + disk.Directories(ancestor).Count == 0)
            {
                disk.DeleteDirectory(ancestor, withContent: false);
            }
        }
    }
}
