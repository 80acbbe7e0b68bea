namespace Interp

open System
open System.Collections.Generic
open System.Threading
open Interp.Kernels

/// A traced computation with a place in memory for every value: traced once, carried out any number of times without
/// allocating. Sixteen sequences run through the lanes of a vector; shards of sixteen run on several threads; sums over
/// shards are taken in the order of the shards, so the number of threads never shows in a result.
[<Sealed>]
type internal Plan(outputs: Tensor list, variables: Tensor list, threads: int) =

    // Results of this many shards are kept before they are added up.
    static let window = 64

    let steps = Schedule.steps outputs
    let nodes = Schedule.reachable (outputs @ variables)
    let inPhase phase = steps |> Array.filter (fun step -> step.Phase = phase)
    let shardSteps = steps |> Array.filter (fun step -> step.Phase = Shard || step.Phase = Sum)
    let sums = inPhase Sum |> Array.map _.Node

    let size (node: Node) = Shape.size node.Shape

    let leaves =
        nodes
        |> Array.filter (fun node ->
            node.Batched
            && (match node.Source with
                | Applied _ -> false
                | _ -> true))
        |> Array.toList

    let batchedOutputs = outputs |> List.filter _.Batched |> List.toArray
    let kept = batchedOutputs |> Array.choose (fun output -> ValueOption.toOption output.Traced)
    let places = Placement.place leaves shardSteps kept

    // Values that are the same for all sequences, each at a place of its own.
    let shared =
        let offsets = Dictionary<Node, int>()
        let mutable top = 0

        let reserve floats =
            let offset = top
            top <- Shape.fitting (int64 top + int64 (Placement.rounded floats))
            offset

        // Sums first and together: they are added up in one sweep.
        for node in sums do
            offsets[node] <- reserve (size node)

        let sumFloats = top

        for node in Array.append nodes (steps |> Array.map _.Node) do
            if not node.Batched && not (offsets.ContainsKey node) then
                offsets[node] <- reserve (size node)

        {| Offsets = offsets; Floats = top; SumFloats = sumFloats |}

    let memory = AlignedBuffer.Allocate shared.Floats
    let workers = max 1 threads
    let arenas = Array.init workers (fun _ -> AlignedBuffer.Allocate(max 16 places.Floats))
    let slots = lazy (AlignedBuffer.Allocate(Shape.fitting (int64 window * int64 shared.SumFloats)))
    let totals = Array.zeroCreate<float> shared.SumFloats

    let within (buffer: AlignedBuffer) offset length : Operand = {
        Buffer = buffer.Array
        Offset = buffer.Offset + offset
        Length = length
    }

    let sharedOperand tensor =
        match tensor with
        | Value(_, data) -> Operand.ofArray data
        | Node node -> within memory shared.Offsets[node] (size node)

    let operand worker tensor =
        match tensor with
        | Node node when node.Batched -> within arenas[worker] places.Offsets[node] (size node * Schedule.lanes)
        | _ -> sharedOperand tensor

    /// A step as a function of the shard.
    let bind worker (step: Step) : int -> unit =
        let operands = step.Inputs |> Array.map (operand worker)

        match step.Phase, step.Onto with
        | Sum, _ ->
            // A sum's result goes to the slot of the shard at work.
            let run = step.Kernel.Run
            let slots = slots.Value
            let offset, length = shared.Offsets[step.Node], size step.Node
            fun shard -> run operands (within slots ((shard % window) * shared.SumFloats + offset) length)
        | _, None ->
            let run = step.Kernel.Run
            let output = operand worker (Node step.Node)
            fun _ -> run operands output
        | _, Some other ->
            let accumulate = step.Kernel.Accumulate.Value
            let output = operand worker (Node step.Node)
            let other = operand worker other

            if other.Buffer = output.Buffer && other.Offset = output.Offset then
                fun _ -> accumulate operands output
            else
                fun _ ->
                    other.ReadOnly.CopyTo output.Span
                    accumulate operands output

    let before = inPhase Before |> Array.map (bind 0)
    let after = inPhase After |> Array.map (bind 0)
    let perShard = Array.init workers (fun worker -> shardSteps |> Array.map (bind worker))

    let sequenceOperands, occupiedOperands =
        let operands which =
            Array.init workers (fun worker ->
                leaves |> List.filter which |> List.map (Node >> operand worker) |> List.toArray)

        operands (fun leaf -> leaf.Source.IsSequences), operands (fun leaf -> leaf.Source.IsOccupied)

    let outputOperands = Array.init workers (fun worker -> batchedOutputs |> Array.map (operand worker))

    let runAll (actions: (int -> unit)[]) shard =
        for action in actions do
            action shard

    // What the current run works on; kept here so that a run allocates nothing.
    let mutable count = 0
    let mutable first = 0
    let mutable last = 0
    let mutable next = 0
    let mutable load: int -> Operand -> unit = fun _ _ -> ()
    let mutable collect: int -> Operand[] -> unit = fun _ _ -> ()

    let runShard worker shard =
        for operand in sequenceOperands[worker] do
            load shard operand

        let active = min Schedule.lanes (count - shard * Schedule.lanes)

        for operand in occupiedOperands[worker] do
            operand.Span.Clear()
            operand.Span.Slice(0, active).Fill 1.0f

        runAll perShard[worker] shard
        collect shard outputOperands[worker]

    let work =
        fun worker ->
            let mutable shard = Interlocked.Increment(&next) - 1

            while shard < last do
                runShard worker shard
                shard <- Interlocked.Increment(&next) - 1

    let addUp () =
        let shards = last - first
        Reduction.Accumulate((within slots.Value 0 (shards * shared.SumFloats)).ReadOnly, shards, Span<float> totals)

    /// Where the variables' values are read from.
    member val Variables = variables |> List.map sharedOperand |> List.toArray

    /// Where the outputs that are not of single sequences stand after a run.
    member val Outputs =
        outputs |> List.filter (fun output -> not output.Batched) |> List.map sharedOperand |> List.toArray

    /// Carries the computation out for `sequences` sequences. `loading` fills in the tokens of a shard ([pos] with lanes);
    /// `collecting` is shown the values of a shard's sequences that are outputs.
    member _.Run(sequences: int, loading: int -> Operand -> unit, collecting: int -> Operand[] -> unit) =
        count <- sequences
        load <- loading
        collect <- collecting
        runAll before 0
        Array.Clear totals
        let shards = (sequences + Schedule.lanes - 1) / Schedule.lanes
        first <- 0

        while first < shards do
            last <- min shards (first + window)
            next <- first
            Workers.run (min workers (last - first)) work
            addUp ()
            first <- last

        Reduction.Round(ReadOnlySpan<float> totals, (within memory 0 shared.SumFloats).Span)
        runAll after 0
