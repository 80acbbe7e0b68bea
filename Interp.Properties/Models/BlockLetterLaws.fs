/// What parts of a model do with a block's letters, and what is written behind prompts: against loops over plain numbers.
module Interp.Properties.BlockLetterLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private reference = { Sequences = 4; Seed = 3UL }

/// A shape and a task that are asked, of any positions and smears.
let private given key =
    let length = integer 2 4 40 key
    let blocks = integer 3 5 41 key
    let a = { Given.architecture key with DVocab = integer (length + 1) 20 42 key; NCtx = length * blocks }
    a, { Letters = a.DVocab; BlockLength = length; Blocks = blocks }, Given.model a key

let private sequences (r: Repetition) =
    HeadScores.blocks
        r.Letters
        r.Length
        r.BlockLength
        (Key.ofSeed reference.Seed |> Key.split (uint64 r.BlockLength))
        reference.Sequences

/// The mean over sequences and queries of what a part's logits [pos, vocab] have for the letter so many back, beyond the mean of the letters that are
/// not there.
let private beyond (r: Repetition) (logits: Tokens -> Tensor) back =
    [
        for tokens in sequences r do
            let letters, logits = Tokens.toArray tokens, logits tokens
            let vocabulary = logits.Shape[1]
            let absent = List.except letters [ 0 .. vocabulary - 1 ]

            for query in r.BlockLength - 1 .. r.Length - 1 do
                Tensor.item [ query; letters[query - back] ] logits
                - List.averageBy (fun letter -> Tensor.item [ query; letter ] logits) absent
    ]
    |> List.average

let private close what (found: float) expected = within Tolerances.model (1.0 + abs expected) what found expected

let private effects =
    testList "are measured" [
        law 25 "as loops over every head's own logits measure them" (fun key ->
            let a, r, model = given key
            let found = (BlockLetters.measure (integer 1 2 43 key) a r model reference).Value
            let backs = [ 0 .. r.BlockLength - 1 ]
            let activations tokens = Transformer.activations Edits.none model tokens

            for back, added in List.zip backs found.Direct do
                close "the direct path" added (beyond r (Given.directLogits model) back)

            Expect.equal (List.map fst found.Heads) (Model.heads model) "heads"

            for head, added in found.Heads do
                let logits tokens =
                    Tensor.matmul
                        (Tensor.select 0 head.Head (activations tokens).Layers[head.Layer].HeadOutput)
                        model.W_U

                for back, added in List.zip backs added do
                    close $"head {head}" added (beyond r logits back)

            let all = BlockLetters.together (found.Direct :: List.map snd found.Heads)

            for back, added in List.zip backs all do
                close "all parts together are the model" added (beyond r (Transformer.logits model) back))

        law 25 "and where the next letter stood first is found by its letter" (fun key ->
            let a, r, model = given key
            let found = (BlockLetters.measure 1 a r model reference).Value

            let attention edits (head: HeadAddress) =
                [
                    for tokens in sequences r do
                        let letters = Tokens.toArray tokens
                        let pattern = (Transformer.activations edits model tokens).Layers[head.Layer].Pattern

                        for query in 0 .. r.Length - 1 do
                            let next = letters[(query + 1) % r.BlockLength]
                            let places = [ 0..query ] |> List.filter (fun place -> letters[place] = next)

                            if places.Length > 1 then
                                Tensor.item [ head.Head; query; places.Head ] pattern
                ]
                |> List.average

            for head, share in found.First do
                close $"head {head}" share (attention Edits.none head)

            let later = Model.heads model |> List.filter (fun head -> head.Layer > 0)
            Expect.equal (List.map fst found.FirstWithoutKeys) later "later heads"

            let cut = {
                Edits.none with
                    Cuts =
                        Set [
                            for earlier in Model.heads model do
                                for head in later do
                                    if earlier.Layer < head.Layer then
                                        HeadOutput earlier, head, KeyInput
                        ]
            }

            for head, share in found.FirstWithoutKeys do
                close $"head {head} without K-composition" share (attention cut head))

        law 50 "of the shapes that have letters and blocks for it, and of no others" (fun key ->
            let c = Given.configuration key
            let a, r = c.Architecture, Given.repetition c
            let found = BlockLetters.measure 1 a r (Given.model a key) { Sequences = 2; Seed = 1UL }
            Expect.equal found.IsSome (BlockLetters.possible a r) "measured")

        law 100 "and letters are held down from the current one on, without a gap" (fun key ->
            let added = floats (normal [ 6 ] 1 key) |> List.ofArray
            let nats = abs (floats (normal [ 1 ] 2 key) |> Array.head)
            let held = BlockLetters.heldDown nats added
            let count = int held
            Expect.isTrue (added |> List.take count |> List.forall (fun x -> x < -nats)) "all of them"
            Expect.isTrue (count = 6 || added[count] >= -nats) "and not the next"
            Expect.isGreaterThanOrEqual (BlockLetters.heldDown 0.0 added) held "less is asked"
            Expect.isTrue (System.Double.IsNaN(BlockLetters.heldDown nats (nan :: added))) "no number")
    ]

