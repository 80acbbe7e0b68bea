/// What is measured of a model under interventions: sums, views, scores and losses.
module Interp.Properties.UnderInterventionLaws

open Expecto
open Interp
open Interp.Properties.Laws

/// A model, a text and some interventions that fit them.
let private intervened key =
    let c, model, tokens = Given.run key
    let task = Given.task c

    let fits intervention =
        try
            Intervened.logits 1 task model [ intervention ] tokens |> ignore
            true
        with :? RefusedException ->
            false

    let source = Given.tokens c.Architecture.DVocab task.Length 700 key

    let interventions =
        List.init (integer 1 3 701 key) (fun i ->
            InterventionLaws.intervention c.Architecture source (Key.split (uint64 (710 + i)) key))
        |> List.filter fits

    c, task, model, tokens, interventions

let private sums what (terms: PathTerm list) (logits: Tensor) =
    let sum = terms |> List.map _.Logits |> List.reduce (fun a b -> a + b)
    // Terms may be larger than what they come to.
    let size =
        terms |> List.sumBy (fun term -> largest (floats term.Logits)) |> max (largest (floats logits))

    Array.iter2 (within Tolerances.model size what) (floats sum) (floats logits)

let private all = List.map floats >> Array.concat

/// Estimates are of what interventions leave: none of a head that is silent, whatever else is done.
let private slopesOfTheRest key =
    let c, model, _ = Given.run key
    let task = Given.task c
    let source = Given.tokens c.Architecture.DVocab task.Length 700 key
    let reference = { Sequences = 3; Seed = 3UL }

    let fits intervention =
        try
            Intervened.loss 1 task model [ intervention ] reference |> ignore
            true
        with :? RefusedException ->
            false

    let interventions =
        List.init 3 (fun i -> InterventionLaws.intervention c.Architecture source (Key.split (uint64 (740 + i)) key))
        |> List.filter fits

    let silent = one (Model.heads model) 41 key
    let all = interventions @ [ ZeroAblate silent ]
    let found = Ablation.measureWith 1 task model all ZeroMode reference false
    Expect.equal found.Whole (Intervened.loss 1 task model all reference) "the loss"
    let head = found.Heads |> List.find (fun head -> head.Head = silent)
    Expect.equal head.Loss found.Whole "without what is silent"
    Expect.equal head.FirstOrder (Some found.Whole) "to first order"

