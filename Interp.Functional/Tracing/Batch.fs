namespace Interp

open System

/// Functions of one sequence, applied to many. Sequences run sixteen at a time in the lanes of a vector, shards of sixteen
/// on several threads; neither shows in a result.
module Batch =

    let private checkLengths (sequences: Tokens list) =
        match sequences with
        | [] -> Refused.because "Batch: there are no sequences."
        | first :: rest ->
            match rest |> List.tryFind (fun other -> other.Length <> first.Length) with
            | Some other ->
                Refused.because $"Batch: sequences must be of one length, found {first.Length} and {other.Length}."
            | None -> ()

    /// The mean of a value over the `count` sequences of its batch, which come from a leaf.
    let internal average (leaf: Tensor) (count: int) (y: Tensor) : Tensor =
        let occupied = Trace.node (Occupied leaf) [] true false
        Arithmetic.batchSum (Functions.gate occupied y) / float count

    let private leaf threads (sequences: Tokens list) =
        checkLengths sequences
        Trace.node (Sequences(Some(Valuation.rows sequences), threads)) [ sequences.Head.Length ] true false

    /// The mean of `f` over the sequences, which `threads` threads share. Differentiable in whatever `f` closes over. Raises
    /// `RefusedException` for no sequences, or sequences of different lengths.
    let mean (threads: int) (f: Tokens -> Tensor) (sequences: Tokens list) : Tensor =
        let leaf = leaf threads sequences
        let y = f (Tokens leaf)

        if y.Batched then
            Valuation.force [ average leaf sequences.Length y ] |> List.head
        else
            y

    /// The means of what `f` makes of each of `count` sequences of `length` tokens, to the bit those of `mean`, but of sequences that `write` puts
    /// by their numbers into an array [pos], from several threads, when their turn comes: memory does not grow with their number.
    let internal meansOver threads length count (write: int -> int[] -> unit) (f: Tokens -> Tensor list) : Tensor list =
        let leaf = Trace.node (Sequences(None, threads)) [ length ] true false

        let load shard (operand: Operand) =
            let places = Array.zeroCreate length

            for lane in 0 .. Ordering.lanes - 1 do
                // The last one again where there are no more, which a mean leaves out.
                write (min (count - 1) (shard * Ordering.lanes + lane)) places

                for position in 0 .. length - 1 do
                    operand.Buffer[operand.Offset + position * Ordering.lanes + lane] <- float32 places[position]

        f (Tokens leaf)
        |> List.map (fun y -> if y.Batched then average leaf count y else y)
        |> Valuation.streamed threads count load

    /// `f` traced and laid out once for sequences of `length` letters: the shape of its values, and how to apply it to any
    /// rows. `see` is shown each shard's number and the values of its sequences side by side, [.., lane].
    let internal compileShards
        (threads: int)
        (length: int)
        (f: Tokens -> Tensor)
        : Shape * (float32[][] -> (int -> Operand -> unit) -> unit) =
        let y = f (Tokens(Trace.node (Sequences(None, threads)) [ length ] true false))

        if not y.Batched then
            let values = y.Data |> Array.collect (Array.replicate Ordering.lanes) |> Operand.ofArray

            y.Shape,
            (fun rows see -> rows |> Array.chunkBySize Ordering.lanes |> Array.iteri (fun shard _ -> see shard values))
        elif y.Open then
            raise (InvalidOperationException "Batch.map cannot be differentiated; use Batch.mean.")
        else
            let plan = Plan([ y ], [], threads, Int32.MaxValue)

            let run (rows: float32[][]) see =
                plan.Run(rows.Length, Valuation.load rows, (fun shard (outputs: Operand[]) -> see shard outputs[0]))

            y.Shape, run

    /// The same, but `see` is shown each row's number and its values, by their places.
    let internal compile
        (threads: int)
        (length: int)
        (f: Tokens -> Tensor)
        : Shape * (float32[][] -> (int -> (int -> float32) -> unit) -> unit) =
        let shape, run = compileShards threads length f

        shape,
        fun rows see ->
            run rows (fun shard { Buffer = buffer; Offset = offset } ->
                for lane in 0 .. min Ordering.lanes (rows.Length - shard * Ordering.lanes) - 1 do
                    see (shard * Ordering.lanes + lane) (fun i -> buffer[offset + i * Ordering.lanes + lane]))

    /// `f` of each sequence, which `threads` threads share. What `f` closes over must be values: raises
    /// `InvalidOperationException` where it is being differentiated. Raises `RefusedException` for sequences of different
    /// lengths.
    let map (threads: int) (f: Tokens -> Tensor) (sequences: Tokens list) : Tensor list =
        match sequences with
        | [] -> []
        | first :: _ ->
            checkLengths sequences
            let shape, run = compile threads first.Length f
            let size = Shape.size shape
            let rows = Valuation.rows sequences
            let results = Array.zeroCreate<float32[]> rows.Length
            run rows (fun row value -> results[row] <- Array.init size value)
            results |> Array.map (fun data -> Value(shape, data)) |> Array.toList
