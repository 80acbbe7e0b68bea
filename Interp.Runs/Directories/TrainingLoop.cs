namespace Interp.Runs.Directories;

/// <summary>How training stands.</summary>
internal readonly record struct TrainingProgress(int Step, int Steps, double Loss, double StepsPerSecond);

/// <summary>Training came to something that is no number.</summary>
internal sealed class DivergedException(int step, string what)
    : Exception($"training diverged at step {step}: {what}, usually since the learning rate, or learning rate times weight decay, is too large for this model");

/// <summary>The loop around the core's pure steps, whatever is trained: it looks at the clock, reports, and stops when asked to.</summary>
internal static class TrainingLoop
{
    /// <summary>A stretch of steps between two looks at the clock lasts about this long, so that progress moves and Ctrl-C is heard.</summary>
    private static readonly TimeSpan Stretch = TimeSpan.FromMilliseconds(100);

    private const int LongestStretch = 100;

    /// <summary>Goes on from a state; how the steps are cut into stretches does not change what it comes to.</summary>
    /// <param name="clock">What times the steps.</param>
    /// <param name="trainer">What takes them.</param>
    /// <param name="start">The state to go on from.</param>
    /// <param name="steps">The steps taken at the end.</param>
    /// <param name="untilDue">At most this many steps from one on before the next call of <paramref name="keep"/>.</param>
    /// <param name="keep">Given every stretch's outcome, whose losses, weights and moments are all finite.</param>
    /// <param name="report">Told how training stands.</param>
    /// <param name="interruption">Stops training.</param>
    /// <returns>The last state; the milliseconds a step of each stretch, the quickest first; the wall-clock time of steps alone.</returns>
    /// <exception cref="DivergedException">A loss, a weight or a moment is not finite; nothing of it was kept.</exception>
    public static (TrainingState<TModel> State, IReadOnlyList<double> Stretches, TimeSpan Spent) Run<TModel>(
        TimeProvider clock,
        Trainer<TModel> trainer,
        TrainingState<TModel> start,
        int steps,
        Func<int, int> untilDue,
        Action<Advance<TModel>> keep,
        Action<TrainingProgress> report,
        CancellationToken interruption)
    {
        var state = start;
        var stretches = new List<double>();
        var spent = TimeSpan.Zero;
        var stretch = 1;
        while (state.Step < steps)
        {
            interruption.ThrowIfCancellationRequested();
            var count = new[] { stretch, untilDue(state.Step), steps - state.Step }.Min();
            var started = clock.GetTimestamp();
            var advance = Training.advance(trainer, count, state);
            var elapsed = clock.GetElapsedTime(started);
            spent += elapsed;
            stretches.Add(elapsed.TotalMilliseconds / count);
            if (!advance.Losses.All(double.IsFinite) || Training.notFinite(trainer.Objective, advance.State)?.Value is not null)
            {
                throw Divergence(trainer, state);
            }

            state = advance.State;
            keep(advance);
            // Twice as many at most: the first steps are slow, as everything is compiled in them.
            stretch = Math.Clamp((int)(count * (Stretch / elapsed)), 1, Math.Min(LongestStretch, 2 * Math.Max(count, stretch)));
            report(new(state.Step, steps, advance.Losses.Average(), (state.Step - start.Step) / spent.TotalSeconds));
        }

        stretches.Sort();
        return (state, stretches, spent);
    }

    /// <summary>Takes the steps after a good state again, one by one, to find the one that went wrong.</summary>
    private static DivergedException Divergence<TModel>(Trainer<TModel> trainer, TrainingState<TModel> good)
    {
        for (var state = good; ;)
        {
            var advance = Training.advance(trainer, 1, state);
            state = advance.State;
            if (!double.IsFinite(advance.Losses[0]))
            {
                return new(state.Step, $"the loss is {advance.Losses[0]}");
            }

            if (Training.notFinite(trainer.Objective, state)?.Value is { } tensor)
            {
                return new(state.Step, $"the update leaves a number in {tensor} that is not finite");
            }
        }
    }
}
