/// Surveys: their items, their shares, and that it does not matter who does which item when.
module Interp.Properties.SurveyLaws

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Interp
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Surroundings
open Interp.Host.Surveys
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes
open Interp.Properties.SurveyGiven

/// Every item's whole setting, of fields of one value, too.
let private wholeSettings (study: Survey) = [
    for _ in study.Variants do
        for setting in Survey.settings study do
            for _ in 1 .. study.Seeds -> setting
]

let private items =
    testList "items" [
        law 100 "are every variant at every setting with every seed, once, in order" (fun key ->
            let study = study key
            Expect.isNone (Survey.problem study) "a study that fits"
            let items = Survey.items study

            let expected = [
                for variant in study.Variants do
                    for setting in Survey.settings study do
                        let several (field, _) =
                            study.Sweeps |> List.exists (fun sweep -> sweep.Field = field && sweep.Values.Length > 1)

                        let told = List.filter several setting
                        for seed in 0 .. study.Seeds - 1 -> variant, told, study.FirstSeed + uint64 seed
            ]

            let settings = study.Sweeps |> List.fold (fun count sweep -> count * sweep.Values.Length) 1
            Expect.equal items.Length (study.Variants.Length * settings * study.Seeds) "how many"
            Expect.equal (items |> List.map _.Index) [ 0 .. items.Length - 1 ] "numbers"

            Expect.equal
                (items |> List.map (fun item -> item.Variant, item.Setting, item.Configuration.Seed))
                expected
                "order"

            Expect.equal (List.distinct expected) expected "no item twice")

        law 50 "have weights of as many bytes as the survey says" (fun key ->
            let study = study key

            Expect.equal
                (Survey.weightBytes study)
                (Survey.items study |> List.sumBy (fun item -> 4L * int64 (Model.parameters (model item).Weights)))
                "bytes")

        law 100 "have valid configurations, which hold the swept values and the rest of the variant's" (fun key ->
            let study = study key

            for item, setting in List.zip (Survey.items study) (wholeSettings study) do
                let c = item.Configuration
                let a = c.Architecture
                Expect.isNone (Field.problem c) "valid"
                Expect.equal (Variant.ofArchitecture a) (Some item.Variant) "the variant"
                Expect.equal c.Steps study.Steps "steps"

                let standard = Configuration.study

                for field in Field.all do
                    let value = (Field.describe field).Get c

                    let expected =
                        setting
                        |> List.tryPick (fun (swept, value) -> if swept = field then Some value else None)
                        |> Option.defaultWith (fun () ->
                            match field with
                            | Field.NLayers -> Whole(if item.Variant = TwoLayer then 2 else 1)
                            | Field.Smear -> Word(if item.Variant = Smeared then "keys" else "none")
                            | Field.DHead -> Whole(a.DModel / a.NHeads)
                            | Field.NCtx -> Whole (Given.task c).Length
                            // What is swept may be a part of it.
                            | Field.Task -> Word(string (Field.set setting { standard with Architecture = a }).Task)
                            | Field.Steps -> Whole study.Steps
                            | Field.Seed -> Natural c.Seed
                            | _ -> (Field.describe field).Get standard)

                    Expect.equal value expected (Field.name field))

        law 200 "are shared out: every item once, in order, shares of sizes that differ by one at most" (fun key ->
            let items, tasks = integer 0 200 1 key, integer 1 60 2 key
            let shares = [ for task in 0 .. tasks - 1 -> Survey.share items tasks task ]

            Expect.equal
                (shares |> List.collect (fun (first, count) -> [ first .. first + count - 1 ]))
                [ 0 .. items - 1 ]
                "all"

            let sizes = shares |> List.map snd
            Expect.isLessThanOrEqual (List.max sizes - List.min sizes) 1 "sizes")

        test "are one each where there are as many tasks" {
            for task in 0..99 do
                Expect.equal (Survey.share 100 100 task) (task, 1) "share"
        }

        law 100 "are swept by what reads back" (fun key ->
            for sweep in (study key).Sweeps do
                Expect.equal (Survey.parseSweep (Survey.sweepName sweep)) (Ok sweep) "sweep")

        test
            "of tasks of one's own have what follows from the task, and only the study's claims that are about its models" {
            let sweep text = Survey.parseSweep text |> Result.defaultWith failwith

            let study = {
                Survey.standard with
                    Variants = [ Plain ]
                    Sweeps = [ sweep "n_heads=2..4"; sweep "d_head=8"; sweep "task=repeat 4,max 4 of 64" ]
                    Seeds = 1
            }

            Expect.equal (Survey.sweepName study.Sweeps.Head) "n_heads=2,3,4" "a range is its numbers"
            let items = Survey.items study

            Expect.equal
                (items
                 |> List.map (fun item ->
                     let a = item.Configuration.Architecture in a.NHeads, a.DHead, a.DVocab, a.NCtx))
                [
                    for heads in 2..4 do
                        heads, 8, 26, 16
                        heads, 8, 64, 5
                ]
                "shapes"

            for item in items do
                let ours = Survey.claimsOf study item |> List.exists (fun claim -> claim.Name = "plain-direct-path")
                let repeats = (TaskForm.repetition item.Configuration.Task).IsSome
                Expect.equal ours repeats $"claims at {Survey.settingName item.Setting}"

            let other = { study with Sweeps = [ sweep "n_layers=0..3" ]; Task = TaskForm.Max(4, 64) }

            for item in Survey.items other do
                Expect.equal item.Configuration.Task (TaskForm.Max(4, 64)) "the task"
                Expect.isEmpty (Survey.claimsOf other item) "claims"
        }

        test "of a study that does not fit are refused in a sentence that names what" {
            let sweep field values = { Survey.standard with Sweeps = [ { Field = field; Values = values } ] }

            for study, part in
                [
                    { Survey.standard with Variants = [] }, "variant"
                    { Survey.standard with Variants = [ Plain; Smeared; Plain ] }, "plain"
                    { Survey.standard with Seeds = 0 }, "seeds"
                    { Survey.standard with Steps = 0 }, "steps"
                    { Survey.standard with FirstSeed = UInt64.MaxValue }, "seeds"
                    { Survey.standard with Seeds = Survey.mostItems }, "trainings"
                    sweep Field.Steps [ Whole 1 ], "steps"
                    { sweep Field.BlockLength [ Whole 3 ] with Task = TaskForm.Max(4, 64) }, "block_length"
                    { sweep Field.Task [ Word "max 4 of 64" ] with Task = TaskForm.Max(4, 32) }, "max 4 of 32"
                    { Survey.standard with Task = TaskForm.Sort(0, 26) }, "sort"
                    sweep Field.DHead [], "d_head"
                    sweep Field.DHead [ Whole 4; Whole 4 ], "d_head=4,4"
                    sweep Field.DHead [ Number 4.5 ], "4.5"
                    sweep Field.LearningRate [ Number nan ], "learning_rate"
                    sweep Field.NHeads [ Whole 4; Whole 65 ], "n_heads=4,65"
                    sweep Field.NCtx [ Whole 24; Whole 20 ], "n_ctx=20"
                    sweep Field.Batch [ Whole 0 ], "batch=0"
                    { Survey.standard with Sweeps = List.replicate 2 { Field = Field.Batch; Values = [ Whole 8 ] } },
                    "batch"
                ] do
                match Survey.problem study with
                | Some sentence ->
                    isSentence sentence
                    Expect.stringContains sentence part "what"
                | None -> failtest $"{part}: nothing was found wrong"
        }
    ]

