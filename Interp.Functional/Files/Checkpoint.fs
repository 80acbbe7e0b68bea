namespace Interp

open System
open System.Buffers.Binary
open System.Security.Cryptography
open System.Text
open System.Text.Json

/// A model on file, with what is known of its training; made by `Checkpoint.ofRun` or read by `Checkpoint.ofBytes`.
[<StructuredFormatDisplay("{Display}")>]
type Checkpoint = {
    /// Its shape.
    Architecture: Architecture
    /// What it was trained on; none where the file does not say it.
    Task: TaskForm option
    /// The names of its tokens, where it was trained on a text.
    Tokens: Vocabulary option
    /// What the run began from.
    Seed: uint64
    /// Steps taken.
    Steps: int
    /// After these steps.
    Weights: Model<Tensor>
    /// The optimiser's moments, where the run is to go on.
    Moments: Model<Tensor> list option
    /// What the file says of its run; of a foreign file perhaps its shape alone.
    Provenance: Provenance
} with

    member internal this.Display =
        let task = this.Task |> Option.map (fun task -> $", {task}") |> Option.defaultValue ""
        let moments = if this.Moments.IsSome then ", to be gone on with" else ""

        Display.under
            $"checkpoint after {Display.count (int64 this.Steps)} steps of seed {this.Seed}{task}{moments}"
            this.Weights.Display


