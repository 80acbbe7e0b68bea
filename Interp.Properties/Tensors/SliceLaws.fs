/// Parts of tensors, and tensors from arrays and back.
module Interp.Properties.SliceLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws

let private shapeOf rank key : Shape = List.init rank (fun axis -> integer 1 4 (10 + axis) key)

/// Something taken of every axis: an index, or a first and a last entry, each of which may be left out.
let private taken (shape: Shape) key =
    shape
    |> List.mapi (fun axis size ->
        if truth (20 + axis) key then
            At(integer 0 (size - 1) (30 + axis) key)
        else
            let first = integer 0 (size - 1) (40 + axis) key
            let last = integer first (size - 1) (50 + axis) key

            Range(
                (if first = 0 && truth (60 + axis) key then None else Some first),
                (if last = size - 1 && truth (70 + axis) key then None else Some last)
            ))

/// The part by its definition: every element looked up at its own place.
let private defined (along: Along list) (x: Tensor) : Tensor =
    let bounds =
        List.zip along x.Shape
        |> List.map (fun (along, size) ->
            match along with
            | At i -> i, None
            | Range(first, last) ->
                let first = defaultArg first 0
                first, Some(defaultArg last (size - 1) - first + 1))

    let rec place bounds index =
        match bounds, index with
        | (start, None) :: bounds, index -> start :: place bounds index
        | (start, Some _) :: bounds, i :: index -> start + i :: place bounds index
        | _ -> []

    Tensor.init (List.choose snd bounds) (fun index -> Tensor.item (place bounds index) x)

/// The message of the `ArgumentException`, which is no refusal, that something raises.
let private complaint what (action: unit -> Tensor) =
    try
        failtest $"{what}: {action ()} instead of an exception"
    with :? ArgumentException as error ->
        Expect.equal (error.GetType()) typeof<ArgumentException> what
        Expect.stringEnds error.Message "." $"{what} is a sentence"
        error.Message

