/// What the kernel laws share: operands, guarded results, and how they are compared.
module Interp.Properties.KernelTools

open System
open System.Runtime.Intrinsics.X86
open Expecto
open FsCheck
open FsCheck.FSharp

let lanes = 16

/// Written around every result to catch stores that overrun it.
let private sentinel = 12345.678f

type Write = delegate of Span<float32> -> unit

/// Runs kernels on results that lie one float off an array's start (so on no vector boundary) and must not be overrun.
type Kernel =
    /// The result starts as given.
    static member From(start: float32[], write: Write) =
        let n = start.Length
        let room = Array.create (n + 34) sentinel
        Array.blit start 0 room 1 n
        write.Invoke(Span<float32>(room, 1, n))
        let outside = Array.append [| room[0] |] room[n + 1 ..]

        if Array.exists ((<>) sentinel) outside then
            failtest "the kernel wrote outside its result"

        room[1..n]

    /// The result starts as NaN, so that an element left out shows.
    static member Of(n, write: Write) = Kernel.From(Array.create n Single.NaN, write)

let span (x: float32[]) = ReadOnlySpan<float32> x

/// Numbers in [-1, 1) that are a function of the seed.
let numbers (seed: int) n =
    let random = Random(seed)
    Array.init n (fun _ -> float32 (random.NextDouble() * 2.0 - 1.0))

/// Integers below the bound, stored as floats.
let indices (seed: int) bound n =
    let random = Random(seed)
    Array.init n (fun _ -> float32 (random.Next bound))

/// One lane of a lane tensor.
let lane j (x: float32[]) = Array.init (x.Length / lanes) (fun e -> x[e * lanes + j])

let bits (x: float32[]) = Array.map BitConverter.SingleToInt32Bits x

let sameBits what (expected: float32[]) (actual: float32[]) =
    if bits expected <> bits actual then
        let at = Seq.zip (bits expected) (bits actual) |> Seq.findIndex (fun (e, a) -> e <> a)
        failtestf "%s: element %d is %.9g, expected the bits of %.9g" what at actual[at] expected[at]

/// Compares with a float64 reference, each element within its own tolerance.
let eachWithin what (expected: float[]) (tolerance: float[]) (actual: float32[]) =
    Expect.equal actual.Length expected.Length what

    for i in 0 .. actual.Length - 1 do
        let ok =
            float actual[i] = expected[i]
            || (Double.IsNaN expected[i] && Single.IsNaN actual[i])
            || abs (float actual[i] - expected[i]) <= tolerance[i]

        if not ok then
            failtestf "%s: element %d is %.9g, expected %.9g within %.3g" what i actual[i] expected[i] tolerance[i]

/// A kernel over lanes must do to each of 16 lanes what its 1-lane form does to that sequence, to the bit.
let eachLane what (sixteen: float32[]) (one: int -> float32[]) =
    for j in 0 .. lanes - 1 do
        sameBits $"{what}, lane {j}" (one j) (lane j sixteen)

/// The one order in which 16 lanes are added: by halving.
let rec halve (x: float32[]) =
    if x.Length = 1 then
        x[0]
    else
        halve (Array.init (x.Length / 2) (fun j -> x[j] + x[j + x.Length / 2]))

/// A law over drawn cases.
let property count name generator check =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with maxTest = Interp.Properties.Laws.times * count }
        name
        (Prop.forAll (Arb.fromGen generator) check)

/// Every length up to past two of the longest loops' turns.
let lengths = [ 0..130 ]

/// Says that a test was skipped where the machine has no AVX-512.
let requiresAvx512 () =
    if not Avx512F.IsSupported then
        skiptest "this machine has no AVX-512"

let rowsOf width (x: float32[]) = Array.chunkBySize width x

/// The softmax of float64 numbers.
let softmax (x: float[]) =
    let top = Array.max x
    let e = Array.map (fun y -> exp (y - top)) x
    let total = Array.sum e
    Array.map (fun y -> y / total) e
