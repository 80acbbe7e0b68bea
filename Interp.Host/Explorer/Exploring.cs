using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Host.Explorer;

/// <summary>From models on the disk to what a page shows of them.</summary>
/// <param name="World">Where they are.</param>
/// <param name="Terminal">Where it is said how far the work is.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="Reference">The sequences that losses are over.</param>
internal sealed record Exploring(World World, Terminal Terminal, int Threads, Reference Reference)
{
    /// <summary>Bytes of weights that a page holds at most: browsers read this much in a second or two.</summary>
    public const long MostBytes = 20_000_000;

    /// <summary>The sequences that heads' means are over.</summary>
    private static readonly Reference MeanOver = new(256, 7);

    /// <summary>Positions of a text to begin with, of a model whose task is not known, and the letters that it repeats.</summary>
    private const int PromptLength = 24, PromptLetters = 6;

    private readonly Dictionary<Architecture, ExploredNulls> nulls = [];

    /// <summary>Whether single forms are left out of the explanations, as there are dozens, and a page of many models has them for each.</summary>
    public bool TellingAlone { get; init; }

    /// <summary>A model, and its snapshots where it is a run that has some; the trained one last.</summary>
    /// <exception cref="BadInputException">It is no model.</exception>
    public FoundModel Find(string path, FSharpOption<TaskForm>? task)
    {
        var given = GivenModel.Load(World, Terminal, path, task);
        var isDirectory = World.Disk.DirectoryExists(path);
        var last = given.Checkpoint;
        // Before all of them are read.
        RequireSize([(path, Bytes(last), isDirectory ? Math.Max(1, RunSnapshots.Files(World.Disk, path).Count) : 1)]);
        var snapshots = isDirectory ? RunSnapshots.Load(World.Disk, path) : [];
        return new(path, given, [.. snapshots.Where(snapshot => snapshot.Steps != last.Steps), last]);
    }

    /// <summary>Refuses more weights than a page should hold, with what to leave out.</summary>
    /// <param name="models">Of each its path, the bytes of its weights, and how many snapshots of these there are.</param>
    /// <exception cref="BadInputException">There are more.</exception>
    public static void RequireSize(IReadOnlyList<(string Path, long Bytes, int Snapshots)> models)
    {
        var bytes = models.Sum(model => model.Bytes * model.Snapshots);
        if (bytes > MostBytes)
        {
            var snapshots = models.Sum(model => model.Snapshots);
            var advice = models.Count > 1 ? "name fewer models"
                : snapshots > 1 ? $"name {Shell.Quoted(Path.Combine(models[0].Path, ModelFile.Name))}, which leaves the snapshots out"
                : "a page is for models that are smaller";
            throw new BadInputException(
                $"{string.Join(", ", models.Select(model => model.Path))}: the weights come to {Words.Bytes(bytes)}{(snapshots > models.Count ? $" in {Words.Count(snapshots)} snapshots" : string.Empty)}, expected at most {Words.Bytes(MostBytes)} in one page: {advice}.");
        }
    }

    /// <summary>Bytes of a model's weights.</summary>
    private static long Bytes(Checkpoint checkpoint) => sizeof(float) * (long)ModelModule.parameters(checkpoint.Weights);

    /// <summary>Refuses models that are too large together.</summary>
    /// <exception cref="BadInputException">They are.</exception>
    public static void RequireSize(IReadOnlyList<FoundModel> models) =>
        RequireSize([.. models.Select(model => (model.Path, Bytes(model.Given.Checkpoint), model.Checkpoints.Count))]);

    /// <summary>Refuses explanations that fit none of the models.</summary>
    /// <exception cref="RefusedException">One fits none.</exception>
    public static void RequireFit(IReadOnlyList<FoundModel> models, IEnumerable<Explanation> explanations)
    {
        foreach (var explanation in explanations)
        {
            if (!models.Any(model => Fits(model.Given, explanation)))
            {
                PartsModule.expand(models[0].Given.Architecture, explanation);
            }
        }
    }

    /// <summary>Names of models, each once: the last part of its path, or all of that where two would have one name.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<string> paths)
    {
        var names = paths.Select(path =>
        {
            var last = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
            return last.EndsWith(".safetensors", StringComparison.Ordinal) ? last[..^".safetensors".Length] : last;
        }).ToArray();
        return [.. names.Select((name, index) => names.Count(other => other == name) > 1 ? paths[index] : name)];
    }

