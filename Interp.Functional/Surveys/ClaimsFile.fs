namespace Interp

open System

/// Claims as a text that people write: a block of lines a claim, empty lines between blocks, lines that begin with # for people alone.
///
///     # Heads that look back
///     name: looks-back
///     sentence: Some head of the first layer looks at the letter before.
///     rule: max(previous_token over layer 0) > 0.5
///     about: two-layer
///
/// A claim is about every kind of model unless it says which.
module ClaimsFile =

    /// A longer name is none.
    let private longestName = 60

    /// A longer sentence is none.
    let private longestSentence = 300

    let private variants = [ Plain; Smeared; TwoLayer ]

    let private keys = [ "name"; "sentence"; "rule"; "about" ]

    // A full stop follows.
    let private exampleOf key =
        match key with
        | "name" -> "name: looks-back"
        | "sentence" -> "sentence: Some head of the first layer looks at the letter before"
        | "rule" -> "rule: max(previous_token over layer 0) > 0.5"
        | _ -> "about: two-layer"

    /// Line and column, from 1.
    type internal Place = { Line: int; Column: int }

    exception private Wrong of Place * string

    let private wrong place sentence : 'a = raise (Wrong(place, sentence))

    /// A line of a claim.
    type internal Entry = { Key: string; Value: string; At: Place; ValueAt: Place }

    let private entry line (text: string) : Entry =
        let start = text.Length - text.TrimStart().Length
        let at column = { Line = line; Column = column + 1 }
        let found = text.Trim()

        match text.IndexOf ':' with
        | -1 ->
            let near = Spelling.nearest keys (found.Split(' ')[0]) |> List.head

            wrong
                (at start)
                $"expected a word of {keys.Length} and a colon, found \"{Quote.text found}\", as in {exampleOf near}."
        | colon ->
            let key = text[.. colon - 1].Trim()

            if not (List.contains key keys) then
                let near = Spelling.nearest keys key |> List.head
                let all = String.concat ", " keys

                wrong
                    (at start)
                    $"there is no \"{Quote.text key}\" of a claim, expected one of {all}; the nearest is {near}, as in {exampleOf near}."

            let behind = text[colon + 1 ..]
            let value = behind.Trim()

            if value = "" then
                wrong (at (colon + 1)) $"nothing stands behind {key}:, expected something as in {exampleOf key}."

            {
                Key = key
                Value = value
                At = at start
                ValueAt = at (colon + 1 + behind.Length - behind.TrimStart().Length)
            }

    let private isNameLetter (letter: char) = Char.IsAsciiLetterOrDigit letter || letter = '-' || letter = '_'

    let private name (entry: Entry) =
        match entry.Value |> Seq.tryFindIndex (isNameLetter >> not) with
        | Some index ->
            wrong
                { entry.ValueAt with Column = entry.ValueAt.Column + index }
                $"a name has letters a to z, digits, - and _ alone, found \"{Quote.text (string entry.Value[index])}\", as in {exampleOf entry.Key}."
        | None when entry.Value.Length > longestName ->
            wrong
                entry.ValueAt
                $"a name has {longestName} characters at most, found {entry.Value.Length}, as in {exampleOf entry.Key}."
        | None -> entry.Value

    let private sentence (entry: Entry) =
        if entry.Value.Length > longestSentence then
            wrong
                entry.ValueAt
                $"a sentence has {longestSentence} characters at most, found {entry.Value.Length}, as in {exampleOf entry.Key}."
        elif Quote.shown entry.Value <> entry.Value then
            let index = Seq.zip entry.Value (Quote.shown entry.Value) |> Seq.findIndex (fun (a, b) -> a <> b)

            wrong
                { entry.ValueAt with Column = entry.ValueAt.Column + index }
                $"this character does not print, expected a sentence as in {exampleOf entry.Key}."
        else
            entry.Value

    let private rule (entry: Entry) =
        match Rules.read [] entry.Value with
        | Ok conditions -> conditions
        | Error problem ->
            wrong { entry.ValueAt with Column = entry.ValueAt.Column + problem.Column - 1 } problem.Sentence

    let private about (entry: Entry) =
        match variants |> List.tryFind (fun variant -> string variant = entry.Value) with
        | Some variant -> variant
        | None ->
            let known = variants |> List.map string
            let near = Spelling.nearest known entry.Value |> List.head
            let all = String.concat ", " known

            wrong
                entry.ValueAt
                $"there is no variant \"{Quote.text entry.Value}\", expected one of {all} (or no line, for every one), as in about: {near}."

    /// A claim of the lines of a block.
    let private claim (block: Entry list) : Place * Claim =
        let first = block.Head.At

        block
        |> List.countBy _.Key
        |> List.tryFind (fun (_, count) -> count > 1)
        |> Option.iter (fun (key, _) ->
            let again = block |> List.filter (fun entry -> entry.Key = key) |> List.item 1

            wrong
                again.At
                $"{key}: is there a second time in the claim that begins on line {first.Line}, expected an empty line between claims, and then {exampleOf key}.")

        let find key = block |> List.tryFind (fun entry -> entry.Key = key)

        let needed key =
            match find key with
            | Some entry -> entry
            | None -> wrong first $"the claim that begins here has no {key}, expected a line as in {exampleOf key}."

        let named = needed "name"

        named.ValueAt,
        {
            Name = name named
            Sentence = sentence (needed "sentence")
            Conditions = rule (needed "rule")
            About = find "about" |> Option.map about
        }

    let private lines (text: string) =
        text.TrimStart('\uFEFF').Replace("\r\n", "\n").Split '\n'
        |> List.ofArray
        |> List.mapi (fun i line -> i + 1, line)

    /// Lines with something on them, block by block.
    let private blocks (text: string) : Entry list list =
        let add (line, text: string) (blocks: Entry list list) =
            match text.Trim(), blocks with
            | "", [] :: _ -> blocks
            | "", _ -> [] :: blocks
            | comment, _ when comment.StartsWith '#' -> blocks
            | _, block :: rest -> (entry line text :: block) :: rest
            | _, [] -> [ [ entry line text ] ]

        // From the first line on, so that the first mistake is told.
        lines text
        |> List.fold (fun blocks line -> add line blocks) []
        |> List.map List.rev
        |> List.rev
        |> List.filter (List.isEmpty >> not)

    /// Reads claims, or says in one sentence what does not fit, beginning with the line and the column: of the text alone, not whether all is
    /// measured that they ask for (`Survey.claimProblem`).
    let parse (text: string) : Result<Claim list, string> =
        try
            let claims = blocks text |> List.map claim

            if claims.IsEmpty then
                wrong
                    { Line = 1; Column = 1 }
                    "there is no claim, expected lines as in name: looks-back, sentence: Some head looks back. and rule: ov_0_max > 0.5."

            for place, claim in claims do
                match claims |> List.find (fun (_, other) -> other.Name = claim.Name) with
                | other, _ when other <> place ->
                    wrong
                        place
                        $"the name {claim.Name} is that of the claim on line {other.Line}, expected another, as in name: {claim.Name}-2."
                | _ -> ()

                if Claims.study |> List.exists (fun study -> study.Name = claim.Name) then
                    wrong
                        place
                        $"the name {claim.Name} is that of a claim of the study, expected another, as in name: my-{claim.Name}."

            Ok(List.map snd claims)
        with Wrong(place, sentence) ->
            Error $"line {place.Line}, column {place.Column}: {sentence}"

    /// Claims as a text that `parse` reads back to them.
    let show (claims: Claim list) : string =
        let line key value = $"{key}: {value}\n"

        claims
        |> List.map (fun claim ->
            let about =
                claim.About |> Option.map (fun variant -> line "about" (string variant)) |> Option.defaultValue ""

            line "name" claim.Name
            + line "sentence" claim.Sentence
            + line "rule" (Rules.show claim.Conditions)
            + about)
        |> String.concat "\n"
