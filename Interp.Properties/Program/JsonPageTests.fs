/// docs/json.md beside what the program prints: its tables have exactly the program's keys, each with its type, and its examples are what
/// the program prints, shortened by one rule.
module Interp.Properties.JsonPageTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.Host
open Interp.Properties.Processes

/// A row of a table: a key with all that leads to it, lists as `[]`.
type private Row = {
    Path: string
    /// As the page has it: a kind, a unit, perhaps a shared object's name, and "or null".
    Type: string
    Optional: bool
}

/// The chapters by their headings, those of shared objects too.
let private chapters =
    lazy
        (let page = File.ReadAllText(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "json.md"))

         Map [
             for found in Regex.Matches(page, @"(?ms)^###? ([^\n]*)$(.*?)(?=^###? |\z)") ->
                 found.Groups[1].Value, found.Groups[2].Value
         ])

let private chapter heading =
    chapters.Value
    |> Map.tryFind heading
    |> Option.defaultWith (fun () -> failtest $"docs/json.md has no chapter {heading}")

/// The chapter that a link leads to.
let private target (anchor: string) =
    chapters.Value.Keys
    |> Seq.tryFind (fun heading -> heading.ToLowerInvariant().Replace(' ', '-') = anchor)
    |> Option.defaultWith (fun () -> failtest $"docs/json.md has nothing at #{anchor}")

let private linked text =
    let found = Regex.Match(text, @"\]\(#([\w-]+)\)")
    if found.Success then Some(target found.Groups[1].Value) else None

let private isList (row: Row) = row.Type.StartsWith "list"

/// A chapter's rows, with those of the objects that it refers to: in a type, or as a whole by "The keys of".
let rec private rowsOf heading : Row list =
    let text = chapter heading

    let whole = [
        for found in Regex.Matches(text, @"(?m)^The keys of \[[^\n]*?\.$") do
            yield! linked found.Value |> Option.toList |> List.collect rowsOf
    ]

    let own = [
        for found in Regex.Matches(text, @"(?m)^\| `([\w.\[\]]+)` \| (.*?) \| (.*) \|$") do
            let row = {
                Path = found.Groups[1].Value
                Type = found.Groups[2].Value
                Optional = found.Groups[3].Value.Contains "only with"
            }

            row

            for inner in linked row.Type |> Option.toList |> List.collect rowsOf do
                { inner with Path = row.Path + (if isList row then "[]." else ".") + inner.Path }
    ]

    whole @ own

let private kindOf (row: Row) =
    match row.Type with
    | text when text.StartsWith "list" -> JsonValueKind.Array
    | text when text.StartsWith "text" -> JsonValueKind.String
    | text when text.StartsWith "true or false" -> JsonValueKind.True
    | text when text.StartsWith "number" || text.StartsWith "whole number" -> JsonValueKind.Number
    | text when text.StartsWith "object" || text.StartsWith "[" -> JsonValueKind.Object
    | text -> failtest $"docs/json.md: {row.Path} has the type {text}"

/// Objects whose keys are names of data: quantities and fields of a configuration.
let private isNamedByData (path: string) =
    [ "claims[].published"; "models[].quantities"; "models[].configuration"; ".setting" ]
    |> List.exists path.EndsWith

/// Where a value with a key stands, and the value; objects and lists before what is in them.
let rec private values path (json: JsonElement) : (string * JsonElement) seq = seq {
    match json.ValueKind with
    | JsonValueKind.Object when isNamedByData path -> ()
    | JsonValueKind.Object ->
        for field in json.EnumerateObject() do
            let path = if path = "" then field.Name else $"{path}.{field.Name}"
            path, field.Value
            yield! values path field.Value
    | JsonValueKind.Array ->
        for element in json.EnumerateArray() do
            yield! values (path + "[]") element
    | _ -> ()
}

/// Whether a list, or one in it, has a null.
let rec private hasNulls (json: JsonElement) =
    json.ValueKind = JsonValueKind.Array
    && json.EnumerateArray()
       |> Seq.exists (fun element -> element.ValueKind = JsonValueKind.Null || hasNulls element)

