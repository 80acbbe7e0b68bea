module Interp.Properties.ReportTests

open System
open System.IO
open System.Text.Json
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open Expecto
open Interp.Host.Pages
open Interp.Host.Report
open Interp.Host.Results
open Interp.Properties.Pages
open SkiaSharp

let private page = lazy (File.ReadAllText(Path.Combine(Reproduced.directory (), "report.html")))

let private results =
    lazy
        (JsonSerializer.Deserialize(
            File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json")),
            ResultsJson.Default.Reproduction
         )
         |> Option.ofObj
         |> Option.get)

/// Every picture that the three models, of four heads a layer, call for.
let private expectedFigures = [
    "learning-curves"
    "loss-by-position"
    for model, layers in [ "plain", 1; "smeared", 1; "two_layer", 2 ] do
        for circuit in
            [
                "direct"
                for layer in 0 .. layers - 1 do
                    $"ov-sum-{layer}"

                    for head in 0..3 do
                        $"ov-{layer}-{head}"
            ] do
            $"{model}-eigenvalues-{circuit}"
            $"{model}-matrix-{circuit}"

        for layer in 0 .. layers - 1 do
            $"{model}-offsets-{layer}"

            for head in 0..3 do
                $"{model}-attention-{layer}-{head}"
                $"{model}-attention-normalised-{layer}-{head}"

        $"{model}-ablation"

        for score in [ "previous-token"; "induction"; "five-back"; "prefix-matching" ] do
            $"{model}-heads-{score}"

        if layers = 2 then
            "two_layer-composition-paths"

            for input in [ "k"; "q"; "v" ] do
                $"two_layer-composition-{input}"
                $"two_layer-composition-eigenvalues-{input}"
]

[<Tests>]
let tests =
    testList "Report" [
        test "the page refers to nothing outside itself" { needsNothingElse page.Value }

        test "links within the page lead somewhere" {
            Expect.isNonEmpty (matches "href=\"#([^\"]*)\"" page.Value) "links"
            linksLeadSomewhere page.Value
        }

        test "every figure has a description and the command that makes it again" {
            Expect.isNonEmpty (matches "<figure[^>]*>(.*?)</figure>" page.Value) "figures"
            figuresExplain "[a-z]+" page.Value
        }

        test "every picture is a file, and the page shows these very files" {
            let directory = Reproduced.directory ()

            let written =
                Directory.GetFiles(Path.Combine(directory, "figures"))
                |> Array.map Path.GetFileNameWithoutExtension
                |> Set.ofArray

            Expect.equal written (Set.ofList expectedFigures) "files"
            picturesAreFiles directory page.Value
        }

        test "pictures have their text where there are no fonts" {
            use picture =
                SKBitmap.Decode(Path.Combine(Reproduced.directory (), "figures", "plain-matrix-direct.png"))

            // The letters of the vertical axis stand between its title and the cells.
            let ink =
                Seq.allPairs [ 40..80 ] [ 100 .. picture.Height - 100 ]
                |> Seq.filter (fun (x, y) -> picture.GetPixel(x, y).Red < 90uy)
                |> Seq.length

            Expect.isGreaterThan ink 26 "dark pixels: fewer than one a letter"
        }

        test "results.json read and written again is the same" {
            let text = File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json"))
            Expect.equal (JsonSerializer.Serialize(results.Value, ResultsJson.Default.Reproduction)) text "results.json"
        }

        test "a learning curve has a line a step" {
            for model in results.Value.Models do
                let lines = File.ReadAllLines(Path.Combine(Reproduced.directory (), $"{model.Name}-learning-curve.csv"))
                Expect.equal lines[0] "step,training_loss,held_out_loss" "heading"

                Expect.equal
                    (lines |> Array.skip 1 |> Array.map (fun line -> int (line.Split(',')[0])))
                    [| 1 .. Reproduced.steps |]
                    "steps"

                Expect.equal
                    (lines |> Array.skip 1 |> Array.map (fun line -> float (line.Split(',')[1])))
                    (Seq.toArray model.TrainingLosses)
                    "losses"
        }

        test "hostile text stays text" {
            let hostile = "<script>alert('&\\\"')</script>"

            let text =
                let json = JsonNode.Parse(File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json")))
                // One model is as hostile as three, and drawn sooner.
                json["models"] <- JsonArray((json["models"][0]).DeepClone())

                Regex.Replace(
                    json.ToJsonString(),
                    "\"(version|command|checkpoint|completion|weights_sha256)\":\"[^\"]*\"",
                    $"\"$1\":\"{hostile}\""
                )

            let changed =
                JsonSerializer.Deserialize(text, ResultsJson.Default.Reproduction) |> Option.ofObj |> Option.get

            let directory = Path.Combine(Reproduced.directory (), "hostile")
            let page = ReportWriter.Write(Interp.Host.Files.Disk.Instance, changed, directory) |> File.ReadAllText
            Expect.stringContains page "&lt;script&gt;alert(" "the text itself"
            Expect.isFalse (page.Contains "<script") "an element made of text"
        }

        testProperty "encoded text is no markup, and decodes to itself" (fun (FsCheck.NonNull text) ->
            let text = text |> String.filter (Char.IsSurrogate >> not)
            let markup = Html.Text(text).ToString()
            let active = [ '<'; '>'; '"'; '\'' ] |> List.exists markup.Contains
            not active && Net.WebUtility.HtmlDecode markup = text)
    ]
