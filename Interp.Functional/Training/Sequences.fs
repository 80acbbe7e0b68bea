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

    /// The pattern number `index` of a key's stream, written by `set`.
    let inline private pattern (task: Task) key index ([<InlineIfLambda>] set: int -> int -> unit) =
        let letters = uint32 task.Letters
        let words = (task.BlockLength + 3) / 4

        Key.fold (uint64 index * uint64 words) task.BlockLength key () (fun () i word -> set i (Key.below letters word))

    let private sequence (task: Task) key index =
        let letters = Array.zeroCreate task.BlockLength
        pattern task key index (fun i letter -> letters[i] <- letter)
        Tokens.ofArray (Array.init task.Length (fun position -> letters[position % task.BlockLength]))

    /// The sequences of training step `step` (counted from 0): a pure function of the seed and the step.
    let batch (c: Configuration) (step: int) : Tokens list =
        let key = batchKey c.Seed step
        List.init c.Batch (sequence c.Task key)

    /// Sequences of a task that no training batch of the reference's seed shares random numbers with. Raises `RefusedException` for a
    /// number of sequences below 0.
    let heldOut (task: Task) (reference: Reference) : Tokens list =
        if reference.Sequences < 0 then
            Refused.because $"The number of sequences is {reference.Sequences}, expected at least 1."

        let key = Key.ofSeed reference.Seed |> Key.split heldOutKey
        List.init reference.Sequences (sequence task key)

    /// Sixteen sequences of a batch straight into the lanes of an operand [pos].
    let internal fill (task: Task) key shard (operand: Operand) =
        for lane in 0 .. Ordering.lanes - 1 do
            pattern task key (shard * Ordering.lanes + lane) (fun i letter ->
                operand.Buffer[operand.Offset + i * Ordering.lanes + lane] <- float32 letter)

        let block = task.BlockLength * Ordering.lanes

        for repetition in 1 .. task.Blocks - 1 do
            System.Array.Copy(
                operand.Buffer,
                operand.Offset,
                operand.Buffer,
                operand.Offset + repetition * block,
                block
            )