/// Cuts a list into parts at random, which may be empty.
let private parts count key values =
    let part = values |> List.map (fun value -> integer 0 (count - 1) (5000 + hash value) key, value)
    [ for i in 0 .. count - 1 -> part |> List.filter (fun (at, _) -> at = i) |> List.map snd ]

let private shuffled key values =
    values
    |> List.indexed
    |> List.sortBy (fun (i, _) -> integer 0 1000000 (9000 + i) key, i)
    |> List.map snd

let private elsewhere =
    testList "by many processes" [
        law 12 "any split of the items, done in any order, is merged to the same bytes" (fun key ->
            let study = study key
            let disk = MemoryDisk()
            let count = integer 1 5 30 key

            let worked =
                (plan disk study).Items
                |> List.ofSeq
                |> parts count key
                |> List.collect (fun part -> run (SurveyDirectory.Open(disk, place)) (shuffled key part) |> snd)

            Expect.equal (List.sort worked) (Survey.items study |> List.map _.Index) "every item once"
            Expect.equal (merged disk) (alone study) "the merged files")

        law 8 "merging early, and overlapping shares, change nothing" (fun key ->
            let study = study key
            let disk = MemoryDisk()
            let directory = plan disk study
            let some = directory.Items |> List.ofSeq |> List.filter (fun item -> truth (100 + item.Index) key)
            let _, first = run directory some
            merged disk |> ignore
            let progress, second = run (SurveyDirectory.Open(disk, place)) directory.Items
            Expect.equal (List.sort (first @ second)) [ 0 .. directory.Items.Count - 1 ] "every item once"
            Expect.equal progress.Before some.Length "found done"
            Expect.equal (merged disk) (alone study) "the merged files")

        law 25 "a process that is killed loses no finished item, and the next one goes on" (fun key ->
            let study, plan = { study key with Seeds = 2 }, planKeeping (keeps key)
            let whole = MemoryDisk()
            let undisturbed = plan whole study
            run undisturbed undisturbed.Items |> ignore
            let at = integer 1 whole.Operations 31 key
            let disk = MemoryDisk().Remaining(Everything, at, Killed)

            let before =
                try
                    let directory = plan disk study
                    run directory directory.Items |> ignore
                    failtest $"nothing happened at operation {at} of {whole.Operations}"
                with Gone ->
                    disk.Content |> List.filter (fun (path, _) -> path.EndsWith ".json")

            let disk = disk.Remaining(Everything, 0, Refused EIO)
            keptAsPlanned disk
            let directory = plan disk study
            let _, worked = run directory directory.Items
            keptAsPlanned disk
            let after = Map.ofList disk.Content

            for path, bytes in before do
                Expect.equal after[path] bytes $"{path} stays"

            let finished = before |> List.filter (fun (path, _) -> path.Contains "/items/") |> List.length
            Expect.equal worked.Length (directory.Items.Count - finished) "only what was left is done"
            Expect.equal (merged disk) (aloneKeeping (keeps key) study) "the merged files")

        law 20 "a power cut loses items, but damages none" (fun key ->
            let study, plan = { study key with Seeds = 2 }, planKeeping (keeps key)
            let whole = MemoryDisk()
            run (plan whole study) (plan whole study).Items |> ignore
            let disk = MemoryDisk().Remaining(Everything, integer 1 whole.Operations 31 key, Killed)

            try
                run (plan disk study) (plan disk study).Items |> ignore
            with Gone ->
                ()

            let disk = disk.Remaining(one [ Flushed; NamesFirst ] 32 key, 0, Refused EIO)
            keptAsPlanned disk
            let directory = plan disk study
            Expect.isEmpty directory.DamagedFiles "damaged"
            run directory directory.Items |> ignore
            keptAsPlanned disk
            Expect.equal (merged disk) (aloneKeeping (keeps key) study) "the merged files")

        test "an item that another holds is waited for, and done when it lets go" {
            let study = { Survey.standard with Variants = [ Plain ]; Seeds = 3 }
            let directory = plan (shared (MemoryDisk())) study
            let held = directory.Claim directory.Items[1]

            let running =
                Task.Factory.StartNew((fun () -> run directory directory.Items), TaskCreationOptions.LongRunning)

            Expect.isFalse (running.Wait 300) "it waits"
            held.Dispose()
            let progress, worked = running.Result
            Expect.equal (List.sort worked, progress.Trained) ([ 0; 1; 2 ], 3) "every item"
        }

        test "an item that another finishes between the look at it and the claim is not done again" {
            let study = { Survey.standard with Variants = [ Plain ]; Seeds = 3 }
            let disk = MemoryDisk()
            let other = plan disk study

            let quicker (path: string) =
                if path.EndsWith "000001.lock" then
                    other.Keep(trained other.Items[1])

            let directory = plan (disturbed quicker disk) study
            let progress, worked = run directory directory.Items
            Expect.equal worked [ 0; 2 ] "what was done here"
            Expect.equal progress.Before 1 "what was done there"
            Expect.isFalse (disk.Content |> List.exists (fun (path, _) -> path.EndsWith ".lock")) "no lock is left"
        }

        test "an item that another finishes meanwhile is not done again, nor one that failed there" {
            let study = { Survey.standard with Variants = [ Plain ]; Seeds = 3 }
            let directory = plan (shared (MemoryDisk())) study
            let finishing, failing = directory.Claim directory.Items[0], directory.Claim directory.Items[1]

            let running =
                Task.Factory.StartNew((fun () -> run directory directory.Items), TaskCreationOptions.LongRunning)

            Expect.isFalse (running.Wait 300) "it waits"
            directory.Keep(trained directory.Items[0])
            directory.Fail(directory.Items[1], "It failed elsewhere.")
            finishing.Dispose()
            failing.Dispose()
            let progress, worked = running.Result
            Expect.equal worked [ 2 ] "what was done here"
            Expect.equal progress.Before 1 "what was done there"

            Expect.equal
                [ for failure in progress.Failed -> (failure.ToTuple() |> snd) ]
                [ "It failed elsewhere." ]
                "what failed there"
        }
    ]

