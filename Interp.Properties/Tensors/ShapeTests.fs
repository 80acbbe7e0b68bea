/// Shapes, and what is raised where they or other things that are given do not fit.
module Interp.Properties.ShapeTests

open System
open Expecto
open Interp
open Interp.Properties.Laws

/// Exactly this type: a refusal is an `ArgumentException` too.
let private raises<'error when 'error :> exn> (names: string list) what (action: unit -> obj) =
    match
        (try
            Error(action ())
         with error ->
             Ok error)
    with
    | Error value -> failtest $"{what}: {value} instead of {typeof<'error>.Name}"
    | Ok error ->
        Expect.equal (error.GetType()) typeof<'error> what

        for name in names do
            Expect.stringContains error.Message name what

        Expect.stringEnds error.Message "." $"{what} is a sentence"

let private shapes =
    testList "that do not fit" [
        law
            100
            "broadcasting is refused where two sizes differ and none is 1, and the message names both shapes"
            (fun key ->
                let shape use' = List.init (integer 0 3 use' key) (fun axis -> integer 1 3 (use' + 1 + axis) key)
                let a, b = shape 1, shape 10

                let fits = Seq.zip (List.rev a) (List.rev b) |> Seq.forall (fun (m, n) -> m = n || m = 1 || n = 1)

                let x, y = normal a 20 key, normal b 21 key

                if fits then
                    Expect.equal (x + y).Shape (Shape.broadcast "add" a b) "the sum's shape"
                else
                    raises<ArgumentException> [ Shape.show a; Shape.show b ] "the sum" (fun () -> box (x + y)))

        test "operations say which shapes they were given" {
            let x = Tensor.zeros [ 2; 3 ]

            for what, names, action in
                [
                    "matmul", [ "[2, 3]" ], (fun () -> box (Tensor.matmul x x))
                    "einsum", [ "ij,jk->ik"; "[2, 3]" ], (fun () -> box (Tensor.einsum "ij,jk->ik" x x))
                    "einsum", [ "ab->c" ], (fun () -> box (Tensor.einsum "ab->c" x x))
                    "einsum", [ "axis i" ], (fun () -> box (Tensor.einsum "ij,kj->k" x x))
                    "einsum", [ "[2, 3]" ], (fun () -> box (Tensor.einsum "i,ij->j" x x))
                    "reshape", [ "[2, 3]"; "[5]" ], (fun () -> box (Tensor.reshape [ 5 ] x))
                    "slice", [ "[2, 3]" ], (fun () -> box (Tensor.slice 1 2 2 x))
                    "sum", [ "[2, 3]" ], (fun () -> box (Tensor.sumOver [ 2 ] x))
                    "concatenate", [ "[2, 3]"; "[4]" ], (fun () -> box (Tensor.concatenate 0 [ x; Tensor.zeros [ 4 ] ]))
                    "stack", [], (fun () -> box (Tensor.stack []))
                    "gather", [ "[3]" ], (fun () -> box (Tensor.gather (Tensor.zeros [ 3 ]) (Tokens.ofArray [| 0 |])))
                    "crossEntropy", [ "[2, 3]" ], (fun () -> box (Tensor.crossEntropy x (Tokens.ofArray [| 0 |])))
                    "ofArray", [ "[2, 3]" ], (fun () -> box (Tensor.ofArray [ 2; 3 ] [| 1.0f |]))
                    "toScalar", [ "[2, 3]" ], (fun () -> box (Tensor.toScalar x))
                    "grad", [ "[2, 3]" ], (fun () -> box (Differentiation.grad id x))
                ] do
                raises<ArgumentException> names what action
        }

        test "what a user gives is refused as such" {
            for what, action in
                [
                    "a letter below 0", (fun () -> box (Tokens.ofArray [| 0; -1 |]))
                    "a letter without a name", (fun () -> box (Letters.name Letters.count))
                    "a bound of 0", (fun () -> box (Key.integers 0 1 (Key.ofSeed 1UL)))
                    "no sequences", (fun () -> box (Batch.mean 1 (fun _ -> Tensor.scalar 1.0) []))
                ] do
                raises<RefusedException> [] what action
        }

        test "our own mistakes are neither" {
            raises<Diagnostics.UnreachableException> [ "add" ] "a sum of one" (fun () ->
                match Trace.variable [ 2 ] + Trace.variable [ 2 ] with
                | Node { Source = Applied(add, _) } -> box (Trace.apply add [| Tensor.zeros [ 2 ] |])
                | other -> box other)
        }
    ]

[<Tests>]
let tests =
    testList "Shape" [
        testProperty "the size of joined axes is the product of their sizes" (fun (left: Shape) (right: Shape) ->
            Shape.size (left @ right) = Shape.size left * Shape.size right)
        shapes
    ]
