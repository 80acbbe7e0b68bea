/// The program where the machine has little to give: streams that are full or closed, few file handles, small files, a parent that is
/// killed.
module Interp.Properties.LimitTests

open System
open System.Diagnostics
open System.IO
open System.Reflection
open System.Threading
open Expecto
open Interp.Properties.ModelFiles
open Interp.Properties.Processes

/// Exit code 1 and one sentence with these parts on standard error.
let private failsFor (parts: string list) outcome =
    Expect.equal outcome.ExitCode 1 $"exit code; the program said: {outcome.Error}"
    let line = outcome.Error.TrimEnd '\n'
    Expect.stringStarts line "interp: " "who speaks"
    isSentence line

    for part in parts do
        Expect.stringContains line part "what is wrong"

/// Commands that print, in a directory with a model.
let private lines directory = [
    "--help"
    "--version"
    "train --help"
    $"runs {directory}"
    $"runs {directory} --json"
    $"circuits {directory}"
    $"circuits {directory} --json"
    $"complete {directory} --prompt ABC --json"
]

let private onUnix () =
    if OperatingSystem.IsWindows() then
        skiptest "there is no such shell"

let private streams =
    testList "streams" [
        test "standard output that is full or closed is exit code 1 and a sentence" {
            onUnix ()

            withModel (fun directory _ ->
                for line in lines directory do
                    interpUnder ":" line "> /dev/full"
                    |> failsFor [ "standard output cannot be written"; "No space left" ]

                    interpUnder ":" line ">&-" |> failsFor [ "standard output cannot be written"; "closed" ])
        }

        test "standard error that is full or closed changes nothing but what is said there" {
            onUnix ()

            withModel (fun directory _ ->
                for redirection in [ "2> /dev/full"; "2>&-" ] do
                    let bad = interpUnder ":" "--bad" redirection
                    Expect.equal (bad.ExitCode, bad.Output) (2, "") redirection
                    interpUnder ":" $"runs {directory} --json" redirection |> answers [ "runs" ] |> ignore
                    let place = Path.Combine(directory, Path.GetRandomFileName())

                    interpUnder ":" $"train --steps 2 --batch 2 --threads 1 --out {place} --json" redirection
                    |> succeeds)
        }

        test "with all three closed a training is finished and its exit code 1, and nothing is written elsewhere" {
            onUnix ()

            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")
                let line = $"train --steps 2 --batch 2 --threads 1 --out {place}"
                let outcome = interpUnder ":" line "<&- >&- 2>&-"
                Expect.equal outcome.ExitCode 1 "exit code"
                Expect.equal (File.ReadAllText(Path.Combine(place, "status"))) "finished\n" "status"
                let model = File.ReadAllBytes(Path.Combine(place, "model.safetensors"))
                Expect.isOk (Interp.Checkpoint.ofBytes "model" model) "the model"
                interpUnder ":" line "" |> succeeds)
        }

        test "standard output that is full says what was written all the same" {
            onUnix ()

            withModel (fun directory _ ->
                let place = Path.Combine(directory, "pictures")

                interpUnder ":" $"heads {directory} -n 8 --threads 1 --out {place}" "> /dev/full"
                |> failsFor [ "standard output"; $"{place} is written, and whole" ]

                Expect.isNonEmpty (Directory.GetFiles place) "pictures")
        }

        test "a reader that goes is no failure, and nothing is said of it" {
            onUnix ()

            withModel (fun directory _ ->
                for line in lines directory do
                    for reader in [ "true"; "head -c 1 > /dev/null" ] do
                        let outcome = interpUnder ":" line $"> >({reader})"
                        Expect.equal (outcome.ExitCode, outcome.Error) (0, "") $"{line} | {reader}"

                let place = Path.Combine(directory, "run")

                interpUnder ":" $"train --steps 2 --batch 2 --threads 1 --out {place}" "2> >(true)" |> succeeds)
        }
    ]

