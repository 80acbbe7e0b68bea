/// Circuits and their spectra, attention averages, and measured behaviour.
module Interp.Properties.CircuitLaws

open Expecto
open Interp
open Interp.Properties.Laws
open MathNet.Numerics.LinearAlgebra

let private given key =
    let a = Given.architecture key
    a, Given.model a key

let private matrix (x: Tensor) = Matrix<float>.Build.Dense(x.Shape[0], x.Shape[1], (fun i j -> Tensor.item [ i; j ] x))

/// The score of a full product in float64, zero eigenvalues with their rounding noise and all.
let private fullScore (factors: Tensor list) =
    let eigenvalues = (factors |> List.map matrix |> List.reduce (*)).Evd().EigenValues
    (eigenvalues |> Seq.sumBy _.Real) / (eigenvalues |> Seq.sumBy _.Magnitude)

let private address layer index = { Layer = layer; Head = index }

let private ovSpectrum layer index model = Factored.spectrum (Circuits.ov (address layer index) model)

let private product factored = floats (Factored.product factored)

let private head index (weights: Tensor) = Tensor.select 0 index weights

let private ofLayer change layer (model: Model<Tensor>) = {
    model with
        Blocks = List.updateAt layer (change model.Blocks[layer]) model.Blocks
}

let private spectra =
    testList "spectra" [
        law 80 "scores lie in [-1, 1]" (fun key ->
            let model = Given.model (Given.anyArchitecture key) key
            let spectra = Circuits.spectra model

            let all =
                spectra.DirectPath :: (spectra.OV |> List.map _.Spectrum) @ (spectra.OVSum |> List.map _.Spectrum)

            for spectrum in all do
                Expect.isLessThanOrEqual (abs spectrum.Score) (1.0 + Tolerances.eigenvalues) "the score"

                let magnitudes = spectrum.Eigenvalues |> List.map _.Magnitude
                Expect.equal magnitudes (List.sortDescending magnitudes) "largest first")

        law 60 "a positive definite product scores 1" (fun key ->
            let _, model = given key
            let layer = integer 0 (model.Blocks.Length - 1) 30 key
            // With W_U = W_E^T and W_O = W_V^T the circuit is A A^T for A = W_E W_V.
            let copying =
                { model with W_U = Tensor.transpose model.W_E }
                |> ofLayer (fun block -> { block with W_O = Tensor.transpose block.W_V }) layer

            for index in 0 .. copying.Blocks[layer].W_V.Shape.Head - 1 do
                within Tolerances.eigenvalues 1.0 "a head's score" (ovSpectrum layer index copying).Score 1.0

            within
                Tolerances.eigenvalues
                1.0
                "the sum's score"
                (Factored.spectrum (Circuits.ovSum layer copying)).Score
                1.0

            within
                Tolerances.eigenvalues
                1.0
                "the direct path's score"
                (Factored.spectrum (Circuits.directPath copying)).Score
                1.0)

        law 60 "the score changes sign with W_O" (fun key ->
            let _, model = given key
            let layer = integer 0 (model.Blocks.Length - 1) 30 key
            let flipped = model |> ofLayer (fun block -> { block with W_O = -block.W_O }) layer

            for index in 0 .. model.Blocks[layer].W_V.Shape.Head - 1 do
                let score model = (ovSpectrum layer index model).Score
                within Tolerances.eigenvalues 1.0 "the score" (score flipped) -(score model))

        law 40 "the score of the small product is that of the whole one" (fun key ->
            let a = { Given.architecture key with DVocab = 26; DModel = 32; NHeads = 4; DHead = 8; NLayers = 1 }

            let model = Given.model a key
            let block = model.Blocks.Head
            let tolerance = Tolerances.wellConditionedScores

            for index in 0 .. a.NHeads - 1 do
                let factors = [ model.W_E; head index block.W_V; head index block.W_O; model.W_U ]
                within tolerance 1.0 "a head's score" (ovSpectrum 0 index model).Score (fullScore factors)

            within
                tolerance
                1.0
                "the direct path's"
                (Factored.spectrum (Circuits.directPath model)).Score
                (fullScore [ model.W_E; model.W_U ]))

        law 80 "what is said of a product of factors is true of the matrix multiplied out" (fun key ->
            let inner = List.init (integer 0 3 1 key) (fun i -> integer 1 9 (2 + i) key)
            let outer = integer 1 9 10 key
            let sizes = outer :: inner @ [ outer ]
            let factors = List.pairwise sizes |> List.mapi (fun i (m, n) -> normal [ m; n ] (20 + i) key)
            let factored = Factored.ofTensors factors
            let dense = factors |> List.map matrix |> List.reduce (*)
            let norm = dense.FrobeniusNorm()
            let check what = within Tolerances.eigenvalues (1.0 + norm) what
            check "the trace" (Factored.trace factored) (dense.Trace())
            check "the norm" (Factored.frobeniusNorm factored) norm
            let sum = (Factored.spectrum factored).Eigenvalues |> List.fold (+) System.Numerics.Complex.Zero
            check "the eigenvalues' sum" sum.Real (dense.Trace())
            check "its imaginary part" sum.Imaginary 0.0
            let singular = Factored.singularValues factored
            let expected = dense.Svd(false).S |> Seq.toList

            for i in 0 .. expected.Length - 1 do
                check "a singular value" (singular |> List.tryItem i |> Option.defaultValue 0.0) expected[i]

            close
                Tolerances.value
                "the transpose"
                (product (Factored.transpose factored))
                (floats (Tensor.transpose (Factored.product factored))))

        test "the zero matrix scores 0" {
            Expect.equal (Factored.spectrum (Factored.ofTensors [ Tensor.zeros [ 3; 3 ] ])).Score 0.0 "the score"
        }
    ]

