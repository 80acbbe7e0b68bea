namespace Interp

open System
open System.Numerics
open MathNet.Numerics.LinearAlgebra

/// Fraction 2^Exponent: a number that no product of matrices takes out of its range. The fraction's magnitude is in [1, 2), or 0.
[<Struct>]
type internal Wide = { Fraction: float; Exponent: int }

/// Numbers with exponents of their own, matrices of them, and eigenvalues of badly scaled matrices.
module internal Wide =

    // Below all exponents, so that zero is never the largest of some numbers; two of them still add up to an integer.
    let private zero = { Fraction = 0.0; Exponent = -1_000_000_000 }

    /// Fraction 2^exponent for any finite fraction.
    let scaled (fraction: float) exponent =
        if fraction = 0.0 then
            zero
        else
            let own = Math.ILogB fraction
            { Fraction = Math.ScaleB(fraction, -own); Exponent = exponent + own }

    let ofFloat x = scaled x 0

    /// The nearest float64: infinite where the number is beyond all of them.
    let toFloat (x: Wide) = Math.ScaleB(x.Fraction, x.Exponent)

    /// What sorts numbers as they are.
    let order (x: Wide) = sign x.Fraction, sign x.Fraction * x.Exponent, x.Fraction

    /// The largest exponent, and each number over 2 to it: those that are nothing beside the largest become 0.
    let private level (numbers: Wide seq) =
        let top = numbers |> Seq.fold (fun top x -> max top x.Exponent) zero.Exponent
        top, (fun (x: Wide) -> Math.ScaleB(x.Fraction, x.Exponent - top))

    let sum (numbers: Wide seq) =
        let top, level = level numbers
        scaled (Seq.sumBy level numbers) top

    let ofMatrix (m: Matrix<float>) = Array2D.init m.RowCount m.ColumnCount (fun i j -> ofFloat m[i, j])

    /// The matrix over a power of two that leaves its largest entry in [1, 2), and that power's exponent.
    let toMatrix (m: Wide[,]) : Matrix<float> * int =
        let top, level = level (Seq.cast<Wide> m)
        Matrix<float>.Build.Dense(Array2D.length1 m, Array2D.length2 m, (fun i j -> level m[i, j])), top

    let multiply (a: Wide[,]) (b: Wide[,]) =
        let inner = Array2D.length2 a

        Array2D.init (Array2D.length1 a) (Array2D.length2 b) (fun i j ->
            let mutable top = zero.Exponent

            for k in 0 .. inner - 1 do
                top <- max top (a[i, k].Exponent + b[k, j].Exponent)

            let mutable sum = 0.0

            for k in 0 .. inner - 1 do
                let term = a[i, k].Fraction * b[k, j].Fraction
                sum <- sum + Math.ScaleB(term, a[i, k].Exponent + b[k, j].Exponent - top)

            scaled sum top)

    /// Rows that have nothing beside the diagonal, or whose columns have not, one after the other: their diagonal entries are
    /// eigenvalues, and those of the rows and columns left over are the others.
    let rec private isolate (m: Wide[,]) (left: int list) found =
        let alone i =
            let empty at = left |> List.forall (fun j -> j = i || (at j).Fraction = 0.0)
            empty (fun j -> m[i, j]) || empty (fun j -> m[j, i])

        match List.tryFind alone left with
        | Some i -> isolate m (List.except [ i ] left) (m[i, i] :: found)
        | None -> left, found

    // Sweeps that are ever needed are some ten; a few bits more or less are no matter.
    let private mostSweeps, balanced = 300, 0.1

    // What makes the equations below regular, whose solution is one up to a number added to all.
    let private ridge = 1e-9

    /// Real numbers d for which the entries off the diagonal times 2^(d_j - d_i) are nearest to 1 in the mean of squares of their
    /// logarithms: one system of linear equations, in which chains of any length are solved at once.
    let private evened (logs: float[,]) =
        let n = Array2D.length1 logs
        let equations, right = Matrix<float>.Build.Dense(n, n), Vector<float>.Build.Dense n

        for i in 0 .. n - 1 do
            equations[i, i] <- equations[i, i] + ridge

            for j in 0 .. n - 1 do
                if i <> j && Double.IsFinite logs[i, j] then
                    equations[i, i] <- equations[i, i] + 1.0
                    equations[j, j] <- equations[j, j] + 1.0
                    equations[i, j] <- equations[i, j] - 1.0
                    equations[j, i] <- equations[j, i] - 1.0
                    right[i] <- right[i] + logs[i, j]
                    right[j] <- right[j] - logs[i, j]

        equations.Cholesky().Solve(right).ToArray()

    // Rows and columns whose norms are within this of each other are even.
    let private even = 16.0

    /// Whether balancing has nothing to give: the norms of all rows and columns off the diagonal are within a factor of each other. Each row has
    /// an entry of its norm over sqrt n at least, and a circle of such entries has a geometric mean that no scaling changes, so what is lost beside
    /// the balanced matrix is a factor of sqrt n times that at most.
    let isEven (m: Matrix<float>) =
        let n = m.RowCount
        let rows, columns = Array.zeroCreate<float> n, Array.zeroCreate<float> n

        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 do
                if i <> j then
                    let square = m[i, j] * m[i, j]
                    rows[i] <- rows[i] + square
                    columns[j] <- columns[j] + square

        let least, most = min (Array.min rows) (Array.min columns), max (Array.max rows) (Array.max columns)
        least > 0.0 && most <= even * even * least

    /// D^-1 M D for powers of two with which the norms of each row and its column, off the diagonal, are about equal.
    let private balance (m: Wide[,]) =
        let logs = m |> Array2D.map (fun x -> float x.Exponent + Math.Log2(abs x.Fraction))
        let n = Array2D.length1 m
        let shifts = evened logs

        // The logarithm of a norm whose entries' logarithms are given; minus infinity for no entry.
        let norm i (log: int -> float) =
            let mutable top = Double.NegativeInfinity

            for j in 0 .. n - 1 do
                if j <> i then
                    top <- max top (log j)

            let mutable sum = 0.0

            for j in 0 .. n - 1 do
                if j <> i then
                    sum <- sum + Math.Pow(4.0, log j - top)

            top + Math.Log2 sum / 2.0

        let sweep () =
            let mutable moved = 0.0

            for i in 0 .. n - 1 do
                let row = norm i (fun j -> logs[i, j] + shifts[j] - shifts[i])
                let column = norm i (fun j -> logs[j, i] + shifts[i] - shifts[j])
                let by = (row - column) / 2.0
                shifts[i] <- shifts[i] + by
                moved <- max moved (abs by)

            moved > balanced

        let mutable sweeps = 0

        while sweeps < mostSweeps && sweep () do
            sweeps <- sweeps + 1

        let shifts = shifts |> Array.map (round >> int)
        m |> Array2D.mapi (fun i j x -> scaled x.Fraction (x.Exponent + shifts[j] - shifts[i]))

    /// The eigenvalues of a square matrix, each a number over 2 to its exponent. As LAPACK's gebal does, those that stand on the
    /// diagonal are taken off and the rest is balanced before the steps of QR, whose errors are of the size of the largest entry
    /// (Osborne, "On pre-conditioning of matrices", 1960; Parlett and Reinsch, "Balancing a matrix for calculation of eigenvalues
    /// and eigenvectors", 1969).
    let eigenvalues (m: Wide[,]) : (Complex * int) list =
        let left, isolated = isolate m [ 0 .. Array2D.length1 m - 1 ] []

        let others =
            if left.IsEmpty then
                []
            else
                let rows = List.toArray left

                let block, top =
                    Array2D.init rows.Length rows.Length (fun i j -> m[rows[i], rows[j]]) |> balance |> toMatrix

                block.Evd().EigenValues |> Seq.map (fun z -> z, top) |> Seq.toList

        (isolated |> List.map (fun x -> Complex(x.Fraction, 0.0), x.Exponent)) @ others
