/// Models whose weights are written down, so that the right explanation of each is known beforehand: it explains them, others do not, and
/// shuffled letters do not.
module Interp.Properties.KnownModels

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

/// A model, and a task on which it is explained.
type private Known = { Architecture: Architecture; Model: Model<Tensor>; Task: Task }

let private measure known text : Faithfulness =
    Faithfulness.measure
        1
        known.Task
        known.Architecture.NCtx
        known.Model
        []
        { Sequences = 300; Seed = 1UL }
        (explanation text)

let private explained known text = (measure known text).Explained.Value

/// What is right explains more than this much, as is wanted of the program.
let private right = 0.99

let private explains (known: Lazy<Known>) texts =
    testList "is explained by what it is" [
        for text in texts -> test text { Expect.isGreaterThan (explained known.Value text) right "what it explains" }
    ]

let private doesNot (known: Lazy<Known>) texts =
    testList "is not explained by what it is not" [
        for text in texts -> test text { Expect.isLessThan (explained known.Value text) right "what it explains" }
    ]

/// [rows, columns] of ones and others where said.
let private matrix rows columns (entry: int -> int -> float) : Tensor =
    Tensor.init [ rows; columns ] (fun index -> entry index[0] index[1])

let private heads count (each: int -> Tensor) : Tensor = Tensor.stack (List.init count each)

let private letters = 8
let private places = 12

/// A head that looks two places back, and copies the letter that it finds there: of blocks of three, the next one.
let private twoBack =
    lazy
        (let predicted = letters + places
         let width = predicted + letters

         let diagonal rows columns first start scale =
             matrix rows columns (fun row column ->
                 if row >= first && row - first = column - start && row - first < letters then
                     scale
                 else
                     0.0)

         {
             Architecture = {
                 NLayers = 1
                 NHeads = 1
                 DModel = width
                 DHead = places
                 DVocab = letters
                 NCtx = places
                 Positions = Positions.Standard
                 Smear = Smear.Neither
             }
             Model = {
                 Positions = Positions.Standard
                 W_E = diagonal letters width 0 0 1.0
                 W_pos = Some(matrix places width (fun place column -> if column = letters + place then 1.0 else 0.0))
                 Blocks = [
                     {
                         // Scores of 60 / sqrt 12 where the key stands two before.
                         W_Q =
                             heads 1 (fun _ ->
                                 matrix width places (fun row dimension ->
                                     let place = row - letters

                                     if place >= 0 && place < places && dimension = max 0 (place - 2) then
                                         60.0
                                     else
                                         0.0))
                         W_K =
                             heads 1 (fun _ ->
                                 matrix width places (fun row dimension ->
                                     if row - letters = dimension then 1.0 else 0.0))
                         W_V = heads 1 (fun _ -> diagonal width places 0 0 1.0)
                         W_O = heads 1 (fun _ -> diagonal places width 0 predicted 1.0)
                         Smear = None
                         SmearQueries = None
                     }
                 ]
                 W_U = diagonal width letters predicted 0 6.0
             }
             Task = Given.repeating letters 3 4
         })

let private copiesTwoBack =
    testList "two back" [
        explains twoBack [
            "exact"
            "attention 0.0 2-back"
            "attention 0.0 positions"
            "attention 0.0 without query-letter, key-letter"
            "qk 0.0 nothing; qk 0.0(embed, pos) nothing; qk 0.0(pos, embed) nothing"
            "direct nothing"
            "ov 0.0 two-numbers"
            "direct nothing; ov 0.0 two-numbers; attention 0.0 2-back"
        ]
        doesNot twoBack [
            "attention 0.0 previous"
            "attention 0.0 3-back"
            "attention 0.0 uniform"
            "attention 0.0 same-letter"
            "attention 0.0 after-first-match"
            "attention 0.0 own-letters"
            "attention 0.0 without query-position"
            "attention 0.0 without key-position"
            "ov 0.0 nothing"
            "ov 0.0 rank 1"
            "cut embedding -> 0.0.v"
            "cut positions -> 0.0.k"
            "cut positions -> 0.0.q"
        ]
        test "is as good as its rule, which keeps nothing of where it looks" {
            let found = measure twoBack.Value "direct nothing; ov 0.0 two-numbers; attention 0.0 2-back"
            Expect.equal found.Agreement.Value 1.0 "the likeliest letters"
            within Tolerances.sharpAttention 1.0 "recovered" found.Recovered.Value 1.0
        }
    ]

