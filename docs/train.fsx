(**
---
title: Train a model
category: Tutorials
categoryindex: 2
index: 1
description: Trainings as pure functions: configurations, states, watching, going on.
---
# Train a model

On the command line a training is one command, and a directory that survives whatever happens to it:

```bash
interp train --smeared --seed 7 --out runs/smeared
interp train --task "recall 5" --n-layers 2 --positions rotary --out runs/recall
interp train --resume runs/recall          # after Ctrl-C, or a power cut: to the same bits
```

[The model](model.md) has every option of a model, [Tasks](tasks.md) every task, [Runs](runs.md) what a run directory holds and what is promised of it. In a script a training is a value:
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
#r "../Interp.Figures/bin/Release/net10.0/Interp.Pictures.dll"
#r "../Interp.Figures/bin/Release/net10.0/Interp.Figures.dll"
(** *)
open Interp

let configuration =
    Configuration.study
    |> Field.set [
        Field.DVocab, Whole 8
        Field.Batch, Whole 32
        Field.LearningRate, Number 3e-3
        Field.Smear, Word "keys"
    ]

let task = Tasks.ofForm configuration.Task
let trainer = Training.compile 2 (Recipe.objective configuration task)
(**
A `Configuration` is everything that a run depends on. `Recipe.objective` makes of it what is minimised (weights, loss, task, optimiser, seed), and
`Training.compile` traces the loss once, differentiates it, and lays its memory out; the 2 is the number of threads, which shows in no result.

A state is a value, too. `advance` takes one and gives another; nothing is changed, so that a training can be forked, gone back in, or kept at every hundredth step.
*)
let start = Recipe.start configuration
let first = Training.advance trainer 200 start
let second = Training.advance trainer 200 first.State
let atOnce = Training.advance trainer 400 start

printfn "200 and 200 steps are 400, to the bit: %b" (second.State = atOnce.State)

printfn
    "loss %.3f, then %.3f, then %.3f"
    first.Losses.Head
    (List.last first.Losses)
    (List.last second.Losses)
(*** include-output ***)
(**
The batch of a step is a function of the seed and the step's number. So a run goes on from any state as if it had never stopped, and a batch can be looked at long afterwards:
*)
Sequences.batch task 3 configuration.Seed 199 |> List.map Letters.toText
(*** include-it ***)
(**
## Watch it

What should be looked at on the way is a function of the state, and so is whether it is enough:
*)
let accuracy (state: TrainingState<Model<Tensor>>) =
    (Behaviour.evaluate 2 task state.Weights { Sequences = 200; Seed = 1UL }).Accuracy

let watched =
    Training.watch
        trainer
        { Every = 100; See = accuracy; Stop = fun accuracy -> accuracy > 0.55 }
        2000
        start

for step, accuracy in watched.Seen do
    printfn "step %4d  right %.1f %%" step (100.0 * accuracy)
(*** include-output ***)
(** *)
let curves = Figure.losses [ "the first 400 steps" ] [ atOnce.Losses ]
(*** hide ***)
Figure.html curves
(*** include-it-raw ***)
(**
## Other recipes

An optimiser is a value: AdamW or gradient descent with momentum, a schedule, which weights decay, how long a gradient may be. The study's own is AdamW with a
constant rate of 0.001 and a weight decay of 1.
*)
let gentler =
    configuration
    |> Field.set [
        (Field.Schedule, Word "warm-up 50 then cosine to 0.1 at 400")
        Field.WeightDecay, Number 0.1
        Field.Decay, Word "matrices"
        Field.Clip, Number 1.0
    ]

let gently =
    Recipe.start gentler
    |> Training.advance (Training.compile 2 (Recipe.objective gentler task)) 400

printfn "the study's optimiser after 400 steps: %.3f" (List.last atOnce.Losses)
printfn "the gentler one:                       %.3f" (List.last gently.Losses)
(*** include-output ***)
(**
What cannot be a configuration is refused in a sentence that says what was expected:
*)
try
    Recipe.start (Field.set [ Field.Batch, Whole 0 ] configuration) |> ignore
with :? RefusedException as refused ->
    printfn "%s" refused.Message
(*** include-output ***)
(**
## Keep it

`Model.save` and `Model.load` write and read weights; `Checkpoint.save` keeps what is known of a training, too. Both are `.safetensors` files that `interp` takes, and [PyTorch](how-pytorch.md).
What the program has left in a run directory, `Run.Open "runs/smeared"` of `Interp.Runs` has as a value: model, losses, snapshots. For a training of a script's own that should survive Ctrl-C and power cuts, see [A task of your own](own-task.fsx).
*)
