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
