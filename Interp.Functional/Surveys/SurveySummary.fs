namespace Interp

open System

/// Trainings of one kind: a variant at one setting.
[<StructuredFormatDisplay("{Display}")>]
type Group = {
    /// The kind of model.
    Variant: Variant
    /// The swept fields' values; empty where nothing is swept.
    Setting: (Field * FieldValue) list
} with

    /// Whether the setting itself says what the variant's name does: its layers, or what is smeared.
    member this.SaysVariant =
        this.Setting |> List.exists (fun (field, _) -> field = Field.NLayers || field = Field.Smear)

    member internal this.Display = Display.line (this.ToString())

    /// "plain", "plain, d_head=4", "smear=queries".
    override this.ToString() =
        if this.Setting.IsEmpty then string this.Variant
        elif this.SaysVariant then Survey.settingName this.Setting
        else $"{this.Variant}, {Survey.settingName this.Setting}"

/// In how many trainings of a group a claim holds.
[<StructuredFormatDisplay("{Display}")>]
type ClaimResult = {
    /// Which.
    Claim: Claim
    /// Of which trainings.
    Group: Group
    /// Trainings in which it holds.
    Holds: int
    /// Trainings in which all that the claim asks for was measured.
    Trainings: int
    /// One sentence where it holds trainings against others of their seeds, and some have none beside them, which say nothing of it.
    Lacks: string option
    /// Of the share of such trainings in which it holds, 95 %, as the summary's `ClaimIntervals` says.
    Interval: Interval
} with

    member internal this.Display =
        Display.line
            $"{this.Claim.Name}, {this.Group}: {this.Holds} of {this.Trainings}, 95 %% {Display.percent this.Interval.Low} to {Display.percent this.Interval.High}"


/// How claims' intervals are made.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type ClaimIntervals =
    /// Wilson's (1927), for a number of trainings that was fixed before.
    | Wilson
    /// The last of a confidence sequence (`ConfidenceSequence`), for trainings that go on until something is decided.
    | Sequence

    member internal this.Display = Display.line (this.ToString())

    /// "Wilson", "confidence sequence"
    override this.ToString() =
        match this with
        | Wilson -> "Wilson"
        | Sequence -> "confidence sequence"

/// A quantity over the trainings of a group.
[<StructuredFormatDisplay("{Display}")>]
type QuantityResult = {
    /// Of which trainings.
    Group: Group
    /// Which.
    Quantity: Quantity
    /// Trainings in which it was measured and finite.
    Count: int
    /// Over those trainings.
    Mean: float
    /// Over those trainings.
    Median: float
    /// Percentile bootstrap (Efron 1979), 95 %, of the mean.
    Interval: Interval
} with

    member internal this.Display =
        Display.line
            $"{this.Quantity}, {this.Group}: mean {Display.number this.Mean} ({this.Interval.Display}), {this.Count} trainings"


/// A quantity in two groups.
[<StructuredFormatDisplay("{Display}")>]
type Comparison = {
    /// Which.
    Quantity: Quantity
    /// One group.
    First: Group
    /// The other.
    Second: Group
    /// The first group's mean minus the second's.
    Difference: float
    /// Percentile bootstrap (Efron 1979), 95 %, of the difference.
    Interval: Interval
    /// Of a permutation test, two-sided.
    P: float
    /// The same after Holm's correction (1979) for all comparisons of the study.
    CorrectedP: float
} with

    member internal this.Display =
        Display.line
            $"{this.Quantity}, {this.First} - {this.Second}: {Display.number this.Difference} ({this.Interval.Display}), p {Display.number this.CorrectedP}"


/// What the trainings so far say of a claim.
type Replication =
    /// It holds in most trainings: its interval lies above one half.
    | Replicates
    /// It fails in most trainings: its interval lies below one half.
    | DoesNotReplicate
    /// The interval holds one half: too few trainings to say.
    | Undecided

/// What many trainings say together.
[<StructuredFormatDisplay("{Display}")>]
type SurveySummary = {
    /// In how many trainings each holds.
    Claims: ClaimResult list
    /// How the intervals of these are made.
    ClaimIntervals: ClaimIntervals
    /// Their means.
    Quantities: QuantityResult list
    /// Between groups.
    Comparisons: Comparison list
} with

    member internal this.Display =
        $"{Display.count (int64 this.Claims.Length)} claims, {Display.count (int64 this.Quantities.Length)} quantities, {Display.count (int64 this.Comparisons.Length)} comparisons"
        :: (this.Claims |> List.map (fun claim -> "  " + claim.Display))
        |> Display.lines 24


