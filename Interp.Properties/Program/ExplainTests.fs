/// `interp explain` on small models of many kinds.
module Interp.Properties.ExplainTests

open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

let private few = [ "--sequences"; "20"; "--threads"; "1" ]

let private keys = [ "model"; "explanations"; "ladder"; "letters" ]

/// A small model of the study's task, trained for a step.
let private trained directory (more: string list) =
    let run = Path.Combine(directory, "run")


    let options =
        [ "--task", "repeat 3 x3 of 5"; "--d-model", "8"; "--d-head", "4"; "--n-heads", "2" ]
        |> List.filter (fun (option, _) -> not (List.contains option more))
        |> List.collect (fun (option, value) -> [ option; value ])

    let short = [ "--steps"; "1"; "--batch"; "4"; "--threads"; "1" ]
    succeeds (interp ([ "train"; "--out"; run ] @ options @ short @ more))
    run

let private list key (json: JsonElement) = (item [ key ] json).EnumerateArray() |> Seq.toList
let private number key (json: JsonElement) = (item [ key ] json).GetDouble()
let private text key (json: JsonElement) = (item [ key ] json).GetString() |> Option.ofObj |> Option.get

[<Tests>]
let tests =
    testList "Explain" [
        test "without --with: the author's, single forms, and the ladder from the exact model down" {
            inDirectory (fun directory ->
                let run = trained directory []
                let json = interp ([ "explain"; run; "--json" ] @ few) |> answers keys
                let first = List.head (list "explanations" json)
                Expect.equal (text "name" first) "the author's: copying the last letters" "the first"
                let ladder = list "ladder" json
                let numbers = ladder |> List.map (number "numbers")
                Expect.equal numbers (List.sortDescending numbers) "fewer and fewer"
                Expect.equal numbers[0] (number "numbers" (item [ "model" ] json)) "all of the model's"
                Expect.isGreaterThan (number "explained" ladder[0]) 0.999 "the exact model"
                Expect.equal (text "explanation" ladder[0]) "exact" "the first rung"
                let shown = interp ([ "explain"; run ] @ few)
                succeeds shown

                for words in [ "single forms"; "the ladder"; "letters that each head looks for"; "numbers; explains" ] do
                    Expect.stringContains shown.Output words "what is shown")
        }

        test "each --with is one explanation, in its order and as it was given, with its pictures" {
            inDirectory (fun directory ->
                let run = trained directory [ "--smear"; "keys" ]
                let pictures = Path.Combine(directory, "pictures")
                let texts = [ "attention 0.*  positions"; "direct   nothing; ov 0.* nothing" ]
                let asked = texts |> List.collect (fun text -> [ "--with"; text ])

                let json =
                    interp ([ "explain"; run; "--json"; "--out"; pictures ] @ asked @ few)
                    |> answers (keys @ [ "pictures" ])

                Expect.equal (list "explanations" json |> List.map (text "explanation")) texts "in their order"
                Expect.isEmpty (list "ladder" json) "no ladder"
                let nothing = (list "explanations" json)[1]
                Expect.isLessThan (abs (number "explained" nothing)) 1e-6 "what says nothing"
                Expect.isNonEmpty (list "notes" nothing) "why there is no null"
                Expect.equal (item [ "null"; "kl" ] nothing).ValueKind JsonValueKind.Null "nothing by letter"

                Expect.equal
                    (Directory.GetFiles pictures |> Array.map Path.GetFileName |> Array.sort)
                    [| "explain-ladder.png"; "explain-letters.png"; "explain-positions.png" |]
                    "pictures")
        }

        for kind, more, isTold in
            [
                "without layers", [ "--n-layers"; "0" ], false
                "of three layers of one head", [ "--n-layers"; "3"; "--n-heads"; "1" ], false
                "with smeared queries", [ "--smear"; "queries" ], false
                "with rotary positions", [ "--positions"; "rotary" ], true
                "of another task", [ "--task"; "sort 3 of 5" ], true
            ] do
            test $"a model {kind}" {
                inDirectory (fun directory ->
                    let run = trained directory more
                    let json = interp ([ "explain"; run; "--json" ] @ few) |> answers keys
                    Expect.isNonEmpty (list "ladder" json) "rungs"
                    let shown = interp ([ "explain"; run ] @ few)
                    succeeds shown

                    Expect.equal
                        (shown.Output.Contains "author has explained no model of this kind")
                        (not isTold)
                        "whether there is nothing of the author's")
            }

        test "what does not fit is refused in a sentence" {
            let file = reference "plain_s11.safetensors"
            let explain text = interp ([ "explain"; file; "--task"; "repeat 6"; "--with"; text ] @ few)
            explain "attention 0.7 uniform" |> refuses [ "--with"; "0.7" ]
            explain "ov 1.0 nothing" |> refuses [ "--with"; "1.0" ]
            interp ([ "explain"; file; "--task"; "max 4 of 64" ] @ few) |> refuses [ "max 4 of 64" ]
        }
    ]
