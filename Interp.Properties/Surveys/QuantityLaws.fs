/// Names of quantities: what prints parses back, and what does not parse is answered.
module Interp.Properties.QuantityLaws

open System
open Expecto
open FSharp.Reflection
open Interp
open Interp.Properties.Laws

/// Every value of a union of unions and integers.
let rec private every (numbers: int list) (kind: Type) : obj list =
    if kind = typeof<int> then
        numbers |> List.map box
    elif FSharpType.IsUnion kind then
        FSharpType.GetUnionCases kind
        |> Array.filter (fun case -> case.Name <> "Own")
        |> List.ofArray
        |> List.collect (fun case ->
            let fields =
                case.GetFields() |> List.ofArray |> List.map (fun field -> every numbers field.PropertyType)

            let combine values rest = [
                for value in values do
                    for others in rest -> value :: others
            ]

            List.foldBack combine fields [ [] ]
            |> List.map (fun values -> FSharpValue.MakeUnion(case, Array.ofList values)))
    else
        failwith $"no values of {kind.Name} are known"

/// Every quantity of some layers, some heads, and some ranks in between.
let all: Quantity list = every [ 2; 3; 7; 12; 110 ] typeof<Quantity> |> List.map unbox<Quantity>

let private names =
    testList "names" [
        test "of all quantities differ, and parse back" {
            Expect.isGreaterThan all.Length Quantity.forms.Length "quantities of several layers"
            let names = all |> List.map Quantity.name
            Expect.equal (List.distinct names) names "names"

            for quantity in all do
                Expect.equal (Quantity.parse (Quantity.name quantity)) (Ok quantity) "parsed"
                Expect.equal (Quantity.ofName (Quantity.name quantity)) quantity "read"
        }

        test "are those of the tables" {
            for quantity, name in
                [
                    Quantity.HeldOutLoss, "held_out_loss"
                    Quantity.OV(0, Highest), "ov_0_max"
                    Quantity.OV(0, Ranked 2), "ov_0_rank_2"
                    Quantity.OVSum 1, "ov_sum_1"
                    Quantity.AttentionNearby 0, "attention_nearby_0_mean"
                    Quantity.Completed PatternKind.Distinct, "completed_distinct"
                    Quantity.RepeatRate Unrelated, "repeat_rate_unrelated"
                    Quantity.PathLoss ComposedInputs.Both, "path_direct_kq"
                    Quantity.KCompositionPrevious, "k_composition_previous_min"
                    Quantity.OfHead(HeadQuantity.PreviousToken, 0, 3), "previous_token_0.3"
                ] do
                Expect.equal (Quantity.name quantity) name "the name"
        }

        test "that there are not are answered by the nearest ones and by all forms" {
            for text, nearest in
                [
                    "ov_0_mx", "ov_0_max"
                    "ov_3_rank_1", "ov_3_rank_2"
                    "held-out-loss", "held_out_loss"
                    "ov_00_max", "ov_0_max"
                    "completed_unrelated", "completed_repeated"
                    "attention_nearby_2", "attention_nearby_2_mean"
                ] do
                match Quantity.parse text with
                | Ok found -> failtest $"{text} is {found}"
                | Error sentence ->
                    Expect.stringContains sentence $"\"{text}\"; the nearest is {nearest}" "the nearest"

                    for form in Quantity.forms do
                        Expect.stringContains sentence form "the forms"

                Expect.equal (Quantity.ofName text) (Quantity.Own text) "a user's own"
        }

        testProperty
            "are never made up: a text is a quantity's name or an error of one line"
            (fun (FsCheck.NonNull text) ->
                match Quantity.parse text with
                | Ok quantity -> Quantity.name quantity = text
                | Error sentence -> not (Seq.exists Char.IsControl sentence) && sentence.EndsWith '.')

        test "have words that tell them apart" {
            let words = all |> List.map QuantityWords.ofQuantity
            let titles = words |> List.map _.Title
            Expect.equal (List.distinct titles) titles "titles"

            for each in words do
                Expect.isTrue (each.Title.Length > 0 && Char.IsUpper each.Title[0]) each.Title
                Expect.isFalse (each.Sentence.EndsWith '.') each.Sentence
                Expect.notEqual each.Unit QuantityUnit.Number each.Title

            let mine = QuantityWords.ofQuantity (Quantity.Own "mine")
            Expect.equal (mine.Title, mine.Unit, mine.Family) ("mine", QuantityUnit.Number, QuantityFamily.Own) "own"
        }
    ]

[<Tests>]
let tests = testList "Quantities" [ names ]
