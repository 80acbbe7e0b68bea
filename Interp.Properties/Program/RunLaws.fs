/// Runs on a disk in memory: whatever happens to the disk, a run goes on to the bits that it would have come to undisturbed.
module Interp.Properties.RunLaws

open System
open System.IO
open System.Text
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Results
open Interp.Runs.Directories
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
                Given.task configuration,
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
    States: TrainingState<Model<Tensor>>[]
    Losses: float[]
}

let private recorded () =
    let c = { Given.configuration (Key.ofSeed 5UL) with Steps = 12; Batch = 3 }
    let objective = Recipe.objective c (Given.task c)
    let trainer = Training.compile 1 objective

    let advances =
        (([], Training.start objective), [ 1 .. c.Steps ])
        ||> List.fold (fun (advances, state) _ ->
            let advance = Training.advance trainer 1 state
            advance :: advances, advance.State)
        |> fst
        |> List.rev

    {
        Configuration = c
        States = [| yield Training.start objective; yield! advances |> List.map _.State |]
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

/// The run that was recorded, killed before its final files were written: the checkpoints of steps 8, 10 and 12 are there.
let private killed () =
    let disk = undisturbed.Value.Remaining(Everything, 0, Refused EIO)
    let path = Path.Combine(place, "model.safetensors")
    (disk: IDisk).Delete path
    let metrics = Path.Combine(place, "metrics.jsonl")

    let lines =
        (Encoding.UTF8.GetString((disk: IDisk).Read(metrics, Int64.MaxValue))).Split '\n'
        |> Array.filter (fun line -> not (line.Contains "finished"))

    (disk: IDisk).Write(metrics, ReadOnlySpan(Encoding.UTF8.GetBytes(String.concat "\n" lines)))
    disk

let private checkpointPath step = Path.Combine(place, "checkpoints", $"step-%09d{step}.safetensors")

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


            for damaged in [ [ 12 ]; [ 12; 10 ]; [ 12; 10; 8 ]; [ 10 ] ] do
                let disk = killed ()

                for step in damaged do
                    let bytes = (disk: IDisk).Read(checkpointPath step, Int64.MaxValue)
                    (disk: IDisk).Write(checkpointPath step, ReadOnlySpan bytes[.. bytes.Length - 7])

                use run = begin' disk recording.Value.Configuration every

                let good = [ 12; 10; 8 ] |> List.tryFind (fun step -> not (List.contains step damaged))
                Expect.equal run.Start.State.Step (Option.defaultValue 0 good) "the step that it goes on from"

                let seen = damaged |> List.filter (fun step -> step > Option.defaultValue 0 good)
                Expect.equal run.Remarks.Count seen.Length "remarks"

                for step in seen do
                    Expect.isTrue
                        (run.Remarks
                         |> Seq.exists (fun remark -> remark.StartsWith(checkpointPath step, StringComparison.Ordinal)))
                        $"step {step} is named"

                    Expect.isTrue
                        ((disk: IDisk).FileExists(checkpointPath step + ".damaged"))
                        $"step {step} is set aside"

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

let private resume disk = RunDirectory.Resume(disk, TimeProvider.System, place, CheckpointSchedule(never))

/// Opening the run is refused in one sentence with these parts, and the disk stays as it is.
let private refusedUntouched (disk: MemoryDisk) (parts: string list) =
    let before = Map.ofList disk.Content

    Expect.throwsC (fun () -> (resume disk).Dispose()) (fun refusal ->
        Expect.isTrue (refusal :? BadInputException) $"{refusal}"
        isSentence refusal.Message

        for part in parts do
            Expect.stringContains refusal.Message part "what is wrong")

    Expect.equal (Map.ofList disk.Content) before "what the disk holds"

/// A configuration that differs in this field, and fits; others may have to follow.
let private edited (field: Field) (c: Configuration) =
    let row = Field.describe field

    let others =
        match row.Get c with
        | Whole n -> [ n + 1; n - 1; 2 * n; n / 2; 1 ] |> List.map Whole
        | Natural n -> [ Natural(n + 1UL) ]
        | Number x -> [ Number(x / 2.0); Number 0.5 ]
        | Truth truth -> [ Truth(not truth) ]
        | Word _ ->
            match row.Range with
            | OneOf words -> List.map Word words
            | _ ->
                [
                    string (TaskForm.Repeat { Given.repetition c with BlockLength = 1; Blocks = 2 })
                    "linear to 0 at 50"
                    "matrices"
                    "0.5"
                ]
                |> List.choose (Field.parse field >> Result.toOption)

    others
    |> List.collect (fun value -> [ row.Set value c; Field.set [ field, value ] c ])
    |> List.tryFind (fun other -> row.Get other <> row.Get c && (Field.problem other).IsNone)
    |> Option.defaultWith (fun () -> failtest $"no other value of {row.Name} fits")

let private write (disk: MemoryDisk) name (bytes: byte[]) =
    (disk: IDisk).Write(Path.Combine(place, name), ReadOnlySpan bytes)

let private said (field: Field) (c: Configuration) = string ((Field.describe field).Get c)

let private edits =
    testList "edited by hand" [
        // All of these but the seed, the shape, the task and fewer steps went on with other numbers, and those lost the checkpoints.
        for field in Field.all do
            test $"config.json with another {Field.name field} is refused with both values, and nothing is touched" {
                let c = recording.Value.Configuration
                let other = edited field c
                let difference = $"{Field.name field} is {said field c} in it and {said field other} there"

                for disk in [ killed (); undisturbed.Value.Remaining(Everything, 0, Refused EIO) ] do
                    write disk "config.json" (ConfigurationFile.Bytes other)
                    refusedUntouched disk [ place; "safetensors"; difference ]

                    // The model says so without its checkpoints, and so do the metrics without the model.
                    for step in [ 8; 10; 12 ] do
                        (disk: IDisk).Delete(checkpointPath step)

                    refusedUntouched disk [ difference ]
            }

        test "config.json of another arithmetic is refused" {
            let disk = killed ()
            let text = Encoding.UTF8.GetString(ConfigurationFile.Bytes recording.Value.Configuration)
            let name = ArithmeticRevision.name

            for revision in [ ""; $",\n  \"{name}\": 3" ] do
                write disk "config.json" (Encoding.UTF8.GetBytes(text.Replace($",\n  \"{name}\": 2", revision)))
                refusedUntouched disk [ name; "is 2 in it" ]
        }

        test "a checkpoint of another run is refused with the difference, wherever it stands, and nothing is set aside" {
            for step in [ 8; 10; 12; 11; 5 ] do
                let disk = killed ()
                let states = recording.Value.States
                let other = edited Field.LearningRate recording.Value.Configuration

                let bytes =
                    Checkpoint.ofRun other step states[step].Weights (Some states[step].Moments) |> Checkpoint.toBytes

                (disk: IDisk).Write(checkpointPath step, ReadOnlySpan bytes)
                // A damaged one before it is not moved either.
                (disk: IDisk).Write(checkpointPath 13, ReadOnlySpan "cut short"B)
                refusedUntouched disk [ checkpointPath step; "learning_rate" ]
        }

        test "a model among the checkpoints is no checkpoint, and is not set aside for that" {
            let disk = killed ()
            let c = recording.Value.Configuration
            let bytes = Checkpoint.ofRun c 12 recording.Value.States[12].Weights None |> Checkpoint.toBytes
            (disk: IDisk).Write(checkpointPath 12, ReadOnlySpan bytes)
            refusedUntouched disk [ checkpointPath 12; "optimizer's state" ]
        }

        test "a checkpoint with any byte changed is set aside, and the one before it is used" {
            let expected = outcome undisturbed.Value
            let path = checkpointPath 12
            let length = (killed (): IDisk).Read(path, Int64.MaxValue).Length
            let random = Random(3)

            // Every part of the header, and the data.
            let places = [
                yield! [ 0..16 .. min 1600 (length - 1) ]
                for _ in 1 .. (if long then 2000 else 100) -> random.Next length
            ]

            for at in places do
                let disk = killed ()
                let bytes = (disk: IDisk).Read(path, Int64.MaxValue)
                bytes[at] <- bytes[at] ^^^ (1uy <<< random.Next 8)
                (disk: IDisk).Write(path, ReadOnlySpan bytes)
                use run = begin' disk recording.Value.Configuration every
                Expect.equal run.Start.State.Step 10 $"the step that it goes on from (byte {at})"
                Expect.isTrue ((disk: IDisk).FileExists(path + ".damaged")) "set aside"
                run.Train(fun start keeper -> replay start keeper) |> ignore
                Expect.equal (outcome disk) expected "the run"
        }

        test "a checkpoint of a version that wrote less is held to what it carries, and a remark says so" {
            let c = recording.Value.Configuration
            let state = recording.Value.States[12]
            let whole = Checkpoint.ofRun c 12 state.Weights (Some state.Moments)
            let lacks = [ Field.Batch; Field.LearningRate ]
            let fields = whole.Provenance.Fields |> List.filter (fun (field, _) -> not (List.contains field lacks))
            let less = { whole with Provenance = { whole.Provenance with Fields = fields } }
            let disk = killed ()
            (disk: IDisk).Write(checkpointPath 12, ReadOnlySpan(Checkpoint.toBytes less))
            use run = resume disk
            Expect.equal run.Start.State.Step 12 "the step"
            Expect.equal run.Remarks.Count 1 "remarks"
            isSentence run.Remarks[0]
            Expect.stringContains run.Remarks[0] "did not write batch, learning_rate" "what it lacks"
        }

        test "metrics of another run, or of more steps, are refused" {
            let c = recording.Value.Configuration
            let other = edited Field.Beta2 c
            let disk = killed ()

            let line (configuration: Configuration) =
                Encoding.UTF8.GetString(ConfigurationFile.Bytes configuration).Replace("\n", "")

            write
                disk
                "metrics.jsonl"
                (Encoding.UTF8.GetBytes $"{{\"event\":\"started\",\"configuration\":{line other}}}\n")

            refusedUntouched disk [
                "metrics.jsonl"
                $"beta2 is {said Field.Beta2 other} in it and {said Field.Beta2 c} there"
            ]

            for lines in
                [
                    "{\"step\":13,\"loss\":1}"
                    "{\"step\":1,\"loss\":1}\n{\"event\":\"finished\",\"step\":11,\"held_out_loss\":1}"
                ] do
                write disk "metrics.jsonl" (Encoding.UTF8.GetBytes(lines + "\n"))
                refusedUntouched disk [ "metrics.jsonl"; "steps is 1"; "in it and 12 there" ]
        }

        test "a plan of snapshots that no run of so many steps has is refused" {
            for plan, part in
                [
                    "[3,13]", "\"[1]\" is 13, expected a whole number from 1 to 12"
                    "[0]", "\"[0]\" is 0"
                    "[1,\"2\"]", "\"[1]\" is"
                    "[2,1]", "ascending"
                    "[1,1]", "ascending"
                    "{}", "a list"
                    "[1,", "JSON"
                    "null", "a list"
                ] do
                let disk = killed ()
                write disk "snapshots/steps.json" (Encoding.UTF8.GetBytes plan)
                refusedUntouched disk [ "steps.json"; part ]
        }

        test "files of a run without config.json are nothing to begin over" {
            let disk = MemoryDisk()
            let bytes = (killed (): IDisk).Read(checkpointPath 12, Int64.MaxValue)
            (disk: IDisk).Write(checkpointPath 12, ReadOnlySpan bytes)
            let before = Map.ofList disk.Content

            Expect.throwsC (fun () -> (begin' disk recording.Value.Configuration every).Dispose()) (fun refusal ->
                isSentence refusal.Message
                Expect.stringContains refusal.Message "no config.json" "why")

            Expect.equal (Map.ofList disk.Content) before "what the disk holds"
        }
    ]

[<Tests>]
let tests = testList "Runs" [ interruption; faults; edits ]
