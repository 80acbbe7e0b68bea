/// What must hold of every attention-only transformer, trained or not.
module Interp.Properties.ModelLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private given key =
    let a = Given.anyArchitecture key
    let model = Given.model a key
    a, model, Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key

let private softmax =
    testList "softmax" [
        law 200 "rows sum to one" (fun key ->
            let rows, width = integer 1 5 1 key, integer 1 40 2 key
            let sums = Tensor.softmax (3.0 * normal [ rows; width ] 3 key) |> Tensor.sumOver [ 1 ] |> floats
            close Tolerances.rowSum "sums" sums (Array.create rows 1.0))

        law 200 "a shift of a row changes nothing" (fun key ->
            let x = normal [ integer 1 5 1 key; integer 1 40 2 key ] 3 key
            let shift = float (integer -8 8 4 key)
            let exact = floats (Tensor.softmax x)
            close Tolerances.shift "softmax" (floats (Tensor.softmax (x + shift))) exact)

        law 100 "scores far apart neither overflow nor vanish" (fun key ->
            let x = Tensor.vector [ 1e4; float (integer -1000 1000 1 key); -1e4 ]
            Expect.equal (floats (Tensor.softmax x)) [| 1.0; 0.0; 0.0 |] "all on the largest")
    ]

let private attention =
    testList "attention" [
        law 60 "patterns are causal and their rows sum to one" (fun key ->
            let a, model, tokens = given key

            for pattern in Transformer.patterns model tokens do
                Expect.equal pattern.Shape [ a.NHeads; tokens.Length; tokens.Length ] "[head, pos, key_pos]"

                for head in 0 .. a.NHeads - 1 do
                    for query in 0 .. tokens.Length - 1 do
                        let row = [| for k in 0 .. tokens.Length - 1 -> Tensor.item [ head; query; k ] pattern |]
                        within Tolerances.rowSum 1.0 "a row's sum" (Array.sum row) 1.0
                        Expect.all row[query + 1 ..] ((=) 0.0) "nothing is seen of later letters"
                        Expect.all row (fun share -> share >= 0.0) "shares are not negative")

        law 60 "a later letter never changes an earlier logit, to the bit" (fun key ->
            let a, model, tokens = given key
            let changed = integer 0 (tokens.Length - 1) 40 key
            let letters = tokens.ToArray()
            let other = Array.updateAt changed ((letters[changed] + 1) % a.DVocab) letters |> Tokens.ofArray
            let before = Tensor.slice 0 0 changed
            same "earlier logits" (before (Transformer.logits model other)) (before (Transformer.logits model tokens)))

        law 60 "the logits of a beginning are the beginning of the logits, to the bit" (fun key ->
            let _, model, tokens = given key
            let n = integer 1 tokens.Length 40 key
            let whole = Transformer.logits model tokens
            same "logits" (Transformer.logits model (Tokens.slice 0 n tokens)) (Tensor.slice 0 0 n whole))

        law 60 "permuting the heads changes nothing beyond rounding" (fun key ->
            let a, model, tokens = given key

            let permuted layer (block: Block<Tensor>) =
                let order = Key.words a.NHeads (Key.split (uint64 (50 + layer)) key)
                let heads = [ 0 .. a.NHeads - 1 ] |> List.sortBy (fun head -> order[head])
                let permute (x: Tensor) = heads |> List.map (fun head -> Tensor.select 0 head x) |> Tensor.stack

                {
                    W_Q = permute block.W_Q
                    W_K = permute block.W_K
                    W_V = permute block.W_V
                    W_O = permute block.W_O
                    Smear = Option.map permute block.Smear
                    SmearQueries = Option.map permute block.SmearQueries
                }

            let other = { model with Blocks = List.mapi permuted model.Blocks }
            let logits model = floats (Transformer.logits model tokens)
            close Tolerances.model "logits" (logits other) (logits model))
    ]

