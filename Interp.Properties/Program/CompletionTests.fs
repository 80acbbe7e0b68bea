/// Scripts that complete command lines: what is in them, and what a real shell makes of them.
module Interp.Properties.CompletionTests

open System.IO
open Expecto
open Interp
open Interp.CommandLine
open Interp.Properties.Options
open Interp.Properties.Processes

let private script shell =
    match Parse.commandLine [| "completion"; shell |] with
    | Script text -> text
    | other -> failtest $"{shell}: {other}"

let private shells = [ "bash"; "zsh"; "fish"; "pwsh" ]

let private contents = test "every command, option and word that is one of few is in every shell's script" {
    let tasks = Tasks.all |> List.map _.Name |> List.distinct

    let interventions =
        Intervention.forms |> List.map (fun form -> (form.Form.Split ' ')[0]) |> List.distinct

    let values =
        [
            "study"
            "standard"
            "rotary"
            "keys"
            "queries"
            "both"
            "adamw"
            "sgd"
            "warm-up"
            "cosine"
            "matrices"
        ]
        @ [
            "zero"
            "mean"
            "resample"
            "plain"
            "smeared"
            "two-layer"
            "learning_rate="
            "direct"
            "ov"
            "qk"
            "attention"
        ]
        @ [ "claims"; "interventions"; "explanations" ]
        @ tasks
        @ interventions
        @ shells

    for shell in shells do
        let words = (script shell).Split(" \n'\"()[]:,;|{}*".ToCharArray()) |> Set.ofArray

        let holds what (word: string) = Expect.isTrue (words.Contains word) $"{shell}: {what} {word}"

        for command in commands do
            command |> List.iter (holds "command")

            for name in ofCommand command |> List.collect _.Names do
                match shell with
                | "fish" -> holds "option" (name.TrimStart '-')
                // What stands in front of a value.
                | "zsh" -> Expect.isTrue (words.Contains name || words.Contains(name + "=")) $"{shell}: option {name}"
                | _ -> holds "option" name

        values |> List.iter (holds "value")
}

let private isThere (name: string) = (shell $"command -v {name}").ExitCode = 0

let private syntax =
    testList "are read" [
        for name in shells do
            test $"by {name}" {
                if not (isThere name) then
                    skiptest $"{name} is not installed here"

                inDirectory (fun directory ->
                    let file = Path.Combine(directory, "script")
                    File.WriteAllText(file, script name)

                    match name with
                    | "pwsh" -> succeeds (shell $"pwsh -NoProfile -File '{file}'")
                    | name -> succeeds (shell $"{name} -n '{file}'"))
            }
    ]

/// What bash offers for words of which the last is being typed, in a directory with a run, a model and a text; each case's offers, sorted.
let private offered (cases: string list list) : string list list =
    inDirectory (fun directory ->
        let at path = Path.Combine(directory, path)

        for path in [ "runs/one"; "runs/deep/two"; "empty" ] do
            Directory.CreateDirectory(at path) |> ignore

        for path in [ "runs/one/config.json"; "runs/deep/two/config.json"; "a.safetensors"; "notes.txt" ] do
            File.WriteAllText(at path, "")

        File.WriteAllText(at "script", script "bash")

        let quoted (word: string) = "'" + word.Replace("'", "'\\''") + "'"

        let lines = [
            "source ./script"
            for words in cases do
                let all = "interp" :: words |> List.map quoted |> String.concat " "
                $"COMP_WORDS=({all}); COMP_CWORD={words.Length}; _interp; printf '%%s\\n' \"${{COMPREPLY[@]}}\" | sort; echo --"
        ]

        File.WriteAllText(at "ask", String.concat "\n" lines)
        let outcome = shell $"cd '{directory}' && bash --noprofile --norc ./ask"
        succeeds outcome
        Expect.equal outcome.Error "" "standard error"

        outcome.Output.Split "--\n"
        |> Array.truncate cases.Length
        |> Array.map (fun text -> text.Split '\n' |> Array.filter ((<>) "") |> List.ofArray)
        |> List.ofArray)

