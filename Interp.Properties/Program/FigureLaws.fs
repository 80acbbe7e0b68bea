/// Every picture, drawn from whatever numbers a model may lead to.
module Interp.Properties.FigureLaws

open System
open System.Collections.Generic
open System.Reflection
open System.Threading
open Expecto
open Interp
open Interp.Host.Endings
open Interp.Host.Commands
open Interp.Host.Figures
open Interp.Host.Report
open Interp.Host.Results
open Interp.Host.Runs
open Interp.Host.Wording
open ScottPlot
open SkiaSharp

/// Numbers of a kind, and whether all of them are finite in single precision too.
let private kinds = [
    "ordinary", true, (fun i -> sin (float i))
    "all zero", true, (fun _ -> 0.0)
    "all minus zero", true, (fun _ -> -0.0)
    "all the same", true, (fun _ -> 3.25)
    "all positive", true, (fun i -> 0.1 * float (1 + i % 7))
    "all negative", true, (fun i -> -0.1 * float (1 + i % 7))
    "tiny", true, (fun i -> 1e-300 * float (1 + i % 3))
    "subnormal", true, (fun _ -> Double.Epsilon)
    "nearly the same", true, (fun i -> 1.0 + 1e-15 * float (i % 3))
    "huge", false, (fun i -> 1e300 * sin (float i))
    "the largest", false, (fun i -> if i % 2 = 0 then Double.MaxValue else Double.MinValue)
    "some NaN", false, (fun i -> if i % 5 = 0 then nan else sin (float i))
    "some infinite", false, (fun i -> [| 1.0; infinity; 0.5; -infinity; 0.25 |][i % 5])
    "all infinite", false, (fun i -> if i % 2 = 0 then infinity else -infinity)
    "all NaN", false, (fun _ -> nan)
]

/// Everything that pictures are drawn from: of one trained model, its snapshots, some texts, and a study.
type private Given = {
    Models: ModelResults list
    Pairs: Ablations
    Snapshots: Snapshot list
    Nulls: SnapshotNulls
    Shares: NamedShares list
    Curves: LossCurve list
    Direct: PathTerm list
    Lens: Tensor list
    Patched: PatchedSite list
    Results: SurveyResult list
}

let private text = "ABCDEFAB"

let private named =
    let names = Vocabulary.letters 26
    NamedText(names, Vocabulary.parse names text |> Result.defaultWith failwith)

let private given =
    lazy
        (let study = Configuration.study

         let configuration = {
             study with
                 Architecture = { study.Architecture with NLayers = 2; NHeads = 2; DModel = 8; DHead = 4 }
                 Steps = 12
                 Batch = 4
         }

         let clock = TimeProvider.System
         let start = TrainingStart.Of configuration

         let outcome =
             TrainingRun.Run(
                 clock,
                 configuration,
                 Given.task configuration,
                 1,
                 start,
                 null,
                 ignore,
                 CancellationToken.None
             )

         let a, task, weights = configuration.Architecture, (Given.task configuration), outcome.Weights
         let tokens (text: string) = Letters.ofText a.DVocab text |> Result.defaultWith failwith
         let reference = { Sequences = 4; Seed = 1UL }

         let survey = { Survey.standard with Seeds = 2; Steps = 3 }

         {
             Models = [ ModelAnalysis.Of(clock, "two_layer", configuration, 1, outcome) ]
             Pairs = Ablation.measure 1 task weights ZeroMode reference true
             Snapshots = [ for step in [ 1; 12 ] -> Development.snapshot 1 a task step weights reference ]
             Nulls = Development.nulls 1 a task weights 1UL
             Shares = [ for _ in 1..2 -> NamedShares.measure 1 task a weights 1UL |> Option.get ]
             Curves = [
                 for name in [ "one"; "two" ] ->
                     LossCurve(name, [| for step in 1..12 -> HeldOutLoss(step, 1.0) |], [| HeldOutLoss(12, 1.0) |], 0.7)
             ]
             Direct = Attribution.direct weights (tokens text)
             Lens = Attribution.lens weights (tokens text)
             Patched = PatchedSite.Of(Patching.measure task weights 0 1 (tokens text) (tokens "ABCDEFBB")) |> List.ofSeq
             Results = [
                 for item in Survey.items survey ->
                     {
                         Item = item
                         Quantities = [
                             Quantity.HeldOutLoss, 1.0
                             Quantity.Completed PatternKind.Distinct, 0.5
                             Quantity.OV(0, Highest), 0.5
                             Quantity.OV(0, Lowest), -0.5
                         ]
                         HeldOut = [ 1, 3.0; 3, 2.0 ]
                         Weights = ""
                     }
             ]
         })

