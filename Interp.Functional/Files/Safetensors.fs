namespace Interp

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.Text.Json
open System.Text.Unicode

/// Named float32 tensors in one file: eight bytes of header length, a JSON header, the data, all little-endian
/// (the safetensors format).
module Safetensors =

    /// One entry of a header; `Start` and `End` count bytes from the end of the header.
    type Entry = {
        /// As in `blocks.0.attn.W_Q`.
        Name: string
        /// `F32`, or what other programs wrote.
        Type: string
        /// Outermost axis first.
        Shape: Shape
        /// Where it begins in the data, bytes.
        Start: int64
        /// Where it ends: the first byte behind it.
        End: int64
    }

    /// A file taken apart; tensors are read from it by `read`.
    type File = {
        /// Texts by name.
        Metadata: Map<string, string>
        /// Tensors by name.
        Entries: Map<string, Entry>
        /// What stands behind the header.
        Data: ReadOnlyMemory<byte>
    }

    /// A header of a model of this kind has some kilobytes; one beyond this is not worth parsing.
    let private longestHeader = 1 <<< 20

    /// The axes that a tensor of any model has at most.
    let private mostAxes = 8

    /// No model of this kind comes near so many tensors.
    let private mostEntries = 2000

    /// No header comes near so many fields of metadata, or of one tensor.
    let private mostFields = 1000

    /// The format's element types and the bytes of each.
    let private elementSizes =
        Map.ofList [
            "BOOL", 1L
            "U8", 1L
            "I8", 1L
            "F8_E5M2", 1L
            "F8_E4M3", 1L
            "U16", 2L
            "I16", 2L
            "F16", 2L
            "BF16", 2L
            "U32", 4L
            "I32", 4L
            "F32", 4L
            "U64", 8L
            "I64", 8L
            "F64", 8L
        ]

    let private elementTypes = String.Join(", ", elementSizes.Keys)

    /// A header has three.
    let private mostLevels = 8

    // Names that are there twice are looked for here, so that they can be named.
    let private options = JsonDocumentOptions(AllowDuplicateProperties = true, MaxDepth = mostLevels)

    /// The bytes of a file with these tensors in this order. Raises `RefusedException` for more than an array can hold.
    let write (metadata: (string * string) list) (tensors: (string * Tensor) list) : byte[] =
        use header = new IO.MemoryStream()

        let lengths = tensors |> List.map (fun (_, tensor) -> 4L * int64 (Shape.size tensor.Shape))
        // Beside the longest header.
        Shape.fitting (List.sum lengths + int64 longestHeader) |> ignore
        let sizes = lengths |> List.map int
        let starts = List.scan (+) 0 sizes

        do
            use json = new Utf8JsonWriter(header)
            json.WriteStartObject()
            json.WriteStartObject "__metadata__"

            for key, value in metadata do
                json.WriteString(key, value)

            json.WriteEndObject()

            for (name, tensor), (start, size) in List.zip tensors (List.zip (List.take sizes.Length starts) sizes) do
                json.WriteStartObject name
                json.WriteString("dtype", "F32")
                json.WriteStartArray "shape"
                tensor.Shape |> List.iter (fun (n: int) -> json.WriteNumberValue n)
                json.WriteEndArray()
                json.WriteStartArray "data_offsets"
                json.WriteNumberValue start
                json.WriteNumberValue(start + size)
                json.WriteEndArray()
                json.WriteEndObject()

            json.WriteEndObject()

        // The data begins at a multiple of eight bytes.
        while header.Length % 8L <> 0L do
            header.WriteByte(byte ' ')

        let headerLength = int header.Length
        let bytes = Array.zeroCreate (8 + headerLength + List.last starts)
        BinaryPrimitives.WriteUInt64LittleEndian(Span<byte> bytes, uint64 headerLength)
        header.ToArray().CopyTo(bytes, 8)

        for (_, tensor), start in List.zip tensors (List.take sizes.Length starts) do
            tensor.Data
            |> Array.iteri (fun i x ->
                BinaryPrimitives.WriteSingleLittleEndian(Span(bytes, 8 + headerLength + start + 4 * i, 4), x))

        bytes

    let private integers (value: JsonElement) =
        let whole (item: JsonElement) =
            if item.ValueKind <> JsonValueKind.Number then
                None
            else
                match item.TryGetInt64() with
                | true, n when n >= 0L -> Some n
                | _ -> None

        if value.ValueKind <> JsonValueKind.Array || value.GetArrayLength() > mostAxes then
            None
        else
            let numbers = [ for item in value.EnumerateArray() -> whole item ]

            if List.contains None numbers then None else Some(List.choose id numbers)

    /// The bytes that a shape takes, where they are within `most`.
    let private bytesWithin (most: int64) (elementSize: int64) (shape: int64 list) =
        // A zero first: no order of factors may overflow on the way to it.
        if List.contains 0L shape then
            Some 0L
        else
            (Some elementSize, shape)
            ||> List.fold (fun size n ->
                size |> Option.bind (fun size -> if n > most / size then None else Some(size * n)))

    /// An object's values by their names, in their order, or the name that is there twice.
    let private properties (element: JsonElement) : Result<(string * JsonElement) list, string> =
        let all = [ for property in element.EnumerateObject() -> property.Name, property.Value ]

        let twice =
            match all with
            // An entry, of which there may be many: nothing is made to look at it.
            | [ a, _; b, _; c, _ ] ->
                if a = b || a = c then Some a
                elif b = c then Some b
                else None
            | _ ->
                let names = HashSet(element.GetPropertyCount())
                all |> List.tryPick (fun (name, _) -> if names.Add name then None else Some name)

        match twice with
        | Some name -> Error name
        | None -> Ok all

    let private shown (element: JsonElement) = Quote.text (element.GetRawText())

    let private fieldsOf
        (name: string)
        (element: JsonElement)
        : Result<JsonElement * JsonElement * JsonElement, string> =
        if element.ValueKind <> JsonValueKind.Object then
            Error $"tensor \"{name}\" is {shown element} in the header, expected an object."
        elif element.GetPropertyCount() > mostFields then
            Error
                $"tensor \"{name}\" has {element.GetPropertyCount()} fields, expected three (data_offsets, dtype, shape)."
        else
            match properties element with
            | Error twice -> Error $"tensor \"{name}\" has the field \"{Quote.text twice}\" twice."
            | Ok fields ->
                let value name = fields |> List.tryPick (fun (each, value) -> if each = name then Some value else None)

                match fields.Length, value "dtype", value "shape", value "data_offsets" with
                | 3, Some dtype, Some shape, Some offsets -> Ok(dtype, shape, offsets)
                | 3, _, _, _ ->
                    let found = Quote.text (String.Join(", ", fields |> List.map fst |> List.sort))
                    Error $"tensor \"{name}\" has the fields ({found}), expected (data_offsets, dtype, shape)."
                | count, _, _, _ ->
                    Error $"tensor \"{name}\" has {count} fields, expected three (data_offsets, dtype, shape)."

    let private typeOf (name: string) (element: JsonElement) : Result<string * int64, string> =
        if element.ValueKind <> JsonValueKind.String then
            Error $"tensor \"{name}\" has a dtype that is not a text, expected one of {elementTypes}."
        else
            let found = element.GetString()

            match elementSizes.TryFind found with
            | Some size -> Ok(found, size)
            | None ->
                Error
                    $"tensor \"{name}\" has dtype \"{Quote.text found}\", which the format does not know, expected one of {elementTypes}."

    let private placeOf (name: string) (length: int64) (shape: JsonElement) (offsets: JsonElement) =
        match integers shape, integers offsets with
        | None, _ ->
            Error
                $"tensor \"{name}\" has a shape ({shown shape}) that is not a list of at most {mostAxes} whole numbers."
        | Some sizes, _ when sizes |> List.exists (fun n -> n > int64 Int32.MaxValue) ->
            Error $"tensor \"{name}\" has a shape ({shown shape}) beyond all bounds."
        | Some sizes, Some [ first; last ] when first <= last && last <= length -> Ok(sizes, first, last)
        | Some _, Some [ first; last ] when first <= last ->
            Error
                $"tensor \"{name}\" has data_offsets up to byte {last} of the data, and the file has {length} bytes of it: it is cut short or foreign."
        | _ ->
            Error
                $"tensor \"{name}\" has data_offsets ({shown offsets}) that are not two ascending whole numbers within the {length} bytes of data."

    let private entry (length: int64) (tensor: string, element: JsonElement) : Result<Entry, string> =
        let name = Quote.text tensor

        fieldsOf name element
        |> Result.bind (fun (dtype, shape, offsets) ->
            typeOf name dtype
            |> Result.bind (fun (dtype, elementSize) ->
                placeOf name length shape offsets
                |> Result.bind (fun (sizes, first, last) ->
                    if bytesWithin length elementSize sizes <> Some(last - first) then
                        Error
                            $"tensor \"{name}\" has {last - first} bytes, which is not what {dtype} of shape {Shape.show (List.map int sizes)} takes."
                    elif first % elementSize <> 0L then
                        Error
                            $"tensor \"{name}\" begins at byte {first} of the data, expected a multiple of its elements' {elementSize} bytes."
                    else
                        Ok { Name = tensor; Type = dtype; Shape = List.map int sizes; Start = first; End = last })))

    let private metadata (element: JsonElement) : Result<Map<string, string>, string> =
        if element.ValueKind <> JsonValueKind.Object then
            Error $"the header's __metadata__ is {shown element}, expected an object."
        elif element.GetPropertyCount() > mostFields then
            Error $"the header's __metadata__ has {element.GetPropertyCount()} fields, expected at most {mostFields}."
        else
            match properties element with
            | Error twice -> Error $"the header's __metadata__ has the name \"{Quote.text twice}\" twice."
            | Ok fields ->
                match fields |> List.tryFind (fun (_, value) -> value.ValueKind <> JsonValueKind.String) with
                | Some(name, value) ->
                    Error $"the header's __metadata__ has \"{Quote.text name}\": {shown value}, which is not a text."
                | None -> fields |> List.map (fun (name, value) -> name, value.GetString()) |> Map.ofList |> Ok

    /// All the values, or the first that is wrong: in one pass, since a header may have as many entries as it has bytes.
    let private collect (results: Result<'a, string> seq) : Result<'a list, string> =
        let values = ResizeArray()

        let wrong =
            results
            |> Seq.tryPick (function
                | Ok value ->
                    values.Add value
                    None
                | Error sentence -> Some sentence)

        match wrong with
        | Some sentence -> Error sentence
        | None -> Ok(List.ofSeq values)

    // No overlap, no hole, nothing behind the last tensor.
    let private covered (length: int64) (entries: Entry list) =
        let ordered = entries |> List.sortBy (fun entry -> entry.Start, entry.End)

        let gap =
            List.zip (0L :: (ordered |> List.map _.End) |> List.truncate ordered.Length) ordered
            |> List.tryFind (fun (at, entry) -> entry.Start <> at)

        let finish = if ordered.IsEmpty then 0L else (List.last ordered).End

        match gap with
        | Some(at, entry) ->
            let fault = if entry.Start < at then "an overlap" else "a hole"

            Error
                $"tensor \"{Quote.text entry.Name}\" begins at byte {entry.Start} of the data, expected {at}: that is {fault}."
        | None when finish <> length -> Error $"the header describes {finish} bytes of data, the file has {length}."
        | None -> Ok entries

    let private contents (data: ReadOnlyMemory<byte>) (root: JsonElement) : Result<File, string> =
        if root.GetPropertyCount() > mostEntries then
            Error $"the header has {root.GetPropertyCount()} entries, expected at most {mostEntries}."
        else
            match properties root with
            | Error twice -> Error $"the name \"{Quote.text twice}\" is in the header twice."
            | Ok properties ->
                let about, tensors = properties |> List.partition (fst >> (=) "__metadata__")

                let metadata =
                    match about with
                    | [ _, value ] -> metadata value
                    | _ -> Ok Map.empty

                metadata
                |> Result.bind (fun metadata ->
                    tensors
                    |> Seq.map (entry (int64 data.Length))
                    |> collect
                    |> Result.bind (covered (int64 data.Length))
                    |> Result.map (fun entries -> {
                        Metadata = metadata
                        Entries = entries |> List.map (fun entry -> entry.Name, entry) |> Map.ofList
                        Data = data
                    }))

    /// Takes a file apart, or says in half a sentence what is wrong with it. Allocates little more than the header.
    let parse (bytes: ReadOnlyMemory<byte>) : Result<File, string> =
        if bytes.Length < 8 then
            Error
                $"the file has {bytes.Length} bytes, expected at least 8; this is not a safetensors file, or one that is cut short."
        else
            let declared = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span.Slice(0, 8))

            if declared > uint64 longestHeader then
                Error
                    $"the header's length is {declared} bytes, expected at most {longestHeader}; this is not a safetensors file of a model."
            elif declared > uint64 (bytes.Length - 8) then
                Error
                    $"the header's length is {declared} bytes, but only {bytes.Length - 8} follow; the file is cut short or foreign."
            elif declared = 0UL then
                Error "the header's length is 0 bytes, expected at least 2; the file is damaged or foreign."
            elif bytes.Span[8] <> byte '{' then
                Error
                    $"the header begins with the byte 0x{bytes.Span[8]:X2}, expected {{; the file is damaged or foreign."
            else
                let header = bytes.Slice(8, int declared)
                let data = bytes.Slice(8 + int declared)

                if not (Utf8.IsValid header.Span) then
                    Error "the header is not valid UTF-8; the file is damaged or foreign."
                else
                    try
                        use document = JsonDocument.Parse(header, options)
                        contents data document.RootElement
                    with
                    | :? JsonException as broken ->
                        Error
                            $"the header is not valid JSON of at most {mostLevels} levels (line {broken.LineNumber.GetValueOrDefault() + 1L}, byte {broken.BytePositionInLine.GetValueOrDefault() + 1L}); the file is damaged or foreign."
                    // A name or text with half of a surrogate pair, escaped.
                    | :? InvalidOperationException ->
                        Error "the header has a text that is no Unicode; the file is damaged or foreign."

    /// A tensor of the expected shape, or what is wrong with it.
    let read (name: string) (shape: Shape) (file: File) : Result<Tensor, string> =
        match file.Entries.TryFind name with
        | None -> Error $"tensor \"{name}\" is missing, expected F32 of shape {Shape.show shape}."
        | Some entry when entry.Type <> "F32" -> Error $"tensor \"{name}\" has dtype {entry.Type}, expected F32."
        | Some entry when entry.Shape <> shape ->
            Error $"tensor \"{name}\" has shape {Shape.show entry.Shape}, expected {Shape.show shape}."
        | Some entry ->
            let span = file.Data.Slice(int entry.Start, int (entry.End - entry.Start))

            let elements =
                Array.init (Shape.size shape) (fun i ->
                    BinaryPrimitives.ReadSingleLittleEndian(span.Span.Slice(4 * i, 4)))

            match elements |> Array.tryFindIndex (Single.IsFinite >> not) with
            | Some i -> Error $"tensor \"{name}\" has {elements[i]} at element {i}, expected finite numbers."
            | None -> Ok(Tensor.ofArray shape elements)
