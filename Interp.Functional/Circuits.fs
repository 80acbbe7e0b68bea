namespace Interp

open System.Numerics
open MathNet.Numerics.LinearAlgebra

/// Eigenvalues of a circuit, largest first, and their score Re(sum) / sum of magnitudes: 1 for pure copying, -1 for its
/// opposite (Elhage et al. 2021); 0 for the zero matrix.
type Spectrum = { Eigenvalues: Complex list; Score: float }

type HeadSpectrum = { Layer: int; Head: int; Spectrum: Spectrum }

type LayerSpectrum = { Layer: int; Spectrum: Spectrum }

/// The spectra that the study rests on.
type CircuitSpectra = {
    /// W_E W_U
    DirectPath: Spectrum
    /// W_E W_V W_O W_U of each head
    OV: HeadSpectrum list
    /// The same summed over the heads of a layer.
    OVSum: LayerSpectrum list
}

/// Circuits as matrices from letters to letters, kept as products of factors in float64.
module Circuits =

    let private toMatrix (x: Tensor) =
        Matrix<float>.Build.Dense(x.Shape[0], x.Shape[1], (fun i j -> Tensor.item [ i; j ] x))

    let private ofMatrix (m: Matrix<float>) =
        Tensor.init [ m.RowCount; m.ColumnCount ] (fun index -> m[index[0], index[1]])

    let private head layer index (weights: Block<Tensor> -> Tensor) (model: Model<Tensor>) =
        let heads = (weights model.Blocks[layer]).Shape.Head

        if index < 0 || index >= heads then
            Shape.fail $"Head {index} of layer {layer} does not exist; the layer has heads 0 to {heads - 1}."

        Tensor.select 0 index (weights model.Blocks[layer]) |> toMatrix

    let private layerOf layer (model: Model<Tensor>) =
        if layer < 0 || layer >= model.Blocks.Length then
            Shape.fail $"Layer {layer} does not exist; the model has layers 0 to {model.Blocks.Length - 1}."

    let private directFactors (model: Model<Tensor>) = [ toMatrix model.W_E; toMatrix model.W_U ]

    let private ovFactors layer index (model: Model<Tensor>) =
        layerOf layer model

        [
            toMatrix model.W_E
            head layer index _.W_V model
            head layer index _.W_O model
            toMatrix model.W_U
        ]

    // Heads side by side: the sum of their products is one product.
    let private ovSumFactors layer (model: Model<Tensor>) =
        layerOf layer model
        let heads = model.Blocks[layer].W_V.Shape.Head
        let each weights = List.init heads (fun index -> head layer index weights model)

        [
            toMatrix model.W_E
            each _.W_V |> List.reduce (fun a b -> a.Append b)
            each _.W_O |> List.reduce (fun a b -> a.Stack b)
            toMatrix model.W_U
        ]

    /// The spectrum of a product of factors. AB and BA have the same eigenvalues but zeros, so the product is taken where the
    /// circle of factors is narrowest: no zeros of a deficient rank enter as rounding noise.
    let private spectrum (factors: Matrix<float> list) : Spectrum =
        let start = factors |> List.indexed |> List.minBy (fun (_, factor) -> factor.RowCount) |> fst

        let product = List.skip start factors @ List.take start factors |> List.reduce (*)

        let eigenvalues =
            product.Evd().EigenValues
            |> Seq.sortByDescending (fun z -> z.Magnitude, z.Real, z.Imaginary)
            |> Seq.toList

        let magnitude = eigenvalues |> List.sumBy _.Magnitude

        {
            Eigenvalues = eigenvalues
            Score = if magnitude = 0.0 then 0.0 else (eigenvalues |> List.sumBy _.Real) / magnitude
        }

    /// W_E W_U, the logits of a letter's own embedding: [vocab (source), vocab (logit)].
    let directPath (model: Model<Tensor>) : Tensor = directFactors model |> List.reduce (*) |> ofMatrix

    /// W_E W_V W_O W_U of one head, the logits that attending to a letter adds: [vocab (source), vocab (logit)].
    let ov (layer: int) (head: int) (model: Model<Tensor>) : Tensor =
        ovFactors layer head model |> List.reduce (*) |> ofMatrix

    /// The OV circuits of a layer's heads summed.
    let ovSum (layer: int) (model: Model<Tensor>) : Tensor = ovSumFactors layer model |> List.reduce (*) |> ofMatrix

    let directPathSpectrum model = spectrum (directFactors model)
    let ovSpectrum layer head model = spectrum (ovFactors layer head model)
    let ovSumSpectrum layer model = spectrum (ovSumFactors layer model)

    /// The spectrum of a square matrix, all eigenvalues taken.
    let matrixSpectrum (matrix: Tensor) = spectrum [ toMatrix matrix ]

    /// All spectra of a model.
    let spectra (model: Model<Tensor>) : CircuitSpectra = {
        DirectPath = directPathSpectrum model
        OV = [
            for layer, block in List.indexed model.Blocks do
                for head in 0 .. block.W_V.Shape.Head - 1 do
                    { Layer = layer; Head = head; Spectrum = ovSpectrum layer head model }
        ]
        OVSum = [
            for layer in 0 .. model.Blocks.Length - 1 -> { Layer = layer; Spectrum = ovSumSpectrum layer model }
        ]
    }
