(**
---
title: The first quarter of an hour
category: Start
categoryindex: 1
index: 2
description: Install Interp, reproduce the study, train a model from a script, look at it, and break it.
---
# The first quarter of an hour

You need the .NET 10 SDK and nothing else. What is typed here takes some seconds each; the study takes about half a minute.

## Three minutes: the study

```bash
dotnet tool install -g Interp.Tool
interp reproduce
```

This trains the study's two models, takes them apart, and prints for each its loss beside the least loss that any model can have, its completions beside the
study's, the eigenvalue score of every circuit, and for each claim whether it holds. Then it says where it wrote `report.html`: open it. It is the whole study with the
figures of your run, and needs no network. Two of its pictures:

![Learning curves of all three models; diamonds are the losses that the author of the study published](images/learning-curves.png)

![Average attention of a head with smeared keys: five letters back, the place after the last occurrence of the current letter](images/smeared-attention-0-2.png)

Without installing anything, from a copy of the source: `dotnet run -c Release --project Interp.Host -- reproduce`.

## Five minutes: a model from a script

Put this into `first.fsx`, with the line that fetches the library on top, and run it by `dotnet fsi first.fsx`; or type it into `dotnet fsi`, piece by piece.

<pre class="fssnip"><code><span class="prep">#r</span> <span class="s">"nuget: Interp"</span></code></pre>
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
(** *)
open Interp

// The study's recipe with ten letters and smeared keys, so that some hundred steps are enough.
let configuration =
    Configuration.studySmeared
    |> Field.set [
        Field.DVocab, Whole 10
        Field.Batch, Whole 64
        Field.LearningRate, Number 3e-3
    ]

let task = Tasks.ofForm configuration.Task
let trainer = Training.compile 2 (Recipe.objective configuration task)
let trained = Recipe.start configuration |> Training.advance trainer 1000
let model = trained.State.Weights

printfn
    "%O: loss %.3f, and %.3f is the least that there can be"
    task
    (List.last trained.Losses)
    (Task.floor task).Value
(*** include-output ***)
(**
`Training.advance` is a pure function: it takes a state and gives a new one, so you can keep any state of a training and go on from it.
Of the
million patterns of six letters out of ten this model has seen at most one in sixteen; the next one, most likely, not. It goes on with it:
*)
let prompt = Tokens.ofArray [| 0; 1; 2; 3; 4; 5; 0; 1; 2; 3; 4; 5 |]
let whole = Decoding.greedy 1 model 24 [ prompt ] |> List.head
printfn "%s goes on as %s" (Letters.toText prompt) (Letters.toText (Tokens.slice 12 12 whole))
(*** include-output ***)
(**
## Three minutes: what is in it

A head's OV circuit says what attending to a letter does to every letter's logit. The eigenvalue score of that matrix is 1 where looking at a letter makes that
same letter likelier (copying), and -1 where it makes it less likely.
*)
for head in (Circuits.spectra model).OV do
    printfn "head %O  %+.3f" head.Head head.Spectrum.Score
(*** include-output ***)
(**
And where does each head look? The letter to come stands six places back; seen from the place at which it is predicted, five.
*)
let heldOut = Sequences.heldOut task { Sequences = 500; Seed = 1UL }
let byOffset = Attention.average 2 model heldOut |> List.head |> Attention.byOffset

for head in 0..3 do
    let most = List.maxBy (fun offset -> Tensor.item [ head; offset ] byOffset) [ 0..11 ]

    printfn
        "head 0.%d looks %d back most (%.0f %%)"
        head
        most
        (100.0 * Tensor.item [ head; most ] byOffset)
(*** include-output ***)
(**
## Two minutes: break it

An intervention is a value, and text. Without a head, what is the loss?
*)
let loss interventions =
    Intervened.loss 2 task model interventions { Sequences = 500; Seed = 1UL }

printfn "whole           %.3f" (loss [])

for head in Model.heads model do
    printfn "%-15O %.3f" (ZeroAblate head) (loss [ ZeroAblate head ])
(*** include-output ***)
(**
## Two minutes: play with it

```bash
interp train --smeared --out runs/smeared
interp explore runs/smeared --open
```

makes one file with the model in it, which runs in the browser: type a text, switch heads off, open circuits. [Here is one](live.html), of two models of the study.

## And then

* [The study, told](study-told.fsx): what these models do, and what was said of them.
* [Circuits](circuits.fsx), [interventions](interventions.fsx), [explanations](explaining.fsx): the three ways to take a model apart.
* [A task of your own](own-task.fsx), [a model of your own](own-model.fsx).
*)
