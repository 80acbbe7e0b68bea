/// The options of every command, read off its help.
module Interp.Properties.Options

open System.Text.RegularExpressions
open Interp.CommandLine

/// An option as the help lists it.
type Listed = {
    /// "--seed", "-s"
    Names: string list
    /// What stands behind it: "number", "directory"; none for an option that stands alone.
    Value: string option
    /// Whether several values may.
    Several: bool
}

/// Every command, with its subcommands.
let commands: string list list = [
    for name in
        [
            "reproduce"
            "train"
            "complete"
            "logits"
            "attention"
            "circuits"
            "evaluate"
            "tasks"
            "runs"
            "compare"
            "ablate"
            "compose"
            "heads"
            "attribute"
            "patch"
            "lens"
            "develop"
            "explore"
            "study"
        ] -> [ name ]
    for name in [ "plan"; "run"; "merge"; "report"; "slurm" ] -> [ "study"; name ]
]

/// What the words for help come to, in so many columns.
let helpIn width (words: string list) : string =
    match Parse.commandLine (List.toArray words) with
    | Help page -> HelpPage.show width page
    | other -> failwith $"{words}: {other}"

/// In more columns than any line wants.
let private help (command: string list) = helpIn 1000 (command @ [ "--help" ])

let private line =
    Regex @"^  (?:(?<short>-[a-z]), |    )(?<long>--[a-z0-9-]+)(?: (?<value>[A-Z]+)(?<list>\.\.\.)?)?(?:  |$)"

/// The options of a command, in the order of its help.
let ofCommand (command: string list) : Listed list = [
    for found in (help command).Split '\n' |> Seq.map line.Match do
        if found.Success then
            {
                Names = [
                    found.Groups["long"].Value
                    if found.Groups["short"].Success then
                        found.Groups["short"].Value
                ]
                Value =
                    if found.Groups["value"].Success then
                        Some(found.Groups["value"].Value.ToLowerInvariant())
                    else
                        None
                Several = found.Groups["list"].Success
            }
]

/// What a command wants beside its options: "model", "run"; none where it wants nothing.
let unnamed (command: string list) : string option =
    let found = Regex.Match(help command, @"^  ([A-Z]+)(?:\.\.\.)?  ", RegexOptions.Multiline)
    if found.Success then Some(found.Groups[1].Value.ToLowerInvariant()) else None
