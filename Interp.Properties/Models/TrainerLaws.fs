/// One trainer for any record and any loss.
module Interp.Properties.TrainerLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws

type private Net = { Table: Tensor; Layers: Layer list; Out: Tensor; Scale: Tensor option }

and private Layer = { Weight: Tensor; Bias: Tensor }

let private width, letters = 4, 5

let private initial layers scaled key = {
    Table = Tensor.normal [ letters; width ] (Key.split 0UL key)
    Layers = [
        for layer in 1..layers ->
            {
                Weight = Tensor.normal [ width; width ] (Key.split (uint64 layer) key)
                Bias = Tensor.zeros [ width ]
            }
    ]
    Out = Tensor.normal [ width; letters ] (Key.split 100UL key)
    Scale = if scaled then Some(Tensor.ones [ width ]) else None
}

/// A random function of a net and a sequence; among them some that lead to derivatives which are weights themselves, or one for two
/// weights, or none.
let private loss key (net: Net) (tokens: Tokens) =
    let embedded = Tensor.gather net.Table (Tokens.slice 0 (tokens.Length - 1) tokens)

    let bend = one [ Tensor.tanh; Tensor.gelu; Tensor.sigmoid; Tensor.layerNorm 1e-5 ] 1 key

    let through =
        (embedded, net.Layers)
        ||> List.fold (fun x layer -> bend (Tensor.matmul x layer.Weight + layer.Bias))

    let scaled =
        match net.Scale with
        | Some scale -> through * scale
        | None -> through

    let right =
        Tensor.crossEntropy (Tensor.matmul scaled net.Out) (Tokens.slice 1 (tokens.Length - 1) tokens)

    let beside =
        match integer 0 4 2 key, net.Layers with
        // The derivative of each is the other.
        | 0, a :: b :: _ -> Tensor.dot a.Weight b.Weight
        // Twice the same.
        | 1, a :: _ -> Tensor.sum (Tensor.tanh (a.Weight + a.Weight))
        | 2, _ -> 0.1 * Tensor.dot net.Out net.Out
        // They have one derivative between them.
        | 3, a :: b :: _ -> Tensor.sum (Tensor.tanh (a.Bias + b.Bias))
        | _ -> Tensor.scalar 0.0

    match integer 0 5 3 key with
    // Of no sequence.
    | 0 -> Tensor.dot net.Out net.Out + beside
    | _ -> Tensor.mean right + beside

let private structure = Structure.ofRecord<Net>()

let private objective key : Objective<Net> = {
    Structure = structure
    Initial = initial (integer 0 3 10 key) (truth 11 key)
    Loss = loss key
    Task =
        TaskForm.Repeat { Letters = letters; BlockLength = integer 1 3 12 key; Blocks = integer 2 3 13 key }
        |> Tasks.ofForm
    Batch = integer 1 50 14 key
    Optimiser = {
        OptimiserLaws.optimiser key with
            Decay = one [ Decay.All; Decay.Matrices; Decay.Only [ "Out" ] ] 15 key
            Schedule =
                one
                    [
                        Schedule.constant
                        { WarmUp = 3; Parts = [] }
                        { WarmUp = 1; Parts = [ { Course = Course.Cosine; Factor = 0.1; At = 4 } ] }
                    ]
                    16
                    key
            Clip = one [ None; Some 0.01; Some 1.0 ] 17 key
    }
    Seed = uint64 (integer 0 1000000 18 key)
}

let private sequences (o: Objective<Net>) step = Sequences.batch o.Task o.Batch o.Seed step

/// A step as anyone would write it down.
let private plainly (o: Objective<Net>) (state: TrainingState<Net>) =
    let loss, gradient =
        Differentiation.fgradOf
            o.Structure
            (fun net -> Batch.mean 1 (o.Loss net) (sequences o state.Step))
            state.Weights

    let weights, moments =
        Optimiser.update o.Structure o.Optimiser (state.Step + 1) gradient state.Weights state.Moments

    { Step = state.Step + 1; Weights = weights; Moments = moments }, Tensor.toScalar loss