let private group = 3

/// How strongly a head of some number looks for a letter: each for every third letter, no two alike.
let private strength head letter = if letter % group = head then 4.0 + 0.5 * float letter else -4.0

/// How strongly a letter that is found is said.
let private said letter = 2.0 + float letter

/// Heads that look for their own letters wherever they stand, and say them. Queries read what all letters have in common.
let private dividing =
    lazy
        (let common = letters
         let predicted = letters + 1
         let width = predicted + letters

         let one first second scale = fun row column -> if row = first && column = second then scale else 0.0

         {
             Architecture = {
                 NLayers = 1
                 NHeads = group
                 DModel = width
                 DHead = letters
                 DVocab = letters
                 NCtx = places
                 Positions = Positions.NoPositions
                 Smear = Smear.Neither
             }
             Model = {
                 Positions = Positions.NoPositions
                 W_E =
                     matrix letters width (fun letter column -> if column = letter || column = common then 1.0 else 0.0)
                 W_pos = None
                 Blocks = [
                     {
                         W_Q = heads group (fun _ -> matrix width letters (one common 0 (sqrt (float letters))))
                         W_K =
                             heads group (fun head ->
                                 matrix width letters (fun row column ->
                                     if row < letters && column = 0 then strength head row else 0.0))
                         W_V =
                             heads group (fun _ ->
                                 matrix width letters (fun row column -> if row = column then 1.0 else 0.0))
                         W_O =
                             heads group (fun _ ->
                                 matrix letters width (fun row column -> if column - predicted = row then 1.0 else 0.0))
                         Smear = None
                         SmearQueries = None
                     }
                 ]
                 W_U = matrix width letters (fun row column -> if row - predicted = column then said column else 0.0)
             }
             Task = Given.repeating letters 3 4
         })

let private dividesTheAlphabet =
    testList "heads that divide the alphabet" [
        explains dividing [
            "exact"
            "attention 0.* own-letters"
            "attention 0.* without query-letter"
            "attention 0.* without query-position, key-position"
            "qk 0.* over-queries"
            "qk 0.* rank 1"
            "direct nothing"
            "ov 0.* diagonal"
            "direct nothing; ov 0.* diagonal; attention 0.* own-letters"
            // All heads say the same of what they find: together they look where their mean looks.
            "attention 0.* shared"
        ]
        doesNot dividing [
            "attention 0.* positions"
            "attention 0.* positions shared"
            "attention 0.* uniform"
            "attention 0.* 2-back"
            "attention 0.* after-last-match"
            "attention 0.* without key-letter"
            "attention 0.0 positions"
            "attention 0.2 shared"
            "qk 0.* two-numbers"
            "qk 0.* diagonal"
            "qk 0.* over-keys"
            "qk 0.* nothing"
            "ov 0.* two-numbers"
            "ov 0.1 nothing"
            "cut embedding -> 0.*.k"
        ]
        test "own letters say all, to the last place of a float" {
            let known = dividing.Value
            let tokens = Sequences.heldOut known.Task { Sequences = 20; Seed = 2UL }

            for tokens in tokens do
                close
                    Tolerances.explanation
                    "the logits"
                    (floats (logits known.Architecture known.Model "attention 0.* own-letters" tokens))
                    (floats (Transformer.logits known.Model tokens))
        }
    ]

/// Equal blocks of different letters, two of them or three. What follows a second block's first letter on is counted, but not what follows
/// the first letter itself: that one is all but before the first.
let private equalBlocks =
    let a = InductionModel.configuration.Architecture
    let lengths = [ 8; a.DVocab ]

    let write key =
        let order = Nulls.permutation a.DVocab key
        let length = one lengths 1 key
        List.init a.NCtx (fun place -> order[place % length])

    let afterTheFirst place = lengths |> List.exists (fun length -> place % length = 1)

    Task.own
        "equal blocks of different letters"
        [ for letter in 0 .. a.DVocab - 1 -> Letters.name letter ]
        a.NCtx
        ([ a.DVocab + 1 .. a.NCtx - 1 ] |> List.filter (afterTheFirst >> not))
        write

