/// Explanations' printed forms: what is printed is read, and what is mistaken is told.
module Interp.Properties.GrammarLaws

open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.Processes

let private parsed text =
    match Explanation.parse text with
    | Ok explanation -> explanation
    | Error sentence -> failtest $"{text}: {sentence}"

let private error text =
    match Explanation.parse text with
    | Ok explanation -> failtest $"{text} was read as {explanation}"
    | Error sentence -> sentence

/// Explanations of the tables of a study of plain, smeared and two-layer models.
let published = [
    "direct two-numbers"
    "direct nothing"
    "ov 0.* two-numbers"
    "ov 0.* diagonal"
    "direct two-numbers; ov 0.* two-numbers"
    "direct two-numbers; ov 0.* diagonal"
    "attention 0.* without query-letter"
    "attention 0.* without key-letter"
    "attention 0.* without query-position"
    "attention 0.* without key-position"
    "attention 0.* without query-position, key-position"
    "attention 0.* own-letters"
    "direct two-numbers; ov 0.* diagonal; attention 0.* own-letters"
    "attention 0.* shared"
    "attention 0.* positions"
    "attention 0.* positions shared"
    "direct two-numbers; ov 0.* two-numbers; attention 0.* positions shared"
    "direct two-numbers; ov 0.* two-numbers; attention 0.* positions"
    "attention 0.* after-last-match"
    "attention 0.* 5-back"
    "qk 0.* two-numbers"
    "qk 0.* diagonal"
    "qk 0.* nothing"
    "qk 0.* rank 2"
    "qk 0.*(embed, pos) over-letters"
    "qk 0.*(pos, embed) over-positions"
    "qk 0.*(pos, embed) over-letters"
    "direct two-numbers; ov 0.* two-numbers; qk 0.* two-numbers; qk 0.*(embed, pos) over-letters; qk 0.*(pos, embed) over-letters"
    "direct two-numbers; ov 0.* diagonal; qk 0.* diagonal; qk 0.*(embed, pos) over-letters"
    "ov 0.* nothing"
    "ov 1.* two-numbers"
    "ov 1.* nothing"
    "ov 0.*>1.* two-numbers"
    "ov 0.*>1.* nothing"
    "direct two-numbers; ov *.* two-numbers; ov 0.*>1.* two-numbers"
    "direct two-numbers; ov *.* diagonal; ov 0.*>1.* diagonal"
    "attention 1.* positions"
    "attention 1.* shared"
    "attention 0.* positions for 1.*"
    "cut 0.* -> 1.*.k"
    "cut 0.* -> 1.*.q"
    "attention 1.* after-last-match"
    "attention 1.* after-first-match"
    "direct two-numbers; ov *.* two-numbers; ov 0.*>1.* two-numbers; attention *.* positions"
    "direct two-numbers; ov *.* two-numbers; ov 0.*>1.* two-numbers; attention 0.* positions; attention 1.* after-first-match"
    "qk 1.*(*, *) two-numbers"
    "qk 1.*(*, *) diagonal"
    "qk 1.*(*, pos) over-letters"
    "qk 1.*(pos, *) over-letters"
    "qk 1.*(embed, *) nothing; qk 1.*(*, embed) nothing"
    "qk 1.*(0.*, 0.*) nothing"
    "qk 1.*(*, 0.1) nothing; qk 1.*(*, 0.2) nothing; qk 1.*(*, 0.3) nothing"
    "direct two-numbers; ov *.* diagonal; ov 0.*>1.* diagonal; qk 1.*(*, *) diagonal"
    "qk 1.2(embed, 0.3) exact"
    "qk 0.1 over-queries"
    "qk 0.1 over-keys for 1.3"
    "attention 0.1 own-letters by zero positions"
]