let private steps =
    testList "steps" [
        law
            120
            "are the mean gradient of a batch and one step of the optimiser, to the bit, on any number of threads"
            (fun key ->
                let o = objective key
                let count = 3

                let expected, losses =
                    ((Training.start o, []), [ 1..count ])
                    ||> List.fold (fun (state, losses) _ ->
                        let state, loss = plainly o state
                        state, loss :: losses)

                let threads = integer 1 3 20 key
                let found = Training.advance (Training.compile threads o) count (Training.start o)
                Expect.equal found.Losses (List.rev losses) "the losses"
                Expect.equal found.State expected $"the state with {threads} threads and {o.Optimiser}")

        law 40 "two and three are five, from a state that was kept" (fun key ->
            let o = objective key
            let whole = Training.advance (Training.compile 1 o) 5 (Training.start o)
            let first = Training.advance (Training.compile 2 o) 2 (Training.start o)
            let kept = Training.resume o first.State.Step first.State.Weights first.State.Moments
            let second = Training.advance (Training.compile 2 o) 3 kept
            Expect.equal second.State whole.State "the state"
            Expect.equal (first.Losses @ second.Losses) whole.Losses "the losses")

        test "allocate nothing" {
            let nothing what (o: Objective<'model>) =
                let trainer = Training.compile 1 o
                trainer.Read(Training.start o)

                let allocated steps =
                    let losses = Array.zeroCreate steps
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    trainer.Take(0, losses)
                    GC.GetAllocatedBytesForCurrentThread() - before

                // What is made once, and code; the machine may compile some of it anew while it is looked at, which is no step's.
                allocated 3 |> ignore
                let least = Seq.init 5 (fun _ -> allocated 20) |> Seq.takeWhile ((<>) 0L) |> Seq.length
                Expect.isLessThan least 5 $"five times 20 steps of {what} allocated something, {o.Optimiser}"

            for key in [ 1UL .. 20UL ] |> List.map Key.ofSeed do
                nothing "a random objective" { objective key with Batch = 40 }

            nothing "the recipe" (Recipe.objective Configuration.studySmeared Tasks.study)
        }
    ]

let private watching =
    testList "watching" [
        law 40 "sees every so many steps what stands then, and changes nothing" (fun key ->
            let o = objective key
            let trainer = Training.compile 1 o
            let every, count = integer 1 4 20 key, integer 0 9 21 key
            let watch = { Every = every; See = (fun state -> state.Step, state.Weights); Stop = fun _ -> false }
            let found = Training.watch trainer watch count (Training.start o)
            let plain = Training.advance trainer count (Training.start o)
            Expect.equal found.State plain.State "the state"
            Expect.equal found.Losses plain.Losses "the losses"
            Expect.equal (List.map fst found.Seen) [ every..every..count ] "when"

            for step, (at, weights) in found.Seen do
                Expect.equal at step "the step"
                Expect.equal weights (Training.advance trainer step (Training.start o)).State.Weights "what stood then"

            // In two goes.
            let some = integer 0 count 22 key
            let first = Training.watch trainer watch some (Training.start o)
            let second = Training.watch trainer watch (count - some) first.State
            Expect.equal (first.Seen @ second.Seen) found.Seen "in two goes"
            Expect.equal second.State found.State "the state after two goes")

        law 20 "ends with the first sight that says so" (fun key ->
            let o = objective key
            let trainer = Training.compile 1 o
            let last = integer 1 5 20 key
            let watch = { Every = 2; See = _.Step; Stop = fun step -> step >= 2 * last }
            let found = Training.watch trainer watch 100 (Training.start o)
            Expect.equal found.State.Step (2 * last) "the step"
            Expect.equal found.State (Training.advance trainer (2 * last) (Training.start o)).State "the state"
            Expect.equal found.Losses.Length (2 * last) "the losses"
            Expect.equal (List.map snd found.Seen) [ 2..2 .. 2 * last ] "what was seen")
    ]

let private refusals =
    testList "refusals" [
        law 40 "a state of other shapes or moments is refused with both" (fun key ->
            let o = objective key
            let state = Training.start o
            let trainer = Training.compile 1 o
            let wider = { state.Weights with Out = Tensor.ones [ width; letters + 1 ] }

            let sentence = refusal (fun () -> Training.advance trainer 1 { state with Weights = wider } |> ignore)

            for part in [ "Out"; Shape.show [ width; letters ]; Shape.show [ width; letters + 1 ] ] do
                Expect.stringContains sentence part "the leaf and both shapes"

            refusal (fun () -> Training.resume o 1 state.Weights (state.Weights :: state.Moments) |> ignore)
            |> ignore

            refusal (fun () -> Training.resume o -1 state.Weights state.Moments |> ignore) |> ignore
            refusal (fun () -> Training.advance trainer -1 state |> ignore) |> ignore)

        test "an objective that cannot be trained is refused in one sentence" {
            let o = objective (Key.ofSeed 1UL)
            let refused o = refusal (fun () -> Training.compile 1 o |> ignore)
            Expect.stringContains (refused { o with Batch = 0 }) "0 sequences" "the batch"

            Expect.stringContains
                (refused { o with Loss = fun net tokens -> Tensor.gather net.Table tokens })
                "expected a scalar"
                "the loss"

            Expect.stringContains
                (refused { o with Optimiser = { o.Optimiser with Decay = Decay.Only [ "Outt" ] } })
                "the nearest is \"Out\""
                "a leaf"
        }

        test "the first leaf that is not finite is named, with its moment" {
            let o = { objective (Key.ofSeed 1UL) with Optimiser = Optimiser.adamW }
            let state = Training.start o
            Expect.isNone (Training.notFinite o state) "all are"
            let broken = { state.Weights with Out = nan * state.Weights.Out }
            Expect.equal (Training.notFinite o { state with Weights = broken }) (Some "Out") "a weight"

            Expect.equal
                (Training.notFinite o { state with Moments = [ state.Moments[0]; broken ] })
                (Some "adamw.v.Out")
                "a moment"
        }
    ]

[<Tests>]
let tests = testList "Trainer" [ steps; watching; refusals ]
