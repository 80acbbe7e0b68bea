using System.Runtime.InteropServices;
using Interp.Host.Commands;
using Interp.Host.Files;

namespace Interp.Host;

/// <summary>What the program's exit tells its caller.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;
    public const int Interrupted = 130;
}

/// <summary>Something the user gave cannot be used; the message is one sentence for them.</summary>
internal sealed class BadInputException(string message) : Exception(message);

/// <summary>The work itself went wrong; the message is one sentence for the user.</summary>
internal sealed class FailedException(string message) : Exception(message);

/// <summary>Runs a command to its exit code: interruptible, and with one clear line for whatever goes wrong.</summary>
internal static class Execution
{
    /// <summary>How long an interrupted command may take to stop by itself. Most look up several times a second.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public static int Run(Command command)
    {
        using var interruption = new CancellationTokenSource();
        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interruption.Cancel();
        }

        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var work = Task.Factory.StartNew(
            () => Outcome(command, interruption.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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

            // A long computation of the core does not look up: leave it behind, with nothing of it on disk.
            RunDirectory.DiscardUnfinished();
            return Interrupted();
        }
    }

    private static int Outcome(Command command, CancellationToken interruption)
    {
        try
        {
            Dispatch(command, interruption);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            return Interrupted();
        }
        catch (BadInputException refused)
        {
            Console.Error.WriteLine($"interp: {refused.Message}");
            return ExitCode.BadInput;
        }
        catch (Exception failure) when (failure is FailedException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"interp: {failure.Message}");
            return ExitCode.Failed;
        }
        catch (Exception defect)
        {
            Console.Error.WriteLine($"interp: this should not have happened: {defect}");
            return ExitCode.Failed;
        }
    }

    private static int Interrupted()
    {
        Console.Error.WriteLine("interp: interrupted; nothing was written.");
        return ExitCode.Interrupted;
    }

    private static void Dispatch(Command command, CancellationToken interruption)
    {
        switch (command)
        {
            case Command.Reproduce reproduce:
                ReproduceCommand.Run(reproduce.Item, interruption);
                break;
            case Command.Train train:
                TrainCommand.Run(train.Item, interruption);
                break;
            case Command.Complete complete:
                CompleteCommand.Run(complete.Item);
                break;
            case Command.Logits logits:
                LogitsCommand.Run(logits.Item);
                break;
            case Command.Attention attention:
                AttentionCommand.Run(attention.Item);
                break;
            case Command.Circuits circuits:
                CircuitsCommand.Run(circuits.Item);
                break;
            case Command.Evaluate evaluate:
                EvaluateCommand.Run(evaluate.Item);
                break;
        }
    }
}
