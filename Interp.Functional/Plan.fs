namespace Interp

open System
open System.Collections.Generic
open System.Threading
open Interp.Kernels

/// When a value is computed: once before the batch, for each shard of sixteen sequences, as a sum over them,
/// or once after the batch.
type internal Phase =
    | Before
    | Shard
    | Sum
    | After

/// One kernel call. `Onto` is what the result is added to.
[<NoEquality; NoComparison>]
type internal Step = { Node: Node; Phase: Phase; Kernel: Kernel; Inputs: Tensor[]; Onto: Tensor option }

/// The order in which a traced computation is carried out.
module internal Schedule =

    let lanes = 16

    /// All nodes below the outputs, inputs first.
    let reachable (outputs: Tensor list) =
        let seen = Dictionary<int64, Node>()
        let pending = Stack<Tensor>(outputs)

        while pending.Count > 0 do
            match pending.Pop() with
            | Node node when seen.TryAdd(node.Id, node) ->
                match node.Source with
                | Applied(_, inputs) -> inputs |> Array.iter pending.Push
                | Variable
                | Sequences _
                | Weight -> ()
            | _ -> ()

        seen.Values |> Seq.sortBy _.Id |> Seq.toArray

    let private inputsOf node =
        match node.Source with
        | Applied(_, inputs) -> inputs
        | _ -> [||]

    let private phases (nodes: Node[]) =
        let phases = Dictionary<int64, Phase>()

        let phaseOf tensor =
            match tensor with
            | Node node -> phases[node.Id]
            | Value _ -> Before

        for node in nodes do
            let inputs = inputsOf node |> Array.map phaseOf
            let afterSum = inputs |> Array.exists (fun phase -> phase = Sum || phase = After)

            phases[node.Id] <-
                match node.Source with
                | Applied(primitive, _) when primitive.SumsBatch && Array.contains Shard inputs -> Sum
                | _ when node.Batched ->
                    if afterSum then
                        raise (
                            NotSupportedException
                                "A value of each sequence depends on a mean over the batch; compute the mean first."
                        )

                    Shard
                | _ when afterSum -> After
                | _ -> Before

        phases

    let form (tensor: Tensor) : Form = { Shape = tensor.Shape; Lanes = if tensor.Batched then lanes else 1 }

    /// The steps for some outputs. A sum with a product that nothing else uses becomes one step that adds to its result.
    let steps (outputs: Tensor list) =
        let nodes = reachable outputs
        let phases = phases nodes
        let uses = Dictionary<int64, int>()

        let used tensor =
            match tensor with
            | Node node -> uses[node.Id] <- uses.GetValueOrDefault node.Id + 1
            | Value _ -> ()

        nodes |> Array.iter (inputsOf >> Array.iter used)
        outputs |> List.iter used

        let kernels = Dictionary<int64, Kernel>()

        for node in nodes do
            match node.Source with
            | Applied(primitive, inputs) ->
                kernels[node.Id] <- primitive.Kernel (Array.map form inputs) (form (Node node))
            | _ -> ()

        // The product of a sum a + b that can be added to the other summand in place.
        let product node =
            match node.Source with
            | Applied({ Name = "add" }, [| a; b |]) when node.Batched && form a = form b ->
                [ a, b; b, a ]
                |> List.tryPick (fun (summand, other) ->
                    match summand with
                    | Node inner when
                        uses[inner.Id] = 1 && kernels.ContainsKey inner.Id && kernels[inner.Id].Accumulate.IsSome
                        ->
                        Some(inner, other)
                    | _ -> None)
            | _ -> None

        let products =
            nodes |> Array.choose (fun node -> product node |> Option.map (fun found -> node.Id, found))

        let fused = Dictionary(products |> Array.map KeyValuePair)
        let absorbed = products |> Array.map (fun (_, (inner, _)) -> inner.Id) |> HashSet

        [|
            for node in nodes do
                match node.Source with
                | Applied(_, inputs) when not (absorbed.Contains node.Id) ->
                    match fused.TryGetValue node.Id with
                    | true, (inner, other) -> {
                        Node = node
                        Phase = phases[node.Id]
                        Kernel = kernels[inner.Id]
                        Inputs = inputsOf inner
                        Onto = Some other
                      }
                    | _ -> {
                        Node = node
                        Phase = phases[node.Id]
                        Kernel = kernels[node.Id]
                        Inputs = inputs
                        Onto = None
                      }
                | _ -> ()
        |]

