namespace Interp

open System
open Interp.Kernels

/// Predictions [vocab, lane] in float64, of the sequences of a shard side by side.
module internal LogProbabilities =

    /// So many predictions, of nothing yet.
    let none places vocabulary : float[] = Array.zeroCreate (places * vocabulary * Ordering.lanes)

    /// Log softmax of the logits from a place on [_, vocab, lane], into predictions from a place on.
    let write vocabulary (logits: Operand) from (into: float[]) at =
        let size = vocabulary * Ordering.lanes
        Predictions.LogSoftmax(logits.ReadOnly.Slice(from * size, size), Span(into, at * size, size), vocabulary)

    /// The shares of what log-probabilities are the logarithms of, into as many numbers.
    let writeShares (logs: float[]) (into: float[]) = Predictions.Shares(ReadOnlySpan logs, Span into)

    /// The shares of what log-probabilities are the logarithms of.
    let shares (logs: float[]) : float[] =
        let shares = Array.zeroCreate logs.Length
        writeShares logs shares
        shares

    /// The place of each lane's largest, and whether no other one is as large.
    let likeliest vocabulary (logs: float[]) (best: int[]) (alone: bool[]) =
        Predictions.Likeliest(ReadOnlySpan logs, Span best, Span alone, vocabulary)

    let private first (task: Task) = task.Counted.Head - 1
    let private last (task: Task) = List.last task.Counted - 1

    /// Logits of the counted predictions, and whatever lies between: [_, vocab]
    let counted (task: Task) (logits: Tokens -> Tensor) (row: Tokens) : Tensor =
        let known = Tokens.slice 0 (last task + 1) row
        Tensor.slice 0 (first task) (last task - first task + 1) (logits known)

    /// Where among these the prediction of a place is.
    let at (task: Task) place = place - 1 - first task

    /// Those of a model's counted predictions, for rows of letters: [shard] of [counted, vocab, lane].
    let ofModel threads (task: Task) (model: Model<Tensor>) (rows: float32[][]) : float[][] =
        let places = Array.ofList task.Counted
        let compiled = Batch.compileShards threads task.Length (counted task (Transformer.logits model))
        let vocabulary = compiled.Shape[1]
        let shards = (rows.Length + Ordering.lanes - 1) / Ordering.lanes
        let all = Array.init shards (fun _ -> none places.Length vocabulary)

        compiled.Run rows (fun shard logits ->
            places |> Array.iteri (fun i place -> write vocabulary logits (at task place) all[shard] i))

        compiled.Release()
        all
