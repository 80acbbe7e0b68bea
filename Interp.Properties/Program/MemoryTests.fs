/// What a command wants of the machine is asked about before anything is made.
module Interp.Properties.MemoryTests

open System
open System.IO
open Expecto
open Interp
open Interp.Runs.Endings
open Interp.Runs.Surroundings
open Interp.Properties.Laws
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

/// A configuration of any size that the fields allow, ranges' ends included.
let private anySize key =
    let value number field =
        match (Field.describe field).Range with
        | WholeFrom(low, high) ->
            let key = Key.split (uint64 (100 + number)) key
            Some(field, Whole(one [ low; high; integer low high 1 key; integer low (min high (low + 8)) 2 key ] 3 key))
        | OneOf words -> Some(field, Word(one words 4 (Key.split (uint64 (100 + number)) key)))
        | _ -> None

    let given =
        [
            Field.NLayers
            Field.NHeads
            Field.DHead
            Field.DVocab
            Field.Positions
            Field.Smear
            Field.Batch
            Field.Steps
            Field.BlockLength
        ]
        |> List.mapi value
        |> List.choose id

    // A depth that a second is enough to look at.
    let layers =
        given
        |> List.map (function
            | Field.NLayers, Whole n -> Field.NLayers, Whole(min n 8)
            | other -> other)

    let c = Field.set layers Configuration.study
    let blocks = max 2 (min 512 (512 / (Given.repetition c).BlockLength))
    let length = min (Given.repetition c).BlockLength 256

    Field.set
        [
            Field.DModel, Whole(one [ 1024; integer 1 64 6 key ] 5 key)
            // Rotary positions turn entries in pairs.
            Field.DHead, Whole(c.Architecture.DHead / 2 * 2 |> max 2)
            Field.BlockLength, Whole length
            Field.Blocks, Whole(if length * blocks > 512 then 2 else blocks)
        ]
        c

