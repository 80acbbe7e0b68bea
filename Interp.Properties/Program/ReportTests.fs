module Interp.Properties.ReportTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Interp.Host.Report
open Interp.Host.Results
open SkiaSharp

/// The program as built beside these tests, in the same configuration.
let private host =
    let framework = DirectoryInfo(Path.TrimEndingDirectorySeparator AppContext.BaseDirectory)
    let root = framework.Parent.Parent.Parent.Parent.FullName
    Path.Combine(root, "Interp.Host", "bin", framework.Parent.Name, framework.Name, "interp.dll")

/// A whole reproduction of three steps, made as on a machine without fonts; removed when the tests end.
let private run =
    lazy
        (let parent = Directory.CreateTempSubdirectory "interp-report-"
         AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> parent.Delete true)
         let directory = Path.Combine(parent.FullName, "run")

         let info =
             ProcessStartInfo(
                 "dotnet",
                 [ host; "reproduce"; "--steps"; "3"; "--out"; directory ],
                 RedirectStandardOutput = true,
                 RedirectStandardError = true
             )

         info.Environment["FONTCONFIG_FILE"] <- "/dev/null"
         use program = Process.Start info |> Option.ofObj |> Option.get
         let error = program.StandardError.ReadToEndAsync()
         program.StandardOutput.ReadToEnd() |> ignore
         program.WaitForExit()
         Expect.equal program.ExitCode 0 $"exit code; the program said: {error.Result}"
         directory)

let private page = lazy (File.ReadAllText(Path.Combine(run.Value, "report.html")))

let private results =
    lazy
        (JsonSerializer.Deserialize(
            File.ReadAllText(Path.Combine(run.Value, "results.json")),
            ResultsJson.Default.Reproduction
         )
         |> Option.ofObj
         |> Option.get)

let private matches pattern text =
    Regex.Matches(text, pattern, RegexOptions.Singleline)
    |> Seq.map (fun found -> found.Groups[1].Value)
    |> Seq.toList

/// Every picture that two one-layer models of four heads call for.
let private expectedFigures = [
    "learning-curves"
    "loss-by-position"
    for model in [ "plain"; "smeared" ] do
        for circuit in [ "ov-0-0"; "ov-0-1"; "ov-0-2"; "ov-0-3"; "ov-sum-0"; "direct" ] do
            $"{model}-eigenvalues-{circuit}"
            $"{model}-matrix-{circuit}"

        for head in 0..3 do
            $"{model}-attention-0-{head}"
            $"{model}-attention-normalised-0-{head}"

        $"{model}-offsets-0"
        $"{model}-ablation"

        for score in [ "previous-token"; "induction"; "five-back"; "prefix-matching" ] do
            $"{model}-heads-{score}"
]

[<Tests>]
let tests =
    testSequenced
    <| testList "Report" [
        test "the page refers to nothing outside itself" {
            let references = matches "(?:src|href|action|poster|data|srcset)\\s*=\\s*[\"']([^\"']*)" page.Value
            Expect.isNonEmpty references "references were found"

            for reference in references do
                Expect.isTrue
                    (reference.StartsWith '#' || reference.StartsWith "data:")
                    $"reference to {reference[..60]}"

            Expect.isFalse
                (Regex.IsMatch(page.Value, "@import|<script|url\\(|https?://"))
                "imports, scripts and addresses"
        }

        test "links within the page lead somewhere" {
            let targets = matches "\\sid=\"([^\"]*)\"" page.Value |> Set.ofList

            for anchor in matches "href=\"#([^\"]*)\"" page.Value do
                Expect.contains targets anchor "anchor"
        }

        test "every figure has a description and the command that makes it again" {
            for image in matches "<img\\s([^>]*)>" page.Value do
                let alt = matches "alt=\"([^\"]*)\"" image
                Expect.isGreaterThan (alt |> List.sumBy String.length) 20 "length of the description"

            let figures = matches "<figure[^>]*>(.*?)</figure>" page.Value
            Expect.isNonEmpty figures "figures"

            for figure in figures do
                Expect.isNonEmpty (matches "<code>(interp [a-z]+ [^<]*)</code>" figure) "command"
        }

        test "every picture is a file, and the page shows these very files" {
            let directory = Path.Combine(run.Value, "figures")
            let written = Directory.GetFiles directory |> Array.map Path.GetFileNameWithoutExtension |> Set.ofArray
            Expect.equal written (Set.ofList expectedFigures) "files"

            let shown = matches "src=\"data:image/png;base64,([^\"]*)\"" page.Value |> Set.ofList

            let files =
                Directory.GetFiles directory
                |> Array.map (File.ReadAllBytes >> Convert.ToBase64String)
                |> Set.ofArray

            Expect.equal shown files "pictures"
        }

        test "pictures have their text where there are no fonts" {
            use picture = SKBitmap.Decode(Path.Combine(run.Value, "figures", "plain-matrix-direct.png"))

            // The letters of the vertical axis stand between its title and the cells.
            let ink =
                Seq.allPairs [ 40..80 ] [ 100 .. picture.Height - 100 ]
                |> Seq.filter (fun (x, y) -> picture.GetPixel(x, y).Red < 90uy)
                |> Seq.length

            Expect.isGreaterThan ink 26 "dark pixels: fewer than one a letter"
        }

        test "results.json read and written again is the same" {
            let text = File.ReadAllText(Path.Combine(run.Value, "results.json"))
            Expect.equal (JsonSerializer.Serialize(results.Value, ResultsJson.Default.Reproduction)) text "results.json"
        }

        test "a learning curve has a line a step" {
            for model in results.Value.Models do
                let lines = File.ReadAllLines(Path.Combine(run.Value, $"{model.Name}-learning-curve.csv"))
                Expect.equal lines[0] "step,training_loss,held_out_loss" "heading"

                Expect.equal
                    (lines |> Array.skip 1 |> Array.map (fun line -> int (line.Split(',')[0])))
                    [| 1..3 |]
                    "steps"

                Expect.equal
                    (lines |> Array.skip 1 |> Array.map (fun line -> float (line.Split(',')[1])))
                    (Seq.toArray model.TrainingLosses)
                    "losses"
        }

        test "hostile text stays text" {
            let hostile = "<script>alert('&\\\"')</script>"

            let text =
                File.ReadAllText(Path.Combine(run.Value, "results.json"))
                |> fun json ->
                    Regex.Replace(
                        json,
                        "\"(version|command|checkpoint|completion|weights_sha256)\":\"[^\"]*\"",
                        $"\"$1\":\"{hostile}\""
                    )

            let changed =
                JsonSerializer.Deserialize(text, ResultsJson.Default.Reproduction) |> Option.ofObj |> Option.get

            let directory = Path.Combine(run.Value, "hostile")
            let page = ReportWriter.Write(changed, directory) |> File.ReadAllText
            Expect.stringContains page "&lt;script&gt;alert(" "the text itself"
            Expect.isFalse (page.Contains "<script") "an element made of text"
        }

        testProperty "encoded text is no markup, and decodes to itself" (fun (FsCheck.NonNull text) ->
            let text = text |> String.filter (Char.IsSurrogate >> not)
            let markup = Html.Text(text).ToString()
            let active = [ '<'; '>'; '"'; '\'' ] |> List.exists markup.Contains
            not active && Net.WebUtility.HtmlDecode markup = text)
    ]