let private failures =
    testList "failures" [
        law 10 "an item that fails stops no other, is written down, and is done the next time" (fun key ->
            let study = study key
            let disk = MemoryDisk()
            let directory = plan disk study
            let fails = integer 0 (directory.Items.Count - 1) 40 key

            let progress, _ =
                runWith
                    1
                    (fun item ->
                        if item.Index = fails then
                            raise (ArgumentException "It\nwent wrong")
                        else
                            finished item)
                    directory
                    directory.Items

            Expect.equal progress.Trained (directory.Items.Count - 1) "the others"
            let seen = SurveyDirectory.Open(disk, place)
            Expect.equal (List.ofSeq seen.Missing) [ fails ] "missing"
            let struct (index, why) = seen.Failed[0]
            Expect.equal index fails "which"
            isSentence why
            Expect.stringContains why "went wrong" "why"
            let _, worked = run (SurveyDirectory.Open(disk, place)) directory.Items
            Expect.equal worked [ fails ] "the next time"
            let seen = SurveyDirectory.Open(disk, place)
            Expect.isEmpty seen.Failed "no failure is left"
            Expect.isFalse (disk.Content |> List.exists (fun (path, _) -> path.EndsWith ".failed")) "nor its file"
            Expect.equal (merged disk) (alone study) "the merged files")

        test "a disk that is full ends the process, not the items" {
            let study = { Survey.standard with Variants = [ Plain ]; Seeds = 4 }
            let disk = MemoryDisk().Remaining(Everything, 12, Full)
            let directory = plan disk study

            Expect.throwsC (fun () -> run directory directory.Items |> ignore) (fun failure ->
                Expect.isTrue (failure :? FailedException) $"{failure}"
                isSentence failure.Message
                Expect.stringContains failure.Message "No space left" "what"
                Expect.stringContains failure.Message "interp study run" "how to go on")

            let disk = disk.Remaining(Everything, 0, Refused EIO)
            let directory = plan disk study
            Expect.isEmpty directory.Failed "failures"
            run directory directory.Items |> ignore
            Expect.equal (merged disk) (alone study) "the merged files"
        }
    ]

/// Trains for real, a few steps of small batches.
let private reallyTrained workers =
    let study = {
        Variants = [ Plain; Smeared ]
        Task = TaskForm.study
        Sweeps = [
            { Field = Field.Batch; Values = [ Whole 3 ] }
            { Field = Field.BlockLength; Values = [ Whole 3 ] }
        ]
        FirstSeed = 5UL
        Seeds = 2
        Steps = 12
        Claims = []
        UntilDecided = false
    }

    let disk = MemoryDisk()
    let directory = plan (shared disk) study
    let train item = SurveyTraining.Do(World.Real, item, ignore, CancellationToken.None)
    let progress, _ = runBy workers train directory directory.Items
    Expect.equal progress.Trained directory.Items.Count "trained"
    merged disk

let private atOnce =
    testList "at once" [
        test "how many items are at work at once changes no bit of any" {
            let one = reallyTrained 1
            Expect.equal (reallyTrained 2) one "two"
            Expect.equal (reallyTrained 3) one "three"
        }
    ]

[<Tests>]
let tests = testList "study laws" [ items; elsewhere; failures; atOnce ]
