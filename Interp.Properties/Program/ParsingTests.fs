/// From arguments to commands, without a process: what is asked for, and what is refused in which words.
module Interp.Properties.ParsingTests

open Expecto
open Interp
open Interp.CommandLine
open Interp.Properties.Options
open Interp.Properties.Processes

let private commands = commands |> List.filter (List.length >> (=) 1) |> List.map List.head

let private helpOf = helpIn HelpPage.StandardWidth

let private help =
    testList "help" [
        test "at the top names every command" {
            let lines = (helpOf [ "--help" ]).Split '\n'

            for command in commands do
                Expect.exists lines (fun line -> line.StartsWith $"  {command} ") command
        }

        test "is what the program says where nothing is asked of it, by any name that help goes by" {
            for words in [ []; [ "-h" ]; [ "help" ]; [ "help"; "--help" ]; [ "help"; "help" ]; [ "help"; "version" ] ] do
                Expect.equal (helpOf words) (helpOf [ "--help" ]) (String.concat " " words)

            for words in [ [ "train"; "-h" ]; [ "train"; "--steps"; "3"; "--help" ]; [ "help"; "train" ] ] do
                Expect.equal (helpOf words) (helpOf [ "train"; "--help" ]) (String.concat " " words)

            for words in [ [ "study"; "plan"; "-h" ]; [ "help"; "study"; "plan" ] ] do
                Expect.equal (helpOf words) (helpOf [ "study"; "plan"; "--help" ]) (String.concat " " words)
        }

        test "of every command has its arguments and examples" {
            for command in commands do
                let help = helpOf [ command; "--help" ]
                Expect.isMatch help $"USAGE:\\s+interp {command}" "usage"
                Expect.isMatch help $"EXAMPLES:\n(    # .*\n)?    interp {command}" "examples"
        }

        test "of the small languages has examples that are read, each on a line of its own" {
            let examples topic =
                // No line is broken, so that what begins so far to the right is an example.
                (helpIn 1000 [ "help"; topic ]).Split '\n'
                |> Array.filter (fun line -> line.StartsWith "        " && line[8] <> ' ')
                |> Array.map _.Trim()

            let isRead topic least (read: string -> Result<'value, string>) =
                let found = examples topic
                Expect.isGreaterThan found.Length least topic

                for example in found do
                    match read example with
                    | Ok value -> Expect.equal (read (string value)) (Ok value) example
                    | Error problem -> failtest $"{example}: {problem}"

            isRead "interventions" 9 Intervention.parse
            isRead "explanations" 20 Explanation.parse
            isRead "tasks" 15 TaskForm.parse

            Expect.stringContains (helpOf [ "help"; "tasks" ]) "USAGE: interp tasks" "the command of that name, too"
            Expect.isFalse ((helpOf [ "explain"; "--help" ]).Contains "over-queries") "one place"
            Expect.stringContains (helpOf [ "explain"; "--help" ]) "interp help explanations" "which is pointed at"
        }

        test "of study points at the help of its subcommands, each with its story" {
            Expect.stringContains (helpOf [ "study"; "--help" ]) "`interp help study SUBCOMMAND`" "the pointer"

            for subcommand in [ "plan"; "run"; "merge"; "report"; "slurm" ] do
                Expect.stringContains
                    (helpOf [ "study"; subcommand; "--help" ])
                    $"    interp study {subcommand} "
                    "an example"
        }

        test "is not asked for by the version" {
            for word in [ "--version"; "-V"; "version" ] do
                Expect.equal (Parse.commandLine [| word |]) Version word
        }
    ]

let private badArguments =
    testList "bad arguments" [
        for args, parts in
            [
                [ "frobnicate" ], [ "frobnicate" ]
                [ "circuit" ], [ "no command \"circuit\""; "the nearest is circuits" ]
                [ "help"; "circuit" ], [ "the nearest is circuits" ]
                [ "version"; "x" ], [ "stands alone" ]
                [ "study"; "plam" ], [ "no subcommand \"plam\""; "the nearest is plan" ]
                [ "help"; "study"; "plam" ], [ "the nearest is plan" ]
                [ "completion" ], [ "shell is missing" ]
                [ "completion"; "fsh" ], [ "no shell"; "the nearest is fish" ]
                [ "train"; "x" ], [ "\"x\""; "--out"; "--resume"; "--extend" ]
                [ "train"; "--extend"; "5" ], [ "--extend"; "directory" ]
                [ "train"; "--extend"; "0"; "x" ], [ "--extend"; "found 0" ]
                [ "train"; "--extend"; "5"; "x"; "--steps"; "3" ], [ "--extend"; "--threads" ]
                [ "train"; "--extend"; "5"; "x"; "--out"; "y" ], [ "--out"; "--extend" ]
                [ "train"; "--print-config"; "--out"; "x" ], [ "--print-config"; "--out" ]
                [ "train"; "--print-config"; "--json" ], [ "--print-config" ]
                [ "train"; "--resume"; "x"; "--config"; "y" ], [ "--resume" ]
                [ "train" ], [ "--out"; "missing" ]
                [ "train"; "--out"; "x"; "--frobnicate" ], [ "--frobnicate" ]
                [ "train"; "--out"; "x"; "--steps" ], [ "--steps" ]
                [ "train"; "--out"; "x"; "--steps"; "many" ], [ "--steps"; "many" ]
                [ "train"; "--out"; "x"; "--steps"; "0" ], [ "--steps"; "0" ]
                [ "train"; "--out"; "x"; "--seed"; "-1" ], [ "--seed"; "-1" ]
                [ "train"; "--out"; "x"; "--heads"; "65" ], [ "65"; "64" ]
                [ "train"; "--out"; "x"; "--layers"; "65" ], [ "--n-layers"; "65" ]
                [ "train"; "--out"; "x"; "--positions"; "rotary"; "--d-head"; "5" ], [ "d_head is 5"; "even" ]
                [ "train"; "--out"; "x"; "--positions"; "learned" ], [ "--positions"; "study, standard, rotary, none" ]
                [ "train"; "--out"; "x"; "--smear"; "values" ], [ "--smear"; "none, keys, queries, both" ]
                [ "train"; "--out"; "x"; "--smeared"; "--smear"; "keys" ], [ "--smeared"; "--smear keys" ]
                [ "train"; "--out"; "x"; "--vocab"; "16385" ], [ "--d-vocab"; "16385" ]
                [ "train"; "--out"; "x"; "--blocks"; "1" ], [ "blocks"; "1" ]
                [ "train"; "--out"; "x"; "--learning-rate"; "nan" ], [ "learning-rate" ]
                [ "train"; "--out"; "x"; "--threads=0" ], [ "--threads"; "0" ]
                [ "reproduce"; "train" ], [ "train" ]
                [ "complete"; "m" ], [ "--prompt" ]
                [ "complete"; "--prompt"; "ABCDEF" ], [ "model is missing" ]
                [ "complete"; "m"; "--prompt"; "A"; "--lenght"; "3" ], [ "--lenght" ]
                [ "circuits"; "one"; "two" ], [ "two" ]
                [ "circuits"; "m"; "--matrices" ], [ "--matrices"; "--json" ]
                [ "attention"; "m"; "--text"; "A"; "--seed"; "1" ], [ "--text"; "--seed" ]
                [ "evaluate"; "m"; "--sequences"; "0" ], [ "--sequences"; "0" ]
                [ "evaluate"; "m"; "--exact"; "--seed"; "1" ], [ "--exact"; "--seed" ]
                [ "evaluate"; "m"; "--failures"; "f" ], [ "--failures"; "--exact" ]
                [ "evaluate"; "m"; "--exact"; "--most"; "3" ], [ "--most"; "--failures" ]
                [ "evaluate"; "m"; "--exact"; "--failures"; "f"; "--most"; "1000001" ], [ "--most"; "1000000" ]
                [ "reproduce"; "--layers"; "3" ], [ "--n-layers"; "3" ]
                [ "reproduce"; "--layers"; "2"; "--all" ], [ "--n-layers"; "--all" ]
                [ "train"; "--out"; "x"; "--steps"; "5"; "--snapshots"; "6" ], [ "--snapshots"; "5"; "6" ]
                [ "ablate"; "m"; "--mode"; "gently" ], [ "gently" ]
                [ "logits"; "m"; "--text"; "A"; "--intervene"; "smash 0.1" ],
                [ "--intervene"; "smash 0.1"; "help interventions" ]
                [ "logits"; "m"; "--text"; "A"; "--intervene"; "zreo 0.1" ], [ "nearest form is \"zero HEAD\"" ]
                [ "logits"; "m"; "--text"; "A"; "--intervene"; "patch patern 0.1 from AB" ],
                [ "\"pattern\" may have been meant" ]
                [ "logits"; "m"; "--text"; "A"; "--intervene"; "cut 0.1" ], [ "\"cut SOURCE -> HEAD.INPUT\"" ]
                [ "logits"; "m"; "--text"; "A"; "--task"; "recal 5" ], [ "\"recall\""; "help tasks" ]
                [ "logits"; "m"; "--text"; "A"; "--with"; "direct twonumbers" ], [ "--with"; "Clause 1"; "two-numbers" ]
                [ "evaluate"; "m"; "--with"; "exact"; "--with"; "exact" ], [ "--with"; "twice" ]
                [ "explain"; "m"; "--with"; "exact"; "--with"; "direct nothing; attend 0.1" ], [ "--with"; "Clause 2" ]
                [ "explain"; "--with"; "exact" ], [ "model is missing" ]
                [ "explain"; "m"; "--with" ], [ "--with"; "missing" ]
                [ "explain"; "m"; "--intervene"; "zero 0.1" ], [ "--intervene" ]
                [ "explore" ], [ "model is missing" ]
                [ "explore"; "m"; "--out" ], [ "--out"; "file"; "missing" ]
                [ "explore"; "m"; "--with"; "attend 0.1" ], [ "--with"; "attend" ]
                [ "explore"; "m"; "--open=yes" ], [ "--open"; "stands alone" ]
                [ "patch"; "m"; "--clean"; "AB" ], [ "--corrupt" ]
            ] do
            let line = String.concat " " args

            test $"interp {line}" {
                match Parse.commandLine (Array.ofList args) with
                | Bad sentence ->
                    isSentence sentence

                    for part in parts do
                        Expect.stringContains sentence part "what is wrong"
                | parsed -> failtest $"{parsed}"
            }
    ]

let private explanations = test "explanations are read in their order, beside their texts as given" {
    let words = [|
        "explain"
        "--with"
        "ov 0.*  diagonal"
        "m"
        "--with"
        ""
        "--with"
        "attention 0.* 1-back"
        "-n"
        "9"
        "-s"
        "3"
    |]

    match Parse.commandLine words with
    | Run(Command.Explain options) ->
        Expect.equal
            (options.Explanations |> List.map (fun (text, explanation) -> text, string explanation))
            [
                "ov 0.*  diagonal", "ov 0.* diagonal"
                "", "exact"
                "attention 0.* 1-back", "attention 0.* previous"
            ]
            "explanations"

        Expect.equal options.Model "m" "the model"
        Expect.equal options.Reference { Sequences = 9; Seed = 3UL } "the sequences"
    | parsed -> failtest $"{parsed}"
}

[<Tests>]
let tests = testList "Parsing" [ help; badArguments; explanations ]
