/// Patterns of explanations: rules against plain loops, averages and sums against plain means.
module Interp.Properties.PatternLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ExplanationTools

/// Where a query looks by a rule, and how much, of the letters up to it: as it is defined, one query at a time.
let private looks (rule: AttentionRule) (letters: int[]) (query: int) : Map<int, float> =
    let earlier = [ 0 .. query - 1 ]
    let evenly places = Map [ for place in places -> place, 1.0 / float (List.length places) ]
    let orItself places = if List.isEmpty places then [ query ] else places

    let matches = [ 1..query ] |> List.filter (fun place -> letters[place - 1] = letters[query])

    match rule with
    | AttentionRule.Back places -> evenly [ (if query < places then 0 else query - places) ]
    | AttentionRule.Uniform -> evenly (earlier @ [ query ])
    | AttentionRule.SameLetter ->
        earlier |> List.filter (fun place -> letters[place] = letters[query]) |> orItself |> evenly
    | AttentionRule.AfterLastMatch -> evenly [ List.last (orItself matches) ]
    | AttentionRule.AfterFirstMatch -> evenly [ List.head (orItself matches) ]
    | AttentionRule.Own _ -> failtest "a rule of one's own has no definition"

let private rules key = [
    AttentionRule.Back 1
    AttentionRule.Back(integer 2 30 50 key)
    AttentionRule.SameLetter
    AttentionRule.AfterLastMatch
    AttentionRule.AfterFirstMatch
    AttentionRule.Uniform
]

/// A shape with heads and a model of it.
let private given key =
    let a = shape 1 3 key
    a, Given.model a key

let private wild = { Layers = Which.Every; Numbers = Which.Every }

let private attention a form = Parts.expand a { Clauses = [ Clause.Attention(wild, form, None) ] }

let private ruled =
    testList "a rule" [
        law 60 "looks where a plain loop looks, in rows that sum to one and see nothing to come" (fun key ->
            let a, model = given key
            // Few letters, so that they come again.
            let letters = integer 2 (min 5 a.DVocab) 40 key
            let tokens = Given.tokens letters (integer 1 a.NCtx 30 key) 31 key
            let known = Tokens.toArray tokens

            for rule in rules key do
                let explained = prepared a model (attention a (AttentionForm.Rule rule))

                match patterns explained (someHead a 41 key) tokens with
                // That by which values move stands beside those that later heads read through.
                | [] -> failtest "no pattern was seen"
                | found ->
                    let isRule (pattern: Tensor) =
                        [ 0 .. tokens.Length - 1 ]
                        |> List.forall (fun query ->
                            let expected = looks rule known query

                            [ 0 .. tokens.Length - 1 ]
                            |> List.forall (fun place ->
                                let share = Map.tryFind place expected |> Option.defaultValue 0.0

                                let allowed = if share = 1.0 then 0.0 else Tolerances.rowSum * share
                                abs (Tensor.item [ query; place ] pattern - share) <= allowed))

                    Expect.isTrue (List.exists isRule found) $"{rule} on {Letters.toText tokens}")

        law 30 "for later heads is what they read through" (fun key ->
            let a = { shape 2 3 key with NHeads = integer 1 2 42 key }
            let model = Given.model a key
            let tokens = Given.tokens (min 5 a.DVocab) (integer 1 a.NCtx 30 key) 31 key
            let rule = one (rules key) 43 key
            let head = { Layer = integer 0 (a.NLayers - 2) 44 key; Head = integer 0 (a.NHeads - 1) 45 key }
            let readers = { Layers = Which.Every; Numbers = Which.Every }

            let explained =
                prepared
                    a
                    model
                    (Parts.expand a {
                        Clauses = [
                            Clause.Attention(only head, AttentionForm.Rule rule, Some readers)
                            Clause.Attention(only head, AttentionForm.Rule rule, None)
                        ]
                    })

            let expected =
                Tensor.init [ tokens.Length; tokens.Length ] (fun index ->
                    looks rule (Tokens.toArray tokens) index[0] |> Map.tryFind index[1] |> Option.defaultValue 0.0)

            for pattern in patterns explained head tokens do
                close Tolerances.rowSum "a pattern" (floats pattern) (floats expected))

        law 30 "of one's own is followed as it is" (fun key ->
            let a, model = given key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let rule = one (rules key) 43 key

            let own (tokens: Tokens) =
                Tensor.init [ tokens.Length; tokens.Length ] (fun index ->
                    looks rule (Tokens.toArray tokens) index[0] |> Map.tryFind index[1] |> Option.defaultValue 0.0)

            let named = AttentionRule.Own { Name = "written out"; Value = own }

            let logits rule tokens = logitsWith Edits.none a model (attention a (AttentionForm.Rule rule)) tokens
            close Tolerances.explanation "the logits" (floats (logits named tokens)) (floats (logits rule tokens))

            // In batches, too, where letters are known only when it comes to them.
            let others = Given.sequences a.DVocab tokens.Length (integer 1 40 44 key) key

            (Batch.map (integer 1 3 45 key) (logits named) others, others)
            ||> List.iter2 (fun found tokens -> same "the logits" found (logits named tokens)))
    ]

/// The mean of some heads' patterns over some sequences, [pos, key_pos], in plain loops.
let private meanPattern (model: Model<Tensor>) (heads: HeadAddress list) (sequences: Tokens list) : float[] =
    let all = [
        for tokens in sequences do
            let patterns = Transformer.patterns model tokens

            for head in heads -> floats (Tensor.select 0 head.Head patterns[head.Layer])
    ]

    Array.init all.Head.Length (fun i -> all |> List.averageBy (fun pattern -> pattern[i]))

