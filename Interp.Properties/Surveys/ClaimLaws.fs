/// Quantities, claims and the summary of many trainings.
module Interp.Properties.ClaimLaws

open System
open System.IO
open Expecto
open Interp
open Interp.Properties.Laws

let private read name =
    let checkpoint = ModelFiles.read (ModelFiles.reference $"{name}.safetensors")
    { Configuration.study with Architecture = checkpoint.Architecture; Seed = checkpoint.Seed }, checkpoint.Weights

/// The independent program's models, measured as a study measures.
let private references =
    [ Plain, "plain_s11"; Smeared, "smeared_s11"; TwoLayer, "two_layer_s11" ]
    |> List.map (fun (variant, name) ->
        variant,
        lazy
            (let c, model = read name
             Quantities.measure 2 c.Architecture (Given.task c) model Survey.reference))

let private quantitiesOf variant = (references |> List.find (fun (v, _) -> v = variant) |> snd).Value

/// Of the others, which have the same seed.
let private besideOf variant : Beside =
    Map [
        for other, measured in references do
            if other <> variant then
                other, Map.ofList measured.Value
    ]

let private quantities =
    testList "quantities" [
        for variant, measured in references do
            test $"of the reference's {variant} model: finite, each named once, shares from 0 to 1" {
                let names = measured.Value |> List.map fst
                Expect.equal (List.distinct names) names "names"

                for quantity, value in measured.Value do
                    Expect.isTrue (Double.IsFinite value) $"{quantity} is {value}"

                    match (QuantityWords.ofQuantity quantity).Unit with
                    | QuantityUnit.Share ->
                        Expect.isTrue (value >= 0.0 && value <= 1.0 + Tolerances.rowSum) $"{quantity} is {value}"
                    | QuantityUnit.Score ->
                        Expect.isLessThanOrEqual (abs value) (1.0 + Tolerances.eigenvalues) (string quantity)
                    | QuantityUnit.Nats -> ()
                    | QuantityUnit.Explained -> Expect.isLessThanOrEqual value 1.0 (string quantity)
                    | QuantityUnit.Correlation ->
                        Expect.isLessThanOrEqual (abs value) (1.0 + Tolerances.eigenvalues) (string quantity)
                    | QuantityUnit.Letters ->
                        Expect.equal value (round value) $"{quantity} is a number of letters"
                        Expect.isTrue (value >= 0.0 && value <= 6.0) $"{quantity} is {value}"
                    | QuantityUnit.Number -> failtest $"{quantity} has no unit"
            }

        law 8 "any small model of any shape has finite ones, the same on one thread and on two" (fun key ->
            let c = Given.configuration key
            let model = Given.model c.Architecture key
            let reference = { Sequences = 20; Seed = 3UL }
            let measured = Quantities.measure 1 c.Architecture (Given.task c) model reference
            Expect.equal (Quantities.measure 2 c.Architecture (Given.task c) model reference) measured "two threads"

            for quantity, value in measured do
                Expect.isTrue (Double.IsFinite value) $"{quantity} is {value}"

            // Twenty sequences need not have prompts of every kind.
            let known = Quantities.measurable c.Architecture c.Task
            let found = List.map fst measured
            Expect.equal (known |> List.filter (fun quantity -> List.contains quantity found)) found "known before"

            for quantity in List.except found known do
                match quantity with
                | Quantity.Completed _
                | Quantity.LettersRight _
                | Quantity.RepeatRate _
                | Quantity.RecentRate _
                | Quantity.AlternationRate _
                | Quantity.DoubledWhereRight
                | Quantity.FirstBlockRate
                | Quantity.FollowsLastRate
                | Quantity.FromPromptRate _ -> ()
                | other -> failtest $"{other} was not measured")

        law 8 "the whole model's loss is that without interventions, to the bit" (fun key ->
            let c = Given.configuration key
            let model = Given.model c.Architecture key
            let reference = { Sequences = 33; Seed = 3UL }
            let measured = Measurements.ofModel 1 c.Architecture (Given.task c) model reference
            Expect.equal (Measurements.loss measured) (Intervened.loss 1 (Given.task c) model [] reference) "the loss"

            match measured.Paths with
            | Some paths -> Expect.equal paths.WithBoth (Measurements.loss measured) "where nothing is cut"
            | None -> Expect.isLessThan c.Architecture.NLayers 2 "layers")

        test "ranked heads are the OV scores in order" {
            let _, model = read "plain_s11"
            let unsorted = (Circuits.spectra model).OV |> List.map _.Spectrum.Score
            let scores = List.sortDescending unsorted
            Expect.notEqual unsorted scores "heads in another order"
            let measured = Map.ofList (quantitiesOf Plain)

            Expect.equal
                [ for rank in [ Highest; Ranked 2; Ranked 3; Lowest ] -> measured[Quantity.OV(0, rank)] ]
                scores
                "scores"
        }

        test "a head that writes nothing can be taken away at no cost" {
            let c, model = read "plain_s11"

            let without = {
                model with
                    Blocks = model.Blocks |> List.map (fun block -> { block with W_O = block.W_O * 0.0 })
            }

            let measured =
                Map.ofList (Quantities.measure 1 c.Architecture (Given.task c) without { Sequences = 64; Seed = 1UL })
            // Two sums of the same float32 losses.
            within Tolerances.model 4.0 "rise" measured[Quantity.AblationRise 0] 0.0
        }
    ]

