(**
---
title: The commands
category: Reference
categoryindex: 4
index: 1
description: Every command of the program, as it explains itself.
---
# The commands

`interp COMMAND --help` prints what stands here, which is what the program said when this page was made. Every command that computes something prints one JSON object with `--json` ([JSON](json.md)); those that compute something of a model draw it with `--picture FILE.svg` (or `.png`, `.pdf`), and all of their pictures with `--out DIR`. Interventions and explanations are text, and every command that runs a model takes them.

MODEL is a `.safetensors` file or a run directory; a model carries its task, and every measure takes another with `--task`. Exit codes: 0 done, 1 failed, 2 bad usage or bad input (one sentence says what was expected), 130 interrupted.
*)
(*** hide ***)
#r "../Interp.Figures/bin/Release/net10.0/Interp.Functional.dll"
#r "../Interp.Host/bin/Release/net10.0/Argu.dll"
#r "../Interp.Host/bin/Release/net10.0/Interp.CommandLine.dll"

open System.Net
open Interp.CommandLine

/// As wide as the page.
let width = 94

let help (words: string) =
    match Parse.commandLine (("help " + words).TrimEnd().Split ' ') with
    | Help page -> page
    | other -> failwith $"interp help {words}: {other}"

/// The words that a page of help lists, those of its options left out.
let listed (page: HelpPage) = [
    for block in page do
        match block with
        | Terms terms ->
            for term, _ in terms do
                if System.Text.RegularExpressions.Regex.IsMatch(term, "^[a-z]+$") then
                    term
        | _ -> ()
]

let commands = listed (help "") |> List.except [ "help"; "version" ]
let steps = listed (help "study") |> List.map (fun step -> $"study {step}")
let topics = [ "claims"; "interventions"; "explanations" ]

let id (words: string) = words.Replace(' ', '-')

let shown words =
    $"<pre class=\"wide\" tabindex=\"0\"><code>{WebUtility.HtmlEncode(HelpPage.show width (help words))}</code></pre>"

if commands.Length < 15 || steps.Length < 5 then
    failwith "the help's lists were not read"

[
    [
        for words in commands @ steps @ topics ->
            $"<a href=\"#{id words}\"><code>{words}</code></a>"
    ]
    |> String.concat " · "
    |> sprintf "<p>%s</p>"

    shown ""

    for words in commands @ steps do
        $"<h2 id=\"{id words}\">interp {words}</h2>"
        shown words

    for topic in topics do
        $"<h2 id=\"{topic}\">interp help {topic}</h2>"
        shown topic
]
|> String.concat "\n"
(*** include-it-raw ***)
