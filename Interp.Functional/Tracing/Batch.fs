namespace Interp

open System

/// A function of sequences of one length, traced and laid out once.
[<NoEquality; NoComparison>]
type internal Compiled<'see> = {
    /// Of what it makes of a sequence.
    Shape: Shape
    /// Applies it to rows, and shows what comes of them.
    Run: float32[][] -> 'see -> unit
    /// Gives its memory back; it is not applied any more.
    Release: unit -> unit
}

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

    /// `f` for sequences of `length` letters. What is shown of rows is each shard's number and the values of its sequences side by side, [.., lane].
    let internal compileShards threads length (f: Tokens -> Tensor) : Compiled<int -> Operand -> unit> =
        let y = f (Tokens(Trace.node (Sequences(None, threads)) [ length ] true false))

        if not y.Batched then
            let values = y.Data |> Array.collect (Array.replicate Ordering.lanes) |> Operand.ofArray

            {
                Shape = y.Shape
                Run =
                    fun rows see ->
                        rows |> Array.chunkBySize Ordering.lanes |> Array.iteri (fun shard _ -> see shard values)
                Release = ignore
            }
        elif y.Open then
            raise (InvalidOperationException "Batch.map cannot be differentiated; use Batch.mean.")
        else
            let plan = Plan([ y ], [], threads, Int32.MaxValue)

            {
                Shape = y.Shape
                Run =
                    fun rows see ->
                        plan.Run(
                            rows.Length,
                            Valuation.load rows,
                            (fun shard (outputs: Operand[]) -> see shard outputs[0])
                        )
                Release = plan.Release
            }

    /// The same, but what is shown is each row's number and its values, by their places.
    let internal compile threads length (f: Tokens -> Tensor) : Compiled<int -> (int -> float32) -> unit> =
        let shards = compileShards threads length f

        {
            Shape = shards.Shape
            Run =
                fun rows see ->
                    shards.Run rows (fun shard { Buffer = buffer; Offset = offset } ->
                        for lane in 0 .. min Ordering.lanes (rows.Length - shard * Ordering.lanes) - 1 do
                            see (shard * Ordering.lanes + lane) (fun i -> buffer[offset + i * Ordering.lanes + lane]))
            Release = shards.Release
        }

    /// `f` of each sequence, which `threads` threads share. What `f` closes over must be values: raises
    /// `InvalidOperationException` where it is being differentiated. Raises `RefusedException` for sequences of different
    /// lengths.
    let map (threads: int) (f: Tokens -> Tensor) (sequences: Tokens list) : Tensor list =
        match sequences with
        | [] -> []
        | first :: _ ->
            checkLengths sequences
            let compiled = compile threads first.Length f
            let size = Shape.size compiled.Shape
            let rows = Valuation.rows sequences
            let results = Array.zeroCreate<float32[]> rows.Length
            compiled.Run rows (fun row value -> results[row] <- Array.init size value)
            compiled.Release()
            results |> Array.map (fun data -> Value(compiled.Shape, data)) |> Array.toList
