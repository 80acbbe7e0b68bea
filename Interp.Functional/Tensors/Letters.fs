namespace Interp

open System

/// Letters' names: A to Z, a to z, 0 to 9, then letters of other alphabets, one character each for up to 256 letters.
module Letters =

    let private names = Letter.names

    /// The number of letters that have names, 256.
    let count = names.Length

    /// The name of a letter's number, counted from 0. Raises `RefusedException` for a number that has none.
    let name (letter: int) =
        if letter < 0 || letter >= names.Length then
            Refused.because $"Letters.name: {letter} is outside of 0 to {names.Length - 1}."

        string names[letter]

    /// The letters' names one behind the other.
    let toText (tokens: Tokens) = tokens.ToArray() |> Array.map name |> String.concat ""

    /// The letters of a text in a vocabulary of the first `vocabulary` letters; the error is a sentence that names the first
    /// one that the vocabulary has not, and its place counted from 1.
    let ofText (vocabulary: int) (text: string) : Result<Tokens, string> =
        let numbers = text |> Seq.map (fun letter -> Array.IndexOf(names, letter)) |> Seq.toArray

        match numbers |> Array.tryFindIndex (fun n -> n < 0 || n >= vocabulary) with
        | Some i ->
            Error
                $"\"{Quote.text text}\" has '{Quote.text (string text[i])}' at place {i + 1}; the letters are {name 0} to {name (vocabulary - 1)}."
        | None when numbers.Length = 0 -> Error "The text is empty; at least one letter is expected."
        | None -> Ok(Tokens.ofArray numbers)
