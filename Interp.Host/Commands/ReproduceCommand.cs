using Interp.Host.Explorer;
using Interp.Host.Json;
using Interp.Host.Report;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Results;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp reproduce</c>: the whole study, from random weights to the report.</summary>
internal static class ReproduceCommand
{
    /// <summary>Sequences that the page's loss is over, as one pokes its models.</summary>
    private const int LiveTexts = 200;

    public static void Run(World world, ReproduceOptions options, CancellationToken interruption)
    {
        var started = world.Clock.GetTimestamp();
        var startedAt = world.Clock.GetLocalNow();
        var terminal = world.Terminal(options.Json);
        var threads = world.Threads(options.Threads);
        var models = options.Configurations.Select(model => (Name: model.Item1, Configuration: model.Item2)).ToArray();
        var first = models[0].Configuration;

        // A model a core is the most work a core; with cores to spare they share one model after the other.
        var (atOnce, each) = threads <= models.Length ? (threads, 1) : (1, threads);
        world.RequireMemory(
            Memory.times(atOnce, models.Max(model => Math.Max(
                Memory.ofTraining(each, model.Configuration, Tasks.ofForm(model.Configuration.Task)),
                Memory.ofMeasurements(each, model.Configuration.Architecture, Tasks.ofForm(model.Configuration.Task), SurveyModule.reference.Sequences)))),
            "the reproduction");
        if (options.Out is { Value: var place })
        {
            RequireSame(world.Disk, place, models);
        }

        using var run = StagedDirectory.Create(world.Disk, options.Out?.Value ?? StagedDirectory.Free(world.Disk, $"reproduce-seed{first.Seed}"));

        var done = TrainingDisplay.Train(
            terminal.Progress,
            // The longest first, so that no core waits for it alone in the end.
            [.. models.OrderByDescending(model => model.Configuration.Architecture.NLayers).Select(model => Job(world, terminal, model.Name, model.Configuration, each))],
            atOnce,
            interruption);
        var inOrder = models.Select(model => done.First(one => one.Results.Name == model.Name)).ToArray();
        var results = inOrder.Zip(ModelResults.Together([.. inOrder.Select(one => one.Results)]), (one, together) => (one.Weights, Results: together, one.Live)).ToArray();
        var timings = terminal.Progress.Status().Start("drawing and writing the report", _ =>
        {
            interruption.ThrowIfCancellationRequested();
            var (files, timings) = Files(world.Clock, models, [.. results.Select(one => one.Weights)], [.. results.Select(one => one.Live)], new Reproduction
            {
                Run = new()
                {
                    Version = Product.Version,
                    Command = $"interp reproduce{options.Choice} --seed {first.Seed} --steps {first.Steps}",
                    Seed = first.Seed,
                    Steps = first.Steps,
                    Threads = threads,
                    Started = startedAt,
                    Seconds = world.Clock.GetElapsedTime(started).TotalSeconds,
                },
                Models = [.. results.Select(one => one.Results)],
            });
            interruption.ThrowIfCancellationRequested();
            run.Publish(files);
            return timings;
        });
        var report = Path.Combine(run.Place, ReportWriter.Report);

        foreach (var model in results)
        {
            ReproductionTables.Show(terminal.People, model.Results);
        }

        terminal.Result(
            () => new()
            {
                ["models"] = Values.List(results, model => ReproductionJson.Short(model.Results, Path.Combine(run.Place, model.Results.Checkpoint))),
                ["report"] = report,
                ["timings"] = ReproductionJson.Of(timings),
            },
            console => Terminal.Line(console, $"Report: {report} ({Words.Whole(world.Clock.GetElapsedTime(started).TotalSeconds)} s in all)"));
    }

    private static TrainingJob<(Model<Tensor> Weights, ModelResults Results, ExploredModel Live)> Job(World world, Terminal terminal, string name, Configuration configuration, int threads) =>
        new(name, configuration.Steps, (bar, stop) =>
        {
            var task = Tasks.ofForm(configuration.Task);
            var outcome = TrainingRun.Run(world.Clock, configuration, task, threads, TrainingStart.Of(configuration), null, bar.Show, stop);
            bar.Say("taking it apart");
            var results = ModelAnalysis.Of(world.Clock, name, configuration, threads, outcome);
            var checkpoint = CheckpointModule.ofRun(configuration, configuration.Steps, outcome.Weights, null);
            var analysed = world.Clock.GetTimestamp();
            var live = new Exploring(world, terminal, threads, new(LiveTexts, SurveyModule.reference.Seed)).Explore(
                name,
                // The page's commands are typed in the run's directory.
                new(results.Checkpoint, new(checkpoint, task), [checkpoint]),
                [],
                (_, _) => { },
                stop,
                ExploredNulls.Of(results.Circuits, results.Composition?.Scores ?? []));
            var timings = results.Timings with { LiveSeconds = world.Clock.GetElapsedTime(analysed).TotalSeconds };
            return (outcome.Weights, results with { Timings = timings }, live);
        });

    /// <summary>Refuses a directory that holds something else, or this made under another arithmetic: its files would be replaced one by one.</summary>
    private static void RequireSame(IDisk disk, string place, IReadOnlyList<(string Name, Configuration Configuration)> models)
    {
        var file = Path.Combine(place, ConfigurationFile.Name);
        if (!disk.FileExists(file))
        {
            return;
        }

        var found = ConfigurationFile.ParseAll(file, ConfigurationFile.Content(disk, file));
        if (!found.Select(model => model.Name).SequenceEqual(models.Select(model => model.Name)))
        {
            throw new BadInputException(
                $"--out {place}: holds a different run, of {(found.Count == 0 ? "one model" : string.Join(", ", found.Select(model => Quote.text(model.Name))))}, not {string.Join(", ", models.Select(model => model.Name))}.");
        }

        foreach (var (was, asked) in found.Zip(models))
        {
            if (ConfigurationFile.Differences(was.Configuration.Configuration, asked.Configuration) is { Count: > 0 } differences)
            {
                throw new BadInputException($"--out {place}: holds a different run: of {asked.Name} {string.Join(", ", differences)}.");
            }

            if (ArithmeticRevision.problem(was.Configuration.Revision) is { Value: var problem })
            {
                throw new BadInputException($"--out {place}: holds a finished reproduction: {problem}; it stays as it is, so name another directory.");
            }
        }
    }

    /// <summary>Every file of the run: its name in the run's directory, and its bytes.</summary>
    private static (IReadOnlyList<(string Name, byte[] Bytes)> Files, ReportTimings Timings) Files(
        TimeProvider clock, IReadOnlyList<(string Name, Configuration Configuration)> models, IReadOnlyList<Model<Tensor>> weights, IReadOnlyList<ExploredModel> live, Reproduction reproduction)
    {
        var (files, timings) = ReportWriter.Files(clock, reproduction, live);
        return (
            [
                .. models.Zip(weights, (model, trained) => (ModelAnalysis.CheckpointName(model.Name), RunFiles.Model(model.Configuration, model.Configuration.Steps, trained, null))),
                (ConfigurationFile.Name, ConfigurationFile.Bytes(models)),
                .. files,
            ],
            timings);
    }
}
