namespace Interp

open System.Threading

/// Numbers for the vertices of traces; a later vertex has a larger one.
module internal Identity =

    let mutable private last = 0L
    let next () = Interlocked.Increment &last

namespace rec Interp

open System
open Interp.Kernels

/// A window of a buffer that a kernel reads or writes: `Length` floats from `Offset`.
[<Struct; NoEquality; NoComparison>]
type internal Operand = {
    Buffer: float32[]
    Offset: int
    Length: int
} with

    member operand.Span = Span<float32>(operand.Buffer, operand.Offset, operand.Length)
    member operand.ReadOnly = ReadOnlySpan<float32>(operand.Buffer, operand.Offset, operand.Length)

/// Shape and lanes of an operand: 1 lane for an ordinary tensor, 16 for a value of 16 sequences, which
/// is the same row-major tensor with one hidden last axis of 16.
[<Struct>]
type internal Form = {
    Shape: Shape
    Lanes: int
} with

    member form.Floats = Shape.size form.Shape * form.Lanes

/// A form of an operand that a kernel works on in the operand's place, made once for all kernels that want the same of one
/// operand: weights packed for the matrix product, letters sorted for adding up by letter.
[<NoEquality; NoComparison>]
type internal Preparation = {
    Input: int
    /// What is wanted; equal for equal results.
    Name: string
    Floats: int
    Prepare: Operand -> Operand -> unit
}

/// How a primitive is computed for operands of known forms.
[<NoEquality; NoComparison>]
type internal Kernel = {
    Run: Operand[] -> Operand -> unit
    /// The same, added to what the result holds.
    Accumulate: (Operand[] -> Operand -> unit) option
    Preparation: Preparation option
    /// Inputs whose buffer the result may take over.
    Overwrites: int list
    /// The kernel leaves parts of the result alone that must read as zero.
    Sparse: bool
}

/// One row of the table of differentiation: a function of tensors, its law, its value and its derivative rule.
[<NoEquality; NoComparison>]
type Primitive = internal {
    Name: string
    /// The result's shape, or `ArgumentException`.
    Shape: Shape list -> Shape
    /// The law: the primitive's formula as plain loops in float64, from the inputs' shapes and elements. Kernel and rule are
    /// held to it by the tests; nothing else uses it.
    Definition: Shape list -> float[][] -> float[]
    Kernel: Form[] -> Form -> Kernel
    /// Inputs, output, cotangent of the output, and the number of an input: that input's cotangent.
    Pullback: Tensor[] -> Tensor -> Tensor -> int -> Tensor
    /// The same primitive followed by a sum over the batch, where that is one kernel.
    Summed: (unit -> Primitive) option
    /// The result is one value for the whole batch.
    SumsBatch: bool
    /// Inputs that the kernel takes with one lane as well where others have sixteen.
    Shareable: int list
}

/// Where the value of a node comes from.
[<NoEquality; NoComparison>]
type internal Source =
    /// Stands for a value given later.
    | Variable
    /// One row for each sequence of a batch; no rows when they are given later.
    | Sequences of rows: Tokens list option * threads: int
    /// One over the number of the batch's sequences.
    | Weight of sequences: Tensor
    | Applied of Primitive * Tensor[]
    /// Only in plans: what a preparation makes of a value.
    | Prepared of Preparation * Tensor

/// A vertex of a traced computation.
[<ReferenceEquality>]
type internal Node = {
    /// Grows with creation, so inputs have smaller numbers.
    Id: int64
    Source: Source
    Shape: Shape
    /// The value differs from sequence to sequence.
    Batched: bool
    /// The value depends on something given later.
    Open: bool
}

