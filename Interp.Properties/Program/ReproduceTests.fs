/// `interp reproduce` and `interp train` by processes: what they write, whole or interrupted.
module Interp.Properties.ReproduceTests

open System
open System.IO
open System.Text.Json
open Expecto
open Interp.Properties.Processes

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
        test "writes the report, its pictures and the models" {
            let place = Reproduced.directory ()
            let json = Reproduced.outcome () |> answers [ "models"; "report"; "timings" ]
            Expect.equal ((item [ "report" ] json).GetString()) (Path.Combine(place, "report.html")) "report"
            let models = (item [ "models" ] json).EnumerateArray() |> Seq.toList

            Expect.equal
                (models |> List.map (fun model -> (item [ "name" ] model).GetString()))
                Reproduced.models
                "models"

            Expect.equal
                (models |> List.map (fun model -> (item [ "checkpoint" ] model).GetString()))
                [ for name in Reproduced.models -> Path.Combine(place, name + ".safetensors") ]
                "where they are"

            for name in
                [
                    "report.html"
                    "results.json"
                    "config.json"
                    for model in Reproduced.models do
                        $"{model}.safetensors"
                        $"{model}-learning-curve.csv"
                ] do
                Expect.isTrue (FileInfo(Path.Combine(place, name)).Length > 0L) name
        }

        test "says how long each stage took, on the console and in results.json" {
            let json = Reproduced.outcome () |> answers [ "models"; "report"; "timings" ]

            let written =
                JsonDocument.Parse(File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json"))).RootElement

            let seconds path root = [
                for stage in (item path root).EnumerateObject() -> stage.Name, stage.Value.GetDouble()
            ]

            for root in [ json; written ] do
                let times = seconds [ "timings" ] root @ seconds [ "timings" ] (nth 2 [ "models" ] root)
                Expect.isTrue (times |> List.forall (fun (_, time) -> time > 0.0)) $"%A{times}"

            let all = Map.ofList (seconds [ "timings" ] (nth 2 [ "models" ] written))

            let parts =
                [ "measurement"; "null"; "ablation"; "explanation" ]
                |> List.sumBy (fun stage -> all[stage + "_seconds"])

            Expect.isLessThanOrEqual parts all["analysis_seconds"] "stages of the analysis"
            Expect.equal (seconds [ "timings" ] json) (seconds [ "timings" ] written) "the same in both"
        }

        test "of the model of two layers has its chapter" {
            let json = Reproduced.outcome () |> answers [ "models"; "report"; "timings" ]
            let model = nth 2 [ "models" ] json
            Expect.equal (extents (item [ "composition"; "scores" ] model)) [ 48 ] "composition"
            Expect.equal (extents (item [ "ablations" ] model)) [ 2 ] "ablations"
            let page = File.ReadAllText(Path.Combine(Reproduced.directory (), "report.html"))
            Expect.stringContains page "<section id=\"composition\">" "the chapter"
        }

        test "interrupted leaves nothing, and says so with its exit code" {
            needsSignals ()

            inDirectory (fun directory ->
                use run = start [ "reproduce"; "--steps"; "1000000"; "--out"; Path.Combine(directory, "deep", "run") ]
                // The first word of progress: training has begun.
                Expect.isNotNull (run.StandardError.ReadLine()) "progress"
                signal "INT" run
                let outcome = finish run
                Expect.equal outcome.ExitCode 130 $"exit code; the program said: {outcome.Error}"
                Expect.equal outcome.Output "" "standard output"
                Expect.isEmpty (Directory.GetFileSystemEntries directory) "nothing is left behind")
        }
    ]

[<Tests>]
let tests = testList "Command line" [ training; reproduction ]
