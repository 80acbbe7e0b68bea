namespace Interp

open Interp.Kernels

/// Axes in another order, and tensors joined along one.
module internal Axes =

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
            |> List.map (fun (part, start) -> Movement.pad axis start length part)
            |> List.reduce Arithmetic.add
