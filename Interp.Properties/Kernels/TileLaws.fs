/// Laws of the register tiles: every height and width has the bits of the chains that it stands for, whatever the registers hold.
module Interp.Properties.TileLaws

#nowarn "9" // Tiles take pointers.

open System.Runtime.Intrinsics
open FSharp.NativeInterop
open Expecto
open FsCheck.FSharp
open Interp.Kernels
open Interp.Properties.KernelTools

type private V4 = Vector128<float32>
type private V8 = Vector256<float32>
type private V16 = Vector512<float32>

let private steps n step = Array.init n (fun i -> nativeint (i * step))

let private cases = gen {
    let! rows = Gen.choose (1, 9)
    let! columns = Gen.elements [ 1; 2; 3; 4; 6 ]
    let! depth = Gen.choose (0, 9)
    let! accumulate = Gen.elements [ false; true ]
    let! seed = Gen.choose (0, 1000000)
    return rows, columns, depth, accumulate, seed
}

/// a [rows, depth] by b [depth, columns] into [rows, columns], all lanes, by tiles of so many lanes, in as many passes as that takes.
let private multiply width (rows, columns, depth, accumulate) (a: float32[]) (b: float32[]) (old: float32[]) =
    let result = Array.copy old
    use a = fixed a
    use b = fixed b
    use target = fixed result
    use aRow = fixed (steps rows depth)
    use aDepth = fixed (steps (depth + 1) 1)
    use bDepth = fixed (steps (depth + 1) columns)
    use resultRow = fixed (steps rows columns)
    use resultColumn = fixed (steps columns 1)

    for lane in 0..width .. lanes - 1 do
        let mutable tile =
            ProductTile(
                A = NativePtr.add a lane,
                ARow = aRow,
                ADepth = aDepth,
                B = NativePtr.add b lane,
                BDepth = bDepth,
                Depth = nativeint depth,
                Result = NativePtr.add target lane,
                ResultRow = resultRow,
                ResultColumn = resultColumn,
                Accumulate = accumulate
            )

        match width with
        | 4 -> tile.Run<Lanes4, V4, LanesRightSide<Lanes4, V4>>(columns, rows)
        | 8 -> tile.Run<Lanes8, V8, LanesRightSide<Lanes8, V8>>(columns, rows)
        | _ -> tile.Run<Lanes16, V16, LanesRightSide<Lanes16, V16>>(columns, rows)

    result

let private operands (rows, columns, depth, seed) =
    numbers seed (rows * (depth + 1) * lanes), numbers (seed + 1) ((depth + 1) * columns * lanes)

let private checkHeights (rows, columns, depth, accumulate, seed) =
    let a, b = operands (rows, columns, depth, seed)
    let old = numbers (seed + 2) (rows * columns * lanes)
    let by width = multiply width (rows, columns, depth, accumulate) a b old

    for width in [ 4; 8 ] do
        sameBits $"tiles of {width} lanes against those of 16" (by 16) (by width)

/// Four rows by four or six columns, in one part or two, added over the lanes in registers and through memory.
let private checkLaneSums (_, _, depth, parts, seed) =
    for columns in [ 4; 6 ] do
        let a, b = operands (4, columns, depth, seed)
        let first = if parts then depth / 2 else 0

        let part (from, upto) resume finish (sums: nativeptr<float32>) (result: nativeptr<float32>) =
            use a = fixed a
            use b = fixed b
            use aRow = fixed (steps 4 depth)
            use aDepth = fixed (steps (depth + 1) 1)
            use bDepth = fixed (steps (depth + 1) columns)
            use resultRow = fixed (steps 4 columns)

            LaneSumTile.Run(
                columns,
                a,
                aRow,
                NativePtr.add aDepth from,
                b,
                NativePtr.add bDepth from,
                nativeint (upto - from),
                sums,
                resume,
                finish,
                result,
                resultRow
            )

        let total = Array.zeroCreate<float32>(4 * columns)
        use sums = fixed (Array.zeroCreate<float32>(4 * columns * lanes))
        use result = fixed total

        if parts then
            part (0, first) false false sums result

        part (first, depth) parts true sums result

        let chains (from, upto) (old: float32[]) accumulate =
            let slice = [|
                for row in 0..3 do
                    yield! Array.sub a ((row * depth + from) * lanes) ((upto - from) * lanes)
            |]

            let rest = Array.sub b (from * columns * lanes) ((upto - from) * columns * lanes)
            // One element more, so that there is a first one to point at.
            let more (x: float32[]) = Array.append x (Array.zeroCreate lanes)
            multiply 16 (4, columns, upto - from, accumulate) (more slice) (more rest) old

        let zero = Array.zeroCreate (4 * columns * lanes)
        let before = if parts then chains (0, first) zero false else zero
        let expected = chains (first, depth) before parts |> Array.chunkBySize lanes |> Array.map halve
        sameBits $"4 by {columns}, lanes added in registers" expected total

[<Tests>]
let tests =
    testList "kernels: tiles" [
        property
            200
            "tiles of every height and width have the same bits in either width of registers"
            cases
            checkHeights

        testCase "sums over lanes in registers have the bits of those through memory (AVX-512)" (fun () ->
            requiresAvx512 ()

            for depth in 0..9 do
                for parts in [ false; true ] do
                    checkLaneSums (0, 0, depth, parts, depth))
    ]
