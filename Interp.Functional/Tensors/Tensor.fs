// Recursive, because the derivative rules of arithmetic are written with the operators of the tensors that it is made for.
namespace rec Interp

open System
open System.Runtime.InteropServices
open Interp.Kernels

/// What plans and batches must know of a primitive beyond its kernel.
type internal Role =
    /// The result is of the same sequence as the inputs.
    | Ordinary
    /// The sum of two tensors, so one of them may be added to the other in place.
    | Addition
    /// The result is a sum over the sequences of the batch: one value for all.
    | BatchSum

/// One row of the table of differentiation: a function of tensors, its law, its value and its derivative rule.
[<NoEquality; NoComparison>]
type internal Primitive = {
    Name: string
    Role: Role
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
    /// Inputs that the kernel takes with one lane as well where others have sixteen.
    Shareable: int list
}

module internal Primitive =

    /// A primitive with no more to it than what is given.
    let plain name shape definition kernel pullback : Primitive = {
        Name = name
        Role = Ordinary
        Shape = shape
        Definition = definition
        Kernel = kernel
        Pullback = pullback
        Summed = None
        Shareable = []
    }

/// Where the value of a node comes from.
[<NoEquality; NoComparison>]
type internal Source =
    /// Stands for a value given later.
    | Variable
    /// One row for each sequence of a batch; no rows when they are given later.
    | Sequences of rows: float32[][] option * threads: int
    /// 1 in the lanes that hold a sequence of the batch, 0 in those behind the last.
    | Occupied of sequences: Tensor
    | Applied of Primitive * Tensor[]
    /// Only in plans: what a preparation makes of a value.
    | Prepared of Preparation * Tensor

/// A vertex of a traced computation. A node is equal to itself only, so tables are kept by node.
[<ReferenceEquality>]
type internal Node = {
    /// Grows with creation, so inputs have smaller numbers.
    Number: int64
    Source: Source
    Shape: Shape
    /// The value differs from sequence to sequence.
    Batched: bool
    /// The value depends on something given later.
    Open: bool
}

