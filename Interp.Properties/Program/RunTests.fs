/// Runs of the program itself: whatever happens to the process, a run goes on to the bits that it would have come to undisturbed.
module Interp.Properties.RunTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open Interp
open Interp.Runs.Files
open Interp.Runs.Directories
open Interp.Properties.Laws
open Interp.Properties.Processes

/// A run of a second or more, in a process.
let private arguments directory = [
    "train"
    "--smeared"
    "--steps"
    (if long then "15000" else "5000")
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

/// The weights that a run came to, as it printed them.
let private sha outcome =
    let json = System.Text.Json.JsonDocument.Parse(outcome.Output).RootElement
    (item [ "weights_sha256" ] json).GetString()

/// The weights of an undisturbed run, and how long it takes here and now.
let private undisturbed =
    lazy
        (inDirectory (fun directory ->
            let clock = Stopwatch.StartNew()
            let outcome = interp (arguments (Path.Combine(directory, "undisturbed")))
            succeeds outcome
            sha outcome, clock.Elapsed))

/// Whether a process has said, in this directory, that it is at work.
let private isAtWork place =
    let status = Path.Combine(place, "status")
    File.Exists status && File.ReadAllText status = "running\n"

/// Starts the run, disturbs it at a random moment, and starts it again, until it was disturbed `times` times; a run that was quicker is
/// checked, and the next begins. Where it is to be `atWork` it is not disturbed before that. What a disturbed process came to is given to
/// `left`; how many runs there were comes back.
let private disturb times atWork (disturbance: Process -> unit) (left: Outcome -> string -> unit) =
    let expected, time = undisturbed.Value

    inDirectory (fun directory ->
        let mutable disturbed = 0
        let mutable runs = 1
        let place () = Path.Combine(directory, $"run{runs}")
        let finished outcome = Expect.equal (sha outcome) expected "weights after being disturbed"

        while disturbed < times do
            use run = start (arguments (place ()))

            while atWork && not (run.HasExited || isAtWork (place ())) do
                Thread.Sleep 5

            if not (run.WaitForExit(Random.Shared.Next(int time.TotalMilliseconds / 2))) then
                disturbance run

            let outcome = finish run

            // A process that is disturbed between its last word and its end has done its work.
            if outcome.Output <> "" then
                finished outcome
                runs <- runs + 1
            else
                disturbed <- disturbed + 1
                left outcome (place ())

        let last = interp (arguments (place ()))
        succeeds last
        finished last
        runs)

/// How often a run is killed, and how often it is interrupted by each signal.
let private kills, private interruptions = if long then 60, 15 else 20, 5

let private disturbed =
    testSequenced
    <| testList "disturbed" [
        test "SIGKILL at any moment loses no run" {
            let runs =
                disturb kills false _.Kill() (fun outcome _ ->
                    Expect.notEqual outcome.ExitCode 0 "exit code of a killed process")

            report $"kills survived: {kills} (SIGKILL; runs to the same weights: {runs})"
        }

        for name in [ "INT"; "TERM" ] do
            test $"SIG{name} leaves a checkpoint, says how to go on, and exits with 130" {
                needsSignals ()

                let mutable slowest = TimeSpan.Zero
                let clock = Stopwatch()

                let interrupt run =
                    clock.Restart()
                    signal name run

                let runs =
                    disturb interruptions true interrupt (fun outcome directory ->
                        slowest <- max slowest clock.Elapsed
                        Expect.equal outcome.ExitCode 130 $"exit code; the program said: {outcome.Error}"

                        Expect.stringContains
                            outcome.Error
                            $"go on with: interp train --resume {directory}"
                            "how to go on"

                        let status = File.ReadAllText(Path.Combine(directory, "status"))
                        Expect.equal status "interrupted\n" "status")

                report
                    $"interruptions survived: {interruptions} (SIG{name}; runs to the same weights: {runs}; slowest {slowest.TotalMilliseconds:F0} ms)"
            }
    ]

let private processes =
    testList "processes" [
        test "of two processes in one directory the second is refused, and nobody after a process that was killed" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")
                let endless = [ "train"; "--steps"; "1000000"; "--batch"; "16"; "--out"; place ]
                let racers = [ start endless; start endless ]
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

        for args, parts in
            [
                (fun place -> [ "train"; "--resume"; place + "-nowhere" ]), [ "config.json" ]
                (fun place -> [ "train"; "--resume"; place; "--seed"; "2" ]), [ "--resume" ]
                (fun place -> [ "train"; "--out"; place; "--steps"; "9" ]), [ "different run"; "steps (8, not 9)" ]
                (fun place -> [ "reproduce"; "--out"; place ]), [ "different run" ]
                (fun _ -> [ "circuits"; "/dev/zero" ]), [ "/dev/zero" ]
                (fun place -> [ "compare"; place ]), [ "two or more" ]
                (fun place -> [ "compare"; place; place + "-nowhere" ]), [ "nowhere"; "config.json" ]
                (fun place -> [ "runs"; place + "-nowhere" ]), [ "nowhere"; "no such directory" ]
            ] do
            let words = String.concat " " (args "DIR")

            test $"interp {words} is refused" {
                inDirectory (fun directory ->
                    let place = Path.Combine(directory, "run")
                    Directory.CreateDirectory place |> ignore

                    let c = { Configuration.study with Steps = 8 }
                    File.WriteAllBytes(Path.Combine(place, "config.json"), ConfigurationFile.Bytes c)
                    interp (args place) |> refuses parts)
            }

        test "runs are listed and compared" {
            inDirectory (fun directory ->
                for seed in [ "1"; "2" ] do
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
                    |> succeeds

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
                        "--picture"
                        figure
                        "--json"
                    ]
                    |> answers [ "runs"; "pictures" ]

                Expect.equal ((item [ "runs" ] compared).GetArrayLength()) 2 "runs compared"
                // The first bytes of every PNG file.
                Expect.equal (File.ReadAllBytes(figure)[..3]) [| 0x89uy; byte 'P'; byte 'N'; byte 'G' |] "the picture")
        }
    ]

