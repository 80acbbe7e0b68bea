using System.Text;
using System.Text.Json.Nodes;
using Interp.Host.Explorer;
using Interp.Host.Json;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp explore</c>: models as one page to be played with.</summary>
internal static class ExploreCommand
{
    public static void Run(World world, ExploreOptions options, CancellationToken interruption)
    {
        AtomicFile.RequireFolder(world.Disk, options.Out);
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        var exploring = new Exploring(world, terminal, threads, options.Reference);
        var found = options.Models.Select(path => exploring.Find(path, options.Task)).ToArray();
        Exploring.RequireSize(found);
        var asked = options.Explanations.Select(given => (Text: given.Item1, Explanation: given.Item2)).ToArray();
        Explaining.Checked(() =>
        {
            Exploring.RequireFit(found, asked.Select(each => each.Explanation));
            return true;
        });
        foreach (var model in found)
        {
            world.RequireMemory(
                Memory.ofPage(threads, model.Given.Architecture, model.Given.Task, options.Reference.Sequences, model.Checkpoints.Count), $"the page of {model.Path}");
        }

        var names = Exploring.Names([.. options.Models]);
        var models = terminal.Progressing("exploring", show => found.Select((model, index) =>
            exploring.Explore(names[index], model, asked, (what, share) => show(what, (index + share) / found.Length), interruption)).ToArray());
        interruption.ThrowIfCancellationRequested();
        var page = Encoding.UTF8.GetBytes(ExplorerPage.Of(models));
        AtomicFile.WriteResult(world.Disk, options.Out, page);
        terminal.Result(
            () => new JsonObject
            {
                ["page"] = options.Out,
                ["bytes"] = page.Length,
                ["models"] = Values.List(models, model => new JsonObject
                {
                    ["name"] = model.Name,
                    ["path"] = model.Path,
                    ["snapshots"] = model.Snapshots.Count,
                    ["explanations"] = Values.Texts(model.Explanations.Select(each => each.Text)),
                    ["loss"] = Values.Number(model.Snapshots[^1].Loss),
                }),
            },
            console => Show(console, options.Out, page.Length, models));
        if (options.Open && world.Browser(options.Out) is { } problem)
        {
            Terminal.Line(terminal.Progress, $"interp: the page is written but not shown: {problem}; open {Shell.Quoted(options.Out)} in a browser.");
        }
    }

    private static void Show(IAnsiConsole console, string page, int bytes, ExploredModel[] models)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("model", "snapshots", "explanations to switch to", "loss on the page's texts");
        foreach (var model in models)
        {
            table.AddRow(
                Names.Markup(model.Name),
                Words.Count(model.Snapshots.Count),
                Words.Count(model.Explanations.Count),
                model.Snapshots[^1].Loss is { } loss ? Words.Nats(loss) : "its task is not known");
        }

        console.Write(table);
        Terminal.Line(console, $"{page} ({Words.Count(bytes)} bytes): open it in any browser; it needs no network.");
    }
}
