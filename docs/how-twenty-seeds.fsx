(**
---
title: What may I conclude from 20 seeds?
category: Questions
categoryindex: 3
index: 5
description: What an interval of 20 of 20 says, how many trainings decide what, and why looking at them one after another is another thing.
---
# What may I conclude from 20 seeds?

That what holds in all twenty holds in more than four fifths of such trainings. That what holds in fourteen holds in more than half... perhaps. Of the other things that one would like to say, nothing.
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
(** *)
open Interp

for successes in [ 20; 19; 17; 16; 15; 14; 12; 10 ] do
    let interval = Statistics.wilson successes 20

    printfn
        "%2d of 20: %3.0f to %3.0f %%  %A"
        successes
        (100.0 * interval.Low)
        (100.0 * interval.High)
        (SurveySummary.verdict interval)
(*** include-output ***)
(**
These are Wilson's 95 % intervals of the share of *all* such trainings in which the claim holds. "All such" is to be taken literally: this architecture, this task, this recipe, this number of steps. Twenty seeds say nothing of a model twice as wide.

## How many do I need?

For a claim that is true of a certain share of trainings, how often is it decided by so many? Drawn five hundred times each:
*)
let decided share trainings =
    let trials = 500

    let isDecided number =
        let drawn = Key.uniform trainings (Key.split (uint64 number) (Key.ofSeed 1UL))
        let successes = drawn |> Array.filter (fun u -> float u < share) |> Array.length
        SurveySummary.verdict (Statistics.wilson successes trainings) <> Undecided

    List.init trials isDecided
    |> List.filter id
    |> List.length
    |> fun count -> float count / float trials

printfn "true of    decided by 5    10    20    50   100 trainings"

for share in [ 0.99; 0.9; 0.8; 0.7; 0.6 ] do
    let shares = [
        for trainings in [ 5; 10; 20; 50; 100 ] ->
            sprintf "%3.0f %%" (100.0 * decided share trainings)
    ]

    printfn "%3.0f %%              %s" (100.0 * share) (String.concat " " shares)
(*** include-output ***)
(**
Five are enough for what is nearly always true. What is true of three trainings in five is hardly ever decided by twenty.

## May I look, and stop when it is decided?

Not with these intervals. Looked at after every training, and stopped as soon as one half is outside, they err far more often than in five of a hundred. For a claim that is true of exactly one half of trainings, and up to a hundred of them:
*)
let stream number =
    Key.uniform 100 (Key.split (uint64 number) (Key.ofSeed 2UL))
    |> Array.map (fun u -> u < 0.5f)
    |> Array.toList

let everWrong (intervals: bool list -> Interval list) =
    let wrong number =
        stream number |> intervals |> List.exists (fun i -> i.Low > 0.5 || i.High < 0.5)

    List.init 200 wrong
    |> List.filter id
    |> List.length
    |> fun count -> 100.0 * float count / 200.0

let wilsons (trials: bool list) =
    trials
    |> List.scan (fun (s, n) success -> (if success then s + 1 else s), n + 1) (0, 0)
    |> List.map (fun (s, n) -> Statistics.wilson s n)

printfn
    "Wilson's, looked at after every training: wrong in %.0f %% of studies"
    (everWrong wilsons)

printfn
    "a confidence sequence, looked at likewise: %.0f %%"
    (everWrong ConfidenceSequence.running)
(*** include-output ***)
(**
`interp study --until-decided` does look and stop, and for that it has [confidence sequences](study.md#until-the-claims-are-decided): wider, and right at every moment at once.

## And of many claims at once?

Each interval errs in five of a hundred *by itself*. Of sixty claims three verdicts may be wrong. Differences between kinds of models are tested by permutation and corrected for their number (Holm); verdicts of claims are not corrected, so a single surprising
one deserves new seeds (`--first-seed 1000`) rather than a theory.

And an average over heads is not twenty times four trainings: heads of one training are not independent.
*)
