/// The language of claims: rules and files of claims that print parse back, mean what they say, and are answered where they are wrong.
module Interp.Properties.RuleLaws

open System
open Expecto
open FsCheck
open Interp
open Interp.CommandLine
open Interp.Properties.Laws
open Interp.Properties.Options

let private own = [
    Quantity.Own "smear"
    Quantity.Own "0.5x"
    Quantity.Own "ov_0"
    Quantity.Own "größe"
    Quantity.Own "max"
    Quantity.Own "over"
    Quantity.Own "of"
    Quantity.Own "a \"b\" - c"
]

let private number key =
    let drawn = normal [ 1 ] 3 key |> floats |> Array.head

    match integer 0 5 1 key with
    | 0 -> 0.0
    | 1 -> float (integer -3 3 2 key)
    | 2 -> 1e-9 * drawn
    | 3 -> 1e18 * drawn
    | _ -> drawn

/// An expression of any form; `inside` a function over heads (0) or layers (1), or outside of all (2).
let rec private expression (own: Quantity list) inside depth key =
    let child i = Key.split (uint64 (100 + i)) key

    match integer 0 (if depth = 0 then 2 else 6) 1 key with
    | 0 -> Expression.Number(number key)
    | 1
    | 2 when inside = 0 -> Expression.Each(Part.Head(one Part.ofHeads 2 key))
    | 1
    | 2 when inside = 1 -> Expression.Each(Part.Layer(one Part.ofLayers 2 key))
    | 1 when not own.IsEmpty && truth 9 key -> Expression.Elsewhere(one own 2 key, one Survey.variants 8 key)
    | 1 when not own.IsEmpty -> Expression.Measured(one own 2 key)
    | 1 when truth 9 key -> Expression.Elsewhere(one QuantityLaws.all 2 key, one Survey.variants 8 key)
    | 1
    | 2 -> Expression.Measured(one QuantityLaws.all 2 key)
    | 3 -> Expression.Plus(expression own inside (depth - 1) (child 1), expression own inside (depth - 1) (child 2))
    | 4 -> Expression.Minus(expression own inside (depth - 1) (child 1), expression own inside (depth - 1) (child 2))
    | 5 ->
        let range = integer 0 1 3 key
        let aggregate = one [ Aggregate.Max; Aggregate.Min; Aggregate.Mean; Aggregate.Sum ] 4 key
        Expression.Of(aggregate, running own range (depth - 1) (child 3), over range key)
    | _ ->
        let range = integer 0 1 3 key
        let left = running own range (depth - 1) (child 4)

        let conditions =
            Above(left, Expression.Number 0.5) :: rules own range (depth - 1) (integer 0 1 6 key) (child 5)

        Expression.Count(conditions, over range key)

/// One with something in it that runs.
and private running own range depth key =
    let each =
        if range = 0 then
            Part.Head(one Part.ofHeads 20 key)
        else
            Part.Layer(one Part.ofLayers 20 key)

    if truth 21 key then
        Expression.Each each
    else
        Expression.Minus(expression own range depth (Key.split 22UL key), Expression.Each each)

and private over range key =
    match range, integer 0 1 7 key with
    | 1, _ -> Over.Layers
    | _, 0 -> Over.Heads
    | _ -> Over.HeadsOf(integer 0 12 8 key)

and private rules own inside depth count key : Condition list =
    List.init count (fun i ->
        let key = Key.split (uint64 i) key

        let left, right =
            expression own inside depth (Key.split 1UL key), expression own inside depth (Key.split 2UL key)

        if truth 3 key then Above(left, right) else Below(left, right))

