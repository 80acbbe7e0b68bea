/// Texts as tasks: scanned in chunks, cut into windows, their characters named.
module Interp.Properties.TextLaws

open System
open System.Buffers
open System.Text
open Expecto
open Interp
open Interp.Properties.Laws

/// Characters of one to four bytes in UTF-8, some of which do not show.
let private pieces = [ "a"; "b"; "é"; "€"; "😀"; "\n"; " "; "\t"; "\u00A0"; "\\"; "␣"; "\u0000"; "\uFEFF"; "\u0301" ]

let private textOf count key =
    let used = List.init (integer 1 pieces.Length 1 key) (fun i -> pieces[i])
    List.init count (fun i -> one used (100 + i) key) |> String.concat ""

let private scanned (chunks: byte[] list) =
    (TextScan.start, chunks)
    ||> List.fold (fun scan chunk -> TextScan.add chunk chunk.Length scan)
    |> TextScan.finish

/// A text in memory, which refuses to be read beyond its ends.
let private source (bytes: byte[]) : TextSource = {
    Bytes = int64 bytes.Length
    Copy =
        Action<int64, byte[], int>(fun place target count ->
            Expect.isTrue (place >= 0L && count >= 0 && place + int64 count <= int64 bytes.Length) "within the text"
            Array.Copy(bytes, int place, target, 0, count))
    Scan = scanned [ bytes ]
    Sha256 = Convert.ToHexStringLower(Security.Cryptography.SHA256.HashData bytes)
}

let private form unit length : TextForm = { File = "moby.txt"; Unit = unit; Length = length; Content = None }

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

/// The place of the first byte that cannot stand there, as .NET decodes.
let private firstWrong (bytes: byte[]) =
    let rec next place =
        if place = bytes.Length then
            None
        else
            match Rune.DecodeFromUtf8(ReadOnlySpan(bytes, place, bytes.Length - place)) with
            | OperationStatus.Done, _, length -> next (place + length)
            | OperationStatus.NeedMoreData, _, _ -> Some(int64 place)
            | _, _, length ->
                let begins = bytes[place] >= 0xC2uy && bytes[place] <= 0xF4uy
                Some(int64 (if begins then place + length else place))

    next 0

let private scanning =
    testList "scanning" [
        law 100 "the characters of a text and how often each comes, whatever the chunks" (fun key ->
            let text = textOf (integer 0 60 2 key) key
            let bytes = utf8 text
            let cuts = Key.integers (bytes.Length + 1) (integer 0 5 3 key) (Key.split 4UL key) |> Array.sort

            let chunks =
                Array.concat [ [| 0 |]; cuts; [| bytes.Length |] ]
                |> Array.pairwise
                |> Array.map (fun (start, finish) -> bytes[start .. finish - 1])
                |> List.ofArray

            let expected =
                [ for rune in text.EnumerateRunes() -> rune.Value ]
                |> List.countBy id
                |> List.map (fun (point, n) -> point, int64 n)

            match scanned chunks with
            | Ok counts ->
                Expect.equal counts.Bytes (int64 bytes.Length) "bytes"
                Expect.equal counts.Characters (List.sort expected) "characters"
            | Error place -> failtest $"{place}")

        law 500 "what is not UTF-8 is found where .NET finds it" (fun key ->
            let bytes = utf8 (textOf (integer 1 12 2 key) key)

            for i in 1 .. integer 1 3 3 key do
                let wild = [
                    0x80uy
                    0xBFuy
                    0xC0uy
                    0xC1uy
                    0xE0uy
                    0xEDuy
                    0xF0uy
                    0xF4uy
                    0xF5uy
                    0xFFuy
                    0x9Fuy
                    0xA0uy
                ]

                bytes[integer 0 (bytes.Length - 1) (10 + i) key] <- one wild (20 + i) key

            let bytes = bytes[.. integer 0 (bytes.Length - 1) 4 key]
            let cut = integer 0 bytes.Length 5 key

            match scanned [ bytes[.. cut - 1]; bytes[cut..] ], firstWrong bytes with
            | Ok _, None -> ()
            | Error place, Some expected when place = expected -> ()
            | found, expected -> failtest $"{Convert.ToHexString bytes}: {found}, expected {expected}")

        law 20 "a scan is a value: it can be gone on with in two ways" (fun key ->
            let bytes = utf8 (textOf 20 key)
            let half = TextScan.start |> TextScan.add bytes (bytes.Length / 2)
            TextScan.add (utf8 "zzz") 3 half |> ignore
            let rest = bytes[bytes.Length / 2 ..]
            Expect.equal (TextScan.add rest rest.Length half |> TextScan.finish) (scanned [ bytes ]) "the other way")
    ]

