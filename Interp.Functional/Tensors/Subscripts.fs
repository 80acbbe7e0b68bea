namespace Interp

open System
open Interp.Kernels

/// The axes of a product's two factors and of its result, a letter each: (ab, bc, ac) of "ab,bc->ac". Axes that the result
/// has not are summed over.
type internal Subscripts = { Left: char list; Right: char list; Result: char list }

module internal Subscripts =

    let show subscripts =
        $"{String.Concat subscripts.Left},{String.Concat subscripts.Right}->{String.Concat subscripts.Result}"

    /// Raises `ArgumentException` for a text that is not like "ab,bc->ac".
    let parse (text: string) : Subscripts =
        match text.Split([| ","; "->" |], StringSplitOptions.TrimEntries) with
        | [| left; right; result |] when text.Contains "->" -> {
            Left = List.ofSeq left
            Right = List.ofSeq right
            Result = List.ofSeq result
          }
        | _ -> Shape.fail $"einsum: \"{text}\" is not of the form \"ab,bc->ac\"."

    let private fit (axes: char list) (shape: Shape) =
        axes.Length = shape.Length && (List.distinct axes).Length = axes.Length

    /// The result's shape; `ArgumentException` for factors that do not fit the subscripts, or an axis that only one of the
    /// three has.
    let resultShape subscripts (left: Shape) (right: Shape) : Shape =
        if not (fit subscripts.Left left && fit subscripts.Right right) then
            Shape.fail
                $"einsum \"{show subscripts}\": shapes {Shape.show left} and {Shape.show right} do not fit the axes \"{String.Concat subscripts.Left}\" and \"{String.Concat subscripts.Right}\"."

        let all = List.zip subscripts.Left left @ List.zip subscripts.Right right

        for axis, size in all do
            for other, otherSize in all do
                if axis = other && size <> otherSize then
                    Shape.fail
                        $"einsum \"{show subscripts}\": axis {axis} is {size} and {otherSize} in shapes {Shape.show left} and {Shape.show right}."

        let alone =
            subscripts.Left @ subscripts.Right @ subscripts.Result
            |> List.countBy id
            |> List.filter (fun (_, count) -> count < 2)
            |> List.map fst

        if not alone.IsEmpty then
            Shape.fail $"einsum \"{show subscripts}\": axis {alone.Head} occurs only once."

        subscripts.Result |> List.map (fun axis -> all |> List.find (fst >> (=) axis) |> snd)

    /// Offsets of all combinations of some axes, the last one fastest.
    let private offsets (strides: (char * int) list) (axes: (char * int) list) =
        let stride axis = strides |> List.tryFind (fst >> (=) axis) |> Option.map snd |> Option.defaultValue 0

        (axes, [| 0 |])
        ||> List.foldBack (fun (axis, size) inner ->
            Array.init size (fun i -> i * stride axis)
            |> Array.collect (fun offset -> inner |> Array.map ((+) offset)))

    /// Where the elements of the three lie, the axes sorted by the tensors they belong to: batch (left, right, result),
    /// row (left, result), column (right, result), depth (left, right).
    let layout subscripts (left: Shape) (right: Shape) =
        let { Left = a; Right = b; Result = result } = subscripts
        let size = List.zip a left @ List.zip b right |> List.distinct |> Map.ofList
        let has (axis: char) axes = List.contains axis axes
        let sized = List.map (fun axis -> axis, size[axis])
        let stridesOf axes shape = List.zip axes (List.ofArray (Shape.strides shape))
        let stridesA, stridesB = stridesOf a left, stridesOf b right
        let stridesOut = stridesOf result (result |> List.map (fun axis -> size[axis]))
        let batch = result |> List.filter (fun i -> has i a && has i b) |> sized
        let rows = result |> List.filter (fun i -> has i a && not (has i b)) |> sized
        let columns = result |> List.filter (fun i -> has i b && not (has i a)) |> sized
        let depth = a |> List.filter (fun i -> has i b && not (has i result)) |> sized

        ContractionLayout(
            offsets stridesA batch,
            offsets stridesB batch,
            offsets stridesOut batch,
            offsets stridesA rows,
            offsets stridesOut rows,
            offsets stridesB columns,
            offsets stridesOut columns,
            offsets stridesA depth,
            offsets stridesB depth
        )
