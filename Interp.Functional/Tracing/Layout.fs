namespace Interp

open System
open System.Collections.Generic

/// A traced computation put in order and laid out in memory, before any of that memory is made. All sizes are in 64 bits.
[<NoEquality; NoComparison>]
type internal Layout = {
    /// All steps, in their order.
    Steps: Step[]
    /// Those taken for every sixteen sequences.
    ShardSteps: Step[]
    /// Values that come from outside for every sixteen sequences.
    Leaves: Node list
    /// Where the values of sixteen sequences stand in the memory that each thread has of its own.
    Places: Placement.Places
    /// Where the values stand that are the same for all sequences.
    Shared: Dictionary<Node, int64>
    /// Floats of all those values.
    SharedFloats: int64
    /// Floats of the sums over sequences among them, which stand first.
    SumFloats: int64
    /// Threads that find work at once.
    Workers: int
    /// The sums over so many times sixteen sequences are kept before they are added up.
    Window: int
}

/// Computations laid out.
module internal Layout =

    // Enough for every thread to find work, and a gigabyte at most as long as there is more than one. The sums are added up one after
    // the other, so that their number never shows in a result.
    let private mostWindow, private mostWindowFloats = 64L, 1L <<< 28

    /// Floats of the largest single value that some outputs come from.
    let largest (outputs: Tensor list) : int64 =
        let size (node: Node) = int64 (Shape.size node.Shape) * (if node.Batched then int64 Ordering.lanes else 1L)

        Ordering.reachable outputs |> Array.fold (fun most node -> max most (size node)) 0L

    /// The layout of some outputs, whose values depend on some variables, for `threads` threads that share `sequences` sequences, or fewer
    /// or more at some other time. Raises `RefusedException` where one value is larger than an array.
    let ofOutputs (outputs: Tensor list) (variables: Tensor list) (threads: int) (sequences: int) : Layout =
        Shape.fitting (largest outputs) |> ignore
        let shards = max 1 ((sequences - 1) / Ordering.lanes + 1)
        let steps = Ordering.steps outputs
        let nodes = Ordering.reachable (outputs @ variables)
        let shardSteps = steps |> Array.filter (fun step -> step.Phase = Shard || step.Phase = Sum)

        let leaves =
            nodes
            |> Array.filter (fun node ->
                node.Batched
                && (match node.Source with
                    | Applied _ -> false
                    | _ -> true))
            |> Array.toList

        let kept =
            outputs |> List.filter _.Batched |> List.choose (fun output -> ValueOption.toOption output.Traced)

        let offsets = Dictionary<Node, int64>()
        let mutable top = 0L

        let reserve (node: Node) =
            if not (offsets.ContainsKey node) then
                offsets[node] <- top
                top <- top + Placement.rounded (int64 (Shape.size node.Shape))

        // Sums first and together: they are added up in one sweep.
        for step in steps do
            if step.Phase = Sum then
                reserve step.Node

        let sumFloats = top

        for node in Array.append nodes (steps |> Array.map _.Node) do
            if not node.Batched then
                reserve node

        {
            Steps = steps
            ShardSteps = shardSteps |> Array.filter (Placement.isView >> not)
            Leaves = leaves
            Places = Placement.place leaves shardSteps kept
            Shared = offsets
            SharedFloats = top
            SumFloats = sumFloats
            Workers = max 1 (min threads shards)
            Window = int (max 1L (min (min mostWindow (int64 shards)) (mostWindowFloats / max 1L sumFloats)))
        }

    /// Bytes of memory that it takes to carry a layout out, however large its pieces are.
    let bytes (layout: Layout) : int64 =
        let floats =
            layout.SharedFloats
            + layout.Places.Floats * int64 layout.Workers
            + layout.SumFloats * int64 layout.Window

        // Totals are in doubles.
        floats * int64 sizeof<float32> + layout.SumFloats * int64 sizeof<float>
