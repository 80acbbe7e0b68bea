namespace Interp

open System
open System.Collections.Generic

/// Places in the memory of a shard, counted in 64 bits: a value's place is given to another one once nothing reads it any more.
module internal Placement =

    /// Floats are handed out in whole cache lines.
    let rounded (floats: int64) = (floats + 15L) / 16L * 16L

    [<NoEquality; NoComparison>]
    type Places = { Offsets: Dictionary<Node, int64>; Floats: int64 }

    let private traced tensors = tensors |> Array.choose (fun (tensor: Tensor) -> ValueOption.toOption tensor.Traced)

    /// The nodes that a step reads.
    let private read (step: Step) = Array.append step.Inputs (Option.toArray step.Onto) |> traced

    let private floats (node: Node) =
        rounded (int64 (Shape.size node.Shape) * (if node.Batched then int64 Ordering.lanes else 1L))

    /// `leaves` and the results of the steps, `kept` until the end.
    let place (leaves: Node list) (steps: Step[]) (kept: Node seq) =
        let lastUse = Dictionary<Node, int>()

        steps
        |> Array.iteri (fun time step ->
            for input in read step do
                lastUse[input] <- time)

        for node in kept do
            lastUse[node] <- Int32.MaxValue

        let offsets = Dictionary<Node, int64>()
        let mutable free: (int64 * int64) list = []
        let mutable top = 0L

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
            let joined (gap: int64 * int64) (other: int64 * int64) =
                let (start, length), (next, more) = gap, other
                if start + length = next then [ start, length + more ] else [ gap; other ]

            free <-
                (offset, size) :: free
                |> List.sort
                |> List.fold
                    (fun merged gap ->
                        match merged with
                        | [] -> [ gap ]
                        | last :: rest -> List.rev (joined last gap) @ rest)
                    []
                |> List.rev

        // Sparse values keep their zeros: their places are never used for anything else.
        let sparse = HashSet<Node>()
        let owned = Dictionary<Node, int64>()

        for leaf in leaves do
            offsets[leaf] <- allocate (floats leaf)
            lastUse[leaf] <- Int32.MaxValue

        steps
        |> Array.iteri (fun time step ->
            let size = floats step.Node
            let dies node = owned.ContainsKey node && lastUse[node] = time

            let heir =
                match step.Onto with
                | Some other ->
                    match other.Traced with
                    | ValueSome node when
                        dies node && not (sparse.Contains node) && not (Array.contains other step.Inputs)
                        ->
                        Some node
                    | _ -> None
                | None ->
                    step.Kernel.Overwrites
                    |> List.map (fun i -> step.Inputs[i])
                    |> List.toArray
                    |> traced
                    |> Array.tryFind (fun input ->
                        dies input && size = owned[input] && sparse.Contains input = step.Kernel.Sparse)

            match heir with
            | Some input ->
                offsets[step.Node] <- offsets[input]
                owned.Remove input |> ignore
            | None when step.Kernel.Sparse ->
                offsets[step.Node] <- top
                top <- top + size
            | None -> offsets[step.Node] <- allocate size

            owned[step.Node] <- size

            if step.Kernel.Sparse && step.Onto.IsNone then
                sparse.Add step.Node |> ignore

            let dead =
                read step |> Array.distinct |> Array.filter (fun node -> dies node && not (sparse.Contains node))

            for node in dead do
                release offsets[node] owned[node]
                owned.Remove node |> ignore

            lastUse.TryAdd(step.Node, Int32.MaxValue) |> ignore)

        { Offsets = offsets; Floats = top }
