using System.Text;
using Interp.Runs.Files;

namespace Interp.Runs.Directories;

/// <summary>How a run stands.</summary>
internal enum RunState
{
    /// <summary>A process is at work on it, or was until it was killed: then nothing holds the run's lock.</summary>
    Running,
    Interrupted,
    Failed,
    Finished,
}

/// <summary>The file <c>status</c>: one word, and on a second line why a run failed.</summary>
internal sealed record RunStatus(RunState State, string? Reason = null)
{
    public const string Name = "status";

    private const long Largest = 1 << 12;

    public void Write(IDisk disk, string directory) =>
        AtomicFile.Write(disk, Path.Combine(directory, Name), Encoding.UTF8.GetBytes($"{Word}\n{(Reason is null ? "" : $"{Reason}\n")}"));

    public string Word => State switch
    {
        RunState.Running => "running",
        RunState.Interrupted => "interrupted",
        RunState.Failed => "failed",
        _ => "finished",
    };

    /// <summary>The status of a directory; null where there is none that makes sense.</summary>
    public static RunStatus? Read(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, Name);
        if (!disk.FileExists(path))
        {
            return null;
        }

        var lines = Encoding.UTF8.GetString(disk.Read(path, Largest)).Split('\n');
        var reason = lines.Length > 1 && lines[1].Length > 0 ? lines[1] : null;
        return lines[0] switch
        {
            "running" => new(RunState.Running),
            "interrupted" => new(RunState.Interrupted),
            "failed" => new(RunState.Failed, reason),
            "finished" => new(RunState.Finished),
            _ => null,
        };
    }
}
