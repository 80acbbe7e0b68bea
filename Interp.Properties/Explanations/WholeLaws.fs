/// An explanation that keeps everything is the model, and does what the model does under interventions.
module Interp.Properties.WholeLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

let private own: TableForm = TableForm.Own { Name = "the whole table"; Value = id }

let private endOf (side: ScoreEnd) : ScoreSource =
    match side with
    | ScoreEnd.Position -> ScoreSource.Pos
    | ScoreEnd.Path [] -> ScoreSource.Embed
    | ScoreEnd.Path path -> ScoreSource.Through(List.map only path)

/// Every table of a shape by a clause of its own, that which moves values and those that later heads read through.
let private everyTable (a: Architecture) (form: ScoreEnd list -> TableForm) : Explanation =
    let readers (head: HeadAddress) =
        None
        :: [
            for later in headsOf a do
                if later.Layer > head.Layer then
                    Some(only later)
        ]

    let ends (head: HeadAddress) =
        (Parts.sources head.Layer a |> List.map ScoreEnd.Path)
        @ (if Parts.havePositions a then [ ScoreEnd.Position ] else [])

    {
        Clauses = [
            for path in Parts.paths a do
                match path with
                | [] -> Clause.Direct(form [])
                | path -> Clause.OV(List.map only path, form [])

            if Parts.areSums a then
                for head in headsOf a do
                    for by in readers head do
                        for query in ends head do
                            for key in ends head do
                                if (query, key) <> (ScoreEnd.Position, ScoreEnd.Position) then
                                    Clause.QK(only head, endOf query, endOf key, form [ query; key ], by)
        ]
    }

let private alike (a: Architecture) model explanation tokens =
    close
        Tolerances.explanation
        "the logits"
        (floats (logitsWith Edits.none a model (Parts.expand a explanation) tokens))
        (floats (Transformer.logits model tokens))

/// A shape, a model of it and a text.
let private given least key =
    let a = shape least 3 key
    a, Given.model a key, Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key

let private whole =
    testList "is the model" [
        law 60 "without a clause" (fun key ->
            let a, model, tokens = given 0 key
            alike a model { Clauses = [] } tokens)

        law 40 "with every table given back as it is by a form of one's own" (fun key ->
            let a, model, tokens = given 0 key
            alike a model (everyTable a (fun _ -> own)) tokens)

        law 40 "with every table between letters of full rank, or of more" (fun key ->
            let a, model, tokens = given 0 key
            let rank = TableForm.Rank(a.DVocab + integer 0 1 40 key)

            alike
                a
                model
                (everyTable a (fun ends -> if List.contains ScoreEnd.Position ends then own else rank))
                tokens)

        law 40 "with tables of the rank that their heads have" (fun key ->
            let a, model, tokens = given 0 key
            let rank = TableForm.Rank(max a.DModel a.DHead)

            alike
                a
                model
                (everyTable a (fun ends -> if List.contains ScoreEnd.Position ends then own else rank))
                tokens)

        law 30 "with each table of its own kind, alone" (fun key ->
            let a, model, tokens = given 1 key
            let clauses = (everyTable a (fun _ -> own)).Clauses
            alike a model { Clauses = [ one clauses 40 key ] } tokens)
    ]

let private cuts =
    testList "cut" [
        law 60 "as an intervention of the model cuts" (fun key ->
            let a, model, tokens = given 1 key

            let cut key =
                let head = someHead a 40 key
                let earlier = headsOf a |> List.filter (fun other -> other.Layer < head.Layer)

                let source, from =
                    one
                        [
                            Embedding, CutSource.Embedding
                            if a.Positions = Positions.Standard then
                                PositionEmbedding, CutSource.Positions
                            for other in earlier do
                                HeadOutput other, CutSource.Heads(only other)
                        ]
                        41
                        key

                let input = one [ QueryInput; KeyInput; ValueInput ] 42 key
                (source, head, input), Clause.Cut(from, only head, input)

            let drawn = List.init (integer 1 5 43 key) (fun i -> cut (Key.split (uint64 (44 + i)) key))
            let parts = Parts.expand a { Clauses = List.map snd drawn }
            let edits = { Edits.none with Cuts = Set(List.map fst drawn) }
            let expected = floats (Transformer.logitsWith edits model tokens)

            close Tolerances.explanation "by clauses" (floats (logitsWith Edits.none a model parts tokens)) expected

            close
                Tolerances.explanation
                "by interventions"
                (floats (logitsWith edits a model (Parts.exact a) tokens))
                expected)
    ]

