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
        apply "sqrt" sqrt (fun x result -> Elementwise.Sqrt(x.ReadOnly, result.Span)) (fun _ y g _ -> g / y * 0.5)

    let sigmoid =
        apply
            "sigmoid"
            (fun x -> 1.0 / (1.0 + System.Math.Exp -x))
            (fun x result -> Elementwise.Sigmoid(x.ReadOnly, result.Span))
            (fun _ y g _ -> g * (y * (1.0 - y)))

    let tanh =
        apply "tanh" tanh (fun x result -> Elementwise.Tanh(x.ReadOnly, result.Span)) (fun _ y g _ -> g * (1.0 - y * y))

    /// 1 where x > 0, else 0; its derivative is zero everywhere.
    let step =
        apply
            "step"
            (fun x -> if x > 0.0 then 1.0 else 0.0)
            (fun x result -> Elementwise.Step(x.ReadOnly, result.Span))
            (fun _ _ g _ -> g * 0.0)

    let relu =
        apply "relu" (max 0.0) (fun x result -> Elementwise.Relu(x.ReadOnly, result.Span)) (fun inputs _ g _ ->
            g * step inputs[0])
