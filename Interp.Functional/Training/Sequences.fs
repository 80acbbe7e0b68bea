namespace Interp

/// The data: a random pattern of letters (letters may repeat), repeated.
module Sequences =

    // Children of a seed's key: one for each use, so that no two uses share random numbers.
    let private weightsKey, private trainingKey, private heldOutKey = 0UL, 1UL, 2UL

    /// The key of the weights before training.
    let internal initialKey (seed: uint64) = Key.ofSeed seed |> Key.split weightsKey

    /// The key of the batch of step `step`, counted from 0.
    let internal batchKey (seed: uint64) (step: int) =
        Key.ofSeed seed |> Key.split trainingKey |> Key.split (uint64 step)

    let private heldOut seed = Key.ofSeed seed |> Key.split heldOutKey

    /// The pattern number `index` of a key's stream, written by `set`.
    let inline private pattern (c: Configuration) key index ([<InlineIfLambda>] set: int -> int -> unit) =
        let vocabulary = uint32 c.Architecture.Vocabulary
        let blocks = (c.BlockLength + 3) / 4

        Key.fold (uint64 index * uint64 blocks) c.BlockLength key () (fun () i word ->
            set i (Key.below vocabulary word))

    let private sequence (c: Configuration) key index =
        let letters = Array.zeroCreate c.BlockLength
        pattern c key index (fun i letter -> letters[i] <- letter)
        Tokens.ofArray (Array.init c.Length (fun position -> letters[position % c.BlockLength]))

    /// The sequences of training step `step` (counted from 0): a pure function of the seed and the step.
    let batch (c: Configuration) (step: int) : Tokens list =
        let key = batchKey c.Seed step
        List.init c.Batch (sequence c key)

    /// Sequences that no training batch of this seed shares random numbers with.
    let heldOutBatch (c: Configuration) (seed: uint64) (count: int) : Tokens list =
        let key = heldOut seed
        List.init count (sequence c key)

    /// Sixteen sequences of a batch straight into the lanes of an operand [pos].
    let internal fill (c: Configuration) key shard (operand: Operand) =
        for lane in 0 .. Schedule.lanes - 1 do
            pattern c key (shard * Schedule.lanes + lane) (fun i letter ->
                operand.Buffer[operand.Offset + i * Schedule.lanes + lane] <- float32 letter)

        let block = c.BlockLength * Schedule.lanes

        for repetition in 1 .. c.Blocks - 1 do
            System.Array.Copy(
                operand.Buffer,
                operand.Offset,
                operand.Buffer,
                operand.Offset + repetition * block,
                block
            )
