/// Names that hold what does not print, markup or formulas are shown as what they are, wherever they are shown; and figures that are not
/// finite come back from the files that hold them.
module Interp.Properties.NameTests

open System
open System.IO
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Expecto
open Interp
open Interp.Host.Pages
open Interp.Runs.Results
open Interp.Runs.Directories
open Interp.Host.Surveys
open Interp.Runs.Wording
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes

/// What moves a cursor, rings, turns a line around, or cannot be seen.
let private hidden = [
    for code in
        [ 0x07; 0x09; 0x0A; 0x0D; 0x1B; 0x7F ]
        @ [ 0x80..0x9F ]
        @ [ 0x200B..0x200F ]
        @ [ 0x2028; 0x2029 ]
        @ [ 0x202A..0x202E ]
        @ [ 0x2060 ]
        @ [ 0x2066..0x2069 ]
        @ [ 0xFEFF; 0xFE0F; 0x034F; 0x3164 ] do
        string (char code)

    // Not as literals: the compiler keeps those in UTF-8.
    string (char 0xD800)
    string (char 0xDC00)
    Char.ConvertFromUtf32 0xE0041
]

let private isPlain what (text: string) =
    for sign in hidden |> List.except [ "\n" ] do
        Expect.isFalse
            (text.Contains(sign, StringComparison.Ordinal))
            $"{what}: {Quote.shown sign} in {Quote.shown text}"

/// As a directory can be called: neither a slash nor half a character.
let private name = "r\u001b[31m\u0007\t\u007f\u009b[red]\u202e\u2066\u200bx<b>&\"'=1"

let private shown = Quote.shown name

