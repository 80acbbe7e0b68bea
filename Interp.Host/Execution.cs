using System.Runtime.InteropServices;
using Interp.Host.Commands;
using Interp.Host.Endings;
using Interp.Host.Runs;
using Interp.Host.Surroundings;

namespace Interp.Host;

/// <summary>Runs a command to its exit code: interruptible, and with one clear line for whatever goes wrong.</summary>
internal static class Execution
{
    /// <summary>How long an interrupted command may take to stop by itself. Most look up several times a second.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.7);

    public static int Run(World world, Command command)
    {
        using var interruption = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            if (interruption.IsCancellationRequested)
            {
                // The second time: at once, whatever is being written. All of it is atomic.
                ShowCursor();
                Environment.Exit(ExitCode.Interrupted);
            }

            signal.Cancel = true;
            // Not on this thread, which has to stay free for the second time.
            ThreadPool.QueueUserWorkItem(_ => interruption.Cancel());
        }

        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var work = System.Threading.Tasks.Task.Factory.StartNew(
            () => Outcome(Console.Error, () => Dispatch(world, command, interruption.Token)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            work.Wait(interruption.Token);
            return work.Result;
        }
        catch (OperationCanceledException)
        {
            if (work.Wait(Grace, CancellationToken.None))
            {
                return work.Result;
            }

            // A long computation of the core does not look up: leave it behind.
            return Outcome(Console.Error, static () => throw new InterruptedException(Unfinished.Leave()));
        }
    }

    /// <summary>
    /// Does the work, and says on <paramref name="error"/> what went wrong, if anything. Whose fault it was is told by the exception's type alone: what
    /// the user gave raises <see cref="BadInputException"/> or the core's <see cref="RefusedException"/>; any other <see cref="ArgumentException"/> is a
    /// mistake in this program.
    /// </summary>
    internal static int Outcome(TextWriter error, Action work)
    {
        try
        {
            work();
            return ExitCode.Done;
        }
        catch (OperationCanceledException stopped)
        {
            ShowCursor();
            error.WriteLine($"interp: interrupted; {(stopped as InterruptedException)?.Message ?? "nothing was written"}.");
            return ExitCode.Interrupted;
        }
        catch (Exception refused) when (refused is BadInputException or RefusedException)
        {
            error.WriteLine($"interp: {OneLine(refused.Message)}");
            return ExitCode.BadInput;
        }
        catch (DivergedException diverged)
        {
            error.WriteLine($"interp: {diverged.Message}.");
            return ExitCode.Failed;
        }
        catch (Exception failure) when (failure is FailedException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"interp: {OneLine(failure.Message)}");
            return ExitCode.Failed;
        }
        catch (Exception scarce) when (scarce is OutOfMemoryException || scarce.InnerException is OutOfMemoryException)
        {
            error.WriteLine("interp: there is not enough memory for this; fewer threads, or smaller numbers of what was asked for, need less.");
            return ExitCode.Failed;
        }
        catch (Exception defect)
        {
            error.WriteLine($"interp: this should not have happened: {defect}");
            return ExitCode.Failed;
        }
    }

    /// <summary>A sentence with what does not print in it escaped: names of files and directories may hold anything.</summary>
    private static string OneLine(string sentence) => sentence.Any(char.IsControl) ? Quote.line(sentence) : sentence;

    /// <summary>A progress bar hides the cursor, and a bar that was left behind never shows it again.</summary>
    private static void ShowCursor()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\e[?25h");
        }
    }

    private static void Dispatch(World world, Command command, CancellationToken interruption)
    {
        switch (command)
        {
            case Command.Reproduce reproduce:
                ReproduceCommand.Run(world, reproduce.Item, interruption);
                break;
            case Command.Train train:
                TrainCommand.Run(world, train.Item, interruption);
                break;
            case Command.Complete complete:
                CompleteCommand.Run(world, complete.Item);
                break;
            case Command.Logits logits:
                LogitsCommand.Run(world, logits.Item);
                break;
            case Command.Attention attention:
                AttentionCommand.Run(world, attention.Item);
                break;
            case Command.Circuits circuits:
                CircuitsCommand.Run(world, circuits.Item);
                break;
            case Command.Evaluate evaluate:
                EvaluateCommand.Run(world, evaluate.Item);
                break;
            case Command.Runs runs:
                RunsCommand.Run(world, runs.Item);
                break;
            case Command.Compare compare:
                CompareCommand.Run(world, compare.Item);
                break;
            case Command.Ablate ablate:
                AblateCommand.Run(world, ablate.Item);
                break;
            case Command.Compose compose:
                ComposeCommand.Run(world, compose.Item);
                break;
            case Command.Heads heads:
                HeadsCommand.Run(world, heads.Item);
                break;
            case Command.Attribute attribute:
                AttributeCommand.Run(world, attribute.Item);
                break;
            case Command.Patch patch:
                PatchCommand.Run(world, patch.Item);
                break;
            case Command.Lens lens:
                LensCommand.Run(world, lens.Item);
                break;
            case Command.Survey study:
                SurveyCommand.Run(world, study.Item, interruption);
                break;
            case Command.Develop develop:
                DevelopCommand.Run(world, develop.Item, interruption);
                break;
        }
    }
}
