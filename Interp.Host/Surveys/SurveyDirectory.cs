using System.Globalization;
using System.Text;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Wording;
using Microsoft.FSharp.Core;

namespace Interp.Host.Surveys;

/// <summary>
/// A study on the disk: study.json, and under items/ what each of its trainings came to. Any number of processes, on any number of
/// machines that share the directory, may work on it at once.
/// </summary>
internal sealed class SurveyDirectory
{
    public const string ItemsName = "items";

    private const string Damaged = ".damaged";

    private readonly IDisk disk;
    private readonly string directory;
    private readonly Lazy<Standing> standing;

    private SurveyDirectory(IDisk disk, string path, StoredSurvey stored)
    {
        this.disk = disk;
        Place = path;
        directory = Path.GetFullPath(path);
        Stored = stored;
        Items = [.. SurveyModule.items(stored.Survey)];
        standing = new(Look);
    }

    /// <summary>The directory, as the user gave it.</summary>
    public string Place { get; }

    /// <summary>The study, and the arithmetic that it is done under.</summary>
    public StoredSurvey Stored { get; }

    public Survey Survey => Stored.Survey;

    /// <summary>Every item, in the study's order.</summary>
    public IReadOnlyList<SurveyItem> Items { get; }

    /// <summary>
    /// What the finished items came to, in the study's order, as the directory stood when it was first asked about them. Where the study goes on until its claims
    /// are decided, only of those that count: each kind's from the first seed on, up to where there is a gap or its claims are decided.
    /// </summary>
    public IReadOnlyList<SurveyResult> Results => standing.Value.Results;

    /// <summary>The same, with how they came about.</summary>
    public IReadOnlyList<FinishedItem> Finished => standing.Value.Finished;

    /// <summary>Items that failed, and were not done since.</summary>
    public IReadOnlyList<(int Index, string Why)> Failed => standing.Value.Failed;

    /// <summary>Items that are not finished, those that failed among them; without those that are not wanted, as all claims about their kind are decided.</summary>
    public IReadOnlyList<int> Missing => standing.Value.Missing;

    /// <summary>Files of items that are not what was written.</summary>
    public IReadOnlyList<string> DamagedFiles => standing.Value.Damaged;

    /// <summary>The command that does what is left of the study.</summary>
    public string RunCommand => $"interp study run {Shell.Quoted(Place)}";

    private sealed record Standing(
        IReadOnlyList<FinishedItem> Finished, IReadOnlyList<(int Index, string Why)> Failed, IReadOnlyList<int> Missing, IReadOnlyList<string> Damaged)
    {
        public IReadOnlyList<SurveyResult> Results { get; } = [.. Finished.Select(finished => finished.Result)];
    }

    /// <summary>Whether a directory holds a study.</summary>
    public static bool Holds(IDisk disk, string path) => path.Length > 0 && disk.FileExists(Path.Combine(Path.GetFullPath(path), SurveyFile.Name));

    /// <summary>Opens the directory of a study.</summary>
    /// <exception cref="BadInputException">It holds none.</exception>
    public static SurveyDirectory Open(IDisk disk, string path)
    {
        if (path.Length == 0)
        {
            throw new BadInputException("The path is empty, expected the directory of a study.");
        }

        try
        {
            return new(disk, path, SurveyFile.Read(disk, Path.Combine(Path.GetFullPath(path), SurveyFile.Name)));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{path}: there is no {SurveyFile.Name} in it, so it is not the directory of a study.");
        }
    }

    /// <summary>Makes the directory of a study, or opens it where it holds this very study.</summary>
    /// <exception cref="BadInputException">It holds something else.</exception>
    /// <exception cref="FailedException">It cannot be written.</exception>
    public static SurveyDirectory Plan(IDisk disk, string path, StoredSurvey study)
    {
        if (path.Length == 0 || disk.FileExists(path))
        {
            throw new BadInputException($"--out {path}: {(path.Length == 0 ? "is empty" : "is a file")}, expected a directory.");
        }

        if (Holds(disk, path))
        {
            var found = Open(disk, path);
            if (SurveyFile.Differences(found.Stored, study) is { Count: > 0 } differences)
            {
                throw new BadInputException($"--out {path}: holds another study, which differs in {string.Join(", ", differences)}.");
            }

            found.RequireContinuable([]);
            return found;
        }

        var place = Path.GetFullPath(path);
        if (disk.FileExists(Path.Combine(place, ConfigurationFile.Name)))
        {
            throw new BadInputException($"--out {path}: holds a run, expected a directory for a study.");
        }

        using var begun = new Underway($"{path} is as it was, or holds the study that was asked for; the same command goes on with it");
        try
        {
            disk.CreateDirectory(Path.Combine(place, ItemsName));
            AtomicFile.Write(disk, Path.Combine(place, SurveyFile.Name), SurveyFile.Bytes(study));
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            throw Refusal.OfGivenPath(refused, $"--out {path}: cannot be written ({Refusal.Words(refused)}); no study was begun.");
        }

        Unfinished.Wrote($"{path} holds the study; the same command goes on with it");
        return new(disk, path, study);
    }

