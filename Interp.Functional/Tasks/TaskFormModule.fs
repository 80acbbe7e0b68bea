namespace Interp

open System

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

    /// The longest sequence that a task of the program's can have, in tokens.
    let longest = 4096

    /// The most tokens that a task of the program's can have.
    let mostLetters = 65536

    /// Tokens of a sequence; none where the form does not say it.
    let rec private length (form: TaskForm) : int64 option =
        match form with
        | TaskForm.Repeat r -> Some(int64 r.BlockLength * int64 r.Blocks)
        | TaskForm.Periods(_, _, length, _)
        | TaskForm.Induction(length, _)
        | TaskForm.Markov(length, _)
        | TaskForm.Brackets(_, length)
        | TaskForm.Nonsense(length, _)
        | TaskForm.BigramNoise(length, _, _) -> Some(int64 length)
        | TaskForm.Text text -> Some(int64 text.Length)
        | TaskForm.Recall(pairs, _) -> Some(2L * int64 pairs + 2L)
        | TaskForm.Copy(count, _)
        | TaskForm.Reverse(count, _)
        | TaskForm.Sort(count, _) -> Some(2L * int64 count + 1L)
        | TaskForm.Add _ -> Some 4L
        | TaskForm.Max(count, _) -> Some(int64 count + 1L)
        | TaskForm.Split(whole, _, _) -> length whole
        | TaskForm.Own _ -> None

    /// Tokens that there are, separators too; none where the form does not say it.
    let rec private letters (form: TaskForm) : int64 option =
        match form with
        | TaskForm.Repeat r -> Some(int64 r.Letters)
        | TaskForm.Periods(_, _, _, letters)
        | TaskForm.Induction(_, letters)
        | TaskForm.Markov(_, letters)
        | TaskForm.Nonsense(_, letters)
        | TaskForm.BigramNoise(_, letters, _)
        | TaskForm.Max(_, letters) -> Some(int64 letters)
        | TaskForm.Recall(_, keys) -> Some(2L * int64 keys)
        | TaskForm.Copy(_, letters)
        | TaskForm.Reverse(_, letters)
        | TaskForm.Sort(_, letters)
        | TaskForm.Add letters -> Some(int64 letters + 1L)
        | TaskForm.Brackets(kinds, _) -> Some(2L * int64 kinds)
        | TaskForm.Split(whole, _, _) -> letters whole
        | TaskForm.Text { Unit = TextUnit.Bytes } -> Some 256L
        | TaskForm.Text text -> text.Content |> Option.map (fun content -> int64 content.Letters)
        | TaskForm.Own _ -> None

    /// How large a task is; none where the form does not say it.
    let size (form: TaskForm) : TaskSize option =
        match length form, letters form with
        | Some length, Some letters -> Some { Length = length; Letters = int (min letters (int64 Int32.MaxValue)) }
        | _ -> None

    /// The task with so many tokens in all, where that is its choice: "copy" has a letter less, as one token is its separator, "recall"
    /// and "brackets" have half as many keys and kinds.
    let rec withLetters (letters: int) (form: TaskForm) : TaskForm =
        match form with
        | TaskForm.Repeat r -> TaskForm.Repeat { r with Letters = letters }
        | TaskForm.Periods(shortest, longest, length, _) -> TaskForm.Periods(shortest, longest, length, letters)
        | TaskForm.Induction(length, _) -> TaskForm.Induction(length, letters)
        | TaskForm.Recall(pairs, _) -> TaskForm.Recall(pairs, letters / 2)
        | TaskForm.Markov(length, _) -> TaskForm.Markov(length, letters)
        | TaskForm.Copy(count, _) -> TaskForm.Copy(count, letters - 1)
        | TaskForm.Reverse(count, _) -> TaskForm.Reverse(count, letters - 1)
        | TaskForm.Sort(count, _) -> TaskForm.Sort(count, letters - 1)
        | TaskForm.Add _ -> TaskForm.Add(letters - 1)
        | TaskForm.Max(count, _) -> TaskForm.Max(count, letters)
        | TaskForm.Brackets(_, length) -> TaskForm.Brackets(letters / 2, length)
        | TaskForm.Nonsense(length, _) -> TaskForm.Nonsense(length, letters)
        | TaskForm.BigramNoise(length, _, seed) -> TaskForm.BigramNoise(length, letters, seed)
        | TaskForm.Split(whole, percent, seed) -> TaskForm.Split(withLetters letters whole, percent, seed)
        | TaskForm.Text _
        | TaskForm.Own _ -> form

    /// The study's kind of task.
    let repetition (form: TaskForm) : Repetition option =
        match form with
        | TaskForm.Repeat r -> Some r
        | _ -> None

    // A table of what follows what takes letters times letters.
    let private mostTableLetters = 1024

    /// One sentence on a form whose numbers make no task, with the number and what was expected; none where they do.
    let rec problem (form: TaskForm) : string option =
        let named = Quote.line (string form)

        let within what low high (n: int) =
            if n < low || n > high then
                Some $"The task \"{named}\" has {n} {what}, expected {low} to {high}."
            else
                None

        let alphabet what = within what 2 mostLetters
        let positions = within "as length" 2 longest

        let own =
            match form with
            | TaskForm.Repeat r -> [
                within "letters in a pattern" 1 longest r.BlockLength
                within "blocks" 2 longest r.Blocks
                alphabet "letters" r.Letters
              ]
            | TaskForm.Periods(shortest, last, length, letters) -> [
                positions length
                within "letters in its shortest pattern" 1 (length - 1) shortest
                within "letters in its longest pattern" shortest (length - 1) last
                alphabet "letters" letters
              ]
            | TaskForm.Induction(length, letters) -> [ within "as length" 4 longest length; alphabet "letters" letters ]
            | TaskForm.Recall(pairs, keys) -> [
                within "keys" 2 (mostLetters / 2) keys
                within "pairs of different keys" 1 (min keys ((longest - 2) / 2)) pairs
              ]
            | TaskForm.Markov(length, letters)
            | TaskForm.Nonsense(length, letters) -> [ positions length; alphabet "letters" letters ]
            | TaskForm.BigramNoise(length, letters, _) -> [
                positions length
                within "letters" 2 mostTableLetters letters
              ]
            | TaskForm.Copy(count, letters)
            | TaskForm.Reverse(count, letters)
            | TaskForm.Sort(count, letters) -> [
                within "letters to go by" 1 ((longest - 1) / 2) count
                within "letters in the alphabet" 2 (mostLetters - 1) letters
              ]
            | TaskForm.Add modulus -> [ within "as modulus" 2 (mostLetters - 1) modulus ]
            | TaskForm.Max(count, numbers) -> [
                within "numbers to go by" 1 (longest - 1) count
                alphabet "numbers" numbers
              ]
            | TaskForm.Brackets(kinds, length) -> [
                within "kinds of brackets" 1 (mostLetters / 2) kinds
                positions length
                (if length % 2 <> 0 then
                     Some
                         $"The task \"{named}\" has {length} as length, expected an even number, as brackets come in pairs."
                 else
                     None)
              ]
            | TaskForm.Split(whole, percent, _) -> [ problem whole; within "per cent to train on" 1 99 percent ]
            | TaskForm.Text text -> [
                (if text.File = "" then
                     Some $"The task \"{named}\" has no file, expected its path."
                 else
                     None)
                positions text.Length
                text.Content
                |> Option.bind (fun content -> within "different characters" 1 mostLetters content.Letters)
              ]
            | TaskForm.Own _ -> []

        List.tryPick id own
        |> Option.orElseWith (fun () ->
            match length form with
            | Some tokens when tokens > int64 longest ->
                Some $"The task \"{named}\" has sequences of {tokens} tokens, expected at most {longest}."
            | _ -> None)

    /// Reads a task of the program's as it prints, its parts in that order; what has a default may be left out, as in "repeat 6". The error
    /// is one sentence: with the place and an example that is right, or that the numbers make no task (`problem`).
    let parse (text: string) : Result<TaskForm, string> =
        TaskGrammar.parse text
        |> Result.bind (fun form ->
            match problem form with
            | Some sentence -> Error sentence
            | None -> Ok form)

    /// The form of a name in a file, whether or not its numbers make a task: what is no task's printed form is a script's own.
    let ofName (name: string) : TaskForm =
        match TaskGrammar.parse name with
        | Ok form -> form
        | Error _ -> TaskForm.Own name
