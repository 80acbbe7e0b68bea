using Interp;
using Interp.Host;
using Interp.Host.Endings;
using Interp.Host.Surroundings;

return Parse.commandLine(args) switch
{
    Parsed.Run run => Execution.Run(World.Real, run.command),
    Parsed.Help help => Say(Console.Out, help.text, ExitCode.Done),
    Parsed.Bad bad => Say(Console.Error, $"interp: {Quote.shown(bad.message)}", ExitCode.BadInput),
    _ => Say(Console.Out, Product.Version, ExitCode.Done),
};

static int Say(TextWriter writer, string text, int exitCode)
{
    writer.WriteLine(text);
    return exitCode;
}