/// Whatever makes figures, by the name of type and method; a maker that is missing here fails the test below.
let private makers: (string * (Given -> Figure seq)) list =
    let models given = given.Models :> IEnumerable<ModelResults> |> Array.ofSeq
    let each make given = given.Models |> Seq.collect make
    let groups given = GroupResults.Of(Array.ofList given.Results)
    let list (figures: IReadOnlyList<Figure>) = Seq.ofArray (Array.ofSeq figures)

    [
        "AblationFigures.Of", (fun given -> list (AblationFigures.Of("ablation", "Loss without a head", given.Pairs)))
        "AttentionFigures.Average", each (fun model -> [ AttentionFigures.Average(model, 1, 0) ])
        "AttentionFigures.ColumnNormalised", each (fun model -> [ AttentionFigures.ColumnNormalised(model, 1, 0) ])
        "AttentionFigures.ByOffset", each (fun model -> [ AttentionFigures.ByOffset(model, 0) ])
        "AttentionMaps.Of",
        each (fun model -> list (AttentionMaps.Of(model.Attention.Patterns, model.Attention.ByOffset)))
        "CircuitFigures.Of",
        each (fun model -> list (CircuitFigures.Of(model.Configuration.Architecture, model.Circuits)))
        "PredictionFigures.OfText", (fun given -> list (PredictionFigures.OfText(named, List.last given.Lens)))
        "PredictionFigures.OfCompletions",
        each (fun model ->
            let shares = model.Evaluation.PerPositionLoss |> Seq.truncate 4 |> Array.ofSeq
            list (PredictionFigures.OfCompletions [| struct (named, 4, shares :> IReadOnlyList<float>) |]))
        "PredictionFigures.OfEvaluation", each (fun model -> list (PredictionFigures.OfEvaluation model.Evaluation))
        "PredictionFigures.OfExact",
        (fun _ -> list (PredictionFigures.OfExact("pattern", [ struct ("ABC", 6L, 5L); struct ("ABA", 3L, 0L) ])))
        "CircuitFigures.Eigenvalues",
        each (fun model -> [
            for circuit in CircuitFigures.Circuits model -> CircuitFigures.Eigenvalues(model, circuit)
        ])
        "CircuitFigures.Matrix",
        each (fun model -> [ for circuit in CircuitFigures.Circuits model -> CircuitFigures.Matrix(model, circuit) ])
        "CompositionFigures.Of",
        each (fun model -> list (CompositionFigures.Of("composition", model.Composition, Published.ofVariant TwoLayer)))
        "DevelopmentFigures.Of",
        (fun given -> list (DevelopmentFigures.Of(Array.ofList given.Snapshots, given.Nulls, 6)))
        "DistributionFigure.Of",
        (fun given ->
            [
                for quantity in GroupResults.Quantities(groups given) -> DistributionFigure.Of(quantity, groups given)
            ]
            |> Seq.filter (isNull >> not))
        "ExplanationFigures.Of", each (fun model -> list (ExplanationFigures.Of("explain", model.Explanations)))
        "ExplanationFigures.Ladder", each (fun model -> [ ExplanationFigures.Ladder("explain", model.Explanations) ])
        "ExplanationFigures.Letters",
        each (fun model -> [
            ExplanationFigures.Letters("explain", model.Explanations.Letters, model.Explanations.Names)
        ])
        "ExplanationFigures.ByPosition",
        each (fun model -> [ ExplanationFigures.ByPosition("explain", model.Explanations) ])
        "ExplanationFigures.OverTraining",
        (fun given -> [ ExplanationFigures.OverTraining([| 1; 12 |], Array.ofList given.Shares) ])
        "FigureSet.Explanations", each (FigureSet.Explanations >> list)
        "FigureSet.Of", (fun given -> list (FigureSet.Of(models given)))
        "FigureSet.Heads", each (FigureSet.Heads >> list)
        "FigureSet.Circuits", each (FigureSet.Circuits >> list)
        "FigureSet.Attention", each (FigureSet.Attention >> list)
        "HeadScoreFigures.Of", each (fun model -> list (HeadScoreFigures.Of("heads", model.HeadScores)))
        "LossFigures.LearningCurves", (fun given -> [ LossFigures.LearningCurves(models given) ])
        "LossFigures.ByPosition", (fun given -> [ LossFigures.ByPosition(models given) ])
        "LossFigures.Curves", (fun given -> [ LossFigures.Curves(Array.ofList given.Curves) ])
        "SurveyClaimFigure.Of",
        (fun given ->
            // The same trainings at two settings.
            let at batch result = {
                result with
                    SurveyResult.Item.Setting = [ Field.Batch, Whole batch ]
                    SurveyResult.Item.Index = result.Item.Index + 1000 * batch
            }

            given.Results
            |> List.collect (fun result -> [ at 1 result; at 2 result ])
            |> SurveySummary.ofResults Claims.study
            |> SurveyClaimFigure.Of
            |> list)
        "SurveyEigenvalueFigure.Of",
        (fun given -> [ SurveyEigenvalueFigure.Of(groups given) ] |> Seq.filter (isNull >> not))
        "SurveyFigureSet.Of", (fun given -> list (SurveyFigureSet.Of(groups given)))
        "SurveyLossFigures.Of", (fun given -> list (SurveyLossFigures.Of(groups given)))
        "TextFigures.Attribution",
        (fun given -> [ TextFigures.Attribution(named, 3, Array.ofList given.Direct, "attribution") ])
        "TextFigures.Patching", (fun given -> list (TextFigures.Patching(named, named, Array.ofList given.Patched)))
        "TextFigures.Lens", (fun given -> [ TextFigures.Lens(named, Array.ofList given.Lens) ])
    ]

