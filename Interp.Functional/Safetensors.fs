namespace Interp

open System
open System.Buffers.Binary
open System.Text
open System.Text.Json

/// Named float32 tensors in one file: eight bytes of header length, a JSON header, the data, all little-endian
/// (the safetensors format).
module Safetensors =

    /// One entry of a header; `Start` and `End` count bytes from the end of the header.
    type Entry = { Name: string; Type: string; Shape: Shape; Start: int64; End: int64 }

    /// A file taken apart; tensors are read from it by `read`.
    type File = { Metadata: Map<string, string>; Entries: Map<string, Entry>; Data: ReadOnlyMemory<byte> }

    /// A header of a model of this kind has some kilobytes; one beyond this is not worth parsing.
    let private longestHeader = 1 <<< 20

    let private options = JsonDocumentOptions(AllowDuplicateProperties = false, MaxDepth = 8)

    /// The bytes of a file with these tensors in this order.
    let write (metadata: (string * string) list) (tensors: (string * Tensor) list) : byte[] =
        use header = new IO.MemoryStream()

        let sizes = tensors |> List.map (fun (_, tensor) -> 4 * Shape.size tensor.Shape)
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

    let private entry (property: JsonProperty) : Result<Entry, string> =
        let name = property.Name

        if property.Value.ValueKind <> JsonValueKind.Object then
            Error $"\"{name}\" in the header is not an object."
        else
            let fields = [ for field in property.Value.EnumerateObject() -> field.Name ] |> List.sort

            if fields <> [ "data_offsets"; "dtype"; "shape" ] then
                let found = String.Join(", ", fields)
                Error $"tensor \"{name}\" has the fields ({found}), expected (data_offsets, dtype, shape)."
            else
                let integers (field: string) =
                    let value = property.Value.GetProperty field

                    if value.ValueKind <> JsonValueKind.Array then
                        None
                    else
                        let numbers = [
                            for item in value.EnumerateArray() ->
                                match item.ValueKind with
                                | JsonValueKind.Number ->
                                    match item.TryGetInt64() with
                                    | true, n when n >= 0L -> n
                                    | _ -> -1L
                                | _ -> -1L
                        ]

                        if List.contains -1L numbers then None else Some numbers

                let dtype = property.Value.GetProperty "dtype"

                match integers "shape", integers "data_offsets" with
                | _ when dtype.ValueKind <> JsonValueKind.String ->
                    Error $"tensor \"{name}\" has a dtype that is not a text."
                | None, _ -> Error $"tensor \"{name}\" has a shape that is not a list of whole numbers."
                | Some shape, _ when shape.Length > 8 || shape |> List.exists (fun n -> n > int64 Int32.MaxValue) ->
                    Error $"tensor \"{name}\" has a shape beyond all bounds."
                | Some shape, Some [ first; last ] when first <= last ->
                    Ok { Name = name; Type = dtype.GetString(); Shape = List.map int shape; Start = first; End = last }
                | _ -> Error $"tensor \"{name}\" has data_offsets that are not two ascending whole numbers."

    let private metadata (element: JsonElement) : Result<Map<string, string>, string> =
        if element.ValueKind <> JsonValueKind.Object then
            Error "the header's __metadata__ is not an object."
        else
            let fields = [ for field in element.EnumerateObject() -> field ]

            match fields |> List.tryFind (fun field -> field.Value.ValueKind <> JsonValueKind.String) with
            | Some field -> Error $"the header's __metadata__ has \"{field.Name}\", which is not a text."
            | None -> fields |> List.map (fun field -> field.Name, field.Value.GetString()) |> Map.ofList |> Ok

    let rec private collect (results: Result<'a, string> list) : Result<'a list, string> =
        match results with
        | [] -> Ok []
        | Error sentence :: _ -> Error sentence
        | Ok value :: rest -> collect rest |> Result.map (fun values -> value :: values)

    // No overlap, no hole, nothing behind the last tensor.
    let private covered (length: int64) (entries: Entry list) =
        let ordered = entries |> List.sortBy (fun entry -> entry.Start, entry.End)

        let gap =
            ordered
            |> List.scan (fun (_, at) entry -> (if entry.Start <> at then Some entry else None), entry.End) (None, 0L)
            |> List.tryPick fst

        let finish = if ordered.IsEmpty then 0L else (List.last ordered).End

        match gap with
        | Some entry ->
            Error
                $"tensor \"{entry.Name}\" begins at byte {entry.Start} of the data, which leaves a hole or an overlap."
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
            else
                let header = bytes.Slice(8, int declared)
                let data = bytes.Slice(8 + int declared)

                try
                    use document = JsonDocument.Parse(header, options)

                    if document.RootElement.ValueKind <> JsonValueKind.Object then
                        Error "the header is not a JSON object."
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
                            |> List.map entry
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
        | Some entry when entry.End - entry.Start <> 4L * int64 (Shape.size shape) ->
            Error $"tensor \"{name}\" has {entry.End - entry.Start} bytes, expected {4 * Shape.size shape}."
        | Some entry ->
            let span = file.Data.Slice(int entry.Start, int (entry.End - entry.Start))

            let elements =
                Array.init (Shape.size shape) (fun i ->
                    BinaryPrimitives.ReadSingleLittleEndian(span.Span.Slice(4 * i, 4)))

            match elements |> Array.tryFindIndex (Single.IsFinite >> not) with
            | Some i -> Error $"tensor \"{name}\" has {elements[i]} at element {i}, expected finite numbers."
            | None -> Ok(Tensor.ofArray shape elements)