/// An immutable, row-major tensor of float32; or, while a function is traced, the record of how one is computed.
[<CustomEquality; NoComparison>]
type Tensor =
    internal
    | Value of Shape * float32[]
    | Node of Node

    member tensor.Shape =
        match tensor with
        | Value(shape, _) -> shape
        | Node node -> node.Shape

    /// A copy of the elements, row-major. Raises `InvalidOperationException` while the tensor is traced.
    member tensor.ToArray() = Array.copy tensor.Data

    member internal tensor.Data =
        match tensor with
        | Value(_, data) -> data
        | Node node ->
            raise (
                InvalidOperationException
                    $"A tensor of shape {Shape.show node.Shape} has no value yet: the function around it is being traced, so it must not look at values."
            )

    member internal tensor.Batched =
        match tensor with
        | Value _ -> false
        | Node node -> node.Batched

    /// The same shape and the same bits.
    override tensor.Equals other =
        match tensor, other with
        | Value(shape, data), (:? Tensor as other) ->
            match other with
            | Value(otherShape, otherData) ->
                shape = otherShape
                && Runtime.InteropServices.MemoryMarshal
                    .AsBytes(ReadOnlySpan data)
                    .SequenceEqual(Runtime.InteropServices.MemoryMarshal.AsBytes(ReadOnlySpan otherData))
            | Node _ -> false
        | _ -> Object.ReferenceEquals(tensor, other)

    override tensor.GetHashCode() =
        match tensor with
        | Value(shape, data) -> HashCode.Combine(hash shape, (if data.Length = 0 then 0.0f else data[0]))
        | Node node -> node.Id.GetHashCode()

    override tensor.ToString() =
        match tensor with
        | Value(shape, data) when data.Length <= 64 -> $"""tensor {Shape.show shape} [{String.Join("; ", data)}]"""
        | _ -> $"tensor {Shape.show tensor.Shape}"

    // Broadcasting is NumPy's. All raise `ArgumentException` for shapes that do not fit.
    static member (+)(a, b) = Arithmetic.add a b
    static member (-)(a, b) = Arithmetic.subtract a b
    static member (*)(a, b) = Arithmetic.multiply a b
    static member (/)(a, b) = Arithmetic.divide a b
    static member (~-)(a: Tensor) = Arithmetic.scale -1.0 a
    static member (*)(a: Tensor, factor: float) = Arithmetic.scale factor a
    static member (*)(factor: float, a: Tensor) = Arithmetic.scale factor a
    static member (/)(a: Tensor, divisor: float) = Arithmetic.scale (1.0 / divisor) a
    static member (+)(a: Tensor, b: float) = Arithmetic.add a (Value([], [| float32 b |]))
    static member (+)(a: float, b: Tensor) = Arithmetic.add (Value([], [| float32 a |])) b
    static member (-)(a: Tensor, b: float) = Arithmetic.subtract a (Value([], [| float32 b |]))
    static member (-)(a: float, b: Tensor) = Arithmetic.subtract (Value([], [| float32 a |])) b
    static member (/)(a: float, b: Tensor) = Arithmetic.divide (Value([], [| float32 a |])) b

/// A sequence of letters, counted from 0: an immutable vector [pos] of integers.
[<Struct>]
type Tokens =
    internal
    | Tokens of Tensor

    member tokens.Length = let (Tokens index) = tokens in index.Shape.Head
    /// A copy of the letters' numbers.
    member tokens.ToArray() = let (Tokens index) = tokens in Array.map int index.Data

/// Values and traces: what happens when a primitive is applied.
module internal Trace =

    let node source shape batched isOpen =
        Node { Id = Identity.next (); Source = source; Shape = shape; Batched = batched; Open = isOpen }

    let variable shape = node Variable shape false true

    let isOpen tensor =
        match tensor with
        | Value _ -> false
        | Node node -> node.Open

    let plain run = { Run = run; Accumulate = None; Preparation = None; Overwrites = []; Sparse = false }

    let private operand data = { Buffer = data; Offset = 0; Length = data.Length }

    /// The value of a primitive at values.
    let private evaluate primitive (inputs: Tensor[]) shape =
        let form tensor : Form = { Shape = tensor; Lanes = 1 }

        let kernel = primitive.Kernel (inputs |> Array.map (fun input -> form input.Shape)) (form shape)

        let operands = inputs |> Array.map (fun input -> operand input.Data)

        match kernel.Preparation with
        | Some preparation ->
            let prepared = operand (Array.zeroCreate preparation.Floats)
            preparation.Prepare operands[preparation.Input] prepared
            operands[preparation.Input] <- prepared
        | None -> ()

        let result = Array.zeroCreate (Shape.size shape)
        kernel.Run operands (operand result)
        Value(shape, result)

    /// One value for every sequence of the batch.
    let spreadPrimitive () : Primitive = {
        Name = "spread"
        Shape = List.head
        Definition = Definitions.same
        Kernel =
            fun inputs result ->
                let size = [| Shape.size result.Shape; result.Lanes |]
                let source = [| 1; 0 |]
                let target = [| result.Lanes; 1 |]

                plain (fun operands output ->
                    if inputs[0].Lanes = result.Lanes then
                        operands[0].Span.CopyTo output.Span
                    else
                        Strided.Copy(size, source, 0, operands[0].ReadOnly, target, 0, output.Span, 1))
        Pullback = fun _ _ g _ -> g
        Summed = None
        SumsBatch = false
        Shareable = [ 0 ]
    }

    let private spread (x: Tensor) = node (Applied(spreadPrimitive (), [| x |])) x.Shape true (isOpen x)

    /// Evaluates a primitive at values; records it where an input is traced.
    let apply (primitive: Primitive) (inputs: Tensor[]) : Tensor =
        let shape = primitive.Shape(inputs |> Array.map (fun input -> input.Shape) |> Array.toList)

        let batched = inputs |> Array.exists (fun input -> input.Batched)

        if inputs |> Array.forall (fun input -> input.IsValue) then
            evaluate primitive inputs shape
        else
            let inputs =
                inputs
                |> Array.mapi (fun i input ->
                    if batched && not input.Batched && not (List.contains i primitive.Shareable) then
                        spread input
                    else
                        input)

            node (Applied(primitive, inputs)) shape (batched && not primitive.SumsBatch) (Array.exists isOpen inputs)

