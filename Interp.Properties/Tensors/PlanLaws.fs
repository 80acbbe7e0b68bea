/// A plan whose variables are given later, as the trainer has one, carries out what evaluation one by one gives.
module Interp.Properties.PlanLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws

/// The mean of `f` over a batch of `count` sequences and its gradient, laid out once for variables of these shapes.
let private compileFor sequencesToCome threads (f: Tensor list -> Tokens -> Tensor) (shapes: Shape list) length count =
    let variables = shapes |> List.map Trace.variable
    let sequences = Trace.node (Sequences(None, threads)) [ length ] true false
    let y = f variables (Tokens sequences)
    let mean = if y.Batched then Batch.average sequences count y else y
    let outputs = mean :: Differentiation.pullback mean (Tensor.scalar 1.0) variables
    let plan = Plan(outputs, variables, threads, sequencesToCome)

    fun (values: Tensor list) (batch: Tokens list) ->
        values |> List.iteri (fun i value -> value.ToArray().AsSpan().CopyTo plan.Variables[i].Span)
        plan.Run(batch.Length, Valuation.load (Valuation.rows batch), (fun _ _ -> ()))

        (outputs, List.ofArray plan.Outputs)
        ||> List.map2 (fun output operand -> Tensor.ofArray output.Shape (operand.Span.ToArray()))

/// With room for more sequences than there are in any of these laws.
let private compile threads = compileFor 1000 threads

/// It is what a plan with values in the variables' places gives, to the bit, and the mean of what each sequence gives.
let private holds (f: Tensor list -> Tokens -> Tensor) (values: Tensor list) (batch: Tokens list) key =
    let threads = integer 1 2 90 key
    let run = compile threads f (values |> List.map _.Shape) batch.Head.Length batch.Length
    // What an earlier run left behind must not show.
    run (values |> List.map ((*) 0.5)) (batch |> List.truncate (integer 1 batch.Length 91 key))
    |> ignore

    let planned = run values batch

    let valued =
        Differentiation.fgradOf Structure.list (fun x -> Batch.mean threads (f x) batch) values
        |> fun (mean, gradient) -> mean :: gradient

    List.iter2 (same "the plan with open variables") planned valued

    let each =
        batch
        |> List.map (fun tokens ->
            let value, gradient = Differentiation.fgradOf Structure.list (fun x -> f x tokens) values
            value :: gradient)
        |> List.reduce (List.map2 (+))
        |> List.map (fun sum -> sum / float batch.Length)

    List.iter2
        (fun (actual: Tensor) expected -> close Tolerances.derivative "one by one" (floats actual) (floats expected))
        planned
        each

let private primitives =
    testList "of every primitive" [
        // These two are what batches are made of.
        for sample in Primitives.all |> List.filter (fun sample -> sample.Name <> "batchSum" && sample.Name <> "spread") do
            law 8 sample.Name (fun key ->
                let case = sample.Case key
                let inputs = BatchLaws.inputsOf case key
                let onto = normal (case.Apply case.Inputs).Shape 83 key

                let f variables tokens =
                    let all =
                        (case.Inputs, List.zip case.Differentiable variables)
                        ||> List.fold (fun all (i, x) -> List.updateAt i x all)

                    Tensor.dot (case.Apply(List.map2 (fun input x -> input x tokens) inputs all)) onto

                holds
                    f
                    (case.Differentiable |> List.map (fun i -> case.Inputs[i]))
                    (BatchLaws.sequencesOf case key)
                    key)
    ]

let private letters = 5

/// A tensor of this shape that depends on the letters.
let private batched (shape: Shape) (table: Tensor) tokens =
    let count = max 1 (Shape.size shape)

    Tensor.gather table tokens
    |> Tensor.meanOver [ 0 ]
    |> Tensor.slice 0 0 count
    |> Tensor.reshape shape

let private products =
    testList "of products" [
        test "one node on the left and on the right of a product" {
            let key = Key.ofSeed 3UL
            let table, w = normal [ letters; 16 ] 1 key, normal [ 4; 4 ] 2 key

            let f (values: Tensor list) tokens =
                let w, x = values[0], batched [ 4; 4 ] values[1] tokens

                Tensor.sum (Tensor.tanh (Tensor.matmul x w)) + 2.0 * Tensor.sum (Tensor.tanh (Tensor.matmul w x))

            holds f [ w; table ] (Given.sequences letters 6 20 key) key
        }

        // All axes of one size, so that either tensor fits on either side of whatever the subscripts say.
        law 150 "two nodes on both sides of products with different subscripts" (fun key ->
            let rank = integer 2 4 1 key
            let size = if rank = 2 then one [ 1; 2; 4; 7; 17 ] 2 key else integer 1 3 2 key
            let shape = List.replicate rank size
            let table, w = normal [ letters; Shape.size shape ] 3 key, normal shape 4 key

            let subscripts term =
                let key = Key.split (uint64 (100 + term)) key
                let shared = integer 0 (rank - 1) 1 key
                let depth = integer (max 1 (rank - 2 - shared)) (rank - shared) 2 key
                let own = rank - shared - depth
                let axes (first: char) count = [ for i in 0 .. count - 1 -> char (int first + i) ]
                let batch, rows, columns, sum = axes 'a' shared, axes 'f' own, axes 'm' own, axes 's' depth
                let text use' (axes: char list) = String.Concat((Primitives.shuffle use' key axes))
                $"{text 3 (batch @ rows @ sum)},{text 4 (batch @ columns @ sum)}->{text 5 (batch @ rows @ columns)}"

            let terms = [
                for term in 0 .. integer 1 4 5 key -> subscripts (integer 0 term 6 key), integer 0 3 (10 + term) key
            ]

            let scale = 1.0 / sqrt (float (Shape.size shape))

            let f (values: Tensor list) tokens =
                let w, x = values[0], batched shape values[1] tokens

                terms
                |> List.mapi (fun i (subscripts, sides) ->
                    let a, b = [ x, w; w, x; x, w; x, x ][sides]
                    float (i + 1) * Tensor.sum (Tensor.tanh (scale * Tensor.einsum subscripts a b)))
                |> List.reduce (+)

            holds f [ w; table ] (Given.sequences letters 3 (integer 1 40 7 key) key) key)
    ]

