/// The scripts by which a page runs models, in an engine of JavaScript of its own, on data as the program writes them.
module Interp.Properties.PageEngine

open System
open System.Text.Json
open System.Text.Json.Nodes
open Jint
open Interp
open Interp.Host.Explorer
open Interp.Host.Pages
open Interp.Runs.Directories
open Interp.Runs.Wording

let private script = lazy (Engine.PrepareScript PageScripts.Engine)

/// What every browser has: base64 to a text of bytes.
let private decoded (text: string) =
    Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')) |> Array.map char |> String

let private helpers =
    """
    const shown = (run) => JSON.stringify({ logits: Array.from(run.logits), patterns: run.patterns.map((layer) => layer.map((p) => Array.from(p))) });
    const M = (i) => Decode.snapshot(models[i], models[i].snapshots.length - 1);
    """

/// What a page shows of a model that is not on the disk, without what only tables and pictures show.
let explored
    (task: Task)
    (reference: Reference)
    (checkpoint: Checkpoint)
    (explanations: Explanation list)
    : ExploredModel =
    let a, weights = checkpoint.Architecture, checkpoint.Weights
    let none = { Samples = 0; Mean = 0.0; Std = 0.0; P025 = 0.0; P975 = 0.0 }
    let texts = ExploredTexts(reference, Sequences.heldOut task reference |> ResizeArray, reference)

    let offered =
        explanations
        |> List.map (fun explanation -> OfferedExplanation(string explanation, string explanation, explanation, 0L))

    let snapshot =
        ExploredSnapshot(
            checkpoint.Steps,
            weights,
            Intervened.headMeans 1 task weights reference |> ResizeArray,
            Circuits.spectra weights,
            ResizeArray(),
            Unchecked.defaultof<HeadLetters>,
            ResizeArray(),
            Nullable(),
            (if explanations.IsEmpty then
                 []
             else
                 Exported.ofExplanations 1 task a.NCtx weights reference explanations)
            |> ResizeArray
        )

    ExploredModel(
        "model",
        "model",
        GivenModel(checkpoint, task),
        texts,
        ResizeArray [ 0 ],
        ResizeArray offered,
        ExploredNulls(none, Unchecked.defaultof<NullDistribution>, Unchecked.defaultof<NullDistribution>, ResizeArray()),
        ResizeArray [ snapshot ]
    )

/// A page's data as text.
let data (models: ExploredModel list) : string =
    ExploreJson.Of models |> fun json -> JsonText.Bytes json |> Text.Encoding.UTF8.GetString

/// What a run came to.
type Ran = {
    /// [pos, vocab], one row behind the other.
    Logits: float[]
    /// By layer and head, each [pos, key_pos].
    Patterns: float[] list list
}

/// A page's scripts with its data.
type Page(json: string) =
    let engine = new Engine()

    do
        let script = script.Value
        engine.SetValue("atob", Func<string, string> decoded).Execute(&script) |> ignore
        engine.SetValue("data", json).Execute($"const models = JSON.parse(data).models;{helpers}") |> ignore

    /// Runs a script for what it declares.
    member _.Run(script: string) : unit = engine.Execute script |> ignore

    /// A script's value, as JSON.
    member _.Value(script: string) : JsonElement =
        use document = JsonDocument.Parse(engine.Evaluate($"JSON.stringify({script})").AsString())
        document.RootElement.Clone()

    /// Numbers that a script comes to.
    member page.Numbers(script: string) : float[] = [|
        for number in page.Value($"Array.from({script})").EnumerateArray() -> number.GetDouble()
    |]

    /// What a script that runs something comes to.
    member page.Ran(script: string) : Ran =
        use document = JsonDocument.Parse(engine.Evaluate($"shown({script})").AsString())
        let numbers (list: JsonElement) = [| for number in list.EnumerateArray() -> number.GetDouble() |]

        {
            Logits = numbers (document.RootElement.GetProperty "logits")
            Patterns = [
                for layer in document.RootElement.GetProperty("patterns").EnumerateArray() ->
                    [ for head in layer.EnumerateArray() -> numbers head ]
            ]
        }

    /// The sentence with which a script refuses.
    member _.Refusal(script: string) : string =
        engine
            .Evaluate($"(() => {{ try {{ {script}; return ''; }} catch (error) {{ return error.message; }} }})()")
            .AsString()

    interface IDisposable with
        member _.Dispose() = engine.Dispose()

/// Tokens as a script has them.
let tokens (tokens: Tokens) : string = tokens.ToArray() |> Array.map string |> String.concat "," |> sprintf "[%s]"

/// Interventions as a script has them.
let edits (interventions: Intervention list) : string =
    let edit kind (head: HeadAddress) =
        JsonObject [
            Collections.Generic.KeyValuePair("kind", JsonValue.Create(kind: string) :> JsonNode)
            Collections.Generic.KeyValuePair("layer", JsonValue.Create head.Layer)
            Collections.Generic.KeyValuePair("head", JsonValue.Create head.Head)
        ]

    let more (key: string) (value: JsonNode) (json: JsonObject) =
        json.Add(key, value)
        json

    interventions
    |> List.map (fun intervention ->
        match intervention with
        | ZeroAblate head -> edit "zero" head
        | MeanAblate(head, _) -> edit "mean" head
        | FreezePattern head -> edit "freeze" head
        | Patch(PatternAt head, None, source) -> edit "pattern" head |> more "tokens" (JsonNode.Parse(tokens source))
        | Cut(source, head, input) ->
            let source: JsonNode =
                match source with
                | HeadOutput earlier -> JsonNode.Parse $"{{\"layer\":{earlier.Layer},\"head\":{earlier.Head}}}"
                | other -> JsonValue.Create(string other)

            edit "cut" head |> more "source" source |> more "input" (JsonValue.Create(string input))
        | other -> failwith $"A page has no {other}.")
    |> List.map _.ToJsonString()
    |> String.concat ","
    |> sprintf "[%s]"
