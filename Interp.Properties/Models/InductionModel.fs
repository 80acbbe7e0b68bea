/// A model that does induction by K-composition, its weights written down: what the scores say of it is known beforehand.
module Interp.Properties.InductionModel

open Expecto
open Interp
open Interp.Properties.Laws

let private vocabulary = 12
let private headWidth = 256

/// The residual stream is three subspaces of a dimension a letter: the letter itself, letters moved here by the first layer, and the
/// prediction.
let private current, private moved, private predicted = 0, vocabulary, 2 * vocabulary

/// A dimension of the head for each letter. These are sines of the slowest angles, so that the position code is all but zero there
/// and what is read from letters does not mix with it.
let private slow letter = headWidth - 2 - 2 * letter

/// A number for each letter: from a dimension of the stream to the letter's slow dimension.
let private into subspace (scale: float) =
    Tensor.init [ 1; 3 * vocabulary; headWidth ] (fun index ->
        let letter = index[1] - subspace

        if letter >= 0 && letter < vocabulary && index[2] = slow letter then
            scale
        else
            0.0)

let private outTo subspace =
    Tensor.init [ 1; headWidth; 3 * vocabulary ] (fun index ->
        let letter = index[2] - subspace

        if letter >= 0 && letter < vocabulary && index[1] = slow letter then
            1.0
        else
            0.0)

/// Layer 0 shuns its own letter, so that the position code, by itself strongest at no distance, makes it look at the letter before
/// the most; it moves what it reads. Layer 1 looks for its own letter among what was moved, sharply enough to tell "just before" from
/// "two before", and predicts the letter it finds there.
let model: Model<Tensor> = {
    Positions = Positions.Study
    W_pos = None
    W_E = Tensor.init [ vocabulary; 3 * vocabulary ] (fun index -> if index[0] = index[1] then 1.0 else 0.0)
    Blocks = [
        {
            W_Q = into current 30.0
            W_K = into current -30.0
            W_V = into current 1.0
            W_O = outTo moved
            Smear = None
            SmearQueries = None
        }
        {
            W_Q = into current 300.0
            W_K = into moved 300.0
            W_V = into current 1.0
            W_O = outTo predicted
            Smear = None
            SmearQueries = None
        }
    ]
    W_U =
        Tensor.init [ 3 * vocabulary; vocabulary ] (fun index -> if index[0] - predicted = index[1] then 50.0 else 0.0)
}

/// Its shape, and letters of a task that it can do.
let configuration = {
    Configuration.study with
        Architecture = {
            NLayers = 2
            NHeads = 1
            DModel = 3 * vocabulary
            DHead = headWidth
            DVocab = vocabulary
            NCtx = 24
            Positions = Positions.Study
            Smear = Smear.Neither
        }
        Task = TaskForm.withLetters vocabulary TaskForm.study
}

let private early, private late = { Layer = 0; Head = 0 }, { Layer = 1; Head = 0 }

let private scores =
    lazy (HeadScores.ofModel 1 configuration.Architecture model { Sequences = 20; Seed = 1UL })

