using Interp.Host.Endings;
using Interp.Host.Files;
using Microsoft.FSharp.Core;

namespace Interp.Host.Surroundings;

/// <summary>What a command touches of the world outside: everything it reads, writes, says and asks the time of goes through here, so that a test can give it another one.</summary>
/// <param name="Disk">Files and directories.</param>
/// <param name="Clock">The time of day, and how long things take.</param>
/// <param name="Terminal">Where words go; whether the command promises one JSON object.</param>
internal sealed record World(IDisk Disk, TimeProvider Clock, Func<bool, Terminal> Terminal)
{
    /// <summary>The world of a user's process.</summary>
    public static World Real { get; } = new(Files.Disk.Instance, TimeProvider.System, Surroundings.Terminal.Of);

    /// <summary>The number of threads asked for; otherwise one a physical core, since two on one core share its vector units.</summary>
    public int Threads(FSharpOption<int>? asked) => asked?.Value ?? Math.Min(PhysicalCores(), Environment.ProcessorCount);

    private int PhysicalCores()
    {
        const string processors = "/sys/devices/system/cpu";
        const long largest = 1 << 12;
        try
        {
            var cores = Disk
                .Directories(processors)
                .Where(directory => Path.GetFileName(directory).StartsWith("cpu", StringComparison.Ordinal))
                .Select(processor => Path.Combine(processor, "topology", "thread_siblings_list"))
                .Where(Disk.FileExists)
                .Select(siblings => System.Text.Encoding.ASCII.GetString(Disk.Read(siblings, largest)).Trim())
                .Distinct(StringComparer.Ordinal)
                .Count();
            return cores > 0 ? cores : Environment.ProcessorCount;
        }
        catch (Exception unknown) when (Refusal.IsDisk(unknown))
        {
            return Environment.ProcessorCount;
        }
    }
}
