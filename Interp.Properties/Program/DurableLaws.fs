/// Trainings of a script's own objectives on the disk.
module Interp.Properties.DurableLaws

open System
open System.IO
open System.Threading
open Expecto
open Interp
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Surroundings
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk

type private Bigrams = { Table: Tensor; Bias: Tensor }

let private letters = 4

let private objective: Objective<Bigrams> = {
    Structure = Structure.ofRecord<Bigrams>()
    Initial = fun key -> { Table = Tensor.normal [ letters; letters ] key; Bias = Tensor.zeros [ letters ] }
    Loss =
        fun model tokens ->
            let logits = Tensor.gather model.Table (Tokens.slice 0 (tokens.Length - 1) tokens) + model.Bias
            Tensor.mean (Tensor.crossEntropy logits (Tokens.slice 1 (tokens.Length - 1) tokens))
    Task = Tasks.ofForm (TaskForm.Repeat { Letters = letters; BlockLength = 2; Blocks = 2 })
    Batch = 5
    Optimiser = Optimiser.sgd
    Seed = 3UL
}

let private steps = 12

let private whole =
    lazy (Training.advance (Training.compile 1 objective) steps (Training.start objective))

/// A clock that says a second later whenever it is asked, so that a checkpoint is due every few steps.
type private Ticking() =
    inherit TimeProvider()
    let mutable now = 0L

    override _.GetTimestamp() =
        now <- now + 1L
        now

    override _.TimestampFrequency = 1L

let private place = "/trainings/own"

let private runOf (o: Objective<Bigrams>) (disk: IDisk) steps (interruption: CancellationToken) =
    let world = World(disk, Ticking(), (fun json -> Terminal(json, TextWriter.Null, TextWriter.Null)))
    DurableTraining.Run(world, place, Training.compile 1 o, steps, interruption)

let private run disk = runOf objective disk steps CancellationToken.None

let private checkpoints (disk: MemoryDisk) =
    disk.Content |> List.map fst |> List.filter _.EndsWith(".safetensors") |> List.sort

let private isWhole what (found: Advance<Bigrams>) =
    Expect.equal found.State whole.Value.State $"the state {what}"
    Expect.equal found.Losses whole.Value.Losses $"the losses {what}"

[<Tests>]
let tests =
    testList "Durable trainings" [
        test "come to what a training in memory does, and stay there" {
            let disk = MemoryDisk()
            isWhole "at once" (run disk)
            let files = checkpoints disk
            Expect.isGreaterThan files.Length 1 "checkpoints"
            isWhole "again" (run disk)
            Expect.equal (checkpoints disk) files "nothing new"
        }

        law 30 "in any pieces are the same training, to the bit" (fun key ->
            let disk = MemoryDisk()
            let some = integer 0 steps 1 key
            let first = runOf objective disk some CancellationToken.None
            Expect.equal first.State.Step some "the steps"
            isWhole $"after a rest at {some}" (run disk))

        law 10 "that are interrupted leave a checkpoint" (fun _ ->
            let disk = MemoryDisk()
            use interruption = new CancellationTokenSource()
            interruption.Cancel()

            Expect.throwsT<InterruptedException>
                (fun () -> runOf objective disk steps interruption.Token |> ignore)
                "interrupted"

            isWhole "after an interruption" (run disk))

        law 150 "go on from whatever a fault of the disk leaves of them" (fun key ->
            let operations =
                let disk = MemoryDisk()
                run disk |> ignore
                disk.Operations

            let at = integer 1 operations 1 key
            let fault = one [ Refused EIO; Refused ENOSPC; Torn 7; Full; Killed ] 2 key
            let disk = MemoryDisk().Remaining(Everything, at, fault)

            try
                run disk |> ignore
            with
            | Gone
            | :? FailedException
            | :? BadInputException
            | :? IOException
            | :? UnauthorizedAccessException -> ()

            let remains = one [ Everything; Flushed; NamesFirst ] 3 key
            isWhole $"after %A{fault} at {at}, %A{remains}" (run (disk.Remaining(remains, 0, Refused EIO))))

        law 20 "set a damaged checkpoint aside and go on from the one before" (fun key ->
            let disk = MemoryDisk()
            run disk |> ignore
            let newest = List.last (checkpoints disk)
            let bytes = (disk :> IDisk).Read(newest, 1L <<< 20)
            bytes[integer 0 (bytes.Length - 1) 1 key] <- byte (integer 0 255 2 key)
            (disk :> IDisk).Write(newest, ReadOnlySpan bytes)
            isWhole "after damage" (run disk))

        test "of another objective, or further already, are refused with both values" {
            let disk = MemoryDisk()
            run disk |> ignore
            let before = disk.Content

            let refused o steps (parts: string list) =
                try
                    runOf o disk steps CancellationToken.None |> ignore
                    failtest "it was trained"
                with :? BadInputException as refused ->
                    for part in parts do
                        Expect.stringContains refused.Message part "what differs, and how"

                Expect.equal disk.Content before "nothing was changed"

            refused { objective with Batch = 6 } steps [ "batch"; "\"5\""; "\"6\"" ]

            refused { objective with Optimiser = Optimiser.adamW } steps [
                string Optimiser.sgd
                string Optimiser.adamW
            ]

            refused objective 7 [ "step 12"; "7" ]
        }
    ]