let private interventions (c: Configuration) text key : Intervention list =
    let a = c.Architecture

    let intervention key =
        let target = someHead a 50 key
        let earlier = headsOf a |> List.filter (fun other -> other.Layer < target.Layer)

        let sources = [
            Embedding
            if a.Positions = Positions.Standard then
                PositionEmbedding
            for other in earlier do
                HeadOutput other
        ]

        let vector = normal [ a.DModel ] 54 key |> floats |> Array.toList

        one
            [
                ZeroAblate target
                MeanAblate(target, { Sequences = integer 1 9 55 key; Seed = 3UL })
                ResampleAblate(target, uint64 (integer 0 99 56 key))
                Patch(PatternAt target, one [ None; Some 0 ] 62 key, text)
                Patch(OutputAt target, None, text)
                FreezePattern target
                AddToResidual(integer 0 a.NLayers 57 key, vector)
                Cut(one sources 53 key, target, one [ QueryInput; KeyInput; ValueInput ] 58 key)
            ]
            59
            key

    List.init (integer 1 4 60 key) (fun i -> intervention (Key.split (uint64 (400 + i)) key))

/// A run whose shape is not too large to be explained, and its task.
let private run key =
    let c, _, _ = Given.run key
    let c = { c with Architecture = { c.Architecture with NHeads = min 2 c.Architecture.NHeads } }
    c, Given.task c, Given.model c.Architecture key

let private under =
    testList "under interventions" [
        law 100 "has the model's logits under them" (fun key ->
            let c, task, model = run key
            let text use' = Given.tokens c.Architecture.DVocab task.Length use' key
            let given = interventions c (text 31) key
            let explained = prepared c.Architecture model (Parts.exact c.Architecture)
            let pair = Faithfulness.pair 1 task { Sequences = 1; Seed = 1UL } model given explained
            let row = pair.Seeds |> List.mapi (fun i _ -> text (32 + i)) |> List.fold Tokens.append (text 30)
            close Tolerances.explanation "the logits" (floats (pair.Explanation row)) (floats (pair.Model row)))

        law 40 "has them, too, where letters are resampled from the text itself" (fun key ->
            let c, task, model = run key
            let a = c.Architecture
            let text use' = Given.tokens a.DVocab task.Length use' key
            let given = interventions c (text 31) key
            let parts = Parts.expand a (explanation "attention *.* without query-letter, key-letter by resampling")
            let explained = prepared a model parts
            let pair = Faithfulness.pair 1 task { Sequences = 1; Seed = 1UL } model given explained
            // Behind the sequence stands the one that letters are taken from, and then those that outputs are.
            let row = List.init pair.Seeds.Length (fun i -> text (if i = 0 then 30 else 31 + i))
            let row = row |> List.fold Tokens.append (text 30)
            close Tolerances.explanation "the logits" (floats (pair.Explanation row)) (floats (pair.Model row)))

        law 40 "a patch of what an explanation has not is refused in a sentence" (fun key ->
            let c, task, model = run key
            let a = c.Architecture
            let head = someHead a 40 key
            let text = Given.tokens a.DVocab task.Length 31 key

            let patch =
                one
                    [
                        Patch(ResidualAt(integer 0 a.NLayers 41 key), None, text)
                        Patch(QueryAt head, None, text)
                        Patch(KeyAt head, Some 0, text)
                        Patch(ValueAt head, None, text)
                        Patch(OutputAt head, Some 0, text)
                    ]
                    42
                    key

            let explained = prepared a model (Parts.exact a)

            let sentence =
                refusal (fun () ->
                    Faithfulness.pair 1 task { Sequences = 1; Seed = 1UL } model [ patch ] explained |> ignore)

            Expect.stringContains sentence (string patch) "what is refused"

            Expect.stringContains
                sentence
                "expected a patch of a pattern, or of z at all positions"
                "what was expected")

        test "a form of one's own that makes another shape, or no numbers, is refused in a sentence" {
            let a = Configuration.study.Architecture
            let model = Given.model a (Key.ofSeed 1UL)
            let tokens = Given.tokens a.DVocab 5 1 (Key.ofSeed 2UL)

            let sentence clause =
                refusal (fun () ->
                    logitsWith Edits.none a model (Parts.expand a { Clauses = [ clause ] }) tokens |> ignore)

            let wild = { Layers = Which.Every; Numbers = Which.Every }

            Expect.equal
                (sentence (Clause.Direct(TableForm.Own { Name = "half"; Value = Tensor.slice 0 0 13 })))
                "The form \"half\" made a table of shape [13, 26], expected [26, 26]."
                "a table"

            let rule = AttentionRule.Own { Name = "short"; Value = fun _ -> Tensor.eye 4 }

            Expect.equal
                (sentence (Clause.Attention(wild, AttentionForm.Rule rule, None)))
                "The rule \"short\" made a pattern of shape [4, 4], expected [5, 5]."
                "a pattern"

            let endless (table: Tensor) = table + infinity

            Expect.equal
                (sentence (Clause.Direct(TableForm.Own { Name = "endless"; Value = endless })))
                "The form \"endless\" made a table that has a number that is not finite."
                "a table without end"

            let rule = AttentionRule.Own { Name = "none"; Value = fun _ -> Tensor.full [ 5; 5 ] nan }

            Expect.equal
                (sentence (Clause.Attention(wild, AttentionForm.Rule rule, None)))
                "The rule \"none\" made a pattern that has a number that is not finite, expected shares."
                "a pattern of no numbers"
        }
    ]

