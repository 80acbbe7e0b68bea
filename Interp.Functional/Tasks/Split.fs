namespace Interp

open System

/// A task whose inputs are few enough to be dealt out: some are trained on, the others held out.
module internal Split =

    // 64 MB.
    let private mostTokens = 1UL <<< 24

    /// All inputs in a random order (Fisher and Yates' shuffle, as in Durstenfeld, "Random permutation", 1964), one behind the other.
    let private shuffled (inputs: Inputs) length (key: Key) : int[] =
        let count = int inputs.Count
        let order = Array.init count id

        Key.words count key
        |> Array.iteri (fun i word ->
            let last = count - 1 - i
            let other = Key.below (uint32 (last + 1)) word
            let kept = order[last]
            order[last] <- order[other]
            order[other] <- kept)

        let all = Array.zeroCreate (count * length)

        order
        |> Array.iteri (fun i input -> Array.Copy(inputs.Nth(uint64 input), 0, all, i * length, length))

        all

    /// Sequence number `index`: one of `count` inputs from number `first` on.
    let private write (all: Lazy<int[]>) first count key index (places: int[]) =
        let input = first + Key.below (uint32 count) (Key.block (uint64 index) key).A
        Array.Copy(all.Value, input * places.Length, places, 0, places.Length)

    /// The entropy of each token given those before it, among the first `count` inputs.
    let private floor (all: int[]) length count : Floor =
        let rows = Array.init count (fun i -> all[i * length .. (i + 1) * length - 1])

        let entropy places =
            rows
            |> Array.countBy (fun row -> List.ofArray row[.. places - 1])
            |> Array.sumBy (fun (_, n) -> let p = float n / float count in -p * log p)

        {
            PerPosition =
                List.init length (fun i -> entropy (i + 1))
                |> List.pairwise
                |> List.map (fun (before, after) -> max 0.0 (after - before))
            StandardError = 0.0
        }

    /// `percent` of a task's inputs, drawn by a seed, are what it trains on; its `Inputs` are all of them. Raises `RefusedException` where its inputs are no list, or too long a one.
    let task (name: string) percent seed (whole: Task) : Task =
        let example = "for example \"add 113\""

        match whole.Inputs |> Option.filter _.Probability.IsNone with
        | None ->
            Refused.because
                $"The task \"{Quote.line whole.Name}\" has no list of inputs to split, expected one that has, {example}."
        | Some inputs when inputs.Count > mostTokens / uint64 whole.Length ->
            Refused.because
                $"The task \"{Quote.line whole.Name}\" has {inputs.Count} inputs, expected at most {mostTokens / uint64 whole.Length} to split, {example}."
        | Some inputs ->
            let count = int inputs.Count
            let trained = max 1 (min (count - 1) (int (int64 count * int64 percent / 100L)))
            let all = lazy shuffled inputs whole.Length (Key.ofSeed seed |> Key.split 1002UL)

            {
                whole with
                    Name = name
                    Write = write all 0 trained
                    HeldOut = Some(write all trained (count - trained))
                    Floor = lazy Some(floor all.Value whole.Length trained)
            }
