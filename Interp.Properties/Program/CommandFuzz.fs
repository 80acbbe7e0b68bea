/// A fuzzer of the command line: random options in random order, with good values and nasty ones, given to the program's entry point.
module Interp.Properties.CommandFuzz

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open Interp
open Interp.Host
open Interp.Properties.Laws
open Interp.Properties.ModelFiles
open Interp.Properties.Options

/// The argument of the test program that runs the fuzzer: `--fuzz SECONDS [--seed SEED]`.
let argument = "--fuzz"

/// The same in a process of its own, whose standard output is for the program alone.
let workerArgument = "--fuzz-worker"

// ---- What is drawn from

/// Values that no option expects, and some that few do.
let private nasty = [
    ""
    " "
    "-1"
    "0"
    "00"
    "+1"
    "1e308"
    "-1e308"
    "1e999"
    "NaN"
    "-Infinity"
    "0,5"
    "1_000"
    "1.5"
    "-0"
    "99999999999999999999999999"
    "2147483648"
    "18446744073709551615"
    "٣"
    "Ω"
    "🦊"
    "\u0007\u001b[31m"
    "a\nb"
    "a\tb"
    "nowhere"
    "nowhere/deeper"
    "empty"
    "notes.txt"
    "notes.txt/x"
    "truncated.safetensors"
    "nan.safetensors"
    "huge.safetensors"
    "/dev/null"
    "/dev/full"
    "/dev/full/x"
    "/proc/self/x"
    "."
    ".."
    "--"
    "-"
    "@notes.txt"
    "--json"
    "--no-such-option"
    "-x"
    "=x"
    "%s%n"
    "[red]x[/]"
    "'\"$(x)`"
    String('A', 5000)
    String('9', 5000)
    "a/" + String('b', 300)
]

let private models = [ "one.safetensors"; "two.safetensors"; "run"; "run/model.safetensors" ]
let private texts = [ "ABCABC"; "A"; "QWERTYQWERTYQWER"; "ZZZZ" ]

let private interventions = [
    "zero 0.1"
    "mean 0.0 over 20 sequences of seed 3"
    "resample 0.1 with seed 4"
    "freeze 0.0"
    "cut embedding -> 0.1.k"
    "patch z 0.1 from ABCDEFABCDEFABCDEFABCDEF"
    "zero 7.7"
    "add 1,2 to residual 0"
    "zero"
]

let private explanations = [
    "exact"
    "direct two-numbers; ov 0.* diagonal"
    "attention 0.* own-letters"
    "attention 0.* positions shared"
    "attention 0.0 without query-letter by resampling"
    "qk 0.*(embed, pos) over-letters"
    "cut 0.* -> 1.*.k"
    "attention 7.7 uniform"
    "direct"
]

/// What an option can be given so that its command has little to do.
let private good (command: string list) (option: string) (value: string) : string list =
    match value, option with
    | "model", _ when command = [ "compose" ] -> [ "two.safetensors"; "run2" ]
    | "model", _ -> models
    | "run", _ -> [ "run"; "run2" ]
    | _, "<directory>" when command.Head = "study" -> [ "study" ]
    | _, "<directory>" -> [ "run"; "."; "empty"; "study" ]
    | _, "--resume" -> [ "run"; "run2" ]
    | _, "--out" -> [ "out"; "out/deeper" ]
    | _, "--picture" -> [ "out.png"; "out.svg"; "out.pdf"; "out.gif" ]
    | "letters", _ when command = [ "patch" ] -> [ "ABCABC"; "ABXABX"; "QWEQWE" ]
    | "letters", _ -> texts
    | "letter", _ -> [ "A"; "D" ]
    | _, "--prompts" -> [ "notes.txt" ]
    | _, "--config" -> [ "run/config.json"; "notes.txt" ]
    | "task", _ -> [ "repeat 6"; "repeat 3 x4"; "add 5"; "markov length 12"; "text notes.txt length 4" ]
    | "intervention", _ -> interventions
    | "explanation", _ -> explanations
    | "name", _ -> [ "zero"; "mean"; "resample" ]
    | "items", _ -> [ "0"; "0-1"; "1-1"; "0-99" ]
    | "time", _ -> [ "30"; "2:00:00"; "1-12" ]
    | "variants", _ -> [ "plain"; "smeared"; "plain,smeared" ]
    | "sweep", _ -> [ "d_head=4,8"; "batch=4"; "n_heads=2"; "learning_rate=1e-3,3e-3" ]
    | _, "--n-layers" -> [ "1"; "2" ]
    | _, "--n-heads" -> [ "1"; "2"; "4" ]
    | _, "--d-model" -> [ "4"; "8"; "16" ]
    | _, "--d-head" -> [ "2"; "4" ]
    | _, "--d-vocab" -> [ "2"; "5"; "30" ]
    | _, "--n-ctx" -> [ "24"; "30" ]
    | _, "--block-length" -> [ "3"; "6" ]
    | _, "--blocks" -> [ "2"; "4" ]
    | _, "--learning-rate" -> [ "0.01"; "1e-3"; "0"; "10" ]
    | _, "--weight-decay" -> [ "0"; "1"; ".5" ]
    | _, "--beta1"
    | _, "--beta2" -> [ "0"; "0.9"; "0.99" ]
    | _, "--epsilon" -> [ "1e-8"; "1" ]
    | _, "--position" -> [ "0"; "2" ]
    | _, "--length" -> [ "24"; "20" ]
    | _, "--seed"
    | _, "--first-seed" -> [ "0"; "7"; "18446744073709551615" ]
    | _, "--sequences" -> [ "1"; "17"; "40" ]
    | _, "--steps" -> [ "1"; "2"; "3" ]
    | _, "--batch" -> [ "1"; "17" ]
    | _ -> [ "1"; "2" ]

