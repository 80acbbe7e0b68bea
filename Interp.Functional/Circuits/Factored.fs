namespace Interp

open System
open System.Numerics
open MathNet.Numerics.LinearAlgebra

/// Eigenvalues of a circuit, largest first, and their score Re(sum) / sum of magnitudes: 1 for pure copying, -1 for its
/// opposite (Elhage et al. 2021); 0 for the zero matrix.
[<StructuredFormatDisplay("{Display}")>]
type Spectrum = {
    /// Largest magnitude first.
    Eigenvalues: Complex list
    /// Re(sum of the eigenvalues) / sum of their magnitudes, from -1 to 1.
    Score: float
} with

    member internal this.Display =
        let eigenvalue (z: Complex) =
            if z.Imaginary = 0.0 then
                Display.number z.Real
            else
                let sign = if z.Imaginary < 0.0 then "-" else "+"
                $"{Display.number z.Real}{sign}{Display.number (abs z.Imaginary)}i"

        let largest = this.Eigenvalues |> List.truncate 5 |> List.map eigenvalue |> String.concat "  "
        let rest = if this.Eigenvalues.Length > 5 then " …" else ""

        Display.line
            $"""score {Display.number this.Score}, {Display.counted this.Eigenvalues.Length "eigenvalue"}: {largest}{rest}"""


/// What is read off a spectrum.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Spectrum =

    /// Sum of the magnitudes of the eigenvalues' imaginary parts over the sum of their magnitudes, from 0 (all are real) to 1; 0 for the zero
    /// matrix. The imaginary part of the score itself is 0 whatever the matrix, as its eigenvalues come in conjugate pairs.
    let imaginaryWeight (spectrum: Spectrum) : float =
        // Over the largest one, nothing overflows.
        let largest = spectrum.Eigenvalues |> List.map _.Magnitude |> List.fold max 0.0

        if largest = 0.0 then
            0.0
        else
            let relative =
                spectrum.Eigenvalues |> List.map (fun z -> Complex(z.Real / largest, z.Imaginary / largest))

            (relative |> List.sumBy (fun z -> abs z.Imaginary)) / (relative |> List.sumBy _.Magnitude)

/// One factor of a product, and what is known of its entries.
type internal Factor = {
    /// What a user calls it: "W_V of head 0.3"; none in a library call.
    Name: string option
    Matrix: Matrix<float>
    /// An entry that is no finite number, where there is one.
    NotFinite: float option
    /// Binary exponents of the largest and the smallest magnitude that is not 0.
    Largest: int
    Smallest: int
}

/// A matrix kept as the product of its factors, in float64. It is multiplied out only by `Factored.product`.
[<StructuredFormatDisplay("{Display}")>]
type Factored = internal {
    Factors: Factor list
} with

    member internal this.Display =
        let shape rows columns = Shape.show [ rows; columns ]

        let factors =
            this.Factors
            |> List.map (fun factor -> shape factor.Matrix.RowCount factor.Matrix.ColumnCount)
            |> String.concat " "

        Display.line $"matrix {shape this.Rows this.Columns}, the product of {factors}"

    /// Rows of the product.
    member factored.Rows = factored.Factors.Head.Matrix.RowCount
    /// Columns of the product.
    member factored.Columns = (List.last factored.Factors).Matrix.ColumnCount

