namespace Interp

open System

/// What a task is, as a value that prints and parses back: `Task.ofForm` makes the task of it.
[<RequireQualifiedAccess>]
type TaskForm =
    /// "repeat 6 x4 of 26": the study's.
    | Repeat of Repetition
    /// A script's own, by its name.
    | Own of name: string

    /// As `TaskForm.parse` reads it.
    override this.ToString() =
        match this with
        | Repeat r -> $"repeat {r.BlockLength} x{r.Blocks} of {r.Letters}"
        | Own name -> name

/// How large a task is.
type TaskSize = {
    /// Tokens of a sequence.
    Length: int64
    /// Tokens that there are.
    Letters: int
}

/// Printed forms of tasks.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module TaskForm =

    /// The study's: "repeat 6 x4 of 26".
    let study = TaskForm.Repeat { Letters = 26; BlockLength = 6; Blocks = 4 }

    /// How large a task is; none where the form does not say it.
    let size (form: TaskForm) : TaskSize option =
        match form with
        | TaskForm.Repeat r -> Some { Length = int64 r.BlockLength * int64 r.Blocks; Letters = r.Letters }
        | TaskForm.Own _ -> None

    /// The task with another number of letters, where that is its choice.
    let withLetters (letters: int) (form: TaskForm) : TaskForm =
        match form with
        | TaskForm.Repeat r -> TaskForm.Repeat { r with Letters = letters }
        | TaskForm.Own _ -> form

    /// The study's kind of task.
    let repetition (form: TaskForm) : Repetition option =
        match form with
        | TaskForm.Repeat r -> Some r
        | _ -> None

    let private example = "for example \"repeat 6 x4 of 26\""

    /// Reads a task of the program's as it prints; short forms such as "repeat 6" leave out what has a default. The error is one sentence.
    let parse (text: string) : Result<TaskForm, string> =
        let words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray
        let (|Count|_|) (word: string) = Numbers.whole word |> Option.filter (fun n -> n > 0)
        let (|Times|_|) (word: string) = if word.StartsWith 'x' then (|Count|_|) word[1..] else None

        match words with
        | "repeat" :: Count block :: rest ->
            match rest with
            | [] -> Ok(TaskForm.Repeat { Letters = 26; BlockLength = block; Blocks = 4 })
            | [ Times blocks ] -> Ok(TaskForm.Repeat { Letters = 26; BlockLength = block; Blocks = blocks })
            | [ "of"; Count letters ] -> Ok(TaskForm.Repeat { Letters = letters; BlockLength = block; Blocks = 4 })
            | [ Times blocks; "of"; Count letters ] ->
                Ok(TaskForm.Repeat { Letters = letters; BlockLength = block; Blocks = blocks })
            | _ -> Error $"\"{Quote.line text}\" is no task, expected one {example}."
        | _ -> Error $"\"{Quote.line text}\" is no task, expected one {example}."

    /// The form of a name in a file: one that `parse` does not know is a script's own.
    let ofName (name: string) : TaskForm =
        match parse name with
        | Ok form -> form
        | Error _ -> TaskForm.Own name
