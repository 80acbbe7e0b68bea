/// The command line's grammar: numbers in one form everywhere, options in any order, and refusals in a user's words.
module Interp.Properties.ArgumentLaws

open System
open System.Globalization
open Expecto
open Interp
open Interp.CommandLine
open Interp.Properties.Laws
open Interp.Properties.Options
open Interp.Properties.Processes

let private parse (words: string list) = Parse.commandLine (List.toArray words)

/// Words of machinery, none of a user's.
let private foreign = [
    "uint64"
    "int32"
    "Int32"
    "float"
    "Double"
    "System."
    "Argu"
    "parameter"
    "<number"
    "<model"
    "<directory"
    "unrecognized"
]

let private refusal what words =
    match parse words with
    | Bad sentence ->
        isSentence sentence

        for word in foreign do
            if not (words |> List.exists (fun (given: string) -> given.Contains word)) then
                Expect.isFalse (sentence.Contains word) $"{what}: \"{sentence}\" says {word}"

        sentence
    | other -> failtest $"{what}: {words} came to {other}"

/// What is no number of any option.
let private noNumbers = [
    ""
    " "
    " 5"
    "5 "
    "5\n"
    "0,5"
    "1,000"
    "1_000"
    "1 000"
    "+5"
    "-0"
    "-0.0"
    "007"
    "0x10"
    "1e999"
    "-1e999"
    "NaN"
    "nan"
    "Infinity"
    "-Infinity"
    "∞"
    "٣"
    "１"
    "1e"
    "e1"
    "."
    "-"
    "5%"
    "--5"
    "5-"
    "(5)"
    "18446744073709551616"
    String('9', 5000)
    "five"
]

/// What is a number, but no whole one.
let private noWholeNumbers = [ "1e3"; "1.0"; "5."; ".5"; "1E2" ]

