/// Intervals, tests and corrections: against published examples, against plain enumeration, and by their laws.
module Interp.Properties.StatisticsLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private values count use' key = normal [ count ] use' key |> floats

let private sure (interval: Interval) = [ interval.Low; interval.High ]

let private wilson =
    testList "Wilson" [
        // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
        for successes, trials, low, high in
            [ 81, 263, 0.2553, 0.3662; 15, 148, 0.0624, 0.1605; 0, 20, 0.0, 0.1611; 1, 29, 0.0061, 0.1718 ] do
            test $"{successes} of {trials} is as published" {
                let interval = Statistics.wilson successes trials
                within Tolerances.fourDecimals 1.0 "low" interval.Low low
                within Tolerances.fourDecimals 1.0 "high" interval.High high
            }

        law 200 "it lies in [0, 1], contains the share, and mirrors its complement" (fun key ->
            let trials = integer 1 1000 1 key
            let successes = integer 0 trials 2 key
            let interval = Statistics.wilson successes trials
            let mirrored = Statistics.wilson (trials - successes) trials
            let share = float successes / float trials
            Expect.isGreaterThanOrEqual interval.Low 0.0 "low"
            Expect.isLessThanOrEqual interval.High 1.0 "high"
            Expect.isTrue (interval.Low <= share && share <= interval.High) "contains"
            within Tolerances.doubles 1.0 "mirrored" interval.Low (1.0 - mirrored.High))

        law 200 "more successes move both ends up, more trials of the same share draw them together" (fun key ->
            let trials = integer 1 500 1 key
            let successes = integer 0 (trials - 1) 2 key
            let interval, more = Statistics.wilson successes trials, Statistics.wilson (successes + 1) trials
            Expect.isTrue (interval.Low < more.Low && interval.High < more.High) "more successes"
            let twice = Statistics.wilson (2 * successes) (2 * trials)
            Expect.isLessThan (twice.High - twice.Low) (interval.High - interval.Low) "more trials")

        // Its ends are where the score test just rejects: |share - p| = z sqrt(p (1 - p) / n).
        law 100 "its ends solve the score test's equation" (fun key ->
            let trials = integer 2 400 1 key
            let successes = integer 1 (trials - 1) 2 key
            let share = float successes / float trials

            for p in sure (Statistics.wilson successes trials) do
                let z = abs (share - p) / sqrt (p * (1.0 - p) / float trials)
                within Tolerances.eigenvalues 1.0 "the normal quantile" z 1.959963984540054)

        test "no trials leave everything open; impossible counts raise" {
            Expect.equal (Statistics.wilson 0 0) { Low = 0.0; High = 1.0 } "no trials"
            Expect.throwsT<RefusedException> (fun () -> Statistics.wilson 3 2 |> ignore) "three of two"
            Expect.throwsT<RefusedException> (fun () -> Statistics.wilson -1 2 |> ignore) "minus one"
        }
    ]

/// Survival in days of treated mice: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), table 2.1.
let private mice = [| 94.0; 197.0; 16.0; 38.0; 99.0; 141.0; 23.0 |]

/// Every resample of a few values.
let rec private resamples (values: float[]) count : float list list =
    if count = 0 then
        [ [] ]
    else
        [
            for rest in resamples values (count - 1) do
                for value in values -> value :: rest
        ]

