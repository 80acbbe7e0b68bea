/// The scripts run as a reader would run them.
module Interp.Properties.ScriptTests

open System
open System.Globalization
open System.IO
open Expecto
open Interp.Properties.Processes

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// Scripts refer to the library by the configuration that is built for use.
let private library =
    Path.Combine(root, "Interp.Functional", "bin", "Release", "net10.0", "Interp.Functional.dll")

/// The lines that a script prints.
let private runWith (arguments: string list) name =
    Expect.isTrue (File.Exists library) "the library is built by: dotnet build -c Release Interp.Functional"

    let outcome = runDotnet [] ([ "fsi"; "--quiet"; Path.Combine(root, "scripts", name) ] @ arguments)

    Expect.equal outcome.ExitCode 0 $"exit code; the script said: {outcome.Error}{outcome.Output}"
    outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) |> Array.toList

let private run name = runWith [] name

/// The line that begins with `start`, without it.
let private after (start: string) (lines: string list) =
    match lines |> List.tryFind (fun line -> line.StartsWith start) with
    | Some line -> line.Substring(start.Length).Trim()
    | None ->
        let printed = String.Join('\n', lines)
        failtest $"no line begins with \"{start}\" in:\n{printed}"

let private number (text: string) = Double.Parse(text, CultureInfo.InvariantCulture)

[<Tests>]
let tests =
    testList "Scripts" [
        test "a small model trains, copies its prompt and has copying circuits" {
            let lines = run "train-a-small-model.fsx"
            Expect.stringStarts (after "completion" lines) "ABCDEFABCDEF" "the prompt"
            Expect.equal (after "completion" lines).Length 24 "a whole sequence"
            Expect.isLessThan (number (after "direct path" lines)) -0.9 "letters seen last are not repeated"
            Expect.isGreaterThan (number (after "their sum" lines)) 0.9 "letters attended to are copied"
        }

        test "a loss of one's own has the slope that its gradient says, and can be minimised" {
            let lines = run "a-loss-of-your-own.fsx"
            let slope = number (after "slope by gradient" lines)
            Laws.within Tolerances.scriptSlope 1.0 "the slope" (number (after "slope by difference" lines)) slope
            Expect.stringEnds (after "after 400 steps" lines) "49 of 49 sums right" "addition modulo 7"
        }

        test "a task of one's own is learned, written on and looked at, and its training is there the next time" {
            inDirectory (fun directory ->
                let mirror () = runWith [ Path.Combine(directory, "mirror") ] "a-task-of-your-own.fsx"
                let lines = mirror ()
                Expect.equal (after "accuracy" lines) "100.0 %" "accuracy"
                Expect.equal (after "AJCH goes on as" lines) "AJCHHCJA" "the mirror's other half"

                for place in 4..7 do
                    Expect.stringContains
                        (after $"token {place}:" lines)
                        $"looks most at token {7 - place} "
                        "a mirror's letter is read from its other side"

                Expect.equal (mirror ()) lines "nothing is trained again")
        }

        test "a transformer of one's own generalises to sums that it has not seen, by few frequencies" {
            inDirectory (fun directory ->
                let picture = Path.Combine(directory, "grokking.svg")
                let lines = runWith [ "--quick"; "--out"; picture ] "grokking.fsx" |> List.map _.Trim()
                let percent start = number ((after start lines).TrimEnd('%', ' '))
                Expect.stringStarts (after "generalises" lines) "step " "a step"
                Expect.isGreaterThan (percent "with these frequencies alone") 99.0 "these are enough"
                Expect.isLessThan (percent "without them") 20.0 "and needed"
                Expect.isLessThan (percent "others") 20.0 "the embedding has little else"
                Xml.Linq.XDocument.Load picture |> ignore)
        }

        test "explanations of one's own, by a rule and by a form of tables, are measured beside the language's" {
            let lines = run "an-explanation-of-your-own.fsx"

            let explained name = (after $"{name} " lines).Split(' ', ',') |> Array.skip 1 |> Array.head |> number

            let rule = explained "behind every match"
            Expect.isGreaterThan rule (explained "attention 0.* after-last-match") "every match says more than the last"
            Expect.isLessThan (explained "signs of the tables") rule "signs alone say little"
        }

        test "values show themselves in F# Interactive" {
            inDirectory (fun directory ->
                let script = Path.Combine(directory, "values.fsx")
                let model = ModelFiles.reference "smeared_s11.safetensors"

                File.WriteAllText(
                    script,
                    $"""#r @"{library}"
open Interp
let model = Model.load @"{model}"
let part = (Tensor.init [ 2; 30 ] (fun index -> float index[1] / 10.0))[1, 1..3]
let edits = [ ZeroAblate {{ Layer = 0; Head = 1 }} ]
let refused = try Model.load "nowhere" |> ignore; "" with :? RefusedException as refused -> refused.Message
"""
                )

                let outcome = runDotnet [] [ "fsi"; "--nologo"; "--readline-"; $"--use:{script}"; "--exec" ]
                Expect.equal outcome.ExitCode 0 outcome.Error

                for shown in
                    [
                        "model of 1 layer of 4 heads: 5,852 weights\n  d_model 32, d_head 8, d_vocab 26, n_ctx 24, positions study, smear keys\n"
                        "tensor float32 [3]\n  0.1000  0.2000  0.3000\n"
                        "= [zero 0.1]"
                        "nowhere: there is no such file or directory"
                    ] do
                    Expect.stringContains outcome.Output shown "what is shown")
        }

        test "claims of one's own are counted over trainings" {
            let lines = run "a-claim-of-your-own.fsx"
            // 200 steps turn every head of a plain model to copying; the smear weights, free to move, do not all stay.
            for claim in [ "plain-heads-copy"; "smeared-smears" ] do
                Expect.stringStarts (after claim lines) "holds in 5 of 5 trainings" claim

            let loss (group: string) =
                number ((after $"{group} " (lines |> List.filter _.Contains("loss"))).Split(' ')[1])
            // Guessing evenly costs ln 26 nats.
            Expect.isLessThan (max (loss "plain") (loss "smeared")) (log 26.0) "both have learned something"
        }
    ]
