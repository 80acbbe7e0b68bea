/// Surveys as files: an item's, the description's, and the share that an array job's task is given.
module Interp.Properties.SurveyFileLaws

open System
open System.IO
open System.Text
open Expecto
open Interp
open Interp.Runs.Endings
open Interp.Runs.Files
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
            let study = StoredSurvey.Of(study key, keeps key)
            let disk = MemoryDisk()
            SurveyDirectory.Plan(disk, place, study) |> ignore
            Expect.equal (SurveyDirectory.Open(disk, place).Stored) study "study"
            Expect.isEmpty (SurveyFile.Differences(study, study)) "no differences")

        test "study.json with something else in it is refused in a sentence" {
            let good = Encoding.UTF8.GetString(SurveyFile.Bytes(StoredSurvey.Of Survey.standard))

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

        test "whether weights are kept is said from the beginning: another wish is another study" {
            for kept in [ true; false ] do
                let disk = MemoryDisk()
                planKeeping kept disk Survey.standard |> ignore
                planKeeping kept disk Survey.standard |> ignore
                let was, wanted = (if kept then "true", "false" else "false", "true")

                (fun () -> planKeeping (not kept) disk Survey.standard |> ignore)
                |> refusing [ "another study"; $"keep_weights ({was}, not {wanted})" ]
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

/// A study of which some items are finished, on a disk; and the disk with its plan edited by hand.
let private halfDone (study: Survey) =
    let disk = MemoryDisk()
    let directory = plan disk study
    run directory (directory.Items |> Seq.truncate 3) |> ignore
    disk

let private planned (disk: MemoryDisk) (study: Survey) =
    (disk :> IDisk).Write(Path.Combine(place, SurveyFile.Name), ReadOnlySpan(SurveyFile.Bytes(StoredSurvey.Of study)))

/// Everything that looks at the items is refused, and nothing on the disk changes.
let private refusedUntouched parts (disk: MemoryDisk) =
    let before = Map.ofList disk.Content

    let uses: (SurveyDirectory -> unit) list = [
        fun directory -> directory.RequireContinuable directory.Items
        fun directory -> run directory directory.Items |> ignore
        fun directory -> directory.Results |> ignore
    ]

    for work in uses do
        (fun () -> work (SurveyDirectory.Open(disk, place))) |> refusing parts

    Expect.equal (Map.ofList disk.Content) before "what the disk holds"

let private edits =
    let sweep field values : Sweep = { Field = field; Values = values |> List.map Whole }

    let study = {
        Survey.standard with
            Variants = [ Plain ]
            Sweeps = [ sweep Field.NHeads [ 2; 4 ] ]
            Seeds = 2
            Steps = 20
    }

    testList "edited by hand" [
        for what, other, parts in
            [
                "more seeds", { study with Seeds = 4 }, [ "seeds is 2 in it and 4 there" ]
                "fewer seeds", { study with Seeds = 1 }, []
                "other seeds",
                { study with FirstSeed = 7UL },
                [ "first_seed is 1 in it and 7 there"; "seed is 1 in it and 7" ]
                "other steps", { study with Steps = 30 }, [ "steps is 20 in it and 30 there" ]
                "another grid",
                { study with Sweeps = [ sweep Field.NHeads [ 2; 8 ] ] },
                [ "sweeps is n_heads=2,4 in it and n_heads=2,8 there" ]
                "another swept field", { study with Sweeps = [ sweep Field.DHead [ 4; 8 ] ] }, [ "d_head=4,8 there" ]
                "another variant", { study with Variants = [ Smeared ] }, [ "variant is plain in it and smeared there" ]
                "another variant beside it",
                { study with Variants = [ Plain; TwoLayer ] },
                [ "variants is plain in it and plain,two-layer there" ]
            ] do
            test $"a plan of {what} than its items is refused with the difference, and no item is set aside" {
                let disk = halfDone study
                planned disk other

                // Where the plan has fewer items than there are, that may be said first.
                let parts = if other.Seeds < study.Seeds then [] else "000000.json" :: parts
                refusedUntouched ("another study" :: parts) disk
            }

        test "an item beyond those of the plan is refused by name" {
            let disk = halfDone study
            let beyond = Path.Combine(place, "items", "000004.json")
            let bytes = (disk :> IDisk).Read(Path.Combine(place, "items", "000000.json"), Int64.MaxValue)
            (disk :> IDisk).Write(beyond, ReadOnlySpan bytes)

            (fun () -> (SurveyDirectory.Open(disk, place)).RequireContinuable [])
            |> refusing [ "000004.json"; "another study"; "index is 4 in it and at most 3 there" ]

            (fun () -> (SurveyDirectory.Open(disk, place)).Results |> ignore) |> refusing [ "000004.json" ]
        }

        test "an item of another study is refused with the difference, though its training would be the same" {
            let disk = halfDone study
            let other = { study with Seeds = 3 }
            let item = (Survey.items other)[0]
            let bytes = ItemFile.Bytes(other, finished item)
            (disk :> IDisk).Write(Path.Combine(place, "items", "000000.json"), ReadOnlySpan bytes)
            refusedUntouched [ "000000.json"; "seeds is 3 in it and 2 there" ] disk
        }

        test "a study and an item under another arithmetic are refused" {
            let name = ArithmeticRevision.name

            let disk = halfDone study
            let text = Encoding.UTF8.GetString(SurveyFile.Bytes(StoredSurvey.Of study))
            Expect.stringContains text $",\n  \"{name}\": 2" "what is edited"
            let path = Path.Combine(place, SurveyFile.Name)
            let edited = text.Replace($",\n  \"{name}\": 2", "")
            (disk :> IDisk).Write(path, ReadOnlySpan(Encoding.UTF8.GetBytes edited))
            refusedUntouched [ "000000.json"; $"{name} is 2 in it and 1 there" ] disk

            // Without items there is nothing but the plan.
            let empty = MemoryDisk()
            (empty :> IDisk).Write(path, ReadOnlySpan(Encoding.UTF8.GetBytes edited))

            (fun () -> (SurveyDirectory.Open(empty, place)).RequireContinuable [])
            |> refusing [ "revision 1 of the arithmetic"; "revision 2"; "study report" ]
        }

        test "what no item has is named, where the file is whole, and it stays" {
            let study = { study with Sweeps = [] }
            let item = (Survey.items study)[0]
            let whole = Encoding.UTF8.GetString(ItemFile.Bytes(study, finished item))

            let signed (text: string) =
                let at = text.IndexOf ",\n  \"check_sha256\""
                let before = text[.. at - 1]

                let sum =
                    Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(before + "\n}\n"))
                    |> Convert.ToHexStringLower

                Encoding.UTF8.GetBytes($"{before},\n  \"check_sha256\": \"{sum}\"\n}}\n")

            Expect.equal (signed whole) (Encoding.UTF8.GetBytes whole) "the sum as it is taken"

            for was, is, part in
                [
                    "\"index\": 0,", "\"index\": 0,\n  \"Index\": 0,", "\"Index\" is not one"
                    "\"index\": 0,", "\"index\": 0,\n  \"index\": 0,", "\"index\" is there twice"
                    "\"seconds\": 0,", "", "\"seconds\" is missing"
                    "\"seconds\": 0,", "\"seconds\": \"0\",", "\"seconds\" is"
                    "\"quantities\": {", "\"quantities\": {\n    \"held_out_loss\": 0,", "there twice"
                    "\"held_out\": [", "\"held_out\": [\n    [1],", "a step and a loss"
                    "\"version\": \"1.0\"", "\"version\": 1.0", "\"version\" is 1.0, expected a text"
                ] do
                Expect.stringContains whole was "what is edited"
                let disk = MemoryDisk()
                plan disk study |> ignore
                let path = Path.Combine(place, "items", "000000.json")
                (disk :> IDisk).Write(path, ReadOnlySpan(signed (whole.Replace(was, is))))
                refusedUntouched [ "000000.json"; part ] disk
        }

        test "study.json is named with its key and what was expected" {
            let good = Encoding.UTF8.GetString(SurveyFile.Bytes(StoredSurvey.Of study))

            for was, is, parts in
                [
                    "\"seeds\": 2", "\"Seeds\": 2", [ "\"Seeds\""; "expected \"seeds\"" ]
                    "\"seeds\": 2", "\"seeds\": 2, \"claim\": []", [ "\"claim\""; "expected one of variants" ]
                    "\"seeds\": 2", "\"seeds\": 2, \"claims\": []", [ "\"claims\", line 1, column 1"; "no claim" ]
                    "\"seeds\": 2", "\"seeds\": 2, \"until_decided\": 1", [ "\"until_decided\" is 1"; "true or false" ]
                    "\"seeds\": 2",
                    "\"seeds\": 2, \"keep_weights\": \"yes\"",
                    [ "\"keep_weights\" is"; "true or false" ]
                    "\"seeds\": 2", "\"seeds\": 2, \"seeds\": 2", [ "\"seeds\""; "twice" ]
                    "\"seeds\": 2,", "", [ "\"seeds\""; "missing" ]
                    "\"seeds\": 2", "\"seeds\": \"2\"", [ "\"seeds\" is"; "a whole number from 1 on" ]
                    "\"seeds\": 2", "\"seeds\": 2.0", [ "\"seeds\" is 2.0" ]
                    "\"seeds\": 2", "\"seeds\": NaN", [ "JSON at or behind \"seeds\"" ]
                    "\"seeds\": 2,", "\"seeds\": 2, // more", [ "JSON at or behind \"seeds\"" ]
                    "\"first_seed\": 1", "\"first_seed\": -1", [ "\"first_seed\" is -1"; "18446744073709551615" ]
                    "\"plain\"", "\"Plain\"", [ "\"variants[0]\""; "one of plain, smeared, two-layer" ]
                    "\"values\"", "\"value\"", [ "\"sweeps[0].value\""; "one of field, values" ]
                    "\"n_heads\"", "\"seed\"", [ "no such field to sweep" ]
                    "_revision\": 2", "_revision\": 0", [ "arithmetic_revision"; "from 1 on" ]
                ] do
                Expect.stringContains good was "what is edited"
                let disk = MemoryDisk()
                let bytes = Encoding.UTF8.GetBytes(good.Replace(was, is))
                (disk :> IDisk).Write(Path.Combine(place, SurveyFile.Name), ReadOnlySpan bytes)
                (fun () -> SurveyDirectory.Open(disk, place) |> ignore) |> refusing (SurveyFile.Name :: parts)
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
let tests = testList "study files" [ files; edits; arrays ]
