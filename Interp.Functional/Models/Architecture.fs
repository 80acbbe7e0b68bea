namespace Interp

/// The shape of a model, by the words of the field (TransformerLens).
type Architecture = {
    /// Attention layers.
    NLayers: int
    /// Heads a layer.
    NHeads: int
    /// Width of the residual stream.
    DModel: int
    /// Width of a head's queries, keys and values.
    DHead: int
    /// Letters.
    DVocab: int
    /// Positions.
    NCtx: int
    /// Each key is mixed with the one before it.
    Smeared: bool
}
