/// How far an explanation is from its model: against plain float64 loops.
module Interp.Properties.FaithfulnessLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

let private logSoftmax (row: float[]) : float[] =
    let most = Array.max row
    let log = most + log (row |> Array.sumBy (fun x -> exp (x - most)))
    row |> Array.map (fun x -> x - log)

/// The place of the largest number, where no other one is as large.
let private likeliest (row: float[]) : int option =
    let most = Array.max row

    if (row |> Array.filter ((=) most)).Length = 1 then
        Some(Array.findIndex ((=) most) row)
    else
        None

/// Of one prediction.
type private Compared = {
    Place: int
    Target: int
    Loss: float
    ModelLoss: float
    KL: float
    KLBack: float
    Nothing: float
    /// Half the square of the sum of absolute differences of probabilities, which no divergence is below (Pinsker's inequality).
    Pinsker: float
    Agrees: bool
    /// Whether the model's likeliest token is another one than that which the context determines.
    Wrong: bool
}

let private compared (task: Task) (tokens: Tokens) (model: Tensor) (explanation: Tensor) : Compared list = [
    for place in task.Counted ->
        let row (logits: Tensor) = Array.init logits.Shape[1] (fun letter -> Tensor.item [ place - 1; letter ] logits)

        let p, q = logSoftmax (row model), logSoftmax (row explanation)
        let sum f = Array.map2 f p q |> Array.sum
        let target = (Tokens.toArray tokens)[place]
        let determined = task.Floor.Value |> Option.exists (fun floor -> floor.PerPosition[place - 1] = 0.0)
        let best = Array.findIndex ((=) (Array.max (row model))) (row model)

        {
            Place = place
            Target = target
            Loss = -q[target]
            ModelLoss = -p[target]
            KL = sum (fun p q -> exp p * (p - q))
            KLBack = sum (fun p q -> exp q * (q - p))
            Nothing = log (float p.Length) + sum (fun p _ -> exp p * p)
            Pinsker = 0.5 * (sum (fun p q -> abs (exp p - exp q))) ** 2.0
            Agrees = (likeliest (row model)).IsSome && likeliest (row model) = likeliest (row explanation)
            Wrong = determined && best <> target
        }
]

/// Each sequence's predictions, compared.
let private comparedAll (task: Task) (pair: Faithfulness.Pair) (reference: Reference) : Compared list list =
    let drawn seed = Sequences.heldOut task { reference with Seed = seed }
    let sequences = drawn reference.Seed

    let rows =
        (sequences, pair.Seeds) ||> List.fold (fun rows seed -> List.map2 Tokens.append rows (drawn seed))

    List.map3 (compared task) sequences (Batch.map 1 pair.Model rows) (Batch.map 1 pair.Explanation rows)

let private run key =
    let c, _, _ = Given.run key
    let a = { c.Architecture with NHeads = min 2 c.Architecture.NHeads }
    let c = { c with Architecture = a }
    a, Given.task c, Given.model a key

let private reference key : Reference = { Sequences = integer 1 40 200 key; Seed = uint64 (integer 0 1000 201 key) }

let private explainedOn (task: Task) reference (a: Architecture) model explanation =
    preparedOver
        (Sequences.heldOut task { reference with Seed = reference.Seed + 1UL })
        a
        model
        (Parts.expand a explanation)

let private pairOf task reference a model explanation =
    Faithfulness.pair 1 task reference model [] (explainedOn task reference a model explanation)

/// A pair of logits of one's own.
let private pairOfLogits model explanation : Faithfulness.Pair =
    let known (row: Tokens) = Tokens.slice 0 (row.Length - 1) row

    {
        Model = fun row -> model (known row)
        Explanation = fun row -> explanation (known row)
        Seeds = []
        Known = None
    }

let private near what (actual: float) (expected: float) =
    within Tolerances.sums (max 1.0 (abs expected)) what actual expected

let private meanOf (figure: Compared -> float) (sequences: Compared list list) =
    sequences |> List.averageBy (List.averageBy figure)

