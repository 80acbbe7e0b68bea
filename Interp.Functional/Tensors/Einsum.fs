namespace Interp

open Interp.Kernels

/// Products of two tensors summed over shared axes. Every product of this system is one of these; their
/// derivatives are again of this kind.
module internal Einsum =

    let private resultShape subscripts shapes =
        match shapes with
        | [ left; right ] -> Subscripts.resultShape subscripts left right
        | _ -> Broken.because "einsum was not given two tensors."

    /// The sum over all axes of both factors.
    let private definition subscripts (shapes: Shape list) (x: float[][]) =
        let { Left = a; Right = b; Result = result } = subscripts
        let target = resultShape subscripts shapes
        // Those of the result first, so that its elements are made one after the other.
        let sizes = Map.ofList (List.zip (a @ b) (shapes[0] @ shapes[1]))
        let all = List.distinct (result @ a @ b)

        let along (axes: char list) (shape: Shape) =
            let strides = Shape.strides shape

            [|
                for axis in all ->
                    axes |> List.tryFindIndex ((=) axis) |> Option.map (Array.get strides) |> Option.defaultValue 0
            |]

        Definitions.contraction
            [| for axis in all -> sizes[axis] |]
            (fun _ -> true)
            (Shape.size target)
            (along result target)
            (x[0], along a shapes[0])
            (x[1], along b shapes[1])

    // The lanes of one factor run through the tiles; the other one is packed once for all shards.
    let private lanesByShared subscripts (inputs: Form[]) lanes packed =
        let shared = if packed = Side.Left then 0 else 1
        let left, right = inputs[0].Shape, inputs[1].Shape
        let layout = Preparation.layout subscripts left right packed

        let run accumulate (operands: Operand[]) (output: Operand) =
            Contraction.LanesByShared(
                layout,
                operands[lanes].ReadOnly,
                operands[shared].ReadOnly,
                output.Span,
                accumulate
            )

        {
            Kernel.plain (run false) with
                Accumulate = Some(run true)
                Preparation = Some(shared, Packed(subscripts, left, right, packed))
        }

    let private layout subscripts (inputs: Form[]) = Subscripts.layout subscripts inputs[0].Shape inputs[1].Shape

    let private kernel subscripts (inputs: Form[]) (_: Form) =
        let both (run: ContractionLayout -> bool -> Operand[] -> Operand -> unit) =
            let layout = layout subscripts inputs
            { Kernel.plain (run layout false) with Accumulate = Some(run layout true) }

        match inputs[0].Lanes, inputs[1].Lanes with
        | 1, 1 ->
            both (fun layout accumulate operands output ->
                Contraction.Shared(layout, operands[0].ReadOnly, operands[1].ReadOnly, output.Span, accumulate))
        | _, 1 -> lanesByShared subscripts inputs 0 Side.Right
        | 1, _ -> lanesByShared subscripts inputs 1 Side.Left
        | _ ->
            both (fun layout accumulate operands output ->
                Contraction.LanesByLanes(layout, operands[0].ReadOnly, operands[1].ReadOnly, output.Span, accumulate))

    let private summedKernel subscripts (inputs: Form[]) (result: Form) =
        match inputs[0].Lanes, inputs[1].Lanes with
        | 1, 1 -> kernel subscripts inputs result
        | lanes, other when lanes = other ->
            let layout = layout subscripts inputs

            Kernel.plain (fun operands output ->
                Contraction.SumOfLanes(layout, operands[0].ReadOnly, operands[1].ReadOnly, output.Span))
        | _ -> Broken.because $"einsum \"{Subscripts.show subscripts}\": one factor has no sequences to sum over."

    let rec private primitive subscripts =
        let { Left = left; Right = right; Result = result } = subscripts

        {
            Primitive.plain
                "einsum"
                (resultShape subscripts)
                (definition subscripts)
                (kernel subscripts)
                (fun inputs _ g i ->
                    if i = 0 then
                        product { Left = result; Right = right; Result = left } g inputs[1]
                    else
                        product { Left = left; Right = result; Result = right } inputs[0] g) with
                Summed = Some(fun () -> summed subscripts)
                Shareable = [ 0; 1 ]
        }

    /// The product summed over the batch as well: a weight's gradient in one kernel.
    and private summed subscripts = {
        primitive subscripts with
            Role = BatchSum
            Kernel = summedKernel subscripts
            Summed = None
    }

    and private product subscripts (a: Tensor) (b: Tensor) = Trace.apply (primitive subscripts) [| a; b |]

    /// The product that a text like "ab,bc->ac" says.
    let einsum subscripts (a: Tensor) (b: Tensor) = product (Subscripts.parse subscripts) a b

    /// Matrix product over the last two axes; leading axes of equal size go along, missing ones are stretched.
    let matmul (a: Tensor) (b: Tensor) =
        let letters = [ 'a' .. 'h' ]

        if a.Shape.Length < 2 || b.Shape.Length < 2 then
            Shape.fail $"matmul: shapes {Shape.show a.Shape} and {Shape.show b.Shape} are not both matrices."

        if List.last a.Shape <> b.Shape[b.Shape.Length - 2] then
            Shape.fail
                $"matmul: shapes {Shape.show a.Shape} and {Shape.show b.Shape} do not fit, the first has {List.last a.Shape} columns and the second {b.Shape[b.Shape.Length - 2]} rows."

        let leading (shape: Shape) = List.take (shape.Length - 2) shape
        let rank = max a.Shape.Length b.Shape.Length - 2

        if rank > letters.Length then
            Shape.fail
                $"matmul: shapes {Shape.show a.Shape} and {Shape.show b.Shape} have more than {letters.Length} leading axes."

        let batch =
            match Shape.tryBroadcast (leading a.Shape) (leading b.Shape) with
            | Some batch -> batch
            | None ->
                Shape.fail
                    $"matmul: the leading axes of shapes {Shape.show a.Shape} and {Shape.show b.Shape} do not broadcast together."

        // An axis of one entry, or a missing one, takes no part: the other factor's axis is a row or column then.
        let squeeze (x: Tensor) =
            let pad = rank - (x.Shape.Length - 2)

            let kept = [
                for axis in pad .. rank - 1 do
                    if x.Shape[axis - pad] = batch[axis] && batch[axis] <> 1 then
                        axis
            ]

            let shape = (kept |> List.map (fun axis -> batch[axis])) @ List.skip (x.Shape.Length - 2) x.Shape
            Movement.reshape shape x, kept |> List.map (fun axis -> letters[axis])

        let a', left = squeeze a
        let b', right = squeeze b

        let both = [
            for axis in 0 .. rank - 1 do
                if batch[axis] <> 1 then
                    letters[axis]
        ]

        product { Left = left @ [ 'm'; 'k' ]; Right = right @ [ 'k'; 'n' ]; Result = both @ [ 'm'; 'n' ] } a' b'
        |> Movement.reshape (batch @ [ a.Shape[a.Shape.Length - 2]; b.Shape[b.Shape.Length - 1] ])
