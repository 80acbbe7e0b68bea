/// Laws of the elementwise kernels: functions of each element, broadcasting, sums, AdamW.
module Interp.Properties.ElementwiseKernelLaws

open System
open Expecto
open Interp.Kernels
open Interp.Properties.KernelTools
open Interp.Properties.Views

type private Unary = delegate of ReadOnlySpan<float32> * Span<float32> -> unit

let private apply (kernel: Unary) (x: float32[]) = Kernel.Of(x.Length, fun r -> kernel.Invoke(span x, r))

/// Values near and far, of both signs, with zeros, infinities, NaN and subnormal numbers among them.
let private probes seed n =
    let random = Random(seed)

    Array.init n (fun _ ->
        match random.Next 12 with
        | 0 -> 0f
        | 1 -> -0f
        | 2 -> infinityf
        | 3 -> -infinityf
        | 4 -> nanf
        | 5 -> 1e-40f
        | _ -> float32 ((random.NextDouble() - 0.5) * 10.0 ** float (random.Next(-8, 3))))

/// A float64 function, the kernel, and the error allowed relative to the true value.
let private unary: (string * (float -> float) * Unary * float) list = [
    // Results below the least normal number are 0 rather than subnormal.
    "Exp",
    (fun x -> if x < -87.33654 then 0.0 else exp x),
    Unary(fun x r -> Elementwise.Exp(x, r)),
    Tolerances.exponential
    // Near 1 the fit's relative weight keeps the error relative.
    "Log", log, Unary(fun x r -> Elementwise.Log(x, r)), Tolerances.exponential
    "Sqrt", sqrt, Unary(fun x r -> Elementwise.Sqrt(x, r)), Tolerances.roundings 1
    // An exponential, then an addition and a division.
    "Sigmoid",
    (fun x -> 1.0 / (1.0 + exp -x)),
    Unary(fun x r -> Elementwise.Sigmoid(x, r)),
    Tolerances.exponential + Tolerances.roundings 2
    // Above 0.625 the term taken from 1 is below 0.45 and as good as an exponential and two operations; tanh is above 0.55.
    "Tanh", tanh, Unary(fun x r -> Elementwise.Tanh(x, r)), Tolerances.exponential + Tolerances.roundings 2
    "Relu", (fun x -> if x > 0.0 || Double.IsNaN x then x else 0.0), Unary(fun x r -> Elementwise.Relu(x, r)), 0.0
    "Clip",
    (fun x -> if abs x > 2.0 then 2.0 * float (sign x) else x),
    Unary(fun x r -> Elementwise.Clip(x, 2f, r)),
    0.0
    "Scale", (fun x -> x * 0.75), Unary(fun x r -> Elementwise.Scale(x, 0.75f, r)), Tolerances.roundings 1
]

type private Binary =
    delegate of BroadcastLayout * ReadOnlySpan<float32> * ReadOnlySpan<float32> * Span<float32> -> unit

let private binary: (string * (float32 -> float32 -> float32) * Binary) list = [
    "Add", (+), Binary(fun l a b r -> Elementwise.Add(l, a, b, r))
    "Subtract", (-), Binary(fun l a b r -> Elementwise.Subtract(l, a, b, r))
    "Multiply", (*), Binary(fun l a b r -> Elementwise.Multiply(l, a, b, r))
    "Divide", (/), Binary(fun l a b r -> Elementwise.Divide(l, a, b, r))
    "Gate", (fun a b -> if a > 0f then b else 0f), Binary(fun l a b r -> Elementwise.Gate(l, a, b, r))
]

let private checkBinary (shape, a, b) =
    let layout = BroadcastLayout(Array.ofList shape, Array.ofList a, Array.ofList b)
    let x = numbers 1 (extent shape a)
    let y = numbers 2 (extent shape b)

    for name, f, kernel in binary do
        let expected = [| for index in walk shape -> f x[offset a index] y[offset b index] |]
        let actual = Kernel.Of(expected.Length, fun r -> kernel.Invoke(layout, span x, span y, r))
        sameBits name expected actual

