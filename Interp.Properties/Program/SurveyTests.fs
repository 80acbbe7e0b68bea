/// Surveys by the program itself: many processes, kills, and what users see.
module Interp.Properties.SurveyTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open Expecto
open Interp
open Interp.CommandLine
open Interp.Runs.Endings
open Interp.Runs.Wording
open Interp.Properties.Processes

/// A study of six trainings that take as good as no time: what describes it on the command line.
let quick =
    "--variants plain --seeds 3 --steps 3 --sweep block_length=2,3 --sweep vocab=4 --sweep heads=1".Split ' '
    |> List.ofArray

/// A command line is refused in a sentence that has a part.
let private isRefused part (args: string) =
    match Parse.commandLine (args.Split ' ') with
    | Bad sentence ->
        isSentence sentence
        Expect.stringContains sentence part args
    | parsed -> failtest $"{args}: {parsed}"


let private tables = [ "results.csv"; "results.parquet"; "curves.csv"; "summary.json" ]

/// The merged files, to the byte.
let mergedIn directory = tables |> List.map (fun name -> name, File.ReadAllBytes(Path.Combine(directory, name)))

let plan directory description = succeeds (interp ([ "study"; "plan" ] @ description @ [ "--out"; directory ]))

let itemFiles extension directory =
    Directory.GetFiles(Path.Combine(directory, "items"), $"*.{extension}") |> Array.sort |> List.ofArray

/// The finished items as files: their bytes and when they were written.
let finishedIn directory =
    itemFiles "json" directory
    |> List.map (fun path -> path, File.GetLastWriteTimeUtc path, File.ReadAllBytes path)

/// Waits for something to come about; a minute means that it never will.
let eventually what (holds: unit -> bool) =
    let clock = Stopwatch.StartNew()

    while not (holds ()) do
        if clock.Elapsed > TimeSpan.FromMinutes 1.0 then
            failtest $"{what}: it never came to that"

        Thread.Sleep 20

/// The quick study done by one process, and what was written.
let private alone =
    lazy
        (let mutable files = []

         inDirectory (fun directory ->
             plan directory quick
             succeeds (interp [ "study"; "run"; directory; "--workers"; "1" ])
             succeeds (interp [ "study"; "merge"; directory ])
             files <- mergedIn directory)

         files)

let private number path outcome =
    (answers [ "directory"; "trained"; "before"; "spared"; "failed"; "seconds"; "workers"; "trainings_an_hour" ] outcome
     |> item path)
        .GetInt32()

let private whole =
    testList "whole" [
        test "plans, trains, merges and reports; the second time it does only what was damaged" {
            inDirectory (fun directory ->
                let directory = Path.Combine(directory, "study")
                let first = interp ([ "study" ] @ quick @ [ "--out"; directory; "--json" ])
                let json = answers [ "run"; "results"; "report"; "live" ] first
                Expect.equal ((item [ "run"; "trained" ] json).GetInt32()) 6 "trained"
                Expect.equal ((item [ "results"; "trainings" ] json).GetInt32()) 6 "trainings"
                Expect.isTrue (File.Exists((item [ "report" ] json).GetString())) "report"
                Expect.equal (mergedIn directory) alone.Value "the same as by its steps"
                let before = finishedIn directory
                let path = Path.Combine(directory, "items", "000004.json")
                File.WriteAllText(path, File.ReadAllText(path).Replace("0.", "1."))

                refuses
                    [ "item 4 of 6 is missing"; "000004.json is damaged"; "interp study run" ]
                    (interp [ "study"; "merge"; directory ])

                let second = interp [ "study"; "--out"; directory ]
                succeeds second
                Expect.stringContains second.Output "1 training in " "what was trained"
                Expect.stringContains second.Output "report.html" "where the report is"
                Expect.stringContains second.Error "000004.json is damaged" "what was damaged"
                Expect.isTrue (File.Exists(path + ".damaged")) "set aside"
                let others files = files |> List.filter (fun (file, _, _) -> file <> path)
                Expect.equal (others (finishedIn directory)) (others before) "no other item was done again"
                Expect.equal (mergedIn directory) alone.Value "the merged files"

                refuses
                    [ "another study"; "seeds (3, not 4)" ]
                    (interp [ "study"; "--seeds"; "4"; "--out"; directory ]))
        }

        test "says how many trainings an hour it did, and on how many workers" {
            inDirectory (fun directory ->
                plan directory quick
                let outcome = interp [ "study"; "run"; directory; "--items"; "2-3"; "--workers"; "2" ]
                succeeds outcome
                Expect.stringContains outcome.Output "2 trainings in " "trainings"
                Expect.stringContains outcome.Output " s on 2 workers: " "workers"
                Expect.stringContains outcome.Output " trainings an hour" "an hour"

                Expect.equal
                    (itemFiles "json" directory |> List.map Path.GetFileNameWithoutExtension)
                    [ "000002"; "000003" ]
                    "the items")
        }
    ]

