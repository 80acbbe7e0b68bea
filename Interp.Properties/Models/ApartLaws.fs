/// Attribution, composition, patching, null distributions and curvature: what taking a model apart must add up to.
module Interp.Properties.ApartLaws

open Expecto
open Interp
open Interp.Properties.Laws
open MathNet.Numerics.LinearAlgebra

let private given key =
    let a = Given.architecture key
    let c = { Given.configuration key with Architecture = a }
    c, Given.model a key, Given.tokens a.DVocab (integer 1 c.Task.Length 30 key) 31 key

let private atLeastTwoLayers key =
    let a = Given.architectureOf (integer 2 3 7 key) key
    { Given.configuration key with Architecture = a }, Given.model a key

let private sum (terms: PathTerm list) = terms |> List.map _.Logits |> List.reduce (fun a b -> a + b)

let private address layer head = { Layer = layer; Head = head }

let private attribution =
    testList "attribution" [
        law 60 "the logits are what the embedding and every head write directly" (fun key ->
            let _, model, tokens = given key
            let terms = Attribution.direct model tokens
            Expect.equal terms.Length (1 + (Model.heads model).Length) "terms"
            close Tolerances.model "the sum" (floats (sum terms)) (floats (Transformer.logits model tokens)))

        law 40 "the logits are the sum over all paths" (fun key ->
            let c, model, tokens = given key
            let terms = Attribution.paths model tokens
            Expect.equal terms.Length (pown (c.Architecture.NHeads + 1) c.Architecture.NLayers) "one for each path"
            close Tolerances.model "the sum" (floats (sum terms)) (floats (Transformer.logits model tokens)))

        law 40 "the lens shows the direct path first and the model's logits last" (fun key ->
            let _, model, tokens = given key
            let lens = Attribution.lens model tokens
            let direct = Tensor.gather (Tensor.matmul model.W_E model.W_U) tokens
            Expect.equal lens.Length (model.Blocks.Length + 1) "a view a layer, and one behind the last"
            close Tolerances.model "first" (floats lens.Head) (floats direct)
            close Tolerances.model "last" (floats (List.last lens)) (floats (Transformer.logits model tokens)))

        law 12 "gradient times activation is the slope of the loss as a head fades" (fun key ->
            let c, model, _ = given key
            let sequences = Sequences.heldOut c.Task { Sequences = (integer 1 20 40 key); Seed = 3UL }
            let estimates = Attribution.gradientTimesActivation 1 model sequences
            Expect.equal (List.map fst estimates) (Model.heads model) "heads"
            let head, estimate = one estimates 41 key

            let loss factor =
                let edits = Edits.at (OutputAt head) (fun z -> z * factor)

                sequences
                |> Batch.mean 1 (Loss.perPositionOf (Transformer.logitsWith edits model))
                |> floats
                |> Array.average

            let h = Tolerances.fading
            let slope = (loss (1.0 - h) - loss (1.0 + h)) / (2.0 * h)
            within Tolerances.fadingSlope (1.0 + abs slope) "the estimate" estimate slope)
    ]

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

let private composition =
    testList "composition" [
        law 40 "scores lie in [0, 1]" (fun key ->
            let _, model = atLeastTwoLayers key

            for score in compositionScores model do
                Expect.isTrue (score >= 0.0 && score <= 1.0 + Tolerances.eigenvalues) $"{score}")

        law 30 "a head that writes nothing composes with nobody" (fun key ->
            let _, model = atLeastTwoLayers key

            let silent = {
                model with
                    Blocks = model.Blocks |> List.map (fun b -> { b with W_O = Tensor.zerosLike b.W_O })
            }

            Expect.all (compositionScores silent) (fun score -> score = 0.0) "scores")

        for inputs, what in [ true, "(W_Q, W_K) -> (W_Q R, W_K R^-T)"; false, "(W_V, W_O) -> (W_V R, R^-1 W_O)" ] do
            law 25 $"scores, circuits and logits do not change under {what}" (fun key ->
                let c, model = atLeastTwoLayers key
                let other = rotated inputs key model
                let tokens = Given.tokens c.Architecture.DVocab (integer 1 c.Task.Length 30 key) 31 key

                // The position code is added behind W_Q and W_K: only without it are queries and keys free to turn.
                if not inputs then
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
                let paths = Experiments.paths 1 c.Task model reference
                Expect.equal paths.WithBoth (Experiments.loss 1 c.Task model [] reference) "the whole model"

                let silent = {
                    model with
                        Blocks = model.Blocks |> List.map (fun b -> { b with W_O = Tensor.zerosLike b.W_O })
                }

                let cut = Experiments.paths 1 c.Task silent reference

                for loss in [ cut.Direct; cut.WithKeys; cut.WithQueries ] do
                    within Tolerances.model (1.0 + cut.WithBoth) "the loss" loss cut.WithBoth)
    ]

let private sites (a: Architecture) = [
    for layer in 0 .. a.NLayers do
        ResidualAt layer

    for site in [ QueryAt; KeyAt; ValueAt; PatternAt; OutputAt ] do
        for layer in 0 .. a.NLayers - 1 do
            for head in 0 .. a.NHeads - 1 do
                site (address layer head)
]

