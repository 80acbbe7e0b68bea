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

    /// Whether a step takes no time and no place: its result is read where its input stands.
    let isView (step: Step) = step.Kernel.View.IsSome && step.Onto.IsNone && step.Node.Batched && step.Inputs[0].Batched

    /// What a value is a part of, and where in it.
    [<Struct>]
    type private Within = { Root: Node; Start: int64 }

    /// `leaves` and the results of the steps, `kept` until the end.
    let place (leaves: Node list) (steps: Step[]) (kept: Node seq) =
        let views = Dictionary<Node, Within>()

        let within node =
            match views.TryGetValue node with
            | true, within -> within
            | _ -> { Root = node; Start = 0L }

        let root node = (within node).Root

        for step in steps do
            if isView step then
                let input = within step.Inputs[0].Traced.Value

                views[step.Node] <- {
                    input with
                        Start = input.Start + int64 step.Kernel.View.Value * int64 Ordering.lanes
                }

        // A place is taken until nothing reads it any more, or a part of it.
        let read step = read step |> Array.map root
        let lastUse = Dictionary<Node, int>()

        steps
        |> Array.iteri (fun time step ->
            for input in read step do
                lastUse[input] <- time)

        for node in kept do
            lastUse[root node] <- Int32.MaxValue

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

        let put time (step: Step) =
            let size = floats step.Node
            let dies node = owned.ContainsKey node && lastUse[node] = time

            /// Where the result may stand in the place of what it is made of: all of a value that dies, no other part of which is read.
            let inherits (input: Tensor) =
                match input.Traced with
                | ValueSome node ->
                    let { Root = root'; Start = start } = within node

                    let isOther (other: Tensor) =
                        match other.Traced with
                        | ValueSome node' -> node' <> node && root node' = root'
                        | ValueNone -> false

                    if dies root' && start = 0L && size = owned[root'] && not (Array.exists isOther step.Inputs) then
                        Some root'
                    else
                        None
                | ValueNone -> None

            let heir =
                match step.Onto with
                | Some other ->
                    if Array.contains other step.Inputs then
                        None
                    else
                        inherits other |> Option.filter (sparse.Contains >> not)
                | None ->
                    step.Kernel.Overwrites
                    |> List.choose (fun i -> inherits step.Inputs[i])
                    |> List.tryFind (fun input -> sparse.Contains input = step.Kernel.Sparse)

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

            lastUse.TryAdd(step.Node, Int32.MaxValue) |> ignore

        steps
        |> Array.iteri (fun time step ->
            if isView step then
                let { Root = root; Start = start } = within step.Node
                offsets[step.Node] <- offsets[root] + start
            else
                put time step)

        { Offsets = offsets; Floats = top }
