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

    /// The three scores of a circuit.
    let private measure circuit =
        (Factored.spectrum circuit).Score, Factored.trace circuit, Factored.diagonalShare circuit

    let private compared (nulls: (float * float * float) list) circuit =
        let spectrum = Factored.spectrum circuit

        let beside value which = NullDistribution.compare (nulls |> List.map which |> List.sort |> List.toArray) value

        {
            Circuit = circuit
            Spectrum = spectrum
            Eigenvalues = beside spectrum.Score (fun (score, _, _) -> score)
            Trace = beside (Factored.trace circuit) (fun (_, trace, _) -> trace)
            DiagonalShare = beside (Factored.diagonalShare circuit) (fun (_, _, share) -> share)
            SingularValues = Factored.singularValues circuit
        }

    /// The direct path and all OV circuits of a model. The null distribution of a circuit that reads one layer is the same for
    /// any number of layers.
    let ofModel (model: Model<Tensor>) : ScoredCircuits =
        // Each drawn once, for all circuits.
        let random = Seq.cache (NullDistribution.models (Model.unsmeared 1 model))
        let nulls circuits = NullDistribution.drawFrom random count (circuits >> List.map measure)
        let ov model = Model.heads model |> List.map (fun head -> Circuits.ov head model)
        let head = compared (nulls ov)
        let sum = compared (nulls (fun model -> [ Circuits.ovSum 0 model ]))

        {
            DirectPath = compared (nulls (fun model -> [ Circuits.directPath model ])) (Circuits.directPath model)
            OV = [
                for address in Model.heads model -> { Head = address; Scores = head (Circuits.ov address model) }
            ]
            OVSum = [
                for layer in 0 .. model.Blocks.Length - 1 ->
                    { Layer = layer; Scores = sum (Circuits.ovSum layer model) }
            ]
        }
