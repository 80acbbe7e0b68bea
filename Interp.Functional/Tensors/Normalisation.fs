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

    let logSoftmax (x: Tensor) = x - column (logSumExp x)

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

    /// (softmax(logits) - onehot(target)) g: the derivative of `crossEntropy`. The softmax is taken from the loss itself, as
    /// e^(logits - logits[target] - loss), so its sum is not taken twice.
    let crossEntropyGradient (logits: Tensor) (targets: Tensor) (g: Tensor) (loss: Tensor) =
        Trace.apply
            (primitive
                "crossEntropyGradient"
                (lossShape "crossEntropyGradient" (fun rows width -> [ rows; width ]))
                (fun shapes x ->
                    Definitions.table shapes.Head (fun index ->
                        let row, letter = index[0], index[1]
                        let target = int (Array.item row x[1])
                        let chosen = Definitions.at shapes.Head x[0] [| row; target |]
                        let p = exp (Definitions.at shapes.Head x[0] index - chosen - x[3][row])
                        (p - (if target = letter then 1.0 else 0.0)) * x[2][row]))
                (fun height width lanes operands output ->
                    CrossEntropy.Gradient(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        operands[2].ReadOnly,
                        operands[3].ReadOnly,
                        output.Span,
                        height,
                        width,
                        lanes
                    ))
                (fun inputs _ u i ->
                    let x, targets, g, loss = inputs[0], inputs[1], inputs[2], inputs[3]
                    let p = Functions.exp (x - column (pick x targets + loss))
                    let shares = u * p

                    match i with
                    | 0 ->
                        let slopes = shares * column g
                        slopes - place x.Shape[1] (Movement.reshape g.Shape (rowSum slopes)) targets
                    | 2 -> Movement.reshape g.Shape (rowSum shares) - pick u targets
                    | _ -> -(Movement.reshape g.Shape (rowSum shares) * g)))
            [| logits; targets; g; loss |]

    /// -log softmax(logits)[target] for each row.
    let crossEntropy (logits: Tensor) (targets: Tensor) =
        Trace.apply
            (primitive
                "crossEntropy"
                (lossShape "crossEntropy" (fun rows _ -> [ rows ]))
                (fun shapes x ->
                    let totals = Definitions.rows (fun x -> [| Definitions.logSumExp x[0] |]) shapes [| x[0] |]

                    Array.map2
                        (-)
                        totals
                        (x[1] |> Array.mapi (fun row target -> Definitions.at shapes[0] x[0] [| row; int target |])))
                (fun height width lanes operands output ->
                    CrossEntropy.Forward(operands[0].ReadOnly, operands[1].ReadOnly, output.Span, height, width, lanes))
                (fun inputs loss g _ -> crossEntropyGradient inputs[0] inputs[1] g loss))
            [| logits; targets |]
