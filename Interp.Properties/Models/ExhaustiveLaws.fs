/// What is true of all inputs, against plain loops over them in float64.
module Interp.Properties.ExhaustiveLaws

open Expecto
open Interp
open Interp.Properties.Laws

/// The logits [pos][vocab] of a text, in float64 from the first weight on.
let private plainLogits (model: Model<Tensor>) (text: int[]) : float[][] =
    let item (x: Tensor) index = float (Tensor.item index x)
    let positions = text.Length
    let width = model.W_E.Shape[1]
    let struct (heads, headWidth) = if model.Blocks.IsEmpty then struct (0, 0) else Model.headShape model
    let logistic x = 1.0 / (1.0 + exp -x)

    let embed p =
        Array.init width (fun m ->
            item model.W_E [ text[p]; m ]
            + (model.W_pos |> Option.map (fun w -> item w [ p; m ]) |> Option.defaultValue 0.0))

    let placed p (x: float[]) =
        match model.Positions with
        | Positions.Study ->
            // The code itself is single.
            x |> Array.mapi (fun d x -> x + item (Transformer.positionCode positions headWidth) [ p; d ])
        | Positions.Rotary -> failwith "Not among those drawn."
        | _ -> x

    let attend (block: Block<Tensor>) (stream: float[][]) head =
        let read (w: Tensor) =
            stream
            |> Array.map (fun x ->
                Array.init headWidth (fun d -> Array.sum (Array.mapi (fun m x -> x * item w [ head; m; d ]) x)))

        let smear (logits: Tensor option) (x: float[][]) =
            match logits with
            | None -> x
            | Some logits ->
                x
                |> Array.mapi (fun p own ->
                    if p = 0 then
                        own
                    else
                        let s = logistic (item logits [ head; p - 1 ])
                        Array.map2 (fun own before -> s * own + (1.0 - s) * before) own x[p - 1])

        let queries = read block.W_Q |> smear block.SmearQueries |> Array.mapi placed
        let keys = read block.W_K |> smear block.Smear |> Array.mapi placed
        let values = read block.W_V

        Array.init positions (fun p ->
            let powers = Array.init (p + 1) (fun k -> exp (dot queries[p] keys[k] / sqrt (float headWidth)))
            let total = Array.sum powers

            let mixed =
                Array.init headWidth (fun d -> Array.sum (Array.mapi (fun k e -> e / total * values[k][d]) powers))

            Array.init width (fun m -> Array.sum (Array.mapi (fun d z -> z * item block.W_O [ head; d; m ]) mixed)))

    let layer (stream: float[][]) block =
        let written = List.init heads (attend block stream)
        stream |> Array.mapi (fun p x -> written |> List.fold (fun x head -> Array.map2 (+) x head[p]) x)

    List.fold layer (Array.init positions embed) model.Blocks
    |> Array.map (fun x ->
        Array.init model.W_U.Shape[1] (fun v -> Array.sum (Array.mapi (fun m x -> x * item model.W_U [ m; v ]) x)))

/// Losses of a text's tokens but the first, and how far each is ahead of the likeliest other one.
let private plain model (text: int[]) : (float * float)[] =
    plainLogits model text[.. text.Length - 2]
    |> Array.mapi (fun row logits ->
        let own = logits[text[row + 1]]
        let loss = log (logits |> Array.sumBy (fun x -> exp (x - own)))
        let others = Array.append (Array.removeAt text[row + 1] logits) [| -infinity |]
        loss, own - Array.max others)

let private none: FailureList = { Of = None; Most = 0 }

/// A small alphabet's task, and a model that fits it.
let private given key =
    let a = {
        Given.anyArchitecture key with
            DVocab = integer 3 5 50 key
            Positions = one [ Positions.Study; Positions.Standard; Positions.NoPositions ] 51 key
            NCtx = 12
    }

    let task =
        match integer 0 5 52 key with
        | 0 -> Tasks.ofForm (TaskForm.Nonsense(4, a.DVocab))
        | 1 -> Tasks.ofForm (TaskForm.BigramNoise(4, a.DVocab, 3UL))
        | 2 -> Tasks.ofForm (TaskForm.Max(3, a.DVocab))
        | _ -> Given.repeating a.DVocab (integer 1 3 53 key) (integer 1 4 54 key |> max 2)

    task, Given.model a key