let private printing =
    testList "printed" [
        law 500 "parse back to what they were" (fun key ->
            let rule = rules own 2 2 (integer 1 2 1 key) key
            let text = Rules.show rule

            if text.Length <= Rules.longest then
                Expect.equal (Rules.parse own text) (Ok rule) text
                // Spaces are of no account, but between words.
                let spaced = text.Replace(" (", "  (").Replace(" and ", "  and ").Replace(" over ", "  over ")
                Expect.equal (Rules.parse own $"  {spaced} ") (Ok rule) text)

        test "are as one writes them" {
            for rule, text in
                [
                    [ Condition.above (Quantity.OV(0, Highest)) 0.9 ], "ov_0_max > 0.9"
                    [ Condition.below Quantity.DirectPath -0.99 ], "direct_path < -0.99"
                    [
                        Condition.exceeds
                            (Quantity.PathLoss ComposedInputs.Neither)
                            (Quantity.PathLoss ComposedInputs.Keys)
                            0.1
                    ],
                    "path_direct > path_direct_k + 0.1"
                    [ Condition.exceeds (Quantity.OV(0, Highest)) (Quantity.OV(1, Highest)) 0.0 ], "ov_0_max > ov_1_max"
                    [
                        Above(
                            Expression.Of(
                                Aggregate.Max,
                                Expression.Each(Part.Head HeadQuantity.PreviousToken),
                                Over.HeadsOf 0
                            ),
                            Expression.Number 0.5
                        )
                        Condition.below Quantity.HeldOutLoss 2.0
                    ],
                    "max(previous_token over layer 0) > 0.5 and held_out_loss < 2"
                    [ Condition.exceedsThatOf Smeared Quantity.HeldOutLoss 0.0 ],
                    "held_out_loss > held_out_loss of smeared"
                    [ Condition.exceedsThatOf TwoLayer Quantity.HeldOutLoss 0.1 ],
                    "held_out_loss > held_out_loss of two-layer + 0.1"
                ] do
                Expect.equal (Rules.show rule) text "printed"
                Expect.equal (Rules.parse [] text) (Ok rule) "parsed"
        }

        test "of the study parse back" {
            for claim in Claims.study do
                Expect.equal (Rules.parse [] (Rules.show claim.Conditions)) (Ok claim.Conditions) claim.Name
        }

        testProperty
            "are never made up: any text is a rule that prints and parses back, or an error of one line"
            (fun (NonNull text) ->
                match Rules.parse [] text with
                | Ok rule -> Rules.parse [] (Rules.show rule) = Ok rule
                | Error sentence -> not (Seq.exists Char.IsControl sentence) && sentence.EndsWith '.')
    ]

/// What a small model of any shape was measured to be.
let private measured key =
    let c = Given.configuration key

    Quantities.measure 1 c.Architecture (Given.task c) (Given.model c.Architecture key) { Sequences = 20; Seed = 3UL }
    |> Map.ofList

let private value measured text =
    match Rules.parse [] $"{text} > 0" with
    | Ok [ Above(left, _) ] -> Expression.value measured left
    | other -> failtest $"{text}: {other}"

