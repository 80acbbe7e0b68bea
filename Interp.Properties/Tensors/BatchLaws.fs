/// A batch is a map over sequences: lanes, shards and threads never show in a result.
module Interp.Properties.BatchLaws

open System
open System.Threading
open Expecto
open Interp
open Interp.Properties.Laws
open Interp.Properties.Primitives

let private letters = 7

/// Functions from a sequence to each input of a case. Indices follow the letters, some other inputs are scaled by a number that
/// depends on them, the rest are the same for all sequences.
let inputsOf (case: PrimitiveCase) key : (Tensor -> Tokens -> Tensor) list =
    case.Inputs
    |> List.mapi (fun i input ->
        if not (List.contains i case.Differentiable) then
            let own = floats input |> Array.toList
            let named = Tensor.init [ letters; 1 ] (fun index -> one own (60 + index.Head) key)
            fun _ tokens -> Tensor.gather named tokens |> Tensor.reshape [ tokens.Length ]
        elif truth (50 + i) key then
            let table = 0.25 * Tensor.tanh (normal [ letters; 1 ] (70 + i) key)
            fun x tokens -> x * (1.0 + Tensor.mean (Tensor.gather table tokens))
        else
            fun x _ -> x)

/// The sequences are as long as the case's indices, if it has any.
let sequencesOf (case: PrimitiveCase) key =
    let length =
        case.Inputs
        |> List.indexed
        |> List.tryPick (fun (i, input) -> if List.contains i case.Differentiable then None else Some input.Shape.Head)
        |> Option.defaultValue (integer 1 6 80 key)

    Given.sequences letters length (integer 1 40 81 key) key

let private infinite =
    law 40 "a mean over sequences with an infinite value is infinite: lanes without a sequence add nothing" (fun key ->
        let table = Tensor.init [ letters; 1 ] (fun index -> if index.Head = 0 then infinity else 1.0)
        let others = Given.sequences (letters - 1) 3 (integer 0 40 1 key) key

        let shifted =
            others |> List.map (fun tokens -> Tokens.toArray tokens |> Array.map ((+) 1) |> Tokens.ofArray)

        let f tokens = Tensor.mean (Tensor.gather table tokens)
        let mean = Batch.mean 1 f (shifted @ [ Tokens.ofArray [| 0; 1; 2 |] ])
        Expect.equal (Tensor.toScalar mean) infinity "the mean")

let private primitives =
    testList "of every primitive" [
        // These two are what batches are made of.
        for sample in Primitives.all |> List.filter (fun sample -> sample.Name <> "batchSum" && sample.Name <> "spread") do
            law 20 $"{sample.Name}: sixteen at a time is one by one, to the bit" (fun key ->
                let case = sample.Case key
                let inputs = inputsOf case key
                let f tokens = case.Apply(List.map2 (fun input x -> input x tokens) inputs case.Inputs)
                let sequences = sequencesOf case key

                (Batch.map (integer 1 2 82 key) f sequences, sequences)
                ||> List.iter2 (fun batched tokens -> same sample.Name batched (f tokens)))

            law 10 $"{sample.Name}: the gradient of a mean is the mean of the gradients" (fun key ->
                let case = sample.Case key
                let inputs = inputsOf case key
                let sequences = sequencesOf case key
                let arguments = case.Differentiable |> List.map (fun i -> case.Inputs[i])
                let onto = normal (case.Apply case.Inputs).Shape 83 key

                let f arguments tokens =
                    let all =
                        (case.Inputs, List.zip case.Differentiable arguments)
                        ||> List.fold (fun all (i, x) -> List.updateAt i x all)

                    Tensor.dot (case.Apply(List.map2 (fun input x -> input x tokens) inputs all)) onto

                let mean threads =
                    Differentiation.gradOf Structure.list (fun x -> Batch.mean threads (f x) sequences) arguments

                let gradients =
                    sequences
                    |> List.map (fun tokens -> Differentiation.gradOf Structure.list (fun x -> f x tokens) arguments)

                let meanOfGradients =
                    gradients |> List.reduce (List.map2 (+)) |> List.map (fun sum -> sum / float sequences.Length)

                List.iter2 (same "with two threads") (mean 2) (mean 1)

                (mean 1, meanOfGradients)
                ||> List.iter2 (fun actual expected ->
                    close Tolerances.derivative sample.Name (floats actual) (floats expected)))
    ]