/// Places in the memory of a shard: a value's place is given to another one once nothing reads it any more.
module internal Placement =

    /// Floats are handed out in whole cache lines.
    let rounded floats = (floats + 15) / 16 * 16

    [<NoEquality; NoComparison>]
    type Places = { Offsets: Dictionary<int64, int>; Floats: int }

    let private key tensor =
        match tensor with
        | Node node -> node.Id
        | Value _ -> -1L

    let private operands (step: Step) = Array.append step.Inputs (Option.toArray step.Onto)

    let private floats (node: Node) = rounded (Shape.size node.Shape * (if node.Batched then Schedule.lanes else 1))

    /// `leaves` and the results of the steps, `kept` until the end.
    let place (leaves: Node list) (steps: Step[]) (kept: HashSet<int64>) =
        let lastUse = Dictionary<int64, int>()

        steps
        |> Array.iteri (fun time step ->
            for input in operands step do
                lastUse[key input] <- time)

        for id in kept do
            lastUse[id] <- Int32.MaxValue

        let offsets = Dictionary<int64, int>()
        let mutable free: (int * int) list = []
        let mutable top = 0

        let allocate size =
            match free |> List.tryFind (fun (_, length) -> length >= size) with
            | Some(offset, length) ->
                free <- free |> List.filter (fun (start, _) -> start <> offset)

                if length > size then
                    free <- (offset + size, length - size) :: free

                offset
            | None ->
                let offset = top
                top <- top + size
                offset

        let release offset size =
            let joined (block: int * int) (other: int * int) =
                let (start, length), (next, more) = block, other
                if start + length = next then [ start, length + more ] else [ block; other ]

            free <-
                (offset, size) :: free
                |> List.sort
                |> List.fold
                    (fun merged block ->
                        match merged with
                        | [] -> [ block ]
                        | last :: rest -> List.rev (joined last block) @ rest)
                    []
                |> List.rev

        // Sparse values keep their zeros: their places are never used for anything else.
        let sparse = HashSet<int64>()
        let owned = Dictionary<int64, int>()

        for leaf in leaves do
            offsets[leaf.Id] <- allocate (floats leaf)
            lastUse[leaf.Id] <- Int32.MaxValue

        steps
        |> Array.iteri (fun time step ->
            let size = floats step.Node
            let dies tensor = owned.ContainsKey(key tensor) && lastUse[key tensor] = time

            let heir =
                match step.Onto with
                | Some other when dies other && not (sparse.Contains(key other)) -> Some other
                | Some _ -> None
                | None ->
                    step.Kernel.Overwrites
                    |> List.map (fun i -> step.Inputs[i])
                    |> List.tryFind (fun input ->
                        dies input
                        && floats step.Node = owned[key input]
                        && sparse.Contains(key input) = step.Kernel.Sparse)

            match heir with
            | Some input ->
                offsets[step.Node.Id] <- offsets[key input]
                owned.Remove(key input) |> ignore
            | None when step.Kernel.Sparse ->
                offsets[step.Node.Id] <- top
                top <- top + size
            | None -> offsets[step.Node.Id] <- allocate size

            owned[step.Node.Id] <- size

            if step.Kernel.Sparse && step.Onto.IsNone then
                sparse.Add step.Node.Id |> ignore

            let dead =
                operands step
                |> Array.map key
                |> Array.distinct
                |> Array.filter (fun id -> owned.ContainsKey id && lastUse[id] = time && not (sparse.Contains id))

            for id in dead do
                release offsets[id] owned[id]
                owned.Remove id |> ignore

            if not (lastUse.ContainsKey step.Node.Id) then
                lastUse[step.Node.Id] <- Int32.MaxValue)

        { Offsets = offsets; Floats = top }

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

    let id tensor =
        match tensor with
        | Node node -> node.Id
        | Value _ -> -1L

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
    let places = Placement.place leaves shardSteps (HashSet(outputs |> List.map id))

    // Values that are the same for all sequences, each at a place of its own.
    let shared =
        let offsets = Dictionary<int64, int>()
        let mutable top = 0

        let reserve floats =
            let offset = top
            top <- top + Placement.rounded floats
            offset

        // Sums first and together: they are added up in one sweep.
        for node in sums do
            offsets[node.Id] <- reserve (size node)

        let sumFloats = top

        for node in nodes do
            if not node.Batched && not (offsets.ContainsKey node.Id) then
                offsets[node.Id] <- reserve (size node)

        let prepared = Dictionary<struct (int64 * int), int>()

        for step in steps do
            match step.Kernel.Preparation with
            | Some preparation -> prepared[struct (step.Node.Id, 0)] <- reserve preparation.Floats
            | None -> ()

        {| Offsets = offsets; Prepared = prepared; Floats = top; SumFloats = sumFloats |}

    let memory = AlignedBuffer.Allocate shared.Floats
    let workers = max 1 threads
    let arenas = Array.init workers (fun _ -> AlignedBuffer.Allocate(max 16 places.Floats))
    let local = Array.init workers (fun _ -> AlignedBuffer.Allocate(max 16 shared.SumFloats))
    let slots = lazy (Array.zeroCreate<float32>(window * shared.SumFloats))
    let totals = Array.zeroCreate<float> shared.SumFloats

    let within (buffer: AlignedBuffer) offset length : Operand = {
        Buffer = buffer.Array
        Offset = buffer.Offset + offset
        Length = length
    }

    let sharedOperand tensor =
        match tensor with
        | Value(_, data) -> { Buffer = data; Offset = 0; Length = data.Length }
        | Node node -> within memory shared.Offsets[node.Id] (size node)

    let operand worker tensor =
        match tensor with
        | Node node when node.Batched -> within arenas[worker] places.Offsets[node.Id] (size node * Schedule.lanes)
        | _ -> sharedOperand tensor

    let result worker (step: Step) =
        match step.Phase with
        | Sum -> within local[worker] shared.Offsets[step.Node.Id] (size step.Node)
        | _ -> operand worker (Node step.Node)

    let preparedOperand (step: Step) (preparation: Preparation) =
        within memory shared.Prepared[struct (step.Node.Id, 0)] preparation.Floats

    let bind worker (step: Step) : unit -> unit =
        let operands = step.Inputs |> Array.map (operand worker)

        match step.Kernel.Preparation with
        | Some preparation when step.Phase = Shard || step.Phase = Sum ->
            operands[preparation.Input] <- preparedOperand step preparation
        | _ -> ()

        let output = result worker step

        let run =
            match step.Onto with
            | None ->
                let run = step.Kernel.Run
                fun () -> run operands output
            | Some other ->
                let accumulate = step.Kernel.Accumulate.Value
                let other = operand worker other

                if other.Buffer = output.Buffer && other.Offset = output.Offset then
                    fun () -> accumulate operands output
                else
                    fun () ->
                        other.ReadOnly.CopyTo output.Span
                        accumulate operands output

        match step.Kernel.Preparation with
        | Some preparation when step.Phase <> Shard && step.Phase <> Sum ->
            let source = operand worker step.Inputs[preparation.Input]
            let prepared = preparedOperand step preparation
            operands[preparation.Input] <- prepared

            fun () ->
                preparation.Prepare source prepared
                run ()
        | _ -> run

    let before =
        let pack (step: Step) =
            step.Kernel.Preparation
            |> Option.map (fun preparation ->
                let source = sharedOperand step.Inputs[preparation.Input]
                let prepared = preparedOperand step preparation
                fun () -> preparation.Prepare source prepared)

        Array.append (inPhase Before |> Array.map (bind 0)) (shardSteps |> Array.choose pack)

    let after = inPhase After |> Array.map (bind 0)
    let perShard = Array.init workers (fun worker -> shardSteps |> Array.map (bind worker))

    let sequenceOperands, weightOperands =
        let operands which =
            Array.init workers (fun worker ->
                leaves |> List.filter which |> List.map (Node >> operand worker) |> List.toArray)

        operands (fun leaf -> leaf.Source.IsSequences), operands (fun leaf -> leaf.Source.IsWeight)

    let outputOperands = Array.init workers (fun worker -> batchedOutputs |> Array.map (operand worker))

    let runAll (actions: (unit -> unit)[]) =
        for action in actions do
            action ()

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

        for operand in weightOperands[worker] do
            operand.Span.Clear()
            operand.Span.Slice(0, active).Fill(1.0f / float32 count)

        runAll perShard[worker]
        collect shard outputOperands[worker]

        if shared.SumFloats > 0 then
            Array.Copy(
                local[worker].Array,
                local[worker].Offset,
                slots.Value,
                (shard - first) * shared.SumFloats,
                shared.SumFloats
            )

    let work =
        fun worker ->
            let mutable shard = Interlocked.Increment(&next) - 1

            while shard < last do
                runShard worker shard
                shard <- Interlocked.Increment(&next) - 1

    let addUp () =
        for shard in 0 .. last - first - 1 do
            Reduction.Accumulate(
                ReadOnlySpan(slots.Value, shard * shared.SumFloats, shared.SumFloats),
                Span<float> totals
            )

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
        runAll before
        Array.Clear totals
        let shards = (sequences + Schedule.lanes - 1) / Schedule.lanes
        first <- 0

        while first < shards do
            last <- min shards (first + window)
            next <- first
            Workers.run (min workers (last - first)) work
            addUp ()
            first <- last

        let sums = within memory 0 shared.SumFloats

        for i in 0 .. shared.SumFloats - 1 do
            sums.Span[i] <- float32 totals[i]

        runAll after