[<Tests>]
let tests =
    testList "Names" [
        test "what does not print is escaped, and nothing else" {
            for sign in hidden do
                let escaped = String.Join("", [ for half in sign -> $"\\u{int half:x4}" ])
                Expect.equal (Quote.shown $"a{sign}b") $"a{escaped}b" "escaped"

            for word in [ ""; "plain"; "ä, 中 — \u00A0−"; "😀"; "C:\\users"; "[red]" ] do
                Expect.equal (Quote.shown word) word "as it is"
        }

        testProperty "what is shown stays as it is when it is shown again, and prints" (fun (FsCheck.NonNull text) ->
            let once = Quote.shown text
            isPlain "shown" once
            Quote.shown once = once)

        test "a run's name is escaped in tables, sentences, pictures and errors" {
            inDirectory (fun directory ->
                let run = Path.Combine(directory, name)
                let train = [ "train"; "--steps"; "2"; "--batch"; "4"; "--snapshots"; "1"; "--out"; run ]

                for arguments in
                    [
                        train
                        train
                        [ "runs"; directory ]
                        [ "runs"; run ]
                        [ "evaluate"; run; "-n"; "10" ]
                        [ "compare"; run; run; "-n"; "10"; "-f"; Path.Combine(run, "x.svg") ]
                        [ "develop"; run; "-n"; "4" ]
                        [ "lens"; run; "--text"; "ABC"; "--out"; Path.Combine(run, "p") ]
                    ] do
                    let outcome = interp arguments
                    succeeds outcome
                    isPlain arguments.Head outcome.Output
                    isPlain arguments.Head outcome.Error

                // Laid out in columns, a long name is broken.
                let lines (text: string) = text.Replace("│", "").Replace("\n", "").Replace(" ", "")
                Expect.stringContains (lines (interp [ "runs"; directory ]).Output) (shown[..10]) "in a table"
                Expect.stringContains (interp [ "runs"; Path.Combine(run, "p") ]).Output shown "in a sentence"
                let picture = File.ReadAllText(Path.Combine(run, "x.svg"))
                Expect.stringContains picture "\\u001b[31m" "in a picture"
                isPlain "a picture" (picture.Replace("\t", "").Replace("\r", ""))

                for arguments in
                    [
                        [ "evaluate"; run + "x" ]
                        [ "complete"; run; "--prompt"; name ]
                        [ "compare"; run; "-f"; name + ".\u001bgif" ]
                        [ "study"; "report"; run ]
                        [ "train"; "--out"; run; "--steps"; "3"; "--batch"; "4" ]
                        [ "lens"; run; "--text"; "A\u001b" ]
                        [ name ]
                        [ "evaluate"; run; "--" + name ]
                        [ "evaluate"; run; "-n"; name ]
                    ] do
                    let outcome = interp arguments
                    refuses [] outcome
                    isPlain "an error" outcome.Error)
        }

        test "a study's name is escaped on its page and in its sentences" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, name)
                let arguments = [ "study"; "--variants"; "plain"; "--seeds"; "1"; "--steps"; "2"; "--out"; place ]
                let outcome = interp arguments
                succeeds outcome
                isPlain "the console" (outcome.Output + outcome.Error)
                let page = File.ReadAllText(Path.Combine(place, "report.html"))
                isPlain "the page" page
                Expect.isFalse (page.Contains "x<b>&") "markup"
                Expect.stringContains page "\\u001b[31m" "the name")
        }

        test "a name is quoted for a shell so that it comes back" {
            inDirectory (fun directory ->
                for word in [ name; "it's"; "a\\b\u001b'"; "$HOME\u0007"; "\u3164"; "~"; "" ] do
                    let quoted = Shell.Quoted word
                    isPlain "quoted" quoted
                    let file = Path.Combine(directory, "out")
                    let outcome = shell $"LC_ALL=C.UTF-8; printf %%s {quoted} > '{file}'"
                    succeeds outcome
                    Expect.equal (File.ReadAllText file) word $"read back from {quoted}")
        }

        test "cells of CSV" {
            for text, cell in
                [
                    "plain", "plain"
                    "a,b", "\"a,b\""
                    "say \"so\"", "\"say \"\"so\"\"\""
                    "=1+1", "'=1+1"
                    "+1", "'+1"
                    "-x", "'-x"
                    "@x,y", "\"'@x,y\""
                    "two\nlines\t\u001b", "two\\u000alines\\u0009\\u001b"
                ] do
                Expect.equal (Csv.Text text) cell "a text"

            for number, cell in [ 1.5, "1.5"; -1.0, "-1"; 1e-300, "1E-300"; nan, ""; infinity, ""; -infinity, "" ] do
                Expect.equal (Csv.Number(Nullable number)) cell "a number"
        }

        test "text on a page prints" {
            Expect.equal (Html.Text("<\u001b\u202e>").ToString()) "&lt;\\u001b\\u202e&gt;" "a page"
        }
    ]

let private parse (bytes: byte[]) = JsonDocument.Parse(ReadOnlyMemory bytes).RootElement