/// Sets of figures that have been drawn one by one are not drawn again.
let private isSet (name: string) = name.StartsWith "FigureSet" || name.StartsWith "SurveyFigureSet"

let private finite what (values: float seq) =
    for value in values do
        Expect.isTrue (Double.IsFinite value) $"{what}: {value} is finite"

/// Coordinates, colours and ranges of what is on a plot.
let private isSound what (plot: Plot) =
    let limits = plot.Axes.GetLimits()
    finite $"{what}: limits" [ limits.Left; limits.Right; limits.Bottom; limits.Top ]
    Expect.isLessThan limits.Left limits.Right $"{what}: limits across"
    Expect.isLessThan limits.Bottom limits.Top $"{what}: limits upright"

    for mark in plot.GetPlottables() do
        match mark with
        | :? Plottables.Heatmap as map ->
            let range = map.ManualRange |> Option.ofNullable |> Option.get
            finite $"{what}: colours" [ range.Min; range.Max ]
            Expect.isLessThan range.Min range.Max $"{what}: colours"

            for value in Seq.cast<float> map.Intensities do
                Expect.isTrue (value >= range.Min && value <= range.Max) $"{what}: {value} is within {range}"
        | :? Plottables.Scatter as line ->
            for point in line.Data.GetScatterPoints() do
                finite $"{what}: a line" [ point.X; point.Y ]
        | :? Plottables.BarPlot as bars -> finite $"{what}: bars" [ for bar in bars.Bars -> bar.Value ]
        | :? Plottables.Marker as one -> finite $"{what}: a mark" [ one.X; one.Y ]
        | :? Plottables.Text as note ->
            finite $"{what}: a note" [ note.Location.X; note.Location.Y ]

            for word in [ "NaN"; "∞"; "Infinity" ] do
                Expect.isFalse (note.LabelText.Contains word) $"{what}: {note.LabelText}"
        | _ -> ()

/// Something is to be seen: dark pixels, of a title, labels or marks.
let private isSeen what (figure: Figure) (plot: Plot) =
    use image = plot.GetImage(figure.Width, figure.Height)
    use pixels = SKBitmap.Decode(image.GetImageBytes ImageFormat.Png)

    let dark =
        Seq.allPairs [ 0..2 .. figure.Width - 1 ] [ 0..2 .. figure.Height - 1 ]
        |> Seq.exists (fun (x, y) -> pixels.GetPixel(x, y).Red < 90uy)

    Expect.isTrue dark $"{what}: a picture without a dark pixel"

