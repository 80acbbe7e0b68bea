using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Wording;

namespace Interp.Host.Surveys;

/// <summary>A script for Slurm's sbatch: an array job whose tasks share the items of a study.</summary>
internal static class SlurmScript
{
    /// <param name="program">The words that start this program.</param>
    /// <param name="directory">The study's directory, from the root.</param>
    /// <param name="items">How many items it has.</param>
    /// <param name="tasks">How many tasks share them.</param>
    /// <param name="workers">Trainings at once in a task.</param>
    /// <param name="time">The time limit of a task, as Slurm writes it; null for the cluster's.</param>
    public static string Of(IReadOnlyList<string> program, string directory, int items, int tasks, int workers, string? time)
    {
        if (directory.Any(char.IsControl) || program.Any(word => word.Any(char.IsControl)))
        {
            throw new BadInputException($"{Quote.text(directory)}: a path with control characters cannot stand in a script.");
        }

        string Command(params string[] arguments) => string.Join(' ', program.Concat(arguments).Select(Shell.Quoted));
        var merge = $"{Command("study", "merge", directory)} && {Command("study", "report", directory)}";
        IEnumerable<string> lines =
        [
            "#!/bin/bash",
            $"# {items} trainings, shared by {tasks} {(tasks == 1 ? "task" : "tasks")}. Submit it, and the step that puts the results together:",
            "#   job=$(sbatch --parsable study.sbatch)",
            $"#   sbatch --dependency=afterany:$job --wrap {Shell.Quoted(merge)}",
            "# What is finished is never done again: submit it once more, or one task alone (sbatch --array=3 study.sbatch), to go on.",
            "# Options of sbatch (--partition, --account, --output) may be given when it is submitted.",
            "#SBATCH --job-name=interp-study",
            $"#SBATCH --array=0-{tasks - 1}",
            "#SBATCH --nodes=1",
            "#SBATCH --ntasks=1",
            $"#SBATCH --cpus-per-task={workers}",
            .. time is null ? Array.Empty<string>() : [$"#SBATCH --time={time}"],
            "",
            $"exec {Command("study", "run", directory, "--array", "--tasks", $"{tasks}", "--workers", $"{workers}")}",
        ];
        return string.Concat(lines.Select(line => $"{line}\n"));
    }

    /// <summary>The words that start this program: dotnet and the program's file, or the program's own executable.</summary>
    public static IReadOnlyList<string> Program(IDisk disk)
    {
        var running = Environment.ProcessPath ?? "dotnet";
        var assembly = Path.Combine(AppContext.BaseDirectory, "interp.dll");
        return Path.GetFileNameWithoutExtension(running) == "dotnet" ? [running, assembly]
            : Host(disk) is { } host ? [host, assembly]
            : [running];
    }

    /// <summary>The dotnet beside the shared framework that this process runs on, if there is one.</summary>
    private static string? Host(IDisk disk)
    {
        // …/dotnet/shared/Microsoft.NETCore.App/VERSION/
        var framework = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        var host = Path.GetFullPath(Path.Combine(framework, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return disk.FileExists(host) ? host : null;
    }
}