let private loops =
    testList "as a plain loop has it" [
        law 60 "in every figure" (fun key ->
            let a, task, model = run key
            let reference = reference key
            let pair = pairOf task reference a model (fitting 3 a key)
            let found = Faithfulness.compare 1 task pair reference
            let sequences = comparedAll task pair reference
            let all = List.concat sequences

            let estimate what figure (found: Estimate) =
                let means = sequences |> List.map (List.averageBy figure)
                let mean = List.average means
                near what found.Value mean

                // The squares of a spread that is nearly none are rounded at the squares of the mean.
                if sequences.Length > 1 then
                    let spread = means |> List.sumBy (fun x -> (x - mean) ** 2.0)
                    let variance = spread / float (sequences.Length * (sequences.Length - 1))
                    near $"the error of {what}" (found.Error ** 2.0) variance

            estimate "loss" _.Loss found.Loss
            estimate "the model's loss" _.ModelLoss found.ModelLoss
            estimate "KL" _.KL found.KL
            estimate "KL back" _.KLBack found.KLBack
            estimate "agreement" (fun c -> if c.Agrees then 1.0 else 0.0) found.Agreement

            let nothing = meanOf _.Nothing sequences
            near "KL of nothing" found.KLNothing nothing
            near "explained" (nothing * (1.0 - found.Explained.Value)) (meanOf _.KL sequences)

            let counts = all |> List.countBy _.Target |> List.map (fun (_, n) -> float n / float all.Length)
            let gain = -(counts |> List.sumBy (fun share -> share * log share)) - meanOf _.ModelLoss sequences

            match found.Recovered with
            | None -> Expect.isLessThan gain (0.01 + Tolerances.sums) "the gain"
            | Some recovered ->
                let lost = meanOf _.Loss sequences - meanOf _.ModelLoss sequences
                near "recovered" (gain * (1.0 - recovered)) lost

            match found.AgreementWhereWrong, List.filter _.Wrong all with
            | None, wrong -> Expect.isEmpty wrong "wrong predictions"
            | Some found, wrong ->
                near
                    "agreement where wrong"
                    found.Value
                    (wrong |> List.averageBy (fun c -> if c.Agrees then 1.0 else 0.0))

            Expect.equal (List.map fst found.KLByPosition) task.Counted "the places"

            for place, kl in found.KLByPosition do
                let there = all |> List.filter (fun c -> c.Place = place)
                near $"KL at {place}" kl (there |> List.averageBy _.KL)

            let worst =
                List.zip (Sequences.heldOut task reference) sequences
                |> List.map (fun (tokens, compared) -> tokens, compared |> List.averageBy _.KL)
                |> List.sortByDescending snd
                |> List.truncate 10

            List.iter2 (fun (found: PartingText) (_, kl) -> near "the KL of a text" found.KL kl) found.Worst worst

            for text in found.Worst do
                let own = compared task text.Text

                if pair.Seeds.IsEmpty then
                    near
                        "a text's KL"
                        text.KL
                        (own (pair.Model text.Text) (pair.Explanation text.Text) |> List.averageBy _.KL))

        test "over more sequences than are summed at once" {
            let key = Key.ofSeed 5UL
            let task = Given.repeating 4 2 2

            let a = { (Given.architectureOf 1 key) with DVocab = 4; NCtx = 4; Positions = Positions.Study }

            let model = Given.model a key
            let reference = { Sequences = 5000; Seed = 3UL }
            let pair = pairOf task reference a model (explanation "direct two-numbers; attention 0.* positions")
            let found = Faithfulness.compare 2 task pair reference
            let sequences = comparedAll task pair reference
            near "KL" found.KL.Value (meanOf _.KL sequences)
            near "loss" found.Loss.Value (meanOf _.Loss sequences)
        }
    ]

