namespace Interp

open System

/// Printed forms of tasks, read.
module internal TaskGrammar =

    /// How a part of a printed form begins.
    [<RequireQualifiedAccess>]
    type private Lead =
        /// "6"
        | Number
        /// "3..8"
        | Range
        /// "x4"
        | Times
        /// "of 26"
        | Word of string

    /// A part of a printed form: numbers that a task is made of.
    type private Part = {
        Lead: Lead
        /// What its number is.
        Meaning: string
        /// What it is where it is left out.
        Default: uint64 list
        Read: string -> uint64 option
    }

    /// A way to write a task.
    type private Kind = { Name: string; Example: string; Parts: Part list; Build: uint64 list -> TaskForm }

    let private count (word: string) = Numbers.whole word |> Option.filter (fun n -> n >= 0) |> Option.map uint64

    let private part lead meaning (standard: uint64 list) = {
        Lead = lead
        Meaning = meaning
        Default = standard
        Read = count
    }

    let private number meaning standard = part Lead.Number meaning [ standard ]
    let private length standard = part (Lead.Word "length") "the tokens of a sequence" [ standard ]
    let private letters standard = part (Lead.Word "of") "the letters of the alphabet" [ standard ]

    let private kind name example parts (build: int list -> TaskForm) = {
        Name = name
        Example = example
        Parts = parts
        Build = List.map int >> build
    }

    let private mistaken () : 'a = Broken.because "A task was built of another number of parts than its grammar has."

    let private numbers1 build =
        function
        | [ a ] -> build a
        | _ -> mistaken ()

    let private numbers2 build =
        function
        | [ a; b ] -> build (a, b)
        | _ -> mistaken ()

    let private kinds = [
        kind
            "repeat"
            "repeat 6 x4 of 26"
            [
                number "the letters of a pattern" 6UL
                part Lead.Times "how often a sequence has its pattern" [ 4UL ]
                letters 26UL
            ]
            (function
             | [ block; blocks; letters ] -> TaskForm.Repeat { BlockLength = block; Blocks = blocks; Letters = letters }
             | _ -> mistaken ())
        kind
            "repeat"
            "repeat 3..8 length 24 of 26"
            [
                part Lead.Range "the letters of the shortest and the longest pattern" [ 3UL; 8UL ]
                length 24UL
                letters 26UL
            ]
            (function
             | [ shortest; longest; length; letters ] -> TaskForm.Periods(shortest, longest, length, letters)
             | _ -> mistaken ())
        kind "induction" "induction length 64 of 26" [ length 64UL; letters 26UL ] (numbers2 TaskForm.Induction)
        kind
            "recall"
            "recall 5 of 16"
            [ number "the pairs" 5UL; part (Lead.Word "of") "the keys, and as many values" [ 26UL ] ]
            (numbers2 TaskForm.Recall)
        kind "markov" "markov length 64 of 4" [ length 64UL; letters 4UL ] (numbers2 TaskForm.Markov)
        kind "copy" "copy 8 of 26" [ number "the letters to copy" 8UL; letters 26UL ] (numbers2 TaskForm.Copy)
        kind
            "reverse"
            "reverse 8 of 26"
            [ number "the letters to reverse" 8UL; letters 26UL ]
            (numbers2 TaskForm.Reverse)
        kind "sort" "sort 8 of 26" [ number "the letters to sort" 8UL; letters 26UL ] (numbers2 TaskForm.Sort)
        kind "add" "add 113" [ number "the modulus" 113UL ] (numbers1 TaskForm.Add)
        kind
            "max"
            "max 4 of 64"
            [
                number "how many numbers there are to choose from" 4UL
                part (Lead.Word "of") "how many numbers there are at all" [ 64UL ]
            ]
            (numbers2 TaskForm.Max)
        kind
            "brackets"
            "brackets 2 length 24"
            [ number "the kinds of brackets" 2UL; length 24UL ]
            (numbers2 TaskForm.Brackets)
        kind "nonsense" "nonsense length 24 of 26" [ length 24UL; letters 26UL ] (numbers2 TaskForm.Nonsense)
        {
            Name = "bigram-noise"
            Example = "bigram-noise length 24 of 26 seed 1"
            Parts = [
                length 24UL
                letters 26UL
                { part (Lead.Word "seed") "the seed of its table" [ 1UL ] with Read = Numbers.natural }
            ]
            Build =
                function
                | [ length; letters; seed ] -> TaskForm.BigramNoise(int length, int letters, seed)
                | _ -> mistaken ()
        }
    ]

    let private textName, private textExample = "text", "text moby.txt length 64"

    /// The names of all kinds of tasks.
    let names: string list = (kinds |> List.map _.Name |> List.distinct) @ [ textName ]

    /// A task of each way to write one, text aside.
    let examples: string list = kinds |> List.map _.Example

    /// The ways to write a task, text and splits aside: as "repeat N xN of N", an example, and what each number is. Numbers may be left out.
    let forms: (string * string * string) list = [
        for kind in kinds do
            let shown (part: Part) =
                match part.Lead with
                | Lead.Number -> "N"
                | Lead.Range -> "N..N"
                | Lead.Times -> "xN"
                | Lead.Word word -> $"{word} N"

            let meanings = kind.Parts |> List.map _.Meaning |> String.concat "; "
            kind.Name + " " + (kind.Parts |> List.map shown |> String.concat " "), kind.Example, meanings
    ]

    let private wrong (text: string) example what : Result<'a, string> =
        Error $"\"{Quote.line text}\" {what}, for example \"{example}\"."

    let private found (word: string) place = $"has {Numbers.found word} as word {place}"

    /// "\"of\" and a number, the letters of the alphabet"
    let private wanted (part: Part) =
        let form =
            match part.Lead with
            | Lead.Number -> "a whole number"
            | Lead.Range -> "two whole numbers such as 3..8"
            | Lead.Times -> "a number of times such as x4"
            | Lead.Word word -> $"\"{word}\" and a whole number"

        $"{form} ({part.Meaning})"

    /// Whether a word can only be meant for a part.
    let private opens (part: Part) (word: string) =
        let numeric (word: string) =
            word <> "" && (Char.IsAsciiDigit word[0] || word[0] = '-' || word[0] = '+' || word[0] = '.')

        match part.Lead with
        | Lead.Number
        | Lead.Range -> numeric word
        | Lead.Times -> word = "x" || word.StartsWith 'x' && numeric word[1..]
        | Lead.Word lead -> word = lead

    /// A part's numbers at the beginning of some words, with how many words these are; none where the numbers are not right.
    let private read (part: Part) (words: string list) : (uint64 list * int) option =
        match part.Lead, words with
        | Lead.Number, word :: _ -> part.Read word |> Option.map (fun n -> [ n ], 1)
        | Lead.Times, word :: _ -> part.Read word[1..] |> Option.map (fun n -> [ n ], 1)
        | Lead.Word _, _ :: word :: _ -> part.Read word |> Option.map (fun n -> [ n ], 2)
        | Lead.Range, word :: _ ->
            match word.Split ".." with
            | [| low; high |] -> Option.map2 (fun low high -> [ low; high ], 1) (part.Read low) (part.Read high)
            | _ -> None
        | _ -> None

    /// The word at a place that no part begins with.
    let private unexpected text example (all: Part list) (left: Part list) place (word: string) =
        let leads =
            all
            |> List.choose (fun part ->
                match part.Lead with
                | Lead.Word lead -> Some lead
                | _ -> None)

        // A short word is near to any other.
        let near =
            leads
            |> List.filter (fun lead -> not (Spelling.within (min 2 (lead.Length / 2)) [ lead ] word).IsEmpty)
            |> List.except [ word ]

        match near, left with
        | meant :: _, _ -> wrong text example $"{found word place}, where \"{meant}\" may have been meant"
        | [], [] -> wrong text example $"{found word place}, expected nothing more"
        | [], _ ->
            let wanted = left |> List.map wanted |> String.concat " or "
            wrong text example $"{found word place}, expected {wanted}"

    let private parts text example (all: Part list) (words: string list) : Result<uint64 list, string> =
        let rec next (left: Part list) (allowed: Part list) place words values =
            match words, left with
            | [], _ -> Ok(List.rev values @ List.collect _.Default left)
            | word :: _, [] -> unexpected text example all allowed place word
            | word :: _, part :: others when opens part word ->
                match read part words with
                | Some(numbers, count) ->
                    next others others (place + count) (List.skip count words) (List.rev numbers @ values)
                | None ->
                    match part.Lead, words with
                    | Lead.Word lead, [ _ ] ->
                        wrong text example $"ends with \"{lead}\", expected a whole number after it: {part.Meaning}"
                    | Lead.Word _, _ :: word :: _ ->
                        wrong text example $"{found word (place + 1)}, expected a whole number: {part.Meaning}"
                    | _ -> wrong text example $"{found word place}, expected {wanted part}"
            | _, part :: others -> next others allowed place words (List.rev part.Default @ values)

        next all all 2 words []

    // A file's name is read up to a space, or in double quotes, in which two of them are one.
    let private fileName (text: string) (rest: string) : Result<string * string, string> =
        let rec closing (place: int) =
            match rest.IndexOf('"', place) with
            | -1 -> None
            | quote when quote + 1 < rest.Length && rest[quote + 1] = '"' -> closing (quote + 2)
            | quote -> Some quote

        if rest = "" then
            wrong text textExample "ends with \"text\", expected a file after it"
        elif rest[0] = '"' then
            match closing 1 with
            | None -> wrong text "text \"moby dick.txt\" length 64" "has a quotation mark that none closes"
            | Some quote when quote + 1 < rest.Length && rest[quote + 1] <> ' ' ->
                wrong
                    text
                    "text \"moby dick.txt\" length 64"
                    "goes on without a space behind the file's closing quotation mark"
            | Some quote -> Ok(rest[1 .. quote - 1].Replace("\"\"", "\""), rest[quote + 1 ..])
        else
            match rest.IndexOf ' ' with
            | -1 -> Ok(rest, "")
            | space -> Ok(rest[.. space - 1], rest[space..])

    let private isHash (word: string) = word.Length = 64 && word |> Seq.forall Char.IsAsciiHexDigitLower

    let private ofText (text: string) (rest: string) : Result<TaskForm, string> =
        match fileName text rest with
        | Error sentence -> Error sentence
        | Ok(file, _) when file = "" -> wrong text textExample "has no file's name between its quotation marks"
        | Ok(file, _) when Seq.exists Char.IsControl file ->
            wrong text textExample "has a control character in the file's name, expected one that shows"
        | Ok(file, rest) ->
            let words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

            let unit, words, place =
                match words with
                | "bytes" :: words -> TextUnit.Bytes, words, 4
                | words -> TextUnit.Characters, words, 3

            let window, content =
                match words |> List.tryFindIndex ((=) "of") with
                | Some i -> List.splitAt i words
                | None -> words, []

            let window =
                match window with
                | [] -> Ok 64
                | [ "length"; word ] ->
                    match count word with
                    | Some n -> Ok(int n)
                    | None ->
                        wrong
                            text
                            textExample
                            $"{found word (place + 1)}, expected a whole number: the tokens of a window"
                | [ "length" ] -> wrong text textExample "has nothing after \"length\", expected the tokens of a window"
                | "length" :: _ :: word :: _ ->
                    wrong text textExample $"{found word (place + 2)}, expected nothing more"
                | word :: _ ->
                    let known = [ "bytes"; "length" ]

                    match Spelling.within 2 known word with
                    | meant :: _ when meant <> word ->
                        wrong text textExample $"{found word place}, where \"{meant}\" may have been meant"
                    | _ ->
                        wrong
                            text
                            "text \"moby dick.txt\" length 64"
                            $"{found word place}, expected \"bytes\" or \"length\" and a whole number, and a file's name with spaces in quotation marks"

            let content =
                match content with
                | [] -> Ok None
                | [ "of"; letters; "sha256"; hash ] when (count letters).IsSome && isHash hash ->
                    Ok(Some { Letters = int (count letters).Value; Sha256 = hash })
                | _ ->
                    wrong
                        text
                        textExample
                        "has \"of\", expected behind it how many different tokens the file has, \"sha256\" and 64 hexadecimal digits, or none of this"

            match window, content with
            | Ok length, Ok content ->
                Ok(TaskForm.Text { File = file; Unit = unit; Length = length; Content = content })
            | Error sentence, _
            | _, Error sentence -> Error sentence

    let private splitExample = "add 113 split 30% seed 1"

    /// A task's inputs split: what stands from the word "split" at a place on.
    let private ofSplit text place (words: string list) (whole: TaskForm) : Result<TaskForm, string> =
        let percent (word: string) = if word.EndsWith '%' then count word[.. word.Length - 2] else None

        let split seed share =
            match percent share, seed with
            | None, _ ->
                wrong
                    text
                    splitExample
                    $"{found share (place + 1)}, expected how many per cent to train on, such as 30%%"
            | Some n, Ok seed -> Ok(TaskForm.Split(whole, int n, seed))
            | _, Error sentence -> Error sentence

        match words with
        | [ _ ] ->
            wrong text splitExample "ends with \"split\", expected after it how many per cent to train on, such as 30%"
        | [ _; share ] -> split (Ok 1UL) share
        | [ _; share; "seed"; seed ] ->
            match Numbers.natural seed with
            | Some seed -> split (Ok seed) share
            | None ->
                split
                    (wrong text splitExample $"{found seed (place + 3)}, expected a whole number: the seed of the split")
                    share
        | _ :: share :: word :: _ ->
            split
                (wrong
                    text
                    splitExample
                    $"{found word (place + 2)}, expected \"seed\" and a whole number, or nothing more")
                share
        | [] -> mistaken ()

    /// What is written, whether or not its numbers make a task: see `TaskForm.parse`.
    let rec parse (text: string) : Result<TaskForm, string> =
        let trimmed = text.Trim ' '
        let words = trimmed.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

        match words with
        | name :: _ when name <> textName && List.contains "split" words.Tail ->
            let place = List.findIndex ((=) "split") words
            let whole, split = List.splitAt place words
            parse (String.concat " " whole) |> Result.bind (ofSplit text (place + 1) split)
        | [] ->
            let names = String.concat ", " names
            Error $"The task is empty, expected one of {names}, for example \"{kinds.Head.Example}\"."
        | name :: _ when name = textName -> ofText text (trimmed[name.Length ..].TrimStart ' ')
        | name :: rest ->
            let isRange = rest |> List.tryHead |> Option.exists _.Contains("..")
            let ways = kinds |> List.filter (fun kind -> kind.Name = name)

            match ways |> List.sortByDescending (fun kind -> (kind.Parts.Head.Lead = Lead.Range) = isRange) with
            | kind :: _ -> parts text kind.Example kind.Parts rest |> Result.map kind.Build
            | [] ->
                match Spelling.within 2 names name with
                | meant :: _ ->
                    let example =
                        examples
                        |> List.tryFind (fun example -> example.StartsWith(meant + " ", StringComparison.Ordinal))
                        |> Option.defaultValue textExample

                    wrong text example $"{found name 1}, which is no task, \"{meant}\" may have been meant"
                | [] ->
                    let names = String.concat ", " names
                    wrong text kinds.Head.Example $"{found name 1}, expected one of {names}"