/// Smeared as the model smears: each place keeps a share and takes the rest from the place before, [pos].
let private smeared (logits: Tensor option) (head: HeadAddress) (rows: float[][]) : float[][] =
    match logits with
    | None -> rows
    | Some logits ->
        rows
        |> Array.mapi (fun place row ->
            if place = 0 then
                row
            else
                let kept = 1.0 / (1.0 + exp -(Tensor.item [ head.Head; place - 1 ] logits))
                Array.map2 (fun own before -> kept * own + (1.0 - kept) * before) row rows[place - 1])

let private terms =
    testList "is a sum" [
        law 40 "the terms of scores add up to the scores" (fun key ->
            let a = shape 1 3 key
            // Learned positions are moved by heads, too; then the terms are all of it in the first layer only.
            let layers = if a.Positions = Positions.Standard then 1 else a.NLayers
            let a = { a with NLayers = layers }

            if Parts.areSums a then
                let model = Given.model a key
                let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
                let activations = Transformer.activations Edits.none model tokens
                let terms = Terms.ofModel a.NCtx model
                let pattern (head: HeadAddress) = Tensor.select 0 head.Head activations.Layers[head.Layer].Pattern

                let places =
                    Array.init tokens.Length (fun p -> Array.init a.NCtx (fun q -> if p = q then 1.0 else 0.0))

                for head in headsOf a do
                    let block = model.Blocks[head.Layer]

                    let sides smear = [
                        for path in Parts.sources head.Layer a do
                            ScoreEnd.Path path, smeared smear head (content pattern a.DVocab tokens path)

                        if Parts.havePositions a then
                            ScoreEnd.Position,
                            (if a.Positions = Positions.Standard then smeared smear head places else places)
                    ]

                    let expected = Tensor.select 0 head.Head activations.Layers[head.Layer].Scores |> floats

                    let sums = Array.init expected.Length (fun _ -> 0.0)

                    for queryEnd, queries in sides block.SmearQueries do
                        for keyEnd, keys in sides block.Smear do
                            let table = Terms.score terms head queryEnd keyEnd

                            for query in 0 .. tokens.Length - 1 do
                                let asked =
                                    table.LeftMultiply(
                                        MathNet.Numerics.LinearAlgebra.Vector.Build.DenseOfArray queries[query]
                                    )

                                for key in 0..query do
                                    let place = query * tokens.Length + key
                                    sums[place] <- sums[place] + dot (asked.ToArray()) keys[key]

                    close Tolerances.model $"the scores of {head}" sums expected)

        law 40 "the paths' tables add up to the logits" (fun key ->
            let a, model, tokens = given 0 key

            if a.Positions <> Positions.Standard then
                let patterns = Transformer.patterns model tokens
                let pattern (head: HeadAddress) = Tensor.select 0 head.Head patterns[head.Layer]
                let terms = Terms.ofModel a.NCtx model
                let sums = Array.init (tokens.Length * a.DVocab) (fun _ -> 0.0)

                for path in Parts.paths a do
                    let table = Terms.path terms path

                    content pattern a.DVocab tokens path
                    |> Array.iteri (fun place row ->
                        let moved = table.LeftMultiply(MathNet.Numerics.LinearAlgebra.Vector.Build.DenseOfArray row)

                        for letter in 0 .. a.DVocab - 1 do
                            let i = place * a.DVocab + letter
                            sums[i] <- sums[i] + moved[letter])

                close Tolerances.model "the logits" sums (floats (Transformer.logits model tokens)))
    ]

[<Tests>]
let tests = testList "An explanation that keeps everything" [ whole; cuts; under; terms ]
