using System.Diagnostics;

namespace Interp.Benchmarks;

/// <summary>What `interp evaluate` computes, timed in a process that has just begun and in one that runs warm.</summary>
internal static class EvaluateCommand
{
    private const int Sequences = 20_000;
    private const int Rounds = 20;

    public static int Run(int threads)
    {
        var configuration = ConfigurationModule.study;
        var weights = Recipe.start(configuration).Weights;
        double Round()
        {
            var start = Stopwatch.GetTimestamp();
            Behaviour.evaluate(threads, Tasks.ofForm(configuration.Task), weights, new(Sequences, configuration.Seed));
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var first = Round();
        var warm = new Sample();
        warm.Add(Enumerable.Range(0, Rounds).Select(_ => Round()));
        Console.WriteLine($"{Sequences} held-out sequences and 2000 completed prompts, {threads} threads, ms: first {first:0}, then min {warm.Min:0}, median {warm.Median:0} of {Rounds}");
        return 0;
    }
}
