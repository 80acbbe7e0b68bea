/// Models as files: untrained ones for tests of the program, and those that an independent program trained.
module Interp.Properties.ModelFiles

open System.IO
open Interp
open Interp.Properties.Processes

/// Reads a model, which has to be good.
let read (path: string) : Checkpoint =
    match Checkpoint.ofBytes path (File.ReadAllBytes path) with
    | Ok checkpoint -> checkpoint
    | Error error -> failwith (CheckpointError.describe error)

/// Where a file of an independent program's is (README.md there).
let private golden folder name = Path.Combine(__SOURCE_DIRECTORY__, "..", "Golden", folder, name)

/// Of the study's models, trained (Golden/reference/README.md).
let reference name = golden "reference" name

/// Of random models of other kinds (Golden/positions/README.md).
let ofPositions name = golden "positions" name

/// The names of the study's models there.
let references = [ "plain_s11"; "smeared_s11"; "two_layer_s11" ]

/// The names of the models of other kinds.
let kinds = [
    "standard"
    "standard_no_layers"
    "rotary"
    "rotary_both_smeared"
    "study_queries_smeared"
    "none_keys_smeared"
]

/// An untrained model of some shape that fits the study's task.
let ofArchitecture (a: Architecture) =
    let configuration = { Configuration.study with Architecture = a }
    Checkpoint.ofRun configuration 0 (Recipe.start configuration).Weights None |> Checkpoint.toBytes

/// An untrained model of the study's shape with some layers.
let modelOf layers smeared =
    ofArchitecture {
        Configuration.study.Architecture with
            NLayers = layers
            Smear = if smeared then Smear.Keys else Smear.Neither
    }

let model smeared = modelOf 1 smeared

/// Runs a test on the file of an untrained model of two layers.
let withTwoLayers test =
    inDirectory (fun directory ->
        let file = Path.Combine(directory, "two.safetensors")
        File.WriteAllBytes(file, modelOf 2 false)
        test directory file)

/// Runs a test on the file of an untrained model of one layer with smeared keys, `model.safetensors` in its directory.
let withModel test =
    inDirectory (fun directory ->
        let file = Path.Combine(directory, "model.safetensors")
        File.WriteAllBytes(file, model true)
        test directory file)