let private matrices =
    testList "matrices" [
        law 40 "a layer's OV circuit is the sum of its heads'" (fun key ->
            let a, model = given key
            let layer = integer 0 (a.NLayers - 1) 30 key
            let heads = List.init a.NHeads (fun index -> product (Circuits.ov (address layer index) model))

            close
                Tolerances.value
                "the sum"
                (product (Circuits.ovSum layer model))
                (List.reduce (Array.map2 (+)) heads))

        law 40 "attending to one letter alone adds its row of the OV circuit" (fun key ->
            // One letter attends to itself only, so the logits are the direct path's row and each head's.
            let a = {
                Given.architectureOf 1 key with
                    Positions = one [ Positions.Study; Positions.NoPositions ] 8 key
            }

            let model = Given.model a key
            let letter = integer 0 (a.DVocab - 1) 30 key
            let row matrix = floats (Tensor.select 0 letter (Factored.product matrix))
            let expected = Array.map2 (+) (row (Circuits.directPath model)) (row (Circuits.ovSum 0 model))
            let logits = Transformer.logits model (Tokens.ofArray [| letter |])
            close Tolerances.model "the logits" (floats logits) expected)

        law 20 "a layer or head that does not exist is refused" (fun key ->
            let a, model = given key
            let refused f = Expect.throwsT<RefusedException> (fun () -> f () |> ignore) "out of range"
            refused (fun () -> Circuits.ov (address a.NLayers 0) model)
            refused (fun () -> Circuits.ov (address 0 a.NHeads) model)
            refused (fun () -> Circuits.ov (address -1 0) model)
            refused (fun () -> Circuits.ovSum a.NLayers model))
    ]