[<Tests>]
let tests =
    testList "Under interventions" [
        law 300 "the logits are the sum over paths, and of what is written directly" (fun key ->
            let _, task, model, tokens, interventions = intervened key
            let logits = Intervened.logits 1 task model interventions tokens
            sums $"paths under %A{interventions}" (Intervened.paths 1 task model interventions tokens) logits
            sums $"written under %A{interventions}" (Intervened.direct 1 task model interventions tokens) logits)

        law 40 "the lens ends with the logits, and patterns are those that values are moved by" (fun key ->
            let _, task, model, tokens, interventions = intervened key
            let logits = Intervened.logits 1 task model interventions tokens
            let lens = Intervened.lens 1 task model interventions tokens
            Expect.equal lens.Length (model.Blocks.Length + 1) "views"
            close Tolerances.model "the last view" (floats (List.last lens)) (floats logits)
            let patterns = Intervened.patterns 1 task model interventions tokens

            let activations =
                Intervened.under 1 task model interventions (fun edits -> Transformer.activations edits model) tokens

            List.iter2
                (fun (layer: LayerActivations) pattern -> same "patterns" pattern layer.Pattern)
                activations.Layers
                patterns)

        law 15 "none is the model as it is, to the bit" (fun key ->
            let c, model, tokens = Given.run key
            let task = Given.task c
            let a = c.Architecture
            let both f g = List.iter2 (same "the same") f g

            both (Intervened.patterns 1 task model [] tokens) (Transformer.patterns model tokens)
            both (Intervened.lens 1 task model [] tokens) (Attribution.lens model tokens)

            let activations = Transformer.activations Edits.none model tokens

            let written = [
                for layer in activations.Layers do
                    let logits = Tensor.einsum "hpm,mv->hpv" layer.HeadOutput model.W_U

                    for head in 0 .. a.NHeads - 1 -> Tensor.select 0 head logits
            ]

            let direct = Attribution.direct model tokens |> List.filter (fun term -> not term.Heads.IsEmpty)
            both (direct |> List.map _.Logits) written
            let logits: PathTerm list -> Tensor list = List.map _.Logits
            both (logits (Intervened.direct 1 task model [] tokens)) (logits (Attribution.direct model tokens))
            both (logits (Intervened.paths 1 task model [] tokens)) (logits (Attribution.paths model tokens))
            let reference = { Sequences = integer 1 4 40 key; Seed = 3UL }
            let sequences = Sequences.heldOut task reference
            both (Intervened.attention 1 task model [] sequences) (Attention.average 1 model sequences)

            Expect.equal
                (Intervened.headScores 1 a task model [] reference)
                (HeadScores.ofModel 1 a model reference)
                "scores of heads"

            let sequences = Sequences.heldOut task { reference with Sequences = 3 }

            Expect.equal
                (Ablation.measureWith 1 task model [] ZeroMode { reference with Sequences = 3 } false).Heads
                (Ablation.heads 1 task model ZeroMode { reference with Sequences = 3 }
                 |> List.map2
                     (fun (head, rise) (ablation: Ablation) ->
                         let whole = Intervened.loss 1 task model [] { reference with Sequences = 3 }
                         { Head = head; Loss = ablation.Loss; FirstOrder = Some(whole + rise) })
                     (Attribution.gradientTimesActivation 1 task model sequences))
                "ablations")

        law 25 "without any head the direct path is all there is, and a head that is zeroed is in no path" (fun key ->
            let c, model, tokens = Given.run key
            let task = Given.task c
            let none = Model.heads model |> List.map ZeroAblate
            let terms = Intervened.paths 1 task model none tokens

            for term in terms do
                if not term.Heads.IsEmpty then
                    Expect.equal (largest (floats term.Logits)) 0.0 $"%A{term.Heads}"

            sums "the direct path" terms (Given.directLogits model tokens)
            let silent = one (Model.heads model) 41 key

            for term in Intervened.paths 1 task model [ ZeroAblate silent ] tokens do
                if List.contains silent term.Heads then
                    Expect.equal (largest (floats term.Logits)) 0.0 $"%A{term.Heads}"

            // Of two heads' losses the one is the other's, taken first.
            let reference = { Sequences = 3; Seed = 3UL }
            let first = List.head (Model.heads model)

            for ablation in (Ablation.measureWith 1 task model [ ZeroAblate first ] ZeroMode reference false).Heads do
                let together = Intervened.loss 1 task model [ ZeroAblate first; ZeroAblate ablation.Head ] reference
                Expect.equal ablation.Loss together $"without {first} and {ablation.Head}")

        law
            25
            "slopes are of what interventions leave: none of a head that is silent, whatever else is done"
            slopesOfTheRest

        test "also where a layer's stream is put there, of no sequence" {
            slopesOfTheRest (Key.ofSeed 14847691820910143190UL)
        }

        law
            30
            "a path that is cut is left out, and all others are what they were where scores read the same"
            (fun key ->
                let c, model, tokens = Given.run key
                let task = Given.task c
                let target = one (Model.heads model) 41 key
                let cut = [ Cut(Embedding, target, ValueInput) ]
                let isFirst (term: PathTerm) = term.Heads |> List.tryHead = Some target
                let isCut (term: PathTerm) = term.Source = PathSource.Component Embedding && isFirst term
                let found = Intervened.paths 1 task model cut tokens
                Expect.isFalse (List.exists isCut found) "the path from the embedding"
                // What reads the head's output in scores moves others' patterns.
                if target.Layer = model.Blocks.Length - 1 then
                    let whole = Attribution.paths model tokens |> List.filter (isCut >> not)
                    let size = whole |> List.sumBy (fun term -> largest (floats term.Logits)) |> max 1.0

                    let agree (a: PathTerm) (b: PathTerm) =
                        Expect.equal a.Heads b.Heads "a path"
                        Array.iter2 (within Tolerances.model size "what it brings") (floats a.Logits) (floats b.Logits)

                    List.iter2 agree found whole)

        law 12 "patching every head's output and the stream restores what is patched, whatever else is done" (fun key ->
            let c, model, tokens = Given.run key
            let task = Given.task c
            let a = c.Architecture
            let clean = Given.tokens a.DVocab tokens.Length 45 key
            let silent = one (Model.heads model) 46 key
            let patching = Patching.measureWith task model [ ZeroAblate silent ] 0 1 clean tokens
            let last = tokens.Length - 1

            let difference tokens =
                let logits = Intervened.logits 1 task model [ ZeroAblate silent ] tokens
                Tensor.item [ last; 0 ] logits - Tensor.item [ last; 1 ] logits

            Expect.equal patching.CleanDifference (difference clean) "the clean run"
            Expect.equal patching.CorruptDifference (difference tokens) "the corrupt run"

            for effect in patching.Effects do
                if effect.Site = OutputAt silent && patching.CleanDifference <> patching.CorruptDifference then
                    Expect.equal effect.Restored 0.0 "a head that writes nothing restores nothing")

        law 12 "composition: scores are of the weights, losses of what is done to the model" (fun key ->
            let c, model, _ = Given.run key
            let task = Given.task c
            let reference = { Sequences = 4; Seed = 2UL }
            let heads = Model.heads model
            let silenced = CompositionResults.measureWith 1 task model (List.map ZeroAblate heads) reference

            for loss in [ silenced.Paths.Direct; silenced.Paths.WithKeys; silenced.Paths.WithQueries; silenced.Whole ] do
                Expect.equal loss (Intervened.loss 1 task model (List.map ZeroAblate heads) reference) "no head"

            let snapshot =
                Development.snapshotWith 1 c.Architecture task 3 model (List.map ZeroAblate heads) reference

            within Tolerances.model Tolerances.nats "a snapshot's loss" snapshot.Loss silenced.Whole

            for head in snapshot.Heads do
                Expect.equal head.Copying 0.0 "a head that writes nothing copies nothing")
    ]
