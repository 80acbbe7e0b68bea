/// Explanations in their model's place: of the model itself they are the model.
module Interp.Properties.InPlaceLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private inPlace (c: Configuration) model reference text =
    match Explanation.parse text with
    | Ok explanation -> InPlace.ofExplanation 1 (Given.task c) c.Architecture.NCtx model reference explanation
    | Error sentence -> failtest sentence

let private configuration key =
    let c = Given.configurationWithHeads key
    let a = c.Architecture
    // As many parts as may be.
    if a.NLayers > 2 then { c with Architecture = { a with NHeads = 1 } } else c

let private reference key : Reference = { Sequences = integer 2 5 90 key; Seed = uint64 (integer 1 9 91 key) }

let private interventions (c: Configuration) key =
    let head use' = {
        Layer = integer 0 (c.Architecture.NLayers - 1) use' key
        Head = integer 0 (c.Architecture.NHeads - 1) (use' + 1) key
    }

    one
        [
            []
            [ ZeroAblate(head 60) ]
            [ ResampleAblate(head 62, 7UL) ]
            [ MeanAblate(head 64, { Sequences = 3; Seed = 5UL }); ResampleAblate(head 66, 3UL) ]
        ]
        68
        key

[<Tests>]
let tests =
    testList "In place" [
        law 40 "the model itself has its logits, completions and losses, whatever is done to both" (fun key ->
            let c = configuration key
            let a = c.Architecture
            let task = Given.task c
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 task.Length 30 key) 31 key
            let interventions = interventions c key
            let reference = reference key
            let explained = inPlace c model reference "exact"

            close
                Tolerances.model
                "the logits"
                (floats (InPlace.logits explained interventions tokens))
                (floats (Intervened.logits 1 task model interventions tokens))

            let own = Behaviour.evaluateWith 1 task model interventions reference
            let found = InPlace.evaluate explained interventions reference

            close Tolerances.model "the losses" (Array.ofList found.PerPositionLoss) (Array.ofList own.PerPositionLoss)

            Expect.equal found.Floor own.Floor "the floor")

        law 30 "what is completed is what its logits say" (fun key ->
            let c = configuration key
            let model = Given.model c.Architecture key
            let task = Given.task c
            let text = one [ "direct nothing"; "attention *.* previous"; "attention *.* positions" ] 1 key
            let explained = inPlace c model (reference key) text
            let prompt = Given.tokens c.Architecture.DVocab 1 31 key
            let length = min 4 task.Length
            let completions = InPlace.complete explained [] None length [ prompt ]
            let whole = Tokens.append prompt completions.Head.Written |> Tokens.toArray

            for i in 1 .. length - 1 do
                let logits = InPlace.logits explained [] (Tokens.ofArray whole[.. i - 1]) |> floats
                let last = logits[(i - 1) * c.Architecture.DVocab ..]
                within Tolerances.model 1.0 "the likeliest" last[whole[i]] (Array.max last))

        law
            30
            "letters are resampled from other sequences, each time the same, beside those of interventions"
            (fun key ->
                let c = configuration key
                let a = { c.Architecture with Positions = Positions.Study }
                let c = { c with Architecture = a }
                let model = Given.model a key
                let reference = reference key

                let evaluated interventions =
                    InPlace.evaluate
                        (inPlace c model reference "attention *.* without query-letter by resampling")
                        interventions
                        reference

                let under = interventions c key
                Expect.equal (evaluated under) (evaluated under) "the same numbers"

                // With every head silent nothing of attention is left to differ.
                let silent = Model.heads model |> List.map ZeroAblate

                close
                    Tolerances.model
                    "the direct path"
                    (Array.ofList
                        (evaluated (
                            silent
                            @ [ ResampleAblate({ Layer = 0; Head = 0 }, 4UL); ZeroAblate { Layer = 0; Head = 0 } ]
                        ))
                            .PerPositionLoss)
                    (Array.ofList (Behaviour.evaluateWith 1 (Given.task c) model silent reference).PerPositionLoss))

        test "a patch of what an explanation has not is refused" {
            let key = Key.ofSeed 3UL
            let c = configuration key

            let patch =
                Patch(QueryAt { Layer = 0; Head = 0 }, None, Tokens.ofArray (Array.zeroCreate c.Architecture.NCtx))

            let explained = inPlace c (Given.model c.Architecture key) (reference key) "exact"

            Expect.stringContains
                (refusal (fun () -> InPlace.loss explained [ patch ] (reference key) |> ignore))
                "patches what an explanation has not"
                "why"
        }

        law 30 "the model itself has its patterns, and its losses without heads" (fun key ->
            let c = configuration key
            let model = Given.model c.Architecture key
            let task = Given.task c
            let reference = reference key
            let explained = inPlace c model reference "exact"
            let tokens = Given.tokens c.Architecture.DVocab (integer 1 task.Length 30 key) 31 key
            let all = List.map floats >> Array.concat

            close
                Tolerances.model
                "patterns"
                (all (InPlace.patterns explained [] tokens))
                (all (Transformer.patterns model tokens))

            let sequences = Sequences.heldOut task reference

            close
                Tolerances.model
                "averages"
                (all (InPlace.attention explained [] sequences))
                (all (Attention.average 1 model sequences))

            let mode = one [ ZeroMode; MeanMode; ResampleMode ] 2 key
            let found = InPlace.ablations explained [] mode reference true
            let own = Ablation.measure 1 task model mode reference true

            let losses (ablations: Ablations) =
                ablations.Whole :: List.map (fun (head: HeadAblation) -> head.Loss) ablations.Heads
                @ List.map (fun (pair: Ablation) -> pair.Loss) ablations.Pairs
                |> Array.ofList

            close Tolerances.model "losses" (losses found) (losses own)
            Expect.equal (found.Heads |> List.map _.Head) (own.Heads |> List.map _.Head) "heads")

        law 30 "rules look where they say, whatever the model" (fun key ->
            let c = configuration key
            let model = Given.model c.Architecture key
            let length = integer 1 (Given.task c).Length 30 key
            let tokens = Given.tokens c.Architecture.DVocab length 31 key
            let explained = inPlace c model (reference key) "attention *.* 2-back; attention 0.0 uniform"

            for layer, patterns in List.indexed (InPlace.patterns explained [] tokens) do
                for head in 0 .. c.Architecture.NHeads - 1 do
                    for query in 0 .. length - 1 do
                        for key in 0 .. length - 1 do
                            let expected =
                                if layer = 0 && head = 0 then
                                    (if key <= query then 1.0 / float (query + 1) else 0.0)
                                elif key = max 0 (query - 2) then
                                    1.0
                                else
                                    0.0

                            within
                                Tolerances.model
                                1.0
                                "attention"
                                (Tensor.item [ head; query; key ] patterns)
                                expected)

        law
            60
            "of an explanation the logits are the sum over its paths and of what heads write last, whatever is done to it"
            (fun key ->
                let c = configuration key
                let a = c.Architecture
                let model = Given.model a key
                let tokens = Given.tokens a.DVocab (integer 1 (Given.task c).Length 30 key) 31 key
                let text = ExplanationTools.fitting 4 a key |> string
                let explained = inPlace c model (reference key) (if text = "" then "exact" else text)
                let vector = normal [ a.DModel ] 92 key |> floats |> List.ofArray

                let interventions =
                    interventions c key @ one [ []; [ AddToResidual(integer 0 a.NLayers 93 key, vector) ] ] 94 key

                let paths = InPlace.paths explained interventions tokens
                let whole = floats (InPlace.logits explained interventions tokens)
                let zeros = Tensor.zeros [ tokens.Length; a.DVocab ]
                let sum (terms: PathTerm list) = (zeros, terms) ||> List.fold (fun sum term -> sum + term.Logits)

                // What is added may be larger than what it comes to.
                let size = paths |> List.sumBy (fun term -> largest (floats term.Logits)) |> max (largest whole)

                for what, terms in [ "paths", paths; "written", InPlace.direct explained paths ] do
                    Array.iter2 (within Tolerances.model size what) (floats (sum terms)) whole

                let lens = InPlace.lens explained tokens.Length paths
                Array.iter2 (within Tolerances.model size "the last view") (floats (List.last lens)) whole)

        law 30 "the model itself has its paths, lens and scores of heads, whatever is done to both" (fun key ->
            let c = configuration key
            let a = c.Architecture
            let model = Given.model a key
            let task = Given.task c
            let tokens = Given.tokens a.DVocab (integer 1 task.Length 30 key) 31 key
            let explained = inPlace c model (reference key) "exact"
            let all = List.map floats >> Array.concat

            let find (terms: PathTerm list) =
                terms
                |> List.filter (fun term -> term.Source = PathSource.Component Embedding)
                |> List.map (fun term -> term.Heads, floats term.Logits)
                |> Map

            let own, found = find (Attribution.paths model tokens), find (InPlace.paths explained [] tokens)
            let size = own |> Map.values |> Seq.sumBy largest |> max 1.0

            for KeyValue(heads, logits) in own do
                Array.iter2 (within Tolerances.model size "a path") found[heads] logits

            let lens terms = InPlace.lens explained tokens.Length terms

            close
                Tolerances.model
                "the lens"
                (all (lens (InPlace.paths explained [] tokens)))
                (all (Attribution.lens model tokens))

            let interventions = interventions c key
            let reference = { Sequences = 3; Seed = 5UL }

            let scores (heads: HeadScores<float> list) = [|
                for head in heads do
                    head.Copying

                    for block in head.Blocks do
                        block.PreviousToken
                        block.Induction
                        block.Entropy
            |]

            // Sequences of blocks may be longer than the task's, and what heads write elsewhere is not.
            match interventions with
            | []
            | [ ZeroAblate _ ] ->
                close
                    Tolerances.scores
                    "scores"
                    (scores (InPlace.headScores explained interventions reference))
                    (scores (Intervened.headScores 1 a task model interventions reference))
            | _ -> ())
    ]
