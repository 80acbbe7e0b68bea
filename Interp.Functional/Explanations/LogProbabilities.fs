namespace Interp

open System

/// Predictions [vocab] in float64.
module internal LogProbabilities =

    /// Log softmax of so many logits as `into` has room for.
    let write (logit: int -> float32) (into: Span<float>) =
        let mutable most = -infinity

        for i in 0 .. into.Length - 1 do
            into[i] <- float (logit i)
            most <- max most into[i]

        let mutable sum = 0.0

        for i in 0 .. into.Length - 1 do
            sum <- sum + Math.Exp(into[i] - most)

        let log = most + Math.Log sum

        for i in 0 .. into.Length - 1 do
            into[i] <- into[i] - log

    /// The place of the largest, and whether no other one is as large.
    let likeliest (logs: float[]) : struct (int * bool) =
        let mutable best = 0
        let mutable alone = true

        for i in 1 .. logs.Length - 1 do
            if logs[i] > logs[best] then
                best <- i
                alone <- true
            elif logs[i] = logs[best] then
                alone <- false

        struct (best, alone)

    /// Kullback-Leibler divergence from one prediction to another, in nats.
    let divergence (from: ReadOnlySpan<float>) (into: ReadOnlySpan<float>) : float =
        let mutable sum = 0.0

        for i in 0 .. from.Length - 1 do
            sum <- sum + Math.Exp from[i] * (from[i] - into[i])

        sum
