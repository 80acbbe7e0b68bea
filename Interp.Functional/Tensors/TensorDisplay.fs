namespace Interp

/// A tensor as it shows itself: its shape and type, and below them rounded numbers in rows and columns.
module internal TensorDisplay =

    // Of a single matrix, of each of several, and how many of these.
    let private mostRows, mostRowsEach, mostMatrices = 12, 5, 4

    let private heading (shape: Shape) = $"tensor float32 {Shape.show shape}"

    /// Of a traced tensor.
    let traced (shape: Shape) : string = Display.line $"{heading shape}, being traced"

    /// Of its elements, row-major, with the names of rows and columns where these have some.
    let named (names: (string list * string list) option) (shape: Shape) (data: float32[]) : string =
        let matrix most start rows columns =
            Display.matrix most names rows columns (fun row column -> float data[start + row * columns + column])

        match List.rev shape with
        | _ when data.Length = 0 -> Display.line $"{heading shape}, empty"
        | [] -> $"{heading shape} {Display.number (float data[0])}"
        | [ columns ] -> heading shape :: matrix 1 0 1 columns |> Display.lines 40
        | [ columns; rows ] -> heading shape :: matrix mostRows 0 rows columns |> Display.lines 40
        | columns :: rows :: leading ->
            let outer = List.rev leading
            let strides = Shape.strides outer |> Array.toList
            let place i = List.map2 (fun stride n -> string (i / stride % n)) strides outer |> String.concat ", "

            [
                heading shape

                for i in Display.ends mostMatrices (Shape.size outer) do
                    match i with
                    | Some i ->
                        $" [{place i}, *, *]"
                        yield! matrix mostRowsEach (i * rows * columns) rows columns
                    | None -> " …"
            ]
            |> Display.lines 40

    /// Of its elements.
    let value (shape: Shape) (data: float32[]) : string = named None shape data