/// Quantities of a user's own.
let private a, private b, private c, private d =
    Quantity.Own "a", Quantity.Own "b", Quantity.Own "c", Quantity.Own "d"

let private where (conditions: Condition list) = {
    Name = "given"
    About = Some Plain
    Sentence = "Given."
    Conditions = conditions
}

let private above (quantity, bound) = Condition.above quantity bound
let private below (quantity, bound) = Condition.below quantity bound
let private exceeds (quantity, other, margin) = Condition.exceeds quantity other margin

let private verdict measured claim = (Claim.judge measured claim).Verdict

/// Golden/reference/verdicts.csv
let private expectedVerdicts =
    let path = ModelFiles.reference "verdicts.csv"

    File.ReadAllLines path
    |> Array.skip 1
    |> Array.map (fun line ->
        match line.Split ',' with
        | [| claim; verdict |] -> claim, verdict
        | _ -> failwith $"{path}: {line}")
    |> List.ofArray

let private claims =
    testList "claims" [
        test "have names of their own, and sentences" {
            let names = Claims.study |> List.map _.Name
            Expect.equal (List.distinct names) names "names"

            for claim in Claims.study do
                Expect.stringStarts claim.Name $"{claim.About.Value}-" "a name begins with its variant"
                Expect.isTrue (Char.IsUpper claim.Sentence[0] && claim.Sentence.EndsWith '.') claim.Sentence
                Expect.isNonEmpty claim.Conditions claim.Name
        }

        test "ask for what is measured on their variant" {
            for claim in Claims.study do
                let measured = quantitiesOf claim.About.Value |> List.map fst

                for quantity in Claim.quantities claim do
                    Expect.contains measured quantity claim.Name

                for quantity, variant in Claim.elsewhere claim do
                    Expect.notEqual (Some variant) claim.About $"{claim.Name} is about another variant"
                    Expect.contains (quantitiesOf variant |> List.map fst) quantity claim.Name

            Expect.isNone (Survey.claimProblem [] Claims.study Survey.standard) "and that is known before"
        }

        test "on the reference's models come to the verdicts that are written down" {
            let found =
                Claims.study
                |> List.map (fun claim ->
                    let measured = Map.ofList (quantitiesOf claim.About.Value)
                    claim.Name, string (Claim.judgeBeside (besideOf claim.About.Value) measured claim).Verdict)

            Expect.equal found expectedVerdicts "verdicts"
        }

        test "carry the figures that the study printed" {
            let published name =
                Claims.study
                |> List.find (fun claim -> claim.Name = name)
                |> Claim.published
                |> List.map (fun (quantity, value) -> Quantity.name quantity, string value)

            Expect.equal (published "plain-loss") [ "held_out_loss", "2.6065" ] "a loss"
            Expect.equal (published "smeared-loss") [ "held_out_loss", "about 1.23" ] "one read off a curve"
            Expect.equal (published "plain-a-copying-head") [ "ov_0_max", "0.98481447" ] "a head"

            Expect.equal
                (published "smeared-two-and-two")
                [ "ov_0_rank_2", "1"; "ov_0_rank_3", "-0.71228284" ]
                "heads by rank"

            Expect.equal (published "plain-every-head-counts") [ "ablation_rise_0_min", "0.199" ] "a difference"
            Expect.equal (published "two-layer-one-carrier") [ "k_composition_others_max", "at most 0.95" ] "a bound"
            Expect.equal (published "two-layer-together") [ "path_synergy", "0.6223" ] "of four"
            Expect.isEmpty (published "plain-copies") "none"
        }

        law 200 "a bound that asks for less lets no model fail" (fun key ->
            let number use' = floats (normal [ 1 ] use' key) |> Array.head
            let measured = Map.ofList [ a, number 1; b, number 2 ]
            let bound, less = number 3, abs (number 4)
            let holds condition = verdict measured (where [ condition ]) = Holds

            for strict, lenient in
                [
                    above (a, bound), above (a, bound - less)
                    below (a, bound), below (a, bound + less)
                    exceeds (a, b, bound), exceeds (a, b, bound - less)
                ] do
                Expect.isTrue (holds lenient || not (holds strict)) $"{strict}, {lenient}"

            Expect.notEqual (holds (above (a, bound))) (holds (below (a, bound))) "above or below"

            Expect.equal
                (verdict measured (where [ above (a, bound); exceeds (a, b, 0.0) ]) = Holds)
                (holds (above (a, bound)) && holds (exceeds (a, b, 0.0)))
                "all must hold")

        law 200 "a margin says how far a value may move before the verdict turns" (fun key ->
            let number use' = floats (normal [ 1 ] use' key) |> Array.head
            let value, other, bound = number 1, number 2, number 3

            for condition, against, direction in
                [
                    above (a, bound), bound, 1.0
                    below (a, bound), bound, -1.0
                    exceeds (a, b, bound), other + bound, 1.0
                ] do
                let judge value = Condition.judge (Map.ofList [ a, value; b, other ]) condition
                let outcome = judge value
                Expect.equal (outcome.Value, outcome.Bound) (Some value, Some against) $"{condition}"
                Expect.equal outcome.Margin (Some(direction * (value - against))) "its distance from the bound"
                let margin = outcome.Margin.Value
                let holds value = (judge value).Margin.Value > 0.0
                Expect.equal (holds value) (margin > 0.0) "it holds above 0"
                Expect.notEqual (holds (value - direction * 1.01 * margin)) (holds value) "just beyond it"
                Expect.equal (holds (value - direction * 0.99 * margin)) (holds value) "just before it")

        law 100 "what was not measured, or is no finite number, decides nothing" (fun key ->
            let missing = [ None; Some nan; Some infinity; Some -infinity ]
            let known = Map.ofList [ b, floats (normal [ 1 ] 1 key) |> Array.head ]

            let measured =
                match one missing 2 key with
                | None -> known
                | Some value -> known.Add(a, value)

            for condition in [ above (a, 0.0); below (a, 0.0); exceeds (a, b, 0.0); exceeds (b, a, 0.0) ] do
                let outcome = Claim.judge measured (where [ condition ])
                Expect.equal outcome.Verdict NotMeasured $"{condition}"
                Expect.equal (outcome.Conditions |> List.map _.Margin) [ None ] "no distance"
                // A condition that fails, or one that holds, hides nothing.
                Expect.equal
                    (verdict measured (where [ above (b, 10.0); condition ]))
                    NotMeasured
                    "beside one that fails"

                Expect.equal
                    (verdict measured (where [ below (b, 10.0); condition ]))
                    NotMeasured
                    "beside one that holds")

        law
            100
            "that hold a training against another one are decided where that is there, and say so where it is not"
            (fun key ->
                let number use' = floats (normal [ 1 ] use' key) |> Array.head
                let mine, theirs = number 1, number 2
                let claim = where [ Condition.exceedsThatOf Smeared a 0.0; above (b, 0.0) ]
                let measured = Map [ a, mine; b, 1.0 ]
                let outcome = Claim.judgeBeside (Map [ Smeared, Map [ a, theirs ] ]) measured claim
                Expect.equal outcome.Verdict (if mine > theirs then Holds else Fails) "the verdict"
                Expect.isNone outcome.Lacks "nothing is lacking"

                for beside in [ Map.empty; Map [ TwoLayer, Map [ a, theirs ] ] ] do
                    let outcome = Claim.judgeBeside beside measured claim
                    Expect.equal outcome.Verdict NotMeasured "not decided"

                    Expect.equal
                        outcome.Lacks
                        (Some "There is no smeared model of the same seed to hold it against.")
                        "the sentence"

                Expect.equal (Claim.judge measured claim).Verdict NotMeasured "by itself"
                Expect.isNone (Claim.judge measured (where [ above (a, 0.0) ])).Lacks "none is asked for")

        test "that ask for a variant's trainings which the study has not are refused, but for the study's own" {
            let claim = where [ Condition.exceedsThatOf Smeared Quantity.HeldOutLoss 0.0 ]
            let without = { Survey.standard with Variants = [ Plain; TwoLayer ] }
            Expect.isNone (Survey.claimProblem [] [ claim ] Survey.standard) "it has"
            Expect.isNone (Survey.claimProblem [] Claims.study without) "the study's own"

            Expect.stringContains
                (Survey.claimProblem [] [ claim ] without |> Option.defaultValue "nothing")
                "asks for held_out_loss of smeared, and the study trains no smeared models"
                "the sentence"

            Expect.stringContains
                (Survey.claimProblem
                    []
                    [
                        where [
                            Condition.exceedsThatOf Smeared Quantity.PathSynergy 0.0
                            below (Quantity.HeldOutLoss, 1.0)
                        ]
                    ]
                    Survey.standard
                 |> Option.defaultValue "nothing")
                "path_synergy"
                "what no such training has"
        }

        test "that nobody could decide are refused before anything is trained, by name" {
            let refused own conditions =
                Survey.claimProblem own [ where conditions ] Survey.standard |> Option.defaultValue "nothing"

            for conditions, words in
                [
                    [ above (Quantity.Own "ov_0_mx", 0.5) ],
                    [ "claim given"; "\"ov_0_mx\", which nobody measures"; "the nearest is ov_0_max" ]
                    [ above (Quantity.Own "ov_0_max", 0.5) ], [ "\"ov_0_max\", a name of the program's" ]
                    [ below (Quantity.HeldOutLoss, 2.0); above (Quantity.OV(1, Highest), 0.5) ],
                    [ "ov_1_max, which no training of its kind has" ]
                    [ exceeds (Quantity.OV(0, Ranked 4), Quantity.HeldOutLoss, 0.0) ], [ "ov_0_rank_4" ]
                    [ above (Quantity.PathSynergy, 0.0) ], [ "path_synergy" ]
                ] do
                let sentence = refused [] conditions

                for word in words do
                    Expect.stringContains sentence word "the sentence"

            Expect.equal (refused [ a ] [ above (a, 0.0) ]) "nothing" "a quantity that the user measures"

            let wider = { Survey.standard with Sweeps = [ { Field = Field.NHeads; Values = [ Whole 4; Whole 8 ] } ] }

            Expect.isNone
                (Survey.claimProblem [] [ where [ above (Quantity.OV(0, Ranked 4), 0.0) ] ] wider)
                "one setting has it"

            Expect.isNone
                (Survey.claimProblem [] [ where [ above (a, 0.0) ] ] { Survey.standard with Variants = [ Smeared ] })
                "about no model of the survey"
        }
    ]

