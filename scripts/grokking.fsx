// A transformer of one's own learns to add modulo 113 from three sums in ten: it knows these by heart long before it adds up any other, then
// generalises all at once (Power et al. 2022, "Grokking"), by adding angles at a few frequencies (Nanda et al. 2023, "Progress measures for
// grokking via mechanistic interpretability", whose model, modulus and share these are; the learning rate is three times theirs).
//
//     dotnet build -c Release Interp.Functional
//     dotnet fsi scripts/grokking.fsx                    # writes grokking.svg
//     dotnet fsi scripts/grokking.fsx --layer-norms      # as most transformers have them
//     dotnet fsi scripts/grokking.fsx --quick            # a small modulus, in seconds
//
// `--out FILE` writes the picture elsewhere.

#r "../Interp.Functional/bin/Release/net10.0/Interp.Functional.dll"

open System
open System.IO
open Interp

let arguments = List.ofArray fsi.CommandLineArgs
let has option = List.contains option arguments
let quick = has "--quick"

let modulus, share, width, batch, look = if quick then 17, 80, 32, 128, 50 else 113, 30, 128, 512, 50

let heads, hidden = 4, 4 * width
let headWidth = width / heads

/// Two numbers, "=", and their sum, of which the sum counts; of all pairs some are trained on, the others held out.
let task =
    match Tasks.parse $"add {modulus} split {share}%% seed 1" with
    | Ok task -> task
    | Error problem -> failwith problem

type Transformer = {
    /// [vocab, d_model]
    W_E: Tensor
    /// [pos, d_model]
    W_pos: Tensor
    /// [head, d_model, d_head]
    W_Q: Tensor
    W_K: Tensor
    W_V: Tensor
    /// [head, d_head, d_model]
    W_O: Tensor
    /// [d_model, hidden]
    W_in: Tensor
    /// [hidden]
    b_in: Tensor
    /// [hidden, d_model]
    W_out: Tensor
    /// [d_model]
    b_out: Tensor
    /// [d_model, vocab]
    W_U: Tensor
}

let initial key =
    let vocab = task.Tokens.Size
    let random number fanIn shape = Tensor.normal shape (Key.split number key) / sqrt (float fanIn)

    {
        W_E = random 0UL width [ vocab; width ]
        W_pos = random 1UL width [ 3; width ]
        W_Q = random 2UL width [ heads; width; headWidth ]
        W_K = random 3UL width [ heads; width; headWidth ]
        W_V = random 4UL width [ heads; width; headWidth ]
        W_O = random 5UL width [ heads; headWidth; width ]
        W_in = random 6UL width [ width; hidden ]
        b_in = Tensor.zeros [ hidden ]
        W_out = random 7UL hidden [ hidden; width ]
        b_out = Tensor.zeros [ width ]
        W_U = random 8UL width [ width; vocab ]
    }

let norm = if has "--layer-norms" then Tensor.layerNorm 1e-5 else id

/// The scores of all answers at "=": [1, vocab]. Nothing else is asked of the model, and with one layer nothing else is read by "=", so the other
/// positions have keys and values alone; "=" sees all of them, so there is no mask.
let logits model (tokens: Tokens) =
    let embedded = Tensor.gather model.W_E (Tokens.slice 0 3 tokens) + model.W_pos
    let atEquals = Tensor.slice 0 2 1

    let query = Tensor.matmul (atEquals (norm embedded)) model.W_Q
    let key = Tensor.matmul (norm embedded) model.W_K
    let value = Tensor.matmul (norm embedded) model.W_V
    let pattern = Tensor.softmax (Tensor.matmul query (Tensor.transpose key) / sqrt (float headWidth))
    let attended = Tensor.sumOver [ 0 ] (Tensor.matmul (Tensor.matmul pattern value) model.W_O)

    let stream = atEquals embedded + attended
    let neurons = Tensor.relu (Tensor.matmul (norm stream) model.W_in + model.b_in)
    Tensor.matmul (norm (stream + Tensor.matmul neurons model.W_out + model.b_out)) model.W_U

let answer tokens = Tokens.slice 3 1 tokens

