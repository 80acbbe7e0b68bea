/// The words of a command line, sorted into a command's options and their values. Which options there are Argu knows; it does not read
/// them, as its lists swallow the model that stands behind them, and its messages are not in users' words.
module internal Interp.CommandLine.Line

open FSharp.Reflection
open Argu
open Interp
open Interp.CommandLine.Refusal
open Interp.CommandLine.Table

/// What was found: a row's values, or a word that belongs to no option.
[<NoEquality; NoComparison>]
type private Found =
    | Given of Row * string list
    | Loose of string

let private quoted (word: string) = $"\"{Quote.text word}\""

/// "; the nearest is --length", or nothing where no name is near.
let private suggestion (word: string) (names: string list) =
    let furthest = 2

    match Spelling.within furthest names word with
    | [] -> ""
    | close -> $"; the nearest is {List.min close}"

/// There is no such command or option.
let unknown what (word: string) (names: string list) command : 'a =
    refuse $"there is no {what} {quoted word}{suggestion word names}{see command}"

/// What asks for help, behind any command.
let help = [ "--help"; "-h" ]

/// A word that looks like an option: not a number, and not the dash that is a file's name elsewhere.
let isOption (word: string) =
    word.Length > 1 && word[0] = '-' && not (System.Char.IsAsciiDigit word[1] || word[1] = '.')

/// `--name=value` as name and value.
let private split (word: string) =
    match word.IndexOf '=' with
    | -1 -> word, None
    | equals -> word[.. equals - 1], Some word[equals + 1 ..]

/// The words one by one, in their order.
let private sorted command (rows: Row list) (words: string list) : Found list =
    let named (name: string) = rows |> List.tryFind (fun row -> List.contains (Fields.today name) row.Names)
    let isNamed word = (named (fst (split word))).IsSome || List.contains word help

    let missing name (row: Row) (next: string list) : 'a =
        match next with
        | word :: _ when not (isNamed word) && word <> "--" ->
            refuse
                $"{name} wants its {row.Value} behind it, found {quoted word}, which looks like an option; if it is what you mean, write {name}={Quote.text word}."
        | _ -> refuse $"{name}: the {row.Value} that belongs behind it is missing{see command}"

    let rec sort found words =
        match words with
        | [] -> List.rev found
        | "--" :: rest -> List.rev found @ List.map Loose rest
        | word :: rest when isOption word ->
            let name, value = split word

            match named name, value with
            | None, _ ->
                unknown "option" name (help @ List.collect _.Names (rows |> List.filter (_.Hidden >> not))) command
            | Some { Values = Nothing }, Some value ->
                refuse $"{name} stands alone, found {quoted value} behind it{see command}"
            | Some({ Values = Nothing } as row), None -> sort (Given(row, []) :: found) rest
            | Some({ Values = One } as row), Some value -> sort (Given(row, [ value ]) :: found) rest
            | Some({ Values = One } as row), None ->
                match rest with
                | value :: rest when not (isNamed value || value.StartsWith "--") ->
                    sort (Given(row, [ value ]) :: found) rest
                | _ -> missing name row rest
            | Some({ Values = Many } as row), value ->
                let values = rest |> List.takeWhile (isOption >> not)

                match Option.toList value @ values with
                | [] -> missing name row rest
                | all -> sort (Given(row, all) :: found) (List.skip values.Length rest)
        | word :: rest -> sort (Loose word :: found) rest

    sort [] words

/// A list of values takes in whatever follows it. Where the one word that has no option is nowhere else, it is the last of a list, if
/// only one list has a word to spare.
let private freed command (words: Row) (found: Found list) =
    let spare =
        found
        |> List.indexed
        |> List.choose (fun (index, found) ->
            match found with
            | Given({ Values = Many }, values) when values.Length > 1 -> Some(index, List.last values)
            | _ -> None)

    match spare with
    | [ index, last ] ->
        found
        |> List.mapi (fun i each ->
            match each with
            | Given(row, values) when i = index -> [ Given(row, List.take (values.Length - 1) values); Loose last ]
            | each -> [ each ])
        |> List.concat
    | [] -> found
    | several ->
        let candidates = several |> List.map (snd >> quoted) |> String.concat " or "

        refuse $"the {words.Value} could be {candidates}: put it first, or behind a --{see command}"

let private once command (found: Found list) =
    found
    |> List.choose (fun found ->
        match found with
        | Given(row, _) when row.Unique -> Some row.Names.Head
        | _ -> None)
    |> List.countBy id
    |> List.tryFind (fun (_, count) -> count > 1)
    |> Option.iter (fun (name, _) -> refuse $"{name} is given twice{see command}")

let private case (row: Row) (value: obj[]) =
    FSharpValue.MakeUnion(row.Case, value, allowAccessToPrivateRepresentation = true)

let private loose found =
    found
    |> List.choose (fun found ->
        match found with
        | Loose word -> Some word
        | Given _ -> None)

/// What a name that belongs to no option is the name of.
let private called (command: string) (row: Row) =
    if command.StartsWith "study" then
        "the name of the directory of a study"
    else
        $"the name of the {row.Value}"

/// The words that belong to no option, as the command's one argument that has no name; they may stand anywhere.
let private unnamed command (rows: Row list) (found: Found list) : Found list * obj list =
    match rows |> List.tryFind _.Names.IsEmpty, loose found with
    | None, word :: _ -> refuse $"{quoted word} has no place among the options of `interp {command}`{see command}"
    | None, [] -> found, []
    | Some({ Values = Many } as row), [] -> found, [ case row [| ([]: string list) |] ]
    | Some({ Values = Many } as row), words ->
        found, [ case row [| words |> List.map (Fields.place (called command row)) |] ]
    | Some row, [] ->
        let found = if row.Mandatory then freed command row found else found

        match loose found with
        | word :: _ -> found, [ case row [| Fields.place (called command row) word |] ]
        | [] when row.Mandatory -> refuse $"the {row.Value} is missing{see command}"
        | [] -> found, []
    | Some row, [ word ] -> found, [ case row [| Fields.place (called command row) word |] ]
    | Some row, words ->
        let all = words |> List.truncate 3 |> List.map quoted |> String.concat " and "
        refuse $"expected one {row.Value}, found {all}{see command}"

/// Reads a command's words. Options stand in any order, and the word that has none anywhere among them.
let read<'T when 'T :> IArgParserTemplate> (command: string) (words: string list) : ParseResults<'T> =
    let parser, rows = parser<'T>()
    let found = sorted command rows words
    once command found
    let found, unnamed = unnamed command rows found

    let given =
        found
        |> List.choose (fun found ->
            match found with
            | Loose _ -> None
            | Given(row, values) ->
                match row.Values with
                | Nothing -> Some(row, case row [||])
                | One -> Some(row, case row [| values.Head |])
                | Many -> Some(row, case row [| values |]))

    rows
    |> List.tryFind (fun each ->
        each.Mandatory
        && not each.Names.IsEmpty
        && not (given |> List.exists (fun (row, _) -> row.Case.Tag = each.Case.Tag)))
    |> Option.iter (fun row -> refuse $"{row.Names.Head} is missing{see command}")

    unnamed @ List.map snd given |> List.map unbox<'T> |> parser.ToParseResults
