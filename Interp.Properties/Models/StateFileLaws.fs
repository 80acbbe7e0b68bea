/// States of trainings of any record as bytes.
module Interp.Properties.StateFileLaws

open System
open System.Text
open Expecto
open Interp
open Interp.Properties.Laws

type private Pair = { Table: Tensor; Bias: Tensor list }

let private letters = 5

let private objective key : Objective<Pair> =
    let layers = integer 0 2 1 key

    {
        Structure = Structure.ofRecord<Pair>()
        Initial =
            fun key -> {
                Table = Tensor.normal [ letters; letters ] key
                Bias = List.init layers (fun i -> Tensor.normal [ letters ] (Key.split (uint64 i) key))
            }
        Loss =
            fun pair tokens ->
                let known = Tokens.slice 0 (tokens.Length - 1) tokens
                let logits = List.fold (+) (Tensor.gather pair.Table known) pair.Bias
                Tensor.mean (Tensor.crossEntropy logits (Tokens.slice 1 (tokens.Length - 1) tokens))
        Task = Tasks.ofForm (TaskForm.Repeat { Letters = letters; BlockLength = 2; Blocks = 2 })
        Batch = integer 1 20 2 key
        Optimiser = { OptimiserLaws.optimiser key with Decay = Decay.All }
        Seed = one [ 0UL; 7UL; UInt64.MaxValue ] 3 key
    }

let private given key =
    let o = objective key
    o, (Training.advance (Training.compile 1 o) (integer 0 3 10 key) (Training.start o)).State

let private another (o: Objective<Pair>) bytes =
    match StateFile.ofBytes o bytes with
    | Error(StateFileError.Another problem) -> problem
    | Error(StateFileError.Damaged problem) -> failtest $"damaged: {problem}"
    | Ok _ -> failtest "it was read"

[<Tests>]
let tests =
    testList "State files" [
        law 60 "a state read back is the same bits, and goes on as if it had never been a file" (fun key ->
            let o, state = given key
            let bytes = StateFile.toBytes o state

            match StateFile.ofBytes o bytes with
            | Error error -> failtest $"{error}"
            | Ok found ->
                Expect.equal found state "the state"
                Expect.equal (StateFile.toBytes o found) bytes "its bytes"
                let trainer = Training.compile 1 o

                Expect.equal
                    (Training.advance trainer 2 found).State
                    (Training.advance trainer 2 state).State
                    "two steps")

        law 200 "any bit that is changed is damage" (fun key ->
            let o, state = given key
            let bytes = StateFile.toBytes o state
            let i = integer 0 (bytes.Length - 1) 50 key
            bytes[i] <- bytes[i] ^^^ (1uy <<< integer 0 7 51 key)

            match StateFile.ofBytes o bytes with
            | Error(StateFileError.Damaged problem) -> Expect.stringEnds problem "." "a sentence's end"
            | found -> failtest $"read as {found}")

        law 60 "a file cut short is damage" (fun key ->
            let o, state = given key
            let bytes = StateFile.toBytes o state

            match StateFile.ofBytes o (Array.take (integer 0 (bytes.Length - 1) 50 key) bytes) with
            | Error(StateFileError.Damaged _) -> ()
            | found -> failtest $"read as {found}")

        law 60 "one of another objective is refused with what it says and what was expected" (fun key ->
            let o, state = given key
            let bytes = StateFile.toBytes o state
            let faster = { o.Optimiser with LearningRate = o.Optimiser.LearningRate + 1.0 }

            for other, parts in
                [
                    { o with Batch = o.Batch + 1 }, [ "batch"; string o.Batch; string (o.Batch + 1) ]
                    { o with Seed = o.Seed + 1UL }, [ "seed"; string o.Seed; string (o.Seed + 1UL) ]
                    { o with Optimiser = faster }, [ "optimiser"; string o.Optimiser; string faster ]
                    { o with Task = Tasks.study }, [ "task"; o.Task.Name; Tasks.study.Name ]
                ] do
                let problem = another other bytes

                for part in parts do
                    Expect.stringContains problem part "the part and both values"

            let wider key = { o.Initial key with Table = Tensor.ones [ letters; letters + 1 ] }
            let problem = another { o with Initial = wider } bytes

            for part in [ "Table"; Shape.show [ letters; letters ]; Shape.show [ letters; letters + 1 ] ] do
                Expect.stringContains problem part "the leaf and both shapes"

            let longer key =
                let pair = o.Initial key
                { pair with Bias = Tensor.ones [ letters ] :: pair.Bias }

            Expect.stringContains (another { o with Initial = longer } bytes) "Bias." "the leaf that is missing")

        law 20 "a checkpoint of the built-in model is none" (fun key ->
            let o, _ = given key
            let c = Given.configuration key
            let weights = Given.model c.Architecture key
            let bytes = Checkpoint.toBytes (Checkpoint.ofRun c 1 weights (Some [ weights; weights ]))

            match StateFile.ofBytes o bytes with
            | Error(StateFileError.Damaged problem) -> Expect.stringContains problem "format" "what is not there"
            | found -> failtest $"read as {found}")
    ]
