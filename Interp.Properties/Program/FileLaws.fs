/// Files that come from elsewhere: however broken or malicious, they are a model or one sentence.
module Interp.Properties.FileLaws

open System
open System.Diagnostics
open System.Text
open Expecto
open Interp
open Interp.CommandLine
open Interp.Runs.Endings
open Interp.Runs.Files
open Interp.Runs.Directories
open Interp.Properties.Laws
open Interp.Properties.Processes

/// Files in the fuzzing test.
let private count = if long then 100_000 else 5_000

/// No file takes longer to read or refuse.
let private longest = TimeSpan.FromSeconds 1.0

/// What reading may allocate for each byte of a file. The data takes 2, as numbers and again in their tensor; the most is taken by a
/// header of nothing but the shortest entries: some 50 bytes each, for which the parser's tokens, the texts, the lists of numbers
/// and the entry itself come to about 2,500.
let private bytesPerByte = 64L

/// What reading may allocate beside: the parser's pooled buffers, and a message.
let private bytesBeside = 1L <<< 18

let private models =
    lazy
        (Array.init 24 (fun i ->
            let key = Key.ofSeed (uint64 i)
            let c = Given.configuration key
            let weights = Given.model c.Architecture key

            Checkpoint.ofRun c i weights (if i % 2 = 0 then Some [ weights; weights ] else None)
            |> Checkpoint.toBytes))

let private headerLength (bytes: byte[]) = int (BitConverter.ToUInt64(bytes, 0))

let private withHeader (header: byte[]) (data: byte[]) =
    Array.concat [ BitConverter.GetBytes(uint64 header.Length); header; data ]

let private split (bytes: byte[]) =
    let length = headerLength bytes
    Encoding.UTF8.GetString(bytes, 8, length), bytes[8 + length ..]

/// Numbers that break readers.
let private numbers = [|
    "-1"
    "0"
    "1"
    "1.5"
    "1e3"
    "-0"
    "4294967295"
    "4294967296"
    "2147483647"
    "2147483648"
    "9223372036854775807"
    "18446744073709551615"
    "18446744073709551616"
    "1e999"
    "null"
    "\"7\""
    "[]"
    "{}"
    "true"
|]

let private words = [|
    "F16"
    "F64"
    "BOOL"
    "I8"
    "f32"
    ""
    "embed.W_E"
    "adamw.m.embed.W_E"
    "__metadata__"
    "\\u0000\\u001b[2J"
    "\\ud800"
    "..\\/..\\/x"
    "99999999999"
    "-1"
    "512"
    "true"
|]

/// A span of the header that `isPart` accepts, replaced.
let private replaceSpan (random: Random) isPart (replacement: string) (header: string) =
    let starts = [|
        for i in 0 .. header.Length - 1 do
            if isPart header[i] && (i = 0 || not (isPart header[i - 1])) then
                i
    |]

    if starts.Length = 0 then
        header
    else
        let start = starts[random.Next starts.Length]
        let rest = header.Substring start |> Seq.takeWhile isPart |> Seq.length
        header.Remove(start, rest).Insert(start, replacement)