/// Many trainings in a few numbers.
module SurveySummary =

    /// Resamples behind a bootstrap interval: its ends are then good to about a twentieth of its width.
    let resamples = 2000

    /// Splits behind each of so many permutation tests: the least p value, 1 / (splits + 1), stays below 0.05 when corrected for all of
    /// them.
    let splits comparisons = int (min (int64 System.Int32.MaxValue - 1L) (max 9999L (40L * int64 comparisons)))

    /// What a share's interval says.
    let verdict (interval: Interval) : Replication =
        if interval.Low > 0.5 then Replicates
        elif interval.High < 0.5 then DoesNotReplicate
        else Undecided

    /// A key that depends on names alone (Fowler, Noll and Vo's hash, FNV-1a).
    let private keyOf (names: string list) =
        String.concat "\n" names
        |> Seq.fold (fun hash letter -> (hash ^^^ uint64 letter) * 0x100000001B3UL) 0xCBF29CE484222325UL
        |> Key.ofSeed

    let private groupOf (result: SurveyResult) : Group = {
        Variant = result.Item.Variant
        Setting = result.Item.Setting
    }

    // A head's place is another head's in another training, so that nothing is said of one place over many trainings.
    let private finite (result: SurveyResult) =
        result.Quantities
        |> List.filter (fun (quantity, value) -> not quantity.IsOfHead && Double.IsFinite value)

    /// Of each training what those of the study's models with its seed and setting came to, by their kind.
    let private besideOf (results: (SurveyResult * Map<Quantity, float>) list) : SurveyResult -> Beside =
        let place (result: SurveyResult) = result.Item.Setting, result.Item.Configuration.Seed

        let places =
            results
            |> List.filter (fun (result, _) ->
                // A sweep may have made another model of it.
                Variant.ofArchitecture result.Item.Configuration.Architecture = Some result.Item.Variant)
            |> List.groupBy (fst >> place)
            |> List.map (fun (place, results) ->
                place, Map [ for result, measured in results -> result.Item.Variant, measured ])
            |> dict

        fun result ->
            match places.TryGetValue(place result) with
            | true, beside -> beside
            | _ -> Map.empty

    let private claimResult intervals (measured: (Beside * Map<Quantity, float>) list) (group: Group) (claim: Claim) =
        let outcomes = measured |> List.map (fun (beside, measured) -> Claim.judgeBeside beside measured claim)

        let trials = outcomes |> List.map _.Verdict |> List.filter ((<>) NotMeasured) |> List.map ((=) Holds)

        let successes = trials |> List.filter id |> List.length

        {
            Claim = claim
            Group = group
            Holds = successes
            Trainings = trials.Length
            Lacks =
                match outcomes |> List.choose _.Lacks with
                | [] -> None
                | first :: _ as lacking ->
                    Some
                        $"Not decided for {lacking.Length} of {outcomes.Length} trainings: {Char.ToLowerInvariant first[0]}{first[1..]}"
            Interval =
                match intervals with
                | ClaimIntervals.Wilson -> Statistics.wilson successes trials.Length
                | ClaimIntervals.Sequence -> ConfidenceSequence.ofTrials trials
        }

    let private quantityResult group (quantity, values: float[]) : QuantityResult = {
        Group = group
        Quantity = quantity
        Count = values.Length
        Mean = Statistics.mean values
        Median = Statistics.median values
        Interval = Statistics.bootstrapMean resamples values (keyOf [ string quantity; string group ])
    }

    /// The finite values of each quantity that a group has, in the order in which they are measured.
    let private valuesOf (results: SurveyResult list) : (Quantity * float[]) list =
        results
        |> List.collect finite
        |> List.groupBy fst
        |> List.map (fun (quantity, values) -> quantity, values |> List.map snd |> Array.ofList)

    /// Which groups are held against each other: variants at the same setting, and each setting of a variant against its first.
    let private pairs (groups: Group list) : (Group * Group) list =
        let variants = [
            for i, first in List.indexed groups do
                for second in List.skip (i + 1) groups do
                    if first.Variant <> second.Variant && first.Setting = second.Setting then
                        first, second
        ]

        let settings = [
            for _, same in groups |> List.groupBy _.Variant do
                for later in same.Tail -> later, same.Head
        ]

        variants @ settings

    let private comparison splits (quantity, (first: Group, a), (second: Group, b)) =
        let key = keyOf [ string quantity; string first; string second ]

        {
            Quantity = quantity
            First = first
            Second = second
            Difference = Statistics.mean a - Statistics.mean b
            Interval = Statistics.bootstrapDifference resamples a b (Key.split 0UL key)
            P = Statistics.permutationTest splits a b (Key.split 1UL key)
            CorrectedP = 1.0
        }

    // Of one training each nothing can be said.
    let private fewest = 2

    let private comparisons (groups: (Group * (Quantity * float[]) list) list) =
        let values = groups |> List.map (fun (group, values) -> group, Map.ofList values) |> Map.ofList

        let asked = [
            for first, second in groups |> List.map fst |> pairs do
                for quantity, a in groups |> List.find (fun (group, _) -> group = first) |> snd do
                    match values[second].TryFind quantity with
                    | Some b when a.Length >= fewest && b.Length >= fewest -> quantity, (first, a), (second, b)
                    | _ -> ()
        ]

        let raw = asked |> List.map (comparison (splits asked.Length))

        List.map2
            (fun comparison corrected -> { comparison with CorrectedP = corrected })
            raw
            (raw |> List.map _.P |> Statistics.holm)

    let private checkOwn (results: SurveyResult list) (claim: Claim) =
        let own = Claim.quantities claim |> List.filter _.IsOwn
        let trainings = results |> List.filter (fun result -> Survey.isAbout result.Item claim)

        if not own.IsEmpty && not trainings.IsEmpty then
            let measured = trainings |> List.collect (_.Quantities >> List.map fst) |> List.distinct

            match
                Claim.problem measured { claim with Conditions = own |> List.map (fun own -> Condition.above own 0.0) }
            with
            | Some sentence -> Refused.because sentence
            | None -> ()

    let private summarise intervals (claims: Claim list) (results: SurveyResult list) : SurveySummary =
        claims |> List.iter (checkOwn results)
        let groups = results |> List.sortBy _.Item.Index |> List.groupBy groupOf
        let values = groups |> List.map (fun (group, results) -> group, valuesOf results)
        // Each once, however many claims ask it and others beside it.
        let groups =
            groups
            |> List.map (fun (group, results) ->
                group, results |> List.map (fun result -> result, Map.ofList result.Quantities))

        let beside = besideOf (List.collect snd groups)

        let measured =
            groups
            |> List.map (fun (group, results) ->
                group, (fst results.Head).Item, results |> List.map (fun (result, measured) -> beside result, measured))

        {
            Claims = [
                for claim in claims do
                    for group, item, measured in measured do
                        if Survey.isAbout item claim then
                            claimResult intervals measured group claim
            ]
            ClaimIntervals = intervals
            Quantities = [
                for group, values in values do
                    yield! values |> List.map (quantityResult group)
            ]
            Comparisons = comparisons values
        }

    /// In how many trainings each claim holds, what each quantity comes to in each group, and how groups differ. Groups and
    /// quantities come in the order of the items, whatever the order of the results. A result without a quantity, or with one
    /// that is no finite number, is left out of what is said of that quantity. Raises `RefusedException` for a claim about a user's own
    /// quantity that no training of its kind was measured for: a name that is misspelt counts as nothing. (`Survey.itemsFor` says so before
    /// anything trains.)
    let ofResults (claims: Claim list) (results: SurveyResult list) : SurveySummary =
        summarise ClaimIntervals.Wilson claims results

    /// The same of a survey's results, by its claims: of those that count, where it goes on until its claims are decided (`Deciding`).
    let ofSurvey (survey: Survey) (results: SurveyResult list) : SurveySummary =
        results
        |> summarise
            (if survey.UntilDecided then ClaimIntervals.Sequence else ClaimIntervals.Wilson)
            (Survey.claims survey)
