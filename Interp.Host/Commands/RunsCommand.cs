using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp runs</c>: what run directories there are, and how they stand.</summary>
internal static class RunsCommand
{
    public static void Run(World world, RunsOptions options)
    {
        if (!world.Disk.DirectoryExists(options.Directory))
        {
            throw new BadInputException($"{options.Directory}: there is no such directory.");
        }

        var runs = Places(world.Disk, options.Directory).Select(place => RunSummary.Read(world.Disk, place)).ToArray();
        world.Terminal(options.Json).Result(
            () => new() { ["runs"] = Values.List(runs, Json) },
            console => Show(console, options.Directory, runs));
    }

    private static IEnumerable<string> Places(IDisk disk, string directory) => RunSummary.IsRun(disk, directory)
        ? [directory]
        : disk.Directories(directory).Where(place => RunSummary.IsRun(disk, place));

    private static JsonObject Json(RunSummary run) => new()
    {
        ["run"] = run.Place,
        ["what"] = run.What,
        ["started"] = run.History.Started,
        ["step"] = run.Configuration is null ? null : run.Step,
        ["steps"] = run.Configuration?.Steps,
        ["loss"] = Values.Number(run.Loss),
        ["held_out_loss"] = Values.Number(run.HeldOutLoss),
        ["state"] = run.State,
        ["problem"] = run.Problem,
    };

    private static void Show(IAnsiConsole console, string directory, RunSummary[] runs)
    {
        if (runs.Length == 0)
        {
            Terminal.Line(console, $"There are no runs in {directory}.");
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("run", "what", "started", "steps", "loss", "held out", "state");
        foreach (var run in runs)
        {
            table.AddRow(
                Names.Markup(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run.Place)))),
                Names.Markup(run.What ?? ""),
                run.History.Started is { } started ? $"{started.ToLocalTime():yyyy-MM-dd HH:mm}" : "",
                run.Configuration is null ? "" : $"{Words.Count(run.Step)} of {Words.Count(run.Configuration.Steps)}",
                run.Loss is { } loss ? Words.Nats(loss) : "",
                run.HeldOutLoss is { } heldOut ? Words.Nats(heldOut) : "",
                run.State);
        }

        console.Write(table);
        foreach (var run in runs.Where(run => run.Problem is not null))
        {
            Terminal.Line(console, run.Problem!);
        }
    }
}
