namespace Interp

open Interp.Kernels

/// Softmax over the last axis and what a loss needs of it.
module internal Normalisation =

    let private rows (form: Form) =
        match List.rev form.Shape with
        | width :: outer -> Shape.size outer, width
        | [] -> 1, 1

    let private matrix name (shapes: Shape list) =
        match shapes.Head with
        | [] -> Shape.fail $"{name}: a scalar has no last axis."
        | shape -> shape

    /// `run` is given the number of rows, their width and the lanes.
    let private primitive name shape definition run pullback =
        let kernel (inputs: Form[]) (result: Form) =
            let height, width = rows inputs[0]
            Kernel.plain (run height width result.Lanes)

        Primitive.plain name shape definition kernel pullback

    let private withoutLast (shape: Shape) = List.take (shape.Length - 1) shape
    let private column (x: Tensor) = Movement.reshape (x.Shape @ [ 1 ]) x
    let private rowSum (x: Tensor) = Arithmetic.sumTo (withoutLast x.Shape @ [ 1 ]) x
    let private rowMean (x: Tensor) = Arithmetic.meanTo (withoutLast x.Shape @ [ 1 ]) x

    /// y (g - sum y g): the derivative of softmax at its value y.
    let rec softmaxGradient (y: Tensor) (g: Tensor) =
        Trace.apply
            (primitive
                "softmaxGradient"
                (matrix "softmaxGradient")
                (Definitions.rows (fun x -> Definitions.softmaxGradient x[0] x[1]))
                (fun height width lanes operands output ->
                    Softmax.Gradient(operands[0].ReadOnly, operands[1].ReadOnly, output.Span, height, width, lanes))
                (fun inputs _ u i ->
                    let y, g = inputs[0], inputs[1]

                    if i = 0 then
                        u * (g - rowSum (y * g)) - rowSum (u * y) * g
                    else
                        softmaxGradient y u))
            [| y; g |]

    let softmax (x: Tensor) =
        Trace.apply
            (primitive
                "softmax"
                (matrix "softmax")
                (Definitions.rows (fun x -> Definitions.softmax x[0]))
                (fun height width lanes operands output ->
                    Softmax.Forward(operands[0].ReadOnly, output.Span, height, width, lanes))
                (fun _ y g _ -> softmaxGradient y g))
            [| x |]

    /// log sum exp over the last axis, which the result has not.
    let logSumExp (x: Tensor) =
        Trace.apply
            (primitive
                "logSumExp"
                (matrix "logSumExp" >> withoutLast)
                (Definitions.rows (fun x -> [| Definitions.logSumExp x[0] |]))
                (fun height width lanes operands output ->
                    Softmax.LogSumExp(operands[0].ReadOnly, output.Span, height, width, lanes))
                (fun inputs _ g _ -> column g * softmax inputs[0]))
            [| x |]

    /// x - max x - log sum exp(x - max x): of large numbers, the largest is subtracted before the logarithm is.
    let logSoftmax (x: Tensor) =
        Trace.apply
            (primitive
                "logSoftmax"
                (matrix "logSoftmax")
                (Definitions.rows (fun x -> Definitions.logSoftmax x[0]))
                (fun height width lanes operands output ->
                    Softmax.Logarithms(operands[0].ReadOnly, output.Span, height, width, lanes))
                (fun inputs _ g _ -> g - softmax inputs[0] * rowSum g))
            [| x |]

    /// Each row's sqrt(variance + epsilon): [.., width] to [.., 1].
    let rec deviation (epsilon: float) (x: Tensor) : Tensor =
        Trace.apply
            (primitive
                "deviation"
                (fun shapes -> withoutLast (matrix "layerNorm" shapes) @ [ 1 ])
                (Definitions.rows (fun x -> [| Definitions.deviation epsilon x[0] |]))
                (fun height width lanes operands output ->
                    LayerNorm.Deviation(operands[0].ReadOnly, output.Span, height, width, lanes, epsilon))
                (fun inputs _ g _ -> g * (layerNorm epsilon inputs[0] / float (List.last inputs[0].Shape))))
            [| x |]

    /// (x - mean) / sqrt(variance + epsilon), row by row.
    and layerNorm (epsilon: float) (x: Tensor) : Tensor =
        Trace.apply
            (primitive
                "layerNorm"
                (matrix "layerNorm")
                (Definitions.rows (fun x -> Definitions.layerNorm epsilon x[0]))
                (fun height width lanes operands output ->
                    LayerNorm.Forward(operands[0].ReadOnly, output.Span, height, width, lanes, epsilon))
                (fun inputs y g _ -> (g - rowMean g - y * rowMean (g * y)) / deviation epsilon inputs[0]))
            [| x |]

    /// [rows] and [rows, width] from logits [rows, width] and targets [rows].
    let private lossShape name shape (shapes: Shape list) =
        match shapes with
        | [ rows; width ] :: [ targets ] :: _ when rows = targets -> shape rows width
        | logits :: targets :: _ ->
            Shape.fail $"{name}: logits {Shape.show logits} want one target a row, found targets {Shape.show targets}."
        | _ -> Broken.because $"{name} was not given logits and targets."

    /// x[row, target[row]]
    let rec pick (x: Tensor) (targets: Tensor) =
        Trace.apply
            (primitive
                "pick"
                (lossShape "pick" (fun rows _ -> [ rows ]))
                (fun shapes x ->
                    x[1] |> Array.mapi (fun row target -> Definitions.at shapes[0] x[0] [| row; int target |]))
                (fun height width lanes operands output ->
                    for row in 0 .. height - 1 do
                        for lane in 0 .. lanes - 1 do
                            let target = int operands[1].Span[row * lanes + lane]
                            output.Span[row * lanes + lane] <- operands[0].Span[(row * width + target) * lanes + lane])
                (fun inputs _ g _ -> place inputs[0].Shape[1] g inputs[1]))
            [| x; targets |]

    /// Zeros with g[row] at target[row].
    and place width (g: Tensor) (targets: Tensor) =
        let kernel (inputs: Form[]) (result: Form) =
            let height, lanes = inputs[0].Shape.Head, result.Lanes

            Kernel.plain (fun operands output ->
                output.Span.Clear()

                for row in 0 .. height - 1 do
                    for lane in 0 .. lanes - 1 do
                        let target = int operands[1].Span[row * lanes + lane]
                        output.Span[(row * width + target) * lanes + lane] <- operands[0].Span[row * lanes + lane])

        let primitive =
            Primitive.plain
                "place"
                (fun shapes -> shapes.Head @ [ width ])
                (fun shapes x ->
                    Definitions.gathered
                        (shapes.Head @ [ width ])
                        shapes.Head
                        (fun index -> [| index[0]; int (Array.item index[0] x[1]) |])
                        (Definitions.at shapes.Head x[0]))
                kernel
                (fun inputs _ u _ -> pick u inputs[1])

        Trace.apply primitive [| g; targets |]

    /// (softmax(logits) - onehot(target)) g: the derivative of `crossEntropy`.
    let crossEntropyGradient (logits: Tensor) (targets: Tensor) (g: Tensor) =
        Trace.apply
            (primitive
                "crossEntropyGradient"
                (lossShape "crossEntropyGradient" (fun rows width -> [ rows; width ]))
                (fun shapes x ->
                    let p = Definitions.rows (fun x -> Definitions.softmax x[0]) shapes [| x[0] |]

                    Definitions.table shapes.Head (fun index ->
                        let onehot = if int (Array.item index[0] x[1]) = index[1] then 1.0 else 0.0
                        (Definitions.at shapes.Head p index - onehot) * x[2][index[0]]))
                (fun height width lanes operands output ->
                    CrossEntropy.Gradient(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        operands[2].ReadOnly,
                        output.Span,
                        height,
                        width,
                        lanes
                    ))
                (fun inputs _ u i ->
                    let targets, g, p = inputs[1], inputs[2], softmax inputs[0]

                    if i = 0 then
                        column g * softmaxGradient p u
                    else
                        Movement.reshape g.Shape (rowSum (u * p)) - pick u targets))
            [| logits; targets; g |]

    /// -log softmax(logits)[target] for each row.
    let crossEntropy (logits: Tensor) (targets: Tensor) =
        Trace.apply
            (primitive
                "crossEntropy"
                (lossShape "crossEntropy" (fun rows _ -> [ rows ]))
                (fun shapes x ->
                    let logs = Definitions.rows (fun x -> Definitions.logSoftmax x[0]) shapes [| x[0] |]
                    x[1] |> Array.mapi (fun row target -> -Definitions.at shapes[0] logs [| row; int target |]))
                (fun height width lanes operands output ->
                    CrossEntropy.Forward(operands[0].ReadOnly, operands[1].ReadOnly, output.Span, height, width, lanes))
                (fun inputs _ g _ -> crossEntropyGradient inputs[0] inputs[1] g))
            [| logits; targets |]

    /// 1 for each row in which no logit is above the target's, and none before it is as large; else 0. Its derivative is 0.
    let isLikeliest (logits: Tensor) (targets: Tensor) =
        Trace.apply
            (primitive
                "isLikeliest"
                (lossShape "isLikeliest" (fun rows _ -> [ rows ]))
                (fun shapes x ->
                    x[1]
                    |> Array.mapi (fun row target ->
                        let at i = Definitions.at shapes[0] x[0] [| row; i |]
                        let own = at (int target)

                        let beaten =
                            Seq.init (List.last shapes[0]) id
                            |> Seq.exists (fun i -> not (at i < own || (at i = own && i >= int target)))

                        if beaten then 0.0 else 1.0))
                (fun height width lanes operands output ->
                    CrossEntropy.IsLikeliest(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        height,
                        width,
                        lanes
                    ))
                (fun inputs _ _ _ -> Arithmetic.none inputs[0]))
            [| logits; targets |]
