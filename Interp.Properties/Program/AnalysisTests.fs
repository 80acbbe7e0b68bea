/// The commands that take a model apart: what they print with `--json`, and the pictures they draw.
module Interp.Properties.AnalysisTests

open System.IO
open Expecto
open Interp
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

let private distribution = [ "samples"; "mean"; "std"; "p025"; "p975" ]

let private compared = [ "score"; "null"; "standing" ]

[<Tests>]
let tests =
    testList "Analysis commands" [
        test "a model without layers is asked what makes sense, and the rest is refused in a sentence" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "bigrams.safetensors")

                let a = { Configuration.study.Architecture with NLayers = 0; Positions = Positions.Standard }
                File.WriteAllBytes(file, ofArchitecture a)
                let few = [ "--sequences"; "20" ]

                for command in [ [ "heads" ]; [ "attention" ]; [ "compose" ] ] do
                    interp (command @ [ file ] @ few) |> refuses [ file; "no layers" ]

                interp [ "logits"; file; "--text"; "AB"; "--intervene"; "zero 0.0" ] |> refuses [ "no layers" ]
                let ablation = interp ([ "ablate"; file ] @ few)
                succeeds ablation
                Expect.stringContains ablation.Output "nothing to ablate" "what is said"

                let terms =
                    interp [ "attribute"; file; "--text"; "ABC"; "--json" ]
                    |> answers [ "text"; "position"; "logits"; "direct"; "paths" ]

                for key in [ "direct"; "paths" ] do
                    let sources = [
                        for term in (item [ key ] terms).EnumerateArray() -> string (item [ "source" ] term)
                    ]

                    Expect.equal sources [ "embedding"; "positions" ] key

                let circuits = interp [ "circuits"; file; "--json" ] |> answers [ "direct_path"; "ov"; "ov_sum"; "qk" ]
                Expect.equal ((item [ "qk" ] circuits).GetArrayLength()) 0 "no heads"

                for command in
                    [
                        [ "evaluate"; file ] @ few
                        [ "complete"; file; "--prompt"; "ABCDEF" ]
                        [ "lens"; file; "--text"; "ABC" ]
                        [ "patch"; file; "--clean"; "ABC"; "--corrupt"; "ABD"; "--answer"; "A"; "--wrong"; "B" ]
                    ] do
                    succeeds (interp command)

                let run = Path.Combine(directory, "run")
                let few = [ "--steps"; "4"; "--batch"; "4"; "--snapshots"; "2"; "--threads"; "1" ]
                succeeds (interp ([ "train"; "--n-layers"; "0"; "--out"; run ] @ few))

                let develops =
                    interp [ "develop"; run; "--sequences"; "20"; "--json" ]
                    |> answers [ "run"; "nulls"; "snapshots"; "explained_from"; "pictures" ]

                Expect.equal (item [ "nulls"; "ov" ] develops).ValueKind System.Text.Json.JsonValueKind.Null "no heads"
                let figure = Path.Combine(directory, "curves.png")
                succeeds (interp [ "compare"; run; run; "--sequences"; "20"; "--figure"; figure ]))
        }

        test "a model of many layers, rotary positions and smeared queries is taken apart as any other" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "deep.safetensors")

                let a = {
                    Configuration.study.Architecture with
                        NLayers = 5
                        NHeads = 3
                        DHead = 4
                        Positions = Positions.Rotary
                        Smear = Smear.Queries
                }

                File.WriteAllBytes(file, ofArchitecture a)
                let few = [ "--sequences"; "20"; "--json" ]

                let ablated =
                    interp ([ "ablate"; file ] @ few) |> answers [ "mode"; "sequences"; "seed"; "whole"; "heads" ]

                Expect.equal (extents (item [ "heads" ] ablated)) [ 15 ] "heads"
                let composed = interp ([ "compose"; file ] @ few) |> answers [ "sequences"; "seed"; "scores"; "paths" ]
                Expect.equal (extents (item [ "scores" ] composed)) [ 270 ] "three kinds of ninety pairs"
                let looked = interp ([ "attention"; file ] @ few) |> answers [ "patterns" ]
                Expect.equal (extents (item [ "patterns" ] looked)) [ 5; 3; 24; 24 ] "patterns"
                let circuits = interp [ "circuits"; file; "--json" ] |> answers [ "direct_path"; "ov"; "ov_sum"; "qk" ]
                Expect.equal (extents (item [ "qk" ] circuits)) [ 15 ] "heads"
                Expect.equal (members (nth 0 [ "qk" ] circuits)) [ "layer"; "head"; "by_offset" ] "a head"

                Expect.equal
                    (extents (item [ "by_offset" ] (nth 0 [ "qk" ] circuits)))
                    [ 12 ]
                    "half as many as positions")
        }

        test "ablate" {
            withTwoLayers (fun directory file ->
                let json =
                    interp [ "ablate"; file; "--sequences"; "20"; "--json" ]
                    |> answers [ "mode"; "sequences"; "seed"; "whole"; "heads" ]

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
                    |> answers [ "mode"; "sequences"; "seed"; "whole"; "heads"; "pairs"; "pictures" ]

                Expect.equal (members (nth 0 [ "heads" ] json)) [ "layer"; "head"; "loss" ] "a head"
                Expect.equal (extents (item [ "pairs" ] json)) [ 28 ] "pairs of eight heads"
                Expect.equal (Directory.GetFiles pictures).Length 2 "pictures")
        }

        test "compose" {
            withTwoLayers (fun _ file ->
                let json =
                    interp [ "compose"; file; "--sequences"; "20"; "--json" ]
                    |> answers [ "sequences"; "seed"; "scores"; "paths" ]

                Expect.equal (extents (item [ "scores" ] json)) [ 48 ] "three kinds of sixteen pairs"
                let score = nth 0 [ "scores" ] json

                Expect.equal (members score) [ "kind"; "from"; "to"; "norms"; "eigenvalues" ] "a score"

                Expect.equal ((item [ "kind" ] score).GetString()) "K" "kind"
                Expect.equal (members (item [ "from" ] score)) [ "layer"; "head" ] "from"
                Expect.equal (members (item [ "norms" ] score)) compared "norms"
                Expect.equal (members (item [ "eigenvalues"; "null" ] score)) distribution "of random weights"

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
                Expect.equal (members (item [ "copying" ] head)) compared "a score"
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

        test "every command draws its main picture, and all of them into a directory" {
            withTwoLayers (fun directory file ->
                let text = [ "--text"; "ABCDEF" ]
                let few = [ "--sequences"; "20" ]

                for number, (command, rest, least) in
                    List.indexed [
                        "attention", text, 9
                        "attention", few, 11
                        "logits", text, 2
                        "circuits", [], 23
                        "complete", [ "--prompt"; "ABCABC"; "AB" ], 3
                        "evaluate", few, 2
                        "attribute", text, 2
                        "lens", text, 1
                        "ablate", few, 1
                        "compose", few, 3
                        "patch", [ "--clean"; "ABCA"; "--corrupt"; "ABDA"; "--answer"; "A"; "--wrong"; "B" ], 6
                    ] do
                    let ending = [ "svg"; "png"; "pdf" ][number % 3]
                    let picture = Path.Combine(directory, $"{command}-{number}.{ending}")
                    let all = Path.Combine(directory, $"{command}-{number}")
                    let outcome = interp (command :: file :: rest @ [ "--picture"; picture; "--out"; all; "--json" ])
                    succeeds outcome
                    let json = System.Text.Json.JsonDocument.Parse(outcome.Output).RootElement

                    let written = [ for path in (item [ "pictures" ] json).EnumerateArray() -> string path ]

                    Expect.equal written.Head picture $"{command}: the main one first"
                    Expect.isGreaterThanOrEqual written.Length (least + 1) $"{command}: all"

                    for path in written do
                        Expect.isTrue (FileInfo(path).Length > 0L) path

                    let begins =
                        if ending = "svg" then "<"
                        elif ending = "png" then "\u0089PNG"
                        else "%PDF"

                    let start = File.ReadAllBytes(picture)[.. begins.Length - 1]
                    Expect.equal start (begins |> Seq.map byte |> Array.ofSeq) $"{command}: what the ending says")
        }

        test "a picture that could not be written is refused before any work" {
            withTwoLayers (fun directory file ->
                for command, rest in
                    [
                        "attention", []
                        "circuits", []
                        "evaluate", []
                        "evaluate", [ "--exact" ]
                        "heads", []
                        "logits", [ "--text"; "AB" ]
                        "explain", []
                    ] do
                    for place in [ "x.gif"; "x"; "x.svg.txt" ] do
                        interp (command :: file :: rest @ [ "--picture"; Path.Combine(directory, place) ])
                        |> refuses [ "--picture"; place; ".svg"; ".png"; ".pdf" ]

                    interp (command :: file :: rest @ [ "--out"; file ]) |> refuses [ "--out"; "is a file" ]

                Expect.equal (Directory.GetFileSystemEntries directory).Length 1 "nothing was written")
        }

        test "no small maps without a terminal" {
            withTwoLayers (fun _ file ->
                for command in [ [ "attention"; file; "--text"; "ABC" ]; [ "circuits"; file ] ] do
                    let outcome = interp command
                    succeeds outcome
                    Expect.isFalse (outcome.Output.Contains '\u001b') "no colours"
                    Expect.isFalse (outcome.Output.Contains '▀') "no map"
                    Expect.equal (interp (command @ [ "--no-picture" ])).Output outcome.Output "the same")
        }

        test "interventions and explanations are of every command that runs a model" {
            withTwoLayers (fun _ file ->
                let text = [ "--text"; "ABCDEF" ]
                let few = [ "--sequences"; "5" ]

                for command, rest in
                    [
                        "attention", text
                        "attention", few
                        "attribute", text
                        "lens", text
                        "heads", few
                        "ablate", few
                        "compose", few
                    ] do
                    let asked extra = command :: file :: rest @ extra @ [ "--json" ]
                    let whole = interp (asked [])
                    let done' = [ "--intervene"; "zero 0.1" ]
                    let instead = [ "--with"; "ov *.* diagonal; attention 0.* previous" ]

                    for extra in [ done'; instead; done' @ instead ] do
                        let outcome = interp (asked extra)
                        succeeds outcome
                        Expect.notEqual outcome.Output whole.Output $"{command}: {extra}"
                        let json = System.Text.Json.JsonDocument.Parse(outcome.Output).RootElement
                        let has (key: string) = fst (json.TryGetProperty key)
                        Expect.equal (has "interventions") (List.contains "--intervene" extra) "interventions"
                        Expect.equal (has "explanation") (List.contains "--with" extra) "explanation"

                    interp (asked [ "--intervene"; "zero 7.7" ]) |> refuses [ "--intervene"; "7.7" ]
                    interp (asked [ "--with"; "ov 7.7 diagonal" ]) |> refuses [ "--with"; "7.7" ])
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

                let train snapshots =
                    let arguments = "train --layers 2 --steps 20 --batch 16 --snapshots".Split ' ' |> List.ofArray
                    interp (arguments @ [ snapshots; "--out"; place ])

                succeeds (train "4")

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

                train "5" |> refuses [ "4 snapshots"; "5" ]

                let json =
                    interp [ "develop"; place; "--sequences"; "20"; "--json" ]
                    |> answers [ "run"; "nulls"; "snapshots"; "explained_from"; "pictures" ]

                Expect.equal
                    ((item [ "snapshots" ] json).EnumerateArray()
                     |> Seq.map (fun s -> (item [ "step" ] s).GetInt32())
                     |> Seq.toList)
                    [ 1; 3; 7; 20 ]
                    "steps"

                let snapshot = nth 0 [ "snapshots" ] json
                Expect.equal (extents (item [ "ov" ] snapshot)) [ 8 ] "OV scores"
                Expect.equal (extents (item [ "composition" ] snapshot)) [ 48 ] "compositions"
                Expect.equal (members (item [ "nulls"; "ov" ] json)) distribution "of random weights"

                for picture in (item [ "pictures" ] json).EnumerateArray() do
                    let file = picture.GetString() |> Option.ofObj |> Option.get
                    Expect.isTrue (FileInfo(file).Length > 0L) file)
        }
    ]
