namespace Interp

open System
open System.Collections.Generic

/// A text scanned once, chunk by chunk: its characters and how often each comes, and whether it is UTF-8.
type TextScan = private {
    Scanned: int64
    /// Counts of code points in pages of 256.
    Pages: Map<int, int64[]>
    /// Of the character that the last chunk left unfinished: where it begins, its bits so far, bytes to come, and the least and the
    /// largest of the next one.
    Begun: int64
    Point: int
    ToCome: int
    Least: byte
    Largest: byte
    /// The first byte that cannot stand where it does, counted from 0.
    Wrong: int64 option
} with

    /// Bytes so far.
    member this.Bytes = this.Scanned

/// What a scan of a text came to.
type TextCounts = {
    /// Bytes.
    Bytes: int64
    /// The code points that there are, ascending, and how often each comes.
    Characters: (int * int64) list
}

/// A fold over the chunks of a text, of whatever size they are.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module TextScan =

    let private page = 256

    /// Nothing scanned yet.
    let start: TextScan = {
        Scanned = 0L
        Pages = Map.empty
        Begun = 0L
        Point = 0
        ToCome = 0
        Least = 0uy
        Largest = 0uy
        Wrong = None
    }

    /// What a first byte says: bits of the code point, bytes to come, and between which the next one lies, as no character has two forms,
    /// surrogates have none and U+10FFFF is the last (The Unicode Standard, table 3-7).
    let private first (byte: byte) : struct (int * int * byte * byte) voption =
        match byte with
        | b when b >= 0xC2uy && b <= 0xDFuy -> ValueSome(struct (int b &&& 0x1F, 1, 0x80uy, 0xBFuy))
        | 0xE0uy -> ValueSome(struct (0, 2, 0xA0uy, 0xBFuy))
        | 0xEDuy -> ValueSome(struct (0xD, 2, 0x80uy, 0x9Fuy))
        | b when b >= 0xE1uy && b <= 0xEFuy -> ValueSome(struct (int b &&& 0xF, 2, 0x80uy, 0xBFuy))
        | 0xF0uy -> ValueSome(struct (0, 3, 0x90uy, 0xBFuy))
        | 0xF4uy -> ValueSome(struct (4, 3, 0x80uy, 0x8Fuy))
        | b when b >= 0xF1uy && b <= 0xF3uy -> ValueSome(struct (int b &&& 7, 3, 0x80uy, 0xBFuy))
        | _ -> ValueNone

    /// The scan with the first `count` bytes of a chunk behind what it has seen. Raises `ArgumentOutOfRangeException` where the chunk is
    /// shorter.
    let add (chunk: byte[]) (count: int) (scan: TextScan) : TextScan =
        ArgumentOutOfRangeException.ThrowIfNegative count
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, chunk.Length)

        // ASCII, which most is, is counted on the side.
        let plain: int64[] = Array.zeroCreate 128
        let others = Dictionary<int, int64>()
        let mutable begun = scan.Begun
        let mutable point = scan.Point
        let mutable toCome = scan.ToCome
        let mutable least = scan.Least
        let mutable largest = scan.Largest
        let mutable wrong = scan.Wrong
        let mutable i = 0

        while i < count && wrong.IsNone do
            let byte = chunk[i]

            if toCome = 0 then
                if byte < 0x80uy then
                    plain[int byte] <- plain[int byte] + 1L
                else
                    begun <- scan.Scanned + int64 i

                    match first byte with
                    | ValueSome(struct (bits, more, low, high)) ->
                        point <- bits
                        toCome <- more
                        least <- low
                        largest <- high
                    | ValueNone -> wrong <- Some begun
            elif byte < least || byte > largest then
                wrong <- Some(scan.Scanned + int64 i)
            else
                point <- (point <<< 6) ||| int (byte &&& 0x3Fuy)
                toCome <- toCome - 1
                least <- 0x80uy
                largest <- 0xBFuy

                if toCome = 0 then
                    others[point] <- others.GetValueOrDefault point + 1L

            i <- i + 1

        let counted = Seq.append (Seq.indexed plain) (others |> Seq.map (fun pair -> pair.Key, pair.Value))

        let pages =
            (scan.Pages, counted |> Seq.filter (fun (_, n) -> n > 0L) |> Seq.groupBy (fun (point, _) -> point / page))
            ||> Seq.fold (fun pages (number, points) ->
                let counts =
                    match Map.tryFind number pages with
                    | Some counts -> Array.copy counts
                    | None -> Array.zeroCreate page

                for point, n in points do
                    counts[point % page] <- counts[point % page] + n

                Map.add number counts pages)

        {
            Scanned = scan.Scanned + int64 count
            Pages = pages
            Begun = begun
            Point = point
            ToCome = toCome
            Least = least
            Largest = largest
            Wrong = wrong
        }

    /// What the whole text came to; the error is the place, counted from 0, of the first byte that cannot stand where it does, or of the
    /// character that the text ends within.
    let finish (scan: TextScan) : Result<TextCounts, int64> =
        match scan.Wrong with
        | Some place -> Error place
        | None when scan.ToCome > 0 -> Error scan.Begun
        | None ->
            Ok {
                Bytes = scan.Scanned
                Characters = [
                    for KeyValue(number, counts) in scan.Pages do
                        for i in 0 .. page - 1 do
                            if counts[i] > 0L then
                                number * page + i, counts[i]
                ]
            }
