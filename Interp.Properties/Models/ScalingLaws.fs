/// What is read off badly scaled, huge and not finite factors and weights.
module Interp.Properties.ScalingLaws

open System
open System.Numerics
open Expecto
open Interp
open Interp.Properties.Laws

let private powers (exponents: int list) =
    Tensor.init [ exponents.Length; exponents.Length ] (fun index ->
        if index[0] = index[1] then Math.ScaleB(1.0, exponents[index[0]]) else 0.0)

/// Each expected eigenvalue is near one that was found, and the other way about.
let private alike what tolerance (found: Complex list) (expected: Complex list) =
    let scale = 1.0 + (expected |> List.map _.Magnitude |> List.max)

    for some, others in [ found, expected; expected, found ] do
        for z in some do
            let nearest = others |> List.map (fun other -> Complex.Abs(z - other)) |> List.min

            if not (nearest <= tolerance * scale) then
                failtest $"{what}: {found}, expected {expected}"

let private eigenvalues factors = (Factored.spectrum (Factored.ofTensors factors)).Eigenvalues

/// Factors whose product is square, of at most 9 rows.
let private factors key =
    let inner = List.init (integer 0 3 1 key) (fun i -> integer 1 9 (2 + i) key)
    let outer = integer 2 9 10 key

    List.pairwise (outer :: inner @ [ outer ])
    |> List.mapi (fun i (m, n) -> normal [ m; n ] (20 + i) key)

let private exponents count most use' key = List.init count (fun i -> integer -most most (use' + i) key)

/// A diagonal matrix of powers of two and its inverse.
let private scaling count most use' key =
    let exponents = exponents count most use' key
    powers exponents, powers (List.map (~-) exponents)

