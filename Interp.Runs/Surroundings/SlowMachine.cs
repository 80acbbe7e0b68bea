using Spectre.Console;

namespace Interp.Runs.Surroundings;

/// <summary>A machine that lacks what trainings need to be quick.</summary>
internal static class SlowMachine
{
    /// <summary>Says, before a training begins, what makes it slow here, if anything does.</summary>
    public static void Warn(IAnsiConsole console)
    {
        if (!ArithmeticRevision.isInHardware)
        {
            Terminal.Line(console, "interp: this machine has no fused multiply-add (AVX2 and FMA); it is done in software, to the same bits, and a training takes about twenty times as long.");
        }
    }
}