/// What positions alone add to a score by going through all letters, in plain loops of float64: the mean over every two letters that a query is
/// smeared of, and every two that a key is, of their score as the embedding and positions give it.
let private positionScore (model: Model<Tensor>) (head: HeadAddress) (positions: int) query key =
    let at (index: int list) (x: Tensor) = Tensor.item index x
    let block = model.Blocks[head.Layer]
    let letters, width, headWidth = model.W_E.Shape[0], model.W_E.Shape[1], block.W_Q.Shape[2]

    let stream letter position = [|
        for m in 0 .. width - 1 ->
            at [ letter; m ] model.W_E
            + (match model.W_pos with
               | Some w_pos -> at [ position; m ] w_pos
               | None -> 0.0)
    |]

    let projected (w: Tensor) letter position = [|
        let x = stream letter position
        for d in 0 .. headWidth - 1 -> Seq.sum (seq { for m in 0 .. width - 1 -> x[m] * at [ head.Head; m; d ] w })
    |]

    let smeared (w: Tensor) (smear: Tensor option) before letter position =
        match smear with
        | Some logits when position > 0 ->
            let share = 1.0 / (1.0 + exp -(at [ head.Head; position - 1 ] logits))

            Array.map2
                (fun own other -> share * own + (1.0 - share) * other)
                (projected w letter position)
                (projected w before (position - 1))
        | _ -> projected w letter position

    let placed position (x: float[]) =
        match model.Positions with
        | Positions.Study ->
            let code = Transformer.positionCode positions headWidth
            x |> Array.mapi (fun d entry -> entry + at [ position; d ] code)
        | Positions.Rotary ->
            x
            |> Array.mapi (fun d entry ->
                let angle = float position / 10000.0 ** (float (d / 2 * 2) / float headWidth)

                if d % 2 = 0 then
                    entry * cos angle - x[d + 1] * sin angle
                else
                    entry * cos angle + x[d - 1] * sin angle)
        | Positions.Standard
        | Positions.NoPositions -> x

    let all w smear position = [
        for before in 0 .. letters - 1 do
            for letter in 0 .. letters - 1 -> smeared w smear before letter position |> placed position
    ]

    List.allPairs (all block.W_Q block.SmearQueries query) (all block.W_K block.Smear key)
    |> List.averageBy (fun (q, k) -> dot q k / sqrt (float headWidth))

let private positions =
    testList "positions" [
        law 40 "what positions alone add to scores is their mean over all letters" (fun key ->
            let a = {
                Given.architecture key with
                    DVocab = integer 2 3 50 key
                    DModel = integer 1 4 51 key
                    NCtx = integer 2 6 52 key
            }

            let model = Given.model a key
            let found = PositionScores.ofModel a.NCtx model
            Expect.equal (found |> List.map _.Head) (Model.heads model) "heads"
            let head = one found 53 key

            let expected =
                Array.init (a.NCtx * a.NCtx) (fun i ->
                    let query, key = i / a.NCtx, i % a.NCtx
                    if key > query then 0.0 else positionScore model head.Head a.NCtx query key)

            close Tolerances.model "the scores" (floats head.Scores) expected

            for offset, mean in List.indexed head.ByOffset do
                let along = [ for k in 0 .. a.NCtx - 1 - offset -> expected[(k + offset) * a.NCtx + k] ]
                within Tolerances.model (1.0 + abs mean) $"{offset} back" mean (List.average along))

        law 40 "rotary positions add by distance alone, and none add nothing" (fun key ->
            let drawn = Given.architecture key

            // Smeared, the first place turns unlike the others, as it has none before it.
            let rotary = {
                drawn with
                    Positions = Positions.Rotary
                    DHead = 2 * integer 1 3 51 key
                    Smear = Smear.Neither
            }

            let none = { drawn with Positions = Positions.NoPositions }

            for a, distance in [ rotary, id; none, (fun _ -> 0) ] do
                for head in PositionScores.ofModel a.NCtx (Given.model a key) do
                    let scale = 1.0 + largest (floats head.Scores)
                    let score query key = Tensor.item [ query; key ] head.Scores

                    for query in 0 .. a.NCtx - 1 do
                        for key in 0..query do
                            within
                                Tolerances.model
                                scale
                                "a score"
                                (score query key)
                                (score (distance (query - key)) 0))
    ]