let private patching =
    testList "patching" [
        law
            15
            "an activation patched with itself, or a pattern frozen, changes nothing, to the bit, at any site"
            (fun key ->
                let c, model, tokens = given key
                let whole = Transformer.logits model tokens
                let logits interventions = Experiments.logits 1 c.Task model interventions tokens

                for site in sites c.Architecture do
                    same $"the logits after {site}" (logits [ Patch(site, None, tokens) ]) whole

                for head in Model.heads model do
                    same $"the logits after freezing {head}" (logits [ FreezePattern head ]) whole)

        law 30 "patching each position in turn is patching all of them" (fun key ->
            let c, model, tokens = given key
            let site = one (sites c.Architecture) 40 key
            let source = Given.tokens c.Architecture.DVocab tokens.Length 41 key
            let logits interventions = Experiments.logits 1 c.Task model interventions tokens
            let each = List.init tokens.Length (fun position -> Patch(site, Some position, source))
            close Tolerances.model "the logits" (floats (logits each)) (floats (logits [ Patch(site, None, source) ])))

        law 30 "a mean over one sequence, and a resampled one, are that sequence's" (fun key ->
            let c, model, _ = given key
            let tokens = Given.tokens c.Architecture.DVocab c.Task.Length 31 key
            let head = one (Model.heads model) 40 key
            let source = Sequences.heldOut c.Task { Sequences = 1; Seed = 9UL } |> List.head
            let logits intervention = floats (Experiments.logits 1 c.Task model [ intervention ] tokens)
            let patched = logits (Patch(OutputAt head, None, source))
            close Tolerances.model "mean" (logits (MeanAblate(head, { Sequences = 1; Seed = 9UL }))) patched
            close Tolerances.model "resampled" (logits (ResampleAblate(head, 9UL))) patched)

        law 15 "the last stream restores the answer where it is read, and nowhere else" (fun key ->
            let c, model, _ = given key
            let a = c.Architecture
            let length = integer 1 c.Task.Length 30 key
            let clean, corrupt = Given.tokens a.DVocab length 31 key, Given.tokens a.DVocab length 32 key
            let found = Experiments.patching c.Task model 0 1 clean corrupt

            if abs (found.CleanDifference - found.CorruptDifference) > 0.1 then
                for effect in found.Effects do
                    if effect.Site = ResidualAt a.NLayers then
                        let expected = if effect.Position = length - 1 then 1.0 else 0.0
                        within Tolerances.restored 1.0 $"restored at {effect.Position}" effect.Restored expected)

        test "a position or a text that does not fit is refused" {
            let c = { Configuration.study with Task = { Configuration.study.Task with BlockLength = 2; Blocks = 2 } }
            let model = (Training.start c).Weights
            let tokens = Tokens.ofArray [| 0; 1; 2 |]

            let refused intervention =
                Expect.throwsT<RefusedException>
                    (fun () -> Experiments.logits 1 c.Task model [ intervention ] tokens |> ignore)
                    (string intervention)

            refused (Patch(OutputAt(address 0 0), Some 3, tokens))
            refused (Patch(OutputAt(address 0 0), None, Tokens.slice 0 2 tokens))
            refused (Patch(OutputAt(address 0 4), None, tokens))
            refused (Patch(ResidualAt 2, None, tokens))
            refused (Patch(ResidualAt 1, None, Tokens.ofArray [| 0; 1; 26 |]))
            refused (AddToResidual(0, [ 1.0 ]))
            refused (Cut(HeadOutput(address 0 1), address 0 2, KeyInput))
        }
    ]

let private nulls =
    testList "null distributions" [
        law 60 "a baseline describes its samples" (fun key ->
            let samples = floats (normal [ integer 1 60 1 key ] 2 key) |> Array.sort
            let found = Baseline.ofSamples samples
            within Tolerances.eigenvalues 10.0 "the mean" found.Mean (Array.average samples)

            Expect.isTrue
                (samples[0] <= found.P025 && found.P025 <= found.P975 && found.P975 <= Array.last samples)
                "order"

            Expect.equal (Baseline.percentile 0.0 samples) samples[0] "the least"
            Expect.equal (Baseline.percentile 1.0 samples) (Array.last samples) "the most"
            Expect.equal (Baseline.standing samples[0] samples) 0.0 "nothing is below the least"
            Expect.equal (Baseline.standing (Array.last samples + 1.0) samples) 1.0 "all is below what is more"
            let value = samples[samples.Length / 2]
            let compared = Baseline.compare samples value
            Expect.equal (compared.Score, compared.Baseline) (value, found) "the score beside it")

        test "random OV circuits have eigenvalue scores around zero, and so have random direct paths" {
            let model = (Training.start Configuration.study).Weights
            let scored = CircuitScores.ofModel model

            for scores in scored.DirectPath :: (scored.OV |> List.map snd) do
                let baseline = scores.Eigenvalues.Baseline
                Expect.equal scores.Eigenvalues.Score scores.Spectrum.Score "the score is the spectrum's"
                let standardError = baseline.Std / sqrt (float baseline.Samples)
                within Tolerances.standardErrors standardError "the mean" baseline.Mean 0.0
                // An untrained model stands within its own null distribution.
                Expect.isTrue (scores.Eigenvalues.Standing > 0.0 && scores.Eigenvalues.Standing < 1.0) "standing"
        }

        test "every head's scores stand beside those of random heads" {
            let c = Configuration.study
            let model = (Training.start c).Weights
            let scores = HeadScores.ofModel 1 c.Architecture model { Sequences = 20; Seed = 1UL }
            let found = HeadScores.compare 1 c.Architecture 1UL scores
            Expect.equal (found |> List.map _.Head) (Model.heads model) "heads"

            for head in found do
                Expect.equal (head.Blocks |> List.map _.BlockLength) HeadScores.blockLengths "block lengths"

                for block in head.Blocks do
                    for score in
                        [
                            block.PreviousToken
                            block.Induction
                            block.PrefixMatching
                            block.DuplicateToken
                            block.FiveBack
                        ] do
                        Expect.isTrue (score.Score > 0.0 && score.Score < 1.0) "a share of attention"
                        // Random heads attend all but evenly: five standard deviations of theirs are a few per mille.
                        within
                            Tolerances.standardErrors
                            (score.Baseline.Std + 1e-3)
                            "the score"
                            score.Score
                            score.Baseline.Mean
        }
    ]

