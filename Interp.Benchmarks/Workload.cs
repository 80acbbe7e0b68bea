using System.Diagnostics;
using Microsoft.FSharp.Collections;

namespace Interp.Benchmarks;

/// <summary>A training step of Interp, ready to be timed.</summary>
internal sealed class Workload
{
    private const double RoundMilliseconds = 60;

    private readonly Action<int> _take;
    private int _steps = 1;

    private Workload(Action<int> take)
    {
        _take = take;
        // Until the JIT has settled; then as many steps a round as fill it.
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm).TotalSeconds < 1.5)
        {
            Round();
        }

        _steps = Math.Max(1, (int)(RoundMilliseconds / Round()));
    }

    public static Workload Of<TModel>(Objective<TModel> objective, int threads)
    {
        var trainer = Training.compile(threads, objective);
        var state = Training.start(objective);
        return new(steps => state = Training.advance(trainer, steps, state).State);
    }

    public static Workload Of(Configuration configuration, int threads) =>
        Of(Recipe.objective(configuration, Tasks.ofForm(configuration.Task)), threads);

    /// <summary>The study's plain model with some whole numbers changed; what follows from them follows.</summary>
    public static Configuration Study(params (Field Field, int Value)[] changed) =>
        FieldModule.set(ListModule.OfSeq(changed.Select(field => Tuple.Create(field.Field, FieldValue.NewWhole(field.Value)))), ConfigurationModule.study);

    /// <summary>Milliseconds a step, over one round of steps.</summary>
    public double Round()
    {
        var start = Stopwatch.GetTimestamp();
        _take(_steps);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / _steps;
    }

    /// <summary>Bytes allocated a step and collections of generations 1 and 2, over a thousand steps.</summary>
    public (double BytesPerStep, int Collections) Allocation()
    {
        const int steps = 1000;
        var collections = GC.CollectionCount(1);
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        _take(steps);
        return ((GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)steps, GC.CollectionCount(1) - collections);
    }
}
