/// Processes, of the program and of others, for tests of what users see.
module Interp.Properties.Processes

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Text.Json
open Expecto

/// What a process came to.
type Outcome = { ExitCode: int; Output: string; Error: string }

/// A line of totals on the console, past the test runner's own output.
let report (line: string) = Console.Error.WriteLine line

/// The .NET that these tests run on.
let dotnet =
    Environment.GetEnvironmentVariable "DOTNET_HOST_PATH"
    |> Option.ofObj
    |> Option.defaultValue "dotnet"

/// The program as built beside these tests, in the same configuration.
let host =
    // …/Interp.Properties/bin/CONFIGURATION/FRAMEWORK/
    let framework = DirectoryInfo(Path.TrimEndingDirectorySeparator AppContext.BaseDirectory)
    let configuration = framework.Parent
    let root = configuration.Parent.Parent.Parent.FullName
    Path.Combine(root, "Interp.Host", "bin", configuration.Name, framework.Name, "interp.dll")

let private started = ConcurrentDictionary<Process, unit>()

/// Ends what the tests started when they end in whatever way, SIGKILL too: a shell that is told of every process, and whose input then
/// comes to its end. None where there is no such shell.
let private watcher =
    lazy
        (if OperatingSystem.IsWindows() then
             None
         else
             let script =
                 "trap '' INT TERM HUP; all=' '; while read -r word id; do case $word in "
                 + "begun) all=\"$all$id \";; ended) all=\"${all%% $id *} ${all#* $id }\";; esac; done; "
                 + "for id in $all; do kill -KILL \"$id\"; done"

             let info =
                 ProcessStartInfo("sh", [ "-c"; script ], RedirectStandardInput = true, RedirectStandardError = true)

             Process.Start info |> Option.ofObj)

let private watch (run: Process) =
    match watcher.Value with
    | Some watcher ->
        let id = run.Id

        let tell (word: string) =
            lock watcher (fun () ->
                watcher.StandardInput.WriteLine $"{word} {id}"
                watcher.StandardInput.Flush())

        tell "begun"
        run.Exited.Add(fun _ -> tell "ended")
        run.EnableRaisingEvents <- true
    | None -> ()

/// The words before a command that give SIGINT its usual effect, which a shell takes from what it starts in the background and a process
/// cannot give itself; none where this machine has no such command.
let private ordinarily =
    lazy
        (let words = [ "env"; "--default-signal=INT" ]

         try
             use probe = Process.Start("env", [ words[1]; "true" ])
             probe.WaitForExit()
             if probe.ExitCode = 0 then words else []
         with :? System.ComponentModel.Win32Exception -> [])

/// Skips a test that sends signals where the processes that it starts would not hear them.
let needsSignals () =
    if OperatingSystem.IsWindows() then
        skiptest "there are no signals to send"

    let isIgnored =
        // Linux tells which signals a process ignores, as bits from signal 1 on.
        File.Exists "/proc/self/status"
        && File.ReadLines "/proc/self/status"
           |> Seq.exists (fun line ->
               line.StartsWith("SigIgn:", StringComparison.Ordinal)
               && Convert.ToUInt64(line[7..].Trim(), 16) &&& 2UL <> 0UL)

    if isIgnored && ordinarily.Value.IsEmpty then
        skiptest
            "SIGINT is ignored here, as in a background job of a shell, and no `env --default-signal` can change that"

/// Where the tests are stopped, so is what they started: each of these signals ends the program in order.
let private endings = [
    for signal in [ PosixSignal.SIGINT; PosixSignal.SIGTERM; PosixSignal.SIGHUP ] ->
        PosixSignalRegistration.Create(signal, (fun _ -> Environment.Exit 130))
]

AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
    for run in started.Keys do
        try
            run.Kill true
        with _ ->
            // It has ended, and was disposed of.
            ())

/// Starts a file with arguments and further environment variables.
let private startIn (folder: string) (file: string) (environment: (string * string) list) (args: string list) =
    let words = ordinarily.Value @ file :: args

    let info =
        ProcessStartInfo(
            words.Head,
            words.Tail,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder
        )

    for name, value in environment do
        info.Environment[name] <- value

    let run =
        Process.Start info
        |> Option.ofObj
        |> Option.defaultWith (fun () -> failtest $"{file} did not start")

    started[run] <- ()
    watch run
    run

