namespace Interp

open Interp.Kernels

/// Kernels that read a tensor of one shape as if it had another. Lanes are a last axis here, along which an input of one lane
/// is stretched over the sixteen.
module internal Broadcasting =

    let private dimensions (form: Form) =
        if form.Lanes = 1 then
            List.toArray form.Shape
        else
            Array.append (List.toArray form.Shape) [| form.Lanes |]

    /// Strides with which `source` is read as if it had form `target`.
    let private strides (target: Form) (source: Form) =
        let strides = Shape.broadcastStrides source.Shape target.Shape

        if target.Lanes = 1 then
            strides
        else
            Array.append (strides |> Array.map ((*) source.Lanes)) [| (if source.Lanes = 1 then 0 else 1) |]

    /// A function of two numbers, element by element.
    let binary (run: BroadcastLayout -> Operand -> Operand -> Operand -> unit) (inputs: Form[]) (result: Form) =
        let layout = BroadcastLayout(dimensions result, strides result inputs[0], strides result inputs[1])

        {
            Kernel.plain (fun operands output -> run layout operands[0] operands[1] output) with
                Overwrites = [ 0; 1 ] |> List.filter (fun i -> inputs[i] = result)
        }

    /// Sums over the axes along which the result would have to be stretched to the input's form, over a number.
    let sum divisor (inputs: Form[]) (result: Form) =
        let layout = ReductionLayout(dimensions inputs[0], strides inputs[0] result)
        Kernel.plain (fun operands output -> Reduction.Sum(layout, operands[0].ReadOnly, divisor, output.Span))

    /// The input stretched to the result's shape.
    let stretch (inputs: Form[]) (result: Form) =
        let source = Shape.broadcastStrides inputs[0].Shape result.Shape
        let target = Shape.strides result.Shape
        let size = List.toArray result.Shape

        Kernel.plain (fun operands output ->
            Strided.Copy(size, source, 0, operands[0].ReadOnly, target, 0, output.Span, result.Lanes))

    /// One value for all sequences given to each of the sixteen lanes.
    let spread (inputs: Form[]) (result: Form) =
        let size = [| Shape.size result.Shape; result.Lanes |]
        let source = [| 1; 0 |]
        let target = [| result.Lanes; 1 |]

        Kernel.plain (fun operands output ->
            if inputs[0].Lanes = result.Lanes then
                operands[0].Span.CopyTo output.Span
            else
                Strided.Copy(size, source, 0, operands[0].ReadOnly, target, 0, output.Span, 1))