let private curvature =
    testList "curvature" [
        law 8 "Lanczos' extreme eigenvalues are those of the Hessian multiplied out" (fun key ->
            let a = { Given.architectureOf 1 key with NHeads = 1; DModel = 2; DHead = 1; DVocab = 3; Smeared = false }

            let c = {
                Configuration.study with
                    Architecture = a
                    Task = { Letters = a.DVocab; BlockLength = 2; Blocks = 2 }
            }

            let model = Given.model a key
            let sequences = Sequences.heldOut c.Task { Sequences = 20; Seed = 3UL }
            let loss model = Batch.mean 1 (Loss.ofSequence model) sequences
            let leaves = Model.leaves model
            let n = Model.parameters model

            // The Hessian's columns, from its products with the basis.
            let column i =
                let rec place offset (leaves: Tensor list) =
                    match leaves with
                    | [] -> []
                    | leaf :: rest ->
                        let size = Shape.size leaf.Shape
                        let data = Array.init size (fun e -> if offset + e = i then 1.0f else 0.0f)
                        Tensor.ofArray leaf.Shape data :: place (offset + size) rest

                Differentiation.hessianvOf Model.structure loss model (Model.rebuild model (place 0 leaves))
                |> Model.leaves
                |> List.collect (floats >> Array.toList)

            let dense = Matrix<float>.Build.DenseOfColumns(List.init n (fun i -> column i))
            let asymmetry = (dense - dense.Transpose()).FrobeniusNorm()
            let norm = dense.FrobeniusNorm()
            within Tolerances.secondDerivative (1.0 + norm) "the Hessian's asymmetry" asymmetry 0.0

            let expected =
                ((dense + dense.Transpose()) / 2.0).Evd(Symmetricity.Symmetric).EigenValues
                |> Seq.map _.Real
                |> Seq.sortDescending
                |> Seq.toList

            let found = Curvature.lanczos n loss model key
            within Tolerances.lanczos (1.0 + norm) "the largest" found.Head expected.Head
            within Tolerances.lanczos (1.0 + norm) "the smallest" (List.last found) (List.last expected))

        law 15 "the Hessian's product is how the gradient changes along the way" (fun key ->
            let c, model, _ = given key
            let sequences = Sequences.heldOut c.Task { Sequences = 10; Seed = 3UL }
            let loss model = Batch.mean 1 (Loss.ofSequence model) sequences
            let direction = Given.model c.Architecture (Key.split 7UL key)

            let size =
                Model.fold (fun sum leaf -> sum + Array.sumBy (fun x -> x * x) (floats leaf)) 0.0 direction |> sqrt

            let direction = direction |> Model.map (fun leaf -> leaf * (1.0 / size))
            let flat model = Model.leaves model |> List.map floats |> Array.concat

            let gradient h =
                Model.map2 (fun (d: Tensor) w -> w + d * h) direction model
                |> Differentiation.gradOf Model.structure loss
                |> flat

            let h = Tolerances.fading
            let difference h = Array.map2 (fun a b -> (a - b) / (2.0 * h)) (gradient h) (gradient -h)
            // Two steps together take the third derivative out (Richardson).
            let expected =
                Array.map2 (fun far near -> (4.0 * near - far) / 3.0) (difference h) (difference (h / 2.0))

            let product = flat (Differentiation.hessianvOf Model.structure loss model direction)
            // Rounding of the gradients enters the difference over h.
            let rounding = 3.0 * Tolerances.model * largest (gradient 0.0) / h
            let allowed = Tolerances.gradientDifference * largest expected + rounding
            within 1.0 allowed "the largest difference" (largest (Array.map2 (-) product expected)) 0.0)
    ]

[<Tests>]
let tests = testList "Apart" [ attribution; composition; patching; nulls; curvature ]