let rec private allOf exhaustive state =
    if Exhaustive.isDone exhaustive state then
        state
    else
        allOf exhaustive (Exhaustive.advance exhaustive state)

let private whole exhaustive = allOf exhaustive (Exhaustive.start exhaustive)

let private compiled stretch threads task listed model =
    Exhaustive.compileWith stretch threads task listed (Transformer.logits (Model.map DoublePrecision.unrounded model))

[<Tests>]
let tests =
    testList "Exhaustive" [
        law 25 "all inputs are looked at, and what is true of them is what plain loops find" (fun key ->
            let task, model = given key
            let inputs = Exhaustive.inputs task
            let exhaustive = Exhaustive.ofModel 2 task { Of = None; Most = 1000 } model []
            let found = Exhaustive.results exhaustive (whole exhaustive)
            let all = Array.init (int inputs.Count) (uint64 >> inputs.Nth)
            let each = all |> Array.map (plain model)

            let weights =
                all |> Array.map (inputs.Probability |> Option.defaultValue (fun _ -> 1.0 / float all.Length))

            let perPosition =
                Array.init (task.Length - 1) (fun row ->
                    Array.fold2 (fun sum w (x: _[]) -> sum + w * fst x[row]) 0.0 weights each)

            close Tolerances.model "loss by position" (Array.ofList found.PerPositionLoss) perPosition
            close Tolerances.model "loss" [| found.Loss |] [| Task.mean task (List.ofArray perPosition) |]

            let judged =
                match task.Prompts with
                | Some prompts -> [ prompts.Length .. task.Length - 1 ]
                | None -> task.Counted

            let exact = each |> Array.map (fun x -> judged |> List.forall (fun place -> snd x[place - 1] > 0.0))

            let failures =
                exact |> Array.indexed |> Array.filter (snd >> not) |> Array.map (fst >> int64) |> List.ofArray

            Expect.equal found.Failures (List.truncate 1000 failures) "those that are not completed"
            Expect.equal found.Failed (int64 failures.Length) "how many"

            Expect.equal
                (found.Whole.Count, found.Patterns, found.All)
                (int64 all.Length, int64 all.Length, int64 all.Length)
                "inputs"

            Expect.equal found.Undecided 0L "random models have no ties"

            for own in found.Classes do
                let those = [
                    for i in 0 .. all.Length - 1 do
                        if inputs.Classes.Names.Value[inputs.Classes.Of all[i]] = own.Name then
                            i
                ]

                Expect.equal own.Count (int64 those.Length) own.Name
                Expect.equal own.Exact (those |> List.filter (Array.get exact) |> List.length |> int64) own.Name

                let loss =
                    (those
                     |> List.sumBy (fun i -> weights[i] * Task.mean task (each[i] |> Array.map fst |> List.ofArray)))
                    / (those |> List.sumBy (Array.get weights))

                close Tolerances.model $"loss of {own.Name}" [| own.Loss |] [| loss |]

            match found.ByBlock with
            | Some(struct (distinct, repeated)) ->
                let r = (Tasks.repetition task).Value
                let isDistinct (x: int[]) = (Array.distinct x[.. r.BlockLength - 1]).Length = r.BlockLength

                Expect.equal
                    distinct.Count
                    (all |> Array.filter isDistinct |> Array.length |> int64)
                    "different letters"

                Expect.equal (distinct.Exact + repeated.Exact) found.Whole.Exact "together"
            | None -> Expect.isNone (Tasks.repetition task) "only a repeated block is one")

        law 15 "threads, stretches and pauses change no bit" (fun key ->
            let task, model = given key
            let listed = { Of = None; Most = integer 0 40 60 key }
            let expected = whole (compiled 65536 1 task listed model)
            let stretch = 16 * integer 1 4 61 key
            let exhaustive = compiled stretch (integer 1 4 62 key) task listed model
            Expect.equal (whole exhaustive) expected "a few at a time"

            // Gone on with by another evaluation, as after a pause.
            let half = Exhaustive.advance exhaustive (Exhaustive.start exhaustive)
            Expect.equal (allOf (compiled (16 * integer 1 9 63 key) 1 task listed model) half) expected "resumed")

        law 20 "float64 is that of the definitions, from the weights on" (fun key ->
            let task, model = given key
            let text = (Exhaustive.inputs task).Nth 1UL

            let leaf = Trace.node (Sequences(None, 1)) [ text.Length - 1 ] true false

            let logits =
                Tokens leaf
                |> Transformer.logits (Model.map DoublePrecision.unrounded model)
                |> List.singleton
                |> DoublePrecision.compile

            close
                Tolerances.doubles
                "logits"
                (text[.. text.Length - 2] |> Array.map float |> logits |> List.head)
                (Array.concat (plainLogits model text[.. text.Length - 2])))

        law 10 "a sample's loss is within its standard errors of the exact one" (fun key ->
            let task, model = given key
            let exhaustive = Exhaustive.ofModel 1 task none model []
            let exact = Exhaustive.results exhaustive (whole exhaustive)
            let sample = Behaviour.evaluate 1 task model { Sequences = 2000; Seed = uint64 (integer 1 1000 70 key) }
            let inputs = Exhaustive.inputs task

            let losses = [|
                for i in 0UL .. inputs.Count - 1UL ->
                    Task.mean task (plain model (inputs.Nth i) |> Array.map fst |> List.ofArray)
            |]

            let weights = [|
                for i in 0UL .. inputs.Count - 1UL ->
                    inputs.Nth i |> (inputs.Probability |> Option.defaultValue (fun _ -> 1.0 / float inputs.Count))
            |]

            let variance = Array.fold2 (fun sum w x -> sum + w * (x - exact.Loss) ** 2.0) 0.0 weights losses

            within
                (Tolerances.freshErrors * sqrt (variance / 2000.0) + Tolerances.model * Tolerances.nats)
                1.0
                "loss"
                sample.Loss
                exact.Loss)

        test "a tie that is built in is a failure, and not undecided" {
            let task = Given.repeating 4 2 3
            // Letters 0 and 1 always have the same logit.
            let scores = Tensor.init [ 4; 4 ] (fun index -> if index[1] < 2 then 1.0 else float index[1] - 4.0)
            let logits tokens = Tensor.gather scores tokens
            let exhaustive = Exhaustive.compile 1 task none logits
            let found = Exhaustive.results exhaustive (whole exhaustive)
            Expect.equal (found.Whole.Exact, found.Undecided) (0L, 0L) "none is completed, none open"
        }

        test "what single precision cannot decide is decided in double" {
            let task = Given.repeating 3 1 2
            // The right letter of AA and BB is ahead by less than single precision has at 16, that of CC is behind by as little.
            let logits (tokens: Tokens) =
                let sixteen = DoublePrecision.unrounded (Tensor.init [ 3; 3 ] (fun _ -> 16.0))

                let little =
                    DoublePrecision.unrounded (
                        Tensor.init [ 3; 3 ] (fun index ->
                            if index[0] <> index[1] then 0.0
                            elif index[0] < 2 then 1e-8
                            else -1e-8)
                    )

                Tensor.gather (sixteen + little) tokens

            let exhaustive = Exhaustive.compile 1 task { Of = None; Most = 9 } logits
            let found = Exhaustive.results exhaustive (whole exhaustive)
            Expect.equal (found.Whole.Exact, found.Undecided, found.Failures) (2L, 0L, [ 2L ]) "AA and BB"
            close 1e-6 "the least lead" [| found.LeastMargin.Value |] [| 1e-8 |]
        }

        test "leads that double precision cannot tell from nothing are undecided" {
            let task = Given.repeating 3 1 2

            let logits (tokens: Tokens) =
                let own =
                    DoublePrecision.unrounded (
                        Tensor.init [ 3; 3 ] (fun index -> if index[0] = index[1] then 1e-12 else 0.0)
                    )

                Tensor.gather (own + 0.0) tokens

            let exhaustive = Exhaustive.compile 1 task none logits
            let found = Exhaustive.results exhaustive (whole exhaustive)
            Expect.equal (found.Whole.Exact, found.Undecided) (0L, 3L) "all three"
        }

        test "the study's patterns by their classes" {
            let classes = Tasks.study.Inputs.Value.Classes

            // 26 letters to choose from, one fewer for each that is there already.
            let count (name: string) =
                Seq.init (Seq.distinct name |> Seq.length) (fun i -> 26L - int64 i) |> Seq.fold (*) 1L

            Expect.equal (classes.Names.Value |> Array.sumBy count) 308_915_776L "26^6"
            Expect.equal (count "ABCDEF") 165_765_600L "all different"
        }

        test "what has no list, too long a one or no such class is refused" {
            let refused form listed =
                let task = Tasks.parse form |> Result.defaultWith failtest
                refusal (fun () -> Exhaustive.compile 1 task listed (fun _ -> Tensor.zeros [ 1 ]) |> ignore)

            Expect.stringContains (refused "repeat 3..8 length 24 of 26" none) "no list" "periods"
            Expect.stringContains (refused "recall 5 of 16" none) "2748107980800" "how many"
            Expect.stringContains (refused "repeat 2 x3 of 4" { Of = Some "BA"; Most = 1 }) "BA" "the class"
        }
    ]

