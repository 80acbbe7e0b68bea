/// What the program says of bad input, and the JSON of its commands on one model.
module Interp.Properties.CommandLineTests

open System
open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

let private program =
    testList "the program" [
        test "refuses bad arguments in a line of standard error" {
            interp [ "train"; "--out"; "x"; "--steps"; "many" ] |> refuses [ "--steps"; "many" ]
        }

        test
            "prints help and nothing else, in 80 columns where nobody knows how many there are, or in as many as COLUMNS says" {
            for words, environment, width in
                [
                    [], [ "COLUMNS", "" ], 80
                    [ "help" ], [ "COLUMNS", "none" ], 80
                    [ "-h" ], [ "COLUMNS", "133" ], 133
                ] do
                let outcome = interpWith environment words
                succeeds outcome
                Expect.equal outcome.Error "" "standard error"
                Expect.equal (outcome.Output.TrimEnd()) (Options.helpIn width [ "help" ]) $"{width} columns"
        }

        test "has a version, which is one line" {
            let outcome = interp [ "--version" ]
            succeeds outcome
            Expect.isTrue (Version.TryParse(outcome.Output.Trim()) |> fst) $"not a version: {outcome.Output}"
        }
    ]

let private badModels =
    testList "bad model files" [
        test "a file that is not there" {
            interp [ "circuits"; "nowhere.safetensors" ] |> refuses [ "nowhere.safetensors"; "no such file" ]
        }

        for length in [ 0; 7; 100; 5_000 ] do
            test $"a file cut off after {length} bytes" {
                withModel (fun _ file ->
                    File.WriteAllBytes(file, (File.ReadAllBytes file)[.. length - 1])
                    interp [ "circuits"; file ] |> refuses [ file ])
            }

        test "a file of another kind" {
            withModel (fun _ file ->
                File.WriteAllText(file, "It was a dark and stormy night; the rain fell in torrents.")
                interp [ "evaluate"; file ] |> refuses [ file ])
        }

        test "a model of another kind" {
            withModel (fun _ file ->
                let tensors = [ "transformer.wte.weight", Tensor.ofArray [ 2; 2 ] [| 1.0f; 2.0f; 3.0f; 4.0f |] ]
                File.WriteAllBytes(file, Safetensors.write [] tensors)
                interp [ "logits"; file; "--text"; "A" ] |> refuses [ file; "n_layers" ])
        }

        test "a directory without a model" {
            inDirectory (fun directory ->
                interp [ "circuits"; directory ] |> refuses [ directory; "model.safetensors" ])
        }

        test "a run without snapshots has no development" {
            interp [ "develop"; "nowhere" ] |> refuses [ "nowhere"; "--snapshots" ]
        }

        test "a directory of several models names them" {
            inDirectory (fun directory ->
                for name in [ "plain"; "smeared" ] do
                    File.WriteAllBytes(Path.Combine(directory, name + ".safetensors"), model (name = "smeared"))

                interp [ "circuits"; directory ]
                |> refuses [
                    Path.Combine(directory, "plain.safetensors")
                    Path.Combine(directory, "smeared.safetensors")
                ])
        }
    ]

let private badTexts =
    testList "bad texts" [
        for args, parts in
            [
                [ "logits"; "--text"; "AB?" ], [ "AB?"; "'?'" ]
                [ "logits"; "--text"; "" ], [ "--text"; "empty" ]
                [ "logits"; "--text"; String('A', 25) ], [ "25"; "24" ]
                [ "complete"; "--prompt"; String('A', 24) ], [ "24" ]
                [ "complete"; "--prompt"; "ABC"; "--length"; "25" ], [ "25"; "24" ]
                [ "complete"; "--prompt"; "ABC"; "--length"; "3" ], [ "ABC"; "3" ]
            ] do
            let line = String.concat " " args

            test $"interp {line}" {
                withModel (fun directory _ -> interp (args.Head :: directory :: args.Tail) |> refuses parts)
            }

        test "a run directory that is a file" {
            withModel (fun _ file -> interp [ "train"; "--out"; file ] |> refuses [ "--out"; file ])
        }
    ]

