/// Laws of the steps of Gaussian elimination, and of the factors that they make.
module Interp.Properties.EliminationKernelLaws

open System
open Expecto
open MathNet.Numerics.LinearAlgebra
open Interp
open Interp.Kernels
open Interp.Properties.Laws

/// A matrix of some size, row-major, with zeros, equal numbers and, where asked, NaN among its entries.
let private entries withNaN count (use': int) key =
    let kinds = Key.integers 12 count (Key.split (uint64 (use' + 100)) key)

    floats (normal [ count ] use' key)
    |> Array.mapi (fun i x ->
        match kinds[i] with
        | 0 -> 0.0
        | 1 -> -0.5
        | 2 when withNaN -> nan
        | _ -> x)

let private bits = Array.map BitConverter.DoubleToInt64Bits

let private largestOf (row: float[]) = Array.fold (fun most x -> if abs x > most then abs x else most) -1.0 row

let private rowOf columns (matrix: float[]) i = Array.sub matrix (i * columns) columns

let private magnitudes rows columns (matrix: float[]) =
    let found = Array.zeroCreate rows
    Elimination.Magnitudes(ReadOnlySpan matrix, columns, Span found)
    found

[<Tests>]
let tests =
    testList "kernels: elimination" [
        law 300 "a step is its loop's to the bit, and rows that it leaves alone stay" (fun key ->
            let rows, columns = integer 0 9 1 key, integer 0 37 2 key
            let matrix = entries (truth 3 key) (rows * columns) 4 key
            let left, right = entries false rows 5 key, entries false columns 6 key
            let before = magnitudes rows columns matrix
            Expect.equal before (Array.init rows (rowOf columns matrix >> largestOf)) "magnitudes"

            let found, largest = Array.copy matrix, Array.copy before
            Elimination.Subtract(Span found, ReadOnlySpan left, ReadOnlySpan right, Span largest)

            let expected =
                Array.init (rows * columns) (fun i ->
                    let product = left[i / columns] * right[i % columns]
                    if left[i / columns] = 0.0 then matrix[i] else matrix[i] - product)

            Expect.equal (bits found) (bits expected) "the matrix"
            Expect.equal largest (Array.init rows (rowOf columns expected >> largestOf)) "its magnitudes")

        testCase "what is too short is refused" (fun () ->
            let refused what (run: unit -> unit) = Expect.throwsT<ArgumentException> run what

            refused "a matrix" (fun () -> Elimination.Magnitudes(ReadOnlySpan [| 1.0 |], 2, Span [| 0.0 |]))

            Expect.throwsT<ArgumentOutOfRangeException>
                (fun () -> Elimination.Magnitudes(ReadOnlySpan [| 1.0 |], -1, Span [| 0.0 |]))
                "columns"

            refused "a matrix that a step is for" (fun () ->
                Elimination.Subtract(
                    Span [| 1.0 |],
                    ReadOnlySpan [| 1.0 |],
                    ReadOnlySpan [| 1.0; 2.0 |],
                    Span [| 0.0 |]
                ))

            refused "magnitudes" (fun () ->
                Elimination.Subtract(Span [| 1.0 |], ReadOnlySpan [| 1.0 |], ReadOnlySpan [| 1.0 |], Span Array.empty)))

        law 200 "factors have the matrix for a product, and its rank made up to a power of two" (fun key ->
            let rows, columns, rank = integer 1 40 1 key, integer 1 40 2 key, integer 0 20 3 key

            let drawn count use' =
                Matrix<float>.Build.Dense(count, rank + 1, floats (normal [ count; rank + 1 ] use' key))

            // The last column is taken away again, so that rank 0 is a matrix, too.
            let part (m: Matrix<float>) = m.SubMatrix(0, m.RowCount, 0, rank)

            let m =
                if rank = 0 then
                    Matrix<float>.Build.Dense(rows, columns)
                else
                    part (drawn rows 4) * (part (drawn columns 5)).Transpose()

            let factors = Factors.ofMatrix m
            let found = factors.Left * factors.Right.Transpose()
            close Tolerances.factors "the product" (found.ToRowMajorArray()) (m.ToRowMajorArray())

            let expected =
                max 8 (int (Numerics.BitOperations.RoundUpToPowerOf2(uint32 (List.min [ rows; columns; rank ]))))

            Expect.equal (factors.Left.ColumnCount, factors.Right.ColumnCount) (expected, expected) "the rank")

        testCase "of a matrix of NaN there are no factors" (fun () ->
            let factors = Factors.ofMatrix (Matrix<float>.Build.Dense(3, 4, nan))
            Expect.equal (factors.Left.Enumerate() |> Seq.forall ((=) 0.0)) true "zeros")
    ]
