namespace Interp

open System
open System.Threading
open Interp.Kernels

/// A traced computation with a place in memory for every value: traced once, carried out any number of times without
/// allocating. Sixteen sequences run through the lanes of a vector; shards of sixteen run on several threads; sums over
/// shards are taken in the order of the shards, so the number of threads never shows in a result. Memory is laid out for `sequences`
/// sequences; more of them run in it, too, on as many threads.
[<Sealed>]
type internal Plan(outputs: Tensor list, variables: Tensor list, threads: int, sequences: int) =

    let layout = Layout.ofOutputs outputs variables threads sequences
    let window = layout.Window
    let inPhase phase = layout.Steps |> Array.filter (fun step -> step.Phase = phase)
    let size (node: Node) = Shape.size node.Shape
    let batchedOutputs = outputs |> List.filter _.Batched |> List.toArray
    let sumFloats = Shape.fitting layout.SumFloats
    let slotFloats = Shape.fitting (int64 window * layout.SumFloats)

    let memory = AlignedBuffer.Rent(Shape.fitting layout.SharedFloats)
    let workers = layout.Workers

    let arenas =
        Array.init workers (fun _ -> AlignedBuffer.Rent(max 16 (Shape.fitting layout.Places.Floats)))

    let slots = lazy (AlignedBuffer.Rent slotFloats)
    let totals = Array.zeroCreate<float> sumFloats

    let within (buffer: AlignedBuffer) offset length : Operand = {
        Buffer = buffer.Array
        Offset = buffer.Offset + offset
        Length = length
    }

    let sharedOperand tensor =
        match tensor with
        | Value(_, data) -> Operand.ofArray data
        | Node node -> within memory (int layout.Shared[node]) (size node)

    let operand worker tensor =
        match tensor with
        | Node node when node.Batched ->
            within arenas[worker] (int layout.Places.Offsets[node]) (size node * Ordering.lanes)
        | _ -> sharedOperand tensor

    /// A step as a function of the shard.
    let bind worker (step: Step) : int -> unit =
        let operands = step.Inputs |> Array.map (operand worker)

        match step.Phase, step.Onto with
        | Sum, _ ->
            // A sum's result goes to the slot of the shard at work.
            let run = step.Kernel.Run
            let slots = slots.Value
            let offset, length = int layout.Shared[step.Node], size step.Node
            fun shard -> run operands (within slots ((shard % window) * sumFloats + offset) length)
        | _, None ->
            let run = step.Kernel.Run
            let output = operand worker (Node step.Node)
            fun _ -> run operands output
        | _, Some other ->
            let accumulate = step.Kernel.Accumulate.Value
            let output = operand worker (Node step.Node)
            let other = operand worker other

            if Object.ReferenceEquals(other.Buffer, output.Buffer) && other.Offset = output.Offset then
                fun _ -> accumulate operands output
            else
                fun _ ->
                    other.ReadOnly.CopyTo output.Span
                    accumulate operands output

    let before = inPhase Before |> Array.map (bind 0)
    let after = inPhase After |> Array.map (bind 0)
    let perShard = Array.init workers (fun worker -> layout.ShardSteps |> Array.map (bind worker))

    let sequenceOperands, occupiedOperands =
        let operands which =
            Array.init workers (fun worker ->
                layout.Leaves |> List.filter which |> List.map (Node >> operand worker) |> List.toArray)

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

        let active = min Ordering.lanes (count - shard * Ordering.lanes)

        for operand in occupiedOperands[worker] do
            operand.Span.Clear()
            operand.Span.Slice(0, active).Fill 1.0f

        runAll perShard[worker] shard
        collect shard outputOperands[worker]

    // `id` makes it an object, once, and not a method of which every run would make one.
    let work =
        id (fun worker ->
            let mutable shard = Interlocked.Increment(&next) - 1

            while shard < last do
                runShard worker shard
                shard <- Interlocked.Increment(&next) - 1)

    let addUp () =
        let shards = last - first
        Reduction.Accumulate((within slots.Value 0 (shards * sumFloats)).ReadOnly, shards, Span<float> totals)

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
        let shards = (sequences + Ordering.lanes - 1) / Ordering.lanes
        first <- 0

        while first < shards do
            last <- min shards (first + window)
            next <- first
            Workers.run (min workers (last - first)) work
            addUp ()
            first <- last

        Reduction.Round(ReadOnlySpan<float> totals, (within memory 0 sumFloats).Span)
        runAll after 0

    /// Gives the memory to plans that come. Nothing of this one may be read or carried out any more.
    member _.Release() =
        memory.Return()
        arenas |> Array.iter _.Return()

        if slots.IsValueCreated then
            slots.Value.Return()
