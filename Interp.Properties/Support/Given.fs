/// Random models, configurations and sequences.
module Interp.Properties.Given

open Interp
open Interp.Properties.Laws

let architectureOf (layers: int) key =
    let positions =
        one [ Positions.Study; Positions.Standard; Positions.Rotary; Positions.NoPositions ] 8 key

    {
        NLayers = layers
        NHeads = integer 1 3 1 key
        DModel = integer 1 15 2 key
        DHead =
            match positions with
            | Positions.Rotary -> 2 * integer 1 3 3 key
            | _ -> integer 1 6 3 key
        DVocab = integer 2 27 4 key
        NCtx = integer 4 19 5 key
        Positions = positions
        Smear = one [ Smear.Neither; Smear.Keys; Smear.Queries; Smear.Both ] 6 key
    }

/// One to three layers, positions and smears of every kind, odd sizes.
let architecture key = architectureOf (integer 1 3 7 key) key

/// The same, or no layers at all.
let anyArchitecture key = architectureOf (integer 0 3 7 key) key

/// Weights that keep what they are multiplied with at its size (variance 1 over the width they sum over), as a trained
/// model's do: scores of a hundred would turn rounding into other patterns.
let model (a: Architecture) key : Model<Tensor> =
    let shapes = Model.shapes a

    let last = (Model.leaves shapes).Length - 1

    let leaf i (shape: Shape) =
        let summed =
            match shape with
            | [ _; width; _ ] -> width
            | [ width; _ ] when i = last -> width
            | _ -> 1

        normal shape (1000 + i) key / sqrt (float summed)

    Model.rebuild shapes (Model.leaves shapes |> List.mapi leaf)

let tokens vocabulary length (use': int) key =
    Tokens.ofArray (Key.integers vocabulary length (Key.split (uint64 use') key))

/// `count` sequences of one length.
let sequences vocabulary length count key = List.init count (fun i -> tokens vocabulary length (2000 + i) key)

/// A whole configuration of a small run of some architecture.
let configurationOf (a: Architecture) key : Configuration =
    let blockLength = integer 1 (a.NCtx / 2) 20 key

    {
        Configuration.study with
            Architecture = a
            Task =
                TaskForm.Repeat {
                    Letters = a.DVocab
                    BlockLength = blockLength
                    Blocks = integer 2 (a.NCtx / blockLength) 21 key
                }
            Batch = integer 1 40 22 key
            Seed = uint64 (integer 0 1000000 23 key)
    }

/// A whole configuration of a small run, of any number of layers, none among them.
let configuration key : Configuration = configurationOf (anyArchitecture key) key

/// One whose model has heads.
let configurationWithHeads key : Configuration = configurationOf (architecture key) key

/// The task of a configuration.
let task (c: Configuration) : Task = Tasks.ofForm c.Task

/// The task of a configuration, as the repetition that it is.
let repetition (c: Configuration) : Repetition = (TaskForm.repetition c.Task).Value

/// A repetition as a task.
let repeating letters blockLength blocks : Task =
    Tasks.ofForm (TaskForm.Repeat { Letters = letters; BlockLength = blockLength; Blocks = blocks })

let private runOf (c: Configuration) key =
    let a = c.Architecture
    c, model a key, tokens a.DVocab (integer 1 (task c).Length 30 key) 31 key

/// The configuration of a small run whose model has heads, a model of it, and a text no longer than its sequences.
let run key = runOf (configurationWithHeads key) key

/// The same of any number of layers, none among them.
let anyRun key = runOf (configuration key) key

/// What embedding and learned positions add to the logits by themselves: [pos, vocab].
let directLogits (model: Model<Tensor>) (tokens: Tokens) =
    let letters = Tensor.gather (Tensor.matmul model.W_E model.W_U) tokens

    match model.W_pos with
    | Some w_pos -> letters + Tensor.matmul (Tensor.slice 0 0 tokens.Length w_pos) model.W_U
    | None -> letters
