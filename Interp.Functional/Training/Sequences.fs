namespace Interp

/// Which sequences a step, or a measure, looks at.
module Sequences =

    // Children of a seed's key: one for each use, so that no two uses share random numbers.
    let private weightsChild, private trainingChild, private heldOutChild = 0UL, 1UL, 2UL

    /// The key of the weights before training.
    let internal initialKey (seed: uint64) = Key.ofSeed seed |> Key.split weightsChild

    /// The key of the batch of step `step`, counted from 0.
    let internal batchKey (seed: uint64) (step: int) =
        Key.ofSeed seed |> Key.split trainingChild |> Key.split (uint64 step)

    /// The key of the held-out sequences of a seed.
    let internal heldOutKey (seed: uint64) = Key.ofSeed seed |> Key.split heldOutChild

    /// The `count` sequences of training step `step` (counted from 0): a pure function of the seed and the step.
    let batch (task: Task) (count: int) (seed: uint64) (step: int) : Tokens list =
        let key = batchKey seed step
        List.init count (Task.sequence task key)

    /// Sequences of a task that no training batch of the reference's seed shares random numbers with, and of those that the task holds out
    /// where it does. Raises `RefusedException` for a number of sequences below 0.
    let heldOut (task: Task) (reference: Reference) : Tokens list =
        if reference.Sequences < 0 then
            Refused.because $"The number of sequences is {reference.Sequences}, expected at least 1."

        let key = heldOutKey reference.Seed
        List.init reference.Sequences (Task.sequence (Task.heldOut task) key)

    /// Held-out sequence number i of a seed, written into places [pos].
    let internal heldOutWriter (task: Task) (seed: uint64) : int -> int[] -> unit =
        (Task.heldOut task).Write(heldOutKey seed)

    /// Held-out sequences as rows of letters: [sequence] of [pos].
    let internal heldOutRows (task: Task) (reference: Reference) : float32[][] =
        let write = heldOutWriter task reference.Seed
        let places = Array.zeroCreate task.Length

        Array.init reference.Sequences (fun i ->
            write i places
            Array.map float32 places)

    /// Sixteen sequences of a batch straight into the lanes of an operand [pos], by way of `places` [pos].
    let internal fill (task: Task) key (places: int[]) shard (operand: Operand) =
        for lane in 0 .. Ordering.lanes - 1 do
            task.Write key (shard * Ordering.lanes + lane) places

            for position in 0 .. places.Length - 1 do
                operand.Buffer[operand.Offset + position * Ordering.lanes + lane] <- float32 places[position]
