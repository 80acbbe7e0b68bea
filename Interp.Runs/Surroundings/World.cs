using System.Globalization;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Wording;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Surroundings;

/// <summary>What a command touches of the world outside: everything it reads, writes, says and asks the time of goes through here, so that a test can give it another one.</summary>
/// <param name="Disk">Files and directories.</param>
/// <param name="Clock">The time of day, and how long things take.</param>
/// <param name="Terminal">Where words go; whether the command promises one JSON object.</param>
internal sealed record World(IDisk Disk, TimeProvider Clock, Func<bool, Terminal> Terminal)
{
    /// <summary>The world of a user's process.</summary>
    public static World Real { get; } = new(Files.Disk.Instance, TimeProvider.System, Surroundings.Terminal.Of);

    /// <summary>More threads than this on every processor would only wait for one another, each with memory of its own.</summary>
    private const int MostThreadsOnProcessor = 8;

    /// <summary>Opens standard input.</summary>
    public Func<Stream> Input { get; init; } = StandardStream.Input;

    /// <summary>Shows a file in the system's browser; what went wrong, or null.</summary>
    public Func<string, string?> Browser { get; init; } = Surroundings.Browser.Show;

    /// <summary>Processors that this process may use.</summary>
    public int Processors { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes of memory that this process may use: of the machine, of its container, or of its address space, whichever is least.</summary>
    public long Memory { get; init; } = Math.Min(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, AddressSpace(Disk));

    /// <summary>The same world on another machine.</summary>
    public World Having(int processors, long memory) => this with { Processors = processors, Memory = memory };

    /// <summary>The number of threads asked for; otherwise one a physical core, since two on one core share its vector units.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="option">The option that asked.</param>
    /// <exception cref="BadInputException">There are too few processors for as many.</exception>
    public int Threads(FSharpOption<int>? asked, string option = "--threads")
    {
        if (asked is not { Value: var threads })
        {
            return Math.Min(PhysicalCores(), Processors);
        }

        var most = MostThreadsOnProcessor * Processors;
        return threads <= most
            ? threads
            : throw new BadInputException($"{option}: expected a whole number from 1 to {most}, {MostThreadsOnProcessor} for each processor that this process may use, found {threads}.");
    }

    /// <summary>Refuses what wants more memory than there is, before any of it is made.</summary>
    /// <param name="bytes">An estimate of the core's.</param>
    /// <param name="what">What wants it, in words that begin a sentence.</param>
    /// <exception cref="BadInputException">There is less.</exception>
    public void RequireMemory(long bytes, string what)
    {
        if (bytes > Memory)
        {
            throw new BadInputException($"{what} wants about {Words.Bytes(bytes)} of memory, expected at most the {Words.Bytes(Memory)} that this process may use.");
        }
    }

    /// <summary>The limit that <c>ulimit -v</c> sets.</summary>
    private static long AddressSpace(IDisk disk)
    {
        const string limits = "/proc/self/limits";
        const long largest = 1 << 16;
        const string name = "Max address space";
        try
        {
            var lines = disk.FileExists(limits) ? System.Text.Encoding.ASCII.GetString(disk.Read(limits, largest)).Split('\n') : [];
            var line = lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            var soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : long.MaxValue;
        }
        catch (Exception unknown) when (Refusal.IsDisk(unknown))
        {
            return long.MaxValue;
        }
    }

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
