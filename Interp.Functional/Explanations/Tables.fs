namespace Interp

open System
open System.Collections.Concurrent
open System.Runtime.CompilerServices
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.LinearAlgebra.Factorization
open Interp.Kernels

/// What is kept of tables [rows, columns], computed in float64.
module internal TableForms =

    /// Entry by entry.
    let private table rows columns (entry: int -> int -> float) : Matrix<float> =
        Matrix<float>.Build.Dense(rows, columns, entry)

    let private meanOff (m: Matrix<float>) =
        let n = m.RowCount

        if n < 2 then
            0.0
        else
            (m.RowSums().Sum() - m.Diagonal().Sum()) / float (n * (n - 1))

    /// Every row the mean of the rows by some weights that sum to one.
    let rowsBy (weights: float[]) (m: Matrix<float>) =
        let mean = Vector<float>.Build.DenseOfArray weights * m
        table m.RowCount m.ColumnCount (fun _ column -> mean[column])

    /// Every column the mean of the columns by some weights that sum to one.
    let columnsBy (weights: float[]) (m: Matrix<float>) =
        let mean = m * Vector<float>.Build.DenseOfArray weights
        table m.RowCount m.ColumnCount (fun row _ -> mean[row])

    /// The same weight for each.
    let evenly count = Array.create count (1.0 / float count)

    // A table is approximated by several ranks, and again in every explanation that keeps one of them; what is known of it goes with it.
    let private decompositions = ConditionalWeakTable<Matrix<float>, Svd<float>>()

    /// The best approximation of a rank, by the singular vectors of the largest singular values.
    let private ofRank rank (m: Matrix<float>) =
        if rank >= min m.RowCount m.ColumnCount then
            m
        else
            let svd = decompositions.GetValue(m, (fun m -> m.Svd()))
            let left = svd.U.SubMatrix(0, m.RowCount, 0, rank)
            let right = svd.VT.SubMatrix(0, rank, 0, m.ColumnCount)
            left * Matrix<float>.Build.DenseOfDiagonalVector(svd.S.SubVector(0, rank)) * right

    let private ofTensor (x: Tensor) : Matrix<float> =
        let columns = x.Shape[1]
        table x.Shape[0] columns (fun row column -> float x.Data[row * columns + column])

    let toTensor (m: Matrix<float>) : Tensor =
        Tensor.ofArray [ m.RowCount; m.ColumnCount ] (m.ToRowMajorArray() |> Array.map float32)

    /// What a form keeps. `positions` says whether rows, or columns, are positions.
    let keep (form: TableForm) (rowsArePositions: bool) (m: Matrix<float>) : Matrix<float> =
        let overRows () = rowsBy (evenly m.RowCount) m
        let overColumns () = columnsBy (evenly m.ColumnCount) m

        match form with
        | TableForm.Exact -> m
        | TableForm.Diagonal ->
            let mean = meanOff m
            table m.RowCount m.ColumnCount (fun row column -> if row = column then m[row, column] else mean)
        | TableForm.TwoNumbers ->
            let mean, own = meanOff m, m.Diagonal().Sum() / float m.RowCount
            table m.RowCount m.ColumnCount (fun row column -> if row = column then own else mean)
        | TableForm.Rank rank -> ofRank rank m
        | TableForm.Nothing -> table m.RowCount m.ColumnCount (fun _ _ -> 0.0)
        | TableForm.OverQueries -> overRows ()
        | TableForm.OverKeys -> overColumns ()
        | TableForm.OverLetters -> if rowsArePositions then overColumns () else overRows ()
        | TableForm.OverPositions -> if rowsArePositions then overRows () else overColumns ()
        | TableForm.Own own ->
            let kept = own.Value(toTensor m)

            if kept.Shape <> [ m.RowCount; m.ColumnCount ] then
                Refused.because
                    $"The form {own} made a table of shape {Shape.show kept.Shape}, expected {Shape.show [ m.RowCount; m.ColumnCount ]}."

            if not (Array.forall Single.IsFinite kept.Data) then
                Refused.because $"The form {own} made a table that has a number that is not finite."

            ofTensor kept

/// A matrix as the product of another one with the transpose of a third.
type internal Factors = {
    /// [rows, rank]
    Left: Matrix<float>
    /// [columns, rank]
    Right: Matrix<float>
}

