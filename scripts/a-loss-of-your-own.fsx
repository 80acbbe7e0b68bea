// Another model, another loss and another task: a perceptron that learns to add modulo 7, with layer norm and GELU, under cross-entropy with
// smoothed labels. Nothing of it is known to the library, which differentiates any function of its operations and trains any record.
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

let initial key = {
    Embedding = Tensor.normal [ modulus; width ] (Key.split 0UL key)
    Into = Tensor.normal [ width; hidden ] (Key.split 1UL key) / sqrt (float width)
    Bias = Tensor.zeros [ hidden ]
    Out = Tensor.normal [ hidden; modulus ] (Key.split 2UL key) / sqrt (float hidden)
}

/// Two numbers and their sum, of which the sum counts.
let sums =
    Task.own "sums modulo 7" [ for n in 0 .. modulus - 1 -> string n ] 3 [ 2 ] (fun key ->
        let pair = Key.integers modulus 2 key
        [ pair[0]; pair[1]; (pair[0] + pair[1]) % modulus ])

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

/// The loss of one sequence.
let loss model tokens =
    smoothed 0.1 (scores model (Tokens.slice 0 1 tokens) (Tokens.slice 1 1 tokens)) (Tokens.slice 2 1 tokens)

let objective = {
    // From the record's own fields, by their names.
    Structure = Structure.ofRecord<Perceptron>()
    Initial = initial
    Loss = loss
    Task = sums
    Batch = 64
    Optimiser = { Optimiser.adamW with LearningRate = 0.01; WeightDecay = 0.0; Clip = Some 1.0 }
    Seed = 1UL
}

let start = Training.start objective

let all = [
    for a in 0 .. modulus - 1 do
        for b in 0 .. modulus - 1 -> Tokens.ofArray [| a; b; (a + b) % modulus |]
]

let mean model = Batch.mean 1 (loss model) all

// The gradient has the model's own type. Is it right? Compare a step in a random direction with what it predicts.
let value, gradient = Differentiation.fgradOf objective.Structure mean start.Weights
let direction = Tensor.normal [ width; hidden ] (Key.ofSeed 2UL)
let moved h = Tensor.toScalar (mean { start.Weights with Into = start.Weights.Into + h * direction })
printfn "loss %.4f" (Tensor.toScalar value)
printfn "slope by gradient   %.4f" (Tensor.toScalar (Tensor.dot gradient.Into direction))
printfn "slope by difference %.4f" ((moved 3e-3 - moved -3e-3) / 6e-3)

// Traced once; after that a step takes a tenth of a millisecond. To go on after Ctrl-C, or tomorrow, with progress on the way:
//
//     #r "../Interp.Runs/bin/Release/net10.0/Interp.Runs.dll"
//     let trained = DurableTraining.Run("sums", Training.compile 1 objective, 400)
let trained = Training.advance (Training.compile 1 objective) 400 start

let right =
    all
    |> List.filter (fun tokens ->
        let scores = scores trained.State.Weights (Tokens.slice 0 1 tokens) (Tokens.slice 1 1 tokens)
        let best = [ 0 .. modulus - 1 ] |> List.maxBy (fun answer -> Tensor.item [ 0; answer ] scores)
        best = tokens.ToArray()[2])

printfn "after 400 steps: loss %.4f, %d of %d sums right" (List.last trained.Losses) right.Length all.Length
