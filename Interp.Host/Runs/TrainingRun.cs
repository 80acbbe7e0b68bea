using System.Diagnostics;
using Interp.Host.Results;

namespace Interp.Host.Runs;

/// <summary>How training stands.</summary>
internal readonly record struct TrainingProgress(int Step, int Steps, double Loss, double StepsPerSecond);

/// <summary>A trained model and how its training went.</summary>
internal sealed record TrainingOutcome
{
    public required Model<Tensor> Weights { get; init; }

    /// <summary>The loss of every step's batch, before the step, nats a letter.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>Held-out losses on the way; the last is of the trained model, on more sequences.</summary>
    public required IReadOnlyList<HeldOutLoss> HeldOut { get; init; }

    /// <summary>Wall-clock seconds spent on training steps alone.</summary>
    public required double Seconds { get; init; }

    /// <summary>Milliseconds a step of the quickest stretch of steps.</summary>
    public required double QuickestStep { get; init; }

    /// <summary>Milliseconds a step of the median stretch of steps.</summary>
    public required double MedianStep { get; init; }

    public double Loss => Losses[^1];

    public double FinalHeldOutLoss => HeldOut[^1].Loss;
}

/// <summary>The loop around the core's pure steps: it looks at the clock, reports, and stops when asked to.</summary>
internal static class TrainingRun
{
    /// <summary>Sequences for the held-out loss of a trained model of the study's shape.</summary>
    public const int FinalSequences = 20_000;

    /// <summary>No fewer for a longer context, where the same number of letters would be fewer sequences.</summary>
    private const int FewestFinalSequences = 1_000;

    /// <summary>Held-out losses taken on the way, at most; each costs about two steps, so they are at least ten steps apart.</summary>
    private const int CurvePoints = 40;

    private const int LeastCurveInterval = 10;

    /// <summary>A held-out loss on the way is over this many batches' worth of sequences, and no more than <see cref="MostCurveSequences"/>.</summary>
    private const int CurveBatches = 4;

    private const int MostCurveSequences = 1_000;

    /// <summary>A stretch of steps between two looks at the clock lasts about this long, so that progress moves and Ctrl-C is heard.</summary>
    private static readonly TimeSpan Stretch = TimeSpan.FromMilliseconds(100);

    private const int LongestStretch = 100;

    /// <summary>Trains a model from its configuration; how the steps are cut into stretches does not change it.</summary>
    public static TrainingOutcome Run(
        Configuration configuration, int threads, Action<TrainingProgress> report, CancellationToken interruption)
    {
        var trainer = Training.compile(threads, configuration);
        var state = Training.start(configuration);
        var losses = new List<double>(configuration.Steps);
        var heldOut = new List<HeldOutLoss>();
        var stretches = new List<double>();
        var spent = TimeSpan.Zero;
        var curveInterval = Math.Max(LeastCurveInterval, configuration.Steps / CurvePoints);
        var curveSequences = Math.Min(MostCurveSequences, CurveBatches * configuration.Batch);
        var letters = (long)FinalSequences * ConfigurationModule.study.Length;
        var finalSequences = (int)Math.Clamp(letters / configuration.Length, FewestFinalSequences, FinalSequences);
        var stretch = 1;
        while (state.Step < configuration.Steps)
        {
            interruption.ThrowIfCancellationRequested();
            var untilCurve = curveInterval - (state.Step % curveInterval);
            var steps = Math.Min(stretch, Math.Min(untilCurve, configuration.Steps - state.Step));
            var started = Stopwatch.GetTimestamp();
            var advance = Training.advance(trainer, steps, state);
            var elapsed = Stopwatch.GetElapsedTime(started);
            spent += elapsed;
            stretches.Add(elapsed.TotalMilliseconds / steps);
            state = advance.State;
            foreach (var loss in advance.Losses)
            {
                losses.Add(loss);
                RequireFinite(loss, losses.Count);
            }

            if (state.Step % curveInterval == 0 && state.Step < configuration.Steps)
            {
                heldOut.Add(new(state.Step, HeldOut(configuration, threads, state.Weights, curveSequences)));
            }

            // Twice as many at most: the first steps are slow, as everything is compiled in them.
            stretch = Math.Clamp((int)(steps * (Stretch / elapsed)), 1, Math.Min(LongestStretch, 2 * Math.Max(steps, stretch)));
            report(new(state.Step, configuration.Steps, losses.TakeLast(steps).Average(), state.Step / spent.TotalSeconds));
        }

        heldOut.Add(new(state.Step, HeldOut(configuration, threads, state.Weights, finalSequences)));
        RequireFinite(heldOut[^1].Loss, state.Step);
        stretches.Sort();
        return new()
        {
            Weights = state.Weights,
            Losses = losses,
            HeldOut = heldOut,
            Seconds = spent.TotalSeconds,
            QuickestStep = stretches[0],
            MedianStep = stretches[stretches.Count / 2],
        };
    }

    private static double HeldOut(Configuration configuration, int threads, Model<Tensor> weights, int sequences) =>
        Training.heldOutLoss(threads, configuration, weights, sequences, configuration.Seed);

    private static void RequireFinite(double loss, int step)
    {
        if (!double.IsFinite(loss))
        {
            throw new FailedException($"training diverged: the loss of step {step} is {loss}; try a smaller --learning-rate.");
        }
    }
}
