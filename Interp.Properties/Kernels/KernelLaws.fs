/// Laws of the elementwise, reducing, copying, gathering and optimizing kernels.
module Interp.Properties.KernelLaws

open System
open System.Runtime.InteropServices
open Expecto
open FsCheck
open FsCheck.FSharp
open Interp.Kernels
open Interp.Properties.KernelTools

let private lengths = [ 0..130 ]

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
    "Exp", (fun x -> if x < -87.33654 then 0.0 else exp x), Unary(fun x r -> Elementwise.Exp(x, r)), exponentialRelative
    // Near 1 the fit's relative weight keeps the error relative.
    "Log", log, Unary(fun x r -> Elementwise.Log(x, r)), exponentialRelative
    "Sqrt", sqrt, Unary(fun x r -> Elementwise.Sqrt(x, r)), unitRoundoff
    "Reciprocal", (fun x -> 1.0 / x), Unary(fun x r -> Elementwise.Reciprocal(x, r)), unitRoundoff
    // An exponential, then an addition and a division.
    "Sigmoid",
    (fun x -> 1.0 / (1.0 + exp -x)),
    Unary(fun x r -> Elementwise.Sigmoid(x, r)),
    exponentialRelative + 2.0 * unitRoundoff
    // Above 0.625 the term taken from 1 is below 0.45 and as good as an exponential and two operations; tanh is above 0.55.
    "Tanh", tanh, Unary(fun x r -> Elementwise.Tanh(x, r)), exponentialRelative + 2.0 * unitRoundoff
    "Relu", (fun x -> if x > 0.0 || Double.IsNaN x then x else 0.0), Unary(fun x r -> Elementwise.Relu(x, r)), 0.0
    "Step", (fun x -> if x > 0.0 then 1.0 else 0.0), Unary(fun x r -> Elementwise.Step(x, r)), 0.0
    "Sign",
    (fun x ->
        if x > 0.0 then 1.0
        elif x < 0.0 then -1.0
        else 0.0),
    Unary(fun x r -> Elementwise.Sign(x, r)),
    0.0
    "Negate", (fun x -> -x), Unary(fun x r -> Elementwise.Negate(x, r)), 0.0
    "Abs", abs, Unary(fun x r -> Elementwise.Abs(x, r)), 0.0
    "Scale", (fun x -> x * 0.75), Unary(fun x r -> Elementwise.Scale(x, 0.75f, r)), unitRoundoff
    "Copy", id, Unary(fun x r -> Elementwise.Copy(x, r)), 0.0
]

type private Binary =
    delegate of BroadcastLayout * ReadOnlySpan<float32> * ReadOnlySpan<float32> * Span<float32> -> unit

let private binary: (string * (float32 -> float32 -> float32) * Binary) list = [
    "Add", (+), Binary(fun l a b r -> Elementwise.Add(l, a, b, r))
    "Subtract", (-), Binary(fun l a b r -> Elementwise.Subtract(l, a, b, r))
    "Multiply", (*), Binary(fun l a b r -> Elementwise.Multiply(l, a, b, r))
    "Divide", (/), Binary(fun l a b r -> Elementwise.Divide(l, a, b, r))
    "Maximum", (fun a b -> if a > b then a else b), Binary(fun l a b r -> Elementwise.Maximum(l, a, b, r))
]

/// All indices of a shape, last axis fastest.
let rec private walk (shape: int list) =
    match shape with
    | [] -> [ [] ]
    | n :: rest -> [
        for i in 0 .. n - 1 do
            for tail in walk rest -> i :: tail
      ]

let private rowMajor (shape: int list) = List.scanBack (*) shape 1 |> List.tail

let private offset (strides: int list) (index: int list) = List.sum (List.map2 (*) strides index)

/// A shape of up to four axes, and for each of two operands the axes along which it varies, in any order in memory.
let private views = gen {
    let! rank = Gen.choose (0, 4)

    let! shape =
        Gen.listOfLength rank (Gen.frequency [ 6, Gen.choose (1, 5); 2, Gen.constant 16; 1, Gen.elements [ 8; 33 ] ])

    let strides = gen {
        let! present = Gen.listOfLength rank (Gen.frequency [ 3, Gen.constant true; 1, Gen.constant false ])
        let! order = Gen.frequency [ 2, Gen.constant [| 0 .. rank - 1 |]; 1, Gen.shuffle [| 0 .. rank - 1 |] ]
        let result = Array.zeroCreate rank
        let mutable size = 1

        for axis in Array.rev order do
            if present[axis] then
                result[axis] <- size
                size <- size * shape[axis]

        return List.ofArray result
    }

    let! a = strides
    let! b = strides
    return shape, a, b
}

