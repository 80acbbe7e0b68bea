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

/// An intervention on a shape, with a text where it wants one.
let intervention (a: Architecture) text key =
    let target = head a 50 key
    let earlier = { Layer = target.Layer - 1; Head = integer 0 (a.NHeads - 1) 52 key }

    let source =
        if target.Layer = 0 then
            Embedding
        else
            one [ Embedding; PositionEmbedding; HeadOutput earlier ] 53 key

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

let private logits (c: Configuration) model interventions tokens =
    Intervened.logits 1 (Given.task c) model interventions tokens

[<Tests>]
let tests =
    testList "Interventions" [
        law 200 "what is printed is read back" (fun key ->
            let c, _, tokens = Given.run key
            let intervention = intervention c.Architecture tokens key
            Expect.equal (Intervention.parse (string intervention)) (Ok intervention) "the intervention")

        law 60 "none changes nothing, to the bit, and the activations lead to the logits" (fun key ->
            let c, model, tokens = Given.anyRun key
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
            let _, model, tokens = Given.anyRun key
            let activations = Transformer.activations Edits.none model tokens
            let streams = (activations.Layers |> List.map _.ResidualBefore) @ [ activations.ResidualAfter ]
            let letters = Tensor.gather model.W_E tokens

            same
                "the embedding and the positions"
                streams.Head
                (model.W_pos
                 |> Option.map (fun w_pos -> letters + Tensor.slice 0 0 tokens.Length w_pos)
                 |> Option.defaultValue letters)

            (activations.Layers, List.tail streams)
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
            let c, model, tokens = Given.anyRun key
            let all = Model.heads model |> List.map ZeroAblate
            let direct = Given.directLogits model tokens
            Expect.equal (floats (logits c model all tokens)) (floats direct) "W_E W_U at the letters")

        law 40 "a residual stream patched behind the last layer gives the other text's logits" (fun key ->
            let c, model, tokens = Given.anyRun key
            let a = c.Architecture
            let other = Given.tokens a.DVocab tokens.Length 41 key
            let patched = logits c model [ Patch(ResidualAt a.NLayers, None, other) ] tokens
            close Tolerances.model "the logits" (floats patched) (floats (Transformer.logits model other)))

        law 40 "a head cut off from everything sees the position only" (fun key ->
            // Without the embedding and learned positions a first layer's query, key and value are zero; so is then what the head writes.
            let c, model, tokens = Given.run key
            let head = { Layer = 0; Head = integer 0 (c.Architecture.NHeads - 1) 40 key }
            let sources = if model.W_pos.IsSome then [ Embedding; PositionEmbedding ] else [ Embedding ]

            let cut = [
                for source in sources do
                    for input in [ QueryInput; KeyInput; ValueInput ] -> Cut(source, head, input)
            ]

            close
                Tolerances.model
                "the logits"
                (floats (logits c model cut tokens))
                (floats (logits c model [ ZeroAblate head ] tokens)))

        law 40 "positions cut off from every input of a layer's heads are positions that it does not have" (fun key ->
            let c, _, tokens = Given.run key
            let a = { c.Architecture with Positions = Positions.Standard; NLayers = 1 }
            let model = Given.model a key

            let cut = [
                for head in Model.heads model do
                    for input in [ QueryInput; KeyInput; ValueInput ] -> Cut(PositionEmbedding, head, input)
            ]

            let blind = { model with Positions = Positions.NoPositions; W_pos = None }
            let own = Tensor.matmul (Tensor.slice 0 0 tokens.Length model.W_pos.Value) model.W_U

            close
                Tolerances.model
                "the logits"
                (floats (logits c model cut tokens))
                (floats (Transformer.logits blind tokens + own))

            let sentence = refusal (fun () -> logits c blind [ cut.Head ] tokens |> ignore)
            Expect.stringContains sentence "positions are none, expected standard" "nothing to cut")

        law 30 "a vector added to the stream behind the last layer adds its logits" (fun key ->
            let c, model, tokens = Given.anyRun key
            let vector = normal [ c.Architecture.DModel ] 41 key
            let added = AddToResidual(c.Architecture.NLayers, floats vector |> Array.toList)
            let own = Tensor.matmul (Tensor.reshape [ 1; c.Architecture.DModel ] vector) model.W_U

            close
                Tolerances.model
                "the logits"
                (floats (logits c model [ added ] tokens))
                (floats (Transformer.logits model tokens + own)))

        law
            60
            "a head that writes nothing writes zeros, whatever it would have written and wherever that would have gone"
            (fun key ->
                let c, model, tokens = Given.run key
                let silent = head c.Architecture 40 key

                let only x =
                    Tensor.init [ c.Architecture.NHeads; 1; 1 ] (fun i -> if i.Head = silent.Head then x else 1.0)
                // Its values overflow in one case; in the other its W_O times anything does.
                let wild (block: Block<Tensor>) =
                    if truth 60 key then
                        { block with W_V = block.W_V * only 1e38 * only 1e38 }
                    else
                        { block with W_O = block.W_O * only 0.0 + 3e38 * (1.0 - only 0.0) }

                let other = {
                    model with
                        Blocks = List.updateAt silent.Layer (wild model.Blocks[silent.Layer]) model.Blocks
                }

                same
                    "the logits"
                    (logits c other [ ZeroAblate silent ] tokens)
                    (logits c model [ ZeroAblate silent ] tokens)

                same
                    "the loss"
                    (Intervened.perPositionLoss 1 (Given.task c) other [ ZeroAblate silent ] [
                        Given.tokens c.Architecture.DVocab 4 61 key
                    ])
                    (Intervened.perPositionLoss 1 (Given.task c) model [ ZeroAblate silent ] [
                        Given.tokens c.Architecture.DVocab 4 61 key
                    ])

                // And so does a head that later ones do not read.
                let cuts head =
                    [ QueryInput; KeyInput; ValueInput ] |> List.map (fun input -> Cut(HeadOutput silent, head, input))

                let later =
                    Model.heads model |> List.filter (fun head -> head.Layer > silent.Layer) |> List.collect cuts

                let patterns model =
                    let edits = Intervened.resolve 1 (Given.task c) model later tokens tokens
                    (Transformer.activations edits model tokens).Layers[silent.Layer + 1 ..] |> List.map _.Pattern

                List.iter2 (same "a later pattern") (patterns other) (patterns model))

        law 60 "each resampling has its own seed: one beside others is what it is alone, in any order" (fun key ->
            let c, model, tokens = Given.run key
            let heads = Model.heads model |> List.truncate 3
            let seeds = heads |> List.mapi (fun i _ -> uint64 (integer 0 3 (70 + i) key))
            let all = List.map2 (fun head seed -> ResampleAblate(head, seed)) heads seeds

            let taken interventions tokens others (head: HeadAddress) =
                let edits = Intervened.resolve 1 (Given.task c) model interventions tokens others
                Transformer.at (OutputAt head) (Transformer.activations edits model tokens)

            let drawn seeds =
                seeds
                |> List.distinct
                |> List.map (fun seed ->
                    Sequences.heldOut (Given.task c) { Sequences = 1; Seed = seed }
                    |> List.head
                    |> Tokens.slice 0 tokens.Length)
                |> List.reduce Tokens.append

            // What each head writes beside the others is what it writes on the sequence of its own seed.
            for head, seed in List.zip heads seeds do
                let alone = taken [ ResampleAblate(head, seed) ] tokens (drawn [ seed ]) head
                same "beside the others" (taken all tokens (drawn seeds) head) alone
                let own = Transformer.activations Edits.none model (drawn [ seed ])
                same "on its own sequence" alone (Transformer.at (OutputAt head) own)

            same "the logits in another order" (logits c model (List.rev all) tokens) (logits c model all tokens)
            let sequences = Sequences.heldOut (Given.task c) { Sequences = integer 1 20 80 key; Seed = 9UL }
            let loss interventions = Intervened.perPositionLoss 1 (Given.task c) model interventions sequences
            same "the loss in another order" (loss (List.rev all)) (loss all)

            // The loss of one head alone, by hand.
            let one = ResampleAblate(heads.Head, seeds.Head)
            let others = Sequences.heldOut (Given.task c) { Sequences = sequences.Length; Seed = seeds.Head }

            let each =
                List.map2
                    (fun (tokens: Tokens) other ->
                        let edits = Intervened.resolve 1 (Given.task c) model [ one ]

                        floats (
                            Loss.perPositionOf
                                (fun known ->
                                    Transformer.logitsWith
                                        (edits known (Tokens.slice 0 known.Length other))
                                        model
                                        known)
                                tokens
                        ))
                    sequences
                    others
                |> List.reduce (Array.map2 (+))
                |> Array.map (fun sum -> sum / float sequences.Length)

            close Tolerances.model "the loss of one" (floats (loss [ one ])) each)

        law 40 "an edit at a place that does not exist is refused, and the places that there are are named" (fun key ->
            let c, model, tokens = Given.run key
            let a = c.Architecture

            let beyond =
                one
                    [ { Layer = a.NLayers; Head = 0 }; { Layer = 0; Head = a.NHeads }; { Layer = -1; Head = 0 } ]
                    40
                    key

            let stream = one [ a.NLayers + 1; -1 ] 41 key
            let there = { Layer = 0; Head = 0 }

            let sites = [
                for site in [ QueryAt; KeyAt; ValueAt; PatternAt; OutputAt ] do
                    site beyond

                ResidualAt stream
            ]

            let sentence site =
                match site with
                | ResidualAt _ -> $"Residual stream {stream} does not exist; the model has 0 to {a.NLayers}."
                | _ -> $"layers 0 to {a.NLayers - 1} with heads 0 to {a.NHeads - 1}."

            let refused words action = Expect.stringContains (refusal (action >> ignore)) words "the sentence"

            for site in sites do
                let edits = Edits.at site id
                refused (sentence site) (fun () -> Transformer.logitsWith edits model tokens)
                refused (sentence site) (fun () -> Transformer.activations edits model tokens)

                refused (sentence site) (fun () ->
                    Transformer.at site (Transformer.activations Edits.none model tokens))

                refused (sentence site) (fun () ->
                    Batch.mean 1 (Loss.perPositionOf (Transformer.logitsWith edits model)) [
                        Given.tokens a.DVocab 3 50 key
                    ])

                refused (sentence site) (fun () -> logits c model [ Patch(site, None, tokens) ] tokens)

            let heads = sentence (OutputAt beyond)

            for intervention in
                [
                    ZeroAblate beyond
                    MeanAblate(beyond, { Sequences = 1; Seed = 1UL })
                    ResampleAblate(beyond, 1UL)
                    FreezePattern beyond
                    Cut(Embedding, beyond, KeyInput)
                ] do
                refused heads (fun () -> logits c model [ intervention ] tokens)

            for cut in [ Embedding, beyond, KeyInput; HeadOutput beyond, there, ValueInput ] do
                refused heads (fun () ->
                    Transformer.logitsWith { Edits.none with Cuts = Set.singleton cut } model tokens)

            refused $"Head 0.0 does not read head 0.0" (fun () ->
                Transformer.logitsWith
                    { Edits.none with Cuts = Set.singleton (HeadOutput there, there, KeyInput) }
                    model
                    tokens)

            refused (sentence (ResidualAt stream)) (fun () ->
                Transformer.logitsWith { Edits.none with Added = [ stream, Tensor.zeros [ a.DModel ] ] } model tokens)

            let letters = $"the model has letters 0 to {a.DVocab - 1}."

            refused letters (fun () -> Transformer.logits model (Tokens.ofArray [| 0; a.DVocab |])))

        law
            40
            "an activation's replacement of another shape is refused, and a residual stream's is the stream to the bit"
            (fun key ->
                let c, model, tokens = Given.run key
                let a = c.Architecture
                let layer = integer 0 a.NLayers 40 key

                for site in [ ResidualAt layer; OutputAt { Layer = 0; Head = 0 } ] do
                    let wide = Edits.at site (fun x -> Tensor.concatenate 1 [ x; x ])

                    Expect.throwsT<System.ArgumentException>
                        (fun () -> Transformer.logitsWith wide model tokens |> ignore)
                        "another shape"

                if tokens.Length > 1 then
                    Expect.throwsT<System.ArgumentException>
                        (fun () ->
                            Transformer.logitsWith (Edits.at (ResidualAt layer) (Tensor.slice 0 0 1)) model tokens
                            |> ignore)
                        "one row, which would be stretched"

                Expect.throwsT<System.ArgumentException>
                    (fun () ->
                        Transformer.logitsWith
                            { Edits.none with Added = [ layer, Tensor.zeros [ a.DModel + 1 ] ] }
                            model
                            tokens
                        |> ignore)
                    "a longer vector"

                // A huge stream leaves nothing behind.
                let huge = { model with W_E = model.W_E * 1e30 }
                let other = normal [ tokens.Length; a.DModel ] 41 key
                let patched = Transformer.logitsWith (Edits.at (ResidualAt a.NLayers) (fun _ -> other)) huge tokens
                same "the logits" patched (Tensor.matmul other model.W_U))

        test "a vector that float32 does not hold is refused" {
            let c = Configuration.study
            let model = (Recipe.start c).Weights

            for x in [ 1e300; nan; infinity ] do
                let added = AddToResidual(0, List.replicate c.Architecture.DModel x)

                Expect.throwsT<RefusedException>
                    (fun () -> logits c model [ added ] (Tokens.ofArray [| 0 |]) |> ignore)
                    $"{x}"
        }

        test "what is taken from the task's sequences is refused for a longer text" {
            let c = Configuration.study
            let model = (Recipe.start c).Weights
            let long = Given.tokens 26 ((Given.task c).Length + 1) 1 (Key.ofSeed 1UL)

            for intervention in
                [
                    ResampleAblate({ Layer = 0; Head = 0 }, 1UL)
                    MeanAblate({ Layer = 0; Head = 0 }, { Sequences = 2; Seed = 1UL })
                ] do
                Expect.throwsT<RefusedException> (fun () -> logits c model [ intervention ] long |> ignore) "too long"
        }

        law 30 "losses under an intervention are those of its logits, one sequence at a time" (fun key ->
            let c, model, _ = Given.run key
            let sequences = Sequences.heldOut (Given.task c) { Sequences = (integer 1 20 42 key); Seed = 7UL }
            let silent = [ ZeroAblate(head c.Architecture 40 key) ]

            let each =
                sequences
                |> List.map (fun tokens -> floats (Loss.perPositionOf (logits c model silent) tokens))
                |> List.reduce (Array.map2 (+))
                |> Array.map (fun sum -> sum / float sequences.Length)

            let found = Intervened.perPositionLoss (integer 1 2 43 key) (Given.task c) model silent sequences
            close Tolerances.model "the losses" (floats found) each)
    ]
