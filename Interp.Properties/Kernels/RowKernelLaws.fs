/// Laws of softmax and cross-entropy.
module Interp.Properties.RowKernelLaws

open System
open Expecto
open Interp.Kernels
open Interp.Properties.KernelTools

let private rowRange = [ 1..130 ]

let private laneMatrix seed spread n = numbers seed n |> Array.map (fun x -> spread * x)

[<Tests>]
let tests =
    testList "kernels: rows" [
        testCase "softmax, its gradient and log-sum-exp at every width" (fun () ->
            for width in rowRange do
                let rows = 2
                let spread = 30f
                let x = laneMatrix width spread (rows * width * lanes)
                let g = numbers (width + 1) (rows * width * lanes)

                let forward count (x: float32[]) =
                    Kernel.Of(x.Length, fun r -> Softmax.Forward(span x, r, rows, width, count))

                let gradient count (y: float32[]) (g: float32[]) =
                    Kernel.Of(y.Length, fun r -> Softmax.Gradient(span y, span g, r, rows, width, count))

                let logSumExp count (x: float32[]) =
                    Kernel.Of(rows * count, fun r -> Softmax.LogSumExp(span x, r, rows, width, count))

                let y = forward lanes x
                eachLane "Forward" y (fun j -> forward 1 (lane j x))
                eachLane "Gradient" (gradient lanes y g) (fun j -> gradient 1 (lane j y) (lane j g))
                eachLane "LogSumExp" (logSumExp lanes x) (fun j -> logSumExp 1 (lane j x))

                sameBits
                    "in place"
                    y
                    (Kernel.From(x, fun r -> Softmax.Forward(Span.op_Implicit r, r, rows, width, lanes)))

                let one = rowsOf width (lane 1 x) |> Array.map (Array.map float)
                let expected = Array.collect softmax one
                let relative = Tolerances.softmax width (2.0 * float spread)
                eachWithin "Forward" expected (Array.map (fun y -> relative * y) expected) (lane 1 y)

                let expected =
                    one |> Array.map (fun x -> Array.max x + log (Array.sumBy (fun y -> exp (y - Array.max x)) x))
                // The sum's relative error is the logarithm's absolute one; then the logarithm's own, and the addition.
                let tolerance =
                    expected |> Array.map (fun y -> relative + Tolerances.exponential * (log (float width) + abs y))

                eachWithin "LogSumExp" expected tolerance (lane 1 (logSumExp lanes x)))

        testCase "softmax survives infinite scores" (fun () ->
            let x = [| -infinityf; 1f; 1f; -infinityf |]
            let y = Kernel.Of(4, fun r -> Softmax.Forward(span x, r, 1, 4, 1))
            Expect.equal y [| 0f; 0.5f; 0.5f; 0f |] "masked entries get nothing")

        testCase "special scores give each of 16 lanes what they give alone" (fun () ->
            let special = [| infinityf; -infinityf; nanf; 0f; -0f; Single.MaxValue; Single.MinValue; 1e8f; 1e-40f |]
            let random = Random 5

            let like what (expected: float32[]) (actual: float32[]) =
                if not (Array.forall2 (fun (a: float32) b -> a.Equals b) expected actual) then
                    failtest $"{what}: {actual}, alone {expected}"

            for width in [ 1; 2; 3; 7; 26 ] do
                let rows = 5

                let x =
                    Array.init (rows * width * lanes) (fun _ ->
                        if random.Next 4 = 0 then
                            special[random.Next special.Length]
                        else
                            float32 (random.NextDouble() * 8.0))

                let targets = indices width width (rows * lanes)
                let g = numbers width (rows * lanes)

                let kernels: (string * (int -> float32[] -> float32[] -> float32[] -> float32[])) list = [
                    "Forward",
                    (fun count x _ _ -> Kernel.Of(x.Length, fun r -> Softmax.Forward(span x, r, rows, width, count)))
                    "Logarithms",
                    (fun count x _ _ ->
                        Kernel.Of(x.Length, fun r -> Softmax.Logarithms(span x, r, rows, width, count)))
                    "LogSumExp",
                    (fun count x _ _ ->
                        Kernel.Of(rows * count, fun r -> Softmax.LogSumExp(span x, r, rows, width, count)))
                    "cross-entropy",
                    (fun count x t _ ->
                        Kernel.Of(rows * count, fun r -> CrossEntropy.Forward(span x, span t, r, rows, width, count)))
                    "its gradient",
                    (fun count x t g ->
                        Kernel.Of(
                            x.Length,
                            fun r -> CrossEntropy.Gradient(span x, span t, span g, r, rows, width, count)
                        ))
                ]

                for name, kernel in kernels do
                    let all = kernel lanes x targets g

                    for j in 0 .. lanes - 1 do
                        like
                            $"{name}, width {width}, lane {j}"
                            (kernel 1 (lane j x) (lane j targets) (lane j g))
                            (lane j all))

        testCase "cross-entropy and its gradient at every width" (fun () ->
            for width in rowRange do
                let rows = 3
                let spread = 10f
                let x = laneMatrix (width + 5) spread (rows * width * lanes)
                let targets = indices width width (rows * lanes)
                let g = numbers width (rows * lanes)

                let forward count (x: float32[]) (t: float32[]) =
                    Kernel.Of(rows * count, fun r -> CrossEntropy.Forward(span x, span t, r, rows, width, count))

                let gradient count (x: float32[]) (t: float32[]) (g: float32[]) =
                    Kernel.Of(x.Length, fun r -> CrossEntropy.Gradient(span x, span t, span g, r, rows, width, count))

                let loss = forward lanes x targets
                let slope = gradient lanes x targets g
                eachLane "Forward" loss (fun j -> forward 1 (lane j x) (lane j targets))
                eachLane "Gradient" slope (fun j -> gradient 1 (lane j x) (lane j targets) (lane j g))
                let relative = Tolerances.softmax width (2.0 * float spread)

                for row, x in Array.indexed (rowsOf width (lane 5 x)) do
                    let x = Array.map float x
                    let target = int (lane 5 targets).[row]
                    let g = float (lane 5 g).[row]
                    let total = Array.max x + log (Array.sumBy (fun y -> exp (y - Array.max x)) x)
                    let tolerance = relative + Tolerances.exponential * (log (float width) + 3.0 * float spread)
                    eachWithin "Forward" [| total - x[target] |] [| tolerance |] [| (lane 5 loss).[row] |]
                    let y = softmax x
                    let expected = y |> Array.mapi (fun c y -> (if c = target then y - 1.0 else y) * g)

                    // At the target 1 is subtracted from a number near it: the error stays relative to y.
                    let tolerance =
                        Array.map2
                            (fun y e -> abs g * (relative * y) + Tolerances.roundings 2 * abs e + 1e-44)
                            y
                            expected

                    eachWithin "Gradient" expected tolerance (rowsOf width (lane 5 slope)).[row])

        testCase "a target outside the vocabulary is refused" (fun () ->
            for bad in [ -1f; 4f; 0.5f; nanf ] do
                Expect.throwsT<ArgumentOutOfRangeException>
                    (fun () ->
                        CrossEntropy.Forward(span (numbers 1 4), span [| bad |], Span(Array.zeroCreate 1), 1, 4, 1))
                    $"target {bad}")

        testCase "what sixteen sequences add to sums over many" (fun () ->
            for width in rowRange do
                let rows = 5
                let logits = laneMatrix (width + 5) 10f (rows * width * lanes)
                let targets = indices width width (rows * lanes)
                let losses = numbers width (rows * lanes)
                let weights = numbers 3 lanes |> Array.map float
                let counted, judged = [| true; false; true; true; false |], [| false; false; true; false; true |]
                let sums, laneSums: float[] * float[] = Array.zeroCreate rows, Array.zeroCreate lanes
                let right, least: float32[] * float32[] = Array.zeroCreate lanes, Array.zeroCreate lanes
                SequenceTotals.OfRows(span losses, ReadOnlySpan weights, Span sums, rows)

                SequenceTotals.OfLanes(
                    span losses,
                    span logits,
                    span targets,
                    width,
                    ReadOnlySpan counted,
                    ReadOnlySpan judged,
                    Span laneSums,
                    Span right,
                    Span least
                )

                let loss row lane = float losses[row * lanes + lane]

                let lead row lane =
                    let target = int targets[row * lanes + lane]
                    let at i = logits[(row * width + i) * lanes + lane]
                    let others = [ 0 .. width - 1 ] |> List.filter ((<>) target) |> List.map at
                    at target - List.fold max -infinityf others

                for row in 0 .. rows - 1 do
                    let expected = Seq.init lanes (fun lane -> weights[lane] * loss row lane) |> Seq.sum
                    Expect.floatClose Accuracy.high sums[row] expected $"sum of row {row}"

                for lane in 0 .. lanes - 1 do
                    Expect.floatClose
                        Accuracy.high
                        laneSums[lane]
                        (loss 0 lane + loss 2 lane + loss 3 lane)
                        $"lane {lane}"

                    let hits = [ 0; 2; 3 ] |> List.filter (fun row -> lead row lane > 0f) |> List.length
                    Expect.equal right[lane] (float32 hits) $"right ones, width {width}, lane {lane}"

                    Expect.equal
                        least[lane]
                        (min (lead 2 lane) (lead 4 lane))
                        $"least lead, width {width}, lane {lane}")
    ]
