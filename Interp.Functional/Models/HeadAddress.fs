namespace Interp

/// A head by its layer and its number in the layer, both counted from 0.
type HeadAddress = {
    /// From 0.
    Layer: int
    /// From 0, within its layer.
    Head: int
} with

    /// "layer.head"
    override address.ToString() = $"{address.Layer}.{address.Head}"

/// What writes to the residual stream.
type Component =
    /// The letters, W_E.
    | Embedding
    /// A head, through W_O.
    | HeadOutput of HeadAddress

    /// "embedding" or "layer.head"
    override this.ToString() =
        match this with
        | Embedding -> "embedding"
        | HeadOutput head -> string head
