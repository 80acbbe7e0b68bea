/// Texts as files: read once, held against what was found of them, gone on with; and what is said of bad tasks, texts and prompts.
module Interp.Properties.TextTests

open System
open System.IO
open System.Security.Cryptography
open System.Text
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Host
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Given
open Interp.Runs.Surroundings
open Interp.Properties.Laws
open Interp.Properties.MemoryDisk
open Interp.Properties.Processes

/// Runs a command in this process on a disk, with some standard input: its exit code, and what it says on standard output and error.
let private run (disk: MemoryDisk) (input: string) (words: string list) =
    use output = new StringWriter()
    use error = new StringWriter()

    let world =
        World(
            disk,
            TimeProvider.System,
            (fun json -> Terminal(json, output, TextWriter.Null)),
            Input = (fun () -> new MemoryStream(Encoding.UTF8.GetBytes input) :> Stream)
        )

    Unfinished.BeginCommand()

    let code =
        match Parse.commandLine (List.toArray words) with
        | Parsed.Run command ->
            Execution.Outcome(error, (fun () -> Execution.Dispatch(world, command, CancellationToken.None)))
        | Bad sentence ->
            error.Write $"interp: {sentence}"
            ExitCode.BadInput
        | other -> failtest $"{words}: {other}"

    code, output.ToString(), error.ToString().TrimEnd()

let private succeeding disk input words =
    match run disk input words with
    | 0, output, _ -> output
    | code, _, said -> failtest $"{words}: {code}, {said}"

let private write (disk: MemoryDisk) path (text: string) =
    (disk :> IDisk).Write(path, ReadOnlySpan(Encoding.UTF8.GetBytes text))

let private text = String.replicate 40 "a whale, "

let private form unit content : TextForm = { File = "/t.txt"; Unit = unit; Length = 6; Content = content }

