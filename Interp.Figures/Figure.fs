/// Every picture of the program by a function, for scripts and programs. What has several gives them as a list, the main one first.
module Interp.Figure

open System
open System.Collections.Generic
open Interp
open Interp.Pictures
open Interp.Figures
open Interp.Runs.Files
open Interp.Runs.Results

type private Drawn = Interp.Pictures.Figure

let private one (figure: Drawn) = Figure figure

let private many (figures: IReadOnlyList<Drawn>) : IReadOnlyList<Figure> = [| for figure in figures -> Figure figure |]

let private list (items: 'a seq) : IReadOnlyList<'a> = Array.ofSeq items

/// [row][column] of a tensor of rank 2.
let private grid (tensor: Tensor) = Grids.Matrix tensor

/// Writes a figure to a file, whole or not at all; the ending says as what: .svg, .png, .pdf, .jpg or .webp. Raises `RefusedException` where the
/// ending stands for no picture, and `IOException` where the file cannot be written.
[<CompiledName "Save">]
let save (path: string) (figure: Figure) = figure.Save path

/// Writes figures into a directory, made where it is not there, each as an SVG file of its name: all of them or none. Raises `RefusedException` where
/// a file stands in the directory's place, and `IOException` where one cannot be written.
[<CompiledName "SaveAll">]
let saveAll (directory: string) (figures: Figure seq) =
    let files = [| for figure in figures -> struct ($"{figure.Name}.svg", figure.Svg) |]

    Telling.Caller(fun () ->
        use staged = StagedDirectory.Create(Disk.Instance, directory)
        staged.Publish files)

/// Opens a figure in the system's browser; where there is none, says where the file is.
[<CompiledName "Show">]
let show (figure: Figure) = figure.Show()

/// A figure as an element of a page or a notebook: SVG, which needs no style or script.
[<CompiledName "Html">]
let html (figure: Figure) = figure.Html

/// A matrix of one's own as coloured cells. `values` [row, column], as many as there are names; blue above 0 and orange below, or white at 0 and
/// blue above where none is below. Raises `RefusedException` where names and shape do not go together.
[<CompiledName "Matrix">]
let matrix (title: string) (rows: string seq) (columns: string seq) (values: Tensor) =
    let rows, columns = list rows, list columns

    match values.Shape with
    | [ height; width ] when height = rows.Count && width = columns.Count && height > 0 && width > 0 -> ()
    | shape ->
        Refused.because
            $"Figure.matrix was given values {Shape.show shape} with {rows.Count} names of rows and {columns.Count} of columns, expected as many of each as there are, and at least one."

    let cells = HeatMap.Cells(seq { for row in grid values -> row :> float32 seq })
    let entries = values.ToArray()
    let isSigned = entries |> Array.exists (fun value -> value < 0.0f)
    let all = HeatMap.Values cells
    let range = if isSigned then Extent.AroundZero all else Extent.FromZero all
    let colours = if isSigned then Palette.Diverging else Palette.Sequential

    Drawn(
        "matrix",
        $"{title}: {rows.Count} rows by {columns.Count} columns.",
        min 1400 (160 + 26 * max 12 columns.Count),
        min 1400 (130 + 26 * max 8 rows.Count),
        fun () -> Charts.Cells(title, "", "", "value", cells, rows, columns, colours, range, null)
    )
    |> one

/// Attention of every head on one text, side by side, then of each head. `patterns`: a layer [head, pos, key_pos] each, as `Transformer.patterns` and
/// `Intervened.patterns` give them.
[<CompiledName "Attention">]
let attention (names: Vocabulary) (text: Tokens) (patterns: Tensor seq) =
    many (AttentionMaps.Of(NamedText(names, text), list (Seq.map Grids.Matrices patterns)))

/// Attention averaged over sequences: every head, side by side, each head, and by distance. `averages`: a layer [head, pos, key_pos] each, as
/// `Attention.average` gives them.
[<CompiledName "AverageAttention">]
let averageAttention (averages: Tensor seq) =
    let averages = list averages

    many (
        AttentionMaps.Of(
            list (Seq.map Grids.Matrices averages),
            list (averages |> Seq.map (fun average -> grid (Attention.byOffset average)))
        )
    )

/// Eigenvalues of all circuits together, of each, and each circuit's matrix.
[<CompiledName "Circuits">]
let circuits (circuits: ScoredCircuits) = many (CircuitFigures.Of circuits)

/// The scores of every head, for each length of block.
[<CompiledName "Heads">]
let heads (scores: ScoredHeads) = many (HeadScoreFigures.Of("heads", scores))

/// The loss without each head, or each pair of heads.
[<CompiledName "Ablation">]
let ablation (results: Ablations) =
    if results.Heads.IsEmpty then
        list []
    else
        many (AblationFigures.Of("ablation", "Loss without a head", results))

/// How strongly each head feeds each later one.
[<CompiledName "Composition">]
let composition (results: CompositionResults) =
    many (CompositionFigures.Of("composition", results, Unchecked.defaultof<PublishedModel>))

/// What each part of the model adds to the logits at a position of a text: `terms` of `Attribution.direct` or `Attribution.paths`.
[<CompiledName "Attribution">]
let attribution (names: Vocabulary) (text: Tokens) (position: int) (terms: PathTerm seq) =
    one (TextFigures.Attribution(NamedText(names, text), position, list terms))

/// Which activation of a clean text restores the answer in a corrupt one.
[<CompiledName "Patching">]
let patching (names: Vocabulary) (clean: Tokens) (corrupt: Tokens) (results: Patching) =
    many (TextFigures.Patching(NamedText(names, clean), NamedText(names, corrupt), PatchedSite.Of results))

/// The predictions that the residual stream would give before each layer and behind the last: `layers` of `Attribution.lens`.
[<CompiledName "Lens">]
let lens (names: Vocabulary) (text: Tokens) (layers: Tensor seq) =
    one (TextFigures.Lens(NamedText(names, text), list layers))

/// What is predicted after each token of a text. `logits` [pos, vocab].
[<CompiledName "Logits">]
let logits (names: Vocabulary) (text: Tokens) (logits: Tensor) =
    many (PredictionFigures.OfText(NamedText(names, text), logits))

/// Losses by place, and how well prompts are completed.
[<CompiledName "Evaluation">]
let evaluation (results: Evaluation) = many (PredictionFigures.OfEvaluation results)

/// Inputs by which of their tokens are equal, and how many of each kind are completed exactly.
[<CompiledName "ExactEvaluation">]
let exactEvaluation (results: ExactEvaluation) =
    many (
        PredictionFigures.OfExact(
            results.Kind,
            [ for each in results.Classes -> struct (each.Name, each.Count, each.Exact) ]
        )
    )

/// Numbers kept against what is explained, and losses by place; where there is a ladder, with its nulls. `model` is what they explain.
[<CompiledName "Explanations">]
let explanations
    (architecture: Architecture)
    (names: Vocabulary)
    (model: Model<Tensor>)
    (told: Judged seq)
    (ladder: Judged seq)
    =
    let judged (each: Judged) =
        JudgedExplanation(each, NumbersKept.each (Parts.expand architecture each.Explanation), string each.Explanation)

    let results =
        ExplanationResults(
            Reference = { Sequences = 0; Seed = 0UL },
            Numbers = NumbersKept.ofParts (Parts.exact architecture),
            Parameters = Model.parameters model,
            Names = names,
            Told = list (Seq.map judged told),
            Forms = list [],
            Ladder = list (Seq.map judged ladder),
            Letters = (HeadLetters.ofModel architecture model |> Option.toObj)
        )

    many (ExplanationFigures.Of("explain", results))

/// How strongly each head looks for each letter.
[<CompiledName "HeadLetters">]
let headLetters (names: Vocabulary) (letters: HeadLetters) = one (ExplanationFigures.Letters("head", letters, names))

/// Loss and scores over training, beside those of random weights; `blockLength` is that of the block scores shown.
[<CompiledName "Development">]
let development (blockLength: int) (nulls: SnapshotNulls) (snapshots: Snapshot seq) =
    many (DevelopmentFigures.Of(list snapshots, nulls, blockLength))

/// Losses against training steps, nats a letter: one curve a name. `losses`: of each, the loss of every step from the first on.
[<CompiledName "Losses">]
let losses (names: string seq) (losses: float seq seq) =
    let curve (name: string) (losses: float seq) =
        LossCurve(name, list (losses |> Seq.mapi (fun index loss -> HeldOutLoss(index + 1, loss))), list [], Nullable())

    one (LossFigures.Curves(list (Seq.map2 curve names losses)))

/// The pictures of a study: in how many trainings each claim holds, losses, eigenvalues, and every quantity's distribution.
[<CompiledName "Study">]
let study (claims: Claim seq) (results: SurveyResult seq) =
    let results = List.ofSeq results

    many (
        list (
            Seq.append
                (SurveyClaimFigure.Of(SurveySummary.ofResults (List.ofSeq claims) results))
                (SurveyFigureSet.Of(GroupResults.Of(list results)))
        )
    )