/// An immutable, row-major tensor of float32; or, while a function is traced, the record of how one is computed.
/// Arithmetic is element by element and broadcasts as NumPy's does: axes are aligned at the right, and an axis that is missing
/// or has one entry is stretched. Shapes that do not fit raise `ArgumentException`.
[<StructuredFormatDisplay("{Display}")>]
[<CustomEquality; NoComparison>]
type Tensor =
    internal
    | Value of Shape * float32[]
    | Node of Node

    /// The size of each axis.
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

    /// The entry at an index along the first axis, or at indices along the first ones; the result has the other axes. With an index for
    /// every axis it is a scalar, a tensor of no axes, of which `float` makes a number. Raises `ArgumentException` for an index outside of
    /// its axis, and for more indices than axes.
    member tensor.Item
        with get ([<ParamArray>] index: int[]): Tensor = Movement.at index tensor

    /// The one element as a number. Raises `ArgumentException` for more, `InvalidOperationException` while the tensor is traced.
    static member op_Explicit(tensor: Tensor) : float = float (Movement.single tensor)

    /// The one element as a number. Raises `ArgumentException` for more, `InvalidOperationException` while the tensor is traced.
    static member op_Explicit(tensor: Tensor) : float32 = Movement.single tensor

    /// The node of a traced tensor.
    member internal tensor.Traced =
        match tensor with
        | Value _ -> ValueNone
        | Node node -> ValueSome node

    member internal tensor.Batched =
        match tensor with
        | Value _ -> false
        | Node node -> node.Batched

    member internal tensor.Open =
        match tensor with
        | Value _ -> false
        | Node node -> node.Open

    /// The same shape and the same bits; of traced tensors, the same place in the trace.
    override tensor.Equals other =
        match tensor, other with
        | Value(shape, data), (:? Tensor as other) ->
            match other with
            | Value(otherShape, otherData) ->
                shape = otherShape
                && MemoryMarshal.AsBytes(ReadOnlySpan data).SequenceEqual(MemoryMarshal.AsBytes(ReadOnlySpan otherData))
            | Node _ -> false
        | Node node, (:? Tensor as other) -> other.Traced = ValueSome node
        | _ -> false

    /// Of the shape and the first element.
    override tensor.GetHashCode() =
        match tensor with
        | Value(shape, data) -> HashCode.Combine(hash shape, (if data.Length = 0 then 0.0f else data[0]))
        | Node node -> node.Number.GetHashCode()

    member internal tensor.Display =
        match tensor with
        | Value(shape, data) -> TensorDisplay.value shape data
        | Node node -> TensorDisplay.traced node.Shape

    /// The shape, and the elements of a small tensor.
    override tensor.ToString() =
        match tensor with
        | Value(shape, data) when data.Length <= 64 -> $"""tensor {Shape.show shape} [{String.Join("; ", data)}]"""
        | _ -> $"tensor {Shape.show tensor.Shape}"

    /// a + b.
    static member (+)(a, b) = Arithmetic.add a b
    /// a - b.
    static member (-)(a, b) = Arithmetic.subtract a b
    /// a b, element by element.
    static member (*)(a, b) = Arithmetic.multiply a b
    /// a / b, element by element.
    static member (/)(a, b) = Arithmetic.divide a b
    /// -a.
    static member (~-)(a: Tensor) = Arithmetic.scale -1.0 a
    /// Each element times a number.
    static member (*)(a: Tensor, factor: float) = Arithmetic.scale factor a
    /// Each element times a number.
    static member (*)(factor: float, a: Tensor) = Arithmetic.scale factor a
    /// Each element over a number.
    static member (/)(a: Tensor, divisor: float) = Arithmetic.divide a (Value([], [| float32 divisor |]))
    /// Each element plus a number.
    static member (+)(a: Tensor, b: float) = Arithmetic.add a (Value([], [| float32 b |]))
    /// A number plus each element.
    static member (+)(a: float, b: Tensor) = Arithmetic.add (Value([], [| float32 a |])) b
    /// Each element minus a number.
    static member (-)(a: Tensor, b: float) = Arithmetic.subtract a (Value([], [| float32 b |]))
    /// A number minus each element.
    static member (-)(a: float, b: Tensor) = Arithmetic.subtract (Value([], [| float32 a |])) b
    /// A number over each element.
    static member (/)(a: float, b: Tensor) = Arithmetic.divide (Value([], [| float32 a |])) b

/// Values and traces: what happens when a primitive is applied.
module internal Trace =

    let node source shape batched isOpen =
        Node { Number = Identity.next (); Source = source; Shape = shape; Batched = batched; Open = isOpen }

    let variable shape = node Variable shape false true

    /// The value of a primitive at values.
    let private evaluate primitive (inputs: Tensor[]) shape =
        // Before any kernel is laid out for it.
        let size = Shape.size shape
        let form shape : Form = { Shape = shape; Lanes = 1 }
        let kernel = primitive.Kernel (inputs |> Array.map (fun input -> form input.Shape)) (form shape)
        let operands = inputs |> Array.map (fun input -> Operand.ofArray input.Data)

        match kernel.Preparation with
        | None -> ()
        | Some(input, preparation) ->
            let struct (floats, prepare) = Preparation.compile preparation
            let prepared = Operand.ofArray (Array.zeroCreate floats)
            prepare operands[input] prepared
            operands[input] <- prepared

        let result = Array.zeroCreate size
        kernel.Run operands (Operand.ofArray result)
        Value(shape, result)

    let spreadPrimitive () = {
        Primitive.plain "spread" List.head Definitions.same Broadcasting.spread (fun _ _ g _ -> g) with
            Shareable = [ 0 ]
    }

    /// One value for every sequence of the batch.
    let spread (x: Tensor) = node (Applied(spreadPrimitive (), [| x |])) x.Shape true x.Open

    /// Evaluates a primitive at values; records it where an input is traced.
    let apply (primitive: Primitive) (inputs: Tensor[]) : Tensor =
        let shape = primitive.Shape(inputs |> Array.map _.Shape |> Array.toList)
        let batched = inputs |> Array.exists _.Batched

        if inputs |> Array.forall _.IsValue then
            evaluate primitive inputs shape
        else
            let inputs =
                inputs
                |> Array.mapi (fun i input ->
                    if batched && not input.Batched && not (List.contains i primitive.Shareable) then
                        spread input
                    else
                        input)

            node
                (Applied(primitive, inputs))
                shape
                (batched && primitive.Role <> BatchSum)
                (inputs |> Array.exists _.Open)

