namespace Interp

/// A 95 % interval of an estimate: intervals made so hold the true value in about 95 of 100 repetitions.
[<StructuredFormatDisplay("{Display}")>]
type Interval = {
    /// The lower end.
    Low: float
    /// The upper end.
    High: float
} with

    member internal this.Display = Display.line $"{Display.number this.Low} to {Display.number this.High}"


/// The little statistics that many trainings call for. Of no values, and of values one of which is NaN or infinite, none is taken:
/// `RefusedException` says which value it is.
module Statistics =

    // The standard normal's 97.5th percentile.
    let private z = 1.959963984540054

    /// The arithmetic mean.
    let mean (values: float[]) =
        Samples.check "A mean" values
        Samples.mean values

    /// The middle value, or the mean of the middle two.
    let median (values: float[]) =
        Samples.check "A median" values
        NullDistribution.percentile 0.5 (Array.sort values)

    /// Wilson's 95 % interval for a share of `successes` in `trials` (Wilson 1927). From 0 to 1 for no trials. Raises
    /// `RefusedException` for successes that are negative or more than the trials.
    let wilson (successes: int) (trials: int) : Interval =
        if successes < 0 || successes > trials then
            Refused.because $"{successes} successes in {trials} trials are impossible."

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

    /// `mean (resample values key)`, to the bit, without the arrays: summaries of a thousand trainings take millions of these.
    let private resampledMean (values: float[]) key =
        let bound = uint32 values.Length

        let total =
            Key.fold 0UL values.Length key 0.0 (fun total _ word -> total + values[Key.below bound word])

        let mean = total / float values.Length
        if System.Double.IsFinite mean then mean else Samples.mean (resample values key)

    let private checkBootstrap repetitions (values: float[]) =
        Samples.check "A bootstrap" values

        if repetitions < 1 then
            Refused.because $"A bootstrap wants at least one repetition, found {repetitions}."

    /// The interval of what `draw` gives for the keys 0 .. repetitions - 1.
    let private percentiles repetitions key (draw: Key -> float) =
        let drawn = Array.init repetitions (fun i -> draw (Key.split (uint64 i) key)) |> Array.sort
        Samples.check "An interval of a statistic of resamples" drawn

        { Low = NullDistribution.percentile 0.025 drawn; High = NullDistribution.percentile 0.975 drawn }

    /// The percentile bootstrap's 95 % interval of a statistic (Efron 1979), from `repetitions` resamples drawn with the key.
    /// Raises `RefusedException` for fewer than one repetition, and where the statistic of a resample is not finite.
    let bootstrap (repetitions: int) (statistic: float[] -> float) (values: float[]) (key: Key) : Interval =
        checkBootstrap repetitions values
        percentiles repetitions key (resample values >> statistic)

    /// `bootstrap repetitions mean`, to the bit, and faster; raises the same.
    let bootstrapMean (repetitions: int) (values: float[]) (key: Key) : Interval =
        checkBootstrap repetitions values
        percentiles repetitions key (resampledMean values)

    /// The percentile bootstrap's 95 % interval of the difference of two independent groups' means, `a` minus `b`.
    /// Raises `RefusedException` for an empty group or fewer than one repetition, and where the difference is beyond float64.
    let bootstrapDifference (repetitions: int) (a: float[]) (b: float[]) (key: Key) : Interval =
        checkBootstrap repetitions a
        checkBootstrap repetitions b

        percentiles repetitions key (fun key ->
            resampledMean a (Key.split 0UL key) - resampledMean b (Key.split 1UL key))

    /// Ways to choose `k` of `n`, as a float: it may be astronomical.
    let private choices n k = Seq.fold (fun ways i -> ways * float (n - i) / float (i + 1)) 1.0 (seq { 0 .. k - 1 })

    /// Of all choices of `k` values, how many have a sum that `counts`.
    let rec private countChoices (values: float list) k sum (counts: float -> bool) =
        match values with
        | _ when k = 0 -> if counts sum then 1 else 0
        | _ when values.Length < k -> 0
        | value :: rest -> countChoices rest (k - 1) (sum + value) counts + countChoices rest k sum counts
        | [] -> 0

    /// Of `repetitions` random choices of `k` values, how many have a sum that `counts`.
    let private countRandom repetitions (values: float[]) k key (counts: float -> bool) =
        // Shuffled as far as needed, again and again: any order will do to start from (Fisher and Yates; Durstenfeld 1964).
        let order = Array.copy values
        let mutable counted = 0

        for repetition in 0 .. repetitions - 1 do
            let key = Key.split (uint64 repetition) key

            let sum =
                Key.fold 0UL k key 0.0 (fun sum i word ->
                    let chosen = i + Key.below (uint32 (order.Length - i)) word
                    let value = order[chosen]
                    order[chosen] <- order[i]
                    order[i] <- value
                    sum + value)

            if counts sum then
                counted <- counted + 1

        counted

    /// How often a split of all values in two groups of these sizes has means at least as far apart: the two-sided p value of a
    /// permutation test. Over all splits where there are no more than `repetitions`; else over so many random ones, the observed
    /// split counted as one of them (Phipson and Smyth 2010). Raises `RefusedException` for an empty group
    /// or fewer than one repetition.
    let permutationTest (repetitions: int) (a: float[]) (b: float[]) (key: Key) : float =
        Samples.check "A permutation test's first group" a
        Samples.check "A permutation test's second group" b

        if repetitions < 1 then
            Refused.because $"A permutation test wants at least one repetition, found {repetitions}."

        // The same power of two out of all values changes no comparison, and no sum overflows.
        let all, _ = Samples.scaled (Array.append a b)
        let a, b = Array.splitAt a.Length all
        let centre = mean all
        let centred = Array.map (fun x -> x - centre)
        // Sorted, so that neither the groups' order nor their values' order matters.
        let all = Array.append a b |> centred |> Array.sort
        let k = min a.Length b.Length
        // All values sum to zero, so the means are as far apart as the smaller group's sum is from zero.
        let observed = centred (if a.Length <= b.Length then a else b) |> Array.sum |> abs
        // What rounding may take from a sum in another order: n roundoffs of the sum of magnitudes, for thousands of values.
        let slack = 1e-12 * Array.sumBy abs all
        let asFar sum = abs sum >= observed - slack
        let splits = choices all.Length k

        if splits <= float repetitions then
            float (countChoices (List.ofArray all) k 0.0 asFar) / splits
        else
            (float (countRandom repetitions all k key asFar) + 1.0) / (float repetitions + 1.0)

    /// p values corrected for their number, in their order (Holm 1979). Raises `RefusedException` for one outside of 0 to 1.
    let holm (values: float list) : float list =
        // Written so that NaN fails.
        match values |> List.tryFindIndex (fun p -> not (0.0 <= p && p <= 1.0)) with
        | Some i -> Refused.because $"The p value {i + 1} is {Quote.number values[i]}, expected a number from 0 to 1."
        | None -> ()

        let count = values.Length

        let corrected =
            values
            |> List.indexed
            |> List.sortBy snd
            |> List.mapi (fun rank (place, p) -> place, min 1.0 (float (count - rank) * p))

        // No larger p gets a smaller correction.
        let running = corrected |> List.map snd |> List.scan max 0.0 |> List.tail

        List.zip (List.map fst corrected) running |> List.sortBy fst |> List.map snd
