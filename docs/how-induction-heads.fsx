(**
---
title: How do I find induction heads in my model?
category: Questions
categoryindex: 3
index: 1
description: Three scores that agree or do not, on block lengths that tell induction from a fixed distance, and the test that decides.
---
# How do I find induction heads in my model?

In short: `interp heads MODEL`. Look at the columns *induction* and *prefix matching* over all block lengths, not at one; look at *copying*; then take the head away and see whether the model still
does what you think it does with it.

An induction head looks at what stood *behind* the last occurrence of the current letter, and makes that likelier. Each half of this has a score, and each can be had by something else. (`golden` leads to a model's file in the repository; to yours leads a path, `Checkpoint.load "runs/two-layer"`.)
*)
(*** hide ***)
#load "../scripts/golden.fsx"

open Golden
(** *)
open Interp

let scores (checkpoint: Checkpoint) =
    HeadScores.ofModel 2 checkpoint.Architecture checkpoint.Weights {
        Sequences = 64
        Seed = 1UL
    }

let smeared = Checkpoint.load (golden "smeared_s11")
let twoLayer = Checkpoint.load (golden "two_layer_s11")
(**
## 1. Does it look there?

On blocks of six letters "behind the last occurrence" is always five back, so a head that looks five back, whatever stands there, looks like an induction head. Other block lengths tell them apart:
*)
let show (checkpoint: Checkpoint) =
    printfn
        "head   induction, blocks of 3     4     5     6     8    12   prefix matching, of 6   five back, of 8   previous"

    for head in scores checkpoint do
        let induction = [
            for length in HeadScores.blockLengths ->
                sprintf "%4.2f" (HeadScores.at length head).Induction
        ]

        let six, eight = HeadScores.at 6 head, HeadScores.at 8 head

        printfn
            "%O                     %s                    %4.2f              %4.2f       %4.2f"
            head.Head
            (String.concat "  " induction)
            six.PrefixMatching
            eight.FiveBack
            eight.PreviousToken

show smeared
show twoLayer
(*** include-output ***)
(**
As pictures, beside random heads:
*)
let inPictures =
    Figure.heads (
        HeadScores.measure 2 smeared.Architecture Tasks.study smeared.Weights {
            Sequences = 64
            Seed = 1UL
        }
    )
(*** hide ***)
Figure.html inPictures[0]
(*** include-it-raw ***)
(**
A head that is high in all columns follows the letter. One that is high for blocks of six and high in *five back* for blocks of eight follows the place. *Prefix matching* is the same for all earlier occurrences rather than the last. One that is high on no length is not an induction head, whatever its picture on one text shows: the first model has induction heads (in one layer: its keys are smeared), the
two-layer one has none worth the name, and completes one block in five.

## 2. Does it copy?
*)
for head in scores smeared do
    let eigenvalues = (Factored.spectrum (Circuits.ov head.Head smeared.Weights)).Score

    printfn
        "head %O  copying %+.2f  eigenvalue score of its OV circuit %+.2f"
        head.Head
        head.Copying
        eigenvalues
(*** include-output ***)
(**
Beside both stand, in `interp heads` and `interp circuits`, what random heads score: `HeadScores.compare` and `CircuitScores.ofModel`.

## 3. Is it used?

A head may look there and copy and still not be what the model's answer comes from. Take it away; with more layers, cut its keys off from each earlier head, too.
*)
let loss model interventions =
    Intervened.loss 2 Tasks.study model interventions { Sequences = 500; Seed = 1UL }

printfn "smeared keys               %.3f" (loss smeared.Weights [])

for head in Model.heads smeared.Weights do
    printfn "  without %O              %.3f" head (loss smeared.Weights [ ZeroAblate head ])

let later = { Layer = 1; Head = 3 }
printfn "two layers                 %.3f" (loss twoLayer.Weights [])

for number in 0..3 do
    let from = HeadOutput { Layer = 0; Head = number }

    printfn
        "  keys of %O cut from 0.%d %.3f"
        later
        number
        (loss twoLayer.Weights [ Cut(from, later, KeyInput) ])
(*** include-output ***)
(**
The earlier head whose cut costs the most is the one that the later head searches by: usually, but not in every training, a head that looks at the letter before. In the one-layer model with smeared keys there is none to cut: the smear does it.

## In one command each

```bash
interp heads MODEL                           # all scores, beside random heads'
interp compose MODEL                         # who reads whom, and the losses with such paths cut
interp ablate MODEL --mode mean
interp develop RUN                           # when in training each score appears
```
*)
