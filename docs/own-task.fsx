(**
---
title: A task of your own
category: Tutorials
categoryindex: 2
index: 4
description: Five things make a task: a name, tokens, a length, what counts, and a sequence from a key.
---
# A task of your own

`interp tasks` lists those that are there ([Tasks](tasks.md)): repeated blocks, induction, recall, Markov chains, copying, sorting, addition, brackets, text and more, each with the least loss that is possible on it.
A text of your own needs no code: `interp train --task "text moby.txt length 64"`.

For anything else five things make a task: a name, the tokens' names, the length of a sequence, the places of the tokens whose prediction counts, and a pure function from a
key to a sequence. Here are four letters and their mirror image:
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
#r "../Interp.Figures/bin/Release/net10.0/Interp.Pictures.dll"
#r "../Interp.Figures/bin/Release/net10.0/Interp.Figures.dll"
(** *)
open Interp

let mirror =
    Task.own "mirror" [ for letter in 'A' .. 'J' -> string letter ] 8 [ 4..7 ] (fun key ->
        let half = List.ofArray (Key.integers 10 4 key)
        half @ List.rev half)

for number in 0..2 do
    printfn
        "%s"
        (Vocabulary.toText mirror.Tokens (Task.sequence mirror (Key.ofSeed 1UL) number))
(*** include-output ***)
(**
Randomness is a value: a key gives the same numbers wherever and whenever it is asked, so that any batch can be made again, on any number of threads.

The built-in model learns it by the built-in recipe, with learned positions:
*)
let configuration =
    Configuration.study
    |> Field.set [
        Field.DVocab, Whole 10
        Field.NCtx, Whole 8
        Field.Positions, Word "standard"
    ]

let objective = Recipe.objective configuration mirror
let trainer = Training.compile 2 objective
let trained = Training.start objective |> Training.advance trainer 700
let model = trained.State.Weights
let evaluation = Behaviour.evaluate 2 mirror model { Sequences = 1000; Seed = 1UL }
printfn "loss %.4f, right %.1f %%" evaluation.Loss (100.0 * evaluation.Accuracy)
(*** include-output ***)
(**
Everything that looks at models takes it as any other task. It goes on with `AJCH`, and each letter of the mirror is read where it should be:
*)
let beginning = Tokens.ofArray [| 0; 9; 2; 7 |]
let whole = Decoding.greedy 2 model 8 [ beginning ] |> List.head

printfn
    "%s goes on as %s"
    (Vocabulary.toText mirror.Tokens beginning)
    (Vocabulary.toText mirror.Tokens whole)

let patterns =
    Attention.average 2 model (Sequences.heldOut mirror { Sequences = 500; Seed = 1UL })
    |> List.head

for place in mirror.Counted do
    let head, key =
        List.allPairs [ 0..3 ] [ 0 .. place - 1 ]
        |> List.maxBy (fun (head, key) -> Tensor.item [ head; place - 1; key ] patterns)

    printfn
        "token %d: head %d looks most at token %d (%.0f %%)"
        place
        head
        key
        (100.0 * Tensor.item [ head; place - 1; key ] patterns)
(*** include-output ***)
(** *)
let maps = Figure.averageAttention [ patterns ]
(*** hide ***)
Figure.html maps[0]
(*** include-it-raw ***)
(**
## Trained to last

With `Interp.Runs` a training of a script survives what stops it, Ctrl-C or a power cut: the same script goes on where it stood, to the same bits.

    let trained = DurableTraining.Run("runs/mirror", trainer, 1000)

[`a-task-of-your-own.fsx`](../scripts/a-task-of-your-own.fsx) is this page's example so, whole; [Runs](runs.md#trainings-of-your-own) says what the directory holds.

## What is known of a task

A task may know more of itself: the loss of its best predictor, beginnings that leave no choice, all of its inputs. Where it does, `evaluate` shows the floor, completes prompts, and
`--exact` [asks about every input](exact.fsx). Where it does not, it says so.
*)
let recall = Tasks.parse "recall 5 of 16" |> Result.defaultWith failwith

for task in [ Tasks.study; recall; mirror ] do
    let floor =
        Task.floor task |> Option.map (sprintf "%.3f nats") |> Option.defaultValue "not known"

    let inputs =
        task.Inputs
        |> Option.map (fun inputs -> $"{inputs.Count:N0}")
        |> Option.defaultValue "not counted"

    printfn "%-20O floor %-12s inputs %s" task floor inputs
(*** include-output ***)