/// Starts a file with further environment variables and arguments.
let startFile file environment args = startIn "" file environment args

/// Ends a process that something else started with these tests, however they end.
let follow (run: Process) =
    started[run] <- ()
    watch run

/// Waits for a process to end.
let finish (run: Process) =
    let error = run.StandardError.ReadToEndAsync()
    let output = run.StandardOutput.ReadToEnd()
    run.WaitForExit()
    started.TryRemove run |> ignore
    { ExitCode = run.ExitCode; Output = output; Error = error.Result }

let private outcome file environment args =
    use run = startFile file environment args
    finish run

/// Starts the program.
let start args = startFile dotnet [] (host :: args)

/// Runs the program.
let interp args = outcome dotnet [] (host :: args)

/// Runs the program with further environment variables.
let interpWith environment args = outcome dotnet environment (host :: args)

/// Runs .NET itself, with further environment variables.
let runDotnet environment args = outcome dotnet environment args

/// Runs a command in a folder.
let runIn (folder: string) environment (file: string) (args: string list) =
    use run = startIn folder file environment args
    finish run

/// The .NET that these tests run on, to be run in a folder.
let dotnetIn folder environment args = runIn folder environment dotnet args

/// Runs a command by the shell.
let shell command = outcome "bash" [] [ "-c"; command ]

/// Runs the program from a shell, in place of it: after words that limit it, and with redirections.
let interpUnder (limits: string) (line: string) (redirections: string) =
    shell $"{limits}; exec '{dotnet}' '{host}' {line} {redirections}"

/// The argument that makes this program start a process that goes on for ever, print its number and wait, instead of running tests.
let lingering = "lingering"

let linger () =
    let run = startFile "sleep" [] [ "1000" ]
    Console.Out.WriteLine run.Id
    run.WaitForExit()

/// Sends a signal by name, such as INT; nothing happens where the process has ended.
let signal (name: string) (run: Process) =
    if not run.HasExited then
        outcome "kill" [] [ "-" + name; string run.Id ] |> ignore

/// Runs a test on a directory of its own.
let inDirectory test =
    let directory = Directory.CreateTempSubdirectory "interp-tests-"

    try
        test directory.FullName
    finally
        if directory.Exists then
            directory.Delete true

/// One sentence on one line.
let isSentence (text: string) =
    Expect.isFalse (text |> Seq.exists Char.IsControl) $"more than one line: {text}"
    Expect.stringEnds text "." "a sentence"

/// Exit code 0.
let succeeds outcome = Expect.equal outcome.ExitCode 0 $"exit code; the program said: {outcome.Error}{outcome.Output}"

/// Exit code 2 and one line, which begins with the program's name and says what is wrong.
let refuses (parts: string list) outcome =
    Expect.equal outcome.ExitCode 2 $"exit code; the program said: {outcome.Error}"
    Expect.equal outcome.Output "" "standard output"
    let line = outcome.Error.TrimEnd '\n'
    Expect.stringStarts line "interp: " "who speaks"
    isSentence line

    for part in parts do
        Expect.stringContains line part "what is wrong"

/// Exit code 0 and exactly one JSON object with these members, in this order.
let answers (members: string list) outcome =
    succeeds outcome
    Expect.equal (outcome.Output.Split('\n').Length) 2 "one line of output"
    let json = JsonDocument.Parse(outcome.Output).RootElement
    Expect.equal (json.EnumerateObject() |> Seq.map _.Name |> Seq.toList) members "members"
    json

/// What stands at a path of names.
let item (path: string list) (json: JsonElement) =
    path |> List.fold (fun (json: JsonElement) (name: string) -> json.GetProperty name) json

/// An element of the array at a path.
let nth (index: int) path json = (item path json)[index]

let members (json: JsonElement) = json.EnumerateObject() |> Seq.map _.Name |> Seq.toList

/// Lengths along the first element of every level of nested arrays.
let rec extents (json: JsonElement) =
    match json.ValueKind with
    | JsonValueKind.Array when json.GetArrayLength() > 0 -> json.GetArrayLength() :: extents json[0]
    | _ -> []

/// The text that stands at a path of names.
let textAt path json = (item path json).GetString() |> Option.ofObj |> Option.get

/// The numbers of the list at a path of names.
let numbersAt path json = [ for number in (item path json).EnumerateArray() -> number.GetDouble() ]
