/// `interp evaluate --exact` as its users meet it.
module Interp.Properties.ExactTests

open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.Processes

let private model = ModelFiles.reference "smeared_s11.safetensors"

let private exact task arguments = interp ([ "evaluate"; model; "--exact"; "--task"; task ] @ arguments)

let private parse (outcome: Outcome) =
    succeeds outcome
    JsonDocument.Parse(outcome.Output).RootElement

let private whole (path: string list) json = (item path json).GetInt64()

[<Tests>]
let tests =
    testList "Exact" [
        test "failures are as many as are said, and complete wrongly" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "failures.csv")
                let task = "repeat 3 x4 of 26"
                let json = parse (exact task [ "--failures"; file; "--of"; "AAB"; "--json" ])
                let rows = File.ReadAllLines file
                Expect.equal rows[0] "pattern,first_wrong,right,written,behind" "head"
                Expect.equal (int64 (rows.Length - 1)) (whole [ "failed" ] json) "as many as there are"
                Expect.isGreaterThan rows.Length 3 "some"

                let cells = rows[1..3] |> Array.map _.Split(',')

                for cells in cells do
                    let completed =
                        interp [ "complete"; model; "--prompt"; cells[0] + cells[0]; "--length"; "12"; "--json" ]
                        |> parse

                    let text = string (nth 0 [ "completions" ] completed |> item [ "completion" ])
                    Expect.equal (string text[int cells[1] - 6]) cells[3] "what is written there"
                    Expect.notEqual cells[2] cells[3] "in place of"

                let few = parse (exact task [ "--failures"; file; "--of"; "AAB"; "--most"; "2"; "--json" ])
                Expect.equal (File.ReadAllLines(file).Length) 3 "at most two"
                Expect.equal (whole [ "failed" ] few) (whole [ "failed" ] json) "the true count stands beside")
        }

        test "counts are of all inputs, and threads change no bit" {
            let run threads = (exact "repeat 3 x4 of 26" [ "--threads"; threads; "--json" ] |> parse)
            let json = run "1"
            Expect.equal (whole [ "patterns" ] json, whole [ "inputs" ] json) (17576L, 17576L) "26^3"

            let sum key =
                [ for each in (item [ "by_pattern" ] json).EnumerateArray() -> whole [ key ] each ] |> List.sum

            Expect.equal (sum "count") 17576L "classes"

            Expect.equal
                (sum "exact")
                (whole [ "prompts"; "distinct"; "exact" ] json + whole [ "prompts"; "repeated"; "exact" ] json)
                "completed"

            for key in [ "loss"; "per_position_loss"; "by_pattern"; "least_margin" ] do
                Expect.equal ((item [ key ] (run "2")).GetRawText()) ((item [ key ] json).GetRawText()) key
        }

        test "an explanation that leaves nothing out completes what its model completes" {
            let prompts more =
                let json = exact "repeat 2 x4 of 26" ("--json" :: more) |> parse
                (item [ "prompts" ] json).GetRawText(), (item [ "loss" ] json).GetDouble()

            let (counts, loss), (expected, expectedLoss) = prompts [ "--with"; "exact" ], prompts []
            Expect.equal counts expected "counts"
            Laws.within Tolerances.model Tolerances.nats "loss" loss expectedLoss
        }

        test "a finished evaluation's file answers at once, and no other evaluation takes it" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "state")
                let run task more = exact task ([ "--resume"; file; "--json" ] @ more)
                let first = run "repeat 2 x4 of 26" [] |> parse
                let again = run "repeat 2 x4 of 26" [] |> parse

                Expect.equal
                    ((item [ "by_pattern" ] again).GetRawText())
                    ((item [ "by_pattern" ] first).GetRawText())
                    "the same"

                Expect.equal ((item [ "patterns_per_second" ] again).GetDouble()) 0.0 "nothing was looked at"

                run "repeat 2 x5 of 26" []
                |> refuses [ file; "another evaluation"; "repeat 2 x4 of 26"; "repeat 2 x5 of 26" ]

                run "repeat 2 x4 of 26" [ "--intervene"; "zero 0.1" ]
                |> refuses [ file; "interventions"; "zero 0.1" ]

                let bytes = File.ReadAllBytes file
                bytes[bytes.Length / 2] <- bytes[bytes.Length / 2] ^^^ 1uy
                File.WriteAllBytes(file, bytes)
                run "repeat 2 x4 of 26" [] |> refuses [ file; "whole" ])
        }

        test "interrupted it says what is known so far, and goes on from there" {
            needsSignals ()

            inDirectory (fun directory ->
                let file = Path.Combine(directory, "state")
                let arguments = [ "evaluate"; model; "--exact"; "--task"; "repeat 5 x4 of 26"; "--resume"; file ]
                use run = start (arguments @ [ "--threads"; "1" ])
                // Made before the first input is looked at.
                while not (File.Exists file) do
                    System.Threading.Thread.Sleep 5

                System.Threading.Thread.Sleep 700
                signal "INT" run
                let outcome = finish run
                Expect.equal outcome.ExitCode 130 $"exit code; the program said: {outcome.Error}"
                Expect.stringContains outcome.Error "goes on" "what became of it"
                Expect.stringContains outcome.Output "AAAAA to " "which inputs"
                Expect.stringContains outcome.Output "no random sample" "what they are not")
        }

        test "what cannot be looked at or written is refused before any work" {
            exact "repeat 3..8" [] |> refuses [ "repeat 3..8"; "no list" ]
            exact "repeat 8 x3 of 26" [] |> refuses [ "208827064576"; "2147483648" ]

            exact "repeat 2 x4 of 26" [ "--failures"; "/nowhere/f.csv" ]
            |> refuses [ "/nowhere/f.csv"; "directory" ]

            exact "repeat 2 x4 of 26" [ "--failures"; "f.csv"; "--of"; "BA" ] |> refuses [ "BA"; "AB" ]
        }
    ]
