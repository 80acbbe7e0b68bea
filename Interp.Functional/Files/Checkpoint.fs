namespace Interp

open System
open System.Buffers.Binary
open System.Globalization
open System.Security.Cryptography

/// A model on file, with what is known of its training.
type Checkpoint = {
    /// Its shape.
    Architecture: Architecture
    /// What it was trained on.
    Task: Task
    /// What the run began from.
    Seed: uint64
    /// Steps taken.
    Steps: int
    /// After these steps.
    Weights: Model<Tensor>
    /// AdamW's state, where the run is to go on.
    Moments: AdamW.Moments<Tensor> option
}

/// What is wrong with a file.
type CheckpointError = {
    /// The file's name as the user gave it.
    Source: string
    /// Half a sentence: which tensor or field, what was expected, what was found.
    Problem: string
}

/// Problems of files in words.
module CheckpointError =

    /// One sentence.
    let describe (error: CheckpointError) = $"{error.Source}: {error.Problem}"

/// Checkpoints as bytes and back.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Checkpoint =

    let private ofTask = [ Field.BlockLength; Field.Blocks ]

    let private named names model = List.zip (Model.leaves names) (Model.leaves model)

    /// The file's bytes: safetensors, the weights under the names of `Model.names`, AdamW's moments under `adamw.m.` and `adamw.v.`.
    let toBytes (checkpoint: Checkpoint) : byte[] =
        let names = Model.names checkpoint.Architecture

        let known = {
            Configuration.study with
                Architecture = checkpoint.Architecture
                Task = checkpoint.Task
                Seed = checkpoint.Seed
        }

        let field field = let row = Field.describe field in row.Name, string (row.Get known)

        let metadata = [
            yield! Field.ofArchitecture |> List.map field
            field Field.Seed
            "steps", string checkpoint.Steps
            yield! ofTask |> List.map field
        ]

        let moments =
            match checkpoint.Moments with
            | Some moments ->
                let ofMoments = AdamW.names checkpoint.Architecture
                named ofMoments.First moments.First @ named ofMoments.Second moments.Second
            | None -> []

        Safetensors.write metadata (named names checkpoint.Weights @ moments)

    /// A field's value in the metadata, where it is there.
    let private tryField (field: Field) (metadata: Map<string, string>) : Result<(Field * FieldValue) list, string> =
        let name = Field.name field

        match metadata.TryFind name with
        | None -> Ok []
        | Some text ->
            match Field.parse field text with
            | Ok value -> Ok [ field, value ]
            | Error expected -> Error $"the metadata's \"{name}\": {expected}."

    let private field (field: Field) (metadata: Map<string, string>) =
        match tryField field metadata with
        | Ok [] -> Error $"the metadata has no \"{Field.name field}\"."
        | found -> found

    let private collect (parts: Result<'a list, string> list) : Result<'a list, string> =
        (parts, Ok [])
        ||> List.foldBack (fun part rest ->
            part |> Result.bind (fun part -> rest |> Result.map (fun rest -> part @ rest)))

    /// Steps taken: none is a model before training.
    let private stepsTaken (metadata: Map<string, string>) =
        match metadata.TryFind "steps" with
        | None -> Error "the metadata has no \"steps\"."
        | Some text ->
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, steps -> Ok steps
            | _ -> Error $"the metadata's \"steps\": expected a whole number, found {Quote.text text}."

    let private all (parts: Model<Result<Tensor, string>>) : Result<Model<Tensor>, string> =
        Model.leaves parts
        |> List.map (Result.map List.singleton)
        |> collect
        |> Result.map (Model.rebuild parts)

    let private architecture metadata : Result<Architecture, string> =
        Field.ofArchitecture
        |> List.map (fun each -> field each metadata)
        |> collect
        |> Result.bind (fun given ->
            let a = (Field.set given Configuration.study).Architecture

            match Field.architectureProblem a with
            | Some problem -> Error problem.Sentence
            | None -> Ok a)

    /// The task that was trained on: the study's pattern where a foreign file says nothing, if the context holds it twice.
    let private task (a: Architecture) metadata : Result<Task, string> =
        ofTask
        |> List.map (fun each -> tryField each metadata)
        |> collect
        |> Result.bind (fun given ->
            let said field otherwise =
                given
                |> List.tryPick (function
                    | found, Whole n when found = field -> Some n
                    | _ -> None)
                |> Option.defaultValue otherwise

            let blockLength = said Field.BlockLength (min Configuration.study.Task.BlockLength (a.NCtx / 2))

            let task = {
                Letters = a.DVocab
                BlockLength = blockLength
                Blocks = said Field.Blocks (a.NCtx / max 1 blockLength)
            }

            match Field.problem { Configuration.study with Architecture = a; Task = task } with
            | Some problem -> Error problem.Sentence
            | None -> Ok task)

    let private seed metadata : Result<uint64, string> =
        tryField Field.Seed metadata
        |> Result.map (function
            | [ _, Natural seed ] -> seed
            | _ -> 0UL)

    let private build (file: Safetensors.File) : Result<Checkpoint, string> =
        architecture file.Metadata
        |> Result.bind (fun a ->
            let names, shapes = Model.names a, Model.shapes a
            let ofMoments = AdamW.names a
            let first, second = ofMoments.First, ofMoments.Second
            let read names = Model.map2 (fun name shape -> Safetensors.read name shape file) names shapes |> all
            let holds names = Model.leaves names |> List.exists file.Entries.ContainsKey
            let resumable = holds first || holds second

            let known =
                Set.ofList (Model.leaves names @ (if resumable then Model.leaves first @ Model.leaves second else []))

            match file.Entries.Keys |> Seq.tryFind (known.Contains >> not) with
            | Some name -> Error $"tensor \"{Quote.text name}\" is not one of this model's."
            | None ->
                read names
                |> Result.bind (fun weights ->
                    let moments =
                        if resumable then
                            read first
                            |> Result.bind (fun first ->
                                read second
                                |> Result.map (fun second ->
                                    Some({ First = first; Second = second }: AdamW.Moments<Tensor>)))
                        else
                            Ok None

                    moments
                    |> Result.bind (fun moments ->
                        stepsTaken file.Metadata
                        |> Result.bind (fun steps ->
                            seed file.Metadata
                            |> Result.bind (fun seed ->
                                task a file.Metadata
                                |> Result.map (fun task -> {
                                    Architecture = a
                                    Task = task
                                    Seed = seed
                                    Steps = steps
                                    Weights = weights
                                    Moments = moments
                                }))))))

    /// Reads a file's bytes. Every offset, size, type, shape and name is checked before anything is allocated for it.
    let ofBytes (source: string) (bytes: byte[]) : Result<Checkpoint, CheckpointError> =
        Safetensors.parse (ReadOnlyMemory bytes)
        |> Result.bind build
        |> Result.mapError (fun problem -> { Source = source; Problem = problem })

    /// SHA-256 over the weights' bytes (little-endian float32) in the order of their names in the file, in lower-case hexadecimal.
    let weightsSha256 (weights: Model<Tensor>) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for leaf in Model.leaves weights do
            let bytes = Array.zeroCreate (4 * leaf.Data.Length)

            leaf.Data
            |> Array.iteri (fun i x -> BinaryPrimitives.WriteSingleLittleEndian(Span(bytes, 4 * i, 4), x))

            hash.AppendData bytes

        Convert.ToHexStringLower(hash.GetHashAndReset())