let private parts =
    testList "parts of values" [
        // What is cut from a value or only shaped anew is read where the value stands, so nothing may take that place too early.
        law 200 "stand where the values do, and never show what took a place since" (fun key ->
            let table, w = normal [ letters; 24 ] 1 key, normal [ 4; 4 ] 2 key
            let flat (x: Tensor) = Tensor.reshape [ Shape.size x.Shape ] x

            let f (values: Tensor list) tokens =
                let step (pool: Tensor list) number =
                    let chosen = integer 0 (pool.Length - 1) (10 * number) key
                    let x = pool[chosen]
                    let size = Shape.size x.Shape
                    let rows = size / 4

                    let part =
                        let start = integer 0 (size - 1) (10 * number + 1) key
                        Tensor.slice 0 start (integer 1 (size - start) (10 * number + 2) key) x

                    /// Of as many elements as there are of both.
                    let both combine (a: Tensor) (b: Tensor) =
                        let count = min (Shape.size a.Shape) (Shape.size b.Shape)
                        combine (Tensor.slice 0 0 count a) (Tensor.slice 0 0 count b)

                    let other = pool[integer 0 (pool.Length - 1) (10 * number + 3) key]

                    let made =
                        match integer 0 6 (10 * number + 4) key with
                        | 0 -> part
                        | 1 -> Tensor.tanh x
                        | 2 -> both (fun (a: Tensor) b -> a - b) x other
                        | 3 -> both (fun (a: Tensor) b -> a * b) part other
                        | 4 when rows > 0 ->
                            let product =
                                Tensor.matmul (Tensor.reshape [ rows; 4 ] (Tensor.slice 0 0 (4 * rows) x)) values[0]

                            both (fun (a: Tensor) b -> b + a) (flat product) other
                        | 5 when size % 2 = 0 ->
                            let halves = Tensor.reshape [ 2; size / 2 ] x
                            // No derivative of a difference needs what it is of, so one may take the other's place.
                            halves - Tensor.slice 0 (integer 0 1 (10 * number + 5) key) 1 halves |> flat
                        | _ -> Tensor.reshape [ 1; size; 1 ] x |> Tensor.slice 1 0 size |> flat

                    // Some are done with, so that others take their places.
                    if integer 0 1 (10 * number + 6) key = 0 then
                        made :: List.removeAt chosen pool
                    else
                        made :: pool

                let start = Tensor.gather values[1] tokens |> Tensor.meanOver [ 0 ] |> Tensor.reshape [ 24 ]

                ([ start ], [ 1 .. integer 1 8 3 key ])
                ||> List.fold step
                |> List.map (Tensor.tanh >> Tensor.sum)
                |> List.reduce (+)

            holds f [ w; table ] (Given.sequences letters 3 (integer 1 40 4 key) key) key)
    ]

let private room =
    testList "room" [
        law 30 "for fewer or more sequences than run in it never shows" (fun key ->
            let table, w = normal [ letters; 16 ] 1 key, normal [ 4; 4 ] 2 key

            let f (values: Tensor list) tokens =
                Tensor.sum (Tensor.tanh (Tensor.matmul (batched [ 4; 4 ] values[1] tokens) values[0]))

            let batch = Given.sequences letters 6 (integer 1 200 3 key) key
            let threads = integer 1 3 4 key
            let run room = compileFor room threads f [ [ 4; 4 ]; [ letters; 16 ] ] 6 batch.Length [ w; table ] batch
            let expected = run 100000
            List.iter2 (same "room for one") (run 1) expected
            List.iter2 (same "room for some") (run (integer 1 300 5 key)) expected)

        test "is refused in words where one piece of it would be larger than an array" {
            Expect.throwsT<RefusedException> (fun () -> Shape.fitting (1L <<< 31) |> ignore) "2^31"
            Expect.equal (Shape.fitting 1000L) 1000 "some"
        }
    ]

[<Tests>]
let tests = testList "Plans" [ primitives; products; parts; room ]
