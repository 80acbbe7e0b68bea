namespace Interp

open Interp.Kernels

/// Rows of a table by number, and their derivative.
module internal Gathering =

    let private split (shape: Shape) =
        match List.rev shape with
        | width :: length :: outer -> List.rev outer, length, width
        | _ -> Shape.fail $"gather: a table of shape {Shape.show shape} has no rows."

    /// The index with its last but one axis, a place among the indices, replaced by the row named there.
    let private row (indices: float[]) (index: int[]) =
        Array.updateAt (index.Length - 2) (int indices[index[index.Length - 2]]) index

    /// [.., rows, width] at indices [n] is [.., n, width].
    let rec gather (table: Tensor) (index: Tensor) =
        let primitive = {
            Name = "gather"
            Shape =
                function
                | [ table; [ n ] ] ->
                    let outer, _, width = split table
                    outer @ [ n; width ]
                | shapes -> Shape.fail $"gather: wants a table and a vector of indices, found {shapes}."
            Definition =
                fun shapes x ->
                    let outer, _, width = split shapes[0]

                    Definitions.table (outer @ shapes[1] @ [ width ]) (fun index ->
                        Definitions.at shapes[0] x[0] (row x[1] index))
            Kernel =
                fun inputs _ ->
                    let outer, vocabulary, width = split inputs[0].Shape
                    let batch, n = Shape.size outer, inputs[1].Shape.Head

                    Trace.plain (fun operands output ->
                        Gather.Rows(
                            operands[0].ReadOnly,
                            inputs[0].Lanes,
                            operands[1].ReadOnly,
                            inputs[1].Lanes,
                            output.Span,
                            batch,
                            vocabulary,
                            n,
                            width
                        ))
            Pullback =
                fun inputs _ g _ ->
                    let _, vocabulary, _ = split inputs[0].Shape
                    scatter vocabulary g inputs[1]
            Summed = None
            SumsBatch = false
            Shareable = [ 0; 1 ]
        }

        Trace.apply primitive [| table; index |]

    /// [.., n, width] added up in the rows that the indices [n] name: [.., rows, width].
    and scatter vocabulary (g: Tensor) (index: Tensor) = Trace.apply (scatterPrimitive vocabulary false) [| g; index |]

    and private scatterPrimitive vocabulary summed : Primitive = {
        Name = "scatter"
        Shape =
            fun shapes ->
                let outer, _, width = split shapes.Head
                outer @ [ vocabulary; width ]
        Definition =
            fun shapes x ->
                let outer, _, width = split shapes.Head

                Definitions.gathered
                    (outer @ [ vocabulary; width ])
                    shapes.Head
                    (row x[1])
                    (Definitions.at shapes.Head x[0])
        Kernel =
            fun inputs result ->
                let outer, n, width = split inputs[0].Shape
                let batch = Shape.size outer

                if inputs[0].Lanes > 1 && result.Lanes = 1 then
                    {
                        Trace.plain (fun operands output ->
                            Gather.AddRows(
                                operands[0].ReadOnly,
                                operands[1].ReadOnly,
                                output.Span,
                                batch,
                                vocabulary,
                                n,
                                width
                            )) with
                            Preparation =
                                Some {
                                    Input = 1
                                    Name = $"letters of {vocabulary} in order"
                                    Floats = Gather.OrderLength(vocabulary, n)
                                    Prepare =
                                        fun index order ->
                                            Gather.Order(index.ReadOnly, inputs[1].Lanes, order.Span, vocabulary, n)
                                }
                    }
                else
                    Trace.plain (fun operands output ->
                        Gather.AddRows(
                            operands[0].ReadOnly,
                            inputs[0].Lanes,
                            operands[1].ReadOnly,
                            inputs[1].Lanes,
                            output.Span,
                            result.Lanes,
                            batch,
                            vocabulary,
                            n,
                            width
                        ))
        Pullback = fun inputs _ u _ -> gather u inputs[1]
        Summed = if summed then None else Some(fun () -> scatterPrimitive vocabulary true)
        SumsBatch = summed
        Shareable = [ 0; 1 ]
    }
