/// Every command that writes, on a disk of which one operation fails: what was to be written is complete or absent, and one sentence
/// says why.
module Interp.Properties.WritingLaws

open System
open System.IO
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Host
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Surroundings
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes

/// Runs a command in this process, on a disk: its exit code and what it says on standard error.
let private run (disk: IDisk) (line: string) =
    let world =
        World(disk, TimeProvider.System, (fun json -> Terminal(json, TextWriter.Null, TextWriter.Null)))

    use error = new StringWriter()
    Unfinished.BeginCommand()

    let code =
        match Parse.commandLine (line.Split ' ') with
        | Parsed.Run command ->
            Execution.Outcome(error, (fun () -> Execution.Dispatch(world, command, CancellationToken.None)))
        | other -> failtest $"{line}: %A{other}"

    code, error.ToString()

/// A model so small that a command is done in no time.
let private shape =
    "--heads 2 --d-model 4 --d-head 2 --d-vocab 6 --block-length 3 --blocks 2 --n-ctx 8 --batch 2"

let private train place =
    $"train --layers 2 {shape} --steps 3 --checkpoint-every 2 --snapshots 2 --threads 1 --out {place}"

/// Files that were there before a command: two runs, one that was stopped, and a study that is done.
let private before =
    lazy
        (let disk = MemoryDisk()

         let does line =
             let code, said = run disk line
             Expect.equal code 0 $"{line}: {said}"

         does (train "/before/one")
         does (train "/before/two --seed 2")
         does (train "/before/stopped --seed 3")

         for name in [ "model.safetensors"; "learning-curve.csv"; "status"; "checkpoints/step-000000003.safetensors" ] do
             (disk :> IDisk).Delete $"/before/stopped/{name}"

         does "study plan --out /before/study --variants plain --seeds 2 --steps 2"
         does "study run /before/study --workers 1"
         disk)

let private study place = $"study --out {place} --variants plain --seeds 1 --steps 1 --workers 1"

/// What a command writes below a place, and what stands there before.
type private Writer = {
    Line: string
    Place: string
    /// Whether its files go there together; otherwise each is whole, and the same command goes on.
    Together: bool
}

let private together line place = { Line = line; Place = place; Together = true }

let private resumable line place = { Line = line; Place = place; Together = false }

let private writers = [
    together "ablate /before/one -n 8 --pairs --threads 1 --out /new/ablate" "/new"
    together "heads /before/one -n 8 --threads 1 --out /new/heads" "/new"
    together "compose /before/one -n 8 --threads 1 --out /new/compose" "/new"
    together "develop /before/one -n 8 --threads 1" "/before/one/develop"
    together "compare /before/one /before/two -n 8 --threads 1 --picture /new/curves.png" "/new"
    together "logits /before/one --text ABCABC --picture /new/main.png --out /new/all" "/new"
    together "explore /before/one /before/two -n 8 --threads 1 --out /new/page.html" "/new"
    together "lens /before/one --text ABCABC --out /new/lens" "/new"
    together "attribute /before/one --text ABCABC --out /new/attribute" "/new"
    together "study merge /before/study" "/before/study"
    together "study report /before/study" "/before/study"
    resumable "study plan --out /new/study --variants plain --seeds 2 --steps 2" "/new"
    resumable (study "/new/study") "/new"
    resumable (train "/new/run") "/new"
    resumable "train --resume /before/stopped --threads 1" "/before/stopped"
]

/// What counts below a place: neither what a file is called until it is whole, nor locks, nor the times in a run's own diary.
let private content (disk: MemoryDisk) (place: string) =
    disk.Content
    |> List.filter (fun (path, _) ->
        path.StartsWith(place + "/", StringComparison.Ordinal)
        && not (
            path.Contains ".partial"
            || path.EndsWith "lock"
            || path.EndsWith "metrics.jsonl"
            || path.EndsWith ".failed"
        ))
    |> List.sortBy fst

/// Files that are the same whenever they are made.
let private lasting (files: (string * byte[]) list) =
    files
    |> List.filter (fun (path, _) ->
        not (
            path.Contains "/items/"
            || path.Contains "/checkpoints/"
            || path.EndsWith "status"
            || path.EndsWith "report.html"
        ))