let private meaning =
    testList "mean" [
        law 6 "what the quantities of layers are: the greatest, the least and the mean of their heads" (fun key ->
            let measured = measured key

            let layers =
                measured.Keys
                |> Seq.choose (fun quantity ->
                    match quantity with
                    | Quantity.OVSum layer -> Some layer
                    | _ -> None)
                |> List.ofSeq

            for layer in layers do
                for rule, quantity in
                    [
                        $"max(ov over layer {layer})", Quantity.OV(layer, Highest)
                        $"min(ov over layer {layer})", Quantity.OV(layer, Lowest)
                        $"max(previous_token over layer {layer})", Quantity.PreviousToken layer
                        $"max(prefix_matching over layer {layer})", Quantity.PrefixMatching layer
                        $"max(attention_block_back over layer {layer})", Quantity.AttentionBlockBack layer
                        $"mean(attention_nearby over layer {layer})", Quantity.AttentionNearby layer
                        $"min(ablation_rise over layer {layer})", Quantity.AblationRise layer
                    ] do
                    Expect.equal (value measured rule) (measured.TryFind quantity) rule

            let scores =
                measured
                |> Map.toList
                |> List.choose (fun (quantity, value) ->
                    match quantity with
                    | Quantity.OfHead(HeadQuantity.OV, _, _) -> Some value
                    | _ -> None)

            let howMany holds = scores |> List.filter holds |> List.length |> float

            if not scores.IsEmpty then
                for rule, expected in
                    [
                        "count(ov > 0 over heads)", howMany (fun x -> x > 0.0)
                        "count(ov > 0 and ov < 0 over heads)", 0.0
                        "sum(ov over heads)", List.sum scores
                        "max(ov - ov over heads)", 0.0
                        "count(ov > max(ov over heads) - 0.1 over heads)", howMany (fun x -> x > List.max scores - 0.1)
                        "max(ov_sum over layers)",
                        layers |> List.map (fun layer -> measured[Quantity.OVSum layer]) |> List.max
                    ] do
                    Expect.equal (value measured rule) (Some expected) rule

            // A model without layers has none either.
            Expect.equal (value measured "count(ov > 0 over heads)").IsSome (not scores.IsEmpty) "of no heads nothing"
            Expect.equal (value measured "max(ov over layer 99)") None "no such layer")

        law 100 "arithmetic" (fun key ->
            let a, b = Quantity.Own "a", Quantity.Own "b"
            let x, y = float (integer -9 9 1 key), float (integer -9 9 2 key)
            let measured = Map [ a, x; b, y ]

            let value text =
                match Rules.parse [ a; b ] $"{text} > 0" with
                | Ok [ Above(left, _) ] -> Expression.value measured left
                | other -> failtest $"{text}: {other}"

            for text, expected in
                [
                    "a - b - 1", x - y - 1.0
                    "a - (b - 1)", x - (y - 1.0)
                    "-a + b", y - x
                    "- (a + b) - -2", 2.0 - x - y
                    "a+b-1e1", x + y - 10.0
                ] do
                Expect.equal (value text) (Some expected) text)

        law 100 "by \"of\" what the training beside it was measured to be, and nothing where there is none" (fun key ->
            let number use' = floats (normal [ 1 ] use' key) |> Array.head
            let mine, theirs, bound = number 1, number 2, number 3
            let a, b = Quantity.Own "a", Quantity.Own "b"
            let own, beside = Map [ a, mine ], Map [ TwoLayer, Map [ a, theirs ]; Plain, Map [ b, theirs ] ]

            let judged beside text =
                match Rules.parse [ a; b ] text with
                | Ok [ condition ] -> (Condition.judgeBeside beside own condition).Margin
                | other -> failtest $"{text}: {other}"

            Expect.equal (judged beside "a > a of two-layer") (Some(mine - theirs)) "above"
            Expect.equal (judged beside "a < a of two-layer") (Some(theirs - mine)) "below"

            Expect.equal
                (judged beside $"a of two-layer - a > {Quote.number bound}")
                (Some(theirs - mine - bound))
                "a difference"

            Expect.isNone (judged beside "a > a of plain") "not measured there"
            Expect.isNone (judged beside "a > a of smeared") "no such training"
            Expect.isNone (judged Map.empty "a > a of two-layer") "by itself"
            Expect.equal (Condition.judge own (Condition.above a bound)).Margin (Some(mine - bound)) "none is needed")

        law 100 "nothing where a head was not measured, or is no finite number" (fun key ->
            let heads = [ for head in 0..3 -> Quantity.OfHead(HeadQuantity.OV, 0, head), float head ]
            let missing = one [ nan; infinity ] 1 key

            let broken =
                heads |> List.mapi (fun i (q, v) -> q, (if i = integer 0 3 2 key then missing else v)) |> Map.ofList

            for text in
                [
                    "max(ov over heads)"
                    "min(ov over layer 0)"
                    "count(ov > 0 over heads)"
                    "mean(ov - ov over heads)"
                ] do
                Expect.isSome (value (Map.ofList heads) text) text
                Expect.isNone (value broken text) text
                Expect.isNone (value Map.empty text) text)
    ]