/// How many objects stand at a path.
let rec private objectsAt (path: string) (json: JsonElement) =
    match json.ValueKind, path with
    | JsonValueKind.Object, "" -> 1
    | JsonValueKind.Array, path when path.StartsWith "[]" ->
        json.EnumerateArray() |> Seq.sumBy (objectsAt (path.Substring(2).TrimStart '.'))
    | JsonValueKind.Object, path ->
        let key = Regex.Match(path, @"^\w+").Value

        match json.TryGetProperty key with
        | true, value -> objectsAt (path.Substring(key.Length).TrimStart '.') value
        | _ -> 0
    | _ -> 0

/// Every key is listed with its type, and every listed key occurs wherever the object that it belongs to does.
let private isDocumented headings (json: JsonElement) =
    let rows = "Notes" :: headings |> List.collect rowsOf
    let byPath = rows |> List.map (fun row -> row.Path, row) |> Map
    let printed = values "" json |> Seq.groupBy fst |> Map

    for KeyValue(path, found) in printed do
        match Map.tryFind path byPath with
        | None -> failtest $"{headings}: {path} is not listed in docs/json.md"
        | Some row ->
            for _, value in found do
                match value.ValueKind with
                | JsonValueKind.Null ->
                    Expect.isTrue (Regex.IsMatch(row.Type, @"or null\b")) $"{headings}: {path} is null"
                | JsonValueKind.False -> Expect.equal JsonValueKind.True (kindOf row) $"{headings}: type of {path}"
                | kind ->
                    Expect.equal kind (kindOf row) $"{headings}: type of {path}"

                    if hasNulls value then
                        Expect.isTrue (Regex.IsMatch(row.Type, @"or nulls\b")) $"{headings}: {path} has nulls"

    for row in byPath.Values do
        let found = printed |> Map.tryFind row.Path |> Option.map Seq.length |> Option.defaultValue 0

        if not row.Optional then
            let parent = Regex.Replace(row.Path, @"\.?\w+$", "")
            Expect.equal found (objectsAt parent json) $"{headings}: how often {row.Path} occurs"

/// What is of one machine and one moment alone stands for itself by a word.
let private word (directory: string) (text: string) =
    if Regex.IsMatch(text, "^[0-9a-f]{64}$") then "SHA-256"
    elif Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT") then "TIME"
    else text.Replace(directory + string Path.DirectorySeparatorChar, "")

let private times = set [ "seconds"; "min"; "median"; "trainings_an_hour"; "patterns_per_second" ]

/// JSON shortened for a reader: of a list its first element, of a number four digits, times as 1, paths from the directory on.
let private shortened (directory: string) (json: JsonElement) : string =
    let rec write key (indent: int) (json: JsonElement) : string =
        // Laid out on one line where that fits.
        let between (opening: string) (closing: string) (parts: (int -> string) list) =
            let line = opening + String.Join(", ", parts |> List.map (fun part -> part 1000)) + closing

            if indent < 1000 && indent + line.Length > 120 then
                let margin = String(' ', indent + 2)
                let parts = parts |> List.map (fun part -> margin + part (indent + 2))
                opening + "\n" + String.Join(",\n", parts) + "\n" + String(' ', indent) + closing
            else
                line

        match json.ValueKind with
        | JsonValueKind.Object ->
            between "{" "}" [
                for field in json.EnumerateObject() ->
                    fun indent -> $"\"{field.Name}\": {write field.Name indent field.Value}"
            ]
        | JsonValueKind.Array ->
            between "[" "]" [
                for element in json.EnumerateArray() |> Seq.truncate 1 -> fun indent -> write "" indent element
            ]
        | JsonValueKind.String ->
            let text = json.GetString() |> Option.ofObj |> Option.get
            $"\"{word directory text}\""
        | JsonValueKind.Number when
            times.Contains key || key.EndsWith "_seconds" || key = "median_milliseconds_per_step"
            ->
            "1"
        | JsonValueKind.Number when json.GetRawText() |> Seq.forall Char.IsAsciiDigit -> json.GetRawText()
        | JsonValueKind.Number ->
            json.GetDouble().ToString("G4", Globalization.CultureInfo.InvariantCulture).ToLowerInvariant()
        | _ -> json.GetRawText()

    write "" 0 json

