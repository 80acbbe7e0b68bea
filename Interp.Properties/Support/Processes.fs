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
let private dotnet =
    Environment.GetEnvironmentVariable "DOTNET_HOST_PATH"
    |> Option.ofObj
    |> Option.defaultValue "dotnet"

/// The program as built beside these tests, in the same configuration.
let private host =
    // …/Interp.Properties/bin/CONFIGURATION/FRAMEWORK/
    let framework = DirectoryInfo(Path.TrimEndingDirectorySeparator AppContext.BaseDirectory)
    let configuration = framework.Parent
    let root = configuration.Parent.Parent.Parent.FullName
    Path.Combine(root, "Interp.Host", "bin", configuration.Name, framework.Name, "interp.dll")

let private started = ConcurrentDictionary<Process, unit>()

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
let private startFile (file: string) (environment: (string * string) list) (args: string list) =
    let info = ProcessStartInfo(file, args, RedirectStandardOutput = true, RedirectStandardError = true)

    for name, value in environment do
        info.Environment[name] <- value

    let run =
        Process.Start info
        |> Option.ofObj
        |> Option.defaultWith (fun () -> failtest $"{file} did not start")

    started[run] <- ()
    run

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

/// Runs a command by the shell.
let shell command = outcome "bash" [] [ "-c"; command ]

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
let succeeds outcome = Expect.equal outcome.ExitCode 0 $"exit code; the program said: {outcome.Error}"

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
