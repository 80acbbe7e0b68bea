/// The same results with other numbers in them: whatever a record holds, every figure of it is drawn from a stream.
module Interp.Properties.Nasty

open System
open System.Collections
open System.Collections.Generic
open System.Numerics
open System.Reflection
open Microsoft.FSharp.Reflection
open Interp
open Interp.Runs.Results

let private anyhow = BindingFlags.Public ||| BindingFlags.NonPublic

/// What is no measurement stays as it is.
let private kept =
    set [
        for kind in
            [
                typeof<Configuration>
                typeof<Architecture>
                typeof<Task>
                typeof<Reference>
                typeof<Tokens>
                typeof<SurveyItem>
                typeof<Quantity>
                typeof<Site>
            ] -> kind.FullName
    ]

/// Sequences that a figure may be given with any number of points.
let private isPoints (element: Type) =
    element = typeof<float>
    || element = typeof<Complex>
    || element = typeof<HeldOutLoss>
    || element = typeof<int * float>

/// The element type of a sequence; none of a text.
let private elementOf (kind: Type) =
    if kind = typeof<string> || FSharpType.IsUnion(kind, anyhow) && not (kind.Name.StartsWith "FSharpList") then
        None
    else
        Seq.append [ kind ] (kind.GetInterfaces())
        |> Seq.tryFind (fun face -> face.IsGenericType && face.GetGenericTypeDefinition() = typedefof<IEnumerable<_>>)
        |> Option.map (fun face -> face.GetGenericArguments()[0])

/// `next` gives the numbers, `points` cuts lists of points to a length where it has one.
let rec private fill (next: unit -> float) (points: int option) (kind: Type) (value: obj) : obj =
    let again = fill next points

    match value with
    | null -> null
    | _ when kept.Contains(value.GetType().FullName) -> value
    | :? float -> box (next ())
    | :? float32 -> box (float32 (next ()))
    | :? Complex -> box (Complex(next (), next ()))
    | :? Tensor as tensor ->
        box (Tensor.ofArray tensor.Shape (tensor.ToArray() |> Array.map (fun _ -> float32 (next ()))))
    | :? Factored as product ->
        // Weights that are not finite are refused where a file is read; their products may overflow.
        let finite () =
            let number = next ()
            if Double.IsFinite number then Math.Clamp(number, -3e38, 3e38) else 3e38

        product.Factors
        |> List.map (fun factor ->
            let entry _ = float (finite ())
            factor.Name, Tensor.init [ factor.Matrix.RowCount; factor.Matrix.ColumnCount ] entry)
        |> Factored.named
        |> box
    | _ when FSharpType.IsTuple(value.GetType()) ->
        let kinds = FSharpType.GetTupleElements(value.GetType())
        FSharpValue.MakeTuple(Array.map2 again kinds (FSharpValue.GetTupleFields value), value.GetType())
    | _ when FSharpType.IsRecord(value.GetType(), anyhow) ->
        let fields = FSharpType.GetRecordFields(value.GetType(), anyhow)
        let filled = fields |> Array.map (fun field -> again field.PropertyType (field.GetValue value))
        FSharpValue.MakeRecord(value.GetType(), filled, anyhow)
    | _ ->
        match elementOf (value.GetType()) with
        | Some element when element.Name.StartsWith "KeyValuePair" -> value
        | Some element ->
            let items = value :?> IEnumerable
            let all = [| for item in items -> again element item |]

            let cut =
                match points with
                | Some most when isPoints element -> Array.truncate most all
                | _ -> all

            let array = Array.CreateInstance(element, cut.Length)
            cut |> Array.iteri (fun i item -> array.SetValue(item, i))

            if kind.Name.StartsWith "FSharpList" || value.GetType().Name.StartsWith "FSharpList" then
                typeof<list<int>>
                    .Assembly.GetType("Microsoft.FSharp.Collections.ListModule")
                    .GetMethod("OfSeq")
                    .MakeGenericMethod(element)
                    .Invoke(null, [| array |])
            else
                box array
        | None -> ofHost again value

/// A record of the host's, made anew: by its constructor, or as a copy whose properties are set.
and private ofHost again value =
    let kind = value.GetType()

    let main =
        kind.GetConstructors(anyhow ||| BindingFlags.Instance)
        |> Array.tryFind (fun (maker: ConstructorInfo) ->
            let parameters = maker.GetParameters()

            parameters.Length > 0
            && parameters
               |> Array.forall (fun parameter ->
                   parameter.ParameterType <> kind && not (isNull (kind.GetProperty parameter.Name))))

    match main, kind.GetMethod "<Clone>$" with
    | _ when
        kind.Assembly <> typeof<HeldOutLoss>.Assembly
        && kind.Assembly <> typeof<Interp.Pictures.LossCurve>.Assembly
        ->
        value
    | Some maker, _ ->
        maker.Invoke [|
            for parameter in maker.GetParameters() ->
                again parameter.ParameterType (kind.GetProperty(parameter.Name).GetValue value)
        |]
    | None, clone when not (isNull clone) ->
        let copy = clone.Invoke(value, [||])

        for property in kind.GetProperties() do
            if property.CanWrite then
                property.SetValue(copy, again property.PropertyType (property.GetValue value))

        copy
    | _ -> value

/// A value with other numbers in it, the first, the second and so on of a stream.
let filled (number: int -> float) points (value: 'a) : 'a =
    let mutable count = -1

    let next () =
        count <- count + 1
        number count

    fill next points typeof<'a> (box value) |> unbox<'a>
