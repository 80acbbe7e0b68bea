namespace Interp

/// The tasks that the program knows.
module Tasks =

    /// The task of a form. Raises `RefusedException` for one that is a script's own.
    let ofForm (form: TaskForm) : Task =
        match form with
        | TaskForm.Repeat r -> Repeat.task (string form) r
        | TaskForm.Own name ->
            Refused.because
                $"The task {Quote.text name} is not one of the program's, so that only a script that has it can go on with it."

    /// The task of a printed form; the error is one sentence.
    let parse (text: string) : Result<Task, string> = TaskForm.parse text |> Result.map ofForm

    /// The study's: "repeat 6 x4 of 26".
    let study: Task = ofForm TaskForm.study

    /// The study's kind of task, where a task is of it.
    let repetition (task: Task) : Repetition option =
        TaskForm.parse task.Name |> Result.toOption |> Option.bind TaskForm.repetition

    /// The least loss that any model can have on a repetition, in nats a letter.
    let floorOf (r: Repetition) : float = ofForm (TaskForm.Repeat r) |> Task.floor |> Option.get

    /// The block length at which heads' scores are looked at where the task has none of its own: the study's.
    let standardBlock = 6