let private inBash = test "a real bash offers what belongs at each place" {
    if not (isThere "bash") then
        skiptest "bash is not installed here"

    let names command = ofCommand command |> List.collect _.Names |> List.sort

    let cases = [
        [ "cir" ], [ "circuits" ]
        [ "--v" ], [ "--version" ]
        [ "train"; "--pos" ], [ "--positions" ]
        [ "train"; "--positions"; "" ], [ "none"; "rotary"; "standard"; "study" ]
        [ "train"; "--positions"; "ro" ], [ "rotary" ]
        // As bash splits --positions=ro.
        [ "train"; "--positions"; "="; "ro" ], [ "rotary" ]
        [ "train"; "--positions"; "=" ], [ "none"; "rotary"; "standard"; "study" ]
        [ "train"; "--smear"; "k" ], [ "keys" ]
        [ "train"; "--steps"; "" ], []
        [ "train"; "--schedule"; "wa" ], [ "warm-up" ]
        [ "evaluate"; "m"; "--intervene"; "\"fr" ], [ "freeze" ]
        [ "evaluate"; "m"; "--task"; "rec" ], [ "recall" ]
        [ "ablate"; "m"; "--mode"; "r" ], [ "resample" ]
        [ "circuits"; "" ], [ "a.safetensors"; "runs" ]
        [ "circuits"; "runs/" ], [ "runs/deep"; "runs/one" ]
        [ "circuits"; "-" ], names [ "circuits" ]
        [ "train"; "--resume"; "runs/o" ], [ "runs/one" ]
        [ "complete"; "m"; "--prompts"; "no" ], [ "notes.txt" ]
        [ "logits"; "m"; "-o"; "em" ], [ "empty" ]
        [ "study"; "" ], [ "merge"; "plan"; "report"; "run"; "slurm" ]
        [ "study"; "plan"; "--fi" ], [ "--first-seed" ]
        [ "study"; "run"; "--ar" ], [ "--array" ]
        [ "study"; "--ar" ], []
        [ "study"; "plan"; "--sweep"; "learning" ], [ "learning_rate=" ]
        [ "help"; "interv" ], [ "interventions" ]
        [ "completion"; "" ], List.sort shells
        [ "frobnicate"; "" ], []
    ]

    for (words, expected), found in List.zip cases (offered (List.map fst cases)) do
        Expect.equal found expected (String.concat " " words)
}

let private inFish = test "a real fish offers what belongs at each place" {
    if not (isThere "fish") then
        skiptest "fish is not installed here"

    let cases = [
        "interp cir", [ "circuits" ]
        "interp train --pos", [ "--positions" ]
        "interp train --positions ", [ "none"; "rotary"; "standard"; "study" ]
        "interp study ", [ "merge"; "plan"; "report"; "run"; "slurm" ]
        "interp study plan --fi", [ "--first-seed" ]
        "interp evaluate m --intervene fr", [ "freeze" ]
    ]

    inDirectory (fun directory ->
        File.WriteAllText(Path.Combine(directory, "script"), script "fish")
        let asked = cases |> List.map (fun (line, _) -> $"complete -C '{line}'; echo ==") |> String.concat "; "

        let outcome =
            shell $"cd '{directory}' && HOME='{directory}' fish --no-config -c \"source script; {asked}\""

        succeeds outcome

        for (line, expected), found in
            List.zip cases (outcome.Output.Split "==\n" |> List.ofArray |> List.truncate cases.Length) do
            // A candidate and, behind a tab, what it is.
            let words = found.Split '\n' |> Array.map (fun each -> (each.Split '\t')[0]) |> Array.filter ((<>) "")
            Expect.equal (List.sort (List.ofArray words)) expected line)
}

[<Tests>]
let tests = testList "Completion" [ contents; syntax; inBash; inFish ]
