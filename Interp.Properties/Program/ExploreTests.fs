/// `interp explore`: one page with models in it, whole or not at all, that no name in it can break.
module Interp.Properties.ExploreTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Host
open Interp.Runs.Endings
open Interp.Host.Explorer
open Interp.Host.Pages
open Interp.Runs.Surroundings
open Interp.Properties.PageEngine
open Interp.Properties.Processes

/// What stands between the tags of a page's element, and its tags' number.
let private between (opening: string) (closing: string) (page: string) =
    let start = page.IndexOf(opening, StringComparison.Ordinal) + opening.Length
    Expect.isGreaterThanOrEqual start opening.Length opening
    page.Substring(start, page.IndexOf(closing, start, StringComparison.Ordinal) - start)

let private dataOf (page: string) = between "<script type=\"application/json\" id=\"interp-data\">" "</script>" page

let private parsed (page: string) =
    use document = JsonDocument.Parse(dataOf page)
    document.RootElement.Clone()

let private views (page: string) = [
    for found in
        Regex.Matches(page[.. page.IndexOf("<script", StringComparison.Ordinal)], "<div data-view=\"([a-z]+)\"") ->
        found.Groups[1].Value
]

let private few = [ "--sequences"; "10"; "--threads"; "1" ]

/// A page that nothing but its own scripts and styles can act in.
let private isSafe (page: string) =
    let policy = between "http-equiv=\"Content-Security-Policy\" content=\"" "\"" page
    let script = between "<script type=\"module\">" "</script>" page
    let style = between "<style>" "</style>" page

    for part in
        [
            "default-src 'none'"
            $"script-src {PageScripts.Hash script}"
            $"style-src {PageScripts.Hash style}"
            "base-uri 'none'"
            "form-action 'none'"
        ] do
        Expect.stringContains policy part "the policy"

    Expect.equal (Regex.Matches(page, "</script").Count) 2 "data and scripts, and nothing else"
    Expect.isFalse ((dataOf page).Contains '<') "nothing in the data begins a tag"
    let markup = page.Replace(script, "").Replace(style, "")

    for pattern in [ @"\sstyle="; @"\son[a-z]+="; @"(src|href)=""(?!#|data:)"; "javascript:" ] do
        Expect.isFalse (Regex.IsMatch(markup.Replace(dataOf page, ""), pattern)) pattern

/// What the data say of a trained model of two layers beside its weights is what the program finds.
let private isMeasured (checkpoint: Checkpoint) (sequences: int) (model: JsonElement) =
    let weights, a = checkpoint.Weights, checkpoint.Architecture
    let reference = { Sequences = sequences; Seed = 1UL }
    let trained = nth 0 [ "snapshots" ] model
    let number path json = (item path json: JsonElement).GetDouble()
    let list path (json: JsonElement) = List.ofSeq ((item path json).EnumerateArray())
    // Printed in single precision.
    let alike what actual expected = Laws.within Tolerances.model 1.0 what actual expected
    let spectra = Circuits.spectra weights
    alike "the direct path" (number [ "circuits"; "direct"; "score" ] trained) spectra.DirectPath.Score

    for found, head in List.zip (list [ "circuits"; "ov" ] trained) spectra.OV do
        alike "an OV circuit" (number [ "score" ] found) head.Spectrum.Score
        Expect.equal (list [ "eigenvalues" ] found).Length head.Spectrum.Eigenvalues.Length "its eigenvalues"

    for found, layer in List.zip (list [ "circuits"; "ov_sum" ] trained) spectra.OVSum do
        alike "a layer's" (number [ "score" ] found) layer.Spectrum.Score

    for found, head in List.zip (list [ "scores" ] trained) (HeadScores.ofModel 1 a weights reference) do
        alike "copying" (number [ "copying" ] found) head.Copying
        alike "induction" (number [ "induction" ] found) (HeadScores.at 6 head).Induction

    for found, pair in List.zip (list [ "composition" ] trained) (Development.pairs weights) do
        Expect.equal (textAt [ "kind" ] found) (string pair.Kind) "the kind"
        alike "a pair" (number [ "score" ] found) pair.Norms

    let letters = (HeadLetters.ofModel a weights).Value

    for found, head in List.zip (list [ "letters" ] trained) letters.Heads do
        Laws.close
            Tolerances.model
            "letters"
            (numbersAt [ "strengths" ] found |> Array.ofList)
            (Array.ofList head.Strengths)

    let circuits = CircuitScores.ofModel weights
    alike "a null" (number [ "nulls"; "ov"; "mean" ] model) circuits.OV.Head.Scores.Eigenvalues.Null.Mean
    let composition = Composition.scores weights |> List.find _.Kind.IsKeyInput
    alike "a null of pairs" (number [ "nulls"; "composition"; "k"; "p975" ] model) composition.Norms.Null.P975
    alike "another" (number [ "nulls"; "composition_eigenvalues"; "k"; "mean" ] model) composition.Eigenvalues.Null.Mean

