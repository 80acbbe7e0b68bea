/// What is kept of parts: forms that say the same in other words, what a clause touches, and which clause holds.
module Interp.Properties.FormLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

/// A shape whose scores are sums, a model of it and a text.
let private ofSums least key =
    let a = shape least 3 key
    let positions = one [ Positions.Study; Positions.Standard; Positions.NoPositions ] 9 key

    // Learned positions are moved by heads, too, and what later layers read of that is no term of scores.
    let a = {
        a with
            Positions = positions
            NLayers = if positions = Positions.Standard then 1 else a.NLayers
            NHeads = min 2 a.NHeads
    }

    a, Given.model a key, Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key

/// Two explanations have the same logits.
let private alike a model tokens (one: Parts) (other: Parts) =
    close
        Tolerances.explanation
        "the logits"
        (floats (logitsWith Edits.none a model one tokens))
        (floats (logitsWith Edits.none a model other tokens))

let private parts a clauses = Parts.expand a { Clauses = clauses }

/// A head, and one that reads it or none.
let private reading a key =
    let head = someHead a 40 key
    let later = headsOf a |> List.filter (fun other -> other.Layer > head.Layer)

    let by = if later.IsEmpty || truth 41 key then None else Some(only (one later 42 key))

    head, by

/// What is kept of a term between positions, which no clause names.
let private betweenPositions (head: HeadAddress) by form (parts: Parts) =
    let usage =
        match by with
        | Some { Layers = Which.One layer; Numbers = Which.One number } ->
            PatternUse.ReadBy { Layer = layer; Head = number }
        | _ -> PatternUse.Moves

    { parts with Scores = parts.Scores.Add((head, usage, ScoreEnd.Position, ScoreEnd.Position), form) }

let private overRows: TableForm =
    TableForm.Own {
        Name = "the mean of all rows"
        Value = fun table -> Tensor.zerosLike table + Tensor.meanKeep [ 0 ] table
    }

let private overColumns: TableForm =
    TableForm.Own {
        Name = "the mean of all columns"
        Value = fun table -> Tensor.zerosLike table + Tensor.meanKeep [ 1 ] table
    }

/// An explanation of one head that leaves things out, and the same by what is kept of the terms of its scores.
let private inOtherWords name (inputs: ScoreInput list) letters ofQueryLetters ofQueryPositions ofPositions =
    law 30 name (fun key ->
        let a, model, tokens = ofSums 1 key
        let head, by = reading a key
        let position = Parts.havePositions a

        let left =
            parts a [
                Clause.Attention(only head, AttentionForm.Scored(Set inputs, Replacement.Mean, false, false), by)
            ]

        let kept =
            parts a [
                Clause.QK(only head, ScoreSource.Letters, ScoreSource.Letters, letters, by)

                if position then
                    Clause.QK(only head, ScoreSource.Letters, ScoreSource.Pos, ofQueryLetters, by)
                    Clause.QK(only head, ScoreSource.Pos, ScoreSource.Letters, ofQueryPositions, by)
            ]

        alike a model tokens left (if position then betweenPositions head by ofPositions kept else kept))

