namespace Interp

open System
open System.Globalization
open System.Text.RegularExpressions

/// Numbers as users and files write them: one grammar for options, sweeps, configurations, conditions, interventions and the
/// environment, whatever the culture. It is JSON's, in which ".5" and "5." are numbers too: the digits 0 to 9, a minus sign, a decimal
/// point; no plus sign, thousands, spaces or leading zeros, so that a list "0,01" is not the numbers 0 and 1.
module internal Numbers =

    let private integer = Regex(@"\A(?:0|-?[1-9][0-9]{0,18})\z", RegexOptions.CultureInvariant)

    let private naturalNumber = Regex(@"\A(?:0|[1-9][0-9]{0,19})\z", RegexOptions.CultureInvariant)

    let private decimalNumber =
        Regex(@"\A-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)

    let private parsed (grammar: Regex) parse (text: string) =
        if grammar.IsMatch text then
            match parse (text, CultureInfo.InvariantCulture) with
            | true, number -> Some number
            | false, _ -> None
        else
            None

    /// A whole number of 32 bits, written with digits alone: neither 1e3 nor 1.0, and no -0.
    let whole (text: string) : int option =
        text
        |> parsed integer (fun (text, culture) -> Int32.TryParse(text, NumberStyles.AllowLeadingSign, culture))

    /// A whole number from 0 to 2^64 - 1.
    let natural (text: string) : uint64 option =
        text
        |> parsed naturalNumber (fun (text, culture) -> UInt64.TryParse(text, NumberStyles.None, culture))

    /// A finite number of 64 bits; none for -0, and for what is too large or too small to be told from infinity or 0.
    let real (text: string) : float option =
        let digits = text.Split([| 'e'; 'E' |])[0]

        text
        |> parsed decimalNumber (fun (text, culture) -> Double.TryParse(text, NumberStyles.Float, culture))
        |> Option.filter (fun number ->
            Double.IsFinite number
            && (number <> 0.0 || not (digits.StartsWith '-' || digits |> Seq.exists (fun c -> c >= '1' && c <= '9'))))

    /// A number as files and command lines have it: to the last bit, in the invariant form, as in "0.001" and "1e-08".
    let show (number: float) : string = number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e')

    /// What was found in place of a number, for a sentence: as it is if it looks like one, quoted otherwise.
    let found (text: string) : string =
        let numeric = text |> Seq.forall (fun c -> Char.IsAsciiDigit c || "+-.eE".Contains c)

        if numeric && Seq.exists Char.IsAsciiDigit text then
            Quote.text text
        else
            $"\"{Quote.text text}\""