let private processes =
    testList "processes" [
        test "a merge looks at the directory once no other is at work on it" {
            inDirectory (fun directory ->
                plan directory quick
                succeeds (interp [ "study"; "run"; directory; "--workers"; "1" ])
                let path = Path.Combine(directory, "items", "000004.json")
                File.Move(path, path + ".away")
                let lock = Path.Combine(directory, "merge.lock")
                let held = new FileStream(lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
                use merge = start [ "study"; "merge"; directory ]
                // Time to see, were it to look, that an item is missing.
                Expect.isFalse (merge.WaitForExit 2000) "it waits"
                File.Move(path + ".away", path)
                held.Dispose()
                let outcome = finish merge
                succeeds outcome
                Expect.equal (mergedIn directory) alone.Value "the merged files")
        }

        test "a study whose directory of items was not copied is done, and says how many trainings in good English" {
            inDirectory (fun directory ->
                plan directory quick
                Directory.Delete(Path.Combine(directory, "items"))
                let run = interp [ "study"; "run"; directory; "--items"; "0"; "--workers"; "2" ]
                succeeds run
                Expect.stringContains run.Output " s on 1 worker: " "workers"
                let merge = interp [ "study"; "merge"; directory; "--partial" ]
                succeeds merge
                Expect.stringContains merge.Output "1 training, without items 1-5" "trainings")
        }

        test "two at once share the items, do none twice, and both end when all is done" {
            inDirectory (fun directory ->
                plan directory quick
                let runs = [ for _ in 1..2 -> start [ "study"; "run"; directory; "--workers"; "1"; "--json" ] ]
                let outcomes = runs |> List.map finish
                let trained = outcomes |> List.map (number [ "trained" ])
                let before = outcomes |> List.map (number [ "before" ])
                Expect.equal (List.sum trained) 6 "every item was trained once"
                Expect.equal (List.map2 (+) trained before) [ 6; 6 ] "both saw every item done"
                succeeds (interp [ "study"; "merge"; directory ])
                Expect.equal (mergedIn directory) alone.Value "the merged files"
                Expect.isEmpty (itemFiles "lock" directory) "locks of finished items")
        }

        test "one that is killed leaves its finished items as they are, and the next goes on" {
            inDirectory (fun directory ->
                plan directory quick
                use run = start [ "study"; "run"; directory; "--workers"; "2" ]
                eventually "an item is finished" (fun () -> not (itemFiles "json" directory).IsEmpty)
                run.Kill()
                run.WaitForExit()
                let before = finishedIn directory
                let next = interp [ "study"; "run"; directory; "--json" ]
                Expect.equal (number [ "before" ] next) before.Length "found done"
                Expect.equal (number [ "trained" ] next) (6 - before.Length) "done now"

                for file in before do
                    Expect.contains (finishedIn directory) file "a finished item stays as it is"

                succeeds (interp [ "study"; "merge"; directory ])
                Expect.equal (mergedIn directory) alone.Value "the merged files")
        }

        test "one that is interrupted says what is done and how to go on" {
            needsSignals ()

            inDirectory (fun directory ->
                plan directory [ "--variants"; "plain"; "--seeds"; "2"; "--steps"; "1000000" ]
                use run = start [ "study"; "run"; directory ]
                eventually "an item is begun" (fun () -> not (itemFiles "lock" directory).IsEmpty)
                signal "INT" run
                let outcome = finish run
                Expect.equal outcome.ExitCode 130 $"exit code; the program said: {outcome.Error}"

                Expect.stringContains
                    outcome.Error
                    $"0 of 2 trainings in {directory} are done; go on with: interp study run {directory}"
                    "what is done")
        }
    ]

let private failures =
    testList "failures" [
        test "where every training failed, one object says so, and nothing is to be merged" {
            inDirectory (fun directory ->
                let diverging =
                    "--variants plain --seeds 1 --steps 8 --sweep learning_rate=10 --sweep block_length=3".Split ' '
                    |> List.ofArray

                let directory = Path.Combine(directory, "study")
                let whole = interp ([ "study" ] @ diverging @ [ "--out"; directory; "--json" ])
                Expect.equal whole.ExitCode 1 $"exit code; the program said: {whole.Error}"
                let json = answers [ "run"; "results"; "report"; "live" ] { whole with ExitCode = 0 }
                Expect.equal ((item [ "run"; "failed" ] json).GetArrayLength()) 1 "failed"
                Expect.equal (item [ "results" ] json).ValueKind JsonValueKind.Null "results"
                Expect.equal (item [ "report" ] json).ValueKind JsonValueKind.Null "report"
                let run = interp [ "study"; "run"; directory ]
                Expect.stringContains run.Output "0 of 1 trainings are done" "what is done"
                Expect.isFalse (run.Output.Contains "next:") "nothing is to be merged")
        }

        test "a training that diverges is reported, stops no other, and can be tried again" {
            inDirectory (fun directory ->
                plan
                    directory
                    ("--variants plain --seeds 2 --steps 8 --sweep learning_rate=0.001,10 --sweep block_length=3".Split
                        ' '
                     |> List.ofArray)

                let outcome = interp [ "study"; "run"; directory ]
                Expect.equal outcome.ExitCode 1 $"exit code; the program said: {outcome.Error}"
                Expect.stringContains outcome.Error "2 trainings failed (items 2-3)" "which"
                Expect.stringContains outcome.Error $"to try again: `interp study run {directory}`." "how to try again"
                let before = finishedIn directory
                Expect.equal before.Length 2 "the others"

                for path in itemFiles "failed" directory do
                    Expect.stringStarts (File.ReadAllText path) "Training diverged at step " "why"
                    isSentence (File.ReadAllText(path).TrimEnd '\n')

                let again = interp [ "study"; "run"; directory; "--items"; "1-2" ]
                Expect.equal again.ExitCode 1 "exit code"
                Expect.stringContains again.Error $"`interp study run {directory} --items 1-2`" "how to try again"
                Expect.equal (finishedIn directory) before "no item was done again"

                refuses
                    [ "items 2-3 of 4 are missing"; "item 2 failed"; "--partial" ]
                    (interp [ "study"; "merge"; directory ])

                let partial = interp [ "study"; "merge"; directory; "--partial"; "--json" ]

                let json =
                    answers [ "directory"; "trainings"; "missing"; "files"; "claims"; "claim_intervals" ] partial

                Expect.equal
                    [ for index in (item [ "missing" ] json).EnumerateArray() -> index.GetInt32() ]
                    [ 2; 3 ]
                    "missing")
        }
    ]

let private badInput =
    testList "bad input" [
        test "on the command line is refused in a sentence" {
            for args, part in
                [
                    "study", "--out"
                    "study --seeds 0 --out x", "--seeds"
                    "study --steps -1 --out x", "--steps"
                    "study --variants plain,plane --out x", "plane"
                    "study --variants plain,plain --out x", "plain is given twice"
                    "study --sweep d_head --out x", "d_head"
                    "study --sweep d_head=4,x --out x", "\"x\""
                    "study --sweep d_head=4,4 --out x", "twice"
                    "study --sweep heads=65 --out x", "heads=65"
                    "study --sweep width=5 --out x", "width"
                    "study --sweep d_head=4 --speed 3 --out x", "--speed"
                    "study --workers 0 --out x", "--workers"
                    "study --seeds 3 run x", "stand behind its name"
                    "study plan", "study plan --help"
                    "study run", "directory"
                    "study run x --items 3-", "--items"
                    "study run x --items 5-3", "--items"
                    "study run x --items 1 --array", "--array"
                    "study run x --tasks 3", "--array"
                    "study slurm x --tasks 0", "--tasks"
                    "study slurm x --time soon", "--time"
                    "study slurm x --time ٣", "--time"
                    "study slurm x --time 3\n", "--time"
                    "study run x --items ٣", "--items"
                    "study run x --items 2\n", "--items"
                    "study --out x --sweep", "--sweep"
                    "study plan --sweep --out x", "--sweep"
                    "study plan --variants --out x", "--variants"
                ] do
                isRefused part args
        }

        test "a negative zero is no number, and is named as zero where a program gives it" {
            match Parse.commandLine [| "study"; "plan"; "--sweep"; "weight_decay=-0"; "--out"; "x" |] with
            | Parsed.Bad sentence -> Expect.stringContains sentence "found -0" "refused"
            | parsed -> failtest $"{parsed}"

            let given = { Configuration.study with WeightDecay = -0.0 }
            Expect.equal (string ((Field.describe Field.WeightDecay).Get given)) "0" "name"
        }

        test "a home directory's short name is quoted where it is a directory's own" {
            Expect.equal (Shell.Quoted "~") "'~'" "a name"
            Expect.equal (Shell.Quoted "studies/one") "studies/one" "a plain path"
        }

        test "an empty path is refused in a sentence" {
            refuses [ "--out is \"\"" ] (interp [ "study"; "--out"; "" ])
            refuses [ "the directory of a study is \"\"" ] (interp [ "study"; "run"; "" ])
        }

        test "a directory that cannot be read or written is told in a sentence" {
            inDirectory (fun directory ->
                plan directory quick
                succeeds (interp [ "study"; "run"; directory; "--items"; "0" ])

                let fails what args =
                    let outcome = interp ([ "study" ] @ args)
                    Expect.equal outcome.ExitCode 1 $"exit code; the program said: {outcome.Error}"
                    isSentence (outcome.Error.TrimEnd '\n')

                    Expect.stringContains outcome.Error $"interp: {directory}: {what}" "what"

                // A directory in a file's place withstands whoever runs the tests.
                let table = Path.Combine(directory, "results.csv")
                Directory.CreateDirectory table |> ignore
                fails "cannot be written" [ "merge"; directory; "--partial" ]
                Directory.Delete table
                let lock = Path.Combine(directory, "merge.lock")
                File.Delete lock
                Directory.CreateDirectory lock |> ignore
                fails "the results cannot be put together" [ "merge"; directory; "--partial" ]
                fails "the results cannot be put together" [ "report"; directory ])
        }

        test "in directories and environment is refused with exit code 2" {
            inDirectory (fun directory ->
                let study = Path.Combine(directory, "study")
                plan study quick
                refuses [ directory; "study.json" ] (interp [ "study"; "run"; directory ])
                refuses [ "--items 5-6"; "0 to 5" ] (interp [ "study"; "run"; study; "--items"; "5-6" ])
                refuses [ "SLURM_ARRAY_TASK_ID" ] (interp [ "study"; "run"; study; "--array" ])

                refuses
                    [ "items 0-5 of 6 are missing"; "interp study run" ]
                    (interp [ "study"; "merge"; study; "--partial" ])

                refuses [ "nothing is finished" ] (interp [ "study"; "report"; study ])
                refuses [ "--tasks 7" ] (interp [ "study"; "slurm"; study; "--tasks"; "7" ])
                let file = Path.Combine(directory, "file")
                File.WriteAllText(file, "")
                refuses [ "--out"; "is a file" ] (interp [ "study"; "plan"; "--out"; file ]))
        }
    ]

let private script =
    testList "script for Slurm" [
        test "does a task's share, whatever the directory is called" {
            inDirectory (fun directory ->
                let study = Path.Combine(directory, "it's a \"study\", $HOME & co")
                plan study quick
                let printed = interp [ "study"; "slurm"; study; "--tasks"; "3"; "--time"; "1:30:00" ]
                succeeds printed
                let path = Path.Combine(directory, "study.sbatch")
                File.WriteAllText(path, printed.Output)
                Expect.stringContains printed.Output "#SBATCH --array=0-2\n" "tasks"
                Expect.stringContains printed.Output "#SBATCH --time=1:30:00\n" "time"
                succeeds (shell $"SLURM_ARRAY_TASK_ID=1 bash {path}")

                Expect.equal
                    (itemFiles "json" study |> List.map Path.GetFileNameWithoutExtension)
                    [ "000002"; "000003" ]
                    "its share"

                succeeds (shell $"SLURM_ARRAY_TASK_ID=0 bash {path} && SLURM_ARRAY_TASK_ID=2 bash {path}")
                succeeds (interp [ "study"; "merge"; study ])
                Expect.equal (mergedIn study) alone.Value "the merged files")
        }
    ]

/// A file with two claims: one about every kind, one about one.
let private mine =
    "# mine\nname: looks-back\nsentence: Some head looks at the letter before.\nrule: max(previous_token over layer 0) > 0.1\n\n\
     name: fine\nsentence: It is <fine>.\nrule: loss_above_floor < 9 and count(ov > -2 over heads) > 0\nabout: plain\n"

/// The quick study with these claims, until they and the study's are decided.
let private deciding =
    (quick |> List.filter (fun word -> not (List.contains word [ "--seeds"; "3"; "--steps" ])))
    @ [ "--steps"; "3"; "--until-decided"; "--most"; "12" ]

let private withClaims directory =
    let file = Path.Combine(directory, "mine.txt")
    File.WriteAllText(file, mine)
    [ "--claims"; file ]

let private ownClaims =
    testList "claims of one's own" [
        test "are judged beside the study's, stay with the study, and stand in its table, its page and its files" {
            inDirectory (fun directory ->
                let study = Path.Combine(directory, "study")
                let outcome = interp ([ "study" ] @ quick @ withClaims directory @ [ "--out"; study ])
                succeeds outcome
                Expect.stringContains outcome.Output "Some head looks at the letter before." "the table"
                let page = File.ReadAllText(Path.Combine(study, "report.html"))
                Expect.stringContains page "It is &lt;fine&gt;." "the page"

                Expect.stringContains
                    page
                    "rule: loss_above_floor &lt; 9 and count(ov &gt; -2 over heads) &gt; 0"
                    "the file"

                Expect.stringContains page "--claims claims.txt" "the command"

                let claims () =
                    (JsonDocument.Parse(File.ReadAllText(Path.Combine(study, "summary.json"))).RootElement
                     |> item [ "claims" ])
                        .EnumerateArray()
                    |> Seq.filter (fun claim -> (item [ "claim" ] claim).GetString() = "fine")
                    |> Seq.map (fun claim ->
                        (item [ "holds" ] claim).GetInt32(), (item [ "trainings" ] claim).GetInt32())
                    |> List.ofSeq

                Expect.equal (claims ()) [ 3, 3; 3, 3 ] "it holds in all, at both settings"
                File.Delete(Path.Combine(directory, "mine.txt"))
                File.Delete(Path.Combine(study, "summary.json"))
                // Neither to go on nor to merge needs the file.
                succeeds (interp [ "study"; "--out"; study ])
                Expect.equal (claims ()) [ 3, 3; 3, 3 ] "as before"

                refuses
                    [ "another study"; "claims (looks-back fine, sha256 "; "not none)" ]
                    (interp ([ "study" ] @ quick @ [ "--out"; study ])))
        }

        test "that are wrong are refused with file, line and column before a directory is made" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "wrong.txt")
                let study = Path.Combine(directory, "study")

                for text, words in
                    [
                        mine.Replace("previous_token", "previous_tokn"),
                        [ $"{file}, line 4, column 11: "; "the nearest is previous_token" ]
                        mine.Replace("layer 0", "layer 7"),
                        [ $"{file}: The claim looks-back asks for previous_token over layer 7" ]
                        "", [ $"{file}, line 1, column 1: there is no claim" ]
                    ] do
                    File.WriteAllText(file, text)

                    for command in [ [ "study" ]; [ "study"; "plan" ] ] do
                        refuses words (interp (command @ quick @ [ "--claims"; file; "--out"; study ]))

                File.WriteAllBytes(file, [| 0xC3uy; 0x28uy |])

                refuses
                    [ $"{file}: is no text in UTF-8" ]
                    (interp ([ "study" ] @ quick @ [ "--claims"; file; "--out"; study ]))

                refuses [ "is a directory" ] (interp ([ "study" ] @ quick @ [ "--claims"; directory; "--out"; study ]))

                refuses
                    [ "cannot be read" ]
                    (interp ([ "study" ] @ quick @ [ "--claims"; file + "x"; "--out"; study ]))

                Expect.isFalse (Directory.Exists study) "nothing was made")
        }

        test "that somebody wrote into the study's file are read as strictly" {
            inDirectory (fun directory ->
                let study = Path.Combine(directory, "study")
                plan study (quick @ withClaims directory)
                let file = Path.Combine(study, "study.json")
                let text = File.ReadAllText file
                File.WriteAllText(file, text.Replace("previous_token", "previous_tokn"))

                refuses
                    [ "study.json"; "\"claims\", line 3, column 11"; "the nearest is previous_token" ]
                    (interp [ "study"; "run"; study ])

                File.WriteAllText(file, text.Replace("\"steps\": 3", "\"steps\": 3, \"until_decided\": 1"))
                refuses [ "study.json"; "expected true or false" ] (interp [ "study"; "run"; study ]))
        }
    ]

