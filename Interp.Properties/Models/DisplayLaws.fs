/// How values show themselves in F# Interactive and to "%A".
module Interp.Properties.DisplayLaws

open System
open System.Globalization
open System.Reflection
open Expecto
open Interp
open Interp.Properties.Laws

let private shown (value: obj) = (sprintf "%A" value).Split '\n' |> Array.toList

/// A few lines, none of them too long.
let private bounded what (most: int) (value: obj) =
    let lines = shown value

    if lines.Length > most then
        failtest $"{what} takes {lines.Length} lines, expected at most {most}"

    for line in lines do
        if line.Length > 100 then
            failtest $"{what} takes {line.Length} columns: {line}"

    lines

let private words (line: string) = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> Array.toList

/// The words of the line below the first.
let private second lines = words (List.item 1 lines)

/// What is shown is the number, rounded to the last digit that is shown.
let private isRounded (x: float) (text: string) =
    let number = Double.Parse(text, CultureInfo.InvariantCulture)

    let mantissa, exponent =
        let parts = text.Split 'e' in parts[0], (if parts.Length > 1 then int parts[1] else 0)

    let decimals = if mantissa.Contains '.' then mantissa.Length - mantissa.IndexOf '.' - 1 else 0
    // Half a unit of the last digit, and the rounding of the two numbers compared.
    let allowed = 0.5 * Math.Pow(10.0, float (exponent - decimals)) + 1e-12 * abs x

    if not (abs (number - x) <= allowed) then
        failtest $"{x} is shown as {text}"

    Expect.notEqual text "-0" "nothing has no sign"

let private matrix (rows: int) (columns: int) key =
    let scale = Math.Pow(10.0, float (integer -9 9 1 key))
    normal [ rows; columns ] 2 key * scale

