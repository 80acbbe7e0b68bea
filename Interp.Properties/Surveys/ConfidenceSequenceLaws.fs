/// Intervals that may be looked at after every trial: by their formula, by the chance that they ever err (exactly, and in streams), and by how soon
/// they decide.
module Interp.Properties.ConfidenceSequenceLaws

open Expecto
open Interp
open Interp.Properties.Laws

/// Trials that a stream goes on for.
let private horizon = 250

/// The intervals of every count of successes in every number of trials up to the horizon.
let private intervals =
    lazy
        (Array.init (horizon + 1) (fun trials ->
            Array.init (trials + 1) (fun successes -> ConfidenceSequence.interval successes trials)))

/// The exact chance that a stream of a rate comes, within the horizon, to an interval for which `ends`, and the mean trial at which it ends
/// where it does (or the horizon): all streams at once, by their counts of successes.
let private stopped (ends: Interval -> bool) rate : float * float =
    let step (mass: float[], ended, time) trials =
        let next =
            Array.init (trials + 1) (fun successes ->
                (if successes > 0 then rate * mass[successes - 1] else 0.0)
                + (if successes < trials then (1.0 - rate) * mass[successes] else 0.0))

        let stopping = next |> Array.mapi (fun s m -> if ends (intervals.Value[trials][s]) then m else 0.0)
        let now = Array.sum stopping
        Array.map2 (-) next stopping, ended + now, time + float trials * now

    let rest, ended, time = List.fold step ([| 1.0 |], 0.0, 0.0) [ 1..horizon ]
    ended, time + float horizon * Array.sum rest

let private excludes rate (interval: Interval) = rate < interval.Low || interval.High < rate

let private decided (interval: Interval) = excludes 0.5 interval

let private stream rate count key = Key.uniform count key |> Array.map (fun u -> float u < rate) |> List.ofArray

/// From 0 to 1.
let private anyRate key = Key.uniform 1 key |> Array.head |> float

let private formula =
    testList "formula" [
        law
            200
            "the evidence is a martingale: whatever has been seen, the next trial changes it by nothing on average"
            (fun key ->
                let trials = integer 0 60 1 key
                let successes = integer 0 trials 2 key
                let rate = 0.01 + 0.98 * anyRate key
                let after successes = exp (ConfidenceSequence.evidence successes (trials + 1) rate)
                let now = exp (ConfidenceSequence.evidence successes trials rate)

                // A hundred logarithms of magnitudes up to 5 are added.
                within
                    Tolerances.eigenvalues
                    now
                    "mean"
                    (rate * after (successes + 1) + (1.0 - rate) * after successes)
                    now

                Expect.equal (ConfidenceSequence.evidence 0 0 rate) 0.0 "it begins at 1")

        law 200 "an interval has its share, mirrors its complement, and ends where the evidence reaches 20" (fun key ->
            let trials = integer 1 400 1 key
            let successes = integer 0 trials 2 key
            let interval = ConfidenceSequence.interval successes trials
            let mirrored = ConfidenceSequence.interval (trials - successes) trials
            let share = float successes / float trials
            Expect.isTrue (interval.Low <= share && share <= interval.High) "contains"
            // Ends are rounded outwards to nine decimals.
            within Tolerances.sequenceEnds 1.0 "mirrored" interval.Low (1.0 - mirrored.High)
            Expect.equal (interval.Low = 0.0) (successes = 0) "none"
            Expect.equal (interval.High = 1.0) (successes = trials) "all"

            for rate in [ interval.Low; interval.High ] do
                if rate > 0.0 && rate < 1.0 then
                    let moved = Tolerances.sequenceEnds * float trials / (rate * (1.0 - rate))
                    within moved 1.0 "evidence" (ConfidenceSequence.evidence successes trials rate) (log 20.0))

        test "all of n: the lower end is the n-th root of the chance of such a stream under the mixture, over 20" {
            // (1/2)(3/4)(5/6)…(2 n - 1)/(2 n)
            let chance n = Seq.init n (fun i -> (2.0 * float i + 1.0) / (2.0 * float i + 2.0)) |> Seq.fold (*) 1.0

            for n in [ 1; 2; 7; 30 ] do
                let low = (0.05 * chance n) ** (1.0 / float n)
                within Tolerances.sequenceEnds 1.0 $"{n}" (ConfidenceSequence.interval n n).Low low

            Expect.isFalse (decided (ConfidenceSequence.interval 6 6)) "six of six say nothing yet"
            Expect.isTrue (decided (ConfidenceSequence.interval 7 7)) "seven of seven do"
        }

        test "no trials leave everything open; impossible counts raise" {
            Expect.equal (ConfidenceSequence.interval 0 0) { Low = 0.0; High = 1.0 } "no trials"
            Expect.equal (ConfidenceSequence.running []) [ { Low = 0.0; High = 1.0 } ] "before the first"
            Expect.equal (ConfidenceSequence.ofTrials []) { Low = 0.0; High = 1.0 } "nothing"
            Expect.throwsT<RefusedException> (fun () -> ConfidenceSequence.interval 3 2 |> ignore) "three of two"
            Expect.throwsT<RefusedException> (fun () -> ConfidenceSequence.interval -1 2 |> ignore) "minus one"
        }
    ]

