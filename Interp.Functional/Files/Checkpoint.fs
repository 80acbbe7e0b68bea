namespace Interp

open System
open System.Buffers.Binary
open System.Security.Cryptography
open System.Text

/// A model on file, with what is known of its training; made by `Checkpoint.ofRun` or read by `Checkpoint.ofBytes`.
type Checkpoint = {
    /// Its shape.
    Architecture: Architecture
    /// What it was trained on; none where the file does not say it.
    Task: TaskForm option
    /// What the run began from.
    Seed: uint64
    /// Steps taken.
    Steps: int
    /// After these steps.
    Weights: Model<Tensor>
    /// AdamW's state, where the run is to go on.
    Moments: AdamW.Moments<Tensor> option
    /// What the file says of its run; of a foreign file perhaps its shape alone.
    Provenance: Provenance
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

    /// Steps that were taken, in the metadata.
    let private stepsName = "steps"

    /// Whether keys are smeared, and they alone, as files had it before there was anything else to smear.
    let private smearedName = "smeared"

    /// The check sum of a file that a run can go on from, in the metadata.
    let private checkName = "check_sha256"

    let private checkDigits = 64

    /// A field's keys in the metadata; `steps` has always been what was taken, not what the run is to take.
    let private keys (field: Field) =
        match field with
        | Field.Steps -> [ "run_steps" ]
        | _ -> let row = Field.describe field in row.Name :: row.OldNames

    let private named names model = List.zip (Model.leaves names) (Model.leaves model)

    /// A run's model after some steps of this version's arithmetic, with AdamW's state where the run is to go on from it.
    let ofRun
        (c: Configuration)
        (steps: int)
        (weights: Model<Tensor>)
        (moments: AdamW.Moments<Tensor> option)
        : Checkpoint = {
        Architecture = c.Architecture
        Task = Some c.Task
        Seed = c.Seed
        Steps = steps
        Weights = weights
        Moments = moments
        Provenance = Provenance.ofConfiguration ArithmeticRevision.current c
    }

    /// Where the digits of the check sum stand in a file that has it, and the sum itself: SHA-256 of all the file's bytes with
    /// zeros for those digits.
    let private check (bytes: byte[]) =
        let start = Span<byte>(bytes).IndexOf(ReadOnlySpan(Encoding.ASCII.GetBytes $"\"{checkName}\":\""))
        let at = start + checkName.Length + 4

        if start < 0 || at + checkDigits > bytes.Length then
            None
        else
            use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256
            hash.AppendData(bytes, 0, at)
            hash.AppendData(Array.create checkDigits (byte '0'))
            hash.AppendData(bytes, at + checkDigits, bytes.Length - at - checkDigits)
            Some(at, Convert.ToHexStringLower(hash.GetHashAndReset()))

    /// The file's bytes: safetensors, the weights under the names of `Model.names`, AdamW's moments under `adamw.m.` and `adamw.v.`.
    /// The metadata has every field of the provenance; with moments a check sum, too, since a run goes on from them to its last bit.
    let toBytes (checkpoint: Checkpoint) : byte[] =
        let names = Model.names checkpoint.Architecture

        let metadata = [
            for field, value in checkpoint.Provenance.Fields do
                List.head (keys field), string value

            // Programs that know of smeared keys alone look for this.
            for field, value in checkpoint.Provenance.Fields do
                if field = Field.Smear then
                    smearedName, string (Truth(value = Word(string Smear.Keys)))

            stepsName, string checkpoint.Steps
            if checkpoint.Provenance.Revision <> ArithmeticRevision.first then
                ArithmeticRevision.name, string checkpoint.Provenance.Revision
            if checkpoint.Moments.IsSome then
                checkName, String('0', checkDigits)
        ]

        let moments =
            match checkpoint.Moments with
            | Some moments ->
                let ofMoments = AdamW.names checkpoint.Architecture
                named ofMoments.First moments.First @ named ofMoments.Second moments.Second
            | None -> []

        let bytes = Safetensors.write metadata (named names checkpoint.Weights @ moments)

        match check bytes with
        | Some(at, sum) when checkpoint.Moments.IsSome -> Encoding.ASCII.GetBytes(sum).CopyTo(bytes, at)
        | _ -> ()

        bytes

    /// A field's value in the metadata, where it is there.
    let private tryField (field: Field) (metadata: Map<string, string>) : Result<(Field * FieldValue) list, string> =
        match keys field |> List.tryFind metadata.ContainsKey with
        | None -> Ok []
        | Some key when field = Field.Task -> Ok [ field, Word(string (TaskForm.ofName metadata[key])) ]
        | Some key ->
            match Field.parse field metadata[key] with
            | Ok value -> Ok [ field, value ]
            | Error expected -> Error $"the metadata's \"{key}\": {expected}."

    let private collect (parts: Result<'a list, string> list) : Result<'a list, string> =
        (parts, Ok [])
        ||> List.foldBack (fun part rest ->
            part |> Result.bind (fun part -> rest |> Result.map (fun rest -> part @ rest)))

    let private whole name least (text: string) =
        match Numbers.whole text with
        | Some n when n >= least -> Ok n
        | _ -> Error $"the metadata's \"{name}\": expected a whole number from {least} on, found \"{Quote.text text}\"."

    /// Steps taken: none is a model before training.
    let private stepsTaken (metadata: Map<string, string>) =
        match metadata.TryFind stepsName with
        | None -> Error $"the metadata has no \"{stepsName}\"."
        | Some text -> whole stepsName 0 text

    let private provenance (metadata: Map<string, string>) : Result<Provenance, string> =
        let revision =
            match metadata.TryFind ArithmeticRevision.name with
            | None -> Ok ArithmeticRevision.first
            | Some text -> whole ArithmeticRevision.name ArithmeticRevision.first text

        Field.all @ Field.spellings
        |> List.map (fun field -> tryField field metadata)
        |> collect
        |> Result.bind (fun found ->
            let said = Field.completed found

            let ordered = Field.all |> List.choose (fun field -> said |> List.tryFind (fst >> (=) field))

            revision |> Result.map (fun revision -> { Fields = ordered; Revision = revision }))

    let private all (parts: Model<Result<Tensor, string>>) : Result<Model<Tensor>, string> =
        Model.leaves parts
        |> List.map (Result.map List.singleton)
        |> collect
        |> Result.map (Model.rebuild parts)

    let private architecture (provenance: Provenance) : Result<Architecture, string> =
        match
            Field.ofArchitecture
            |> List.tryFind (fun field -> List.contains field (Provenance.unsaid provenance))
        with
        | Some missing -> Error $"the metadata has no \"{Field.name missing}\"."
        | None ->
            let a = (Field.set provenance.Fields Configuration.study).Architecture

            match Field.architectureProblem a with
            | Some problem -> Error problem.Sentence
            | None -> Ok a

    /// The task that was trained on, where the file says it.
    let private task (a: Architecture) (provenance: Provenance) : Result<TaskForm option, string> =
        let said =
            provenance.Fields
            |> List.tryPick (function
                | Field.Task, Word form -> Some(TaskForm.ofName form)
                | _ -> None)

        match said with
        | None -> Ok None
        | Some form ->
            match Field.problem { Configuration.study with Architecture = a; Task = form } with
            | Some problem -> Error problem.Sentence
            | None -> Ok said

    let private seed (provenance: Provenance) =
        provenance.Fields
        |> List.tryPick (function
            | Field.Seed, Natural seed -> Some seed
            | _ -> None)
        |> Option.defaultValue 0UL

    let private tensors (a: Architecture) (file: Safetensors.File) =
        let names, shapes = Model.names a, Model.shapes a
        let ofMoments = AdamW.names a
        let first, second = ofMoments.First, ofMoments.Second
        let read names = Model.map2 (fun name shape -> Safetensors.read name shape file) names shapes |> all
        let holds names = Model.leaves names |> List.exists file.Entries.ContainsKey
        let resumable = holds first || holds second

        let known =
            Set.ofList (Model.leaves names @ (if resumable then Model.leaves first @ Model.leaves second else []))

        match file.Entries.Keys |> Seq.tryFind (known.Contains >> not) with
        | Some name ->
            let entry = file.Entries[name]

            let missing =
                Model.leaves names
                |> List.tryFind (file.Entries.ContainsKey >> not)
                |> Option.map (fun missing -> $", and \"{missing}\" is missing")

            Error
                $"tensor \"{Quote.text name}\" ({entry.Type} of shape {Shape.show entry.Shape}) is not one of this model's{Option.defaultValue String.Empty missing}."
        | None ->
            read names
            |> Result.bind (fun weights ->
                if not resumable then
                    Ok(weights, None)
                else
                    read first
                    |> Result.bind (fun first ->
                        read second
                        |> Result.map (fun second ->
                            weights, Some({ First = first; Second = second }: AdamW.Moments<Tensor>))))

    let private build (file: Safetensors.File) : Result<Checkpoint, string> =
        provenance file.Metadata
        |> Result.bind (fun provenance ->
            architecture provenance
            |> Result.bind (fun a ->
                tensors a file
                |> Result.bind (fun (weights, moments) ->
                    stepsTaken file.Metadata
                    |> Result.bind (fun steps ->
                        task a provenance
                        |> Result.map (fun task -> {
                            Architecture = a
                            Task = task
                            Seed = seed provenance
                            Steps = steps
                            Weights = weights
                            Moments = moments
                            Provenance = provenance
                        })))))

    /// Checks the sum of a file that a run can go on from; only the first revision's have none.
    let private checkedWhole
        (bytes: byte[])
        (file: Safetensors.File)
        (checkpoint: Checkpoint)
        : Result<Checkpoint, string> =
        match file.Metadata.TryFind checkName, check bytes with
        | _ when checkpoint.Moments.IsNone -> Ok checkpoint
        | Some found, Some(_, sum) when found = sum -> Ok checkpoint
        | None, _ when checkpoint.Provenance.Revision = ArithmeticRevision.first -> Ok checkpoint
        | None, _ -> Error $"the metadata has no \"{checkName}\"; the file is damaged or foreign."
        | _ -> Error $"the metadata's \"{checkName}\" is not that of the file; it is not what was written."

    /// Reads a file's bytes. Every offset, size, type, shape and name is checked before anything is allocated for it.
    let ofBytes (source: string) (bytes: byte[]) : Result<Checkpoint, CheckpointError> =
        Safetensors.parse (ReadOnlyMemory bytes)
        |> Result.bind (fun file -> build file |> Result.bind (checkedWhole bytes file))
        |> Result.mapError (fun problem -> { Source = source; Problem = problem })

    /// Where a checkpoint or model and the configuration of a run say different things: none where it is of this run, or says
    /// nothing to the contrary.
    let differences (run: Provenance) (checkpoint: Checkpoint) : ProvenanceDifference list =
        let said = Provenance.differences checkpoint.Provenance run

        let beyond =
            run.Fields
            |> List.tryPick (function
                | Field.Steps, Whole steps when checkpoint.Steps > steps -> Some steps
                | _ -> None)

        match beyond with
        | Some steps when not (said |> List.exists (fun difference -> difference.Name = Field.name Field.Steps)) ->
            said @ [ { Name = Field.name Field.Steps; First = string checkpoint.Steps; Second = string steps } ]
        | _ -> said

    /// SHA-256 over the weights' bytes (little-endian float32) in the order of their names in the file, in lower-case hexadecimal.
    let weightsSha256 (weights: Model<Tensor>) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for leaf in Model.leaves weights do
            let bytes = Array.zeroCreate (4 * leaf.Data.Length)

            leaf.Data
            |> Array.iteri (fun i x -> BinaryPrimitives.WriteSingleLittleEndian(Span(bytes, 4 * i, 4), x))

            hash.AppendData bytes

        Convert.ToHexStringLower(hash.GetHashAndReset())
