namespace Interp

/// How far the trainings of one kind, a variant at a setting, have come.
type GroupStanding = {
    /// The trainings that count are those of so many seeds, from the first on.
    Seeds: int
    /// Whether no more are wanted.
    Closed: bool
}

/// When a survey that goes on until its claims are decided has enough trainings of a kind. What counts is a function of what the trainings came to,
/// in the order of their seeds; who did them, and which were done first, is of no account.
module Deciding =

    /// The seed, counted from 1, by which a claim is decided: its confidence sequence excludes one half. None where it never is.
    let private decidedBy (outcomes: Map<Quantity, float> option list) (claim: Claim) : int option =
        let trials =
            outcomes
            |> List.indexed
            |> List.choose (fun (i, outcome) ->
                outcome
                |> Option.map (fun measured -> i + 1, (Claim.judge measured claim).Verdict)
                |> Option.filter (fun (_, verdict) -> verdict <> NotMeasured))

        let intervals = trials |> List.map (fun (_, verdict) -> verdict = Holds) |> ConfidenceSequence.running

        List.zip (List.map fst trials) intervals.Tail
        |> List.tryPick (fun (seed, interval) -> if SurveySummary.verdict interval = Undecided then None else Some seed)

    /// What trainings of one kind come to, in the order of their seeds and without a gap: a result, or none for one that failed, which is no trial of
    /// any claim. They are enough at the first seed by which all of the claims are decided, and where there are `most`.
    let standing (most: int) (claims: Claim list) (outcomes: SurveyResult option list) : GroupStanding =
        let measured = outcomes |> List.map (Option.map (_.Quantities >> Map.ofList))
        let decided = claims |> List.map (decidedBy measured)

        if not outcomes.IsEmpty && List.forall Option.isSome decided then
            { Seeds = List.fold max 1 (List.choose id decided); Closed = true }
        else
            { Seeds = outcomes.Length; Closed = outcomes.Length >= most }