let private limits =
    testList "limits" [
        test "too few file handles are exit code 1 and a sentence, and 160 are enough" {
            onUnix ()

            withModel (fun directory _ ->
                for handles in [ 32; 48; 64 ] do
                    for line in [ "--help"; "--bad"; $"runs {directory}"; $"circuits {directory} --json" ] do
                        let outcome = interpUnder $"ulimit -n {handles}" line ""
                        let what = $"{handles} handles, {line}: {outcome.Error}"

                        match outcome.ExitCode with
                        | 0
                        | 2 -> Expect.isFalse (outcome.Error.Contains "   at ") what
                        | code ->
                            Expect.equal code 1 what
                            failsFor [] outcome

                interpUnder "ulimit -n 160" $"heads {directory} -n 8 --threads 1 --out {directory}/pictures" ""
                |> succeeds)
        }

        test "a file that may not grow is exit code 1 and a sentence, and no picture is there" {
            onUnix ()

            withModel (fun directory _ ->
                let place = Path.Combine(directory, "pictures")

                // The runtime's own memory for machine code counts as a file otherwise, and is larger than that.
                interpUnder
                    "export DOTNET_EnableWriteXorExecute=0; ulimit -f 1"
                    $"heads {directory} -n 8 --threads 1 --out {place}"
                    ""
                |> failsFor [ place; "File too large"; "nothing was written" ]

                Expect.isFalse (Directory.Exists place) "the place"

                Expect.equal
                    (Directory.GetFileSystemEntries directory |> Array.map Path.GetFileName)
                    [| "model.safetensors" |]
                    "nothing is left behind")
        }
    ]

let private memory =
    testList "memory" [
        test "too little for a training is refused before anything is made, and with more it trains" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")
                let args = [ "train"; "--steps"; "2"; "--threads"; "1"; "--out"; place ]

                interpWith [ "DOTNET_GCHeapHardLimit", "0x500000" ] args
                |> refuses [ "the training wants about"; "the 5 MB that this process may use" ]

                Expect.isFalse (Directory.Exists place) "the place"
                interpWith [ "DOTNET_GCHeapHardLimit", "0x8000000" ] args |> succeeds)
        }
    ]

let private paths =
    testList "paths" [
        test "that lead nowhere are exit code 2 and a sentence, to read and to write" {
            onUnix ()

            withModel (fun directory file ->
                File.CreateSymbolicLink(Path.Combine(directory, "loop"), "loop") |> ignore
                let long = Path.Combine(directory, String('n', 300))

                for bad in [ $"{file}/below"; $"{directory}/loop"; $"{directory}/loop/below"; long; $"{long}/below" ] do
                    interp [ "circuits"; bad ] |> refuses []
                    interp [ "heads"; directory; "-n"; "8"; "--threads"; "1"; "--out"; bad ] |> refuses [ "--out" ]

                    interp [ "train"; "--steps"; "1"; "--batch"; "2"; "--threads"; "1"; "--out"; bad ] |> refuses []

                    interp [ "study"; "plan"; "--out"; bad ] |> refuses [])
        }
    ]

let private parents =
    testList "parents" [
        test "what the tests start ends when they are killed" {
            onUnix ()
            let info = ProcessStartInfo("dotnet", [ Assembly.GetExecutingAssembly().Location; lingering ])
            info.RedirectStandardOutput <- true

            use parent = Process.Start info |> Option.ofObj |> Option.get
            let child = parent.StandardOutput.ReadLine() |> Option.ofObj |> Option.get |> int

            let isThere () =
                Directory.Exists $"/proc/{child}" && not (File.ReadAllText($"/proc/{child}/stat").Contains ") Z ")

            if not (Directory.Exists "/proc/self") then
                parent.Kill()
                skiptest "there is no /proc to look into"

            Expect.isTrue (isThere ()) "the child is at work"
            parent.Kill()
            parent.WaitForExit()
            Expect.isTrue (SpinWait.SpinUntil(Func<bool>(isThere >> not), TimeSpan.FromSeconds 20.0)) "it ended"
        }
    ]

[<Tests>]
let tests = testList "Limits" [ streams; limits; memory; paths; parents ]
