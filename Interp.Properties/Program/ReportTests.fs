module Interp.Properties.ReportTests

open System
open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Host.Pages
open Interp.Host.Report
open Interp.Runs.Results
open Interp.Runs.Directories
open Interp.Properties.Pages
open Interp.Properties.Processes
open SkiaSharp

let private page = lazy (File.ReadAllText(Path.Combine(Reproduced.directory (), "report.html")))

let private results =
    lazy (JsonDocument.Parse(File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json"))).RootElement)

let private models () = (item [ "models" ] results.Value).EnumerateArray() |> Seq.toList

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

        for picture in [ "ladder"; "letters"; "positions" ] do
            $"{model}-explain-{picture}"

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

        test "what was said of each model is told with what it explains" {
            Expect.stringContains page.Value "<section id=\"explanations\"" "the section"

            for model in models () do
                let judged = (item [ "explanations"; "explanations" ] model).EnumerateArray() |> Seq.toList
                let author = judged |> List.filter (textAt [ "name" ] >> _.Contains("author"))
                Expect.isNonEmpty author "what was said"

                for explanation in author do
                    let text = Net.WebUtility.HtmlEncode(textAt [ "explanation" ] explanation)
                    Expect.stringContains page.Value text "its text"

                let layers = (item [ "configuration"; "n_layers" ] model).GetInt32()
                let rungs = (item [ "explanations"; "ladder" ] model).GetArrayLength()
                Expect.equal (rungs > 0) (layers = 1) "a ladder"

            // Each of its three pictures, with the command that makes it again.
            for name in [ "plain"; "smeared"; "two_layer" ] do
                Expect.hasLength (matches $"(interp explain {name}.safetensors)" page.Value) 3 name
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

        test "results.json holds what the commands under the pictures print" {
            for model in models () do
                let file = Path.Combine(Reproduced.directory (), textAt [ "checkpoint" ] model)
                let printed = interp [ "circuits"; file; "--matrices"; "--json" ]
                succeeds printed
                Expect.equal (printed.Output.Trim()) ((item [ "circuits" ] model).GetRawText()) "circuits"
        }

        test "a learning curve has a line a step" {
            for model in models () do
                let name = textAt [ "name" ] model
                let lines = File.ReadAllLines(Path.Combine(Reproduced.directory (), $"{name}-learning-curve.csv"))
                Expect.equal lines[0] "step,training_loss,held_out_loss" "heading"

                Expect.equal
                    (lines |> Array.skip 1 |> Array.map (fun line -> int (line.Split(',')[0])))
                    [| 1 .. Reproduced.steps |]
                    "steps"

                Expect.equal
                    (lines |> Array.skip 1 |> Array.map (fun line -> float (line.Split(',')[1])))
                    (List.toArray (numbersAt [ "training_losses" ] model))
                    "losses"
        }

        test "hostile text stays text" {
            let hostile = "<script>alert('&\\\"')</script>"
            let clock = TimeProvider.System
            let configuration = { Configuration.study with Steps = 1; Batch = 8 }

            let outcome =
                TrainingRun.Run(
                    clock,
                    configuration,
                    Given.task configuration,
                    2,
                    TrainingStart.Of configuration,
                    null,
                    (fun _ -> ()),
                    Threading.CancellationToken.None
                )

            let found = ModelAnalysis.Of(clock, "plain", configuration, 2, outcome)

            let model =
                ModelResults(
                    Name = "plain",
                    Checkpoint = hostile,
                    Configuration = configuration,
                    WeightsSha256 = hostile,
                    Loss = found.Loss,
                    HeldOutLoss = found.HeldOutLoss,
                    TrainingLosses = found.TrainingLosses,
                    HeldOutLosses = found.HeldOutLosses,
                    Completions = found.Completions,
                    Circuits = found.Circuits,
                    Positions = found.Positions,
                    Attention = found.Attention,
                    Evaluation = found.Evaluation,
                    Ablations = found.Ablations,
                    HeadScores = found.HeadScores,
                    Quantities = found.Quantities,
                    Timings = found.Timings
                )

            let run =
                RunInformation(
                    Version = hostile,
                    Command = hostile,
                    Seed = 1UL,
                    Steps = 1,
                    Threads = 2,
                    Started = DateTimeOffset.UnixEpoch,
                    Seconds = 1.0
                )

            let struct (files, _) = ReportWriter.Files(clock, Reproduction(Run = run, Models = [ model ]))

            let struct (_, bytes) = files |> Seq.find (fun struct (name, _) -> name = ReportWriter.Report)

            let page = Text.Encoding.UTF8.GetString bytes
            Expect.stringContains page "&lt;script&gt;alert(" "the text itself"
            Expect.isFalse (page.Contains "<script>alert(") "an element made of text"
        }

        testProperty "encoded text is no markup, and decodes to what is shown of it" (fun (FsCheck.NonNull text) ->
            let markup = Html.Text(text).ToString()
            let active = [ '<'; '>'; '"'; '\'' ] |> List.exists markup.Contains
            not active && Net.WebUtility.HtmlDecode markup = Quote.shown text)
    ]