[<Tests>]
let tests =
    testList "Display" [
        law 100 "a tensor of any shape takes few lines of 100 columns, the first of which has its shape" (fun key ->
            let rank = integer 0 6 1 key
            let shape = List.init rank (fun axis -> one [ 0; 1; 2; 3; 40 ] (10 + axis) key)
            let shape = if Shape.size shape > 100000 then List.take 3 shape else shape
            let scale = Math.Pow(10.0, float (integer -30 30 2 key))
            let lines = bounded "a tensor" 40 (normal shape 3 key * scale)
            Expect.stringStarts lines.Head $"tensor float32 {Shape.show shape}" "shape and type"

            // In whatever a value is nested.
            Expect.stringContains (sprintf "%A" [ Some(normal shape 3 key) ]) (Shape.show shape) "nested")

        law 150 "numbers of a small matrix are all there, in their places, rounded" (fun key ->
            let rows, columns = integer 1 12 4 key, integer 1 7 5 key
            let x = matrix rows columns key
            let lines = bounded "a matrix" 13 x
            Expect.equal lines.Length (1 + rows) "a line a row"

            for row, line in List.indexed lines.Tail do
                let numbers = words line
                Expect.equal numbers.Length columns "a number a column"
                List.iteri (fun column text -> isRounded (float x[row, column]) text) numbers

            Expect.equal (lines.Tail |> List.map String.length |> List.distinct |> List.length) 1 "aligned")

        law 60 "the middle of a large one is left out, and its corners are there" (fun key ->
            let rows, columns = integer 13 200 4 key, integer 21 300 5 key
            let x = matrix rows columns key
            let lines = bounded "a large matrix" 14 x
            let first, last = words lines[1], words (List.last lines)
            Expect.contains first "…" "columns left out"
            Expect.exists lines (fun line -> words line |> List.forall ((=) "…")) "rows left out"
            isRounded (float x[0, 0]) first.Head
            isRounded (float x[0, columns - 1]) (List.last first)
            isRounded (float x[rows - 1, 0]) last.Head
            isRounded (float x[rows - 1, columns - 1]) (List.last last))

        test "what is no number, and nothing, are told" {
            let lines = shown (Tensor.vector [ nan; infinity; -infinity; -0.0; 1e-30 ])
            Expect.equal (words lines[1]) [ "NaN"; "infinity"; "-infinity"; "0"; "1.000e-30" ] "words"
            Expect.equal (shown (Tensor.scalar 2.5)) [ "tensor float32 [] 2.500" ] "a scalar"
            Expect.equal (shown (Tensor.zeros [ 0; 3 ])) [ "tensor float32 [0, 3], empty" ] "no elements"
            Expect.equal (second (shown (Tensor.vector [ 9.9996 ]))) [ "10.00" ] "four digits, once it is rounded"
            Expect.equal (second (shown (Tensor.vector [ -0.00004; 1.5 ]))) [ "0.000"; "1.500" ] "rounded to nothing"

            let traced = ref ""

            Differentiation.grad
                (fun x ->
                    traced.Value <- sprintf "%A" x
                    Tensor.sum x)
                (Tensor.zeros [ 2; 3 ])
            |> ignore

            Expect.equal traced.Value "tensor float32 [2, 3], being traced" "a traced one has no numbers"
        }

        law 40 "rows and columns of logits, patterns and circuits stand under the names of their tokens" (fun key ->
            let vocabulary = Vocabulary.letters (integer 2 60 1 key)
            let text = Given.tokens vocabulary.Size (integer 1 12 2 key) 3 key
            let letters = (Letters.toText text) |> Seq.map string |> Seq.toList

            let check what (rows: string list) (columns: string list) (named: NamedMatrix) =
                let lines = bounded what 15 named
                Expect.equal named.Rows rows $"{what}: rows"
                Expect.equal named.Columns columns $"{what}: columns"
                let header = words lines[1]
                Expect.equal header.Head columns.Head $"{what}: the first column"
                Expect.equal (List.last header) (List.last columns) $"{what}: the last column"
                Expect.equal (List.head (words lines[2])) rows.Head $"{what}: the first row"
                isRounded (float named.Values[0, 0]) (List.item 1 (words lines[2]))

            let logits = normal [ text.Length; vocabulary.Size ] 4 key
            check "logits" letters vocabulary.Names (NamedMatrix.ofLogits vocabulary text logits)
            let pattern = normal [ text.Length; text.Length ] 5 key
            check "a pattern" letters letters (NamedMatrix.ofPattern vocabulary text pattern)
            let circuit = normal [ vocabulary.Size; vocabulary.Size ] 6 key
            check "a circuit" vocabulary.Names vocabulary.Names (NamedMatrix.ofCircuit vocabulary circuit)

            Expect.throwsT<ArgumentException>
                (fun () -> NamedMatrix.create ("one more" :: letters) vocabulary.Names logits |> ignore)
                "names that are not as many")

        law 15 "models and what is measured of them take few lines and no hundreds of numbers" (fun key ->
            let c, model, text = Given.run key
            let task = Given.task c
            let reference = { Sequences = 5; Seed = 1UL }
            let a = c.Architecture
            let weights = sprintf "%A" model
            Expect.stringContains weights $"d_model {a.DModel}, d_head {a.DHead}, d_vocab {a.DVocab}" "a model's shape"
            Expect.stringContains weights $"positions {a.Positions}" "its positions"

            for what, most, value in
                [
                    "a model", 2, box model
                    "a layer", 8, box model.Blocks.Head
                    "shapes", 26, box (Model.shapes a)
                    "names", 26, box (Model.names a)
                    "gradients", 26, box (Model.map (fun (x: Tensor) -> x, 1) model)
                    "a checkpoint", 3, box (CheckpointLaws.given key)
                    "an architecture", 1, box a
                    "spectra", 24, box (Circuits.spectra model)
                    "a circuit", 1, box (Circuits.ov { Layer = 0; Head = 0 } model)
                    "a head's scores", 1, box (HeadScores.ofModel 1 a model reference).Head
                    "activations", 1, box (Transformer.activations Edits.none model text)
                    "a layer's activations", 14, box (Transformer.activations Edits.none model text).Layers.Head
                    "a text", 1, box text
                    "an evaluation", 6, box (Behaviour.evaluate 1 task model reference)
                    "a task", 1, box task
                    "a vocabulary", 1, box task.Tokens
                    "a task's form", 1, box c.Task
                    "an objective", 2, box (Recipe.objective c task)
                    "a state", 3, box (Recipe.start c)
                    "a long text", 1, box (Given.tokens 20 5000 7 key)
                    "a long explanation",
                    13,
                    box {
                        Clauses =
                            List.init 40 (fun i -> Clause.OV([ Heads.OfLayer i; Heads.Every ], TableForm.TwoNumbers))
                    }
                    "a long vector added", 1, box (AddToResidual(0, List.init 500 float))
                ] do
                bounded what most value |> ignore)

        test "the study's circuits are a table" {
            let model = Model.load (ModelFiles.reference "smeared_s11.safetensors")
            let lines = bounded "circuits" 8 (CircuitScores.ofModel model)
            let row name = lines |> List.find (fun line -> line.StartsWith $"  {name} ")

            for name in [ "direct_path"; "ov 0.0"; "ov 0.1"; "ov 0.2"; "ov 0.3"; "ov_sum 0" ] do
                row name |> ignore

            isRounded (Circuits.spectra model).DirectPath.Score (List.item 1 (words (row "direct_path")))
        }

        test "what has a printed form shows itself by it" {
            let head = { Layer = 0; Head = 1 }

            for value in
                [
                    box head
                    box (ZeroAblate head)
                    box (Cut(HeadOutput head, { Layer = 1; Head = 0 }, KeyInput))
                    box (PatternAt head)
                    box Positions.Rotary
                    box Smear.Both
                    box TaskForm.study
                    box Quantity.HeldOutLoss
                    box { Sequences = 3; Seed = 7UL }
                    box TableForm.TwoNumbers
                    box Plain
                ] do
                Expect.equal (sprintf "%A" value) (string value) "the printed form"

            Expect.equal
                (sprintf "%A" [ ZeroAblate head; FreezePattern head ])
                "[zero 0.1; freeze 0.1]"
                "in a list, too"
        }

        test "every type that names its Display has it" {
            let inside = BindingFlags.Instance ||| BindingFlags.NonPublic ||| BindingFlags.Public

            let named =
                typeof<Tensor>.Assembly.GetTypes()
                |> Array.filter (fun found -> found.IsDefined(typeof<StructuredFormatDisplayAttribute>, false))

            Expect.isGreaterThan named.Length 80 "types that show themselves"

            for found in named do
                match found.GetProperty("Display", inside) with
                | null -> failtest $"{found.Name} has no Display"
                | property -> Expect.equal property.PropertyType typeof<string> found.Name
        }
    ]
