(**
---
title: Circuits
category: Tutorials
categoryindex: 2
index: 2
description: OV and QK circuits, their eigenvalues beside those of random weights, composition, and a prediction as a sum over paths.
---
# Circuits

An attention-only transformer is a sum of paths, and each path is a product of matrices that can be multiplied out
([Elhage and others 2021](bibliography.md)). This page opens a model with smeared keys that was trained by PyTorch; `golden` leads to its file in the repository, and to yours a path: `Model.load "runs/smeared"`.

```bash
interp circuits runs/smeared
interp attribute runs/smeared --text ABCDEFABC
```
*)
(*** hide ***)
#load "../scripts/golden.fsx"

open Golden
(** *)
open Interp

let model = Model.load (golden "smeared_s11")

for head in (Circuits.spectra model).OV do
    printfn "head %O copies: %+.3f" head.Head head.Spectrum.Score

let without head =
    Intervened.loss 2 Tasks.study model [ ZeroAblate head ] { Sequences = 1000; Seed = 1UL }

printfn "the loss without the first: %.3f" (without (Model.heads model).Head)
(*** include-output ***)
(**
## The direct path and the OV circuits

W_E W_U says what a letter does to the next letter's logits by itself. A head's OV circuit, W_E W_V W_O W_U, says what *attending* to a letter does. Rows are the letter that is read, columns the letter whose logit changes.
A `Factored` keeps the product as its factors; `Factored.product` multiplies it out, and `Factored.spectrum` finds its eigenvalues by way of the small product the other way round (they are the same, and only 8 of the 26 are not 0).
*)
let head = { Layer = 0; Head = 0 }
let circuit = Circuits.ov head model
let spectrum = Factored.spectrum circuit

printfn "%d by %d; eigenvalue score %+.4f" circuit.Rows circuit.Columns spectrum.Score

for eigenvalue in List.truncate 4 spectrum.Eigenvalues do
    printfn "  %.3f %+.3fi" eigenvalue.Real eigenvalue.Imaginary
(*** include-output ***)
(**
The score is the real part of the sum of the eigenvalues over the sum of their magnitudes: 1 for a circuit that copies, -1 for one that suppresses.

## What is a score worth?

A number is read beside what random weights of the same shapes show. `CircuitScores.ofModel` has each score with its null distribution:
*)
let scored = CircuitScores.ofModel model

let tell name (found: Compared) =
    let stands = if NullDistribution.stands found then "outside" else "inside"

    printfn
        "%-12s %+.3f   random weights: %+.2f to %+.2f, %s"
        name
        found.Score
        found.Null.P025
        found.Null.P975
        stands

tell "direct path" scored.DirectPath.Eigenvalues

for head in scored.OV do
    tell $"OV of {head.Head}" head.Scores.Eigenvalues
(*** include-output ***)
(**
As pictures: all eigenvalues together, then each circuit by itself. `Figure.show pictures[0]` opens one, `Figure.save "circuits.pdf" pictures[0]` keeps it.
*)
let pictures = Figure.circuits scored

printfn
    "%d pictures: %s, …"
    pictures.Count
    (pictures |> Seq.truncate 4 |> Seq.map _.Name |> String.concat ", ")
(*** include-output ***)
(*** hide ***)
Figure.html pictures[0]
(*** include-it-raw ***)
(**
## What a head looks for

The QK circuit W_E W_Q W_K^T W_E^T says how much a letter's query likes a letter's key, before positions are put to it. With smeared keys a head need not look for its own letter: it can look for the *next* key, which holds
some of its letter. How large is the diagonal of each head's circuit among its entries?
*)
for head in Model.heads model do
    let product = Circuits.qk head model |> Factored.product
    let diagonal = List.averageBy (fun i -> Tensor.item [ i; i ] product) [ 0..25 ]
    let all = Tensor.toScalar (Tensor.mean product)

    printfn
        "head %O: a letter likes its own key by %+.1f, others' by %+.1f on average"
        head
        diagonal
        ((26.0 * all - diagonal) / 25.0)
(*** include-output ***)
(**
## A prediction as a sum

With the patterns held fixed, the logits are an exact sum over paths: through no head, or through one. What makes `D` likely behind `ABCDEFABC`?
*)
let text = Vocabulary.parse Tasks.study.Tokens "ABCDEFABC" |> Result.defaultWith failwith
let answer = 3

let paths = Attribution.paths model text

for path in paths do
    let through =
        if path.Heads.IsEmpty then
            "directly"
        else
            path.Heads |> List.map string |> String.concat ", then " |> sprintf "through %s"

    let row = Tensor.select 0 8 path.Logits

    printfn
        "%-14s %+.2f"
        through
        (Tensor.item [ answer ] row - Tensor.toScalar (Tensor.mean row))

let sum = paths |> List.map _.Logits |> List.reduce (+)
let apart = Transformer.logits model text - sum

printfn
    "the largest difference from the model's logits: %.1e"
    (apart.ToArray() |> Array.map abs |> Array.max |> float)
(*** include-output ***)
(**
## Two layers: who reads whom

With two layers heads compose. K-composition of two heads is how much of what the later one's keys read was written by the earlier one; its score is a ratio of norms:
*)
let twoLayer = Model.load (golden "two_layer_s11")

let strongest =
    Composition.pairs twoLayer
    |> List.map (fun (first, second) ->
        first, second, Composition.score KeyInput first second twoLayer)
    |> List.sortByDescending (fun (_, _, score) -> score)

for first, second, score in List.truncate 5 strongest do
    printfn "keys of %O read %O: %.3f" second first score
(*** include-output ***)
(**
`interp compose` has all of them, beside random weights', and the losses with such paths cut; [Interventions](interventions.fsx) cuts them by hand.
*)