[<Tests>]
let sampled =
    testList "Sampled" [
        law 15 "sequences that are drawn when their turn comes are those of a list, to the bit" (fun key ->
            let c, model, _ = Given.run key
            let task = Given.task c
            let heads = { Layer = 0; Head = 0 }

            let interventions =
                one
                    [
                        []
                        [ ZeroAblate heads ]
                        [ ResampleAblate(heads, 7UL) ]
                        [ ResampleAblate(heads, 7UL); MeanAblate(heads, { Sequences = 5; Seed = 3UL }) ]
                    ]
                    80
                    key

            let reference = { Sequences = integer 1 70 81 key; Seed = uint64 (integer 0 1000 82 key) }
            let threads = integer 1 3 83 key
            let found = Behaviour.evaluateWith threads task model interventions reference
            let sequences = Sequences.heldOut task reference
            let expected = Intervened.perPositionLoss 1 task model interventions sequences
            Expect.equal (Array.ofList found.PerPositionLoss) (floats expected) "losses")

        law 15 "standard errors are those of the sequences' own losses" (fun key ->
            let task, model = given key
            let reference = { Sequences = integer 2 400 84 key; Seed = uint64 (integer 0 1000 85 key) }
            let found = Behaviour.evaluate 1 task model reference

            let each =
                Sequences.heldOut task reference
                |> List.map (fun x -> plain model (x.ToArray()) |> Array.map fst |> List.ofArray |> Task.mean task)

            let mean = List.average each
            let variance = (each |> List.sumBy (fun x -> (x - mean) ** 2.0)) / float (each.Length - 1)

            within
                (Tolerances.model * Tolerances.nats)
                1.0
                "standard error"
                found.LossStandardError.Value
                (sqrt (variance / float each.Length)))

        test "of a single sequence there is no standard error" {
            let task, model = given (Key.ofSeed 1UL)
            let found = Behaviour.evaluate 1 task model { Sequences = 1; Seed = 1UL }
            Expect.isNone found.LossStandardError "loss"
            Expect.isNone found.AccuracyStandardError "accuracy"
        }
    ]