/// Texts with the letters and the words of the language in any order.
let private scrambled key =
    let pieces = [
        "direct"
        "ov"
        "qk"
        "attention"
        "cut"
        "exact"
        "rank"
        "2"
        "0.1"
        "1.*"
        "*.*"
        "*"
        ">"
        "->"
        "-"
        "("
        ")"
        ","
        ";"
        "\""
        "embed"
        "pos"
        "for"
        "by"
        "mean"
        "without"
        "own-letters"
        "query-letter"
        "positions"
        "shared"
        "5-back"
        "diagonal"
        "two-numbers"
        "over-letters"
        "nothing"
        "1.3.k"
        "\u0000"
        "é"
        "\U0001F600"
        "\ud800"
    ]

    List.init (integer 0 12 1 key) (fun i -> one pieces (10 + i) key)
    |> String.concat (one [ " "; "" ] 2 key)

let private printing =
    testList "printing" [
        law 500 "what is printed is read" (fun key ->
            let explanation = GivenExplanations.explanation key
            Expect.equal (Explanation.parse (string explanation)) (Ok explanation) (string explanation))

        law 200 "spaces do not matter" (fun key ->
            let explanation = GivenExplanations.explanation key
            let dense = (string explanation).Replace("; ", ";").Replace(", ", ",").Replace(" -> ", "->")

            let loose =
                (string explanation)
                    .Replace(";", "  ;\n")
                    .Replace("->", " - > ")
                    .Replace(" - > ", "  ->  ")
                    .Replace("(", " ( ")
                    .Replace(")", " )  ")
                    .Replace(",", " , ")
                    .Replace(" ", "\t ")

            for text in [ dense; loose; $" \n {explanation}  " ] do
                Expect.equal (Explanation.parse text) (Ok explanation) text)

        law 2000 "whatever is given is read or refused in one sentence" (fun key ->
            let text = scrambled key

            match Explanation.parse text with
            | Ok explanation -> Expect.equal (Explanation.parse (string explanation)) (Ok explanation) text
            | Error sentence -> isSentence sentence)

        testProperty "any text is read or refused in one sentence" (fun (text: string) ->
            match Explanation.parse (string text) with
            | Ok _ -> ()
            | Error sentence -> isSentence sentence)

        test "what was published is printed as it is read" {
            for text in published do
                Expect.equal (string (parsed text)) text "the text"
        }

        test "other words for the same" {
            for said, printed in
                [
                    "", "exact"
                    "  exact ", "exact"
                    "attention 0.1 1-back", "attention 0.1 previous"
                    "attention 0.1 exact", "attention 0.1 exact"
                    "qk 0.1(embed,embed) exact", "qk 0.1 exact"
                    "ov 0.1 > 1.3 exact", "ov 0.1>1.3 exact"
                    "attention 0.1 shared positions", "attention 0.1 positions shared"
                    "attention 0.1 without query-position,key-position,query-letter", "attention 0.1 own-letters"
                    "attention 0.1 own-letters without key-letter",
                    "attention 0.1 without query-letter, key-letter, query-position, key-position"
                    "attention 0.1 without key-letter by mean", "attention 0.1 without key-letter"
                    "cut 0.*->1.*.k", "cut 0.* -> 1.*.k"
                ] do
                Expect.equal (string (parsed said)) printed said
        }
    ]

