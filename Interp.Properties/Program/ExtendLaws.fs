/// Runs that take further steps: the bits of a run that was asked for all of them when it began, whatever happens to the disk meanwhile.
module Interp.Properties.ExtendLaws

open System
open System.IO
open System.Text
open System.Threading
open Expecto
open Interp
open Interp.Runs.Directories
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Results
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes

let private place = "/runs/one"

let private schedule = CheckpointSchedule(TimeSpan.FromDays 1.0, Nullable 2)

let private begin' (disk: MemoryDisk) configuration =
    RunDirectory.Begin(disk, TimeProvider.System, place, configuration, schedule)

let private resume (disk: MemoryDisk) = RunDirectory.Resume(disk, TimeProvider.System, place, schedule)

let private extend (disk: MemoryDisk) further = RunDirectory.Extend(disk, TimeProvider.System, place, further, schedule)

let private content (disk: MemoryDisk) name = Map.ofList disk.Content |> Map.find (Path.Combine(place, name))

let private word (disk: MemoryDisk) = (Encoding.UTF8.GetString(content disk "status")).Split('\n')[0]

let private stored (disk: MemoryDisk) = ConfigurationFile.Read(disk, Path.Combine(place, "config.json"))

/// Trains an open run to its end, or until `stop` says so after some step.
let private train (run: RunDirectory) (stop: int -> bool) =
    use run = run

    if isNull run.Finished then
        use interruption = new CancellationTokenSource()

        run.Train(fun start keeper ->
            TrainingRun.Run(
                TimeProvider.System,
                run.Configuration,
                Given.task run.Configuration,
                1,
                start,
                keeper,
                (fun progress ->
                    if stop progress.Step then
                        interruption.Cancel()),
                interruption.Token
            ))
        |> ignore

let private never _ = false

/// The losses of all steps, which are told to the bit; held-out ones are taken at other steps the more there are.
let private losses (disk: MemoryDisk) =
    (Encoding.UTF8.GetString(content disk "learning-curve.csv")).Split '\n'
    |> Array.map (fun line -> line.Split ',' |> Array.truncate 2)

