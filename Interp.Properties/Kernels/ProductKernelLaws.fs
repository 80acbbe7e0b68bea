/// Laws of the products: against float64 loops, lane by lane, and in every arrangement of indices.
module Interp.Properties.ProductKernelLaws

open System
open Expecto
open FsCheck.FSharp
open Interp.Kernels
open Interp.Properties.KernelTools

/// The offsets of one contraction, and the sizes of its operands.
type private Case = {
    ABatch: int[]
    BBatch: int[]
    OutBatch: int[]
    ARow: int[]
    OutRow: int[]
    BColumn: int[]
    OutColumn: int[]
    ADepth: int[]
    BDepth: int[]
}

let private layout c =
    ContractionLayout(c.ABatch, c.BBatch, c.OutBatch, c.ARow, c.OutRow, c.BColumn, c.OutColumn, c.ADepth, c.BDepth)

/// Row-major strides of three axes in the order that the permutation names, outermost first.
let private strides (order: int[]) (sizes: int[]) =
    let result = Array.zeroCreate sizes.Length
    let mutable size = 1

    for axis in Array.rev order do
        result[axis] <- size
        size <- size * sizes[axis]

    result

let private along n stride = Array.init n (fun i -> i * stride)

/// Batches of a and b that follow the output's batch, or stay at 0 where shared.
let private case (g, m, n, k) (aOrder, bOrder, outOrder) (aShared, bShared) =
    let a = strides aOrder [| (if aShared then 1 else g); m; k |]
    let b = strides bOrder [| (if bShared then 1 else g); n; k |]
    let out = strides outOrder [| g; m; n |]

    {
        ABatch = if aShared then Array.zeroCreate g else along g a[0]
        BBatch = if bShared then Array.zeroCreate g else along g b[0]
        OutBatch = along g out[0]
        ARow = along m a[1]
        OutRow = along m out[1]
        BColumn = along n b[1]
        OutColumn = along n out[2]
        ADepth = along k a[2]
        BDepth = along k b[2]
    }

let private cases =
    let orders = [ [| 0; 1; 2 |]; [| 0; 2; 1 |]; [| 1; 0; 2 |]; [| 1; 2; 0 |]; [| 2; 0; 1 |]; [| 2; 1; 0 |] ]

    gen {
        let! g = Gen.choose (1, 3)
        let! m = Gen.choose (1, 40)
        let! n = Gen.choose (1, 40)
        let! k = Gen.frequency [ 1, Gen.constant 0; 9, Gen.choose (1, 40) ]
        let! a, b, out = Gen.three (Gen.elements orders)
        let! shared = Gen.elements [ (false, false); (true, false); (false, true) ]
        let! seed = Gen.choose (0, 1000000)
        return case (g, m, n, k) (a, b, out) shared, seed
    }

/// Sizes that cross every edge: of tiles and of cache blocks.
let private edges = [
    for m, n, k in
        [
            1, 1, 1
            4, 6, 1
            23, 26, 32
            5, 7, 3
            3, 13, 130
            130, 2, 5
            48, 50, 65
            9, 64, 257
            70, 17, 300
            26, 32, 32
        ] -> case (1, m, n, k) ([| 0; 1; 2 |], [| 0; 2; 1 |], [| 0; 1; 2 |]) (false, false), m * n + k
]

/// The reference and, for each element, the sum of the magnitudes of its terms.
let private reference c (a: float32[]) (b: float32[]) (start: float32[]) =
    let value = Array.map float start
    let magnitude = Array.map (float >> abs) start

    for g in 0 .. c.OutBatch.Length - 1 do
        for m in 0 .. c.ARow.Length - 1 do
            for n in 0 .. c.BColumn.Length - 1 do
                let at = c.OutBatch[g] + c.OutRow[m] + c.OutColumn[n]

                for k in 0 .. c.ADepth.Length - 1 do
                    let term =
                        float a[c.ABatch[g] + c.ARow[m] + c.ADepth[k]]
                        * float b[c.BBatch[g] + c.BColumn[n] + c.BDepth[k]]

                    value[at] <- value[at] + term
                    magnitude[at] <- magnitude[at] + abs term

    value, magnitude

let private shared (l: ContractionLayout) a b start accumulate =
    Kernel.From(start, fun r -> Contraction.Shared(l, span a, span b, r, accumulate))

/// The definition itself in float32: the bits that every form of the product must have.
let private chain c (a: float32[]) (b: float32[]) (start: float32[]) =
    let value = Array.copy start

    for g in 0 .. c.OutBatch.Length - 1 do
        for m in 0 .. c.ARow.Length - 1 do
            for n in 0 .. c.BColumn.Length - 1 do
                let at = c.OutBatch[g] + c.OutRow[m] + c.OutColumn[n]
                let mutable sum = 0.0f

                for k in 0 .. c.ADepth.Length - 1 do
                    let x = a[c.ABatch[g] + c.ARow[m] + c.ADepth[k]]
                    let y = b[c.BBatch[g] + c.BColumn[n] + c.BDepth[k]]
                    sum <- MathF.FusedMultiplyAdd(x, y, sum)

                value[at] <- value[at] + sum

    value

