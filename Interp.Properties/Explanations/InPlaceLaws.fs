/// Explanations in their model's place: of the model itself they are the model.
module Interp.Properties.InPlaceLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private inPlace (c: Configuration) model interventions reference text =
    match Explanation.parse text with
    | Ok explanation ->
        InPlace.ofExplanation 1 (Given.task c) c.Architecture.NCtx model interventions reference explanation
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
            let explained = inPlace c model interventions reference "exact"

            close
                Tolerances.model
                "the logits"
                (floats (InPlace.logits explained tokens))
                (floats (Intervened.logits 1 task model interventions tokens))

            let own = Behaviour.evaluateWith 1 task model interventions reference
            let found = InPlace.evaluate explained reference

            close Tolerances.model "the losses" (Array.ofList found.PerPositionLoss) (Array.ofList own.PerPositionLoss)

            Expect.equal found.Floor own.Floor "the floor")

        law 30 "what is completed is what its logits say" (fun key ->
            let c = configuration key
            let model = Given.model c.Architecture key
            let task = Given.task c
            let text = one [ "direct nothing"; "attention *.* previous"; "attention *.* positions" ] 1 key
            let explained = inPlace c model [] (reference key) text
            let prompt = Given.tokens c.Architecture.DVocab 1 31 key
            let length = min 4 task.Length
            let completions = InPlace.complete explained None length [ prompt ]
            let whole = Tokens.append prompt completions.Head.Written |> Tokens.toArray

            for i in 1 .. length - 1 do
                let logits = InPlace.logits explained (Tokens.ofArray whole[.. i - 1]) |> floats
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
                        (inPlace c model interventions reference "attention *.* without query-letter by resampling")
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

            Expect.stringContains
                (refusal (fun () ->
                    inPlace c (Given.model c.Architecture key) [ patch ] (reference key) "exact" |> ignore))
                "patches what an explanation has not"
                "why"
        }
    ]
