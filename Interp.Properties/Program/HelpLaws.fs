/// Pages of help at every width: nothing is lost, no line is too long, and three of them as they look.
module Interp.Properties.HelpLaws

open System
open System.Text.RegularExpressions
open Expecto
open Interp
open Interp.CommandLine
open Interp.Properties.Laws
open Interp.Properties.Options

/// The words of every page that there is.
let private pages: string list list =
    [ []; [ "completion"; "--help" ] ]
    @ (commands |> List.map (fun command -> command @ [ "--help" ]))
    @ ([ "claims"; "interventions"; "explanations"; "tasks" ] |> List.map (fun topic -> [ "help"; topic ]))

/// A line of an example: what is read by a program is not broken within a word, and a claims file not at all.
let private isExample (line: string) = line.StartsWith "    "

/// What is to be read: without ends of lines, and the signs that stand for them in examples and remarks.
let private signs (text: string) = Regex.Replace(text.Replace("\n    # ", "\n"), @"[\s\\]+", "")

let private widths =
    testList "widths" [
        law
            100
            "no line is longer than the width, but for an example's one word, and no line ends in a space"
            (fun key ->
                let words, width = one pages 1 key, integer 40 200 2 key

                for line in (helpIn width words).Split '\n' do
                    Expect.equal (line.TrimEnd()) line "the end of a line"

                    if line.Length > width then
                        Expect.isTrue (isExample line) $"{words} in {width} columns: {line}")

        test "at 80 columns and more no line at all is longer" {
            for words in pages do
                for width in [ 80; 81; 100; 133; 200 ] do
                    for line in (helpIn width words).Split '\n' do
                        Expect.isLessThanOrEqual line.Length width $"{words}: {line}"
        }

        law 60 "any two widths have the same words" (fun key ->
            let words = one pages 1 key
            let first, second = integer 40 200 2 key, integer 40 200 3 key
            Expect.equal (signs (helpIn first words)) (signs (helpIn second words)) $"{words}: {first}, {second}")

        test "an example that is broken is one command to a shell" {
            for words in pages do
                let broken = (helpIn 40 words).Replace(" \\\n        ", " ")

                for line in (helpIn 1000 words).Split '\n' do
                    if line.StartsWith "    interp " then
                        Expect.stringContains broken line $"{words}"
        }
    ]

let private looks =
    testList "looks" [
        for words, expected in
            [
                [ "runs"; "-h" ],
                """List run directories: what is trained in each, since when, how far, to what
loss, and how it stands.

USAGE: interp runs [DIRECTORY] [options]

  DIRECTORY  a directory of run directories, or one of them (default: runs).

OPTIONS:
      --json  print exactly one JSON object on standard output; everything else
              goes to standard error.
  -h, --help  print this.

EXAMPLES:
    interp runs
    interp runs /data/runs --json

EXIT CODES: 0 done, 1 failed, 2 bad usage or bad input, 130 interrupted."""
                [ "help"; "study"; "slurm" ],
                """Print a script for Slurm's sbatch: an array job whose tasks share the items of a
study in a directory that all nodes see.

USAGE: interp study slurm DIRECTORY [options]

  DIRECTORY  the directory of a study.

OPTIONS:
      --tasks NUMBER    tasks of the array job, which share the items (default:
                        one an item, 100 at most).
      --workers NUMBER  trainings at once in a task, and its processors (default
                        1).
      --time TIME       time limit of a task, as Slurm writes it: 30, 2:00:00 or
                        1-12 (default: the cluster's).
  -h, --help            print this.

EXAMPLES:
    interp study slurm studies/hundred --tasks 20 --time 30 > study.sbatch
    sbatch study.sbatch
    # one task once more; what is finished is not done again
    sbatch --array=3 study.sbatch

EXIT CODES: 0 done, 1 failed, 2 bad usage or bad input, 130 interrupted."""
                [ "lens"; "--help" ],
                """Read predictions off the residual stream before every layer and behind the last
(the logit lens).

USAGE: interp lens MODEL --text LETTERS [options]

  MODEL  a .safetensors file, or a run directory with model.safetensors in it.

OPTIONS:
  -t, --text LETTERS            the letters to predict after.
  -o, --out DIRECTORY           directory to write all of the command's pictures
                                to (default: none).
      --with EXPLANATION        run this explanation in place of the model, for
                                example "direct two-numbers; ov 0.* diagonal"
                                (see `interp help explanations`).
      --intervene INTERVENTION  do something to the model while it runs, for
                                example "zero 0.1" or "cut 0.2 -> 1.3.k" (see
                                `interp help interventions`); may be repeated.
      --picture FILE            file to draw the command's main picture to; its
                                ending says what it is: .svg, .png or .pdf.
      --task TASK               the task to measure on, such as "repeat 6 x4 of
                                26" (default: the one that the model was trained
                                on).
      --json                    print exactly one JSON object on standard
                                output; everything else goes to standard error.
  -h, --help                    print this.

EXAMPLES:
    interp lens runs/two-layer --text ABCDEFABCDEF
    interp lens runs/two-layer --text ABCDEFABC --json

EXIT CODES: 0 done, 1 failed, 2 bad usage or bad input, 130 interrupted."""
            ] do
            test (String.concat " " words) { Expect.equal (helpIn 80 words) expected "80 columns" }
    ]

let private whole = test "every option of every command is in its help, and every example is a command" {
    for command in commands do
        let page = helpIn 80 (command @ [ "--help" ])

        for option in ofCommand command do
            for name in option.Names do
                Expect.isMatch page $"(^|\\s){name}[\\s,]" name

        let examples =
            (helpIn 1000 (command @ [ "--help" ])).Split '\n'
            |> Array.filter (fun line -> line.StartsWith "    interp ")

        Expect.isNonEmpty examples $"{command}"

        for example in examples do
            let words =
                Regex.Matches(example.Split(" > ")[0], "(?:\"[^\"]*\"|[^ \"])+")
                |> Seq.map (fun word -> word.Value.Replace("\"", ""))
                |> Seq.tail
                |> Array.ofSeq

            match Parse.commandLine words with
            | Run _ -> ()
            | other -> failtest $"{example}: {other}"
}

[<Tests>]
let tests = testList "Help" [ widths; looks; whole ]
