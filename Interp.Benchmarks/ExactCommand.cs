using System.Diagnostics;
using Microsoft.FSharp.Collections;

namespace Interp.Benchmarks;

/// <summary>What `interp evaluate --exact` computes, timed on the first inputs.</summary>
internal static class ExactCommand
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(6);

    public static int Run(string file, int threads)
    {
        var read = CheckpointModule.ofBytes(file, File.ReadAllBytes(file));
        if (read.IsError)
        {
            Console.Error.WriteLine(CheckpointErrorModule.describe(read.ErrorValue));
            return 2;
        }

        var exhaustive = ExhaustiveModule.ofModel(threads, Tasks.study, new(null, 0), read.ResultValue.Weights, FSharpList<Intervention>.Empty);
        var state = ExhaustiveModule.advance(exhaustive, ExhaustiveModule.start(exhaustive));
        var first = state.Done;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Long)
        {
            state = ExhaustiveModule.advance(exhaustive, state);
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var inputs = state.Done - first;
        var results = ExhaustiveModule.results(exhaustive, state);
        Console.WriteLine($"{threads} threads: {inputs / seconds / 1e6:0.000} million inputs a second, {1e6 * seconds * threads / inputs:0.000} us an input and thread; all of them in {results.All * seconds / inputs:0} s");
        Console.WriteLine($"loss {results.Loss:R}, completed {results.Whole.Exact} of {results.Whole.Count}, undecided {results.Undecided}, least margin {results.LeastMargin?.Value:R}, accuracy {results.Accuracy}");
        return 0;
    }
}