/// What a command needs, and what bounds its work: always there.
let private always (command: string list) : string list =
    match command with
    | [ "train" ] -> [ "--steps"; "--batch"; "--out" ]
    | [ "reproduce" ] -> [ "--steps"; "--out" ]
    | [ "complete" ] -> [ "--prompt" ]
    | [ "logits" ]
    | [ "attribute" ]
    | [ "lens" ] -> [ "--text" ]
    | [ "patch" ] -> [ "--clean"; "--corrupt" ]
    | [ "attention" ]
    | [ "evaluate" ]
    | [ "ablate" ]
    | [ "compose" ]
    | [ "heads" ]
    | [ "develop" ]
    | [ "explain" ]
    | [ "explore" ]
    | [ "compare" ] -> [ "--sequences" ]
    | [ "study" ] -> [ "--out"; "--steps"; "--seeds"; "--variants" ]
    | [ "study"; "plan" ] -> [ "--out"; "--steps"; "--seeds" ]
    | _ -> []

/// Work that would go on for ever is not what is looked for.
let private bounding = [ "--steps"; "--extend"; "--sequences"; "--seeds"; "--batch"; "--blocks"; "--block-length" ]

let private chance percent use' key = integer 1 100 use' key <= percent

/// How often a command is tried, of a hundred: what takes long, less often.
let private weight (command: string list) =
    match command with
    | [ "reproduce" ] -> 1
    | [ "study" ]
    | [ "study"; "run" ] -> 2
    | [ "heads" ]
    | [ "explore" ]
    | [ "develop" ] -> 3
    | _ -> 6

let private weighted = commands |> List.collect (fun command -> List.replicate (weight command) command)

/// Options that reach beyond the program: a browser is for people.
let private unasked = [ "--open" ]

let private listed =
    let options command = ofCommand command |> List.filter (fun option -> not (List.contains option.Names.Head unasked))

    lazy
        (commands
         |> List.map (fun command ->
             // The run of `train` stands beside --extend alone.
             let unnamed = if command = [ "train" ] then None else unnamed command
             command, (options command, unnamed))
         |> Map)

/// The words of a case.
let private drawn (key: Key) : string list =
    let command = one weighted 1 key
    let options, unnamed = listed.Value[command]
    let tame = chance 55 2 key

    let value number (option: string) (value: string) =
        let key = Key.split (uint64 (100 + number)) key

        if not tame && chance 35 3 key then
            let candidates =
                if List.contains option bounding then
                    nasty |> List.filter (fun text -> text <> "2147483648" && text <> "18446744073709551615")
                elif option = "--prompts" then
                    // Nobody writes to standard input.
                    nasty |> List.filter ((<>) "-")
                else
                    nasty

            one candidates 4 key
        else
            one (good command option value) 5 key

    let required = always command
    // The way of `train` that begins no run.
    let extends = command = [ "train" ] && chance 10 16 key

    let chosen =
        options
        |> List.indexed
        |> List.filter (fun (number, option) ->
            let key = Key.split (uint64 (1000 + number)) key
            let name = option.Names.Head

            if name = "--help" then
                not tame && chance 2 6 key
            elif name = "--extend" then
                extends
            elif extends && tame then
                List.contains name [ "--threads"; "--json" ] && chance 30 6 key
            elif name = "--all" then
                chance 5 6 key
            elif name = "--out" && extends then
                false
            elif List.contains name required then
                tame || chance 97 6 key
            // Some options exclude others, and all of them at once are rarely what is meant.
            else
                chance (if tame then 15 else 25) 6 key)

    let groups = [
        for number, option in chosen do
            let key = Key.split (uint64 (2000 + number)) key
            let name = one option.Names 7 key

            match option.Value with
            | None -> [ name ]
            | Some kind ->
                let text = value number option.Names.Head kind

                if name = "--extend" then
                    [ name; text; value (number + 50) "<run>" "run" ]
                elif option.Several && chance 30 8 key then
                    [ name; text; value (number + 50) option.Names.Head kind ]
                elif chance 15 9 key && name.StartsWith "--" then
                    [ $"{name}={text}" ]
                else
                    [ name; text ]

            if not tame && chance 4 10 key then
                [ name; "1" ]

        match unnamed with
        | Some kind ->
            if tame || chance 95 11 key then
                [
                    yield value 90 $"<{kind}>" kind
                    if command = [ "compare" ] then
                        yield value 91 $"<{kind}>" kind
                ]
        | None -> ()

        if not tame && chance 10 12 key then
            [ one nasty 13 key ]
    ]

    let order = Key.uniform (max 1 groups.Length) (Key.split 14UL key) |> List.ofArray

    let shuffled =
        List.zip (List.truncate groups.Length order) groups |> List.sortBy fst |> List.collect snd

    if not tame && chance 3 15 key then shuffled @ command else command @ shuffled

