namespace Interp

/// What Lanczos' iteration found.
type Lanczos = {
    /// Largest first, one a step. The largest and the smallest ones are the Hessian's as far as they have converged; those between
    /// are not eigenvalues yet, unless the iteration stopped by itself.
    Eigenvalues: float list
    /// Steps taken: fewer than asked for where the residual vanished, so that no further direction holds another eigenvalue.
    Steps: int
}

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

    // A residual of no more than this beside the largest product so far is float32's rounding of the products and of the basis:
    // some 64 operations, 2^-24 each.
    let private rounding = 64.0 * 2.0 ** -24.0

    let private finite what (x: Model<Tensor>) =
        match Model.notFinite x with
        | Some name -> Refused.because $"Lanczos' iteration: {what} of {name} has a number that is not finite."
        | None -> x

    /// The extreme eigenvalues of the Hessian of a scalar function of a model by at most `steps` steps of Lanczos' iteration with full
    /// orthogonalisation (Lanczos 1950), from Hessian-vector products alone. It stops where the residual vanishes: for a Hessian of
    /// few distinct eigenvalues after as many steps as it has. Raises `RefusedException` for fewer than one step, and for weights
    /// or products that are not finite.
    let lanczos (steps: int) (f: Model<Tensor> -> Tensor) (model: Model<Tensor>) (key: Key) : Lanczos =
        if steps < 1 then
            Refused.because $"The number of Lanczos steps is {steps}, expected at least 1."

        let model = finite "the weight" model

        let start =
            Model.rebuild model (List.init (Model.leaves model).Length uint64)
            |> Model.map2 (fun (leaf: Tensor) i -> Tensor.normal leaf.Shape (Key.split i key)) model

        let unit v = scale (1.0 / sqrt (dot v v)) v
        let product v = Differentiation.hessianvOf Model.structure f model v |> finite "the Hessian's product"

        let rec iterate (basis: Model<Tensor> list) diagonal offDiagonal largest v =
            let w = product v
            let largest = max largest (sqrt (dot w w))
            let alpha = dot v w
            let basis = v :: basis

            // Twice, since once leaves float32's rounding behind.
            let clear w = List.fold (fun w u -> add w (scale (-(dot u w)) u)) w basis

            let w = clear (clear w)
            let beta = sqrt (dot w w)
            let diagonal = diagonal @ [ alpha ]

            if diagonal.Length = steps || beta <= rounding * largest then
                diagonal, offDiagonal
            else
                iterate basis diagonal (offDiagonal @ [ beta ]) largest (unit w)

        let diagonal, offDiagonal = iterate [] [] [] 0.0 (unit start)
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

        {
            Eigenvalues =
                tridiagonal.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues
                |> Seq.map _.Real
                |> Seq.sortDescending
                |> Seq.toList
            Steps = n
        }
