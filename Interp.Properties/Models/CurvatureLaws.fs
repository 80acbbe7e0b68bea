/// Products with the Hessian, and its extreme eigenvalues.
module Interp.Properties.CurvatureLaws

open Expecto
open Interp
open Interp.Properties.Laws
open MathNet.Numerics.LinearAlgebra

[<Tests>]
let tests =
    testList "Curvature" [
        law 8 "Lanczos' extreme eigenvalues are those of the Hessian multiplied out" (fun key ->
            let a = {
                Given.architectureOf 1 key with
                    NHeads = 1
                    DModel = 2
                    DHead = 1
                    DVocab = 3
                    Positions = Positions.Study
                    Smear = Smear.Neither
            }

            let c = {
                Configuration.study with
                    Architecture = a
                    Task = TaskForm.Repeat { Letters = a.DVocab; BlockLength = 2; Blocks = 2 }
            }

            let model = Given.model a key
            let sequences = Sequences.heldOut (Given.task c) { Sequences = 20; Seed = 3UL }
            let loss model = Batch.mean 1 (Loss.ofSequence (Given.task c) model) sequences
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

            let found = (Curvature.lanczos n loss model key).Eigenvalues
            within Tolerances.lanczos (1.0 + norm) "the largest" found.Head expected.Head
            within Tolerances.lanczos (1.0 + norm) "the smallest" (List.last found) (List.last expected))

        law
            40
            "a Hessian of few distinct eigenvalues takes as many steps, and no other eigenvalue is listed"
            (fun key ->
                let a = Given.architectureOf 1 key
                let model = Given.model a key
                // Far enough apart for a residual to stand out from rounding.
                let values = List.init (integer 1 5 40 key) (fun i -> float (3 * i - integer 0 1 (41 + i) key - 5))
                let scale = 10.0 ** float (integer -6 6 50 key)

                // Half of each weight squared times one of the values: these are the Hessian's diagonal.
                let curvatures =
                    model
                    |> Model.map (fun leaf ->
                        let words = Key.integers values.Length (Shape.size leaf.Shape) key
                        Tensor.ofArray leaf.Shape (words |> Array.map (fun i -> float32 (scale * values[i]))))

                let loss (model: Model<Tensor>) =
                    Model.map2 (fun (w: Tensor) c -> Tensor.sum (0.5 * (w * w * c))) model curvatures
                    |> Model.leaves
                    |> List.reduce (+)

                let present = Model.leaves curvatures |> List.collect (floats >> Array.toList) |> List.distinct

                let found = Curvature.lanczos 40 loss model key
                Expect.equal found.Steps present.Length "steps"
                Expect.equal found.Eigenvalues.Length found.Steps "one a step"

                (found.Eigenvalues, List.sortDescending present)
                ||> List.iter2 (fun found expected ->
                    within Tolerances.lanczos (scale * 16.0) "an eigenvalue" found expected))

        test "a Hessian of zeros takes one step; what is not finite is refused by name" {
            let model = Given.model (Given.architectureOf 1 (Key.ofSeed 1UL)) (Key.ofSeed 1UL)
            let key = Key.ofSeed 2UL
            let linear (model: Model<Tensor>) = Tensor.sum model.W_E
            Expect.equal (Curvature.lanczos 9 linear model key) { Eigenvalues = [ 0.0 ]; Steps = 1 } "zeros"
            let broken = { model with W_U = model.W_U * infinity }

            for what, model, f in
                [
                    "the weight of unembed.W_U", broken, linear
                    "the Hessian's product of embed.W_E", model, (fun m -> Tensor.sum (m.W_E * m.W_E * 3e38))
                ] do
                let sentence = refusal (fun () -> Curvature.lanczos 9 f model key |> ignore)
                Expect.stringContains sentence what "the sentence"
        }

        law 15 "the Hessian's product is how the gradient changes along the way" (fun key ->
            let c, model, _ = Given.run key
            let sequences = Sequences.heldOut (Given.task c) { Sequences = 10; Seed = 3UL }
            let loss model = Batch.mean 1 (Loss.ofSequence (Given.task c) model) sequences
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
