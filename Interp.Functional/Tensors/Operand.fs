namespace Interp

open System

/// A window of a buffer that a kernel reads or writes: `Length` floats from `Offset`.
[<Struct; NoEquality; NoComparison>]
type internal Operand = {
    Buffer: float32[]
    Offset: int
    Length: int
} with

    member operand.Span = Span<float32>(operand.Buffer, operand.Offset, operand.Length)
    member operand.ReadOnly = ReadOnlySpan<float32>(operand.Buffer, operand.Offset, operand.Length)

module internal Operand =

    /// All of an array.
    let ofArray (data: float32[]) : Operand = { Buffer = data; Offset = 0; Length = data.Length }