/// Matrices as products, and what is read off them. No scaling of the factors takes a result out of float64's range that is in it
/// itself. What reads a product with a factor that is not finite raises `ArgumentException` naming the factor;
/// `RefusedException`, naming the weight, where the factor is a model's.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Factored =

    let private factor name (x: Tensor) =
        match x.Shape with
        | [ rows; columns ] when rows > 0 && columns > 0 ->
            let data = x.Data
            let mutable notFinite, largest, smallest = None, Int32.MinValue, Int32.MaxValue

            for entry in data do
                if not (Single.IsFinite entry) then
                    notFinite <- Some(float entry)
                elif entry <> 0.0f then
                    let exponent = Math.ILogB(float entry)
                    largest <- max largest exponent
                    smallest <- min smallest exponent

            {
                Name = name
                Matrix = Matrix<float>.Build.Dense(rows, columns, (fun i j -> float data[i * columns + j]))
                NotFinite = notFinite
                Largest = if largest < smallest then 0 else largest
                Smallest = if largest < smallest then 0 else smallest
            }
        | shape -> Shape.fail $"A factor has shape {Shape.show shape}, expected a matrix with entries."

    /// The product of some matrices, which users know by names.
    let internal named (factors: (string option * Tensor) list) : Factored =
        for (_, a), (_, b) in List.pairwise factors do
            if a.Shape.Length <> 2 || b.Shape.Length <> 2 || a.Shape[1] <> b.Shape[0] then
                Shape.fail $"Factors of shapes {Shape.show a.Shape} and {Shape.show b.Shape} do not fit together."

        if factors.IsEmpty then
            Shape.fail "A product needs at least one factor."

        { Factors = factors |> List.map (fun (name, x) -> factor name x) }

    /// The product of some matrices. Raises `ArgumentException` where neighbours do not fit, and for no matrix.
    let ofTensors (factors: Tensor list) : Factored = factors |> List.map (fun x -> None, x) |> named

    /// The factors of `a`, then those of `b`. Raises `ArgumentException` where `a` has other columns than `b` has rows.
    let multiply (a: Factored) (b: Factored) : Factored =
        if a.Columns <> b.Rows then
            Shape.fail
                $"A matrix of shape {Shape.show [ a.Rows; a.Columns ]} does not multiply one of shape {Shape.show [ b.Rows; b.Columns ]}."

        { Factors = a.Factors @ b.Factors }

    /// The transposed matrix.
    let transpose (a: Factored) : Factored = {
        Factors = a.Factors |> List.rev |> List.map (fun factor -> { factor with Matrix = factor.Matrix.Transpose() })
    }

    /// Which of a product's factors, as a sentence begins with it.
    let private place count index =
        match index with
        | _ when count = 1 -> "The factor"
        | 0 when count = 2 -> "The left factor"
        | 1 when count = 2 -> "The right factor"
        | index -> $"Factor {index + 1} of {count}"

    /// The factors, all of them finite.
    let private finite (a: Factored) : Matrix<float> list =
        a.Factors
        |> List.mapi (fun index factor ->
            match factor.NotFinite, factor.Name with
            | None, _ -> factor.Matrix
            | Some entry, Some name ->
                Refused.because $"{name} has {Quote.number entry} in it, expected finite numbers."
            | Some entry, None ->
                let shape = Shape.show [ factor.Matrix.RowCount; factor.Matrix.ColumnCount ]

                Shape.fail
                    $"{place a.Factors.Length index}, of shape {shape}, has {Quote.number entry} in it, expected finite numbers.")

    // Squares of products of two halves stay well inside of float64's 2^-1022 to 2^1023.
    let private widest = 450

    /// Whether no sum of products of entries, in whatever order the factors are taken, comes near the ends of float64's range.
    let private ordinary (a: Factored) =
        let above factor = max 0 (factor.Largest + 1 + Math.ILogB(float factor.Matrix.ColumnCount) + 1)
        let below factor = min 0 factor.Smallest
        List.sumBy above a.Factors < widest && List.sumBy below a.Factors > -widest

    let private wide (factors: Matrix<float> list) = factors |> List.map Wide.ofMatrix |> List.reduce Wide.multiply

    /// The matrix multiplied out: [rows, columns]. Rounded to float32, in which the largest entries may be infinite.
    let product (a: Factored) : Tensor =
        let factors = finite a

        let entry: int -> int -> float =
            if ordinary a then
                let dense = List.reduce (*) factors in fun i j -> dense[i, j]
            else
                let dense = wide factors in fun i j -> Wide.toFloat dense[i, j]

        Tensor.init [ a.Rows; a.Columns ] (fun index -> entry index[0] index[1])

    // The place before which the chain is cut: two parts with as few columns and rows between them as there can be.
    let private narrowest (factors: Matrix<float> list) =
        factors |> List.indexed |> List.tail |> List.minBy (fun (_, factor) -> factor.RowCount) |> fst

    let private halves (factors: Matrix<float> list) =
        match factors with
        | [ single ] -> single, Matrix<float>.Build.DenseIdentity single.ColumnCount
        | factors ->
            let cut = narrowest factors
            List.reduce (*) (List.take cut factors), List.reduce (*) (List.skip cut factors)

    let private square (a: Factored) what =
        if a.Rows <> a.Columns then
            Shape.fail $"{what} wants a square matrix, found one of shape {Shape.show [ a.Rows; a.Columns ]}."

    /// Eigenvalues and their score. AB and BA have the same eigenvalues but zeros, so the product is taken where the circle of
    /// factors is narrowest: no zeros of a deficient rank enter as rounding noise. It is balanced where its rows and columns are
    /// of different sizes, so that badly scaled products lose nothing. Raises `ArgumentException` where the product is not square.
    let spectrum (a: Factored) : Spectrum =
        square a "A spectrum"
        let factors = finite a
        let start = factors |> List.indexed |> List.minBy (fun (_, factor) -> factor.RowCount) |> fst
        let circle = List.skip start factors @ List.take start factors

        let found =
            if ordinary a then
                let dense = List.reduce (*) circle

                if Wide.isEven dense then
                    dense.Evd().EigenValues |> Seq.map (fun z -> z, 0) |> Seq.toList
                else
                    Wide.eigenvalues (Wide.ofMatrix dense)
            else
                Wide.eigenvalues (wide circle)

        // The score is a ratio: over a power of two that leaves the largest near 1, nothing overflows.
        let exponent (z: Complex, exponent) =
            if z = Complex.Zero then Int32.MinValue else exponent + Math.ILogB z.Magnitude

        let top = found |> List.map exponent |> List.max
        let over exponent (z: Complex) = Complex(Math.ScaleB(z.Real, exponent), Math.ScaleB(z.Imaginary, exponent))

        let relative =
            if top = Int32.MinValue then
                []
            else
                found |> List.map (fun (z, exponent) -> over (exponent - top) z)

        let magnitude = relative |> List.sumBy _.Magnitude

        {
            Eigenvalues =
                found
                |> List.map (fun (z, exponent) -> over exponent z)
                |> List.sortByDescending (fun z -> z.Magnitude, z.Real, z.Imaginary)
            Score = if magnitude = 0.0 then 0.0 else (relative |> List.sumBy _.Real) / magnitude
        }

    /// The sum of the diagonal. Raises `ArgumentException` where the product is not square.
    let trace (a: Factored) : float =
        square a "A trace"
        let factors = finite a

        if ordinary a then
            let left, right = halves factors
            left.PointwiseMultiply(right.Transpose()).RowSums().Sum()
        else
            let dense = wide factors
            Wide.sum [ for i in 0 .. a.Rows - 1 -> dense[i, i] ] |> Wide.toFloat

    /// Singular values, largest first: of the triangles of both halves, which have the rank's size.
    let singularValues (a: Factored) : float list =
        let factors = finite a

        let small =
            if ordinary a then
                let left, right = halves factors

                let triangle (m: Matrix<float>) =
                    if m.RowCount >= m.ColumnCount then
                        m.QR().R.SubMatrix(0, m.ColumnCount, 0, m.ColumnCount)
                    else
                        m

                Wide.ofMatrix (triangle left * (triangle (right.Transpose())).Transpose())
            else
                wide factors

        // With its largest entry near 1: the iteration stops at residuals of 1e-15, whatever the size of the matrix.
        let dense, exponent = Wide.toMatrix small
        let rank = factors |> List.map (fun factor -> min factor.RowCount factor.ColumnCount) |> List.min

        dense.Svd(false).S |> Seq.truncate rank |> Seq.map (fun s -> Math.ScaleB(s, exponent)) |> Seq.toList

    /// The square root of the sum of squares, |AB|^2 = tr((A^T A)(B B^T)).
    let frobeniusNorm (a: Factored) : float =
        let factors = finite a

        if ordinary a then
            let left, right = halves factors
            let gram = left.TransposeThisAndMultiply left
            let outer = right.TransposeAndMultiply right
            sqrt (max 0.0 (gram.PointwiseMultiply(outer.Transpose()).RowSums().Sum()))
        else
            let dense, exponent = Wide.toMatrix (wide factors)
            Math.ScaleB(dense.FrobeniusNorm(), exponent)

    /// Share of rows whose diagonal entry is the row's largest: letters that raise their own logit the most. Raises
    /// `ArgumentException` where the product is not square.
    let diagonalShare (a: Factored) : float =
        square a "The diagonal's share"
        let factors = finite a

        let largest: int -> int =
            if ordinary a then
                let left, right = halves factors in fun row -> (right.LeftMultiply(left.Row row)).MaximumIndex()
            else
                let dense = wide factors in
                fun row -> [ 0 .. a.Rows - 1 ] |> List.maxBy (fun j -> Wide.order dense[row, j])

        let hits = Seq.init a.Rows (fun row -> largest row = row) |> Seq.filter id |> Seq.length
        float hits / float a.Rows