let private extent shape strides = 1 + List.sum (List.map2 (fun n s -> (n - 1) * s) shape strides)

let private property name generator check =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with maxTest = 150 }
        name
        (Prop.forAll (Arb.fromGen generator) check)

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
    let sum: float32[] = Array.zeroCreate size
    let top = Array.create size -infinityf

    for i, index in List.indexed (walk shape) do
        let at = offset result index
        sum[at] <- sum[at] + x[i]
        top[at] <- max top[at] x[i]

    sameBits "Sum" sum (Kernel.Of(size, fun r -> Reduction.Sum(layout, span x, r)))
    sameBits "Max" top (Kernel.Of(size, fun r -> Reduction.Max(layout, span x, r)))

let private checkCopy (shape, a, _) =
    for count in [ 1; lanes ] do
        let source = numbers 4 ((2 + extent shape a) * count)
        let to' = rowMajor shape
        let size = (3 + extent shape to') * count
        let old = numbers 5 size
        let expected = Array.copy old

        for index in walk shape do
            Array.blit source ((2 + offset a index) * count) expected ((3 + offset to' index) * count) count

        let actual =
            Kernel.From(
                old,
                fun r -> Strided.Copy(Array.ofList shape, Array.ofList a, 2, span source, Array.ofList to', 3, r, count)
            )

        sameBits "Strided.Copy" expected actual

let private gathers = gen {
    let! batch = Gen.choose (1, 5)
    let! vocab = Gen.frequency [ 3, Gen.choose (1, 32); 1, Gen.choose (33, 70) ]
    let! n = Gen.frequency [ 9, Gen.choose (0, 20); 1, Gen.choose (120, 150) ]
    let! width = Gen.frequency [ 2, Gen.choose (1, 7); 3, Gen.choose (1, 40) ]
    let! tableLanes = Gen.elements [ 1; lanes ]
    let! indexLanes = Gen.elements [ 1; lanes ]
    let! seed = Gen.choose (0, 100000)
    return batch, vocab, n, width, tableLanes, indexLanes, seed
}

let private checkGather (batch, vocab, n, width, tableLanes, indexLanes, seed) =
    let table = numbers seed (batch * vocab * width * tableLanes)
    let index = indices seed vocab (n * indexLanes)
    let count = max tableLanes indexLanes
    let at i l = int index[i * indexLanes + min l (indexLanes - 1)]

    let expected = [|
        for b in 0 .. batch - 1 do
            for i in 0 .. n - 1 do
                for w in 0 .. width - 1 do
                    for l in 0 .. count - 1 ->
                        table[((b * vocab + at i l) * width + w) * tableLanes + min l (tableLanes - 1)]
    |]

    let actual =
        Kernel.Of(
            expected.Length,
            fun r -> Gather.Rows(span table, tableLanes, span index, indexLanes, r, batch, vocab, n, width)
        )

    sameBits "Gather.Rows" expected actual

    for gLanes in [ 1; lanes ] do
        for resultLanes in [ 1; lanes ] do
            let g = numbers (seed + 1) (batch * n * width * gLanes)
            let sum: float32[] = Array.zeroCreate (batch * vocab * width * resultLanes)

            for b in 0 .. batch - 1 do
                for i in 0 .. n - 1 do
                    for l in 0 .. max (max gLanes indexLanes) resultLanes - 1 do
                        for w in 0 .. width - 1 do
                            let target = ((b * vocab + at i l) * width + w) * resultLanes + min l (resultLanes - 1)
                            sum[target] <- sum[target] + g[((b * n + i) * width + w) * gLanes + min l (gLanes - 1)]

            let actual =
                Kernel.Of(
                    sum.Length,
                    fun r ->
                        Gather.AddRows(span g, gLanes, span index, indexLanes, r, resultLanes, batch, vocab, n, width)
                )

            sameBits $"Gather.AddRows, {gLanes} lanes into {resultLanes}" sum actual

/// PyTorch's single-tensor AdamW, every number in float64.
let private adamW (w, m, v, g) lr decay beta1 beta2 epsilon t =
    let w = w * (1.0 - lr * decay)
    let m = m + (g - m) * (1.0 - beta1)
    let v = v * beta2 + (1.0 - beta2) * g * g
    let denominator = sqrt v / sqrt (1.0 - beta2 ** t) + epsilon
    w - lr / (1.0 - beta1 ** t) * m / denominator, m, v

[<Tests>]
let tests =
    testList "kernels: elements" [
        for name, f, kernel, relative in unary do
            testCase $"{name} is its float64 function at every length" (fun () ->
                for n in lengths do
                    let x = probes n n
                    let expected = Array.map (float >> f) x
                    let tolerance = expected |> Array.map (fun y -> relative * abs y + 1e-45)

                    let expected =
                        expected
                        |> Array.map (fun y ->
                            if abs y > float Single.MaxValue * (1.0 + unitRoundoff) then
                                infinity * float (sign y)
                            else
                                y)

                    close name expected tolerance (apply kernel x))

            testCase $"{name} has the same bits wherever an element lies, and in place" (fun () ->
                let x = probes 7 130
                let each = x |> Array.map (fun y -> (apply kernel [| y |])[0])
                sameBits name each (apply kernel x)
                sameBits $"{name} in place" each (Kernel.From(x, fun r -> kernel.Invoke(Span.op_Implicit r, r))))

        testCase "Exp, Log, Tanh and Sigmoid hold their relative error over their whole range" (fun () ->
            let grid low high n = Array.init n (fun i -> float32 (low + (high - low) * float i / float (n - 1)))

            let check name f kernel relative x =
                let expected = Array.map (float >> f) x
                close name expected (Array.map (fun y -> relative * abs y) expected) (apply kernel x)

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

        property "binary operations broadcast" views checkBinary
        property "sums and maxima are chains over any axes" views checkReduction
        property "strided copies move every element and touch no other" views checkCopy

        testCase "binary operations at every length" (fun () ->
            for n in lengths do
                checkBinary ([ n ], [ 1 ], [ 1 ])
                checkBinary ([ n ], [ 1 ], [ 0 ])
                checkBinary ([ n ], [ 0 ], [ 1 ]))

        testCase "AddInPlace, SumLanes and Accumulate at every length" (fun () ->
            for n in lengths do
                let a = numbers 1 n
                let b = numbers 2 n
                sameBits "AddInPlace" (Array.map2 (+) a b) (Kernel.From(a, fun r -> Elementwise.AddInPlace(r, span b)))
                let x = numbers 3 (n * lanes)

                let rec halve (x: float32[]) =
                    if x.Length = 1 then
                        x[0]
                    else
                        halve (Array.init (x.Length / 2) (fun j -> x[j] + x[j + x.Length / 2]))

                sameBits
                    "SumLanes"
                    (Array.map halve (Array.chunkBySize lanes x))
                    (Kernel.Of(n, fun r -> Reduction.SumLanes(span x, r)))

                let total = Array.map float b
                Reduction.Accumulate(span a, 1, Span total)
                Expect.equal total (Array.map2 (fun b a -> float b + float a) b a) "Accumulate")

        testCase "interleaving and its inverse at every length" (fun () ->
            for n in lengths do
                let rows = Array.init lanes (fun j -> numbers j n)
                let flat = Array.concat rows
                let together = interleave rows

                sameBits
                    "Interleave"
                    together
                    (Kernel.Of(flat.Length, fun r -> LaneLayout.Interleave(span flat, r, n)))

                sameBits
                    "Deinterleave"
                    flat
                    (Kernel.Of(flat.Length, fun r -> LaneLayout.Deinterleave(span together, r, n))))

        property "gathered rows, and their transpose, in any lanes" gathers checkGather

        testCase "an index outside the vocabulary is refused by name" (fun () ->
            for bad in [ -1f; 26f; 1.5f; nanf ] do
                let index = Array.init lanes (fun i -> if i = 11 then bad else 3f)

                try
                    Gather.Rows(span (numbers 1 26), 1, span index, lanes, Span(Array.zeroCreate lanes), 1, 26, 1, 1)
                    failtestf "index %g was accepted" bad
                with :? ArgumentOutOfRangeException as e ->
                    Expect.stringContains e.Message "26" "the message names the vocabulary"
                    Expect.equal e.ParamName "index" "the message names the index")

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
                    close "moments" [| em; ev |] [| chainTolerance 4 2.0; chainTolerance 4 1.0 |] [|
                        mOut[i]
                        vOut[i]
                    |]
                    // The update inherits the moments' relative errors; its size is at most lr/(1-beta1) |m|/sqrt v.
                    let update = 1e-2 / (1.0 - 0.9 ** float t) / (sqrt ev / sqrt (1.0 - 0.999 ** float t))
                    let tolerance = chainTolerance 3 (abs ew) + 12.0 * unitRoundoff * update * (abs em + 2.0)
                    close "weights" [| ew |] [| tolerance |] [| wOut[i] |])

        testCase "aligned buffers start at 64 bytes, zeroed" (fun () ->
            for n in lengths do
                let buffer = AlignedBuffer.Allocate n

                if n > 0 then
                    let address = Marshal.UnsafeAddrOfPinnedArrayElement(buffer.Array, buffer.Offset)
                    Expect.equal (address % 64n) 0n "alignment"

                Expect.equal (buffer.Span.ToArray()) (Array.zeroCreate n) "zeros")
    ]
