namespace Interp

open System
open System.Collections.Generic
open Interp.Kernels

/// From traces to values.
module internal Valuation =

    /// The outputs with some nodes replaced; whatever no longer depends on anything traced is computed.
    let rebuild (bindings: Dictionary<Node, Tensor>) (outputs: Tensor list) =
        let known = Dictionary<Node, Tensor>(bindings)

        let now tensor =
            match tensor with
            | Node node -> known[node]
            | Value _ -> tensor

        for node in Ordering.reachable outputs do
            if not (known.ContainsKey node) then
                known[node] <-
                    match node.Source with
                    | Applied(primitive, inputs) ->
                        let replaced = Array.map now inputs

                        if Array.forall2 (fun a b -> obj.ReferenceEquals(a, b)) inputs replaced then
                            Node node
                        else
                            Trace.apply primitive replaced
                    | _ -> Node node

        outputs |> List.map now

    /// Fills a shard's tokens in; lanes beyond the last sequence repeat it, and a mean leaves them out.
    let load (rows: float32[][]) shard (operand: Operand) =
        let length = operand.Length / Ordering.lanes

        for lane in 0 .. Ordering.lanes - 1 do
            let row = rows[min (rows.Length - 1) (shard * Ordering.lanes + lane)]

            for i in 0 .. length - 1 do
                operand.Buffer[operand.Offset + i * Ordering.lanes + lane] <- row[i]

    let rows (sequences: Tokens list) = sequences |> List.map (fun (Tokens index) -> index.Data) |> List.toArray

    /// The leaf of sequences that a node's value comes from.
    let private leafOf (node: Node) =
        Ordering.reachable [ Node node ]
        |> Array.tryPick (fun node ->
            match node.Source with
            | Sequences(Some rows, threads) -> Some(node, rows, threads)
            | _ -> None)

    let private isSum node =
        match node.Source with
        | Applied({ Role = BatchSum }, inputs) -> inputs |> Array.exists _.Batched
        | _ -> false

    /// The values of outputs that are made of sums over one batch, whose sequences, `count` of them, `loading` fills in a shard at a time.
    let streamed threads count (loading: int -> Operand -> unit) (outputs: Tensor list) : Tensor list =
        match Ordering.reachable outputs |> Array.filter isSum with
        | [||] -> outputs
        | sums ->
            let plan = Plan(List.ofArray (Array.map Node sums), [], threads, count)
            plan.Run(count, loading, (fun _ _ -> ()))

            let values =
                Array.map2
                    (fun node (operand: Operand) -> KeyValuePair(node, Value(node.Shape, operand.Span.ToArray())))
                    sums
                    plan.Outputs

            plan.Release()
            rebuild (Dictionary values) outputs

    /// The values of outputs that depend on nothing given later: means over batches are taken, one batch after the other,
    /// and everything else is computed from them.
    let rec force (outputs: Tensor list) : Tensor list =
        let sums = Ordering.reachable outputs |> Array.filter (fun node -> not node.Open && isSum node)

        // Sums that no other sum must precede.
        let ready =
            sums
            |> Array.filter (fun node ->
                Ordering.reachable [ Node node ] |> Array.forall (fun below -> below = node || not (isSum below)))

        if ready.Length = 0 then
            outputs
        else
            let leaves = ready |> Array.map leafOf

            let sequences, rows, threads =
                leaves
                |> Array.tryPick (fun leaf -> leaf)
                |> Option.defaultWith (fun () -> Broken.because "A mean over a batch has no sequences.")

            let chosen =
                Array.zip ready leaves
                |> Array.filter (fun (_, leaf) -> leaf |> Option.exists (fun (other, _, _) -> other = sequences))
                |> Array.map fst

            let plan = Plan(List.ofArray (Array.map Node chosen), [], threads, rows.Length)
            plan.Run(rows.Length, load rows, (fun _ _ -> ()))

            let values =
                Array.map2
                    (fun node (operand: Operand) -> KeyValuePair(node, Value(node.Shape, operand.Span.ToArray())))
                    chosen
                    plan.Outputs

            plan.Release()
            rebuild (Dictionary values) outputs |> force