let private streams =
    testList "streams" [
        law 30 "intervals of a stream are what those of its beginnings have in common, and never widen" (fun key ->
            let trials = stream (anyRate key) (integer 1 120 1 key) (Key.split 2UL key)
            let running = ConfidenceSequence.running trials
            Expect.equal running.Length (trials.Length + 1) "one before, and one for each trial"
            Expect.equal (List.last running) (ConfidenceSequence.ofTrials trials) "the last"

            let alone =
                List.init trials.Length (fun i ->
                    let first = List.truncate (i + 1) trials
                    ConfidenceSequence.interval (first |> List.filter id |> List.length) (i + 1))

            let low, high = alone |> List.map _.Low |> List.max, alone |> List.map _.High |> List.min

            if low <= high then
                within Tolerances.sequenceEnds 1.0 "low" (List.last running).Low low
                within Tolerances.sequenceEnds 1.0 "high" (List.last running).High high

            for earlier, later in List.pairwise running do
                Expect.isTrue (earlier.Low <= later.Low && later.High <= earlier.High) "narrower"
                Expect.isTrue (later.Low <= later.High) "never empty")

        // Exact for the horizon, so that nothing is allowed for.
        for rate in [ 0.001; 0.1; 0.3; 0.5; 0.62; 0.8; 0.999 ] do
            test $"of rate {rate} are ever wrong with a chance of 5 in 100 at most" {
                let wrong, _ = stopped (excludes rate) rate
                Expect.isLessThanOrEqual wrong ConfidenceSequence.level "the chance"
            }

        test
            "that somebody looks at after every trial are wrong in 5 of 100 at most; Wilson's intervals are in many more" {
            let count = 400

            let wrong rate (holds: bool list -> bool) =
                List.init count (fun i -> stream rate horizon (Key.ofSeed (uint64 i)))
                |> List.filter (holds >> not)
                |> List.length
                |> float

            let wilson (trials: bool list) =
                trials
                |> List.scan (fun (s, n) success -> (if success then s + 1 else s), n + 1) (0, 0)
                |> List.forall (fun (s, n) -> not (excludes 0.5 (Statistics.wilson s n)))

            // The binomial's: a stream that is wrong with a chance of 0.05 or less.
            let most = 0.05 * float count + Tolerances.standardErrors * sqrt (0.05 * 0.95 * float count)

            for rate in [ 0.5; 0.85 ] do
                let found = wrong rate (ConfidenceSequence.ofTrials >> excludes rate >> not)
                Expect.isLessThanOrEqual found most $"streams of rate {rate}"

            Expect.isGreaterThan (wrong 0.5 wilson) most "with Wilson's"
        }

        test "decide sooner the further their rate is from one half, and hardly ever at one half" {
            let times = [ 0.6; 0.65; 0.7; 0.8; 0.9; 0.99; 1.0 ] |> List.map (stopped decided >> snd)
            Expect.equal (List.sortDescending times) times "mean trials until it is decided"
            Expect.equal (List.last times) 7.0 "where it always holds"
            let within', _ = stopped decided 0.7
            Expect.isGreaterThan within' 0.95 "at 0.7 it is decided within the horizon"

            for rate in [ 0.7; 0.95 ] do
                within
                    Tolerances.eigenvalues
                    1.0
                    "mirrored"
                    (snd (stopped decided (1.0 - rate)))
                    (snd (stopped decided rate))
        }
    ]

[<Tests>]
let tests = testList "Confidence sequence" [ formula; streams ]
