/// What must hold of every attention-only transformer, trained or not.
module Interp.Properties.ModelLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private given key =
    let a = Given.architecture key
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
            let direct = Tensor.gather (Tensor.matmul model.W_E model.W_U) tokens

            Expect.equal
                (floats (Transformer.logits { model with Blocks = silent } tokens))
                (floats direct)
                "W_E W_U at the letters")

        law 60 "smearing that keeps each key whole is no smearing, to the bit" (fun key ->
            let a, model, tokens = given key
            let smear value = model.Blocks |> List.map (fun block -> { block with Smear = value })
            // The sigmoid of 40 is 1 in float32.
            let whole = { model with Blocks = smear (Some(Tensor.full [ a.NHeads; a.NCtx - 1 ] 40.0)) }
            let plain = { model with Blocks = smear None }
            same "logits" (Transformer.logits whole tokens) (Transformer.logits plain tokens))

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

        law 20 "a sequence longer than a smeared model's context is refused" (fun key ->
            let a = { Given.architecture key with Smeared = true }
            let tokens = Given.tokens a.DVocab (a.NCtx + 1) 30 key

            Expect.throwsT<RefusedException>
                (fun () -> Transformer.logits (Given.model a key) tokens |> ignore)
                "too long")
    ]

let private record =
    testList "the record" [
        law 60 "map id is the identity" (fun key ->
            let model = Given.model (Given.architecture key) key
            Expect.equal (Model.map id model) model "map id")

        law 60 "map2 composes, and agrees with map" (fun key ->
            let a = Given.architecture key
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
            let model = Given.model (Given.architecture key) key
            Expect.equal (Model.rebuild model (Model.leaves model)) model "rebuild"
            let visited = Model.fold (fun seen leaf -> leaf :: seen) [] model
            Expect.equal (List.rev visited) (Model.leaves model) "fold")

        law 60 "names are distinct, and weights have their shapes" (fun key ->
            let a = Given.architecture key
            let names = Model.leaves (Model.names a)
            Expect.equal (List.distinct names) names "names"
            let weights = Model.initialise a key
            Expect.equal (Model.map (fun (leaf: Tensor) -> leaf.Shape) weights) (Model.shapes a) "shapes"

            Expect.equal
                (Model.parameters weights)
                (Model.fold (fun sum shape -> sum + Shape.size shape) 0 (Model.shapes a))
                "parameters")

        law 30 "models of different layers or smearing do not combine" (fun key ->
            let a = Given.architecture key
            let model = Given.model a key

            for other in [ { a with NLayers = a.NLayers + 1 }; { a with Smeared = not a.Smeared } ] do
                Expect.throwsT<System.ArgumentException>
                    (fun () -> Model.map2 (fun x _ -> x) model (Given.model other key) |> ignore)
                    "different records")
    ]

[<Tests>]
let tests = testList "Models" [ softmax; attention; paths; record ]