let private attention =
    testList "attention" [
        law 30 "the average pattern is the mean of the patterns" (fun key ->
            let a, model = given key
            let sequences = Given.sequences a.DVocab (integer 1 a.NCtx 30 key) (integer 1 40 31 key) key
            let each = sequences |> List.map (Transformer.patterns model)

            Attention.average (integer 1 2 32 key) model sequences
            |> List.iteri (fun layer average ->
                let patterns = each |> List.map (fun patterns -> floats patterns[layer])

                let mean =
                    patterns |> List.reduce (Array.map2 (+)) |> Array.map (fun sum -> sum / float sequences.Length)

                close Tolerances.model "the average" (floats average) mean))

        law 50 "attention by offset averages the diagonals" (fun key ->
            let heads, positions = integer 1 3 1 key, integer 1 15 2 key
            let pattern = normal [ heads; positions; positions ] 3 key
            let offsets = Attention.byOffset pattern
            Expect.equal offsets.Shape [ heads; positions / 2 ] "[head, offset]"

            for head in 0 .. heads - 1 do
                for offset in 0 .. positions / 2 - 1 do
                    let diagonal = [ for i in offset .. positions - 1 -> Tensor.item [ head; i; i - offset ] pattern ]
                    within Tolerances.value 4.0 "a mean" (Tensor.item [ head; offset ] offsets) (List.average diagonal))

        law 50 "the column-normalised view has a 1 in every column that is not empty" (fun key ->
            let _, model = given key
            let tokens = Given.tokens model.W_E.Shape.Head (integer 1 4 30 key) 31 key

            for pattern in Transformer.patterns model tokens do
                let view = Attention.columnNormalised pattern

                for head in 0 .. pattern.Shape[0] - 1 do
                    for key in 0 .. tokens.Length - 1 do
                        let column x = [ for query in 0 .. tokens.Length - 1 -> Tensor.item [ head; query; key ] x ]
                        let largest = List.max (column pattern)
                        Expect.equal (List.max (column view)) (if largest = 0.0 then 0.0 else 1.0) "the largest"

                        (column view, column pattern)
                        ||> List.iter2 (fun shown share ->
                            within Tolerances.value 1.0 "an entry" (shown * largest) share))
    ]

let private behaviour =
    testList "behaviour" [
        law 15 "an evaluation's figures agree with each other" (fun key ->
            let c = Given.configuration key
            let model = Given.model c.Architecture key
            let sequences = integer 1 60 30 key

            let found =
                Behaviour.evaluate (integer 1 2 31 key) (Given.task c) model { Sequences = sequences; Seed = 4UL }

            Expect.equal found.Reference.Sequences sequences "sequences"
            let prompts = found.Prompts.Value
            let patterns = prompts.ByPattern.Value
            Expect.equal (patterns.Distinct.Count + patterns.Repeated.Count) sequences "prompts"
            Expect.equal prompts.All.Count sequences "all prompts"
            Expect.equal found.PerPositionLoss.Length ((Given.task c).Length - 1) "positions"
            within Tolerances.model Tolerances.nats "the loss" found.Loss (List.average found.PerPositionLoss)

            within
                Tolerances.model
                Tolerances.nats
                "the held-out loss"
                found.Loss
                (Intervened.loss 1 (Given.task c) model [] { Sequences = sequences; Seed = 4UL })

            for rate in
                [
                    found.Accuracy
                    patterns.Distinct.Exact
                    patterns.Distinct.Letters
                    patterns.Repeated.Exact
                    patterns.Repeated.Letters
                    prompts.All.Repeats
                    prompts.All.FromPrompt
                ] do
                Expect.isTrue (rate >= 0.0 && rate <= 1.0) "a rate"

            Expect.isTrue
                (patterns.Distinct.Exact <= patterns.Distinct.Letters)
                "a prompt completed has all letters right"

            Expect.isTrue
                (patterns.Repeated.Exact <= patterns.Repeated.Letters)
                "a prompt completed has all letters right")

        test "the rates of a model that repeats the last letter" {
            // Logits proportional to the letter itself: greedy decoding repeats it.
            let a = { Configuration.study.Architecture with DModel = 28; NCtx = 6 }
            let model = Given.model a (Key.ofSeed 1UL)
            let silent = model.Blocks |> List.map (fun block -> { block with W_O = Tensor.zerosLike block.W_O })
            let wide = Tensor.init [ 26; 28 ] (fun index -> if index[0] = index[1] then 1.0 else 0.0)
            let repeating = { model with W_E = wide; Blocks = silent; W_U = Tensor.transpose wide }

            let found =
                Behaviour.evaluate 1 (Given.repeating 26 2 3) repeating { Sequences = 200; Seed = 1UL }
                |> _.Prompts.Value

            let patterns = found.ByPattern.Value
            Expect.equal found.All.Repeats 1.0 "always the letter before"
            Expect.equal found.All.FromPrompt 1.0 "from the prompt"
            Expect.equal patterns.Distinct.Exact 0.0 "wrong where the letters differ"
            Expect.equal patterns.Distinct.Letters 0.5 "every other letter"
            Expect.equal patterns.Repeated.Exact 1.0 "right where they are equal"
        }
    ]

[<Tests>]
let tests = testList "Circuits" [ spectra; matrices; positions; attention; behaviour ]
