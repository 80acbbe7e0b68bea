(**
---
title: Interventions
category: Tutorials
categoryindex: 2
index: 3
description: Ablation, patching, frozen patterns and cut paths as values; and any pure function at a named place.
---
# Interventions

An intervention is something done to a model while it runs: a head that writes nothing, an activation from another text, a path that is cut. Here it is a value. It has a printed form, it can be compared, parsed from the command
line and kept beside the result that it led to, and nothing of it stays with the model. (`golden`, below, leads to a model's file in the repository, which was trained by PyTorch; to yours leads a path, `Model.load "runs/two-layer"`.)

```bash
interp evaluate runs/two-layer --intervene "zero 0.1" --intervene "cut 0.2 -> 1.3.k"
interp ablate runs/two-layer --mode mean --pairs
interp patch runs/two-layer --clean ABCDEFABCDEFA --corrupt GBCDEFGBCDEFG
interp help interventions                     # all that can be written
```
*)
(*** hide ***)
#load "../scripts/golden.fsx"

open Golden
(** *)
open Interp

let model = Model.load (golden "two_layer_s11")
let task = Tasks.study
let reference = { Sequences = 500; Seed = 1UL }

let loss interventions = Intervened.loss 2 task model interventions reference
let read text = Intervention.parse text |> Result.defaultWith failwith
(**
## Without a head

What takes a head's place matters as much as the head: nothing, its mean over other sequences, or what it writes for another sequence.
*)
printfn "the model as it is                     %.3f" (loss [])

for text in [ "zero 0.1"; "mean 0.1 over 256 sequences of seed 7"; "resample 0.1 with seed 7" ] do
    printfn "%-38O %.3f" (read text) (loss [ read text ])
(*** include-output ***)
(**
`Ablation.measure` does that to every head, or every pair of them, and with zeros puts the first-order estimate beside each (gradient times activation), which costs one backward pass for all heads:
*)
for head in (Ablation.measure 2 task model ZeroMode reference false).Heads do
    printfn "without %O: %.3f (to first order %.3f)" head.Head head.Loss head.FirstOrder.Value
(*** include-output ***)
(** *)
let without = Figure.ablation (Ablation.measure 2 task model ZeroMode reference false)
(*** hide ***)
Figure.html without[0]
(*** include-it-raw ***)
(**
## A path that is cut

A head of the second layer reads what the embedding and the first layer's heads wrote, through its queries, keys and values. Each of these can be cut by itself:
*)
for earlier in 0..3 do
    let cuts = [
        for later in 0..3 ->
            Cut(HeadOutput { Layer = 0; Head = earlier }, { Layer = 1; Head = later }, KeyInput)
    ]

    printfn "no key of layer 1 reads 0.%d: %.3f" earlier (loss cuts)
(*** include-output ***)
(**
## What one text's run puts right in another's

Take two texts that differ in one letter, and put activations of the one's run into the other's, one place at a time. Where is the answer restored? 1 is the clean run, 0 the corrupt one.
*)
let letters text = Vocabulary.parse task.Tokens text |> Result.defaultWith failwith
let clean, corrupt = letters "ABCDEFABCDEFA", letters "ABCDEFABCDEFC"

// Behind the last letter: B after an A, D after a C.
let patching = Patching.measure task model 1 3 clean corrupt

for effect in
    patching.Effects
    |> List.filter _.Site.IsOutputAt
    |> List.sortByDescending _.Restored
    |> List.truncate 4 do
    printfn "%-6O at position %2d restores %.2f" effect.Site effect.Position effect.Restored
(*** include-output ***)
(**
## Anything at all

For what has no name there is one escape hatch: a pure function at a place. Here head 1.0 looks evenly at everything it may see.
*)
let evenly (pattern: Tensor) =
    Tensor.init pattern.Shape (fun index ->
        if index[1] <= index[0] then 1.0 / float (index[0] + 1) else 0.0)

let edits = Edits.at (PatternAt { Layer = 1; Head = 0 }) evenly
let sequence = letters "ABCDEFABCDEFABCDEFABCDEF"
let lossOf logits = Loss.perPositionOf logits sequence |> Loss.counted task |> Tensor.toScalar

let before, after =
    lossOf (Transformer.logits model), lossOf (Transformer.logitsWith edits model)

printfn "loss on one text: %.3f, and %.3f with head 1.0 spread evenly" before after
(*** include-output ***)
(**
There are no hooks to be taken off again. The model is a value, and so are the edits.

A place that the model does not have is refused:
*)
try
    loss [ ZeroAblate { Layer = 2; Head = 0 } ] |> ignore
with :? RefusedException as refused ->
    printfn "%s" refused.Message
(*** include-output ***)