let private pages =
    testList "the page" [
        test "of several models has all of them, what they do, and every view that one of them has something for" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "page.html")

                let models = [
                    for name in [ "plain_s11"; "two_layer_s11" ] -> ModelFiles.reference $"{name}.safetensors"
                ]

                let json =
                    interp ([ "explore"; "--out"; file; "--json" ] @ few @ models)
                    |> answers [ "page"; "bytes"; "models" ]

                Expect.equal (textAt [ "page" ] json) file "where"
                let page = File.ReadAllText file
                Expect.equal ((item [ "bytes" ] json).GetInt64()) (FileInfo(file).Length) "how large"
                isSafe page

                Expect.equal
                    (views page)
                    [
                        "choose"
                        "text"
                        "attention"
                        "interventions"
                        "circuits"
                        "composition"
                        "attribution"
                        "share"
                    ]
                    "views"

                use engine = new Page(dataOf page)
                let text = "ABCDEFABCDEF"
                let letters = $"[...'{text}'].map((letter) => letter.charCodeAt(0) - 65)"

                for place, model in List.indexed models do
                    let checkpoint = ModelFiles.read model

                    let expected =
                        Transformer.logitsWith
                            Edits.none
                            checkpoint.Weights
                            (Letters.ofText 26 text |> Result.toOption |> Option.get)

                    let ran = engine.Ran $"Forward.run(M({place}), {letters})"
                    Laws.close Tolerances.page "logits" ran.Logits (Laws.floats expected)

                parsed page |> nth 1 [ "models" ] |> isMeasured (ModelFiles.read models[1]) 10

                let texts =
                    Sequences.heldOut Tasks.study { Sequences = 10; Seed = 1UL }
                    |> List.map (fun text -> text.ToArray() |> Array.map float)
                    |> Array.concat

                Expect.equal (engine.Numbers "Decode.tokens(models[0].texts.tokens)") texts "the texts"
                let first = parsed page |> nth 0 [ "models" ]
                Expect.equal (textAt [ "name" ] (nth 0 [ "models" ] json)) "plain_s11" "its name"
                let trained = nth 0 [ "snapshots" ] first
                let loss = (item [ "loss" ] trained).GetDouble()

                Laws.within
                    Tolerances.model
                    Tolerances.nats
                    "the loss"
                    loss
                    ((nth 0 [ "models" ] json |> item [ "loss" ]).GetDouble()))
        }

        test "of a run with snapshots brings its training" {
            inDirectory (fun directory ->
                let run, file = Path.Combine(directory, "run"), Path.Combine(directory, "page.html")
                let small = [ "--d-model"; "8"; "--d-head"; "4"; "--n-heads"; "2"; "--batch"; "4"; "--threads"; "1" ]
                succeeds (interp ([ "train"; "--out"; run; "--steps"; "4"; "--snapshots"; "3" ] @ small))
                let outcome = interp ([ "explore"; run; "--out"; file ] @ few)
                succeeds outcome
                Expect.stringContains outcome.Output "page.html" "where it is"
                let page = File.ReadAllText file
                isSafe page
                Expect.contains (views page) "training" "a slider"
                let snapshots = parsed page |> nth 0 [ "models" ] |> item [ "snapshots" ]

                Expect.equal
                    [ for snapshot in snapshots.EnumerateArray() -> snapshot.GetProperty("step").GetInt32() ]
                    [ 1; 2; 4 ]
                    "steps"

                use engine = new Page(dataOf page)
                let trained = ModelFiles.read (Path.Combine(run, "model.safetensors"))
                let expected = Transformer.logitsWith Edits.none trained.Weights (Tokens.ofArray [| 0; 1; 2; 0 |])

                Laws.close
                    Tolerances.page
                    "the last"
                    (engine.Ran "Forward.run(M(0), [0, 1, 2, 0])").Logits
                    (Laws.floats expected))
        }

        test "of a model without layers, and of one whose task nobody knows, has what there is" {
            inDirectory (fun directory ->
                let strange = Path.Combine(directory, "strange.safetensors")

                let a = { Configuration.study.Architecture with NHeads = 1; Positions = Positions.Rotary }
                let configuration = { Configuration.study with Architecture = a; Task = TaskForm.Own "a script's" }

                Checkpoint.ofRun configuration 0 (Model.initialise a (Key.ofSeed 1UL)) None
                |> Checkpoint.toBytes
                |> fun bytes -> File.WriteAllBytes(strange, bytes)

                let file = Path.Combine(directory, "page.html")
                let models = [ strange; ModelFiles.ofPositions "standard_no_layers.safetensors" ]
                let outcome = interp ([ "explore"; "--out"; file; "--json" ] @ few @ models)
                succeeds outcome
                Expect.stringContains outcome.Error "no losses" "what is missing"
                let page = File.ReadAllText file
                isSafe page
                let models = (parsed page).GetProperty "models"

                for key in [ "task"; "texts"; "mean_over" ] do
                    Expect.equal (models[0].GetProperty key).ValueKind JsonValueKind.Null key

                use engine = new Page(dataOf page)

                for place in 0..1 do
                    engine.Ran $"Forward.run(M({place}), models[{place}].prompt)" |> ignore

                    engine.Ran $"Explained.run(M({place}), M({place}).explanations[0], models[{place}].prompt)"
                    |> ignore

                Expect.stringContains
                    (engine.Refusal "Forward.run(M(0), [0], [{ kind: 'mean', layer: 0, head: 0 }])")
                    "is not known"
                    "a mean")
        }
    ]