/// Arithmetic with broadcasting, the two primitives that broadcasting's derivative needs, and the sum over a batch.
module internal Arithmetic =

    let binary name law run pullback = {
        Primitive.plain
            name
            (function
            | [ a; b ] -> Shape.broadcast name a b
            | _ -> Broken.because $"{name} was not given two tensors.")
            (Definitions.map2 law)
            (Broadcasting.binary run)
            pullback with
            Shareable = [ 0; 1 ]
    }

    let unary name law run pullback =
        let kernel _ _ = { Kernel.plain (fun operands output -> run operands[0] output) with Overwrites = [ 0 ] }
        Primitive.plain name List.head (Definitions.map law) kernel pullback

    /// Zeros of a tensor's shape: the derivative in what a result does not move with.
    let none (x: Tensor) : Tensor = Value(x.Shape, Array.zeroCreate (Shape.size x.Shape))

    let private reduced name divisor (shape: Shape) (x: Tensor) pullback : Tensor =
        let primitive =
            Primitive.plain
                name
                (fun shapes ->
                    if Shape.broadcast name shapes.Head shape <> shapes.Head then
                        Shape.fail $"{name}: shape {Shape.show shape} does not stretch to {Shape.show shapes.Head}."

                    shape)
                (fun shapes x ->
                    Definitions.gathered shape shapes.Head id (Definitions.at shapes.Head x[0])
                    |> Array.map (fun sum -> sum / divisor))
                (Broadcasting.sum divisor)
                pullback

        if x.Shape = shape then x else Trace.apply primitive [| x |]

    /// Sums a tensor over the axes along which `shape` would have to be stretched to the tensor's shape.
    let sumTo (shape: Shape) (x: Tensor) : Tensor =
        reduced "sumTo" 1.0 shape x (fun inputs _ g _ -> broadcastTo inputs[0].Shape g)

    /// The means over these axes: finite where the elements are.
    let meanTo (shape: Shape) (x: Tensor) : Tensor =
        let stretched axis n = if axis < 0 || shape[axis] <> n then n else 1

        let count =
            x.Shape
            |> List.mapi (fun axis n -> stretched (axis - x.Shape.Length + shape.Length) n)
            |> Shape.size

        reduced "meanTo" (float count) shape x (fun inputs _ g _ -> broadcastTo inputs[0].Shape (g / float count))

    /// Stretches a tensor to `shape`.
    let broadcastTo (shape: Shape) (x: Tensor) : Tensor =
        let primitive =
            Primitive.plain
                "broadcastTo"
                (fun shapes ->
                    if Shape.broadcast "broadcastTo" shapes.Head shape <> shape then
                        Shape.fail
                            $"broadcastTo: shape {Shape.show shapes.Head} does not stretch to {Shape.show shape}."

                    shape)
                (fun shapes x -> Definitions.table shape (Definitions.at shapes.Head x[0]))
                Broadcasting.stretch
                (fun inputs _ g _ -> sumTo inputs[0].Shape g)

        if x.Shape = shape then x else Trace.apply primitive [| x |]

    /// a + b.
    let add (a: Tensor) (b: Tensor) : Tensor =
        Trace.apply
            {
                binary
                    "add"
                    (+)
                    (fun layout a b result -> Elementwise.Add(layout, a.ReadOnly, b.ReadOnly, result.Span))
                    (fun inputs _ g i -> sumTo inputs[i].Shape g) with
                    Role = Addition
            }
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
                (fun inputs _ g i ->
                    if i = 0 then
                        sumTo inputs[0].Shape (divide g inputs[1])
                    else
                        let full = broadcastTo g.Shape
                        sumTo inputs[1].Shape (quotientSlope (full inputs[0]) (full inputs[1]) g)))
            [| a; b |]

    /// -g a / b^2 for tensors of one shape, the slope of a / b in b. In one piece, because -(g / b) (a / b) is infinity times
    /// zero where b is small and a is 0.
    let quotientSlope (a: Tensor) (b: Tensor) (g: Tensor) : Tensor =
        Trace.apply
            (Primitive.plain
                "quotientSlope"
                List.head
                (fun _ x -> Array.map3 (fun a b g -> -(g * a) / (b * b)) x[0] x[1] x[2])
                (fun _ _ ->
                    Kernel.plain (fun operands output ->
                        Elementwise.QuotientSlope(
                            operands[0].ReadOnly,
                            operands[1].ReadOnly,
                            operands[2].ReadOnly,
                            output.Span
                        )))
                (fun inputs output u i ->
                    let a, b, g = inputs[0], inputs[1], inputs[2]

                    match i with
                    | 0 -> quotientSlope g b u
                    | 1 -> u * output / b * -2.0
                    | _ -> quotientSlope a b u))
            [| a; b; g |]

    /// factor * x.
    let scale (factor: float) (x: Tensor) : Tensor =
        Trace.apply
            (unary
                "scale"
                ((*) factor)
                (fun x result -> Elementwise.Scale(x.ReadOnly, float32 factor, result.Span))
                (fun _ _ g _ -> scale factor g))
            [| x |]

    let private batchSumPrimitive () = {
        Primitive.plain
            "batchSum"
            List.head
            // Of one sequence; the sum over many is a law of batches.
            Definitions.same
            (fun inputs _ ->
                if inputs[0].Lanes = 1 then
                    Kernel.plain (fun operands output -> operands[0].Span.CopyTo output.Span)
                else
                    Kernel.plain (fun operands output -> Reduction.SumLanes(operands[0].ReadOnly, output.Span)))
            (fun _ _ g _ -> g) with
            Role = BatchSum
    }

    /// The sum of a value over all sequences of the batch it belongs to.
    let batchSum (x: Tensor) : Tensor =
        match x with
        // In one kernel where all factors are of the batch, or none is.
        | Node { Source = Applied({ Summed = Some summed }, inputs) } when
            inputs |> Array.forall (fun input -> input.Batched = inputs[0].Batched)
            ->
            Trace.apply (summed ()) inputs
        | _ -> Trace.apply (batchSumPrimitive ()) [| x |]

