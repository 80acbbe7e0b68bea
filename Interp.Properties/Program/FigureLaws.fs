/// Every picture, drawn from whatever numbers a model may lead to.
module Interp.Properties.FigureLaws

open System
open System.Collections.Generic
open System.Reflection
open System.Text.RegularExpressions
open System.Threading
open System.Xml.Linq
open Expecto
open Interp
open Interp.Runs.Endings
open Interp.Host.Commands
open Interp.Pictures
open Interp.Host.Pages
open Interp.Host.Report
open Interp.Runs.Results
open Interp.Runs.Directories
open Interp.Runs.Wording
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
        "CircuitFigures.Of", each (fun model -> list (CircuitFigures.Of(model.Circuits)))
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
    for range in [ plot.Horizontal; plot.Vertical ] do
        finite $"{what}: limits" [ range.Low; range.High ]
        Expect.isLessThan range.Low range.High $"{what}: limits"

    for mark in plot.Marks do
        match mark with
        | :? Cells as map ->
            for row in map.Values do
                Expect.hasLength row map.Width $"{what}: cells in a row"

                finite $"{what}: cells" (row |> Seq.filter _.HasValue |> Seq.map _.Value)
        | :? Line as line ->
            for struct (x, y) in line.Points do
                finite $"{what}: a line" [ x; y ]
        | :? Bar as bar -> finite $"{what}: bars" [ bar.Place; bar.Value ]
        | :? Marker as one -> finite $"{what}: a mark" [ one.X; one.Y ]
        | :? Note as note ->
            finite $"{what}: a note" [ note.X; note.Y ]

            for word in [ "NaN"; "∞"; "Infinity" ] do
                Expect.isFalse (note.Text.Contains word) $"{what}: {note.Text}"
        | _ -> ()

let private attribute (name: string) (element: XElement) =
    match element.Attribute(XName.Get name) with
    | null -> None
    | found -> Some found.Value

/// What an element has from itself or from what it stands in.
let rec private inherited name (element: XElement) =
    match attribute name element, element.Parent with
    | None, parent when not (isNull parent) -> inherited name parent
    | found, _ -> found

let private elements (name: string) (svg: XElement) =
    svg.DescendantsAndSelf() |> Seq.filter (fun element -> element.Name.LocalName = name)

/// Numbers in the order in which a path or a box has them.
let private numbers (text: string) = [
    for found in Regex.Matches(text, @"-?\d*\.?\d+(E[+-]?\d+)?") ->
        Double.Parse(found.Value, Globalization.CultureInfo.InvariantCulture)
]

/// The element is one picture: its box, its description, nothing outside of the box, no id, no style, no script.
let private isWhole what width height (svg: XElement) =
    let within low high value = value >= low - 0.5 && value <= high + 0.5
    Expect.equal (attribute "viewBox" svg) (Some $"0 0 {width} {height}") $"{what}: its box"
    Expect.equal (attribute "role" svg) (Some "img") $"{what}: what it is"

    for element in svg.DescendantsAndSelf() do
        Expect.isNone (attribute "id" element) $"{what}: an id, which another picture could have too"

        for attribute in element.Attributes() do
            let name = attribute.Name.LocalName
            Expect.isFalse (name = "style" || name.StartsWith "on") $"{what}: {name}"

            // What is said is in letters, which may spell anything.
            if name <> "aria-label" && not (name.StartsWith "data-") then
                for word in [ "NaN"; "∞"; "Infinity"; "E+" ] do
                    Expect.isFalse (attribute.Value.Contains word) $"{what}: {attribute}"

    for text in elements "text" svg do
        let size = inherited "font-size" text |> Option.get |> float
        let bold = inherited "font-weight" text = Some "600"
        let room = FigureFont.Width(text.Value, size, bold)

        let x, y, upwards =
            match attribute "transform" text with
            | Some moved ->
                let place = numbers moved
                place[0], place[1], true
            | None -> float (attribute "x" text |> Option.get), float (attribute "y" text |> Option.get), false

        let before, behind =
            match inherited "text-anchor" text with
            | None -> 0.0, room
            | Some "middle" -> room / 2.0, room / 2.0
            | _ -> room, 0.0

        let ends, across = if upwards then [ y + before; y - behind ], x else [ x - before; x + behind ], y
        let along, aside = if upwards then float height, float width else float width, float height

        for place in ends do
            Expect.isTrue (within 0.0 along place) $"{what}: {text} reaches {place} of {along}"

        Expect.isTrue (within (0.6 * size) aside across) $"{what}: {text} at {across} of {aside}"

    // Shapes that no inner picture cuts off.
    for path in svg.Elements() |> Seq.filter (fun element -> element.Name.LocalName = "path") do
        let places = attribute "d" path |> Option.get

        if not (places.Contains 'A') then
            for place, value in List.indexed (numbers places) do
                Expect.isTrue
                    (within 0.0 (float (if place % 2 = 0 then width else height)) value)
                    $"{what}: {path} leaves the picture"

