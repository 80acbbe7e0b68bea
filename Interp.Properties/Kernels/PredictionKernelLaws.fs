/// Laws of predictions in double precision.
module Interp.Properties.PredictionKernelLaws

open System
open Expecto
open Interp.Kernels
open Interp.Properties.KernelTools

/// Results of sixteen lanes lie one number off an array's start, and must not be overrun.
let private into n (run: float[] -> int -> unit) =
    let room = Array.create (n + 18) 12345.678
    run room 1
    Expect.equal (Array.append [| room[0] |] room[n + 1 ..]) (Array.create 18 12345.678) "nothing outside of the result"
    room[1..n]

let private logSoftmax tokens (logits: float32[]) =
    into (tokens * lanes) (fun room at -> Predictions.LogSoftmax(span logits, Span(room, at, tokens * lanes), tokens))

let private sharesOf (logs: float[]) =
    into logs.Length (fun room at -> Predictions.Shares(ReadOnlySpan logs, Span(room, at, logs.Length)))

let private ofLane lane (x: 'a[]) = Array.init (x.Length / lanes) (fun i -> x[i * lanes + lane])

let private same what (expected: float[]) (actual: float[]) =
    Expect.equal
        (actual |> Array.map BitConverter.DoubleToInt64Bits)
        (expected |> Array.map BitConverter.DoubleToInt64Bits)
        what

let private numbers seed spread n =
    let random = Random(seed: int)
    Array.init n (fun _ -> spread * (2.0 * random.NextDouble() - 1.0))

[<Tests>]
let tests =
    testList "kernels: predictions" [
        testCase "shares are exp of their logarithms" (fun () ->
            let near = numbers 1 1.0 (1 <<< 12) |> Array.map (fun x -> -abs x)
            let far = numbers 2 708.0 (1 <<< 12) |> Array.map (fun x -> -abs x)
            let logs = Array.concat [ near; far; Array.create lanes 0.0 ]
            let found = sharesOf logs

            for log, share in Array.zip logs found do
                let expected = Math.Exp log

                if abs (share - expected) > Tolerances.double * expected then
                    failtestf "exp %.17g is %.17g, expected %.17g" log share expected

            Expect.equal (sharesOf (Array.create lanes 0.0)) (Array.create lanes 1.0) "of certainty"

            let special = Array.concat [ [| nan; -infinity; -1e300; -709.0; 0.0 |]; Array.zeroCreate 11 ]
            let shares = sharesOf special
            Expect.isTrue (Double.IsNaN shares[0]) "of NaN"
            Expect.equal shares[1..4] [| 0.0; 0.0; 0.0; 1.0 |] "of nothing"

            Expect.throwsT<ArgumentException>
                (fun () -> sharesOf (Array.zeroCreate 15) |> ignore)
                "not of sixteen lanes")

        testCase "log softmax is its loop's, at every number of tokens" (fun () ->
            for tokens in [ 1; 2; 3; 26; 27; 100 ] do
                let logits = numbers tokens 30.0 (tokens * lanes) |> Array.map float32
                let found = logSoftmax tokens logits

                for lane in 0 .. lanes - 1 do
                    let x = ofLane lane logits |> Array.map float
                    let most = Array.max x
                    let log = most + Math.Log(x |> Array.sumBy (fun x -> Math.Exp(x - most)))

                    for expected, found in Array.zip (x |> Array.map (fun x -> x - log)) (ofLane lane found) do
                        // Of the largest number that enters: a logit of 30, and its distance from the sum of all.
                        if abs (found - expected) > Tolerances.double * (60.0 + log) then
                            failtestf "%d tokens: %.17g, expected %.17g" tokens found expected)

        testCase "a lane has the same bits whatever the others are, and NaN stays in its own" (fun () ->
            let tokens = 26
            let logits = numbers 5 30.0 (tokens * lanes) |> Array.map float32
            let found = logSoftmax tokens logits

            for lane in 0 .. lanes - 1 do
                let moved = Array.init (tokens * lanes) (fun i -> logits[i / lanes * lanes + lane])
                same "alone" (ofLane lane found) (ofLane ((lane + 5) % lanes) (logSoftmax tokens moved))

            for special in [ nanf; infinityf; -infinityf ] do
                let spoilt = logits |> Array.mapi (fun i x -> if i % lanes = 3 then special else x)
                let after = logSoftmax tokens spoilt
                Expect.all (ofLane 3 after) Double.IsNaN "nothing to be told"

                for lane in List.except [ 3 ] [ 0 .. lanes - 1 ] do
                    same "beside" (ofLane lane found) (ofLane lane after))

        testCase "divergences are their sums in order, to the bit" (fun () ->
            for tokens in [ 0; 1; 2; 26 ] do
                let drawn seed = numbers seed 5.0 (tokens * lanes)
                let shares, from, onto = drawn 1, drawn 2, drawn 3

                let found =
                    into lanes (fun room at ->
                        Predictions.Divergences(
                            ReadOnlySpan shares,
                            ReadOnlySpan from,
                            ReadOnlySpan onto,
                            Span(room, at, lanes),
                            tokens
                        ))

                let expected =
                    Array.init lanes (fun lane ->
                        let at x = ofLane lane x

                        Array.zip3 (at shares) (at from) (at onto)
                        |> Array.fold (fun sum (p, a, b) -> sum + p * (a - b)) 0.0)

                same $"{tokens} tokens" expected found)

        testCase "the likeliest is the first of the largest, and alone where no other is as large" (fun () ->
            for tokens in [ 1; 2; 3; 26; 27 ] do
                for seed in 1..20 do
                    // Few different numbers, so that many are equal, and NaN at places of its own.
                    let logs =
                        numbers seed 3.0 (tokens * lanes)
                        |> Array.mapi (fun i x -> if i % 41 = seed then nan else Math.Round x)

                    let best, alone = Array.create (lanes + 1) -1, Array.create (lanes + 1) false
                    Predictions.Likeliest(ReadOnlySpan logs, Span(best, 0, lanes), Span(alone, 0, lanes), tokens)
                    Expect.equal (best[lanes], alone[lanes]) (-1, false) "nothing outside of the results"

                    for lane in 0 .. lanes - 1 do
                        let own = ofLane lane logs

                        let expected =
                            if Double.IsNaN own[0] then
                                0, true
                            else
                                let most = Array.max (Array.filter (Double.IsNaN >> not) own)

                                Array.IndexOf(own, most), Array.filter ((=) most) own |> Array.length |> (=) 1

                        Expect.equal (best[lane], alone[lane]) expected $"{tokens} tokens, lane {lane}"

            Expect.throwsT<ArgumentOutOfRangeException>
                (fun () ->
                    Predictions.Likeliest(
                        ReadOnlySpan Array.empty,
                        Span(Array.zeroCreate lanes),
                        Span(Array.zeroCreate lanes),
                        0
                    ))
                "no tokens")
    ]
