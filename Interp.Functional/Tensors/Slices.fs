namespace Interp

/// What is taken of one axis.
type internal Along =
    /// One entry; the result has not the axis.
    | At of int
    /// The entries from one to another, both included; the first and the last where none is named.
    | Range of int option * int option

module internal Slices =

    /// What is taken of the first axes; of those behind, everything.
    let take (along: Along list) (x: Tensor) : Tensor =
        let shape = x.Shape

        if along.Length > shape.Length then
            Shape.fail
                $"A slice of {along.Length} axes does not fit the shape {Shape.show shape}, which has {shape.Length} axes."

        // As entries from a start on.
        let bounds =
            along
            |> List.mapi (fun axis taken ->
                let size = shape[axis]

                match taken with
                | At i ->
                    if i < 0 || i >= size then
                        Shape.fail $"Index {i} is outside of axis {axis} of shape {Shape.show shape}."

                    i, 1
                | Range(first, last) ->
                    let first = Option.defaultValue 0 first
                    let last = Option.defaultValue (size - 1) last

                    if first < 0 || first > size || last < first - 1 || last >= size then
                        Shape.fail $"Entries {first} to {last} are outside of axis {axis} of shape {Shape.show shape}."

                    first, last - first + 1)

        let kept = [
            for axis, size in List.indexed shape do
                match List.tryItem axis along with
                | Some(At _) -> ()
                | Some(Range _) -> snd bounds[axis]
                | None -> size
        ]

        (x, List.indexed bounds)
        ||> List.fold (fun x (axis, (start, count)) ->
            if start = 0 && count = x.Shape[axis] then
                x
            else
                Movement.slice axis start count x)
        |> Movement.reshape kept

/// Parts of tensors as F# writes them: `t[0, 1..2]`, `t[*, 3]`, `t[1..]`, of up to four axes, and everything of those behind; more axes are
/// `Tensor.slice`'s. Differentiable, also while traced. A part outside of the shape raises `ArgumentException` naming it, the axis and the shape.
[<AutoOpen>]
module TensorSlices =

    type Tensor with

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option) = Slices.take [ Range(first0, last0) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option, first1: int option, last1: int option) =
            Slices.take [ Range(first0, last0); Range(first1, last1) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option, i1: int) =
            Slices.take [ Range(first0, last0); At i1 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, first1: int option, last1: int option) =
            Slices.take [ At i0; Range(first1, last1) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (
                first0: int option,
                last0: int option,
                first1: int option,
                last1: int option,
                first2: int option,
                last2: int option
            ) =
            Slices.take [ Range(first0, last0); Range(first1, last1); Range(first2, last2) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option, first1: int option, last1: int option, i2: int) =
            Slices.take [ Range(first0, last0); Range(first1, last1); At i2 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option, i1: int, first2: int option, last2: int option) =
            Slices.take [ Range(first0, last0); At i1; Range(first2, last2) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option, i1: int, i2: int) =
            Slices.take [ Range(first0, last0); At i1; At i2 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, first1: int option, last1: int option, first2: int option, last2: int option) =
            Slices.take [ At i0; Range(first1, last1); Range(first2, last2) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, first1: int option, last1: int option, i2: int) =
            Slices.take [ At i0; Range(first1, last1); At i2 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, i1: int, first2: int option, last2: int option) =
            Slices.take [ At i0; At i1; Range(first2, last2) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (
                first0: int option,
                last0: int option,
                first1: int option,
                last1: int option,
                first2: int option,
                last2: int option,
                first3: int option,
                last3: int option
            ) =
            Slices.take [ Range(first0, last0); Range(first1, last1); Range(first2, last2); Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (
                first0: int option,
                last0: int option,
                first1: int option,
                last1: int option,
                first2: int option,
                last2: int option,
                i3: int
            ) =
            Slices.take [ Range(first0, last0); Range(first1, last1); Range(first2, last2); At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (
                first0: int option,
                last0: int option,
                first1: int option,
                last1: int option,
                i2: int,
                first3: int option,
                last3: int option
            ) =
            Slices.take [ Range(first0, last0); Range(first1, last1); At i2; Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (first0: int option, last0: int option, first1: int option, last1: int option, i2: int, i3: int)
            =
            Slices.take [ Range(first0, last0); Range(first1, last1); At i2; At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (
                first0: int option,
                last0: int option,
                i1: int,
                first2: int option,
                last2: int option,
                first3: int option,
                last3: int option
            ) =
            Slices.take [ Range(first0, last0); At i1; Range(first2, last2); Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (first0: int option, last0: int option, i1: int, first2: int option, last2: int option, i3: int)
            =
            Slices.take [ Range(first0, last0); At i1; Range(first2, last2); At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (first0: int option, last0: int option, i1: int, i2: int, first3: int option, last3: int option)
            =
            Slices.take [ Range(first0, last0); At i1; At i2; Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(first0: int option, last0: int option, i1: int, i2: int, i3: int) =
            Slices.take [ Range(first0, last0); At i1; At i2; At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (
                i0: int,
                first1: int option,
                last1: int option,
                first2: int option,
                last2: int option,
                first3: int option,
                last3: int option
            ) =
            Slices.take [ At i0; Range(first1, last1); Range(first2, last2); Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (i0: int, first1: int option, last1: int option, first2: int option, last2: int option, i3: int)
            =
            Slices.take [ At i0; Range(first1, last1); Range(first2, last2); At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (i0: int, first1: int option, last1: int option, i2: int, first3: int option, last3: int option)
            =
            Slices.take [ At i0; Range(first1, last1); At i2; Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, first1: int option, last1: int option, i2: int, i3: int) =
            Slices.take [ At i0; Range(first1, last1); At i2; At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice
            (i0: int, i1: int, first2: int option, last2: int option, first3: int option, last3: int option)
            =
            Slices.take [ At i0; At i1; Range(first2, last2); Range(first3, last3) ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, i1: int, first2: int option, last2: int option, i3: int) =
            Slices.take [ At i0; At i1; Range(first2, last2); At i3 ] x

        /// What F# calls for a part, as `TensorSlices` says.
        member x.GetSlice(i0: int, i1: int, i2: int, first3: int option, last3: int option) =
            Slices.take [ At i0; At i1; At i2; Range(first3, last3) ] x