let private fails writer =
    let before = before.Value

    if writer.Place = "/new" then
        (before: IDisk).CreateDirectory "/new"

    let whole = before.Remaining(Everything, 0, Refused EIO)
    (whole: IDisk).CreateDirectory "/new"
    let start = whole.Operations
    let code, said = run whole writer.Line
    Expect.equal code 0 $"undisturbed: {said}"
    let expected = content whole writer.Place
    Expect.isNonEmpty expected "something is written"
    let earlier = content before writer.Place

    Expect.notEqual
        (List.map fst expected, List.map snd expected)
        (List.map fst earlier, List.map snd earlier)
        "more than before"

    let mutable told = 0
    let mutable injected = 0

    // Each operation fails in one of the ways by turns, in the long list in each; all of the ways are tried on each operation of what all of
    // these go through, below and in RunLaws. Training takes a second each time, and a page has many files: there some operations fail, other ones each time.
    let operations = whole.Operations - start
    let stride = if operations < (if writer.Together then 100 else 20) then 1 else 8
    let turn = Random.Shared.Next Errno.all.Length
    let byTurns count at = List.init count (fun i -> Errno.all[(at + turn + i) % Errno.all.Length])
    // What measures a model takes most of a second each time: two ways an operation are what the long list has time for.
    let isSlow = writer.Line.StartsWith "develop" || writer.Line = study "/new/study"

    let errnos at =
        if long && isSlow then byTurns 2 at
        elif long then Errno.all
        else byTurns 1 at

    for at in start + 1 + Random.Shared.Next stride .. stride .. whole.Operations do
        for errno in errnos at do
            let disk = before.Remaining(Everything, at, Refused errno)
            (disk: IDisk).CreateDirectory "/new"
            let code, said = run disk writer.Line
            let what = $"{errno} at {disk.Hit}: exit code {code}, {said}"
            injected <- injected + (if disk.Hit.IsSome then 1 else 0)
            let left = content disk writer.Place

            if code = 0 then
                // What failed was a courtesy, such as deleting what is not needed any more.
                Expect.equal (lasting left |> List.map fst) (lasting expected |> List.map fst) what
            else
                told <- told + 1
                // A model that the user may not read is theirs to put right.
                let isForbidden = errno = EACCES && disk.Hit.Value.StartsWith "read "
                Expect.equal code (if isForbidden && code = 2 then 2 else 1) what
                Expect.stringStarts said "interp: " what
                isSentence (said.TrimEnd '\n')
                Expect.stringContains said (Errno.words errno) what

                if writer.Together then
                    let isEarlier = left = earlier
                    let isNew = (List.map fst left = List.map fst expected) && lasting left = lasting expected
                    Expect.isTrue (isEarlier || isNew) $"neither complete nor absent: {what} %A{List.map fst left}"

                    if isNew && not isEarlier then
                        Expect.stringContains said "whole" $"it is there: {what}"
                    else
                        Expect.isFalse (said.Contains "is written, and whole") $"it is not there: {what}"

                Expect.isFalse
                    (disk.Content |> List.exists (fun (path, _) -> path.EndsWith ".damaged"))
                    $"nothing good is set aside: {what}"

                if not writer.Together then
                    let again = disk.Remaining(Everything, 0, Refused EIO)
                    (again: IDisk).CreateDirectory "/new"
                    let code, said = run again writer.Line
                    Expect.equal code 0 $"again, after {what}: {said}"

                    Expect.equal
                        (content again writer.Place
                         |> lasting
                         |> List.filter (fun (path, _) -> not (path.EndsWith ".damaged")))
                        (lasting expected)
                        $"again, after {what}"

    Expect.isGreaterThan told 0 "failures that were told"
    let words = writer.Line.Split ' ' |> Array.truncate 2 |> String.concat " "
    report $"faults injected: {injected} ({words}; told of: {told})"

let private files = [|
    struct ("report.html", "new"B)
    struct ("figures/one.png", "one"B)
    struct ("figures/two.png", "two"B)
|]