let private bootstrap =
    testList "bootstrap" [
        test "the mean of the treated mice has the published interval" {
            // Table 13.1: the 2.5th and 97.5th percentiles of 1,000 replications.
            let interval = Statistics.bootstrapMean 100000 mice (Key.ofSeed 1UL)
            within Tolerances.miceLow 1.0 "low" interval.Low 45.9
            within Tolerances.miceHigh 1.0 "high" interval.High 135.4
        }

        law 10 "its ends are percentiles of all resamples there are" (fun key ->
            let values = values 5 1 key

            let all = resamples values 5 |> List.map List.average |> List.sort |> Array.ofList

            let interval = Statistics.bootstrapMean 20000 values key
            let below bound = NullDistribution.standing bound all
            within Tolerances.resampledShare 1.0 "share below" (below interval.Low) 0.025
            within Tolerances.resampledShare 1.0 "share above" (1.0 - below interval.High) 0.025)

        law 40 "the mean's short way gives the same bits" (fun key ->
            let values = values (integer 1 30 1 key) 2 key

            Expect.equal
                (Statistics.bootstrapMean 50 values key)
                (Statistics.bootstrap 50 Statistics.mean values key)
                "interval")

        law 60 "shift and scale carry over; the key decides" (fun key ->
            let values = values (integer 2 30 1 key) 2 key
            let shift, scale = float (integer -50 50 3 key), float (integer 1 9 4 key)

            for statistic in [ Statistics.mean; Statistics.median ] do
                let interval = Statistics.bootstrap 100 statistic values key
                let moved = Statistics.bootstrap 100 statistic (values |> Array.map (fun x -> shift + scale * x)) key
                Expect.equal (Statistics.bootstrap 100 statistic values key) interval "again"

                for moved, plain in List.zip (sure moved) (sure interval) do
                    within Tolerances.doubles 100.0 "moved" moved (shift + scale * plain))

        law 40 "groups change sides with the difference's sign; equal values leave no doubt" (fun key ->
            let a, b = values 9 1 key, values 9 2 key
            let interval = Statistics.bootstrapDifference 200 a b key
            let negated = Array.map (~-)
            let other = Statistics.bootstrapDifference 200 (negated a) (negated b) key
            within Tolerances.doubles 10.0 "low" other.Low -interval.High
            within Tolerances.doubles 10.0 "high" other.High -interval.Low

            Expect.equal
                (Statistics.bootstrapDifference 20 (Array.create 5 2.5) (Array.create 7 1.5) key)
                { Low = 1.0; High = 1.0 }
                "equal values")

        test "of 95 % intervals nearly 95 % hold the mean" {
            // For 40 normal values the percentile interval is that of sigma sqrt(1 - 1/n): it covers 93.5 %.
            let trials = 1500

            let hits =
                Seq.init trials (fun i ->
                    let key = Key.split (uint64 i) (Key.ofSeed 5UL)
                    let interval = Statistics.bootstrapMean 400 (values 40 1 key) (Key.split 0UL key)
                    if interval.Low <= 0.0 && 0.0 <= interval.High then 1 else 0)
                |> Seq.sum

            let error = Tolerances.standardErrors * sqrt (0.935 * 0.065 / float trials)
            within error 1.0 "coverage" (float hits / float trials) 0.935
        }

        test "no values raise" {
            Expect.throwsT<RefusedException>
                (fun () -> Statistics.bootstrapMean 10 [||] (Key.ofSeed 1UL) |> ignore)
                "no values"
        }
    ]

/// All choices of k of the values, as (chosen, left).
let rec private split values k =
    match values with
    | _ when k = 0 -> [ [], values ]
    | [] -> []
    | value :: rest ->
        (split rest (k - 1) |> List.map (fun (chosen, left) -> value :: chosen, left))
        @ (split rest k |> List.map (fun (chosen, left) -> chosen, value :: left))

/// The p value by its definition.
let private exact (a: float[]) (b: float[]) =
    let apart a b = abs (List.average a - List.average b)
    let observed = apart (List.ofArray a) (List.ofArray b)
    let splits = split (List.ofArray (Array.append a b)) a.Length
    let asFar = splits |> List.filter (fun (a, b) -> apart a b >= observed - Tolerances.doubles)
    float asFar.Length / float splits.Length

