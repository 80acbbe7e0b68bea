using System.Runtime.InteropServices;
using Interp.Host.Commands;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Surroundings;

namespace Interp.Host;

/// <summary>Runs a command to its exit code: interruptible, and with one clear line for whatever goes wrong.</summary>
internal static class Execution
{
    /// <summary>How long an interrupted command may take to stop by itself. Most look up several times a second.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.7);

    public static int Run(World world, Command command)
    {
        Unfinished.BeginCommand();
        using var interruption = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            if (interruption.IsCancellationRequested)
            {
                // The second time: at once, whatever is being written. Each file is whole or not there.
                ShowCursor();
                Environment.Exit(ExitCode.Interrupted);
            }

            signal.Cancel = true;
            // Not on this thread, which has to stay free for the second time.
            ThreadPool.QueueUserWorkItem(_ => interruption.Cancel());
        }

        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        // Its last word is heard here: of a command that is left behind nothing more is.
        using var said = new StringWriter();
        var work = System.Threading.Tasks.Task.Factory.StartNew(
            () => Outcome(said, () => Dispatch(world, command, interruption.Token)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            work.Wait(interruption.Token);
            return Ended();
        }
        catch (OperationCanceledException)
        {
            if (work.Wait(Grace + Unfinished.Patience, CancellationToken.None))
            {
                return Ended();
            }

            // A long computation of the core does not look up: leave it behind.
            return Outcome(Console.Error, static () => throw new InterruptedException(Unfinished.Leave()));
        }

        int Ended()
        {
            Console.Error.Write(said);
            return work.Result;
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
        catch (Exception failure)
        {
            // Not in a filter: where a part of the program that it needs cannot be loaded, a filter only says no, and that would be told as a defect.
            return Told(error, Refusal.Cause(failure));
        }
    }

    /// <summary>Says what went wrong; the exit code for it.</summary>
    private static int Told(TextWriter error, Exception cause)
    {
        switch (cause)
        {
            case OperationCanceledException stopped:
                ShowCursor();
                error.WriteLine($"interp: interrupted; {Quote.shown((stopped as InterruptedException)?.Message ?? Unfinished.Leave())}.");
                return ExitCode.Interrupted;
            case BadInputException or RefusedException:
                error.WriteLine($"interp: {Quote.shown(cause.Message)}");
                return ExitCode.BadInput;
            case DivergedException:
                error.WriteLine($"interp: {Quote.shown(cause.Message)}.");
                return ExitCode.Failed;
            case FailedException:
                error.WriteLine($"interp: {Quote.shown(cause.Message)}");
                return ExitCode.Failed;
            default:
                error.WriteLine(
                    Refusal.Why(cause) is { } why
                        ? $"interp: {why}; {Quote.shown(Unfinished.Leave())}."
                        : $"interp: this should not have happened: {cause}");
                return ExitCode.Failed;
        }
    }

    /// <summary>A progress bar hides the cursor, and a bar that was left behind never shows it again.</summary>
    private static void ShowCursor()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\e[?25h");
        }
    }

    /// <summary>Does a command, and raises what goes wrong.</summary>
    internal static void Dispatch(World world, Command command, CancellationToken interruption)
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
                EvaluateCommand.Run(world, evaluate.Item, interruption);
                break;
            case Command.Tasks tasks:
                TasksCommand.Run(world, tasks.Item);
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
            case Command.Explain explain:
                ExplainCommand.Run(world, explain.Item, interruption);
                break;
            case Command.Explore explore:
                ExploreCommand.Run(world, explore.Item, interruption);
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
