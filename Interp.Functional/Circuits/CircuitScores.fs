namespace Interp

/// Scores of circuits as rows of a table.
module internal CircuitTable =

    let names = [ "circuit"; "eigenvalues"; "random"; "trace"; "random"; "diagonal share"; "random" ]

    let row (name: string) (eigenvalues: Compared) (trace: Compared) (diagonalShare: Compared) : string list =
        let range (score: Compared) = $"{Display.brief score.Null.P025} to {Display.brief score.Null.P975}"

        [
            name
            for score in [ eigenvalues; trace; diagonalShare ] do
                Display.number score.Score
                range score
        ]

    let line (name: string) (eigenvalues: Compared) (trace: Compared) (diagonalShare: Compared) : string =
        let beside (score: Compared) =
            $"{Display.number score.Score} ({Display.brief score.Null.P025} to {Display.brief score.Null.P975})"

        Display.line
            $"{name}: eigenvalues {beside eigenvalues}, trace {beside trace}, diagonal share {beside diagonalShare}"

/// What is known of a circuit from letters to letters, each score beside what random weights show.
[<StructuredFormatDisplay("{Display}")>]
type CircuitScores = {
    /// The circuit itself: [vocab (source), vocab (logit)]
    Circuit: Factored
    /// Its eigenvalues, and their score.
    Spectrum: Spectrum
    /// Re(sum of the eigenvalues) / sum of their magnitudes.
    Eigenvalues: Compared
    /// The sum of the diagonal, which is that of the eigenvalues.
    Trace: Compared
    /// Share, from 0 to 1, of letters that raise their own logit the most.
    DiagonalShare: Compared
    /// Largest first.
    SingularValues: float list
} with

    member internal this.Display = CircuitTable.line "circuit" this.Eigenvalues this.Trace this.DiagonalShare


/// A head's OV circuit.
[<StructuredFormatDisplay("{Display}")>]
type HeadCircuit = {
    /// Whose.
    Head: HeadAddress
    /// What is known of it.
    Scores: CircuitScores
} with

    member internal this.Display =
        let scores = this.Scores
        CircuitTable.line $"ov {this.Head}" scores.Eigenvalues scores.Trace scores.DiagonalShare


/// The sum of a layer's OV circuits.
[<StructuredFormatDisplay("{Display}")>]
type LayerCircuit = {
    /// From 0.
    Layer: int
    /// What is known of it.
    Scores: CircuitScores
} with

    member internal this.Display =
        let scores = this.Scores
        CircuitTable.line $"ov_sum {this.Layer}" scores.Eigenvalues scores.Trace scores.DiagonalShare


/// The circuits that the study rests on, scored.
[<StructuredFormatDisplay("{Display}")>]
type ScoredCircuits = {
    /// W_E W_U
    DirectPath: CircuitScores
    /// W_E W_V W_O W_U of each head
    OV: HeadCircuit list
    /// The same summed over the heads of each layer.
    OVSum: LayerCircuit list
} with

    member internal this.Display =
        let row name (scores: CircuitScores) =
            CircuitTable.row name scores.Eigenvalues scores.Trace scores.DiagonalShare

        Display.table
            1
            "circuits between letters, each score beside the middle 95 % of random weights'"
            CircuitTable.names
            [
                row "direct_path" this.DirectPath
                for circuit in this.OV do
                    row $"ov {circuit.Head}" circuit.Scores
                for circuit in this.OVSum do
                    row $"ov_sum {circuit.Layer}" circuit.Scores
            ]


/// Circuits beside their null distributions.
module CircuitScores =

    // Samples behind a null distribution's percentiles.
    let private count = 400

    /// The scores of a circuit, each as random weights have it, ascending.
    [<NoEquality; NoComparison>]
    type private Nulls = { Eigenvalues: float[]; Trace: float[]; DiagonalShare: float[] }

    /// The three scores of a circuit.
    let private measure circuit =
        (Factored.spectrum circuit).Score, Factored.trace circuit, Factored.diagonalShare circuit

    let private nullsOf (measured: (float * float * float)[]) : Nulls =
        let ascending which = measured |> Array.map which |> Array.sort

        {
            Eigenvalues = ascending (fun (score, _, _) -> score)
            Trace = ascending (fun (_, trace, _) -> trace)
            DiagonalShare = ascending (fun (_, _, share) -> share)
        }

    let private ov model = Model.heads model |> List.map (fun head -> Circuits.ov head model)

    /// Of the random weights of a shape with one layer: the direct path's, a head's and the layer's.
    let private random: Architecture -> Nulls * Nulls * Nulls =
        Remembered.ofParts
            (fun _ -> count)
            (fun a number ->
                let model = NullDistribution.model a number

                measure (Circuits.directPath model),
                (if number < NullDistribution.models count a.NHeads then
                     ov model |> List.map measure
                 else
                     []),
                measure (Circuits.ovSum 0 model))
            (fun models ->
                nullsOf (models |> Array.map (fun (direct, _, _) -> direct)),
                nullsOf (models |> Array.collect (fun (_, heads, _) -> Array.ofList heads)),
                nullsOf (models |> Array.map (fun (_, _, sum) -> sum)))

    let private compared (nulls: Nulls) circuit =
        let spectrum = Factored.spectrum circuit

        {
            Circuit = circuit
            Spectrum = spectrum
            Eigenvalues = NullDistribution.compare nulls.Eigenvalues spectrum.Score
            Trace = NullDistribution.compare nulls.Trace (Factored.trace circuit)
            DiagonalShare = NullDistribution.compare nulls.DiagonalShare (Factored.diagonalShare circuit)
            SingularValues = Factored.singularValues circuit
        }

    /// The direct path and all OV circuits of a model. The null distribution of a circuit that reads one layer is the same for
    /// any number of layers.
    let ofModel (model: Model<Tensor>) : ScoredCircuits =
        let direct, head, sum = random (Model.unsmeared 1 model)

        {
            DirectPath = compared direct (Circuits.directPath model)
            OV = [
                for address in Model.heads model ->
                    { Head = address; Scores = compared head (Circuits.ov address model) }
            ]
            OVSum = [
                for layer in 0 .. model.Blocks.Length - 1 ->
                    { Layer = layer; Scores = compared sum (Circuits.ovSum layer model) }
            ]
        }
