/// Surveys as files: an item's, the description's, and the share that an array job's task is given.
module Interp.Properties.SurveyFileLaws

open System
open System.IO
open System.Text
open Expecto
open Interp
open Interp.Host.Endings
open Interp.Host.Files
open Interp.Host.Surveys
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes
open Interp.Properties.SurveyGiven

let private parse study item bytes = ItemFile.Parse("item.json", StoredSurvey.Of study, item, bytes)

/// One sentence with these parts, and nothing moved.
let private refusing (parts: string list) (work: unit -> unit) =
    Expect.throwsC work (fun refusal ->
        Expect.isTrue (refusal :? BadInputException) $"{refusal}"
        isSentence refusal.Message

        for part in parts do
            Expect.stringContains refusal.Message part "what is wrong")

let private files =
    testList "files" [
        law 50 "a finished item reads back from its file" (fun key ->
            let study = study key

            for item in Survey.items study |> List.truncate 5 do
                let written = finished item
                let read = parse study item (ItemFile.Bytes(study, written))
                // By text: a number that is none is not equal to itself.
                Expect.equal $"%A{read.Result}" $"%A{written.Result}" "result"
                Expect.equal (read.Seconds, read.Version) (written.Seconds, written.Version) "how it came about")

        law 200 "a file in which any byte is changed, cut off or added is no item's" (fun key ->
            let study = study key
            let item = one (Survey.items study) 50 key
            let bytes = ItemFile.Bytes(study, finished item)
            let at = integer 0 (bytes.Length - 1) 51 key

            let damaged =
                match integer 0 2 52 key with
                | 0 -> bytes |> Array.mapi (fun i b -> if i = at then b ^^^ byte (integer 1 255 53 key) else b)
                | 1 -> bytes[.. at - 1]
                | _ -> Array.insertAt at (byte (integer 0 255 53 key)) bytes

            Expect.isNull (parse study item damaged) "nothing is read")

        test "a file of another item is refused, with the difference" {
            let survey = { Survey.standard with Seeds = 2 }
            let items = Survey.items survey

            (fun () -> parse survey items[1] (ItemFile.Bytes(survey, finished items[0])) |> ignore)
            |> refusing [ "item.json"; "another study"; "index is 0 in it and 1 there"; "seed is 1 in it and 2 there" ]
        }

        law 10 "a damaged item is missing, named, set aside, and done again" (fun key ->
            let study = study key
            let disk = MemoryDisk()
            let directory = plan disk study
            run directory directory.Items |> ignore
            let broken = one (List.ofSeq directory.Items) 54 key
            let path = Path.Combine(place, "items", broken.Index.ToString "000000" + ".json")
            (disk :> IDisk).Write(path, ReadOnlySpan "{}"B)
            let seen = SurveyDirectory.Open(disk, place)
            Expect.equal (List.ofSeq seen.Missing) [ broken.Index ] "missing"
            Expect.equal (List.ofSeq seen.DamagedFiles) [ path ] "named"
            let _, worked = run (SurveyDirectory.Open(disk, place)) directory.Items
            Expect.equal worked [ broken.Index ] "done again"
            Expect.equal (Map.find (path + ".damaged") (Map.ofList disk.Content)) "{}"B "set aside"
            Expect.equal (merged disk) (alone study) "the merged files")

        test "an item's file that is too long is damaged, and done again" {
            let study = { Survey.standard with Variants = [ Plain ]; Seeds = 2 }
            let disk = MemoryDisk()
            let directory = plan disk study
            run directory directory.Items |> ignore
            let path = Path.Combine(place, "items", "000001.json")
            (disk :> IDisk).Write(path, ReadOnlySpan(Array.zeroCreate<byte>(int ItemFile.Largest + 1)))
            Expect.equal (List.ofSeq (SurveyDirectory.Open(disk, place)).DamagedFiles) [ path ] "named"
            let _, worked = run (SurveyDirectory.Open(disk, place)) directory.Items
            Expect.equal worked [ 1 ] "done again"
            Expect.isTrue (disk.Content |> List.exists (fun (name, _) -> name = path + ".damaged")) "set aside"
            Expect.equal (merged disk) (alone study) "the merged files"
        }

        test "why an item failed, where that is too long to read, is no obstacle" {
            let study = { Survey.standard with Variants = [ Plain ]; Seeds = 1 }
            let disk = MemoryDisk()
            let directory = plan disk study
            let path = Path.Combine(place, "items", "000000.failed")
            (disk :> IDisk).Write(path, ReadOnlySpan(Array.create 20000 (byte 'x')))
            let struct (_, why) = (SurveyDirectory.Open(disk, place)).Failed[0]
            isSentence why
            Expect.equal (run directory directory.Items |> snd) [ 0 ] "done again"
        }

        law 50 "study.json reads back" (fun key ->
            let study = study key
            let disk = MemoryDisk()
            plan disk study |> ignore
            Expect.equal (SurveyDirectory.Open(disk, place).Survey) study "study"
            Expect.isEmpty (SurveyFile.Differences(study, study)) "no differences")

        test "study.json with something else in it is refused in a sentence" {
            let good = Encoding.UTF8.GetString(SurveyFile.Bytes Survey.standard)

            for bad in
                [
                    ""
                    "{}"
                    "[]"
                    "null"
                    good.Replace("\"seeds\": 20", "\"seeds\": 0")
                    good.Replace("\"seeds\": 20", "\"seeds\": 20, \"seeds\": 20")
                    good.Replace("\"seeds\": 20", "\"seeds\": 20, \"sedes\": 20")
                    good.Replace("\"plain\"", "\"plane\"")
                    good.Replace("\"plain\"", "null")
                    good.Replace("\"held_out_sequences\": ", "\"held_out_sequences\": 1")
                    good[.. good.Length / 2]
                    good + String(' ', 1 <<< 20)
                ] do
                let disk = MemoryDisk()
                (disk :> IDisk).Write(Path.Combine(place, SurveyFile.Name), ReadOnlySpan(Encoding.UTF8.GetBytes bad))

                Expect.throwsC (fun () -> SurveyDirectory.Open(disk, place) |> ignore) (fun refusal ->
                    Expect.isTrue (refusal :? BadInputException) $"{bad}: {refusal}"
                    isSentence refusal.Message
                    Expect.stringContains refusal.Message SurveyFile.Name "where")
        }

        test "a directory with another study is refused, and what differs is named" {
            let disk = MemoryDisk()
            plan disk Survey.standard |> ignore

            Expect.throwsC
                (fun () -> plan disk { Survey.standard with Seeds = 5; Variants = [ Plain ] } |> ignore)
                (fun refusal ->
                    isSentence refusal.Message
                    Expect.stringContains refusal.Message "seeds (20, not 5)" "seeds"
                    Expect.stringContains refusal.Message "variants (plain,smeared,two-layer, not plain)" "variants")
        }
    ]

