namespace Interp

open System

/// The size of each axis, outermost first; empty for a scalar. Axes are named in comments by the words
/// `pos` (query position), `key_pos`, `vocab`, `d_model`, `head`, `d_head`.
type Shape = int list

/// Functions of shapes. Shapes that do not fit raise `ArgumentException`, with a message that names them.
module Shape =

    /// The sizes in brackets: "[2, 3]".
    let show (shape: Shape) = "[" + String.Join(", ", shape) + "]"

    /// Number of elements; 1 for a scalar.
    let size (shape: Shape) = List.fold (*) 1 shape

    /// Shapes do not fit together, or not what is asked of them: raises `ArgumentException`.
    let internal fail message : 'a = raise (ArgumentException message)

    /// Row-major strides in elements.
    let internal strides (shape: Shape) = List.scanBack (*) shape 1 |> List.tail |> List.toArray

    /// The shape both shapes are stretched to, axes aligned at the right (NumPy's broadcasting rule): sizes must be equal,
    /// or one of them 1 or missing. Raises `ArgumentException` naming the operation and both shapes where they are not.
    let broadcast (operation: string) (a: Shape) (b: Shape) : Shape =
        let rank = max a.Length b.Length
        let padded (shape: Shape) = List.replicate (rank - shape.Length) 1 @ shape

        List.map2
            (fun m n ->
                match m, n with
                | m, n when m = n -> m
                | 1, n -> n
                | m, 1 -> m
                | _ -> fail $"{operation}: shapes {show a} and {show b} do not broadcast together.")
            (padded a)
            (padded b)

    /// Strides with which a tensor of shape `source` is read as if it had shape `target`: 0 on stretched axes.
    let internal broadcastStrides (source: Shape) (target: Shape) =
        let pad = target.Length - source.Length
        let own = strides source

        target
        |> List.mapi (fun axis n -> if axis < pad || (source[axis - pad] = 1 && n <> 1) then 0 else own[axis - pad])
        |> List.toArray

    /// The axis counted from the front; negative axes count from the back.
    let internal axis (operation: string) (shape: Shape) index =
        let counted = if index < 0 then index + shape.Length else index

        if counted < 0 || counted >= shape.Length then
            fail $"{operation}: axis {index} is outside of shape {show shape}."

        counted
