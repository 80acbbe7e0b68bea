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

    let private gatherKernel (inputs: Form[]) (_: Form) =
        let outer, vocabulary, width = split inputs[0].Shape
        let batch, n = Shape.size outer, inputs[1].Shape.Head

        Kernel.plain (fun operands output ->
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

    let private scatterKernel vocabulary (inputs: Form[]) (result: Form) =
        let outer, n, width = split inputs[0].Shape
        let batch = Shape.size outer

        if inputs[0].Lanes > 1 && result.Lanes = 1 then
            {
                Kernel.plain (fun operands output ->
                    Gather.AddRows(
                        operands[0].ReadOnly,
                        operands[1].ReadOnly,
                        output.Span,
                        batch,
                        vocabulary,
                        n,
                        width
                    )) with
                    Preparation = Some(1, Ordered(vocabulary, n, inputs[1].Lanes))
            }
        else
            Kernel.plain (fun operands output ->
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

    /// [.., rows, width] at indices [n] is [.., n, width].
    let rec gather (table: Tensor) (index: Tensor) =
        let shape (shapes: Shape list) =
            match shapes with
            | [ table; [ n ] ] when table.Length > 1 ->
                let outer, _, width = split table
                outer @ [ n; width ]
            | _ ->
                let found = shapes |> List.map Shape.show |> String.concat " and "
                Shape.fail $"gather: wants a table [.., vocab, width] and a vector of indices [pos], found {found}."

        let definition shapes (x: float[][]) =
            Definitions.table (shape shapes) (fun index -> Definitions.at shapes[0] x[0] (row x[1] index))

        let pullback (inputs: Tensor[]) (_: Tensor) g _ =
            let _, vocabulary, _ = split inputs[0].Shape
            scatter vocabulary g inputs[1]

        Trace.apply { Primitive.plain "gather" shape definition gatherKernel pullback with Shareable = [ 0; 1 ] } [|
            table
            index
        |]

    /// [.., n, width] added up in the rows that the indices [n] name: [.., rows, width].
    and scatter vocabulary (g: Tensor) (index: Tensor) = Trace.apply (scatterPrimitive vocabulary false) [| g; index |]

    and private scatterPrimitive vocabulary summed : Primitive =
        let shape (shapes: Shape list) =
            let outer, _, width = split shapes.Head
            outer @ [ vocabulary; width ]

        let definition shapes (x: float[][]) =
            Definitions.gathered (shape shapes) shapes.Head (row x[1]) (Definitions.at shapes.Head x[0])

        {
            Primitive.plain "scatter" shape definition (scatterKernel vocabulary) (fun inputs _ u _ ->
                gather u inputs[1]) with
                Role = if summed then BatchSum else Ordinary
                Summed = if summed then None else Some(fun () -> scatterPrimitive vocabulary true)
                Shareable = [ 0; 1 ]
        }