/// What would end an element, begin another, or cannot be seen.
let private nasty = [
    "</script>"
    "<script>alert(1)</script>"
    "<!--"
    "\"'`&"
    "\\u003c"
    "a\u0007\u001b[31mb"
    "x\u202ey\u2066z"
    "l\u2028m"
    "${1}"
    "__proto__"
]

let private names = test "names of models and of tokens can neither break nor script the page" {
    // Names of tokens stand apart by white space.
    let tokens = nasty |> List.filter (Seq.exists Char.IsWhiteSpace >> not)
    let sequence key = List.ofArray (Key.integers tokens.Length 4 key)
    let task = Task.own "<img src=x onerror=alert(1)>" tokens 4 [ 1; 2; 3 ] sequence

    let a = { Configuration.study.Architecture with DVocab = tokens.Length; DModel = 4; DHead = 2; NHeads = 2 }

    let configuration = { Configuration.study with Architecture = a; Task = TaskForm.Own task.Name }
    let checkpoint = Checkpoint.ofRun configuration 0 (Model.initialise a (Key.ofSeed 1UL)) None

    for name in nasty do
        let model =
            explored task { Sequences = 2; Seed = 1UL } checkpoint [ ExplanationTools.explanation "direct nothing" ]

        let model =
            ExploredModel(
                name,
                name,
                model.Given,
                model.Texts,
                model.Prompt,
                model.Explanations,
                model.Nulls,
                model.Snapshots
            )

        let page = ExplorerPage.Of [| model |]
        isSafe page
        let found = parsed page |> nth 0 [ "models" ]
        Expect.equal (textAt [ "name" ] found) name "its name"
        Expect.equal (textAt [ "path" ] found) name "its path"

        Expect.equal
            [ for token in (item [ "tokens"; "names" ] found).EnumerateArray() -> token.GetString() ]
            tokens
            "its tokens"

        let header = between "<header class=\"masthead\">" "</header>" page

        Expect.isFalse
            (header.Contains "alert(1)</" || header.Contains '\u202e' || header.Contains '\u001b')
            $"the heading: {header}"
}

/// Runs the command in this process, with a browser of the test's: the exit code, and what was said on standard error.
let private run (browser: string -> string | null) (words: string list) =
    use error = new StringWriter()

    let world =
        World(
            Interp.Runs.Files.Disk.Instance,
            TimeProvider.System,
            (fun json -> Terminal(json, TextWriter.Null, error)),
            Browser = browser
        )

    Unfinished.BeginCommand()

    match Parse.commandLine (Array.ofList words) with
    | Parsed.Run command ->
        let code =
            Execution.Outcome(error, (fun () -> Execution.Dispatch(world, command, CancellationToken.None)))

        code, error.ToString()
    | other -> failtest $"{words}: {other}"

