namespace Interp

open System.IO

/// Models of the study's shapes that had something to learn and nothing to copy: nulls of explanations. The program brings them along;
/// `Files/NullModels/README.md` has the commands that made them.
module NullModels =

    let private names = [ "plain"; "smeared"; "two_layer" ]

    let private bytes (name: string) : byte[] =
        use stream = typeof<Checkpoint>.Assembly.GetManifestResourceStream $"NullModels.{name}"

        if isNull stream then
            Broken.because $"The program lacks its null model {name}."

        use memory = new MemoryStream()
        stream.CopyTo memory
        memory.ToArray()

    let private read (name: string) =
        match Checkpoint.ofBytes name (bytes name) with
        | Ok checkpoint -> checkpoint
        | Error error -> Broken.because $"The program's null model is unfit. {CheckpointError.describe error}"

    let private all: Checkpoint list Lazy = lazy (List.map read names)

    /// All of them with their names: "plain", "smeared", "two_layer".
    let checkpoints () : (string * Checkpoint) list = List.zip names all.Value

    /// The one of some shape, trained on "bigram-noise length 24 of 26 seed 1"; none where there is none of that shape.
    let bigramNoise (a: Architecture) : Model<Tensor> option =
        all.Value |> List.tryFind (fun checkpoint -> checkpoint.Architecture = a) |> Option.map _.Weights