let private untilDecided =
    testList "until decided" [
        test "two processes at once come to what one does by itself, and say which intervals these are" {
            inDirectory (fun directory ->
                let claims = withClaims directory
                let one, two = Path.Combine(directory, "one"), Path.Combine(directory, "two")
                let outcome = interp ([ "study" ] @ deciding @ claims @ [ "--workers"; "1"; "--out"; one ])
                succeeds outcome
                Expect.stringContains outcome.Output "confidence sequence" "the table"
                Expect.stringContains outcome.Output "each claim by itself" "the table"
                let page = File.ReadAllText(Path.Combine(one, "report.html"))
                Expect.stringContains page "not corrected for the number of claims" "the page"
                Expect.stringContains page "--until-decided --most 12" "the command"

                Expect.stringContains
                    (File.ReadAllText(Path.Combine(one, "summary.json")))
                    "\"claim_intervals\": \"confidence sequence\""
                    "summary"

                plan two (deciding @ claims)
                let outcomes = [ for _ in 1..2 -> start [ "study"; "run"; two; "--workers"; "1" ] ] |> List.map finish
                outcomes |> List.iter succeeds
                succeeds (interp [ "study"; "merge"; two ])
                Expect.equal (mergedIn two) (mergedIn one) "the merged files"

                // A task of an array job does whatever is wanted, and so all of it where it is the only one.
                let three = Path.Combine(directory, "three")
                plan three (deciding @ claims)
                let task = [ "study"; "run"; three; "--array"; "--tasks"; "2"; "--workers"; "2" ]
                succeeds (interpWith [ "SLURM_ARRAY_TASK_ID", "1" ] task)
                succeeds (interp [ "study"; "merge"; three ])
                Expect.equal (mergedIn three) (mergedIn one) "the merged files of a task")
        }

        test "does not go together with a fixed number of seeds" {
            for args, part in
                [
                    "study --until-decided --seeds 3 --out x", "--most"
                    "study --most 3 --out x", "--until-decided"
                    "study plan --until-decided --most 0 --out x", "--most"
                    "study --claims", "--claims"
                    "help claim", "the nearest is claims"
                    "help claims now", "\"now\""
                    "help study plan now", "\"plan\""
                ] do
                isRefused part args

            for args, part in [ "help", "reproduce"; "help study", "--until-decided"; "help study plan", "--claims" ] do
                Expect.stringContains (Options.helpIn HelpPage.StandardWidth (List.ofArray (args.Split ' '))) part args
        }
    ]