let private wrong =
    testList "that are wrong" [
        for text, column, words in
            [
                "", 1, "the rule is empty"
                "   ", 1, "the rule is empty"
                "ov_0_mx > 0.9", 1, "there is no quantity \"ov_0_mx\"; the nearest is ov_0_max"
                "ov_0_max > ov_0_mn", 12, "the nearest is ov_0_min"
                "max(previous_tokn over heads) > 0.5", 5, "the nearest is previous_token"
                "maks(previous_token over heads) > 0.5", 1, "there is no function \"maks\"; the nearest is max"
                "max previous_token > 0.5", 5, "expected \"(\" behind max"
                "max(previous_token) > 0.5", 19, "expected \"over\" and what it runs over"
                "max(previous_token over) > 0.5", 24, "expected heads, layers, or layer and a number"
                "max(previous_token over layer) > 0.5", 30, "expected a layer's number"
                "max(previous_token over layer 0.5) > 0.5", 31, "expected a layer's number"
                "max(previous_token over layers) > 0.5", 5, "a number of heads, not of layers"
                "max(ov_sum over layer 0) > 0.5", 5, "a number of layers, not of heads"
                "max(held_out_loss over heads) > 0.5", 5, "nothing in it that every head or layer has"
                "max(previous_token > 0.5 over heads) > 0.5", 20, "count is of conditions"
                "count(previous_token over heads) > 1", 22, "expected < or > and a bound"
                "max(previous_token over heads > 0.5", 31, "expected \")\""
                "previous_token > 0.5", 1, "say of which heads"
                "ov_sum > 0.5", 1, "say of which layers it is to be, as in max(ov_sum over layers)"
                "held_out_loss", 14, "expected < or > and a bound, found the end"
                "held_out_loss <", 16, "expected a number or a quantity, found the end"
                "held_out_loss >= 2", 15, "there is no \">=\", only < and >"
                "held_out_loss = 2", 15, "there is no \"=\""
                "held_out_loss of 2 > 1", 18, "expected one of plain, smeared, two-layer behind \"of\""
                "held_out_loss of two > 1", 18, "expected one of plain, smeared, two-layer behind \"of\""
                "max(ov of plain over heads) > 1", 8, "behind a quantity of the whole model"
                "of plain < 1", 1, "expected a number or a quantity, found \"of\""
                "2 of plain < 1", 3, "expected < or > and a bound"
                "1 < held_out_loss < 2", 19, "join two by \"and\""
                "held_out_loss < 2 or ov_0_max > 0", 19, "expected \"and\" or the end"
                "held_out_loss < 2 ov_0_max > 0", 19, "expected \"and\" or the end"
                "held_out_loss < 2 and", 22, "expected a number or a quantity, found the end"
                "not held_out_loss < 2", 1, "there is no \"not\""
                "held_out_loss < 2, ov_0_max > 0", 18, "there are no commas"
                "held_out_loss < 1,5", 18, "numbers have a point, as in 0.5"
                "held_out_loss < 1.5.2", 17, "\"1.5.2\" is no number"
                "held_out_loss < 2x", 17, "\"2x\" is no number"
                "held_out_loss * 2 < 1", 15, "\"*\" is no part of a rule"
                "(held_out_loss < 2", 16, "expected \")\""
                "held_out_loss < 2)", 18, "closes nothing"
                "\"mine\" > 0", 1, "no quantity of your own \"mine\""
                "\"mine > 0", 1, "not closed"
                "held_out_loss < 2 && ov_0_max > 0", 19, "conditions stand between"
                "held_out_loss < 𝟚", 17, "is no part of a rule"
                "and < 2", 1, "expected a number or a quantity, found \"and\""
                String('(', 900) + "1", 902, "expected \")\", found the end"
                String('1', 1001), 1001, "a rule has 1000 characters at most"
            ] do
            test (Quote.text $"\"{text}\": {words}") {
                match Rules.read [] text with
                | Ok rule -> failtest $"{text} is {Rules.show rule}"
                | Error problem ->
                    Expect.stringContains problem.Sentence words "the sentence"
                    Expect.equal problem.Column column $"the column: {problem.Sentence}"
                    Expect.stringEnds problem.Sentence "." "a sentence"
            }
    ]

let private claim key i : Claim =
    let key = Key.split (uint64 i) key
    let words = [ "Some head"; "looks back"; "— “so”, says: x #1"; "größer als"; "all: heads" ]

    {
        Name = $"claim-{i}_" + one [ "a"; "B"; "look" ] 1 key
        About = one [ None; Some Plain; Some Smeared; Some TwoLayer ] 2 key
        Sentence = [ 1 .. integer 1 5 3 key ] |> List.map (fun n -> one words (10 + n) key) |> String.concat " "
        Conditions = rules [] 2 1 (integer 1 3 4 key) key
    }

let private right = "name: a\nsentence: A.\nrule: ov_0_max > 0\n"

