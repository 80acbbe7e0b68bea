module Interp.Properties.CommandLineTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.Processes

let private commands = [
    "reproduce"
    "train"
    "complete"
    "logits"
    "attention"
    "circuits"
    "evaluate"
    "runs"
    "compare"
]

/// Lengths along the first element of every level of nested arrays.
let rec private extents (json: JsonElement) =
    match json.ValueKind with
    | JsonValueKind.Array when json.GetArrayLength() > 0 -> json.GetArrayLength() :: extents json[0]
    | _ -> []

/// An untrained model of the study's shape.
let private model smeared =
    let study = Configuration.study
    let configuration = { study with Architecture = { study.Architecture with Smeared = smeared } }

    Checkpoint.toBytes {
        Architecture = configuration.Architecture
        BlockLength = configuration.BlockLength
        Blocks = configuration.Blocks
        Seed = configuration.Seed
        Steps = 0
        Weights = (Training.start configuration).Weights
        Moments = None
    }

let private withModel test =
    inDirectory (fun directory ->
        let file = Path.Combine(directory, "model.safetensors")
        File.WriteAllBytes(file, model true)
        test directory file)

let private help =
    testList "help" [
        test "at the top names every command" {
            let outcome = interp [ "--help" ]
            Expect.equal outcome.ExitCode 0 "exit code"
            Expect.equal outcome.Error "" "standard error"

            for command in commands do
                Expect.stringContains outcome.Output $"    {command} <options>" "command"
        }

        for command in commands do
            test $"of {command} has its arguments and examples" {
                let outcome = interp [ command; "--help" ]
                Expect.equal outcome.ExitCode 0 "exit code"
                Expect.stringContains outcome.Output $"USAGE: interp {command}" "usage"
                Expect.stringContains outcome.Output $"EXAMPLES:\n\n    interp {command}" "examples"
            }

        test "version is one line" {
            let outcome = interp [ "--version" ]
            Expect.equal outcome.ExitCode 0 "exit code"
            Expect.isTrue (Version.TryParse(outcome.Output.Trim()) |> fst) $"not a version: {outcome.Output}"
        }
    ]

let private badArguments =
    testList "bad arguments" [
        for args, parts in
            [
                [], [ "no command" ]
                [ "frobnicate" ], [ "frobnicate" ]
                [ "train" ], [ "--out"; "missing" ]
                [ "train"; "--out"; "x"; "--frobnicate" ], [ "--frobnicate" ]
                [ "train"; "--out"; "x"; "--steps" ], [ "--steps" ]
                [ "train"; "--out"; "x"; "--steps"; "many" ], [ "--steps"; "many" ]
                [ "train"; "--out"; "x"; "--steps"; "0" ], [ "--steps"; "0" ]
                [ "train"; "--out"; "x"; "--seed"; "-1" ], [ "--seed"; "-1" ]
                [ "train"; "--out"; "x"; "--heads"; "5" ], [ "5"; "32" ]
                [ "train"; "--out"; "x"; "--layers"; "9" ], [ "layers"; "9" ]
                [ "train"; "--out"; "x"; "--vocab"; "257" ], [ "vocabulary"; "257" ]
                [ "train"; "--out"; "x"; "--blocks"; "1" ], [ "blocks"; "1" ]
                [ "train"; "--out"; "x"; "--learning-rate"; "nan" ], [ "learning rate" ]
                [ "train"; "--out"; "x"; "--threads=0" ], [ "--threads"; "0" ]
                [ "reproduce"; "train" ], [ "train" ]
                [ "complete"; "m" ], [ "--prompt" ]
                [ "complete"; "--prompt"; "ABCDEF" ], [ "<model>" ]
                [ "complete"; "m"; "--prompt"; "A"; "--lenght"; "3" ], [ "--lenght" ]
                [ "circuits"; "one"; "two" ], [ "two" ]
                [ "circuits"; "m"; "--matrices" ], [ "--matrices"; "--json" ]
                [ "attention"; "m"; "--text"; "A"; "--seed"; "1" ], [ "--text"; "--seed" ]
                [ "evaluate"; "m"; "--sequences"; "0" ], [ "--sequences"; "0" ]
            ] do
            let line = String.concat " " args
            test $"interp {line}" { interp args |> refuses parts }
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
                let json = interp [ "circuits"; directory; "--json" ] |> answers [ "direct_path"; "ov"; "ov_sum" ]
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
                    |> answers [ "direct_path"; "ov"; "ov_sum" ]

                Expect.equal (extents (item [ "direct_path"; "matrix" ] json)) [ 26; 26 ] "[vocab, vocab]")
        }

        test "evaluate" {
            withModel (fun directory _ ->
                let json =
                    interp [ "evaluate"; directory; "--sequences"; "50"; "--seed"; "3"; "--json" ]
                    |> answers [
                        "sequences"
                        "loss"
                        "floor"
                        "per_position_loss"
                        "prompts"
                        "repeat_rate"
                        "from_prompt_rate"
                    ]

                Expect.equal (extents (item [ "per_position_loss" ] json)) [ 23 ] "[pos - 1]"

                let count kind = (item [ "prompts"; kind; "count" ] json).GetInt32()

                Expect.equal (count "distinct" + count "repeated") 50 "every prompt is of one kind")
        }
    ]

