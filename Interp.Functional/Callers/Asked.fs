namespace Interp

open System
open System.Collections.Generic
open System.Globalization

/// What a caller asks for in texts, as files and command lines have it, read as values. What cannot be read raises `RefusedException`.
module internal Asked =

    let private orRefuse (read: Result<'value, string>) : 'value =
        match read with
        | Ok value -> value
        | Error sentence -> Refused.because sentence

    let tokens (vocabulary: Vocabulary) (text: string) : Tokens = Vocabulary.parse vocabulary text |> orRefuse

    let interventions (texts: string[]) : Intervention list =
        texts |> Array.map (Intervention.parse >> orRefuse) |> Array.toList

    let explanation (text: string) : Explanation = Explanation.parse text |> orRefuse

    /// The task of a text; null for the one that a model was trained on.
    let task (own: TaskForm option) (text: string) : Task =
        match text, own with
        | null, Some form -> Tasks.ofForm form
        | null, None ->
            Refused.because
                $"It is not known what the model was trained on, so a task is needed, for example \"{TaskForm.study}\"."
        | text, _ -> Tasks.parse text |> orRefuse

    let mode (text: string) : AblationMode =
        let all = [ ZeroMode; MeanMode; ResampleMode ]

        match all |> List.tryFind (fun mode -> string mode = text) with
        | Some mode -> mode
        | None -> Refused.because $"The mode of ablation is \"{Quote.text text}\", expected zero, mean or resample."

    /// The value of a setting as files write it.
    let private written (value: obj) : string =
        match value with
        | null -> ""
        | :? bool as truth -> if truth then "true" else "false"
        | :? float as number -> Numbers.show number
        | :? float32 as number -> Numbers.show (float number)
        | :? IFormattable as number -> number.ToString(null, CultureInfo.InvariantCulture)
        | other -> string other

    /// The study's configuration with some fields set, by their names.
    let configuration (settings: IEnumerable<KeyValuePair<string, obj>>) : Configuration =
        let fields = [
            for setting in settings do
                match Field.tryFind setting.Key with
                | None ->
                    let near = Spelling.nearest (Field.all |> List.map Field.name) setting.Key

                    Refused.because
                        $"There is no setting \"{Quote.text setting.Key}\"; \"{near.Head}\" may have been meant."
                | Some field ->
                    match Field.parse field (written setting.Value) with
                    | Ok value -> field, value
                    | Error expected -> Refused.because $"{Field.name field}: {expected}."
        ]

        Field.set fields Configuration.study