let private words =
    testList "in other words" [
        inOtherWords
            "without query-letter is qk over-queries and (embed, pos) over-letters"
            [ ScoreInput.QueryLetter ]
            TableForm.OverQueries
            TableForm.OverLetters
            TableForm.Exact
            TableForm.Exact

        inOtherWords
            "without key-letter is qk over-keys and (pos, embed) over-letters"
            [ ScoreInput.KeyLetter ]
            TableForm.OverKeys
            TableForm.Exact
            TableForm.OverLetters
            TableForm.Exact

        inOtherWords
            "without query-position is (pos, embed) over-positions, and the mean over queries between positions"
            [ ScoreInput.QueryPosition ]
            TableForm.Exact
            TableForm.Exact
            TableForm.OverPositions
            overRows

        inOtherWords
            "without key-position is (embed, pos) over-positions, and the mean over keys between positions"
            [ ScoreInput.KeyPosition ]
            TableForm.Exact
            TableForm.OverPositions
            TableForm.Exact
            overColumns

        // What is the same for all keys is nothing to a softmax.
        inOtherWords
            "own-letters is qk over-queries, (embed, pos) nothing, (pos, embed) over-positions, and nothing between positions"
            [ ScoreInput.QueryLetter; ScoreInput.QueryPosition; ScoreInput.KeyPosition ]
            TableForm.OverQueries
            TableForm.Nothing
            TableForm.OverPositions
            TableForm.Nothing

        inOtherWords
            "without anything is nothing"
            [ ScoreInput.QueryLetter; ScoreInput.KeyLetter; ScoreInput.QueryPosition; ScoreInput.KeyPosition ]
            TableForm.Nothing
            TableForm.Nothing
            TableForm.Nothing
            TableForm.Nothing

        law 20 "own-letters says what its own four terms say in clauses" (fun key ->
            let a, model, tokens = ofSums 1 key

            if Parts.havePositions a then
                alike
                    a
                    model
                    tokens
                    (Parts.expand a (explanation "attention *.* own-letters"))
                    (Parts.expand
                        a
                        (explanation
                            "qk *.*(*, *) over-queries; qk *.*(*, pos) nothing; qk *.*(pos, *) over-positions; attention *.* without key-position")))

        law 20 "without a head's whole scores it attends as uniform does" (fun key ->
            let a, model, tokens = ofSums 1 key
            let head = only (someHead a 40 key)

            alike
                a
                model
                tokens
                (Parts.expand
                    a
                    (explanation $"attention {head} without query-letter, key-letter, query-position, key-position"))
                (Parts.expand a (explanation $"attention {head} uniform")))

        law 30 "own-letters of a model whose scores depend on the key's letter alone is exact" (fun key ->
            // The embedding's last dimension is 1 for every letter: queries read it alone, keys all the others.
            let a, _, tokens = ofSums 1 key
            let a = { a with Positions = Positions.NoPositions; NLayers = 1; DModel = a.DModel + 1 }
            let model = Given.model a (Key.split 50UL key)

            let only of' = Tensor.init [ a.DModel ] (fun index -> if of' index.Head then 1.0 else 0.0)

            let last = only ((=) (a.DModel - 1))
            let others = only ((<>) (a.DModel - 1))
            let rows (keep: Tensor) (w: Tensor) = w * Tensor.reshape [ 1; a.DModel; 1 ] keep

            let model = {
                model with
                    Positions = Positions.NoPositions
                    W_pos = None
                    W_E = model.W_E * others + last
                    Blocks = [
                        for block in model.Blocks ->
                            { block with W_Q = rows last block.W_Q; W_K = rows others block.W_K }
                    ]
            }

            close
                Tolerances.explanation
                "the logits"
                (floats (logits a model "attention *.* own-letters" tokens))
                (floats (Transformer.logits model tokens)))

        law 30 "of a table, its mean and its diagonal as a plain loop has them" (fun key ->
            let size = integer 1 9 40 key
            let at = normal [ size; size ] 41 key |> floats
            let entry row column = at[row * size + column]
            let mean values = if List.isEmpty values then 0.0 else List.average values

            let off =
                mean [
                    for row in 0 .. size - 1 do
                        for column in 0 .. size - 1 do
                            if row <> column then
                                entry row column
                ]

            let diagonal = mean [ for i in 0 .. size - 1 -> entry i i ]
            let ofRow row = mean [ for column in 0 .. size - 1 -> entry row column ]
            let ofColumn column = mean [ for row in 0 .. size - 1 -> entry row column ]

            for form, rowsArePositions, expected in
                [
                    TableForm.Exact, false, entry
                    TableForm.Nothing, false, (fun _ _ -> 0.0)
                    TableForm.Diagonal, false, (fun row column -> if row = column then entry row row else off)
                    TableForm.TwoNumbers, false, (fun row column -> if row = column then diagonal else off)
                    TableForm.OverQueries, false, (fun _ column -> ofColumn column)
                    TableForm.OverKeys, false, (fun row _ -> ofRow row)
                    TableForm.OverLetters, false, (fun _ column -> ofColumn column)
                    TableForm.OverLetters, true, (fun row _ -> ofRow row)
                    TableForm.OverPositions, true, (fun _ column -> ofColumn column)
                    TableForm.OverPositions, false, (fun row _ -> ofRow row)
                ] do
                let table =
                    MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.Dense(size, size, (fun i j -> entry i j))

                let kept = TableForms.keep form rowsArePositions table

                close
                    Tolerances.doubles
                    (string form)
                    (kept.ToRowMajorArray())
                    (Array.init (size * size) (fun i -> expected (i / size) (i % size))))

        law 30 "rank is as near as its singular values left out" (fun key ->
            let rows, columns = integer 1 9 40 key, integer 1 9 41 key
            let rank = integer 1 9 42 key
            let at = normal [ rows; columns ] 43 key |> floats

            let table =
                MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.Dense(
                    rows,
                    columns,
                    (fun i j -> at[i * columns + j])
                )

            let kept = TableForms.keep (TableForm.Rank rank) false table
            let values = table.Svd().S.ToArray()
            let left = values |> Array.skip (min rank values.Length) |> Array.sumBy (fun s -> s * s)
            within Tolerances.eigenvalues (1.0 + left) "the distance" ((table - kept).FrobeniusNorm() ** 2.0) left
            Expect.isLessThanOrEqual (kept.Rank()) rank "the rank")
    ]