let private refusal (work: unit -> 'a) =
    try
        work () |> ignore
        failtest "nothing was refused"
    with
    | :? RefusedException
    | :? BadInputException as refused -> refused.Message

let private training run =
    [
        "train --steps 6 --batch 3 --n-layers 1 --n-heads 1 --d-model 4 --checkpoint-every 2 --threads 1 --out".Split
            ' '
        |> List.ofArray
        [ run; "--task"; "text /t.txt length 6" ]
    ]
    |> List.concat

let private reading =
    testList "reading" [
        test "a text of several chunks is the task of its bytes" {
            let letters = [| "a"; "é"; "€"; "😀"; "\n" |]

            let bytes =
                Key.integers letters.Length 1_200_000 (Key.ofSeed 4UL)
                |> Array.map (fun i -> letters[i])
                |> String.concat ""
                |> Encoding.UTF8.GetBytes

            let disk = MemoryDisk()
            (disk :> IDisk).Write("/t.txt", ReadOnlySpan bytes)
            let scan = TextScan.start |> TextScan.add bytes bytes.Length |> TextScan.finish

            for unit in [ TextUnit.Characters; TextUnit.Bytes ] do
                let source: TextSource = {
                    Bytes = int64 bytes.Length
                    Copy = Action<_, _, _>(fun place target count -> Array.Copy(bytes, int place, target, 0, count))
                    Scan = scan
                    Sha256 = Convert.ToHexStringLower(SHA256.HashData bytes)
                }

                let expected = Tasks.ofText (form unit None) source
                let task = TaskFile.Of(disk, TaskForm.Text(form unit None))
                Expect.equal task expected "its name has the SHA-256"
                Expect.equal task.Tokens expected.Tokens "tokens"

                for i in 0..200 do
                    Expect.equal
                        (Task.sequence task (Key.ofSeed 1UL) i)
                        (Task.sequence expected (Key.ofSeed 1UL) i)
                        "a window"
        }

        test "a text that is another, or gone, is told with its SHA-256; one that is back is read again" {
            let disk = MemoryDisk()
            write disk "/t.txt" text
            let task = TaskFile.Of(disk, TaskForm.Text(form TextUnit.Characters None))
            let resolved = TaskForm.ofName task.Name
            Expect.equal (TaskFile.Of(disk, resolved)) task "resolved"
            let hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes text))
            // As long as it was.
            write disk "/t.txt" (text.Replace('w', 'v'))
            let sentence = refusal (fun () -> TaskFile.Of(disk, resolved))
            Expect.stringContains sentence $"/t.txt has the SHA-256" "another"
            Expect.stringContains sentence $"expected {hash}" "another"
            (disk :> IDisk).Delete "/t.txt"
            let sentence = refusal (fun () -> TaskFile.Of(disk, resolved))
            Expect.stringContains sentence "/t.txt cannot be read" "gone"
            Expect.stringContains sentence hash "gone"
            write disk "/t.txt" text
            Expect.equal (TaskFile.Of(disk, resolved)) task "back"
        }

        test "a training that is stopped anywhere and goes on comes to the same model, whose tokens have names" {
            let whole = MemoryDisk()
            write whole "/t.txt" text
            succeeding whole "" (training "/run") |> ignore
            let model (disk: MemoryDisk) = Map.ofList disk.Content |> Map.find "/run/model.safetensors"

            for at in 1..9 .. whole.Operations do
                let disk = MemoryDisk().Remaining(Everything, at, Killed)

                try
                    write disk "/t.txt" text
                    run disk "" (training "/run") |> ignore
                with Gone ->
                    ()

                let disk = disk.Remaining(Everything, 0, Killed)
                write disk "/t.txt" text

                let again =
                    if (disk :> IDisk).FileExists "/run/config.json" then
                        [ "train"; "--resume"; "/run"; "--threads"; "1" ]
                    else
                        training "/run"

                succeeding disk "" again |> ignore
                Expect.equal (model disk) (model whole) $"stopped at operation {at}"

            match Checkpoint.ofBytes "model" (model whole) with
            | Ok checkpoint ->
                Expect.equal checkpoint.Architecture.NCtx 6 "n_ctx"
                Expect.equal checkpoint.Architecture.DVocab 7 "d_vocab"

                Expect.equal
                    (checkpoint.Tokens |> Option.map _.Names)
                    (Some [ "␣"; ","; "a"; "e"; "h"; "l"; "w" ])
                    "tokens"
            | Error error -> failtest (CheckpointError.describe error)
        }

        test "a model reads and writes its letters where the text is gone, and says so where it is wanted" {
            let disk = MemoryDisk()
            write disk "/t.txt" text
            succeeding disk "" (training "/run") |> ignore
            let complete = [ "complete"; "/run"; "--prompts"; "-"; "--json"; "--seed"; "2" ]
            let before = succeeding disk "a w\n, a" complete
            let prompts = Text.Json.JsonDocument.Parse(before).RootElement.GetProperty "completions"

            Expect.equal
                [ for each in prompts.EnumerateArray() -> each.GetProperty("prompt").GetString() ]
                [ "a w"; ", a" ]
                "the prompts"

            (disk :> IDisk).Delete "/t.txt"
            Expect.equal (succeeding disk "a w\n, a" complete) before "without the text"

            for words in [ [ "logits"; "/run"; "--text"; "wha" ]; [ "lens"; "/run"; "--text"; "wha" ] ] do
                succeeding disk "" words |> ignore

            for words in [ [ "evaluate"; "/run" ]; [ "ablate"; "/run" ]; [ "train"; "--resume"; "/run" ] ] do
                match run disk "" (words @ [ "--threads"; "1" ]) with
                | 2, _, said -> Expect.stringContains said "/t.txt cannot be read" words.Head
                // The run is finished.
                | 0, _, _ when words.Head = "train" -> ()
                | code, _, said -> failtest $"{words}: {code}, {said}"
        }
    ]

/// Where the table begins: a text, a run on it, and files that are none.
let private given =
    lazy
        (let disk = MemoryDisk()
         write disk "/t.txt" text
         write disk "/other.txt" (text.Replace('w', 'v'))
         write disk "/short.txt" "a whale"
         write disk "/empty.txt" ""
         (disk :> IDisk).Write("/binary", ReadOnlySpan(Array.append (Encoding.UTF8.GetBytes text) [| 0xFFuy |]))
         write disk "/prompts.txt" "a w\n\nwha\n"
         write disk "/strange.txt" "a w\r\nwhQ\n"
         write disk "/long.txt" "a w\na whale\n"
         (disk :> IDisk).Write("/bytes.txt", ReadOnlySpan [| 97uy; 10uy; 0xC3uy; 10uy |])
         succeeding disk "" (training "/run") |> ignore
         disk)

let private train task = [ "train"; "--out"; "/new"; "--steps"; "1"; "--threads"; "1"; "--task"; task ]

let private complete words = [ "complete"; "/run" ] @ words

