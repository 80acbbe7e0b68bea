/// `train --config FILE` and `train --print-config`: what is printed is read back, options win, and what is wrong is one sentence.
module Interp.Properties.TrainFileTests

open System
open System.IO
open System.Text
open Expecto
open Interp
open Interp.CommandLine
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes

let private path = "/fields.json"

let private fields (text: string) =
    let disk = MemoryDisk()
    (disk: IDisk).Write(path, ReadOnlySpan(Encoding.UTF8.GetBytes text))
    ConfigurationFile.Fields(disk, path)

let private ofFile text given = TrainFields.configuration path (fields text) given

/// Configurations of all kinds: shapes and tasks at random, and every other field at some value of its range.
let private configuration key : Configuration =
    let c = Given.configuration key

    let other (field: Field) =
        let row = Field.describe field
        let use' = 40 + List.findIndex ((=) field) Field.all

        match row.Range with
        | NumberFrom(low, high) when truth use' key ->
            Some(Number(low + (high - low) / float (integer 2 9 (use' + 50) key)))
        | OneOf words -> Some(Word(one words use' key))
        | _ -> None

    [
        Field.LearningRate
        Field.WeightDecay
        Field.Optimiser
        Field.Momentum
        Field.Beta1
        Field.Beta2
        Field.Epsilon
    ]
    |> List.choose (fun field -> other field |> Option.map (fun value -> field, value))
    |> List.fold (fun c (field, value) -> (Field.describe field).Set value c) c

let private printed =
    testList "printed" [
        law 200 "a configuration that is printed is read as itself" (fun key ->
            let c = configuration key
            Expect.isNone (Field.problem c) "it fits"
            Expect.equal (ofFile (TrainFields.file c) []) (Ok c) (TrainFields.file c))

        law 100 "so is a run's config.json, extended or not" (fun key ->
            let c = configuration key
            let stored = StoredConfiguration.Of c

            for bytes in [ ConfigurationFile.Bytes c; ConfigurationFile.Bytes(stored.Extended 7) ] do
                let steps = if bytes = ConfigurationFile.Bytes c then c.Steps else c.Steps + 7

                Expect.equal
                    (ofFile (Encoding.UTF8.GetString bytes) [])
                    (Ok { c with Steps = steps })
                    "the configuration")

        test "with every field once, with what it means, its range and what the study has, in 100 columns" {
            let text = TrainFields.file Configuration.study
            // As one line, without the signs of comments.
            let words = text.Replace("\n  // ", " ")

            for field in Field.all do
                let row = Field.describe field
                Expect.equal (text.Split($"\"{row.Name}\": ").Length) 2 row.Name
                Expect.stringContains words (row.Meaning[1..]) "what it means"
                Expect.stringContains words ((string row.Range)[1..]) "its range"
                Expect.stringContains words $"the study has {Field.standard field}." "what the study has"

            for line in text.Split '\n' do
                Expect.isLessThanOrEqual line.Length 110 line
        }

        test "what follows from others does so when these are changed" {
            let text =
                (TrainFields.file Configuration.study)
                    .Replace("repeat 6 x4 of 26", "repeat 8 x4 of 30")
                    .Replace("\"n_heads\": 4", "\"n_heads\": 2")

            match ofFile text [] with
            | Ok c ->
                Expect.equal c.Architecture.NCtx 32 "n_ctx"
                Expect.equal c.Architecture.DVocab 30 "d_vocab"
                Expect.equal c.Architecture.DHead 16 "d_head"
            | Error sentence -> failtest sentence
        }
    ]

let private given =
    testList "given" [
        test "options win over the file, and the study has the rest" {
            let text = "// mine\n{ \"steps\": 7, /* few */ \"batch\": 8, \"smeared\": true, }"

            let expected = { Configuration.studySmeared with Steps = 9; Batch = 8 }
            Expect.equal (ofFile text [ Field.Steps, Whole 9 ]) (Ok expected) "options"
            Expect.equal (ofFile "{}" []) (Ok Configuration.study) "nothing"
        }

        test "a task on the command line takes the place of the file's, however it is spelled" {
            let task = Word "recall 3 of 8"

            for text in [ "{\"block_length\": 3}"; "{\"task\": \"add 5\"}" ] do
                match ofFile text [ Field.Task, task ] with
                | Ok c -> Expect.equal (Word(string c.Task)) task text
                | Error sentence -> failtest sentence

            match ofFile "{\"task\": \"repeat 6 x3 of 20\"}" [ Field.BlockLength, Whole 4 ] with
            | Ok c -> Expect.equal (string c.Task) "repeat 4 x3 of 20" "a part of it"
            | Error sentence -> failtest sentence
        }

        for text, given, parts in
            [
                "{\"steps\": 0}", [], [ path; "line 1, column 11"; "\"steps\" is 0"; "from 1 to 100000000" ]
                "{\"step\": 5}", [], [ path; "\"step\""; "not one of a configuration's"; "expected \"steps\"" ]
                "{\"width\": 5}", [], [ path; "\"width\""; "expected one of n_layers, " ]
                "{\"d-model\": 5}", [], [ path; "\"d-model\""; "expected \"d_model\"" ]
                "{\n  \"smear\": \"values\"\n}", [], [ path; "line 2"; "\"smear\""; "none, keys, queries, both" ]
                "{\"steps\": 5, \"steps\": 6}", [], [ path; "twice" ]
                "{\"steps\" 5}", [], [ path; "line 1, column 10"; "not valid JSON" ]
                "[]", [], [ path; "expected an object" ]
                "", [], [ path; "not valid JSON" ]
                "{\"extended_from\": [3, 2]}", [], [ path; "extended_from" ]
                "{\"positions\": \"rotary\", \"d_head\": 5}", [], [ path; "d_head is 5"; "even" ]
                "{\"n_ctx\": 5}", [], [ "n_ctx is 5"; "24 positions" ]
                "{\"task\": \"add 5\", \"blocks\": 3}", [], [ path; "blocks is a short way to a task" ]
                "{\"task\": \"add 5\"}", [ Field.Blocks, Whole 3 ], [ path; "--blocks"; "another" ]
            ] do
            test $"{text} is refused" {
                let sentence =
                    try
                        match ofFile text given with
                        | Error sentence -> sentence
                        | Ok c -> failtest $"{c}"
                    with :? BadInputException as bad ->
                        bad.Message

                isSentence sentence

                for part in parts do
                    Expect.stringContains sentence part "what is wrong"
            }
    ]

let private program = test "the program prints, reads, trains, and takes further steps" {
    inDirectory (fun directory ->
        let at name = Path.Combine(directory, name)
        let printed = interp [ "train"; "--print-config"; "--steps"; "4"; "--batch"; "4" ]
        succeeds printed

        Expect.equal
            printed.Output
            (TrainFields.file { Configuration.study with Steps = 4; Batch = 4 } + "\n")
            "the file"

        File.WriteAllText(at "mine.json", printed.Output)
        let run name words = interp ([ "train"; "--config"; at "mine.json"; "--out"; at name; "--json" ] @ words)
        succeeds (run "short" [])
        let longer = run "long" [ "--steps"; "7" ]
        succeeds longer
        let extended = interp [ "train"; "--extend"; "3"; at "short"; "--json" ]
        succeeds extended

        let hash outcome =
            answers [ "run"; "steps"; "loss"; "held_out_loss"; "weights_sha256"; "seconds"; "ms_per_step" ] outcome
            |> textAt [ "weights_sha256" ]

        Expect.equal (hash extended) (hash longer) "the weights"
        run "none" [ "--snapshots"; "5" ] |> refuses [ "--snapshots"; "4" ]
        interp [ "train"; "--config"; at "nowhere.json"; "--out"; at "none" ] |> refuses [ "nowhere.json" ]
        Expect.isFalse (Directory.Exists(at "none")) "nothing was begun")
}

[<Tests>]
let tests = testList "Train file" [ printed; given; program ]