let private answersOnModels =
    testList "JSON" [
        test "complete" {
            withModel (fun directory _ ->
                let json =
                    interp [ "complete"; directory; "--prompt"; "ABCDEFA"; "QWERTYX"; "--json" ]
                    |> answers [ "completions" ]

                Expect.equal (extents (item [ "completions" ] json)) [ 2 ] "a completion a prompt"
                let first, second = (item [ "completions" ] json)[0], (item [ "completions" ] json)[1]

                Expect.equal
                    (first.EnumerateObject() |> Seq.map _.Name |> Seq.toList)
                    [ "prompt"; "completion"; "expected" ]
                    "members"

                Expect.equal ((item [ "completion" ] first).GetString().Length) 17 "up to the context"
                Expect.equal ((item [ "expected" ] first).GetString()) "BCDEFABCDEFABCDEF" "the repetition"
                Expect.equal (item [ "expected" ] second).ValueKind JsonValueKind.Null "no repetition")
        }

        test "logits" {
            withModel (fun directory _ ->
                let json =
                    interp [ "logits"; directory; "--text"; "ABCDEFA"; "--json" ] |> answers [ "text"; "logits" ]

                Expect.equal ((item [ "text" ] json).GetString()) "ABCDEFA" "text"
                Expect.equal (extents (item [ "logits" ] json)) [ 7; 26 ] "[pos, vocab]")
        }

        test "attention to a text" {
            withModel (fun directory _ ->
                let json = interp [ "attention"; directory; "--text"; "ABCDE"; "--json" ] |> answers [ "patterns" ]
                Expect.equal (extents (item [ "patterns" ] json)) [ 1; 4; 5; 5 ] "[layer, head, pos, key_pos]")
        }

        test "attention to random sequences" {
            withModel (fun directory _ ->
                let json = interp [ "attention"; directory; "--sequences"; "20"; "--json" ] |> answers [ "patterns" ]
                Expect.equal (extents (item [ "patterns" ] json)) [ 1; 4; 24; 24 ] "[layer, head, pos, key_pos]")
        }

        test "circuits" {
            withModel (fun directory _ ->
                let json =
                    interp [ "circuits"; directory; "--json" ] |> answers [ "direct_path"; "ov"; "ov_sum"; "qk" ]

                Expect.equal (extents (item [ "direct_path"; "eigenvalues" ] json)) [ 26; 2 ] "[vocab, re and im]"
                Expect.equal (extents (item [ "ov" ] json)) [ 4 ] "heads"

                Expect.equal
                    ((item [ "ov" ] json).EnumerateArray() |> Seq.head |> item [ "eigenvalues" ] |> extents)
                    [ 8; 2 ]
                    "[d_head, re and im]"

                Expect.equal (extents (item [ "ov_sum" ] json)) [ 1 ] "layers")
        }

        test "circuits with their matrices" {
            withModel (fun directory _ ->
                let json =
                    interp [ "circuits"; directory; "--matrices"; "--json" ]
                    |> answers [ "direct_path"; "ov"; "ov_sum"; "qk" ]

                Expect.equal (extents (item [ "direct_path"; "matrix" ] json)) [ 26; 26 ] "[vocab, vocab]")
        }

        test "evaluate" {
            withModel (fun directory _ ->
                let json =
                    interp [ "evaluate"; directory; "--sequences"; "50"; "--seed"; "3"; "--json" ]
                    |> answers [
                        "sequences"
                        "loss"
                        "loss_standard_error"
                        "floor"
                        "accuracy"
                        "accuracy_standard_error"
                        "per_position_loss"
                        "prompts"
                        "repeat_rate"
                        "repeat_rate_standard_error"
                        "from_prompt_rate"
                        "from_prompt_rate_standard_error"
                        "task"
                    ]

                Expect.equal (extents (item [ "per_position_loss" ] json)) [ 23 ] "[pos - 1]"

                let count kind = (item [ "prompts"; kind; "count" ] json).GetInt32()

                Expect.equal (count "distinct" + count "repeated") 50 "every prompt is of one kind")
        }
    ]

[<Tests>]
let tests = testList "Command line" [ program; badModels; badTexts; answersOnModels ]