/// Greedy completions of the beginnings of held-out sequences, beside these.
let private completions task model prompt count =
    let heldOut = Sequences.heldOut task { Sequences = count; Seed = 4UL }

    heldOut
    |> List.map (Tokens.slice 0 prompt)
    |> Decoding.greedy 1 model task.Length
    |> List.map2 (fun truth whole -> Tokens.toArray truth, Tokens.toArray whole) heldOut

let private mean (values: bool list) =
    if values.IsEmpty then
        0.0
    else
        values |> List.averageBy (fun value -> if value then 1.0 else 0.0)

/// Models and tasks of two letters and more, few enough that letters come twice.
let private prompted key =
    let length = integer 2 4 50 key
    let blocks = integer 3 4 51 key
    let a = { Given.architecture key with DVocab = integer length 8 52 key; NCtx = length * blocks }
    length, Given.repeating a.DVocab length blocks, Given.model a key

let private habits =
    testList "what is written" [
        law 20 "behind a pattern is counted letter by letter" (fun key ->
            let _, task, model = prompted key
            let found = (Behaviour.evaluate 1 task model { Sequences = 40; Seed = 4UL }).Prompts.Value.All
            let prompt = task.Prompts.Value.Length
            let written = completions task model prompt 40

            let each (asked: int -> bool) holds =
                mean [
                    for truth, whole in written do
                        for i in prompt .. task.Length - 1 do
                            if asked i then
                                yield holds truth whole i
                ]

            let always _ = true

            Expect.equal
                found.Recent
                (each always (fun _ (whole: int[]) i ->
                    List.exists (fun back -> i >= back && whole[i - back] = whole[i]) [ 1..3 ]))
                "one of the three before"

            Expect.equal
                found.Alternating
                (each (fun i -> i >= prompt + 2) (fun _ (whole: int[]) i -> whole[i - 2] = whole[i]))
                "the one two before"

            let doubles = [
                for truth, whole in written do
                    for i in prompt .. task.Length - 1 do
                        if truth[i] = truth[i - 1] then
                            yield whole[i] = whole[i - 1]
            ]

            Expect.equal (found.DoublesDue, found.Doubled) (doubles.Length, mean doubles) "doubled where that is right")

        law 20 "behind two blocks is held against the first, and against what followed last" (fun key ->
            let length, task, model = prompted key

            let blocks =
                Sequences.heldOut task { Sequences = 40; Seed = 4UL }
                |> List.map (Tokens.toArray >> Array.take length)
                |> List.filter (fun block -> (Array.distinct block).Length = length)

            let prompts = [
                for i in 0 .. blocks.Length / 2 - 1 -> Tokens.ofArray (Array.append blocks[2 * i] blocks[2 * i + 1])
            ]

            match Behaviour.unrelated 1 task model { Sequences = 40; Seed = 4UL } with
            | None -> Expect.isEmpty prompts "prompts"
            | Some found ->
                let wholes = Decoding.greedy 1 model task.Length prompts |> List.map Tokens.toArray

                let first = [
                    for whole in wholes do
                        for i in 2 * length .. task.Length - 1 -> whole[i] = (Array.take length whole)[i % length]
                ]

                Expect.equal found.FirstBlock (mean first) "the first block's"

                let followed = [
                    for whole in wholes do
                        for i in 2 * length .. task.Length - 1 do
                            let places = [ 0 .. i - 2 ] |> List.filter (fun place -> whole[place] = whole[i - 1])

                            if not places.IsEmpty then
                                yield whole[List.last places + 1] = whole[i]
                ]

                Expect.equal found.FollowsLast (mean followed) "what followed last")

        test "by a model that repeats the last letter is that letter, wherever one looks" {
            let a = { Configuration.study.Architecture with DModel = 28; NCtx = 8 }
            let random = Given.model a (Key.ofSeed 1UL)
            let wide = Tensor.init [ 26; 28 ] (fun index -> if index[0] = index[1] then 1.0 else 0.0)

            let repeating = {
                random with
                    W_E = wide
                    Blocks = random.Blocks |> List.map (fun block -> { block with W_O = Tensor.zerosLike block.W_O })
                    W_U = Tensor.transpose wide
            }

            let task = Given.repeating 26 2 4

            let patterns =
                (Behaviour.evaluate 1 task repeating { Sequences = 200; Seed = 1UL }).Prompts.Value.ByPattern.Value

            for rates in [ patterns.Distinct; patterns.Repeated ] do
                Expect.equal (rates.Recent, rates.Alternating) (1.0, 1.0) "always the same"

            Expect.equal patterns.Distinct.DoublesDue 0 "never right where letters differ"
            Expect.equal patterns.Repeated.Doubled 1.0 "always right where they are equal"
            Expect.isGreaterThan patterns.Repeated.DoublesDue 0 "some are"
            let elsewhere = (Behaviour.unrelated 1 task repeating { Sequences = 200; Seed = 1UL }).Value
            Expect.equal (elsewhere.Recent, elsewhere.Alternating) (1.0, 1.0) "always the same"
        }
    ]

