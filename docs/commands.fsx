(**
---
title: The commands
category: Reference
categoryindex: 4
index: 1
description: Every command of the program, as it explains itself.
---
# The commands

`interp COMMAND --help` prints what stands here, which is what the program said when this page was made. Every command that computes something prints one JSON object with `--json` ([JSON](json.html)); those that compute something of a model draw it with `--picture FILE.svg` (or `.png`, `.pdf`), and all of their pictures with `--out DIR`. Interventions and explanations are text, and every command that runs a model takes them.

MODEL is a `.safetensors` file or a run directory; a model carries its task, and every measure takes another with `--task`. Exit codes: 0 done, 1 failed, 2 bad usage or bad input (one sentence says what was expected), 130 interrupted.
*)
(*** hide ***)
open System
open System.Diagnostics
open System.IO
open System.Net

let program =
    Path.Combine(
        __SOURCE_DIRECTORY__,
        "..",
        "Interp.Host",
        "bin",
        "Release",
        "net10.0",
        "interp.dll"
    )

let says (words: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            program :: words,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["NO_COLOR"] <- "1"
    info.Environment["COLUMNS"] <- "100"
    use run = Process.Start info
    let error = run.StandardError.ReadToEndAsync()
    let said = run.StandardOutput.ReadToEnd()
    run.WaitForExit()

    if run.ExitCode <> 0 then
        failwith $"interp {words}: {error.Result}"

    said.TrimEnd()

/// The words that begin the lines of the help's lists: those followed by what they take.
let listed (help: string) = [
    for line in help.Split '\n' do
        let words = line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)

        if line.StartsWith "    " && words.Length > 1 && words[1] = "<options>" then
            words[0]
]

let whole = says [ "--help" ]
let commands = listed whole
let study = listed (says [ "study"; "--help" ])
let topics = [ "interventions"; "explanations"; "tasks"; "claims" ]

let asked = [
    for command in commands -> [ command ], [ command; "--help" ]
    for step in study -> [ "study"; step ], [ "study"; step; "--help" ]
    for topic in topics -> [ "help"; topic ], [ "help"; topic ]
]

let answers =
    asked
    |> List.toArray
    |> Array.Parallel.map (fun (name, words) -> String.Join(' ', name), says words)

if commands.Length < 15 || study.Length < 5 then
    failwith "the help's lists were not read"

let box (text: string) =
    $"<pre class=\"wide\" tabindex=\"0\"><code>{WebUtility.HtmlEncode text}</code></pre>"

let links =
    [
        for name, _ in answers ->
            $"<a href=\"#{name.Replace(' ', '-')}\"><code>{name}</code></a>"
    ]
    |> String.concat " · "

[
    $"<p>{links}</p>"
    box whole

    for name, text in answers do
        $"<h2 id=\"{name.Replace(' ', '-')}\">interp {name}</h2>"
        box text
]
|> String.concat "\n"
(*** include-it-raw ***)