/// Lines of groups that belong together, with the word that stands alone where there is one.
let private lines = [
    "reproduce", [ [ "--all" ]; [ "--seed"; "3" ]; [ "--steps"; "5" ]; [ "--out"; "d" ]; [ "--json" ] ]
    "train", [ [ "--out"; "d" ]; [ "--n-layers"; "2" ]; [ "--smeared" ]; [ "--seed=3" ]; [ "--batch"; "8" ] ]
    "complete",
    [
        [ "m" ]
        [ "--prompt"; "A"; "B" ]
        [ "--length"; "9" ]
        [ "--intervene"; "zero 0.1" ]
        [ "--with"; "direct nothing" ]
        [ "--json" ]
    ]
    "complete", [ [ "m" ]; [ "-p"; "A" ]; [ "--json" ] ]
    "complete",
    [
        [ "m" ]
        [ "--prompts"; "f" ]
        [ "--temperature"; "0.5" ]
        [ "--top-k"; "3" ]
        [ "-s"; "7" ]
        [ "--task"; "copy 3" ]
    ]
    "tasks", [ [ "--show"; "recall 5" ]; [ "-n"; "9" ]; [ "-s"; "3" ]; [ "--json" ] ]
    "logits", [ [ "m" ]; [ "--text"; "A" ]; [ "--with"; "exact" ]; [ "--intervene"; "zero 0.1" ]; [ "--json" ] ]
    "attention",
    [
        [ "m" ]
        [ "-n"; "9" ]
        [ "-s"; "3" ]
        [ "--with"; "exact" ]
        [ "--intervene"; "zero 0.1" ]
        [ "--picture"; "f" ]
        [ "--no-picture" ]
        [ "--json" ]
    ]
    "circuits", [ [ "m" ]; [ "--matrices" ]; [ "--out"; "d" ]; [ "--no-picture" ]; [ "--json" ] ]
    "evaluate",
    [
        [ "m" ]
        [ "-n"; "9" ]
        [ "-s"; "3" ]
        [ "--with"; "exact" ]
        [ "--intervene"; "zero 0.1" ]
        [ "--json" ]
    ]
    "evaluate",
    [
        [ "m" ]
        [ "--exact" ]
        [ "--failures"; "f" ]
        [ "--of"; "AB" ]
        [ "--most"; "9" ]
        [ "--resume"; "r" ]
    ]
    "runs", [ [ "d" ]; [ "--json" ] ]
    "compare", [ [ "a"; "b" ]; [ "--picture"; "f" ]; [ "-n"; "9" ]; [ "--out"; "d" ]; [ "--json" ] ]
    "ablate", [ [ "m" ]; [ "--mode"; "mean" ]; [ "--pairs" ]; [ "-n"; "9" ]; [ "--out"; "d" ]; [ "--json" ] ]
    "compose",
    [
        [ "m" ]
        [ "-n"; "9" ]
        [ "--out"; "d" ]
        [ "--with"; "exact" ]
        [ "--intervene"; "zero 0.1" ]
        [ "--json" ]
    ]
    "heads", [ [ "m" ]; [ "-n"; "9" ]; [ "--out"; "d" ]; [ "--json" ] ]
    "attribute", [ [ "m" ]; [ "--text"; "A" ]; [ "--position"; "0" ]; [ "--json" ] ]
    "patch", [ [ "m" ]; [ "--clean"; "A" ]; [ "--corrupt"; "B" ]; [ "--answer"; "C" ]; [ "--json" ] ]
    "lens",
    [
        [ "m" ]
        [ "--text"; "A" ]
        [ "--out"; "d" ]
        [ "--picture"; "f" ]
        [ "--with"; "exact" ]
        [ "--json" ]
    ]
    "develop", [ [ "r" ]; [ "-n"; "9" ]; [ "--out"; "d" ]; [ "--json" ] ]
    "explain", [ [ "m" ]; [ "--with"; "direct nothing" ]; [ "-n"; "9" ]; [ "--out"; "d" ]; [ "--json" ] ]
    "explore", [ [ "m"; "n" ]; [ "--with"; "exact" ]; [ "-n"; "9" ]; [ "--out"; "f" ]; [ "--open" ]; [ "--json" ] ]
    "study",
    [
        [ "--seeds"; "2" ]
        [ "--sweep"; "d_head=4,8"; "batch=8" ]
        [ "--variants"; "plain" ]
        [ "--keep-weights" ]
        [ "-o"; "d" ]
    ]
    "study plan",
    [
        [ "--seeds"; "2" ]
        [ "--sweep"; "d_head=4,8"; "batch=8" ]
        [ "--keep-weights" ]
        [ "-o"; "d" ]
        [ "--json" ]
    ]
    "study run", [ [ "d" ]; [ "--items"; "0-3" ]; [ "--workers"; "2" ]; [ "--json" ] ]
    "study merge", [ [ "d" ]; [ "--partial" ]; [ "--json" ] ]
    "study slurm", [ [ "d" ]; [ "--tasks"; "2" ]; [ "--workers"; "2" ]; [ "--time"; "30" ] ]
]

