namespace Interp.CommandLine

open System

/// A part of a page of help, before it has lines.
type HelpBlock =
    /// Sentences.
    | Words of text: string
    /// What stands above other parts.
    | Heading of text: string
    /// Words of the command line, and what each means beside it.
    | Terms of terms: (string * string) list
    /// A form of a small language, what it means, and examples of it.
    | Form of form: string * meaning: string * examples: string list
    /// Commands to paste, each with a remark, which may be empty.
    | Examples of examples: (string * string) list
    /// Lines as they are.
    | Lines of lines: string list

/// A page of help, which knows no width yet.
type HelpPage = HelpBlock list

/// From a page of help to its lines.
module HelpPage =

    /// Columns where nobody knows how many there are.
    let StandardWidth = 80

    /// In fewer columns than this a term has no room beside what it means.
    let private least = 60

    let private margin = 2

    let private spaces count = String(' ', count)

    /// Pieces on lines of no more than some columns, each line behind the indent of all but the first.
    let private filled width indent (last: string) (pieces: string list) : string list =
        let rec fill lines (line: string) pieces =
            match pieces with
            | [] -> List.rev (line :: lines)
            | piece: string :: rest ->
                let tail = if rest.IsEmpty then 0 else last.Length

                if line.Length + 1 + piece.Length + tail <= width then
                    fill lines (line + " " + piece) rest
                else
                    fill (line + last :: lines) (spaces indent + piece) rest

        match pieces with
        | [] -> []
        | first :: rest -> fill [] first rest

    /// A word that is longer than a line, in parts.
    let private broken width (word: string) =
        word.ToCharArray() |> Array.chunkBySize (max 1 width) |> Array.map String |> List.ofArray

    /// Words, of which those between backquotes are one where a line has room for it.
    let private apart room (text: string) =
        text.Split '`'
        |> List.ofArray
        |> List.mapi (fun i part -> if i % 2 = 1 && part.Length + 2 <= room then part.Replace(' ', '\000') else part)
        |> String.concat "`"
        |> _.Split([| ' '; '\n' |], StringSplitOptions.RemoveEmptyEntries)
        |> List.ofArray
        |> List.map _.Replace('\000', ' ')

    /// Words on lines no longer than the width, all behind an indent.
    let private behind width indent (text: string) : string list =
        let room = width - indent

        apart room text
        |> List.collect (broken room)
        |> filled room 0 ""
        |> List.map (fun line -> spaces indent + line)

    /// Words on lines no longer than the width.
    let internal wrapped (width: int) (text: string) : string list = behind width 0 text

    /// A command's words; what is quoted is one.
    let private words (command: string) =
        let rec split (word: string) quoted found signs =
            match signs with
            | [] -> List.rev (word :: found)
            | ' ' :: rest when not quoted -> split "" false (word :: found) rest
            | '"' :: rest -> split (word + "\"") (not quoted) found rest
            | sign :: rest -> split (word + string (sign: char)) quoted found rest

        split "" false [] (List.ofSeq command)

    /// An option stays beside its value where both have room on a line.
    let rec private paired width (words: string list) =
        match words with
        | option :: value :: rest when
            option.StartsWith '-' && not (value.StartsWith '-') && option.Length + 1 + value.Length <= width
            ->
            $"{option} {value}" :: paired width rest
        | word :: rest -> word :: paired width rest
        | [] -> []

    /// A command on lines that a shell reads as one; only a word that is longer than a line reaches over the width.
    let private command width indent text =
        let further, last = indent + 2 * margin, " \\"

        match words text |> paired (width - further - last.Length) with
        | [] -> []
        | first :: rest -> filled width further last (spaces indent + first :: rest)

    let private terms width (rows: (string * string) list) =
        let longest = rows |> List.map (fst >> String.length) |> List.fold max 0
        let column = if width < least then 0 else min longest (width * 2 / 5)
        let beside = margin + column + margin

        rows
        |> List.collect (fun (term, meaning) ->
            if column = 0 then
                behind width margin term @ behind width (3 * margin) meaning
            elif term.Length > column then
                // An option without a short name stands under the names of those with one.
                let indent = margin + term.Length - term.TrimStart().Length
                behind width indent (term.TrimStart()) @ behind width beside meaning
            else
                match behind width beside meaning with
                | [] -> [ (spaces margin + term).TrimEnd() ]
                | first :: rest -> spaces margin + term.PadRight(column + margin) + first.TrimStart() :: rest)

    let private block width part =
        match part with
        | Words text -> behind width 0 text
        | Heading text -> behind width 0 text
        | Terms rows -> terms width rows
        | Form(form, meaning, examples) ->
            behind width (2 * margin) form
            @ behind width (3 * margin) meaning
            @ (examples |> List.map (fun example -> spaces (4 * margin) + example))
        | Examples examples ->
            examples
            |> List.collect (fun (text, remark) ->
                let remark =
                    if remark = "" then
                        []
                    else
                        behind (width - 2 * margin - 2) 0 remark
                        |> List.map (fun line -> spaces (2 * margin) + "# " + line)

                remark @ command width (2 * margin) text)
        | Lines lines -> lines

    /// <summary>The text of a page: its parts with an empty line between them, the last line without an end.</summary>
    /// <param name="width">Columns. A line is longer only for an example's one word that is.</param>
    /// <param name="page">The page.</param>
    let show (width: int) (page: HelpPage) : string =
        let parts =
            page |> List.map (fun part -> part, block width part) |> List.filter (snd >> List.isEmpty >> not)

        (None, parts)
        ||> List.fold (fun text (part, lines) ->
            let added = String.concat "\n" lines

            match text with
            | None -> Some(part, added)
            // What a heading is of stands right under it.
            | Some(Heading _, text) -> Some(part, text + "\n" + added)
            | Some(_, text) -> Some(part, text + "\n\n" + added))
        |> Option.map snd
        |> Option.defaultValue ""
