/// Explanations of the reference models against what an independent program found of them (explanations/README.md).
module Interp.Properties.ExplanationTests

open System.IO
open Expecto
open Interp
open Interp.Properties.Laws

/// What was found of an explanation.
type private Row = {
    Model: string
    Explanation: string
    Recovered: float
    KL: float
    Explained: float
    Agreement: float
}

let private rows: Row list =
    File.ReadAllLines(Path.Combine(__SOURCE_DIRECTORY__, "explanations", "rows.tsv"))
    |> List.ofArray
    |> List.tail
    |> List.map (fun line ->
        match line.Split '\t' with
        | [| model; explanation; recovered; kl; explained; agreement |] -> {
            Model = model
            Explanation = explanation
            Recovered = float recovered
            KL = float kl
            Explained = float explained
            Agreement = float agreement
          }
        | _ -> failwith $"\"{line}\" is no row of six")

let private models =
    lazy
        (rows
         |> List.map _.Model
         |> List.distinct
         |> List.map (fun name -> name, (ModelFiles.read (ModelFiles.reference $"{name}.safetensors")).Weights)
         |> Map)

/// As many as the other program had, or so few that every row has its turn in time.
let private reference: Reference = { Sequences = (if long then 40000 else 500); Seed = 1UL }

// The fewest that stand behind a row.
let private theirs = 20000.0

let private measured (row: Row) : Faithfulness =
    match Explanation.parse row.Explanation with
    | Error sentence -> failtest sentence
    | Ok explanation ->
        let architecture = Configuration.study.Architecture
        Faithfulness.measure 1 Tasks.study architecture.NCtx models.Value[row.Model] [] reference explanation

/// To what the figures are given to, and as far as fewer sequences know them.
let private agrees what (error: float) (actual: float) expected =
    let sampling =
        if long then
            0.0
        else
            Tolerances.standardErrors * error * sqrt (1.0 + float reference.Sequences / theirs)

    within (Tolerances.explanationRows + sampling) 1.0 what actual expected

[<Tests>]
let tests =
    testList "Golden explanations" [
        test "are all that were measured" { Expect.hasLength rows 89 "rows" }

        for file in
            List.map ModelFiles.reference ModelFiles.references
            @ List.map ModelFiles.ofPositions ModelFiles.kinds do
            test $"without a clause are the model: {Path.GetFileName file}" {
                let read = ModelFiles.read $"{file}.safetensors"
                let a, model = read.Architecture, read.Weights
                let explained = ExplanationTools.prepared a model (Parts.exact a)

                for i in 0..9 do
                    let tokens = Given.tokens a.DVocab a.NCtx i (Key.ofSeed 1UL)

                    close
                        Tolerances.explanation
                        "the logits"
                        (floats (Explained.logitsWith Edits.none explained tokens tokens))
                        (floats (Transformer.logits model tokens))
            }

        for row in rows do
            test $"{row.Model}: {row.Explanation}" {
                let found = measured row
                let recovered = found.Recovered |> Option.defaultWith (fun () -> failtest "nothing was recovered")

                // Both losses are of the same sequences, so that their difference is known better than this.
                let gain = (found.Loss.Value - found.ModelLoss.Value) / (1.0 - recovered)
                let error = (found.Loss.Error + abs (1.0 - recovered) * found.ModelLoss.Error) / abs gain
                agrees "recovered" error recovered row.Recovered
                agrees "KL" found.KL.Error found.KL.Value row.KL
                agrees "explained" found.Explained.Error found.Explained.Value row.Explained
                agrees "agreement" found.Agreement.Error found.Agreement.Value row.Agreement
            }
    ]
