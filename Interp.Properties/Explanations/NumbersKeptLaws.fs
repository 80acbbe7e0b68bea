/// Numbers kept: what was counted by hand, and what must hold of any model.
module Interp.Properties.NumbersKeptLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private explanation text : Explanation =
    match Explanation.parse text with
    | Ok explanation -> explanation
    | Error sentence -> failtest sentence

let private numbers a text = explanation text |> Parts.expand a |> NumbersKept.ofParts

let private plain = Configuration.study.Architecture
let private smeared = Configuration.studySmeared.Architecture
let private twoLayers = { plain with NLayers = 2 }
let private learned = { plain with Positions = Positions.Standard }
let private rotary = { plain with Positions = Positions.Rotary }

// Of the study's shapes: 26 letters, 24 places, 4 heads of width 8.
let private direct = 26L * 26L
let private ov = 8L * (2L * 26L - 8L)

/// Vectors of all letters, of queries or of keys, as one head reads them of one source.
let private vectors = 26L * 8L

let private average = 24L * 25L / 2L
let private exact = direct + 4L * ov + 4L * 2L * vectors

let private counted =
    testList "by hand" [
        for name, a, text, expected in
            [
                "plain", plain, "exact", 3748L
                "plain", plain, "direct two-numbers; ov 0.* diagonal; attention 0.* own-letters", 214L
                "plain",
                plain,
                "direct two-numbers; ov 0.* two-numbers; attention 0.* positions shared",
                2L + 4L * 2L + 4L * average
                "plain", plain, "direct nothing", exact - direct
                "plain", plain, "direct rank 2", exact - direct + 2L * (52L - 2L)
                "plain", plain, "ov 0.1 rank 99", exact
                "plain", plain, "attention 0.* shared", exact
                "plain", plain, "attention 0.1 shared; attention 0.2 previous", exact
                "plain", plain, "attention 0.* 5-back", exact - 8L * vectors
                "plain", plain, "attention 0.* without query-position, key-position", exact
                // The mean query.
                "plain", plain, "attention 0.* without query-letter", exact - 4L * vectors + 4L * 8L
                "plain", plain, "attention 0.* without query-letter by zero", exact - 4L * vectors
                "plain", plain, "attention 0.* without key-letter", exact - 4L * vectors
                "plain", plain, "attention 0.* without query-letter by resampling", exact
                "plain", plain, "attention 0.* own-letters by zero", exact - 8L * vectors
                // What is simplified counts beside the vectors that exact terms still read.
                "plain", plain, "qk 0.* two-numbers", exact + 4L * 2L
                "plain",
                plain,
                "qk 0.*(embed, pos) over-letters; qk 0.* diagonal",
                exact - 4L * vectors + 4L * (24L + 27L)
                "plain",
                plain,
                "direct two-numbers; ov 0.* two-numbers; qk 0.* two-numbers; qk 0.*(embed, pos) over-letters; qk 0.*(pos, embed) over-letters",
                2L + 4L * (2L + 2L + 24L + 24L)
                "plain",
                plain,
                "direct nothing; ov 0.* nothing; qk 0.* over-queries; qk 0.*(embed, pos) over-positions; qk 0.*(pos, embed) nothing",
                4L * (26L + 26L)
                "smeared", smeared, "exact", exact + 4L * 23L
                "smeared", smeared, "qk 0.* nothing; qk 0.*(pos, embed) nothing", exact - 4L * vectors
                "smeared", smeared, "attention 0.* without key-letter", exact - 4L * vectors
                "learned", learned, "exact", exact + 4L * 2L * 24L * 8L
                "learned", learned, "attention 0.* without query-position", exact + 4L * 24L * 8L + 4L * 8L
                "rotary", rotary, "exact", exact
                "rotary", rotary, "attention 0.* without query-letter", exact - 4L * vectors + 4L * 8L
                // The second layer reads the embedding and four heads.
                "two layers", twoLayers, "exact", exact + 20L * ov + 4L * 5L * 2L * vectors
                "two layers", twoLayers, "cut 0.* -> 1.*.k", exact + 20L * ov + 4L * (5L + 1L) * vectors
                "two layers", twoLayers, "cut 0.* -> 1.*.v", exact + 4L * ov + 4L * 5L * 2L * vectors
                // What values move by is simpler, what the second layer reads is not, and needs the exact pattern still.
                "two layers", twoLayers, "attention 0.* positions", exact + 20L * ov + 40L * vectors + 4L * average
                "two layers",
                twoLayers,
                "attention 0.* positions; attention 0.* positions for 1.*",
                exact + 20L * ov + 32L * vectors + 4L * average
                "two layers",
                twoLayers,
                "attention 0.* positions; attention 1.* after-first-match",
                direct + 24L * ov + 4L * average
                "two layers",
                twoLayers,
                "direct two-numbers; ov *.* two-numbers; ov 0.*>1.* two-numbers; attention *.* own-letters",
                // The first layer's exact patterns are what the second's letters' strengths are moved by.
                2L + 24L * 2L + 4L * 26L + 4L * 5L * 26L + 8L * vectors
            ] do
            test $"{name}: {text}" { Expect.equal (numbers a text) expected "numbers" }
    ]