[<Tests>]
let tests =
    testList "Slices" [
        law 150 "a part is its elements, and its derivative puts them back where they were" (fun key ->
            let shape = shapeOf (integer 1 4 1 key) key
            let x, along = normal shape 2 key, taken shape key
            let part = Slices.take along x
            same "the part" part (defined along x)

            // Weighted by other numbers, so that a place that is mixed up with another is seen.
            let weight = normal part.Shape 3 key
            let gradient = Differentiation.grad (fun x -> Tensor.dot weight (Slices.take along x)) x

            let step = normal shape 4 key

            within
                1e-4
                (1.0 + float (Shape.size shape))
                "the slope along a step"
                (float (Tensor.dot gradient step))
                (float (Tensor.dot weight (defined along step))))

        test "F# writes them with its own brackets" {
            let t = Tensor.init [ 3; 4 ] (fun index -> float (10 * index[0] + index[1]))
            let u = Tensor.init [ 2; 3; 4 ] (fun index -> float (100 * index[0] + 10 * index[1] + index[2]))
            let v = Tensor.reshape [ 1; 2; 3; 4 ] u

            for what, part, shape, elements in
                [
                    "t[1]", t[1], [ 4 ], [ 10; 11; 12; 13 ]
                    "t[1, 2]", t[1, 2], [], [ 12 ]
                    "t[0, 1..2]", t[0, 1..2], [ 2 ], [ 1; 2 ]
                    "t[*, 3]", t[*, 3], [ 3 ], [ 3; 13; 23 ]
                    "t[1..]", t[1..], [ 2; 4 ], [ 10; 11; 12; 13; 20; 21; 22; 23 ]
                    "t[1..1, ..1]", t[1..1, ..1], [ 1; 2 ], [ 10; 11 ]
                    "t[2..1]", t[2..1], [ 0; 4 ], []
                    "u[1, *, 0]", u[1, *, 0], [ 3 ], [ 100; 110; 120 ]
                    "u[*, 1, 2..3]", u[*, 1, 2..3], [ 2; 2 ], [ 12; 13; 112; 113 ]
                    "u[1, 2, 3]", u[1, 2, 3], [], [ 123 ]
                    "u[0, 1..1]", u[0, 1..1], [ 1; 4 ], [ 10; 11; 12; 13 ]
                    "v[0, 1, *, 2]", v[0, 1, *, 2], [ 3 ], [ 102; 112; 122 ]
                    "v[0, 0..0, 2, 3]", v[0, 0..0, 2, 3], [ 1 ], [ 23 ]
                ] do
                same what part (Tensor.ofSeq shape (elements |> List.map float))

            Expect.equal (float t[1, 2]) 12.0 "an element as a number"
            Expect.equal (float32 t[1, 2]) 12.0f "the same in single precision"
        }

        test "an element is a value that is traced, too" {
            let x = Tensor.vector [ 2.0; 3.0; 5.0 ]
            // x0 x1 + x2^2
            let gradient = Differentiation.grad (fun x -> x[0] * x[1] + x[2] * x[2]) x
            same "the gradient" gradient (Tensor.vector [ 3.0; 2.0; 10.0 ])

            Expect.throwsT<InvalidOperationException>
                (fun () -> Differentiation.grad (fun x -> Tensor.scalar (float x[0])) x |> ignore)
                "a number is not"
        }

        law 60 "what is outside is told by its index, its axis and the shape" (fun key ->
            let shape = shapeOf (integer 1 4 1 key) key
            let x = normal shape 2 key
            let axis = integer 0 (shape.Length - 1) 3 key
            let size = shape[axis]
            let outside = one [ -1; size; size + 5 ] 4 key
            let others = shape |> List.map (fun _ -> 0)
            let named = $"axis {axis} of shape {Shape.show shape}"
            let index = List.updateAt axis outside others

            for message in
                [
                    complaint "an index" (fun () -> x.Item(List.toArray index))
                    complaint "an index among others" (fun () -> Slices.take (List.map At index) x)
                    complaint "an element" (fun () -> Tensor.scalar (Tensor.item index x))
                ] do
                Expect.stringContains message $"Index {outside} " "the index"
                Expect.stringContains message named "axis and shape"

            let range first last = List.updateAt axis (Range(first, last)) (List.map At others)

            for first, last in [ Some 0, Some size; Some -1, None; Some(size + 1), None; None, Some -2 ] do
                Expect.stringContains
                    (complaint "a range" (fun () -> Slices.take (range first last) x))
                    named
                    "a range"

            let beyond = Array.zeroCreate (shape.Length + 1)

            for message in
                [
                    complaint "indices" (fun () -> x.Item beyond)
                    complaint "a slice" (fun () -> Slices.take (beyond |> Array.map At |> Array.toList) x)
                ] do
                Expect.stringContains message (Shape.show shape) "more axes than there are")

        law 60 "arrays, sequences and entries become tensors and come back" (fun key ->
            let shape = shapeOf 2 key
            let x = normal shape 2 key
            same "an array of rows" (Tensor.ofArray2D (Tensor.toArray2D x)) x
            let rows = Tensor.toArray2D x
            Expect.equal rows[shape[0] - 1, 0] (float x[shape[0] - 1, 0]) "row and column"
            same "elements" (Tensor.ofSeq shape (Tensor.toSeq x)) x
            same "entries" (Tensor.stack (Tensor.unstack x)) x)

        test "an array that is no matrix is told by its shape" {
            let cube = Tensor.zeros [ 2; 3; 4 ]

            let complaints = [
                complaint "toArray2D" (fun () -> Tensor.ofArray2D (Tensor.toArray2D cube)), "[2, 3, 4]"
                complaint "ofSeq" (fun () -> Tensor.ofSeq [ 2; 3 ] [ 1.0 ]), "[2, 3]"
                complaint "unstack" (fun () -> List.head (Tensor.unstack (Tensor.scalar 1.0))), "[]"
                complaint "matrix" (fun () -> Tensor.matrix [ [ 1.0 ]; [ 1.0; 2.0 ] ]), "1, 2"
            ]

            for message, part in complaints do
                Expect.stringContains message part message
        }
    ]
