/// Models on the disk: one line to read one, one line to write one.
module Interp.Properties.ModelFileLaws

open System
open System.IO
open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.Processes

let private inFile test = inDirectory (fun directory -> test directory (Path.Combine(directory, "model.safetensors")))

let private alone directory what =
    Expect.equal [ for file in Directory.GetFiles directory -> Path.GetFileName file ] [ "model.safetensors" ] what

/// A model with something that is no number in one of its weights, and that weight's name.
let private broken (model: Model<Tensor>) key =
    let leaves = Model.leaves model
    let which = integer 0 (leaves.Length - 1) 60 key
    let elements = leaves[which].ToArray()
    elements[integer 0 (elements.Length - 1) 61 key] <- one [ nanf; infinityf; -infinityf ] 62 key
    let bad = Tensor.ofArray leaves[which].Shape elements
    (Model.structure.Names model)[which], Model.rebuild model (List.updateAt which bad leaves)

[<Tests>]
let tests =
    testList "Model files" [
        law 40 "a checkpoint that is saved is its bytes, and is loaded from the file and from its directory" (fun key ->
            inFile (fun directory file ->
                let checkpoint = CheckpointLaws.given key
                File.WriteAllText(file, "what stood there before")
                Checkpoint.save file checkpoint
                Expect.equal (File.ReadAllBytes file) (Checkpoint.toBytes checkpoint) "bytes"
                alone directory "nothing is left beside it"

                for path in [ file; directory ] do
                    Expect.equal (Checkpoint.load path) checkpoint "what is read"
                    Expect.equal (Model.load path) checkpoint.Weights "its weights"))

        law 60 "a model alone is saved as what its weights tell, and loaded without a configuration" (fun key ->
            inFile (fun directory file ->
                let a = Given.anyArchitecture key
                let model = Given.model a key
                Model.save file model
                let found = Checkpoint.load directory
                Expect.equal found.Weights model "weights"
                Expect.equal (found.Task, found.Tokens, found.Moments) (None, None, None) "what nobody said"

                let positions = Model.room model |> Option.defaultValue Configuration.study.Architecture.NCtx

                // Nothing is known of heads that are not there.
                let heads =
                    if a.NLayers = 0 then
                        found.Architecture.NHeads, found.Architecture.DHead
                    else
                        a.NHeads, a.DHead

                let smear = if a.NLayers = 0 then Smear.Neither else a.Smear

                Expect.equal
                    found.Architecture
                    { a with NCtx = positions; NHeads = fst heads; DHead = snd heads; Smear = smear }
                    "its shape"

                let own = Checkpoint.ofModel 7 model

                Expect.equal
                    own.Architecture.NCtx
                    (Model.room model |> Option.defaultValue 7)
                    "positions that are given"))

        law 40 "what would not be read again is refused, and what stood there stays" (fun key ->
            inFile (fun directory file ->
                let model = Given.model (Given.architecture key) key
                Model.save file model
                let before = File.ReadAllBytes file
                let name, broken = broken model key
                let sentence = refusal (fun () -> Model.save file broken)
                isSentence sentence
                Expect.stringContains sentence $"\"{name}\"" "the weight is named"

                // One row more than there are columns before it, whatever shape was drawn.
                let rows, columns =
                    match model.W_U.Shape with
                    | [ rows; columns ] -> rows + 1, columns
                    | shape -> failtest $"W_U has shape {Shape.show shape}"

                let other = { model with W_U = Tensor.zeros [ rows; columns ] }
                let sentence = refusal (fun () -> Model.save file other)
                isSentence sentence

                Expect.stringContains
                    sentence
                    $"\"unembed.W_U\" has shape [{rows}, {columns}], expected [{rows - 1}, "
                    "shapes"

                Expect.equal (File.ReadAllBytes file) before "the file"
                alone directory "nothing is left beside it"))

        test "every model that an independent program made is loaded" {
            for file in
                List.map (fun name -> ModelFiles.reference $"{name}.safetensors") ModelFiles.references
                @ List.map (fun name -> ModelFiles.ofPositions $"{name}.safetensors") ModelFiles.kinds do
                Expect.equal (Checkpoint.load file) (ModelFiles.read file) file
                Expect.equal (Model.load file) (ModelFiles.read file).Weights file
        }

        test "what is no model is refused in one sentence" {
            inFile (fun directory file ->
                let big = Path.Combine(directory, "big.safetensors")

                do
                    use hole = File.Create big
                    hole.SetLength(1L + (1L <<< 30))

                let foreign = Path.Combine(directory, "foreign.safetensors")
                File.WriteAllText(foreign, "It was a dark and stormy night.")

                for path, parts in
                    [
                        "", [ "empty" ]
                        file, [ file; "no such file or directory"; "run directory" ]
                        directory, [ directory; "no model.safetensors"; "foreign.safetensors" ]
                        big, [ big; "1073741824" ]
                        foreign, [ foreign; "not a safetensors file" ]
                        file + "\n", [ file + "\\u000a" ]
                    ] do
                    let sentence = refusal (fun () -> Model.load path |> ignore)
                    isSentence sentence

                    for part in parts do
                        Expect.stringContains sentence part path

                let model = Given.model Configuration.study.Architecture (Key.ofSeed 1UL)

                for path, parts in
                    [
                        "", [ "empty" ]
                        directory, [ directory; "is a directory" ]
                        Path.Combine(file, "x"), [ file; "no such directory" ]
                        Path.Combine(directory, String('x', 300)), [ "xxx"; "cannot be written" ]
                    ] do
                    let sentence = refusal (fun () -> Model.save path model)
                    isSentence sentence

                    for part in parts do
                        Expect.stringContains sentence part path)
        }

        test "the program reads what a script has saved" {
            inFile (fun directory file ->
                // Without a position among its weights.
                let a = { Configuration.study.Architecture with Positions = Positions.Rotary; DVocab = 5 }
                Model.save file (Given.model a (Key.ofSeed 1UL))

                let json =
                    interp [ "circuits"; directory; "--json" ] |> answers [ "direct_path"; "ov"; "ov_sum"; "qk" ]

                Expect.equal ((item [ "ov" ] json).GetArrayLength()) a.NHeads "circuits of its heads")
        }
    ]