let private estimates =
    testList "estimates" [
        law 12 "are there for every configuration, above what it holds for certain" (fun key ->
            let c = anySize key
            Expect.isNone (Field.problem c) "a configuration"
            let a = c.Architecture
            let parameters = Model.shapes a |> Model.leaves |> List.sumBy (Shape.size >> int64)
            let training = Memory.ofTraining 2 c (Given.task c)

            // Weights, gradients and two moments, and a loss a step.
            Expect.isGreaterThan training (16L * parameters + 8L * int64 c.Steps) "training"

            for measuring in
                [
                    Memory.ofEvaluation 2 a (Given.task c) 1000 1
                    Memory.ofExplanations 2 a (Given.task c) 1000
                    Memory.ofPage 2 a (Given.task c) 1000 3
                    Memory.ofExhaustive 2 a (Given.task c) 1000 1
                    Memory.ofAttention 2 a (Given.task c).Length 1000 true
                    Memory.ofAblation 2 a (Given.task c) ResampleMode 1000 2
                    Memory.ofComposition 2 a (Given.task c) 1000
                    Memory.ofHeads 2 a 1000
                    Memory.ofDevelopment 2 a (Given.task c) 1000 3
                    Memory.ofCompletion a 10 1
                    Memory.ofPaths a (Given.task c).Length
                    Memory.ofCircuits a true
                ] do
                Expect.isGreaterThan measuring (4L * parameters) "measuring")

        law 6 "grow with what memory grows with" (fun key ->
            // Room for more steps.
            let c = { anySize key with Steps = 1000 }
            let a = c.Architecture
            let more = Memory.ofTraining 2 c (Given.task c)
            Expect.isGreaterThanOrEqual (Memory.ofTraining 4 c (Given.task c)) more "threads"

            Expect.isGreaterThan
                (Memory.ofTraining 2 { c with Steps = c.Steps + 1_000_000 } (Given.task c))
                more
                "steps"

            let sequences count = Memory.ofComposition 2 a (Given.task c) count
            Expect.isGreaterThan (sequences 100_000_000) (sequences 1_000_000) "sequences"

            Expect.isGreaterThan
                (sequences 100_000_000)
                (100_000_000L * 4L * int64 (Given.task c).Length)
                "each of them"

            let drawn count = Memory.ofEvaluation 2 a (Given.task c) count 0
            Expect.equal (drawn 100_000_000) (drawn 1_000_000) "sequences that are drawn when their turn comes"
            Expect.isGreaterThan (Memory.times 3 more) more "at once")

        test "are there for the largest configuration of all" {
            let largest =
                Field.set
                    [
                        Field.DModel, Whole 1024
                        Field.NLayers, Whole 64
                        Field.NHeads, Whole 64
                        Field.DHead, Whole 256
                        Field.DVocab, Whole 256
                        Field.BlockLength, Whole 256
                        Field.Blocks, Whole 2
                        Field.Smear, Word "both"
                        Field.Batch, Whole 65536
                    ]
                    Configuration.study

            let a = largest.Architecture
            let patterns = 4L * 64L * 64L * 512L * 512L
            Expect.isGreaterThan (Memory.ofTraining 2 largest (Given.task largest)) (16L * patterns) "training"

            Expect.isGreaterThan
                (Memory.ofAttention 2 a (Given.task largest).Length 1000 false)
                (16L * patterns)
                "attention"

            Expect.isGreaterThan (Memory.ofHeads 2 a 1000) (16L * patterns) "heads"
        }

        test "of a study are those of its largest training" {
            let small, large =
                Configuration.study, Field.set [ Field.DModel, Whole 256; Field.NLayers, Whole 4 ] Configuration.study

            let of' trainings = trainings |> List.map (fun c -> c, Given.task c) |> Memory.ofTrainings 2 1000

            Expect.equal (of' [ small; large; small ]) (of' [ large ]) "whatever is beside it"
            Expect.isGreaterThan (of' [ large ]) (of' [ small ]) "and no less"
            Expect.equal (of' []) 0L "nothing"
        }
    ]

let private world processors memory = World.Real.Having(processors, memory)

let private limits =
    testList "limits" [
        test "threads are bounded by the processors" {
            let world = world 2 1_000_000L
            Expect.equal (world.Threads(Some 16, "--threads")) 16 "eight each"

            Expect.throwsC (fun () -> world.Threads(Some 17, "--workers") |> ignore) (fun refused ->
                Expect.equal (refused.GetType()) typeof<BadInputException> "whose fault"
                isSentence refused.Message

                for part in [ "--workers"; "17"; "16" ] do
                    Expect.stringContains refused.Message part "what was expected")
        }

        test "memory is refused above what there is, with both numbers, and not below" {
            let world = world 2 2_000_000_000L
            world.RequireMemory(2_000_000_000L, "the training")

            Expect.throwsC (fun () -> world.RequireMemory(2_001_000_000L, "the training")) (fun refused ->
                Expect.equal (refused.GetType()) typeof<BadInputException> "whose fault"
                isSentence refused.Message

                for part in [ "2,001 MB"; "2,000 MB" ] do
                    Expect.stringContains refused.Message part "both numbers")
        }

        test "every command that takes threads refuses too many" {
            withTwoLayers (fun directory file ->
                let out = Path.Combine(directory, "out")

                for args in
                    [
                        [ "train"; "--out"; out; "--threads" ]
                        [ "reproduce"; "--out"; out; "--threads" ]
                        [ "study"; "--out"; out; "--workers" ]
                        [ "evaluate"; file; "--threads" ]
                        [ "attention"; file; "--threads" ]
                        [ "ablate"; file; "--threads" ]
                        [ "compose"; file; "--threads" ]
                        [ "heads"; file; "--threads" ]
                    ] do
                    interp (args @ [ "100000" ]) |> refuses [ List.last args; "100000"; "processor" ]

                Expect.isFalse (Directory.Exists out) "nothing is made")
        }

        test "what is far beyond the machine is refused before anything is made" {
            withTwoLayers (fun directory file ->
                let out = Path.Combine(directory, "out")
                let limited = interpWith [ "DOTNET_GCHeapHardLimit", "0x20000000" ]
                let wide = [ "--d-model"; "1024"; "--n-layers"; "8"; "--blocks"; "80" ]

                for args in
                    [
                        [ "train"; "--out"; out ] @ wide
                        [
                            "study"
                            "--out"
                            out
                            "--sweep"
                            "d_model=32,1024"
                            "--sweep"
                            "d_head=256"
                            "--sweep"
                            "blocks=40"
                        ]
                        [ "attention"; file; "--sequences"; "100000000" ]
                        [ "ablate"; file; "--sequences"; "100000000" ]
                        [ "compose"; file; "--sequences"; "100000000" ]
                        [ "heads"; file; "--sequences"; "100000000" ]
                        [ "train"; "--out"; out; "--steps"; "100000000" ]
                    ] do
                    limited args |> refuses [ "memory"; "537 MB" ]

                Expect.isFalse (Directory.Exists out) "nothing is made")
        }

        test "just below, it works" {
            inDirectory (fun directory ->
                let wide = [
                    "--d-model"
                    "256"
                    "--n-layers"
                    "2"
                    "--steps"
                    "12"
                    "--batch"
                    "32"
                    "--threads"
                    "2"
                ]

                let c =
                    Field.set
                        [
                            Field.DModel, Whole 256
                            Field.NLayers, Whole 2
                            Field.Steps, Whole 12
                            Field.Batch, Whole 32
                        ]
                        Configuration.study

                let limit (bytes: int64) = [ "DOTNET_GCHeapHardLimit", "0x" + bytes.ToString "X" ]
                let estimate = Memory.ofTraining 2 c (Given.task c)
                let out = Path.Combine(directory, "out")

                interpWith (limit (estimate - 5_000_000L)) ([ "train"; "--out"; out ] @ wide)
                |> refuses [ "memory" ]

                interpWith (limit (estimate + 5_000_000L)) ([ "train"; "--out"; out ] @ wide) |> succeeds)
        }
    ]

[<Tests>]
let tests = testList "Memory" [ estimates; limits ]