let private publishing =
    testList "files that go together" [
        test "replace earlier ones all or none, whatever fails, and the sentence says which" {
            let old () =
                let disk = MemoryDisk()
                (disk :> IDisk).Write("/here/report.html", ReadOnlySpan "old"B)
                (disk :> IDisk).Write("/here/figures/two.png", ReadOnlySpan "old two"B)
                (disk :> IDisk).Write("/here/other", ReadOnlySpan "not ours"B)
                disk

            let attempt (disk: IDisk) =
                Unfinished.BeginCommand()
                use staged = StagedDirectory.Create(disk, "/here")
                staged.Publish files

            let content (disk: MemoryDisk) =
                disk.Content |> List.filter (fun (path, _) -> not (path.Contains ".partial")) |> Map.ofList

            let earlier = content (old ())
            let undisturbed = old().Remaining(Everything, 0, Refused EIO)
            attempt undisturbed
            let now = content undisturbed
            Expect.equal now.Count 4 "three and the other"
            Expect.equal now["/here/other"] "not ours"B "what is not ours"

            for at in 1 .. undisturbed.Operations do
                for fault in [ yield! Errno.all |> List.map Refused; Torn 1; Torn 100; Full ] do
                    let disk = old().Remaining(Everything, at, fault)

                    let said =
                        try
                            attempt disk
                            None
                        with :? FailedException as failed ->
                            isSentence failed.Message
                            Some failed.Message

                    let what = $"{fault} at {disk.Hit}: {said}"
                    let left = content disk

                    match said with
                    | Some said when said.Contains "nothing was written" -> Expect.equal left earlier what
                    | Some said when said.Contains "is written, and whole" -> Expect.equal left now what
                    | Some _ -> failtest $"it does not say what is there: {what}"
                    | None -> Expect.equal left now what
        }

        test "an interruption at any operation is told what is there" {
            let undisturbed = MemoryDisk()

            let attempt (disk: IDisk) =
                use staged = StagedDirectory.Create(disk, "/new/here")
                staged.Publish files

            Unfinished.BeginCommand()
            attempt undisturbed

            for at in 1 .. undisturbed.Operations do
                // At an operation another thread is told to leave the work, as a signal's is; then the work goes on.
                let inner = MemoryDisk()
                let mutable operations = 0
                let mutable said = ""
                let mutable told: Threading.Tasks.Task = Threading.Tasks.Task.CompletedTask

                let glance () =
                    operations <- operations + 1

                    if operations = at then
                        told <- Threading.Tasks.Task.Run(fun () -> said <- Unfinished.Leave())
                        // Where the work holds what leaving waits for, it goes on first.
                        told.Wait 20 |> ignore

                Unfinished.BeginCommand()

                try
                    attempt (SurveyGiven.watched glance inner)
                with :? InterruptedException ->
                    ()

                told.Wait()

                let left = inner.Content |> List.map fst |> List.filter (fun path -> path.StartsWith "/new/here/")
                let what = $"at operation {at}: {said}, %A{left}"

                if said.Contains "nothing was written" then
                    Expect.isEmpty inner.Content what
                else
                    Expect.stringContains said "/new/here is written, and whole" what
                    Expect.equal left.Length files.Length what
        }
    ]

/// Interrupts a command before its operation `at`, as a signal's thread does: what that says, the files at that moment (after which
/// a process ends), and what the command ends in, were it to go on.
let private interrupted at (disk: MemoryDisk) line =
    let mutable operations = 0
    let mutable said = ""
    let mutable files = []
    let mutable told: Tasks.Task = Tasks.Task.CompletedTask

    let leave () =
        said <- Unfinished.Leave()
        files <- lock (disk: IDisk) (fun () -> disk.Content)

    let glance () =
        operations <- operations + 1

        if operations = at then
            told <- Tasks.Task.Run leave
            // Where the work holds what leaving waits for, it goes on first.
            told.Wait 20 |> ignore

    let code, error = run (SurveyGiven.watched glance disk) line
    told.Wait()
    said, Map.ofList files, code, error

let private interruptions =
    testList "interrupted at any operation" [
        test "a training says how it stands, and goes on to the same" {
            let line = train "/new/run"
            let whole = MemoryDisk()
            run whole line |> ignore
            let expected = content whole "/new" |> lasting
            let stride = if long then 1 else 6

            for at in 1 + Random.Shared.Next stride .. stride .. whole.Operations do
                let disk = MemoryDisk()
                let said, files, code, error = interrupted at disk line
                let what = $"at {at}: {said}; exit code {code}, {error}"
                Expect.isTrue (code = 130 || code = 0) what
                let isThere name = files.ContainsKey $"/new/run/{name}"

                match said with
                | _ when said.Contains "as it was, or has just been begun" ->
                    Expect.isFalse (isThere "model.safetensors") what
                | _ when said.Contains "is finished, and whole" ->
                    Expect.isTrue (isThere "model.safetensors" && isThere "learning-curve.csv") what
                | _ when said.Contains "stands at step 0 of 3" -> Expect.isTrue (isThere "config.json") what
                | _ when said.Contains "stands at step " ->
                    let step = said[said.IndexOf "stands at step " + "stands at step ".Length]
                    Expect.isTrue (isThere $"checkpoints/step-00000000{step}.safetensors") what
                | _ ->
                    Expect.stringContains said "nothing was written" what
                    Expect.isEmpty files what

                let code, error = run disk line
                Expect.equal code 0 $"again, after {what}: {error}"
                Expect.isTrue (lasting (content disk "/new") = expected) $"again, after {what}"
        }
    ]

[<Tests>]
let tests =
    testSequenced
    <| testList "Writing" [
        publishing
        interruptions
        testList "a disk that fails under" [
            for writer in writers do
                test writer.Line { fails writer }
        ]
    ]
