using Interp.Runs.Endings;

namespace Interp.Runs.Files;

/// <summary>
/// Files that belong together, written beside their place and moved there when all are whole: interrupted or failed work leaves what was there before, and
/// what finished work leaves has reached the disk.
/// </summary>
internal sealed class StagedDirectory : IUnfinished, IDisposable
{
    /// <summary>Below the staging directory: earlier files of the same names, until the new ones are in their places.</summary>
    private const string Earlier = "earlier";

    private const string New = "new";

    private readonly Lock gate = new();
    private readonly Stack<string> createdParents = new();
    private readonly IDisk disk;

    /// <summary>The place as a path from the root.</summary>
    private readonly string target;

    private readonly string staging;
    private bool left;
    private bool published;
    private string? leftBehind;

    private StagedDirectory(IDisk disk, string path, string target, string staging)
    {
        this.disk = disk;
        this.target = target;
        this.staging = staging;
        Place = path;
    }

    /// <summary>Where the files will be, as the user gave it.</summary>
    public string Place { get; }

    /// <summary>Whether the files are in their places.</summary>
    public bool IsPublished => published;

    /// <summary>Prepares to write; refuses a place that cannot be written before any work is done.</summary>
    /// <exception cref="BadInputException">The place is none for a directory.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static StagedDirectory Create(IDisk disk, string path)
    {
        var place = path.Length == 0 ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var name = Path.GetFileName(place);
        if (name.Length == 0 || Path.GetDirectoryName(place) is not { } parent)
        {
            throw new BadInputException($"--out {path}: expected a directory that can be made or added to.");
        }

        if (disk.FileExists(place))
        {
            throw new BadInputException($"--out {path}: is a file, expected a directory.");
        }

        // Inside of a directory that is there: beside it there may be another disk, or no permission.
        var partial = $".{name}.{Environment.ProcessId}.partial";
        var run = new StagedDirectory(disk, path, place, Path.Combine(disk.DirectoryExists(place) ? place : parent, partial));
        Unfinished.Begin(run);
        try
        {
            run.Prepare(parent);
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            run.Dispose();
            throw Refusal.OfGivenPath(refused, $"--out {path}: cannot be written ({Refusal.Words(refused)}); {run.Remains}.");
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

    /// <summary>
    /// Writes the files, by their names below the place, and moves them there once all are whole: into a new directory by one renaming, into one that is there
    /// one after the other. Should one of those fail, the earlier files are put back.
    /// </summary>
    /// <exception cref="InterruptedException">The work was left.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public void Publish(IReadOnlyList<(string Name, byte[] Bytes)> files)
    {
        try
        {
            foreach (var (name, bytes) in files)
            {
                Write(name, bytes);
            }

            lock (gate)
            {
                RequireNotLeft();
                Move([.. files.Select(file => file.Name)]);
            }
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            Leave();
            throw new FailedException(published
                ? $"{Place}: is written, and whole, but the disk does not confirm it ({Refusal.Words(refused)})."
                : $"{Place}: cannot be written ({Refusal.Words(refused)}); {Remains}.");
        }

        Unfinished.Wrote(Remains);
        Unfinished.End(this);
    }

    /// <summary>Removes what has been written so far, unless it is in its place.</summary>
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

        return Remains;
    }

    /// <summary>Discards the work if it was not published.</summary>
    public void Dispose()
    {
        Leave();
        Unfinished.End(this);
    }

    private string Remains =>
        (published ? $"{Place} is written, and whole" : "nothing was written") + (leftBehind is null ? "" : $", but {leftBehind}");

    /// <summary>Not as a part of the renaming, so that an interruption waits for no more than one file.</summary>
    private void Write(string name, byte[] bytes)
    {
        lock (gate)
        {
            RequireNotLeft();
            var path = Path.Combine(staging, New, name);
            disk.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.WriteThrough(disk, path, bytes);
        }
    }

    private void RequireNotLeft()
    {
        if (left)
        {
            throw new InterruptedException(Remains);
        }
    }

    private void Move(string[] names)
    {
        var directories = names.Select(name => Path.GetDirectoryName(Path.Combine(target, name))!).Append(target).Distinct(StringComparer.Ordinal).ToArray();
        string[] above = [];
        if (disk.DirectoryExists(target))
        {
            Replace(names, directories);
        }
        else
        {
            disk.RenameDirectory(Path.Combine(staging, New), target);
            above = [Path.GetDirectoryName(target)!];
        }

        left = true;
        published = true;
        RemoveStaging();
        foreach (var directory in directories.Concat(above))
        {
            disk.FlushDirectory(directory);
        }
    }

    /// <summary>Earlier files are copied before any is replaced: what a full disk refuses is refused while nothing has changed.</summary>
    private void Replace(string[] names, string[] directories)
    {
        var replaced = names.Where(name => disk.FileExists(Path.Combine(target, name))).ToHashSet(StringComparer.Ordinal);
        foreach (var name in replaced)
        {
            var copy = Path.Combine(staging, Earlier, name);
            disk.CreateDirectory(Path.GetDirectoryName(copy)!);
            disk.Write(copy, disk.Read(Path.Combine(target, name), long.MaxValue));
            disk.Flush(copy);
        }

        foreach (var directory in directories.Where(directory => !disk.DirectoryExists(directory)))
        {
            createdParents.Push(directory);
            disk.CreateDirectory(directory);
        }

        var moved = new Stack<string>();
        try
        {
            foreach (var name in names)
            {
                moved.Push(name);
                disk.Rename(Path.Combine(staging, New, name), Path.Combine(target, name));
            }
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            PutBack(moved, replaced);
            throw;
        }
    }

    /// <summary>The last first. One that was not moved after all is put back all the same: a disk may do what it says that it did not.</summary>
    private void PutBack(Stack<string> moved, HashSet<string> replaced)
    {
        foreach (var name in moved)
        {
            var place = Path.Combine(target, name);
            try
            {
                if (replaced.Contains(name))
                {
                    disk.Rename(Path.Combine(staging, Earlier, name), place);
                }
                else if (disk.FileExists(place))
                {
                    disk.Delete(place);
                }
            }
            catch (Exception refused) when (Refusal.IsDisk(refused))
            {
                leftBehind = $"{place} is new and could not be put back ({Refusal.Words(refused)})";
            }
        }
    }

    private void Prepare(string parent)
    {
        var missing = new Stack<string>();
        for (var ancestor = parent; ancestor is not null && !disk.DirectoryExists(ancestor); ancestor = Path.GetDirectoryName(ancestor))
        {
            missing.Push(ancestor);
        }

        foreach (var ancestor in missing)
        {
            createdParents.Push(ancestor);
            disk.CreateDirectory(ancestor);
        }

        disk.CreateDirectory(Path.Combine(staging, New));
    }

    /// <summary>What cannot be removed stays behind, and hurts nobody; it is told of.</summary>
    private void Discard()
    {
        RemoveStaging();
        try
        {
            foreach (var ancestor in createdParents)
            {
                if (disk.DirectoryExists(ancestor) && disk.Files(ancestor).Count + disk.Directories(ancestor).Count == 0)
                {
                    disk.DeleteDirectory(ancestor, withContent: false);
                }
            }
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            // An empty directory.
        }
    }

    private void RemoveStaging()
    {
        try
        {
            if (disk.DirectoryExists(staging))
            {
                disk.DeleteDirectory(staging, withContent: true);
            }
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            leftBehind ??= $"{staging} is left behind, which means nothing";
        }
    }
}