let private shuffled key (groups: 'a list) =
    let order = Key.uniform groups.Length key
    List.zip (List.ofArray order) groups |> List.sortBy fst |> List.map snd

let private order =
    testList "order" [
        law 300 "any order of the options and of the word that has none comes to the same command" (fun key ->
            let name, groups = one lines 1 key
            let command = name.Split ' ' |> List.ofArray
            let expected = parse (command @ List.concat groups)
            Expect.isTrue expected.IsRun $"{name}: {expected}"
            let words = command @ List.concat (shuffled (Key.split 2UL key) groups)
            Expect.equal (parse words) expected (String.concat " " words))

        test "the lines above are of every command, and hold all that take lists" {
            for command in commands do
                if command <> [ "study"; "report" ] then
                    let name = String.concat " " command
                    let groups = lines |> List.filter (fst >> (=) name) |> List.collect snd
                    Expect.isNonEmpty groups name

                    for option in ofCommand command |> List.filter _.Several do
                        Expect.exists
                            groups
                            (fun group -> List.contains group.Head option.Names && group.Length > 2)
                            name
        }

        test "a list gives up its last word to the model that is nowhere else" {
            let model words =
                match parse words with
                | Run(Complete options) -> options.Model, options.Prompts
                | other -> failtest $"{words}: {other}"

            Expect.equal (model [ "complete"; "--prompt"; "A"; "M" ]) ("M", [ "A" ]) "behind one"
            Expect.equal (model [ "complete"; "--prompt"; "A"; "B"; "M" ]) ("M", [ "A"; "B" ]) "behind two"
            Expect.equal (model [ "complete"; "M"; "--prompt"; "A"; "B" ]) ("M", [ "A"; "B" ]) "in front"
            Expect.equal (model [ "complete"; "--prompt"; "A"; "B"; "--"; "M" ]) ("M", [ "A"; "B" ]) "behind a --"
            Expect.equal (model [ "complete"; "--prompt"; "A"; "B"; "--"; "-m" ]) ("-m", [ "A"; "B" ]) "a dash"

            let sentence = refusal "ambiguous" [ "complete"; "--prompt"; "A"; "B"; "--prompt"; "C"; "D" ]

            for part in [ "\"B\""; "\"D\"" ] do
                Expect.stringContains sentence part "what it could be"
        }
    ]

let private numbers =
    testList "numbers" [
        test "of every option are refused in any other form, by the option's name" {
            for command in commands do
                let word = unnamed command |> Option.map (fun _ -> "x") |> Option.toList

                for option in ofCommand command do
                    if option.Value = Some "number" || option.Value = Some "steps" then
                        let name = option.Names.Head

                        let isReal =
                            name = "--temperature"
                            || Field.all
                               |> List.exists (fun f -> Field.option f = name && (Field.describe f).Range.IsNumberFrom)

                        for text in noNumbers @ (if isReal then [] else noWholeNumbers) do
                            let words = command @ word @ [ $"{name}={text}" ]

                            // What else is wanted is there, so that nothing but the number is wrong.
                            let rest =
                                match command with
                                | [ "train" ]
                                | [ "study" ]
                                | [ "study"; "plan" ] -> [ "--out"; "d" ]
                                | [ "complete" ] -> [ "--prompt"; "A" ]
                                | [ "tasks" ] -> [ "--show"; "add 5" ]
                                | [ "compare" ] -> [ "y" ]
                                | [ "study"; "run" ] when name = "--tasks" -> [ "--array" ]
                                | [ "attribute" ] -> [ "--text"; "A" ]
                                | _ -> []

                            let sentence = refusal $"{command} {name}" (words @ rest)
                            Expect.stringContains sentence name "the option"
                            Expect.stringContains sentence "expected a" "what was expected"
        }

        test "-1 is named with what would have been right" {
            for command in [ [ "reproduce" ]; [ "attention"; "m" ]; [ "compare"; "a"; "b" ] ] do
                Expect.equal
                    (refusal "a seed" (command @ [ "--seed=-1" ]))
                    $"--seed: expected a whole number from 0 to {UInt64.MaxValue}, found -1."
                    "the sentence"
        }

        test "are read the same in every culture" {
            let before = CultureInfo.CurrentCulture
            let german = CultureInfo.InvariantCulture.Clone() :?> CultureInfo
            german.NumberFormat.NumberDecimalSeparator <- ","
            german.NumberFormat.NumberGroupSeparator <- "."
            german.NumberFormat.NegativeSign <- "~"

            try
                CultureInfo.CurrentCulture <- german
                Expect.equal (Numbers.real "0.5") (Some 0.5) "a point"
                Expect.equal (Numbers.real "-1e-3") (Some -0.001) "a minus sign"
                Expect.equal (Numbers.whole "-12") (Some -12) "whole"
                Expect.isNone (Numbers.real "0,5") "a comma"
                Expect.equal (string (Number 0.25)) "0.25" "printed"

                Expect.equal
                    (Intervention.parse "add 0.5,-1 to residual 1" |> Result.map string)
                    (Ok "add 0.5,-1 to residual 1")
                    "in an intervention"
            finally
                CultureInfo.CurrentCulture <- before
        }

        law 300 "what is printed reads back" (fun key ->
            let halves = Key.integers Int32.MaxValue 2 key |> Array.map int64
            let bits = BitConverter.Int64BitsToDouble((halves[0] <<< 33) ^^^ halves[1])

            if Double.IsFinite bits then
                Expect.equal (Numbers.real (string (Number(bits + 0.0)))) (Some(bits + 0.0)) "a number"

            let whole = integer -1000 1000 2 key
            Expect.equal (Numbers.whole (string whole)) (Some whole) "a whole number")

        test "too small to be told from 0 is no number" {
            Expect.isNone (Numbers.real "1e-400") "1e-400"
            Expect.equal (Numbers.real "0e5") (Some 0.0) "0e5"
            Expect.equal (Numbers.real "1e3") (Some 1000.0) "1e3"
            Expect.equal (Numbers.real ".5") (Some 0.5) ".5"
        }

        test "of sweeps, conditions and interventions are held to the same form" {
            for sweep in [ "d_head=4, 8"; "d_head= 4"; "learning_rate=0,01"; "learning_rate=+1"; "batch=1e2"; "batch=" ] do
                refusal sweep [ "study"; "--out"; "d"; "--sweep"; sweep ] |> ignore

            for bound in [ "0,9"; "+1"; "1e999"; "NaN"; "-0"; "00.5"; "1_0" ] do
                Expect.isError (Rules.parse [] $"ov_0_max > {bound}") bound
                Expect.isError (Rules.parse [] $"direct_path > direct_path + {bound}") bound

            for text in
                [
                    "zero 0.01"
                    "zero +0.1"
                    "resample 0.1 with seed -1"
                    "mean 0.1 over 1e3 sequences of seed 7"
                    "add 1_0 to residual 1"
                    "add NaN to residual 1"
                    "add 1e999 to residual 0"
                ] do
                let sentence = refusal text [ "evaluate"; "m"; "--intervene"; text ]
                Expect.stringContains sentence "--intervene" text
        }
    ]

let private mistakes =
    testList "mistakes" [
        test "of every option are one sentence in a user's words" {
            for command in commands do
                for option in ofCommand command do
                    let name = option.Names.Head
                    let start = command @ (unnamed command |> Option.map (fun _ -> "x") |> Option.toList)

                    match option.Value with
                    | _ when name = "--help" -> ()
                    | None ->
                        Expect.stringContains (refusal name (start @ [ name; name ])) "twice" name
                        Expect.stringContains (refusal name (start @ [ name + "=yes" ])) name name
                    | Some _ ->
                        Expect.stringContains (refusal name (start @ [ name ])) "missing" name
                        Expect.stringContains (refusal name (start @ [ name; "--json" ])) name name

                        let isRepeated =
                            option.Several
                            || List.contains name [ "--intervene"; "--variants" ]
                            || (name = "--with" && (command = [ "explain" ] || command = [ "explore" ]))

                        if not isRepeated then
                            Expect.stringContains (refusal name (start @ [ name; "1"; name; "1" ])) "twice" name

                    let mistyped = name + "x"
                    Expect.stringContains (refusal mistyped (start @ [ mistyped; "1" ])) $"\"{mistyped}\"" "the word"

                    Expect.stringContains
                        (refusal mistyped (start @ [ mistyped; "1" ]))
                        $"nearest is {name}"
                        "the nearest"
        }

        test "an option's name of an earlier version is read as today's" {
            Expect.equal
                (parse [ "compare"; "a"; "b"; "--figure"; "f.png" ])
                (parse [ "compare"; "a"; "b"; "--picture"; "f.png" ])
                "--figure"
        }

        test "what a command cannot do is said, not ignored" {
            for words, part in
                [
                    [ "circuits"; "m"; "--with"; "exact" ], "products of weights"
                    [ "circuits"; "m"; "--intervene"; "zero 0.1" ], "products of weights"
                    [ "patch"; "m"; "--clean"; "A"; "--corrupt"; "B"; "--with"; "exact" ], "to patch"
                    [ "explain"; "m"; "--intervene"; "zero 0.1" ], "as it is"
                ] do
                Expect.stringContains (refusal "an option" words) part "why"
        }

        test "with a command's name are one sentence" {
            for words in
                [ [ "trian" ]; [ "--json"; "train" ]; [ "" ]; [ "--" ]; [ "@file" ]; [ "--version"; "x" ]; [ "-" ] ] do
                refusal "a command" words |> ignore

            Expect.stringContains (refusal "a command" [ "trian" ]) "the nearest is train" "the nearest"

            Expect.stringContains
                (refusal "a subcommand" [ "study"; "--seeds"; "3"; "plan" ])
                "study plan"
                "options in front of a subcommand"
        }
    ]

[<Tests>]
let tests = testList "Arguments" [ order; numbers; mistakes ]