let private imaginary =
    testList "eigenvalues" [
        law 50 "of symmetric products are real, those of a quarter turn are not" (fun key ->
            let size = integer 1 6 1 key
            let x = normal [ size; integer 1 6 2 key ] 3 key
            let symmetric = Factored.spectrum (Factored.ofTensors [ x; Tensor.transpose x ])
            within Tolerances.eigenvalues 1.0 "symmetric" (Spectrum.imaginaryWeight symmetric) 0.0
            let scale = floats (normal [ 1 ] 4 key) |> Array.head

            let turn =
                Tensor.init [ 2; 2 ] (fun index ->
                    if index[0] = index[1] then 0.0 else scale * float (index[1] - index[0]))

            let turned = Factored.spectrum (Factored.ofTensors [ turn ])
            within Tolerances.eigenvalues 1.0 "a quarter turn" (Spectrum.imaginaryWeight turned) 1.0
            // The score has no imaginary part to leave out: turned both ways, its eigenvalues cancel.
            within Tolerances.eigenvalues 1.0 "its score" turned.Score 0.0)

        law 50 "have a weight from 0 to 1, which no factor changes" (fun key ->
            let size = integer 1 6 1 key
            let x = normal [ size; size ] 2 key
            let weight x = Spectrum.imaginaryWeight (Factored.spectrum (Factored.ofTensors [ x ]))
            let found = weight x
            Expect.isTrue (found >= 0.0 && found <= 1.0 + Tolerances.eigenvalues) "a share"
            // A power of two rounds nothing.
            within Tolerances.eigenvalues 1.0 "of a multiple" (weight (x * -1024.0)) found
            Expect.equal (weight (x * 0.0)) 0.0 "of nothing")
    ]

[<Tests>]
let tests = testList "Letters of a block" [ effects; habits; imaginary ]
