/// Schedules and optimisers: what they print is read, and what they do is their formula.
module Interp.Properties.OptimiserLaws

open System
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.Properties.Laws

let schedule key : Schedule =
    let parts = integer 0 3 1 key
    let warmUp = if truth 2 key then integer 1 1000 3 key else 0

    let part (before: int, parts) i =
        let at = before + integer 1 5000 (10 + i) key

        at,
        {
            Course = one [ Course.Linear; Course.Cosine; Course.Jump ] (20 + i) key
            Factor = one [ 0.0; 1.0; 0.1; 1e-3; 0.30000000000000004; 7.5; 1e6 ] (30 + i) key
            At = at
        }
        :: parts

    { WarmUp = warmUp; Parts = List.fold part (warmUp, []) [ 1..parts ] |> snd |> List.rev }

let optimiser key : Optimiser = {
    Rule =
        one
            [
                UpdateRule.AdamW(0.9, 0.999, 1e-8)
                UpdateRule.AdamW(0.0, 0.95, 1e-30)
                UpdateRule.SGD(0.0, false)
                UpdateRule.SGD(0.9, false)
                UpdateRule.SGD(0.5, true)
            ]
            50
            key
    LearningRate = one [ 0.0; 1e-3; 0.03; 0.1 + 0.2 ] 51 key
    Schedule = schedule key
    WeightDecay = one [ 0.0; 0.01; 1.0 ] 52 key
    Decay =
        one [ Decay.All; Decay.Matrices; Decay.Only []; Decay.Only [ "W" ]; Decay.Only [ "b"; "Blocks.0.W_Q" ] ] 53 key
    Clip = one [ None; Some 1e-3; Some 1.0; Some 1e9 ] 54 key
}

