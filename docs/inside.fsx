(**
---
title: How it works inside
category: Inside
categoryindex: 5
index: 1
description: Tracing, lanes, the same bits, interventions without hooks: for people who will change it.
---
# How it works inside

For people who will change it. [The house](house.md) has every room, what may not live there, and where a stranger adds a head score, a command, a field, a primitive or a claim; [Contributing](../CONTRIBUTING.md) how to build and test. This page has the
ideas.

| project | what it is |
|---|---|
| `Interp.Kernels` (C#) | spans in, spans out, with the same bits on every machine |
| `Interp.Functional` (F#) | the pure core, from tensors to surveys; with the kernels it is the package `Interp` |
| `Interp.Runs` (C#) | models and runs on the disk; the package `Interp.Runs` |
| `Interp.Pictures` (C#) | values as figures, which are values too |
| `Interp.Figures` (F#) | every picture by a function; with `Interp.Pictures` it is the package `Interp.Figures` |
| `Interp.CommandLine` (F#) | from arguments to commands, pure |
| `Interp.Host` (C#) | the program; the package `Interp.Tool` |
| `Interp.Properties` (F#) | laws (Expecto and FsCheck), golden numbers from an independent PyTorch program, program, scripts and documents run as tests |
| `Interp.Benchmarks` (C#) | the training step beside PyTorch's, kernels with their share of the machine's peak |

Each row stands on the rows above it alone, which a test checks in the built assemblies.
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
(** *)
open Interp
(**
## A function is traced once

A `Tensor` is either a value or, while a function is traced, the record of how one is computed. `grad f x` calls `f` once with symbols in the place of `x`; what comes back is a graph. The derivative of a graph is another graph, made by one rule a primitive
(`Tensors/Functions.fs`: value, kernel and derivative stand in one row), so derivatives nest. A function that looks at a number while it is traced is told so:
*)
let looks (x: Tensor) = if Tensor.toScalar (Tensor.sum x) > 0.0 then x else x * 2.0

try
    Differentiation.grad (looks >> Tensor.sum) (Tensor.vector [ 1.0; 2.0 ]) |> ignore
with :? System.InvalidOperationException as failure ->
    printfn "%s" failure.Message
(*** include-output ***)
(**
`Training.compile` traces the loss of one sequence, differentiates it, puts the graph in order (`Tracing/Ordering.fs`), gives every value its place in memory (`Placement.fs`), and has a `Plan`: a list of kernels on offsets. Taking a step is running it. Nothing is allocated, and nothing of it can be seen from outside.

## One sequence, sixteen lanes

The model is a function of *one* sequence. No formula that you will read has a batch axis. Inside, a tensor that differs from sequence to sequence has one more axis at its end, of sixteen: the lanes of a vector. Shards of sixteen sequences go to threads. So attention, softmax and cross-entropy run straight down the lanes,
the causal triangle is exact, and what is the same for all sequences, the weights, is loaded once.

The first layer reads the embedding, and `gather(W_E, tokens) W = gather(W_E W, tokens)`: its projections cost 26 rows rather than thousands. That stands once, in the residual stream's way of being read (`Models/Residual.fs`).

## The same bits

The same configuration and seed give the same bits on any number of threads, and with AVX-512, AVX2, or neither. Shards are summed in a fixed order, a lane's sum has one shape whatever the vector's width, fused multiply-add is used everywhere (where the machine has none, `Fused` makes the same bits in double precision: a product of two floats is exact there, and a sum that a second rounding would spoil is rounded to odd first), and exp and log are our own polynomials. So the weights can be named by a hash:
*)
let sha threads =
    let configuration = Configuration.study |> Field.set [ Field.Batch, Whole 64 ]

    let trainer =
        Training.compile
            threads
            (Recipe.objective configuration (Tasks.ofForm configuration.Task))

    (Recipe.start configuration |> Training.advance trainer 20).State.Weights
    |> Checkpoint.weightsSha256

printfn "1 thread:  %s" (sha 1)
printfn "2 threads: %s" (sha 2)
(*** include-output ***)
(**
When a change moves the last bits of a training on purpose, `ArithmeticRevision.fs` says so, and files of another revision are [told apart](runs.md#the-revision-of-the-arithmetic).

## Randomness is a value

A key is split, never advanced: `Key.split 3UL key` is the third child of a key, for ever. The generator is Philox ([Salmon and others 2011](bibliography.md)), counter-based, tested against its published vectors. The batch of step *n* is a function of the seed and *n*, so a run goes on from
any state, and any batch can be looked at again.
*)
let key = Key.ofSeed 7UL
printfn "%A" (Key.integers 26 6 (Key.split 3UL key))
printfn "%A" (Key.integers 26 6 (Key.split 3UL key))
(*** include-output ***)
(**
## One record for weights, gradients, moments, names

`Model<'leaf>` is a record generic in what stands in its places, with `map`, `map2` and `fold`. Weights are a `Model<Tensor>`, their shapes a `Model<Shape>`, their names in a file a `Model<string>`: no parallel lists, no dictionaries, and a field that is added and forgotten somewhere does not compile.
*)
let architecture = Configuration.studySmeared.Architecture

for name, shape in
    List.zip
        (Model.leaves (Model.names architecture))
        (Model.leaves (Model.shapes architecture)) do
    printfn "%-22s %A" name shape
(*** include-output ***)
(**
## Whose fault it is

A user is refused by `RefusedException`, with one sentence that says what, where, and what was expected; the program makes it exit code 2. Shapes that do not fit raise `ArgumentException`, a function that looks at what is not there yet `InvalidOperationException`. What should never happen is `Broken`, and a bug.

## DiffSharp and Paket

DiffSharp cannot be restored from the package feeds this project builds against, and what it stands on needs a newer C++ runtime than Debian 12 ships, adds 0.5 to 1.5 GB for a model of 5,760 parameters, and took 15 to 19 times as long for a training step as managed SIMD. So the core brings its own differentiation in DiffSharp's
spirit and under its names: pure functions in, pure functions out.

`paket.dependencies` is the one list of packages and versions, in Paket's format; MSBuild reads it itself (`Directory.Packages.props`), so that `dotnet restore` is enough and no tool has to be installed first. Change a version there and the build changes.
*)