let private paths =
    testList "paths" [
        law 60 "without W_O the model is its direct path" (fun key ->
            let _, model, tokens = given key
            let silent = model.Blocks |> List.map (fun block -> { block with W_O = Tensor.zerosLike block.W_O })
            let logits blocks = floats (Transformer.logits { model with Blocks = blocks } tokens)
            let direct = floats (Given.directLogits model tokens)
            Expect.equal (logits silent) direct "W_E W_U at the letters, W_pos W_U at the positions"
            Expect.equal (logits []) direct "a model without layers")

        law 60 "smearing that keeps each key whole is no smearing, to the bit" (fun key ->
            let a, model, tokens = given key
            // The sigmoid of 40 is 1 in float32.
            let whole = Tensor.full [ a.NHeads; a.NCtx - 1 ] 40.0

            let smeared keys queries =
                let blocks =
                    model.Blocks |> List.map (fun block -> { block with Smear = keys; SmearQueries = queries })

                Transformer.logits { model with Blocks = blocks } tokens

            let plain = smeared None None
            same "keys" (smeared (Some whole) None) plain
            same "queries" (smeared None (Some whole)) plain
            same "both" (smeared (Some whole) (Some whole)) plain)

        law 60 "queries are smeared as keys are: with W_Q and W_K exchanged, one is the other" (fun key ->
            let a, model, tokens = given key

            for block in model.Blocks do
                let smear = normal [ a.NHeads; a.NCtx - 1 ] 60 key

                let scores (block: Block<Tensor>) =
                    (Transformer.activations Edits.none { model with Blocks = [ block ] } tokens).Layers.Head

                let ofKeys = scores { block with Smear = Some smear; SmearQueries = None }

                let ofQueries =
                    scores { block with W_Q = block.W_K; W_K = block.W_Q; Smear = None; SmearQueries = Some smear }

                same "what is smeared" ofQueries.SmearedQuery ofKeys.SmearedKey
                same "what is not" ofQueries.SmearedKey ofKeys.SmearedQuery
                same "with positions" ofQueries.PositionedQuery ofKeys.PositionedKey)

        law 40 "smearing that lets no key through shows each query the keys one place back" (fun key ->
            let keys = normal [ 2; integer 2 20 1 key; 3 ] 2 key
            let positions = keys.Shape[1]
            let smeared = Tensor.smear keys (Tensor.zeros [ 2; positions - 1 ])
            let shifted = Tensor.concatenate 1 [ Tensor.slice 1 0 1 keys; Tensor.slice 1 0 (positions - 1) keys ]
            Expect.equal (floats smeared) (floats shifted) "the keys before")

        test "the position code is zero at position 0, then sine and cosine" {
            let code = Transformer.positionCode 5 4
            Expect.equal (floats (Tensor.select 0 0 code)) [| 0.0; 0.0; 0.0; 0.0 |] "position 0"
            let angle i = 3.0 / 10000.0 ** (2.0 * float i / 4.0)

            close Tolerances.value "position 3" (floats (Tensor.select 0 3 code)) [|
                sin (angle 0)
                cos (angle 1)
                sin (angle 2)
                cos (angle 3)
            |]
        }

        law 100 "rotary positions keep lengths, and products know of positions by their difference alone" (fun key ->
            let heads, width = integer 1 3 1 key, 2 * integer 1 4 2 key
            let query, key' = normal [ heads; 1; width ] 3 key, normal [ heads; 1; width ] 4 key
            let positions = integer 2 40 5 key

            // The same vector at every position.
            let turned (x: Tensor) = Transformer.rotate (Arithmetic.broadcastTo [ heads; positions; width ] x)

            let q, k = turned query, turned key'
            let product i j = Tensor.sumOver [ 1 ] (Tensor.select 1 i q * Tensor.select 1 j k) |> floats
            let i, j = integer 0 (positions - 1) 6 key, integer 0 (positions - 1) 7 key
            let shift = integer -(min i j) (positions - 1 - max i j) 8 key
            close Tolerances.rotary "products" (product (i + shift) (j + shift)) (product i j)
            let length x i = Tensor.sumOver [ 1 ] (Tensor.square (Tensor.select 1 i x)) |> floats
            close Tolerances.rotary "lengths" (length q i) (length query 0)
            same "position 0" (Tensor.select 1 0 q) (Tensor.select 1 0 query)

            // Entries 2i and 2i + 1 as one complex number, times e^(i angle).
            let at i (x: Tensor) = Tensor.select 1 i x |> Tensor.select 0 0 |> floats

            let expected =
                at 0 query
                |> Array.chunkBySize 2
                |> Array.mapi (fun pair entries ->
                    let angle = float i * 10000.0 ** (-2.0 * float pair / float width)

                    System.Numerics.Complex(entries[0], entries[1]) * System.Numerics.Complex(cos angle, sin angle))
                |> Array.collect (fun z -> [| z.Real; z.Imaginary |])

            close Tolerances.rotary "the pairs" (at i q) expected)

        law 60 "without positions a model sees no order but the causal mask's" (fun key ->
            // The last letter's prediction does not depend on the order of those before it where one layer reads them unsmeared.
            let a = { Given.architectureOf 1 key with Positions = Positions.NoPositions; Smear = Smear.Neither }
            let model = Given.model a key
            let letters = (Given.tokens a.DVocab (integer 2 a.NCtx 30 key) 31 key).ToArray()
            let last = letters.Length - 1
            let before = letters[.. last - 1]
            let shuffled = Array.append (Array.rev before) [| letters[last] |]
            let logits letters = Transformer.logits model (Tokens.ofArray letters) |> Tensor.select 0 last |> floats
            close Tolerances.model "the last logits" (logits shuffled) (logits letters))

        law 60 "learned positions are letters' embeddings by another name" (fun key ->
            // A model in which each letter stands at one position only: its row of W_E may have the position's row in it.
            let a = { Given.architecture key with Positions = Positions.Standard }
            let a = { a with DVocab = a.NCtx }
            let model = Given.model a key
            let order = Key.words a.NCtx (Key.split 40UL key)
            let letters = [| 0 .. a.NCtx - 1 |] |> Array.sortBy (fun letter -> order[letter])
            let place letter = System.Array.IndexOf(letters, letter)
            let at (index: int list) = Tensor.item [ place index[0]; index[1] ] model.W_pos.Value

            let other = {
                model with
                    Positions = Positions.NoPositions
                    W_pos = None
                    W_E = model.W_E + Tensor.init model.W_E.Shape at
            }

            let tokens = Tokens.ofArray letters
            let logits model = floats (Transformer.logits model tokens)
            close Tolerances.model "the logits" (logits other) (logits model))

        law 20 "learned positions and what a model says of its positions belong together" (fun key ->
            let a, model, tokens = given key

            let other =
                match model.W_pos with
                | Some _ -> { model with W_pos = None }
                | None -> { model with W_pos = Some(Tensor.zeros [ a.NCtx; a.DModel ]) }

            Expect.stringContains
                (refusal (fun () -> Transformer.logits other tokens |> ignore))
                "W_pos"
                "the sentence")

        law 20 "a sequence longer than a model's context is refused where its weights end there" (fun key ->
            let a =
                one
                    [
                        { Given.architecture key with Positions = Positions.Study; Smear = Smear.Keys }
                        { Given.architecture key with Positions = Positions.Rotary; DHead = 2; Smear = Smear.Queries }
                        { Given.anyArchitecture key with Positions = Positions.Standard }
                    ]
                    40
                    key

            let tokens = Given.tokens a.DVocab (a.NCtx + 1) 30 key

            Expect.throwsT<RefusedException>
                (fun () -> Transformer.logits (Given.model a key) tokens |> ignore)
                "too long")
    ]

