namespace Interp

open System.Numerics
open MathNet.Numerics.LinearAlgebra

/// Eigenvalues of a circuit, largest first, and their score Re(sum) / sum of magnitudes: 1 for pure copying, -1 for its
/// opposite (Elhage et al. 2021); 0 for the zero matrix.
type Spectrum = {
    /// Largest magnitude first.
    Eigenvalues: Complex list
    /// Re(sum of the eigenvalues) / sum of their magnitudes, from -1 to 1.
    Score: float
}

/// A matrix kept as the product of its factors, in float64. It is multiplied out only by `Factored.product`.
type Factored = internal {
    Factors: Matrix<float> list
} with

    /// Rows of the product.
    member factored.Rows = factored.Factors.Head.RowCount
    /// Columns of the product.
    member factored.Columns = (List.last factored.Factors).ColumnCount

/// Matrices as products, and what is read off them.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Factored =

    let internal toMatrix (x: Tensor) =
        match x.Shape with
        | [ rows; columns ] -> Matrix<float>.Build.Dense(rows, columns, (fun i j -> float x.Data[i * columns + j]))
        | shape -> Shape.fail $"A factor has shape {Shape.show shape}, expected a matrix."

    /// The product of some matrices. Raises `ArgumentException` where neighbours do not fit, and for no matrix.
    let ofTensors (factors: Tensor list) : Factored =
        for a, b in List.pairwise factors do
            if a.Shape.Length <> 2 || b.Shape.Length <> 2 || a.Shape[1] <> b.Shape[0] then
                Shape.fail $"Factors of shapes {Shape.show a.Shape} and {Shape.show b.Shape} do not fit together."

        if factors.IsEmpty then
            Shape.fail "A product needs at least one factor."

        { Factors = List.map toMatrix factors }

    /// The factors of `a`, then those of `b`. Raises `ArgumentException` where `a` has other columns than `b` has rows.
    let multiply (a: Factored) (b: Factored) : Factored =
        if a.Columns <> b.Rows then
            Shape.fail $"A matrix of {a.Columns} columns does not multiply one of {b.Rows} rows."

        { Factors = a.Factors @ b.Factors }

    /// The transposed matrix.
    let transpose (a: Factored) : Factored = { Factors = a.Factors |> List.rev |> List.map _.Transpose() }

    /// The matrix multiplied out: [rows, columns]
    let product (a: Factored) : Tensor =
        let dense = List.reduce (*) a.Factors
        Tensor.init [ dense.RowCount; dense.ColumnCount ] (fun index -> dense[index[0], index[1]])

    // The chain cut before its narrowest place: two factors with as few columns and rows between them as there can be.
    let private halves (a: Factored) =
        match a.Factors with
        | [ single ] -> single, Matrix<float>.Build.DenseIdentity single.ColumnCount
        | factors ->
            let cut = factors |> List.indexed |> List.tail |> List.minBy (fun (_, factor) -> factor.RowCount) |> fst

            List.reduce (*) (List.take cut factors), List.reduce (*) (List.skip cut factors)

    let private square (a: Factored) what =
        if a.Rows <> a.Columns then
            Shape.fail $"{what} wants a square matrix, found {a.Rows} rows and {a.Columns} columns."

    /// Eigenvalues and their score. AB and BA have the same eigenvalues but zeros, so the product is taken where the circle of
    /// factors is narrowest: no zeros of a deficient rank enter as rounding noise. Raises `ArgumentException` where the
    /// product is not square.
    let spectrum (a: Factored) : Spectrum =
        square a "A spectrum"

        let start = a.Factors |> List.indexed |> List.minBy (fun (_, factor) -> factor.RowCount) |> fst

        let narrow = List.skip start a.Factors @ List.take start a.Factors |> List.reduce (*)

        let eigenvalues =
            narrow.Evd().EigenValues
            |> Seq.sortByDescending (fun z -> z.Magnitude, z.Real, z.Imaginary)
            |> Seq.toList

        let magnitude = eigenvalues |> List.sumBy _.Magnitude

        {
            Eigenvalues = eigenvalues
            Score = if magnitude = 0.0 then 0.0 else (eigenvalues |> List.sumBy _.Real) / magnitude
        }

    /// The sum of the diagonal. Raises `ArgumentException` where the product is not square.
    let trace (a: Factored) : float =
        square a "A trace"
        let left, right = halves a
        left.PointwiseMultiply(right.Transpose()).RowSums().Sum()

    /// Singular values, largest first: of the triangles of both halves, which have the rank's size.
    let singularValues (a: Factored) : float list =
        let left, right = halves a

        let triangle (m: Matrix<float>) =
            if m.RowCount >= m.ColumnCount then
                m.QR().R.SubMatrix(0, m.ColumnCount, 0, m.ColumnCount)
            else
                m

        (triangle left * (triangle (right.Transpose())).Transpose()).Svd(false).S |> Seq.toList

    /// The square root of the sum of squares, |AB|^2 = tr((A^T A)(B B^T)).
    let frobeniusNorm (a: Factored) : float =
        let left, right = halves a
        let gram = left.TransposeThisAndMultiply left
        let outer = right.TransposeAndMultiply right
        sqrt (max 0.0 (gram.PointwiseMultiply(outer.Transpose()).RowSums().Sum()))

    /// Share of rows whose diagonal entry is the row's largest: letters that raise their own logit the most. Raises
    /// `ArgumentException` where the product is not square.
    let diagonalShare (a: Factored) : float =
        square a "The diagonal's share"
        let dense = List.reduce (*) a.Factors

        let largest =
            Seq.init dense.RowCount (fun row -> dense.Row(row).MaximumIndex() = row)
            |> Seq.filter id
            |> Seq.length

        float largest / float dense.RowCount