let private study = {
    Variants = [ Plain; TwoLayer ]
    Sweeps = [ { Field = Field.Batch; Values = [ Whole 8; Whole 16 ] } ]
    Task = TaskForm.study
    FirstSeed = 1UL
    Seeds = 4
    Steps = 1
    Claims = []
    UntilDecided = false
}

/// Results of that study with random quantities; some are missing, some are no numbers.
let private results key : SurveyResult list =
    Survey.items study
    |> List.map (fun item ->
        let key = Key.split (uint64 item.Index) key
        let numbers = floats (normal [ 3 ] 1 key)

        {
            Item = item
            Quantities = [
                a, numbers[0]
                if integer 0 9 2 key > 0 then
                    b, numbers[1]
                c, (if integer 0 9 3 key > 0 then numbers[2] else nan)
                if item.Variant = TwoLayer then
                    d, 1.0
            ]
            HeldOut = []
            Weights = ""
        })

let private asked = [
    where [ above (a, 0.0) ]
    where [ exceeds (b, c, 0.0) ]
    { where [ above (d, 0.0) ] with About = Some TwoLayer }
]

let private summaries =
    testList "summary" [
        law 10 "the order of the results does not matter" (fun key ->
            let results = results key
            let summary = SurveySummary.ofResults asked results
            Expect.equal (SurveySummary.ofResults asked (List.rev results)) summary "reversed"

            let shuffled =
                results |> List.sortBy (fun result -> Key.words 1 (Key.split (uint64 result.Item.Index) key))

            Expect.equal (SurveySummary.ofResults asked shuffled) summary "shuffled")

        law 10 "counts are right, and intervals contain what they are about" (fun key ->
            let results = results key
            let summary = SurveySummary.ofResults asked results

            for result in summary.Claims do
                let share = float result.Holds / float (max 1 result.Trainings)
                Expect.isTrue (result.Holds <= result.Trainings && result.Trainings <= study.Seeds) "counts"

                let verdicts =
                    results
                    |> List.filter (fun each ->
                        each.Item.Variant = result.Group.Variant && each.Item.Setting = result.Group.Setting)
                    |> List.map (fun each -> verdict (Map.ofList each.Quantities) result.Claim)

                let count verdict = verdicts |> List.filter ((=) verdict) |> List.length
                Expect.equal result.Holds (count Holds) "trainings in which it holds"
                Expect.equal (study.Seeds - result.Trainings) (count NotMeasured) "trainings that say nothing"
                Expect.equal result.Interval (Statistics.wilson result.Holds result.Trainings) "interval"
                Expect.isTrue (result.Interval.Low <= share && share <= result.Interval.High) "contains"

            for result in summary.Quantities do
                let values =
                    results
                    |> List.filter (fun each ->
                        each.Item.Variant = result.Group.Variant && each.Item.Setting = result.Group.Setting)
                    |> List.collect _.Quantities
                    |> List.filter (fun (name, value) -> name = result.Quantity && Double.IsFinite value)
                    |> List.map snd

                Expect.equal result.Count values.Length "count"
                within Tolerances.doubles 1.0 "mean" result.Mean (List.average values)

                let slack = Tolerances.doubles
                Expect.isTrue (List.min values - slack <= result.Interval.Low) "not below all values"
                Expect.isTrue (result.Interval.High <= List.max values + slack) "not above all values"

            for each in summary.Comparisons do
                Expect.isTrue (each.P > 0.0 && each.P <= each.CorrectedP && each.CorrectedP <= 1.0) "p"
                Expect.isTrue (each.Interval.Low <= each.Interval.High) "interval"

            Expect.equal
                (summary.Comparisons |> List.map _.CorrectedP)
                (summary.Comparisons |> List.map _.P |> Statistics.holm)
                "corrected for all of them")

        law
            20
            "trainings are held against those of the same seed and setting, in any order and without any of them"
            (fun key ->
                let all = results key
                // Some of either kind are missing.
                let kept = all |> List.filter (fun result -> integer 0 4 (50 + result.Item.Index) key > 0)
                let claim = { where [ Condition.exceedsThatOf Plain a 0.0 ] with About = Some TwoLayer }
                let summary = SurveySummary.ofResults [ claim ] kept

                let shuffled =
                    kept |> List.sortBy (fun result -> Key.words 1 (Key.split (uint64 result.Item.Index) key))

                Expect.equal (SurveySummary.ofResults [ claim ] shuffled) summary "shuffled"

                for result in summary.Claims do
                    let pairs = [
                        for mine in kept do
                            if mine.Item.Variant = TwoLayer && mine.Item.Setting = result.Group.Setting then
                                kept
                                |> List.tryFind (fun other ->
                                    other.Item.Variant = Plain
                                    && other.Item.Setting = mine.Item.Setting
                                    && other.Item.Configuration.Seed = mine.Item.Configuration.Seed)
                                |> Option.map (fun other -> Map.ofList mine.Quantities, Map.ofList other.Quantities)
                    ]

                    let held = pairs |> List.choose id |> List.filter (fun (mine, other) -> mine[a] > other[a])
                    let known = pairs |> List.choose id |> List.length
                    Expect.equal (result.Holds, result.Trainings) (held.Length, known) "counts"

                    match result.Lacks with
                    | None -> Expect.equal known pairs.Length "all have one beside them"
                    | Some sentence ->
                        Expect.stringStarts
                            sentence
                            $"Not decided for {pairs.Length - known} of {pairs.Length} trainings: there is no"
                            "how many have none")

        test "where a sweep says what a variant's name does, nothing is held against another model" {
            let swept = {
                study with
                    Variants = [ Plain; TwoLayer ]
                    Sweeps = [ { Field = Field.NLayers; Values = [ Whole 1; Whole 2 ] } ]
            }

            let results =
                Survey.items swept
                |> List.map (fun item -> { Item = item; Quantities = [ a, 1.0 ]; HeldOut = []; Weights = "" })

            let claim = { where [ Condition.exceedsThatOf Plain a 0.0 ] with About = Some TwoLayer }

            for result in (SurveySummary.ofResults [ claim ] results).Claims do
                let plain = List.contains (Field.NLayers, Whole 1) result.Group.Setting
                Expect.equal result.Trainings (if plain then swept.Seeds else 0) $"{result.Group}"
        }

        test "variants are compared at one setting, settings with the first one of their variant" {
            let summary = SurveySummary.ofResults [] (results (Key.ofSeed 1UL))

            let pairs =
                summary.Comparisons |> List.map (fun each -> string each.First, string each.Second) |> List.distinct

            Expect.equal
                pairs
                [
                    "plain, batch=8", "two-layer, batch=8"
                    "plain, batch=16", "two-layer, batch=16"
                    "plain, batch=16", "plain, batch=8"
                    "two-layer, batch=16", "two-layer, batch=8"
                ]
                "pairs"

            for each in summary.Comparisons do
                Expect.equal
                    (each.Quantity = d)
                    (each.First.Variant = TwoLayer && each.Quantity = d)
                    "only what both have"
        }

        test "among hundreds of comparisons a sure difference is still told" {
            // Five settings of all three variants at nine trainings each: too many splits to try all.
            let study = {
                Variants = [ Plain; Smeared; TwoLayer ]
                Sweeps = [ { Field = Field.Batch; Values = [ Whole 8; Whole 16; Whole 32; Whole 64; Whole 128 ] } ]
                Task = TaskForm.study
                FirstSeed = 1UL
                Seeds = 9
                Steps = 1
                Claims = []
                UntilDecided = false
            }

            let results =
                Survey.items study
                |> List.map (fun item -> {
                    Item = item
                    // Two settings of one variant have nothing in common.
                    Quantities = [
                        for name in 1..24 ->
                            Quantity.Own $"q{name}",
                            float item.Configuration.Architecture.NLayers * float item.Configuration.Batch
                            + 0.1 * float item.Configuration.Seed
                    ]
                    HeldOut = []
                    Weights = ""
                })

            let comparisons = (SurveySummary.ofResults [] results).Comparisons
            Expect.isGreaterThan comparisons.Length 500 "comparisons"

            for each in comparisons do
                if each.First.Variant = each.Second.Variant then
                    Expect.isLessThan each.CorrectedP 0.05 $"{each.First} against {each.Second}"
        }

        law 10 "equal groups do not differ" (fun key ->
            let results = results key

            // The second setting's trainings come to what the first one's came to.
            let copied =
                results
                |> List.map (fun result ->
                    let twin =
                        results
                        |> List.find (fun other ->
                            other.Item.Variant = result.Item.Variant
                            && other.Item.Configuration.Seed = result.Item.Configuration.Seed)

                    { result with Quantities = twin.Quantities })

            for each in (SurveySummary.ofResults [] copied).Comparisons do
                if each.First.Variant = each.Second.Variant then
                    Expect.equal each.Difference 0.0 "difference"
                    Expect.equal each.P 1.0 "p"
                    Expect.isTrue (each.Interval.Low <= 0.0 && 0.0 <= each.Interval.High) "interval")

        law 10 "one more training elsewhere changes nothing of a group" (fun key ->
            let results = results key

            let ofPlain (summary: SurveySummary) =
                summary.Quantities |> List.filter (fun each -> each.Group.Variant = Plain)

            let without = results |> List.filter (fun result -> result.Item.Variant = Plain)

            Expect.equal
                (ofPlain (SurveySummary.ofResults [] without))
                (ofPlain (SurveySummary.ofResults [] results))
                "the plain groups")

        test "a claim with a misspelt quantity is refused by name, before anything is trained and after" {
            let refused action = refusal (action >> ignore)

            let claim = where [ above (Quantity.Own "held_out_los", 0.0) ]

            for sentence in
                [
                    refused (fun () -> Survey.itemsFor [] [ claim ] study)
                    refused (fun () -> SurveySummary.ofResults [ claim ] (results (Key.ofSeed 1UL)))
                ] do
                for word in [ "claim given"; "\"held_out_los\", which nobody measures"; "nearest is held_out_loss" ] do
                    Expect.stringContains sentence word "the sentence"

            Expect.stringContains
                (refused (fun () ->
                    Survey.itemsFor
                        [ a; Quantity.Own "smearing" ]
                        [ where [ above (Quantity.Own "smering", 0.0) ] ]
                        study))
                "The nearest of your own is smearing"
                "a user's own"

            for bound in [ nan; infinity ] do
                Expect.stringContains
                    (refused (fun () -> Survey.itemsFor [] [ where [ below (Quantity.HeldOutLoss, bound) ] ] study))
                    "expected a finite number"
                    "a bound"

            Expect.equal (Survey.itemsFor [ a ] [ where [ above (a, 0.0) ] ] study) (Survey.items study) "all is well"
        }

        test "a claim whose quantity was never measured has no trials" {
            let summary =
                SurveySummary.ofResults [ where [ above (Quantity.PathSynergy, 0.0) ] ] (results (Key.ofSeed 1UL))

            for each in summary.Claims do
                Expect.equal (each.Holds, each.Trainings) (0, 0) "counts"
                Expect.equal (SurveySummary.verdict each.Interval) Undecided "verdict"
        }

        test "no results, no groups" {
            let summary = SurveySummary.ofResults Claims.study []
            Expect.equal (summary.Claims.Length, summary.Quantities.Length, summary.Comparisons.Length) (0, 0, 0) "none"
        }

        law 100 "more successes never turn a verdict down" (fun key ->
            let trials = integer 1 60 1 key

            let rank successes =
                match SurveySummary.verdict (Statistics.wilson successes trials) with
                | DoesNotReplicate -> 0
                | Undecided -> 1
                | Replicates -> 2

            let ranks = [ 0..trials ] |> List.map rank
            Expect.equal (List.sort ranks) ranks "verdicts"

            for successes in 0..trials do
                Expect.equal (rank successes + rank (trials - successes)) 2 "mirrored"

            // Three of three are no more than a start; four of four are enough.
            Expect.equal (rank trials = 2) (trials >= 4) "all of them")
    ]

[<Tests>]
let tests = testList "Claims" [ quantities; claims; summaries ]
