/// The scripts run as a reader would run them.
module Interp.Properties.ScriptTests

open System
open System.Globalization
open System.IO
open Expecto
open Interp.Properties.Processes

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// The lines that a script prints.
let private run name =
    // Scripts refer to the library by the configuration that is built for use.
    let library =
        Path.Combine(root, "Interp.Functional", "bin", "Release", "net10.0", "Interp.Functional.dll")

    Expect.isTrue (File.Exists library) "the library is built by: dotnet build -c Release Interp.Functional"

    let outcome = runDotnet [] [ "fsi"; "--quiet"; Path.Combine(root, "scripts", name) ]
    Expect.equal outcome.ExitCode 0 $"exit code; the script said: {outcome.Error}{outcome.Output}"
    outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) |> Array.toList

/// The line that begins with `start`, without it.
let private after (start: string) (lines: string list) =
    match lines |> List.tryFind (fun line -> line.StartsWith start) with
    | Some line -> line.Substring(start.Length).Trim()
    | None ->
        let printed = String.Join('\n', lines)
        failtest $"no line begins with \"{start}\" in:\n{printed}"

let private number (text: string) = Double.Parse(text, CultureInfo.InvariantCulture)

[<Tests>]
let tests =
    testList "Scripts" [
        test "a small model trains, copies its prompt and has copying circuits" {
            let lines = run "train-a-small-model.fsx"
            Expect.stringStarts (after "completion" lines) "ABCDEFABCDEF" "the prompt"
            Expect.equal (after "completion" lines).Length 24 "a whole sequence"
            Expect.isLessThan (number (after "direct path" lines)) -0.9 "letters seen last are not repeated"
            Expect.isGreaterThan (number (after "their sum" lines)) 0.9 "letters attended to are copied"
        }

        test "a loss of one's own has the slope that its gradient says, and can be minimised" {
            let lines = run "a-loss-of-your-own.fsx"
            let slope = number (after "slope by gradient" lines)
            Laws.within Tolerances.scriptSlope 1.0 "the slope" (number (after "slope by difference" lines)) slope
            Expect.stringEnds (after "after 400 steps" lines) "49 of 49 sums right" "addition modulo 7"
        }

        test "claims of one's own are counted over trainings" {
            let lines = run "a-claim-of-your-own.fsx"
            // 200 steps turn every head of a plain model to copying; the smear weights, free to move, do not all stay.
            for claim in [ "plain-heads-copy"; "smeared-smears" ] do
                Expect.stringStarts (after claim lines) "holds in 5 of 5 trainings" claim

            let loss (group: string) =
                number ((after $"{group} " (lines |> List.filter _.Contains("loss"))).Split(' ')[1])
            // Guessing evenly costs ln 26 nats.
            Expect.isLessThan (max (loss "plain") (loss "smeared")) (log 26.0) "both have learned something"
        }
    ]
