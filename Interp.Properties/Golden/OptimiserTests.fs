/// Optimisers and schedules against what PyTorch comes to (optimisers.py).
module Interp.Properties.OptimiserTests

open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.Laws

let private golden =
    lazy (JsonDocument.Parse(File.ReadAllText(Path.Combine(__SOURCE_DIRECTORY__, "optimisers.json"))).RootElement)

let private numbers (value: JsonElement) = [ for x in value.EnumerateArray() -> x.GetDouble() ]

/// Tensors of the fixture's shapes, from their numbers one after the other.
let private tensors (value: JsonElement) =
    let shapes = [
        for shape in golden.Value.GetProperty("shapes").EnumerateArray() -> numbers shape |> List.map int
    ]

    let next rest shape =
        let own, rest = List.splitAt (Shape.size shape) rest
        Tensor.ofArray shape (own |> List.map float32 |> List.toArray), rest

    List.mapFold next (numbers value) shapes |> fst

let private names = [ for case in golden.Value.GetProperty("weights").EnumerateObject() -> case.Name ]

[<Tests>]
let tests =
    testList "Golden optimisers" [
        for name in names do
            test name {
                let optimiser =
                    match Optimiser.parse name with
                    | Ok optimiser -> optimiser
                    | Error problem -> failtest problem

                Expect.equal (string optimiser) name "the printed form"
                let start = tensors (golden.Value.GetProperty "start")
                let gradients = [ for g in golden.Value.GetProperty("gradients").EnumerateArray() -> tensors g ]

                let states =
                    ((start, Optimiser.start Structure.list optimiser start), List.indexed gradients)
                    ||> List.scan (fun (weights, moments) (i, gradient) ->
                        Optimiser.update Structure.list optimiser (i + 1) gradient weights moments)

                for kept in golden.Value.GetProperty("weights").GetProperty(name).EnumerateObject() do
                    let step = int kept.Name
                    let actual = fst states[step] |> List.map floats |> Array.concat

                    List.iter2
                        (fun actual expected ->
                            within
                                (float step * Tolerances.optimizer)
                                (1.0 + abs expected)
                                $"a weight after {step} steps"
                                actual
                                expected)
                        (List.ofArray actual)
                        (numbers kept.Value)
            }

        test "every rule, course and setting is among them" {
            for part in [ "adamw"; "sgd"; "nesterov"; "warm-up"; "cosine"; "linear"; "jump"; "matrices"; "clip 1" ] do
                Expect.exists names _.Contains(part) part
        }
    ]
