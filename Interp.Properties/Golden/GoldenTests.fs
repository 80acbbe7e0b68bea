/// The core against numbers that independent programs computed (reference/README.md, positions/README.md).
module Interp.Properties.GoldenTests

open System
open System.IO
open System.Text.Json
open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.ModelFiles

/// A model with what was computed of it.
type private Computed = { Model: Checkpoint; Fixture: Safetensors.File }

let private read (path: string -> string) name =
    let fixture =
        match Safetensors.parse (ReadOnlyMemory(File.ReadAllBytes(path $"{name}.fixture.safetensors"))) with
        | Ok fixture -> fixture
        | Error problem -> failwith problem

    { Model = ModelFiles.read (path $"{name}.safetensors"); Fixture = fixture }

/// What was measured of a reference model.
let private figures name = JsonDocument.Parse(File.ReadAllText(reference $"{name}.json")).RootElement

let private expected name golden =
    match Safetensors.read name golden.Fixture.Entries[name].Shape golden.Fixture with
    | Ok tensor -> tensor
    | Error problem -> failtest problem

let private expectedModel prefix golden =
    Model.names golden.Model.Architecture |> Model.map (fun name -> expected $"{prefix}.{name}" golden)

/// The fixture's four sequences, kept as int64.
let private sequences golden =
    let entry = golden.Fixture.Entries["tokens"]
    let bytes = golden.Fixture.Data.Slice(int entry.Start, int (entry.End - entry.Start)).ToArray()
    let letters = Array.init (bytes.Length / 8) (fun i -> int (BitConverter.ToInt64(bytes, 8 * i)))
    letters |> Array.chunkBySize entry.Shape[1] |> Array.map Tokens.ofArray |> Array.toList

let private configuration golden = { Configuration.study with Architecture = golden.Model.Architecture }

/// The largest difference over the largest magnitude expected.
let private agrees tolerance what (actual: Tensor) (expected: Tensor) =
    Expect.equal actual.Shape expected.Shape $"the shape of {what}"
    let off = largest (Array.map2 (-) (floats actual) (floats expected)) / largest (floats expected)

    if not (off <= tolerance) then
        failtest $"{what}: off by {off} of the largest, allowed {tolerance}"

/// What training takes the gradient of; sequences of another length than the task's have their own mean.
let private loss golden model =
    let sequences = sequences golden

    let ofSequence =
        if sequences.Head.Length = Tasks.study.Length then
            Loss.ofSequence Tasks.study model
        else
            Loss.perPosition model >> Tensor.mean

    Batch.mean 1 ofSequence sequences

let private gradient golden model = Differentiation.gradOf Model.structure (loss golden) model

