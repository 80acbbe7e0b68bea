/// The program as a process of its own, for tests of what users see.
module Interp.Properties.Processes

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto

/// What a run of the program came to.
type Outcome = { ExitCode: int; Output: string; Error: string }

/// Whether the long tests were asked for: more files, faults and kills.
let long = Environment.GetEnvironmentVariable "INTERP_LONG" = "1"

/// A line of totals on the console, past the test runner's own output.
let report (line: string) = Console.Error.WriteLine line

/// The program as built beside these tests, in the same configuration.
let private host =
    // …/Interp.Properties/bin/CONFIGURATION/FRAMEWORK/
    let framework = DirectoryInfo(Path.TrimEndingDirectorySeparator AppContext.BaseDirectory)
    let configuration = framework.Parent
    let root = configuration.Parent.Parent.Parent.FullName
    Path.Combine(root, "Interp.Host", "bin", configuration.Name, framework.Name, "interp.dll")

let start (args: string list) =
    let dotnet =
        Environment.GetEnvironmentVariable "DOTNET_HOST_PATH"
        |> Option.ofObj
        |> Option.defaultValue "dotnet"

    let info =
        ProcessStartInfo(dotnet, host :: args, RedirectStandardOutput = true, RedirectStandardError = true)

    Process.Start info
    |> Option.ofObj
    |> Option.defaultWith (fun () -> failtest $"{dotnet} did not start")

let interp (args: string list) =
    use run = start args
    let error = run.StandardError.ReadToEndAsync()
    let output = run.StandardOutput.ReadToEnd()
    run.WaitForExit()
    { ExitCode = run.ExitCode; Output = output; Error = error.Result }

/// Sends a signal by name, such as INT.
let signal (name: string) (run: Process) =
    use kill = Process.Start("kill", [ "-" + name; string run.Id ])
    kill.WaitForExit()

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

/// Exit code 2 and one line, which begins with the program's name and says what is wrong.
let refuses (parts: string list) outcome =
    Expect.equal outcome.ExitCode 2 $"exit code; the program said: {outcome.Error}"
    Expect.equal outcome.Output "" "standard output"
    let line = outcome.Error.TrimEnd '\n'
    Expect.isFalse (line.Contains '\n') $"more than one line: {line}"
    Expect.stringStarts line "interp: " "who speaks"
    Expect.isTrue (line.EndsWith '.') $"not a sentence: {line}"

    for part in parts do
        Expect.stringContains line part "what is wrong"

/// Exit code 0 and exactly one JSON object with these members, in this order.
let answers (members: string list) outcome =
    Expect.equal outcome.ExitCode 0 $"exit code; the program said: {outcome.Error}"
    Expect.equal (outcome.Output.Split('\n').Length) 2 "one line of output"
    let json = JsonDocument.Parse(outcome.Output).RootElement
    Expect.equal (json.EnumerateObject() |> Seq.map _.Name |> Seq.toList) members "members"
    json

let item (path: string list) (json: JsonElement) =
    path |> List.fold (fun (json: JsonElement) (name: string) -> json.GetProperty name) json
