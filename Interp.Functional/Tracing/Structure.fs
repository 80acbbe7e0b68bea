namespace Interp

open System
open System.Collections.Generic
open System.Reflection
open FSharp.Reflection

/// How a record of tensors is taken apart into its leaves and put together again.
[<NoEquality; NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
type Structure<'record> = {
    /// The record's tensors, in an order of its own.
    Leaves: 'record -> Tensor list
    /// The record with other tensors in the places of its own, given in the order of `Leaves`.
    Rebuild: 'record -> Tensor list -> 'record
    /// What the leaves are called, in the order of `Leaves`, each differently: as in a file, or in a sentence on one of them.
    Names: 'record -> string list
} with

    member internal this.Display = $"structure of {typeof<'record>.Name}" |> Display.line


/// How the values of a type are taken apart, as objects.
[<NoEquality; NoComparison>]
type internal RecordPart = {
    /// Shows every leaf with its path.
    Visit: string -> obj -> (string -> Tensor -> unit) -> unit
    /// The object with its leaves from a queue.
    Renew: obj -> Queue<Tensor> -> obj
}

/// Parts of types that hold any number of others; by their element's type.
[<AbstractClass; Sealed>]
type internal Collections private () =

    static let below (path: string) (name: obj) = if path = "" then string name else $"{path}.{name}"

    static let visit (item: RecordPart) path (items: 'item seq) see =
        items |> Seq.iteri (fun i each -> item.Visit (below path i) (box each) see)

    static let renew (item: RecordPart) leaves (each: 'item) = unbox<'item>(item.Renew (box each) leaves)

    /// A field's path below another.
    static member Below(path: string, name: string) = below path name

    /// 'item list
    static member List<'item>(item: RecordPart) : RecordPart = {
        Visit = fun path value see -> visit item path (unbox<'item list> value) see
        Renew = fun value leaves -> unbox<'item list> value |> List.map (renew item leaves) |> box
    }

    /// 'item array
    static member Array<'item>(item: RecordPart) : RecordPart = {
        Visit = fun path value see -> visit item path (unbox<'item[]> value) see
        Renew = fun value leaves -> unbox<'item[]> value |> Array.map (renew item leaves) |> box
    }

    /// 'item option, whose leaves are named as if they stood in its place.
    static member Option<'item>(item: RecordPart) : RecordPart = {
        Visit =
            fun path value see -> unbox<'item option> value |> Option.iter (fun each -> item.Visit path (box each) see)
        Renew = fun value leaves -> unbox<'item option> value |> Option.map (renew item leaves) |> box
    }

/// Structures of records, and of what is no record.
module Structure =

    /// One tensor is its own only leaf.
    let tensor: Structure<Tensor> = {
        Leaves = List.singleton
        Rebuild = fun _ leaves -> leaves.Head
        Names = fun _ -> [ "tensor" ]
    }

    /// A list of tensors, each a leaf, named by its number from 0.
    let list: Structure<Tensor list> = {
        Leaves = id
        Rebuild = fun _ leaves -> leaves
        Names = List.mapi (fun i _ -> string i)
    }

    let private collections = [ typedefof<obj list>, "List"; typedefof<obj option>, "Option" ]

    let private collectionOf (kind: string) (item: Type) (part: RecordPart) =
        typeof<Collections>
            .GetMethod(kind, BindingFlags.Static ||| BindingFlags.NonPublic ||| BindingFlags.Public)
            .MakeGenericMethod(item)
            .Invoke(null, [| box part |])
        |> unbox<RecordPart>

    let private leaf: RecordPart = {
        Visit = fun path value see -> see path (unbox<Tensor> value)
        Renew = fun _ leaves -> box (leaves.Dequeue())
    }

    // Types that are under way are known already, since a record may hold others of its own kind.
    let rec private partOf (known: Dictionary<Type, RecordPart Lazy>) (path: string) (found: Type) : RecordPart =
        match known.TryGetValue found with
        | true, part -> {
            Visit = fun path value see -> part.Value.Visit path value see
            Renew = fun value leaves -> part.Value.Renew value leaves
          }
        | _ when found = typeof<Tensor> -> leaf
        | _ when FSharpType.IsRecord(found, true) ->
            let mutable made = None
            known[found] <- lazy (made.Value)
            let part = ofFields known path found
            made <- Some part
            part
        | _ when found.IsArray && found.GetArrayRank() = 1 ->
            let item = found.GetElementType()
            collectionOf "Array" item (partOf known path item)
        | _ ->
            match
                collections
                |> List.tryFind (fun (kind, _) -> found.IsGenericType && found.GetGenericTypeDefinition() = kind)
            with
            | Some(_, kind) ->
                let item = found.GetGenericArguments()[0]
                collectionOf kind item (partOf known path item)
            | None ->
                Refused.because
                    $"Structure.ofRecord: {path} is of type {found.Name}, expected a Tensor, or a record, list, array or option of such."

    and private ofFields known path (found: Type) : RecordPart =
        let read = FSharpValue.PreComputeRecordReader(found, true)
        let make = FSharpValue.PreComputeRecordConstructor(found, true)

        let fields =
            FSharpType.GetRecordFields(found, true)
            |> Array.map (fun field ->
                field.Name, partOf known (Collections.Below(path, field.Name)) field.PropertyType)

        {
            Visit =
                fun path value see ->
                    Array.iter2
                        (fun (name, part: RecordPart) value -> part.Visit (Collections.Below(path, name)) value see)
                        fields
                        (read value)
            Renew =
                fun value leaves ->
                    Array.map2 (fun (_, part: RecordPart) value -> part.Renew value leaves) fields (read value) |> make
        }

    /// The structure of an F# record: every field a Tensor, or a record, list, array or option of such, in the order of the fields. A leaf
    /// is named by the way to it: "Blocks.0.W_Q". Raises `RefusedException` for a type that is no record, or a field that is of another
    /// type.
    let ofRecord<'record> () : Structure<'record> =
        let found = typeof<'record>

        if not (FSharpType.IsRecord(found, true)) then
            Refused.because
                $"Structure.ofRecord: {found.Name} is no F# record; a tensor or a list of them has a structure already."

        let part = partOf (Dictionary()) "" found

        let visited (record: 'record) (choose: string -> Tensor -> 'a) : 'a list =
            let leaves = ResizeArray()
            part.Visit "" (box record) (fun path leaf -> leaves.Add(choose path leaf))
            List.ofSeq leaves

        {
            Leaves = fun record -> visited record (fun _ leaf -> leaf)
            Rebuild =
                fun record leaves ->
                    let own = (visited record (fun _ leaf -> leaf)).Length

                    if leaves.Length <> own then
                        Shape.fail $"Structure: the record has {own} leaves, found {leaves.Length}."

                    part.Renew (box record) (Queue leaves) |> unbox<'record>
            Names = fun record -> visited record (fun path _ -> path)
        }