/// The pattern of a rule, of one head.
let private rulePattern length : Tensor =
    Tensor.init [ length; length ] (fun index -> if index[1] = max 0 (index[0] - 2) then 1.0 else 0.0)

let private at (head: HeadAddress) pattern = Edits.at (PatternAt head) (fun _ -> pattern)

let private touched =
    testList "touch what they name" [
        law 40 "attention 0.h moves values otherwise, and leaves what later layers read" (fun key ->
            let a = shape 1 3 key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let head = { Layer = 0; Head = integer 0 (a.NHeads - 1) 40 key }
            let patterns = Transformer.patterns model tokens

            let edits =
                (at head (rulePattern tokens.Length), headsOf a)
                ||> List.fold (fun edits other ->
                    if other.Layer = 0 then
                        edits
                    else
                        Edits.combine edits (at other (Tensor.select 0 other.Head patterns[other.Layer])))

            close
                Tolerances.explanation
                "the logits"
                (floats (logits a model $"attention {head} 2-back" tokens))
                (floats (Transformer.logitsWith edits model tokens)))

        law 40 "attention 0.h for 1.* changes what layer 1 reads alone" (fun key ->
            let a = { shape 2 3 key with NHeads = integer 1 2 41 key }
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let head = { Layer = 0; Head = integer 0 (a.NHeads - 1) 40 key }
            let reader = integer 1 (a.NLayers - 1) 42 key
            let own = Transformer.patterns model tokens

            // Patterns before the reader are its own, whatever it reads of the head.
            let kept layers edits =
                (edits, headsOf a)
                ||> List.fold (fun edits other ->
                    if List.contains other.Layer layers && other <> head then
                        Edits.combine edits (at other (Tensor.select 0 other.Head own[other.Layer]))
                    else
                        edits)

            let read =
                Transformer.activations (at head (rulePattern tokens.Length) |> kept [ 0 .. reader - 1 ]) model tokens
                |> fun activations -> activations.Layers[reader].Pattern

            let edits =
                (Edits.none, headsOf a)
                ||> List.fold (fun edits other ->
                    if other.Layer = reader then
                        Edits.combine edits (at other (Tensor.select 0 other.Head read))
                    else
                        edits)

            // Patterns of layers behind the reader read what it moves by the patterns that it has.
            close
                Tolerances.explanation
                "the logits"
                (floats (logits a model $"attention {head} 2-back for {reader}.*" tokens))
                (floats (Transformer.logitsWith edits model tokens)))

        law 40 "a path's table changes by itself" (fun key ->
            let a = shape 1 3 key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let path = one (Parts.paths a |> List.filter (List.isEmpty >> not)) 40 key
            let patterns = Transformer.patterns model tokens
            let pattern (head: HeadAddress) = Tensor.select 0 head.Head patterns[head.Layer]
            let table = Terms.path (Terms.ofModel a.NCtx model) path
            let moved = content pattern a.DVocab tokens path

            let whole = Transformer.logits model tokens |> floats

            let without =
                whole
                |> Array.mapi (fun i x ->
                    let place, letter = i / a.DVocab, i % a.DVocab
                    x - dot moved[place] (table.Column(letter).ToArray()))

            let text = path |> List.map string |> String.concat ">"

            // What is taken away may be as large as what is left.
            let scale = max (largest whole) (largest without)

            Array.iter2
                (within Tolerances.explanation (max 1.0 scale) "a logit")
                (floats (logits a model $"ov {text} nothing" tokens))
                without)
    ]

/// What an explanation says of one head's pattern, and of what it writes.
let private saysOf (a: Architecture) (head: HeadAddress) key : Clause list * Clause list =
    let rule = AttentionForm.Rule(AttentionRule.Back(integer 1 9 50 key))
    let every = { Layers = Which.Every; Numbers = Which.Every }

    let ofPattern = [
        Clause.Attention(only head, rule, None)

        if head.Layer < a.NLayers - 1 then
            Clause.Attention(only head, rule, Some every)

        if Parts.areSums a then
            Clause.QK(only head, ScoreSource.Letters, ScoreSource.Letters, GivenExplanations.scoreForm key, None)
    ]

    ofPattern, [ Clause.OV([ only head ], GivenExplanations.valueForm key) ]

let private unsaid =
    testList "say nothing" [
        law 30 "of a pattern that is held" (fun key ->
            let a = shape 1 3 key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let head = someHead a 40 key
            let edits = at head (rulePattern tokens.Length)
            let ofPattern, _ = saysOf a head key

            close
                Tolerances.explanation
                "the logits"
                (floats (logitsWith edits a model (parts a ofPattern) tokens))
                (floats (Transformer.logitsWith edits model tokens)))

        law 30 "of a head that is silent" (fun key ->
            let a = shape 1 3 key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let head = someHead a 40 key
            let edits = Edits.at (OutputAt head) Tensor.zerosLike
            let ofPattern, ofWriting = saysOf a head key

            close
                Tolerances.explanation
                "the logits"
                (floats (logitsWith edits a model (parts a (ofPattern @ ofWriting)) tokens))
                (floats (Transformer.logitsWith edits model tokens)))
    ]