let private checkReduction (shape: int list, strides: int list, _: int list) =
    // The result's strides, as if its own axes were contiguous in their order.
    let kept = List.map2 (fun n s -> if s = 0 || n = 1 then 1 else n) shape strides
    let result = List.map2 (fun n s -> if n = 1 then 0 else s) kept (rowMajor kept)
    let layout = ReductionLayout(Array.ofList shape, Array.ofList result)
    let x = numbers 3 (List.fold (*) 1 shape)
    let size = List.fold (*) 1 kept
    let sum: float[] = Array.zeroCreate size

    for i, index in List.indexed (walk shape) do
        let at = offset result index
        sum[at] <- sum[at] + float x[i]

    for divisor in [ 1.0; 3.0 ] do
        let expected = sum |> Array.map (fun sum -> float32 (sum / divisor))
        sameBits "Sum" expected (Kernel.Of(size, fun r -> Reduction.Sum(layout, span x, divisor, r)))

/// PyTorch's single-tensor AdamW, every number in float64.
let private adamW (w, m, v, g) lr decay beta1 beta2 epsilon t =
    let w = w * (1.0 - lr * decay)
    let m = m + (g - m) * (1.0 - beta1)
    let v = v * beta2 + (1.0 - beta2) * g * g
    let denominator = sqrt v / sqrt (1.0 - beta2 ** t) + epsilon
    w - lr / (1.0 - beta1 ** t) * m / denominator, m, v

