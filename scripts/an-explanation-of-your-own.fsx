// Trains a small model with smeared keys, and asks how much of it some explanations explain: two from the language of `interp explain`,
// and two that the language has no words for.
//
//     dotnet build -c Release Interp.Functional
//     dotnet fsi scripts/an-explanation-of-your-own.fsx

#r "../Interp.Functional/bin/Release/net10.0/Interp.Functional.dll"

open Interp

let configuration = { Configuration.studySmeared with Steps = 3000; Seed = 1UL }
let task = Tasks.ofForm configuration.Task
let trainer = Training.compile 2 (Recipe.objective configuration task)
let model = (Training.advance trainer configuration.Steps (Recipe.start configuration)).State.Weights

/// 1 where the predictions are the model's, 0 where they say no more than nothing does.
let measure (explanation: Explanation) =
    Faithfulness.measure 2 task configuration.Architecture.NCtx model [] { Sequences = 2000; Seed = 1UL } explanation

let tell name (explanation: Explanation) =
    let found = measure explanation
    printfn "%-34s explained %.3f, same likeliest letter %.3f" name found.Explained.Value found.Agreement.Value
    found.Explained.Value

let inWords text =
    match Explanation.parse text with
    | Ok explanation -> tell text explanation
    | Error sentence -> failwith sentence

inWords "attention 0.* positions"
inWords "attention 0.* after-last-match"

let everyHead = { Layers = Which.Every; Numbers = Which.Every }

// A rule is a pure function from letters to a pattern: here evenly behind every match of the current letter, or the letter itself.
let behindEveryMatch (tokens: Tokens) =
    let letters = Tokens.toArray tokens

    let matches query = [ 1..query ] |> List.filter (fun place -> letters[place - 1] = letters[query])

    Tensor.init [ letters.Length; letters.Length ] (fun index ->
        let query, key = index[0], index[1]

        match matches query with
        | [] -> if key = query then 1.0 else 0.0
        | places -> if List.contains key places then 1.0 / float places.Length else 0.0)

let rule = AttentionRule.Own { Name = "behind every match"; Value = behindEveryMatch }
tell "behind every match" { Clauses = [ Clause.Attention(everyHead, AttentionForm.Rule rule, None) ] }

// And a form of a table is a pure function of the exact one: here of each entry nothing but whether it is above the mean or below.
let signs (table: Tensor) =
    let entries = table.ToArray() |> Array.map float
    let mean = Array.average entries
    let size = entries |> Array.averageBy (fun x -> abs (x - mean))
    let columns = table.Shape[1]

    Tensor.init table.Shape (fun index -> mean + size * float (sign (entries[index[0] * columns + index[1]] - mean)))

let form = TableForm.Own { Name = "signs"; Value = signs }

tell "signs of the tables" { Clauses = [ Clause.Direct form; Clause.OV([ everyHead ], form) ] }