let private training =
    testList "train" [
        test "writes a whole run, the same on any number of threads" {
            inDirectory (fun directory ->
                let train threads =
                    let place = Path.Combine(directory, $"run{threads}")

                    let json =
                        interp [
                            "train"
                            "--smeared"
                            "--steps"
                            "3"
                            "--threads"
                            string threads
                            "--out"
                            place
                            "--json"
                        ]
                        |> answers [
                            "run"
                            "steps"
                            "loss"
                            "held_out_loss"
                            "weights_sha256"
                            "seconds"
                            "ms_per_step"
                        ]

                    let files = Directory.GetFileSystemEntries place |> Array.map Path.GetFileName |> Array.sort

                    Expect.equal
                        files
                        [|
                            "checkpoints"
                            "config.json"
                            "learning-curve.csv"
                            "lock"
                            "metrics.jsonl"
                            "model.safetensors"
                            "status"
                        |]
                        "files"

                    (item [ "weights_sha256" ] json).GetString()

                Expect.equal (train 1) (train 2) "weights"

                Expect.equal
                    (Directory.GetFileSystemEntries directory |> Array.map Path.GetFileName |> Array.sort)
                    [| "run1"; "run2" |]
                    "nothing else is left behind")
        }
    ]

let private reproduction =
    testList "reproduce" [
        test "writes the report, its pictures and both models" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")

                let json =
                    interp [ "reproduce"; "--steps"; "2"; "--out"; place; "--json" ] |> answers [ "models"; "report" ]

                let models = (item [ "models" ] json).EnumerateArray() |> Seq.toList

                Expect.equal
                    (models |> List.map (fun model -> (item [ "name" ] model).GetString()))
                    [ "plain"; "smeared" ]
                    "models"

                Expect.equal ((item [ "report" ] json).GetString()) (Path.Combine(place, "report.html")) "report"

                for name in
                    [
                        "report.html"
                        "results.json"
                        "config.json"
                        "plain.safetensors"
                        "smeared.safetensors"
                        "plain-learning-curve.csv"
                        "smeared-learning-curve.csv"
                    ] do
                    Expect.isTrue (FileInfo(Path.Combine(place, name)).Length > 0L) name

                let pictures = Directory.GetFiles(Path.Combine(place, "figures"), "*.png")
                Expect.isNonEmpty pictures "figures"

                for model in models do
                    let file = (item [ "checkpoint" ] model).GetString() |> Option.ofObj |> Option.get
                    interp [ "circuits"; file; "--json" ] |> answers [ "direct_path"; "ov"; "ov_sum" ] |> ignore)
        }

        test "interrupted leaves nothing, and says so with its exit code" {
            if OperatingSystem.IsWindows() then
                skiptest "there is no SIGINT to send"

            inDirectory (fun directory ->
                use run = start [ "reproduce"; "--steps"; "1000000"; "--out"; Path.Combine(directory, "deep", "run") ]
                let output = run.StandardOutput.ReadToEndAsync()
                // The first word of progress: training has begun.
                Expect.isNotNull (run.StandardError.ReadLine()) "progress"
                Process.Start("kill", [ "-INT"; string run.Id ]).WaitForExit()
                let error = run.StandardError.ReadToEnd()
                run.WaitForExit()
                Expect.equal run.ExitCode 130 $"exit code; the program said: {error}"
                Expect.equal output.Result "" "standard output"
                Expect.isEmpty (Directory.GetFileSystemEntries directory) "nothing is left behind")
        }
    ]

[<Tests>]
let tests =
    testList "Command line" [ help; badArguments; badModels; badTexts; answersOnModels; training; reproduction ]