let private opening = test "--open shows the page; where there is no browser, that is said and nothing fails" {
    ModelFiles.withModel (fun directory file ->
        let page = Path.Combine(directory, "page.html")
        let words = [ "explore"; file; "--open"; "--out"; page ] @ few
        let shown = ResizeArray<string>()

        let code, said =
            run
                (fun file ->
                    shown.Add file
                    null)
                words

        Expect.equal (code, said.Contains "not shown") (0, false) said
        Expect.equal (List.ofSeq shown) [ page ] "what was shown"
        let code, said = run (fun _ -> "there is no browser") words
        Expect.equal code 0 said
        Expect.stringContains said "is written but not shown: there is no browser" "what went wrong"
        Expect.isTrue (File.Exists page) "it is written")
}

let private refusals =
    testList "refused" [
        test "places that are none for a page, and models that are none, before anything is written" {
            ModelFiles.withModel (fun directory file ->
                let page = Path.Combine(directory, "page.html")

                let refused parts words =
                    interp ([ "explore" ] @ words @ few) |> refuses parts
                    Expect.isFalse (File.Exists page) "no page"

                refused [ directory; "directory"; "file" ] [ file; "--out"; directory ]
                refused [ "no such directory" ] [ file; "--out"; Path.Combine(directory, "none", "page.html") ]

                refused [ "none.safetensors"; "no such file" ] [
                    file
                    Path.Combine(directory, "none.safetensors")
                    "--out"
                    page
                ]

                refused [ "--with"; "head 1.0" ] [ file; "--with"; "ov 1.0 nothing"; "--out"; page ]
                refused [ "max 4 of 64" ] [ file; "--task"; "max 4 of 64"; "--out"; page ])
        }

        test "an explanation that fits one of the models is left out of the other" {
            ModelFiles.withTwoLayers (fun directory two ->
                let one, page = Path.Combine(directory, "one.safetensors"), Path.Combine(directory, "page.html")
                File.WriteAllBytes(one, ModelFiles.model false)
                let words = [ "explore"; one; two; "--with"; "ov  1.0 nothing"; "--out"; page; "--json" ]
                let json = interp (words @ few) |> answers [ "page"; "bytes"; "models" ]

                let texts place =
                    let model = nth place [ "models" ] json
                    [ for text in (item [ "explanations" ] model).EnumerateArray() -> text.GetString() ]

                Expect.isFalse (List.contains "ov  1.0 nothing" (texts 0)) "one layer"
                Expect.equal (List.head (texts 1)) "ov  1.0 nothing" "two layers")
        }

        test "weights beyond what a page should hold, with what to leave out" {
            let most = Exploring.MostBytes
            let requires (models: struct (string * int64 * int) list) = Exploring.RequireSize(Array.ofList models)
            requires [ struct ("runs/one", most / 4L, 4) ]
            requires [ struct ("runs/one", most, 1) ]

            for models, parts in
                [
                    [ struct ("runs/one", most / 4L + 1L, 4) ],
                    [ "runs/one"; "20 MB"; "4 snapshots"; "model.safetensors" ]
                    [ struct ("one", most + 1L, 1) ], [ "one"; "smaller" ]
                    [ for place in 0..1 -> struct ($"runs/{place}", most / 2L + 1L, 1) ], [ "runs/1"; "fewer models" ]
                ] do
                let sentence =
                    try
                        requires models
                        failtest "not refused"
                    with :? BadInputException as refused ->
                        refused.Message

                for part in parts do
                    Expect.stringContains sentence part "the sentence"
        }
    ]

let private scripts = test "scripts and styles are all in their order, and hold nothing that would end their element" {
    Expect.isEmpty (PageScripts.Unordered()) "files without a place"

    for part in [ "</"; "<!--"; "innerHTML"; "eval("; "fetch("; "new Function"; "XMLHttpRequest"; "import(" ] do
        Expect.isFalse (PageScripts.Script.Contains(part, StringComparison.OrdinalIgnoreCase)) part

    Expect.isFalse (PageScripts.Style.Contains "<") "no tag in the style"
    Expect.isFalse (PageScripts.Style.Contains "url(") "no request from the style"
}

[<Tests>]
let tests = testList "Explore" [ pages; names; opening; refusals; scripts ]
