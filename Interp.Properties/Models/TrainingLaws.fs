/// The optimizer, the training step, and what a run depends on.
module Interp.Properties.TrainingLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws

/// AdamW's published step (Loshchilov and Hutter 2019, algorithm 2, with a constant schedule) in float64, for one weight:
/// the new weight and moments, and the magnitudes that they are sums of.
let private published (c: Configuration) step w g m v =
    let m' = c.Beta1 * m + (1.0 - c.Beta1) * g
    let v' = c.Beta2 * v + (1.0 - c.Beta2) * g * g
    let mean = m' / (1.0 - c.Beta1 ** float step)
    let deviation = sqrt (v' / (1.0 - c.Beta2 ** float step))
    let move = c.LearningRate * mean / (deviation + c.Epsilon)
    // m + (1 - beta1) (g - m) rounds at the size of m and g, however small their sum.
    let magnitude = abs m + abs ((1.0 - c.Beta1) * g)
    let moved = c.LearningRate * magnitude / (1.0 - c.Beta1 ** float step) / (deviation + c.Epsilon)
    (w - move - c.LearningRate * c.WeightDecay * w, m', v'), (abs w + moved, magnitude, v')

let private optimizer =
    testList "AdamW" [
        law 80 "a step is the published one" (fun key ->
            let a = Given.architecture key

            let c = {
                Configuration.study with
                    LearningRate = one [ 1e-3; 0.03; 0.5 ] 40 key
                    WeightDecay = one [ 0.0; 0.01; 1.0 ] 41 key
                    Beta1 = one [ 0.0; 0.9 ] 42 key
                    Beta2 = one [ 0.9; 0.999 ] 43 key
            }

            let draw i = Given.model a (Key.split (uint64 i) key)
            let w, g, m, v = draw 1, draw 2, draw 3, draw 4 |> Model.map Tensor.square
            let step = one [ 1; 2; 10; 5000 ] 44 key
            let weights, moments = Optimiser.update Model.structure (Recipe.optimiser c) step g w [ m; v ]

            let rows model = Model.leaves model |> List.map floats |> Array.concat

            let expected =
                Array.map2
                    (fun (w, g) (m, v) -> published c step w g m v)
                    (Array.zip (rows w) (rows g))
                    (Array.zip (rows m) (rows v))

            let check what get (actual: Model<Tensor>) =
                Array.iter2
                    (fun actual (value, scale) ->
                        within Tolerances.optimizer (get scale + Tolerances.subnormal) what actual (get value))
                    (rows actual)
                    expected

            check "a weight" (fun (w, _, _) -> w) weights
            check "a first moment" (fun (_, m, _) -> m) moments[0]
            check "a second moment" (fun (_, _, v) -> v) moments[1])

        law 40 "a weight without gradient still decays" (fun key ->
            let w = Given.model (Given.architecture key) key
            let c = Configuration.study
            let zero = Model.map Tensor.zerosLike w
            let optimiser = Recipe.optimiser c

            let weights, moments =
                Optimiser.update Model.structure optimiser 1 zero w (Optimiser.start Model.structure optimiser w)

            let kept = 1.0 - c.LearningRate * c.WeightDecay

            Model.map2
                (fun (actual: Tensor) (w: Tensor) ->
                    close Tolerances.optimizer "a weight" (floats actual) (floats (kept * w)))
                weights
                w
            |> ignore

            Expect.isTrue
                (Model.fold (fun all (leaf: Tensor) -> all && floats leaf |> Array.forall ((=) 0.0)) true moments[0])
                "no moment")
    ]

let private run threads (c: Configuration) steps state =
    Training.advance (Training.compile threads (Recipe.objective c (Given.task c))) steps state

let private steps =
    testList "the training step" [
        law 15 "two steps and three are five, to the bit, with one thread and with two" (fun key ->
            let c = Given.configuration key
            let start = Recipe.start c
            let whole = run 1 c 5 start
            let first = run 2 c 2 start
            let second = run 2 c 3 first.State
            Expect.equal second.State whole.State "the state"
            Expect.equal (first.Losses @ second.Losses) whole.Losses "the losses"
            Expect.equal whole.State.Step 5 "the steps taken")

        law 5 "the same seed gives the same weights, whatever the number of threads" (fun key ->
            let c = { Configuration.study with Seed = uint64 (integer 0 1000000 1 key) }

            let c =
                if truth 2 key then
                    { c with Architecture = Configuration.studySmeared.Architecture }
                else
                    c

            let hash threads = Checkpoint.weightsSha256 (run threads c 3 (Recipe.start c)).State.Weights

            Expect.equal (hash 2) (hash 1) "weights_sha256"
            Expect.equal (hash 3) (hash 1) "weights_sha256 with three threads"
            let other = { c with Seed = c.Seed + 1UL }

            Expect.notEqual
                (Checkpoint.weightsSha256 (run 1 other 3 (Recipe.start other)).State.Weights)
                (hash 1)
                "another seed")

        law 15 "a step is the mean gradient of its batch and one step of AdamW, to the bit" (fun key ->
            let c = Given.configuration key
            let before = (run 1 c 2 (Recipe.start c)).State
            let after = run 1 c 1 before
            let batch = Sequences.batch (Given.task c) c.Batch c.Seed before.Step

            let loss, gradient =
                Differentiation.fgradOf
                    Model.structure
                    (fun m -> Batch.mean 1 (Loss.ofSequence (Given.task c) m) batch)
                    before.Weights

            let weights, moments =
                Optimiser.update
                    Model.structure
                    (Recipe.optimiser c)
                    (before.Step + 1)
                    gradient
                    before.Weights
                    before.Moments

            Expect.equal after.Losses [ Tensor.toScalar loss ] "the loss"
            Expect.equal after.State { Step = 3; Weights = weights; Moments = moments } "the state")

        law 10 "advancing changes no state that it was given" (fun key ->
            let c = Given.configuration key
            let start = Recipe.start c
            let hash = Checkpoint.weightsSha256 start.Weights
            let trainer = Training.compile 2 (Recipe.objective c (Given.task c))
            let once = Training.advance trainer 2 start
            Expect.equal (Checkpoint.weightsSha256 start.Weights) hash "the weights before"
            Expect.equal (Training.advance trainer 2 start).State once.State "again"
            Expect.equal (Training.advance trainer 0 once.State).State once.State "no step")

        law 10 "held-out loss is the mean over its sequences" (fun key ->
            let c = Given.configuration key
            let model = Given.model c.Architecture key
            let count = integer 1 40 30 key

            let each =
                Sequences.heldOut (Given.task c) { Sequences = count; Seed = 5UL }
                |> List.averageBy (Loss.ofSequence (Given.task c) model >> Tensor.toScalar)

            within
                Tolerances.model
                Tolerances.nats
                "the loss"
                (Intervened.loss 2 (Given.task c) model [] { Sequences = count; Seed = 5UL })
                each)

        law 20 "the loss is -log of the probability that the letters get, averaged" (fun key ->
            let a = Given.architecture key
            let model = Given.model a key
            let tokens = Given.tokens a.DVocab (integer 2 a.NCtx 30 key) 31 key
            let likely = Tensor.logSoftmax (Transformer.logits model tokens)
            let letters = tokens.ToArray()

            let expected =
                Seq.init (letters.Length - 1) (fun i -> -Tensor.item [ i; letters[i + 1] ] likely) |> Seq.average

            within
                Tolerances.model
                Tolerances.nats
                "the loss"
                (Tensor.toScalar (Tensor.mean (Loss.perPosition model tokens)))
                expected)

        test "a small model learns its data" {
            // One letter repeated: after the first letter everything is known, and one layer suffices.
            let c = {
                Configuration.study with
                    Task = TaskForm.Repeat { Letters = 26; BlockLength = 1; Blocks = 6 }
                    Batch = 64
                    LearningRate = 0.01
                    WeightDecay = 0.0
            }

            let after = run 2 c 300 (Recipe.start c)
            Expect.isLessThan (List.last after.Losses) Tolerances.nearlyTheFloor "nearly the floor, which is 0"
        }
    ]

let private broken key : string * Configuration =
    let c = Given.configuration key
    let a = c.Architecture
    let r = Given.repetition c
    let on change = { c with Architecture = change }

    one
        [
            "n_layers", on { a with NLayers = one [ -1; 65 ] 1 key }
            "n_heads", on { a with NHeads = one [ 0; -3; 65 ] 1 key }
            "d_model", on { a with DModel = one [ 0; -8; 1025 ] 1 key }
            "d_head", on { a with Positions = Positions.Rotary; DHead = one [ 1; 5; 7 ] 1 key }
            "d_head", on { a with DHead = one [ 0; -1; 257 ] 1 key }
            "d_vocab", on { a with DVocab = one [ 0; 1; 16385 ] 1 key }
            "d_vocab", on { a with DVocab = a.DVocab - 1 }
            "n_ctx", on { a with NCtx = one [ 0; 1; 4097 ] 1 key }
            "task", { c with Task = TaskForm.Repeat { r with BlockLength = one [ 0; -6 ] 1 key } }
            "task", { c with Task = TaskForm.Repeat { r with Blocks = one [ 0; -1 ] 1 key } }
            "n_ctx", { c with Task = TaskForm.Repeat { r with Blocks = a.NCtx / r.BlockLength + 1 } }
            "batch", { c with Batch = one [ 0; -1; 65537 ] 1 key }
            "steps", { c with Steps = one [ 0; -1 ] 1 key }
            "learning_rate", { c with LearningRate = one [ -1.0; nan; infinity ] 1 key }
            "weight_decay", { c with WeightDecay = one [ -1.0; nan; infinity ] 1 key }
            "beta1", { c with Beta1 = one [ -0.1; 1.0; nan ] 1 key }
            "beta2", { c with Beta2 = one [ -0.1; 1.0; nan ] 1 key }
            "epsilon", { c with Epsilon = one [ 0.0; -1.0; nan ] 1 key }
        ]
        2
        key

let private configuration =
    testList "configurations" [
        law 100 "one that fits is accepted as it is" (fun key ->
            let c = Given.configuration key
            Expect.isNone (Field.problem c) "valid")

        law 200 "one that does not fit is refused with one sentence that names what" (fun key ->
            let what, c = broken key

            match Field.problem c with
            | None -> failtest $"accepted: {c}"
            | Some { Sentence = sentence } ->
                Expect.stringContains sentence what "what does not fit"
                Expect.stringEnds sentence "." "a sentence"
                Expect.isFalse (sentence.Contains '\n' || sentence.Contains ". ") "one sentence"

                Expect.throwsT<RefusedException>
                    (fun () -> Training.compile 1 (Recipe.objective c (Given.task c)) |> ignore)
                    "no trainer"

                Expect.throwsT<RefusedException> (fun () -> Recipe.start c |> ignore) "no start")

        test "the floor of the study's task is 5 ln 26 / 23" {
            within Tolerances.doubles 1.0 "the floor" (Task.floor Tasks.study).Value (5.0 * log 26.0 / 23.0)
        }
    ]

[<Tests>]
let tests = testList "Training" [ optimizer; steps; configuration ]
