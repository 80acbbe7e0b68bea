namespace Interp

open Interp.Kernels

/// One of the two factors of a product.
[<RequireQualifiedAccess>]
type internal Side =
    | Left
    | Right

/// What a kernel wants made of one of its inputs before it runs, once for all kernels that want the same of that input.
/// What is made depends on this value and on the input, and on nothing else.
type internal Preparation =
    /// A factor of a product, packed in the order in which the product's tiles read it while the other factor's sixteen lanes
    /// run through them.
    | Packed of Subscripts * left: Shape * right: Shape * packed: Side
    /// The places of a sequence sorted by their letters, for adding up by letter.
    | Ordered of vocabulary: int * length: int * lanes: int

module internal Preparation =

    /// The product with the packed factor on the right. Flipped, not of the flipped subscripts: the sum runs in the same order
    /// whichever factor is packed.
    let layout subscripts left right packed =
        let layout = Subscripts.layout subscripts left right
        if packed = Side.Right then layout else layout.Flipped

    /// The number of floats that are made, and how: from the input to the result.
    let compile preparation : struct (int * (Operand -> Operand -> unit)) =
        match preparation with
        | Packed(subscripts, left, right, packed) ->
            let layout = layout subscripts left right packed

            Contraction.PackedLength layout,
            (fun factor packed -> Contraction.PackShared(layout, factor.ReadOnly, packed.Span))
        | Ordered(vocabulary, length, lanes) ->
            Gather.OrderLength(vocabulary, length),
            (fun index order -> Gather.Order(index.ReadOnly, lanes, order.Span, vocabulary, length))