// ---- One case

/// What a case came to.
type private Ended = { Code: int; Said: string; Seconds: float }

/// Longer than any case may take, on a machine that does other things too.
let private patience = TimeSpan.FromSeconds 120.0

/// Gives words to the program; none where it does not come back.
let private ended (words: string list) : Ended option =
    let before = Console.Out, Console.Error
    use said = new StringWriter()
    let writer = TextWriter.Synchronized said
    Console.SetOut writer
    Console.SetError writer
    let clock = Stopwatch.StartNew()

    let work =
        Tasks.Task.Factory.StartNew(
            (fun () ->
                try
                    Start.Ending(List.toArray words)
                with error ->
                    writer.WriteLine $"unhandled: {error}"
                    134),
            Tasks.TaskCreationOptions.LongRunning
        )

    let finished = work.Wait patience
    Console.SetOut(fst before)
    Console.SetError(snd before)

    if finished then
        Some { Code = work.Result; Said = said.ToString(); Seconds = clock.Elapsed.TotalSeconds }
    else
        None

/// Every file below the current directory, with its size and time.
let private files () =
    Directory.GetFiles(".", "*", SearchOption.AllDirectories)
    // A lock that lies about without its holder means nothing.
    |> Array.filter (fun path -> not (path.EndsWith ".lock"))
    |> Array.map (fun path -> let info = FileInfo path in path, info.Length, info.LastWriteTimeUtc)
    |> Set.ofArray

/// What is wrong with how a case ended.
let private faults (words: string list) before (ended: Ended) : string list = [
    let injected = words |> List.exists (fun word -> word.Contains "/dev/full" || word.Contains "/proc/")
    let diverged = ended.Said.Contains "diverged" || ended.Said.Contains "held-out loss is"

    if ended.Code <> 0 && ended.Code <> 2 && not (ended.Code = 1 && (injected || diverged)) then
        $"exit code {ended.Code}"

    for word in [ "should not have happened"; "\n   at Interp."; "\n   at System."; "Exception"; "unhandled" ] do
        if ended.Said.Contains word then
            $"it says \"{word}\""

    if ended.Code <> 0 then
        let last = ended.Said.TrimEnd('\n').Split('\n') |> Array.last

        if not (last.StartsWith "interp: ") then
            $"the last line is \"{last}\""

        if ended.Code = 2 && files () <> before then
            let changed =
                (files () - before) + (before - files ()) |> Seq.map (fun (path, _, _) -> path) |> Seq.distinct

            let names = String.concat ", " (Seq.truncate 5 changed)
            $"refused, but files changed: {names}"

    for path, _, _ in files () do
        if path.Contains ".partial" then
            $"left behind: {path}"
]

// ---- Many cases

/// The models, runs and files that cases are about.
let private furnish () =
    let write name (bytes: byte[]) = File.WriteAllBytes(name, bytes)
    let one = modelOf 1 true
    write "one.safetensors" one
    write "two.safetensors" (modelOf 2 false)
    write "truncated.safetensors" one[.. one.Length / 2]
    File.WriteAllText("notes.txt", "It was a dark and stormy night; the rain fell in torrents.")
    Directory.CreateDirectory "empty" |> ignore

    let scaled (factor: float) =
        let checkpoint =
            match Checkpoint.ofBytes "one" one with
            | Ok checkpoint -> checkpoint
            | Error error -> failwith (CheckpointError.describe error)

        Checkpoint.toBytes { checkpoint with Weights = checkpoint.Weights |> Model.map (fun leaf -> leaf * factor) }

    write "nan.safetensors" (scaled nan)
    write "huge.safetensors" (scaled 1e30)

    for words in
        [
            [ "train"; "--out"; "run"; "--steps"; "3"; "--batch"; "4"; "--snapshots"; "2" ]
            [ "train"; "--out"; "run2"; "--steps"; "2"; "--batch"; "4"; "--seed"; "2"; "--n-layers"; "2" ]
            [ "study"; "plan"; "--out"; "study"; "--variants"; "plain"; "--seeds"; "2"; "--steps"; "2" ]
        ] do
        match ended words with
        | Some { Code = 0 } -> ()
        | other -> failwith $"{words}: {other}"

