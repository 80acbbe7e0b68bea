namespace Interp

open System
open System.Text.RegularExpressions

/// Printed forms of explanations, read.
module internal ExplanationGrammar =

    /// The longest text that is read, in characters: a thousand clauses have room.
    let longest = 100_000

    // "(", ")", ",", ">" and "->" are words of their own, with or without spaces around them.
    let private word = Regex(@"->|[(),>]|(?:(?!->)[^\s(),>])+", RegexOptions.CultureInvariant)

    let private words (clause: string) = [ for found in word.Matches clause -> found.Value ]

    let private quoted (word: string) = $"\"{word}\""

    /// "\"a\", \"b\" or \"c\""
    let private either (known: string list) =
        match List.rev (List.map quoted known) with
        | [] -> ""
        | [ only ] -> only
        | last :: others ->
            let others = others |> List.rev |> String.concat ", "
            $"{others} or {last}"

    /// The word that a misspelt one is nearest to, where it is near at all: a short word is near to any other.
    let private meant (known: string list) (word: string) =
        // "5-bakc" is looked up as "N-bakc".
        let digits = word |> Seq.takeWhile Char.IsAsciiDigit |> Seq.length
        let general = if digits > 0 then "N" + word[digits..] else word

        known
        |> List.filter (fun other -> not (Spelling.within (min 2 (other.Length / 2)) [ other ] general).IsEmpty)
        |> function
            | [] -> None
            | near -> Spelling.nearest near general |> List.tryHead

    /// What was found where one of some words, or something that is told in words, was expected.
    let private unexpected (what: string) (known: string list) (words: string list) : string =
        match words with
        | [] -> $"ends where {what} was expected"
        | word :: _ ->
            match meant known word with
            | Some near -> $"has {Numbers.found word}, where \"{near}\" may have been meant"
            | None -> $"has {Numbers.found word}, expected {what}"

    let private which (word: string) =
        match word with
        | "*" -> Some Which.Every
        | number -> Numbers.whole number |> Option.filter (fun n -> n >= 0) |> Option.map Which.One

    let private (|Heads|_|) (word: string) =
        match word.Split '.' with
        | [| layers; numbers |] ->
            Option.map2 (fun layers numbers -> { Layers = layers; Numbers = numbers }) (which layers) (which numbers)
        | _ -> None

    let private aHead = "a head such as 0.2, or 1.* for all of a layer"

    /// Whether heads may stand one behind the other.
    let private ascend (heads: Heads list) =
        let above least (heads: Heads) =
            match least, heads.Layers with
            | Some least, Which.Every -> Some(least + 1L)
            | Some least, Which.One layer when int64 layer >= least -> Some(int64 layer + 1L)
            | _ -> None

        (List.fold above (Some 0L) heads).IsSome

    let private inOrder what (heads: Heads list) =
        if ascend heads then
            Ok()
        else
            Error $"has {what}, whose heads do not stand in ascending layers"

    /// Heads one behind the other: "0.1>1.3".
    let private path (words: string list) : Result<Heads list * string list, string> =
        let rec next behind words =
            match words with
            | Heads head :: ">" :: rest -> next (head :: behind) rest
            | Heads head :: rest -> Ok(List.rev (head :: behind), rest)
            | _ -> Error(unexpected aHead [] words)

        next [] words
        |> Result.bind (fun (heads, rest) ->
            inOrder $"the path \"{Quote.text (string (ScoreSource.Through heads))}\"" heads
            |> Result.map (fun () -> heads, rest))

    /// Which tables a form is for.
    [<RequireQualifiedAccess>]
    type private Table =
        /// Between letters, of values.
        | Values
        /// Between letters, of scores.
        | Scores
        /// Between letters and positions.
        | Mixed

    let private always = [ Table.Values; Table.Scores; Table.Mixed ]
    let private letters = [ Table.Values; Table.Scores ]

    let private tableForms = [
        "exact", TableForm.Exact, always
        "diagonal", TableForm.Diagonal, letters
        "two-numbers", TableForm.TwoNumbers, letters
        "nothing", TableForm.Nothing, always
        "over-queries", TableForm.OverQueries, [ Table.Scores ]
        "over-keys", TableForm.OverKeys, [ Table.Scores ]
        "over-letters", TableForm.OverLetters, [ Table.Mixed ]
        "over-positions", TableForm.OverPositions, [ Table.Mixed ]
    ]

    let private rankWord = "rank"

    let private fitting (tables: Table list) =
        if tables = letters then "a table between letters"
        elif tables = [ Table.Scores ] then "a table of scores between letters"
        else "a table between letters and positions"

    let private tableForm (table: Table) (words: string list) : Result<TableForm * string list, string> =
        let unfit form tables = Error $"has \"{form}\", which is a form of {fitting tables} and none of this part"

        let known = [
            for name, _, tables in tableForms do
                if List.contains table tables then
                    name

            if List.contains table letters then
                rankWord
        ]

        match words with
        | word :: _ when word = rankWord && not (List.contains table letters) -> unfit word letters
        | word :: rest when word = rankWord ->
            match rest with
            | number :: rest ->
                match Numbers.whole number with
                | Some rank when rank >= 1 -> Ok(TableForm.Rank rank, rest)
                | _ -> Error $"has the rank {Numbers.found number}, expected a whole number from 1"
            | [] -> Error $"ends where a whole number was expected, as in \"{rankWord} 2\""
        | _ ->
            match
                words
                |> List.tryHead
                |> Option.bind (fun word -> tableForms |> List.tryFind (fun (name, _, _) -> name = word))
            with
            | Some(_, form, tables) when List.contains table tables -> Ok(form, words.Tail)
            | Some(name, _, tables) -> unfit name tables
            | None -> Error(unexpected (either known) known words)

    /// What is left of a clause behind its form: "for 1.*", or nothing.
    let private reading (head: Heads) (words: string list) : Result<Heads option, string> =
        match words with
        | [] -> Ok None
        | [ "for"; Heads by ] when ascend [ head; by ] -> Ok(Some by)
        | [ "for"; Heads by ] -> Error $"ends with \"for {by}\", which reads nothing of what {head} writes"
        | "for" :: Heads _ :: _ -> Error(unexpected "nothing more" [] (List.skip 2 words))
        | "for" :: rest -> Error(unexpected aHead [] rest)
        | _ -> Error(unexpected "\"for\" and later heads, or nothing more" [ "for" ] words)

    let private ended (words: string list) : Result<unit, string> =
        if words.IsEmpty then Ok() else Error(unexpected "nothing more" [] words)

    let private sourceWords = [ "embed"; "pos"; "*" ]

    let private source (head: Heads) (words: string list) : Result<ScoreSource * string list, string> =
        match words with
        | "*" :: rest -> Ok(ScoreSource.Letters, rest)
        | "embed" :: rest -> Ok(ScoreSource.Embed, rest)
        | "pos" :: rest -> Ok(ScoreSource.Pos, rest)
        | Heads _ :: _ ->
            path words
            |> Result.bind (fun (heads, rest) ->
                let read = ScoreSource.Through heads

                if ascend (heads @ [ head ]) then
                    Ok(read, rest)
                else
                    Error $"has \"{Quote.text (string read)}\", which {head} cannot read")
        | _ -> Error(unexpected $"{either sourceWords}, or an earlier head such as 0.2" [ "embed"; "pos" ] words)

    let private punctuation (sign: string) (words: string list) : Result<string list, string> =
        match words with
        | word :: rest when word = sign -> Ok rest
        | _ -> Error(unexpected (quoted sign) [] words)

    /// "(embed, pos)"; both read the embedding where nothing is said.
    let private sources (head: Heads) (words: string list) : Result<(ScoreSource * ScoreSource) * string list, string> =
        match words with
        | "(" :: rest ->
            source head rest
            |> Result.bind (fun (query, rest) ->
                punctuation "," rest
                |> Result.bind (source head)
                |> Result.bind (fun (key, rest) ->
                    punctuation ")" rest
                    |> Result.bind (fun rest ->
                        match query, key with
                        | ScoreSource.Pos, ScoreSource.Pos ->
                            Error "has \"(pos, pos)\", which is no table, expected letters on one side or both"
                        | both -> Ok(both, rest))))
        | _ -> Ok((ScoreSource.Embed, ScoreSource.Embed), words)

    let private inputs = [
        ScoreInput.QueryLetter
        ScoreInput.KeyLetter
        ScoreInput.QueryPosition
        ScoreInput.KeyPosition
    ]

    let private replacements = [ Replacement.Mean; Replacement.Frequencies; Replacement.Zero; Replacement.Resampled ]

    let private rules = [
        "previous", AttentionRule.Back 1
        "same-letter", AttentionRule.SameLetter
        "after-last-match", AttentionRule.AfterLastMatch
        "after-first-match", AttentionRule.AfterFirstMatch
        "uniform", AttentionRule.Uniform
    ]

    let private backWord = "-back"

    let private (|RuleWord|_|) (word: string) =
        match rules |> List.tryFind (fst >> (=) word) with
        | Some(_, rule) -> Some rule
        | None when word.EndsWith(backWord, StringComparison.Ordinal) ->
            Numbers.whole word[.. word.Length - backWord.Length - 1]
            |> Option.filter (fun places -> places >= 1)
            |> Option.map AttentionRule.Back
        | None -> None

    let private named (values: 'a list) (word: string) = values |> List.tryFind (fun value -> string value = word)

    let private (|Input|_|) = named inputs
    let private (|Instead|_|) = named replacements

    /// What the words of a form of attention have said so far.
    type private Said = { Without: Set<ScoreInput>; By: Replacement option; Averaged: bool; Shared: bool }

    let private parts = [ "without"; "own-letters"; "positions"; "shared" ]
    let private attentionWords = "exact" :: parts @ List.map fst rules @ [ "N-back" ]

    let private combined (words: string list) : Result<AttentionForm * string list, string> =
        let inputNames = List.map string inputs

        // "query-letter, key-letter"
        let rec left (said: Said) words =
            match words with
            | Input input :: "," :: rest -> left { said with Without = said.Without.Add input } rest
            | Input input :: rest -> Ok({ said with Without = said.Without.Add input }, rest)
            | _ -> Error(unexpected (either inputNames) inputNames words)

        let rec next (said: Said) words =
            match words with
            | "without" :: rest ->
                match left said rest with
                | Ok(said, rest) -> next said rest
                | Error what -> Error what
            | "own-letters" :: rest ->
                let others = Set inputs |> Set.remove ScoreInput.KeyLetter
                next { said with Without = said.Without + others } rest
            | "positions" :: rest -> next { said with Averaged = true } rest
            | "shared" :: rest -> next { said with Shared = true } rest
            | "by" :: _ when said.Without.IsEmpty ->
                Error "has \"by\", expected before it what is left out, as in \"without query-letter by zero\""
            | "by" :: _ when said.By.IsSome -> Error "has \"by\" twice"
            | "by" :: Instead instead :: rest -> next { said with By = Some instead } rest
            | "by" :: rest ->
                let names = List.map string replacements
                Error(unexpected (either names) names rest)
            | []
            | "for" :: _ ->
                let by = said.By |> Option.defaultValue Replacement.Mean
                Ok(AttentionForm.Scored(said.Without, by, said.Averaged, said.Shared), words)
            | Input input :: _ -> Error $"has \"{input}\", expected a comma before it, or \"without\""
            | ("exact" | RuleWord _) :: _ -> Error $"has \"{words.Head}\" beside another form, and it stands alone"
            | _ ->
                let known = "by" :: "for" :: parts
                Error(unexpected $"{either known}, or nothing more" known words)

        next { Without = Set.empty; By = None; Averaged = false; Shared = false } words

    let private attentionForm (words: string list) : Result<AttentionForm * string list, string> =
        match words with
        | "exact" :: rest -> Ok(AttentionForm.Exact, rest)
        | RuleWord rule :: rest -> Ok(AttentionForm.Rule rule, rest)
        | word :: _ when List.contains word parts -> combined words
        | word :: _ when word.EndsWith(backWord, StringComparison.Ordinal) ->
            Error $"has {Numbers.found word}, expected a whole number from 1 before \"{backWord}\""
        | _ -> Error(unexpected (either attentionWords) attentionWords words)

    let private ofHead (words: string list) : Result<Heads * string list, string> =
        match words with
        | Heads head :: rest -> Ok(head, rest)
        | _ -> Error(unexpected aHead [] words)

    let private direct (words: string list) : Result<Clause, string> =
        tableForm Table.Values words
        |> Result.bind (fun (form, rest) -> ended rest |> Result.map (fun () -> Clause.Direct form))

    let private ov (words: string list) : Result<Clause, string> =
        path words
        |> Result.bind (fun (heads, rest) ->
            tableForm Table.Values rest
            |> Result.bind (fun (form, rest) -> ended rest |> Result.map (fun () -> Clause.OV(heads, form))))

    let private qk (words: string list) : Result<Clause, string> =
        ofHead words
        |> Result.bind (fun (head, rest) ->
            sources head rest
            |> Result.bind (fun ((query, key), rest) ->
                let table = if query.IsPos || key.IsPos then Table.Mixed else Table.Scores

                tableForm table rest
                |> Result.bind (fun (form, rest) ->
                    reading head rest |> Result.map (fun by -> Clause.QK(head, query, key, form, by)))))

    let private attention (words: string list) : Result<Clause, string> =
        ofHead words
        |> Result.bind (fun (head, rest) ->
            attentionForm rest
            |> Result.bind (fun (form, rest) ->
                reading head rest |> Result.map (fun by -> Clause.Attention(head, form, by))))

    let private (|Target|_|) (word: string) =
        match word.LastIndexOf '.' with
        | -1 -> None
        | dot ->
            match word[.. dot - 1], word[dot + 1 ..] with
            | Heads head, "q" -> Some(head, QueryInput)
            | Heads head, "k" -> Some(head, KeyInput)
            | Heads head, "v" -> Some(head, ValueInput)
            | _ -> None

    let private cut (words: string list) : Result<Clause, string> =
        let source =
            match words with
            | "embedding" :: rest -> Ok(CutSource.Embedding, rest)
            | "positions" :: rest -> Ok(CutSource.Positions, rest)
            | Heads head :: rest -> Ok(CutSource.Heads head, rest)
            | _ ->
                let known = [ "embedding"; "positions" ]
                Error(unexpected $"{either known}, or {aHead}" known words)

        source
        |> Result.bind (fun (source, rest) ->
            punctuation "->" rest
            |> Result.bind (fun rest ->
                match rest, source with
                | Target(head, _) :: _, CutSource.Heads earlier when not (ascend [ earlier; head ]) ->
                    Error $"has \"{head}\", which reads nothing of what {earlier} writes"
                | Target(head, input) :: rest, _ ->
                    ended rest |> Result.map (fun () -> Clause.Cut(source, head, input))
                | _ -> Error(unexpected "a head's input such as 1.3.k" [] rest)))

    let private kinds: (string * (string list -> Result<Clause, string>) * string) list = [
        "direct", direct, "direct two-numbers"
        "ov", ov, "ov 0.*>1.* diagonal"
        "qk", qk, "qk 0.*(embed, pos) over-letters"
        "attention", attention, "attention 0.* without query-letter, key-position"
        "cut", cut, "cut 0.* -> 1.*.k"
    ]

    let private clause number (text: string) : Result<Clause, string> =
        let wrong example what : Result<'a, string> =
            Error
                $"Clause {number} of the explanation, \"{Quote.line (text.Trim())}\", {what}, for example \"{example}\"."

        let names = kinds |> List.map (fun (name, _, _) -> name)
        let _, _, example = kinds.Head

        match words text with
        | [] ->
            Error $"Clause {number} of the explanation is empty, expected {either names}, for example \"{example}\"."
        | _ when text.Contains '"' ->
            wrong example "has a form in double quotes, which is a script's own and cannot be read from text"
        | [ "exact" ] -> wrong example "is the whole model and no clause beside others, expected \"exact\" alone"
        | name :: rest ->
            match kinds |> List.tryFind (fun (known, _, _) -> known = name) with
            | Some(_, read, example) ->
                match read rest with
                | Ok clause -> Ok clause
                | Error what -> wrong example what
            | None -> wrong example (unexpected (either names) names (name :: rest))

    /// What is written, whether or not a model has such parts.
    let parse (text: string) : Result<Explanation, string> =
        if text.Length > longest then
            Error $"The explanation has {text.Length} characters, expected at most {longest}."
        else
            match text.Trim() with
            | ""
            | "exact" -> Ok { Clauses = [] }
            | trimmed ->
                (Ok [], trimmed.Split ';' |> Array.indexed)
                ||> Array.fold (fun clauses (i, text) ->
                    match clauses with
                    | Error _ -> clauses
                    | Ok read -> clause (i + 1) text |> Result.map (fun clause -> clause :: read))
                |> Result.map (fun clauses -> { Clauses = List.rev clauses })

/// Explanations as text.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Explanation =

    /// Reads what `string` prints, with spaces or without: "direct two-numbers; ov 0.* diagonal; attention 0.1 own-letters for 1.*".
    /// The empty text and "exact" are the model itself. What is wrong is told in one sentence: the clause, what it has and what was
    /// expected. A script's own forms, in double quotes, are not read.
    let parse (text: string) : Result<Explanation, string> = ExplanationGrammar.parse text
