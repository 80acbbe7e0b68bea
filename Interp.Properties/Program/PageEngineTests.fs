/// The page's own forward pass, and its explanations, are the program's.
module Interp.Properties.PageEngineTests

open System
open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.PageEngine

/// A place in a list for each kind of intervention that a page has: on some head, beside a text of some length.
let private intervention (task: Task) (model: Model<Tensor>) reference (length: int) key : Intervention =
    let heads = Model.heads model
    let head = one heads 1 key

    match integer 0 4 2 key with
    | 0 -> ZeroAblate head
    | 1 -> MeanAblate(head, reference)
    | 2 -> FreezePattern head
    | 3 ->
        let source = Key.integers task.Tokens.Size (integer length task.Length 3 key) (Key.split 4UL key)
        Patch(PatternAt head, None, Tokens.ofArray source)
    | _ ->
        let sources = [
            Embedding
            if model.W_pos.IsSome then
                PositionEmbedding
            for earlier in heads do
                if earlier.Layer < head.Layer then
                    HeadOutput earlier
        ]

        Cut(one sources 5 key, head, one [ QueryInput; KeyInput; ValueInput ] 6 key)

let private interventions task (model: Model<Tensor>) reference length key =
    if model.Blocks.IsEmpty then
        []
    else
        List.init (integer 0 3 50 key) (fun i ->
            intervention task model reference length (Key.split (uint64 (51 + i)) key))

let private reference = { Sequences = 5; Seed = 3UL }

/// A small run's model as a checkpoint.
let private checkpoint c model = Checkpoint.ofRun c 0 model None

/// The page's run is the program's: logits, and patterns where these are known.
let private agrees what (ran: Ran) (logits: Tensor) (patterns: Tensor list option) =
    close Tolerances.page $"{what}: logits" ran.Logits (floats logits)

    patterns
    |> Option.iter (fun patterns ->
        Expect.equal ran.Patterns.Length patterns.Length $"{what}: layers"

        for layer, expected in List.indexed patterns do
            close Tolerances.page $"{what}: patterns" (Array.concat ran.Patterns[layer]) (floats expected))

/// The model itself under interventions, on page and in the program.
let private ofModel what (page: Page) place task model interventions tokens =
    let resolved = Intervened.resolve 1 task model interventions tokens tokens
    let activations = Transformer.activations resolved model tokens
    let ran = page.Ran $"Forward.run(M({place}), {PageEngine.tokens tokens}, {edits interventions})"
    agrees $"{what} {interventions}" ran activations.Logits (Some(activations.Layers |> List.map _.Pattern))

/// An explanation of it under interventions.
let private ofExplanation what (page: Page) place number task (a: Architecture) model explanation interventions tokens =
    let inPlace = InPlace.ofExplanation 1 task a.NCtx model reference explanation

    let script =
        $"Explained.run(M({place}), M({place}).explanations[{number}], {PageEngine.tokens tokens}, {edits interventions})"

    let isPlain = interventions.IsEmpty && a.NLayers > 0
    let patterns = if isPlain then Some(InPlace.patterns inPlace [] tokens) else None

    agrees
        $"{what} {explanation} {interventions}"
        (page.Ran script)
        (InPlace.logits inPlace interventions tokens)
        patterns

let private laws =
    testList "of any model" [
        law 50 "logits and patterns, under interventions" (fun key ->
            let c, model, tokens = Given.anyRun key
            let task = Given.task c
            use page = new Page(data [ explored task reference (checkpoint c model) [] ])
            let interventions = interventions task model reference tokens.Length key
            ofModel "model" page 0 task model interventions tokens)

        law 40 "explanations, under interventions" (fun key ->
            let a = ExplanationTools.shape 0 3 key
            let c = Given.configurationOf a key
            let task = Given.task c
            let model = Given.model a key
            let explanation = ExplanationTools.fitting 4 a key
            let tokens = Given.tokens a.DVocab (integer 1 task.Length 30 key) 31 key
            use page = new Page(data [ explored task reference (checkpoint c model) [ explanation ] ])
            let interventions = interventions task model reference tokens.Length key
            ofExplanation "model" page 0 0 task a model explanation interventions tokens)

        law 30 "paths, and what source positions add to them" (fun key ->
            let c, model, tokens = Given.anyRun key
            use page = new Page(data [ explored (Given.task c) reference (checkpoint c model) [] ])
            let letters = PageEngine.tokens tokens
            let paths = Attribution.paths model tokens
            page.Run $"const ran = Forward.run(M(0), {letters}); const paths = Paths.of(M(0), {letters}, ran);"

            let names =
                page.Value
                    "paths.map((path) => [path.source, ...path.heads.map((h) => `${h.layer}.${h.head}`)].join(' '))"

            Expect.equal
                [ for name in names.EnumerateArray() -> string name ]
                [ for path in paths -> string path.Source :: List.map string path.Heads |> String.concat " " ]
                "the same paths in their order"

            close
                Tolerances.page
                "what they add"
                (page.Numbers "paths.flatMap((path) => Array.from(path.logits))")
                (paths |> List.map (_.Logits >> floats) |> Array.concat)

            let number = integer 0 (paths.Length - 1) 70 key
            let position = integer 0 (tokens.Length - 1) 71 key
            let sources = page.Numbers $"Paths.bySource(M(0), {letters}, ran, paths[{number}], {position})"
            let vocabulary = c.Architecture.DVocab
            Expect.equal sources.Length (tokens.Length * vocabulary) "each position"

            let summed letter = Seq.sum (seq { for p in 0 .. tokens.Length - 1 -> sources[p * vocabulary + letter] })

            close
                Tolerances.page
                "summed over positions"
                (Array.init vocabulary summed)
                (floats (Tensor.select 0 position paths[number].Logits)))

        law 30 "circuits" (fun key ->
            let c, model, _ = Given.anyRun key
            use page = new Page(data [ explored (Given.task c) reference (checkpoint c model) [] ])

            let agrees circuit expected =
                close
                    Tolerances.page
                    circuit
                    (page.Numbers $"Circuit.table(M(0), {circuit})")
                    (floats (Factored.product expected))

            agrees "{ kind: 'direct' }" (Circuits.directPath model)

            for head in Model.heads model do
                let address = $"layer: {head.Layer}, head: {head.Head}"
                agrees $"{{ kind: 'ov', {address} }}" (Circuits.ov head model)
                agrees $"{{ kind: 'qk', {address} }}" (Circuits.qk head model)
                agrees $"{{ kind: 'ov_sum', {address} }}" (Circuits.ovSum head.Layer model))
    ]

