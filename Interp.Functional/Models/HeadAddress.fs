namespace Interp

/// A head by its layer and its number in the layer, both counted from 0.
[<StructuredFormatDisplay("{Display}")>]
type HeadAddress = {
    /// The layer's number, from 0.
    Layer: int
    /// The head's number in its layer, from 0.
    Head: int
} with

    member internal address.Display = Display.line (address.ToString())

    /// "layer.head"
    override address.ToString() = $"{address.Layer}.{address.Head}"

/// What writes to the residual stream.
[<StructuredFormatDisplay("{Display}")>]
type Component =
    /// The letters' rows of W_E.
    | Embedding
    /// The positions' rows of W_pos.
    | PositionEmbedding
    /// A head's output, z W_O.
    | HeadOutput of HeadAddress

    member internal this.Display = Display.line (this.ToString())

    /// "embedding", "positions" or "layer.head"
    override this.ToString() =
        match this with
        | Embedding -> "embedding"
        | PositionEmbedding -> "positions"
        | HeadOutput head -> string head
