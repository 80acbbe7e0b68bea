/// Laws of multiplications and additions rounded once, done without the machine's instruction for it.
module Interp.Properties.FusedLaws

open System
open System.Runtime.Intrinsics
open Expecto
open Interp
open Interp.Kernels
open Interp.Properties.Laws

/// 2^power, for powers of normal numbers.
let private power (exponent: int) = MathF.ScaleB(1.0f, exponent)

let private least = power -149
let private leastNormal = power -126

/// The runtime's function, whose software form is the C library's.
let private check (x: float32) (y: float32) (z: float32) =
    let expected = MathF.FusedMultiplyAdd(x, y, z)
    let actual = Fused.InSoftware(Vector128.Create x, Vector128.Create y, Vector128.Create z)

    for lane in 0..3 do
        let same =
            BitConverter.SingleToInt32Bits actual[lane] = BitConverter.SingleToInt32Bits expected
            || Single.IsNaN actual[lane] && Single.IsNaN expected

        if not same then
            failtestf "%.9g * %.9g + %.9g is %.9g, not %.9g" x y z expected actual[lane]

/// x and y whose product is 2^exponent times a number a little off 1, by 2^-46 or a few hundred times as much.
let private nearPower (random: Random) exponent =
    let first = random.Next(-60, 60) + exponent / 2
    let off () = power -23 * float32 (random.Next 20)
    let x = (1.0f + off ()) * power first
    let y = (1.0f - off ()) * power (exponent - first)
    if random.Next 2 = 0 then x, y else -x, y

let private draw (random: Random) = BitConverter.Int32BitsToSingle(int (random.NextInt64 0x100000000L - 0x80000000L))

/// A sum that is halfway between two floats but for a part that double precision loses: normal, or to be rounded up to infinity.
let private halfway (random: Random) =
    let exponent = random.Next(-80, 128)
    let mantissa = if random.Next 4 = 0 then 0x7FFFFF - random.Next 2 else random.Next 0x800000
    let z = MathF.ScaleB(1.0f + float32 mantissa * power -23, exponent)
    let x, y = nearPower random (exponent - 24)
    x, y, (if random.Next 2 = 0 then z else -z)

/// The same among the subnormal numbers, and between them and the normal ones.
let private halfwayBelow (random: Random) =
    let z =
        match random.Next 3 with
        | 0 -> leastNormal - least * float32 (random.Next 3)
        | 1 -> least * float32 (random.Next 5)
        | _ -> least * float32 (random.Next 0x800000)

    let x, y = nearPower random -150
    x, y, (if random.Next 2 = 0 then z else -z)

/// The sum is what the product was rounded by, or near it.
let private cancelled (random: Random) =
    let x = draw random
    let y = power (random.Next(-20, 20)) * (1.0f + float32 (random.Next 0x800000) * power -23)
    x, y, -(x * y) * (1.0f + float32 (random.Next 3) * power -23)

/// Numbers of a few bits, whose sums are often halfway exactly.
let private short (random: Random) =
    let number () = MathF.ScaleB(float32 (random.Next(-4096, 4096)), random.Next(-20, 20))
    number (), number (), number ()

let private special = [|
    for x in
        [
            0.0f
            1.0f
            1.5f
            power -63
            power -75
            least
            leastNormal - least
            leastNormal
            Single.MaxValue
            Single.PositiveInfinity
            Single.NaN
        ] do
        x
        -x
|]

[<Tests>]
let tests =
    testList "kernels: fused" [
        for name, make in
            [
                "any floats", (fun random -> draw random, draw random, draw random)
                "sums halfway between two floats, or almost", halfway
                "sums halfway between subnormal floats, or almost", halfwayBelow
                "sums that cancel", cancelled
                "numbers of few bits", short
            ] do
            law 20 $"x y + z without the instruction has the bits of one rounding: {name}" (fun key ->
                let random = Random(integer 0 1_000_000 1 key)

                for _ in 1..50000 do
                    let x, y, z = make random
                    check x y z)

        testCase "the same of infinities, NaN, zeros and the ends of the range" (fun () ->
            for x in special do
                for y in special do
                    for z in special do
                        check x y z)
    ]
