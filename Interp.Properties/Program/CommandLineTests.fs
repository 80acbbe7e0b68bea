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
    "ablate"
    "compose"
    "heads"
    "attribute"
    "patch"
    "lens"
    "develop"
    "study"
]

/// Lengths along the first element of every level of nested arrays.
let rec private extents (json: JsonElement) =
    match json.ValueKind with
    | JsonValueKind.Array when json.GetArrayLength() > 0 -> json.GetArrayLength() :: extents json[0]
    | _ -> []

/// An untrained model of the study's shape with some layers.
let private modelOf layers smeared =
    let study = Configuration.study
    let configuration = { study with Architecture = { study.Architecture with NLayers = layers; Smeared = smeared } }

    Checkpoint.toBytes {
        Architecture = configuration.Architecture
        Task = configuration.Task
        Seed = configuration.Seed
        Steps = 0
        Weights = (Training.start configuration).Weights
        Moments = None
    }

let private model smeared = modelOf 1 smeared

/// Runs a test on the file of an untrained model of two layers.
let private withTwoLayers test =
    inDirectory (fun directory ->
        let file = Path.Combine(directory, "two.safetensors")
        File.WriteAllBytes(file, modelOf 2 false)
        test directory file)

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
                [ "train"; "--out"; "x"; "--layers"; "9" ], [ "--n-layers"; "9" ]
                [ "train"; "--out"; "x"; "--vocab"; "257" ], [ "--d-vocab"; "257" ]
                [ "train"; "--out"; "x"; "--blocks"; "1" ], [ "blocks"; "1" ]
                [ "train"; "--out"; "x"; "--learning-rate"; "nan" ], [ "learning-rate" ]
                [ "train"; "--out"; "x"; "--threads=0" ], [ "--threads"; "0" ]
                [ "reproduce"; "train" ], [ "train" ]
                [ "complete"; "m" ], [ "--prompt" ]
                [ "complete"; "--prompt"; "ABCDEF" ], [ "<model>" ]
                [ "complete"; "m"; "--prompt"; "A"; "--lenght"; "3" ], [ "--lenght" ]
                [ "circuits"; "one"; "two" ], [ "two" ]
                [ "circuits"; "m"; "--matrices" ], [ "--matrices"; "--json" ]
                [ "attention"; "m"; "--text"; "A"; "--seed"; "1" ], [ "--text"; "--seed" ]
                [ "evaluate"; "m"; "--sequences"; "0" ], [ "--sequences"; "0" ]
                [ "reproduce"; "--layers"; "3" ], [ "--n-layers"; "3" ]
                [ "reproduce"; "--layers"; "2"; "--all" ], [ "--n-layers"; "--all" ]
                [ "train"; "--out"; "x"; "--steps"; "5"; "--snapshots"; "6" ], [ "--snapshots"; "5"; "6" ]
                [ "ablate"; "m"; "--mode"; "gently" ], [ "gently" ]
                [ "logits"; "m"; "--text"; "A"; "--intervene"; "smash 0.1" ], [ "--intervene"; "smash 0.1" ]
                [ "patch"; "m"; "--clean"; "AB" ], [ "--corrupt" ]
                [ "develop"; "nowhere" ], [ "nowhere"; "--snapshots" ]
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

/// An element of the array at a path.
let private nth index path json = (item path json: JsonElement)[index]

let private members (json: JsonElement) = json.EnumerateObject() |> Seq.map _.Name |> Seq.toList

let private baseline = [ "mean"; "std"; "p025"; "p975" ]