/// Keys in their order, and kinds: numbers may be others on another machine.
let rec private shape (json: JsonElement) : string =
    match json.ValueKind with
    | JsonValueKind.Object ->
        "{"
        + String.Join(", ", [ for field in json.EnumerateObject() -> $"{field.Name}: {shape field.Value}" ])
        + "}"
    | JsonValueKind.Array -> "[" + String.Join(", ", json.EnumerateArray() |> Seq.map shape) + "]"
    | kind -> string kind

let private parse (text: string) = JsonDocument.Parse(text).RootElement

/// The example under a heading is what the program prints, shortened; where it is not, what it should be is said.
let private isExample heading directory (json: JsonElement) =
    let expected = shortened directory json
    let example = Regex.Match(chapter heading, @"(?s)```json\n(.*?)\n```").Groups[1].Value

    if example = "" || shape (parse example) <> shape (parse expected) then
        failtest $"docs/json.md: the example of {heading} should be\n<<<{heading}\n{expected}\n>>>"

let private modelFile name = ModelFiles.reference $"{name}_s11.safetensors"

let private agrees heading directory outcome =
    succeeds outcome
    let json = parse outcome.Output
    isExample heading directory json
    isDocumented [ heading ] json

/// The command under a heading, with this model and in this directory.
let private command heading model directory =
    let line = Regex.Match(chapter heading, @"(?m)^    interp (.*)$").Groups[1].Value
    Expect.isNotEmpty line $"docs/json.md: the command of {heading}"

    [
        for index, found in Regex.Matches(line, @"'([^']*)'|(\S+)") |> Seq.indexed ->
            match found.Value.Trim '\'' with
            | "MODEL" -> modelFile model
            | word when index > 0 && Regex.IsMatch(word, @"^(runs|pictures|losses\.png|page\.html|(runs|studies)/.*)$") ->
                Path.Combine(directory, word)
            | word -> word
    ]

/// Runs the commands under some headings, one after the other in one directory.
let private run model headings =
    inDirectory (fun directory ->
        for heading in headings do
            interp (command heading model directory) |> agrees heading directory)

/// What `notes` names: the key up to the sentence, without the marks of lists at its end.
let private noted (json: JsonElement) = [
    match json.TryGetProperty "notes" with
    | true, notes ->
        for note in notes.EnumerateArray() do
            let sentence = note.GetString() |> Option.ofObj |> Option.get
            isSentence sentence
            let found = Regex.Match(sentence, @"^(\S+?)(\[\])* is null")
            Expect.isTrue found.Success $"what the note names: {sentence}"
            found.Groups[1].Value
    | _ -> ()
]

/// Every null that is a figure is named in the notes, and what they name is null.
let private isNoted heading (json: JsonElement) =
    let nulls = [
        for path, value in values "" json do
            if value.ValueKind = JsonValueKind.Null || hasNulls value then
                path
    ]

    let named = noted json

    for path in named do
        Expect.contains nulls path $"{heading}: a note"

    for path in nulls |> List.distinct do
        // Of the residual stream, of prompts without a right answer, and of explanations what is no figure of theirs.
        let others = [
            "sites[].head"
            "completions[].expected"
            "explanations[].depends_on_ablation"
            "explanations[].recovered"
            "explanations[].agreement_where_wrong"
            "explanations[].agreement_where_wrong_error"
        ]

        if not (List.contains path others) then
            Expect.contains named path $"{heading}: notes"

    named

/// A model with weights that are finite, and one of them so large that little of what follows from it is.
let private hugeModel directory (name: string) tensor (entry: float32) =
    let model = ModelFiles.read (modelFile name)

    let change (weights: Tensor) =
        let data = weights.ToArray()
        data[3] <- entry
        Tensor.ofArray weights.Shape data

    let leaves = Model.leaves model.Weights

    let weights =
        leaves
        |> List.mapi (fun i weights -> if i = tensor % leaves.Length then change weights else weights)
        |> Model.rebuild (Model.shapes model.Architecture)

    let file = Path.Combine(directory, $"huge-{name}.safetensors")
    File.WriteAllBytes(file, Checkpoint.toBytes { model with Weights = weights })
    file

