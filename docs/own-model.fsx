(**
---
title: A model of your own
category: Tutorials
categoryindex: 2
index: 5
description: Any record of tensors and any loss: tensors, gradients, and a perceptron that learns to add.
---
# A model of your own

The attention-only transformer is one model among others. The library differentiates any function of its tensors, and trains any record of them. This page makes a
perceptron that learns to add modulo 7; [`grokking.fsx`](../scripts/grokking.fsx) makes a transformer with an MLP that first knows a third of all sums modulo 113 by heart, then learns to
add (half a minute on two cores):

![Accuracy over training, and the frequencies of the embedding](images/grokking.svg)

## Tensors

An immutable, row-major tensor of single precision. Axes broadcast as NumPy's do, shapes that do not fit are named.
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
(** *)
open Interp

let x = Tensor.matrix [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]
let w = Tensor.eye 3 * 2.0
Tensor.matmul x w
(*** include-it ***)
(** Parts are taken as F# takes them, and can be differentiated through: *)
x[0, 1..2]
(*** include-it ***)
(** *)
try
    Tensor.matmul x x |> ignore
with failure ->
    printfn "%s" failure.Message
(*** include-output ***)
(**
## Gradients

A function is traced once, with symbols in the place of its arguments, and the trace is what is differentiated; so derivatives nest. The words are DiffSharp's: `grad`, `fgrad`, `jacobian`, `jacobianv`,
`jacobianTv`, `hessian`, `hessianv`, `gradv`.
*)
let f (x: Tensor) = Tensor.sum (Tensor.exp x * x)
let at = Tensor.vector [ 0.0; 1.0; 2.0 ]
Differentiation.grad f at
(*** include-it ***)
(** *)
Differentiation.hessian f at
(*** include-it ***)
(**
## A model is a record

Its fields are tensors, or records, lists, arrays and options of such. Comments have their shapes.
*)
let modulus, width, hidden = 7, 16, 32

type Perceptron = {
    /// [number, width]
    Embedding: Tensor
    /// [width, hidden]
    Into: Tensor
    /// [hidden]
    Bias: Tensor
    /// [hidden, number]
    Out: Tensor
}

let initial key = {
    Embedding = Tensor.normal [ modulus; width ] (Key.split 0UL key)
    Into = Tensor.normal [ width; hidden ] (Key.split 1UL key) / sqrt (float width)
    Bias = Tensor.zeros [ hidden ]
    Out = Tensor.normal [ hidden; modulus ] (Key.split 2UL key) / sqrt (float hidden)
}
(**
The task, and the loss of *one* sequence. No formula has a batch axis: sixteen sequences run in the lanes of a vector, and shards of sixteen on several threads, which is the library's business.
*)
let sums =
    Task.own "sums modulo 7" [ for n in 0 .. modulus - 1 -> string n ] 3 [ 2 ] (fun key ->
        let pair = Key.integers modulus 2 key
        [ pair[0]; pair[1]; (pair[0] + pair[1]) % modulus ])

let scores model tokens =
    let pair =
        Tensor.gather model.Embedding (Tokens.slice 0 1 tokens)
        + Tensor.gather model.Embedding (Tokens.slice 1 1 tokens)

    let inner = Tensor.gelu (Tensor.matmul (Tensor.layerNorm 1e-5 pair) model.Into + model.Bias)
    Tensor.matmul inner model.Out

let loss model tokens =
    Tensor.mean (Tensor.crossEntropy (scores model tokens) (Tokens.slice 2 1 tokens))
(**
That is all:
*)
let objective = {
    Structure = Structure.ofRecord<Perceptron>()
    Initial = initial
    Loss = loss
    Task = sums
    Batch = 64
    Optimiser = { Optimiser.adamW with LearningRate = 0.01; WeightDecay = 0.0 }
    Seed = 1UL
}

let trained = Training.advance (Training.compile 1 objective) 400 (Training.start objective)

let all = [
    for a in 0 .. modulus - 1 do
        for b in 0 .. modulus - 1 -> Tokens.ofArray [| a; b; (a + b) % modulus |]
]

let right model tokens =
    Tensor.mean (Tensor.isLikeliest (scores model tokens) (Tokens.slice 2 1 tokens))

let share model = Batch.mean 1 (right model) all |> Tensor.toScalar

printfn "before: %3.0f %% of all sums" (100.0 * share (Training.start objective).Weights)

printfn
    "after:  %3.0f %%, loss %.4f"
    (100.0 * share trained.State.Weights)
    (List.last trained.Losses)
(*** include-output ***)
(**
The gradient of such a model is such a model:
*)
let gradient =
    Differentiation.gradOf
        objective.Structure
        (fun model -> Batch.mean 1 (loss model) all)
        trained.State.Weights

printfn "the bias's gradient is a tensor %A" gradient.Bias.Shape
(*** include-output ***)
(**
[`a-loss-of-your-own.fsx`](../scripts/a-loss-of-your-own.fsx) goes on with labels that are smoothed, and a check of the gradient against differences.
*)
