(**
---
title: Studies and claims
category: Tutorials
categoryindex: 2
index: 8
description: From "this model does it" to "of a hundred such models, so many do".
---
# Studies and claims

One trained model of each kind is an anecdote. A study trains every kind with many seeds, several at once, and says in how many trainings each claim holds, with an interval.

```bash
interp study --seeds 20 --out studies/twenty
interp study --variants smeared --sweep d_head=4,8,16 --seeds 10 --out studies/widths
interp study --until-decided --out studies/decided          # seeds are added until every claim is decided
```

A claim *replicates* where its whole 95 % interval lies above one half, does not where all of it lies below, and is undecided else. [Which claims hold](which-claims-hold.md) is such a study's table, [Studies](study.md) says
what is measured, what a study directory holds and what is promised.

## Claims of your own, in a file

```
name: looks-back
sentence: Some head of the first layer looks at the letter before.
rule: max(previous_token over layer 0) > 0.5
about: two-layer
```

`interp study --claims mine.txt …` judges every training by it, and `interp help claims` lists all quantities. Rules are read by the library, which says what is wrong with one:
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
(** *)
open Interp

for rule in
    [ "max(previous_token over layer 0) > 0.5"; "max(previous_tokn over layer 0) > 0.5" ] do
    match Rules.parse [] rule with
    | Ok conditions -> printfn "reads back as: %s" (Rules.show conditions)
    | Error sentence -> printfn "%s" sentence
(*** include-output ***)
(**
## Claims of your own, in a script

Where no quantity says what you mean, measure one. Four small trainings of each kind, far too short for the study's own claims:
*)
let study = {
    Survey.standard with
        Variants = [ Plain; Smeared ]
        Seeds = 4
        Steps = 100
        Sweeps = [ Survey.parseSweep "batch=64" |> Result.defaultWith failwith ]
}

/// How far the lowest smear weight has fallen below 1, where it starts: a lower one mixes in more of the key before.
let belowStart = Quantity.Own "smear_logit_below_start"

let claims = [
    {
        Name = "plain-heads-copy"
        About = Some Plain
        Sentence = "After 100 steps every head already copies."
        Conditions = [ Condition.above (Quantity.OV(0, Lowest)) 0.5 ]
    }
    {
        Name = "smeared-smears"
        About = Some Smeared
        Sentence =
            "After 100 steps some key is mixed with the one before more than at the start."
        Conditions = [ Condition.above belowStart 0.0 ]
    }
]

// What nobody measures is refused here, before anything trains.
let items = Survey.itemsFor [ belowStart ] claims study

let smears (model: Model<Tensor>) = [
    for block in model.Blocks do
        for smear in Option.toList block.Smear do
            belowStart, 1.0 - float (Array.min (smear.ToArray()))
]

let lowest (model: Model<Tensor>) = [
    (Quantity.OV(0, Lowest),
     (Circuits.spectra model).OV |> List.map _.Spectrum.Score |> List.min)
]

let train (item: SurveyItem) : SurveyResult =
    let task = Tasks.ofForm item.Configuration.Task
    let trainer = Training.compile 2 (Recipe.objective item.Configuration task)

    let model =
        (Recipe.start item.Configuration |> Training.advance trainer study.Steps).State.Weights

    { Item = item; Quantities = lowest model @ smears model; HeldOut = []; Weights = "" }

let summary = items |> List.map train |> SurveySummary.ofResults claims

for result in summary.Claims do
    printfn
        "%-17s holds in %d of %d (95 %%: %.0f to %.0f %%): %A"
        result.Claim.Name
        result.Holds
        result.Trainings
        (100.0 * result.Interval.Low)
        (100.0 * result.Interval.High)
        (SurveySummary.verdict result.Interval)
(*** include-output ***)
(**
[`a-claim-of-your-own.fsx`](../scripts/a-claim-of-your-own.fsx) measures everything that a study does (`Quantities.measure`), too. What four trainings allow one to say, and what twenty do: [What 20 seeds allow](how-twenty-seeds.fsx).
*)