/// What Slurm says of a task of an array job.
let private variables (id, count, min, max, step) (name: string) =
    match name with
    | "SLURM_ARRAY_TASK_ID" -> id
    | "SLURM_ARRAY_TASK_COUNT" -> count
    | "SLURM_ARRAY_TASK_MIN" -> min
    | "SLURM_ARRAY_TASK_MAX" -> max
    | "SLURM_ARRAY_TASK_STEP" -> step
    | _ -> null

let private arrays =
    testList "array jobs" [
        law 100 "the tasks of an array job from any first id, in any steps, share the study" (fun key ->
            let tasks, min, step = integer 1 20 1 key, integer 0 9 2 key, integer 1 4 3 key
            let max = min + (tasks - 1) * step

            for task in 0 .. tasks - 1 do
                let said = variables (string (min + task * step), string tasks, string min, string max, string step)
                Expect.equal (ArrayShare.Read(Nullable(), said)) (ArrayShare(task, tasks)) "share")

        test "with a number of tasks, a task's number is its id, whichever tasks the job has" {
            Expect.equal (ArrayShare.Read(Nullable 10, variables ("3", "1", "3", "3", "1"))) (ArrayShare(3, 10)) "share"
        }

        test "ids that have no place among the tasks are refused in a sentence" {
            for tasks, said in
                [
                    Nullable(), (null, null, null, null, null)
                    Nullable(), ("x", "2", "0", "1", "1")
                    Nullable(), ("-1", "2", "0", "1", "1")
                    Nullable(), ("1", null, null, null, null)
                    // --array=0-2,7
                    Nullable(), ("7", "4", "0", "7", "1")
                    Nullable(), ("2", "4", "0", "7", "1")
                    Nullable 3, ("3", "4", "0", "3", "1")
                ] do
                Expect.throwsC (fun () -> ArrayShare.Read(tasks, variables said) |> ignore) (fun refusal ->
                    Expect.isTrue (refusal :? BadInputException) $"{said}: {refusal}"
                    isSentence refusal.Message
                    Expect.stringContains refusal.Message "--array" "what")
        }
    ]

[<Tests>]
let tests = testList "study files" [ files; arrays ]
