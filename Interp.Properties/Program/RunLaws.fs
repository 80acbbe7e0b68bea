/// Runs on a disk in memory: whatever happens to the disk, a run goes on to the bits that it would have come to undisturbed.
module Interp.Properties.RunLaws

open System
open System.IO
open System.Text
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Host.Endings
open Interp.Host.Files
open Interp.Host.Results
open Interp.Host.Runs
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes

let private never = TimeSpan.FromDays 1.0

let private place = "/runs/one"

/// A run as it came out: its model and its learning curve, to the byte.
let private outcome (disk: MemoryDisk) =
    let content = Map.ofList disk.Content
    content[Path.Combine(place, "model.safetensors")], content[Path.Combine(place, "learning-curve.csv")]

/// Steps of the good checkpoints on a disk.
let private goodSteps (disk: MemoryDisk) =
    disk.Content
    |> List.choose (fun (path, bytes) ->
        if path.Contains "/checkpoints/" && path.EndsWith ".safetensors" then
            match Checkpoint.ofBytes path bytes with
            | Ok checkpoint -> Some checkpoint.Steps
            | Error _ -> None
        else
            None)

let private begin' disk (configuration: Configuration) every =
    RunDirectory.Begin(disk, TimeProvider.System, place, configuration, CheckpointSchedule(never, Nullable every))

/// Trains on a disk to the end, or until `stop` says so after some step.
let private train (disk: MemoryDisk) configuration every (stop: int -> bool) =
    use run = begin' disk configuration every

    if isNull run.Finished then
        use interruption = new CancellationTokenSource()

        run.Train(fun start keeper ->
            TrainingRun.Run(
                TimeProvider.System,
                configuration,
                1,
                start,
                keeper,
                (fun progress ->
                    if stop progress.Step then
                        interruption.Cancel()),
                interruption.Token
            ))
        |> ignore

let private interruption =
    testList "interruption" [
        law 25 "interrupting after any number of steps and going on is not interrupting" (fun key ->
            let steps = integer 1 12 30 key
            let c = { Given.configuration key with Steps = steps; Batch = integer 1 40 31 key }
            let every = integer 1 4 32 key
            let undisturbed = MemoryDisk()
            train undisturbed c every (fun _ -> false)
            let disk = MemoryDisk()

            // Two interruptions, then to the end.
            for use' in [ 33; 34 ] do
                let last = integer 1 steps use' key

                try
                    train disk c every (fun step -> step >= last)
                with :? InterruptedException as stopped ->
                    Expect.stringContains stopped.Message "--resume" "the command to go on with"

            train disk c every (fun _ -> false)
            Expect.equal (outcome disk) (outcome undisturbed) "the model and the learning curve")
    ]

/// Everything of a short run that its disk sees, with the training itself done beforehand.
type private Recording = {
    Configuration: Configuration
    /// The state after each step, from 0 on.
    States: TrainingState[]
    Losses: float[]
}

let private recorded () =
    let c = { Given.configuration (Key.ofSeed 5UL) with Steps = 12; Batch = 3 }
    let trainer = Training.compile 1 c

    let advances =
        (([], Training.start c), [ 1 .. c.Steps ])
        ||> List.fold (fun (advances, state) _ ->
            let advance = Training.advance trainer 1 state
            advance :: advances, advance.State)
        |> fst
        |> List.rev

    {
        Configuration = c
        States = [| yield Training.start c; yield! advances |> List.map _.State |]
        Losses = advances |> List.map (fun advance -> advance.Losses[0]) |> List.toArray
    }

let private recording = lazy (recorded ())

let private every = 2

/// The training that was recorded, from where a run goes on.
let private replay (start: TrainingStart) (keeper: ITrainingKeeper) =
    let recording = recording.Value
    let from = start.State.Step
    Expect.equal start.State recording.States[from] "the state that the run goes on from"

    for step in from + 1 .. recording.Configuration.Steps do
        let heldOut = if step % 5 = 0 then Nullable(HeldOutLoss(step, float step)) else Nullable()

        keeper.Keep(recording.States[step], [| recording.Losses[step - 1] |], heldOut)

    TrainingOutcome(
        Weights = recording.States[recording.Configuration.Steps].Weights,
        Losses = [| yield! start.Losses; yield! recording.Losses[from..] |],
        HeldOut = [|
            for step in 5..5 .. recording.Configuration.Steps - 1 do
                HeldOutLoss(step, float step)

            HeldOutLoss(recording.Configuration.Steps, 1.0)
        |],
        Seconds = 1.0,
        QuickestStep = 1.0,
        MedianStep = 1.0
    )

/// What a process did on a disk: it came to its end, or failed with a sentence, or was gone.
let private attempt (disk: MemoryDisk) =
    try
        use run = begin' disk recording.Value.Configuration every

        if isNull run.Finished then
            run.Train(fun start keeper -> replay start keeper) |> ignore
    with
    | :? FailedException as failed -> isSentence failed.Message
    | Gone -> ()

let private undisturbed =
    lazy
        (let disk = MemoryDisk()
         attempt disk
         disk)

let private faultsOfOne = [
    Refused EIO, Everything
    Refused EACCES, Everything
    Torn 0, Everything
    Torn 1, Everything
    Torn 100, Everything
    Torn 20_000_000, Everything
    Full, Everything
    Killed, Everything
    Killed, Flushed
    Killed, NamesFirst
]