[<Tests>]
let tests =
    testList "kernels: elementwise" [
        for name, f, kernel, relative in unary do
            testCase $"{name} is its float64 function at every length" (fun () ->
                for n in lengths do
                    let x = probes n n
                    let expected = Array.map (float >> f) x
                    let tolerance = expected |> Array.map (fun y -> relative * abs y + 1e-45)

                    let expected =
                        expected
                        |> Array.map (fun y ->
                            if abs y > float Single.MaxValue * (1.0 + Tolerances.roundings 1) then
                                infinity * float (sign y)
                            else
                                y)

                    eachWithin name expected tolerance (apply kernel x))

            testCase $"{name} has the same bits wherever an element lies, and in place" (fun () ->
                let x = probes 7 130
                let each = x |> Array.map (fun y -> (apply kernel [| y |])[0])
                sameBits name each (apply kernel x)
                sameBits $"{name} in place" each (Kernel.From(x, fun r -> kernel.Invoke(Span.op_Implicit r, r))))

        testCase "Exp, Log, Tanh and Sigmoid hold their relative error over their whole range" (fun () ->
            let grid low high n = Array.init n (fun i -> float32 (low + (high - low) * float i / float (n - 1)))

            let check name f kernel relative x =
                let expected = Array.map (float >> f) x
                eachWithin name expected (Array.map (fun y -> relative * abs y) expected) (apply kernel x)

            for name, f, kernel, relative in unary do
                match name with
                | "Exp" -> check name f kernel relative (grid -87.3 88.7 200001)
                | "Log" ->
                    check name f kernel relative (grid 0.3 3.0 200001)

                    check
                        name
                        f
                        kernel
                        relative
                        (grid -37.0 38.0 20001 |> Array.map (fun x -> float32 (10.0 ** float x)))
                | "Tanh" ->
                    check name f kernel relative (grid -10.0 10.0 200001)
                    check name f kernel relative (grid -1e-3 1e-3 2001)
                | "Sigmoid" -> check name f kernel relative (grid -80.0 80.0 200001)
                | _ -> ())

        property 150 "binary operations broadcast" views checkBinary
        property 150 "sums and means over any axes are chains in float64, rounded once" views checkReduction

        testCase "binary operations at every length" (fun () ->
            for n in lengths do
                checkBinary ([ n ], [ 1 ], [ 1 ])
                checkBinary ([ n ], [ 1 ], [ 0 ])
                checkBinary ([ n ], [ 0 ], [ 1 ]))

        testCase "SumLanes and Accumulate at every length" (fun () ->
            for n in lengths do
                let a = numbers 1 n
                let b = numbers 2 n
                let x = numbers 3 (n * lanes)

                sameBits
                    "SumLanes"
                    (Array.map halve (Array.chunkBySize lanes x))
                    (Kernel.Of(n, fun r -> Reduction.SumLanes(span x, r)))

                let total = Array.map float b
                Reduction.Accumulate(span a, 1, Span total)
                Expect.equal total (Array.map2 (fun b a -> float b + float a) b a) "Accumulate")

        testCase "a layout whose strides do not match its shape is refused" (fun () ->
            for shape, strides in
                [
                    [| 2; 3 |], [| 1 |]
                    [| 2 |], [| 1; 1 |]
                    [| 2 |], [| -1 |]
                    Array.create 17 1, Array.create 17 0
                ] do
                let refuses what make =
                    Expect.throwsT<ArgumentException> (fun () -> make () |> ignore) $"{what} {shape} {strides}"

                refuses "reduction" (fun () -> box (ReductionLayout(shape, strides)))

                refuses "first operand" (fun () ->
                    box (BroadcastLayout(shape, strides, Array.zeroCreate shape.Length)))

                refuses "second operand" (fun () ->
                    box (BroadcastLayout(shape, Array.zeroCreate shape.Length, strides))))

        testCase "AdamW is PyTorch's formula at every length, in place or not" (fun () ->
            for n in lengths do
                let t = int64 (n + 1)
                let w, m, g = numbers 1 n, numbers 2 n, numbers 3 n
                let v = numbers 4 n |> Array.map (fun x -> x * x)
                let vOut: float32[] = Array.zeroCreate n
                let mOut: float32[] = Array.zeroCreate n

                let wOut =
                    Kernel.Of(
                        n,
                        fun r ->
                            AdamW.Step(
                                span w,
                                span m,
                                span v,
                                span g,
                                r,
                                Span mOut,
                                Span vOut,
                                1e-2,
                                0.1,
                                0.9,
                                0.999,
                                1e-8,
                                t
                            )
                    )

                let w', m', v' = Array.copy w, Array.copy m, Array.copy v

                AdamW.Step(
                    span w',
                    span m',
                    span v',
                    span g,
                    Span w',
                    Span m',
                    Span v',
                    1e-2,
                    0.1,
                    0.9,
                    0.999,
                    1e-8,
                    t
                )

                sameBits "weights in place" wOut w'
                sameBits "first moment in place" mOut m'
                sameBits "second moment in place" vOut v'

                for i in 0 .. n - 1 do
                    let f (x: float32[]) = float x[i]
                    let ew, em, ev = adamW (f w, f m, f v, f g) 1e-2 0.1 0.9 0.999 1e-8 (float t)
                    // Moments: a rounded constant and three operations on numbers of at most 2.
                    eachWithin "moments" [| em; ev |] [| Tolerances.chain 4 2.0; Tolerances.chain 4 1.0 |] [|
                        mOut[i]
                        vOut[i]
                    |]
                    // The update inherits the moments' relative errors; its size is at most lr/(1-beta1) |m|/sqrt v.
                    let update = 1e-2 / (1.0 - 0.9 ** float t) / (sqrt ev / sqrt (1.0 - 0.999 ** float t))
                    let tolerance = Tolerances.chain 3 (abs ew) + Tolerances.roundings 12 * update * (abs em + 2.0)
                    eachWithin "weights" [| ew |] [| tolerance |] [| wOut[i] |])

        testCase "a step of gradient descent has the same bits wherever a weight lies, and in place" (fun () ->
            let step momentum nesterov (w: float32[], b: float32[], g: float32[]) =
                let bOut: float32[] = Array.zeroCreate w.Length

                let wOut =
                    Kernel.Of(
                        w.Length,
                        fun r -> Sgd.Step(span w, span b, span g, r, Span bOut, 0.1, 0.01, momentum, nesterov)
                    )

                wOut, bOut

            for n in lengths do
                let w, b, g = numbers 1 n, numbers 2 n, numbers 3 n

                for momentum, nesterov in [ 0.0, false; 0.9, false; 0.9, true ] do
                    let wOut, bOut = step momentum nesterov (w, b, g)
                    let each = Array.init n (fun i -> step momentum nesterov ([| w[i] |], [| b[i] |], [| g[i] |]))
                    sameBits "weights" (each |> Array.map (fun (w, _) -> w[0])) wOut
                    sameBits "sums" (each |> Array.map (fun (_, b) -> b[0])) bOut
                    let w', b' = Array.copy w, Array.copy b
                    Sgd.Step(span w', span b', span g, Span w', Span b', 0.1, 0.01, momentum, nesterov)
                    sameBits "weights in place" wOut w'

                    if momentum <> 0.0 then
                        sameBits "sums in place" bOut b')

        testCase "a sum of squares is eight chains in float64, one after the other" (fun () ->
            for n in lengths do
                let x = numbers 1 n

                let chain c =
                    x
                    |> Array.indexed
                    |> Array.filter (fun (i, _) -> i % 8 = c)
                    |> Array.fold (fun sum (_, y) -> sum + float y * float y) 0.0

                Expect.equal (Reduction.SumOfSquares(span x)) (List.init 8 chain |> List.fold (+) 0.0) $"{n} numbers")
    ]
