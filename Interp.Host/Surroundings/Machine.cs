using Microsoft.FSharp.Core;

namespace Interp.Host.Surroundings;

/// <summary>The machine that the program runs on.</summary>
internal static class Machine
{
    /// <summary>The number of threads asked for; otherwise one a physical core, since two on one core share its vector units.</summary>
    public static int Threads(FSharpOption<int>? asked) => asked?.Value ?? Math.Min(PhysicalCores(), Environment.ProcessorCount);

    private static int PhysicalCores()
    {
        const string processors = "/sys/devices/system/cpu";
        try
        {
            var cores = Directory
                .EnumerateDirectories(processors, "cpu*")
                .Select(processor => Path.Combine(processor, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(siblings => File.ReadAllText(siblings).Trim())
                .Distinct(StringComparer.Ordinal)
                .Count();
            return cores > 0 ? cores : Environment.ProcessorCount;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return Environment.ProcessorCount;
        }
    }
}
