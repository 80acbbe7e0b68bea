namespace Interp

/// How strongly a head's output feeds a later head, beside what random weights show.
[<StructuredFormatDisplay("{Display}")>]
type CompositionScore = {
    /// Which input of the later head.
    Kind: HeadInput
    /// The earlier head.
    From: HeadAddress
    /// The later head.
    To: HeadAddress
    /// Ratio of Frobenius norms, |AB| / (|A| |B|), in [0, 1] (Elhage et al. 2021).
    Norms: Compared
    /// Eigenvalue score of the composed circuit between letters.
    Eigenvalues: Compared
} with

    member internal this.Display =
        Display.line
            $"{this.From} -> {this.To}.{this.Kind}: norms {Display.number this.Norms.Score} (random to {Display.number this.Norms.Null.P975}), eigenvalues {Display.number this.Eigenvalues.Score}"


/// Composition of heads of different layers (Elhage et al. 2021). A head that the model does not have, one that does not read the other since
/// it is not in a later layer, or a weight that is not finite, raises `RefusedException`.
module Composition =

    // Samples behind a null distribution's percentiles.
    let private count = 400

    let private check (first: HeadAddress) (second: HeadAddress) (model: Model<Tensor>) =
        let struct (heads, _) = Model.headShape model
        Model.checkReads model.Blocks.Length heads first second

    /// The product that the score is about, and its two factors: K: W_QK W_OV^T, Q: W_OV W_QK, V: W_OV W_OV.
    let private parts kind (first: HeadAddress) (second: HeadAddress) model =
        check first second model
        let written = Circuits.headOV first model

        match kind with
        | KeyInput -> Circuits.headQK second model, Factored.transpose written
        | QueryInput -> written, Circuits.headQK second model
        | ValueInput -> written, Circuits.headOV second model

    /// |AB| / (|A| |B|) in Frobenius norms, from 0 to 1; 0 where a factor is zero. AB is W_QK W_OV^T for keys, W_OV W_QK for
    /// queries and W_OV W_OV for values.
    let score kind (first: HeadAddress) (second: HeadAddress) (model: Model<Tensor>) =
        let a, b = parts kind first second model
        let norms = Factored.frobeniusNorm a * Factored.frobeniusNorm b

        if norms = 0.0 then
            0.0
        else
            Factored.frobeniusNorm (Factored.multiply a b) / norms

    /// The composed circuit from letters to letters: W_E W_QK W_OV^T W_E^T, W_E W_OV W_QK W_E^T, or W_E W_OV W_OV W_U.
    let circuit kind (first: HeadAddress) (second: HeadAddress) (model: Model<Tensor>) =
        check first second model

        match kind with
        | KeyInput -> Circuits.keyComposition first second model
        | QueryInput -> Circuits.queryComposition first second model
        | ValueInput -> Circuits.virtualOV first second model

    /// The eigenvalue score of the composed circuit, from -1 to 1.
    let eigenvalueScore kind (first: HeadAddress) (second: HeadAddress) (model: Model<Tensor>) : float =
        (Factored.spectrum (circuit kind first second model)).Score

    /// All pairs of an earlier and a later head.
    let pairs (model: Model<Tensor>) = [
        for first in Model.heads model do
            for second in Model.heads model do
                if first.Layer < second.Layer then
                    first, second
    ]

    let private kinds = [ KeyInput; QueryInput; ValueInput ]

    /// Of the random weights of a shape with two layers: of each kind the scores and the eigenvalue scores, ascending.
    let private random: Architecture -> (float[] * float[]) list =
        Remembered.ofParts
            (fun a -> NullDistribution.models count (a.NHeads * a.NHeads))
            (fun a number ->
                let model = NullDistribution.model a number
                let pairs = pairs model

                kinds
                |> List.map (fun kind ->
                    let over f = [| for first, second in pairs -> f kind first second model |]
                    over score, over eigenvalueScore))
            (fun models ->
                let ascending kind which = models |> Array.collect (List.item kind >> which) |> Array.sort
                kinds |> List.mapi (fun kind _ -> ascending kind fst, ascending kind snd))

    /// All K-, Q- and V-composition scores of a model beside their null distributions; none for one layer.
    let scores (model: Model<Tensor>) : CompositionScore list =
        if model.Blocks.Length < 2 then
            []
        else
            [
                for kind, (nullScores, nullEigenvalues) in List.zip kinds (random (Model.unsmeared 2 model)) do
                    for first, second in pairs model do
                        {
                            Kind = kind
                            From = first
                            To = second
                            Norms = NullDistribution.compare nullScores (score kind first second model)
                            Eigenvalues =
                                NullDistribution.compare nullEigenvalues (eigenvalueScore kind first second model)
                        }
            ]
