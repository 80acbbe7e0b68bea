/// What scripts and programs call beside the core: pictures by functions, and runs.
module Interp.Properties.LibraryTests

open System.Collections.Generic
open System.IO
open System.Text
open System.Xml.Linq
open Expecto
open Interp
open Interp.Properties.Processes

let private path = ModelFiles.reference "two_layer_s11.safetensors"

let private task = Tasks.study

let private tokens text = Letters.ofText 26 text |> Result.defaultWith failwith

let private refused parts (work: unit -> unit) =
    let message =
        try
            work ()
            failtest "was not refused"
        with :? RefusedException as refused ->
            refused.Message

    isSentence message

    for part: string in parts do
        Expect.stringContains message part "the sentence"

/// Every function that makes figures, of one model.
let private made =
    lazy
        (let model = Model.load path
         let a, names = Configuration.study.Architecture, task.Tokens
         let a = { a with NLayers = 2 }
         let clean, corrupt = tokens "ABCDEFABC", tokens "ABXDEFABC"
         let few = { Sequences = 3; Seed = 1UL }
         let judge = Judge.make 1 task a.NCtx model None None few

         let judged =
             [ "direct two-numbers"; "ov 0.* diagonal" ]
             |> List.map (fun text ->
                 Judge.explanation judge text (Explanation.parse text |> Result.defaultWith failwith))

         let snapshots = [ for step in [ 1; 10 ] -> Development.snapshot 1 a task step model few ]

         let results = [
             for item in Survey.items { Survey.standard with Seeds = 2; Steps = 3 } ->
                 {
                     Item = item
                     Quantities = [ Quantity.HeldOutLoss, 1.0; Quantity.OV(0, Highest), 0.5 ]
                     HeldOut = [ 1, 3.0; 3, 2.0 ]
                     Weights = ""
                 }
         ]

         let one (figure: Interp.Figures.Figure) = [| figure |] :> IReadOnlyList<_>

         [
             "Matrix", one (Figure.matrix "own" [ "a"; "b" ] [ "x" ] (Tensor.ofArray [ 2; 1 ] [| 1.0f; -1.0f |]))
             "Attention", Figure.attention names clean (Transformer.patterns model clean)
             "AverageAttention", Figure.averageAttention (Attention.average 1 model [ clean; corrupt ])
             "Circuits", Figure.circuits (CircuitScores.ofModel model)
             "Heads", Figure.heads (HeadScores.measure 1 a task model few)
             "Ablation", Figure.ablation (Ablation.measure 1 task model ZeroMode few true)
             "Composition", Figure.composition (CompositionResults.measureWith 1 task model [] few)
             "Attribution", one (Figure.attribution names clean 8 (Attribution.direct model clean))
             "Patching", Figure.patching names clean corrupt (Patching.measure task model 3 4 clean corrupt)
             "Lens", one (Figure.lens names clean (Attribution.lens model clean))
             "Logits", Figure.logits names clean (Transformer.logits model clean)
             "Evaluation", Figure.evaluation (Behaviour.evaluate 1 task model few)
             "Explanations", Figure.explanations a names model judged judged
             "HeadLetters",
             one (
                 let plain = Model.load (ModelFiles.reference "plain_s11.safetensors")

                 HeadLetters.ofModel Configuration.study.Architecture plain |> Option.get |> Figure.headLetters names
             )
             "Development", Figure.development 6 (Development.nulls 1 a task model 1UL) snapshots
             "Losses", one (Figure.losses [ "one" ] [ [ 3.0; 2.0; 1.5 ] ])
             "Study", Figure.study Claims.study results
         ])

