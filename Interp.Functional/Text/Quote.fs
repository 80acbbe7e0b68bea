namespace Interp

open System
open System.Globalization
open System.Text

/// Foreign words inside a sentence of ours.
module internal Quote =

    /// Letters and signs that take no room of their own, so that two names with and without them look alike: Unicode's
    /// Default_Ignorable_Code_Point where its category does not tell already.
    let private ignorable (rune: Rune) =
        match rune.Value with
        | 0x034F
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x3164
        | 0xFFA0 -> true
        | value ->
            value >= 0x180B && value <= 0x180F
            || value >= 0xFE00 && value <= 0xFE0F
            || value >= 0xE0000 && value <= 0xE0FFF

    let private printable (rune: Rune) =
        match Rune.GetUnicodeCategory rune with
        | UnicodeCategory.Control
        | UnicodeCategory.Format
        | UnicodeCategory.Surrogate
        | UnicodeCategory.PrivateUse
        | UnicodeCategory.OtherNotAssigned
        | UnicodeCategory.LineSeparator
        | UnicodeCategory.ParagraphSeparator -> false
        | _ -> not (ignorable rune)

    let private escaped longest (foreign: string) =
        let quoted = StringBuilder()
        let mutable place = 0
        let mutable count = 0

        while place < foreign.Length && count < longest do
            let status, rune, length = Rune.DecodeFromUtf16(foreign.AsSpan place)

            if status = Buffers.OperationStatus.Done && printable rune then
                quoted.Append(foreign, place, length) |> ignore
            else
                for character in foreign.AsSpan(place, length) do
                    quoted.Append("\\u").Append((int character).ToString "x4") |> ignore

            place <- place + length
            count <- count + 1

        if place < foreign.Length then
            quoted.Append '…' |> ignore

        quoted.ToString()

    /// A word from a file or a command line, fit for one line of a terminal: what does not print is escaped, and what is longer
    /// than 60 characters is cut.
    let text (foreign: string) : string = escaped 60 foreign

    /// The same of a whole sentence, up to 1,000 characters.
    let line (foreign: string) : string = escaped 1000 foreign

    /// The same of any length: control characters, marks that turn the direction of writing, what is invisible, and halves of
    /// characters are escaped. What is shown so already stays as it is.
    let shown (foreign: string) : string = escaped Int32.MaxValue foreign

    /// A number that may be none, in words that every terminal has.
    let number (x: float) : string =
        if System.Double.IsNaN x then
            "NaN"
        elif System.Double.IsInfinity x then
            (if x > 0.0 then "infinity" else "-infinity")
        else
            x.ToString("R", CultureInfo.InvariantCulture)
