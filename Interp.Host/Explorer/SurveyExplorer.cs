using System.Globalization;
using System.Text;
using Interp.Host.Surveys;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Given;
using Interp.Runs.Surroundings;

namespace Interp.Host.Explorer;

/// <summary>Live pages of a study's trainings.</summary>
/// <param name="Files">The pages: their names in the study's directory, and their bytes.</param>
/// <param name="Links">Where each training is shown, by its number: a page of these and a fragment.</param>
internal sealed record SurveyLivePages(IReadOnlyList<(string Name, byte[] Bytes)> Files, IReadOnlyDictionary<int, string> Links)
{
    public static SurveyLivePages None { get; } = new([], new Dictionary<int, string>());
}

/// <summary>The trainings of a study whose weights were kept, to be played with: one page for all of them, as its scripts are larger than several models.</summary>
internal static class SurveyExplorer
{
    /// <summary>Bytes of weights in one page, unless a single model has more: a page of three times as many opens in about a second.</summary>
    private const long MostBytes = 2_000_000;

    /// <summary>Trainings that are shown, of all kinds together: each takes a tenth to a fifth of a second of a core, and up to a tenth of a megabyte until all is written.</summary>
    private const int MostTrainings = 1000;

    /// <summary>Sequences that a page's loss is over.</summary>
    private const int Texts = 200;

    /// <summary>The pages; none where the study keeps no weights.</summary>
    /// <param name="world">Where the study is.</param>
    /// <param name="terminal">Where it is said how far the work is.</param>
    /// <param name="directory">The study.</param>
    /// <param name="report">The name of the study's own page.</param>
    /// <param name="interruption">Looked at between models.</param>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static SurveyLivePages Pages(World world, Terminal terminal, SurveyDirectory directory, string report, CancellationToken interruption)
    {
        if (!directory.Stored.KeepsWeights)
        {
            return SurveyLivePages.None;
        }

        var plan = Plan(directory.Survey);
        var results = directory.Results.ToDictionary(result => result.Item.Index);
        var all = plan.Sum(page => page.Items.Count(results.ContainsKey));
        if (all == 0)
        {
            return SurveyLivePages.None;
        }

        var atOnce = AtOnce(world, directory);
        return terminal.Progressing("exploring", show =>
        {
            // One thread a model, and several models at once.
            var exploring = new Exploring(world, terminal, 1, new(Texts, SurveyModule.reference.Seed)) { TellingAlone = true };
            var files = new List<(string, byte[])>();
            var links = new Dictionary<int, string>();
            var done = 0;
            foreach (var (name, items) in plan)
            {
                var found = items.Where(results.ContainsKey)
                    .AsParallel().AsOrdered().WithDegreeOfParallelism(atOnce).WithCancellation(interruption)
                    .Select(index => (Index: index, Model: Explored(exploring, directory, results[index], Say, interruption)))
                    .ToArray()
                    .Where(each => each.Model is not null)
                    .Select(each => (each.Index, Model: each.Model!))
                    .ToArray();
                if (found.Length == 0)
                {
                    continue;
                }

                var models = Distinct(found);
                files.Add((name, Encoding.UTF8.GetBytes(ExplorerPage.OfTrainings(report, models))));
                foreach (var (each, model) in found.Zip(models))
                {
                    links[each.Index] = $"{name}#model={Uri.EscapeDataString(model.Name)}";
                }
            }

            return new SurveyLivePages(files, links);

            void Say(string what)
            {
                lock (links)
                {
                    show(what, (double)done++ / all);
                }
            }
        });
    }

    /// <summary>
    /// The pages by what was planned, so that a page has its name whatever is done by now: each with its items. Where there are several, a page is
    /// called by its first item. Models that are too large for any page have none.
    /// </summary>
    internal static IReadOnlyList<(string Name, IReadOnlyList<int> Items)> Plan(Survey survey)
    {
        var kinds = SurveyModule.items(survey).Chunk(survey.Seeds).Select(kind => (Items: kind, Bytes: Bytes(kind[0]))).Where(kind => kind.Bytes <= Exploring.MostBytes).ToArray();
        var pages = new List<List<int>>();
        var room = 0L;
        foreach (var (items, bytes) in kinds)
        {
            foreach (var item in items.Take(Math.Max(1, MostTrainings / kinds.Length)))
            {
                if (bytes > room)
                {
                    pages.Add([]);
                    room = MostBytes;
                }

                pages[^1].Add(item.Index);
                room -= bytes;
            }
        }

        return [.. pages.Select(page => (
            pages.Count == 1 ? "explore.html" : $"explore-{page[0].ToString("000000", CultureInfo.InvariantCulture)}.html",
            (IReadOnlyList<int>)page))];
    }

    private static long Bytes(SurveyItem item) =>
        sizeof(float) * ModelModule.leaves(ModelModule.shapes(item.Configuration.Architecture)).Sum(shape => (long)ShapeModule.size(shape));

    /// <summary>Models at a time, for which there is memory; one where its text is gone, so that nobody knows.</summary>
    private static int AtOnce(World world, SurveyDirectory directory)
    {
        try
        {
            var most = directory.Items.Chunk(directory.Survey.Seeds)
                .Max(kind => Memory.ofPage(1, kind[0].Configuration.Architecture, TaskFile.Of(world.Disk, kind[0].Configuration.Task), Texts, 1));
            return (int)Math.Clamp(world.Memory / Math.Max(1, most), 1, world.Threads(null));
        }
        catch (Exception refused) when (refused is RefusedException or BadInputException)
        {
            return 1;
        }
    }

    /// <summary>A training as a page shows it; null where its weights are gone, or it cannot be shown, which is said: the study's page is written all the same.</summary>
    private static ExploredModel? Explored(Exploring exploring, SurveyDirectory directory, SurveyResult result, Action<string> say, CancellationToken interruption)
    {
        interruption.ThrowIfCancellationRequested();
        var name = $"{new Group(result.Item.Variant, result.Item.Setting)}, seed {result.Item.Configuration.Seed}";
        say(name);
        if (directory.KeptWeights(result) is not { } path)
        {
            return null;
        }

        try
        {
            var checkpoint = ModelFile.Load(exploring.World.Disk, path);
            var given = GivenModel.Of(exploring.World, exploring.Terminal, checkpoint, null);
            // The page's commands are typed in the study's directory.
            return exploring.Explore(name, new(Path.GetRelativePath(directory.PathOf(string.Empty), path), given, [checkpoint]), [], (_, _) => { }, interruption);
        }
        catch (Exception refused) when (refused is RefusedException or BadInputException)
        {
            Terminal.Line(exploring.Terminal.Progress, $"interp: there is no live page of {name}: {refused.Message}");
            return null;
        }
    }

    /// <summary>A sweep may say what a variant's name does, so that two kinds have one name: then the item's number stands behind it.</summary>
    private static IReadOnlyList<ExploredModel> Distinct((int Index, ExploredModel Model)[] found)
    {
        var many = found.CountBy(each => each.Model.Name).Where(name => name.Value > 1).Select(name => name.Key).ToHashSet(StringComparer.Ordinal);
        return [.. found.Select(each => many.Contains(each.Model.Name) ? each.Model with { Name = $"{each.Model.Name} (item {each.Index})" } : each.Model)];
    }
}