let private models =
    testList "of models" [
        law 40 "logits and patterns of a batch are those of each sequence, to the bit" (fun key ->
            let a = Given.architecture key
            let model = Given.model a key
            let sequences = Given.sequences a.DVocab (integer 1 a.NCtx 30 key) (integer 1 40 31 key) key
            let all tokens = Transformer.logits model tokens :: Transformer.patterns model tokens

            for part in 0 .. a.NLayers do
                (Batch.map (integer 1 2 32 key) (all >> List.item part) sequences, sequences)
                ||> List.iter2 (fun batched tokens ->
                    same (if part = 0 then "logits" else "a pattern") batched (List.item part (all tokens))))

        law 30 "a sum with a product is the product added to the finished other part, to the bit" (fun key ->
            let table, w = normal [ letters; 6 ] 1 key, normal [ 6; 6 ] 2 key
            let f tokens = let x = Tensor.gather table tokens in Tensor.tanh x + Tensor.matmul (Tensor.exp x) w
            let sequences = Given.sequences letters (integer 1 9 3 key) (integer 1 40 4 key) key

            (Batch.map 1 f sequences, sequences)
            ||> List.iter2 (fun batched tokens -> same "the sum" batched (f tokens)))

        law
            30
            "the gradient in what is added to every sequence before a product is the mean of the gradients"
            (fun key ->
                let length = integer 1 9 3 key

                let table, weight, added =
                    normal [ letters; 6 ] 1 key, normal [ 6; 6 ] 2 key, normal [ length; 6 ] 5 key

                let f added tokens =
                    Tensor.mean (Tensor.tanh (Tensor.matmul (Tensor.gather table tokens + added) weight))

                let sequences = Given.sequences letters length (integer 1 40 4 key) key
                let found = Differentiation.grad (fun x -> Batch.mean (integer 1 2 6 key) (f x) sequences) added
                let each = sequences |> List.map (fun tokens -> Differentiation.grad (fun x -> f x tokens) added)
                let mean = List.reduce (fun (a: Tensor) b -> a + b) each / float sequences.Length
                close Tolerances.derivative "the gradient" (floats found) (floats mean))

        law 20 "loss and gradient of a batch are the means, whatever the number of threads" (fun key ->
            let a = Given.architecture key
            let model = Given.model a key
            let sequences = Given.sequences a.DVocab (integer 2 a.NCtx 30 key) (integer 1 40 31 key) key

            let ofMean threads =
                Differentiation.fgradOf
                    Model.structure
                    (fun m -> Batch.mean threads (Loss.perPosition m >> Tensor.mean) sequences)
                    model

            let loss, gradient = ofMean 1
            let loss', gradient' = ofMean 2
            same "the loss with two threads" loss' loss
            Model.map2 (same "the gradient with two threads") gradient' gradient |> ignore

            let each =
                sequences
                |> List.map (fun tokens ->
                    Differentiation.fgradOf Model.structure (fun m -> Tensor.mean (Loss.perPosition m tokens)) model)

            let share = 1.0 / float sequences.Length

            within
                Tolerances.model
                10.0
                "the loss"
                (Tensor.toScalar loss)
                (each |> List.averageBy (fst >> Tensor.toScalar))

            let mean = each |> List.map snd |> List.reduce (Model.map2 (+)) |> Model.map ((*) share)

            // Relative to the largest entry of all weights: what is steep in one makes rounding show in every other.
            let entries model = Model.leaves model |> List.map floats |> Array.concat
            close Tolerances.model "the gradient" (entries gradient) (entries mean))

        test "sequences of different lengths are no batch" {
            Expect.throwsT<RefusedException>
                (fun () ->
                    Batch.map 1 (Tensor.gather (Tensor.eye 3)) [ Tokens.ofArray [| 0; 1 |]; Tokens.ofArray [| 2 |] ]
                    |> ignore)
                "two lengths"
        }

        test "a mean over no sequences is refused" {
            Expect.throwsT<RefusedException>
                (fun () -> Batch.mean 1 (fun _ -> Tensor.scalar 1.0) [] |> ignore)
                "no sequences"
        }
    ]

let private workers =
    testList "workers" [
        law 100 "what is shared out is done, each piece once, also from within a piece" (fun key ->
            let threads, count, inner = integer 1 5 1 key, integer 0 40 2 key, integer 0 5 3 key
            let done' = Array.zeroCreate<int>(count * inner)

            Workers.share threads count (fun piece ->
                Workers.share threads inner (fun part ->
                    Interlocked.Increment(&done'[piece * inner + part]) |> ignore))

            Expect.equal done' (Array.create (count * inner) 1) "each piece")

        test "work within work is not the end of what another thread is at" {
            let own = Environment.CurrentManagedThreadId

            for _ in 1..10 do
                use begun = new CountdownEvent 1
                let begins, ends = ref 0, ref 0

                Workers.share 2 2 (fun _ ->
                    if Environment.CurrentManagedThreadId = own then
                        // Where nobody else comes, all is done here.
                        begun.Wait 100 |> ignore
                        Workers.share 2 2 ignore
                    else
                        begins.Value <- 1
                        begun.Signal() |> ignore
                        Thread.Sleep 20
                        ends.Value <- 1)

                Expect.equal ends.Value begins.Value "it has ended"
        }

        test "what a piece raises is raised, and the next work is done" {
            for threads in [ 1; 3 ] do
                Expect.throwsT<InvalidOperationException>
                    (fun () ->
                        Workers.share threads 50 (fun piece ->
                            if piece >= 20 then
                                raise (InvalidOperationException "a piece")))
                    "the piece's"

                let done' = Array.zeroCreate<int> 50
                Workers.share threads 50 (fun piece -> Interlocked.Increment(&done'[piece]) |> ignore)
                Expect.equal done' (Array.create 50 1) "afterwards"
        }
    ]

[<Tests>]
let tests = testList "Batches" [ primitives; infinite; models; workers ]