let private held =
    testList "of several clauses" [
        law 60 "for one part the later one holds" (fun key ->
            let a = shape 1 3 key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key

            let ofPart key =
                let head = only (someHead a 40 key)

                match integer 0 2 41 key with
                | 0 -> Clause.Direct(GivenExplanations.valueForm key)
                | 1 -> Clause.OV([ head ], GivenExplanations.valueForm key)
                | _ ->
                    let rule = AttentionRule.Back(integer 1 9 42 key)
                    Clause.Attention(head, AttentionForm.Rule rule, None)

            let later = ofPart key

            let earlier =
                match later with
                | Clause.Direct _ -> Clause.Direct TableForm.Nothing
                | Clause.OV(path, _) -> Clause.OV(path, TableForm.Nothing)
                | Clause.Attention(head, _, by) -> Clause.Attention(head, AttentionForm.Rule AttentionRule.Uniform, by)
                | other -> failtest $"{other}"

            let both = parts a [ earlier; later ]
            Expect.equal both (parts a [ later ]) "what they expand to"

            same
                "the logits"
                (logitsWith Edits.none a model both tokens)
                (logitsWith Edits.none a model (parts a [ later ]) tokens))

        law 60 "wildcards are what they expand to, clause by clause" (fun key ->
            let a = shape 1 3 key
            let form = GivenExplanations.valueForm key
            let rule = AttentionForm.Rule(AttentionRule.Back(integer 1 9 42 key))
            let every = { Layers = Which.Every; Numbers = Which.Every }
            let layer = { Layers = Which.One(integer 0 (a.NLayers - 1) 43 key); Numbers = Which.Every }

            for heads in [ every; layer ] do
                let meant = headsOf a |> List.filter heads.Has

                Expect.equal
                    (parts a [ Clause.OV([ heads ], form) ])
                    (parts a [ for head in meant -> Clause.OV([ only head ], form) ])
                    "paths"

                Expect.equal
                    (parts a [ Clause.Attention(heads, rule, None) ])
                    (parts a [ for head in meant -> Clause.Attention(only head, rule, None) ])
                    "patterns"

                if Parts.areSums a then
                    Expect.equal
                        (parts a [ Clause.QK(heads, ScoreSource.Embed, ScoreSource.Letters, form, None) ])
                        (parts a [
                            for head in meant do
                                Clause.QK(only head, ScoreSource.Embed, ScoreSource.Embed, form, None)

                                for path in Parts.sources head.Layer a do
                                    if not path.IsEmpty then
                                        let key = ScoreSource.Through(List.map only path)
                                        Clause.QK(only head, ScoreSource.Embed, key, form, None)
                        ])
                        "terms"

                if a.NLayers > 1 then
                    Expect.equal
                        (parts a [ Clause.OV([ every; every ], form) ])
                        (parts a [
                            for first in headsOf a do
                                for second in headsOf a do
                                    if second.Layer > first.Layer then
                                        Clause.OV([ only first; only second ], form)
                        ])
                        "paths through two")
    ]

let private renamed =
    testList "letters" [
        law 60 "renamed in model, text and explanation alike change nothing" (fun key ->
            let a = shape 0 3 key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let others = Given.tokens a.DVocab tokens.Length 32 key
            let order = Nulls.permutation a.DVocab (Key.split 33UL key)

            let rename (tokens: Tokens) =
                Tokens.toArray tokens |> Array.map (fun letter -> order[letter]) |> Tokens.ofArray

            let back = Array.init a.DVocab (fun letter -> System.Array.IndexOf(order, letter))

            let other = {
                model with
                    W_E = Tensor.gather model.W_E (Tokens.ofArray back)
                    W_U = Tensor.transpose (Tensor.gather (Tensor.transpose model.W_U) (Tokens.ofArray back))
            }

            let parts = Parts.expand a (fitting 4 a key)
            let sequences = Given.sequences a.DVocab a.NCtx 5 key

            let logits model sequences tokens others =
                Explained.logitsWith Edits.none (preparedOver sequences a model parts) tokens others

            let expected = logits model sequences tokens others

            let found =
                logits other (List.map rename sequences) (rename tokens) (rename others)
                |> Tensor.transpose
                |> fun logits -> Tensor.gather logits (Tokens.ofArray order)
                |> Tensor.transpose

            close Tolerances.explanation "the logits" (floats found) (floats expected))
    ]

[<Tests>]
let tests = testList "What explanations keep" [ words; touched; unsaid; held; renamed ]