let private refusals =
    testList "refusals" [
        for text, parts in
            [
                "frobnicate 0.1", [ "Clause 1"; "\"frobnicate\""; "\"attention\"" ]
                "direct nothing;", [ "Clause 2"; "empty" ]
                "direct nothing;; ov 0.1 nothing", [ "Clause 2"; "empty" ]
                "direct nothing; exact", [ "Clause 2"; "alone" ]
                "driect nothing", [ "\"driect\""; "\"direct\" may have been meant" ]
                "direct", [ "ends"; "\"two-numbers\"" ]
                "ov 0.* diag", [ "\"diagonal\" may have been meant" ]
                "direct twonumbers", [ "\"two-numbers\" may have been meant" ]
                "direct over-letters", [ "over-letters"; "between letters and positions" ]
                "direct over-queries", [ "over-queries"; "scores" ]
                "direct nothing for 1.*", [ "\"for\""; "nothing more" ]
                "direct rank 0", [ "rank 0"; "from 1" ]
                "direct rank two", [ "\"two\""; "whole number" ]
                "direct rank", [ "ends"; "whole number" ]
                "ov 0 nothing", [ "a head such as" ]
                "ov 0.-1 nothing", [ "0.-1" ]
                "ov 0.1> nothing", [ "\"nothing\""; "a head" ]
                "ov 1.0>0.1 nothing", [ "1.0>0.1"; "ascending" ]
                "ov 0.0>0.1 nothing", [ "ascending" ]
                "ov *.*>0.1 nothing", [ "ascending" ]
                "qk 0.1(pos, pos) nothing", [ "(pos, pos)"; "no table" ]
                "qk 0.1(embed, pos) diagonal", [ "\"diagonal\""; "between letters" ]
                "qk 0.1(embed, pos) rank 2", [ "\"rank\""; "between letters" ]
                "qk 0.1(pos, embed) over-queries", [ "\"over-queries\""; "scores" ]
                "qk 0.1 over-letters", [ "\"over-letters\""; "positions" ]
                "qk 0.1(embd, pos) nothing", [ "\"embed\" may have been meant" ]
                "qk 0.1(embed pos) nothing", [ "\"pos\""; "expected \",\"" ]
                "qk 0.1(embed, pos nothing", [ "expected \")\"" ]
                "qk 0.1(0.2, embed) nothing", [ "\"0.2\""; "0.1 cannot read" ]
                "qk 1.1(0.2>0.1, embed) nothing", [ "0.2>0.1"; "ascending" ]
                "attention 0.1 withuot query-letter", [ "\"without\" may have been meant" ]
                "attention 0.1 without query-lettr", [ "\"query-letter\" may have been meant" ]
                "attention 0.1 without", [ "ends"; "\"query-letter\"" ]
                "attention 0.1 without query-letter key-letter", [ "comma" ]
                "attention 0.1 without query-letter by zreo", [ "\"zero\" may have been meant" ]
                "attention 0.1 positions by zero", [ "\"by\""; "left out" ]
                "attention 0.1 own-letters by zero by mean", [ "\"by\" twice" ]
                "attention 0.1 shared previous", [ "\"previous\""; "alone" ]
                "attention 0.1 0-back", [ "0-back"; "from 1" ]
                "attention 0.1 x-back", [ "x-back"; "from 1" ]
                "attention 0.1 5-bakc", [ "\"N-back\" may have been meant" ]
                "attention 1.1 previous for 1.*", [ "for 1.*"; "reads nothing of what 1.1" ]
                "attention 0.1 previous for", [ "ends"; "a head" ]
                "attention 0.1 previous for 1.* 2.*", [ "\"2.*\""; "nothing more" ]
                "cut 0.1 1.0.k", [ "expected \"->\"" ]
                "cut 1.0 -> 0.1.k", [ "reads nothing of what 1.0" ]
                "cut 0.1 -> 1.0.z", [ "\"1.0.z\""; "such as 1.3.k" ]
                "cut embeding -> 1.0.k", [ "\"embedding\" may have been meant" ]
                "attention 0.1 \"mine; yours\"", [ "Clause 1"; "double quotes"; "script" ]
            ] do
            test $"\"{text}\"" {
                let sentence = error text
                isSentence sentence

                for part in parts do
                    Expect.stringContains sentence part "what is wrong"
            }

        test "a script's own form is told from a mistake" {
            let mine: Explanation = {
                Clauses = [ Clause.Direct(TableForm.Own { Name = "mine"; Value = id }); Clause.Direct TableForm.Exact ]
            }

            Expect.stringContains (error (string mine)) "script" "whose form it is"
        }

        test "a long text is refused for its length, a long word cheaply" {
            Expect.stringContains (error (String.replicate 100_001 "x")) "at most 100000" "its length"
            isSentence (error (String.replicate 100_000 "x"))
            isSentence (error ("direct " + String.replicate 90_000 "x"))
            isSentence (error ("ov " + String.replicate 20_000 "0.1>"))
            isSentence (error (String.replicate 50_000 ";"))
            isSentence (error ("attention 0.1 without " + String.replicate 5_000 "query-letter, "))
        }
    ]

[<Tests>]
let tests = testList "Explanation grammar" [ printing; refusals ]