let private mutations: (Random -> byte[] -> byte[]) list = [
    // Bits and bytes anywhere, or in the header.
    fun random bytes ->
        for _ in 0 .. random.Next 4 do
            let i = random.Next bytes.Length
            bytes[i] <- bytes[i] ^^^ (1uy <<< random.Next 8)

        bytes
    fun random bytes ->
        let end' = min bytes.Length (8 + headerLength bytes)

        for _ in 0 .. random.Next 4 do
            bytes[random.Next end'] <- byte (random.Next 256)

        bytes
    // Cut short, or longer.
    fun random bytes -> bytes[.. random.Next bytes.Length - 1]
    fun random bytes -> Array.append bytes (Array.zeroCreate (1 + random.Next 20))
    // The declared length.
    fun random bytes ->
        let lengths = [|
            0UL
            1UL
            uint64 bytes.Length
            uint64 (bytes.Length - 8)
            uint64 (headerLength bytes + random.Next 5 - 2)
            1UL <<< random.Next 64
            UInt64.MaxValue
            uint64 Int64.MaxValue
        |]

        BitConverter.GetBytes(lengths[random.Next lengths.Length]).CopyTo(bytes, 0)
        bytes
    // A number or a word of the header.
    fun random bytes ->
        let header, data = split bytes
        let header = replaceSpan random Char.IsAsciiDigit numbers[random.Next numbers.Length] header
        withHeader (Encoding.UTF8.GetBytes header) data
    fun random bytes ->
        let header, data = split bytes

        let header =
            replaceSpan
                random
                (fun c -> Char.IsAsciiLetter c || c = '.' || c = '_')
                words[random.Next words.Length]
                header

        withHeader (Encoding.UTF8.GetBytes header) data
    // A piece of the header moved, doubled or left out.
    fun random bytes ->
        let header, data = split bytes
        let start = random.Next header.Length
        let count = 1 + random.Next(min 120 (header.Length - start))
        let piece = header.Substring(start, count)

        let header =
            match random.Next 3 with
            | 0 -> header.Remove(start, count)
            | 1 -> header.Insert(random.Next header.Length, piece)
            | _ -> header.Remove(start, count).Insert(random.Next(header.Length - count + 1), piece)

        withHeader (Encoding.UTF8.GetBytes header) data
    // One file's header before another's data.
    fun random bytes ->
        let header, _ = split bytes
        let _, data = split models.Value[random.Next models.Value.Length]
        withHeader (Encoding.UTF8.GetBytes header) data
    // Numbers of the data that are none.
    fun random bytes ->
        let start = 8 + headerLength bytes
        let strange = [| nanf; infinityf; -infinityf; Single.MaxValue; Single.Epsilon; -0.0f |]
        let at = start + 4 * random.Next((bytes.Length - start) / 4)
        BitConverter.GetBytes(strange[random.Next strange.Length]).CopyTo(bytes, at)
        bytes
]

let private generated: (Random -> byte[]) list = [
    // Noise, with and without a length that fits.
    fun random ->
        let bytes = Array.zeroCreate (random.Next 300)
        random.NextBytes bytes
        bytes
    fun random ->
        let noise = Array.zeroCreate (random.Next 300)
        random.NextBytes noise
        withHeader noise [||]
    // As many entries as fit, none of them long.
    fun random ->
        let count = 1 <<< random.Next 15

        let entries = [| for i in 1..count -> $"\"{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}" |]

        let text = String.Join(',', entries)
        withHeader (Encoding.UTF8.GetBytes $"{{{text}}}") [||]
    // Deep, wide and repetitive JSON.
    fun random ->
        let depth = 1 <<< random.Next 16
        withHeader (Encoding.UTF8.GetBytes(String('[', depth) + String(']', depth))) [||]
    fun random ->
        let depth = 1 <<< random.Next 14
        withHeader (Encoding.UTF8.GetBytes(String.replicate depth "{\"a\":")) [||]
    fun random ->
        let sizes = String.Join(',', Array.create (1 <<< random.Next 16) "1")

        withHeader
            (Encoding.UTF8.GetBytes $"{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{sizes}],\"data_offsets\":[0,4]}}}}")
            (Array.zeroCreate 4)
    fun random ->
        let fields = Array.init (1 <<< random.Next 14) (fun i -> $"\"k{i % 5000}\":\"v\"")
        let text = String.Join(',', fields)
        withHeader (Encoding.UTF8.GetBytes $"{{\"__metadata__\":{{{text}}}}}") [||]
    // Shapes whose product overflows.
    fun random ->
        let shape = String.Join(',', Array.init (random.Next 8) (fun _ -> string (1L <<< random.Next 33)))

        withHeader
            (Encoding.UTF8.GetBytes $"{{\"a\":{{\"dtype\":\"F64\",\"shape\":[{shape}],\"data_offsets\":[0,8]}}}}")
            (Array.zeroCreate 8)
]

let private file (random: Random) =
    if random.Next 8 = 0 then
        generated[random.Next generated.Length] random
    else
        let bytes = Array.copy models.Value[random.Next models.Value.Length]
        let mutation () = mutations[random.Next mutations.Length]
        let once = mutation () random bytes

        // Some are broken twice over; what is too short for that stays as it is.
        let isWhole =
            once.Length > 20
            && BitConverter.ToUInt64(once, 0) > 0UL
            && BitConverter.ToUInt64(once, 0) < uint64 (once.Length - 12)

        if random.Next 3 = 0 && isWhole then mutation () random once else once

let private config = ConfigurationFile.Bytes Configuration.study

/// The sentence that refuses a config.json, or none.
let private refusal (bytes: byte[]) =
    try
        ConfigurationFile.Parse("config.json", ReadOnlySpan bytes) |> ignore
        None
    with :? BadInputException as refused ->
        Some refused.Message

/// The study's config.json with one text replaced by another.
let private configWith (was: string) (is: string) =
    let text = Encoding.UTF8.GetString config
    Expect.stringContains text was "what is replaced"
    Encoding.UTF8.GetBytes(text.Replace(was, is))

/// "line 12", where the study's config.json has a field; so many lines below it.
let private line (field: string) below =
    let lines = Encoding.UTF8.GetString(config).Split '\n'
    let quoted = $"\"{field}\""
    $"line {1 + below + Array.findIndex (fun (line: string) -> line.Contains quoted) lines}"

let private fuzzing =
    testSequenced
    <| testList "fuzzing" [
        test "a broken file is a model or a sentence, in time and memory that its size justifies" {
            let seed = Random.Shared.Next()
            let mutable models = 0
            let mutable mostBytes = 0.0
            let mutable slowest = TimeSpan.Zero

            for i in 0 .. count - 1 do
                let bytes = file (Random(HashCode.Combine(seed, i)))
                let what = $"file {i} of seed {seed}"
                let before = GC.GetAllocatedBytesForCurrentThread()
                let started = Stopwatch.GetTimestamp()
                let read = Checkpoint.ofBytes "model.safetensors" bytes
                let elapsed = Stopwatch.GetElapsedTime started
                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                Expect.isLessThan elapsed longest what
                let found = read |> Result.map _.Architecture |> Result.mapError CheckpointError.describe
                Expect.isLessThan allocated (bytesPerByte * int64 bytes.Length + bytesBeside) $"{what}: %A{found}"
                mostBytes <- max mostBytes (float (allocated - bytesBeside) / float (max 1 bytes.Length))
                slowest <- max slowest elapsed

                match read with
                | Ok checkpoint ->
                    models <- models + 1
                    Expect.equal (Checkpoint.ofBytes "again" (Checkpoint.toBytes checkpoint)) (Ok checkpoint) what
                | Error error ->
                    let sentence = CheckpointError.describe error
                    Expect.stringStarts sentence "model.safetensors: " what
                    isSentence sentence
                    Expect.isLessThan sentence.Length 1000 what

            // Otherwise the files are not broken, or all broken at the first byte.
            Expect.isGreaterThan models (count / 1000) "files that are models still"
            Expect.isLessThan models (count / 2) "files that are models still"

            report
                $"files fuzzed: {count} ({models} of them models still, the others refused; slowest {slowest.TotalMilliseconds:F1} ms, at most {mostBytes:F0} bytes allocated a byte)"
        }

        test "a broken config.json is a configuration or a sentence" {
            let seed = Random.Shared.Next()

            for i in 0 .. count - 1 do
                let random = Random(HashCode.Combine(seed, i))
                let what = $"config.json {i} of seed {seed}"
                let text = Encoding.UTF8.GetString config

                let text =
                    match random.Next 4 with
                    | 0 -> replaceSpan random Char.IsAsciiDigit numbers[random.Next numbers.Length] text
                    | 1 -> replaceSpan random Char.IsAsciiLetter words[random.Next words.Length] text
                    | 2 -> text.Remove(random.Next text.Length)
                    | _ -> text.Insert(random.Next text.Length, text.Substring(random.Next text.Length))

                let bytes = Encoding.UTF8.GetBytes text

                if random.Next 4 = 0 && bytes.Length > 0 then
                    bytes[random.Next bytes.Length] <- byte (random.Next 256)

                match refusal bytes with
                | Some sentence ->
                    Expect.stringStarts sentence "config.json" what
                    isSentence sentence
                | None -> ()

            report $"config.json files fuzzed: {count}"
        }

        test "broken metrics tell what is whole" {
            let seed = Random.Shared.Next()

            let lines =
                [
                    yield """{"event":"started","at":"2022-05-01T00:00:00+00:00","version":"0.1.0"}"""
                    for step in 1..20 -> $"{{\"step\":{step},\"loss\":{step}.5}}"
                    yield """{"event":"resumed","step":10}"""
                    for step in 11..30 -> $"{{\"step\":{step},\"loss\":{step}.5,\"held_out_loss\":2}}"
                    yield """{"event":"finished","step":30,"held_out_loss":1.5}"""
                ]
                |> String.concat "\n"

            for i in 0 .. count - 1 do
                let random = Random(HashCode.Combine(seed, i))
                let bytes = Encoding.UTF8.GetBytes lines

                for _ in 0 .. random.Next 6 do
                    bytes[random.Next bytes.Length] <- byte (random.Next 256)

                let history = Metrics.Parse(ReadOnlySpan bytes)
                let steps = history.Losses |> Seq.map (fun struct (step, _) -> step) |> Seq.toList
                Expect.equal steps (List.distinct (List.sort steps)) $"steps of metrics {i} of seed {seed}"

                for struct (_, loss) in history.Losses do
                    Expect.isTrue (Double.IsFinite loss) $"losses of metrics {i} of seed {seed}"

            report $"metrics.jsonl files fuzzed: {count}"
        }
    ]

let private headers =
    testList "headers" [
        for header, part in
            [
                """ {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "begin"
                """{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", "F33"
                """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "4 bytes"
                """{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}""", "4 bytes"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "data_offsets"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "data_offsets"
                """{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", "0 bytes"
                """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
                "a hole"
                """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
                "an overlap"
                """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F16","shape":[1],"data_offsets":[1,3]}}""",
                "multiple"
                """{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,4]}}""", "4 bytes"
                """{"a":{"dtype":"F32","shape":[65536,65536,0],"data_offsets":[0,0]}}""", "describes 0 bytes"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", "4 fields"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                "the name \"a\" is in the header twice"
                """{"a\u001b[2J\n":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "\\u001b"
                """{"__metadata__":{"a":1}}""", "not a text"
                """{"__metadata__":{"a":"1","a":"2"}}""", "__metadata__ has the name \"a\" twice"
                """{"__metadata__":{"a":"1"},"__metadata__":{}}""", "the name \"__metadata__\" is in the header twice"
                """{"__metadata__":["a"]}""", "expected an object"
                """{"__metadata__":{"\u001b[2J":null}}""", "\\u001b[2J"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                "the name \"a\" is in the header twice"
                """{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}""", "the field \"dtype\" twice"
                """{"a":{"dtype":"F32","shape":[1],"shape":[1]}}""", "the field \"shape\" twice"
                """{"a":{"dtype":"F32","shape":[1]}}""", "2 fields"
                """{"a":{"dtype":"F32","shape":[1],"offsets":[0,4]}}""", "(dtype, offsets, shape)"
                """{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", "F32"
                """{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""", "not a text"
                """{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "[1.0]"
                """{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}""", "[1e0]"
                """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "[-1]"
                """{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", "whole numbers"
                """{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", "whole numbers"
                """{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", "at most 8"
                """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", "whole numbers"
                """{"a":{"dtype":"F32","shape":[2147483648,2147483648,4],"data_offsets":[0,0]}}""", "beyond all bounds"
                """{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", "4 bytes"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}}""", "[0,4.0]"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,4]}}""", "[-4,4]"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "[0]"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2,4]}}""", "[0,2,4]"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551616]}}""", "18446744073709551616"
                """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "cut short"
                """{"a":[]}""", "expected an object"
                """{"a":{"dtype":"F32","shape":[[[[[[[[1]]]]]]]],"data_offsets":[0,4]}}""", "8 levels"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x""", "JSON"
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}{}""", "JSON"
                """{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "Unicode"
                """["a"]""", "0x5B"
                "\uFEFF{}", "0xEF"
                "{}", "0 bytes of data"
            ] do
            test $"{header} is refused" {
                match
                    Safetensors.parse (ReadOnlyMemory(withHeader (Encoding.UTF8.GetBytes header) (Array.zeroCreate 4)))
                with
                | Ok _ -> failtest "it was read"
                | Error sentence ->
                    isSentence sentence
                    Expect.stringContains sentence part "what is wrong"
            }
    ]

let private lengths =
    let parse bytes = Safetensors.parse (ReadOnlyMemory<byte> bytes)

    testList "lengths" [
        for name, bytes, part in
            [
                "an empty file", [||], "0 bytes"
                "seven bytes", Array.zeroCreate 7, "7 bytes"
                "no header", Array.zeroCreate 8, "length is 0"
                "a header of 2^31 bytes", Array.append (BitConverter.GetBytes(1UL <<< 31)) "{}"B, "2147483648"
                "a header of 2^63 bytes", Array.append (BitConverter.GetBytes(1UL <<< 63)) "{}"B, "9223372036854775808"
                "a header beyond the file", Array.append (BitConverter.GetBytes 3UL) "{}"B, "only 2 follow"
                "a header that is not UTF-8",
                withHeader [| byte '{'; byte '"'; 0xFFuy; byte '"'; byte '}' |] [||],
                "UTF-8"
                "a header in UTF-16", withHeader (Encoding.Unicode.GetBytes "{}") [||], "JSON"
            ] do
            test $"{name} is refused" {
                match parse bytes with
                | Ok _ -> failtest "it was read"
                | Error sentence ->
                    isSentence sentence
                    Expect.stringContains sentence part "what is wrong"
            }

        test "padding behind the header, and tensors of no elements, are the format's" {
            let padded =
                """{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   """

            match parse (withHeader (Encoding.UTF8.GetBytes padded) (Array.zeroCreate 4)) with
            | Ok file -> Expect.equal file.Entries["a"].Shape [ 0; 3 ] "the shape"
            | Error sentence -> failtest sentence
        }
    ]

let private configurations =
    testList "config.json" [
        law 200 "a configuration read back is the same" (fun key ->
            let c = { Given.configuration key with LearningRate = 10.0 ** float (integer -9 0 90 key) / 3.0 }
            let bytes = ConfigurationFile.Bytes c

            Expect.equal
                (ConfigurationFile.Parse("config.json", ReadOnlySpan bytes))
                (StoredConfiguration.Of c)
                "the configuration")

        for name, bytes, parts in
            [
                "an unknown field", configWith "\"n_layers\"" "\"n_layer\"", [ "line 2, column 3"; "\"n_layer\"" ]
                "a missing field",
                configWith "  \"batch\": 256,\n" "",
                [ line "arithmetic_revision" 0 + ", column 1"; "\"batch\""; "missing" ]
                "a field that is there twice",
                configWith "\"batch\": 256" "\"batch\": 256,\n  \"batch\": 256",
                [ line "batch" 1 + ", column 3"; "\"batch\""; "twice" ]
                "a text for a number",
                configWith "\"batch\": 256" "\"batch\": \"256\"",
                [ line "batch" 0 + ", column 12"; "\"256\""; "whole number" ]
                "a fraction for a whole number",
                configWith "\"steps\": 10000" "\"steps\": 1.5",
                [ line "steps" 0; "1.5" ]
                "a number for a word",
                configWith "\"smear\": \"none\"" "\"smear\": 0",
                [ line "smear" 0; "one of none, keys" ]
                "a word that is none of them",
                configWith "\"study\"" "\"learned\"",
                [ line "positions" 0; "\"learned\""; "rotary" ]
                "a field under both of its names",
                configWith "\"smear\": \"none\"" "\"smear\": \"none\",\n  \"smeared\": false",
                [ line "smear" 1; "\"smeared\""; "twice" ]
                "an absurd width", configWith "\"d_model\": 32" "\"d_model\": 99999", [ "line 4, column 14"; "99999" ]
                "a learning rate beyond all numbers",
                configWith "\"learning_rate\": 0.001" "\"learning_rate\": 1e999",
                [ line "learning_rate" 0; "learning_rate" ]
                "a negative seed",
                configWith "\"seed\": 1" "\"seed\": -1",
                [ line "seed" 0; "-1"; "18446744073709551615" ]
                "a list", Encoding.UTF8.GetBytes "[]", [ "line 1, column 1"; "object" ]
                "nothing", [||], [ "line 1"; "JSON" ]
                "something behind it", Array.append config "{}"B, [ line "arithmetic_revision" 2; "JSON" ]
                "a name in another case", configWith "\"batch\"" "\"Batch\"", [ "\"Batch\""; "expected \"batch\"" ]
                "a name of the command line",
                configWith "\"learning_rate\"" "\"learning-rate\"",
                [ "expected \"learning_rate\"" ]
                "a number that is none",
                configWith "\"batch\": 256" "\"batch\": NaN",
                [ line "batch" 0; "\"batch\""; "a whole number from 1 to 65536" ]
                "a comment",
                configWith "\"batch\": 256," "\"batch\": 256, // more",
                [ line "batch" 0 + ", column 17"; "comment" ]
                "a comma too many",
                configWith "_revision\": 2" "_revision\": 2,",
                [ line "arithmetic_revision" 1; "behind the value of" ]
                "no comma", configWith "256," "256", [ line "batch" 1; "behind the value of \"batch\"" ]
                "a seed that is there twice",
                configWith "\"seed\": 1" "\"seed\": 1,\n  \"seed\": 2",
                [ line "seed" 1 + ", column 3"; "\"seed\""; "twice" ]
                "a field under its old name and its name",
                configWith "\"n_layers\": 1" "\"n_layers\": 1,\n  \"layers\": 1",
                [ "\"layers\""; "twice" ]
                "null", configWith "\"batch\": 256" "\"batch\": null", [ "\"batch\" is null"; "whole number" ]
                "an object for a number", configWith "\"batch\": 256" "\"batch\": {}", [ "\"batch\" is an object" ]
                "a revision of nothing",
                configWith "_revision\": 2" "_revision\": 0",
                [ "arithmetic_revision"; "from 1 on" ]
                "a revision as a text",
                configWith "_revision\": 2" "_revision\": \"2\"",
                [ "arithmetic_revision"; "\"2\"" ]
                "two revisions",
                configWith "_revision\": 2" "_revision\": 2, \"arithmetic_revision\": 2",
                [ "arithmetic_revision"; "twice" ]
                "a byte order mark", Array.append [| 0xEFuy; 0xBBuy; 0xBFuy |] config, [ "byte order mark" ]
                "blocks beyond the context",
                configWith "repeat 6 x4" "repeat 6 x5",
                [ line "task" 0 + ", column 11"; "30"; "24" ]
                "a task that is none",
                configWith "repeat 6 x4" "repent 6 x4",
                [ line "task" 0 + ", column 11"; "repent"; "repeat 6 x4 of 26" ]
            ] do
            test $"{name} is named with its place" {
                match refusal bytes with
                | None -> failtest "it was read"
                | Some sentence ->
                    isSentence sentence

                    for part in parts do
                        Expect.stringContains sentence part "what is wrong"
            }
    ]

[<Tests>]
let tests = testList "Files" [ fuzzing; headers; lengths; configurations ]
