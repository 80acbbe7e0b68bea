using System.Diagnostics;
using System.Text.Json;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Benchmarks;

/// <summary>One size of a series.</summary>
/// <param name="Size">How many.</param>
/// <param name="Bound">What the multiply-adds take at the machine's peak, in the series' unit.</param>
/// <param name="WithExponentials">The same with the exponentials behind it.</param>
/// <param name="Memory">What it keeps, in words.</param>
/// <param name="Prepare">Makes ready what is timed, and returns one timing of it, in the series' unit.</param>
internal sealed record GrowthPoint(int Size, double Bound, double WithExponentials, string Memory, Func<Func<double>> Prepare);

/// <summary>What is timed while one size grows.</summary>
/// <param name="Name">Of the size.</param>
/// <param name="Unit">Of the times.</param>
/// <param name="Rounds">How often each size is timed, in turn.</param>
/// <param name="Points">The sizes.</param>
internal sealed record GrowthSeries(string Name, string Unit, int Rounds, IReadOnlyList<GrowthPoint> Points)
{
    private const int StepRounds = 15;

    private const string Step = "ms a step";

    /// <summary>All series.</summary>
    /// <param name="gigaflops">A core's peak.</param>
    /// <param name="gigaexponentials">A core's exponentials a nanosecond.</param>
    public static IReadOnlyList<GrowthSeries> All(double gigaflops, double gigaexponentials)
    {
        return
        [
            Of("letters", [13, 26, 52, 104, 208, 416], letters => Workload.Study((Field.DVocab, letters))),
            Of("positions", [12, 24, 48, 96, 192, 384], positions => Workload.Study((Field.Blocks, positions / 6))),
            Of("d_model", [16, 32, 64, 128, 256, 512], width => Workload.Study((Field.DModel, width))),
            Of("heads", [1, 2, 4, 8, 16, 32], heads => Workload.Study((Field.NHeads, heads))),
            Of("layers", [1, 2, 3, 4, 6, 8], layers => Workload.Study((Field.NLayers, layers))),
            Of("batch", [16, 64, 256, 1024, 4096, 16384], batch => Workload.Study((Field.Batch, batch))),
            Seeds([1, 2, 4, 8, 16]),
            Patterns([4, 6, 8, 10, 12]),
        ];

        GrowthSeries Of(string name, int[] sizes, Func<int, Configuration> configured) => new(name, Step, StepRounds,
        [
            .. sizes.Select(size =>
            {
                var configuration = configured(size);
                var arithmetic = StepArithmetic.Of(configuration);
                return new GrowthPoint(
                    size, arithmetic.Milliseconds(gigaflops), arithmetic.Milliseconds(gigaflops, gigaexponentials), Memory(configuration), () => Workload.Of(configuration, threads: 1).Round);
            }),
        ]);

        // A study's process from its start on, measurements and all, on as many workers as there are cores.
        GrowthSeries Seeds(int[] sizes)
        {
            const int steps = 2000;
            var arithmetic = StepArithmetic.Of(ConfigurationModule.study);
            double Seconds(int trainings, double milliseconds) => trainings * steps * milliseconds / 1000 / Math.Min(trainings, Environment.ProcessorCount);
            return new("seeds", $"s a study of {steps} steps each", 2,
            [
                .. sizes.Select(size => new GrowthPoint(
                    size,
                    Seconds(size, arithmetic.Milliseconds(gigaflops)),
                    Seconds(size, arithmetic.Milliseconds(gigaflops, gigaexponentials)),
                    "",
                    () => () => Study(size, steps))),
            ]);
        }

        // Forward alone; every input of so many letters to the power of six.
        GrowthSeries Patterns(int[] letters) => new("patterns", "s of exact evaluation", 3,
        [
            .. letters.Select(count =>
            {
                var configuration = Workload.Study((Field.DVocab, count));
                var (task, weights) = (Tasks.ofForm(configuration.Task), Recipe.start(configuration).Weights);
                var exhaustive = ExhaustiveModule.ofModel(1, task, new(null, 0), weights, FSharpList<Intervention>.Empty);
                var all = (int)ExhaustiveModule.count(exhaustive);
                var arithmetic = StepArithmetic.Of(Workload.Study((Field.DVocab, count), (Field.Batch, all)));
                var forward = arithmetic with { MultiplyAdds = arithmetic.MultiplyAdds / 3 };
                return new GrowthPoint(
                    all, forward.Milliseconds(gigaflops) / 1000, forward.Milliseconds(gigaflops, gigaexponentials) / 1000, "", () => () => Seconds(exhaustive));
            }),
        ]);
    }

    private static double Seconds(Exhaustive exhaustive)
    {
        var start = Stopwatch.GetTimestamp();
        var state = ExhaustiveModule.start(exhaustive);
        while (!ExhaustiveModule.isDone(exhaustive, state))
        {
            state = ExhaustiveModule.advance(exhaustive, state);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds from a study's plan to its last training.</summary>
    private static double Study(int seeds, int steps)
    {
        var place = Directory.CreateTempSubdirectory("interp-growth-").FullName;
        try
        {
            var study = Path.Combine(place, "study");
            Programs.Interp("study", "plan", "--variants", "plain", "--seeds", $"{seeds}", "--steps", $"{steps}", "--out", study);
            var start = Stopwatch.GetTimestamp();
            Programs.Interp("study", "run", study);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>The values of sixteen sequences, which a thread has of its own; and the sums of gradients, one for each sixteen sequences, sixty-four at most.</summary>
    private static string Memory(Configuration configuration)
    {
        var shapes = ModelModule.shapes(configuration.Architecture);
        var variables = ModelModule.map(FSharpFunc<FSharpList<int>, Tensor>.FromConverter(Trace.variable), shapes);
        var outputs = TrainingStep.trace(1, Recipe.objective(configuration, Tasks.ofForm(configuration.Task)), variables);
        var layout = LayoutModule.ofOutputs(outputs, ModelModule.leaves(variables), 1, configuration.Batch);
        return $"{Bytes(layout.Places.Floats)} + {Bytes(layout.SumFloats * layout.Window)}";

        static string Bytes(long floats) => 4 * floats < 1 << 20 ? $"{4 * floats / 1024.0:0} KB" : $"{4 * floats / (1024.0 * 1024):0.0} MB";
    }
}