/// The depth in the fewest equal blocks of at most 48: a finished block's chain is added to those before it.
let private chainInBlocks c a b zero =
    let count = max 1 ((c.ADepth.Length + 47) / 48)
    let size = max 1 ((c.ADepth.Length + count - 1) / count)

    let blocks = Array.zip (Array.chunkBySize size c.ADepth) (Array.chunkBySize size c.BDepth)

    if blocks.Length = 0 then
        zero
    else
        blocks
        |> Array.map (fun (aDepth, bDepth) -> chain { c with ADepth = aDepth; BDepth = bDepth } a b zero)
        |> Array.reduce (Array.map2 (+))

let private operands c seed =
    let l = layout c
    let extent (x: int[]) = if x.Length = 0 then 0 else Array.max x
    let aSize = extent c.ABatch + extent c.ARow + extent c.ADepth + 1
    let bSize = extent c.BBatch + extent c.BColumn + extent c.BDepth + 1
    let outSize = c.OutBatch.Length * c.ARow.Length * c.BColumn.Length
    l, numbers seed, aSize, bSize, outSize

let private checkShared (c, seed) =
    let l, _, aSize, bSize, outSize = operands c seed
    let a = numbers seed aSize
    let b = numbers (seed + 1) bSize
    let old = numbers (seed + 2) outSize
    let zero = Array.zeroCreate outSize
    let plain = shared l a b (Array.create outSize Single.NaN) false
    let value, magnitude = reference c a b zero
    eachWithin "Shared" value (Array.map (Tolerances.chain c.ADepth.Length) magnitude) plain
    sameBits "Shared" (chain c a b zero) plain
    sameBits "Shared, accumulating" (chain c a b old) (shared l a b old true)

let private checkLanes (c, seed) =
    let l, _, aSize, bSize, outSize = operands c seed
    let a = numbers seed (aSize * lanes)
    let b = numbers (seed + 1) bSize
    let bLanes = numbers (seed + 2) (bSize * lanes)
    let old = numbers (seed + 3) (outSize * lanes)
    let empty = Array.create (outSize * lanes) Single.NaN
    let zero: float32[] = Array.zeroCreate outSize

    let pack (l: ContractionLayout) x =
        Kernel.Of(Contraction.PackedLength l, fun r -> Contraction.PackShared(l, span x, r))

    let packed = pack l b

    let byShared start accumulate =
        Kernel.From(start, fun r -> Contraction.LanesByShared(l, span a, span packed, r, accumulate))

    eachLane "LanesByShared" (byShared empty false) (fun j -> chain c (lane j a) b zero)
    eachLane "LanesByShared, accumulating" (byShared old true) (fun j -> chain c (lane j a) b (lane j old))

    let flipped = l.Flipped
    let aShared = lane 3 a
    let packedA = pack flipped aShared

    let sharedBy start accumulate =
        Kernel.From(start, fun r -> Contraction.LanesByShared(flipped, span bLanes, span packedA, r, accumulate))

    eachLane "shared by lanes" (sharedBy empty false) (fun j -> chain c aShared (lane j bLanes) zero)
    eachLane "shared by lanes, accumulating" (sharedBy old true) (fun j -> chain c aShared (lane j bLanes) (lane j old))

    let byLanes start accumulate =
        Kernel.From(start, fun r -> Contraction.LanesByLanes(l, span a, span bLanes, r, accumulate))

    eachLane "LanesByLanes" (byLanes empty false) (fun j -> chain c (lane j a) (lane j bLanes) zero)
    eachLane "LanesByLanes, accumulating" (byLanes old true) (fun j -> chain c (lane j a) (lane j bLanes) (lane j old))

    let total = Kernel.Of(outSize, fun r -> Contraction.SumOfLanes(l, span a, span bLanes, r))
    let each = Array.init lanes (fun j -> chainInBlocks c (lane j a) (lane j bLanes) zero)

    sameBits "SumOfLanes" (Array.init outSize (fun e -> halve (Array.init lanes (fun j -> each[j][e])))) total

[<Tests>]
let tests =
    testList "kernels: products" [
        property 60 "shared products are float64 loops, and chains to the bit" cases checkShared
        property 60 "products over lanes are chains to the bit, lane by lane" cases checkLanes
        testCase "shared products at the edges of tiles and blocks" (fun () -> List.iter checkShared edges)
        testCase "products over lanes at the edges of tiles and blocks" (fun () -> List.iter checkLanes edges)

        testCase "short operands are refused" (fun () ->
            let l = layout (case (1, 3, 4, 5) ([| 0; 1; 2 |], [| 0; 1; 2 |], [| 0; 1; 2 |]) (false, false))
            let fine = Array.zeroCreate<float32> 1000

            let refuses (a: float32[]) (b: float32[]) (r: float32[]) =
                Expect.throwsT<ArgumentException>
                    (fun () -> Contraction.Shared(l, span a, span b, Span r, false))
                    "an operand is too short"

            refuses fine[..13] fine fine
            refuses fine fine[..18] fine
            refuses fine fine fine[..10])
    ]
