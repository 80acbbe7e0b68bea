/// What version 0.1.0 wrote (Golden/before/README.md) still opens, and says under which arithmetic it was made: what was finished is
/// finished, what was not does not go on, and nothing of it is touched.
module Interp.Properties.BeforeTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Runs.Files
open Interp.Host.Surveys
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

/// What a directory holds, but for the empty files that processes hold.
let private files directory = content directory |> Map.filter (fun name _ -> not (name.EndsWith "lock"))

/// Does something with a directory that is refused, and changes nothing.
let private refused parts (arguments: string -> string list) place =
    let before = files place
    interp (arguments place) |> refuses (Path.GetFileName place :: parts)
    Expect.equal (files place) before "what the directory holds"

let private edit (place: string) (name: string) (was: string) (is: string) =
    let file = Path.Combine(place, name)
    let text = File.ReadAllText file
    Expect.stringContains text was "what is edited"
    File.WriteAllText(file, text.Replace(was, is))

let private otherArithmetic = [ "revision 1 of the arithmetic"; "revision 2" ]

let private run =
    testList "an interrupted run" [
        test "does not go on under another arithmetic, and says so; its files stay" {
            withCopy "run" (fun place ->
                refused otherArithmetic (fun place -> [ "train"; "--resume"; place ]) place

                refused
                    otherArithmetic
                    (fun place -> [ "train"; "--steps"; "400" ] @ runDescription @ [ "--out"; place ])
                    place)
        }

        test "is the run of the command that began it, by the options of then, and no other" {
            withCopy "run" (fun place ->
                refused
                    [ "different run"; "steps (400, not 401)" ]
                    (fun place -> [ "train"; "--steps"; "401" ] @ runDescription @ [ "--out"; place ])
                    place)
        }

        for was, is, part in
            [
                "\"seed\": 1", "\"seed\": 2", "seed is 1 in it and 2 there"
                "\"steps\": 400", "\"steps\": 200", "steps is 210 in it and 200 there"
                "\"heads\": 2", "\"heads\": 4", "n_heads is 2 in it and 4 there"
            ] do
            test $"edited by hand is refused with the difference that its checkpoints tell of: {is}" {
                withCopy "run" (fun place ->
                    edit place "config.json" was is
                    refused [ "step-000000210.safetensors"; part ] (fun place -> [ "train"; "--resume"; place ]) place)
            }

        test "is looked at as before: its checkpoints and snapshots, and in the list" {
            withCopy "run" (fun place ->
                succeeds (interp [ "circuits"; Path.Combine(place, "checkpoints", "step-000000210.safetensors") ])
                succeeds (interp [ "develop"; place; "--sequences"; "20"; "--out"; place + "-develop" ])
                succeeds (interp [ "runs"; place ])
                interp [ "circuits"; place ] |> refuses [ "not finished"; "step-000000210.safetensors" ])
        }
    ]

/// A finished run of version 0.1.0: the model of Golden/before with the files beside it as that version wrote them.
let private withFinished test =
    inDirectory (fun directory ->
        let place = Path.Combine(directory, "finished")
        Directory.CreateDirectory place |> ignore
        File.Copy(before "model.safetensors", Path.Combine(place, "model.safetensors"))

        let config =
            [
                "\"layers\": 1", "\"layers\": 2"
                "\"smeared\": false", "\"smeared\": true"
                "\"model_width\": 16", "\"model_width\": 20"
                "\"head_width\": 8", "\"head_width\": 10"
                "\"steps\": 400", "\"steps\": 50"
            ]
            |> List.fold
                (fun (text: string) (was, is) -> text.Replace(was, is))
                (File.ReadAllText(Path.Combine(before "run", "config.json")))

        File.WriteAllText(Path.Combine(place, "config.json"), config)

        File.WriteAllLines(
            Path.Combine(place, "metrics.jsonl"),
            [
                yield! [ for step in 1..50 -> $"{{\"step\":{step},\"loss\":2.5}}" ]
                "{\"event\":\"finished\",\"step\":50,\"held_out_loss\":2.25}"
            ]
        )

        File.WriteAllText(Path.Combine(place, "status"), "finished\n")
        test place)

let private finishedRun =
    testList "a finished run" [
        test "is finished still, and a remark says under which arithmetic" {
            withFinished (fun place ->
                let was = files place
                let outcome = interp [ "train"; "--resume"; place; "--json" ]
                succeeds outcome

                for part in otherArithmetic @ [ "did not write batch"; "is finished" ] do
                    Expect.stringContains outcome.Error part "remarks"

                let json = JsonDocument.Parse(outcome.Output).RootElement

                Expect.equal
                    ((item [ "weights_sha256" ] json).GetString())
                    (Checkpoint.weightsSha256 (ModelFiles.read (before "model.safetensors")).Weights)
                    "the weights"

                Expect.equal (files place) was "what the directory holds")
        }

        test "edited by hand is refused" {
            withFinished (fun place ->
                edit place "config.json" "\"seed\": 1" "\"seed\": 9"
                refused [ "model.safetensors"; "seed" ] (fun place -> [ "train"; "--resume"; place ]) place
                refused [ "model.safetensors"; "seed" ] (fun place -> [ "circuits"; place ]) place)
        }
    ]

