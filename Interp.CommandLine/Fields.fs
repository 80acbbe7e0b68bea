/// Fields of a configuration on the command line, from the core's one table of them.
module internal Interp.CommandLine.Fields

open Interp
open Interp.CommandLine.Refusal

/// What the help says of a field.
let usage (field: Field) =
    let row = Field.describe field

    match row.Range with
    | AnyTruth -> $"{row.Meaning}."
    | _ -> $"{row.Meaning} (default {Field.standard field})."

/// The value that an option gives a field.
let read (field: Field) (text: string) : FieldValue =
    match Field.parse field text with
    | Ok value -> value
    | Error expected -> raise (Refused $"{Field.option field}: {expected}.")

/// Arguments with the names that options had in earlier versions replaced by today's; other arguments as they are.
let renamed: string[] -> string[] =
    let today =
        Map [
            for field in Field.all do
                for old in (Field.describe field).OldNames -> "--" + old.Replace('_', '-'), Field.option field
        ]

    Array.map (fun argument -> today.TryFind argument |> Option.defaultValue argument)

/// The study's configuration with some fields set, where it fits.
let configuration (given: (Field * FieldValue) list) : Configuration =
    let configuration = Field.set given Configuration.study

    match Field.problem configuration with
    | None -> configuration
    | Some problem -> raise (Refused problem.Sentence)
