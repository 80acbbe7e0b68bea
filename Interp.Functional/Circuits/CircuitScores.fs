namespace Interp

/// What is known of a circuit from letters to letters, each score beside what random weights show.
type CircuitScores = {
    Spectrum: Spectrum
    /// Re(sum of the eigenvalues) / sum of their magnitudes.
    Eigenvalues: Compared
    /// The sum of the diagonal.
    Trace: Compared
    /// Share of letters that raise their own logit the most.
    DiagonalShare: Compared
    /// Largest first.
    SingularValues: float list
}

type ScoredCircuits = {
    /// W_E W_U
    DirectPath: CircuitScores
    /// W_E W_V W_O W_U of each head
    OV: (HeadAddress * CircuitScores) list
    /// The same summed over the heads of each layer.
    OVSum: CircuitScores list
}

/// Circuits beside their null distributions.
module CircuitScores =

    // Samples behind a baseline's percentiles.
    let private count = 400

    /// The three scores of a circuit.
    let private measure circuit =
        (Factored.spectrum circuit).Score, Factored.trace circuit, Factored.diagonalShare circuit

    let private compared (nulls: (float * float * float) list) circuit =
        let spectrum = Factored.spectrum circuit

        let beside value which = Baseline.compare (nulls |> List.map which |> List.sort |> List.toArray) value

        {
            Spectrum = spectrum
            Eigenvalues = beside spectrum.Score (fun (score, _, _) -> score)
            Trace = beside (Factored.trace circuit) (fun (_, trace, _) -> trace)
            DiagonalShare = beside (Factored.diagonalShare circuit) (fun (_, _, share) -> share)
            SingularValues = Factored.singularValues circuit
        }

    /// The direct path and all OV circuits of a model. The null distribution of a circuit that reads one layer is the same for
    /// any number of layers.
    let ofModel (model: Model<Tensor>) : ScoredCircuits =
        let random = Model.unsmeared 1 model
        let nulls circuits = Baseline.draw random count (circuits >> List.map measure)
        let ov model = Model.heads model |> List.map (fun head -> head, Circuits.ov head model)
        let head = compared (nulls (ov >> List.map snd))
        let sum = compared (nulls (fun model -> [ Circuits.ovSum 0 model ]))

        {
            DirectPath = compared (nulls (fun model -> [ Circuits.directPath model ])) (Circuits.directPath model)
            OV = ov model |> List.map (fun (address, circuit) -> address, head circuit)
            OVSum = List.init model.Blocks.Length (fun layer -> sum (Circuits.ovSum layer model))
        }