/// Draws a figure and tells how many values it left out.
let private draw what (figure: Figure) =
    let what = $"{what}, {figure.Name}"
    let drawing = figure.Draw.Invoke()
    use plot = drawing.Finish()
    isSound what plot
    isSeen what figure plot
    let said = plot.Axes.Bottom.Label.Text.EndsWith "left out"
    Expect.equal said (drawing.LeftOut > 0) $"{what}: whether it says what was left out"

    for word in [ "NaN"; "∞"; "Infinity" ] do
        Expect.isFalse (figure.Alt.Contains word) $"{what}: {figure.Alt}"

    drawing.LeftOut

[<Tests>]
let tests =
    testList "Figures" [
        test "every maker of figures is tried" {
            let makesFigures (found: Type) = found = typeof<Figure> || found = typeof<IReadOnlyList<Figure>>

            let all =
                set [
                    for kind in typeof<Figure>.Assembly.GetTypes() do
                        for maker in
                            kind.GetMethods(BindingFlags.Static ||| BindingFlags.Public ||| BindingFlags.DeclaredOnly) do
                            if makesFigures maker.ReturnType then
                                $"{kind.Name}.{maker.Name}"
                ]

            Expect.equal (makers |> List.map fst |> Set.ofList) all "makers"
        }

        for kind, isFinite, number in kinds do
            testSequenced
            <| test $"figures of numbers that are {kind}" {
                let given = Nasty.filled number None given.Value

                for name, make in makers do
                    if not (isSet name) then
                        for figure in make given do
                            let leftOut = draw $"{kind}: {name}" figure

                            if isFinite then
                                Expect.equal leftOut 0 $"{kind}: {figure.Name}: values left out"

                            // A product of weights overflows where they are huge, not where they are what stands for NaN here.
                            // What no claim could be judged by leaves a cell empty, which is its own notice.
                            let says =
                                [
                                    "CircuitFigures.Matrix"
                                    "CircuitFigures.Of"
                                    "PredictionFigures.OfExact"
                                    "SurveyClaimFigure.Of"
                                ]
                                |> List.contains name
                                |> not

                            // Shares of prompts are counts in their turn.
                            if kind = "all NaN" && says && figure.Name <> "completed" then
                                Expect.isGreaterThan leftOut 0 $"{kind}: {figure.Name}: values left out"
            }

        for most in [ 0; 1 ] do
            test $"figures of lists with {most} points" {
                let given = Nasty.filled (fun i -> sin (float i)) (Some most) given.Value

                for name, make in makers do
                    if not (isSet name) then
                        for figure in make given do
                            draw $"{most} points: {name}" figure |> ignore
            }

        for kind, _, number in
            kinds
            |> List.filter (fun (kind, _, _) -> List.contains kind [ "all NaN"; "some infinite"; "huge"; "all zero" ]) do
            test $"a reproduction's page, files and tables of numbers that are {kind}" {
                let models = (Nasty.filled number None given.Value).Models

                let information =
                    RunInformation(
                        Version = "1",
                        Command = "interp reproduce",
                        Seed = 1UL,
                        Steps = 12,
                        Threads = 1,
                        Started = DateTimeOffset.UnixEpoch,
                        Seconds = number 1
                    )

                let run = Reproduction(Run = information, Models = Array.ofList models)
                let written = ReportWriter.Files run

                let file (name: string) =
                    written
                    |> Seq.pick (fun struct (other, bytes) -> if other = name then Some bytes else None)
                    |> Text.Encoding.UTF8.GetString

                let show (model: ModelResults) =
                    use writer = new IO.StringWriter()
                    let output = Spectre.Console.AnsiConsoleOutput writer
                    let settings = Spectre.Console.AnsiConsoleSettings(Out = output)
                    ReproductionTables.Show(Spectre.Console.AnsiConsole.Create settings, model)
                    writer.ToString()

                let page = (file ReportWriter.Report).Replace(Words.NotFiniteSentence, "")

                Expect.equal
                    (page.Contains Words.NotFinite)
                    (page.Length < (file ReportWriter.Report).Length)
                    "the sentence"

                for text in page :: file "two_layer-learning-curve.csv" :: List.map show models do
                    // Pictures are in letters, which may spell anything.
                    let words = Text.RegularExpressions.Regex.Replace(text, "base64,[^\"]*", "")

                    for word in [ "NaN"; "∞"; "Infinity" ] do
                        Expect.isFalse (words.Contains word) $"{kind}: {word}"

                let json = Text.Json.JsonDocument.Parse(file "results.json").RootElement
                let notes, noted = json.TryGetProperty "notes"
                Expect.equal notes (kind <> "all zero") "notes"

                if notes then
                    Expect.isGreaterThan (noted.GetArrayLength()) 0 "notes"
            }

        test "what a picture leaves out is counted" {
            let bars values =
                Charts.Bars("title", "y", [| for value in values -> struct ("bar", value, Palette.Ink) |], Nullable())

            for values, sentence in
                [
                    [ 1.0; 2.0 ], ""
                    [ nan; 2.0 ], "1 value is not finite and is left out"
                    [ nan; infinity; -infinity ], "3 values are not finite and are left out"
                ] do
                let drawing = bars values
                use plot = drawing.Finish()
                Expect.equal drawing.LeftOutSentence sentence "the sentence"
                Expect.equal plot.Axes.Bottom.Label.Text sentence "what the picture says"
        }

        testProperty "an extent is finite and has room for all that is finite" (fun (values: float list) ->
            for extent in [ Extent.Of values; Extent.FromZero values; Extent.AroundZero values ] do
                finite "an end" [ extent.Low; extent.High; extent.Span ]
                Expect.isGreaterThan extent.Span 0.0 "width"

                for value in values |> List.filter Double.IsFinite do
                    let place = extent.Place value
                    Expect.isTrue (place >= 0.0 && place <= 1.0) "a place"

                    if abs value < 1e299 then
                        Expect.isTrue (value >= extent.Low && value <= extent.High) $"{value} within {extent}"

                for wider in [ extent.Padded(0.1, 0.1); extent.AtLeast 10.0; extent.AtLeast 1e307 ] do
                    finite "a wider one's end" [ wider.Low; wider.High; wider.Span ])

        test "extents of nothing, of one value, of equal ends" {
            let ends (extent: Extent) = extent.Low, extent.High
            Expect.equal (ends (Extent.Of [])) (0.0, 1.0) "nothing"
            Expect.equal (ends (Extent.Of [ nan; infinity ])) (0.0, 1.0) "nothing finite"
            Expect.equal (ends (Extent.Of [ 0.0; 0.0 ])) (0.0, 1.0) "zeros"
            Expect.equal (ends (Extent.Of [ 5.0 ])) (4.5, 5.5) "one value"
            Expect.equal (ends (Extent.FromZero [ -2.0; -1.0 ])) (-2.0, 0.0) "one side"
            Expect.equal (ends (Extent.AroundZero [ 1.0; -3.0 ])) (-3.0, 3.0) "around zero"
            Expect.equal (ends (Extent.Between(3.0, 1.0))) (1.0, 3.0) "either order"
            Expect.equal (ends (Extent.Between(nan, 2.0))) (1.8, 2.2) "an end that is none"
        }

        test "the ending of a picture's name is its format" {
            let figure = LossFigures.Curves(Array.ofList given.Value.Curves)

            for ending, start in
                [
                    "png", [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy |]
                    "PNG", [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy |]
                    "svg", "<?xml"B
                    "pdf", "%PDF"B
                    "jpg", [| 0xFFuy; 0xD8uy |]
                    "jpeg", [| 0xFFuy; 0xD8uy |]
                    "webp", "RIFF"B
                    "bmp", "BM"B
                ] do
                let bytes = FigureRenderer.Render(figure, PictureFormat.Of("-f", $"x.{ending}"))
                Expect.equal bytes[.. start.Length - 1] start ending

            for name in [ "x"; "x."; "x.gif"; "x.png.txt"; ""; "png"; "x.png/y" ] do
                Expect.throwsT<BadInputException> (fun () -> PictureFormat.Of("-f", name) |> ignore) name
        }
    ]