let private isSvg what (figure: Figure) (picture: Picture) =
    let file =
        XDocument.Parse(Text.Encoding.UTF8.GetString(SvgRenderer.File(picture.Scene, picture.Alt))).Root

    isWhole $"{what}, a file" figure.Width figure.Height file

    Expect.equal
        (elements "desc" file |> Seq.map _.Value |> List.ofSeq)
        [ Quote.shown picture.Alt ]
        $"{what}: description"

    Expect.isEmpty (file.DescendantsAndSelf() |> Seq.choose (attribute "class")) $"{what}: a style that a file has not"

    let element = XElement.Parse picture.Svg
    isWhole $"{what}, on a page" figure.Width figure.Height element
    Expect.equal (attribute "aria-label" element) (Some(Quote.shown picture.Alt)) $"{what}: its name"

    let said = Text.Json.JsonDocument.Parse(attribute "data-says" element |> Option.get).RootElement
    let isMap = picture.Scene.Plot.Marks |> Seq.exists (fun mark -> mark :? Cells)
    Expect.equal (fst (said.TryGetProperty "cells")) isMap $"{what}: a map says its cells"

    // Every class is one that the page's style knows.
    for name in element.DescendantsAndSelf() |> Seq.choose (attribute "class") do
        Expect.isTrue
            (name = "figure" || FigureStyle.Css.Contains $".{name}{{" || FigureStyle.Css.Contains $".{name},")
            $"{what}: class {name}"

/// Something is to be seen: dark pixels, of a title, labels or marks.
let private isSeen what (figure: Figure) (picture: Picture) =
    use pixels = SKBitmap.Decode picture.Png
    let width, height = PixelRenderer.Density * figure.Width, PixelRenderer.Density * figure.Height
    Expect.equal (pixels.Width, pixels.Height) (width, height) $"{what}: pixels"

    let dark =
        Seq.allPairs [ 0..3 .. width - 1 ] [ 0..3 .. height - 1 ]
        |> Seq.exists (fun (x, y) -> pixels.GetPixel(x, y).Red < 90uy)

    Expect.isTrue dark $"{what}: a picture without a dark pixel"

/// Draws a figure and tells how many values it left out.
let private draw what (figure: Figure) =
    let what = $"{what}, {figure.Name}"
    let drawing = figure.Draw.Invoke()
    isSound what (drawing.Finish())
    let picture = FigureRenderer.Render [| figure |] |> Seq.exactlyOne
    isSvg what figure picture
    isSeen what figure picture

    Expect.equal
        (picture.Scene.Plot.LeftOut.EndsWith "left out")
        (drawing.LeftOut > 0)
        $"{what}: whether it says what was left out"

    for word in [ "NaN"; "∞"; "Infinity" ] do
        Expect.isFalse (figure.Alt.Contains word) $"{what}: {figure.Alt}"

    drawing.LeftOut

/// Goes through all of a figure with the arrow keys, and asks what is in the middle of each place.
let private visit =
    """
    function visit(json) {
      const figure = Figures.places(JSON.parse(json));
      let stepped = 0, found = 0, odd = '';
      if (!figure) return `${stepped}|${found}|${odd}`;
      const isMap = figure.first.row !== undefined;
      const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
      let row = figure.first;
      for (;;) {
        let place = figure.step(row, 'Home');
        for (;;) {
          stepped++;
          const box = figure.box(place);
          const under = figure.find(box.x + box.width / 2, box.y + box.height / 2);
          if (under && (!isMap || same(under, place))) found++;
          const words = figure.words(place);
          if (!words || /undefined|NaN|null|\[object/.test(words)) odd = words || 'no words';
          const next = figure.step(place, 'ArrowRight');
          if (same(next, place)) break;
          place = next;
        }
        const down = figure.step(figure.step(row, 'Home'), 'ArrowDown');
        if (isMap ? down.row === row.row : down.series === row.series) return `${stepped}|${found}|${odd}`;
        row = down;
      }
    }
    """