let private divergence =
    testList "the divergence" [
        law 60 "is never below Pinsker's bound, which is never below zero" (fun key ->
            let a, task, model = run key
            let reference = reference key
            let pair = pairOf task reference a model (fitting 3 a key)
            let found = Faithfulness.compare 1 task pair reference
            let bound = comparedAll task pair reference |> meanOf _.Pinsker
            Expect.isGreaterThanOrEqual (found.KL.Value + Tolerances.sums) bound "KL"
            Expect.isGreaterThanOrEqual (found.KLBack.Value + Tolerances.sums) bound "KL back"
            Expect.isLessThanOrEqual found.Explained.Value (1.0 + Tolerances.sums) "explained")

        law 30 "is zero for equal predictions" (fun key ->
            let _, task, model = run key
            let logits = Transformer.logits model
            let found = Faithfulness.compare 1 task (pairOfLogits logits logits) (reference key)
            Expect.equal found.KL.Value 0.0 "KL"
            Expect.equal found.KLBack.Value 0.0 "KL back"
            Expect.equal found.Explained.Value 1.0 "explained"
            Expect.equal found.Loss found.ModelLoss "the loss"

            for share in Option.toList found.Recovered do
                Expect.equal share 1.0 "recovered")

        law 30 "of nothing is that of equal probabilities" (fun key ->
            let _, task, model = run key
            let logits = Transformer.logits model
            let nothing tokens = logits tokens * 0.0
            let found = Faithfulness.compare 1 task (pairOfLogits logits nothing) (reference key)
            near "KL" found.KL.Value found.KLNothing
            Expect.equal found.Agreement.Value 0.0 "a tie never agrees")
    ]

let private kept =
    let held threads (task: Task) reference model (pair: Faithfulness.Pair) =
        let known = Faithfulness.known threads task reference model
        Expect.isSome known "it is kept"

        Expect.equal
            (Faithfulness.compare threads task { pair with Known = known } reference)
            (Faithfulness.compare 1 task pair reference)
            "every figure"

    testList "what the model predicts, kept" [
        law 60 "gives what it gives when it is made again" (fun key ->
            let a, task, model = run key
            let reference = reference key
            held (integer 1 3 90 key) task reference model (pairOf task reference a model (fitting 3 a key)))

        test "also of more sequences than are added up at once" {
            let a, task, model = run (Key.ofSeed 3UL)
            let reference = { Sequences = 4096 + 4096 + 17; Seed = 5UL }
            held 2 task reference model (pairOf task reference a model (explanation "direct nothing"))
        }

        test "is not kept where it is too much" {
            let _, task, model = run (Key.ofSeed 3UL)
            let predicted = task.Counted.Length * model.W_U.Shape[1]
            let many = int (Memory.mostKnown / float predicted) + 1
            Expect.isNone (Faithfulness.known 1 task { Sequences = many; Seed = 1UL } model) "a sequence too many"
        }
    ]

let private ties =
    testList "a tie" [
        for name, model, explanation, expected in
            [
                "of the model never agrees", [ 2.0; 2.0; 1.0 ], [ 2.0; 1.0; 1.0 ], 0.0
                "of the explanation never agrees", [ 2.0; 1.0; 1.0 ], [ 2.0; 2.0; 1.0 ], 0.0
                "of both never agrees", [ 2.0; 2.0; 1.0 ], [ 2.0; 2.0; 1.0 ], 0.0
                "with the last token never agrees", [ 2.0; 1.0; 2.0 ], [ 2.0; 1.0; 1.0 ], 0.0
                "behind the likeliest is none", [ 1.0; 1.0; 2.0 ], [ 0.0; 0.0; 1.0 ], 1.0
                "before the likeliest is none", [ 2.0; 1.0; 1.0 ], [ 3.0; 1.0; 1.0 ], 1.0
                "between different tokens does not agree", [ 2.0; 1.0; 1.0 ], [ 1.0; 2.0; 1.0 ], 0.0
            ] do
            test name {
                let task = Given.repeating 3 2 2

                let always (row: float list) (tokens: Tokens) =
                    Tensor.init [ tokens.Length; 3 ] (fun index -> row[index[1]])

                let pair = pairOfLogits (always model) (always explanation)
                let found = Faithfulness.compare 1 task pair { Sequences = 20; Seed = 1UL }
                Expect.equal found.Agreement.Value expected "agreement"
            }
    ]

/// Whether nothing is taken from another sequence, which benches take from another one.
let private isOfOneText (explained: Explained) = not (Explained.resamples explained)

