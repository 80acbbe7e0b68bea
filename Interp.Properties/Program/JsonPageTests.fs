/// docs/json.md beside what the program prints: the examples' keys are the program's, and every key is explained.
module Interp.Properties.JsonPageTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Interp.Properties.Processes

let private page =
    lazy File.ReadAllText(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "docs", "json.md"))

/// A chapter by its heading.
let private chapter heading =
    let found = Regex.Match(page.Value, $"(?ms)^## {Regex.Escape heading}$(.*?)(?=^## |\\z)")
    Expect.isTrue found.Success $"docs/json.md has no chapter {heading}"
    found.Groups[1].Value

/// The keys that a chapter's tables explain, or those of another chapter that a table refers to.
let rec private explained heading =
    let text = chapter heading

    let referred = [
        for found in Regex.Matches(text, @"(?m)as under ((?:study )?\w+)") do
            if found.Groups[1].Value <> heading then
                found.Groups[1].Value
    ]

    Set.unionMany [
        set [ for row in Regex.Matches(text, @"(?m)^\| `(\w+)` \|") -> row.Groups[1].Value ]
        yield! referred |> List.distinct |> List.map explained
    ]

let private example heading =
    let block = Regex.Match(chapter heading, @"(?s)```json\n(.*?)```").Groups[1].Value
    JsonDocument.Parse(block).RootElement

/// The command under a chapter's tables, with what it is about put in.
let private command heading (model: string) (directory: string) =
    let line = Regex.Match(chapter heading, @"(?m)^    interp (.*)$").Groups[1].Value

    [
        for word in line.Split ' ' ->
            match word with
            | "MODEL" -> model
            | "."
            | "run"
            | "pictures"
            | "losses.png"
            | "studies/one" when not (line.StartsWith "study run" && word = "run") -> Path.Combine(directory, word)
            | word -> word
    ]

/// Keys and kinds, of a list those of its first element.
let rec private shape (json: JsonElement) : string =
    match json.ValueKind with
    | JsonValueKind.Object ->
        let fields = [ for field in json.EnumerateObject() -> $"{field.Name}: {shape field.Value}" ]
        "{" + String.Join(", ", fields) + "}"
    | JsonValueKind.Array -> if json.GetArrayLength() = 0 then "[]" else $"[{shape json[0]}]"
    | kind -> string kind

/// All keys but those that are names of data.
let rec private keys (json: JsonElement) : string Set =
    match json.ValueKind with
    | JsonValueKind.Object ->
        Set.unionMany [
            for field in json.EnumerateObject() do
                set [ field.Name ]

                match field.Name with
                | "published"
                | "quantities"
                | "setting"
                | "configuration" -> ()
                | _ -> keys field.Value
        ]
    | JsonValueKind.Array -> json.EnumerateArray() |> Seq.map keys |> Set.unionMany
    | _ -> Set.empty

let private shared = lazy (explained "Shared objects")

let private agrees heading outcome =
    succeeds outcome
    let printed = JsonDocument.Parse(outcome.Output).RootElement
    Expect.equal (shape (example heading)) (shape printed) $"the example of {heading}"
    let missing = keys printed - explained heading - shared.Value
    Expect.isEmpty missing $"keys of {heading} that its tables do not explain"

let private reference name = Path.Combine(__SOURCE_DIRECTORY__, "..", "Golden", "reference", $"{name}_s11.safetensors")

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
                "ablate"
                "heads"
                "attribute"
                "patch"
                "lens"
            ] do
            test heading { interp (command heading (reference "plain") "") |> agrees heading }

        test "compose" { interp (command "compose" (reference "two_layer") "") |> agrees "compose" }

        test "a run" {
            inDirectory (fun directory ->
                for heading in [ "train"; "develop"; "runs"; "compare" ] do
                    interp (command heading "" directory) |> agrees heading)
        }

        test "a study" {
            inDirectory (fun directory ->
                for heading in [ "study plan"; "study run"; "study merge"; "study report"; "study" ] do
                    interp (command heading "" directory) |> agrees heading

                let written = File.ReadAllText(Path.Combine(directory, "studies", "one", "summary.json"))
                let missing = keys (JsonDocument.Parse(written).RootElement) - explained "summary.json" - shared.Value
                Expect.isEmpty missing "keys of summary.json without an explanation")
        }

        test "reproduce" { Reproduced.outcome () |> agrees "reproduce" }

        test "results.json" {
            let written = File.ReadAllText(Path.Combine(Reproduced.directory (), "results.json"))
            let explained = Set.unionMany [ explained "results.json"; explained "reproduce"; shared.Value ]
            Expect.isEmpty (keys (JsonDocument.Parse(written).RootElement) - explained) "keys without an explanation"
        }
    ]
