namespace Interp

open System

/// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019), as a pure step.
module AdamW =

    /// The first and second moments of the gradient.
    type Moments<'leaf> = {
        /// m: the decaying mean of the gradient, not corrected for its start from zero.
        First: Model<'leaf>
        /// v: the same of the gradient's square.
        Second: Model<'leaf>
    }

    /// The name of every moment, as in a checkpoint file.
    let names (a: Architecture) : Moments<string> =
        let of' which = Model.map (fun name -> $"adamw.{which}.{name}") (Model.names a)
        { First = of' "m"; Second = of' "v" }

    /// Before the first step: zero moments.
    let start (weights: Model<Tensor>) : Moments<Tensor> = {
        First = Model.map Tensor.zerosLike weights
        Second = Model.map Tensor.zerosLike weights
    }

    /// One leaf's step by the kernel; results may take the places of what they are made from.
    let internal step (c: Configuration) (number: int) (w: ReadOnlySpan<float32>) m v g (w': Span<float32>) m' v' =
        Interp.Kernels.AdamW.Step(
            w,
            m,
            v,
            g,
            w',
            m',
            v',
            c.LearningRate,
            c.WeightDecay,
            c.Beta1,
            c.Beta2,
            c.Epsilon,
            int64 number
        )

    /// Step number `number` (counted from 1), for each weight w with gradient g:
    /// w <- (1 - lr decay) w; m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
    /// w <- w - lr m / (1 - beta1^number) / (sqrt(v / (1 - beta2^number)) + epsilon).
    /// A weight without gradient still decays.
    let update
        (c: Configuration)
        (number: int)
        (gradient: Model<Tensor>)
        (weights: Model<Tensor>)
        (moments: Moments<Tensor>)
        =
        let leaf (w: Tensor) (g: Tensor) (m: Tensor, v: Tensor) =
            let size = w.Data.Length
            let w', m', v' = Array.zeroCreate size, Array.zeroCreate size, Array.zeroCreate size

            step
                c
                number
                (ReadOnlySpan w.Data)
                (ReadOnlySpan m.Data)
                (ReadOnlySpan v.Data)
                (ReadOnlySpan g.Data)
                (Span w')
                (Span m')
                (Span v')

            Value(w.Shape, w'), Value(m.Shape, m'), Value(v.Shape, v')

        let updated =
            Model.map2 (fun m v -> m, v) moments.First moments.Second
            |> Model.map2 (fun (w, g) moments -> leaf w g moments) (Model.map2 (fun w g -> w, g) weights gradient)

        Model.map (fun (w, _, _) -> w) updated,
        { First = Model.map (fun (_, m, _) -> m) updated; Second = Model.map (fun (_, _, v) -> v) updated }
