using Interp.Host.Figures;
using Interp.Host.Files;
using Interp.Host.Results;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary><c>interp ablate</c>: the loss without each head.</summary>
internal static class AblateCommand
{
    /// <summary>Sequences behind the first-order estimate, which is a mean over them like the loss, at a gradient's cost.</summary>
    private const int MostGradientSequences = 4_000;

    public static void Run(World world, AblateOptions options)
    {
        var checkpoint = ModelFile.Load(world.Disk, options.Model);
        var terminal = world.Terminal(options.Json);
        var results = terminal.Busy("ablating heads", () => Of(
            world.Threads(options.Threads), checkpoint.Task, checkpoint.Weights, options.Mode, options.Reference, options.Pairs));
        var pictures = PictureFiles.Write(world.Disk, options.Out, () => ApartFigures.Ablation("ablation", "Loss without a head", results));
        terminal.Result(
            () => new AblationJson(results.Mode, results.Baseline, results.Heads, results.Pairs, pictures),
            OutputJson.Default.AblationJson,
            console =>
            {
                console.Write(Table(results));
                if (results.Pairs is { } pairs)
                {
                    console.Write(PairTable(results, pairs));
                }

                PictureFiles.Show(console, pictures);
            });
    }

    public static AblationResults Of(
        int threads, Task task, Model<Tensor> weights, AblationMode mode, Reference reference, bool pairs) => Results(
            threads, task, weights, mode, reference,
            Experiments.loss(threads, task, weights, ListModule.Empty<Intervention>(), reference),
            Experiments.ablateHeads(threads, task, weights, mode, reference),
            pairs);

    /// <summary>The same with the whole model's loss and the losses without each head, which were measured already.</summary>
    public static AblationResults Results(
        int threads, Task task, Model<Tensor> weights, AblationMode mode, Reference reference, double baseline, FSharpList<Ablation> heads, bool pairs)
    {
        var estimates = mode.IsZeroMode
            ? Attribution
                .gradientTimesActivation(threads, weights, Sequences.heldOut(task, new(Math.Min(MostGradientSequences, reference.Sequences), reference.Seed)))
                .Select(estimate => (double?)(baseline + estimate.Item2))
            : heads.Select(_ => (double?)null);
        return new()
        {
            Mode = Name(mode),
            Sequences = reference.Sequences,
            Seed = reference.Seed,
            Baseline = baseline,
            Heads = [.. heads.Zip(estimates, (ablation, estimate) => new HeadLoss
            {
                Layer = ablation.Heads.Head.Layer,
                Head = ablation.Heads.Head.Head,
                Loss = ablation.Loss,
                FirstOrder = estimate,
            })],
            Pairs = pairs
                ? [.. Experiments.ablatePairs(threads, task, weights, mode, reference).Select(pair => new PairLoss([.. pair.Heads.Select(HeadPlace.Of)], pair.Loss))]
                : null,
        };
    }

    public static Table Table(AblationResults results)
    {
        var estimated = results.Heads.Any(head => head.FirstOrder is not null);
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title($"loss without a head ({results.Mode} ablation), nats a letter; whole model {Words.Nats(results.Baseline)}")
            .AddColumns("head", "loss", "more than whole");
        if (estimated)
        {
            table.AddColumn("loss to first order (gradient x activation)");
        }

        foreach (var head in results.Heads)
        {
            string[] cells = [$"{head.Layer}.{head.Head}", Words.Nats(head.Loss), Words.Nats(head.Loss - results.Baseline)];
            table.AddRow(head.FirstOrder is { } estimate ? [.. cells, Words.Nats(estimate)] : cells);
        }

        return table;
    }

    private static string Name(AblationMode mode) => mode.IsZeroMode ? "zero" : mode.IsMeanMode ? "mean" : "resample";

    private static Table PairTable(AblationResults results, IReadOnlyList<PairLoss> pairs)
    {
        var table = new Table()
            .Border(TableBorder.Rounded)
            .Title("loss without two heads; beside it what the two would cost if their losses added")
            .AddColumns("heads", "loss", "if they added");
        foreach (var pair in pairs)
        {
            var added = results.Baseline + pair.Heads.Sum(place => results.Heads.First(head => head.Layer == place.Layer && head.Head == place.Head).Loss - results.Baseline);
            table.AddRow(string.Join(" and ", pair.Heads), Words.Nats(pair.Loss), Words.Nats(added));
        }

        return table;
    }
}