/// Arithmetic with broadcasting, and the two primitives that broadcasting's derivative needs.
module Arithmetic =

    // Lanes as a last axis: an operand of one lane is stretched over the sixteen.
    let private withLanes (result: Form) (input: Form) =
        let strides = Shape.broadcastStrides input.Shape result.Shape

        if result.Lanes = 1 then
            strides
        else
            Array.append (strides |> Array.map ((*) input.Lanes)) [| (if input.Lanes = 1 then 0 else 1) |]

    let private dimensions (form: Form) =
        if form.Lanes = 1 then
            List.toArray form.Shape
        else
            Array.append (List.toArray form.Shape) [| form.Lanes |]

    let internal layout (inputs: Form[]) (result: Form) =
        BroadcastLayout(dimensions result, withLanes result inputs[0], withLanes result inputs[1])

    let private sameForm (a: Form) (b: Form) = a = b

    let private binary name law run pullback = {
        Name = name
        Shape =
            (function
            | [ a; b ] -> Shape.broadcast name a b
            | _ -> Shape.fail $"{name} takes two tensors.")
        Definition = Definitions.map2 law
        Kernel =
            fun inputs result ->
                let layout = layout inputs result

                {
                    Trace.plain (fun operands output -> run layout operands[0] operands[1] output) with
                        Overwrites = [ 0; 1 ] |> List.filter (fun i -> sameForm inputs[i] result)
                }
        Pullback = pullback
        Summed = None
        SumsBatch = false
        Shareable = [ 0; 1 ]
    }

    let internal unary name law run pullback = {
        Name = name
        Shape = List.head
        Definition = Definitions.map law
        Kernel = fun _ _ -> { Trace.plain (fun operands output -> run operands[0] output) with Overwrites = [ 0 ] }
        Pullback = pullback
        Summed = None
        SumsBatch = false
        Shareable = []
    }

    /// Sums a tensor over the axes along which `shape` would have to be stretched to the tensor's shape.
    let sumTo (shape: Shape) (x: Tensor) : Tensor =
        let primitive = {
            Name = "sumTo"
            Shape =
                fun shapes ->
                    if Shape.broadcast "sumTo" shapes.Head shape <> shapes.Head then
                        Shape.fail $"sumTo: shape {Shape.show shape} does not stretch to {Shape.show shapes.Head}."

                    shape
            Definition = fun shapes x -> Definitions.gathered shape shapes.Head id (Definitions.at shapes.Head x[0])
            Kernel =
                fun inputs result ->
                    let strides = Shape.broadcastStrides shape inputs[0].Shape

                    let strides =
                        if result.Lanes = 1 then
                            strides
                        else
                            Array.append (strides |> Array.map ((*) result.Lanes)) [| 1 |]

                    let layout = ReductionLayout(dimensions inputs[0], strides)
                    Trace.plain (fun operands output -> Reduction.Sum(layout, operands[0].ReadOnly, output.Span))
            Pullback = fun inputs _ g _ -> broadcastTo inputs[0].Shape g
            Summed = None
            SumsBatch = false
            Shareable = []
        }

        if x.Shape = shape then x else Trace.apply primitive [| x |]

    /// Stretches a tensor to `shape`.
    let broadcastTo (shape: Shape) (x: Tensor) : Tensor =
        let primitive = {
            Name = "broadcastTo"
            Shape =
                fun shapes ->
                    if Shape.broadcast "broadcastTo" shapes.Head shape <> shape then
                        Shape.fail
                            $"broadcastTo: shape {Shape.show shapes.Head} does not stretch to {Shape.show shape}."

                    shape
            Definition = fun shapes x -> Definitions.table shape (Definitions.at shapes.Head x[0])
            Kernel =
                fun inputs result ->
                    let source = Shape.broadcastStrides inputs[0].Shape shape
                    let target = Shape.strides shape
                    let size = List.toArray shape

                    Trace.plain (fun operands output ->
                        Strided.Copy(size, source, 0, operands[0].ReadOnly, target, 0, output.Span, result.Lanes))
            Pullback = fun inputs _ g _ -> sumTo inputs[0].Shape g
            Summed = None
            SumsBatch = false
            Shareable = []
        }

        if x.Shape = shape then x else Trace.apply primitive [| x |]

    /// a + b.
    let add (a: Tensor) (b: Tensor) : Tensor =
        Trace.apply
            (binary
                "add"
                (+)
                (fun layout a b result -> Elementwise.Add(layout, a.ReadOnly, b.ReadOnly, result.Span))
                (fun inputs _ g i -> sumTo inputs[i].Shape g))
            [| a; b |]

    /// a - b.
    let subtract (a: Tensor) (b: Tensor) : Tensor =
        Trace.apply
            (binary
                "subtract"
                (-)
                (fun layout a b result -> Elementwise.Subtract(layout, a.ReadOnly, b.ReadOnly, result.Span))
                (fun inputs _ g i -> sumTo inputs[i].Shape (if i = 0 then g else scale -1.0 g)))
            [| a; b |]

    /// a * b, element by element.
    let multiply (a: Tensor) (b: Tensor) : Tensor =
        Trace.apply
            (binary
                "multiply"
                (*)
                (fun layout a b result -> Elementwise.Multiply(layout, a.ReadOnly, b.ReadOnly, result.Span))
                (fun inputs _ g i -> sumTo inputs[i].Shape (multiply g inputs[1 - i])))
            [| a; b |]

    /// a / b, element by element.
    let divide (a: Tensor) (b: Tensor) : Tensor =
        Trace.apply
            (binary
                "divide"
                (/)
                (fun layout a b result -> Elementwise.Divide(layout, a.ReadOnly, b.ReadOnly, result.Span))
                (fun inputs output g i ->
                    let quotient = divide g inputs[1]

                    if i = 0 then
                        sumTo inputs[0].Shape quotient
                    else
                        sumTo inputs[1].Shape (scale -1.0 (multiply quotient output))))
            [| a; b |]

    /// factor * x.
    let scale (factor: float) (x: Tensor) : Tensor =
        Trace.apply
            (unary
                "scale"
                ((*) factor)
                (fun x result -> Elementwise.Scale(x.ReadOnly, float32 factor, result.Span))
                (fun _ _ g _ -> scale factor g))
            [| x |]

    let private batchSumPrimitive () : Primitive = {
        Name = "batchSum"
        Shape = List.head
        // Of one sequence; the sum over many is a law of batches.
        Definition = Definitions.same
        Kernel =
            fun inputs _ ->
                if inputs[0].Lanes = 1 then
                    Trace.plain (fun operands output -> operands[0].Span.CopyTo output.Span)
                else
                    Trace.plain (fun operands output -> Reduction.SumLanes(operands[0].ReadOnly, output.Span))
        Pullback = fun _ _ g _ -> g
        Summed = None
        SumsBatch = true
        Shareable = []
    }

    /// The sum of a value over all sequences of the batch it belongs to.
    let internal batchSum (x: Tensor) : Tensor =
        match x with
        | Node { Source = Applied({ Summed = Some summed }, inputs) } -> Trace.apply (summed ()) inputs
        | _ -> Trace.apply (batchSumPrimitive ()) [| x |]