let private benches =
    testList "on a bench" [
        law 40 "the KL is the same on the same sequences" (fun key ->
            let a, task, model = run key
            let reference = reference key
            let terms = Terms.ofModel a.NCtx model
            let bench = Bench.make 1 task terms reference

            for i in 0..2 do
                let parts = Parts.expand a (fitting 3 a (Key.split (uint64 i) key))
                let explained = Bench.prepare bench parts

                if isOfOneText explained then
                    let pair = Faithfulness.pair 1 task reference model [] explained
                    let found = Faithfulness.compare 1 task pair reference
                    within Tolerances.model (1.0 + abs found.KL.Value) "KL" (Bench.kl bench explained) found.KL.Value
                    within Tolerances.model 1.0 "KL of nothing" bench.KLNothing found.KLNothing)

        law
            20
            "explanations that run alike have what they have by themselves, whatever their number of threads"
            (fun key ->
                let a, task, model = run key
                let reference = reference key
                let terms = Terms.ofModel a.NCtx model
                let shared = Bench.make 1 task terms reference

                let explanations = [
                    for i in 0..3 do
                        fitting 2 a (Key.split (uint64 i) key)
                    explanation "exact"
                    explanation "ov *.* two-numbers"
                    explanation "ov *.* nothing; direct nothing"
                ]

                for explanation in explanations @ List.rev explanations do
                    let kl bench = Bench.kl bench (Bench.prepare bench (Parts.expand a explanation))
                    let alone = Bench.make (integer 1 3 40 key) task terms reference
                    Expect.equal (kl shared) (kl alone) (string explanation))
    ]

let private threads =
    testList "on several threads" [
        law 20 "every figure has the same bits" (fun key ->
            let a, task, model = run key
            let reference = { reference key with Sequences = integer 1 200 200 key }
            let explanation = fitting 3 a key
            let measure threads = Faithfulness.measure threads task a.NCtx model [] reference explanation
            let one = measure 1

            for threads in [ 2; 3; 7 ] do
                Expect.equal (measure threads) one $"on {threads} threads")
    ]

let private owned =
    testList "of one's own" [
        law 20 "a rule that looks at its letters is judged, and on a bench" (fun key ->
            let a, task, model = run key
            let reference = reference key
            let places = integer 1 5 40 key

            let back (tokens: Tokens) =
                let letters = Tokens.toArray tokens

                Tensor.init [ letters.Length; letters.Length ] (fun index ->
                    if index[1] = max 0 (index[0] - places) then 1.0 else 0.0)

            let wild = { Layers = Which.Every; Numbers = Which.Every }

            let of' rule = { Clauses = [ Clause.Attention(wild, AttentionForm.Rule rule, None) ] }
            let own = of' (AttentionRule.Own { Name = "so many back"; Value = back })
            let known = of' (AttentionRule.Back places)
            let measure explanation = Faithfulness.measure 2 task a.NCtx model [] reference explanation
            Expect.equal (measure own) (measure known) "its figures"
            let bench = Bench.make 2 task (Terms.ofModel a.NCtx model) reference
            let kl explanation = Bench.kl bench (Bench.prepare bench (Parts.expand a explanation))
            Expect.equal (kl own) (kl known) "KL on a bench")
    ]

let private renamed =
    testList "letters" [
        law 20 "renamed in task, model and explanation alike change no figure" (fun key ->
            let a, task, model = run key
            let order = Nulls.permutation a.DVocab (Key.split 33UL key)
            let back = Tokens.ofArray (Array.init a.DVocab (fun letter -> System.Array.IndexOf(order, letter)))

            let other = {
                model with
                    W_E = Tensor.gather model.W_E back
                    W_U = Tensor.transpose (Tensor.gather (Tensor.transpose model.W_U) back)
            }

            let otherTask = {
                task with
                    Name = "renamed"
                    Write =
                        fun key index places ->
                            task.Write key index places

                            for place in 0 .. places.Length - 1 do
                                places[place] <- order[places[place]]
            }

            let reference = reference key
            let explanation = fitting 3 a key
            let found = Faithfulness.measure 1 task a.NCtx model [] reference explanation
            let again = Faithfulness.measure 1 otherTask a.NCtx other [] reference explanation
            let scale = 1.0 + abs found.KL.Value + abs found.Loss.Value
            within Tolerances.explanation scale "KL" again.KL.Value found.KL.Value
            within Tolerances.explanation scale "the loss" again.Loss.Value found.Loss.Value
            within Tolerances.explanation scale "the model's loss" again.ModelLoss.Value found.ModelLoss.Value)
    ]

[<Tests>]
let tests =
    testList "Faithfulness of explanations" [ loops; divergence; kept; ties; benches; threads; owned; renamed ]
