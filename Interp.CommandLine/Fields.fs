/// Values of options, and the fields of a configuration, from the core's one table of them.
module internal Interp.CommandLine.Fields

open Interp
open Interp.CommandLine.Refusal

/// What the help says of a field.
let usage (field: Field) =
    let row = Field.describe field

    match row.Range with
    | AnyTruth -> $"{row.Meaning}."
    | Written(what, _) -> $"{row.Meaning}: {what} (default {Field.standard field})."
    | _ -> $"{row.Meaning} (default {Field.standard field})."

let private value option range text =
    match Field.parseIn range text with
    | Ok value -> value
    | Error expected -> refuse $"{option}: {expected}."

/// The value that an option gives a field.
let read (field: Field) (text: string) : FieldValue =
    match Field.parse field text with
    | Ok value -> value
    | Error expected -> refuse $"{Field.option field}: {expected}."

/// As many of anything as an option can ask for; what the machine can hold is another question.
let private most = 100_000_000

/// A whole number from `least` to `most`.
let between least most option text : int =
    match value option (WholeFrom(least, most)) text with
    | Whole number -> number
    | other -> Broken.because $"A whole number is no {other}."

/// A whole number from `least` on.
let whole least option text : int = between least most option text

/// How many of something: at least 1.
let count option text = whole 1 option text

/// A number from 0 to `most`.
let number most option text : float =
    match value option (NumberFrom(0.0, most)) text with
    | Number number -> number
    | other -> Broken.because $"A number is no {other}."

/// A seed.
let seed option text : uint64 =
    match value option AnyNatural text with
    | Natural seed -> seed
    | other -> Broken.because $"A seed is no {other}."

/// A file or a directory.
let place option (text: string) =
    if text = "" then
        refuse $"{option} is \"\", expected a file or a directory."

    if text.Contains '\000' then
        refuse $"{option} \"{Quote.text text}\": the name of a file or directory cannot hold this character."

    text

/// An option's name today, where it is one of an earlier version's; any other as it is. One that stood alone and means one value of a
/// field that has more today is an option still.
let today: string -> string =
    let names =
        Map [
            // Of `compare`.
            "--figure", "--picture"

            for field in Field.all @ Field.spellings do
                let row = Field.describe field

                if row.OldValues.IsEmpty then
                    for old in row.OldNames do
                        "--" + old.Replace('_', '-'), Field.option field
        ]

    fun name -> names.TryFind name |> Option.defaultValue name

/// The study's configuration with some fields set, where it fits.
let configuration (given: (Field * FieldValue) list) : Configuration =
    match TrainFields.configuration "" [] given with
    | Ok configuration -> configuration
    | Error sentence -> refuse sentence
