namespace Interp

open Interp.Kernels

/// Smeared keys: each key mixed with the one before it (Olsson et al. 2022, "In-context learning and induction heads").
module internal Smearing =

    let private primitive name shape definition run pullback = {
        Primitive.plain name shape definition (fun inputs result -> Kernel.plain (run inputs result)) pullback with
            Shareable = [ 1 ]
    }

    let private dimensions name (keys: Shape) (weight: Shape) =
        match keys, weight with
        | [ head; pos; width ], [ head'; before ] when head = head' && before = pos - 1 -> struct (head, pos, width)
        | _ -> Shape.fail $"{name}: keys {Shape.show keys} want weights [head, pos - 1], found {Shape.show weight}."

    let private moved by (index: int[]) = Array.updateAt 1 (index[1] + by) index

    // The share that the key at an index keeps: all of it for the first one.
    let private share (shapes: Shape list) (x: float[][]) (index: int[]) =
        if index[1] = 0 then
            1.0
        else
            Definitions.at shapes[1] x[1] [| index[0]; index[1] - 1 |]

    // With k' the key before k: smear(k, s) = k' + s (k - k'), so it is linear in k and affine in s.

    /// s_t k_t + (1 - s_t) k_{t-1}; the first key stays.
    let rec smear (keys: Tensor) (weight: Tensor) =
        Trace.apply
            (primitive
                "smear"
                (fun shapes ->
                    dimensions "smear" shapes[0] shapes[1] |> ignore
                    shapes[0])
                (fun shapes x ->
                    Definitions.table shapes[0] (fun index ->
                        share shapes x index * Definitions.at shapes[0] x[0] index
                        + if index[1] = 0 then
                              0.0
                          else
                              (1.0 - share shapes x index) * Definitions.at shapes[0] x[0] (moved -1 index)))
                (fun inputs _ operands output ->
                    let struct (head, pos, width) = dimensions "smear" inputs[0].Shape inputs[1].Shape

                    Smear.Forward(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        head,
                        pos,
                        width,
                        inputs[0].Lanes,
                        inputs[1].Lanes
                    ))
                (fun inputs _ g i -> if i = 0 then keysGradient g inputs[1] else weightGradient g inputs[0]))
            [| keys; weight |]

    /// The adjoint of `smear` in its keys.
    and keysGradient (g: Tensor) (weight: Tensor) =
        Trace.apply
            (primitive
                "smearKeysGradient"
                (fun shapes ->
                    dimensions "smear" shapes[0] shapes[1] |> ignore
                    shapes[0])
                (fun shapes x ->
                    Definitions.table shapes[0] (fun index ->
                        share shapes x index * Definitions.at shapes[0] x[0] index
                        + if index[1] = shapes[0][1] - 1 then
                              0.0
                          else
                              (1.0 - share shapes x (moved 1 index)) * Definitions.at shapes[0] x[0] (moved 1 index)))
                (fun inputs _ operands output ->
                    let struct (head, pos, width) = dimensions "smear" inputs[0].Shape inputs[1].Shape

                    Smear.KeysGradient(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        head,
                        pos,
                        width,
                        inputs[0].Lanes,
                        inputs[1].Lanes
                    ))
                (fun inputs _ u i -> if i = 0 then smear u inputs[1] else weightGradient inputs[0] u))
            [| g; weight |]

    /// sum_d g_t (k_t - k_{t-1}).
    and weightGradient (g: Tensor) (keys: Tensor) =
        Trace.apply
            {
                primitive
                    "smearWeightGradient"
                    (fun shapes ->
                        match shapes with
                        | [ [ head; pos; _ ]; keys ] when keys = shapes[0] -> [ head; pos - 1 ]
                        | _ -> Broken.because "smear: cotangent and keys differ in shape.")
                    (fun shapes x ->
                        let at = Definitions.at shapes[0]
                        let earlier = List.updateAt 1 (shapes[0][1] - 1) shapes[0]

                        Definitions.gathered (List.take 2 earlier) earlier (Array.take 2) (fun index ->
                            let after = moved 1 index
                            at x[0] after * (at x[1] after - at x[1] index)))
                    (fun inputs result operands output ->
                        let shape = inputs[0].Shape

                        Smear.WeightGradient(
                            operands[0].ReadOnly,
                            operands[1].ReadOnly,
                            output.Span,
                            shape[0],
                            shape[1],
                            shape[2],
                            result.Lanes
                        ))
                    (fun inputs output u i ->
                        if i = 0 then
                            smear inputs[1] u - smear inputs[1] (Arithmetic.none output)
                        else
                            keysGradient inputs[0] u - keysGradient inputs[0] (Arithmetic.none output)) with
                    Shareable = []
            }
            [| g; keys |]
