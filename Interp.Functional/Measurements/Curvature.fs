namespace Interp

/// The curvature of a loss.
module Curvature =

    let private dot a b =
        Model.map2
            (fun (x: Tensor) (y: Tensor) -> Array.fold2 (fun sum p q -> sum + float p * float q) 0.0 x.Data y.Data)
            a
            b
        |> Model.fold (+) 0.0

    let private scale (factor: float) = Model.map (fun (x: Tensor) -> x * factor)
    let private add a b = Model.map2 (fun (x: Tensor) y -> x + y) a b

    /// The extreme eigenvalues of the Hessian of a scalar function of a model, largest first, by `steps` steps of Lanczos'
    /// iteration with full orthogonalisation (Lanczos 1950), from Hessian-vector products alone. The largest and the smallest
    /// ones converge first; those between are not eigenvalues yet. Raises `RefusedException` for fewer than one step.
    let lanczos (steps: int) (f: Model<Tensor> -> Tensor) (model: Model<Tensor>) (key: Key) : float list =
        if steps < 1 then
            Refused.because $"The number of Lanczos steps is {steps}, expected at least 1."

        let start =
            Model.rebuild model (List.init (Model.leaves model).Length uint64)
            |> Model.map2 (fun (leaf: Tensor) i -> Tensor.normal leaf.Shape (Key.split i key)) model

        let unit v = scale (1.0 / sqrt (dot v v)) v
        let product v = Differentiation.hessianvOf Model.structure f model v

        let rec iterate (basis: Model<Tensor> list) diagonal offDiagonal v =
            let w = product v
            let alpha = dot v w
            let basis = v :: basis

            // Twice, since once leaves float32's rounding behind.
            let clear w = List.fold (fun w u -> add w (scale (-(dot u w)) u)) w basis

            let w = clear (clear w)
            let beta = sqrt (dot w w)
            let diagonal = diagonal @ [ alpha ]

            if diagonal.Length = steps || beta < 1e-9 * (abs alpha + 1e-9) then
                diagonal, offDiagonal
            else
                iterate basis diagonal (offDiagonal @ [ beta ]) (scale (1.0 / beta) w)

        let diagonal, offDiagonal = iterate [] [] [] (unit start)
        let n = diagonal.Length

        let tridiagonal =
            MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.Dense(
                n,
                n,
                fun i j ->
                    if i = j then diagonal[i]
                    elif abs (i - j) = 1 then offDiagonal[min i j]
                    else 0.0
            )

        tridiagonal.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues
        |> Seq.map _.Real
        |> Seq.sortDescending
        |> Seq.toList