    /// <summary>Everything that the page shows of a model.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="found">The model.</param>
    /// <param name="asked">Explanations beside those that the program knows, as they were given.</param>
    /// <param name="show">Told what is done, and what share of it.</param>
    /// <param name="interruption">Looked at between snapshots.</param>
    /// <param name="known">What random weights show, where that was drawn before.</param>
    public ExploredModel Explore(
        string name,
        FoundModel found,
        IReadOnlyList<(string Text, Explanation Explanation)> asked,
        Action<string, double> show,
        CancellationToken interruption,
        ExploredNulls? known = null)
    {
        var given = found.Given;
        var texts = Texts(name, given);
        var explanations = Offered(given, asked, texts is not null);
        var random = known ?? Nulls(given);
        var snapshots = found.Checkpoints.Select((checkpoint, index) =>
        {
            interruption.ThrowIfCancellationRequested();
            show(found.Checkpoints.Count == 1 ? name : $"{name} after {checkpoint.Steps} steps", (double)index / found.Checkpoints.Count);
            return Snapshot(given, checkpoint, texts, explanations);
        }).ToArray();
        return new(name, found.Path, given, texts, Prompt(given, texts), explanations, random, snapshots);
    }

    private ExploredSnapshot Snapshot(GivenModel given, Checkpoint checkpoint, ExploredTexts? texts, OfferedExplanation[] explanations)
    {
        var (architecture, weights, task) = (given.Architecture, checkpoint.Weights, given.Task);
        return new(
            checkpoint.Steps,
            weights,
            texts is null ? [] : [.. Intervened.headMeans(Threads, task, weights, texts.MeanOver)],
            Circuits.spectra(weights),
            [.. HeadScores.ofModel(Threads, architecture, weights, Reference)],
            HeadLettersModule.ofModel(architecture, weights)?.Value,
            [.. Development.pairs(weights)],
            texts is null ? null : Intervened.loss(Threads, task, weights, [], texts.Reference),
            explanations.Length == 0
                ? []
                : [.. ExportedModule.ofExplanations(
                    Threads, task, architecture.NCtx, weights, InPlaceModule.standard, ListModule.OfSeq(explanations.Select(each => each.Explanation)))]);
    }

    /// <summary>Sequences of the task; null where there are none to be had, which is said on standard error.</summary>
    private ExploredTexts? Texts(string name, GivenModel given)
    {
        try
        {
            return new(Reference, [.. Sequences.heldOut(given.Task, Reference)], MeanOver);
        }
        catch (Exception refused) when (refused is RefusedException or BadInputException)
        {
            Terminal.Line(Terminal.Progress, $"interp: the page has no losses and no means of {name}: {refused.Message}");
            return null;
        }
    }

    /// <summary>The author's explanations of this kind of model, telling ones, single forms, and those that were asked for, each once; none that does not fit.</summary>
    private OfferedExplanation[] Offered(GivenModel given, IReadOnlyList<(string Text, Explanation Explanation)> asked, bool hasTask)
    {
        var (architecture, task) = (given.Architecture, given.Task);
        var known = Named.ofAuthor(task, architecture, given.Weights)
            .Concat(Findings.telling(architecture))
            .Concat(TellingAlone ? [] : Named.forms(task, architecture))
            .Select(named => (named.Name, Text: named.Explanation.ToString(), named.Explanation));
        return
        [
            .. asked.Select(each => (Name: each.Text, each.Text, each.Explanation))
                .Concat(known)
                .DistinctBy(each => each.Explanation.ToString())
                .Where(each => Fits(given, each.Explanation) && (hasTask || !ExportedModule.needsTask(architecture, each.Explanation)))
                .Select(each => new OfferedExplanation(
                    each.Name, each.Text, each.Explanation, NumbersKept.ofParts(PartsModule.expand(architecture, each.Explanation)))),
        ];
    }

    private static bool Fits(GivenModel given, Explanation explanation)
    {
        try
        {
            PartsModule.expand(given.Architecture, explanation);
            return true;
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    /// <summary>They depend on the shape alone, and so are drawn once for all models of one.</summary>
    private ExploredNulls Nulls(GivenModel given)
    {
        // Several models of one shape may be explored at once.
        lock (nulls)
        {
            if (!nulls.TryGetValue(given.Architecture, out var found))
            {
                nulls[given.Architecture] = found = ExploredNulls.Of(CircuitScoresModule.ofModel(given.Weights), Composition.scores(given.Weights));
            }

            return found;
        }
    }

    private static int[] Prompt(GivenModel given, ExploredTexts? texts) => texts is { Sequences: [var first, ..] }
        ? [.. first.ToArray()]
        : [.. Enumerable.Range(0, Math.Min(PromptLength, given.Architecture.NCtx)).Select(position => position % Math.Min(PromptLetters, given.Architecture.DVocab))];
}

/// <summary>A model that was read.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Given">The trained model, and what it is measured on.</param>
/// <param name="Checkpoints">Its snapshots, itself last.</param>
internal sealed record FoundModel(string Path, GivenModel Given, IReadOnlyList<Checkpoint> Checkpoints);
