/// Laws of causal attention and of smeared keys.
module Interp.Properties.AttentionKernelLaws

open System
open Expecto
open Interp.Kernels
open Interp.Properties.KernelTools

/// Heads, positions and width: every edge of the tiles, and the sizes that are trained.
let private sizes = [
    for positions in [ 1..12 ] @ [ 23; 48 ] do
        for width in [ 1; 2; 3; 5; 8; 11; 16 ] -> 2, positions, width
    yield 4, 23, 8
    yield 1, 97, 32
    yield 1, 130, 9
]

/// Patterns whose strict upper triangle is NaN: a kernel that reads it shows.
let private triangle seed (heads, positions) lanes =
    numbers seed (heads * positions * positions * lanes)
    |> Array.mapi (fun i x ->
        let entry = i / lanes
        if entry % positions > entry / positions % positions then nanf else x)

let private scale = 0.3f

let private eachChain what value magnitude terms actual =
    eachWithin what value (Array.map (Tolerances.chain terms) magnitude) actual

/// Sums terms (i, j, value, magnitude index) into arrays.
let private summed n (terms: seq<int * float>) =
    let value = Array.zeroCreate n
    let magnitude = Array.zeroCreate n

    for at, term in terms do
        value[at] <- value[at] + term
        magnitude[at] <- magnitude[at] + abs term

    value, magnitude

let private triples (heads, positions) = seq {
    for h in 0 .. heads - 1 do
        for i in 0 .. positions - 1 do
            for j in 0..i -> h, i, j
}

let private dot (heads, positions, width) count (a: float32[]) (b: float32[]) =
    Kernel.Of(
        heads * positions * positions * count,
        fun r -> Causal.Dot(span a, span b, r, scale, heads, positions, width, count)
    )

let private mix (heads, positions, width) count (p: float32[]) (v: float32[]) =
    Kernel.Of(
        heads * positions * width * count,
        fun r -> Causal.Mix(span p, span v, r, scale, heads, positions, width, count)
    )

let private mixTransposed (heads, positions, width) count (p: float32[]) (x: float32[]) =
    Kernel.Of(
        heads * positions * width * count,
        fun r -> Causal.MixTransposed(span p, span x, r, scale, heads, positions, width, count)
    )

/// Upper triangle left as it was: NaN stays NaN in `Kernel.Of`.
let private dotReference (heads, positions, width) (a: float32[]) (b: float32[]) =
    let value, magnitude =
        summed
            (heads * positions * positions)
            (seq {
                for h, i, j in triples (heads, positions) do
                    for d in 0 .. width - 1 ->
                        (h * positions + i) * positions + j,
                        float scale
                        * float a[(h * positions + i) * width + d]
                        * float b[(h * positions + j) * width + d]
            })

    let upper = triangle 0 (heads, positions) 1 |> Array.map Single.IsNaN
    Array.map2 (fun above x -> if above then nan else x) upper value, magnitude

let private mixReference transposed (heads, positions, width) (p: float32[]) (v: float32[]) =
    summed
        (heads * positions * width)
        (seq {
            for h, i, j in triples (heads, positions) do
                let target, source = if transposed then j, i else i, j

                for d in 0 .. width - 1 ->
                    (h * positions + target) * width + d,
                    float scale
                    * float p[(h * positions + i) * positions + j]
                    * float v[(h * positions + source) * width + d]
        })

