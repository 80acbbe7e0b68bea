/// Composition scores, the circuits that they are of, and the losses with paths cut.
module Interp.Properties.CompositionLaws

open Expecto
open Interp
open Interp.Properties.Laws
open MathNet.Numerics.LinearAlgebra

let private atLeastTwoLayers key =
    let a = Given.architectureOf (integer 2 3 7 key) key
    { Given.configuration key with Architecture = a }, Given.model a key

/// A model whose heads write nothing.
let private silenced (model: Model<Tensor>) = {
    model with
        Blocks = model.Blocks |> List.map (fun block -> { block with W_O = Tensor.zerosLike block.W_O })
}

/// W_Q R and W_K R^-T for one head's own R, or W_V R and R^-1 W_O: the same function of other weights.
let private rotated inputs key (model: Model<Tensor>) =
    let change layer (block: Block<Tensor>) =
        let heads, width = block.W_Q.Shape[0], block.W_Q.Shape[2]

        let matrices =
            List.init heads (fun head ->
                let draw use' =
                    Matrix<float>
                        .Build.DenseOfArray(
                            Array2D.init width width (fun i j ->
                                Tensor.item [ i; j ] (normal [ width; width ] (100 * layer + 10 * head + use') key))
                        )

                // Two rotations with a stretch by up to two between: far from the identity, yet of condition four at most.
                let rotation use' = (draw use').QR().Q

                let stretch =
                    Matrix<float>
                        .Build.DenseDiagonal(width, width, fun i -> 0.5 + 1.5 * float i / float (max 1 (width - 1)))

                rotation 1 * stretch * rotation 2)

        let stack f =
            List.map
                (fun (m: Matrix<float>) -> Tensor.init [ width; width ] (fun i -> (f m: Matrix<float>)[i[0], i[1]]))
                matrices
            |> Tensor.stack

        let right, inverse = stack id, stack _.Inverse()
        let inverseTransposed = stack _.Inverse().Transpose()

        if inputs then
            {
                block with
                    W_Q = Tensor.einsum "hmd,hde->hme" block.W_Q right
                    W_K = Tensor.einsum "hmd,hde->hme" block.W_K inverseTransposed
            }
        else
            {
                block with
                    W_V = Tensor.einsum "hmd,hde->hme" block.W_V right
                    W_O = Tensor.einsum "hed,hdm->hem" inverse block.W_O
            }

    { model with Blocks = List.mapi change model.Blocks }

let private compositionScores model = [
    for kind in [ KeyInput; QueryInput; ValueInput ] do
        for first, second in Composition.pairs model -> Composition.score kind first second model
]

[<Tests>]
let tests =
    testList "Composition" [
        law 40 "scores lie in [0, 1]" (fun key ->
            let _, model = atLeastTwoLayers key

            for score in compositionScores model do
                Expect.isTrue (score >= 0.0 && score <= 1.0 + Tolerances.eigenvalues) $"{score}")

        law 20 "heads compose with those of later layers only" (fun key ->
            let _, model = atLeastTwoLayers key

            for first, second in List.allPairs (Model.heads model) (Model.heads model) do
                if first.Layer >= second.Layer then
                    for kind in [ KeyInput; QueryInput; ValueInput ] do
                        for score in [ Composition.score; Composition.eigenvalueScore ] do
                            Expect.throwsT<RefusedException>
                                (fun () -> score kind first second model |> ignore)
                                $"{second} does not read {first}")

        law 30 "a head that writes nothing composes with nobody" (fun key ->
            let _, model = atLeastTwoLayers key

            Expect.all (compositionScores (silenced model)) (fun score -> score = 0.0) "scores")

        for inputs, what in [ true, "(W_Q, W_K) -> (W_Q R, W_K R^-T)"; false, "(W_V, W_O) -> (W_V R, R^-1 W_O)" ] do
            law 25 $"scores, circuits and logits do not change under {what}" (fun key ->
                let c, model = atLeastTwoLayers key
                let other = rotated inputs key model
                let tokens = Given.tokens c.Architecture.DVocab (integer 1 (Given.task c).Length 30 key) 31 key

                // The study's positions and rotary ones come behind W_Q and W_K: only without them are queries and keys free to turn.
                if not inputs || model.Positions.IsStandard || model.Positions.IsNoPositions then
                    close
                        Tolerances.symmetry
                        "the logits"
                        (floats (Transformer.logits other tokens))
                        (floats (Transformer.logits model tokens))

                (compositionScores model, compositionScores other)
                ||> List.iter2 (within Tolerances.symmetry 1.0 "a composition score")

                for head in Model.heads model do
                    let dense circuit model = floats (Factored.product (circuit head model))
                    let ov, qk = dense Circuits.ov, dense Circuits.qk
                    close Tolerances.symmetry "the OV circuit" (ov other) (ov model)
                    close Tolerances.symmetry "the QK circuit" (qk other) (qk model)
                    let score model = (Factored.spectrum (Circuits.ov head model)).Score
                    within Tolerances.rotatedScores 1.0 "the eigenvalue score" (score other) (score model))

        law 25 "terms of composition multiplied out are products of weights" (fun key ->
            let _, model = atLeastTwoLayers key
            let first, second = one (Composition.pairs model) 40 key
            let weight which (head: HeadAddress) = Tensor.select 0 head.Head (which model.Blocks[head.Layer])
            let wv, wo = weight _.W_V first, weight _.W_O first
            let wq, wk = weight _.W_Q second, weight _.W_K second
            let (@@) a b = Tensor.matmul a b
            let qk = wq @@ Tensor.transpose wk
            let moved = wv @@ wo
            let between m = model.W_E @@ m @@ Tensor.transpose model.W_E

            let check what circuit expected =
                close Tolerances.model what (floats (Factored.product circuit)) (floats expected)

            check "K" (Circuits.keyComposition first second model) (between (qk @@ Tensor.transpose moved))
            check "Q" (Circuits.queryComposition first second model) (between (moved @@ qk))

            check
                "V"
                (Circuits.virtualOV first second model)
                (model.W_E @@ moved @@ (weight _.W_V second @@ weight _.W_O second) @@ model.W_U))

        law
            10
            "with nothing cut the path experiment is the model, and cuts from silent heads change nothing"
            (fun key ->
                let c, model = atLeastTwoLayers key
                let reference = { Sequences = integer 1 20 40 key; Seed = 5UL }
                let paths = PathExperiment.measure 1 (Given.task c) model reference
                Expect.equal paths.WithBoth (Intervened.loss 1 (Given.task c) model [] reference) "the whole model"

                let cut = PathExperiment.measure 1 (Given.task c) (silenced model) reference

                for loss in [ cut.Direct; cut.WithKeys; cut.WithQueries ] do
                    within Tolerances.model (1.0 + cut.WithBoth) "the loss" loss cut.WithBoth)
    ]
