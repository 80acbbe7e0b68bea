namespace Interp

open System
open System.Collections.Generic
open Interp.Kernels

/// From traces to values.
module internal Valuation =

    /// The outputs with some nodes replaced; whatever no longer depends on anything traced is computed.
    let rebuild (bindings: Dictionary<int64, Tensor>) (outputs: Tensor list) =
        let known = Dictionary<int64, Tensor>(bindings)

        let now tensor =
            match tensor with
            | Node node -> known[node.Id]
            | Value _ -> tensor

        for node in Schedule.reachable outputs do
            if not (known.ContainsKey node.Id) then
                known[node.Id] <-
                    match node.Source with
                    | Applied(primitive, inputs) ->
                        let replaced = Array.map now inputs

                        if Array.forall2 (fun a b -> obj.ReferenceEquals(a, b)) inputs replaced then
                            Node node
                        else
                            Trace.apply primitive replaced
                    | _ -> Node node

        outputs |> List.map now

    /// Fills a shard's tokens in; lanes beyond the last sequence repeat it (their weight is zero).
    let load (rows: float32[][]) shard (operand: Operand) =
        let length = operand.Length / Schedule.lanes

        for lane in 0 .. Schedule.lanes - 1 do
            let row = rows[min (rows.Length - 1) (shard * Schedule.lanes + lane)]

            for i in 0 .. length - 1 do
                operand.Buffer[operand.Offset + i * Schedule.lanes + lane] <- row[i]

    let rows (sequences: Tokens list) = sequences |> List.map (fun (Tokens index) -> index.Data) |> List.toArray

    /// The leaf of sequences that a node's value comes from.
    let private leafOf (node: Node) =
        Schedule.reachable [ Node node ]
        |> Array.tryPick (fun node ->
            match node.Source with
            | Sequences(Some rows, threads) -> Some(node.Id, rows, threads)
            | _ -> None)

    /// The values of outputs that depend on nothing given later: means over batches are taken, one batch after the other,
    /// and everything else is computed from them.
    let rec force (outputs: Tensor list) : Tensor list =
        let isSum node =
            match node.Source with
            | Applied(primitive, inputs) -> primitive.SumsBatch && inputs |> Array.exists _.Batched
            | _ -> false

        let sums = Schedule.reachable outputs |> Array.filter (fun node -> not node.Open && isSum node)

        // Sums that no other sum must precede.
        let ready =
            sums
            |> Array.filter (fun node ->
                Schedule.reachable [ Node node ]
                |> Array.forall (fun below -> below.Id = node.Id || not (isSum below)))

        if ready.Length = 0 then
            outputs
        else
            let leaves = ready |> Array.map leafOf

            let id, sequences, threads =
                leaves
                |> Array.tryPick (fun leaf -> leaf)
                |> Option.defaultWith (fun () -> Shape.fail "A mean over a batch has no sequences.")

            let chosen =
                Array.zip ready leaves
                |> Array.filter (fun (_, leaf) -> leaf |> Option.exists (fun (other, _, _) -> other = id))
                |> Array.map (fst >> Node)
                |> Array.toList

            let plan = Plan(chosen, [], threads)
            plan.Run(sequences.Length, load (rows sequences), (fun _ _ -> ()))

            let bindings =
                List.zip chosen (List.ofArray plan.Outputs)
                |> List.choose (fun (tensor, operand) ->
                    match tensor with
                    | Node node -> Some(KeyValuePair(node.Id, Value(node.Shape, operand.Span.ToArray())))
                    | Value _ -> None)
                |> Dictionary

            rebuild bindings outputs |> force

/// Functions of one sequence, applied to many. Sequences run sixteen at a time in the lanes of a vector, shards of sixteen
/// on several threads; neither shows in a result.
module Batch =

    let private checkLengths (sequences: Tokens list) =
        match sequences with
        | [] -> raise (ArgumentException "Batch: there are no sequences.")
        | first :: rest ->
            match rest |> List.tryFind (fun other -> other.Length <> first.Length) with
            | Some other ->
                raise (
                    ArgumentException
                        $"Batch: sequences must be of one length, found {first.Length} and {other.Length}."
                )
            | None -> ()

    let private leaf threads (sequences: Tokens list) =
        checkLengths sequences
        Trace.node (Sequences(Some sequences, threads)) [ sequences.Head.Length ] true false

    /// The mean of `f` over the sequences. Differentiable in whatever `f` closes over.
    let mean (threads: int) (f: Tokens -> Tensor) (sequences: Tokens list) : Tensor =
        let leaf = leaf threads sequences
        let y = f (Tokens leaf)

        if y.Batched then
            let weight = Trace.node (Weight leaf) [] true false
            Valuation.force [ Arithmetic.batchSum (y * weight) ] |> List.head
        else
            y

    /// `f` traced and laid out once for sequences of `length` letters: the shape of its values, and how to apply it to any
    /// rows. `see` is shown each row's number and its values, by their places.
    let internal prepare
        (threads: int)
        (length: int)
        (f: Tokens -> Tensor)
        : Shape * (float32[][] -> (int -> (int -> float32) -> unit) -> unit) =
        let y = f (Tokens(Trace.node (Sequences(None, threads)) [ length ] true false))

        if not y.Batched then
            y.Shape, (fun rows see -> rows |> Array.iteri (fun row _ -> see row (fun i -> y.Data[i])))
        elif Trace.isOpen y then
            raise (InvalidOperationException "Batch.map cannot be differentiated; use Batch.mean.")
        else
            let plan = Plan([ y ], [], threads)

            let run (rows: float32[][]) see =
                let collect shard (outputs: Operand[]) =
                    let { Buffer = buffer; Offset = offset } = outputs[0]

                    for lane in 0 .. min Schedule.lanes (rows.Length - shard * Schedule.lanes) - 1 do
                        see (shard * Schedule.lanes + lane) (fun i -> buffer[offset + i * Schedule.lanes + lane])

                plan.Run(rows.Length, Valuation.load rows, collect)

            y.Shape, run

    /// `f` of each sequence. What `f` closes over must be values.
    let map (threads: int) (f: Tokens -> Tensor) (sequences: Tokens list) : Tensor list =
        match sequences with
        | [] -> []
        | first :: _ ->
            checkLengths sequences
            let shape, run = prepare threads first.Length f
            let size = Shape.size shape
            let rows = Valuation.rows sequences
            let results = Array.zeroCreate<float32[]> rows.Length
            run rows (fun row value -> results[row] <- Array.init size value)
            results |> Array.map (fun data -> Value(shape, data)) |> Array.toList