[<Tests>]
let tests =
    testList "A hand-built induction model" [
        test
            "K-composition is the identity between letters, as strong as two matrices of equal singular values can compose" {
            let term = Circuits.keyComposition early late model
            within Tolerances.eigenvalues 1.0 "eigenvalue score" (Factored.spectrum term).Score 1.0
            Expect.equal (Factored.diagonalShare term) 1.0 "every letter looks for itself the most"
            // |AB| / (|A| |B|) = s t sqrt(n) / (s sqrt(n) t sqrt(n)).
            let expected = 1.0 / sqrt (float vocabulary)
            within Tolerances.eigenvalues 1.0 "composition score" (Composition.score KeyInput early late model) expected
        }

        test "there is no Q- or V-composition, and no direct path" {
            Expect.equal (Composition.score QueryInput early late model) 0.0 "Q"
            Expect.equal (Composition.score ValueInput early late model) 0.0 "V"
            Expect.equal (Factored.frobeniusNorm (Circuits.directPath model)) 0.0 "W_E W_U"
        }

        test "the late head copies, the early head only moves" {
            let late = Circuits.ov late model
            within Tolerances.eigenvalues 1.0 "eigenvalue score" (Factored.spectrum late).Score 1.0
            within Tolerances.eigenvalues 1000.0 "trace" (Factored.trace late) (50.0 * float vocabulary)

            Expect.equal
                (Factored.singularValues late
                 |> List.take vocabulary
                 |> List.forall (fun s -> abs (s - 50.0) < Tolerances.eigenvalues))
                true
                "singular values"

            Expect.equal (Factored.frobeniusNorm (Circuits.ov early model)) 0.0 "the early head's own prediction"
        }

        for length in HeadScores.blockLengths do
            test $"on blocks of {length} the late head looks at what followed its letter" {
                let block = scores.Value[1].Blocks |> List.find (fun block -> block.BlockLength = length)
                let queries = [ length .. 24 / length * length - 1 ]

                // With nothing before it the first letter moves itself. Its later occurrences find it at position 0 as well as at 1;
                // the position code, zero at 0, decides between the two.
                let code = Transformer.positionCode 24 headWidth

                let lost =
                    queries
                    |> List.filter (fun query -> query % length = 0)
                    |> List.sumBy (fun query ->
                        let preference = dot (floats (Tensor.select 0 query code)) (floats (Tensor.select 0 1 code))
                        1.0 / (1.0 + exp (preference / sqrt (float headWidth))))

                let lost = lost / float queries.Length
                within Tolerances.sharpAttention 1.0 "prefix matching" block.PrefixMatching (1.0 - lost)
                within Tolerances.sharpAttention 1.0 "same letter" block.DuplicateToken lost

                // With two blocks what followed last is all that followed.
                if length = 12 then
                    within Tolerances.sharpAttention 1.0 "induction" block.Induction (1.0 - lost)
            }

        for length in HeadScores.blockLengths do
            test $"on blocks of {length} the early head looks at the letter before more than any other" {
                let tokens = Tokens.ofArray (Array.init (2 * length) (fun p -> p % length))
                let pattern = Transformer.patterns model tokens |> List.head

                for query in 2 .. 2 * length - 1 do
                    let row = [ for key in 0..query -> Tensor.item [ 0; query; key ] pattern ]
                    Expect.equal (List.indexed row |> List.maxBy snd |> fst) (query - 1) $"position {query}"
                    within Tolerances.sharpAttention 1.0 "its own letter" row[query] 0.0
            }

        law 20 "prompts of different letters are completed perfectly, whatever the block's length" (fun key ->
            let length = one HeadScores.blockLengths 1 key
            let order = normal [ vocabulary ] 2 key |> floats |> Array.indexed |> Array.sortBy snd |> Array.map fst
            let whole = Array.init 24 (fun p -> order[p % length])
            let prompt = integer (length + 1) 23 3 key
            let completed = Decoding.greedy 1 model 24 [ Tokens.ofArray whole[.. prompt - 1] ]
            Expect.equal (Tokens.toArray completed.Head) whole "the completion")

        test "cut off from the early head its keys find nothing; its queries miss nothing" {
            let paths = PathExperiment.measure 1 (Given.task configuration) model { Sequences = 200; Seed = 1UL }
            within Tolerances.model (1.0 + paths.WithBoth) "keys read everything" paths.WithKeys paths.WithBoth
            within Tolerances.model (1.0 + paths.Direct) "queries read everything" paths.WithQueries paths.Direct
        }

        test "of all places of the next letter it looks at the first alone, and does so by its keys" {
            let r = (TaskForm.repetition configuration.Task).Value

            let found =
                (BlockLetters.measure 1 configuration.Architecture r model { Sequences = 20; Seed = 1UL }).Value

            // The earlier a letter is moved, the fewer others are moved with it, and sharp attention finds the purest. At the end of a block the
            // next letter's first place follows no letter, and is not found.
            let expected = [ for query in 11..23 -> if query % 6 = 5 then 0.0 else 1.0 ] |> List.average

            let share heads = heads |> List.find (fst >> (=) late) |> snd
            within Tolerances.sharpAttention 100.0 "with its keys" (share found.First) expected
            Expect.isLessThan (share found.FirstWithoutKeys) (share found.First / 2.0) "without"
        }

        test "it has nothing left to learn where the letter is determined, and nothing to say without K-composition" {
            let sequence = Tokens.ofArray (Array.init 24 (fun p -> p % 6))

            let determined interventions =
                Intervened.perPositionLoss 1 (Given.task configuration) model interventions [ sequence ]
                |> floats
                |> Array.skip 6

            Expect.all (determined []) (fun loss -> loss < Tolerances.sureLoss) "the loss of a letter"
            let cut = determined [ Cut(HeadOutput early, late, KeyInput) ]
            Expect.isGreaterThan (Array.average cut) 1.0 "the mean loss with the keys cut off"
        }

        test "patching finds the way: the moved letter's key, and the value read there" {
            let text (letters: string) =
                match Letters.ofText vocabulary letters with
                | Ok tokens -> tokens
                | Error e -> failtest e
            // The last C was followed by D in the clean text and by E in the corrupt one.
            let found = Patching.measure (Given.task configuration) model 3 4 (text "ABCDABC") (text "ABCEABC")

            let restored site position =
                (found.Effects |> List.find (fun e -> e.Site = site && e.Position = position)).Restored

            within Tolerances.sharpAttention 1.0 "the late head's value at D" (restored (ValueAt late) 3) 1.0
            within Tolerances.sharpAttention 1.0 "the late head's output" (restored (OutputAt late) 6) 1.0

            within
                Tolerances.sharpAttention
                1.0
                "the late head's pattern: it looks there in both"
                (restored (PatternAt late) 6)
                0.0

            within Tolerances.sharpAttention 1.0 "the early head at D" (restored (OutputAt early) 3) 0.0
        }
    ]
