using System.Reflection;
using Interp.Host;

return Parse.commandLine(args) switch
{
    Parsed.Run run => Execution.Run(World.Real, run.command),
    Parsed.Help help => Say(Console.Out, help.text, ExitCode.Done),
    Parsed.Bad bad => Say(Console.Error, $"interp: {bad.message}", ExitCode.BadInput),
    _ => Say(Console.Out, Product.Version, ExitCode.Done),
};

static int Say(TextWriter writer, string text, int exitCode)
{
    writer.WriteLine(text);
    return exitCode;
}

namespace Interp.Host
{
    /// <summary>What this program is.</summary>
    internal static class Product
    {
        /// <summary>The version in Directory.Build.props.</summary>
        public static string Version { get; } =
            typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
    }
}