let private same =
    law 8 "further steps, of a run at its end or on its way, are those of a longer run, to the bit" (fun key ->
        let first, further, last = integer 1 9 1 key, integer 1 9 2 key, integer 1 4 3 key

        let c = {
            Given.configuration key with
                Steps = first
                Batch = integer 1 20 4 key
                Schedule =
                    match
                        Schedule.parse (
                            one
                                [ "constant"; "warm-up 6"; "warm-up 2 then cosine to 0.1 at 9"; "jump to 0.5 at 4" ]
                                5
                                key
                        )
                    with
                    | Ok schedule -> schedule
                    | Error problem -> failtest problem
        }

        let longer = MemoryDisk()
        train (begin' longer { c with Steps = first + further + last }) never

        let disk = MemoryDisk()
        let stop at step = step >= at

        let attempt run at =
            try
                train run (stop at)
            with :? InterruptedException as stopped ->
                Expect.stringContains stopped.Message "--resume" "the command to go on with"

        // To the end, or not quite; then further, interrupted, and on; then further once more.
        attempt (begin' disk c) (integer 1 (first + 1) 6 key)
        attempt (extend disk further) (integer 1 (first + further) 7 key)
        train (resume disk) never
        Expect.equal (stored disk).Configuration.Steps (first + further) "steps that are asked for"
        train (extend disk last) never
        Expect.equal (word disk) "finished" "status"
        Expect.equal (List.ofSeq (stored disk).ExtendedFrom) [ first; first + further ] "what it was asked for before"
        Expect.equal (content disk "model.safetensors") (content longer "model.safetensors") "the model's file"
        Expect.equal (losses disk) (losses longer) "the losses"
        // Asking for the longer run in this directory is asking for this run.
        use again = begin' disk { c with Steps = first + further + last }
        Expect.isNotNull again.Finished "it is finished"
        Expect.isEmpty again.Remarks "remarks")

/// A short run with its states, so that what its disk sees can be had again at once.
let private recorded =
    lazy
        (let c = { Given.configuration (Key.ofSeed 5UL) with Steps = 12; Batch = 3 }
         let objective = Recipe.objective c (Given.task c)
         let trainer = Training.compile 1 objective

         let states, losses =
             (Training.start objective, [ 1..12 ])
             ||> List.mapFold (fun state _ ->
                 let advance = Training.advance trainer 1 state
                 (state, advance.Losses[0]), advance.State)
             |> fun (steps, last) -> (List.map fst steps @ [ last ] |> Array.ofList, List.map snd steps |> Array.ofList)

         c, states, losses)

/// The training that was recorded, from where a run goes on to where it is to end.
let private replay (run: RunDirectory) =
    use run = run

    if isNull run.Finished then
        let _, states, losses = recorded.Value
        let steps = run.Configuration.Steps

        run.Train(fun start keeper ->
            let from = start.State.Step
            Expect.equal start.State states[from] "the state that the run goes on from"

            for step in from + 1 .. steps do
                keeper.Keep(states[step], [| losses[step - 1] |], Nullable())

            TrainingOutcome(
                Weights = states[steps].Weights,
                Losses = [| yield! start.Losses; yield! losses[from .. steps - 1] |],
                HeldOut = [| HeldOutLoss(steps, 1.0) |],
                Seconds = 1.0,
                QuickestStep = 1.0,
                MedianStep = 1.0
            ))
        |> ignore

let private first, private further = 8, 4

/// A run of eight steps, finished, or stopped after five.
let private begun isFinished =
    let c, states, losses = recorded.Value
    let disk = MemoryDisk()

    if isFinished then
        replay (begin' disk { c with Steps = first })
    else
        use run = begin' disk { c with Steps = first }

        try
            run.Train(fun _ keeper ->
                for step in 1..5 do
                    keeper.Keep(states[step], [| losses[step - 1] |], Nullable())

                raise (OperationCanceledException()))
            |> ignore
        with :? InterruptedException ->
            ()

    disk

let private copy (disk: MemoryDisk) = disk.Remaining(Everything, 0, Refused EIO)

let private faults = [
    Refused EIO, Everything
    Torn 20, Everything
    Full, Everything
    Killed, Everything
    Killed, Flushed
    Killed, NamesFirst
]

let private failing =
    test "whatever fails on the way, the run is the old one or the longer one, and goes on to its bytes" {
        for isFinished in [ true; false ] do
            let start = begun isFinished
            let whole = copy start
            replay (extend whole further)
            let expected = content whole "model.safetensors"
            let mutable longer, shorter = 0, 0

            for fault, remains in faults do
                for at in 1 .. whole.Operations do
                    let broken = start.Remaining(Everything, at, fault)

                    try
                        replay (extend broken further)
                    with
                    | :? FailedException as failed -> isSentence failed.Message
                    | Gone -> ()

                    let after = broken.Remaining(remains, 0, Refused EIO)
                    let what = $"{fault} at operation {at} ({broken.Hit}), {remains}"
                    // Whoever looks sees a run.
                    let summary = RunSummary.Read(after, place)
                    Expect.isTrue (isNull summary.Problem || summary.State = "failed") $"{what}: {summary.Problem}"
                    let asked = (stored after).Configuration.Steps

                    if asked = first then
                        shorter <- shorter + 1
                        replay (extend after further)
                    else
                        Expect.equal asked (first + further) what
                        longer <- longer + 1
                        // The window in which the status is of the shorter run is no end.
                        let model = Map.ofList after.Content |> Map.tryFind (Path.Combine(place, "model.safetensors"))
                        let isDone = model = Some expected && word after = "finished"
                        Expect.equal (summary.State = "finished") isDone $"the state after {what}"
                        replay (resume after)

                    Expect.equal (content after "model.safetensors") expected $"the model after {what}"
                    Expect.equal (word after) "finished" $"status after {what}"

            Expect.isGreaterThan shorter 0 "runs that were not extended yet"
            Expect.isGreaterThan longer 0 "runs that were"
    }

let private refused =
    testList "refused, and nothing is touched" [
        let isRefused (disk: MemoryDisk) further (parts: string list) =
            let before = Map.ofList disk.Content

            Expect.throwsC (fun () -> (extend disk further).Dispose()) (fun refusal ->
                Expect.isTrue (refusal :? BadInputException) $"{refusal}"
                isSentence refusal.Message

                for part in parts do
                    Expect.stringContains refusal.Message part "what is wrong")

            Expect.equal (Map.ofList disk.Content) before "what the disk holds"

        test "a directory without a run" { isRefused (MemoryDisk()) 5 [ "--extend"; "no config.json" ] }

        test "more steps than any run takes" {
            isRefused (begun true) 100_000_000 [ "--extend"; "100000008"; "from 1 to 100000000" ]
        }

        test "a schedule that has come to nothing" {
            let c, _, _ = recorded.Value
            let disk = MemoryDisk()

            train
                (begin' disk {
                    c with
                        Steps = 3
                        Schedule = { WarmUp = 0; Parts = [ { Course = Course.Linear; Factor = 0.0; At = 3 } ] }
                })
                never

            isRefused disk 5 [ "linear to 0 at 3"; "learning rate of 0" ]
        }

        test "a run whose files are of another" {
            let disk = begun true
            let c, _, _ = recorded.Value

            (disk: IDisk)
                .Write(
                    Path.Combine(place, "config.json"),
                    ReadOnlySpan(ConfigurationFile.Bytes { c with Steps = first; Batch = 4 })
                )

            isRefused disk 5 [ "batch is 3 in it and 4 there" ]
        }

        test "numbers of another arithmetic" {
            let disk = begun true
            let text = Encoding.UTF8.GetString(content disk "config.json")

            let bytes =
                Encoding.UTF8.GetBytes(
                    text.Replace(
                        $"\"{ArithmeticRevision.name}\": {ArithmeticRevision.current}",
                        $"\"{ArithmeticRevision.name}\": 1"
                    )
                )

            (disk: IDisk).Write(Path.Combine(place, "config.json"), ReadOnlySpan bytes)
            isRefused disk 5 [ ArithmeticRevision.name ]
        }
    ]

[<Tests>]
let tests = testList "Extend" [ same; failing; refused ]
