namespace Interp

/// How a record of tensors is taken apart into its leaves and put together again.
[<NoEquality; NoComparison>]
type Structure<'record> = {
    /// The record's tensors, in an order of its own.
    Leaves: 'record -> Tensor list
    /// The record with other tensors in the places of its own, given in the order of `Leaves`.
    Rebuild: 'record -> Tensor list -> 'record
}

/// Structures of what is no record.
module Structure =

    /// One tensor is its own only leaf.
    let tensor: Structure<Tensor> = { Leaves = List.singleton; Rebuild = fun _ leaves -> leaves.Head }

    /// A list of tensors, each a leaf.
    let list: Structure<Tensor list> = { Leaves = id; Rebuild = fun _ leaves -> leaves }