module internal Factors =

    // What is left of an entry by rounding, for some hundred steps of elimination in float64.
    let private roundoff = 1e-12

    /// The rank that a matrix has, but for rounding, made up to a power of two from 8 on, and its factors: Gaussian elimination with complete pivoting, each
    /// step of which takes a row and a column away.
    let ofMatrix (m: Matrix<float>) : Factors =
        let rows, columns = m.RowCount, m.ColumnCount
        let rest = m.ToRowMajorArray()
        let left, right = ResizeArray<float[]>(), ResizeArray<float[]>()

        // Of each row.
        let magnitudes = Array.zeroCreate rows
        Elimination.Magnitudes(ReadOnlySpan rest, columns, Span magnitudes)

        let least = roundoff * Array.max magnitudes
        let mutable most = Array.max magnitudes

        while left.Count < min rows columns && most > least do
            // The first of the largest entries.
            let row = Array.IndexOf(magnitudes, most)
            let place = Array.FindIndex(rest, row * columns, (fun x -> abs x = most))
            let column = place - row * columns
            let scale = sqrt most
            let sign = float (sign rest[place])
            let u = Array.init rows (fun i -> rest[i * columns + column] / scale)
            let v = Array.init columns (fun j -> sign * rest[row * columns + j] / scale)
            Elimination.Subtract(Span rest, ReadOnlySpan u, ReadOnlySpan v, Span magnitudes)
            left.Add u
            right.Add v
            most <- Array.max magnitudes

        let rank = max 8 (int (Numerics.BitOperations.RoundUpToPowerOf2(uint32 left.Count)))

        let matrix count (columns: ResizeArray<float[]>) =
            Matrix<float>.Build.Dense(count, rank, (fun i k -> if k < columns.Count then columns[k][i] else 0.0))

        { Left = matrix rows left; Right = matrix columns right }

/// The terms of a model that explanations are made of, in float64.
type internal Terms = {
    Architecture: Architecture
    Model: Model<Tensor>
    /// W_E, [vocab, d_model]
    Embedding: Matrix<float>
    /// W_U
    Unembedding: Matrix<float>
    /// W_Q, W_K, W_V and W_O of a head.
    Weights: Map<HeadAddress, {| Q: Matrix<float>; K: Matrix<float>; V: Matrix<float>; O: Matrix<float> |}>
    /// What a path writes to the residual stream for each letter at its beginning, [vocab, d_model].
    Written: Map<HeadAddress list, Matrix<float>>
    /// Exact tables that were made before.
    Paths: ConcurrentDictionary<HeadAddress list, Matrix<float>>
    Scores: ConcurrentDictionary<HeadAddress * ScoreEnd * ScoreEnd, Matrix<float>>
}

module internal Terms =

    let private matrix (x: Tensor) : Matrix<float> =
        match x.Shape with
        | [ rows; columns ] ->
            let data = x.Data
            Matrix<float>.Build.Dense(rows, columns, (fun i j -> float data[i * columns + j]))
        | shape -> Shape.fail $"A weight has shape {Shape.show shape}, expected a matrix."

    let ofModel (positions: int) (model: Model<Tensor>) : Terms =
        let a = Model.architecture positions model

        let weights =
            Map [
                for head in Model.heads model do
                    let block = model.Blocks[head.Layer]
                    let own (w: Tensor) = matrix (Tensor.select 0 head.Head w)

                    head, {| Q = own block.W_Q; K = own block.W_K; V = own block.W_V; O = own block.W_O |}
            ]

        let embedding = matrix model.W_E

        let written =
            (Map [ [], embedding ], Parts.paths a |> List.filter (List.isEmpty >> not))
            ||> List.fold (fun written path ->
                let before = List.take (path.Length - 1) path
                let w = weights[List.last path]
                Map.add path (written[before] * w.V * w.O) written)

        {
            Architecture = a
            Model = model
            Embedding = embedding
            Unembedding = matrix model.W_U
            Weights = weights
            Written = written
            Paths = ConcurrentDictionary()
            Scores = ConcurrentDictionary()
        }

    /// The logits that a path adds for each letter at its beginning: [vocab, vocab]
    let path (terms: Terms) (path: HeadAddress list) =
        terms.Paths.GetOrAdd(path, (fun path -> terms.Written[path] * terms.Unembedding))

    /// Position vectors as a head's queries or keys have them, [n_ctx, d_head].
    let private positions (terms: Terms) (w: Matrix<float>) =
        match terms.Model.W_pos with
        | Some vectors -> matrix vectors * w
        | None -> matrix (Transformer.positionCode terms.Architecture.NCtx w.ColumnCount)

    /// What a head's query makes of one side of a term: [vocab or n_ctx, d_head]
    let query (terms: Terms) head side =
        match side with
        | ScoreEnd.Path path -> terms.Written[path] * terms.Weights[head].Q
        | ScoreEnd.Position -> positions terms terms.Weights[head].Q

    /// The same of its key.
    let key (terms: Terms) head side =
        match side with
        | ScoreEnd.Path path -> terms.Written[path] * terms.Weights[head].K
        | ScoreEnd.Position -> positions terms terms.Weights[head].K

    /// A term of a head's scores, between what its query and its key read, over sqrt(d_head).
    let score (terms: Terms) head (queryEnd: ScoreEnd) (keyEnd: ScoreEnd) : Matrix<float> =
        terms.Scores.GetOrAdd(
            (head, queryEnd, keyEnd),
            fun _ ->
                let q = query terms head queryEnd
                (q * (key terms head keyEnd).Transpose()) / sqrt (float q.ColumnCount)
        )

    /// What a layer's queries and keys are sums of: letters by each path through earlier heads, and places where these are terms of scores; and how many
    /// there are of each.
    let ends (terms: Terms) layer : (ScoreEnd * int) list =
        let a = terms.Architecture

        [
            for path in Parts.sources layer a do
                ScoreEnd.Path path, a.DVocab

            if Parts.havePositions a then
                ScoreEnd.Position, a.NCtx
        ]
