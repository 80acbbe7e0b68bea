using Interp.Runs.Endings;

namespace Interp.Host.Surveys;

/// <summary>The share of a study that a task of a Slurm array job does.</summary>
/// <param name="Task">Counted from 0.</param>
/// <param name="Tasks">How many tasks share the study.</param>
internal sealed record ArrayShare(int Task, int Tasks)
{
    private const string Id = "SLURM_ARRAY_TASK_ID";

    /// <summary>
    /// Reads the variables that Slurm sets for every task of an array job. Where the number of tasks is given, the task's number is its
    /// id, so that <c>--array=3</c> submits one of the same tasks again; otherwise it is (id - min) / step of as many as the job has.
    /// </summary>
    /// <exception cref="BadInputException">This is no task of an array job, or the numbers do not go together.</exception>
    public static ArrayShare Read(int? tasks, Func<string, string?> variable)
    {
        var id = Number(Id, 0) ?? throw new BadInputException($"--array: {Id} is not set, so this is no task of a Slurm array job.");
        if (tasks is { } given)
        {
            return id < given
                ? new(id, given)
                : throw new BadInputException($"--array --tasks {given}: {Id} is {id}, expected 0 to {given - 1}.");
        }

        var min = Number("SLURM_ARRAY_TASK_MIN", 0) ?? 0;
        var step = Number("SLURM_ARRAY_TASK_STEP", 1) ?? 1;
        var count = Number("SLURM_ARRAY_TASK_COUNT", 1)
            ?? throw new BadInputException("--array: SLURM_ARRAY_TASK_COUNT is not set; say with --tasks how many tasks share the study, numbered from 0.");
        var max = Number("SLURM_ARRAY_TASK_MAX", 0) ?? (min + ((count - 1L) * step));
        return id >= min && (id - min) % step == 0 && ((max - min) / step) + 1 == count && (id - min) / step < count
            ? new((id - min) / step, count)
            : throw new BadInputException(
                $"--array: task {id} of the {count} tasks from {min} to {max} in steps of {step} has no place among them; say with --tasks how many tasks share the study, numbered from 0.");

        int? Number(string name, int least) => variable(name) is not { Length: > 0 } text
            ? null
            : Numbers.whole(text)?.Value is { } number && number >= least
                ? number
                : throw new BadInputException($"--array: {name} is \"{Quote.text(text)}\", expected a whole number of at least {least}.");
    }
}
