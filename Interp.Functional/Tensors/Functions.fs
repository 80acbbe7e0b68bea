namespace Interp

open Interp.Kernels

/// Functions of one tensor, element by element: name, law, kernel, derivative rule.
module internal Functions =

    let private apply name law run pullback x = Trace.apply (Arithmetic.unary name law run pullback) [| x |]

    let exp =
        apply "exp" exp (fun x result -> Elementwise.Exp(x.ReadOnly, result.Span)) (fun _ y g _ -> g * y)

    let log =
        apply "log" log (fun x result -> Elementwise.Log(x.ReadOnly, result.Span)) (fun inputs _ g _ -> g / inputs[0])

    let sqrt =
        apply "sqrt" sqrt (fun x result -> Elementwise.Sqrt(x.ReadOnly, result.Span)) (fun _ y g _ -> g / (y * 2.0))

    /// Its derivative is s(x) s(-x): 1 - s(x) would be 0 from 17 on.
    let rec sigmoid (x: Tensor) : Tensor =
        apply
            "sigmoid"
            (fun x -> 1.0 / (1.0 + System.Math.Exp -x))
            (fun x result -> Elementwise.Sigmoid(x.ReadOnly, result.Span))
            (fun inputs y g _ -> g * (y * sigmoid -inputs[0]))
            x

    /// Its derivative is 4 s(2x) s(-2x), with s the logistic function: 1 - tanh^2 would be 0 from 9 on.
    let tanh =
        apply "tanh" tanh (fun x result -> Elementwise.Tanh(x.ReadOnly, result.Span)) (fun inputs _ g _ ->
            let twice = inputs[0] * 2.0
            g * (sigmoid twice * sigmoid -twice * 4.0))

    /// b where a > 0, 0 where it is not, NaN where a is NaN: what is shut out leaves no trace, infinite or not.
    let rec gate (a: Tensor) (b: Tensor) : Tensor =
        Trace.apply
            (Arithmetic.binary
                "gate"
                (fun a b ->
                    if a > 0.0 then b
                    elif System.Double.IsNaN a then a
                    else 0.0)
                (fun layout a b result -> Elementwise.Gate(layout, a.ReadOnly, b.ReadOnly, result.Span))
                (fun inputs _ g i ->
                    if i = 0 then
                        Arithmetic.none inputs[0]
                    else
                        Arithmetic.sumTo inputs[1].Shape (gate inputs[0] g)))
            [| a; b |]

    let relu =
        apply "relu" (max 0.0) (fun x result -> Elementwise.Relu(x.ReadOnly, result.Span)) (fun inputs _ g _ ->
            gate inputs[0] g)

    /// x, but no further from 0 than `bound`.
    let clip (bound: float) =
        apply
            "clip"
            (fun x -> if abs x > bound then float (sign x) * bound else x)
            (fun x result -> Elementwise.Clip(x.ReadOnly, float32 bound, result.Span))
            (fun inputs _ g _ -> gate (inputs[0] + bound) (gate (bound - inputs[0]) g))