    /// <summary>The same directory, to be looked at afresh.</summary>
    public SurveyDirectory Again() => new(disk, Place, Stored);

    /// <summary>
    /// Refuses to go on with a study that was begun under another arithmetic, and one whose directory holds an item of the share, or any beyond the plan,
    /// that is not of this study.
    /// </summary>
    /// <param name="share">The items that are about to be looked at.</param>
    /// <exception cref="BadInputException">What is wrong, and what to do.</exception>
    public void RequireContinuable(IEnumerable<SurveyItem> share)
    {
        RequireWithin();
        foreach (var item in share)
        {
            Find(item);
        }

        if (ArithmeticRevision.problem(Stored.Revision) is { Value: var problem })
        {
            throw new BadInputException(
                $"{Place}: {problem}, so this study does not go on and is not merged: plan a new one in another directory; `interp study report {Shell.Quoted(Place)}` still writes the page of what is finished.");
        }
    }

    /// <summary>A finished item; null where it is not finished, or its file is damaged.</summary>
    /// <exception cref="BadInputException">The file is of another study.</exception>
    /// <exception cref="FailedException">Its file cannot be read, so that it may well be good.</exception>
    public FinishedItem? Find(SurveyItem item)
    {
        var path = PathOf(item);
        try
        {
            return disk.FileExists(path) ? ItemFile.Parse(Shown(path), Stored, item, disk.Read(path, ItemFile.Largest)) : null;
        }
        catch (Exception nothing) when (nothing is UnfitFileException or FileNotFoundException)
        {
            // Either is no item; a file that has just gone was set aside by another process.
            return null;
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            throw new FailedException($"{PathOf(item)}: cannot be read ({Refusal.Words(unreadable)}); nothing was changed.");
        }
    }

    /// <summary>Why an item failed; null where it did not.</summary>
    public string? Failure(SurveyItem item)
    {
        const long largest = 1 << 14;
        try
        {
            return disk.FileExists(FailedPath(item)) ? Quote.line(Encoding.UTF8.GetString(disk.Read(FailedPath(item), largest)).Trim()) : null;
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            return $"Why cannot be read ({Refusal.Words(unreadable)}).";
        }
    }

    /// <summary>
    /// Holds an item for this process alone, until it is disposed of; null where another holds it. The operating system lets go of it
    /// when the process ends, however it ends.
    /// </summary>
    public IDisposable? Claim(SurveyItem item)
    {
        // Tools that copy directories may leave out an empty one.
        disk.CreateDirectory(PathOf(ItemsName));
        return disk.Hold(LockPath(item));
    }

    /// <summary>Sets the damaged file of an item aside, so that the item can be done again; the new name, or null where nothing is damaged.</summary>
    public string? SetAside(SurveyItem item)
    {
        if (!disk.FileExists(PathOf(item)) || Find(item) is not null)
        {
            return null;
        }

        disk.Rename(PathOf(item), PathOf(item) + Damaged);
        return PathOf(item) + Damaged;
    }

    /// <summary>Writes a finished item, which its claim is held for; first its weights, where the study keeps them, so that no finished item of it ever had none.</summary>
    public void Keep(TrainedItem trained)
    {
        var item = trained.Finished.Result.Item;
        if (Stored.KeepsWeights)
        {
            AtomicFile.Write(disk, WeightsPath(item), trained.Model());
        }

        AtomicFile.Write(disk, PathOf(item), ItemFile.Bytes(Survey, trained.Finished));
        if (disk.FileExists(FailedPath(item)))
        {
            AtomicFile.TryDelete(disk, FailedPath(item));
        }

        Unlock(item);
    }

    /// <summary>
    /// The file, from the root, with the weights that a finished item's training came to; null where there is none, or what is there cannot be read or is
    /// not that: no result depends on it.
    /// </summary>
    public string? KeptWeights(SurveyResult result)
    {
        var path = WeightsPath(result.Item);
        try
        {
            return disk.FileExists(path) && Are(CheckpointModule.ofBytes(path, disk.Read(path, ModelFile.LargestFile))) ? path : null;
        }
        catch (Exception nothing) when (nothing is UnfitFileException || Refusal.IsDisk(nothing))
        {
            return null;
        }

        bool Are(FSharpResult<Checkpoint, CheckpointError> read) =>
            read.IsOk
            && CheckpointModule.weightsSha256(read.ResultValue.Weights) == result.Weights
            && CheckpointModule.differences(new StoredConfiguration(result.Item.Configuration, Stored.Revision).Provenance, read.ResultValue).IsEmpty;
    }