/// Numbers of some whole pattern of n_ctx places, as far as shorter texts reach.
let private firstPlaces (a: Architecture) length (pattern: float[]) =
    Array.init (length * length) (fun i -> pattern[i / length * a.NCtx + i % length])

let private contains what expected (found: Tensor list) =
    let near (pattern: Tensor) = distance (floats pattern) expected <= Tolerances.model

    if not (List.exists near found) then
        let off = found |> List.map (fun pattern -> distance (floats pattern) expected)
        failtest $"{what}: off by {off}"

let private averaged =
    testList "a mean" [
        law 40 "positions is the average pattern of the model over other sequences" (fun key ->
            let a, model = given key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let sequences = Given.sequences a.DVocab a.NCtx (integer 1 40 32 key) key
            let head = someHead a 41 key

            let explained =
                preparedOver sequences a model (Parts.expand a (explanation $"attention {head} positions"))

            meanPattern model [ head ] sequences
            |> firstPlaces a tokens.Length
            |> fun expected -> contains "the pattern" expected (patterns explained head tokens))

        law 40 "shared is the mean of its layer's heads, sequence by sequence" (fun key ->
            let a, model = given key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let head = someHead a 41 key
            let layer = headsOf a |> List.filter (fun other -> other.Layer = head.Layer)
            let explained = prepared a model (Parts.expand a (explanation $"attention {head} shared"))
            contains "the pattern" (meanPattern model layer [ tokens ]) (patterns explained head tokens))

        law 40 "positions shared is the mean of both" (fun key ->
            let a, model = given key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let sequences = Given.sequences a.DVocab a.NCtx (integer 1 40 32 key) key
            let head = someHead a 41 key
            let layer = headsOf a |> List.filter (fun other -> other.Layer = head.Layer)

            let explained =
                preparedOver sequences a model (Parts.expand a (explanation $"attention {head} positions shared"))

            meanPattern model layer sequences
            |> firstPlaces a tokens.Length
            |> fun expected -> contains "the pattern" expected (patterns explained head tokens))

        law 30 "positions of earlier layers for later ones is the average of what these look at then" (fun key ->
            let a = { shape 2 2 key with NHeads = integer 1 2 42 key }
            let model = Given.model a key
            let sequences = Given.sequences a.DVocab a.NCtx (integer 1 20 32 key) key
            let first = { Layer = 0; Head = integer 0 (a.NHeads - 1) 43 key }
            let second = { Layer = 1; Head = integer 0 (a.NHeads - 1) 44 key }

            let mean =
                Tensor.ofArray [ a.NCtx; a.NCtx ] (meanPattern model [ first ] sequences |> Array.map float32)

            let edits = Edits.at (PatternAt first) (fun _ -> mean)

            let expected =
                let all = [
                    for tokens in sequences ->
                        Transformer.activations edits model tokens |> Transformer.at (PatternAt second) |> floats
                ]

                Array.init all.Head.Length (fun i -> all |> List.averageBy (fun pattern -> pattern[i]))

            let explained =
                preparedOver
                    sequences
                    a
                    model
                    (Parts.expand a (explanation $"attention {first} positions for 1.*; attention {second} positions"))

            contains "the pattern" expected (patterns explained second sequences.Head))

        law 40 "by frequencies is by the mean where every letter comes equally often" (fun key ->
            let a, model = given key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key
            let evenly = [ Tokens.ofArray (Array.init a.DVocab id) ]

            let logits by =
                let parts = Parts.expand a (explanation $"attention *.* without query-letter, key-letter{by}")
                floats (Explained.logitsWith Edits.none (preparedOver evenly a model parts) tokens tokens)

            close Tolerances.explanation "the logits" (logits " by frequencies") (logits ""))

        law 40 "a letter resampled from the text itself is no other" (fun key ->
            let a, model = given key
            let tokens = Given.tokens a.DVocab (integer 1 a.NCtx 30 key) 31 key

            close
                Tolerances.explanation
                "the logits"
                (floats (logits a model "attention *.* without query-letter, key-letter by resampling" tokens))
                (floats (Transformer.logits model tokens)))

        law 40 "both letters resampled is the pattern of the other text" (fun key ->
            // Values are the text's own.
            let a = { shape 1 1 key with NHeads = integer 1 2 42 key }
            let model = Given.model a key
            let length = integer 1 a.NCtx 30 key
            let tokens, others = Given.tokens a.DVocab length 31 key, Given.tokens a.DVocab length 32 key

            let edits =
                (Edits.none, headsOf a)
                ||> List.fold (fun edits head ->
                    let patterns = Transformer.patterns model others
                    let pattern = Tensor.select 0 head.Head patterns[head.Layer]
                    Edits.combine edits (Edits.at (PatternAt head) (fun _ -> pattern)))

            let parts = Parts.expand a (explanation "attention *.* without query-letter, key-letter by resampling")

            close
                Tolerances.explanation
                "the logits"
                (floats (Explained.logitsWith Edits.none (prepared a model parts) tokens others))
                (floats (Transformer.logitsWith edits model tokens)))
    ]

[<Tests>]
let tests = testList "Patterns of explanations" [ ruled; averaged ]
