namespace Interp

open System

/// A seed of random numbers, 64 bits. A key is a value: it is split into children, never advanced, so the same key gives the
/// same numbers wherever it is used.
[<Struct>]
type Key = private Key of uint64

/// Random values as pure functions of a key; they are Philox4x32-10's (Salmon, Moraes, Dror, Shaw, SC 2011).
module Key =

    // The last counter word keeps the uses of a key apart: a child key never shares a block with a stream.
    let private splitting = 1u
    let private streaming = 0u

    let private counter purpose (index: uint64) : Philox.Block = {
        A = uint32 index
        B = uint32 (index >>> 32)
        C = 0u
        D = purpose
    }

    /// The key of a seed.
    let ofSeed (seed: uint64) = Key seed

    /// The child key number `index`: it shares no random numbers with its parent or with other children.
    let split (index: uint64) (Key key) =
        let words = Philox.block (counter splitting index) key
        Key(uint64 words.A ||| (uint64 words.B <<< 32))

    /// Four random words: block number `index` of the key's stream.
    let internal block (index: uint64) (Key key) = Philox.block (counter streaming index) key

    /// `count` words of the key's stream from block `first` on, folded with their numbers from 0, without an array.
    let inline internal fold
        (first: uint64)
        count
        key
        (state: 'state)
        ([<InlineIfLambda>] folder: 'state -> int -> uint32 -> 'state)
        =
        let mutable state = state

        for b in 0 .. (count + 3) / 4 - 1 do
            let words = block (first + uint64 b) key
            let left = count - 4 * b
            state <- folder state (4 * b) words.A

            if left > 1 then
                state <- folder state (4 * b + 1) words.B

            if left > 2 then
                state <- folder state (4 * b + 2) words.C

            if left > 3 then
                state <- folder state (4 * b + 3) words.D

        state

    let private check (count: int64) =
        if count < 0L || count > int64 Array.MaxLength then
            Refused.because $"Key: {count} random words were asked for, expected 0 to {Array.MaxLength}."

    /// The first `count` words of the key's stream, 32 random bits each. Raises `RefusedException` for a count below 0.
    let words count key =
        check (int64 count)
        let words = Array.zeroCreate count
        fold 0UL count key () (fun () i word -> words[i] <- word)
        words

    /// A word as an integer in [0, bound), by Lemire's multiplication; the bias is below bound / 2^32.
    let inline internal below (bound: uint32) (word: uint32) = int ((uint64 word * uint64 bound) >>> 32)

    /// `count` integers, uniform in [0, bound). Raises `RefusedException` for a bound below 1.
    let integers bound count key =
        if bound < 1 then
            Refused.because $"Key.integers: the bound is {bound}, expected at least 1."

        words count key |> Array.map (below (uint32 bound))

    /// `count` numbers, uniform in [0, 1), each a multiple of 2^-24.
    let uniform count key = words count key |> Array.map (fun word -> float32 (word >>> 8) / 16777216.0f)

    /// `count` numbers from the normal distribution of mean 0 and variance 1 (Box and Muller, "A note on the generation of
    /// random normal deviates", 1958): all within 6.67 of 0, as no uniform number is below 2^-32. Raises `RefusedException` for a count
    /// below 0 or of more words, two each, than an array can hold.
    let normal count key =
        check (2L * int64 count)
        let uniforms = words (2 * count) key

        Array.init count (fun i ->
            let u = (float uniforms[2 * i] + 1.0) / 4294967296.0
            let angle = 2.0 * Math.PI * float uniforms[2 * i + 1] / 4294967296.0
            float32 (sqrt (-2.0 * log u) * cos angle))