let private tidy () =
    for directory in Directory.GetDirectories "." do
        if not (List.contains (Path.GetFileName directory) [ "run"; "run2"; "study"; "empty" ]) then
            Directory.Delete(directory, true)

    for file in Directory.GetFiles "." do
        if not (file.EndsWith ".safetensors" || file.EndsWith "notes.txt") then
            File.Delete file

let private shown (words: string list) =
    words
    |> List.map (fun word ->
        let word = if word.Length > 80 then $"{word[..20]}…({word.Length})" else word

        if word = "" || word |> Seq.exists (fun c -> Char.IsControl c || c = ' ') then
            $"{word:A}"
        else
            word)
    |> String.concat " "

/// Runs cases for some seconds, or so many of them, in a directory of its own, and reports on standard error. The exit code is 0 where nothing was found.
let worker (seconds: float) (seed: uint64) (most: int) : int =
    let error = new StreamWriter(Console.OpenStandardError(), AutoFlush = true)
    let directory = Directory.CreateTempSubdirectory "interp-fuzz-"
    let home = Directory.GetCurrentDirectory()
    Directory.SetCurrentDirectory directory.FullName

    try
        furnish ()
        let clock = Stopwatch.StartNew()
        let counts = Dictionary<string * string, int>()
        let found = ResizeArray<string>()
        let mutable cases = 0
        let mutable worked = 0
        let mutable stuck = false

        let count command code = counts[(command, code)] <- counts.GetValueOrDefault((command, code)) + 1

        while clock.Elapsed.TotalSeconds < seconds && cases < most && not stuck do
            let words = drawn (Key.ofSeed seed |> Key.split (uint64 cases))
            cases <- cases + 1

            let command =
                commands
                |> List.filter (fun command -> List.truncate command.Length words = command)
                |> List.sortByDescending _.Length
                |> List.tryHead
                |> Option.map (String.concat " ")
                |> Option.defaultValue "(none)"

            let before = files ()

            match ended words with
            | None ->
                stuck <- true
                found.Add $"case {cases - 1}: no end after {patience.TotalSeconds} s: interp {shown words}"
            | Some ended ->
                count command (string ended.Code)

                if ended.Code = 0 && not (List.contains "--help" words) then
                    worked <- worked + 1

                for fault in faults words before ended do
                    count command "fault"
                    let said = ended.Said.Trim().Split '\n' |> Array.truncate 6 |> String.concat " | "
                    found.Add $"case {cases - 1}: {fault}: interp {shown words}\n    {said[.. min 700 said.Length - 1]}"

                tidy ()

        let codes = [ "0"; "1"; "2"; "fault" ]

        let columns = codes |> List.map (fun code -> code.PadLeft 7) |> String.concat ""
        error.WriteLine $"""{"command".PadRight 14}{columns}"""

        for command in commands |> List.map (String.concat " ") |> List.append [ "(none)" ] do
            let cells =
                codes
                |> List.map (fun code -> string (counts.GetValueOrDefault((command, code))) |> _.PadLeft(7))
                |> String.concat ""

            error.WriteLine $"{command.PadRight 14}{cells}"

        for fault in found do
            error.WriteLine fault

        error.WriteLine
            $"{cases} cases of seed {seed} in {clock.Elapsed.TotalSeconds:F0} s, {worked} of them finished work; {found.Count} faults."

        if found.Count = 0 then 0 else 1
    finally
        Directory.SetCurrentDirectory home
        directory.Delete true

/// Runs the fuzzer in a process of its own for some seconds, or so many cases: its exit code, and what it reports.
let run (seconds: float) (seed: uint64) (most: int) : int * string =
    let program = Environment.GetCommandLineArgs()[0]

    let outcome =
        Processes.runDotnet [] [ program; workerArgument; string seconds; string seed; string most ]

    outcome.ExitCode, outcome.Error

[<Tests>]
let tests =
    testList "Fuzzing" [
        test "random command lines end in order, and a third of them finishes work" {
            let code, report = run 60.0 2022UL 25
            Processes.report report
            Expect.equal code 0 report
            let totals = Text.RegularExpressions.Regex.Match(report, @"(\d+) cases of .* (\d+) of them finished")
            Expect.isTrue totals.Success report
            let cases, worked = int totals.Groups[1].Value, int totals.Groups[2].Value
            Expect.isGreaterThan cases 20 "cases"
            Expect.isGreaterThan (3 * worked) cases "those that finished"
        }
    ]
