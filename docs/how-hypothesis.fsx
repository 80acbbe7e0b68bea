(**
---
title: How do I test my own hypothesis about a head?
category: Questions
categoryindex: 3
index: 2
description: From a sentence to a number: what the head would do if the sentence were true, and how far that is from what it does.
---
# How do I test my own hypothesis about a head?

Say what the head would do if you were right, put that in its place, and measure. Four steps, from cheap to telling. The hypothesis here: *in this model with smeared keys, head 0.0 looks behind the last occurrence of the current letter.* (`golden` leads to its file in the repository; to yours leads a path, `Model.load "runs/smeared"`.)
*)
(*** hide ***)
#load "../scripts/golden.fsx"

open Golden
(** *)
open Interp

let model = Model.load (golden "smeared_s11")
let task = Tasks.study
let head = { Layer = 0; Head = 0 }
let reference = { Sequences = 500; Seed = 1UL }
(**
## 1. Does the head matter at all?

If the loss does not change without it, no sentence about it can be tested by what the model says.
*)
let loss interventions = Intervened.loss 2 task model interventions reference
printfn "loss %.3f, without the head %.3f" (loss []) (loss [ ZeroAblate head ])
(*** include-output ***)
(**
## 2. Put the hypothesis in its place

Everything else stays exact; only this head's pattern is replaced by what the sentence says. How much of the model is left? Beside it stand two rivals: *five back*, and *at its own average*.
*)
let explained task text =
    let explanation = Explanation.parse text |> Result.defaultWith failwith
    (Faithfulness.measure 2 task 24 model [] reference explanation).Explained

for form in [ "after-last-match"; "5-back"; "positions"; "own-letters"; "uniform" ] do
    let found = explained task $"attention 0.0 {form}"
    printfn "0.0 %-17s explains %.3f ± %.3f" form found.Value found.Error
(*** include-output ***)
(**
Or write the rule yourself, where the language has no word for it: *behind every match*, evenly.
*)
let behindEveryMatch (tokens: Tokens) =
    let letters = Tokens.toArray tokens

    Tensor.init [ letters.Length; letters.Length ] (fun index ->
        let query, key = index[0], index[1]

        match
            [ 1..query ] |> List.filter (fun place -> letters[place - 1] = letters[query])
        with
        | [] -> if key = query then 1.0 else 0.0
        | places -> if List.contains key places then 1.0 / float places.Length else 0.0)

let ownRule = AttentionRule.Own { Name = "behind every match"; Value = behindEveryMatch }
let only = { Layers = Which.One 0; Numbers = Which.One 0 }
let own = { Clauses = [ Clause.Attention(only, AttentionForm.Rule ownRule, None) ] }
let foundOwn = (Faithfulness.measure 2 task 24 model [] reference own).Explained
printfn "0.0 behind every match explains %.3f ± %.3f" foundOwn.Value foundOwn.Error
(*** include-output ***)
(**
## 3. Ask where the rivals differ

On blocks of six different letters *five back* and *after the last match* are one and the same. So ask on texts on which they are not: blocks of three to eight letters.
*)
let elsewhere = Tasks.parse "repeat 3..8 length 24 of 26" |> Result.defaultWith failwith

for form in [ "after-last-match"; "5-back"; "positions" ] do
    let found = explained elsewhere $"attention 0.0 {form}"
    printfn "0.0 %-17s explains %.3f ± %.3f elsewhere" form found.Value found.Error
(*** include-output ***)
(**
So it is not the place: five back is far behind. But the head's own average, which knows nothing of letters, explains as much as the rule. A hypothesis that is no better than its rivals has not been shown yet, whatever its picture on one text looks like.

## 4. Is it true of such models, or of this one?

Head 0.0 of another training is another head. State the claim so that it needs no name, and count:

```
name: some-head-follows-the-match
sentence: Some head with smeared keys follows the last match of the current letter.
rule: max(prefix_matching over heads) > 0.5
about: smeared
```

```bash
interp study --claims mine.txt --variants smeared --seeds 20 --out studies/mine
```

[Studies and claims](claims.fsx) has the rest; [Explanations](explaining.fsx) how to write a rule that the language has no word for.
*)
