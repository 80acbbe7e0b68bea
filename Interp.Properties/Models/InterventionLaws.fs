/// Interventions are values, and do what they say and nothing else.
module Interp.Properties.InterventionLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private head (a: Architecture) use' key = {
    Layer = integer 0 (a.NLayers - 1) use' key
    Head = integer 0 (a.NHeads - 1) (use' + 1) key
}

let private site (a: Architecture) use' key =
    let head = head a (use' + 1) key

    one
        [
            ResidualAt(integer 0 a.NLayers (use' + 3) key)
            QueryAt head
            KeyAt head
            ValueAt head
            PatternAt head
            OutputAt head
        ]
        use'
        key

let private intervention (a: Architecture) text key =
    let target = head a 50 key
    let earlier = { Layer = target.Layer - 1; Head = integer 0 (a.NHeads - 1) 52 key }

    let source =
        if target.Layer = 0 then
            Embedding
        else
            one [ Embedding; HeadOutput earlier ] 53 key

    let vector = normal [ a.DModel ] 54 key |> floats |> Array.toList

    one
        [
            ZeroAblate target
            MeanAblate(target, { Sequences = integer 1 9 55 key; Seed = 3UL })
            ResampleAblate(target, uint64 (integer 0 99 56 key))
            Patch(site a 60 key, one [ None; Some(integer 0 9 61 key) ] 62 key, text)
            FreezePattern target
            AddToResidual(integer 0 a.NLayers 57 key, vector)
            Cut(source, target, one [ QueryInput; KeyInput; ValueInput ] 58 key)
        ]
        59
        key

let private logits (c: Configuration) model interventions tokens = Intervened.logits 1 c.Task model interventions tokens

[<Tests>]
let tests =
    testList "Interventions" [
        law 200 "what is printed is read back" (fun key ->
            let c, _, tokens = Given.run key
            let intervention = intervention c.Architecture tokens key
            Expect.equal (Intervention.parse (string intervention)) (Ok intervention) "the intervention")

        law 60 "none changes nothing, to the bit, and the activations lead to the logits" (fun key ->
            let c, model, tokens = Given.run key
            let whole = Transformer.logits model tokens
            same "the logits" (logits c model [] tokens) whole
            let activations = Transformer.activations Edits.none model tokens
            same "the activations' logits" activations.Logits whole

            close
                Tolerances.model
                "the residual stream read out"
                (floats (Tensor.matmul activations.ResidualAfter model.W_U))
                (floats whole)

            for layer, pattern in List.indexed (Transformer.patterns model tokens) do
                same "a pattern" activations.Layers[layer].Pattern pattern)

        law 40 "each layer adds what its heads write" (fun key ->
            let _, model, tokens = Given.run key
            let activations = Transformer.activations Edits.none model tokens
            let before = activations.Layers |> List.map _.ResidualBefore
            same "the embedding" before.Head (Tensor.gather model.W_E tokens)

            (activations.Layers, List.tail before @ [ activations.ResidualAfter ])
            ||> List.iter2 (fun layer after ->
                let sum = layer.ResidualBefore + Tensor.sumOver [ 0 ] layer.HeadOutput
                close Tolerances.model "the stream behind a layer" (floats after) (floats sum)))

        law 60 "a head that writes nothing is a head without W_O" (fun key ->
            let c, model, tokens = Given.run key
            let silent = head c.Architecture 40 key

            let without (block: Block<Tensor>) =
                let keep =
                    Tensor.init [ block.W_O.Shape.Head; 1; 1 ] (fun i -> if i.Head = silent.Head then 0.0 else 1.0)

                { block with W_O = block.W_O * keep }

            let other = {
                model with
                    Blocks = List.updateAt silent.Layer (without model.Blocks[silent.Layer]) model.Blocks
            }

            close
                Tolerances.model
                "the logits"
                (floats (logits c model [ ZeroAblate silent ] tokens))
                (floats (Transformer.logits other tokens)))

        law 40 "with every head silent the model is its direct path" (fun key ->
            let c, model, tokens = Given.run key
            let all = Model.heads model |> List.map ZeroAblate
            let direct = Tensor.gather (Tensor.matmul model.W_E model.W_U) tokens
            Expect.equal (floats (logits c model all tokens)) (floats direct) "W_E W_U at the letters")

        law 40 "a residual stream patched behind the last layer gives the other text's logits" (fun key ->
            let c, model, tokens = Given.run key
            let a = c.Architecture
            let other = Given.tokens a.DVocab tokens.Length 41 key
            let patched = logits c model [ Patch(ResidualAt a.NLayers, None, other) ] tokens
            close Tolerances.model "the logits" (floats patched) (floats (Transformer.logits model other)))

        law 40 "a head cut off from everything sees the position only" (fun key ->
            // Without the embedding a first layer's query, key and value are zero; so is then what the head writes.
            let c, model, tokens = Given.run key
            let head = { Layer = 0; Head = integer 0 (c.Architecture.NHeads - 1) 40 key }
            let cut = [ QueryInput; KeyInput; ValueInput ] |> List.map (fun input -> Cut(Embedding, head, input))

            close
                Tolerances.model
                "the logits"
                (floats (logits c model cut tokens))
                (floats (logits c model [ ZeroAblate head ] tokens)))

        law 30 "a vector added to the stream behind the last layer adds its logits" (fun key ->
            let c, model, tokens = Given.run key
            let vector = normal [ c.Architecture.DModel ] 41 key
            let added = AddToResidual(c.Architecture.NLayers, floats vector |> Array.toList)
            let own = Tensor.matmul (Tensor.reshape [ 1; c.Architecture.DModel ] vector) model.W_U

            close
                Tolerances.model
                "the logits"
                (floats (logits c model [ added ] tokens))
                (floats (Transformer.logits model tokens + own)))

        law 30 "losses under an intervention are those of its logits, one sequence at a time" (fun key ->
            let c, model, _ = Given.run key
            let sequences = Sequences.heldOut c.Task { Sequences = (integer 1 20 42 key); Seed = 7UL }
            let silent = [ ZeroAblate(head c.Architecture 40 key) ]

            let each =
                sequences
                |> List.map (fun tokens -> floats (Loss.perPositionOf (logits c model silent) tokens))
                |> List.reduce (Array.map2 (+))
                |> Array.map (fun sum -> sum / float sequences.Length)

            let found = Intervened.perPositionLoss (integer 1 2 43 key) c.Task model silent sequences
            close Tolerances.model "the losses" (floats found) each)
    ]