/// What a user may give for a model, and the sentence on it.
let private models =
    testList "models" [
        test "what is no model is one sentence, whatever it is" {
            if OperatingSystem.IsWindows() then
                skiptest "there is no mkfifo"

            inDirectory (fun directory ->
                let at name = Path.Combine(directory, name)
                let file name (bytes: byte[]) = File.WriteAllBytes(at name, bytes)
                let folder name = Directory.CreateDirectory(at name) |> ignore
                file "empty.safetensors" [||]
                folder "nothing"
                folder "begun"
                file "begun/config.json" (ConfigurationFile.Bytes Configuration.study)
                folder "half"
                file "half/config.json" (ConfigurationFile.Bytes Configuration.study)
                folder "half/checkpoints"
                file "half/checkpoints/step-000000001.safetensors" (ModelFiles.model false)
                folder "several"
                file "several/plain.safetensors" (ModelFiles.model false)
                folder "other"
                file "other/model.safetensors" (ModelFiles.model false)
                file "other/config.json" (ConfigurationFile.Bytes { Configuration.study with Seed = 2UL })
                folder "broken"
                file "broken/model.safetensors" (ModelFiles.model false)
                file "broken/config.json" "{}"B
                let pipe = at "pipe"
                succeeds (shell $"mkfifo '{pipe}'")

                for name, parts in
                    [
                        "nowhere", [ "no such file or directory"; ".safetensors" ]
                        "empty.safetensors", [ "0 bytes" ]
                        "nothing", [ "model.safetensors"; "not the directory of a run" ]
                        "begun", [ "not finished"; "train --resume"; "no checkpoint yet" ]
                        "half", [ "not finished"; "step-000000001.safetensors" ]
                        "several", [ "plain.safetensors" ]
                        "other", [ "model.safetensors"; "seed is 1 in it and 2 there" ]
                        "broken", [ "config.json"; "n_layers" ]
                        "pipe", [ "a pipe that nothing was written to" ]
                    ] do
                    interp [ "circuits"; at name ] |> refuses (at name :: parts)

                // Somebody at work on it.
                use _ = Disk.Instance.Hold(at "half/lock")

                interp [ "circuits"; at "half" ]
                |> refuses [ "another process is at work"; "step-000000001.safetensors" ])
        }

        test "a model that comes through a pipe is read" {
            if OperatingSystem.IsWindows() then
                skiptest "there is no mkfifo"

            inDirectory (fun directory ->
                let model, pipe = Path.Combine(directory, "model"), Path.Combine(directory, "pipe")
                File.WriteAllBytes(model, ModelFiles.model false)
                succeeds (shell $"mkfifo '{pipe}'")
                use run = start [ "circuits"; pipe; "--json" ]
                succeeds (shell $"cat '{model}' > '{pipe}'")
                succeeds (finish run))
        }

        test "snapshots of another run are refused by name" {
            inDirectory (fun directory ->
                let place seed = Path.Combine(directory, seed)

                for seed in [ "1"; "2" ] do
                    interp [
                        "train"
                        "--steps"
                        "4"
                        "--batch"
                        "2"
                        "--snapshots"
                        "3"
                        "--seed"
                        seed
                        "--out"
                        place seed
                    ]
                    |> succeeds

                let name = Path.Combine("snapshots", "step-00002.safetensors")
                File.Copy(Path.Combine(place "2", name), Path.Combine(place "1", name), true)
                interp [ "develop"; place "1" ] |> refuses [ name; "seed is 2 in it and 1 there" ])
        }

        test "config.json that is far too long is refused by name" {
            inDirectory (fun directory ->
                File.WriteAllBytes(Path.Combine(directory, "config.json"), Array.create 100000 (byte ' '))
                interp [ "train"; "--resume"; directory ] |> refuses [ "config.json"; "100000 bytes" ])
        }
    ]

[<Tests>]
let tests = testList "Runs" [ processes; models; disturbed ]
