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

    /// The place of a lane's largest, and whether no other one is as large.
    let likeliest (logs: float[]) lane : struct (int * bool) =
        let mutable best = 0
        let mutable alone = true

        for i in 1 .. logs.Length / Ordering.lanes - 1 do
            let log, most = logs[i * Ordering.lanes + lane], logs[best * Ordering.lanes + lane]

            if log > most then
                best <- i
                alone <- true
            elif log = most then
                alone <- false

        struct (best, alone)