/// What is given, what is on standard input, and what the sentence says.
let private bad = [
    train "text /nowhere.txt", "", [ "/nowhere.txt cannot be read" ]
    train "text", "", [ "\"text\""; "for example" ]
    train "text /short.txt length 64", "", [ "/short.txt"; "7 characters"; "64" ]
    train "text /empty.txt", "", [ "/empty.txt has no characters" ]
    train "text /binary", "", [ "/binary is not UTF-8"; "360"; "bytes" ]
    train "text /t.txt length 1", "", [ "1 as length"; "2 to 4096" ]
    train "text /t.txt length many", "", [ "\"many\""; "for example" ]
    train $"text /t.txt length 6 of 7 sha256 {String('0', 64)}", "", [ "/t.txt has the SHA-256"; String('0', 64) ]
    train "text /t.txt length 6" @ [ "--d-vocab"; "5" ], "", [ "7 letters"; "d_vocab is 5" ]
    train "text /t.txt length 6" @ [ "--n-ctx"; "5" ], "", [ "6 positions"; "n_ctx is 5" ]
    train "text /t.txt length 6" @ [ "--block-length"; "5" ], "", [ "--block-length"; "--task" ]
    train "recal 5", "", [ "recall"; "for example" ]
    train "recall 0", "", [ "0 pairs" ]
    [ "evaluate"; "/run"; "--task"; "text /other.txt length 6" ], "", [ "/other.txt has the 7 tokens"; "model's text" ]
    [ "evaluate"; "/run"; "--task"; "text /t.txt length 7" ], "", [ "7 positions"; "n_ctx is 6" ]
    [ "evaluate"; "/run"; "--task"; "text /nowhere.txt length 6" ], "", [ "/nowhere.txt" ]
    [ "evaluate"; "/run"; "--task"; "repeat 3 x2 of 26" ], "", [ "26 letters"; "d_vocab is 7" ]
    [ "tasks"; "--show"; "text /nowhere.txt" ], "", [ "/nowhere.txt" ]
    [ "tasks"; "--show"; "add"; "--sequences"; "0" ], "", [ "--sequences"; "from 1" ]
    [ "tasks"; "--show"; "ad 7" ], "", [ "--show"; "\"ad\"" ]
    [ "tasks"; "--seed"; "7" ], "", [ "--show" ]
    complete [], "", [ "--prompt"; "--prompts" ]
    complete [ "--prompts"; "/nowhere.txt" ], "", [ "/nowhere.txt" ]
    complete [ "--prompts"; "/empty.txt" ], "", [ "/empty.txt"; "is empty" ]
    complete [ "--prompts"; "/prompts.txt" ], "", [ "/prompts.txt, line 2 is empty" ]
    complete [ "--prompts"; "/strange.txt" ], "", [ "/strange.txt, line 2"; "'Q' at place 3" ]
    complete [ "--prompts"; "/long.txt" ], "", [ "/long.txt, line 2"; "7 letters" ]
    complete [ "--prompts"; "/bytes.txt" ], "", [ "/bytes.txt, line 2"; "UTF-8" ]
    complete [ "--prompts"; "-" ], "", [ "standard input"; "is empty" ]
    complete [ "--prompts"; "-" ], "a w\nwhale,", [ "standard input, line 2"; "6 letters"; "length of 6" ]
    complete [ "--prompt"; "a"; "--temperature"; "-1" ], "", [ "--temperature"; "-1" ]
    complete [ "--prompt"; "a"; "--temperature"; "hot" ], "", [ "--temperature"; "\"hot\"" ]
    complete [ "--prompt"; "a"; "--top-k"; "0" ], "", [ "--top-k"; "from 1"; "0" ]
    complete [ "--prompt"; "a"; "--seed"; "-1" ], "", [ "--seed"; "-1" ]
]

let private refusals =
    testList "bad input" [
        for words, input, parts in bad do
            test (String.concat " " (words @ [ Quote.text input ])) {
                let disk = given.Value.Remaining(Everything, 0, Killed)
                let code, output, said = run disk input words
                Expect.equal code ExitCode.BadInput said
                Expect.equal output "" "standard output"
                Expect.stringStarts said "interp: " "who speaks"
                isSentence said

                for part in parts do
                    Expect.stringContains said part "what is wrong"

                Expect.equal (List.sort disk.Content) (List.sort given.Value.Content) "what is on the disk"
            }
    ]

[<Tests>]
let tests = testList "Texts as files" [ reading; refusals ]
