(**
---
title: Explanations
category: Tutorials
categoryindex: 2
index: 6
description: Say how a model works, as a value; run it in the model's place; see how much of the model it explains.
---
# Explanations

"The model just copies the past couple of tokens." If one believes that, what does one predict, and how far is that from what the model does? An explanation is a list of parts of the model with what is kept of each:
exactly, as a diagonal, as two numbers, as a rule of where to look, or not at all. It runs in the model's place.

```bash
interp explain runs/plain --with "direct two-numbers; ov 0.* diagonal; attention 0.* own-letters"
interp explain runs/plain                     # the author's, single forms, and the ladder from the exact model down
```

[Explanations, the language](explanations.md) has every part and form, and how they are judged. (`golden`, below, leads to a model's file in the repository, which was trained by PyTorch; to yours leads a path, `Model.load "runs/plain"`.)
*)
(*** hide ***)
#load "../scripts/golden.fsx"

open Golden
(** *)
open Interp

let model = Model.load (golden "plain_s11")
let task = Tasks.study
let positions = 24

let measure (explanation: Explanation) =
    Faithfulness.measure 2 task positions model [] { Sequences = 500; Seed = 1UL } explanation

let tell text =
    let explanation = Explanation.parse text |> Result.defaultWith failwith
    let found = measure explanation

    printfn
        "%-68s explains %+.3f ± %.3f, agrees on %.0f %%"
        text
        found.Explained.Value
        found.Explained.Error
        (100.0 * found.Agreement.Value)

// What the author says of this model.
tell "direct two-numbers; ov 0.* two-numbers; attention 0.* positions shared"
// Each letter moves itself, and each head looks for letters of its own.
tell "direct two-numbers; ov 0.* diagonal; attention 0.* own-letters"
// Everything exact but where heads look.
tell "attention 0.* own-letters"
tell "attention 0.* positions"
// A rule of induction.
tell "attention 0.* after-last-match"
(*** include-output ***)
(**
*Explains* is 1 − KL / KL(nothing): 1 only where all predictions are the model's, 0 for what says no more than nothing does, below 0 for what says wrong things. A rule of induction would make *better* predictions than this model; it explains nothing of it.

## What is it worth?

A form that fits anything explains nothing. So every explanation is judged beside the same one with its letters shuffled, of the model before training, and of a model of the same shape that learned something with nothing to copy:
*)
let architecture = (Checkpoint.load (golden "plain_s11")).Architecture
let untrained = Findings.untrained architecture 1UL

let judge =
    Judge.make 2 task positions model (Some untrained) None { Sequences = 100; Seed = 1UL }

let judged =
    Explanation.parse "direct two-numbers; ov 0.* diagonal; attention 0.* own-letters"
    |> Result.defaultWith failwith
    |> Judge.explanation judge "letters of their own"

let shuffled = judged.Null.Shuffled.Value.Explained
printfn "keeps %d numbers and explains %.3f" judged.Numbers judged.Faithfulness.Explained.Value

printfn
    "with shuffled letters            %.3f (%.3f to %.3f)"
    shuffled.Mean
    shuffled.P05
    shuffled.P95

printfn "of the model before training     %.3f" judged.Null.Untrained.Value
(*** include-output ***)
(**
Which letters does each head look for? `own-letters` keeps these numbers:
*)
let letters = (HeadLetters.ofModel architecture model).Value
let lookedFor = Figure.headLetters task.Tokens letters
(*** hide ***)
Figure.html lookedFor
(*** include-it-raw ***)
(**
## A rule of your own

Where the language has no word for what you believe, a pure function from letters to a pattern will do, or one from an exact table to a simpler one.
*)
let everyHead = { Layers = Which.Every; Numbers = Which.Every }

/// Evenly over what stood last, up to three letters of it.
let lastThree (tokens: Tokens) =
    Tensor.init [ tokens.Length; tokens.Length ] (fun index ->
        let query, key = index[0], index[1]
        if key <= query && key > query - 3 then 1.0 / float (min 3 (query + 1)) else 0.0)

let rule = AttentionRule.Own { Name = "the last three"; Value = lastThree }
let found = measure { Clauses = [ Clause.Attention(everyHead, AttentionForm.Rule rule, None) ] }
printfn "heads that look at the last three letters: %+.3f" found.Explained.Value
(*** include-output ***)
(**
"The past couple of tokens", taken at its word, is not what this model looks at. [`an-explanation-of-your-own.fsx`](../scripts/an-explanation-of-your-own.fsx) has one more rule, and a form of tables.

## In the model's place

Whatever runs a model runs an explanation in its place: `interp complete runs/plain --with "…"`, `interp evaluate --exact --with "…"`, and so on; and the [live page](live-page.md) has a list to choose from.
*)
