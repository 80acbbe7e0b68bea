using Interp.Runs.Directories;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Surveys;

/// <summary>How one item is done: trained and measured, on one thread.</summary>
internal static class SurveyTraining
{
    /// <summary>One thread an item: several items at once keep all cores busy, and nothing waits for anything.</summary>
    private const int Threads = 1;

    /// <exception cref="DivergedException">The training came to something that is no number.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public static TrainedItem Do(World world, SurveyItem item, Action<TrainingProgress> report, CancellationToken interruption)
    {
        var clock = world.Clock;
        var started = clock.GetTimestamp();
        var task = TaskFile.Of(world.Disk, item.Configuration.Task);
        var outcome = TrainingRun.Run(clock, item.Configuration, task, Threads, TrainingStart.Of(item.Configuration), null, report, interruption, everyLoss: false);
        var quantities = SurveyModule.measure(Threads, task, item, outcome.Weights);
        interruption.ThrowIfCancellationRequested();
        var result = new SurveyResult(
            item,
            quantities,
            ListModule.OfSeq(outcome.HeldOut.Select(point => Tuple.Create(point.Step, point.Loss))),
            CheckpointModule.weightsSha256(outcome.Weights));
        return new(
            new(result, clock.GetElapsedTime(started).TotalSeconds, Product.Version),
            () => RunFiles.Model(item.Configuration, item.Configuration.Steps, outcome.Weights, Tasks.names(task)));
    }

    /// <summary>
    /// Multiplications that training an item takes, up to a factor that is the same for all: what is used to say how much of a
    /// study is done.
    /// </summary>
    public static double Work(SurveyItem item)
    {
        var c = item.Configuration;
        var a = c.Architecture;
        double letters = TaskFormModule.size(c.Task)?.Value.Length ?? a.NCtx;
        var heads = (double)a.NHeads * a.DHead;
        // The first layer's projections are looked up by letter; the others multiply every position.
        var projections = Math.Max(0.0, (4.0 * a.NLayers) - 3) * a.DModel * heads;
        return (double)c.Steps * c.Batch * letters * (projections + (a.NLayers * letters * heads) + ((double)a.DModel * a.DVocab));
    }
}