let private files =
    testList "files" [
        law 200 "that print parse back, whatever the ends of lines, comments and empty lines" (fun key ->
            let claims = List.init (integer 1 4 1 key) (claim key)
            let text = ClaimsFile.show claims
            Expect.equal (ClaimsFile.parse text) (Ok claims) text

            let written =
                "\uFEFF# mine\n\n\n  # two\n"
                + text.Replace("\n", "  \n").Replace("rule:", "# why\n  rule :").TrimEnd()
                + "\n\n# end"

            Expect.equal (ClaimsFile.parse (written.Replace("\n", "\r\n"))) (Ok claims) written)

        test "are as the help shows them" {
            let text = helpIn HelpPage.StandardWidth [ "help"; "claims" ]
            let words = text.Split([| ' '; '\n' |]) |> Set.ofArray

            for form in Quantity.forms do
                if not (form.EndsWith ".HEAD") then
                    Expect.isTrue (words.Contains form) form

            for part in Part.all do
                Expect.isTrue (words.Contains(string part)) $"{part}"

            let lines = text.Split '\n' |> List.ofArray |> List.map _.Trim()

            let example =
                lines
                |> List.skipWhile (fun l -> not (l.StartsWith "name: "))
                |> List.takeWhile (fun l -> not (l.StartsWith "A claim"))

            match ClaimsFile.parse (String.concat "\n" example) with
            | Ok claims ->
                Expect.equal claims.Length 3 "examples"
                Expect.isNone (Survey.problem { Survey.standard with Claims = claims }) "all is measured"
            | Error sentence -> failtest sentence
        }

        testProperty
            "are never made up: any text is claims that print and parse back, or an error of one line"
            (fun (NonNull text) ->
                match ClaimsFile.parse text with
                | Ok claims -> ClaimsFile.parse (ClaimsFile.show claims) = Ok claims
                | Error sentence -> not (Seq.exists Char.IsControl sentence) && sentence.EndsWith '.')

        for text, place, words in
            [
                "", "line 1, column 1", "there is no claim"
                "# only a comment\n", "line 1, column 1", "there is no claim"
                "hello\n", "line 1, column 1", "expected a word of 4 and a colon"
                "nam: a\n", "line 1, column 1", "the nearest is name, as in name: looks-back"
                right + "Rule: ov_0_max > 0", "line 4, column 1", "the nearest is rule"
                "name: a\nsentence: A.\n", "line 1, column 1", "has no rule, expected a line as in rule: max("
                "# x\n\nsentence: A.\nrule: ov_0_max > 0\n", "line 3, column 1", "has no name"
                "name: a\nrule: ov_0_max > 0\n", "line 1, column 1", "has no sentence"
                "name: \nsentence: A.\n", "line 1, column 6", "nothing stands behind name:"
                right + "name: b\n",
                "line 4, column 1",
                "name: is there a second time in the claim that begins on line 1"
                right + "\n" + right, "line 5, column 7", "the name a is that of the claim on line 1"
                "name: plain-fails\nsentence: A.\nrule: ov_0_max > 0",
                "line 1, column 7",
                "that of a claim of the study"
                "name: a b\nsentence: A.\nrule: ov_0_max > 0", "line 1, column 8", "a name has letters a to z"
                "name: " + String('a', 61) + "\nsentence: A.\nrule: ov_0_max > 0",
                "line 1, column 7",
                "60 characters at most"
                "name: a\nsentence: " + String('a', 301) + "\nrule: ov_0_max > 0",
                "line 2, column 11",
                "300 characters at most"
                "name: a\nsentence: A\u001b.\nrule: ov_0_max > 0", "line 2, column 12", "does not print"
                "name: a\nsentence: A.\nrule:   ov_0_mx > 0", "line 3, column 9", "the nearest is ov_0_max"
                "name: a\nsentence: A.\nrule: ov_0_max >= 0", "line 3, column 16", "only < and >"
                right + "about: plane",
                "line 4, column 8",
                "there is no variant \"plane\", expected one of plain, smeared, two-layer"
            ] do
            test (Quote.text $"\"{text}\": {words}") {
                match ClaimsFile.parse text with
                | Ok claims -> failtest $"{ClaimsFile.show claims}"
                | Error sentence ->
                    Expect.stringStarts sentence place sentence
                    Expect.stringContains sentence words "the sentence"
                    Expect.stringEnds sentence "." "a sentence"
                    Expect.isFalse (Seq.exists Char.IsControl sentence) "one line"
            }

        test "with claims that nobody could decide are refused before anything trains" {
            let problem variants text =
                match ClaimsFile.parse $"name: mine\nsentence: A.\nrule: {text}" with
                | Ok claims -> Survey.problem { Survey.standard with Variants = variants; Claims = claims }
                | Error sentence -> failtest sentence

            for text, words in
                [
                    "max(ov over layer 2) > 0", "asks for ov over layer 2, which no training of its kind has"
                    "ov_0_rank_5 > 0", "asks for ov_0_rank_5, which no training of its kind has"
                ] do
                match problem Survey.variants text with
                | Some sentence -> Expect.stringContains sentence $"The claim mine {words}" "the sentence"
                | None -> failtest text

            Expect.isNone (problem Survey.variants "max(ov over layer 1) > 0") "two layers have it"
            Expect.isSome (problem [ Plain; Smeared ] "max(ov over layer 1) > 0") "one layer has not"
        }
    ]

[<Tests>]
let tests = testList "Rules" [ printing; meaning; wrong; files ]