let objective = {
    Structure = Structure.ofRecord<Transformer>()
    Initial = initial
    Loss = fun model tokens -> Tensor.mean (Tensor.crossEntropy (logits model tokens) (answer tokens))
    Task = task
    Batch = batch
    Optimiser = {
        Optimiser.adamW with
            LearningRate = 3e-3
            // It is decay that makes what was learned by heart dearer than a rule.
            WeightDecay = 1.0
            Rule = UpdateRule.AdamW(0.9, 0.98, 1e-8)
    }
    Seed = 1UL
}

/// The share of sums that are right.
let accuracy sequences model =
    sequences
    |> Batch.mean 2 (fun tokens -> Tensor.mean (Tensor.isLikeliest (logits model tokens) (answer tokens)))
    |> Tensor.toScalar

let trainedOn = Sequences.batch task 1000 objective.Seed 0
let heldOut = Sequences.heldOut task { Sequences = 1000; Seed = objective.Seed }

// When does it generalise? A look is a function of the state alone, so whoever looks elsewhere finds the same.

let untilGeneralised = {
    Every = look
    See = fun state -> accuracy trainedOn state.Weights, accuracy heldOut state.Weights
    Stop = fun (_, held) -> held > 0.99
}

let most = 10000
printfn "%O: up to %d steps of %d sums, on two threads; half a minute on two free cores" task most batch
let clock = Diagnostics.Stopwatch.StartNew()
let trainer = Training.compile 2 objective
let first = Training.watch trainer untilGeneralised most (Training.start objective)

// From here on weight decay clears away what is no longer needed.
let rest =
    Training.watch trainer { untilGeneralised with Stop = fun _ -> false } first.State.Step first.State

let seen = first.Seen @ rest.Seen
let model = rest.State.Weights
let steps = rest.State.Step
printfn "%d steps in %.1f s, looks included" steps clock.Elapsed.TotalSeconds

/// The first look at an accuracy above 99 %.
let firstAbove which =
    match seen |> List.tryFind (fun (_, accuracies) -> which accuracies > 0.99) with
    | Some(step, _) -> $"step {step}"
    | None -> "not yet"

printfn "knows what it trains on   %s" (firstAbove fst)
printfn "generalises               %s" (firstAbove snd)

// Which frequencies does the embedding use? A discrete Fourier transform over the numbers, an orthonormal basis: at frequency k the cosine and the
// sine of 2 pi k n / modulus.

let frequencies = modulus / 2

/// [frequency, cosine and sine, number]
let waves =
    Tensor.init [ frequencies; 2; modulus ] (fun index ->
        let angle = 2.0 * Math.PI * float ((index[0] + 1) * index[2]) / float modulus
        sqrt (2.0 / float modulus) * (if index[1] = 0 then cos angle else sin angle))

/// What "=" and the mean of all numbers have no part in: [number, d_model]
let numbers = Tensor.slice 0 0 modulus model.W_E
let centred = numbers - Tensor.meanKeep [ 0 ] numbers

/// The part of the embedding that each frequency makes up: [frequency, number, d_model]
let parts = Tensor.matmul (Tensor.transpose waves) (Tensor.matmul waves centred)

/// The share of the embedding's squared norm at each frequency, from 1.
let shares =
    let squares = Tensor.sumOver [ 1; 2 ] (Tensor.square parts)
    (squares / Tensor.toScalar (Tensor.sum squares)).ToArray() |> Array.map float |> Array.toList

/// Those that have more than an even share.
let used =
    List.indexed shares
    |> List.filter (fun (_, share) -> share > 1.0 / float frequencies)
    |> List.sortByDescending snd
    |> List.map (fun (index, _) -> index + 1)

printfn ""
printfn "frequency  share of the embedding (evenly spread: %.1f %%)" (100.0 / float frequencies)

for frequency in used do
    printfn "%9d  %5.1f %%" frequency (100.0 * shares[frequency - 1])

printfn "%9s  %5.1f %%" "others" (100.0 * (1.0 - List.sumBy (fun frequency -> shares[frequency - 1]) used))

// Does the model compute with these and with nothing else? Take them away, or everything else.

let ofUsed =
    used |> List.map (fun frequency -> Tensor.select 0 (frequency - 1) parts) |> List.reduce (+)

let withNumbers changed = { model with W_E = Tensor.concatenate 0 [ changed; Tensor.slice 0 modulus 1 model.W_E ] }