[<Tests>]
let tests =
    testList "Libraries" [
        test "every picture has a function, and comes as SVG, which says what it shows" {
            for name, figures in made.Value do
                Expect.isGreaterThan figures.Count 0 name
                let names = [ for figure in figures -> figure.Name ]
                Expect.equal (List.distinct names) names $"{name}: files of their own"

                for figure in figures do
                    let svg = XDocument.Parse figure.Html
                    Expect.equal svg.Root.Name.LocalName "svg" $"{name}, {figure.Name}"
                    Expect.isNotEmpty figure.Alt $"{name}, {figure.Name}: for readers who do not see it"
                    Expect.stringStarts (string figure) $"figure {figure.Name}, " "how it shows itself"

            // What takes dear results is drawn from its results elsewhere; all else is above.
            let expected =
                typeof<Interp.Figures.Figure>.Assembly.GetType("Interp.Figure").GetMethods()
                |> Array.filter (fun found -> found.IsStatic)
                |> Array.map _.Name
                |> Array.except [ "Save"; "SaveAll"; "Show"; "Html"; "ExactEvaluation" ]
                |> set

            Expect.equal (made.Value |> List.map fst |> set) expected "functions that make figures"
        }

        test "a function's pictures are those of the command" {
            inDirectory (fun directory ->
                let file = Path.Combine(directory, "theirs.svg")
                interp [ "circuits"; path; "--picture"; file ] |> succeeds
                let circuits = Map.ofList made.Value |> Map.find "Circuits"
                let ours = Path.Combine(directory, "ours.svg")
                Figure.save ours circuits[0]
                Expect.equal (File.ReadAllText ours) (File.ReadAllText file) "byte for byte"
                Expect.stringEnds (File.ReadAllText ours) (Figure.html circuits[0]) "and on a page"

                let all = Path.Combine(directory, "all")
                Figure.saveAll all circuits

                Expect.equal
                    (Directory.GetFiles all |> Array.map Path.GetFileName |> set)
                    (set [ for figure in circuits -> $"{figure.Name}.svg" ])
                    "all of them"

                let pixels = Path.Combine(directory, "ours.png")
                Figure.save pixels circuits[0]
                let bytes = File.ReadAllBytes pixels
                Expect.equal bytes[1..3] "PNG"B "pixels"

                refused [ "ours.bmp"; ".svg" ] (fun () ->
                    Figure.save (Path.Combine(directory, "ours.bmp")) circuits[0])

                Directory.CreateDirectory(Path.Combine(directory, "d.svg")) |> ignore
                refused [ "is a directory" ] (fun () -> Figure.save (Path.Combine(directory, "d.svg")) circuits[0]))
        }

        test "names and shape of a matrix have to go together" {
            refused [ "[2, 1]"; "1 names of rows" ] (fun () ->
                Figure.matrix "own" [ "a" ] [ "x" ] (Tensor.zeros [ 2; 1 ]) |> ignore)
        }

        test "a run is opened in one line: its model, its losses, its snapshots" {
            inDirectory (fun directory ->
                let place = Path.Combine(directory, "run")
                let words = [ "--steps"; "6"; "--batch"; "4"; "--snapshots"; "3"; "--seed"; "5" ]
                interp ([ "train"; "--smeared"; "--out"; place ] @ words) |> succeeds
                let run = Run.Open place

                Expect.equal
                    (run.Steps, run.State, run.Losses.Count, run.Configuration.Seed)
                    (6, "finished", 6, 5UL)
                    "what it is"

                Expect.equal (run.Model: Model<Tensor>) (Model.load place) "the model"
                Expect.equal run.Task.Name task.Name "the task"
                Expect.equal (List.last [ for kept in run.Snapshots -> kept.Steps ]) 6 "the last snapshot"
                Expect.equal run.Snapshots[run.Snapshots.Count - 1].Weights run.Model "is the model"
                Expect.isTrue (run.Losses |> Seq.forall (fun loss -> loss > 2.0 && loss < 4.0)) "losses"
                Expect.stringContains (string run) "finished at step 6 of 6" "how it shows itself"
                refused [ "config.json" ] (fun () -> Run.Open directory |> ignore)
                refused [ "nothing" ] (fun () -> Run.Open(Path.Combine(directory, "nothing")) |> ignore))
        }
    ]