let private induction =
    lazy
        {
            Architecture = InductionModel.configuration.Architecture
            Model = InductionModel.model
            Task = equalBlocks
        }

let private induces =
    testList "induction" [
        explains induction [
            "exact"
            "attention 1.0 after-last-match"
            "attention 1.0 after-first-match"
            "attention 0.0 previous for 1.0"
            "qk 1.0(embed, 0.0) two-numbers"
            "qk 1.0(embed, embed) nothing; qk 1.0(0.0, 0.0) nothing; qk 1.0(0.0, embed) nothing"
            "qk 1.0(*, pos) over-positions; qk 1.0(pos, *) over-positions"
            "ov 0.0>1.0 nothing"
            "ov 0.0 nothing"
            "ov 1.0 two-numbers"
            "attention 0.0 uniform"
            "direct nothing; ov 0.0 nothing; ov 0.0>1.0 nothing; ov 1.0 two-numbers; attention 1.0 after-last-match"
            "cut 0.0 -> 1.0.q"
            "cut 0.0 -> 1.0.v"
        ]
        doesNot induction [
            "attention 1.0 previous"
            "attention 1.0 5-back"
            "attention 1.0 7-back"
            "attention 1.0 11-back"
            "attention 1.0 12-back"
            "attention 1.0 same-letter"
            "attention 1.0 positions"
            "attention 1.0 uniform"
            "attention 0.0 uniform for 1.0"
            "attention 0.0 2-back for 1.0"
            "qk 1.0(embed, 0.0) nothing"
            "qk 1.0(embed, 0.0) over-queries"
            "ov 1.0 nothing"
            "ov 1.0 rank 1"
            "cut 0.0 -> 1.0.k"
            "cut embedding -> 1.0.q"
            "cut embedding -> 1.0.v"
        ]
    ]

let private bench known =
    Bench.make 1 known.Task (Terms.ofModel known.Architecture.NCtx known.Model) { Sequences = 100; Seed = 4UL }

let private shuffled known text =
    let bench = bench known
    let parts = Parts.expand known.Architecture (explanation text)
    Bench.explained bench (Bench.prepare bench parts), Nulls.letters parts, Nulls.shuffled bench parts

