using Interp.Runs.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Runs.Directories;

/// <summary>A trained model and how its training went.</summary>
internal sealed record TrainingOutcome
{
    public required Model<Tensor> Weights { get; init; }

    /// <summary>The loss of every step's batch, before the step, nats a letter; of the last steps alone where no more were asked for.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>Held-out losses on the way; the last is of the trained model, on more sequences.</summary>
    public required IReadOnlyList<HeldOutLoss> HeldOut { get; init; }

    /// <summary>Wall-clock seconds spent on training steps alone.</summary>
    public required double Seconds { get; init; }

    /// <summary>Milliseconds a step of the quickest stretch of steps; 0 where no step was left to take.</summary>
    public required double QuickestStep { get; init; }

    /// <summary>Milliseconds a step of the median stretch of steps; 0 where no step was left to take.</summary>
    public required double MedianStep { get; init; }

    public double Loss => Losses[^1];

    public double FinalHeldOutLoss => HeldOut[^1].Loss;
}

/// <summary>Where training begins: a state, and what was measured on the way to it.</summary>
internal sealed record TrainingStart(TrainingState<Model<Tensor>> State, IReadOnlyList<double> Losses, IReadOnlyList<HeldOutLoss> HeldOut)
{
    /// <summary>Before the first step.</summary>
    public static TrainingStart Of(Configuration configuration) => new(Recipe.start(configuration), [], []);
}

/// <summary>Keeps what training comes to.</summary>
internal interface ITrainingKeeper
{
    /// <summary>At most this many steps from here on before the next call of <see cref="Keep"/>.</summary>
    int StepsUntilDue(int step);

    /// <summary>
    /// Takes the state after some steps, whose weights and moments are all finite, with the losses of those steps and the
    /// held-out loss after them where it was taken.
    /// </summary>
    void Keep(TrainingState<Model<Tensor>> state, IReadOnlyList<double> losses, HeldOutLoss? heldOut);
}

/// <summary>The training of the built-in model: its loop, and the held-out losses on the way.</summary>
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

    /// <summary>Trains a model from its configuration; how the steps are cut into stretches does not change it.</summary>
    /// <param name="clock">What times the steps.</param>
    /// <param name="configuration">What is trained.</param>
    /// <param name="task">What it is trained on.</param>
    /// <param name="threads">Threads that share a batch.</param>
    /// <param name="start">Where training begins.</param>
    /// <param name="keeper">What keeps the states on the way; null for nothing.</param>
    /// <param name="report">Told how training stands.</param>
    /// <param name="interruption">Stops training.</param>
    /// <param name="everyLoss">Whether the losses of all steps are asked for, or only the last ones.</param>
    /// <exception cref="DivergedException">A loss, a weight or a moment is not finite; nothing of it was given to the keeper.</exception>
    public static TrainingOutcome Run(
        TimeProvider clock,
        Configuration configuration,
        Task task,
        int threads,
        TrainingStart start,
        ITrainingKeeper? keeper,
        Action<TrainingProgress> report,
        CancellationToken interruption,
        bool everyLoss = true)
    {
        var trainer = Training.compile(threads, Recipe.objective(configuration, task));
        var losses = start.Losses.ToList();
        var heldOut = start.HeldOut.ToList();
        var curveInterval = Math.Max(LeastCurveInterval, configuration.Steps / CurvePoints);
        var curveSequences = Math.Min(MostCurveSequences, CurveBatches * configuration.Batch);
        var letters = (long)FinalSequences * Tasks.study.Length;
        var finalSequences = (int)Math.Clamp(letters / task.Length, FewestFinalSequences, FinalSequences);
        var (state, stretches, spent) = TrainingLoop.Run(clock, trainer, start.State, configuration.Steps, UntilDue, Keep, report, interruption);
        heldOut.Add(new(state.Step, HeldOut(configuration.Seed, task, threads, state.Weights, finalSequences)));
        if (!double.IsFinite(heldOut[^1].Loss))
        {
            throw new DivergedException(state.Step, $"the held-out loss is {heldOut[^1].Loss}");
        }

        interruption.ThrowIfCancellationRequested();
        return new()
        {
            Weights = state.Weights,
            Losses = losses,
            HeldOut = heldOut,
            Seconds = spent.TotalSeconds,
            QuickestStep = stretches.ElementAtOrDefault(0),
            MedianStep = stretches.ElementAtOrDefault(stretches.Count / 2),
        };

        int UntilDue(int step) => Math.Min(curveInterval - (step % curveInterval), keeper?.StepsUntilDue(step) ?? int.MaxValue);

        void Keep(Advance<Model<Tensor>> advance)
        {
            var reached = advance.State;
            if (!everyLoss)
            {
                losses.Clear();
            }

            losses.AddRange(advance.Losses);
            HeldOutLoss? measured = reached.Step % curveInterval == 0 && reached.Step < configuration.Steps
                ? new(reached.Step, HeldOut(configuration.Seed, task, threads, reached.Weights, curveSequences))
                : null;
            if (measured is { } point)
            {
                heldOut.Add(point);
            }

            keeper?.Keep(reached, [.. advance.Losses], measured);
        }
    }

    private static double HeldOut(ulong seed, Task task, int threads, Model<Tensor> weights, int sequences) =>
        Intervened.loss(threads, task, weights, ListModule.Empty<Intervention>(), new(sequences, seed));
}