/// Commands on a model of one layer, or of two, cheap enough to run on many.
let private onModels = [
    "complete", "plain", [ "--prompt"; "ABCDEFAB"; "--out"; "PICTURES" ]
    "logits", "plain", [ "--text"; "ABCDEF"; "--out"; "PICTURES" ]
    "attention", "plain", [ "--text"; "ABCDEF"; "--out"; "PICTURES" ]
    "circuits", "plain", [ "--matrices"; "--out"; "PICTURES" ]
    "evaluate", "plain", [ "-n"; "50"; "--out"; "PICTURES" ]
    "ablate", "plain", [ "--pairs"; "-n"; "50"; "--out"; "PICTURES" ]
    "heads", "plain", [ "-n"; "20"; "--out"; "PICTURES" ]
    "attribute", "plain", [ "--text"; "ABCDEF"; "--out"; "PICTURES" ]
    "patch",
    "plain",
    [
        "--clean"
        "ABCDEFABCDEF"
        "--corrupt"
        "AXCDEFAXCDEF"
        "--answer"
        "A"
        "--wrong"
        "B"
        "--out"
        "PICTURES"
    ]
    "lens", "plain", [ "--text"; "ABCDEF"; "--out"; "PICTURES" ]
    "explain", "plain", [ "--with"; "direct two-numbers; ov 0.* diagonal"; "-n"; "20"; "--out"; "PICTURES" ]
    "compose", "two_layer", [ "-n"; "50"; "--out"; "PICTURES" ]
]

/// The long list has the largest in every tensor.
let private entries =
    if Laws.long then
        1e15f :: 1e30f :: List.replicate 6 3e38f
    else
        [ 1e15f; 1e30f; 3e38f ]

[<Tests>]
let hugeTests =
    testList "Not finite" [
        // Every tensor takes its turn, and so does every size.
        for turn, (heading, name, rest) in List.indexed onModels do
            test $"{heading} of huge weights" {
                inDirectory (fun directory ->
                    for round, entry in List.indexed entries do
                        let file = hugeModel directory name (turn + round) entry
                        let pictures = Path.Combine(directory, $"pictures-{round}")

                        let arguments =
                            heading :: file :: (rest |> List.map (fun word -> word.Replace("PICTURES", pictures)))

                        let json = interp (arguments @ [ "--json" ])
                        let shown = interp (arguments |> List.except [ "--matrices" ])

                        if json.ExitCode = 2 then
                            refuses [] json
                            refuses [] shown
                        else
                            succeeds json
                            succeeds shown
                            let parsed = parse json.Output
                            isDocumented [ heading ] parsed
                            let named = isNoted heading parsed

                            let figures = shown.Output.Replace(Interp.Runs.Wording.Words.NotFiniteSentence, "")

                            for word in [ "NaN"; "∞"; "Infinity" ] do
                                Expect.isFalse (figures.Contains word) $"{heading}: {word} in {figures}"

                            Expect.equal
                                (figures.Length < shown.Output.Length)
                                (figures.Contains Interp.Runs.Wording.Words.NotFinite)
                                $"{heading}: the sentence where there is the sign"

                            // Figures of the table are among those of the object, but for losses, of which logits are the object's.
                            if heading <> "logits" && named.IsEmpty then
                                Expect.isFalse
                                    (figures.Contains Interp.Runs.Wording.Words.NotFinite)
                                    $"{heading}: {figures}")
            }
    ]

