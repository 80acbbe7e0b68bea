namespace Interp

open System
open Interp.Kernels

/// Products of two tensors summed over shared axes. Every product of this system is one of these; their
/// derivatives are again of this kind.
module internal Einsum =

    /// "ab,bc->ac" as (ab, bc, ac).
    let private parse (subscripts: string) =
        match subscripts.Split([| ","; "->" |], StringSplitOptions.TrimEntries) with
        | [| a; b; result |] when subscripts.Contains "->" -> List.ofSeq a, List.ofSeq b, List.ofSeq result
        | _ -> Shape.fail $"einsum: \"{subscripts}\" is not of the form \"ab,bc->ac\"."

    let private sizes subscripts (indices: char list) (shape: Shape) =
        if indices.Length <> shape.Length || (List.distinct indices).Length <> indices.Length then
            Shape.fail
                $"einsum \"{subscripts}\": shape {Shape.show shape} does not fit the axes \"{String.Concat indices}\"."

        List.zip indices shape

    let private resultShape subscripts shapes =
        let a, b, result = parse subscripts

        match shapes with
        | [ shapeA; shapeB ] ->
            let all = sizes subscripts a shapeA @ sizes subscripts b shapeB

            for index, size in all do
                for other, otherSize in all do
                    if index = other && size <> otherSize then
                        Shape.fail
                            $"einsum \"{subscripts}\": axis {index} is {size} and {otherSize} in shapes {Shape.show shapeA} and {Shape.show shapeB}."

            let alone =
                (a @ b @ result) |> List.countBy id |> List.filter (fun (_, count) -> count < 2) |> List.map fst

            if not alone.IsEmpty then
                Shape.fail $"einsum \"{subscripts}\": axis {alone.Head} occurs only once."

            result |> List.map (fun index -> all |> List.find (fst >> (=) index) |> snd)
        | _ -> Shape.fail "einsum takes two tensors."

    /// Offsets of all combinations of some axes, the last one fastest.
    let private offsets (strides: (char * int) list) (axes: (char * int) list) =
        let stride index = strides |> List.tryFind (fst >> (=) index) |> Option.map snd |> Option.defaultValue 0

        (axes, [| 0 |])
        ||> List.foldBack (fun (index, size) inner ->
            Array.init size (fun i -> i * stride index)
            |> Array.collect (fun offset -> inner |> Array.map ((+) offset)))

    /// The axes of a product sorted by the operands they belong to: batch (a, b, result), row (a, result),
    /// column (b, result), depth (a, b).
    let private layout subscripts (shapeA: Shape) (shapeB: Shape) =
        let a, b, result = parse subscripts
        let size = List.zip a shapeA @ List.zip b shapeB |> List.distinct |> Map.ofList
        let has (index: char) indices = List.contains index indices
        let sized = List.map (fun index -> index, size[index])
        let shapeOut = result |> List.map (fun index -> size[index])
        let stridesOf indices shape = List.zip indices (List.ofArray (Shape.strides shape))
        let stridesA, stridesB, stridesOut = stridesOf a shapeA, stridesOf b shapeB, stridesOf result shapeOut
        let batch = result |> List.filter (fun i -> has i a && has i b) |> sized
        let rows = result |> List.filter (fun i -> has i a && not (has i b)) |> sized
        let columns = result |> List.filter (fun i -> has i b && not (has i a)) |> sized
        let depth = a |> List.filter (fun i -> has i b && not (has i result)) |> sized

        ContractionLayout(
            offsets stridesA batch,
            offsets stridesB batch,
            offsets stridesOut batch,
            offsets stridesA rows,
            offsets stridesOut rows,
            offsets stridesB columns,
            offsets stridesOut columns,
            offsets stridesA depth,
            offsets stridesB depth
        )

    /// The sum over all axes of both operands.
    let private definition subscripts (shapes: Shape list) (x: float[][]) =
        let a, b, result = parse subscripts
        let all = List.zip (a @ b) (shapes[0] @ shapes[1]) |> List.distinct
        let position axis = all |> List.findIndex (fst >> (=) axis)
        let only (axes: char list) (index: int[]) = [| for axis in axes -> index[position axis] |]

        Definitions.gathered (resultShape subscripts shapes) (List.map snd all) (only result) (fun index ->
            Definitions.at shapes[0] x[0] (only a index) * Definitions.at shapes[1] x[1] (only b index))

    // The activations' lanes run through the tile; the weights are packed once for all shards.
    let private lanesByShared subscripts (inputs: Form[]) lanes shared =
        // Flipped, not of the flipped subscripts: the sum runs in the same order whichever operand has the lanes.
        let layout =
            let layout = layout subscripts inputs[0].Shape inputs[1].Shape
            if lanes = 0 then layout else layout.Flipped

        let run accumulate (operands: Operand[]) (output: Operand) =
            Contraction.LanesByShared(
                layout,
                operands[lanes].ReadOnly,
                operands[shared].ReadOnly,
                output.Span,
                accumulate
            )

        {
            Trace.plain (run false) with
                Accumulate = Some(run true)
                Preparation =
                    Some {
                        Input = shared
                        Name = $"packed for {subscripts} with {inputs[lanes].Shape}"
                        Floats = Contraction.PackedLength layout
                        Prepare = fun weights packed -> Contraction.PackShared(layout, weights.ReadOnly, packed.Span)
                    }
        }

    let private kernel subscripts (inputs: Form[]) (_: Form) =
        let both (run: ContractionLayout -> bool -> Operand[] -> Operand -> unit) =
            let layout = layout subscripts inputs[0].Shape inputs[1].Shape

            { Trace.plain (run layout false) with Accumulate = Some(run layout true) }

        match inputs[0].Lanes, inputs[1].Lanes with
        | 1, 1 ->
            both (fun layout accumulate operands output ->
                Contraction.Shared(layout, operands[0].ReadOnly, operands[1].ReadOnly, output.Span, accumulate))
        | _, 1 -> lanesByShared subscripts inputs 0 1
        | 1, _ -> lanesByShared subscripts inputs 1 0
        | _ ->
            both (fun layout accumulate operands output ->
                Contraction.LanesByLanes(layout, operands[0].ReadOnly, operands[1].ReadOnly, output.Span, accumulate))

    let rec private primitive subscripts =
        let a, b, result =
            parse subscripts |> fun (a, b, r) -> String.Concat a, String.Concat b, String.Concat r

        {
            Name = $"einsum {subscripts}"
            Shape = resultShape subscripts
            Definition = definition subscripts
            Kernel = kernel subscripts
            Pullback =
                fun inputs _ g i ->
                    if i = 0 then
                        einsum $"{result},{b}->{a}" g inputs[1]
                    else
                        einsum $"{a},{result}->{b}" inputs[0] g
            Summed = Some(fun () -> summed subscripts)
            SumsBatch = false
            Shareable = [ 0; 1 ]
        }

    /// The product summed over the batch as well: a weight's gradient in one kernel.
    and private summed subscripts =
        let product = primitive subscripts

        {
            product with
                Name = $"{product.Name}, summed over the batch"
                Kernel =
                    fun inputs result ->
                        match inputs[0].Lanes, inputs[1].Lanes with
                        | 16, 16 ->
                            let layout = layout subscripts inputs[0].Shape inputs[1].Shape

                            Trace.plain (fun operands output ->
                                Contraction.SumOfLanes(layout, operands[0].ReadOnly, operands[1].ReadOnly, output.Span))
                        | 1, 1 -> kernel subscripts inputs result
                        | _ -> Shape.fail $"einsum \"{subscripts}\": one operand has no sequences to sum over."
                Summed = None
                SumsBatch = true
                Shareable = [ 0; 1 ]
        }

    and einsum subscripts (a: Tensor) (b: Tensor) = Trace.apply (primitive subscripts) [| a; b |]

    /// Matrix product over the last two axes; leading axes of equal size go along, missing ones are stretched.
    let matmul (a: Tensor) (b: Tensor) =
        let letters = "abcdefgh"

        if a.Shape.Length < 2 || b.Shape.Length < 2 then
            Shape.fail $"matmul: shapes {Shape.show a.Shape} and {Shape.show b.Shape} are not both matrices."

        let leading (shape: Shape) = List.take (shape.Length - 2) shape
        let rank = max a.Shape.Length b.Shape.Length - 2

        if rank > letters.Length then
            Shape.fail
                $"matmul: shapes {Shape.show a.Shape} and {Shape.show b.Shape} have more than {letters.Length} leading axes."

        let batch = Shape.broadcast "matmul" (leading a.Shape) (leading b.Shape)

        // An axis of one entry, or a missing one, takes no part: the other operand's axis is a row or column then.
        let squeeze (x: Tensor) =
            let pad = rank - (x.Shape.Length - 2)

            let kept =
                [
                    for axis in pad .. rank - 1 do
                        if x.Shape[axis - pad] <> 1 || batch[axis] = 1 && pad <= axis then
                            axis
                ]
                |> List.filter (fun axis -> x.Shape[axis - pad] = batch[axis] && batch[axis] <> 1)

            let shape = (kept |> List.map (fun axis -> batch[axis])) @ List.skip (x.Shape.Length - 2) x.Shape
            Movement.reshape shape x, String.Concat(kept |> List.map (fun axis -> letters[axis]))

        let a', indicesA = squeeze a
        let b', indicesB = squeeze b

        let real = [
            for axis in 0 .. rank - 1 do
                if batch[axis] <> 1 then
                    axis
        ]

        let indices = String.Concat(real |> List.map (fun axis -> letters[axis]))

        einsum $"{indicesA}mk,{indicesB}kn->{indices}mn" a' b'
        |> Movement.reshape (batch @ [ a.Shape[a.Shape.Length - 2]; b.Shape[b.Shape.Length - 1] ])