/// Columns of the tables by the names that version 0.1.0 gave them, where they have others now.
let private renamed =
    Map [
        "layers", "n_layers"
        "heads", "n_heads"
        "vocab", "d_vocab"
        "context", "n_ctx"
        "smeared", "smear"
    ]

/// What stands there now, where it is not what stood there.
let private today name (cell: string) =
    match Field.tryFind name with
    | Some field ->
        (Field.describe field).OldValues
        |> List.tryFind (fst >> (=) cell)
        |> Option.map (snd >> string)
        |> Option.defaultValue cell
    | None -> cell

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
        test "does not go on and is not merged under another arithmetic, and says so; its page is written still" {
            withCopy "study" (fun place ->
                let description =
                    words "--variants plain,smeared --sweep heads=2,4 --sweep vocab=10,26 --seeds 1 --steps 20"

                refused
                    [ "another study"; "first_seed (1, not 2)" ]
                    (fun place -> [ "study"; "plan" ] @ description @ [ "--first-seed"; "2"; "--out"; place ])
                    place

                for command in
                    [
                        fun place -> [ "study"; "run"; place ]
                        fun place -> [ "study"; "run"; place; "--items"; "5" ]
                        fun place -> [ "study"; "merge"; place ]
                        fun place -> [ "study"; "merge"; place; "--partial" ]
                        fun place -> [ "study"; "slurm"; place ]
                        fun place -> [ "study"; "--out"; place ]
                        fun place -> [ "study"; "plan" ] @ description @ [ "--out"; place ]
                    ] do
                    refused (otherArithmetic @ [ "study report" ]) command place

                let report = interp [ "study"; "report"; place ]
                succeeds report
                Expect.stringContains report.Error "revision 1 of the arithmetic" "the remark"

                Expect.stringContains
                    (File.ReadAllText(Path.Combine(place, "report.html")))
                    "revision 1 of the arithmetic"
                    "the page")
        }

        test "has the values that it had" {
            let directory = SurveyDirectory.Open(Disk.Instance, before "study")
            Expect.equal directory.Results.Count 4 "finished items"
            let file = Path.GetTempFileName()
            File.WriteAllBytes(file, SurveyTables.OfResults(directory.Survey, directory.Results).Csv())
            let header, table = rows file
            File.Delete file
            let oldHeader, oldTable = rows (before "study-results.csv")

            // The task says both now.
            let parts = [ "block_length"; "blocks" ]

            for i, name in List.indexed oldHeader |> List.filter (fun (_, name) -> not (List.contains name parts)) do
                let column =
                    header
                    |> List.tryFindIndex (fun now -> now = name || Some now = Map.tryFind name renamed)
                    |> Option.defaultWith (fun () -> failtest $"there is no column for {name}")

                for row, old in List.zip table (List.truncate 4 oldTable) do
                    Expect.equal (value row[column]) (value (today name old[i])) $"{name} of item {old[0]}"
        }
    ]

let private reproduction =
    testList "a reproduction" [
        test "is replaced neither by another nor by itself under another arithmetic" {
            withCopy "reproduce" (fun place ->
                refused
                    [ "different run"; "steps (30, not 31)" ]
                    (fun place -> [ "reproduce"; "--all"; "--steps"; "31"; "--out"; place ])
                    place

                refused
                    [ "different run"; "plain, smeared, two_layer" ]
                    (fun place -> [ "reproduce"; "--steps"; "30"; "--out"; place ])
                    place

                refused otherArithmetic (fun place -> [ "reproduce"; "--all"; "--steps"; "30"; "--out"; place ]) place)
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
                let checkpoint = ModelFiles.read file
                Expect.equal checkpoint.Provenance.Revision ArithmeticRevision.first file
        }

        test "with every field that a file has to have" {
            let stored = ConfigurationFile.Read(Disk.Instance, Path.Combine(before "run", "config.json"))
            Expect.equal stored.Revision ArithmeticRevision.first "the revision"

            for field in Field.all do
                let row = Field.describe field
                let text = File.ReadAllText(Path.Combine(before "run", "config.json"))
                let spelled = if field = Field.Task then Field.spellings |> List.map Field.name else []
                let names = row.Name :: row.OldNames @ spelled
                let said = names |> List.exists (fun name -> text.Contains $"\"{name}\"")

                match row.Absent with
                | None ->
                    Expect.isTrue
                        said
                        $"{row.Name} is not in files of version 0.1.0, so its row has to say what that means"
                | Some value when not said -> Expect.equal (row.Get stored.Configuration) value row.Name
                | Some _ -> ()
        }
    ]

[<Tests>]
let tests = testList "Before" [ run; finishedRun; study; reproduction; model ]
