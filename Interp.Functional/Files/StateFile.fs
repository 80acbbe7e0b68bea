namespace Interp

open System

/// Why a file is none that a training can go on from.
[<RequireQualifiedAccess>]
type StateFileError =
    /// It is not what was written, or was never such a file: half a sentence.
    | Damaged of string
    /// It is whole, and of another training: half a sentence with what it says and what was expected.
    | Another of string

/// States of trainings of any record as bytes and back (safetensors): weights by the names of their structure, moments by the same names
/// behind those of `Optimiser.moments`, and in the metadata what the objective prints. A loss is a function and prints nothing: that a file
/// is of another loss goes unnoticed where names, shapes, task, optimiser, batch and seed are the same.
module StateFile =

    let private kindName, private kind = "format", "interp training state"
    let private stepsName = "steps"

    /// What a file says of its objective: by their keys the task's name, the optimiser with its schedule, sequences a step, the seed and the
    /// revision of the arithmetic.
    let parts (objective: Objective<'model>) : (string * string) list = [
        "task", objective.Task.Name
        "optimiser", string objective.Optimiser
        "batch", string objective.Batch
        "seed", string objective.Seed
        ArithmeticRevision.name, string ArithmeticRevision.current
    ]

    /// The file's bytes, with a check sum.
    let toBytes (objective: Objective<'model>) (state: TrainingState<'model>) : byte[] =
        let structure = objective.Structure

        let names = structure.Names state.Weights :: Objective.momentNames objective state.Weights

        CheckedFile.write
            ((kindName, kind) :: (stepsName, string state.Step) :: parts objective)
            (List.map2
                (fun names record -> List.zip names (structure.Leaves record))
                names
                (state.Weights :: state.Moments)
             |> List.concat)

    let private whole (bytes: byte[]) : Result<Safetensors.File, string> =
        Safetensors.parse (ReadOnlyMemory bytes)
        |> Result.bind (fun file ->
            if file.Metadata.TryFind kindName <> Some kind then
                Error $"the metadata's \"{kindName}\" is not \"{kind}\"; this is no state of a training of one's own."
            else
                match CheckedFile.problem bytes file with
                | Some problem -> Error problem
                | None -> Ok file)

    let private difference (objective: Objective<'model>) (file: Safetensors.File) : string option =
        parts objective
        |> List.tryPick (fun (name, own) ->
            match file.Metadata.TryFind name with
            | Some found when found = own -> None
            | Some found -> Some $"its {name} is \"{Quote.line found}\", and this training's \"{Quote.line own}\"."
            | None -> Some $"it does not say its {name}, and this training's is \"{Quote.line own}\".")

    /// Reads the state of an objective's training. Every name, shape, number and part is checked, and nothing else may be in the file.
    let ofBytes (objective: Objective<'model>) (bytes: byte[]) : Result<TrainingState<'model>, StateFileError> =
        match whole bytes with
        | Error problem -> Error(StateFileError.Damaged problem)
        | Ok file ->
            match difference objective file with
            | Some problem -> Error(StateFileError.Another problem)
            | None ->
                let structure = objective.Structure
                let example = Objective.initial objective
                let shapes = structure.Leaves example |> List.map _.Shape
                let names = structure.Names example
                let all = names :: Objective.momentNames objective example

                let records =
                    match CheckedFile.foreign "this training's" names (Set.ofList (List.concat all)) file with
                    | Some problem -> Error problem
                    | None ->
                        all
                        |> List.map (fun names ->
                            CheckedFile.read names shapes file |> Result.map (structure.Rebuild example))
                        |> CheckedFile.collect

                let steps = file.Metadata.TryFind stepsName |> Option.defaultValue "" |> CheckedFile.whole stepsName 0

                match records, steps with
                | Ok records, Ok steps -> Ok(Training.resume objective steps records.Head records.Tail)
                | Error problem, _
                | _, Error problem -> Error(StateFileError.Another problem)