let private nulls =
    testList "shuffled letters" [
        for kind, text, count in
            [
                "what heads say", "ov 0.* diagonal", 3
                "what one head says", "ov 0.2 diagonal", 1
                "what heads look for, as letters", "attention 0.* own-letters", 3
                "what one head looks for", "attention 0.1 own-letters", 1
                "what heads look for, as a table", "qk 0.* over-queries", 3
                "what heads look for, as a rank", "qk 0.* rank 1", 3
            ] do
            test $"of {kind} alone hurt" {
                let own, letters, found = shuffled dividing.Value text
                Expect.equal letters.Length count "kinds of letters"

                match found with
                | None -> failtest "nothing was shuffled"
                | Some found ->
                    Expect.equal found.Draws Nulls.draws "draws"
                    Expect.isGreaterThan own right "what it explains"
                    // Of all permutations of a head's letters few leave them nearly as they are.
                    Expect.isLessThan found.Explained.P95 own "shuffled"
                    Expect.isLessThan found.Explained.Mean (own - 0.02) "shuffled, on average"
                    Expect.isLessThanOrEqual found.Explained.P05 found.Explained.Mean "the fifth percentile"
                    Expect.isLessThanOrEqual found.KL.P05 found.KL.P95 "percentiles of KL"
            }

        test "are none where nothing is kept by letter" {
            for text in
                [
                    "exact"
                    "direct two-numbers; ov 0.* two-numbers; attention 0.* positions"
                    "direct nothing; attention 0.* 2-back"
                    "qk 0.* two-numbers"
                    "ov 0.* nothing; attention 0.* without query-letter, key-letter"
                    "attention 0.* positions shared"
                    "cut embedding -> 0.*.v"
                ] do
                let _, letters, found = shuffled dividing.Value text
                Expect.isEmpty letters text
                Expect.equal found None text
        }

        test "that are not shuffled are as they are, to the bit" {
            let known = dividing.Value
            let bench = bench known

            for text in [ "ov 0.* diagonal"; "attention 0.* own-letters"; "qk 0.* rank 1"; "direct rank 1" ] do
                let explained = Bench.prepare bench (Parts.expand known.Architecture (explanation text))
                let unchanged = Kept.rename (fun _ -> Some(Array.init letters id)) explained
                Expect.equal (Bench.kl bench unchanged) (Bench.kl bench explained) text
        }

        test "are those of the parts that keep any, and of no others" {
            let known = dividing.Value
            let bench = bench known
            let explained = Bench.prepare bench (Parts.expand known.Architecture (explanation "ov 0.1 diagonal"))
            let turn = Some(Array.init letters (fun letter -> (letter + 1) % letters))

            let others kept =
                match kept with
                | KeptLetters.OfPath [ { Head = 1 } ] -> None
                | _ -> turn

            Expect.equal (Bench.kl bench (Kept.rename others explained)) (Bench.kl bench explained) "others"

            let own kept = if others kept = None then turn else None
            Expect.isGreaterThan (Bench.kl bench (Kept.rename own explained)) (Bench.kl bench explained) "its own"
        }

        test "are drawn for each kind of part by itself, and again for each draw" {
            let kinds = Nulls.letters (Parts.expand dividing.Value.Architecture (explanation "ov 0.* diagonal"))

            let drawn = [
                for draw in 0..9 do
                    for kind in kinds -> (Nulls.renaming 26 kinds draw kind).Value
            ]

            Expect.hasLength (List.distinct drawn) drawn.Length "no two alike"

            for order in drawn do
                Expect.equal (Array.sort order) (Array.init 26 id) "a permutation"
        }

        test "are permutations each as likely as any" {
            let draws = 6000
            let counts = List.init draws (fun i -> Nulls.permutation 3 (Key.ofSeed (uint64 i))) |> List.countBy id
            Expect.hasLength counts 6 "all permutations of three"
            let expected = float draws / 6.0
            let statistic = counts |> List.sumBy (fun (_, count) -> (float count - expected) ** 2.0 / expected)
            Expect.isLessThan statistic (Tolerances.chiSquare 5) "Pearson's statistic"
        }
    ]

let private ladder =
    testList "a ladder" [
        for name, known: Lazy<Known>, text in
            [
                "two back", twoBack, "direct nothing; ov 0.0 two-numbers; attention 0.0 2-back"
                "divided alphabet", dividing, "direct nothing; ov 0.* diagonal; attention 0.* own-letters"
            ] do
            test $"finds what explains as much with as few numbers: {name}" {
                let known = known.Value
                let a = known.Architecture
                let numbers text = NumbersKept.ofParts (Parts.expand a text)
                let bench = Bench.make 1 known.Task (Terms.ofModel a.NCtx known.Model) { Sequences = 100; Seed = 4UL }
                let share rung = Bench.explained bench (Bench.prepare bench (Parts.expand a rung))
                let rungs = Ladder.search bench (fun _ _ -> ())

                Expect.exists
                    rungs
                    (fun rung -> numbers rung <= numbers (explanation text) && share rung > right)
                    "a rung"

                for rung, next in List.pairwise rungs do
                    Expect.isLessThan (numbers next) (numbers rung) "numbers"
            }

        law 40 "a move on top of what was said is its clause put behind the others" (fun key ->
            let a = { Configuration.study.Architecture with NLayers = integer 1 2 1 key; NHeads = integer 1 3 2 key }
            let moves = Ladder.moves (Tasks.ofForm Configuration.study.Task) a |> List.toArray

            let clauses, said =
                (([], Parts.expand a { Clauses = [] }),
                 Key.integers moves.Length (integer 1 12 3 key) (Key.split 4UL key))
                ||> Array.fold (fun (clauses, said) move ->
                    Ladder.put clauses moves[move], Parts.add a said moves[move])

            Expect.equal (Parts.used said) (Parts.expand a { Clauses = clauses }) $"{ { Clauses = clauses } }")
    ]

[<Tests>]
let tests =
    testList "Known models, explained" [ copiesTwoBack; dividesTheAlphabet; induces; nulls; ladder ]