let private permutation =
    testList "permutation test" [
        law 60 "small groups get the share of all their splits" (fun key ->
            let a, b = values (integer 1 6 1 key) 2 key, values (integer 1 6 3 key) 4 key
            // Half of the cases with equal values.
            let rounded = if truth 5 key then Array.map round else id
            let a, b = rounded a, rounded b
            within Tolerances.doubles 1.0 "p" (Statistics.permutationTest 1000 a b key) (exact a b))

        law 10 "random splits come close to that" (fun key ->
            let a, b = values 6 1 key, values 7 2 key |> Array.map ((+) 0.8)
            let repetitions = 1500
            let p = exact a b

            let error =
                Tolerances.standardErrors * sqrt (p * (1.0 - p) / float repetitions) + 1.0 / float repetitions

            within error 1.0 "p" (Statistics.permutationTest repetitions a b key) p)

        law 40 "groups may change places, values their order and their zero" (fun key ->
            let a, b = values (integer 1 25 1 key) 2 key, values (integer 1 25 3 key) 4 key
            let p = Statistics.permutationTest 200 a b key
            Expect.equal (Statistics.permutationTest 200 b a key) p "places"
            Expect.equal (Statistics.permutationTest 200 (Array.rev a) (Array.rev b) key) p "order"
            // A power of two, which loses no bit of numbers of this size but the last.
            let shifted = Array.map ((+) 16.0)
            Expect.equal (Statistics.permutationTest 200 (shifted a) (shifted b) key) p "zero"
            Expect.isTrue (p > 0.0 && p <= 1.0) "a share, never 0")

        test "where nothing differs, p below a bound is as frequent as the bound" {
            let trials = 1000

            let ps =
                List.init trials (fun i ->
                    let key = Key.split (uint64 i) (Key.ofSeed 6UL)
                    Statistics.permutationTest 199 (values 12 1 key) (values 9 2 key) (Key.split 0UL key))

            for bound in [ 0.05; 0.25; 0.5; 0.75 ] do
                let share = float (ps |> List.filter (fun p -> p <= bound) |> List.length) / float trials

                let error = Tolerances.standardErrors * sqrt (bound * (1.0 - bound) / float trials)
                within error 1.0 $"share of p up to {bound}" share bound
        }

        test "each value is as often chosen as any other" {
            // One value differs, among ten of thirty: a random split puts it in the smaller group in a third of the cases.
            let repetitions = 3000

            for odd in [ -1.0; 1.0 ] do
                let a = Array.init 10 (fun i -> if i = 3 then odd else 0.0)
                let p = Statistics.permutationTest repetitions a (Array.zeroCreate 20) (Key.ofSeed 2UL)
                let error = Tolerances.standardErrors * sqrt (2.0 / 9.0 / float repetitions)
                within error 1.0 "p" p (1.0 / 3.0)
        }

        test "groups far apart get the least p there is" {
            let a, b = Array.init 20 float, Array.init 20 (fun i -> 100.0 + float i)
            Expect.equal (Statistics.permutationTest 999 a b (Key.ofSeed 1UL)) 0.001 "of 1,000 splits the observed one"
        }

        test "equal values get 1; an empty group raises" {
            Expect.equal
                (Statistics.permutationTest 99 (Array.create 9 0.1) (Array.create 8 0.1) (Key.ofSeed 1UL))
                1.0
                "equal"

            Expect.throwsT<RefusedException>
                (fun () -> Statistics.permutationTest 99 [||] [| 1.0 |] (Key.ofSeed 1UL) |> ignore)
                "empty"
        }
    ]

let private shares use' key =
    Key.uniform (integer 0 20 use' key) (Key.split (uint64 (use' + 1)) key)
    |> Array.map float
    |> Array.toList

let private holm =
    testList "Holm" [
        test "a published example" {
            // The documentation of Pingouin's multicomp (Vallat, "Pingouin: statistics in Python", 2018).
            let corrected = Statistics.holm [ 0.50; 0.003; 0.32; 0.054; 0.0003 ]

            close Tolerances.doubles "corrected" (Array.ofList corrected) [| 0.64; 0.012; 0.64; 0.162; 0.0015 |]
        }

        law 200 "between the p value and 1, at most Bonferroni's, and never out of order" (fun key ->
            let ps = shares 1 key
            let corrected = Statistics.holm ps

            for p, corrected in List.zip ps corrected do
                Expect.isTrue (p <= corrected && corrected <= 1.0) "between"
                Expect.isLessThanOrEqual corrected (min 1.0 (float ps.Length * p)) "Bonferroni's"

            for (p, corrected), (q, other) in List.allPairs (List.zip ps corrected) (List.zip ps corrected) do
                if p < q then
                    Expect.isLessThanOrEqual corrected other "order")

        law 100 "in another order it gives the same in that order" (fun key ->
            let ps = shares 1 key
            Expect.equal (Statistics.holm (List.rev ps)) (List.rev (Statistics.holm ps)) "reversed"
            let turned (list: float list) = if list.IsEmpty then list else list.Tail @ [ list.Head ]
            Expect.equal (Statistics.holm (turned ps)) (turned (Statistics.holm ps)) "turned")

        // Holm's own words: reject in order while p <= bound / (tests left).
        law 100 "at any bound it rejects what stepping down rejects" (fun key ->
            let ps = shares 1 key
            let bound = 0.3

            let rejected =
                List.sort ps
                |> List.indexed
                |> List.takeWhile (fun (rank, p) -> float (ps.Length - rank) * p <= bound)
                |> List.length

            Expect.equal (Statistics.holm ps |> List.filter (fun p -> p <= bound) |> List.length) rejected "rejections")
    ]

