namespace Interp.CommandLine

open System
open System.Text.Encodings.Web
open System.Text.Json
open Interp

/// What a training is made of: fields from a file and from options, and the file to be edited.
module TrainFields =

    /// <summary>The study's configuration with fields set, where it fits.</summary>
    /// <param name="source">The file that some of them come from; empty for none.</param>
    /// <param name="fromFile">What it says.</param>
    /// <param name="given">What options say, which win.</param>
    /// <returns>The configuration, or one sentence on what does not fit.</returns>
    let configuration
        (source: string)
        (fromFile: (Field * FieldValue) list)
        (given: (Field * FieldValue) list)
        : Result<Configuration, string> =
        let has fields field = fields |> List.exists (fst >> (=) field)
        let spellingOf fields = Field.spellings |> List.tryFind (has fields)

        // A task that an option gives takes the place of the file's, however that is spelled.
        let left =
            fromFile
            |> List.filter (fun (field, _) ->
                not (has given field || (has given Field.Task && List.contains field Field.spellings)))

        let isRepetition =
            left
            |> List.tryPick (fun (field, value) -> if field = Field.Task then Some(string value) else None)
            |> Option.forall (TaskForm.parse >> Result.exists _.IsRepeat)

        match spellingOf given, spellingOf fromFile with
        | Some spelling, _ when has given Field.Task ->
            Error
                $"{Field.option spelling} is a short way to a task, so it cannot be given beside {Field.option Field.Task}."
        | Some spelling, _ when not isRepetition ->
            Error $"{Field.option spelling} is a short way to a repetition, but the task in {source} is another."
        | _, Some spelling when has fromFile Field.Task ->
            Error
                $"{source}: {Field.name spelling} is a short way to a task, so it cannot stand beside {Field.name Field.Task}."
        | _ ->
            let configuration = Field.set (left @ given) Configuration.study

            match Field.problem configuration with
            | None -> Ok configuration
            | Some problem when has left problem.Field -> Error $"{source}: {problem.Sentence}"
            | Some problem -> Error problem.Sentence

    /// Fields that others tell, where they are not said.
    let private following = [ Field.DHead; Field.DVocab; Field.NCtx ]

    // Letters as they are, and quotes as people write them.
    let private asWritten = JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

    let private json (value: FieldValue) =
        match value with
        | Word word -> JsonSerializer.Serialize(word, asWritten)
        | value -> string value

    let private commentWidth = 95

    let private sentence (text: string) = string (Char.ToUpperInvariant text[0]) + text[1..]

    /// A configuration as a file for `train --config`: every field with its value, and in a comment what it means, its range and what the
    /// study has. Those that follow from others stand in comments.
    let file (configuration: Configuration) : string =
        let value field = (Field.describe field).Get configuration

        let follows =
            let others = Field.all |> List.except following |> List.map (fun field -> field, value field)
            let left = Field.set others Configuration.study
            following |> List.filter (fun field -> (Field.describe field).Get left = value field)

        let said = Field.all |> List.except follows

        let entry field =
            let row = Field.describe field
            let follow = if List.contains field follows then " Left out, it follows from others." else ""

            let comment =
                $"{sentence row.Meaning}. {sentence (string row.Range)}; the study has {Field.standard field}.{follow}"
                |> HelpPage.wrapped commentWidth
                |> List.map (fun line -> "  // " + line)

            let line = $"\"{row.Name}\": {json (value field)}"

            comment
            @ [
                if List.contains field follows then $"  // {line},"
                elif field = List.last said then $"  {line}"
                else $"  {line},"
            ]

        String.concat "\n" [
            "// A configuration for `interp train --config FILE`: change what you like. What is left out is the study's."
            "{"
            yield! Field.all |> List.map (entry >> String.concat "\n") |> String.concat "\n\n" |> List.singleton
            "}"
        ]