[<Tests>]
let tests =
    testList "docs/json.md" [
        for heading in
            [
                "complete"
                "logits"
                "attention"
                "circuits"
                "evaluate"
                "evaluate --exact"
                "ablate"
                "heads"
                "attribute"
                "patch"
                "lens"
                "explain"
                "explore"
            ] do
            test heading { run "plain" [ heading ] }

        test "compose" { run "two_layer" [ "compose" ] }
        test "tasks" { run "" [ "tasks"; "tasks --show" ] }

        for heading, arguments in
            [
                "complete", [ "--prompt"; "ABCDEFABCDEF"; "--temperature"; "0.5" ]
                "complete", [ "--prompt"; "ABCDEFABCDEF"; "--top-k"; "2"; "--seed"; "5" ]
                "complete", [ "--prompt"; "ABCDEFABCDEF"; "--with"; "attention 0.* positions" ]
                "logits", [ "--text"; "ABC"; "--with"; "direct two-numbers" ]
                "attention", [ "--text"; "ABC"; "--with"; "attention 0.* own-letters" ]
                "ablate", [ "-n"; "9"; "--with"; "ov 0.* diagonal"; "--mode"; "mean"; "--intervene"; "zero 0.1" ]
                "attention", [ "-n"; "9"; "--intervene"; "zero 0.1" ]
                "attribute", [ "--text"; "ABC"; "--with"; "ov 0.* diagonal"; "--intervene"; "zero 0.1" ]
                "attribute", [ "--text"; "ABC"; "--intervene"; "cut embedding -> 0.1.v" ]
                "lens", [ "--text"; "ABC"; "--with"; "ov 0.* diagonal"; "--intervene"; "freeze 0.1" ]
                "heads", [ "-n"; "9"; "--with"; "ov 0.* diagonal"; "--intervene"; "zero 0.1" ]
                "patch",
                [
                    "--clean"
                    "ABCABC"
                    "--corrupt"
                    "ABDABD"
                    "--answer"
                    "A"
                    "--wrong"
                    "B"
                    "--intervene"
                    "zero 0.1"
                ]
                "evaluate", [ "-n"; "9"; "--with"; "attention 0.* without query-letter by resampling" ]
            ] do
            test $"{heading} with {arguments[2]}" {
                let outcome = interp (heading :: modelFile "plain" :: arguments @ [ "--json" ])
                succeeds outcome
                isDocumented [ heading ] (parse outcome.Output)
            }

        test "a text's losses in bits" {
            inDirectory (fun directory ->
                let text = Path.Combine(directory, "text.txt")
                File.WriteAllText(text, String.replicate 100 "a whale, ")
                let nats (json: JsonElement) (key: string) = json.GetProperty(key).GetDouble()

                for unit, key in [ "", "bits_per_character"; " bytes", "bits_per_byte" ] do
                    let run = Path.Combine(directory, key)
                    let small = [ "--steps"; "1"; "--batch"; "2"; "--n-layers"; "0"; "--threads"; "1" ]
                    let task = $"text \"{text}\"{unit} length 4"
                    let trained = interp ([ "train"; "--task"; task; "--out"; run; "--json" ] @ small)
                    succeeds trained
                    let json = parse trained.Output
                    isDocumented [ "train" ] json
                    Expect.equal (nats json key) (nats json "held_out_loss" / log 2.0) key
                    let evaluated = interp [ "evaluate"; run; "--sequences"; "5"; "--json" ]
                    succeeds evaluated
                    let json = parse evaluated.Output
                    isDocumented [ "evaluate" ] json
                    Expect.equal (nats json key) (nats json "loss" / log 2.0) key)
        }

        test "a run" { run "" [ "train"; "develop"; "runs"; "compare" ] }

        test "a study" {
            inDirectory (fun directory ->
                for heading in [ "study plan"; "study run"; "study merge"; "study report"; "study" ] do
                    interp (command heading "" directory) |> agrees heading directory

                File.ReadAllText(Path.Combine(directory, "studies", "one", "summary.json"))
                |> parse
                |> isDocumented [ "summary.json" ])
        }

        test "reproduce" {
            let directory = Path.GetDirectoryName(Reproduced.directory ()) |> Option.ofObj |> Option.get
            Reproduced.outcome () |> agrees "reproduce" directory
        }

        test "results.json" {
            File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json"))
            |> parse
            |> isDocumented [ "results.json" ]
        }
    ]