[<Tests>]
let nullTests =
    testList "Not finite in files" [
        test "the notes name what is null, how often and why" {
            let json = JsonObject()
            json["one"] <- JsonValue.Create nan
            json["good"] <- JsonValue.Create 1.0
            json["single"] <- JsonValue.Create -infinityf
            json["none"] <- null
            let inner = JsonObject()
            inner["loss"] <- JsonValue.Create infinity

            json["list"] <-
                JsonArray(JsonValue.Create 1.0, JsonValue.Create nan, JsonArray(JsonValue.Create infinity), inner)

            json["half"] <- JsonValue.Create(string (char 0xD800))

            Expect.equal
                (Encoding.UTF8.GetString(JsonText.Bytes json))
                ("""{"one":null,"good":1,"single":null,"none":null,"list":[1,null,[null],{"loss":null}],"half":"\\ud800","""
                 + """"notes":["one is null: the number is not finite (NaN).","single is null: the number is not finite (minus infinity).","""
                 + """"list[] is null 1 time out of 2: the numbers there are not finite (NaN).","list[][] is null: the number is not finite (infinity).","""
                 + """"list[].loss is null: the number is not finite (infinity)."]}""")
                "the object"
        }

        test "an item with figures that are not finite is read back" {
            let study = SurveyGiven.study (Key.ofSeed 1UL)
            let item = (Survey.items study)[0]

            let result = {
                SurveyGiven.result item with
                    Quantities = [
                        Quantity.HeldOutLoss, nan
                        Quantity.DirectPath, infinity
                        Quantity.OV(0, Highest), 0.5
                    ]
                    HeldOut = [ 1, nan; 2, 1.0 ]
            }

            let bytes = ItemFile.Bytes(study, FinishedItem(result, 1.0, "1.0"))

            Expect.equal
                [ for note in (Processes.item [ "notes" ] (parse bytes)).EnumerateArray() -> note.GetString() ]
                [
                    "quantities.held_out_loss is null: the number is not finite (NaN)."
                    "quantities.direct_path is null: the number is not finite (infinity)."
                    "held_out[][] is null 1 time out of 2: the numbers there are not finite (NaN)."
                ]
                "notes"

            let read = ItemFile.Parse("item.json", StoredSurvey.Of study, item, bytes)
            Expect.isNotNull read "it is whole"
            Expect.equal (read.Result.Quantities |> List.map fst) (result.Quantities |> List.map fst) "quantities"

            Expect.equal
                (read.Result.Quantities |> List.map (snd >> Double.IsFinite))
                [ false; false; true ]
                "which are finite"

            Expect.equal (read.Result.HeldOut |> List.map (snd >> Double.IsFinite)) [ false; true ] "losses"
        }

        test "metrics with a held-out loss that is not finite are written and read" {
            let disk = MemoryDisk()
            (disk :> Interp.Runs.Files.IDisk).CreateDirectory "/run"

            Metrics.Append(
                disk,
                "/run",
                false,
                [|
                    MetricsLine(Event = "started", At = Nullable DateTimeOffset.UnixEpoch)
                    MetricsLine(Step = Nullable 1, Loss = Nullable 3.0)
                    MetricsLine(Step = Nullable 2, Loss = Nullable 2.5, HeldOutLoss = Nullable infinity)
                    MetricsLine(Step = Nullable 3, Loss = Nullable 2.0, HeldOutLoss = Nullable 2.25)
                |]
            )

            let history = Metrics.Read(disk, "/run")
            Expect.equal history.Damaged 0 "lines that are no metrics"
            Expect.equal [ for point in history.Losses -> point.ToTuple() ] [ 1, 3.0; 2, 2.5; 3, 2.0 ] "losses"
            Expect.equal [ for point in history.HeldOut -> point.Step, point.Loss ] [ 3, 2.25 ] "held out"

            let text = disk.Content |> List.head |> snd |> Seq.toArray |> Encoding.UTF8.GetString
            Expect.stringContains text "\"held_out_loss\":null" "null"

            Expect.stringContains
                text
                "\"notes\":[\"held_out_loss is null: the number is not finite (infinity).\"]"
                "notes"
        }

        test "a learning curve leaves out what is not finite" {
            Expect.equal
                (LearningCurve.Table([| 1.0; nan; infinity |], [| HeldOutLoss(1, nan); HeldOutLoss(3, 2.0) |])
                 |> Encoding.UTF8.GetString)
                "step,training_loss,held_out_loss\n1,1,\n2,,\n3,,2\n"
                "the table"
        }

        test "figures in words" {
            for write in
                [
                    Words.Nats
                    Words.Score
                    Words.Third
                    Words.Hundredth
                    Words.Tenth
                    Words.Percent
                    Words.Share
                    Words.Standing
                    Words.Exact
                    Words.Whole
                ] do
                for number in [ nan; infinity; -infinity ] do
                    Expect.stringContains (write number) Words.NotFinite "not finite"

            Expect.equal (Words.Nats 3.4e38) "3.4e38" "huge"
            Expect.equal (Words.Nats -1e9) "−1e9" "huge and negative"
            Expect.equal (Words.Nats 123456789.0) "123456789.0000" "large"
        }
    ]
