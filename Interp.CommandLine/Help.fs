/// Pages of help, made from the tables of commands and of their arguments.
module internal Interp.CommandLine.Help

open Interp
open Interp.CommandLine.Refusal
open Interp.CommandLine.Stories
open Interp.CommandLine.Table

let private exitCodes = Words "EXIT CODES: 0 done, 1 failed, 2 bad usage or bad input, 130 interrupted."

/// "NUMBER", or "LETTERS..." where there may be several.
let private value (row: Row) =
    let name = row.Value.ToUpperInvariant()
    if row.Values = Many then name + "..." else name

/// "-s, --seed NUMBER"
let private term (row: Row) =
    let short = row.Names |> List.tryFind (fun name -> name.Length = 2)
    let long = row.Names |> List.find (fun name -> name.Length > 2)
    let names = short |> Option.map (fun short -> $"{short}, {long}") |> Option.defaultValue $"    {long}"
    if row.Values = Nothing then names else $"{names} {value row}"

let private help = "-h, --help", "print this."

/// Ways to write a command, where its arguments alone do not tell them.
let private usages (story: Story) (rows: Row list) =
    match story.Name with
    | "train" -> [
        "interp train --out DIRECTORY [options]"
        "interp train --resume RUN [options]"
        "interp train --extend NUMBER RUN [options]"
        "interp train --print-config [options]"
      ]
    | "study" -> [ "interp study --out DIRECTORY [options]"; "interp study SUBCOMMAND ..." ]
    | name ->
        let unnamed =
            rows
            |> List.filter _.Names.IsEmpty
            |> List.map (fun row -> if row.Mandatory || row.Values = Many then value row else $"[{value row}]")

        let wanted =
            rows
            |> List.filter (fun row -> row.Mandatory && not row.Names.IsEmpty)
            |> List.map (fun row -> $"{row.Names.Head} {value row}")

        [ String.concat " " ("interp" :: name :: unnamed @ wanted @ [ "[options]" ]) ]

/// Options that are fields of a configuration stand apart from those that say how the command goes about it.
let private options (rows: Row list) : HelpPage =
    let isField (row: Row) =
        row.Names.Head = "--smeared"
        || Field.all @ Field.spellings |> List.exists (fun field -> Field.option field = row.Names.Head)

    let shown rows = rows |> List.map (fun (row: Row) -> term row, row.Usage)

    match rows |> List.partition isField with
    | fields, others when fields.Length > others.Length -> [
        Heading "FIELDS of the configuration:"
        Terms(shown fields)
        Heading "OPTIONS:"
        Terms(shown others @ [ help ])
      ]
    | _ -> [ Heading "OPTIONS:"; Terms(shown rows @ [ help ]) ]

/// The help of a command.
let ofCommand (story: Story) : HelpPage =
    let rows = story.Rows() |> List.filter (_.Hidden >> not)
    let unnamed, named = rows |> List.partition _.Names.IsEmpty

    [
        Words story.Words
        match usages story rows with
        | [ one ] -> Words $"USAGE: {one}"
        | several ->
            Heading "USAGE:"
            Terms(several |> List.map (fun usage -> usage, ""))
        if not unnamed.IsEmpty then
            Terms(unnamed |> List.map (fun row -> value row, row.Usage))
        match subcommandsOf story with
        | [] -> ()
        | subcommands ->
            Heading "SUBCOMMANDS:"
            Terms(subcommands |> List.map (fun each -> (wordsOf each)[1], each.Summary))
            Words $"Each explains itself: `interp help {story.Name} SUBCOMMAND`."
        yield! options named
        Heading "EXAMPLES:"
        Examples story.Examples
        exitCodes
    ]

/// The help of the program.
let ofProgram () : HelpPage = [
    Words
        "Interp trains tiny attention-only transformers on repeated blocks of letters and on other tasks, and takes them apart."
    Words "USAGE: interp COMMAND [options]"
    for group in groups do
        Heading group.Heading

        Terms(
            commands
            |> List.filter (fun story -> story.Group = group)
            |> List.map (fun story -> story.Name, story.Summary)
        )
    Heading "OPTIONS:"
    Terms [
        "-h, --help", "print this; behind a command, its own help."
        "-V, --version", "print the version."
    ]
    Heading "EXAMPLES:"
    Examples [
        "interp reproduce", "the whole study, with a report"
        "interp train --smeared --out runs/smeared", ""
        "interp complete runs/smeared --prompt ABCDEFABCDEF", ""
        "interp explore runs/smeared --open", "the model as a page to play with"
        "interp help train", "what a command does, with examples"
        "interp help claims", "how to state claims of your own; so interventions, explanations and tasks"
    ]
    exitCodes
]

/// Texts that are about no command.
let topics: (string * (unit -> HelpPage)) list = [
    "claims", ClaimsHelp.text
    "interventions", LanguageHelp.interventions
    "explanations", LanguageHelp.explanations
    // Also a command's name.
    "tasks", (fun () -> LanguageHelp.tasks () @ ofCommand (tryFind "tasks").Value)
]

/// `interp help`, `interp help claims`, `interp help study plan`.
let ofWords (words: string list) : HelpPage =
    let names = commands |> List.map _.Name
    let isWord word = List.contains word names || List.exists (fst >> (=) word) topics

    match words with
    | [] -> ofProgram ()
    | [ word ] when List.contains word Line.help || word = "help" || word = "version" -> ofProgram ()
    | word :: rest ->
        match topics |> List.tryFind (fst >> (=) word), tryFind (String.concat " " words) with
        | Some(_, page), _ when rest.IsEmpty -> page ()
        | _, Some story -> ofCommand story
        | _ when isWord word ->
            match tryFind word |> Option.map subcommandsOf with
            | Some(_ :: _ as subcommands) when rest.Length = 1 ->
                Line.unknown "subcommand" rest.Head (subcommands |> List.map (fun each -> (wordsOf each)[1])) word
            | _ ->
                refuse
                    $"help is of one command or topic, found \"{Quote.text rest.Head}\" behind {word} (see `interp --help`)."
        | _ -> Line.unknown "command or topic" word (List.map fst topics @ names) ""