let private record =
    testList "the record" [
        law 60 "map id is the identity" (fun key ->
            let model = Given.model (Given.anyArchitecture key) key
            Expect.equal (Model.map id model) model "map id")

        law 60 "map2 composes, and agrees with map" (fun key ->
            let a = Given.anyArchitecture key
            let x, y = Given.model a key, Given.model a (Key.split 1UL key)
            let f (a: Tensor) (b: Tensor) = a + 2.0 * b
            let g (x: Tensor) = x * x
            Expect.equal (Model.map2 (fun a b -> g (f a b)) x y) (Model.map g (Model.map2 f x y)) "map2 then map"

            Expect.equal
                (Model.map2 (fun a b -> f (g a) (g b)) x y)
                (Model.map2 f (Model.map g x) (Model.map g y))
                "map then map2"

            Expect.equal (Model.map2 (fun a _ -> a) x y) x "the first"
            Expect.equal (Model.map2 (fun _ b -> b) x y) y "the second")

        law 60 "a model is rebuilt from its leaves, and fold visits them in their order" (fun key ->
            let model = Given.model (Given.anyArchitecture key) key
            Expect.equal (Model.rebuild model (Model.leaves model)) model "rebuild"
            let visited = Model.fold (fun seen leaf -> leaf :: seen) [] model
            Expect.equal (List.rev visited) (Model.leaves model) "fold")

        law 60 "names are distinct, and weights have their shapes" (fun key ->
            let a = Given.anyArchitecture key
            let names = Model.leaves (Model.names a)
            Expect.equal (List.distinct names) names "names"
            let weights = Model.initialise a key
            Expect.equal (Model.map (fun (leaf: Tensor) -> leaf.Shape) weights) (Model.shapes a) "shapes"

            Expect.equal
                (Model.parameters weights)
                (Model.fold (fun sum shape -> sum + Shape.size shape) 0 (Model.shapes a))
                "parameters")

        law 60 "models that differ in positions or smeared queries alone begin with the same numbers" (fun key ->
            let a = Given.anyArchitecture key
            let start a = Model.initialise a key
            let plain = start { a with Positions = Positions.Study; Smear = Smear.Neither }

            for positions in [ Positions.Standard; Positions.Rotary; Positions.NoPositions ] do
                let other = start { a with Positions = positions; Smear = Smear.Queries }

                Expect.equal
                    {
                        other with
                            Positions = plain.Positions
                            W_pos = None
                            Blocks = other.Blocks |> List.map (fun block -> { block with SmearQueries = None })
                    }
                    plain
                    "what both have"

                for w_pos in Option.toList other.W_pos do
                    let bound = 1.0 / sqrt (float a.DVocab)
                    Expect.all (floats w_pos) (fun x -> abs x <= bound) "as loud as the letters"
                    Expect.isFalse (Model.leaves plain |> List.contains w_pos) "numbers of their own")

        law 60 "an architecture is read back from its weights" (fun key ->
            let a = Given.architecture key
            Expect.equal (Model.architecture a.NCtx (Given.model a key)) a "the architecture")

        law 30 "models of different positions, layers or smearing do not combine" (fun key ->
            let a = Given.anyArchitecture key
            let model = Given.model a key

            for other in
                [
                    { a with NLayers = a.NLayers + 1 }
                    if a.NLayers > 0 then
                        { a with Smear = if a.Smear = Smear.Keys then Smear.Queries else Smear.Keys }
                    {
                        a with
                            Positions =
                                if a.Positions = Positions.Standard then Positions.Study else Positions.Standard
                    }
                    {
                        a with
                            Positions =
                                if a.Positions = Positions.NoPositions then
                                    Positions.Study
                                else
                                    Positions.NoPositions
                    }
                ] do
                Expect.throwsT<System.ArgumentException>
                    (fun () -> Model.map2 (fun x _ -> x) model (Given.model other key) |> ignore)
                    "different records")
    ]

[<Tests>]
let tests = testList "Models" [ softmax; attention; paths; record ]
