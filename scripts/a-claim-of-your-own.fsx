// Trains a few small models from other seeds, and asks in how many of them a claim of your own holds.
//
//     dotnet build -c Release Interp.Functional
//     dotnet fsi scripts/a-claim-of-your-own.fsx

#r "../Interp.Functional/bin/Release/net10.0/Interp.Functional.dll"

open Interp

// Far too few steps for the study's own claims; `interp study` trains in full.
let study = { Survey.standard with Variants = [ Plain; Smeared ]; Seeds = 5; Steps = 200 }

/// A quantity of your own: how far the lowest smear weight has fallen below 1, where it starts. A lower one mixes in more of the key before.
let belowStart = Quantity.Own "smear_logit_below_start"

// A claim is a value: whom it is about, what it says, and what a training must show.
let claims = [
    {
        Name = "plain-heads-copy"
        About = Some Plain
        Sentence = "After 200 steps every head already copies."
        Conditions = [ Condition.above (Quantity.OV(0, Lowest)) 0.5 ]
    }
    {
        Name = "smeared-smears"
        About = Some Smeared
        Sentence = "After 200 steps some key is mixed with the one before more than at the start."
        Conditions = [ Condition.above belowStart 0.0 ]
    }
]

// What nobody measures is refused here, before anything trains.
let items = Survey.itemsFor [ belowStart ] claims study

let smeared (model: Model<Tensor>) = [
    for block in model.Blocks do
        match block.Smear with
        | Some smear -> belowStart, 1.0 - float (Array.min (smear.ToArray()))
        | None -> ()
]

let train (item: SurveyItem) : SurveyResult =
    let architecture, task = item.Configuration.Architecture, Tasks.ofForm item.Configuration.Task
    let trainer = Training.compile 1 (Recipe.objective item.Configuration task)
    let model = (Recipe.start item.Configuration |> Training.advance trainer study.Steps).State.Weights
    let measured = Quantities.measure 1 architecture task model { Sequences = 200; Seed = 1UL }
    { Item = item; Quantities = measured @ smeared model; HeldOut = []; Weights = "" }

let summary = items |> List.map train |> SurveySummary.ofResults claims

for result in summary.Claims do
    printfn
        "%-17s holds in %d of %d trainings (95 %%: %.2f to %.2f): %A"
        result.Claim.Name
        result.Holds
        result.Trainings
        result.Interval.Low
        result.Interval.High
        (SurveySummary.verdict result.Interval)

for result in summary.Quantities do
    if result.Quantity = Quantity.HeldOutLoss then
        printfn
            "%-17s loss %.3f (95 %%: %.3f to %.3f)"
            (string result.Group)
            result.Mean
            result.Interval.Low
            result.Interval.High