let private written (task: Task) write key index =
    let places = Array.create task.Length -1
    write key index places
    List.ofArray places

let private windows =
    testList "windows" [
        law 100 "windows are of the text; those of its last tenth are held out, and all others are met" (fun key ->
            let text = textOf (integer 40 60 2 key) key
            let bytes = utf8 text
            let length = integer 2 4 3 key
            let unit = one [ TextUnit.Characters; TextUnit.Bytes ] 4 key

            // The tokens, with the place of each one's first byte.
            let tokens =
                match unit with
                | TextUnit.Bytes -> bytes |> Array.mapi (fun i byte -> i, int byte) |> List.ofArray
                | TextUnit.Characters ->
                    let known = scanned [ bytes ] |> Result.toOption |> Option.get |> _.Characters |> List.map fst

                    [ for rune in text.EnumerateRunes() -> rune ]
                    |> List.mapFold
                        (fun place rune ->
                            (place, List.findIndex ((=) rune.Value) known), place + rune.Utf8SequenceLength)
                        0
                    |> fst

            let split =
                let tenth = bytes.Length - bytes.Length / 10

                tokens
                |> List.map fst
                |> List.tryFind (fun place -> place >= tenth)
                |> Option.defaultValue bytes.Length

            let trained, held = tokens |> List.partition (fun (place, _) -> place < split)
            let cut = List.map snd >> List.windowed length >> List.distinct >> List.sort


            if held.Length >= length then
                let task = Tasks.ofText (form unit length) (source bytes)
                let found write = List.init 4000 (written task write key) |> List.distinct |> List.sort
                Expect.equal (found task.Write) (cut trained) "trained on"
                Expect.equal (found task.HeldOut.Value) (cut held) "held out"
                Expect.equal task.Counted [ 1 .. length - 1 ] "what counts"
                Expect.all (List.concat (cut tokens)) (fun token -> token < task.Tokens.Size) "tokens")

        law 20 "a window is a function of its key and number, and allocates nothing" (fun key ->
            let bytes = utf8 (textOf 500 key)
            // Expecto's check of the range allocates.
            let source = {
                source bytes with
                    Copy = Action<_, _, _>(fun place target count -> Array.Copy(bytes, int place, target, 0, count))
            }

            for unit in [ TextUnit.Characters; TextUnit.Bytes ] do
                let task = Tasks.ofText (form unit 10) source
                let places = Array.zeroCreate 10
                task.Write key 5 places
                Expect.equal (written task task.Write key 5) (List.ofArray places) "again"

                let allocated () =
                    let before = GC.GetAllocatedBytesForCurrentThread()

                    for index in 0..20 do
                        task.Write key index places

                    GC.GetAllocatedBytesForCurrentThread() - before

                // The pool of buffers may be made anew once in a while.
                Expect.equal (List.min (List.init 3 (fun _ -> allocated ()))) 0L "allocated")

        test "a text is as large as it likes" {
            // Each byte says in which 4 GB it stands: 40 of these.
            let size = 40L <<< 32

            let source = {
                Bytes = size
                Copy =
                    Action<int64, byte[], int>(fun place target count ->
                        for i in 0 .. count - 1 do
                            target[i] <- byte ((place + int64 i) >>> 32))
                Scan = Ok { Bytes = size; Characters = [ for i in 0..39 -> i, 1L <<< 32 ] }
                Sha256 = String.replicate 64 "0"
            }

            for unit in [ TextUnit.Characters; TextUnit.Bytes ] do
                let task = Tasks.ofText (form unit 8) source

                let seen write =
                    List.init 3000 (written task write (Key.ofSeed 1UL)) |> List.concat |> List.distinct |> List.sort

                Expect.equal (seen task.Write) [ 0..35 ] "the first nine tenths"
                Expect.equal (seen task.HeldOut.Value) [ 36..39 ] "the last"
        }

        test "the name has what the text was found to be, and reads as it prints" {
            let source = source (utf8 (String.replicate 20 "hello world, "))
            let name = $"text moby.txt length 8 of 9 sha256 {source.Sha256}"
            let task = Tasks.ofText (form TextUnit.Characters 8) source
            Expect.equal task.Name name "characters"

            match TaskForm.parse name with
            | Ok(TaskForm.Text resolved) ->
                Expect.equal (Tasks.ofText resolved source) task "with what it was found to be"
                Expect.equal (TaskForm.size (TaskForm.Text resolved)) (Some { Length = 8L; Letters = 9 }) "its size"
            | other -> failtest $"{other}"

            Expect.equal
                (Tasks.ofText (form TextUnit.Bytes 8) source).Name
                $"text moby.txt bytes length 8 of 256 sha256 {source.Sha256}"
                "bytes"
        }

        test "a form that makes no task is refused before its text is read; others need none" {
            let unread _ = failtest "nothing is to be read"
            let refused = TaskForm.Text { form TextUnit.Bytes 8 with Length = 0 }

            Expect.stringContains
                (refusal (fun () -> Tasks.ofFormWith unread refused |> ignore))
                "0 as length"
                "no task"

            Expect.equal (Tasks.ofFormWith unread TaskForm.study) Tasks.study "the study's"
            let source = source (utf8 (String.replicate 20 "hello world, "))
            let form = form TextUnit.Characters 8
            Expect.equal (Tasks.ofFormWith (fun _ -> source) (TaskForm.Text form)) (Tasks.ofText form source) "a text"
        }

        let long = utf8 (String.replicate 20 "hello world, ")
        let hash = "3f1c6f60ab54a5e6c9a0a3b3a9e5b9c8d2c5e5a0f9f3b1c2d3e4f5a6b7c8d9e0"

        let content letters sha256 = {
            form TextUnit.Characters 8 with
                Content = Some { Letters = letters; Sha256 = sha256 }
        }

        for what, form, source, sentence in
            [
                "a text that is too short",
                form TextUnit.Characters 64,
                source long[..49],
                "The text moby.txt has 45 characters in its first nine tenths, which are trained on, expected at least 64 for a window."
                "a last tenth that is too short",
                form TextUnit.Characters 64,
                source long,
                "The text moby.txt has 26 characters in its last tenth, which is held out, expected at least 64 for a window."
                "too few bytes",
                form TextUnit.Bytes 64,
                source long,
                "The text moby.txt has 26 bytes in its last tenth, which is held out, expected at least 64 for a window."
                "characters are counted, not their bytes",
                form TextUnit.Characters 9,
                source (utf8 (String.replicate 40 "€")),
                "The text moby.txt has 4 characters in its last tenth, which is held out, expected at least 9 for a window."
                "an empty text",
                form TextUnit.Characters 64,
                source [||],
                "The text moby.txt has no characters, expected at least 64 for a window."
                "an empty file",
                form TextUnit.Bytes 64,
                source [||],
                "The text moby.txt has 0 bytes in its first nine tenths, which are trained on, expected at least 64 for a window."
                "what is not UTF-8",
                form TextUnit.Characters 8,
                source (Array.append long [| 0xFFuy |]),
                "The text moby.txt is not UTF-8: the byte at 260, counted from 0, cannot stand there, expected UTF-8 or a task of its bytes, for example \"text moby.txt bytes length 8\"."
                "another text than it was",
                content 9 hash,
                source long,
                $"The text moby.txt has the SHA-256 {(source long).Sha256}, expected {hash}: it is not the one that the task was made of."
                "another text, which is not even one",
                content 9 hash,
                source [| 0xFFuy |],
                $"The text moby.txt has the SHA-256 {(source [| 0xFFuy |]).Sha256}, expected {hash}: it is not the one that the task was made of."
                "a form that was changed by hand",
                content 10 (source long).Sha256,
                source long,
                "The text moby.txt has 9 different tokens, expected 10 as the task says."
                "windows of one token",
                form TextUnit.Characters 1,
                source long,
                "The task \"text moby.txt length 1\" has 1 as length, expected 2 to 4096."
            ] do
            test $"{what} is refused" {
                Expect.equal (refusal (fun () -> Tasks.ofText form source |> ignore)) sentence "the sentence"
            }

        test "a text that changes while it is read is told" {
            let bytes = utf8 (String.replicate 100 "hello ")
            let task = Tasks.ofText (form TextUnit.Characters 8) (source bytes)

            for byte in "zé\uFFFF" |> utf8 |> Array.append [| 0x80uy; 0xFFuy |] do
                Array.fill bytes 0 bytes.Length byte

                Expect.equal
                    (refusal (fun () -> task.Write (Key.ofSeed 1UL) 3 (Array.zeroCreate 8)))
                    "The text moby.txt changed while it was being read, expected the bytes that it began with."
                    $"{byte}"
        }
    ]

