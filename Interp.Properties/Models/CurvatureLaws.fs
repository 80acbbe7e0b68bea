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
            let c, model, _ = Given.run key
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
