// Trains a small model with smeared keys for some seconds, lets it continue a prompt, and looks at its circuits.
//
//     dotnet build -c Release Interp.Functional
//     dotnet fsi scripts/train-a-small-model.fsx

#r "../Interp.Functional/bin/Release/net10.0/Interp.Functional.dll"

open Interp

// The study's recipe with fewer letters, so that 1,500 steps are enough.
let configuration =
    Configuration.studySmeared
    |> Field.set [ Field.DVocab, Whole 10; Field.Batch, Whole 128; Field.LearningRate, Number 3e-3 ]

let task = Tasks.ofForm configuration.Task
let trainer = Training.compile 2 (Recipe.objective configuration task)

// A state is a value: each one is kept here, and any of them could be trained on.
let states =
    Recipe.start configuration
    |> List.unfold (fun state ->
        if state.Step >= 1500 then
            None
        else
            let next = Training.advance trainer 300 state
            printfn "step %5d  loss %.3f" next.State.Step (List.average next.Losses)
            Some(next.State, next.State))

let model = (List.last states).Weights

printfn
    "held-out loss %.3f, floor %.3f"
    (Intervened.loss 2 task model [] { Sequences = 2000; Seed = 1UL })
    (Task.floor task |> Option.get)

let prompt =
    match Letters.ofText 10 "ABCDEFABCDEF" with
    | Ok tokens -> tokens
    | Error sentence -> failwith sentence

printfn "completion    %s" (Decoding.greedy 1 model 24 [ prompt ] |> List.head |> Letters.toText)

// Which letters does attending to a letter make likelier? A score of 1 is copying, -1 its opposite.
let spectra = Circuits.spectra model
printfn "direct path   %+.3f" spectra.DirectPath.Score

for head in spectra.OV do
    printfn "OV of head %O  %+.3f" head.Head head.Spectrum.Score

for layer in spectra.OVSum do
    printfn "their sum     %+.3f" layer.Spectrum.Score

// How far back does each head look, on average? The letter to come is five back with smeared keys, six from its own place.
let offsets =
    Attention.average 2 model (Sequences.heldOut task { Sequences = 500; Seed = 1UL })
    |> List.head
    |> Attention.byOffset

for head in 0 .. configuration.Architecture.NHeads - 1 do
    let mass = [ for offset in 0..11 -> Tensor.item [ head; offset ] offsets ]
    let most = mass |> List.indexed |> List.maxBy snd |> fst
    printfn "head %d looks %d back most" head most