let private names =
    testList "names" [
        law 100 "every name shows, and a text is read as it prints and as it is" (fun key ->
            let text = textOf 30 key
            let points = [ for rune in text.EnumerateRunes() -> rune.Value ] |> List.distinct |> List.sort

            for vocabulary in [ Vocabulary.characters points; Vocabulary.bytes ] do
                for name in vocabulary.Names do
                    Expect.equal (Quote.shown name) name "as it is"
                    Expect.isFalse (Seq.exists Char.IsWhiteSpace name) $"'{name}'"
                    let category = Rune.GetUnicodeCategory(Rune.GetRuneAt(name, 0))
                    Expect.notEqual category Globalization.UnicodeCategory.Control "no control character"

                Expect.equal (List.distinct vocabulary.Names) vocabulary.Names "once each"
                let tokens = Tokens.ofArray (Key.integers vocabulary.Size (integer 1 20 2 key) (Key.split 3UL key))

                match Vocabulary.parse vocabulary (Vocabulary.toText vocabulary tokens) with
                | Ok read -> Expect.equal (read.ToArray()) (tokens.ToArray()) "as it prints"
                | Error sentence -> failtest sentence

            let numbers = [| for rune in text.EnumerateRunes() -> List.findIndex ((=) rune.Value) points |]

            match Vocabulary.parse (Vocabulary.characters points) text with
            | Ok read when not (text.Contains '\\' || text.Contains '␣') ->
                Expect.equal (read.ToArray()) numbers "as it is"
            | Ok _ -> ()
            | Error sentence -> failtest sentence

            match Vocabulary.parse Vocabulary.bytes (text.Replace("\\", "").Replace("␣", "") + "a") with
            | Ok read ->
                let expected = utf8 (text.Replace("\\", "").Replace("␣", "") + "a") |> Array.map int
                Expect.equal (read.ToArray()) expected "as bytes"
            | Error sentence -> failtest sentence)

        test "what does not show has a name that does" {
            let points = [ 0; 9; 10; 32; int 'a'; int '\\'; 0xA0; 0x200B; 0x1F600 ]

            Expect.equal
                (Vocabulary.characters points).Names
                [ "␀"; "␉"; "␊"; "␣"; "a"; "\\\\"; "\\u00a0"; "\\u200b"; "😀" ]
                "characters"

            Expect.equal
                ((Vocabulary.characters [ 32; int 'a'; 0x2423 ]).Names)
                [ "\\u0020"; "a"; "\\u2423" ]
                "a text that has the picture of a space itself"

            let bytes = Vocabulary.bytes.Names
            Expect.equal bytes.Length 256 "bytes"

            Expect.equal
                [ bytes[10]; bytes[32]; bytes[65]; bytes[92]; bytes[127]; bytes[255] ]
                [ "␊"; "␣"; "A"; "\\\\"; "␡"; "\\xff" ]
                "bytes"
        }

        test "a character that the text has not is named with its place" {
            let vocabulary = Vocabulary.characters [ 10; int 'a'; int 'b'; int 'c' ]

            for text, expected in
                [
                    "ab\nz", "\"ab\\u000az\" has 'z' at place 4; the letters are ␊ to c."
                    "", "The text is empty; at least one letter is expected."
                ] do
                match Vocabulary.parse vocabulary text with
                | Error sentence -> Expect.equal sentence expected "the sentence"
                | Ok _ -> failtest text
        }
    ]

[<Tests>]
let tests = testList "Texts" [ scanning; windows; names ]