let percent sequences model = 100.0 * accuracy sequences model
printfn ""
printfn "held-out accuracy                    %5.1f %%" (percent heldOut model)
printfn "with these frequencies alone         %5.1f %%" (percent heldOut (withNumbers (numbers - centred + ofUsed)))
printfn "without them                         %5.1f %%" (percent heldOut (withNumbers (numbers - ofUsed)))

// The picture: accuracy over training on the left, frequencies on the right.

let paper, ink, muted, rule, blue, orange =
    "#FFFFFF", "#1B2430", "#5B6675", "#D9DEE5", "#1F6FB4", "#C8551B"

let text anchor colour size (x: float) (y: float) (words: string) =
    $"""<text x="{x:F1}" y="{y:F1}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{words}</text>"""

let line colour (x1: float) (y1: float) (x2: float) (y2: float) =
    $"""<line x1="{x1:F1}" y1="{y1:F1}" x2="{x2:F1}" y2="{y2:F1}" stroke="{colour}"/>"""

let left, right, top, bottom, panel = 70.0, 610.0, 60.0, 330.0, 420.0

/// Lines across a panel at some heights, from 0 to `highest`, with their labels.
let grid x highest (labels: (float * string) list) = [
    for value, label in labels do
        let y = bottom - (bottom - top) * value / highest
        line rule x y (x + panel) y
        text "end" muted 14 (x - 8.0) (y + 5.0) label
]

let percents upTo by = [ for value in 0..by..upTo -> float value / 100.0, $"{value} %%" ]

let curve colour which =
    let points =
        seen
        |> List.map (fun (step, accuracies) ->
            let x = left + panel * float step / float steps
            $"{x:F1},{bottom - (bottom - top) * which accuracies:F1}")
        |> String.concat " "

    $"""<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"/>"""

/// The tallest bar fits under whole tens of per cent.
let tallest = 10 * int (ceil (10.0 * List.max shares))

let slot = panel / float frequencies

let middleOf index = right + slot * (float index + 0.5)

let bar index share =
    let height = (bottom - top) * share * 100.0 / float tallest
    let isUsed = List.contains (index + 1) used

    [
        $"""<rect x="{middleOf index - 0.35 * slot:F1}" y="{bottom - height:F1}" width="{0.7 * slot:F1}" height="{height:F1}" fill="{if isUsed then blue else muted}"/>"""
        if isUsed then
            text "middle" ink 14 (middleOf index) (bottom - height - 6.0) (string (index + 1))
    ]

let picture =
    [
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1060 390" font-family="Inter, Helvetica, Arial, sans-serif">"""
        $"""<rect width="1060" height="390" fill="{paper}"/>"""
        text "start" ink 17 left 30.0 $"Sums modulo {modulus}: share that is right"
        yield! grid left 1.0 (percents 100 25)
        curve muted fst
        curve orange snd
        text "end" muted 15 (left + panel - 8.0) (bottom - 103.0) $"trained on ({share} %% of all)"
        text "end" orange 15 (left + panel - 8.0) (bottom - 81.0) "held out"
        text "middle" muted 14 left (bottom + 22.0) "0"
        text "middle" muted 14 (left + panel) (bottom + 22.0) (string steps)
        text "middle" ink 15 (left + panel / 2.0) (bottom + 44.0) "training step"
        text "start" ink 17 right 30.0 "Share of the embedding at each frequency"
        yield! grid right (float tallest / 100.0) (percents tallest 10)
        yield! shares |> List.mapi bar |> List.concat
        text "middle" muted 14 (middleOf 0) (bottom + 22.0) "1"
        text "middle" muted 14 (middleOf (frequencies - 1)) (bottom + 22.0) (string frequencies)
        text "middle" ink 15 (right + panel / 2.0) (bottom + 44.0) $"frequency: turns over the {modulus} numbers"
        "</svg>"
    ]
    |> String.concat "\n"

let path =
    match List.tryFindIndex ((=) "--out") arguments with
    | Some index when index + 1 < arguments.Length -> arguments[index + 1]
    | _ -> "grokking.svg"

File.WriteAllText(path, picture)
printfn ""
printfn "picture in %s" path
