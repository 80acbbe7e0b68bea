using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;

namespace Interp.Host.Surveys;

/// <summary>The words that start this program.</summary>
/// <param name="Words">They.</param>
/// <param name="Lasts">Whether they do after an update of the program, too.</param>
internal sealed record ProgramWords(IReadOnlyList<string> Words, bool Lasts);

/// <summary>A script for Slurm's sbatch: an array job whose tasks share the items of a study.</summary>
internal static class SlurmScript
{
    /// <param name="program">What starts this program.</param>
    /// <param name="directory">The study's directory, from the root.</param>
    /// <param name="items">How many items it has.</param>
    /// <param name="tasks">How many tasks share them.</param>
    /// <param name="workers">Trainings at once in a task.</param>
    /// <param name="time">The time limit of a task, as Slurm writes it; null for the cluster's.</param>
    public static string Of(ProgramWords program, string directory, int items, int tasks, int workers, string? time)
    {
        if (directory.Any(char.IsControl) || program.Words.Any(word => word.Any(char.IsControl)))
        {
            throw new BadInputException($"{Quote.text(directory)}: a path with control characters cannot stand in a script.");
        }

        string Command(params string[] arguments) => string.Join(' ', program.Words.Concat(arguments).Select(Shell.Quoted));
        var merge = $"{Command("study", "merge", directory)} && {Command("study", "report", directory)}";
        var again = $"interp study slurm {Shell.Quoted(directory)} > study.sbatch";
        IEnumerable<string> lines =
        [
            "#!/bin/bash",
            $"# {items} trainings, shared by {tasks} {(tasks == 1 ? "task" : "tasks")}. Submit it, and the step that puts the results together:",
            "#   job=$(sbatch --parsable study.sbatch)",
            $"#   sbatch --dependency=afterany:$job --wrap {Shell.Quoted(merge)}",
            "# What is finished is never done again: submit it once more, or one task alone (sbatch --array=3 study.sbatch), to go on.",
            $"# Written by interp {Product.Version}. {(program.Lasts
                ? "Tasks start the version that is installed by then, which refuses to go on where its numbers would be others."
                : $"Tasks start its own files: after an update, or a move, print this again with `{again}`.")}",
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

    /// <summary>What starts this program: the file by which an installed tool is started, else dotnet and the program's file, or the program's own executable.</summary>
    public static ProgramWords Program(IDisk disk) => Program(disk, AppContext.BaseDirectory, Environment.ProcessPath ?? "dotnet");

    /// <inheritdoc cref="Program(IDisk)"/>
    /// <param name="disk">Where that is looked for.</param>
    /// <param name="place">The directory of the program's files.</param>
    /// <param name="running">The file that was started.</param>
    public static ProgramWords Program(IDisk disk, string place, string running)
    {
        if (ToolFile(place) is { } tool && disk.FileExists(tool))
        {
            return new([tool], true);
        }

        var assembly = Path.Combine(place, "interp.dll");
        return new(
            Path.GetFileNameWithoutExtension(running) == "dotnet" ? [running, assembly]
            : Host(disk) is { } host ? [host, assembly]
            : [running],
            false);
    }

    /// <summary>
    /// The file that starts an installed tool, whichever version of it is installed: its versions lie in <c>.store</c> beside that. Null for a program that
    /// is no such tool.
    /// </summary>
    private static string? ToolFile(string place)
    {
        for (var directory = Path.GetDirectoryName(place); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (Path.GetFileName(directory) == ".store" && Path.GetDirectoryName(directory) is { } tools)
            {
                return Path.Combine(tools, OperatingSystem.IsWindows() ? "interp.exe" : "interp");
            }
        }

        return null;
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