let private small key =
    let a = Given.anyArchitecture key
    if a.NLayers > 2 then { a with NHeads = 1 } else a

/// Forms that leave something out, or put a rule in the place of scores.
let private simple key =
    match GivenExplanations.attentionForm key with
    | AttentionForm.Scored(without, by, _, _) -> AttentionForm.Scored(without, by, false, false)
    | rule -> rule

let private everyHead = { Layers = Which.Every; Numbers = Which.Every }

let private of' a clauses = Parts.expand a { Clauses = clauses } |> NumbersKept.ofParts

let private laws =
    testList "of any model" [
        law 100 "they are the sum of the parts', and a part's own form changes no other's" (fun key ->
            let a = small key
            let paths = Parts.paths a
            let path = one paths 1 key
            let form = GivenExplanations.valueForm key
            let whole = Parts.exact a
            let simpler = { whole with Paths = Map [ path, form ] }
            let before, after = NumbersKept.each whole, NumbersKept.each simpler
            Expect.equal (after |> List.sumBy _.Numbers) (NumbersKept.ofParts simpler) "the sum"
            let changed = List.zip before after |> List.filter (fun (a, b) -> a <> b)
            Expect.isLessThanOrEqual changed.Length 1 "one part"
            Expect.all changed (fun (before, after) -> before.Part = after.Part) "its own"
            Expect.isLessThanOrEqual (NumbersKept.ofParts simpler) (NumbersKept.ofParts whole) "never more"
            let names = before |> List.map _.Part
            Expect.equal (List.distinct names) names "each part once")

        law 100 "a rank as large as the table's is all of it, a smaller one less" (fun key ->
            let a = small key
            let path = one (Parts.paths a) 1 key
            let full = min (min a.DModel a.DVocab) (if path.IsEmpty then a.DModel else a.DHead)
            let kept rank = NumbersKept.ofParts { Parts.exact a with Paths = Map [ path, TableForm.Rank rank ] }
            Expect.equal (kept full) (NumbersKept.ofParts (Parts.exact a)) "of full rank"

            for rank in 2..full do
                Expect.isLessThan (kept (rank - 1)) (kept rank) $"rank {rank - 1}")

        law 200 "what leaves something out everywhere is never more" (fun key ->
            let a = { small key with Positions = one [ Positions.Study; Positions.Standard ] 1 key }

            if a.NLayers > 0 then
                let form = simple key

                let clauses = [
                    Clause.Attention(everyHead, form, None)
                    if a.NLayers > 1 then
                        Clause.Attention(everyHead, form, Some everyHead)
                ]

                Expect.isLessThanOrEqual (of' a clauses) (NumbersKept.ofParts (Parts.exact a)) $"{form}")

        law 100 "nothing of every term, and every term left out, is nothing; cuts never add" (fun key ->
            let a = { small key with Positions = Positions.Study }

            if a.NLayers > 0 then
                let paths = [
                    for path in Parts.paths a ->
                        match path with
                        | [] -> Clause.Direct TableForm.Nothing
                        | path ->
                            let heads = [
                                for head in path -> { Layers = Which.One head.Layer; Numbers = Which.One head.Head }
                            ]

                            Clause.OV(heads, TableForm.Nothing)
                ]

                let term query key' = Clause.QK(everyHead, query, key', TableForm.Nothing, None)

                let nothing =
                    paths
                    @ [
                        term ScoreSource.Letters ScoreSource.Letters
                        term ScoreSource.Letters ScoreSource.Pos
                        term ScoreSource.Pos ScoreSource.Letters
                    ]

                Expect.equal (of' a nothing) 0L "nothing"

                Expect.equal
                    (of' a (paths @ [ Clause.Attention(everyHead, AttentionForm.Rule AttentionRule.Uniform, None) ]))
                    0L
                    "a rule"

                let input = one [ QueryInput; KeyInput; ValueInput ] 2 key

                Expect.isLessThan
                    (of' a [ Clause.Cut(CutSource.Embedding, everyHead, input) ])
                    (NumbersKept.ofParts (Parts.exact a))
                    "a cut")

        law 50 "a wildcard is what it expands to" (fun key ->
            let a = small key

            if a.NLayers > 0 then
                let form = simple key

                let each = [
                    for layer in 0 .. a.NLayers - 1 do
                        for head in 0 .. a.NHeads - 1 -> { Layers = Which.One layer; Numbers = Which.One head }
                ]

                let form =
                    match form with
                    | AttentionForm.Scored _ when a.Positions = Positions.Rotary -> AttentionForm.Exact
                    | form -> form

                Expect.equal
                    (of' a [ for head in each -> Clause.Attention(head, form, None) ])
                    (of' a [ Clause.Attention(everyHead, form, None) ])
                    "attention")
    ]

[<Tests>]
let tests = testList "Numbers kept" [ counted; laws ]
