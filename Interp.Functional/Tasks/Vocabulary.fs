namespace Interp

open System
open System.Collections.Generic
open System.Globalization

/// The names of a model's tokens, each once: token number i has the name number i. Vocabularies of equal names are equal.
[<CustomEquality; NoComparison>]
type Vocabulary = private {
    All: string[]
    Numbers: Lazy<Dictionary<string, int>>
    /// Whether every name is one character, so that texts are names one behind the other; else spaces stand between names.
    Spelled: bool
} with

    /// The number of tokens.
    member this.Size = this.All.Length

    /// All names, the first token's first.
    member this.Names = List.ofArray this.All

    override this.Equals other =
        match other with
        | :? Vocabulary as other -> this.All = other.All
        | _ -> false

    override this.GetHashCode() = hash (this.All.Length, Array.tryHead this.All)

/// Tokens by their names.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Vocabulary =

    let private isOneCharacter (name: string) = StringInfo(name).LengthInTextElements = 1

    /// Tokens of these names. Raises `RefusedException` for no names, an empty one, or one that is there twice; names of which one is longer
    /// than a character may hold no white space, as that stands between them.
    let ofNames (names: string list) : Vocabulary =
        let all = Array.ofList names
        let spelled = Array.forall isOneCharacter all

        if all.Length = 0 then
            Refused.because "A vocabulary has no names, expected at least one."

        match names |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) -> Refused.because $"The vocabulary has the name \"{Quote.text name}\" twice, expected it once."
        | None -> ()

        match
            all
            |> Array.tryFindIndex (fun name -> name = "" || (not spelled && Seq.exists Char.IsWhiteSpace name))
        with
        | Some i ->
            Refused.because
                $"The name of token {i} is \"{Quote.text all[i]}\", expected one without white space, at least one character long."
        | None -> ()

        {
            All = all
            Numbers =
                lazy
                    (let numbers = Dictionary all.Length
                     all |> Array.iteri (fun i name -> numbers[name] <- i)
                     numbers)
            Spelled = spelled
        }

    /// `count` letters: A to Z, a to z, 0 to 9, then letters of other alphabets; of more than 256 tokens the numbers. Raises
    /// `RefusedException` for a count below 1.
    let letters (count: int) : Vocabulary =
        if count < 1 then
            Refused.because $"A vocabulary of {count} letters was asked for, expected at least 1."

        ofNames (List.init count (if count <= Letters.count then Letters.name else string))

    /// The numbers from 0 to `count` - 1, and other names behind them. Raises `RefusedException` for a count below 1.
    let numbers (count: int) (others: string list) : Vocabulary = ofNames (List.init count string @ others)

    /// A token's name; its number in brackets for one that has none.
    let name (vocabulary: Vocabulary) (token: int) : string =
        if token >= 0 && token < vocabulary.All.Length then
            vocabulary.All[token]
        else
            $"[{token}]"

    /// What stands between two names in a text: nothing where each is one character, else a space.
    let separator (vocabulary: Vocabulary) : string = if vocabulary.Spelled then "" else " "

    /// The names one behind the other, as `parse` reads them.
    let toText (vocabulary: Vocabulary) (tokens: Tokens) : string =
        tokens.ToArray() |> Array.map (name vocabulary) |> String.concat (separator vocabulary)

    /// "A to Z", "0 to 63 and ="
    let describe (vocabulary: Vocabulary) : string =
        let all = vocabulary.All

        if all.Length <= 3 then
            all |> Array.map Quote.text |> String.concat ", "
        else
            $"{Quote.text all[0]} to {Quote.text (Array.last all)}"

    let private words (vocabulary: Vocabulary) (text: string) : string[] =
        if vocabulary.Spelled then
            let elements = StringInfo.GetTextElementEnumerator text

            [|
                while elements.MoveNext() do
                    elements.GetTextElement()
            |]
        else
            text.Split(' ', StringSplitOptions.RemoveEmptyEntries)

    /// The tokens of a text; the error is a sentence that names the first one that the vocabulary has not, and its place counted from 1.
    let parse (vocabulary: Vocabulary) (text: string) : Result<Tokens, string> =
        let words = words vocabulary text
        let known = vocabulary.Numbers.Value

        match words |> Array.tryFindIndex (known.ContainsKey >> not) with
        | Some i ->
            let what = if vocabulary.Spelled then "letters" else "tokens, with spaces between them,"

            Error
                $"\"{Quote.text text}\" has '{Quote.text words[i]}' at place {i + 1}; the {what} are {describe vocabulary}."
        | None when words.Length = 0 -> Error "The text is empty; at least one letter is expected."
        | None -> Ok(words |> Array.map (fun word -> known[word]) |> Tokens.ofArray)
