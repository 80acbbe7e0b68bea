namespace Interp

open System
open System.Collections.Generic
open System.Globalization
open System.Text

/// How a text of names is read.
[<RequireQualifiedAccess>]
type private Reading =
    /// Every name is one character as people count them; nothing stands between names.
    | Elements
    /// Names are single code points or escapes of them, which a text may have as they are, too; nothing stands between names.
    | Characters
    /// Spaces stand between names.
    | Words

/// The names of a model's tokens, each once: token number i has the name number i. Vocabularies of equal names are equal.
[<StructuredFormatDisplay("{Display}")>]
[<CustomEquality; NoComparison>]
type Vocabulary = private {
    All: string[]
    /// What stands in a text for a token.
    Spellings: string[]
    /// A token's number by its name; of `Characters` by what stands in a text for it, too.
    Numbers: Lazy<Dictionary<string, int>>
    Reading: Reading
    /// Names at the end that are of another kind than those before: separators behind letters.
    Others: int
} with

    /// The number of tokens.
    member this.Size = this.All.Length

    /// All names, the first token's first.
    member this.Names = List.ofArray this.All

    member internal this.Described =
        let first, others = this.All |> Array.map Quote.text |> Array.splitAt (this.All.Length - this.Others)
        let first = if first.Length <= 3 then first else [| $"{first[0]} to {Array.last first}" |]

        match List.ofArray (Array.append first others) with
        | [ one; other ] when others.Length = 1 -> $"{one} and {other}"
        | names -> String.concat ", " names

    member internal this.Display = Display.line $"{Display.count (int64 this.Size)} tokens, {this.Described}"

    override this.Equals other =
        match other with
        | :? Vocabulary as other -> this.All = other.All
        | _ -> false

    override this.GetHashCode() = hash (this.All.Length, Array.tryHead this.All)

