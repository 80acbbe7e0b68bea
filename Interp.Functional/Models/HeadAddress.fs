namespace Interp

/// A head by its layer and its number in the layer, both counted from 0.
type HeadAddress = {
    Layer: int
    Head: int
} with

    /// "layer.head"
    override address.ToString() = $"{address.Layer}.{address.Head}"

/// What writes to the residual stream.
type Component =
    | Embedding
    | HeadOutput of HeadAddress

    /// "embedding" or "layer.head"
    override this.ToString() =
        match this with
        | Embedding -> "embedding"
        | HeadOutput head -> string head
