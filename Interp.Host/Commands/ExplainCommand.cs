using Interp.Host.Drawn;
using Interp.Host.Json;
using Interp.Pictures;
using Interp.Runs.Directories;
using Interp.Runs.Surroundings;

namespace Interp.Host.Commands;

/// <summary><c>interp explain</c>: what explanations predict, and how far that is from what the model does.</summary>
internal static class ExplainCommand
{
    public static void Run(World world, ExplainOptions options, CancellationToken interruption)
    {
        var files = PictureFiles.Of(world.Disk, options.Pictures);
        var terminal = world.Terminal(options.Json);
        var model = GivenModel.Load(world, terminal, options.Model, options.Task);
        var threads = world.Threads(options.Threads);
        var asked = options.Explanations.Select(given => (Text: given.Item1, Explanation: given.Item2)).ToArray();
        foreach (var (_, explanation) in asked)
        {
            Explaining.Checked(() => PartsModule.expand(model.Architecture, explanation));
        }

        world.RequireMemory(Memory.ofExplanations(threads, model.Architecture, model.Task, options.Reference.Sequences), "the explanations");
        var explained = new ExplainedModel(threads, model.Task, model.Architecture, model.Weights, model.Checkpoint.Seed, options.Reference);
        var results = terminal.Progressing("explanations", show => asked.Length > 0
            ? explained.Judge(asked, show, interruption)
            : explained.JudgeAll(show, interruption));
        var pictures = files.Write(() => ExplanationFigures.Of("explain", results));
        terminal.Result(
            () => ExplanationJson.Of(results).With(Values.Pictures(pictures)),
            console =>
            {
                if (asked.Length == 0 && results.Told.Count == 0)
                {
                    Terminal.Line(console, "The study's author has explained no model of this kind, so there are single forms and the ladder alone.");
                }

                ExplanationTables.Show(console, results);
                PictureFiles.Show(console, pictures);
            });
    }
}
