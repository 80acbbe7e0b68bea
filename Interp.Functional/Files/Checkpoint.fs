namespace Interp

open System
open System.Buffers.Binary
open System.Globalization
open System.Security.Cryptography

/// A model on file, with what is known of its training.
type Checkpoint = {
    Architecture: Architecture
    BlockLength: int
    Blocks: int
    Seed: uint64
    /// Steps taken.
    Steps: int
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

module CheckpointError =

    /// One sentence.
    let describe (error: CheckpointError) = $"{error.Source}: {error.Problem}"

[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Checkpoint =

    let private moment which = Model.map (fun name -> $"adamw.{which}.{name}")

    let private named names model = List.zip (Model.leaves names) (Model.leaves model)

    /// The file's bytes: safetensors, the weights under the names of `Model.names`, AdamW's moments under `adamw.m.` and `adamw.v.`.
    let toBytes (checkpoint: Checkpoint) : byte[] =
        let a = checkpoint.Architecture
        let names = Model.names a

        let metadata = [
            "n_layers", string a.Layers
            "n_heads", string a.Heads
            "d_model", string a.ModelWidth
            "d_head", string a.HeadWidth
            "d_vocab", string a.Vocabulary
            "n_ctx", string a.Context
            "smeared", (if a.Smeared then "true" else "false")
            "seed", string checkpoint.Seed
            "steps", string checkpoint.Steps
            "block_length", string checkpoint.BlockLength
            "blocks", string checkpoint.Blocks
        ]

        let moments =
            match checkpoint.Moments with
            | Some moments -> named (moment "m" names) moments.First @ named (moment "v" names) moments.Second
            | None -> []

        Safetensors.write metadata (named names checkpoint.Weights @ moments)

    let private whole (field: string) (metadata: Map<string, string>) : Result<int, string> =
        match metadata.TryFind field with
        | None -> Error $"the metadata has no \"{field}\"."
        | Some text ->
            match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, value -> Ok value
            | _ -> Error $"the metadata's \"{field}\" is \"{Quote.text text}\", expected a whole number."

    let private orDefault value field (metadata: Map<string, string>) =
        if metadata.ContainsKey field then whole field metadata else Ok value

    let private truth field (metadata: Map<string, string>) =
        match metadata.TryFind field with
        | Some "true" -> Ok true
        | Some "false" -> Ok false
        | Some text -> Error $"the metadata's \"{field}\" is \"{Quote.text text}\", expected true or false."
        | None -> Error $"the metadata has no \"{field}\"."

    let private seed (metadata: Map<string, string>) =
        match metadata.TryFind "seed" with
        | None -> Ok 0UL
        | Some text ->
            match UInt64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, value -> Ok value
            | _ -> Error $"the metadata's \"seed\" is \"{Quote.text text}\", expected a whole number."

    let private all (parts: Model<Result<Tensor, string>>) : Result<Model<Tensor>, string> =
        let problem =
            Model.leaves parts
            |> List.tryPick (fun part ->
                match part with
                | Error problem -> Some problem
                | Ok _ -> None)

        match problem with
        | Some problem -> Error problem
        | None ->
            parts
            |> Model.map (fun part ->
                match part with
                | Ok tensor -> tensor
                | Error problem -> Shape.fail problem)
            |> Ok

    let private architecture metadata : Result<Architecture, string> =
        let field name next = whole name metadata |> Result.bind next

        field "n_layers" (fun layers ->
            field "n_heads" (fun heads ->
                field "d_model" (fun modelWidth ->
                    field "d_head" (fun headWidth ->
                        field "d_vocab" (fun vocabulary ->
                            field "n_ctx" (fun context ->
                                truth "smeared" metadata
                                |> Result.bind (fun smeared ->
                                    Configuration.validateArchitecture {
                                        Layers = layers
                                        Heads = heads
                                        ModelWidth = modelWidth
                                        HeadWidth = headWidth
                                        Vocabulary = vocabulary
                                        Context = context
                                        Smeared = smeared
                                    })))))))

    /// Letters of a pattern and its repetitions: the study's pattern where a foreign file says nothing, if the context holds it twice.
    let private sequences (a: Architecture) metadata =
        orDefault (min Configuration.study.BlockLength (a.Context / 2)) "block_length" metadata
        |> Result.bind (fun blockLength ->
            orDefault (a.Context / max 1 blockLength) "blocks" metadata
            |> Result.bind (fun blocks ->
                { Configuration.study with Architecture = a; BlockLength = blockLength; Blocks = blocks }
                |> Configuration.validate
                |> Result.map (fun _ -> blockLength, blocks)))

    let private build (file: Safetensors.File) : Result<Checkpoint, string> =
        architecture file.Metadata
        |> Result.bind (fun a ->
            let names, shapes = Model.names a, Model.shapes a
            let first, second = moment "m" names, moment "v" names
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
                        whole "steps" file.Metadata
                        |> Result.bind (fun steps ->
                            seed file.Metadata
                            |> Result.bind (fun seed ->
                                sequences a file.Metadata
                                |> Result.map (fun (blockLength, blocks) -> {
                                    Architecture = a
                                    BlockLength = blockLength
                                    Blocks = blocks
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
