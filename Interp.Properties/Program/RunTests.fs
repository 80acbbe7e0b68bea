/// Runs: whatever happens to the process or to the disk, a run goes on to the bits that it would have come to undisturbed.
module Interp.Properties.RunTests

open System
open System.Diagnostics
open System.IO
open System.Text
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Host
open Interp.Host.Files
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
    RunDirectory.Begin(disk, place, configuration, CheckpointSchedule(never, Nullable every))

/// Trains on a disk to the end, or until `stop` says so after some step.
let private train (disk: MemoryDisk) configuration every (stop: int -> bool) =
    use run = begin' disk configuration every

    if isNull run.Finished then
        use interruption = new CancellationTokenSource()

        run.Train(fun start keeper ->
            TrainingRun.Run(
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
        let heldOut =
            if step % 5 = 0 then
                Nullable(Results.HeldOutLoss(step, float step))
            else
                Nullable()

        keeper.Keep(recording.States[step], [| recording.Losses[step - 1] |], heldOut)

    TrainingOutcome(
        Weights = recording.States[recording.Configuration.Steps].Weights,
        Losses = [| yield! start.Losses; yield! recording.Losses[from..] |],
        HeldOut = [|
            for step in 5..5 .. recording.Configuration.Steps - 1 do
                Results.HeldOutLoss(step, float step)

            Results.HeldOutLoss(recording.Configuration.Steps, 1.0)
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
    Refused, Everything
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

                let after = broken.Remaining(remains, 0, Refused)
                let what = $"{fault} at operation {at} ({broken.Hit}), {remains}"

                // Of what the disk held before; what this process wrote may be lost as long as the run can go on.
                let newest steps = if List.isEmpty steps then 0 else List.max steps

                Expect.isGreaterThanOrEqual
                    (newest (goodSteps after))
                    (newest (goodSteps disk))
                    $"checkpoints after {what}"

                after, what

            let goesOn (disk: MemoryDisk) what =
                let disk = disk.Remaining(Everything, 0, Refused)
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
                let disk = undisturbed.Value.Remaining(Everything, 0, Refused)
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

/// A run of some seconds, in a process.
let private arguments directory = [
    "train"
    "--smeared"
    "--steps"
    "15000"
    "--batch"
    "16"
    "--checkpoint-every"
    "500"
    "--threads"
    "1"
    "--out"
    directory
    "--json"
]

let private sha (output: string) =
    let json = System.Text.Json.JsonDocument.Parse(output).RootElement
    (item [ "weights_sha256" ] json).GetString()

/// The weights of an undisturbed run, and how long it takes here and now.
let private undisturbedProcess =
    lazy
        (let mutable sha256 = ""
         let clock = Stopwatch.StartNew()

         inDirectory (fun directory ->
             let finished = interp (arguments (Path.Combine(directory, "undisturbed")))
             Expect.equal finished.ExitCode 0 finished.Error
             sha256 <- sha finished.Output)

         sha256, clock.Elapsed)

/// Starts the run, disturbs it at a random moment, and starts it again, until it was disturbed `times` times; a run that was quicker is
/// checked, and the next begins. What a disturbed process came to is given to `left`.
let private disturb times (disturbance: Process -> unit) (left: Outcome -> string -> unit) =
    let expected, time = undisturbedProcess.Value
    let longestWait = int (min 2000.0 time.TotalMilliseconds)

    inDirectory (fun directory ->
        let mutable disturbed = 0
        let mutable runs = 1
        let place () = Path.Combine(directory, $"run{runs}")

        let finished outcome =
            Expect.equal outcome.ExitCode 0 $"exit code; the program said: {outcome.Error}"
            Expect.equal (sha outcome.Output) expected "weights after being disturbed"

        while disturbed < times do
            use run = start (arguments (place ()))
            let output = run.StandardOutput.ReadToEndAsync()
            let error = run.StandardError.ReadToEndAsync()
            let isQuicker = run.WaitForExit(Random.Shared.Next longestWait)

            if not isQuicker then
                disturbance run

            run.WaitForExit()
            let outcome = { ExitCode = run.ExitCode; Output = output.Result; Error = error.Result }

            if outcome.ExitCode = 0 then
                finished outcome
                runs <- runs + 1
            else
                disturbed <- disturbed + 1
                left outcome (place ())

        finished (interp (arguments (place ())))
        runs)

let private times = if long then 60 else 20

let private processes =
    testSequenced
    <| testList "processes" [
        test "SIGKILL at any moment loses no run" {
            let mutable runs = 0

            disturb times (fun run -> run.Kill()) (fun outcome _ ->
                Expect.equal outcome.Output "" "standard output of a killed process")
            |> fun count -> runs <- count

            report $"kills survived: {times} (SIGKILL, {runs} runs to the same weights)"
        }

        for name in [ "INT"; "TERM" ] do
            test $"SIG{name} leaves a checkpoint, says how to go on, and exits with 130" {
                if OperatingSystem.IsWindows() then
                    skiptest $"there is no SIG{name} to send"

                let times = times / 4
                let mutable slowest = TimeSpan.Zero
                let clock = Stopwatch()

                let interrupt (run: Process) =
                    // Not before the program has had the time to say what is to happen then: half a second on a busy machine.
                    Thread.Sleep 700
                    clock.Restart()
                    signal name run

                let runs =
                    disturb times interrupt (fun outcome directory ->
                        slowest <- max slowest clock.Elapsed
                        Expect.equal outcome.ExitCode 130 $"exit code; the program said: {outcome.Error}"
                        Expect.equal outcome.Output "" "standard output"

                        Expect.stringContains
                            outcome.Error
                            $"go on with: interp train --resume {directory}"
                            "how to go on"

                        let status = File.ReadAllText(Path.Combine(directory, "status"))
                        Expect.equal status "interrupted\n" "status")

                report
                    $"interruptions survived: {times} (SIG{name}, {runs} runs to the same weights; slowest {slowest.TotalMilliseconds:F0} ms)"
            }

        test "of two processes in one directory the second is refused, and nobody after a process that was killed" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")
                let long = [ "train"; "--steps"; "1000000"; "--batch"; "16"; "--out"; place ]
                let racers = [ start long; start long ]
                let errors = racers |> List.map (fun racer -> racer.StandardError.ReadToEndAsync())
                let loser = Tasks.Task.WaitAny [| for racer in racers -> racer.WaitForExitAsync() |]
                Expect.equal racers[loser].ExitCode 1 "exit code of the second"

                Expect.equal
                    errors[loser].Result
                    $"interp: {place}: another process is at work on this run.\n"
                    "what it says"

                let winner = racers[1 - loser]
                Expect.isFalse winner.HasExited "the first goes on"
                winner.Kill()
                winner.WaitForExit()

                use third = start [ "train"; "--resume"; place ]
                // The first word of progress.
                let first = third.StandardError.ReadLine()
                Expect.isFalse (isNull first || first.Contains "another process") $"not refused: {first}"
                third.Kill()
                third.WaitForExit()

                for racer in racers do
                    racer.Dispose())
        }

        test "a directory that is removed under a run is one sentence and exit code 1" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")

                use run =
                    start [
                        "train"
                        "--steps"
                        "1000000"
                        "--batch"
                        "16"
                        "--checkpoint-every"
                        "500"
                        "--out"
                        place
                    ]

                // The first word of progress.
                Expect.isNotNull (run.StandardError.ReadLine()) "progress"
                // Moved away, which is removed for the program, and can be looked at.
                let away = place + "-away"
                Directory.Move(place, away)
                let error = run.StandardError.ReadToEnd()
                run.WaitForExit()
                Expect.equal run.ExitCode 1 $"exit code; the program said: {error}"
                let said = error.TrimEnd('\n').Split('\n') |> Array.last
                Expect.stringStarts said $"interp: {place}: " "who speaks of what"
                isSentence said

                for file in Directory.GetFiles(Path.Combine(away, "checkpoints"), "*.safetensors") do
                    Expect.isOk (Checkpoint.ofBytes file (File.ReadAllBytes file)) "what was good is good still")
        }

        for args, code, parts in
            [
                (fun place -> [ "train"; "--resume"; place + "-nowhere" ]), 2, [ "config.json" ]
                (fun place -> [ "train"; "--resume"; place; "--seed"; "2" ]), 2, [ "--resume" ]
                (fun place -> [ "train"; "--out"; place; "--steps"; "9" ]), 2, [ "different run"; "steps (8, not 9)" ]
                (fun place -> [ "reproduce"; "--out"; place ]), 2, [ "different run" ]
                (fun _ -> [ "circuits"; "/dev/zero" ]), 2, [ "/dev/zero" ]
                (fun place -> [ "compare"; place ]), 2, [ "two or more" ]
                (fun place -> [ "compare"; place; place + "-nowhere" ]), 2, [ "nowhere"; "config.json" ]
                (fun place -> [ "runs"; place + "-nowhere" ]), 2, [ "nowhere"; "no such directory" ]
            ] do
            let words = String.concat " " (args "DIR")

            test $"interp {words} is refused" {
                inDirectory (fun directory ->
                    let place = Path.Combine(directory, "run")
                    Directory.CreateDirectory place |> ignore

                    let c = { Configuration.study with Steps = 8 }
                    File.WriteAllBytes(Path.Combine(place, "config.json"), ConfigurationFile.Bytes c)
                    let outcome = interp (args place)
                    Expect.equal outcome.ExitCode code "exit code"
                    refuses parts outcome)
            }

        test "runs are listed and compared" {
            inDirectory (fun directory ->
                for seed in [ "1"; "2" ] do
                    let outcome =
                        interp [
                            "train"
                            "--steps"
                            "5"
                            "--batch"
                            "2"
                            "--seed"
                            seed
                            "--out"
                            Path.Combine(directory, seed)
                        ]

                    Expect.equal outcome.ExitCode 0 outcome.Error

                let listed = interp [ "runs"; directory; "--json" ] |> answers [ "runs" ]

                for run in (item [ "runs" ] listed).EnumerateArray() do
                    Expect.equal ((item [ "state" ] run).GetString()) "finished" "state"
                    Expect.equal ((item [ "step" ] run).GetInt32()) 5 "step"

                Expect.equal ((item [ "runs" ] listed).GetArrayLength()) 2 "runs"
                let figure = Path.Combine(directory, "curves.png")

                let compared =
                    interp [
                        "compare"
                        Path.Combine(directory, "1")
                        Path.Combine(directory, "2")
                        "--sequences"
                        "20"
                        "--figure"
                        figure
                        "--json"
                    ]
                    |> answers [ "figure"; "runs" ]

                Expect.equal ((item [ "runs" ] compared).GetArrayLength()) 2 "runs compared"
                // The first bytes of every PNG file.
                Expect.equal (File.ReadAllBytes(figure)[..3]) [| 0x89uy; byte 'P'; byte 'N'; byte 'G' |] "the picture")
        }
    ]

[<Tests>]
let tests = testList "Runs" [ interruption; faults; processes ]
