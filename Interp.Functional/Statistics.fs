namespace Interp

/// An estimate with the interval that holds the true value in 95 of 100 repetitions.
type Interval = { Low: float; High: float }

/// The little statistics that many trainings call for.
module Statistics =

    // The standard normal's 97.5th percentile.
    let private z = 1.959963984540054

    let mean (values: float[]) = Array.average values

    let median (values: float[]) = Baseline.percentile 0.5 (Array.sort values)

    /// Wilson's 95 % interval for a share of `successes` in `trials` (Wilson 1927). Everything from 0 to 1 for no trials.
    let wilson (successes: int) (trials: int) : Interval =
        if successes < 0 || successes > trials then
            Shape.fail $"{successes} successes in {trials} trials are impossible."

        if trials = 0 then
            { Low = 0.0; High = 1.0 }
        else
            let n, p = float trials, float successes / float trials
            let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n)
            let half = z / (1.0 + z * z / n) * sqrt (p * (1.0 - p) / n + z * z / (4.0 * n * n))

            // None and all are exact ends; rounding must not move them.
            {
                Low = if successes = 0 then 0.0 else max 0.0 (centre - half)
                High = if successes = trials then 1.0 else min 1.0 (centre + half)
            }

    let private resample (values: float[]) key =
        Key.integers values.Length values.Length key |> Array.map (fun i -> values[i])

    /// The percentile bootstrap's 95 % interval of a statistic (Efron 1979), from `repetitions` resamples drawn with the key.
    let bootstrap (repetitions: int) (statistic: float[] -> float) (values: float[]) (key: Key) : Interval =
        if values.Length = 0 || repetitions < 1 then
            Shape.fail "A bootstrap wants at least one value and one repetition."

        let drawn =
            Array.init repetitions (fun i -> statistic (resample values (Key.split (uint64 i) key)))
            |> Array.sort

        { Low = Baseline.percentile 0.025 drawn; High = Baseline.percentile 0.975 drawn }

    /// The percentile bootstrap's 95 % interval of the difference of two independent groups' means, `a` minus `b`.
    let bootstrapDifference (repetitions: int) (a: float[]) (b: float[]) (key: Key) : Interval =
        let drawn =
            Array.init repetitions (fun i ->
                let key = Key.split (uint64 i) key
                mean (resample a (Key.split 0UL key)) - mean (resample b (Key.split 1UL key)))
            |> Array.sort

        { Low = Baseline.percentile 0.025 drawn; High = Baseline.percentile 0.975 drawn }

    /// A random order of 0 .. count - 1.
    let private shuffle count key =
        Key.words count key |> Array.indexed |> Array.sortBy (fun (i, word) -> word, i) |> Array.map fst

    /// How often a random split of all values in two groups of these sizes has means at least as far apart: the two-sided
    /// p value of a permutation test, the observed split counted as one of them (Phipson and Smyth 2010).
    let permutationTest (repetitions: int) (a: float[]) (b: float[]) (key: Key) : float =
        let all = Array.append a b
        let observed = abs (mean a - mean b)
        // What rounding may take from a difference of equal size.
        let slack = 1e-12 * (1.0 + observed)

        let asFar =
            Seq.init repetitions (fun i -> shuffle all.Length (Key.split (uint64 i) key))
            |> Seq.filter (fun order ->
                let split = order |> Array.map (fun i -> all[i])
                abs (mean (Array.take a.Length split) - mean (Array.skip a.Length split)) >= observed - slack)
            |> Seq.length

        float (asFar + 1) / float (repetitions + 1)

    /// p values corrected for their number, in their order (Holm 1979).
    let holm (values: float list) : float list =
        let count = values.Length

        let corrected =
            values
            |> List.indexed
            |> List.sortBy snd
            |> List.mapi (fun rank (place, p) -> place, min 1.0 (float (count - rank) * p))

        // No larger p gets a smaller correction.
        let running = corrected |> List.map snd |> List.scan max 0.0 |> List.tail

        List.zip (List.map fst corrected) running |> List.sortBy fst |> List.map snd