/// Tokens by their names.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Vocabulary =

    let private numbered (names: string[]) =
        let numbers = Dictionary names.Length
        names |> Array.iteri (fun i name -> numbers[name] <- i)
        numbers

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
            Spellings = all
            Numbers = lazy (numbered all)
            Reading = if spelled then Reading.Elements else Reading.Words
            Others = 0
        }

    /// `count` letters, and other names behind them: A to Z, a to z, 0 to 9, then letters of other alphabets; of more than 256 tokens
    /// the numbers. Raises `RefusedException` for a count below 1.
    let internal lettersAnd (others: string list) (count: int) : Vocabulary =
        if count < 1 then
            Refused.because $"A vocabulary of {count} letters was asked for, expected at least 1."

        let name = if count + others.Length <= Letters.count then Letters.name else string
        { ofNames (List.init count name @ others) with Others = others.Length }

    /// `count` letters, as in `lettersAnd`.
    let letters (count: int) : Vocabulary = lettersAnd [] count

    /// The numbers from 0 to `count` - 1, and other names behind them. Raises `RefusedException` for a count below 1.
    let numbers (count: int) (others: string list) : Vocabulary =
        if count < 1 then
            Refused.because $"A vocabulary of {count} numbers was asked for, expected at least 1."

        { ofNames (List.init count string @ others) with Others = others.Length }

    /// Unicode's pictures of what does not show: of a space, and of control characters below U+0020 and at U+007F.
    let private picture (point: int) =
        match point with
        | 0x20 -> Some 0x2423
        | 0x7F -> Some 0x2421
        | point when point < 0x20 -> Some(0x2400 + point)
        | _ -> None

    let private isEscape (name: string) = name.Length > 1 && name[0] = '\\'

    /// Names that show of tokens that stand for `written`, most of which are code points: themselves, pictures of what is empty, escapes
    /// of what else does not show.
    let private shown (points: int[]) (escape: int -> string) (written: int -> string) : Vocabulary =
        let all = HashSet points

        let name (point: int) =
            match picture point with
            | Some picture when not (all.Contains picture) -> string (Rune picture)
            | Some _ -> escape point
            | None when point = int '\\' -> "\\\\"
            | None ->
                let itself = written point
                let isPicture = point >= 0x2400 && point <= 0x2423

                if isPicture || Quote.shown itself <> itself || Seq.exists Char.IsWhiteSpace itself then
                    escape point
                else
                    itself

        let names = points |> Array.map name

        {
            All = names
            // A backslash stays doubled, as it may stand before what would else be an escape.
            Spellings = Array.map2 (fun point name -> if point = int '\\' then name else written point) points names
            Numbers =
                lazy
                    (let numbers = numbered names
                     points |> Array.iteri (fun i point -> numbers.TryAdd(written point, i) |> ignore)
                     numbers)
            Reading = Reading.Characters
            Others = 0
        }

    /// Characters by their code points. What does not show has a name that does: `␣` for a space, `␊` for the end of a line and so on,
    /// `\u00a0` and its like for other characters that are empty or not to be seen, `\\` for a backslash. `parse` reads names and the
    /// characters themselves. Raises `RefusedException` for none, for one that is there twice, and for what is no code point of Unicode.
    let characters (points: int list) : Vocabulary =
        if points.IsEmpty then
            Refused.because "A vocabulary has no names, expected at least one."

        match
            points |> List.tryFind (Rune.IsValid >> not),
            points |> List.countBy id |> List.tryFind (fun (_, n) -> n > 1)
        with
        | Some wrong, _ -> Refused.because $"{wrong} is no character's code point."
        | None, Some(twice, _) ->
            Refused.because $"The vocabulary has the character number {twice} twice, expected it once."
        | None, None -> ()

        let escape (point: int) =
            if point < 0x10000 then
                "\\u" + point.ToString "x4"
            else
                "\\U" + point.ToString "x8"

        shown (Array.ofList points) escape (fun point -> string (Rune point))

    /// The 256 bytes: ASCII's characters as in `characters`, `\x80` to `\xff` for the rest. `parse` reads names, and characters as their
    /// bytes in UTF-8.
    let bytes: Vocabulary =
        let escape (point: int) = "\\x" + point.ToString "x2"
        shown [| 0..255 |] escape (fun point -> if point < 128 then string (char point) else escape point)

    /// The code point that a name of `characters` stands for.
    let private point (name: string) : int option =
        let digits (from: int) =
            match Int32.TryParse(name.AsSpan from, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) with
            | true, point -> Some point
            | _ -> None

        match [ for rune in name.EnumerateRunes() -> rune.Value ] with
        | [ 0x2421 ] -> Some 0x7F
        | [ 0x2423 ] -> Some 0x20
        | [ point ] when point >= 0x2400 && point < 0x2420 -> Some(point - 0x2400)
        | [ point ] -> Some point
        | [ _; _ ] when name = "\\\\" -> Some(int '\\')
        | _ when name.Length = 6 && name.StartsWith("\\u", StringComparison.Ordinal) -> digits 2
        | _ when name.Length = 10 && name.StartsWith("\\U", StringComparison.Ordinal) -> digits 2
        | _ -> None

    /// The vocabulary of a text by the names that it has, as a file keeps them; none for names of another.
    let internal ofText (names: string list) : Vocabulary option =
        let points = names |> List.choose point

        if names = bytes.Names then
            Some bytes
        elif
            names.IsEmpty
            || points.Length <> names.Length
            || not (List.forall (fun (point: int) -> Rune.IsValid point) points)
            || (List.distinct points).Length <> points.Length
        then
            None
        else
            Some(characters points) |> Option.filter (fun vocabulary -> vocabulary.Names = names)

    /// A token's name; its number in brackets for one that has none.
    let name (vocabulary: Vocabulary) (token: int) : string =
        if token >= 0 && token < vocabulary.All.Length then
            vocabulary.All[token]
        else
            $"[{token}]"

    /// What stands between two names in a text: nothing where each is one character, else a space.
    let separator (vocabulary: Vocabulary) : string = if vocabulary.Reading = Reading.Words then " " else ""

    /// What stands in a text for a token: of characters themselves, a backslash twice.
    let written (vocabulary: Vocabulary) (token: int) : string =
        if token >= 0 && token < vocabulary.Spellings.Length then
            vocabulary.Spellings[token]
        else
            name vocabulary token

    /// The tokens as a text, which `parse` reads.
    let toText (vocabulary: Vocabulary) (tokens: Tokens) : string =
        tokens.ToArray() |> Array.map (written vocabulary) |> String.concat (separator vocabulary)

    /// "A to Z", "0 to 63 and ="
    let describe (vocabulary: Vocabulary) : string = vocabulary.Described

    /// Escapes, and else code points: a name where the vocabulary has it, else the names of its bytes where it has these.
    let private characterWords (known: Dictionary<string, int>) (text: string) : string list =
        let escape place =
            [ 2; 4; 6; 10 ]
            |> List.tryPick (fun length ->
                if text[place] = '\\' && place + length <= text.Length then
                    Some text[place .. place + length - 1]
                    |> Option.filter (fun word -> isEscape word && known.ContainsKey word)
                else
                    None)

        let rec words place found =
            if place >= text.Length then
                List.rev found
            else
                match escape place with
                | Some word -> words (place + word.Length) (word :: found)
                | None ->
                    let status, rune, length = Rune.DecodeFromUtf16(text.AsSpan place)
                    let word = text.Substring(place, length)
                    let bytes = [ for byte in Encoding.UTF8.GetBytes word -> "\\x" + byte.ToString "x2" ]

                    if
                        not (known.ContainsKey word)
                        && status = Buffers.OperationStatus.Done
                        && rune.Value > 127
                        && List.forall known.ContainsKey bytes
                    then
                        words (place + length) (List.rev bytes @ found)
                    else
                        words (place + length) (word :: found)

        words 0 []

    let private words (vocabulary: Vocabulary) (text: string) : string[] =
        match vocabulary.Reading with
        | Reading.Elements ->
            let elements = StringInfo.GetTextElementEnumerator text

            [|
                while elements.MoveNext() do
                    elements.GetTextElement()
            |]
        | Reading.Characters -> characterWords vocabulary.Numbers.Value text |> Array.ofList
        | Reading.Words -> text.Split(' ', StringSplitOptions.RemoveEmptyEntries)

    /// The tokens of a text; the error is a sentence that names the first one that the vocabulary has not, and its place counted from 1.
    let parse (vocabulary: Vocabulary) (text: string) : Result<Tokens, string> =
        let words = words vocabulary text
        let known = vocabulary.Numbers.Value

        match words |> Array.tryFindIndex (known.ContainsKey >> not) with
        | Some i ->
            let what =
                if vocabulary.Reading = Reading.Words then
                    "tokens, with spaces between them,"
                else
                    "letters"

            Error
                $"\"{Quote.text text}\" has '{Quote.text words[i]}' at place {i + 1}; the {what} are {describe vocabulary}."
        | None when words.Length = 0 -> Error "The text is empty; at least one letter is expected."
        | None -> Ok(words |> Array.map (fun word -> known[word]) |> Tokens.ofArray)
