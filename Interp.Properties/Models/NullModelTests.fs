/// The null models that the program brings along are what the commands that are documented make.
module Interp.Properties.NullModelTests

open System.IO
open Expecto
open Interp
open Interp.Properties.Processes

let private readme =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "Interp.Functional", "Files", "NullModels")

/// The words of each command in the text beside them, by where its model goes.
let private commands =
    lazy
        [
            for line in File.ReadAllLines(Path.Combine(readme, "README.md")) do
                if line.StartsWith "    interp train " then
                    let parts = line.Trim().Split '"'

                    let words (text: string) =
                        text.Split(' ', System.StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

                    let all = List.tail (words parts[0]) @ [ parts[1] ] @ words parts[2]
                    (List.last all).Replace("runs/null-", "").Replace('-', '_'), all
        ]

let private configuration words =
    match CommandLine.Parse.commandLine (Array.ofList words) with
    | CommandLine.Run(CommandLine.Command.Train { Run = CommandLine.NewRun(configuration, _) }) -> configuration
    | parsed -> failtest $"{parsed}"

[<Tests>]
let tests =
    testList "Null models" [
        test "are of the runs that are documented, trained to the end" {
            let shipped = NullModels.checkpoints ()
            Expect.equal (shipped |> List.map fst) (commands.Value |> List.map fst) "one a command"

            for (name, checkpoint), (_, words) in List.zip shipped commands.Value do
                let c = configuration words
                let expected = Checkpoint.ofRun c c.Steps checkpoint.Weights None
                Expect.equal checkpoint expected $"{name}: all but the weights"
        }

        test "are found by their shapes, the study's" {
            for name, checkpoint in NullModels.checkpoints () do
                Expect.equal (NullModels.bigramNoise checkpoint.Architecture) (Some checkpoint.Weights) name

            let a = Configuration.study.Architecture

            for shape in [ a; Configuration.studySmeared.Architecture; { a with NLayers = 2 } ] do
                Expect.isSome (NullModels.bigramNoise shape) $"{shape}"

            Expect.isNone (NullModels.bigramNoise { a with DHead = 16 }) "another shape"
        }

        test "have learned what there is: their loss is near their task's floor, and far from a guess" {
            for name, checkpoint in NullModels.checkpoints () do
                let task = Tasks.ofForm checkpoint.Task.Value
                let loss = Intervened.loss 2 task checkpoint.Weights [] { Sequences = 2000; Seed = 1UL }
                let floor = (Task.floor task).Value
                let guess = log (float checkpoint.Architecture.DVocab)
                Expect.isLessThan (loss - floor) (0.1 * (guess - floor)) name
        }

        if Laws.long then
            // A group of its own begins at once: it takes minutes, which should not be the last ones.
            testSequencedGroup "null models"
            <| test "are made again, to the bit" {
                for name, words in commands.Value do
                    inDirectory (fun directory ->
                        let out = Path.Combine(directory, "run")

                        interp (words |> List.map (fun word -> if word.StartsWith "runs/" then out else word))
                        |> succeeds

                        Expect.equal
                            (File.ReadAllBytes(Path.Combine(out, "model.safetensors")))
                            (File.ReadAllBytes(Path.Combine(readme, name + ".safetensors")))
                            name)
            }
    ]
