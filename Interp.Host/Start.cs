using System.Runtime.CompilerServices;
using Interp.Runs.Endings;
using Interp.Runs.Surroundings;

namespace Interp.Host;

/// <summary>
/// From the first line of the program on, whatever the machine refuses is one sentence: parts of the program are loaded when they are first needed, and
/// take two file handles each. Nothing is named here that would have to be loaded before the first line runs.
/// </summary>
internal static class Start
{
    public static int Run(string[] arguments)
    {
        try
        {
            StandardStream.Use();
            return Ending(arguments);
        }
        catch
        {
            StandardStream.LastWord("interp: the machine has too few file handles or too little memory left for this program; what it has written is whole.\n");
            return ExitCode.Failed;
        }
    }

    /// <summary>A command line to an exit code, on whatever console there is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Ending(string[] arguments)
    {
        var code = ExitCode.Done;
        var ending = Execution.Outcome(Console.Error, () => code = Command(arguments));
        return ending == ExitCode.Done ? code : ending;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Command(string[] arguments) => Parse.commandLine(arguments) switch
    {
        Parsed.Run run => Execution.Run(World.Real, run.command),
        Parsed.Help help => Say(Console.Out, HelpPageModule.show(Terminal.Columns(HelpPageModule.StandardWidth), help.page), ExitCode.Done),
        Parsed.Script script => Say(Console.Out, script.text, ExitCode.Done),
        Parsed.Bad bad => Say(Console.Error, $"interp: {Quote.shown(bad.message)}", ExitCode.BadInput),
        _ => Say(Console.Out, Product.Version, ExitCode.Done),
    };

    private static int Say(TextWriter writer, string text, int exitCode)
    {
        writer.WriteLine(text);
        return exitCode;
    }
}