let private keptWeights =
    testList "kept weights" [
        test "are models like any other, those that train writes, and change no table" {
            inDirectory (fun directory ->
                let study = Path.Combine(directory, "study")
                let outcome = interp ([ "study" ] @ quick @ [ "--keep-weights"; "--out"; study ])
                succeeds outcome

                Expect.isFalse
                    (outcome.Error.Contains "the weights that are kept")
                    "a few bytes are nothing to speak of"

                Expect.equal (mergedIn study) alone.Value "the merged files"
                let models = itemFiles "safetensors" study

                Expect.equal
                    (models |> List.map Path.GetFileNameWithoutExtension)
                    (itemFiles "json" study |> List.map Path.GetFileNameWithoutExtension)
                    "beside every item"

                succeeds (interp [ "circuits"; models[4] ])
                let run = Path.Combine(directory, "run")

                succeeds (
                    interp (
                        [ "train"; "--out"; run; "--seed"; "2"; "--steps"; "3" ]
                        @ [ "--block-length"; "3"; "--d-vocab"; "4"; "--n-heads"; "1" ]
                    )
                )

                Expect.equal
                    (File.ReadAllBytes models[4])
                    (File.ReadAllBytes(Path.Combine(run, "model.safetensors")))
                    "as train writes it"

                Expect.stringContains
                    (File.ReadAllText(Path.Combine(study, "report.html")))
                    " --keep-weights --steps 3"
                    "the command"

                // Nothing depends on them, and the study goes on as it was begun.
                File.Delete models[0]
                File.WriteAllText(models[1], "no model")
                File.Delete(Path.Combine(study, "items", "000002.json"))
                let next = interp [ "study"; "--out"; study ]
                succeeds next
                Expect.stringContains next.Output "1 training in " "what was trained"
                Expect.equal (mergedIn study) alone.Value "the merged files"
                let page = File.ReadAllText(Path.Combine(study, "report.html"))

                for index in [ 0; 1; 2; 5 ] do
                    Expect.equal
                        (page.Contains $"<a id=\"training-{index}\" href=\"explore.html#")
                        (index > 1)
                        "a link"

                Expect.stringContains page "Two trainings are left out" "and what has none"
                Expect.isTrue (File.Exists(Path.Combine(study, "explore.html"))) "to a page"
                succeeds (interp [ "study"; "--keep-weights"; "--out"; study ])
                refuses [ "keep_weights (true, not false)" ] (interp ([ "study" ] @ quick @ [ "--out"; study ])))
        }

        test "of a text have the names of its tokens" {
            inDirectory (fun directory ->
                let text = Path.Combine(directory, "notes.txt")
                File.WriteAllText(text, String.replicate 40 "so it goes, and so it went. ")
                let study = Path.Combine(directory, "study")

                succeeds (
                    interp (
                        [ "study"; "--task"; $"text {text} length 8"; "--variants"; "plain"; "--seeds"; "1" ]
                        @ [ "--steps"; "2"; "--keep-weights"; "--out"; study ]
                    )
                )

                let model = ModelFiles.read (Path.Combine(study, "items", "000000.safetensors"))
                Expect.isSome model.Tokens "names"
                File.Delete text
                succeeds (interp [ "logits"; Path.Combine(study, "items", "000000.safetensors"); "--text"; "so it" ]))
        }

        test "are kept from the first training on or not at all" {
            inDirectory (fun directory ->
                plan directory quick

                refuses
                    [ "--keep-weights"; "was begun without it"; "another directory" ]
                    (interp [ "study"; "--keep-weights"; "--out"; directory ])

                refuses
                    [ "another study"; "keep_weights (false, not true)" ]
                    (interp ([ "study"; "plan" ] @ quick @ [ "--keep-weights"; "--out"; directory ]))

                Expect.isEmpty (itemFiles "json" directory) "nothing was trained")
        }

        test "are said to be large before they are, and of every process that works on the study" {
            inDirectory (fun directory ->
                let large = Path.Combine(directory, "large")

                let planned =
                    interp (
                        [ "study"; "plan"; "--variants"; "plain"; "--seeds"; "100"; "--sweep"; "d_model=1024" ]
                        @ [ "--keep-weights"; "--out"; large ]
                    )

                succeeds planned
                // 2 x 26 x 1024 of letters and 4 x 1024 x 1024 of heads; 4 bytes each, 100 times.
                Expect.stringContains
                    planned.Error
                    "interp: the weights that are kept will take about 1,699 MB on the disk."
                    "how much"

                Expect.stringContains planned.Output "100 trainings, whose weights are kept" "the plan"
                let study = Path.Combine(directory, "study")
                plan study (quick @ [ "--keep-weights" ])

                succeeds (
                    interpWith [ "SLURM_ARRAY_TASK_ID", "1" ] [ "study"; "run"; study; "--array"; "--tasks"; "3" ]
                )

                Expect.equal
                    (itemFiles "safetensors" study |> List.map Path.GetFileNameWithoutExtension)
                    [ "000002"; "000003" ]
                    "its share")
        }
    ]

[<Tests>]
let tests =
    testList "study" [ whole; processes; failures; badInput; script; ownClaims; untilDecided; keptWeights ]