/// A model of the golden files, what it was trained on, and a text of its task.
let private golden path =
    let checkpoint = ModelFiles.read path
    let task = checkpoint.Task |> Option.map Tasks.ofForm |> Option.defaultValue Tasks.study
    checkpoint, task, Sequences.heldOut task reference |> List.last

/// Enough for heads to find what is repeated, and little enough for an engine without a compiler.
let private short (tokens: Tokens) = Tokens.append (Tokens.slice 0 3 tokens) (Tokens.slice 0 3 tokens)

let private goldenTests =
    testList "of models from elsewhere" [
        for name, path in
            [
                for name in ModelFiles.references -> name, ModelFiles.reference $"{name}.safetensors"
                for name in ModelFiles.kinds -> name, ModelFiles.ofPositions $"{name}.safetensors"
            ] do
            test $"{name}: whole texts, under each kind of intervention" {
                let checkpoint, task, text = golden path
                let model = checkpoint.Weights
                use page = new Page(data [ explored task reference checkpoint [] ])
                ofModel name page 0 task model [] text

                for draw in 0..3 do
                    let key = Key.ofSeed (uint64 draw)
                    ofModel name page 0 task model (interventions task model reference text.Length key) text

                close
                    Tolerances.page
                    "losses"
                    (page.Numbers $"Forward.loss(Forward.run(M(0), {PageEngine.tokens text}), {PageEngine.tokens text})")
                    (floats (Loss.perPosition model text))
            }

            test $"{name}: each explanation that has a name, alone and under interventions" {
                let checkpoint, task, text = golden path
                let a, model = checkpoint.Architecture, checkpoint.Weights

                let explanations =
                    Named.ofAuthor task a model @ Findings.telling a @ Named.forms task a
                    |> List.map _.Explanation
                    |> List.distinctBy string

                use page = new Page(data [ explored task reference checkpoint explanations ])

                for number, explanation in List.indexed explanations do
                    let text = short text
                    ofExplanation name page 0 number task a model explanation [] text
                    let some = interventions task model reference text.Length (Key.ofSeed (uint64 number))

                    // Every other one, in one order for all models.
                    if number % 2 = 0 && not some.IsEmpty then
                        ofExplanation name page 0 number task a model explanation some text
            }
    ]

let private refusals = test "what cannot be run is refused in one sentence" {
    let checkpoint, task, text = golden (ModelFiles.reference "two_layer_s11.safetensors")

    use page =
        new Page(data [ explored task reference checkpoint [ ExplanationTools.explanation "attention 0.* positions" ] ])

    let letters = PageEngine.tokens text
    let long = PageEngine.tokens (Tokens.append text text)

    for script, part in
        [
            "Forward.run(M(0), [])", "empty"
            $"Forward.run(M(0), {long})", "48"
            "Forward.run(M(0), [26])", "26"
            "Forward.run(M(0), [null])", "does not know"
            $"Forward.run(M(0), {letters}, [{{ kind: 'zero', layer: 2, head: 0 }}])", "2.0"
            $"Forward.run(M(0), {letters}, [{{ kind: 'pattern', layer: 0, head: 0, tokens: [1, 2] }}])",
            "at least the 24"
            $"Forward.run(M(0), {letters}, [{{ kind: 'cut', source: 'positions', layer: 0, head: 0, input: 'k' }}])",
            "study"
            $"Forward.run(M(0), {letters}, [{{ kind: 'cut', source: {{ layer: 1, head: 0 }}, layer: 1, head: 0, input: 'k' }}])",
            "1.0"
            $"Explained.run(M(0), M(0).explanations[0], {long})", "48"
        ] do
        let sentence = page.Refusal script
        Expect.stringContains sentence part script
        Processes.isSentence sentence
}

[<Tests>]
let tests = testList "Page engine" [ laws; goldenTests; refusals ]