let private apart =
    testList "taking models apart" [
        test "ablate" {
            withTwoLayers (fun directory file ->
                let json =
                    interp [ "ablate"; file; "--sequences"; "20"; "--json" ] |> answers [ "mode"; "baseline"; "heads" ]

                Expect.equal ((item [ "mode" ] json).GetString()) "zero" "mode"
                Expect.equal (extents (item [ "heads" ] json)) [ 8 ] "heads"
                Expect.equal (members (nth 0 [ "heads" ] json)) [ "layer"; "head"; "loss"; "first_order" ] "a head"
                let pictures = Path.Combine(directory, "pictures")

                let json =
                    interp [
                        "ablate"
                        file
                        "--mode"
                        "resample"
                        "--sequences"
                        "20"
                        "--pairs"
                        "--out"
                        pictures
                        "--json"
                    ]
                    |> answers [ "mode"; "baseline"; "heads"; "pairs"; "pictures" ]

                Expect.equal (members (nth 0 [ "heads" ] json)) [ "layer"; "head"; "loss" ] "a head"
                Expect.equal (extents (item [ "pairs" ] json)) [ 28 ] "pairs of eight heads"
                Expect.equal (Directory.GetFiles pictures).Length 2 "pictures")
        }

        test "compose" {
            withTwoLayers (fun _ file ->
                let json = interp [ "compose"; file; "--sequences"; "20"; "--json" ] |> answers [ "scores"; "paths" ]
                Expect.equal (extents (item [ "scores" ] json)) [ 48 ] "three kinds of sixteen pairs"
                let score = nth 0 [ "scores" ] json

                Expect.equal
                    (members score)
                    [
                        "kind"
                        "from"
                        "to"
                        "score"
                        "baseline"
                        "standing"
                        "eigenvalue_score"
                        "eigenvalue_baseline"
                        "eigenvalue_standing"
                    ]
                    "a score"

                Expect.equal ((item [ "kind" ] score).GetString()) "K" "kind"
                Expect.equal (members (item [ "from" ] score)) [ "layer"; "head" ] "from"
                Expect.equal (members (item [ "baseline" ] score)) baseline "baseline"

                Expect.equal
                    ((item [ "paths" ] json).EnumerateArray()
                     |> Seq.map (fun path -> (item [ "name" ] path).GetString())
                     |> Seq.toList)
                    [ "direct"; "direct+k"; "direct+q"; "direct+kq"; "full" ]
                    "paths"

                let loss i = (nth i [ "paths" ] json |> item [ "loss" ]).GetDouble()
                Expect.equal (loss 3) (loss 4) "nothing cut is the whole model")
        }

        test "compose refuses one layer" {
            withModel (fun _ file -> interp [ "compose"; file ] |> refuses [ file; "one layer" ])
        }

        test "heads" {
            withTwoLayers (fun _ file ->
                let json =
                    interp [ "heads"; file; "--sequences"; "20"; "--json" ]
                    |> answers [ "sequences"; "seed"; "heads"; "in_context_learning" ]

                Expect.equal (extents (item [ "heads" ] json)) [ 8 ] "heads"
                let head = nth 0 [ "heads" ] json
                Expect.equal (members head) [ "layer"; "head"; "copying"; "blocks" ] "a head"
                Expect.equal (members (item [ "copying" ] head)) [ "score"; "baseline"; "standing" ] "a score"
                Expect.equal (extents (item [ "blocks" ] head)) [ 6 ] "block lengths")
        }

        test "attribute adds up" {
            withTwoLayers (fun _ file ->
                let json =
                    interp [ "attribute"; file; "--text"; "ABCDEFA"; "--position"; "5"; "--json" ]
                    |> answers [ "text"; "position"; "logits"; "direct"; "paths" ]

                Expect.equal (extents (item [ "direct" ] json)) [ 9 ] "the direct path and eight heads"
                Expect.equal (extents (item [ "paths" ] json)) [ 25 ] "paths"
                let numbers json = (item [ "logits" ] json).EnumerateArray() |> Seq.map _.GetDouble() |> Seq.toArray

                for terms in [ "direct"; "paths" ] do
                    let sum = (item [ terms ] json).EnumerateArray() |> Seq.map numbers |> Seq.reduce (Array.map2 (+))
                    Laws.close Tolerances.model terms sum (numbers json))
        }

        test "patch" {
            withTwoLayers (fun _ file ->
                let patch rest = interp ([ "patch"; file; "--clean"; "ABCABC"; "--corrupt" ] @ rest)

                let json =
                    patch [ "ABDABD"; "--answer"; "A"; "--wrong"; "B"; "--json" ]
                    |> answers [
                        "clean"
                        "corrupt"
                        "answer"
                        "wrong"
                        "clean_difference"
                        "corrupt_difference"
                        "sites"
                    ]

                Expect.equal (extents (item [ "sites" ] json)) [ 43 ] "three streams and five sites of eight heads"
                let site = nth 42 [ "sites" ] json
                Expect.equal (members site) [ "site"; "kind"; "layer"; "head"; "restored" ] "a site"
                Expect.equal ((item [ "site" ] site).GetString()) "z 1.3" "the last"
                Expect.equal (extents (item [ "restored" ] site)) [ 6 ] "positions"
                patch [ "ABD" ] |> refuses [ "--clean"; "6"; "3" ]
                patch [ "ABDABD"; "--answer"; "A"; "--wrong"; "A" ] |> refuses [ "A" ]
                patch [ "ABDABD"; "--answer"; "AB" ] |> refuses [ "--answer"; "one letter" ])
        }

        test "lens" {
            withTwoLayers (fun directory file ->
                let pictures = Path.Combine(directory, "pictures")

                let json =
                    interp [ "lens"; file; "--text"; "ABCDE"; "--out"; pictures; "--json" ]
                    |> answers [ "text"; "layers"; "pictures" ]

                Expect.equal (extents (item [ "layers" ] json)) [ 3 ] "two layers, and behind them"
                Expect.equal (extents (nth 0 [ "layers" ] json |> item [ "logits" ])) [ 5; 26 ] "[pos, vocab]"
                Expect.equal (Directory.GetFiles pictures).Length 1 "pictures")
        }

        test "interventions are stored beside what they led to" {
            withTwoLayers (fun _ file ->
                let json =
                    interp [
                        "logits"
                        file
                        "--text"
                        "AB"
                        "--intervene"
                        "zero 0.1"
                        "--intervene"
                        "cut 0.2 -> 1.3.k"
                        "--json"
                    ]
                    |> answers [ "text"; "logits"; "interventions" ]

                Expect.equal
                    ((item [ "interventions" ] json).EnumerateArray() |> Seq.map _.GetString() |> Seq.toList)
                    [ "zero 0.1"; "cut 0.2 -> 1.3.k" ]
                    "interventions"

                interp [ "complete"; file; "--prompt"; "AB"; "--intervene"; "freeze 1.0"; "--json" ]
                |> answers [ "completions"; "interventions" ]
                |> ignore

                interp [ "logits"; file; "--text"; "AB"; "--intervene"; "zero 2.0" ]
                |> refuses [ "--intervene"; "2.0" ]

                interp [ "evaluate"; file; "--sequences"; "5"; "--intervene"; "patch z 0.1 from AB" ]
                |> refuses [ "--intervene"; "AB" ])
        }

        test "snapshots of a run, and how its scores developed" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")

                let train =
                    interp [
                        "train"
                        "--layers"
                        "2"
                        "--steps"
                        "20"
                        "--batch"
                        "16"
                        "--snapshots"
                        "4"
                        "--out"
                        place
                        "--json"
                    ]

                Expect.equal train.ExitCode 0 $"exit code; the program said: {train.Error}"

                Expect.equal
                    (Directory.GetFiles(Path.Combine(place, "snapshots"), "*.safetensors")
                     |> Array.map Path.GetFileName
                     |> Array.sort)
                    [| for step in [ 1; 3; 7; 20 ] -> $"step-{step:D5}.safetensors" |]
                    "log-spaced"

                Expect.equal
                    (File.ReadAllBytes(Path.Combine(place, "snapshots", "step-00020.safetensors")))
                    (File.ReadAllBytes(Path.Combine(place, "model.safetensors")))
                    "the last snapshot is the model"

                interp [
                    "train"
                    "--layers"
                    "2"
                    "--steps"
                    "20"
                    "--batch"
                    "16"
                    "--snapshots"
                    "5"
                    "--out"
                    place
                ]
                |> refuses [ "4 snapshots"; "5" ]

                let json =
                    interp [ "develop"; place; "--sequences"; "20"; "--json" ]
                    |> answers [ "run"; "baselines"; "snapshots"; "pictures" ]

                Expect.equal
                    ((item [ "snapshots" ] json).EnumerateArray()
                     |> Seq.map (fun s -> (item [ "step" ] s).GetInt32())
                     |> Seq.toList)
                    [ 1; 3; 7; 20 ]
                    "steps"

                let snapshot = nth 0 [ "snapshots" ] json
                Expect.equal (extents (item [ "ov" ] snapshot)) [ 8 ] "OV scores"
                Expect.equal (extents (item [ "composition" ] snapshot)) [ 48 ] "compositions"
                Expect.equal (members (item [ "baselines"; "ov" ] json)) baseline "baseline"

                for picture in (item [ "pictures" ] json).EnumerateArray() do
                    let file = picture.GetString() |> Option.ofObj |> Option.get
                    Expect.isTrue (FileInfo(file).Length > 0L) file)
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

        test "of the model of two layers has its chapter" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")

                let json =
                    interp [ "reproduce"; "--layers"; "2"; "--steps"; "2"; "--out"; place; "--json" ]
                    |> answers [ "models"; "report" ]

                let model = (item [ "models" ] json)[0]
                Expect.equal ((item [ "name" ] model).GetString()) "two_layer" "model"
                Expect.equal (extents (item [ "composition"; "scores" ] model)) [ 48 ] "composition"
                Expect.equal (extents (item [ "ablations" ] model)) [ 2 ] "ablations"
                let page = File.ReadAllText(Path.Combine(place, "report.html"))
                Expect.stringContains page "<section id=\"composition\">" "the chapter"

                for figure in
                    [ "two_layer-composition-paths"; "two_layer-composition-k"; "two_layer-composition-eigenvalues-k" ] do
                    Expect.isTrue (File.Exists(Path.Combine(place, "figures", figure + ".png"))) figure)
        }
    ]

[<Tests>]
let tests =
    testList "Command line" [ help; badArguments; badModels; badTexts; answersOnModels; apart; training; reproduction ]
