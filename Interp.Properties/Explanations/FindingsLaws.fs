/// What is said of judged explanations, and the letters that heads look for.
module Interp.Properties.FindingsLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

let private judged key : Judged =
    let c, _, _ = Given.run key
    let a = { c.Architecture with NHeads = min 2 c.Architecture.NHeads }
    let reference: Reference = { Sequences = 4; Seed = 1UL }

    let judge =
        Judge.make 1 (Given.task { c with Architecture = a }) a.NCtx (Given.model a key) None None reference

    Judge.explanation judge "some" (fitting 2 a key)

let private findings =
    testList "findings" [
        law 200 "a share is reached from the step on behind which nothing falls short" (fun key ->
            let steps =
                List.init (integer 0 8 1 key) (fun i ->
                    i * integer 1 5 2 key, float (integer 0 10 (10 + i) key) / 10.0)

            let share = float (integer 0 10 3 key) / 10.0

            let expected =
                List.init steps.Length (fun i -> List.skip i steps)
                |> List.filter (List.forall (fun (_, value) -> value >= share))
                |> List.tryHead
                |> Option.map (List.head >> fst)

            Expect.equal (Findings.reachedFrom share steps) expected "the step")

        law 10 "the fewest numbers for a share are kept by none that keeps fewer" (fun key ->
            let found = judged key

            let others =
                List.init (integer 0 6 1 key) (fun i ->
                    let explained: Estimate = { Value = float (integer 0 10 (10 + i) key) / 10.0; Error = 0.0 }
                    let numbers = int64 (integer 0 5 (20 + i) key)

                    { found with Judged.Numbers = numbers; Judged.Faithfulness.Explained = explained })

            let enough = others |> List.filter (fun other -> other.Faithfulness.Explained.Value >= 0.5)

            match Findings.fewest 0.5 others with
            | None -> Expect.isEmpty enough "none explains so much"
            | Some fewest ->
                Expect.contains enough fewest "explains so much"
                Expect.equal fewest.Numbers (enough |> List.map _.Numbers |> List.min) "numbers")

        law 10 "what is said of where it fails is what was measured" (fun key ->
            let found = judged key
            let place, most = (Findings.worstPlace found).Value
            Expect.contains found.Faithfulness.KLByPosition (place, most) "a place"
            Expect.equal most (found.Faithfulness.KLByPosition |> List.map snd |> List.max) "the most"
            Expect.equal (Findings.dependsOnAblation found).IsNone found.Ablated.IsEmpty "nothing left out"

            match Findings.worseElsewhere found with
            | None -> ()
            | Some texts ->
                Expect.contains found.Elsewhere texts "texts"
                Expect.isLessThan texts.Explained.Value found.Faithfulness.Explained.Value "worse")

        law 30 "the telling forms are of the model, each once" (fun key ->
            let c, _, _ = Given.run key
            let telling = Findings.telling c.Architecture
            Expect.equal (List.distinct telling) telling "each once"

            if Parts.count c.Architecture <= float Parts.most then
                for named in telling do
                    Parts.expand c.Architecture named.Explanation |> ignore)
    ]

let private letters =
    testList "letters of heads" [
        law 30 "are about their mean, and their correlations are some" (fun key ->
            let c, _, _ = Given.run key
            let a = { c.Architecture with NHeads = integer 1 3 1 key }

            match HeadLetters.ofModel a (Given.model a key) with
            | None -> Expect.isFalse (NamedShares.measurable a && Parts.areSums a) "why there are none"
            | Some found ->
                Expect.hasLength found.Heads a.NHeads "heads"
                Expect.equal found.LargestCorrelation.IsNone (a.NHeads = 1) "one head has no other"
                Expect.equal found.AllBelowZeroByChance.IsNone (a.NHeads = 1) "nor a null"

                for head in found.Heads do
                    Expect.hasLength head.Strengths a.DVocab "letters"
                    let size = head.Strengths |> List.sumBy abs
                    within Tolerances.model (max size 1.0) "their mean" (List.sum head.Strengths) 0.0

                for share in Option.toList found.AllBelowZeroByChance do
                    Expect.isTrue (share >= 0.0 && share <= 1.0) "a share")

        law 15 "of heads that are the same head correlate fully" (fun key ->
            let a = { Configuration.study.Architecture with NHeads = 2; DModel = 8; DHead = 4; DVocab = 6; NCtx = 6 }

            let model = Given.model a key

            let twice (weights: Tensor) = let first = Tensor.select 0 0 weights in Tensor.stack [ first; first ]

            let same = {
                model with
                    Blocks = [
                        for block in model.Blocks -> { block with W_Q = twice block.W_Q; W_K = twice block.W_K }
                    ]
            }

            let found = (HeadLetters.ofModel a same).Value
            within Tolerances.model 1.0 "correlation" found.LargestCorrelation.Value 1.0
            Expect.equal found.Heads[0].Strengths found.Heads[1].Strengths "strengths")

        test "the plain reference model's heads divide the alphabet" {
            let checkpoint = ModelFiles.read (ModelFiles.reference "plain_s11.safetensors")
            let found = (HeadLetters.ofModel checkpoint.Architecture checkpoint.Weights).Value
            Expect.isLessThan found.LargestCorrelation.Value 0.0 "no two look for the same letters"
            Expect.isLessThan found.AllBelowZeroByChance.Value 0.05 "what few shuffled ones do"
        }
    ]

[<Tests>]
let tests = testList "Findings" [ findings; letters ]