let private faults =
    testList "a disk that fails" [
        test "at any operation of a run: nothing good is gone, and the run goes on to the same bytes" {
            let operations = undisturbed.Value.Operations
            let expected = outcome undisturbed.Value
            let mutable injected = 0

            /// Breaks operation `at` of what a process does with a disk; the disk afterwards.
            let break' (disk: MemoryDisk) at (fault, remains) =
                let broken = disk.Remaining(Everything, at, fault)
                attempt broken

                match broken.Hit with
                | Some _ -> injected <- injected + 1
                | None -> ()

                let after = broken.Remaining(remains, 0, Refused EIO)
                let what = $"{fault} at operation {at} ({broken.Hit}), {remains}"

                // Of what the disk held before; what this process wrote may be lost as long as the run can go on.
                let newest steps = if List.isEmpty steps then 0 else List.max steps

                Expect.isGreaterThanOrEqual
                    (newest (goodSteps after))
                    (newest (goodSteps disk))
                    $"checkpoints after {what}"

                after, what

            let goesOn (disk: MemoryDisk) what =
                let disk = disk.Remaining(Everything, 0, Refused EIO)
                attempt disk
                Expect.equal (outcome disk) expected $"the run after {what}"
                let status = Map.ofList disk.Content |> Map.find (Path.Combine(place, "status"))
                Expect.equal (Encoding.UTF8.GetString status) "finished\n" $"status after {what}"

            let empty = MemoryDisk()

            for fault in faultsOfOne do
                for at in 1..operations do
                    let after, what = break' empty at fault
                    goesOn after what

                    // Something goes wrong with going on, too.
                    let random = Random(at)

                    for _ in 1 .. (if long then 10 else 1) do
                        let second = faultsOfOne[random.Next faultsOfOne.Length]
                        let after, what' = break' after (random.Next(1, operations)) second
                        goesOn after $"{what}, then {what'}"

            report $"faults injected: {injected} (a run of {operations} operations on its disk)"
        }

        test "whatever happened to checkpoints, the run goes on from the newest good one and names the others" {
            let expected = outcome undisturbed.Value

            let killed () =
                // Before the final files are written: the checkpoints of steps 8, 10 and 12 are there.
                let disk = undisturbed.Value.Remaining(Everything, 0, Refused EIO)
                (disk: IDisk).Delete(Path.Combine(place, "model.safetensors"))
                disk

            let path step = Path.Combine(place, "checkpoints", $"step-%09d{step}.safetensors")

            for damaged in [ [ 12 ]; [ 12; 10 ]; [ 12; 10; 8 ]; [ 10 ] ] do
                let disk = killed ()

                for step in damaged do
                    let bytes = (disk: IDisk).Read(path step, Int64.MaxValue)
                    (disk: IDisk).Write(path step, ReadOnlySpan bytes[.. bytes.Length - 7])

                use run = begin' disk recording.Value.Configuration every

                let good = [ 12; 10; 8 ] |> List.tryFind (fun step -> not (List.contains step damaged))
                Expect.equal run.Start.State.Step (Option.defaultValue 0 good) "the step that it goes on from"

                let seen = damaged |> List.filter (fun step -> step > Option.defaultValue 0 good)
                Expect.equal run.Remarks.Count seen.Length "remarks"

                for step in seen do
                    Expect.isTrue
                        (run.Remarks
                         |> Seq.exists (fun remark -> remark.StartsWith(path step, StringComparison.Ordinal)))
                        $"step {step} is named"

                    Expect.isTrue ((disk: IDisk).FileExists(path step + ".damaged")) $"step {step} is set aside"

                run.Train(fun start keeper -> replay start keeper) |> ignore
                Expect.equal (outcome disk) expected $"the run after damage to {damaged}"
        }

        test "a weight that is not finite is named, and never written over something good" {
            let c = { Configuration.study with Steps = 50; Batch = 2; LearningRate = 10.0; WeightDecay = 1000.0 }

            let disk = MemoryDisk()

            let failed = Expect.throwsC (fun () -> train disk c 1 (fun _ -> false)) (fun failed -> failed.Message)

            isSentence failed

            for part in [ "diverged at step "; "embed.W_E"; "last good checkpoint"; "learning rate" ] do
                Expect.stringContains failed part "what is wrong"

            let steps = goodSteps disk
            Expect.isNonEmpty steps "good checkpoints"
            Expect.stringContains failed $"(step {List.max steps} of 50)" "the last good checkpoint"
            let status = Map.ofList disk.Content |> Map.find (Path.Combine(place, "status"))
            Expect.equal (Encoding.UTF8.GetString status) $"failed\n{failed}\n" "status"
        }

        test "a second run in a directory that is held is refused" {
            let disk = MemoryDisk()
            use run = begin' disk recording.Value.Configuration every

            let refused =
                Expect.throwsC (fun () -> (begin' disk recording.Value.Configuration every).Dispose()) (fun refused ->
                    refused.Message)

            isSentence refused
            Expect.stringContains refused "another process" "why"
            Expect.equal run.Start.State.Step 0 "the first run"
        }
    ]

[<Tests>]
let tests = testList "Runs" [ interruption; faults ]
