/// Files of untrained models, for tests of the program.
module Interp.Properties.ModelFiles

open System.IO
open Interp
open Interp.Properties.Processes

/// An untrained model of the study's shape with some layers.
let modelOf layers smeared =
    let study = Configuration.study
    let configuration = { study with Architecture = { study.Architecture with NLayers = layers; Smeared = smeared } }

    Checkpoint.toBytes {
        Architecture = configuration.Architecture
        Task = configuration.Task
        Seed = configuration.Seed
        Steps = 0
        Weights = (Training.start configuration).Weights
        Moments = None
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
