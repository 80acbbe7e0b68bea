namespace Interp.Host.Files;

/// <summary>From the form of a task to the task, which may want a file.</summary>
internal static class TaskFile
{
    /// <summary>The task of a form.</summary>
    /// <exception cref="RefusedException">It is a script's own.</exception>
    public static Task Of(TaskForm form) => Tasks.ofForm(form);
}