let private readBack parse (value: 'value) =
    match parse (string (box value)) with
    | Ok found -> Expect.equal found value $"\"{value}\""
    | Error problem -> failtest $"\"{value}\": {problem}"

/// One half of a sentence, which says what was expected.
let private refused parse (text: string) =
    match parse text with
    | Ok found -> failtest $"\"{text}\" was read as \"{found}\""
    | Error(problem: string) ->
        // Without what was found.
        let own = Regex.Replace(problem, "\"[^\"]*\"", "")

        Expect.isFalse (own.Contains '\n' || own.Contains ". " || own.EndsWith '.') $"half a sentence: {problem}"
        Expect.stringContains problem "expected" $"what was expected of \"{text}\""
        problem

/// A printed form with a piece of it moved, doubled or left out.
let private damaged (text: string) key =
    let start = integer 0 (text.Length - 1) 60 key
    let count = integer 1 (min 12 (text.Length - start)) 61 key
    let piece = text.Substring(start, count)
    let place = integer 0 (text.Length - count) 62 key

    match integer 0 2 63 key with
    | 0 -> text.Remove(start, count)
    | 1 -> text.Insert(place, piece)
    | _ -> text.Remove(start, count).Insert(place, piece)

/// Whatever is read is printed in a form that is read as the same; the rest is refused in half a sentence.
let private robust parse text =
    match parse text with
    | Ok found -> readBack parse found
    | Error _ -> refused parse text |> ignore

let private printing =
    testList "printed forms" [
        law 300 "of schedules are read back" (fun key -> readBack Schedule.parse (schedule key))
        law 300 "of optimisers are read back" (fun key -> readBack Optimiser.parse (optimiser key))
        law 300 "of schedules with any damage" (fun key -> robust Schedule.parse (damaged (string (schedule key)) key))
        law 300 "of optimisers with any damage" (fun key ->
            robust Optimiser.parse (damaged (string (optimiser key)) key))

        test "are what people write" {
            for text, expected in
                [
                    "constant", Schedule.constant
                    "warm-up 100", { WarmUp = 100; Parts = [] }
                    "warm-up 100, cosine to 0.1 at 10000",
                    { WarmUp = 100; Parts = [ { Course = Course.Cosine; Factor = 0.1; At = 10000 } ] }
                    " linear  to 0 at 5000 ",
                    { WarmUp = 0; Parts = [ { Course = Course.Linear; Factor = 0.0; At = 5000 } ] }
                    "jump to 0.1 at 50,jump to .01 at 80",
                    {
                        WarmUp = 0
                        Parts = [
                            { Course = Course.Jump; Factor = 0.1; At = 50 }
                            { Course = Course.Jump; Factor = 0.01; At = 80 }
                        ]
                    }
                ] do
                Expect.equal (Schedule.parse text) (Ok expected) text

            Expect.equal
                (Optimiser.parse "sgd; learning-rate 0.5; nesterov; clip 1")
                (Ok { Optimiser.sgd with LearningRate = 0.5; Rule = UpdateRule.SGD(0.9, true); Clip = Some 1.0 })
                "an optimiser of some parts"
        }

        test "with a mistake say which part, and show one that is right" {
            for text, part in
                [
                    "", "\"\""
                    "cosinus to 0.1 at 100", "cosinus"
                    "cosine to 0.1", "cosine to 0.1"
                    "cosine to ten at 100", "ten"
                    "linear to 0 at 1.5", "1.5"
                    "warm-up", "warm-up"
                    "warm-up 0", "warm-up 0"
                    "warm-up -3", "-3"
                    "linear to 0 at 100, warm-up 10", "warm-up 10"
                    "constant, linear to 0 at 100", "constant"
                    "warm-up 100, linear to 0 at 100", "linear to 0 at 100"
                    "linear to -1 at 100", "-1"
                    "linear to 0 at 100,", "\"\""
                ] do
                let problem = refused Schedule.parse text
                Expect.stringContains problem part $"the part of \"{text}\""

            for text, part in
                [
                    "", "\"\""
                    "adam", "adam"
                    "sgd; beta1 0.9", "beta1"
                    "adamw; momentum 0.9", "momentum"
                    "adamw; clip 0", "0"
                    "adamw; weight-decay 1 of biases", "biases"
                    "adamw; schedule cosine", "cosine"
                    "sgd; momentum 0; nesterov", "momentum"
                    "adamw; learning-rate -1", "-1"
                ] do
                Expect.stringContains (refused Optimiser.parse text) part $"the part of \"{text}\""
        }
    ]

let private laws =
    testList "schedules" [
        law 200 "rise to 1, meet their parts' ends, stay between them, and stay after the last" (fun key ->
            let schedule = schedule key
            let factor = Schedule.factor schedule

            if schedule.WarmUp > 0 then
                Expect.equal (factor schedule.WarmUp) 1.0 "the end of the warm-up"

                for step in 1 .. schedule.WarmUp do
                    Expect.equal (factor step) (float step / float schedule.WarmUp) "the warm-up"

            let mutable start, from = schedule.WarmUp, 1.0

            for part in schedule.Parts do
                Expect.equal (factor part.At) part.Factor "the end of a part"

                for _ in 1..20 do
                    let step = integer (start + 1) part.At start key
                    let x = float (step - start) / float (part.At - start)

                    let expected =
                        match part.Course with
                        | Course.Linear -> from + (part.Factor - from) * x
                        | Course.Cosine -> part.Factor + (from - part.Factor) * (1.0 + cos (Math.PI * x)) / 2.0
                        | Course.Jump -> if step = part.At then part.Factor else from

                    within Tolerances.doubles (from + part.Factor) $"{part} at step {step}" (factor step) expected

                start <- part.At
                from <- part.Factor

            for later in [ 1; 17; 1000000 ] do
                Expect.equal (factor (start + later)) from "after the last part")

        test "constant is 1 to the bit" {
            for step in [ 1; 2; 100; Int32.MaxValue ] do
                Expect.equal (Schedule.factor Schedule.constant step) 1.0 "the factor"
        }
    ]

/// PyTorch's step of gradient descent in float64, for one weight: the new weight and sum, and the magnitudes that they are sums of.
let private published (rate, decay, momentum, nesterov) (w, g, b) =
    let d = g + decay * w
    let b' = momentum * b + d
    let move = if nesterov then d + momentum * b' else b'
    let size = abs g + abs (decay * w) + 2.0 * abs (momentum * b)
    (w - rate * move, b'), (abs w + rate * size, size)

let private optimisers =
    testList "optimisers" [
        law 80 "a step of gradient descent is PyTorch's" (fun key ->
            let momentum, nesterov = one [ 0.0, false; 0.9, false; 0.5, true ] 1 key
            let rate, decay = one [ 1e-3; 0.5 ] 2 key, one [ 0.0; 0.1; 1.0 ] 3 key

            let draw i =
                List.init (integer 1 3 4 key) (fun leaf -> normal [ integer 1 40 (5 + leaf) key ] (10 * i + leaf) key)

            let w, g, b = draw 1, draw 2, draw 3

            let optimiser = {
                Optimiser.sgd with
                    Rule = UpdateRule.SGD(momentum, nesterov)
                    LearningRate = rate
                    WeightDecay = decay
            }

            let before = if momentum = 0.0 then [] else [ b ]
            let weights, moments = Optimiser.update Structure.list optimiser (integer 1 100 6 key) g w before
            let rows tensors = tensors |> List.map floats |> Array.concat
            let zero = momentum = 0.0

            let expected =
                Array.map3
                    (fun w g b -> published (rate, decay, momentum, nesterov) (w, g, (if zero then 0.0 else b)))
                    (rows w)
                    (rows g)
                    (rows b)

            Array.iter2
                (fun actual ((value, _), (scale, _)) ->
                    within Tolerances.optimizer (scale + Tolerances.subnormal) "a weight" actual value)
                (rows weights)
                expected

            for moment in moments do
                Array.iter2
                    (fun actual ((_, value), (_, scale)) ->
                        within Tolerances.optimizer (scale + Tolerances.subnormal) "a sum" actual value)
                    (rows moment)
                    expected)

        law 80 "a gradient is as long as it may be after clipping, and shorter ones are left alone" (fun key ->
            let gradient = List.init (integer 1 4 1 key) (fun i -> normal [ integer 1 60 (2 + i) key ] (10 + i) key)
            let norm gradient = gradient |> List.sumBy (floats >> Array.sumBy (fun x -> x * x)) |> sqrt
            let longest = norm gradient * one [ 1e-3; 0.5; 0.999; 1.001; 10.0 ] 20 key
            let clipped = Optimiser.clip Structure.list longest gradient

            if longest > norm gradient + 1e-5 then
                Expect.equal clipped gradient "left alone"
            else
                // The 1e-6 beside the norm takes as much of it, relative to it.
                let expected = longest * norm gradient / (norm gradient + 1e-6)
                within Tolerances.optimizer longest "its norm" (norm clipped) expected)

        law 60 "only the leaves that are said decay" (fun key ->
            let names = [ "0"; "1"; "2" ]
            let weights = [ normal [ 3; 4 ] 1 key; normal [ 5 ] 2 key; normal [ 2; 2; 2 ] 3 key ]
            let zero = List.map Tensor.zerosLike weights

            let decay =
                one [ Decay.All; Decay.Matrices; Decay.Only []; Decay.Only [ "1" ]; Decay.Only [ "2"; "0" ] ] 4 key

            let optimiser = { one [ Optimiser.adamW; Optimiser.sgd ] 5 key with WeightDecay = 0.1; Decay = decay }

            let after, _ =
                Optimiser.update
                    Structure.list
                    optimiser
                    1
                    zero
                    weights
                    (Optimiser.start Structure.list optimiser weights)

            for name, before, after in List.zip3 names weights after do
                let shrinks =
                    match decay with
                    | Decay.All -> true
                    | Decay.Matrices -> name <> "1"
                    | Decay.Only some -> List.contains name some

                Expect.equal (after <> before) shrinks $"leaf {name} under {decay}")

        test "what does not fit is refused in one sentence" {
            for optimiser, part in
                [
                    { Optimiser.adamW with LearningRate = nan }, "NaN"
                    { Optimiser.adamW with Rule = UpdateRule.AdamW(1.0, 0.9, 1e-8) }, "beta1"
                    { Optimiser.adamW with Rule = UpdateRule.AdamW(0.9, 0.9, 0.0) }, "epsilon"
                    { Optimiser.sgd with Rule = UpdateRule.SGD(1.0, false) }, "momentum"
                    { Optimiser.sgd with Clip = Some 0.0 }, "clipped"
                    { Optimiser.sgd with Decay = Decay.Only [ "Wieght" ] }, "the nearest is \"Weight\""
                    { Optimiser.sgd with Schedule = { WarmUp = -1; Parts = [] } }, "schedule"
                ] do
                match Optimiser.problem [ "Weight"; "Bias" ] optimiser with
                | None -> failtest $"accepted: {optimiser}"
                | Some sentence ->
                    Expect.stringContains sentence part "what does not fit"
                    Expect.stringEnds sentence "." "a sentence"
        }
    ]

[<Tests>]
let tests = testList "Optimisers" [ printing; laws; optimisers ]