    /// <summary>Removes the lock of a finished item, while its claim is held: whoever opened it before finds the item finished.</summary>
    public void Unlock(SurveyItem item) => AtomicFile.TryDelete(disk, LockPath(item));

    /// <summary>Writes down why an item failed.</summary>
    public void Fail(SurveyItem item, string why) => AtomicFile.Write(disk, FailedPath(item), Encoding.UTF8.GetBytes($"{why}\n"));

    /// <summary>A file of the study beside its items.</summary>
    public string PathOf(string name) => Path.Combine(directory, name);

    /// <summary>An item as people call it: <c>item 17 (plain, d_head=4, seed 3)</c>.</summary>
    public static string Name(SurveyItem item)
    {
        var setting = SurveyModule.settingName(item.Setting);
        return $"item {item.Index} ({item.Variant}, {setting}{(setting.Length > 0 ? ", " : "")}seed {item.Configuration.Seed})";
    }

    /// <summary>Item numbers in few words: <c>3, 7-9, 12</c>; beyond some ranges only how many more there are.</summary>
    public static string Ranges(IEnumerable<int> indices)
    {
        const int most = 12;
        var ranges = new List<(int First, int Last)>();
        foreach (var index in indices)
        {
            if (ranges.Count > 0 && ranges[^1].Last == index - 1)
            {
                ranges[^1] = (ranges[^1].First, index);
            }
            else
            {
                ranges.Add((index, index));
            }
        }

        var shown = string.Join(", ", ranges.Take(most).Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));
        return ranges.Count <= most ? shown : $"{shown} and {ranges.Skip(most).Sum(range => range.Last - range.First + 1)} more";
    }

    private string PathOf(SurveyItem item) => ItemPath(item, ".json");

    private string FailedPath(SurveyItem item) => ItemPath(item, ".failed");

    private string WeightsPath(SurveyItem item) => ItemPath(item, ".safetensors");

    private string LockPath(SurveyItem item) => ItemPath(item, ".lock");

    private string ItemPath(SurveyItem item, string extension) =>
        Path.Combine(directory, ItemsName, item.Index.ToString("000000", CultureInfo.InvariantCulture) + extension);

    /// <summary>A path below the directory, as the user gave that.</summary>
    private string Shown(string path) => Path.Combine(Place, Path.GetRelativePath(directory, path));

    /// <summary>Refuses items beyond those of the plan.</summary>
    private void RequireWithin()
    {
        foreach (var path in disk.Files(PathOf(ItemsName)).Where(path => path.EndsWith(".json", StringComparison.Ordinal)))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index >= Items.Count)
            {
                throw ConfigurationFile.Contradiction(
                    Shown(path),
                    "study",
                    [new("index", $"{index}", $"at most {Items.Count - 1}")],
                    SurveyFile.Name,
                    $"nothing was changed: put back what {SurveyFile.Name} said, or take the file away, or plan another study in another directory");
            }
        }
    }

    /// <summary>The directory as it stands, without what is of no account where the study goes on until its claims are decided.</summary>
    private Standing Look()
    {
        var all = LookAtAll();
        if (!Survey.UntilDecided)
        {
            return all;
        }

        var standings = new KindStandings(this, all.Finished.Select(finished => finished.Result), new HashSet<int>());
        var kinds = Enumerable.Range(0, Items.Count / Survey.Seeds).Select(standings.Of).ToArray();
        return new(
            [.. all.Finished.Where(finished => Counts(finished.Result.Item.Index))],
            [.. all.Failed.Where(failed => IsWanted(failed.Index))],
            [.. all.Missing.Where(IsWanted)],
            all.Damaged);

        bool Counts(int index) => index % Survey.Seeds < kinds[index / Survey.Seeds].Seeds;

        bool IsWanted(int index) => !kinds[index / Survey.Seeds].Closed || Counts(index);
    }

    private Standing LookAtAll()
    {
        RequireWithin();
        var there = disk.Files(PathOf(ItemsName)).ToHashSet(StringComparer.Ordinal);
        var finished = new List<FinishedItem>();
        var failed = new List<(int, string)>();
        var missing = new List<int>();
        var damaged = new List<string>();
        foreach (var item in Items)
        {
            if (there.Contains(PathOf(item)) && Find(item) is { } found)
            {
                finished.Add(found);
                continue;
            }

            missing.Add(item.Index);
            if (there.Contains(PathOf(item)))
            {
                damaged.Add(PathOf(item));
            }

            if (there.Contains(FailedPath(item)) && Failure(item) is { } why)
            {
                failed.Add((item.Index, why));
            }
        }

        return new(finished, failed, missing, damaged);
    }
}
