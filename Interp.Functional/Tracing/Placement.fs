namespace Interp

open System
open System.Collections.Generic

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
                | Some other when
                    dies other
                    && not (sparse.Contains(key other))
                    && not (step.Inputs |> Array.exists (fun input -> key input = key other))
                    ->
                    Some other
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