let private each3 f (a: Model<'a>) (b: Model<'b>) (c: Model<'c>) =
    Model.map2 (fun a (b, c) -> f a b c) a (Model.map2 (fun b c -> b, c) b c) |> ignore

/// How far AdamW may move a weight apart if its gradients are off by at most `error`. The corrected first moment is a weighted
/// mean of the gradients so far and the root of the second one their root mean square, a norm: each is off by at most `error`.
/// A move is lr m / (r + epsilon), so it is off by at most lr (error + |m| error / (r + epsilon)) / (r - error + epsilon); and it is
/// never longer than lr max(m / r), which Cauchy's inequality bounds.
let private moveError (c: Configuration) step error (gradients: float list) =
    let weights beta =
        List.init step (fun i -> (1.0 - beta) * beta ** float (step - 1 - i) / (1.0 - beta ** float step))

    let first, second = weights c.Beta1, weights c.Beta2
    let m = List.map2 (*) first gradients |> List.sum |> abs
    let r = sqrt (List.map2 (fun weight g -> weight * g * g) second gradients |> List.sum)
    let longest = sqrt (List.map2 (fun a b -> a * a / b) first second |> List.sum)

    if r <= error then
        2.0 * c.LearningRate * longest
    else
        c.LearningRate
        * min (2.0 * longest) ((error + m * error / (r + c.Epsilon)) / (r - error + c.Epsilon))

let private update c = Optimiser.update Model.structure (Recipe.optimiser c)

let private started c weights = Optimiser.start Model.structure (Recipe.optimiser c) weights

let private optimizer golden =
    let c = configuration golden

    testList "AdamW" [
        test "one step with the reference's own gradient gives the reference's weights" {
            let weights = golden.Model.Weights
            let after, _ = update c 1 (expectedModel "grad" golden) weights (started c weights)

            (Model.names c.Architecture, after, expectedModel "adamw1" golden)
            |||> each3 (fun name actual expected ->
                let scale = floats expected |> Array.map (fun w -> abs w + c.LearningRate)

                Array.map2 (-) (floats actual) (floats expected)
                |> Array.iteri (fun i off -> within Tolerances.optimizer scale[i] $"{name}, element {i}" off 0.0))
        }

        test "three steps with our own gradients do, as far as rounded gradients determine them" {
            let step (weights, moments, gradients) step =
                let gradient = gradient golden weights
                let weights, moments = update c step gradient weights moments
                weights, moments, gradients @ [ gradient ]

            let start = golden.Model.Weights, started c golden.Model.Weights, []
            let states = List.scan step start [ 1; 2; 3 ]

            for taken, prefix in [ 1, "adamw1"; 3, "adamw3" ] do
                let weights, _, gradients = states[taken]

                let gradients =
                    gradients |> List.map (Model.map (fun x -> [ floats x ])) |> List.reduce (Model.map2 (@))

                (Model.map2 (fun name gradients -> name, gradients) (Model.names c.Architecture) gradients,
                 weights,
                 expectedModel prefix golden)
                |||> each3 (fun (name, gradients) actual expected ->
                    let actual, expected = floats actual, floats expected

                    // From the second step on the gradients are taken at weights that are off themselves.
                    let error = 2.0 * Tolerances.referenceGradient * (gradients |> List.map largest |> List.max)

                    for i in 0 .. expected.Length - 1 do
                        let moves =
                            List.init taken (fun k ->
                                moveError c (k + 1) error (List.truncate (k + 1) gradients |> List.map (Array.item i)))

                        let rounding = float taken * Tolerances.optimizer * (abs expected[i] + c.LearningRate)
                        let allowed = List.sum moves + rounding
                        within allowed 1.0 $"{name} after {taken} steps, element {i}" actual[i] expected[i])
        }
    ]

let private number (element: JsonElement) = element.GetDouble()
let private numbers (element: JsonElement) = [ for item in element.EnumerateArray() -> number item ]

let private circuits golden (figures: JsonElement) = test "eigenvalue scores" {
    let spectra = Circuits.spectra golden.Model.Weights
    let close what = within Tolerances.scores 1.0 what
    close "the direct path" spectra.DirectPath.Score (number (figures.GetProperty "direct_path"))
    let ov = [ for layer in figures.GetProperty("ov").EnumerateArray() -> numbers layer ]

    for head in spectra.OV do
        close $"head {head.Head}" head.Spectrum.Score (List.item head.Head.Head ov[head.Head.Layer])

    for layer, expected in List.zip spectra.OVSum (numbers (figures.GetProperty "ov_sum")) do
        close $"the sum of layer {layer.Layer}" layer.Spectrum.Score expected

    // The study's own figures are of one layer, whose circuits are well conditioned.
    if spectra.OVSum.Length = 1 then
        for head in spectra.OV do
            within Tolerances.wellConditionedScores 1.0 "a head" head.Spectrum.Score (List.item head.Head.Head ov[0])
}

/// Held-out sequences of our own; the reference drew others.
let private drawn () = Sequences.heldOut Tasks.study { Sequences = 4000; Seed = 20UL }

let private referenceSequences, private referencePrompts = 20000.0, 300.0

/// A mean over our sequences against the reference's mean over its own.
let private sampled what (own: float list) expected =
    let mean = List.average own
    let variance = own |> List.averageBy (fun x -> (x - mean) * (x - mean))
    let error = sqrt (variance * (1.0 / float own.Length + 1.0 / referenceSequences))
    within Tolerances.standardErrors error what mean expected

let private behaviour golden (figures: JsonElement) =
    testList "behaviour" [
        test "held-out loss, whole and by position, within sampling error" {
            let losses =
                drawn () |> Batch.map 1 (Loss.perPosition golden.Model.Weights) |> List.map (floats >> Array.toList)

            sampled "the loss" (losses |> List.map List.average) (number (figures.GetProperty "heldout_loss"))

            for position, expected in List.indexed (numbers (figures.GetProperty "per_position_loss")) do
                sampled $"the loss at position {position + 1}" (losses |> List.map (List.item position)) expected
        }

        test "losses with a head silent, within sampling error" {
            for entry in figures.GetProperty("ablated_loss").EnumerateObject() do
                match Intervention.parse $"zero {entry.Name}" with
                | Error sentence -> failtest sentence
                | Ok silent ->
                    let edits = Intervened.resolve 1 Tasks.study golden.Model.Weights [ silent ]

                    let logits tokens = Transformer.logitsWith (edits tokens tokens) golden.Model.Weights tokens
                    let ofSequence tokens = Tensor.mean (Loss.perPositionOf logits tokens)
                    let losses = drawn () |> Batch.map 1 ofSequence |> List.map Tensor.toScalar
                    sampled $"the loss without head {entry.Name}" losses (number entry.Value)
        }

        test "attention by offset, within sampling error" {
            let layers = [ for layer in figures.GetProperty("attention_by_offset").EnumerateArray() -> layer ]
            let sequences = drawn () |> List.truncate 1000

            for layer, expected in List.indexed layers do
                let own =
                    sequences
                    |> Batch.map 1 (fun tokens -> (Transformer.patterns golden.Model.Weights tokens)[layer])
                    |> List.map Attention.byOffset

                for head, offsets in List.indexed [ for offsets in expected.EnumerateArray() -> numbers offsets ] do
                    for offset, expected in List.indexed offsets do
                        sampled
                            $"head {layer}.{head} at offset {offset}"
                            (own |> List.map (Tensor.item [ head; offset ]))
                            expected
        }

        test "the study's prompts are completed alike" {
            for entry in figures.GetProperty("completions").EnumerateObject() do
                match Letters.ofText 26 entry.Name with
                | Error sentence -> failtest sentence
                | Ok prompt ->
                    let whole = Decoding.greedy 1 golden.Model.Weights 24 [ prompt ] |> List.head
                    Expect.equal (Letters.toText whole) (entry.Name + entry.Value.GetString()) "the completion"
        }

        test "completions are as good, within sampling error" {
            let found =
                Behaviour.evaluate 1 Tasks.study golden.Model.Weights { Sequences = 1000; Seed = 21UL }
                |> _.Prompts.Value.All

            let count = found.Count

            // Letters of one prompt go together, so a prompt counts as one trial.
            let close what actual name =
                let expected = number (figures.GetProperty(name: string))
                let spread = sqrt (expected * (1.0 - expected) * (1.0 / referencePrompts + 1.0 / float count))
                // Where the reference counted none of its prompts, a share of one in so many is none as well.
                within Tolerances.standardErrors (spread + 1.0 / referencePrompts) what actual expected

            close "completed exactly" found.Exact "exact_12"
            close "letters right" found.Letters "letters_12"
            close "letters repeated" found.Repeats "repeats"
            close "letters from the prompt" found.FromPrompt "from_prompt"
        }
    ]

/// One forward and backward pass.
let private passes golden =
    let weights = golden.Model.Weights
    let stack f = sequences golden |> Batch.map 1 f |> Tensor.stack

    [
        test "logits" {
            agrees Tolerances.referenceLogits "logits" (stack (Transformer.logits weights)) (expected "logits" golden)
        }

        test "patterns" {
            for layer in 0 .. golden.Model.Architecture.NLayers - 1 do
                agrees
                    Tolerances.referenceLogits
                    $"the patterns of layer {layer}"
                    (stack (fun tokens -> (Transformer.patterns weights tokens)[layer]))
                    (expected $"blocks.{layer}.attn.pattern" golden)
        }

        test "loss" {
            agrees
                Tolerances.referenceLogits
                "the loss"
                (Tensor.reshape [ 1 ] (loss golden weights))
                (expected "loss" golden)
        }

        test "gradients" {
            (Model.names golden.Model.Architecture, gradient golden weights, expectedModel "grad" golden)
            |||> each3 (fun name -> agrees Tolerances.referenceGradient $"the gradient of {name}")
        }
    ]

let private ofReference name =
    let golden, figures = read reference name, figures name
    testList name (passes golden @ [ optimizer golden; circuits golden figures; behaviour golden figures ])

let private ofKind name = testList name (passes (read ofPositions name))

[<Tests>]
let tests =
    testList "Golden" [ yield! List.map ofReference ModelFiles.references; yield! List.map ofKind ModelFiles.kinds ]