/// Moving elements: under another shape, and a part of one axis.
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
                (fun _ _ -> {
                    Kernel.plain (fun operands output -> operands[0].Span.CopyTo output.Span) with
                        View = Some 0
                })
                (fun inputs _ g _ -> reshape inputs[0].Shape g)

        if x.Shape = shape then x else Trace.apply primitive [| x |]

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

                    {
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
                            )) with
                            View =
                                // Along the first axis that has more than one entry, the entries stand together.
                                if
                                    count = inputs[0].Shape[axis] || List.forall ((=) 1) (List.take axis result.Shape)
                                then
                                    Some(start * source[axis])
                                else
                                    None
                    })
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

    /// The one element.
    let single (x: Tensor) : float32 =
        if Shape.size x.Shape <> 1 then
            Shape.fail $"Tensor.toScalar: shape {Shape.show x.Shape} has {Shape.size x.Shape} elements."

        x.Data[0]

    /// The entries at an index, which has a number for some axes, the first ones; the result has the other axes.
    let at (index: int[]) (x: Tensor) : Tensor =
        Shape.checkIndex x.Shape index
        let kept = List.skip index.Length x.Shape

        (x, Seq.indexed index) ||> Seq.fold (fun x (axis, i) -> slice axis i 1 x) |> reshape kept
