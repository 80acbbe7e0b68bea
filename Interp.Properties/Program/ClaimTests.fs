/// One training says of every claim what many trainings count: `interp reproduce` beside `interp study`.
module Interp.Properties.ClaimTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.Properties.Processes

let private steps = [ "--steps"; "60" ]

// Another seed than that of the sequences which both measure on.
let private seed = "3"

/// The columns of a table's rows, by variant.
let private byVariant path =
    match File.ReadAllLines path |> Array.map _.Split(',') |> List.ofArray with
    | header :: rows ->
        rows
        |> List.map (fun row ->
            let cells = Array.zip header row |> Map.ofArray
            cells["variant"], cells)
        |> Map.ofList
    | [] -> failtest $"{path} is empty"

let private number (text: string) = Double.Parse(text, CultureInfo.InvariantCulture)

let private variantOf (model: JsonElement) =
    match (item [ "name" ] model).GetString() with
    | "two_layer" -> TwoLayer
    | "smeared" -> Smeared
    | _ -> Plain

[<Tests>]
let tests =
    testList "Claims by both programs" [
        test "every quantity to the bit, every claim and every verdict" {
            inDirectory (fun directory ->
                let one, many = Path.Combine(directory, "one"), Path.Combine(directory, "many")
                succeeds (interp ([ "reproduce"; "--all"; "--seed"; seed ] @ steps @ [ "--out"; one ]))
                succeeds (interp ([ "study"; "--seeds"; "1"; "--first-seed"; seed ] @ steps @ [ "--out"; many ]))

                let models =
                    JsonDocument.Parse(File.ReadAllText(Path.Combine(one, "results.json"))).RootElement
                    |> item [ "models" ]
                    |> _.EnumerateArray()
                    |> List.ofSeq

                let rows = byVariant (Path.Combine(many, "results.csv"))

                let summary =
                    JsonDocument.Parse(File.ReadAllText(Path.Combine(many, "summary.json"))).RootElement
                    |> item [ "claims" ]
                    |> _.EnumerateArray()
                    |> Seq.map (fun claim -> (item [ "claim" ] claim).GetString(), claim)
                    |> Map.ofSeq

                Expect.equal (models |> List.map variantOf) Survey.variants "models"

                for model in models do
                    let variant = variantOf model
                    let row = rows[string variant]
                    let measured = item [ "quantities" ] model

                    Expect.equal
                        ((item [ "weights_sha256" ] model).GetString())
                        row["weights_sha256"]
                        "the same training"

                    for quantity in measured.EnumerateObject() do
                        Expect.equal
                            (BitConverter.DoubleToInt64Bits(quantity.Value.GetDouble()))
                            (BitConverter.DoubleToInt64Bits(number row[quantity.Name]))
                            $"{quantity.Name} of {variant}"

                    let asked = Claims.study |> List.filter (Claim.isAbout variant)
                    let outcomes = (item [ "claims" ] model).EnumerateArray() |> List.ofSeq

                    Expect.equal
                        (outcomes |> List.map (fun outcome -> (item [ "claim" ] outcome).GetString()))
                        (asked |> List.map _.Name)
                        $"claims of {variant}"

                    for claim, outcome in List.zip asked outcomes do
                        let counted = summary[claim.Name]

                        let text name json = (item [ name ] json: JsonElement).GetString()

                        Expect.equal (text "sentence" outcome) (text "sentence" counted) claim.Name

                        let counts =
                            match text "verdict" outcome with
                            | "holds" -> 1, 1
                            | "fails" -> 0, 1
                            | other -> failtest $"{claim.Name}: {other}"

                        let count name = (item [ name ] counted).GetInt32()
                        Expect.equal (count "holds", count "trainings") counts claim.Name

                        // The value against its bound, from the table's own cells.
                        let values = row |> Map.toList |> List.map fst |> set

                        for quantity in Claim.quantities claim do
                            Expect.isTrue (values.Contains(Quantity.name quantity)) "a column"

                        let cellsOf (row: Map<string, string>) =
                            Map [
                                for cell in row do
                                    match Quantity.parse cell.Key with
                                    | Ok quantity when cell.Value <> "" -> quantity, number cell.Value
                                    | _ -> ()
                            ]

                        let cells = cellsOf row

                        let beside =
                            Map [
                                for other in List.except [ variant ] Survey.variants ->
                                    other, cellsOf rows[string other]
                            ]

                        let conditions = (item [ "conditions" ] outcome).EnumerateArray() |> List.ofSeq
                        Expect.equal conditions.Length claim.Conditions.Length "conditions"

                        for condition, json in List.zip claim.Conditions conditions do
                            let expected = Condition.judgeBeside beside cells condition
                            Expect.equal (text "condition" json) (string condition) "condition"

                            for name, number in
                                [ "value", expected.Value; "bound", expected.Bound; "margin", expected.Margin ] do
                                Expect.equal
                                    (Some((item [ name ] json).GetDouble()))
                                    number
                                    $"{name} of {condition} in {claim.Name}"

                        Expect.equal
                            [
                                for figure in (item [ "published" ] outcome).EnumerateObject() ->
                                    figure.Name, figure.Value.GetDouble()
                            ]
                            [ for quantity, figure in Claim.published claim -> Quantity.name quantity, figure.Value ]
                            $"published of {claim.Name}")
        }

        test "the page and the JSON of a reproduction state every claim with its verdict and its values" {
            let printed = Reproduced.outcome () |> answers [ "models"; "report"; "timings" ]
            let page = File.ReadAllText(Path.Combine(Reproduced.directory (), "report.html"))

            let rows =
                Regex.Matches(page, "<tr><th scope=\"row\">(.*?)</tr>", RegexOptions.Singleline)
                |> Seq.map (fun row ->
                    Regex.Replace(row.Groups[1].Value, "<[^>]*>", " ")
                    |> Net.WebUtility.HtmlDecode
                    |> fun text -> Regex.Replace(text, "\\s+", " "))
                |> List.ofSeq

            for model in (item [ "models" ] printed).EnumerateArray() do
                let variant = variantOf model
                let outcomes = (item [ "claims" ] model).EnumerateArray() |> List.ofSeq
                let asked = Claims.study |> List.filter (Claim.isAbout variant)
                Expect.equal outcomes.Length asked.Length $"claims of {variant}"

                for claim, outcome in List.zip asked outcomes do
                    let conditions = claim.Conditions |> List.map string

                    let row =
                        rows
                        |> List.filter (fun row ->
                            row.StartsWith claim.Sentence && conditions |> List.forall row.Contains)
                        // Two variants may have the same claim, in the order of the models.
                        |> List.filter (fun row -> row.Contains(" " + (item [ "verdict" ] outcome).GetString()))

                    Expect.isNonEmpty row $"{claim.Name} with its verdict"

                    for condition in (item [ "conditions" ] outcome).EnumerateArray() do
                        let margin = (item [ "margin" ] condition).GetDouble()

                        Expect.exists
                            row
                            (fun row -> row.Contains(if margin > 0.0 then " by " else " short"))
                            $"the distance of {claim.Name}"
        }
    ]