let private tryCells (mark: Mark) =
    match mark with
    | :? Cells as cells -> Some cells
    | _ -> None

/// Words that would be markup, end what they stand in, or turn the direction of writing.
let private hostile = [
    "<b>&amp;\"'</b>"
    "]]><script>alert(1)</script>"
    "--><svg onload=alert(1)>"
    "a\u0000b\u0007c\u001b[31m"
    "\u202egnirts\u2066\u200f"
    "\ud800 half\uffff"
    String.replicate 300 "long "
]

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
            // One at a time: each draws all there are.
            testSequencedGroup "figures"
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
                let struct (written, _) = ReportWriter.Files(TimeProvider.System, run)

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

                // What is read: scripts have words of their own.
                let whole =
                    Text.RegularExpressions.Regex.Replace(
                        file ReportWriter.Report,
                        "<script.*?</script>",
                        "",
                        Text.RegularExpressions.RegexOptions.Singleline
                    )

                let page = whole.Replace(Words.NotFiniteSentence, "")
                Expect.equal (page.Contains Words.NotFinite) (page.Length < whole.Length) "the sentence"

                for text in page :: file "two_layer-learning-curve.csv" :: List.map show models do
                    for word in [ "NaN"; "∞"; "Infinity" ] do
                        Expect.isFalse (text.Contains word) $"{kind}: {word}"

                let json = Text.Json.JsonDocument.Parse(file "results.json").RootElement
                let notes, noted = json.TryGetProperty "notes"
                Expect.equal notes (kind <> "all zero") "notes"

                if notes then
                    Expect.isGreaterThan (noted.GetArrayLength()) 0 "notes"
            }

        test
            "of more values than anybody tells apart a strip has bars, from the least to the largest, each as high as there are" {
            let strip count =
                let drawing = Drawing("title", "x", "y")
                let values = [| for i in 0 .. count - 1 -> if i = 0 then 10.0 else float (i % 5) |]
                let dots = [| for i in 1..count -> Dot($"seed {i}", i) |]
                Swarm.Draw(drawing, values, dots, Extent.Of values, 0.0, 0.4, Palette.Ink)
                List.ofSeq (drawing.Finish().Marks)

            Expect.hasLength (strip Swarm.Most) 1 "dots are one mark"
            let boxes = strip (Swarm.Most + 1) |> List.map (fun mark -> mark :?> Box)

            // Five values that are as frequent as each other within one, and one that is alone.
            let heights = boxes |> List.map (fun box -> Math.Round(box.Top - box.Bottom, 2)) |> List.sort
            Expect.equal heights [ 0.02; 0.8; 0.8; 0.8; 0.8; 0.8 ] "heights"
            Expect.equal (boxes |> List.map _.Left |> List.min) 0.0 "the least"
            Expect.floatClose Accuracy.high (boxes |> List.map _.Right |> List.max) 10.0 "the largest"
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
                Expect.equal drawing.LeftOutSentence sentence "the sentence"

                let texts = [
                    for item in Layout.Of(drawing.Finish(), 400, 300).Items do
                        match item with
                        | :? Lettering as text -> text.Text
                        | _ -> ()
                ]

                Expect.equal (List.contains sentence texts) (sentence <> "") "what the picture says"
        }

        test "words cannot break a picture" {
            for words in hostile do
                let against: Nullable<struct (string * float)> = Nullable<_>(struct (words, 0.5))

                let charts = [
                    Charts.Bars(
                        words,
                        words,
                        [| struct (words, 1.0, Palette.Ink); struct (words, -2.0, Palette.Of 1) |],
                        against
                    )
                    Charts.Cells(
                        words,
                        words,
                        words,
                        words,
                        [| [| Nullable 1.0; Nullable<float>() |]; [| Nullable -1.0; Nullable 0.5 |] |],
                        [| words; words |],
                        [| words; words |],
                        Palette.Diverging,
                        Extent.Between(-1.0, 1.0),
                        fun _ -> words
                    )
                    Charts.OverTraining(
                        words,
                        words,
                        [| 1; 10 |],
                        [| Series(words, [| 1.0; 2.0 |], Palette.Of 0, LinePattern.Dashed) |],
                        Unchecked.defaultof<_>
                    )
                ]

                for chart in charts do
                    let figure = Figure(words, words, 480, 400, fun () -> chart)
                    let picture = FigureRenderer.Render [| figure |] |> Seq.exactlyOne
                    isSvg words figure picture
                    isSeen words figure picture

                    // The reader of pages takes it for what it is.
                    let inner = Regex.Replace(picture.Svg, "<[^>]*>", "")
                    Expect.isFalse (inner.Contains '<' || picture.Svg.Contains "<script") "markup made of words"
        }

        test "the page's script finds and says every mark of a figure" {
            use script = typeof<Interp.Host.Pages.Page>.Assembly.GetManifestResourceStream "page/figures.js"
            use reader = new IO.StreamReader(script)
            let engine = (new Jint.Engine()).Execute(reader.ReadToEnd()).Execute visit

            for name, make in makers do
                if not (isSet name) then
                    for figure in make given.Value do
                        let scene = FigureRenderer.Lay figure
                        let found = engine.Invoke("visit", SpokenFigure.Json scene).ToString().Split('|', 3)

                        let marks =
                            match scene.Plot.Marks |> Seq.tryPick tryCells with
                            | Some cells -> cells.Width * cells.Height
                            | None -> scene.Spoken |> Seq.sumBy _.Places.Count

                        Expect.equal (int found[0]) marks $"{figure.Name}: marks that arrows lead to"
                        Expect.equal (int found[1]) marks $"{figure.Name}: marks that have something under a pointer"
                        Expect.equal found[2] "" $"{figure.Name}: words"
        }

        test "what is written on a colour can be read, on light paper and on dark" {
            for struct (light, dark) in Palette.All do
                for ground in [ light; dark ] do
                    Expect.isGreaterThanOrEqual
                        (Color.Contrast(Palette.Readable ground, ground))
                        4.5
                        $"on {ground.Name}"

            let look name =
                let struct (light, dark) = Palette.All |> Seq.find (fun (struct (light, _)) -> light.Name = name)
                [ light; dark ]

            for text in [ "ink"; "muted" ] do
                for ground in [ "paper"; "empty" ] do
                    for one, other in List.zip (look text) (look ground) do
                        Expect.isGreaterThanOrEqual (Color.Contrast(one, other)) 4.5 $"{text} on {ground}"
        }

        test "an axis with a single round number of its first step has those of the next smaller one, in every decade" {
            for power in -30 .. 300 do
                let unit = 10.0 ** power
                let ticks = Scale.Round(Extent.Between(unit, 4.2 * unit), 1)
                // Which of the two steps is round enough hangs on rounding; that there is one does not.
                Expect.isGreaterThanOrEqual ticks.Count 2 $"marks from {unit} on"
        }

        testProperty
            "marks of an axis are round, within it, apart, and tell themselves apart"
            (fun (one: float) (other: float) (FsCheck.PositiveInt most) ->
                let range = Extent.Between(one, other)
                let most = 1 + most % 20

                let ticks =
                    Scale.Round(range, most) |> Seq.map (fun struct (place, label) -> place, label) |> List.ofSeq

                let slack = 1e-6 * range.Span
                Expect.isTrue (ticks.Length <= max (most + 1) 6) $"{ticks.Length} for {most}"

                for place, _ in ticks do
                    Expect.isTrue (place >= range.Low - slack && place <= range.High + slack) $"{place} within {range}"

                for (first, _), (second, _) in List.pairwise ticks do
                    Expect.isGreaterThan second first "in their order")

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
                ] do
                let bytes = FigureRenderer.Render(figure, PictureFormat.Of("-f", $"x.{ending}"))
                Expect.equal bytes[.. start.Length - 1] start ending

            for name in [ "x"; "x."; "x.gif"; "x.bmp"; "x.png.txt"; ""; "png"; "x.png/y" ] do
                Expect.throwsT<BadInputException> (fun () -> PictureFormat.Of("-f", name) |> ignore) name
        }
    ]