let private scaled =
    testList "badly scaled products" [
        test "the eigenvalues of [[1, 1e30], [1e-30, 1]] are 2 and 0" {
            let m = Tensor.matrix [ [ 1.0; 1e30 ]; [ 1e-30; 1.0 ] ]

            for factors in
                [ [ m ]; [ m; Tensor.eye 2 ]; [ Tensor.eye 2; m ]; [ powers [ 40; -60 ]; m; powers [ -40; 60 ] ] ] do
                alike "the eigenvalues" Tolerances.badlyScaled (eigenvalues factors) [ Complex(2.0, 0.0); Complex.Zero ]
                let score = (Factored.spectrum (Factored.ofTensors factors)).Score
                within (2.0 * Tolerances.badlyScaled) 1.0 "the score" score 1.0
        }

        for n in [ 5; 64 ] do
            test $"long chains and rings of {n} badly scaled entries have the eigenvalues of even ones" {
                let entries which = Tensor.init [ n; n ] (fun index -> which index[0] index[1])

                // Ones beside the diagonal: 1 + 2 cos(k pi / (n + 1)).
                let chain =
                    entries (fun i j ->
                        if i = j then 1.0
                        elif j = i + 1 then Math.ScaleB(1.0, 100)
                        elif i = j + 1 then Math.ScaleB(1.0, -100)
                        else 0.0)

                let expected = [ for k in 1..n -> Complex(1.0 + 2.0 * cos (float k * Math.PI / float (n + 1)), 0.0) ]

                alike "a chain" Tolerances.eigenvalues (eigenvalues [ chain ]) expected

                // The n-th roots of the product of all entries.
                let ring =
                    entries (fun i j ->
                        if j = i + 1 then Math.ScaleB(1.0, 96)
                        elif i = n - 1 && j = 0 then Math.ScaleB(1.0, -96)
                        else 0.0)

                let radius = 2.0 ** (96.0 * float (n - 2) / float n)

                for z in eigenvalues [ ring ] do
                    within Tolerances.eigenvalues radius "the magnitude" z.Magnitude radius
            }

        test "triangles, one of them in disguise, have their diagonals for eigenvalues" {
            let upper = Tensor.matrix [ [ 3.0; 1e30; 1e35 ]; [ 0.0; 2.0; 1e38 ]; [ 0.0; 0.0; 1e-30 ] ]
            let turn = Tensor.matrix [ [ 0.0; 0.0; 1.0 ]; [ 1.0; 0.0; 0.0 ]; [ 0.0; 1.0; 0.0 ] ]

            for factors in [ [ upper ]; [ turn; upper; Tensor.transpose turn ]; [ Tensor.transpose upper ] ] do
                Expect.equal (eigenvalues factors |> List.map _.Real) [ 3.0; 2.0; float (float32 1e-30) ] "the diagonal"
        }

        law
            200
            "D A D^-1 has the eigenvalues and the trace of A, wherever among A's factors D stands, and however wide it is"
            (fun key ->
                let plain = factors key
                let expected = Factored.ofTensors plain
                let within' = Tolerances.balanced
                let most = one [ 3; 30; 126 ] 40 key

                let around =
                    let d, inverse = scaling plain.Head.Shape[0] most 50 key
                    d :: plain @ [ inverse ]

                let between =
                    let d, inverse = scaling plain.Head.Shape[1] most 60 key
                    plain.Head :: d :: inverse :: plain.Tail

                // Beyond what float64 can square.
                let twice =
                    let d, inverse = scaling plain.Head.Shape[0] most 70 key
                    d :: d :: plain @ [ inverse; inverse ]

                for what, factors in [ "around", around; "between", between; "twice", twice ] do
                    let found = Factored.ofTensors factors
                    alike what within' (Factored.spectrum found).Eigenvalues (Factored.spectrum expected).Eigenvalues
                    let norm = 1.0 + Factored.frobeniusNorm expected

                    within
                        Tolerances.eigenvalues
                        norm
                        $"the trace, {what}"
                        (Factored.trace found)
                        (Factored.trace expected)

                // In the middle it leaves the matrix as it is.
                let middle = Factored.ofTensors between
                let norm = Factored.frobeniusNorm expected
                within Tolerances.eigenvalues (1.0 + norm) "the norm" (Factored.frobeniusNorm middle) norm
                Expect.equal (Factored.diagonalShare middle) (Factored.diagonalShare expected) "the diagonal's share"

                (Factored.singularValues middle, Factored.singularValues expected)
                ||> List.iter2 (within Tolerances.eigenvalues (1.0 + norm) "a singular value"))

        law
            60
            "what is read off a product times a power of two is that power times what was read off the product"
            (fun key ->
                let plain = factors key
                let n = plain.Head.Shape[0]
                let up, down = integer 1 120 40 key, integer 1 120 41 key
                let many = integer 1 8 42 key
                // 2^(many (up - down)) in the end; on the way far beyond float64.
                let scales =
                    List.replicate many (powers (List.replicate n up))
                    @ List.replicate many (powers (List.replicate n -down))

                let found = Factored.ofTensors (scales @ plain)
                let expected = Factored.ofTensors plain
                let exponent = many * (up - down)
                let unscaled x = Math.ScaleB(x, -exponent)
                let norm = 1.0 + Factored.frobeniusNorm expected
                let close' what = within Tolerances.eigenvalues norm what

                let spectrum, plainly = Factored.spectrum found, Factored.spectrum expected

                alike
                    "the eigenvalues"
                    Tolerances.balanced
                    (spectrum.Eigenvalues |> List.map (fun z -> Complex(unscaled z.Real, unscaled z.Imaginary)))
                    plainly.Eigenvalues

                within Tolerances.balanced 1.0 "the score" spectrum.Score plainly.Score
                close' "the norm" (unscaled (Factored.frobeniusNorm found)) (Factored.frobeniusNorm expected)
                close' "the trace" (unscaled (Factored.trace found)) (Factored.trace expected)

                (Factored.singularValues found, Factored.singularValues expected)
                ||> List.iter2 (fun found expected -> close' "a singular value" (unscaled found) expected)

                Expect.equal (Factored.diagonalShare found) (Factored.diagonalShare expected) "the diagonal's share"
                let shift = float32 (Math.ScaleB(1.0, -exponent))

                // Else entries of up to 2^20 are beyond float32.
                if abs exponent <= 100 then
                    close
                        Tolerances.value
                        "the product"
                        (floats (Factored.product found * float shift))
                        (floats (Factored.product expected)))
    ]

/// Everything that is read off a product.
let private readings: (string * (Factored -> obj)) list = [
    "spectrum", Factored.spectrum >> box
    "singular values", Factored.singularValues >> box
    "norm", Factored.frobeniusNorm >> box
    "trace", Factored.trace >> box
    "the diagonal's share", Factored.diagonalShare >> box
    "product", Factored.product >> box
]

let private message action =
    try
        action () |> ignore
        failtest "nothing was refused"
    with :? ArgumentException as refused ->
        refused.Message

let private names = [ "W_Q"; "W_K"; "W_V"; "W_O" ]

/// A model with one entry of one weight replaced: the weight's name, and the model.
let private withEntry (entry: float) key =
    let a = { Given.architectureOf 2 key with NHeads = 2; DModel = 4; DHead = 2; NCtx = 12 }
    let model = Given.model a key

    let replaced (x: Tensor) =
        let data = x.ToArray()
        data[integer 0 (data.Length - 1) 80 key] <- float32 entry
        Tensor.ofArray x.Shape data

    let layer = integer 0 1 81 key

    let inBlock change = {
        model with
            Blocks = model.Blocks |> List.mapi (fun i block -> if i = layer then change block else block)
    }

    let which = integer 0 5 82 key

    a,
    (match which with
     | 0 -> "W_E", { model with W_E = replaced model.W_E }
     | 1 -> "W_U", { model with W_U = replaced model.W_U }
     | 2 -> "W_Q", inBlock (fun block -> { block with W_Q = replaced block.W_Q })
     | 3 -> "W_K", inBlock (fun block -> { block with W_K = replaced block.W_K })
     | 4 -> "W_V", inBlock (fun block -> { block with W_V = replaced block.W_V })
     | _ -> "W_O", inBlock (fun block -> { block with W_O = replaced block.W_O }))

let private notFinite =
    testList "what is not finite" [
        law 60 "is refused by the name of its factor, whatever is read" (fun key ->
            let entry = one [ nan; infinity; -infinity ] 1 key
            let bad, good = Tensor.matrix [ [ 1.0; 2.0 ]; [ entry; 4.0 ] ], Tensor.eye 2

            for what, read in readings do
                for place, factors in
                    [
                        "The left factor", [ bad; good ]
                        "The right factor", [ good; bad ]
                        "The factor", [ bad ]
                        "Factor 2 of 3", [ good; bad; good ]
                    ] do
                    let factored = Factored.ofTensors factors
                    let sentence = message (fun () -> read factored)
                    Expect.stringStarts sentence place what
                    Expect.stringContains sentence "finite" what)

        law 60 "is refused by the weight's name in every circuit that the weight is a part of" (fun key ->
            let _, (name, model) = withEntry (one [ nan; infinity ] 1 key) key

            if List.contains name [ "W_Q"; "W_K" ] then
                Expect.stringStarts
                    (message (fun () -> [
                        for head in Model.heads model -> Factored.spectrum (Circuits.qk head model)
                    ]))
                    name
                    "what a head looks for"
            else
                for what, read in
                    [
                        "spectra", (fun () -> box (Circuits.spectra model))
                        "scored circuits", (fun () -> box (CircuitScores.ofModel model))
                        "composition", (fun () -> box (Composition.scores model))
                    ] do
                    Expect.stringStarts (message read) name what)
    ]

let private huge =
    testList "huge weights" [
        law 25 "go through every measurement, and circuits of them are finite" (fun key ->
            let entry = one [ 1e15; 1e30; 3e38; -3e38; 1e-30; 1e-45 ] 1 key
            let a, (name, model) = withEntry entry key
            let task = Given.repeating a.DVocab 3 3
            let reference = { Sequences = 5; Seed = 1UL }
            let scored = CircuitScores.ofModel model

            for scores in scored.DirectPath :: (scored.OV |> List.map _.Scores) @ (scored.OVSum |> List.map _.Scores) do
                Expect.all scores.Spectrum.Eigenvalues Complex.IsFinite $"eigenvalues, {entry} in {name}"
                Expect.all scores.SingularValues Double.IsFinite $"singular values, {entry} in {name}"
                Expect.isTrue (abs scores.Spectrum.Score <= 1.0 + Tolerances.eigenvalues) "the score"
                Expect.isTrue (Double.IsFinite scores.Trace.Score) "the trace"
                Expect.isTrue (Double.IsFinite(Factored.frobeniusNorm scores.Circuit)) "the norm"

            for score in Composition.scores model do
                Expect.isTrue (score.Norms.Score >= 0.0 && score.Norms.Score <= 1.0 + Tolerances.eigenvalues) "norms"
                Expect.isTrue (abs score.Eigenvalues.Score <= 1.0 + Tolerances.eigenvalues) "eigenvalues"

            // What overflows float32 may be infinite or no number; nothing raises.
            HeadScores.measure 1 a task model reference |> ignore
            Ablation.measure 1 task model ZeroMode reference true |> ignore
            Ablation.measure 1 task model MeanMode reference false |> ignore
            Ablation.measure 1 task model ResampleMode reference false |> ignore
            CompositionResults.measure 1 task model reference |> ignore
            Quantities.measure 1 a task model reference |> ignore
            Development.snapshot 1 a task 0 model reference |> ignore
            let text = Given.tokens a.DVocab 7 90 key
            Attribution.paths model text |> ignore
            Attribution.direct model text |> ignore
            Attribution.lens model text |> ignore
            Patching.measure task model 0 1 text (Given.tokens a.DVocab 7 91 key) |> ignore)
    ]

let private unknown =
    law 20 "of scores one of which is NaN no quantity says the least or the greatest" (fun key ->
        let a = { Given.architectureOf 2 key with NHeads = 3; DModel = 6; DHead = 2; DVocab = 9; NCtx = 12 }
        let task = Given.repeating a.DVocab 3 3
        let measured = Measurements.ofModel 1 a task (Given.model a key) { Sequences = 4; Seed = 1UL }
        let chosen = { Layer = 0; Head = integer 0 2 80 key }
        let quantities measured = Quantities.ofMeasurements measured |> Map.ofList

        let nan' quantity measured =
            Expect.isTrue (Double.IsNaN(Map.find quantity (quantities measured))) $"{quantity}"

        Expect.all (quantities measured).Values Double.IsFinite "as measured"

        let heads =
            measured.Heads
            |> List.map (fun scores -> if scores.Head = chosen then HeadScores.map (fun _ -> nan) scores else scores)

        for quantity in
            [
                Quantity.PreviousToken 0
                Quantity.PrefixMatching 0
                Quantity.KCompositionPrevious
                Quantity.KCompositionOthers
            ] do
            nan' quantity { measured with Heads = heads }

        let ablations =
            measured.Ablations
            |> List.map (fun ablation ->
                if ablation.Heads.Head = chosen then { ablation with Loss = nan } else ablation)

        nan' (Quantity.AblationRise 0) { measured with Ablations = ablations }

        let spectra = {
            measured.Spectra with
                OV =
                    measured.Spectra.OV
                    |> List.map (fun head ->
                        if head.Head = chosen then
                            { head with Spectrum = { head.Spectrum with Score = nan } }
                        else
                            head)
        }

        for rank in [ Highest; Ranked 2; Lowest ] do
            nan' (Quantity.OV(0, rank)) { measured with Spectra = spectra }

        let pattern =
            Tensor.init measured.Patterns.Head.Shape (fun index ->
                if index.Head = chosen.Head then
                    nan
                else
                    Tensor.item index measured.Patterns.Head)

        for quantity in [ Quantity.AttentionNearby 0; Quantity.AttentionOverlap 0; Quantity.AttentionBlockBack 0 ] do
            nan' quantity { measured with Patterns = pattern :: measured.Patterns.Tail })

[<Tests>]
let tests = testList "Scaling" [ scaled; notFinite; huge; unknown ]