[<Tests>]
let tests =
    testList "kernels: attention" [
        testCase "scores, mixtures and their transposes are float64 loops over the exact triangle" (fun () ->
            for heads, positions, width as size in sizes do
                let n = heads * positions * width
                let a = numbers 1 n
                let b = numbers 2 n
                let p = triangle 3 (heads, positions) 1
                let value, magnitude = dotReference size a b
                eachChain $"Dot {size}" value magnitude (width + 1) (dot size 1 a b)
                let value, magnitude = mixReference false size p a
                eachChain $"Mix {size}" value magnitude (positions + 1) (mix size 1 p a)
                let value, magnitude = mixReference true size p a
                eachChain $"MixTransposed {size}" value magnitude (positions + 1) (mixTransposed size 1 p a))

        testCase "each of 16 lanes has the bits of one alone" (fun () ->
            for heads, positions, width as size in sizes do
                let n = heads * positions * width * lanes
                let a = numbers 4 n
                let b = numbers 5 n
                let p = triangle 6 (heads, positions) lanes
                let each f (x: float32[]) y j = f size 1 (lane j x) (lane j y)
                eachLane $"Dot {size}" (dot size lanes a b) (each dot a b)
                eachLane $"Mix {size}" (mix size lanes p a) (each mix p a)
                eachLane $"MixTransposed {size}" (mixTransposed size lanes p a) (each mixTransposed p a))

        testCase "causal softmax is a softmax of each row up to its query, in place or not" (fun () ->
            for positions in [ 1; 2; 5; 16; 23; 61 ] do
                let heads = 2
                let x = triangle 7 (heads, positions) lanes |> Array.map (fun x -> 20f * x)

                let run count (x: float32[]) =
                    Kernel.Of(x.Length, fun r -> Causal.Softmax(span x, r, heads, positions, count))

                let sixteen = run lanes x
                eachLane "Causal.Softmax" sixteen (fun j -> run 1 (lane j x))

                let inPlace = Kernel.From(x, fun r -> Causal.Softmax(Span.op_Implicit r, r, heads, positions, lanes))

                sameBits "Causal.Softmax in place" sixteen inPlace
                let one = lane 0 x

                let expected =
                    rowsOf positions one
                    |> Array.mapi (fun row scores ->
                        let count = row % positions + 1

                        Array.append
                            (softmax (Array.map float scores[.. count - 1]))
                            (Array.create (positions - count) nan))
                    |> Array.concat

                eachWithin
                    "Causal.Softmax"
                    expected
                    (Array.map (fun y -> Tolerances.softmax positions 40.0 * y) expected)
                    (lane 0 sixteen))

        testCase "the causal softmax's gradient is p (g - sum p g)" (fun () ->
            for positions in [ 1; 2; 5; 16; 23; 61 ] do
                let heads = 2
                let p = triangle 8 (heads, positions) lanes
                let g = triangle 9 (heads, positions) lanes

                let run count (p: float32[]) (g: float32[]) =
                    Kernel.Of(p.Length, fun r -> Causal.SoftmaxGradient(span p, span g, r, heads, positions, count))

                let sixteen = run lanes p g
                eachLane "Causal.SoftmaxGradient" sixteen (fun j -> run 1 (lane j p) (lane j g))

                sameBits
                    "Causal.SoftmaxGradient in place"
                    sixteen
                    (Kernel.From(
                        g,
                        fun r -> Causal.SoftmaxGradient(span p, Span.op_Implicit r, r, heads, positions, lanes)
                    ))

                for row, (p, g, actual) in
                    Array.indexed (
                        Array.zip3
                            (rowsOf positions (lane 2 p))
                            (rowsOf positions (lane 2 g))
                            (rowsOf positions (lane 2 sixteen))
                    ) do
                    let count = row % positions + 1
                    let p = Array.map float p[.. count - 1]
                    let g = Array.map float g[.. count - 1]
                    let inner = Array.map2 (*) p g
                    let size = Array.sumBy abs inner
                    let expected = Array.map2 (fun p g -> p * (g - Array.sum inner)) p g

                    // The chain of the sum, then a subtraction and a product.
                    let tolerance = Array.map2 (fun p g -> abs p * Tolerances.chain (count + 2) (size + abs g)) p g

                    eachWithin "Causal.SoftmaxGradient" expected tolerance actual[.. count - 1])

        testCase "smeared keys and their gradients" (fun () ->
            for positions in [ 1; 2; 3; 23 ] do
                for width in [ 1; 3; 8; 17 ] do
                    for weightLanes in [ 1; lanes ] do
                        let heads = 3
                        let keys = numbers 1 (heads * positions * width * lanes)
                        let g = numbers 2 keys.Length
                        let weight = numbers 3 (heads * (positions - 1) * weightLanes)

                        let forward count weightCount (k: float32[]) (s: float32[]) =
                            Kernel.Of(
                                k.Length,
                                fun r -> Smear.Forward(span k, span s, r, heads, positions, width, count, weightCount)
                            )

                        let keysGradient count weightCount (g: float32[]) (s: float32[]) =
                            Kernel.Of(
                                g.Length,
                                fun r ->
                                    Smear.KeysGradient(span g, span s, r, heads, positions, width, count, weightCount)
                            )

                        let weightGradient count (g: float32[]) (k: float32[]) =
                            Kernel.Of(
                                heads * (positions - 1) * count,
                                fun r -> Smear.WeightGradient(span g, span k, r, heads, positions, width, count)
                            )

                        let s j = if weightLanes = 1 then weight else lane j weight
                        let one kernel x j = kernel 1 1 (lane j x) (s j)
                        let mixed = forward lanes weightLanes keys weight
                        let back = keysGradient lanes weightLanes g weight
                        let slope = weightGradient lanes g keys
                        eachLane "Forward" mixed (one forward keys)
                        eachLane "KeysGradient" back (one keysGradient g)
                        eachLane "WeightGradient" slope (fun j -> weightGradient 1 (lane j g) (lane j keys))

                        let k = Array.map float (lane 4 keys)
                        let dk = Array.map float (lane 4 g)
                        let s = Array.map float (s 4)
                        let at h t d = (h * positions + t) * width + d
                        let own h t = if t = 0 then 1.0 else s[h * (positions - 1) + t - 1]

                        let all f = [|
                            for h in 0 .. heads - 1 do
                                for t in 0 .. positions - 1 do
                                    for d in 0 .. width - 1 -> f h t d
                        |]

                        let before h t d = if t = 0 then 0.0 else k[at h (t - 1) d]
                        let expected = all (fun h t d -> own h t * k[at h t d] + (1.0 - own h t) * before h t d)
                        // 1 - s, a product and a fused sum of numbers below 1 (1 - s below 2).
                        let tolerance = Array.create k.Length (Tolerances.chain 3 3.0)
                        eachWithin "Forward" expected tolerance (lane 4 mixed)

                        let after h t d = if t = positions - 1 then 0.0 else (1.0 - own h (t + 1)) * dk[at h (t + 1) d]
                        let expected = all (fun h t d -> own h t * dk[at h t d] + after h t d)
                        eachWithin "KeysGradient" expected tolerance (lane 4 back)

                        let expected = [|
                            for h in 0 .. heads - 1 do
                                for t in 1 .. positions - 1 ->
                                    Seq.sum (
                                        seq { for d in 0 .. width - 1 -> dk[at h t d] * (k[at h t d] - before h t d) }
                                    )
                        |]

                        // A difference, then a chain of the width; each term is at most 2.
                        let tolerance = Array.create expected.Length (Tolerances.chain (width + 1) (2.0 * float width))
                        eachWithin "WeightGradient" expected tolerance (lane 4 slope))
    ]
