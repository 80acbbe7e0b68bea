// Another model and another loss: a perceptron that learns to add modulo 7, with layer norm and GELU, under cross-entropy with
// smoothed labels. Nothing of it is known to the library, which differentiates any function of its operations.
//
//     dotnet build -c Release Interp.Functional
//     dotnet fsi scripts/a-loss-of-your-own.fsx

#r "../Interp.Functional/bin/Release/net10.0/Interp.Functional.dll"

open Interp

let modulus, width, hidden = 7, 16, 32

type Perceptron = {
    /// [number, width]
    Embedding: Tensor
    /// [width, hidden]
    Into: Tensor
    /// [hidden]
    Bias: Tensor
    /// [hidden, number]
    Out: Tensor
}

// What differentiation needs to know of a record: how to take it apart and put it together.
let structure: Structure<Perceptron> = {
    Leaves = fun p -> [ p.Embedding; p.Into; p.Bias; p.Out ]
    Rebuild = fun _ leaves -> { Embedding = leaves[0]; Into = leaves[1]; Bias = leaves[2]; Out = leaves[3] }
}

let start =
    let key = Key.ofSeed 1UL

    {
        Embedding = Tensor.normal [ modulus; width ] (Key.split 0UL key)
        Into = Tensor.normal [ width; hidden ] (Key.split 1UL key) / sqrt (float width)
        Bias = Tensor.zeros [ hidden ]
        Out = Tensor.normal [ hidden; modulus ] (Key.split 2UL key) / sqrt (float hidden)
    }

/// Scores of all sums [pair, number] for first and second summands.
let scores model first second =
    let pair = Tensor.gather model.Embedding first + Tensor.gather model.Embedding second
    let inner = Tensor.gelu (Tensor.matmul (Tensor.layerNorm 1e-5 pair) model.Into + model.Bias)
    Tensor.matmul inner model.Out

/// Cross-entropy with labels that give a share of their weight to all answers alike (Szegedy et al. 2016).
let smoothed share logits answers =
    let likelihood = Tensor.logSoftmax logits
    let right = Tensor.crossEntropy logits answers
    Tensor.mean ((1.0 - share) * right - share * Tensor.meanOver [ 1 ] likelihood)

let all = [|
    for a in 0 .. modulus - 1 do
        for b in 0 .. modulus - 1 -> a, b
|]

let first, second = Tokens.ofArray (Array.map fst all), Tokens.ofArray (Array.map snd all)
let answers = all |> Array.map (fun (a, b) -> (a + b) % modulus)
let loss model = smoothed 0.1 (scores model first second) (Tokens.ofArray answers)

// The gradient has the model's own type. Is it right? Compare a step in a random direction with what it predicts.
let value, gradient = Differentiation.fgradOf structure loss start
let direction = Tensor.normal [ width; hidden ] (Key.ofSeed 2UL)
let moved h = Tensor.toScalar (loss { start with Into = start.Into + h * direction })
printfn "loss %.4f" (Tensor.toScalar value)
printfn "slope by gradient   %.4f" (Tensor.toScalar (Tensor.dot gradient.Into direction))
printfn "slope by difference %.4f" ((moved 3e-3 - moved -3e-3) / 6e-3)

// Plain gradient descent.
let trained =
    (start, [ 1..400 ])
    ||> List.fold (fun model _ ->
        let gradient = Differentiation.gradOf structure loss model

        List.map2 (fun w g -> w - 0.5 * g) (structure.Leaves model) (structure.Leaves gradient)
        |> structure.Rebuild model)

let right =
    let scores = scores trained first second
    let best row = [ 0 .. modulus - 1 ] |> List.maxBy (fun answer -> Tensor.item [ row; answer ] scores)
    answers |> Array.indexed |> Array.filter (fun (row, answer) -> best row = answer) |> Array.length

printfn "after 400 steps: loss %.4f, %d of %d sums right" (Tensor.toScalar (loss trained)) right all.Length
