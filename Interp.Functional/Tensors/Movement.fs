namespace Interp

open Interp.Kernels

/// Moving elements: reshape, transpose, slice, pad and concatenate.
module internal Movement =

    let rec reshape (shape: Shape) (x: Tensor) =
        let primitive =
            Primitive.plain
                "reshape"
                (fun shapes ->
                    if Shape.size shapes.Head <> Shape.size shape then
                        Shape.fail
                            $"reshape: shape {Shape.show shapes.Head} has not as many elements as {Shape.show shape}."

                    shape)
                Definitions.same
                (fun _ _ -> Kernel.plain (fun operands output -> operands[0].Span.CopyTo output.Span))
                (fun inputs _ g _ -> reshape inputs[0].Shape g)

        if x.Shape = shape then x else Trace.apply primitive [| x |]

    let rec transpose (order: int list) (x: Tensor) =
        let inverse = order |> List.indexed |> List.sortBy snd |> List.map fst

        Trace.apply
            (Primitive.plain
                "transpose"
                (fun shapes ->
                    if List.sort order <> List.init shapes.Head.Length id then
                        Shape.fail
                            $"transpose: {Shape.show order} is not an order of the axes of {Shape.show shapes.Head}."

                    order |> List.map (fun axis -> shapes.Head[axis]))
                (fun shapes x ->
                    Definitions.table (order |> List.map (fun axis -> shapes.Head[axis])) (fun index ->
                        Definitions.at shapes.Head x[0] [| for axis in inverse -> index[axis] |]))
                (fun inputs result ->
                    let own = Shape.strides inputs[0].Shape
                    let source = order |> List.map (fun axis -> own[axis]) |> List.toArray
                    let size = List.toArray result.Shape
                    let target = Shape.strides result.Shape

                    Kernel.plain (fun operands output ->
                        Strided.Copy(size, source, 0, operands[0].ReadOnly, target, 0, output.Span, result.Lanes)))
                (fun _ _ g _ -> transpose inverse g))
            [| x |]

    /// `count` entries from `start` along one axis; its derivative is `pad`.
    let rec slice axis start count (x: Tensor) =
        Trace.apply
            (Primitive.plain
                "slice"
                (fun shapes ->
                    let shape = shapes.Head
                    let axis = Shape.axis "slice" shape axis

                    if start < 0 || count < 0 || start > shape[axis] - count then
                        Shape.fail
                            $"slice: entries {start} to {int64 start + int64 count - 1L} of axis {axis} are outside of shape {Shape.show shape}."

                    List.updateAt axis count shape)
                (fun shapes x ->
                    let axis = Shape.axis "slice" shapes.Head axis

                    Definitions.table (List.updateAt axis count shapes.Head) (fun index ->
                        Definitions.at shapes.Head x[0] (Array.updateAt axis (index[axis] + start) index)))
                (fun inputs result ->
                    let axis = Shape.axis "slice" inputs[0].Shape axis
                    let source = Shape.strides inputs[0].Shape
                    let target = Shape.strides result.Shape
                    let size = List.toArray result.Shape

                    Kernel.plain (fun operands output ->
                        Strided.Copy(
                            size,
                            source,
                            start * source[axis],
                            operands[0].ReadOnly,
                            target,
                            0,
                            output.Span,
                            result.Lanes
                        )))
                (fun inputs _ g _ -> pad axis start inputs[0].Shape[Shape.axis "slice" inputs[0].Shape axis] g))
            [| x |]

    /// Zeros, `length` along one axis, with x from `start` on; its derivative is `slice`.
    and pad axis start length (x: Tensor) =
        Trace.apply
            (Primitive.plain
                "pad"
                (fun shapes ->
                    let shape = shapes.Head
                    let axis = Shape.axis "pad" shape axis

                    if start < 0 || start > length - shape[axis] then
                        Shape.fail
                            $"pad: shape {Shape.show shape} from {start} on does not fit in {length} along axis {axis}."

                    List.updateAt axis length shape)
                (fun shapes x ->
                    let axis = Shape.axis "pad" shapes.Head axis

                    Definitions.gathered
                        (List.updateAt axis length shapes.Head)
                        shapes.Head
                        (fun index -> Array.updateAt axis (index[axis] + start) index)
                        (Definitions.at shapes.Head x[0]))
                (fun inputs result ->
                    let axis = Shape.axis "pad" inputs[0].Shape axis
                    let source = Shape.strides inputs[0].Shape
                    let target = Shape.strides result.Shape
                    let size = List.toArray inputs[0].Shape

                    Kernel.plain (fun operands output ->
                        output.Span.Clear()

                        Strided.Copy(
                            size,
                            source,
                            0,
                            operands[0].ReadOnly,
                            target,
                            start * target[axis],
                            output.Span,
                            result.Lanes
                        )))
                (fun inputs _ g _ -> slice axis start inputs[0].Shape[Shape.axis "pad" inputs[0].Shape axis] g))
            [| x |]

    /// Tensors one behind the other along an axis: the sum of each one padded to the full length.
    let concatenate axis (parts: Tensor list) =
        match parts with
        | [] -> Shape.fail "concatenate: there is nothing to concatenate."
        | first :: _ ->
            let axis = Shape.axis "concatenate" first.Shape axis

            for part in parts do
                if
                    part.Shape.Length <> first.Shape.Length
                    || List.updateAt axis 0 part.Shape <> List.updateAt axis 0 first.Shape
                then
                    Shape.fail
                        $"concatenate: shapes {Shape.show first.Shape} and {Shape.show part.Shape} differ outside of axis {axis}."

            let length = parts |> List.sumBy (fun part -> int64 part.Shape[axis])

            if length > int64 Shape.most then
                Shape.fail $"concatenate: the parts have {length} entries along axis {axis}, at most {Shape.most} fit."

            let starts = parts |> List.scan (fun start part -> start + part.Shape[axis]) 0
            let length = List.last starts

            List.zip parts (List.take parts.Length starts)
            |> List.map (fun (part, start) -> pad axis start length part)
            |> List.reduce Arithmetic.add
