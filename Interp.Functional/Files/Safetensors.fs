namespace Interp

open System
open System.Buffers.Binary
open System.Text
open System.Text.Json

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

    /// No model of this kind comes near so many tensors, or so many fields of metadata.
    let private mostEntries = 1000

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

    let private options = JsonDocumentOptions(AllowDuplicateProperties = false, MaxDepth = 8)

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

    let private entry (length: int64) (property: JsonProperty) : Result<Entry, string> =
        let name = Quote.text property.Name

        if property.Value.ValueKind <> JsonValueKind.Object then
            Error $"\"{name}\" in the header is not an object."
        elif property.Value.GetPropertyCount() <> 3 then
            Error
                $"tensor \"{name}\" has {property.Value.GetPropertyCount()} fields, expected three (data_offsets, dtype, shape)."
        else
            let fields = [ for field in property.Value.EnumerateObject() -> field.Name ] |> List.sort

            if fields <> [ "data_offsets"; "dtype"; "shape" ] then
                let found = Quote.text (String.Join(", ", List.truncate 5 fields))
                Error $"tensor \"{name}\" has the fields ({found}), expected (data_offsets, dtype, shape)."
            else
                let dtype = property.Value.GetProperty "dtype"
                let shape = integers (property.Value.GetProperty "shape")
                let offsets = integers (property.Value.GetProperty "data_offsets")

                if dtype.ValueKind <> JsonValueKind.String then
                    Error $"tensor \"{name}\" has a dtype that is not a text."
                else
                    match elementSizes.TryFind(dtype.GetString()), shape, offsets with
                    | None, _, _ ->
                        Error
                            $"tensor \"{name}\" has dtype \"{Quote.text (dtype.GetString())}\", which the format does not know."
                    | _, None, _ ->
                        Error $"tensor \"{name}\" has a shape that is not a list of at most {mostAxes} whole numbers."
                    | _, Some shape, _ when shape |> List.exists (fun n -> n > int64 Int32.MaxValue) ->
                        Error $"tensor \"{name}\" has a shape beyond all bounds."
                    | Some elementSize, Some shape, Some [ first; last ] when first <= last && last <= length ->
                        if bytesWithin length elementSize shape <> Some(last - first) then
                            Error
                                $"tensor \"{name}\" has {last - first} bytes, which is not what {dtype.GetString()} of shape {Shape.show (List.map int shape)} takes."
                        elif first % elementSize <> 0L then
                            Error
                                $"tensor \"{name}\" begins at byte {first} of the data, expected a multiple of its elements' {elementSize} bytes."
                        else
                            Ok {
                                Name = property.Name
                                Type = dtype.GetString()
                                Shape = List.map int shape
                                Start = first
                                End = last
                            }
                    | _ ->
                        Error
                            $"tensor \"{name}\" has data_offsets that are not two ascending whole numbers within the {length} bytes of data."

    let private metadata (element: JsonElement) : Result<Map<string, string>, string> =
        if element.ValueKind <> JsonValueKind.Object then
            Error "the header's __metadata__ is not an object."
        elif element.GetPropertyCount() > mostEntries then
            Error $"the header's __metadata__ has {element.GetPropertyCount()} fields, expected at most {mostEntries}."
        else
            let fields = [ for field in element.EnumerateObject() -> field ]

            match fields |> List.tryFind (fun field -> field.Value.ValueKind <> JsonValueKind.String) with
            | Some field -> Error $"the header's __metadata__ has \"{Quote.text field.Name}\", which is not a text."
            | None -> fields |> List.map (fun field -> field.Name, field.Value.GetString()) |> Map.ofList |> Ok

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

    /// Takes a file apart, or says in half a sentence what is wrong with it. Allocates little more than the header.
    let parse (bytes: ReadOnlyMemory<byte>) : Result<File, string> =
        if bytes.Length < 8 then
            Error $"the file has {bytes.Length} bytes, expected at least 8."
        else
            let declared = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span.Slice(0, 8))

            if declared > uint64 longestHeader then
                Error
                    $"the header's length is {declared} bytes, expected at most {longestHeader}; this is not a safetensors file of a model."
            elif declared > uint64 (bytes.Length - 8) then
                Error
                    $"the header's length is {declared} bytes, but only {bytes.Length - 8} follow; the file is cut short or foreign."
            elif declared = 0UL || bytes.Span[8] <> byte '{' then
                Error "the header does not begin with {; the file is damaged or foreign."
            else
                let header = bytes.Slice(8, int declared)
                let data = bytes.Slice(8 + int declared)

                try
                    use document = JsonDocument.Parse(header, options)

                    if document.RootElement.ValueKind <> JsonValueKind.Object then
                        Error "the header is not a JSON object."
                    elif document.RootElement.GetPropertyCount() > mostEntries then
                        Error
                            $"the header has {document.RootElement.GetPropertyCount()} entries, expected at most {mostEntries}."
                    else
                        let properties = [ for property in document.RootElement.EnumerateObject() -> property ]

                        let about, tensors =
                            properties |> List.partition (fun property -> property.Name = "__metadata__")

                        let metadata =
                            match about with
                            | [ property ] -> metadata property.Value
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
                with
                | :? JsonException
                | :? DecoderFallbackException
                | :? InvalidOperationException -> Error "the header is not valid JSON; the file is damaged or foreign."

    /// A tensor of the expected shape, or what is wrong with it.
    let read (name: string) (shape: Shape) (file: File) : Result<Tensor, string> =
        match file.Entries.TryFind name with
        | None -> Error $"tensor \"{name}\" is missing."
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
