/// What version 0.1.0 wrote (Golden/before/README.md) still opens and goes on, with no training repeated.
module Interp.Properties.BeforeTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.Before
open Interp.Properties.Processes

let private words (line: string) = line.Split ' ' |> List.ofArray

/// Every file below a directory, to the byte.
let private content directory =
    Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
    |> Array.map (fun path -> Path.GetRelativePath(directory, path), File.ReadAllBytes path)
    |> Map.ofArray

let private runDescription =
    words "--checkpoint-every 100 --heads 2 --d-model 16 --vocab 12 --block-length 4 --blocks 4 --snapshots 4"

let private run =
    testList "an interrupted run" [
        test "goes on from its last step to the weights of an undisturbed one" {
            withCopy "run" (fun place ->
                let metrics = File.ReadAllLines(Path.Combine(place, "metrics.jsonl"))
                let outcome = interp [ "train"; "--resume"; place; "--json" ]
                succeeds outcome
                let json = JsonDocument.Parse(outcome.Output).RootElement

                Expect.equal
                    ((item [ "weights_sha256" ] json).GetString())
                    "a27b26604c807979db0a504ac957a7771c2f7d1c2192affe771fa6f9034db809"
                    "the weights"

                let after = File.ReadAllLines(Path.Combine(place, "metrics.jsonl"))
                Expect.equal after[.. metrics.Length - 1] metrics "what was measured stays"

                let steps = [
                    for line in after do
                        let json = JsonDocument.Parse(line).RootElement

                        match json.TryGetProperty "step", json.TryGetProperty "loss" with
                        | (true, step), (true, _) -> step.GetInt32()
                        | _ -> ()
                ]

                Expect.equal steps [ 1..400 ] "every step was trained once"

                Expect.equal
                    (File.ReadAllLines(Path.Combine(place, "learning-curve.csv")).Length)
                    401
                    "the learning curve is whole")
        }

        test "is the run of the command that began it, by the options of then, and no other" {
            withCopy "run" (fun place ->
                [ "train"; "--steps"; "401" ] @ runDescription @ [ "--out"; place ]
                |> interp
                |> refuses [ "different run"; "steps (400, not 401)" ]

                succeeds (interp ([ "train"; "--steps"; "400" ] @ runDescription @ [ "--out"; place ])))
        }
    ]

/// Columns of the tables by the names that version 0.1.0 gave them, where they have others now.
let private renamed =
    Map [ "layers", "n_layers"; "heads", "n_heads"; "vocab", "d_vocab"; "context", "n_ctx" ]

let private rows path =
    match File.ReadAllLines path |> Array.map (fun line -> line.Split ',' |> List.ofArray) |> List.ofArray with
    | header :: rows -> header, rows
    | [] -> failtest $"{path} is empty"

/// A cell's value, whatever its spelling.
let private value (cell: string) =
    match Double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture) with
    | true, number -> Choice1Of2 number
    | _ -> Choice2Of2 cell

let private study =
    testList "a half-finished study" [
        test "goes on with the items that are missing, and comes to the same values" {
            withCopy "study" (fun place ->
                let description =
                    words "--variants plain,smeared --sweep heads=2,4 --sweep vocab=10,26 --seeds 1 --steps 20"

                interp ([ "study"; "plan" ] @ description @ [ "--first-seed"; "2"; "--out"; place ])
                |> refuses [ "another study" ]

                succeeds (interp ([ "study"; "plan" ] @ description @ [ "--out"; place ]))
                let finished = content (Path.Combine(place, "items"))
                let trained = interp [ "study"; "run"; place; "--json" ]
                succeeds trained
                let count name = (JsonDocument.Parse(trained.Output).RootElement |> item [ name ]).GetInt32()
                Expect.equal (count "before", count "trained") (4, 4) "found done, and done now"
                let items = content (Path.Combine(place, "items"))

                for pair in finished do
                    Expect.equal items[pair.Key] pair.Value $"{pair.Key} stays as it is"

                Expect.isEmpty (Directory.GetFiles(place, "*.damaged", SearchOption.AllDirectories)) "set aside"
                succeeds (interp [ "study"; "merge"; place ])
                let header, table = rows (Path.Combine(place, "results.csv"))
                let oldHeader, oldTable = rows (before "study-results.csv")
                Expect.equal table.Length oldTable.Length "trainings"

                for i, name in List.indexed oldHeader do
                    let column =
                        header
                        |> List.tryFindIndex (fun now -> now = name || Some now = Map.tryFind name renamed)
                        |> Option.defaultWith (fun () -> failtest $"there is no column for {name}")

                    for row, old in List.zip table oldTable do
                        match value row[column], value old[i] with
                        // Eigenvalues are those of balanced matrices since: the same to rounding.
                        | Choice1Of2 now, Choice1Of2 before ->
                            Laws.within Tolerances.eigenvalues (1.0 + abs before) $"{name} of item {old[0]}" now before
                        | now, before -> Expect.equal now before $"{name} of item {old[0]}")
        }
    ]

let private sha256 directory name =
    (ModelFiles.read (Path.Combine(directory, $"{name}.safetensors"))).Weights
    |> Checkpoint.weightsSha256

let private reproduction =
    testList "a reproduction" [
        test "is done again in its directory, by the command that wrote it, and comes to the same models" {
            for name in Reproduced.models do
                Expect.equal (sha256 (Reproduced.directory ()) name) (sha256 (before "reproduce") name) name
        }

        test "is not replaced by another" {
            withCopy "reproduce" (fun place ->
                interp [ "reproduce"; "--all"; "--steps"; "31"; "--out"; place ] |> refuses [ "different run" ]

                Expect.equal (content place) (content (before "reproduce")) "what the directory holds")
        }
    ]

let private model =
    testList "a model" [
        test "says what it said" {
            let file = before "model.safetensors"
            let outcome = interp [ "logits"; file; "--text"; "ABCDABCDAB"; "--json" ]
            succeeds outcome

            let logits (text: string) = [|
                for position in (item [ "logits" ] (JsonDocument.Parse(text).RootElement)).EnumerateArray() do
                    for logit in position.EnumerateArray() do
                        logit.GetDouble()
            |]

            let was = logits (File.ReadAllText(before "model-logits.json"))
            Laws.close Tolerances.model "the logits" (logits outcome.Output) was
        }

        test "of every kind is read" {
            for file in Directory.GetFiles(before "", "*.safetensors", SearchOption.AllDirectories) do
                ModelFiles.read file |> ignore
        }
    ]

[<Tests>]
let tests = testList "Before" [ run; study; reproduction; model ]
