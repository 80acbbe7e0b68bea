/// What the kernel laws share: operands, guarded results, float64 references and the tolerances with their derivations.
module Interp.Properties.KernelTools

open System
open Expecto

/// The unit roundoff of float32: half the distance from 1 to the next number.
let unitRoundoff = 2.0 ** -24.0

/// A chain of n rounded operations (n additions, or n fused multiply-adds) is off by at most n u/(1 - n u) times the sum of
/// the magnitudes of its terms (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). The last term allows
/// for subnormal results.
let chainTolerance n magnitude =
    let nu = float n * unitRoundoff
    nu / (1.0 - nu) * magnitude + 1e-44

/// Exponential and its relatives: half an ulp for each of the last two operations and 1e-8 for the polynomial; within 2 ulp.
let exponentialRelative = 4.0 * unitRoundoff

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

/// The lane tensor with these 16 lanes.
let interleave (parts: float32[][]) = Array.init (parts[0].Length * lanes) (fun i -> parts[i % lanes][i / lanes])

let bits (x: float32[]) = Array.map BitConverter.SingleToInt32Bits x

let sameBits what (expected: float32[]) (actual: float32[]) =
    if bits expected <> bits actual then
        let at = Seq.zip (bits expected) (bits actual) |> Seq.findIndex (fun (e, a) -> e <> a)
        failtestf "%s: element %d is %.9g, expected the bits of %.9g" what at actual[at] expected[at]

/// Compares with a float64 reference, each element within its own tolerance.
let close what (expected: float[]) (tolerance: float[]) (actual: float32[]) =
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
