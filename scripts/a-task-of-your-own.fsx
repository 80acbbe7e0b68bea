// A task of one's own: four letters, and the same letters as a mirror shows them. The built-in model learns it by the built-in recipe, is
// evaluated and looked at as on any other task, and its training survives whatever stops it.
//
//     dotnet build -c Release Interp.Runs
//     dotnet fsi scripts/a-task-of-your-own.fsx [DIRECTORY]    # runs/mirror

#r "../Interp.Functional/bin/Release/net10.0/Interp.Functional.dll"
#r "../Interp.Runs/bin/Release/net10.0/Interp.Runs.dll"

open Interp

let directory =
    match fsi.CommandLineArgs with
    | [| _; given |] -> given
    | _ -> "runs/mirror"

// All that anyone needs to know: a name, the tokens' names, how many tokens a sequence has, which predictions count, and a sequence from a key.
let mirror =
    Task.own "mirror" [ for letter in 'A' .. 'J' -> string letter ] 8 [ 4..7 ] (fun key ->
        let half = List.ofArray (Key.integers 10 4 key)
        half @ List.rev half)

let configuration =
    Configuration.study
    |> Field.set [ Field.DVocab, Whole 10; Field.NCtx, Whole 8; Field.Positions, Word "standard" ]

// Stop it with Ctrl-C and start it again: it goes on where it stood, and ends with the same bits.
let trainer = Training.compile 2 (Recipe.objective configuration mirror)
let trained = DurableTraining.Run(directory, trainer, 1000)

let evaluation = Behaviour.evaluate 2 mirror trained.State.Weights { Sequences = 2000; Seed = 1UL }
printfn "loss %.4f" evaluation.Loss
printfn "accuracy %.1f %%" (100.0 * evaluation.Accuracy)

for place in mirror.Counted do
    printfn "token %d, the mirror of %d: loss %.4f" place (7 - place) evaluation.PerPositionLoss[place - 1]

let model = trained.State.Weights

// It writes the other half by itself.
let beginning = Tokens.ofArray [| 0; 9; 2; 7 |]
let whole = Decoding.greedy 2 model 8 [ beginning ] |> List.head
printfn "%s goes on as %s" (Vocabulary.toText mirror.Tokens beginning) (Vocabulary.toText mirror.Tokens whole)

// From where is each letter of the mirror read? Each is predicted at the place before it.
let patterns =
    Attention.average 2 model (Sequences.heldOut mirror { Sequences = 500; Seed = 1UL }) |> List.head

for place in mirror.Counted do
    let most =
        List.allPairs [ 0 .. configuration.Architecture.NHeads - 1 ] [ 0 .. place - 1 ]
        |> List.maxBy (fun (head, key) -> Tensor.item [ head; place - 1; key ] patterns)

    printfn
        "token %d: head %d looks most at token %d (%.0f %%)"
        place
        (fst most)
        (snd most)
        (100.0 * Tensor.item [ fst most; place - 1; snd most ] patterns)
