namespace Interp

open System
open System.Buffers

/// A text as the host gives it: a file that was read once, and can be read at any place.
[<NoEquality; NoComparison>]
type TextSource = {
    /// How many bytes it has.
    Bytes: int64
    /// Puts the bytes from a place on, so many of them, at the beginning of an array. May be called by several threads at once.
    Copy: Action<int64, byte[], int>
    /// What a scan of it came to (`TextScan.finish`); not looked at where its bytes are tokens.
    Scan: Result<TextCounts, int64>
    /// The SHA-256 of its bytes, 64 hexadecimal digits.
    Sha256: string
}

/// Windows of a text.
module internal TextTask =

    // The longest character of UTF-8.
    let private longest = 4

    let private continues (byte: byte) = byte &&& 0xC0uy = 0x80uy

    let private changed (form: TextForm) : 'a =
        Refused.because
            $"The text {Quote.text form.File} changed while it was being read, expected the bytes that it began with."

    /// The bytes from `start` to before `last`, of a text or what is there of them.
    let private bytes (source: TextSource) (start: int64) (last: int64) =
        let bytes = Array.zeroCreate (int (last - start))
        source.Copy.Invoke(start, bytes, bytes.Length)
        bytes

    /// The beginning of the first character at or behind a place, in UTF-8.
    let private boundary (source: TextSource) (place: int64) =
        let next = bytes source place (min source.Bytes (place + int64 longest))

        match next |> Array.tryFindIndex (continues >> not) with
        | Some i -> place + int64 i
        | None -> min source.Bytes (place + int64 next.Length)

    /// Where the last window of `length` tokens between two places begins, or how many tokens there are where these are fewer.
    let private lastStart (form: TextForm) (source: TextSource) (start: int64) (finish: int64) : Result<int64, int> =
        match form.Unit with
        | TextUnit.Bytes when finish - start >= int64 form.Length -> Ok(finish - int64 form.Length)
        | TextUnit.Bytes -> Error(int (finish - start))
        | TextUnit.Characters ->
            let from = max start (finish - int64 form.Length * int64 longest)
            let starts = bytes source from finish |> Array.indexed |> Array.filter (snd >> continues >> not)

            if starts.Length >= form.Length then
                Ok(from + int64 (fst starts[starts.Length - form.Length]))
            else
                Error starts.Length

    /// A whole number below `bound`, from two words: the upper half of a product of 128 bits.
    let private below (bound: int64) (high: uint32) (low: uint32) =
        let mutable lower = 0UL
        int64 (Math.BigMul((uint64 high <<< 32) ||| uint64 low, uint64 bound, &lower))

    /// The code point that begins at a place, and its bytes.
    let private decode (bytes: byte[]) place : struct (int * int) =
        let bits i = int bytes[place + i] &&& 0x3F
        let first = int bytes[place]

        if first < 0x80 then
            struct (first, 1)
        elif first < 0xE0 then
            struct (((first &&& 0x1F) <<< 6) ||| bits 1, 2)
        elif first < 0xF0 then
            struct (((first &&& 0xF) <<< 12) ||| (bits 1 <<< 6) ||| bits 2, 3)
        else
            struct (((first &&& 7) <<< 18) ||| (bits 1 <<< 12) ||| (bits 2 <<< 6) ||| bits 3, 4)

    /// Window number `index` between two places: two words for its own, which is moved on to where a character begins. `numbers` has the
    /// token of each code point, or -1.
    let private write
        (form: TextForm)
        (source: TextSource)
        (numbers: int[])
        start
        finish
        lastStart
        key
        index
        (places: int[])
        =
        let words = Key.block (uint64 index / 2UL) key
        let high, low = if index % 2 = 0 then words.A, words.B else words.C, words.D
        let place = start + below (lastStart - start + 1L) high low

        let wanted =
            match form.Unit with
            | TextUnit.Bytes -> form.Length
            // Up to three bytes before the first character.
            | TextUnit.Characters -> int (min (int64 (longest * form.Length + longest - 1)) (finish - place))

        // Decoding looks at no more than three bytes behind these.
        let bytes = ArrayPool<byte>.Shared.Rent(wanted + longest)

        try
            source.Copy.Invoke(place, bytes, wanted)

            match form.Unit with
            | TextUnit.Bytes ->
                for i in 0 .. form.Length - 1 do
                    places[i] <- int bytes[i]
            | TextUnit.Characters ->
                let mutable next = 0

                while next < wanted && continues bytes[next] do
                    next <- next + 1

                for i in 0 .. form.Length - 1 do
                    if next >= wanted then
                        changed form

                    let struct (point, length) = decode bytes next

                    if point >= numbers.Length || numbers[point] < 0 then
                        changed form

                    places[i] <- numbers[point]
                    next <- next + length
        finally
            ArrayPool<byte>.Shared.Return bytes

    let private vocabulary (form: TextForm) (source: TextSource) : Vocabulary * int[] =
        match form.Unit, source.Scan with
        | TextUnit.Bytes, _ -> Vocabulary.bytes, [||]
        | TextUnit.Characters, Error place ->
            let bytes = string (TaskForm.Text { form with Unit = TextUnit.Bytes; Content = None })

            Refused.because
                $"The text {Quote.text form.File} is not UTF-8: the byte at {place}, counted from 0, cannot stand there, expected UTF-8 or a task of its bytes, for example \"{Quote.line bytes}\"."
        | TextUnit.Characters, Ok { Characters = [] } ->
            Refused.because
                $"The text {Quote.text form.File} has no characters, expected at least {form.Length} for a window."
        | TextUnit.Characters, Ok counts ->
            let points = List.map fst counts.Characters

            if points.Length > TaskForm.mostLetters then
                Refused.because
                    $"The text {Quote.text form.File} has {points.Length} different characters, expected at most {TaskForm.mostLetters}."

            let numbers = Array.create (List.last points + 1) -1
            points |> List.iteri (fun i point -> numbers[point] <- i)
            Vocabulary.characters points, numbers

    /// The form with what its text was found to be. Raises `RefusedException` where it says something else.
    let resolve (form: TextForm) (letters: int) (source: TextSource) : TextForm =
        let found = { Letters = letters; Sha256 = source.Sha256 }

        match form.Content with
        | Some content when content.Sha256 <> found.Sha256 ->
            Refused.because
                $"The text {Quote.text form.File} has the SHA-256 {found.Sha256}, expected {content.Sha256}: it is not the one that the task was made of."
        | Some content when content.Letters <> found.Letters ->
            Refused.because
                $"The text {Quote.text form.File} has {found.Letters} different tokens, expected {content.Letters} as the task says."
        | _ -> { form with Content = Some found }

    /// Windows of a text's first nine tenths; those of the last tenth, from where a character begins, are held out.
    let task (form: TextForm) (source: TextSource) : Task =
        // What the file is comes before what is in it: one that was exchanged is told as such.
        match form.Content with
        | Some content when content.Sha256 <> source.Sha256 -> resolve form content.Letters source |> ignore
        | _ -> ()

        let tokens, numbers = vocabulary form source
        let form = resolve form tokens.Size source
        let tenth = source.Bytes - source.Bytes / 10L
        let split = if form.Unit = TextUnit.Bytes then tenth else boundary source tenth

        let windows what start finish =
            match lastStart form source start finish with
            | Ok last -> write form source numbers start finish last
            | Error count ->
                let unit = if form.Unit = TextUnit.Bytes then "bytes" else "characters"

                Refused.because
                    $"The text {Quote.text form.File} has {count} {unit} in {what}, expected at least {form.Length} for a window."

        {
            Name = string (TaskForm.Text form)
            Tokens = tokens
            Length = form.Length
            Counted = [ 1 .. form.Length - 1 ]
            Write = windows "its first nine tenths, which are trained on" 0L split
            HeldOut = Some(windows "its last tenth, which is held out" split source.Bytes)
            Floor = lazy None
            Prompts = None
            Inputs = None
        }
