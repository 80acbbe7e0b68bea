namespace Interp

open System.Globalization
open System.Text

/// Foreign words inside a sentence of ours.
module internal Quote =

    let private printable (character: char) =
        match System.Char.GetUnicodeCategory character with
        | UnicodeCategory.Control
        | UnicodeCategory.Format
        | UnicodeCategory.Surrogate
        | UnicodeCategory.PrivateUse
        | UnicodeCategory.OtherNotAssigned
        | UnicodeCategory.LineSeparator
        | UnicodeCategory.ParagraphSeparator -> false
        | _ -> true

    let private escaped longest (foreign: string) =
        let quoted = StringBuilder()

        for character in foreign[.. longest - 1] do
            if printable character then
                quoted.Append character |> ignore
            else
                quoted.Append("\\u").Append((int character).ToString "x4") |> ignore

        if foreign.Length > longest then
            quoted.Append '…' |> ignore

        quoted.ToString()

    /// A word from a file or a command line, fit for one line of a terminal: what does not print is escaped, and what is longer
    /// than 60 characters is cut.
    let text (foreign: string) : string = escaped 60 foreign

    /// The same of a whole sentence, up to 1,000 characters.
    let line (foreign: string) : string = escaped 1000 foreign

    /// A number that may be none, in words that every terminal has.
    let number (x: float) : string =
        if System.Double.IsNaN x then
            "NaN"
        elif System.Double.IsInfinity x then
            (if x > 0.0 then "infinity" else "-infinity")
        else
            x.ToString("R", CultureInfo.InvariantCulture)
