namespace Interp

open System

/// What the tokens of a text are.
[<RequireQualifiedAccess>]
type TextUnit =
    /// Characters, by their code points; the text is UTF-8.
    | Characters
    /// Bytes, of whatever the file holds.
    | Bytes

/// What a text was found to be.
type TextContent = {
    /// Different tokens.
    Letters: int
    /// The file's SHA-256, 64 hexadecimal digits.
    Sha256: string
}

/// Windows of a text.
type TextForm = {
    /// The file's path.
    File: string
    /// What its tokens are.
    Unit: TextUnit
    /// Tokens of a window.
    Length: int
    /// None before the file was read.
    Content: TextContent option
}

/// What a task is, as a value that prints and parses back: `Tasks.ofForm` makes the task of it, `Tasks.ofText` that of a text.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type TaskForm =
    /// "repeat 6 x4 of 26": the study's.
    | Repeat of Repetition
    /// "repeat 3..8 length 24 of 26": each sequence has a period of its own.
    | Periods of shortest: int * longest: int * length: int * letters: int
    /// "induction length 64 of 26": random letters, a stretch of which returns.
    | Induction of length: int * letters: int
    /// "recall 5 of 16": pairs of one of 16 keys and one of 16 values, then a key.
    | Recall of pairs: int * keys: int
    /// "markov length 64 of 4": each sequence is of a random chain of its own.
    | Markov of length: int * letters: int
    /// "copy 8 of 26": letters, and the same again.
    | Copy of count: int * letters: int
    /// "reverse 8 of 26": letters, and the same from the last to the first.
    | Reverse of count: int * letters: int
    /// "sort 8 of 26": letters, and the same in the order of the alphabet.
    | Sort of count: int * letters: int
    /// "add 113": two numbers and their sum modulo 113.
    | Add of modulus: int
    /// "max 4 of 64": four numbers and the largest of them.
    | Max of count: int * numbers: int
    /// "brackets 2 length 24": balanced brackets of two kinds.
    | Brackets of kinds: int * length: int
    /// "nonsense length 24 of 26": letters without any pattern.
    | Nonsense of length: int * letters: int
    /// "bigram-noise length 24 of 26 seed 1": letters from one random table of which follows which.
    | BigramNoise of length: int * letters: int * seed: uint64
    /// "add 113 split 30% seed 1": a task of which so many of a hundred inputs are trained on, and the others held out.
    | Split of whole: TaskForm * percent: int * seed: uint64
    /// "text moby.txt length 64": windows of a text.
    | Text of TextForm
    /// A script's own, by its name.
    | Own of name: string

    member internal this.Display = Display.line (this.ToString())

    /// As `TaskForm.parse` reads it.
    override this.ToString() =
        match this with
        | Repeat r -> $"repeat {r.BlockLength} x{r.Blocks} of {r.Letters}"
        | Periods(shortest, longest, length, letters) -> $"repeat {shortest}..{longest} length {length} of {letters}"
        | Induction(length, letters) -> $"induction length {length} of {letters}"
        | Recall(pairs, keys) -> $"recall {pairs} of {keys}"
        | Markov(length, letters) -> $"markov length {length} of {letters}"
        | Copy(count, letters) -> $"copy {count} of {letters}"
        | Reverse(count, letters) -> $"reverse {count} of {letters}"
        | Sort(count, letters) -> $"sort {count} of {letters}"
        | Add modulus -> $"add {modulus}"
        | Max(count, numbers) -> $"max {count} of {numbers}"
        | Brackets(kinds, length) -> $"brackets {kinds} length {length}"
        | Nonsense(length, letters) -> $"nonsense length {length} of {letters}"
        | BigramNoise(length, letters, seed) -> $"bigram-noise length {length} of {letters} seed {seed}"
        | Split(whole, percent, seed) -> $"{whole} split {percent}%% seed {seed}"
        | Text text ->
            let plain = text.File <> "" && text.File |> Seq.forall (fun c -> c <> '"' && not (Char.IsWhiteSpace c))
            let file = if plain then text.File else "\"" + text.File.Replace("\"", "\"\"") + "\""
            let kind = if text.Unit = TextUnit.Bytes then " bytes" else ""

            let content =
                match text.Content with
                | Some content -> $" of {content.Letters} sha256 {content.Sha256}"
                | None -> ""

            $"text {file}{kind} length {text.Length}{content}"
        | Own name -> name
