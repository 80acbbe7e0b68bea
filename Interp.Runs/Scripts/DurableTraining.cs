using System.Runtime.InteropServices;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Surroundings;

namespace Interp;

/// <summary>Trainings of a script's own objectives, on the disk: whatever stops one, the same script goes on where it stood, to the same bits.</summary>
public static class DurableTraining
{
    /// <summary>
    /// Trains until so many steps have been taken in all, from the beginning or from where the directory's checkpoints stand. Progress is shown on standard
    /// error. Ctrl-C leaves a checkpoint and ends the process with code 130; a process that is killed loses some seconds.
    /// </summary>
    /// <param name="directory">Where checkpoints and losses are kept; made where it is not there.</param>
    /// <param name="trainer">What is trained. Its task, optimiser, batch and seed and its leaves' names and shapes must be those of the directory; its loss is a function, which no file tells.</param>
    /// <param name="steps">The steps taken at the end, those of earlier calls included.</param>
    /// <returns>The state after the last step, and the losses of all steps; a loss is NaN where the directory does not tell it.</returns>
    /// <exception cref="RefusedException">The directory holds something else: both values. Or it is further than so many steps.</exception>
    /// <exception cref="IOException">The directory cannot be read or written, another process is at work on it, or the training came to something that is no number.</exception>
    public static Advance<TModel> Run<TModel>(string directory, Trainer<TModel> trainer, int steps)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(trainer);
        using var interruption = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            // The second time it is not held up.
            signal.Cancel = !interruption.IsCancellationRequested;
            ThreadPool.QueueUserWorkItem(_ => interruption.Cancel());
        }

        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var world = World.Real;
        try
        {
            return Telling.Caller(() => Run(world, directory, trainer, steps, interruption.Token));
        }
        catch (InterruptedException stopped)
        {
            Terminal.Line(world.Terminal(false).Progress, $"interp: interrupted; {stopped.Message}.");
            Environment.Exit(ExitCode.Interrupted);
            throw;
        }
    }

    /// <summary>The same in a world.</summary>
    /// <exception cref="InterruptedException">It was stopped; a checkpoint was written.</exception>
    internal static Advance<TModel> Run<TModel>(World world, string directory, Trainer<TModel> trainer, int steps, CancellationToken interruption)
    {
        try
        {
            using var training = TrainedDirectory<TModel>.Open(world, directory, trainer.Objective, steps);
            var terminal = world.Terminal(false);
            foreach (var remark in training.Remarks)
            {
                Terminal.Line(terminal.Progress, $"interp: {remark}");
            }

            return TrainingDisplay.Train(
                terminal.Progress,
                [new TrainingJob<Advance<TModel>>("training", steps, (bar, stop) => training.Train(world.Clock, trainer, steps, bar.Show, stop))],
                atOnce: 1,
                interruption)[0];
        }
        catch (Exception refused) when (Refusal.IsDisk(refused))
        {
            throw Refusal.OfGivenPath(refused, $"{directory}: cannot be read or written ({Refusal.Words(refused)}); its last good checkpoint is as it was.");
        }
    }
}
