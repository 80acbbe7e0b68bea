namespace Interp

open System

/// Intervals for a rate that may be looked at after every trial: in 95 of 100 streams of trials, whatever their rate, the true rate is in
/// all of the stream's intervals at once, however long it goes on and whenever somebody stops. (A 95 % interval for a fixed number of
/// trials that is looked at again and again excludes the true rate sooner or later.)
///
/// The method is a mixture (Robbins 1970, "Statistical methods related to the law of the iterated logarithm"; Howard, Ramdas, McAuliffe
/// and Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences"; as a bet, Waudby-Smith and Ramdas 2024, "Estimating
/// means of bounded random variables by betting"). With rate p, s successes and f failures, the likelihood of other rates, averaged
/// over Beta(1/2, 1/2) (Krichevsky and Trofimov 1981), over that of p,
///
///     M(p) = B(s + 1/2, f + 1/2) / B(1/2, 1/2) / (p^s (1 - p)^f),
///
/// is a martingale that begins at 1 and stays above 0; so it ever reaches 1 / 0.05 with a chance of 0.05 at most (Ville 1939). The
/// interval has the rates at which it has not.
module ConfidenceSequence =

    /// The chance that a stream's intervals ever exclude the true rate is at most this.
    let level = 0.05

    /// Ends are rounded outwards to so many decimals: what the last bits of a logarithm are on some machine never shows.
    let private decimals = 1e9

    /// log B(s + 1/2, f + 1/2) - log B(1/2, 1/2): the chance of one such stream under the mixture, each next trial's being (s + 1/2) / (s + f + 1).
    let private mixture successes failures =
        let halves count = Seq.init count (fun i -> log (float i + 0.5)) |> Seq.sum
        let all = Seq.init (successes + failures) (fun i -> log (float i + 1.0)) |> Seq.sum
        halves successes + halves failures - all

    let private check successes trials =
        if successes < 0 || successes > trials then
            Refused.because $"{successes} successes in {trials} trials are impossible."

    /// `count * log rate`, 0 log 0 being 0.
    let private power count rate = if count = 0 then 0.0 else float count * log rate

    /// log M(p) after so many trials: how much the trials speak against the rate `p`. Raises `RefusedException` for successes that are
    /// negative or more than the trials.
    let evidence (successes: int) (trials: int) (p: float) : float =
        check successes trials
        let failures = trials - successes
        mixture successes failures - power successes p - power failures (1.0 - p)

    /// Where the evidence crosses the bound, between a rate that is inside and one that is not.
    let private crossing (excluded: float -> bool) inside outside =
        // Halved until nothing that is shown changes.
        let rec halve inside outside =
            let middle = 0.5 * (inside + outside)

            if abs (inside - outside) < 0.01 / decimals then outside
            elif excluded middle then halve inside middle
            else halve middle outside

        halve inside outside

    let private everything = { Low = 0.0; High = 1.0 }

    let private solved mixed successes trials =
        if trials = 0 then
            everything
        else
            let failures = trials - successes

            // log M is convex in p and least at the share.
            let excluded p = mixed - power successes p - power failures (1.0 - p) >= -log level
            let share = float successes / float trials

            {
                Low =
                    if successes = 0 then
                        0.0
                    else
                        floor (decimals * crossing excluded share 0.0) / decimals
                High =
                    if failures = 0 then
                        1.0
                    else
                        ceil (decimals * crossing excluded share 1.0) / decimals
            }

    /// The interval after so many trials, from these alone: the rates p with M(p) < 20. From 0 to 1 for no trials. Raises
    /// `RefusedException` for successes that are negative or more than the trials.
    let interval (successes: int) (trials: int) : Interval =
        check successes trials
        solved (mixture successes (trials - successes)) successes trials

    /// What two intervals of one stream have in common. Were that nothing, which a stream comes to only after it has excluded the
    /// true rate, the earlier one stands.
    let private both (earlier: Interval) (later: Interval) =
        let low, high = max earlier.Low later.Low, min earlier.High later.High
        if low <= high then { Low = low; High = high } else earlier

    /// The intervals of a stream of trials, true for a success: before the first, after it, after the second, and so on. Each is what all up to there have
    /// in common, which is as safe and never widens: what is outside once stays outside.
    let running (trials: bool list) : Interval list =
        let next (mixed, successes, count) success =
            let alike = if success then successes else count - successes
            mixed + log ((float alike + 0.5) / (float count + 1.0)), successes + (if success then 1 else 0), count + 1

        trials
        |> List.scan next (0.0, 0, 0)
        |> List.tail
        |> List.map (fun (mixed, successes, count) -> solved mixed successes count)
        |> List.scan both everything

    /// The last of `running`: all that a stream says.
    let ofTrials (trials: bool list) : Interval = List.last (running trials)
