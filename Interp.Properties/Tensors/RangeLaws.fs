/// Every primitive over the whole range of float32: zeros of both signs, subnormal, largest, infinite and NaN among its inputs,
/// and exponents drawn evenly from all there are. A value is what float64 gives, to a stated number of roundings of the largest
/// term that enters its last sum; NaN where float64 gives NaN, and nowhere else; below the least normal number it may be 0.
module Interp.Properties.RangeLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.Primitives

let private specials = [|
    0.0f
    -0.0f
    1.0f
    -1.0f
    Single.Epsilon
    -1e-40f
    1.17549435e-38f
    Single.MaxValue
    Single.MinValue
    infinityf
    -infinityf
    nanf
|]

/// What the inputs of a case are filled with.
type private Filling =
    /// Any float32 at all, by its bits: exponents are equally likely.
    | Bits
    /// The same, but finite.
    | Finite
    /// Special values among ordinary ones.
    | Specials
    /// Ordinary numbers about one of any size: rows of equal or almost equal elements.
    | Cluster

let private fillings = [ Bits; Finite; Specials; Cluster ]

let private fill filling (shape: Shape) use' key =
    let n = Shape.size shape
    let words = Key.words n (Key.split (uint64 use') key)
    let near = (normal shape (use' + 1) key).ToArray()

    let ofBits (word: uint32) = BitConverter.UInt32BitsToSingle word

    let finite word =
        let x = ofBits word
        if Single.IsFinite x then x else ofBits (word &&& 0xBFFFFFFFu)

    Array.init n (fun i ->
        match filling with
        | Bits -> ofBits words[i]
        | Finite -> finite words[i]
        | Specials ->
            if words[i] % 3u = 0u then
                specials[int (words[i] / 3u % uint32 specials.Length)]
            else
                4.0f * near[i]
        | Cluster ->
            let middle = finite words[0]
            // One step of its size apart, or ordinary numbers apart.
            if words[i] % 2u = 0u then
                middle
            else
                middle + 8.0f * near[i] + middle * 1e-6f * near[i])
    |> Tensor.ofArray shape

let private least = 1.17549435e-38
let private most = float Single.MaxValue

let private widths (shapes: Shape list) = float (List.last shapes.Head)

/// Each row of an array.
let private byRow (shapes: Shape list) (f: float[] -> float[]) (x: float[]) =
    match int (widths shapes) with
    | 0 -> [||]
    | width -> x |> Array.chunkBySize width |> Array.collect f

let private each value (x: float[]) = Array.map (fun _ -> value) x

/// How far each element of a primitive's value may be from its definition: from the inputs' shapes, their elements, and the
/// definition's values. Nothing at all where it only moves elements: not even below the least normal number.
let private exact _ _ (expected: float[]) = each -1.0 expected

/// So many roundings of the value itself.
let private relative n _ _ (expected: float[]) = expected |> Array.map (fun y -> Tolerances.roundings n * abs y)

/// A chain of products: as many roundings as there are terms, of the sum of the terms' magnitudes, which the definition gives for
/// the magnitudes of the inputs.
let private chain (case: PrimitiveCase) terms (x: float[] list) =
    Primitives.definition case x |> Array.map (abs >> Tolerances.chain (terms + 2))

let private chained case (shapes: Shape list) (x: float[] list) _ =
    chain case (Shape.size shapes.Head) (x |> List.map (Array.map abs))

/// A sum in float64, rounded once: the value's rounding, and the chain's in float64, of the magnitudes.
let private summed (case: PrimitiveCase) (_: Shape list) (x: float[] list) (expected: float[]) =
    let terms = Primitives.definition case (x |> List.map (Array.map abs))
    let chain = float x.Head.Length * 2.0 ** -53.0

    Array.map2 (fun y terms -> Tolerances.roundings 1 * abs y + chain * terms) expected terms

/// The largest distance from the largest that matters.
let private farthest (row: float[]) =
    let top = Array.max row

    row |> Array.fold (fun most x -> let d = top - x in if d < 100.0 then max most d else most) 0.0

let private softmax (shapes: Shape list) (x: float[] list) (expected: float[]) =
    let scale = x.Head |> byRow shapes (fun row -> each (Tolerances.softmax row.Length (farthest row)) row)
    Array.map2 (*) scale expected

/// The differences from the largest and the logarithm, each good to its own roundings; the logarithm's come from the sum's.
let private logarithms (shapes: Shape list) (x: float[] list) =
    x.Head
    |> byRow shapes (fun row ->
        let top = Array.max row
        let log = abs (Definitions.logSumExp (row |> Array.map (fun x -> x - top)))
        // Terms below the least normal number are 0, each of them.
        let lost = float row.Length * least
        let own = log * (Tolerances.softmax row.Length (farthest row) + Tolerances.exponential) + lost
        row |> Array.map (fun x -> Tolerances.roundings 2 * (abs (x - top) + log) + own))

let private rowFirst (shapes: Shape list) (x: float[]) =
    x |> Array.chunkBySize (int (widths shapes)) |> Array.map Array.head

let private atTargets (shapes: Shape list) (targets: float[]) (x: float[]) =
    x |> Array.chunkBySize (int (widths shapes)) |> Array.mapi (fun row x -> x[int targets[row]])

let private tolerance (case: PrimitiveCase) name shapes (x: float[] list) (expected: float[]) =
    let bound =
        match name with
        | "add"
        | "subtract"
        | "multiply"
        | "divide"
        | "sqrt"
        | "scale" -> relative 1
        | "quotientSlope" -> relative 2
        | "exp"
        | "log" -> fun _ _ expected -> expected |> Array.map (fun y -> Tolerances.exponential * abs y)
        | "sigmoid"
        | "tanh" ->
            fun _ _ expected ->
                expected |> Array.map (fun y -> (Tolerances.exponential + Tolerances.roundings 2) * abs y)
        | "sumTo"
        | "meanTo" -> summed case
        | "einsum"
        | "scatter"
        | "causalDot"
        | "causalMix"
        | "causalMixTransposed" -> chained case
        | "smearWeightGradient" ->
            // g (k - k'): with every other key's sign turned, magnitudes add up.
            fun shapes x _ ->
                let width, positions = int (widths shapes), shapes.Head[1]
                let sign i = if i / width % positions % 2 = 0 then 1.0 else -1.0
                let turned = x[1] |> Array.mapi (fun i key -> sign i * abs key)
                let alike = x[0] |> Array.mapi (fun i g -> sign i * abs g)

                // The difference of two keys is a term, whatever g makes of it.
                if x[1] |> Array.exists (fun key -> 2.0 * abs key > most) then
                    each infinity (chain case width [ alike; turned ])
                else
                    chain case width [ alike; turned ]
        | "smear"
        | "smearKeysGradient" ->
            // s k + (1 - s) k' with the key before, or with the one behind and its own s: the magnitudes of s, 1 - s and both keys.
            fun shapes x _ ->
                let width, positions = int (widths shapes), shapes.Head[1]
                let step = if name = "smear" then -1 else 1

                x[0]
                |> Array.mapi (fun i key ->
                    let head, position = i / width / positions, i / width % positions

                    let share position =
                        if position = 0 then 1.0 else abs (x[1][head * (positions - 1) + position - 1])

                    let other = position + step

                    let beside =
                        if other < 0 || other = positions then
                            0.0
                        else
                            (1.0 + share (max position other)) * abs (x[0][i + step * width])

                    Tolerances.chain 4 (share position * abs key + beside))
        | "softmax" -> softmax
        | "causalSoftmax" ->
            fun shapes x expected ->
                let width = int (widths shapes)
                let scale row = Tolerances.softmax width (farthest row)

                Array.chunkBySize width x.Head
                |> Array.mapi (fun row x -> each (scale (Array.take (row % width + 1) x)) x)
                |> Array.concat
                |> Array.map2 (*) expected
        | "logSumExp" ->
            fun shapes x expected ->
                rowFirst shapes (logarithms shapes x)
                |> Array.map2
                    (fun y t -> t + Tolerances.roundings 4 * abs y)
                    (expected |> Array.map (fun y -> if Double.IsFinite y then y else 0.0))
        | "logSoftmax" -> fun shapes x _ -> logarithms shapes x
        | "crossEntropy" -> fun shapes x _ -> logarithms shapes x |> atTargets shapes x[1]
        | "crossEntropyGradient" ->
            fun shapes x expected ->
                let width = int (widths shapes)
                let p = byRow shapes Definitions.softmax x[0]
                let off = softmax shapes x p

                expected
                |> Array.mapi (fun i y ->
                    let row, letter = i / width, i % width
                    let one = if int (x[1][row]) = letter then 1.0 else 0.0
                    // The softmax may be 0 below the least normal number, which g multiplies.
                    abs (x[2][row]) * (off[i] + least + Tolerances.roundings 2 * (p[i] + one))
                    + Tolerances.roundings 2 * abs y)
        | "softmaxGradient"
        | "causalSoftmaxGradient" ->
            // y g - y (sum y g), of magnitudes.
            fun shapes x _ ->
                let width = int (widths shapes)

                Array.zip (Array.chunkBySize width x[0]) (Array.chunkBySize width x[1])
                |> Array.mapi (fun row (y, g) ->
                    let seen i = name = "softmaxGradient" || i <= row % width
                    let sum = Array.mapi2 (fun i y g -> if seen i then abs (y * g) else 0.0) y g |> Array.sum

                    // The difference from the mean is a term, whatever y makes of it.
                    Array.map2
                        (fun y g ->
                            if abs g + sum > most then
                                infinity
                            else
                                Tolerances.chain (width + 3) (abs y * (abs g + sum)))
                        y
                        g)
                |> Array.concat
        | "layerNorm" ->
            fun shapes x expected ->
                let noise (row: float[]) =
                    let deviation = Definitions.deviation 0.1 row
                    each (float row.Length * 2.0 ** -50.0 * largest row / deviation) row

                Array.map2 (fun y noise -> Tolerances.roundings 2 * abs y + noise) expected (byRow shapes noise x.Head)
        | "deviation" -> relative 2
        | _ -> exact

    bound shapes x expected

/// A term may be too large for float32 although the value is not: then there is nothing that float32 could add it to. What a factor of a
/// quarter at the end makes smaller was four times as large.
let private tooLarge tolerance = 4.0 * tolerance > most * Tolerances.roundings 1

let private agrees (expected: float) (tolerance: float) (actual: float) =
    if Double.IsNaN expected then
        Double.IsNaN actual
    elif tooLarge tolerance then
        true
    elif Double.IsInfinity expected || abs expected > most * (1.0 + Tolerances.roundings 1) then
        actual = float (sign expected) * infinity
    elif tolerance < 0.0 then
        actual = expected
    else
        actual = expected
        || abs (actual - expected) <= tolerance + least
        // Within its tolerance of the largest number, it may be rounded beyond.
        || abs expected + tolerance >= most && actual = float (sign expected) * infinity

let private check what (inputs: Tensor list) (expected: float[]) (tolerance: float[]) (actual: float[]) =
    for i in 0 .. expected.Length - 1 do
        if not (agrees expected[i] tolerance[i] actual[i]) then
            let shown = inputs |> List.map (fun x -> sprintf "%A" (Array.truncate 40 (x.ToArray())))

            failtestf
                "%s: element %d is %.9g, expected %.9g within %.3g, from %s"
                what
                i
                actual[i]
                expected[i]
                (tolerance[i] + least)
                (String.Join("; ", shown))

/// The case with its inputs filled anew; indices stay, and what is a softmax's value is one.
let private filled filling name (case: PrimitiveCase) key = {
    case with
        Inputs =
            case.Inputs
            |> List.mapi (fun i input ->
                let any = fill filling input.Shape (700 + 10 * i) key

                match i, name with
                | 0, "softmaxGradient" -> Tensor.softmax any
                | 0, "causalSoftmaxGradient" -> Tensor.causalSoftmax any
                // Whether it is differentiable in it tells numbers from indices.
                | _ -> if List.contains i case.Differentiable then any else input)
}

let private values =
    testList "values" [
        for sample in Primitives.all do
            law 120 sample.Name (fun key ->
                for filling in fillings do
                    let case = filled filling sample.Name (sample.Case key) key
                    let shapes = case.Inputs |> List.map _.Shape
                    let inputs = case.Inputs |> List.map floats
                    let expected = Primitives.definition case inputs
                    let bound = tolerance case sample.Name shapes inputs expected
                    check $"{sample.Name} of {filling}" case.Inputs expected bound (floats (case.Apply case.Inputs)))
    ]

/// A function of one tensor, its derivative in float64, and how many roundings the rule takes.
let private functions: (string * (Tensor -> Tensor) * (float -> float) * int) list = [
    "exp", Tensor.exp, exp, 8
    "log", Tensor.log, (fun x -> 1.0 / x), 2
    "sqrt", Tensor.sqrt, (fun x -> 0.5 / sqrt x), 4
    // Two exponentials, their quotients, and the product.
    "sigmoid", Tensor.sigmoid, (fun x -> let e = exp -(abs x) in e / ((1.0 + e) * (1.0 + e))), 16
    "tanh", Tensor.tanh, (fun x -> let e = exp (-2.0 * abs x) in 4.0 * e / ((1.0 + e) * (1.0 + e))), 16
    "relu",
    Tensor.relu,
    (fun x ->
        if x > 0.0 then 1.0
        elif Double.IsNaN x then x
        else 0.0),
    0
    "clip",
    Functions.clip 2.0,
    (fun x ->
        if abs x < 2.0 then 1.0
        elif Double.IsNaN x then x
        else 0.0),
    0
    "a number over it", (fun x -> 3.0 / x), (fun x -> -3.0 / (x * x)), 2
    "it over a number", (fun x -> x / 41.0), (fun _ -> 1.0 / 41.0), 1
    "square", Tensor.square, (fun x -> 2.0 * x), 1
]

let private slope (f: Tensor -> Tensor) x = Differentiation.grad (f >> Tensor.sum) x |> floats

/// x, its GELU, its derivative, and what the magnitudes of the derivative's terms are.
let private gelu (x: float) =
    let c = sqrt (8.0 / Math.PI)
    let u = c * (x + 0.044715 * x * x * x)
    let s = 1.0 / (1.0 + exp -u)
    // Beyond, e^-|u| is 0 in float64 too, and x^2 may overflow.
    let bend =
        if abs x > 100.0 then
            0.0
        else
            x * c * (1.0 + 0.134145 * x * x) * s / (1.0 + exp u)
    // The exponent is rounded a few times at its own size, up to where it matters, which the exponential makes relative.
    let off = Tolerances.roundings (16 + int (8.0 * min 100.0 (abs u)))
    // The logistic function may be 0 below the least normal number, which x multiplies.
    x * s, s + bend, off * abs (x * s) + least * min 100.0 (abs x), off * (abs s + abs bend) + least * 1e4

/// A function of a row, and its derivative from a row and the value's cotangent with how far it may be off. Shares may be 0 below
/// the least normal number, which cotangents multiply.
let private rowFunctions: (string * (Tensor -> Tensor) * (float[] -> float[] -> float[] * float[])) list =
    let softmaxOff (row: float[]) = Tolerances.softmax row.Length (farthest row) + Tolerances.roundings (row.Length + 4)

    [
        "softmax",
        Tensor.softmax,
        fun row g ->
            let p, off = Definitions.softmax row, 2.0 * softmaxOff row
            let sum = Array.fold2 (fun sum p g -> sum + abs (p * g)) 0.0 p g
            Definitions.softmaxGradient p g, Array.map2 (fun p g -> (off * p + least) * (abs g + sum)) p g
        "logSoftmax",
        Tensor.logSoftmax,
        fun row g ->
            let p, sum, terms = Definitions.softmax row, Array.sum g, Array.sumBy abs g

            Array.map2 (fun p g -> g - p * sum) p g,
            Array.map2 (fun p g -> (softmaxOff row * p + least) * terms + Tolerances.roundings 2 * abs g) p g
        "logSumExp",
        Tensor.logSumExp >> Tensor.reshape [ 3; 1 ],
        fun row g ->
            let p = Definitions.softmax row
            p |> Array.map (fun p -> p * g[0]), p |> Array.map (fun p -> (softmaxOff row * p + least) * abs g[0])
        "layerNorm",
        Tensor.layerNorm 0.1,
        fun row g ->
            let n = float row.Length
            let y, deviation = Definitions.layerNorm 0.1 row, Definitions.deviation 0.1 row
            let along = Array.fold2 (fun sum y g -> sum + y * g / n) 0.0 y g
            let mean = Array.average g
            let terms = Array.sumBy abs g / n
            let bent = Array.fold2 (fun sum y g -> sum + abs (y * g) / n) 0.0 y g

            Array.map2 (fun y g -> (g - mean - y * along) / deviation) y g,
            Array.map2 (fun y g -> Tolerances.roundings 12 * (abs g + terms + abs y * bent) / deviation) y g
    ]

let private derivatives =
    testList "derivatives" [
        for name, f, derivative, off in functions do
            law 120 name (fun key ->
                for filling in fillings do
                    let x = fill filling [ 24 ] 720 key
                    let expected = floats x |> Array.map derivative
                    let bound = expected |> Array.map (fun y -> Tolerances.roundings off * abs y)
                    check $"the derivative of {name} of {filling}" [ x ] expected bound (slope f x))

        law 120 "a quotient in both" (fun key ->
            for filling in fillings do
                let a, b = fill filling [ 24 ] 720 key, fill filling [ 24 ] 730 key

                let bound roundings (expected: float[]) =
                    expected |> Array.map (fun y -> Tolerances.roundings roundings * abs y)

                let above = floats b |> Array.map (fun b -> 1.0 / b)
                let below = Array.map2 (fun a b -> -a / (b * b)) (floats a) (floats b)
                check $"above of {filling}" [ a; b ] above (bound 1 above) (slope (fun a -> a / b) a)
                check $"below of {filling}" [ a; b ] below (bound 2 below) (slope (fun b -> a / b) b))

        law 120 "GELU and its derivative" (fun key ->
            for filling in fillings do
                let x = fill filling [ 24 ] 720 key
                let all = floats x |> Array.map gelu
                let pick f = Array.map f all

                check
                    $"gelu of {filling}"
                    [ x ]
                    (pick (fun (y, _, _, _) -> y))
                    (pick (fun (_, _, off, _) -> off))
                    (floats (Tensor.gelu x))

                check
                    $"its derivative of {filling}"
                    [ x ]
                    (pick (fun (_, slope, _, _) -> slope))
                    (pick (fun (_, _, _, off) -> off))
                    (slope Tensor.gelu x))

        for name, f, derivative in rowFunctions do
            law 120 $"{name} of rows" (fun key ->
                for filling in fillings do
                    let x = fill filling [ 3; integer 1 33 1 key ] 720 key
                    let g = normal (f x).Shape 730 key

                    let expected, bound =
                        Array.map2
                            derivative
                            (Array.chunkBySize x.Shape[1] (floats x))
                            (Array.chunkBySize g.Shape[1] (floats g))
                        |> Array.unzip

                    check
                        $"the derivative of {name} of {filling}"
                        [ x; g ]
                        (Array.concat expected)
                        (Array.concat bound)
                        (slope (fun x -> f x * g) x))

        law 120 "cross-entropy" (fun key ->
            for filling in fillings do
                let width = integer 1 33 1 key
                let x = fill filling [ 3; width ] 720 key
                let targets = Key.integers width 3 (Key.split 721UL key)

                let expected =
                    Array.map2
                        (fun target x ->
                            Definitions.softmax x |> Array.mapi (fun i p -> if i = target then p - 1.0 else p))
                        targets
                        (Array.chunkBySize width (floats x))
                    |> Array.concat

                let bound =
                    floats x
                    |> Array.chunkBySize width
                    |> Array.collect (fun row ->
                        let off = Tolerances.softmax width (farthest row)
                        Definitions.softmax row |> Array.map (fun p -> off * p + Tolerances.roundings 2))

                check
                    $"the derivative of cross-entropy of {filling}"
                    [ x ]
                    expected
                    bound
                    (slope (fun x -> Tensor.crossEntropy x (Tokens.ofArray targets)) x))
    ]

/// Single numbers that went wrong once.
let private examples =
    let matrix rows = Tensor.matrix rows
    // NaN is like NaN.
    let is what (expected: float32[]) (actual: Tensor) =
        if not (Array.forall2 (fun (a: float32) b -> a.Equals b) (actual.ToArray()) expected) then
            failtest $"{what}: {actual}, expected {Tensor.vector (Array.map float expected)}"

    let half = [| -0.5f; 0.5f |]
    let loss row = Tensor.crossEntropy (matrix [ row ]) (Tokens.ofArray [| 0 |])
    let lossSlope row = slope (fun x -> Tensor.crossEntropy x (Tokens.ofArray [| 0 |])) (matrix [ row ])
    let ln2, ln3 = float32 (log 2.0), float32 (log 3.0)

    testList "examples" [
        test "log-sum-exp of infinite numbers" {
            is "nothing but -infinity" [| -infinityf |] (Tensor.logSumExp (Tensor.vector [ -infinity; -infinity ]))
            is "infinity" [| infinityf |] (Tensor.logSumExp (Tensor.vector [ infinity; 0.0 ]))
            is "infinity twice" [| infinityf |] (Tensor.logSumExp (Tensor.vector [ infinity; infinity; -infinity ]))
            is "NaN" [| nanf |] (Tensor.logSumExp (Tensor.vector [ infinity; nan ]))
            is "a row of none" [| -infinityf |] (Tensor.logSumExp (Tensor.zeros [ 1; 0 ]))
        }

        test "large equal logits" {
            is "log-softmax" [| -ln2; -ln2 |] (Tensor.logSoftmax (Tensor.vector [ 1e8; 1e8 ]))
            is "cross-entropy" [| ln2 |] (loss [ 1e8; 1e8 ])
            is "of three" [| ln3 |] (loss [ 1000.0; 1000.0; 1000.0 ])
            Expect.equal (lossSlope [ 1e8; 1e8 ]) (Array.map float half) "its gradient"
        }

        test "a target that is impossible" {
            is "its loss" [| infinityf |] (loss [ -infinity; 0.0 ])
            Expect.equal (lossSlope [ -infinity; 0.0 ]) [| -1.0; 1.0 |] "its gradient"
            is "among impossible letters" [| nanf |] (loss [ -infinity; -infinity ])
            is "beside a certain one" [| nanf |] (loss [ 0.0; infinity ])
        }

        test "a loss near 0 is not lost beside 1" {
            let actual = Tensor.toScalar (Tensor.sum (loss [ 40.0; 0.0 ]))
            within (Tolerances.softmax 2 40.0) (exp -40.0) "the loss" actual (exp -40.0)
        }

        test "division divides" {
            is "by a number" [| 1.0f |] (Tensor.vector [ 41.0 ] / 41.0)
            is "a mean" [| 1.0f |] (Tensor.meanKeep [ 0 ] (Tensor.ones [ 41 ]))

            let sequences = List.replicate 41 (Tokens.ofArray [| 0; 1 |])
            is "over a batch" [| 41.0f |] (Batch.mean 1 (fun _ -> Tensor.scalar 41.0) sequences)
        }

        test "a mean is finite where its terms are" {
            let large = float Single.MaxValue
            is "of the largest" [| Single.MaxValue |] (Tensor.meanKeep [ 0 ] (Tensor.vector [ large; large ]))

            is
                "a sum that comes back"
                [| Single.MaxValue |]
                (Tensor.sumKeep [ 0 ] (Tensor.vector [ large; large; -large ]))

            is "layer norm" [| 1.0f; -1.0f |] (Tensor.layerNorm 0.0 (Tensor.vector [ large; -large ]))
        }

        test "what is shut out leaves no trace" {
            Expect.equal
                (slope (fun x -> Tensor.relu x * infinity) (Tensor.vector [ -1.0; 1.0 ]))
                [| 0.0; infinity |]
                "relu"

            let bend = slope (fun x -> Differentiation.grad (Tensor.relu >> Tensor.sum) x * infinity)
            Expect.equal (bend (Tensor.vector [ -1.0; 1.0 ])) [| 0.0; 0.0 |] "relu's derivative is flat"
        }
    ]

[<Tests>]
let tests = testList "The whole range" [ values; derivatives; examples ]
