namespace Interp

/// Shape and lanes of a kernel's input or result: 1 lane for an ordinary tensor, 16 for a value of 16 sequences, which
/// is the same row-major tensor with one hidden last axis of 16.
[<Struct>]
type internal Form = { Shape: Shape; Lanes: int }

/// How a primitive is computed for inputs of known forms.
[<NoEquality; NoComparison>]
type internal Kernel = {
    /// From the inputs to the result.
    Run: Operand[] -> Operand -> unit
    /// The same, added to what the result holds.
    Accumulate: (Operand[] -> Operand -> unit) option
    /// The number of an input, and what `Run` and `Accumulate` are to be given in its place.
    Preparation: (int * Preparation) option
    /// Inputs whose buffer the result may take over.
    Overwrites: int list
    /// The kernel leaves parts of the result alone that must read as zero.
    Sparse: bool
    /// The result is what the first input has from this element of the flattened tensor on, as it stands: within a plan it is read there, and nothing is copied.
    View: int option
}

module internal Kernel =

    /// A kernel that only runs.
    let plain run = { Run = run; Accumulate = None; Preparation = None; Overwrites = []; Sparse = false; View = None }
