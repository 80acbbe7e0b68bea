namespace Interp

/// The spectrum of a head's OV circuit.
[<StructuredFormatDisplay("{Display}")>]
type HeadSpectrum = {
    /// Whose.
    Head: HeadAddress
    /// Of its OV circuit.
    Spectrum: Spectrum
} with

    member internal this.Display = Display.line $"ov {this.Head}: {this.Spectrum.Display}"


/// The spectrum of the sum of a layer's OV circuits.
[<StructuredFormatDisplay("{Display}")>]
type LayerSpectrum = {
    /// From 0.
    Layer: int
    /// Of the sum.
    Spectrum: Spectrum
} with

    member internal this.Display = Display.line $"ov_sum {this.Layer}: {this.Spectrum.Display}"


/// The spectra that the study rests on.
[<StructuredFormatDisplay("{Display}")>]
type CircuitSpectra = {
    /// W_E W_U
    DirectPath: Spectrum
    /// W_E W_V W_O W_U of each head
    OV: HeadSpectrum list
    /// The same summed over the heads of a layer.
    OVSum: LayerSpectrum list
} with

    member internal this.Display =
        [
            $"direct_path: {this.DirectPath.Display}"
            for circuit in this.OV do
                circuit.Display
            for circuit in this.OVSum do
                circuit.Display
        ]
        |> Display.lines 24


/// Circuits of a model as factored matrices (Elhage et al. 2021). Rows are the source: a row vector of letters times the
/// matrix is what comes out. A head or a layer that the model does not have raises `RefusedException`; so does whatever is read off
/// a circuit of a weight that is not finite, naming the weight.
module Circuits =

    /// A head's own part of one of its layer's weights, by its name.
    let private weight (address: HeadAddress) name (which: Block<Tensor> -> Tensor) model =
        Some $"{name} of head {address}", Tensor.select 0 address.Head (which (Model.blockOf address model))

    let private embedding (model: Model<Tensor>) = Some "W_E", model.W_E
    let private unembedding (model: Model<Tensor>) = Some "W_U", model.W_U

    /// W_E W_U: [vocab (source), vocab (logit)]
    let directPath (model: Model<Tensor>) = Factored.named [ embedding model; unembedding model ]

    /// W_V W_O of a head, from residual stream to residual stream: [d_model, d_model]
    let headOV (head: HeadAddress) model =
        Factored.named [ weight head "W_V" _.W_V model; weight head "W_O" _.W_O model ]

    /// W_Q W_K^T of a head, from the query's stream to the key's: [d_model, d_model]
    let headQK (head: HeadAddress) model =
        let name, key = weight head "W_K" _.W_K model
        Factored.named [ weight head "W_Q" _.W_Q model; name, Tensor.transpose key ]

    let private throughLetters (inner: Factored) (model: Model<Tensor>) =
        Factored.multiply
            (Factored.multiply (Factored.named [ embedding model ]) inner)
            (Factored.named [ unembedding model ])

    let private betweenLetters (inner: Factored) (model: Model<Tensor>) =
        let embedding = Factored.named [ embedding model ]
        Factored.multiply (Factored.multiply embedding inner) (Factored.transpose embedding)

    /// W_E W_V W_O W_U, the logits that attending to a letter adds: [vocab (source), vocab (logit)]
    let ov (head: HeadAddress) model = throughLetters (headOV head model) model

    /// W_E W_Q W_K^T W_E^T, how much a letter looks for a letter: [vocab (query), vocab (key)]
    let qk (head: HeadAddress) model = betweenLetters (headQK head model) model

    /// The OV circuits of a layer's heads summed: side by side their sum is one product. [vocab (source), vocab (logit)]
    let ovSum (layer: int) (model: Model<Tensor>) =
        let block = Model.block layer model

        match block.W_V.Shape with
        | [ heads; model'; width ] ->
            let inner =
                Factored.named [
                    Some $"W_V of layer {layer}",
                    Tensor.permute [ 1; 0; 2 ] block.W_V |> Tensor.reshape [ model'; heads * width ]
                    Some $"W_O of layer {layer}", Tensor.reshape [ heads * width; model' ] block.W_O
                ]

            throughLetters inner model
        | shape -> Shape.fail $"W_V has shape {Shape.show shape}, expected [head, d_model, d_head]."

    /// The virtual head of `second` reading what `first` wrote, W_E (W_V W_O of first) (W_V W_O of second) W_U:
    /// [vocab (source), vocab (logit)]
    let virtualOV (first: HeadAddress) (second: HeadAddress) model =
        throughLetters (Factored.multiply (headOV first model) (headOV second model)) model

    /// The K-composition term W_E W_Q W_K^T W_OV^T W_E^T: how much a letter looks for a letter that `earlier` has moved.
    /// [vocab (query), vocab (moved letter)]
    let keyComposition (earlier: HeadAddress) (later: HeadAddress) model =
        betweenLetters (Factored.multiply (headQK later model) (Factored.transpose (headOV earlier model))) model

    /// The Q-composition term W_E W_OV W_Q W_K^T W_E^T: how much a letter that `earlier` has moved looks for a letter.
    /// [vocab (moved letter), vocab (key)]
    let queryComposition (earlier: HeadAddress) (later: HeadAddress) model =
        betweenLetters (Factored.multiply (headOV earlier model) (headQK later model)) model

    /// All spectra of a model.
    let spectra (model: Model<Tensor>) : CircuitSpectra = {
        DirectPath = Factored.spectrum (directPath model)
        OV = [ for head in Model.heads model -> { Head = head; Spectrum = Factored.spectrum (ov head model) } ]
        OVSum = [
            for layer in 0 .. model.Blocks.Length - 1 ->
                { Layer = layer; Spectrum = Factored.spectrum (ovSum layer model) }
        ]
    }