let private unusual =
    let key = Key.ofSeed 1UL

    /// Every statistic of values, by name, as some of its numbers.
    let all: (string * (float[] -> float list)) list = [
        "mean", (fun x -> [ Statistics.mean x ])
        "median", (fun x -> [ Statistics.median x ])
        "percentile", (fun x -> [ NullDistribution.percentile 0.3 (Array.sort x) ])
        "distribution",
        (fun x ->
            let found = NullDistribution.ofSamples (Array.sort x)
            [ found.Mean; found.Std; found.P025; found.P975 ])
        "standing", (fun x -> [ NullDistribution.standing 0.5 (Array.sort x) ])
        "bootstrap", (fun x -> sure (Statistics.bootstrap 20 Statistics.median x key))
        "bootstrapMean", (fun x -> sure (Statistics.bootstrapMean 20 x key))
        "bootstrapDifference of the first", (fun x -> sure (Statistics.bootstrapDifference 20 x [| 1.0 |] key))
        "bootstrapDifference of the second", (fun x -> sure (Statistics.bootstrapDifference 20 [| 1.0 |] x key))
        "permutationTest of the first", (fun x -> [ Statistics.permutationTest 20 x [| 1.0; 2.0 |] key ])
        "permutationTest of the second", (fun x -> [ Statistics.permutationTest 20 [| 1.0; 2.0 |] x key ])
    ]

    testList "unusual values" [
        for name, statistic in all do
            law 40 $"{name} of NaN, of an infinity, or of nothing is refused" (fun key ->
                let values = values (integer 1 20 1 key) 2 key
                let wrong = one [ nan; infinity; -infinity ] 3 key
                let values = values |> Array.updateAt (integer 0 (values.Length - 1) 4 key) wrong
                Expect.throwsT<RefusedException> (fun () -> statistic values |> ignore) $"{wrong}"
                Expect.throwsT<RefusedException> (fun () -> statistic [||] |> ignore) "nothing")

            law 20 $"{name} of one value, of equal ones and of huge ones is finite" (fun key ->
                let x = values 1 2 key
                let huge = values 9 3 key |> Array.map (fun x -> float (sign x) * 1.7e308)
                let differs = name.StartsWith "bootstrapDifference"

                for values in [ x; Array.create 7 x[0]; (if differs then x else huge) ] do
                    Expect.all (statistic values) System.Double.IsFinite $"of {values}")

        test "what stands nowhere, and shares and p values that are none" {
            Expect.isTrue (System.Double.IsNaN(NullDistribution.standing nan [| 0.0; 1.0 |])) "a NaN's standing"

            Expect.isFalse
                (NullDistribution.stands (NullDistribution.compare [| 0.0; 1.0 |] nan))
                "a NaN does not stand"

            for share in [ nan; -0.1; 1.1; infinity ] do
                Expect.throwsT<RefusedException>
                    (fun () -> NullDistribution.percentile share [| 1.0 |] |> ignore)
                    "share"

                Expect.throwsT<RefusedException> (fun () -> Statistics.holm [ 0.5; share ] |> ignore) "p"

            Expect.throwsT<RefusedException>
                (fun () -> Statistics.bootstrap 9 (fun _ -> nan) [| 1.0 |] key |> ignore)
                "a statistic that is no number"
        }

        law 40 "scaled by a power of two a permutation test says the same" (fun key ->
            let a, b = values (integer 1 9 1 key) 2 key, values (integer 1 9 3 key) 4 key
            let scale = 2.0 ** float (integer -500 1000 5 key)
            let scaled = Array.map ((*) scale)

            Expect.equal
                (Statistics.permutationTest 100 (scaled a) (scaled b) key)
                (Statistics.permutationTest 100 a b key)
                "p")
    ]

[<Tests>]
let tests = testList "Statistics" [ wilson; bootstrap; permutation; holm; unusual ]
