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

        law 400 "a function of two tensors that refuses their shapes names both in full" (fun key ->
            // Few sizes, so that some fit; many axes, which a list would abbreviate.
            let shape use' = List.init (integer 0 6 use' key) (fun axis -> integer 1 3 (use' + 1 + axis) key)
            let a, b = shape 10, (if truth 1 key then shape 20 else List.map ((+) 1) (shape 10))
            let x, y = normal a 30 key, normal b 31 key
            let places = Tokens.ofArray (Array.zeroCreate (Shape.size b))
            let weights = [ x; y ]

            for name, second, action in
                [
                    "+", b, (fun () -> x + y)
                    "-", b, (fun () -> x - y)
                    "*", b, (fun () -> x * y)
                    "/", b, (fun () -> x / y)
                    "dot", b, (fun () -> Tensor.dot x y)
                    "matmul", b, (fun () -> Tensor.matmul x y)
                    "einsum", b, (fun () -> Tensor.einsum "ab,bc->ac" x y)
                    "einsum of many axes", b, (fun () -> Tensor.einsum "abcdef,bcdefg->ag" x y)
                    "reshape", b, (fun () -> Tensor.reshape b x)
                    "concatenate", b, (fun () -> Tensor.concatenate 0 weights)
                    "stack", b, (fun () -> Tensor.stack weights)
                    "causalDot", b, (fun () -> Tensor.causalDot 1.0 x y)
                    "causalMix", b, (fun () -> Tensor.causalMix x y)
                    "smear", b, (fun () -> Tensor.smear x y)
                    "crossEntropy", [ Shape.size b ], (fun () -> Tensor.crossEntropy x places)
                    "isLikeliest", [ Shape.size b ], (fun () -> Tensor.isLikeliest x places)
                    "gather", [ Shape.size b ], (fun () -> Tensor.gather x places)
                ] do
                let refusal =
                    try
                        action () |> ignore
                        None
                    with :? ArgumentException as error ->
                        Some error.Message

                match refusal with
                | None -> ()
                // A scalar has no axis to be joined along, whatever the other is.
                | Some message when a = [] && name = "concatenate" -> Expect.stringContains message "[]" name
                | Some message ->
                    Expect.stringContains message (Shape.show a) $"{name}: the first shape"
                    Expect.stringContains message (Shape.show second) $"{name}: the second shape")

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

        test "sizes are computed in 64 bits, and refused with their number" {
            let x = Tensor.zeros [ 2; 3 ]
            // In 32 bits this wraps around to 0, and 641 times 6700417 to 1; in 64 bits its square does.
            let beyond = [ 65536; 65536 ]

            for what, names, action in
                [
                    "zeros", [ "4294967296" ], (fun () -> box (Tensor.zeros beyond))
                    "reshape", [ "25769803782" ], (fun () -> box (Tensor.reshape [ 641; 6700417; 2; 3 ] x))
                    "ofArray", [ "4294967296" ], (fun () -> box (Tensor.ofArray beyond [||]))
                    "init", [ "4294967296" ], (fun () -> box (Tensor.init beyond (fun _ -> 0.0)))
                    "full", [ "2147483648" ], (fun () -> box (Tensor.full [ 1 <<< 16; 1 <<< 15 ] 1.0))
                    "uniform", [ "4294967296" ], (fun () -> box (Tensor.uniform 0.0 1.0 beyond (Key.ofSeed 1UL)))
                    "normal", [ "4294967296" ], (fun () -> box (Tensor.normal beyond (Key.ofSeed 1UL)))
                    "size", [ "18446744073709551616" ], (fun () -> box (Shape.size [ 65536; 65536; 65536; 65536 ]))
                    "below 0", [ "[2, -3]" ], (fun () -> box (Tensor.zeros [ 2; -3 ]))
                    "below 0 twice", [ "[-2, -3]" ], (fun () -> box (Tensor.reshape [ -2; -3 ] x))
                    "einsum",
                    [ "10000000000" ],
                    (fun () -> let long = Tensor.zeros [ 1; 100000 ] in box (Tensor.einsum "ka,kb->ab" long long))
                    "broadcast",
                    [ "10000000000" ],
                    (fun () -> box (Tensor.zeros [ 1; 100000 ] + Tensor.zeros [ 100000; 1 ]))
                    "matmul",
                    [ "10000000000" ],
                    (fun () -> box (Tensor.matmul (Tensor.zeros [ 100000; 1 ]) (Tensor.zeros [ 1; 100000 ])))
                    "slice", [ "[2, 3]" ], (fun () -> box (Tensor.slice 0 1 Int32.MaxValue x))
                ] do
                raises<ArgumentException> names what action

            Expect.equal (Shape.size [ 65536; 0; 65536; 65536 ]) 0 "a size of 0 makes it 0"
            Expect.equal (Tensor.zeros [ 0; 65536; 65536 ]).Shape [ 0; 65536; 65536 ] "a tensor of no elements"
        }

        test "a computation larger than an array is refused with its number" {
            raises<RefusedException> [ "4800000000" ] "sixteen sequences at once" (fun () ->
                let large = Tensor.zeros [ 300000; 1 ]

                Batch.map
                    1
                    (fun tokens ->
                        Tensor.sum (Tensor.matmul large (Tensor.reshape [ 1; 1000 ] (Tensor.gather large tokens))))
                    [ Tokens.ofArray (Array.zeroCreate 1000) ]
                |> box)
        }

        test "a token is an integer that a float32 holds" {
            let greatest = 1 <<< 24
            Expect.equal (Tokens.toArray (Tokens.ofArray [| 0; greatest |])) [| 0; greatest |] "up to 2^24"

            for token in [ greatest + 1; Int32.MaxValue; -1; Int32.MinValue ] do
                raises<RefusedException> [ $"position 1 is {token}"; "16777216" ] "a token" (fun () ->
                    box (Tokens.ofArray [| 0; token; 0 |]))
        }

        test "what a user gives is refused as such" {
            for what, action in
                [
                    "a letter below 0", (fun () -> box (Tokens.ofArray [| 0; -1 |]))
                    "fewer random numbers than none", (fun () -> box (Key.words -1 (Key.ofSeed 1UL)))
                    "more random numbers than fit", (fun () -> box (Key.normal Int32.MaxValue (Key.ofSeed 1UL)))
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
        law 100 "the size of joined axes is the product of their sizes" (fun key ->
            let shape use' = List.init (integer 0 4 use' key) (fun axis -> integer 0 13 (use' + 1 + axis) key)
            let left, right = shape 1, shape 10
            Expect.equal (Shape.size (left @ right)) (Shape.size left * Shape.size right) "the size")
        shapes
    ]
