/// Random models, configurations and sequences.
module Interp.Properties.Given

open Interp
open Interp.Properties.Laws

let architectureOf (layers: int) key =
    let heads = integer 1 3 1 key

    {
        NLayers = layers
        NHeads = heads
        DModel = heads * integer 1 5 2 key
        DHead = integer 1 6 3 key
        DVocab = integer 2 27 4 key
        NCtx = integer 4 19 5 key
        Smeared = truth 6 key
    }

/// One to three layers, with smeared keys or without, odd sizes.
let architecture key = architectureOf (integer 1 3 7 key) key

/// Weights that keep what they are multiplied with at its size (variance 1 over the width they sum over), as a trained
/// model's do: scores of a hundred would turn rounding into other patterns.
let model (a: Architecture) key : Model<Tensor> =
    let shapes = Model.shapes a

    let leaf i (shape: Shape) =
        let summed =
            match shape with
            | [ _; width; _ ] -> width
            | _ when i = 0 -> 1
            | [ width; letters ] when letters = a.DVocab -> width
            | _ -> 1

        normal shape (1000 + i) key / sqrt (float summed)

    Model.rebuild shapes (Model.leaves shapes |> List.mapi leaf)

let tokens vocabulary length (use': int) key =
    Tokens.ofArray (Key.integers vocabulary length (Key.split (uint64 use') key))

/// `count` sequences of one length.
let sequences vocabulary length count key = List.init count (fun i -> tokens vocabulary length (2000 + i) key)

/// A whole configuration of a small run.
let configuration key : Configuration =
    let a = architecture key
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

/// The task of a configuration.
let task (c: Configuration) : Task = Tasks.ofForm c.Task

/// The task of a configuration, as the repetition that it is.
let repetition (c: Configuration) : Repetition = (TaskForm.repetition c.Task).Value

/// A repetition as a task.
let repeating letters blockLength blocks : Task =
    Tasks.ofForm (TaskForm.Repeat { Letters = letters; BlockLength = blockLength; Blocks = blocks })

/// A small run's configuration, a model of it, and a text no longer than its sequences.
let run key =
    let c = configuration key
    let a = c.Architecture
    c, model a key, tokens a.DVocab (integer 1 (task c).Length 30 key) 31 key
