/// What a shell may offer at each place of a command line, from the tables of commands and of their arguments.
module internal Interp.CommandLine.Completion

open Interp
open Interp.CommandLine.Stories
open Interp.CommandLine.Table

/// What may stand behind an option, or in the place of the word that has none.
type Wanted =
    /// A number or a text of the user's own: nothing can be offered.
    | Anything
    /// One of these.
    | OneOf of words: string list
    /// Something longer that begins with one of these.
    | Beginning of words: string list
    | AFile
    | ADirectory
    /// A `.safetensors` file, or the directory of a run.
    | AModel

/// An option, as a shell is told of it.
type Offered = {
    /// "--seed", "-s"
    Names: string list
    /// The beginning of what the help says.
    Summary: string
    /// What stands behind it, by its name in the help; none for an option that stands alone.
    Value: (string * Wanted) option
}

/// A command, as a shell is told of it.
type Completed = {
    /// "train", "study plan"
    Name: string
    Summary: string
    Options: Offered list
    /// Subcommands, topics, shells, models: what stands in front of, or between, the options.
    Unnamed: Wanted
}

/// A line's beginning, up to what is said in addition.
let private beginning (text: string) =
    let ends = [ " ("; "; "; ": "; ". " ] |> List.map text.IndexOf |> List.filter ((<) 0)
    (if ends.IsEmpty then text else text[.. List.min ends - 1]).TrimEnd '.'

let private fieldOf (name: string) =
    Field.all @ Field.spellings |> List.tryFind (fun field -> Field.option field = name)

/// Words of a field's values, where they are few.
let private ofField (field: Field) =
    match (Field.describe field).Range, field with
    | FieldRange.OneOf words, _ -> OneOf words
    | _, Field.Schedule ->
        Beginning [ "constant"; "warm-up"; string Course.Linear; string Course.Cosine; string Course.Jump ]
    | _, Field.Decay -> Beginning [ "all"; "matrices"; "none"; "only" ]
    | _, Field.Clip -> OneOf [ "none" ]
    | _ -> Anything

let private wanted (row: Row) =
    let name = row.Names |> List.tryHead |> Option.defaultValue ""

    match row.Value, fieldOf name with
    | "task", _ -> Beginning LanguageHelp.Beginnings.tasks
    | "intervention", _ -> Beginning LanguageHelp.Beginnings.interventions
    | "explanation", _ -> Beginning LanguageHelp.Beginnings.explanations
    | "file", _ -> AFile
    | "directory", _ -> ADirectory
    | ("model" | "run"), _ -> AModel
    | "shell", _ -> OneOf shells
    | "variants", _ -> OneOf(Survey.variants |> List.map string)
    | "sweep", _ -> Beginning(Survey.sweepable |> List.map (fun field -> Field.name field + "="))
    | _, Some field -> ofField field
    | "name", _ when name = "--mode" -> OneOf(List.map string [ ZeroMode; MeanMode; ResampleMode ])
    | _ -> Anything

let private option (row: Row) = {
    Names = row.Names
    Summary = beginning row.Usage
    Value = if row.Values = Nothing then None else Some(row.Value, wanted row)
}

let private help = { Names = Line.help; Summary = "print help"; Value = None }

/// Every command, with its subcommands.
let commands: Completed list =
    all
    |> List.map (fun story ->
        let unnamed, named = story.Rows() |> List.filter (_.Hidden >> not) |> List.partition _.Names.IsEmpty

        {
            Name = story.Name
            Summary = beginning story.Summary
            Options = if story.Rows().IsEmpty then [] else List.map option named @ [ help ]
            Unnamed =
                match unnamed, subcommandsOf story with
                | _, (_ :: _ as subcommands) -> OneOf(subcommands |> List.map (fun each -> (wordsOf each)[1]))
                | [ row ], _ -> wanted row
                | _ when story.Name = "help" ->
                    (Stories.commands |> List.map _.Name) @ List.map fst Help.topics |> List.distinct |> OneOf
                | _ -> Anything
        })

/// What stands in front of everything.
let first: string list = (Stories.commands |> List.map _.Name) @ Line.help @ [ "--version"; "-V" ]

/// The words that choose a subcommand, by the command that has them.
let subcommands: (string * string list) list =
    Stories.commands
    |> List.choose (fun story ->
        match subcommandsOf story with
        | [] -> None
        | found -> Some(story.Name, found |> List.map (fun each -> (wordsOf each)[1])))
