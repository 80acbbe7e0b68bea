namespace Interp

open Interp.Kernels

/// The products of attention, with the half that causality forbids left out: query `i` and key `j <= i`.
/// Vectors are [head, pos, width], patterns and scores [head, pos, key_pos], zero above the diagonal.
/// The derivatives of these primitives are these primitives.
module internal CausalProducts =

    // Structs: kernels take their sizes at every run, and a run allocates nothing.
    let private vectors name (shape: Shape) =
        match shape with
        | [ head; pos; width ] -> struct (head, pos, width)
        | _ -> Shape.fail $"{name}: shape {Shape.show shape} is not [head, pos, width]."

    let private square name (shape: Shape) =
        match shape with
        | [ head; pos; keys ] when pos = keys -> struct (head, pos)
        | _ -> Shape.fail $"{name}: shape {Shape.show shape} is not [head, pos, key_pos] with as many keys as queries."

    let private primitive name shape definition sparse overwrites run pullback =
        let kernel (inputs: Form[]) (result: Form) = {
            Kernel.plain (run inputs result) with
                Sparse = sparse
                Overwrites = overwrites
        }

        Primitive.plain name shape definition kernel pullback

    /// The sum over all (head, pos, key_pos, width) with key_pos <= pos, each input read and the result written at the
    /// axes it has of these four.
    let private causalSum target (targetAxes: int list) (axesA: int list) (axesB: int list) scale =
        fun (shapes: Shape list) (x: float[][]) ->
            let target = target shapes
            let sizes = Map.ofList (List.zip (axesA @ axesB) (shapes[0] @ shapes[1]))

            let along (axes: int list) (shape: Shape) =
                let strides = Shape.strides shape

                [|
                    for axis in 0..3 ->
                        axes |> List.tryFindIndex ((=) axis) |> Option.map (Array.get strides) |> Option.defaultValue 0
                |]

            Definitions.contraction
                [| for axis in 0..3 -> sizes[axis] |]
                (fun index -> index[2] <= index[1])
                (Shape.size target)
                (along targetAxes target)
                (x[0], along axesA shapes[0])
                (x[1], along axesB shapes[1])
            |> Array.map ((*) scale)

    // Places of a vector at a query, of a vector at a key and of a pattern among (head, pos, key_pos, width).
    let private atQuery, private atKey, private ofPattern = [ 0; 1; 3 ], [ 0; 2; 3 ], [ 0; 1; 2 ]

    let private mixShape name (shapes: Shape list) =
        match shapes with
        | [ [ head; pos; keys ]; [ head'; pos'; width ] ] when pos = keys && (head, pos) = (head', pos') -> [
            head
            pos
            width
          ]
        | _ ->
            Shape.fail
                $"{name}: shapes {Shape.show shapes[0]} and {Shape.show shapes[1]} are not a pattern [head, pos, key_pos] and vectors [head, pos, width] of as many heads and positions."

    /// scale a_i . b_j
    let rec dot (scale: float) (a: Tensor) (b: Tensor) =
        Trace.apply
            (primitive
                "causalDot"
                (fun shapes ->
                    match shapes with
                    | [ [ head; pos; _ ] as a; b ] when a = b -> [ head; pos; pos ]
                    | _ ->
                        Shape.fail
                            $"causalDot: shapes {Shape.show shapes[0]} and {Shape.show shapes[1]} are not both one [head, pos, width].")
                (causalSum (fun shapes -> [ shapes[0][0]; shapes[0][1]; shapes[0][1] ]) ofPattern atQuery atKey scale)
                true
                []
                (fun inputs result operands output ->
                    let struct (head, pos, width) = vectors "causalDot" inputs[0].Shape

                    Causal.Dot(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        float32 scale,
                        head,
                        pos,
                        width,
                        result.Lanes
                    ))
                (fun inputs _ g i -> if i = 0 then mix scale g inputs[1] else mixTransposed scale g inputs[0]))
            [| a; b |]

    /// scale sum_{j <= i} p_ij v_j
    and mix (scale: float) (p: Tensor) (v: Tensor) =
        Trace.apply
            (primitive
                "causalMix"
                (mixShape "causalMix")
                (causalSum (fun shapes -> shapes[1]) atQuery ofPattern atKey scale)
                false
                []
                (fun inputs result operands output ->
                    let struct (head, pos, width) = vectors "causalMix" inputs[1].Shape

                    Causal.Mix(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        float32 scale,
                        head,
                        pos,
                        width,
                        result.Lanes
                    ))
                (fun inputs _ g i -> if i = 0 then dot scale g inputs[1] else mixTransposed scale inputs[0] g))
            [| p; v |]

    /// scale sum_{i >= j} p_ij x_i
    and mixTransposed (scale: float) (p: Tensor) (x: Tensor) =
        Trace.apply
            (primitive
                "causalMixTransposed"
                (mixShape "causalMixTransposed")
                (causalSum (fun shapes -> shapes[1]) atKey ofPattern atQuery scale)
                false
                []
                (fun inputs result operands output ->
                    let struct (head, pos, width) = vectors "causalMixTransposed" inputs[1].Shape

                    Causal.MixTransposed(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        float32 scale,
                        head,
                        pos,
                        width,
                        result.Lanes
                    ))
                (fun inputs _ g i -> if i = 0 then dot scale inputs[1] g else mix scale inputs[0] g))
            [| p; x |]

    /// x on and below the diagonal and zero above it, whatever x is there: [head, pos, key_pos] to the same.
    let rec lower (x: Tensor) : Tensor =
        Trace.apply
            (primitive
                "causalLower"
                (fun shapes ->
                    square "causalLower" shapes.Head |> ignore
                    shapes.Head)
                (Definitions.causalRows Array.head)
                true
                []
                (fun inputs result operands output ->
                    let struct (head, pos) = square "causalLower" inputs[0].Shape

                    for row in 0 .. head * pos - 1 do
                        let start, seen = row * pos * result.Lanes, (row % pos + 1) * result.Lanes
                        operands[0].ReadOnly.Slice(start, seen).CopyTo(output.Span.Slice(start, seen)))
                (fun _ _ g _ -> lower g))
            [| x |]

    let private rowSum (x: Tensor) = Arithmetic.sumTo (List.updateAt (x.Shape.Length - 1) 1 x.Shape) x

    /// p (g - sum_j p g): the derivative of `softmax` at its value p.
    let rec softmaxGradient (p: Tensor) (g: Tensor) =
        Trace.apply
            (primitive
                "causalSoftmaxGradient"
                (fun shapes ->
                    square "causalSoftmaxGradient" shapes.Head |> ignore
                    shapes.Head)
                (Definitions.causalRows (fun x -> Definitions.softmaxGradient x[0] x[1]))
                true
                [ 1 ]
                (fun inputs result operands output ->
                    let struct (head, pos) = square "causalSoftmaxGradient" inputs[0].Shape

                    Causal.SoftmaxGradient(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        head,
                        pos,
                        result.Lanes
                    ))
                (fun inputs _ u i ->
                    let p, g = inputs[0], inputs[1]

                    if i = 0 then
                        let u, g = lower u, lower g
                        u * (g - rowSum (p * g)) - rowSum (u * p) * g
                    else
                        softmaxGradient p u))
            [| p; g |]

    /// Softmax over the keys j <= i of each query; zero elsewhere.
    let softmax (scores: Tensor) =
        Trace.apply
            (primitive
                "causalSoftmax"
                (fun shapes ->
                    square "causalSoftmax" shapes.Head |> ignore
                    shapes.Head)
                (Definitions.causalRows (fun x -> Definitions.softmax x[0]))
                true
                [ 0 ]
                (fun inputs result operands output ->
                    let struct (head, pos) = square "causalSoftmax" inputs[0].Shape
                    Causal.Softmax(operands[0].ReadOnly, output.Span, head, pos, result.Lanes))
                (fun _ p g _ -> softmaxGradient p g))
            [| scores |]