/// Checkpoints as bytes and back.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Checkpoint =

    /// Steps that were taken, in the metadata.
    let private stepsName = "steps"

    /// Whether keys are smeared, and they alone, as files had it before there was anything else to smear.
    let private smearedName = "smeared"

    /// The names of a text's tokens, in the metadata: a list in JSON.
    let private tokensName = "tokens"

    /// A field's keys in the metadata; `steps` has always been what was taken, not what the run is to take.
    let private keys (field: Field) =
        match field with
        | Field.Steps -> [ "run_steps" ]
        | _ -> let row = Field.describe field in row.Name :: row.OldNames

    /// The name of every moment of every weight, by what a file says of its optimiser.
    let private momentNames (a: Architecture) (provenance: Provenance) : Model<string> list =
        Optimiser.moments (Recipe.optimiser (Field.set provenance.Fields Configuration.study)).Rule
        |> List.map (fun prefix -> Model.names a |> Model.map (fun name -> prefix + name))

    let private named names model = List.zip (Model.leaves names) (Model.leaves model)

    /// A run's model after some steps of this version's arithmetic, with the optimiser's moments where the run is to go on from it.
    let ofRun
        (c: Configuration)
        (steps: int)
        (weights: Model<Tensor>)
        (moments: Model<Tensor> list option)
        : Checkpoint = {
        Architecture = c.Architecture
        Task = Some c.Task
        Tokens = None
        Seed = c.Seed
        Steps = steps
        Weights = weights
        Moments = moments
        Provenance = Provenance.ofConfiguration ArithmeticRevision.current c
    }

    /// The same model with the names of its tokens.
    let withTokens (tokens: Vocabulary option) (checkpoint: Checkpoint) : Checkpoint = {
        checkpoint with
            Tokens = tokens
    }

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

            match checkpoint.Tokens with
            | Some tokens -> tokensName, JsonSerializer.Serialize tokens.Names
            | None -> ()
        ]

        let moments =
            match checkpoint.Moments with
            | Some moments ->
                List.map2 named (momentNames checkpoint.Architecture checkpoint.Provenance) moments |> List.concat
            | None -> []

        let tensors = named names checkpoint.Weights @ moments

        if checkpoint.Moments.IsSome then
            CheckedFile.write metadata tensors
        else
            Safetensors.write metadata tensors

    /// A field's value in the metadata, where it is there.
    let private tryField (field: Field) (metadata: Map<string, string>) : Result<(Field * FieldValue) list, string> =
        match keys field |> List.tryFind metadata.ContainsKey with
        | None -> Ok []
        | Some key when field = Field.Task -> Ok [ field, Word(string (TaskForm.ofName metadata[key])) ]
        | Some key ->
            match Field.parse field metadata[key] with
            | Ok value -> Ok [ field, value ]
            | Error expected -> Error $"the metadata's \"{key}\": {expected}."

    /// The names of a text's tokens, where they are there.
    let private tokens (a: Architecture) (metadata: Map<string, string>) : Result<Vocabulary option, string> =
        match metadata.TryFind tokensName with
        | None -> Ok None
        | Some text ->
            let names =
                try
                    use json = JsonDocument.Parse text

                    match json.RootElement.ValueKind with
                    | JsonValueKind.Array -> [ for name in json.RootElement.EnumerateArray() -> name.GetString() ]
                    | _ -> []
                with
                | :? JsonException
                | :? InvalidOperationException -> []

            match
                names
                |> List.choose Option.ofObj
                |> Some
                |> Option.filter (fun found -> found.Length = names.Length)
                |> Option.bind Vocabulary.ofText
            with
            | Some tokens when tokens.Size <= a.DVocab -> Ok(Some tokens)
            | Some tokens ->
                Error $"the metadata's \"{tokensName}\" has {tokens.Size} names, but d_vocab is {a.DVocab}."
            | None -> Error $"the metadata's \"{tokensName}\" is not a list, in JSON, of the names of a text's tokens."

    /// Steps taken: none is a model before training.
    let private stepsTaken (metadata: Map<string, string>) =
        match metadata.TryFind stepsName with
        | None -> Error $"the metadata has no \"{stepsName}\"."
        | Some text -> CheckedFile.whole stepsName 0 text

    let private provenance (metadata: Map<string, string>) : Result<Provenance, string> =
        let revision =
            match metadata.TryFind ArithmeticRevision.name with
            | None -> Ok ArithmeticRevision.first
            | Some text -> CheckedFile.whole ArithmeticRevision.name ArithmeticRevision.first text

        Field.all @ Field.spellings
        |> List.map (fun field -> tryField field metadata)
        |> CheckedFile.collect
        |> Result.bind (fun found ->
            let said = Field.completed (List.concat found)

            let ordered = Field.all |> List.choose (fun field -> said |> List.tryFind (fst >> (=) field))

            revision |> Result.map (fun revision -> { Fields = ordered; Revision = revision }))

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

    /// Half a sentence on more layers than a file could hold, so that nothing is made for them.
    let private tooDeep (a: Architecture) (file: Safetensors.File) =
        if a.NLayers > file.Entries.Count then
            Some
                $"the metadata's \"{Field.name Field.NLayers}\" is {a.NLayers}, but the file has {file.Entries.Count} tensors."
        else
            None

    let private tensors (a: Architecture) (provenance: Provenance) (file: Safetensors.File) =
        let names = Model.names a
        let shapes = Model.leaves (Model.shapes a)
        let ofMoments = momentNames a provenance |> List.map Model.leaves

        // An optimiser may have no moments; a check sum is there all the same.
        let resumable =
            file.Metadata.ContainsKey CheckedFile.checkName
            || List.exists file.Entries.ContainsKey (List.concat ofMoments)

        let known = Set.ofList (Model.leaves names @ (if resumable then List.concat ofMoments else []))

        let read ofLeaves = CheckedFile.read ofLeaves shapes file |> Result.map (Model.rebuild names)

        match CheckedFile.foreign "this model's" (Model.leaves names) known file with
        | Some problem -> Error problem
        | None ->
            read (Model.leaves names)
            |> Result.bind (fun weights ->
                if resumable then
                    ofMoments
                    |> List.map read
                    |> CheckedFile.collect
                    |> Result.map (fun moments -> weights, Some moments)
                else
                    Ok(weights, None))

    let private build (file: Safetensors.File) : Result<Checkpoint, string> =
        provenance file.Metadata
        |> Result.bind (fun provenance ->
            architecture provenance
            |> Result.bind (fun a -> tooDeep a file |> Option.map Error |> Option.defaultValue (Ok a))
            |> Result.bind (fun a ->
                tensors a provenance file
                |> Result.bind (fun (weights, moments) ->
                    stepsTaken file.Metadata
                    |> Result.bind (fun steps ->
                        task a provenance
                        |> Result.bind (fun task ->
                            tokens a file.Metadata
                            |> Result.map (fun tokens -> {
                                Architecture = a
                                Task = task
                                Tokens = tokens
                                Seed = seed provenance
                                Steps = steps
                                Weights = weights
                                Moments = moments
                                Provenance = provenance
                            }))))))

    /// Checks the sum of a file that a run can go on from; only the first revision's have none.
    let private checkedWhole
        (bytes: byte[])
        (file: Safetensors.File)
        (checkpoint: Checkpoint)
        : Result<Checkpoint, string> =
        match CheckedFile.problem bytes file with
        | _ when checkpoint.Moments.IsNone -> Ok checkpoint
        | Some _ when
            checkpoint.Provenance.Revision = ArithmeticRevision.first
            && not (file.Metadata.ContainsKey CheckedFile.checkName)
            ->
            Ok checkpoint
        | Some problem -> Error problem
        | None -> Ok checkpoint

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

    /// A model alone, as a file can have it: what neither weights nor caller tell, such as its task, the file does not say. The positions of a
    /// model that has none among its weights, and so runs on any number of them, are `positions`. Raises `RefusedException` for weights that
    /// are not one model's, or of a size that no file of a model has.
    let ofModel (positions: int) (weights: Model<Tensor>) : Checkpoint =
        let a =
            match Model.architecture (Model.room weights |> Option.defaultValue positions) weights with
            // Of heads that are not there, of a width that goes with positions of any kind.
            | a when a.NLayers = 0 -> { a with DHead = 2 }
            | a -> a

        let c = { Configuration.study with Architecture = a }

        match Field.architectureProblem a with
        | Some problem -> Refused.because problem.Sentence
        | None -> ()

        {
            Architecture = a
            Task = None
            Tokens = None
            Seed = 0UL
            Steps = 0
            Weights = weights
            Moments = None
            Provenance = {
                Fields = Field.ofArchitecture |> List.map (fun field -> field, (Field.describe field).Get c)
                Revision = ArithmeticRevision.first
            }
        }

    /// Raises `RefusedException` for what would not be read again: a weight of another shape than the architecture has, or that is not finite.
    let private check (checkpoint: Checkpoint) =
        let names, shapes = Model.names checkpoint.Architecture, Model.shapes checkpoint.Architecture

        let tensors = checkpoint.Weights :: Option.defaultValue [] checkpoint.Moments |> List.map Model.leaves

        for leaves in tensors do
            if leaves.Length <> (Model.leaves names).Length then
                Refused.because
                    $"The model has {leaves.Length} weights, expected the {(Model.leaves names).Length} of its architecture."

            for name, shape, leaf in List.zip3 (Model.leaves names) (Model.leaves shapes) leaves do
                if leaf.Shape <> shape then
                    Refused.because $"\"{name}\" has shape {Shape.show leaf.Shape}, expected {Shape.show shape}."

                match leaf.Data |> Array.tryFindIndex (System.Single.IsFinite >> not) with
                | Some element ->
                    Refused.because
                        $"\"{name}\" has {Quote.number (float leaf.Data[element])} at element {element}, expected finite numbers."
                | None -> ()

    /// Reads a model of Interp's, a .safetensors file, or a run directory's `model.safetensors`, with what the file knows of its training.
    /// Raises `RefusedException`, with one sentence, where there is none.
    let load (path: string) : Checkpoint =
        let file = DiskFile.modelAt path

        match ofBytes (Quote.line file) (DiskFile.read file) with
        | Ok checkpoint -> checkpoint
        | Error error -> Refused.because (CheckpointError.describe error)

    /// Writes the bytes of `toBytes` to a file, which is there whole or not at all: what stood there before goes when the new one has reached
    /// the disk. Raises `RefusedException` for weights that are not finite or not the architecture's, and for what the disk refuses.
    let save (path: string) (checkpoint: Checkpoint) : unit =
        check checkpoint
        DiskFile.write path (toBytes checkpoint)

type Checkpoint with

    /// As `Checkpoint.load`, for callers in C#.
    static member Load(path: string) : Checkpoint = Checkpoint.load path

/// What scripts say of models on the disk, beside the other functions of `Model`.
[<AutoOpen>]
module ModelFiles =

    /// Functions of models: reading and writing.
    module Model =

        /// The weights in a .safetensors file of Interp's, or in a run directory. `Checkpoint.load` has what the file knows of their training,
        /// too. Raises `RefusedException`, with one sentence, where there is none.
        let load (path: string) : Model<Tensor> = (Checkpoint.load path).Weights

        /// Writes weights alone, without a task, as a .safetensors file. The positions of a model that has none among its weights are the
        /// study's 24, and `Checkpoint.ofModel` takes others; `Checkpoint.save` keeps what is known of a training. Raises `RefusedException` as
        /// that does.
        let save (path: string) (model: Model<Tensor>) : unit =
            Checkpoint.ofModel Configuration.study.Architecture.NCtx model |> Checkpoint.save path
