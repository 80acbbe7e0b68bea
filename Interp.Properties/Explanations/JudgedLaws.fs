/// Explanations judged: what stands beside their own figures.
module Interp.Properties.JudgedLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

/// A small model of a task of blocks that repeat.
let private run key =
    let c, _, _ = Given.run key
    let a = { c.Architecture with NHeads = min 2 c.Architecture.NHeads }
    a, { c with Architecture = a }, Given.model a key

let private reference key : Reference = { Sequences = integer 2 30 200 key; Seed = uint64 (integer 0 1000 201 key) }

let private judged =
    testList "explanations" [
        law 15 "are as faithful as is measured, and stand beside what they are worth" (fun key ->
            let a, c, model = run key
            let task, reference = Given.task c, reference key
            let explanation = fitting 3 a key
            let judge = Judge.make 1 task a.NCtx model (Some model) None reference
            let found = Judge.explanation judge "some" explanation
            let parts = Parts.expand a explanation

            Expect.equal
                found.Faithfulness
                (Faithfulness.measure 1 task a.NCtx model [] reference explanation)
                "its figures"

            Expect.equal found.Numbers (NumbersKept.ofParts parts) "numbers"
            Expect.equal found.Null.BigramNoise None "a model that there is not"

            // The model itself stands for the untrained one: the explanation explains as much of it.
            let bench =
                Bench.make 1 task (Terms.ofModel a.NCtx model) { Sequences = 500; Seed = reference.Seed + 3UL }

            Expect.equal
                found.Null.Untrained
                (Some(Bench.explained bench (Bench.prepare bench parts)))
                "of the untrained model"

            Expect.equal found.Null.Shuffled.IsSome (Nulls.letters parts <> []) "shuffled letters"

            let leavesOut =
                parts.Attention
                |> Map.exists (fun _ form ->
                    match form with
                    | AttentionForm.Scored(without, Replacement.Mean, _, _) -> not without.IsEmpty
                    | _ -> false)

            Expect.equal
                (found.Ablated |> List.map _.By)
                (if leavesOut then [ Replacement.Zero; Replacement.Resampled ] else [])
                "other ablations")

        law 15 "without a clause are the model everywhere" (fun key ->
            let a, c, model = run key
            let judge = Judge.make 1 (Given.task c) a.NCtx model None None (reference key)
            let found = Judge.explanation judge "the model" { Clauses = [] }
            let nothing what kl = within Tolerances.model 1.0 what kl 0.0
            nothing "KL" found.Faithfulness.KL.Value

            for elsewhere in found.Elsewhere do
                nothing elsewhere.Texts elsewhere.KL.Value
                within Tolerances.model 1.0 "explained" elsewhere.Explained.Value 1.0

            Expect.equal found.Null.Shuffled None "nothing is kept by letter"
            Expect.isEmpty found.Ablated "nothing is left out")

        law 30 "are judged on two blocks that have nothing to do with each other" (fun key ->
            let letters = integer 1 26 40 key
            let length = integer 1 8 41 key
            let blocks = integer 2 4 42 key
            let r = { Letters = letters; BlockLength = length; Blocks = blocks }

            match Judge.unrelatedBlocks r with
            | None -> Expect.isTrue (length > letters || 2 * length + 1 > length * blocks) "why there is no such text"
            | Some task ->
                Expect.equal
                    task.Counted
                    [ length + 1 .. 2 * length ]
                    "what is counted: the second block and what follows"

                for tokens in Sequences.heldOut task { Sequences = 20; Seed = 1UL } do
                    let known = Tokens.toArray tokens
                    Expect.hasLength known (2 * length + 1) "letters"
                    Expect.hasLength (Array.distinct known[.. length - 1]) length "the first block's letters differ"

                    Expect.hasLength
                        (Array.distinct known[length .. 2 * length - 1])
                        length
                        "the second block's letters differ")

        test "complete as the model does where they are it, and not where they say nothing" {
            let key = Key.ofSeed 3UL
            let a = { Configuration.study.Architecture with NHeads = 2; DModel = 12; DHead = 4 }
            let judge = Judge.make 1 Tasks.study a.NCtx (Given.model a key) None None { Sequences = 50; Seed = 1UL }
            let completed text = (Judge.explanation judge text (explanation text)).CompletedAlike.Value.Value
            Expect.equal (completed "exact") 1.0 "the model"
            Expect.isLessThan (completed "direct nothing; ov *.* nothing") 1.0 "nothing"
        }
    ]

[<Tests>]
let tests = testList "Judged" [ judged ]
