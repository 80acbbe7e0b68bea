namespace Interp

/// The extents of a tensor's axes, outermost first.
type Shape = int list

module Shape =

    /// The number of elements in a tensor of this shape; 1 for a scalar.
    let size (shape: Shape) = List.fold (*) 1 shape
