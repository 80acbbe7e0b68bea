namespace Interp

open System

/// The size of each axis, outermost first; empty for a scalar. Axes are named in comments by the words
/// `pos` (query position), `key_pos`, `vocab`, `d_model`, `head`, `d_head`.
type Shape = int list

/// Functions of shapes. Shapes that do not fit raise `ArgumentException`, with a message that names them.
module Shape =

    /// The sizes in brackets: "[2, 3]".
    let show (shape: Shape) = "[" + String.Join(", ", shape) + "]"

    /// Shapes do not fit together, or not what is asked of them: raises `ArgumentException`.
    let internal fail message : 'a = raise (ArgumentException message)

    /// Elements that a tensor can have: what .NET's arrays can hold.
    let internal most = Array.MaxLength

    /// Number of elements; 1 for a scalar. Raises `ArgumentException` for a size below 0 and for more elements than an array can hold.
    let size (shape: Shape) =
        if List.exists (fun n -> n < 0) shape then
            fail $"The shape {show shape} has a size below 0."

        // Two numbers up to the cap multiply within 64 bits, and a 0 further on still makes it 0.
        let capped = shape |> List.fold (fun size n -> min (int64 most + 1L) (size * int64 n)) 1L

        if capped > int64 most then
            let exact = shape |> List.fold (fun size n -> size * bigint n) 1I
            fail $"The shape {show shape} has {exact} elements, at most {most} fit in a tensor."

        int capped

    /// Elements of several tensors together. Raises `ArgumentException` for more than an integer counts.
    let internal total (shapes: Shape list) =
        match shapes |> List.sumBy (size >> int64) with
        | total when total > int64 Int32.MaxValue ->
            fail $"The tensors have {total} elements together, expected at most {Int32.MaxValue}."
        | total -> int total

    /// Entries that one array can be asked for: below the most by more than any rounding to cache lines adds.
    let internal mostEntries = int64 most - 64L

    /// Entries that one array must hold. Raises `RefusedException` where none can: what is computed follows from what a user asked for.
    let internal fitting (entries: int64) =
        if entries > mostEntries then
            Refused.because
                $"This takes an array of {entries} entries, expected at most {mostEntries}; a smaller model or shorter sequences would fit."

        int entries

    /// Row-major strides in elements.
    let internal strides (shape: Shape) = List.scanBack (*) shape 1 |> List.tail |> List.toArray

    /// The shape both shapes are stretched to, axes aligned at the right (NumPy's broadcasting rule), where there is one: sizes must be
    /// equal, or one of them 1 or missing.
    let internal tryBroadcast (a: Shape) (b: Shape) : Shape option =
        let rank = max a.Length b.Length
        let padded (shape: Shape) = List.replicate (rank - shape.Length) 1 @ shape
        let pairs = List.zip (padded a) (padded b)

        if pairs |> List.forall (fun (m, n) -> m = n || m = 1 || n = 1) then
            Some(pairs |> List.map (fun (m, n) -> if m = 1 then n else m))
        else
            None

    /// The shape both shapes are stretched to, axes aligned at the right (NumPy's broadcasting rule): sizes must be equal,
    /// or one of them 1 or missing. Raises `ArgumentException` naming the operation and both shapes where they are not.
    let broadcast (operation: string) (a: Shape) (b: Shape) : Shape =
        match tryBroadcast a b with
        | Some shape -> shape
        | None -> fail $"{operation}: shapes {show a} and {show b} do not broadcast together."

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

    /// Raises `ArgumentException` for an index outside of its axis, or more indices than axes.
    let internal checkIndex (shape: Shape) (index: int[]) =
        if index.Length > shape.Length then
            fail
                $"The index {show (List.ofArray index)} has {index.Length} numbers, the shape {show shape} has {shape.Length} axes."

        for axis in 0 .. index.Length - 1 do
            if index[axis] < 0 || index[axis] >= shape[axis] then
                fail $"Index {index[axis]} is outside of axis {axis} of shape {show shape}."
