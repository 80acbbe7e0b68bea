namespace Interp

open System

/// What is wrong with a rule, and where.
type internal RuleProblem = {
    /// Counted from 1.
    Column: int
    /// What was found, what was expected, and an example that is right; begins small, ends with a point.
    Sentence: string
}

/// The language of claims, read:
///
///     rule      = condition { "and" condition }
///     condition = sum ( "<" | ">" ) sum
///     sum       = term { ( "+" | "-" ) term }
///     term      = number | name [ "of" variant ] | "-" term | "(" sum ")" | function
///     function  = ( "max" | "min" | "mean" | "sum" ) "(" sum "over" range ")" | "count" "(" rule "over" range ")"
///     range     = "heads" | "layer" number | "layers"
///
/// "of" a variant is that of the training of this variant with the same seed. A name is a quantity's, or within a function that of a number which every head has, or every layer. Names of a user's own that are
/// no words stand in quotes.
module Rules =

    /// A longer text is no rule.
    let longest = 1000

    /// Where all of it is listed.
    let private seeHelp = "(see `interp help claims`)"

    let private example = "max(previous_token over layer 0) > 0.5"

    [<RequireQualifiedAccess>]
    type private Word =
        | Number of float
        | Name of string
        | Quoted of string
        | Sign of char
        | End

    type private Token = { Word: Word; Column: int; Text: string }

    exception private Wrong of RuleProblem

    let private wrong column sentence : 'a = raise (Wrong { Column = column; Sentence = sentence })

    let private found (token: Token) =
        match token.Word with
        | Word.End -> "the end"
        | _ -> $"\"{Quote.text token.Text}\""

    /// What stands somewhere is not what should.
    let private expected what example' (token: Token) : 'a =
        wrong token.Column $"expected {what}, found {found token}, as in {example'}."

    /// What people write that means something elsewhere.
    let private foreign (text: string) column : 'a =
        match text with
        | ">="
        | "<="
        | "≥"
        | "≤"
        | "="
        | "=="
        | "!="
        | "<>" ->
            wrong
                column
                $"there is no \"{text}\", only < and >, as in held_out_loss < 2 or count(previous_token > 0.3 over heads) > 1 (two or more)."
        | "," ->
            wrong column "there are no commas: numbers have a point, as in 0.5, and conditions stand between \"and\"s."
        | "&"
        | "&&" -> wrong column "conditions stand between \"and\"s, as in ov_0_max > 0.9 and ov_0_min < 0."
        | "|"
        | "||" -> wrong column "there is no \"or\": of two rules make two claims, as in ov_0_max > 0.9."
        | _ -> wrong column $"\"{Quote.text text}\" is no part of a rule, expected one as in {example}."

    let private numberEnd (text: string) start =
        let digit i = i < text.Length && (Char.IsAsciiDigit text[i] || text[i] = '.')
        let rec digits i = if digit i then digits (i + 1) else i
        let mantissa = digits start

        if mantissa < text.Length && (text[mantissa] = 'e' || text[mantissa] = 'E') then
            let sign =
                if mantissa + 1 < text.Length && (text[mantissa + 1] = '+' || text[mantissa + 1] = '-') then
                    2
                else
                    1

            let exponent = digits (mantissa + sign)
            if exponent > mantissa + sign then exponent else mantissa
        else
            mantissa

    let rec private nameEnd (text: string) i =
        let head = i + 1 < text.Length && text[i] = '.' && Char.IsAsciiDigit text[i + 1]

        if i < text.Length && (Expression.InName text[i] || head) then
            nameEnd text (i + 1)
        else
            i

    /// The text between quotes, "" in it being a quote, and where it ends.
    let private quotedEnd (text: string) start =
        let rec from (i: int) =
            match text.IndexOf('"', i) with
            | -1 -> wrong (start + 1) "a quote is opened and not closed, as in \"a name of your own\" > 0.5."
            | close when close + 1 < text.Length && text[close + 1] = '"' -> from (close + 2)
            | close -> close + 1

        from (start + 1)

    let private tokens (text: string) : Token list =
        let rec from start tokens =
            let token word stop = { Word = word; Column = start + 1; Text = text[start .. stop - 1] }

            if start >= text.Length then
                List.rev ({ Word = Word.End; Column = text.TrimEnd().Length + 1; Text = "" } :: tokens)
            else
                match text[start] with
                | ' ' -> from (start + 1) tokens
                | '('
                | ')'
                | '+'
                | '-' as sign -> from (start + 1) (token (Word.Sign sign) (start + 1) :: tokens)
                | '"' ->
                    let stop = quotedEnd text start
                    let name = text[start + 1 .. stop - 2].Replace("\"\"", "\"")
                    from stop (token (Word.Quoted name) stop :: tokens)
                | digit when Char.IsAsciiDigit digit || digit = '.' ->
                    let stop = nameEnd text (numberEnd text start)

                    match Numbers.real text[start .. stop - 1] with
                    | Some number -> from stop (token (Word.Number number) stop :: tokens)
                    | None ->
                        wrong
                            (start + 1)
                            $"\"{Quote.text text[start .. stop - 1]}\" is no number, expected one as in 0.5 or 1e-3."
                | letter when Expression.InName letter ->
                    let stop = nameEnd text start
                    from stop (token (Word.Name text[start .. stop - 1]) stop :: tokens)
                | _ ->
                    let sign = [ ">="; "<="; "=="; "!="; "<>"; "&&"; "||" ] |> List.tryFind text[start..].StartsWith

                    match sign, text[start] with
                    | None, ('<' | '>' as sign) -> from (start + 1) (token (Word.Sign sign) (start + 1) :: tokens)
                    | Some sign, _ -> foreign sign (start + 1)
                    | None, other ->
                        let whole = if Char.IsHighSurrogate other then text[start .. start + 1] else string other
                        foreign whole (start + 1)

        from 0 []

    let private aggregates =
        [ Aggregate.Max; Aggregate.Min; Aggregate.Mean; Aggregate.Sum ] |> List.map (fun a -> string a, a)

    let private functions = List.map fst aggregates @ [ "count" ]

    let private functionExample name =
        if name = "count" then
            "count(previous_token > 0.3 over layer 0)"
        else
            $"{name}(previous_token over layer 0)"

    let private names (own: Quantity list) (text: string) =
        (own |> List.map Quantity.name) @ (Part.all |> List.map string) @ Quantity.near text

    let private unknown own (token: Token) name : 'a =
        let near =
            Spelling.nearest (names own name) name |> List.distinct |> List.truncate 3 |> String.concat " or "

        wrong token.Column $"there is no quantity \"{Quote.text name}\"; the nearest is {near} {seeHelp}."

    /// A name as an expression, within a function or outside of all.
    let private named own inside (token: Token) name =
        match own |> List.tryFind (fun own -> Quantity.name own = name), Part.tryFind name with
        | Some own, _ -> Expression.Measured own
        | None, Some part when inside -> Expression.Each part
        | None, Some part ->
            let what, range =
                match part with
                | Part.Head _ -> "head", "layer 0"
                | Part.Layer _ -> "layer", "layers"

            wrong
                token.Column
                $"every {what} has a {part}, so say of which {what}s it is to be, as in max({part} over {range})."
        | None, None ->
            match Quantity.parse name with
            | Ok quantity -> Expression.Measured quantity
            | Error _ when name = "or" || name = "not" ->
                wrong
                    token.Column
                    $"there is no \"{name}\": of two rules make two claims, and turn < and > around, as in ov_0_max < 0.9."
            | Error _ -> unknown own token name

    /// A quantity, and where "of" stands behind it that of another kind of model.
    let private ofVariant (e: Expression, tokens: Token list) : Expression * Token list =
        let other variant rest =
            match e with
            | Expression.Measured quantity -> Expression.Elsewhere(quantity, variant), rest
            | _ ->
                wrong
                    tokens.Head.Column
                    "\"of\" stands behind a quantity of the whole model, as in held_out_loss of smeared."

        match tokens with
        | { Word = Word.Name "of" } :: rest ->
            match rest with
            | { Word = Word.Name "plain" } :: rest -> other Plain rest
            | { Word = Word.Name "smeared" } :: rest -> other Smeared rest
            | { Word = Word.Name "two" } :: { Word = Word.Sign '-' } :: { Word = Word.Name "layer" } :: rest ->
                other TwoLayer rest
            | token :: _ ->
                let all = [ Plain; Smeared; TwoLayer ] |> List.map string |> String.concat ", "
                expected $"one of {all} behind \"of\"" "held_out_loss > held_out_loss of smeared" token
            | [] -> Broken.because "A rule's tokens have an end."
        | _ -> e, tokens

    let rec private sum own inside (tokens: Token list) : Expression * Token list =
        let rec more left (tokens: Token list) =
            match tokens with
            | { Word = Word.Sign '+' } :: rest ->
                let right, rest = term own inside rest
                more (Expression.Plus(left, right)) rest
            | { Word = Word.Sign '-' } :: rest ->
                let right, rest = term own inside rest
                more (Expression.Minus(left, right)) rest
            | _ -> left, tokens

        term own inside tokens ||> more

    and private term own inside (tokens: Token list) : Expression * Token list =
        match tokens with
        | { Word = Word.Number x } :: rest -> Expression.Number x, rest
        | ({ Word = Word.Sign '-' } as sign) :: { Word = Word.Number 0.0 } :: _ ->
            wrong sign.Column "\"-0\" is no number, expected one as in 0 or -0.5."
        | { Word = Word.Sign '-' } :: { Word = Word.Number x } :: rest -> Expression.Number(0.0 - x), rest
        | { Word = Word.Sign '-' } :: rest ->
            let negated, rest = term own inside rest
            Expression.Minus(Expression.Number 0.0, negated), rest
        | { Word = Word.Sign '(' } :: rest ->
            let e, rest = sum own inside rest
            e, closed "a + b - (c + 0.1)" rest
        | ({ Word = Word.Name name } as token) :: ({ Word = Word.Sign '(' } :: body) ->
            match List.tryFind (fst >> (=) name) aggregates with
            | Some(_, aggregate) ->
                let e, rest = sum own true body

                match rest with
                | ({ Word = Word.Sign('<' | '>') } as token) :: _ ->
                    expected
                        $"\"over\", as {name} is of numbers (count is of conditions)"
                        (functionExample "count" + " > 1")
                        token
                | _ ->
                    let over, rest = range name body (Expression.free e) rest
                    Expression.Of(aggregate, e, over), rest
            | None when name = "count" ->
                let conditions, rest = conditions own true body
                let free = conditions |> List.collect (fun c -> Expression.free c.Left @ Expression.free c.Right)
                let over, rest = range name body free rest
                Expression.Count(conditions, over), rest
            | None ->
                let near = Spelling.nearest functions name |> String.concat " or "

                wrong
                    token.Column
                    $"there is no function \"{Quote.text name}\"; the nearest is {near}, as in {functionExample (Spelling.nearest functions name).Head}."
        | ({ Word = Word.Name name } as token) :: rest when
            List.contains name functions && not (List.contains (Quantity.Own name) own)
            ->
            ignore token
            expected $"\"(\" behind {name}" (functionExample name) rest.Head
        | ({ Word = Word.Name("and" | "over" | "of" | "heads" | "layer" | "layers") } as token) :: _ ->
            expected "a number or a quantity" example token
        | ({ Word = Word.Name name } as token) :: rest -> ofVariant (named own inside token name, rest)
        | ({ Word = Word.Quoted name } as token) :: rest ->
            match own |> List.tryFind (fun own -> Quantity.name own = name) with
            | Some own -> ofVariant (Expression.Measured own, rest)
            | None ->
                wrong
                    token.Column
                    $"there is no quantity of your own \"{Quote.text name}\"; the program's stand without quotes, as in {example} {seeHelp}."
        | token :: _ -> expected "a number or a quantity" example token
        | [] -> Broken.because "A rule's tokens have an end."

    and private closed example' (tokens: Token list) =
        match tokens with
        | { Word = Word.Sign ')' } :: rest -> rest
        | token :: _ -> expected "\")\"" example' token
        | [] -> Broken.because "A rule's tokens have an end."

    /// What a function runs over, up to its bracket; `body` is all from its first word on, for the places of what does not fit.
    and private range name (body: Token list) (free: Part list) (tokens: Token list) : Over * Token list =
        let example' = functionExample name

        let over, rest =
            match tokens with
            | { Word = Word.Name "over" } :: rest ->
                match rest with
                | { Word = Word.Name "heads" } :: rest -> Over.Heads, rest
                | { Word = Word.Name "layers" } :: rest -> Over.Layers, rest
                | { Word = Word.Name "layer" } :: ({ Word = Word.Number _ } as token) :: rest ->
                    match Numbers.whole token.Text with
                    | Some layer -> Over.HeadsOf layer, rest
                    | None -> expected "a layer's number, from 0" example' token
                | { Word = Word.Name "layer" } :: token :: _ -> expected "a layer's number, from 0" example' token
                | token :: _ -> expected "heads, layers, or layer and a number" example' token
                | [] -> Broken.because "A rule's tokens have an end."
            | token :: _ ->
                expected "\"over\" and what it runs over (heads, layers, or layer and a number)" example' token
            | [] -> Broken.because "A rule's tokens have an end."

        let fits part =
            match part, over with
            | Part.Head _, (Over.Heads | Over.HeadsOf _)
            | Part.Layer _, Over.Layers -> true
            | _ -> false

        let place part = body |> List.find (fun token -> token.Text = string part)

        match free |> List.tryFind (fits >> not) with
        | Some(Part.Head _ as part) ->
            wrong (place part).Column $"{part} is a number of heads, not of layers, as in {name}({part} over heads)."
        | Some(Part.Layer _ as part) ->
            wrong (place part).Column $"{part} is a number of layers, not of heads, as in {name}({part} over layers)."
        | None when free.IsEmpty ->
            wrong
                body.Head.Column
                $"{name}(…) has nothing in it that every head or layer has, such as previous_token or ov_sum, as in {example'} {seeHelp}."
        | None -> over, closed example' rest

    and private conditions own inside (tokens: Token list) : Condition list * Token list =
        let left, rest = sum own inside tokens

        let sign, rest =
            match rest with
            | ({ Word = Word.Sign('<' | '>' as sign) }) :: rest -> sign, rest
            | token :: _ -> expected "< or > and a bound" example token
            | [] -> Broken.because "A rule's tokens have an end."

        let right, rest = sum own inside rest
        let condition = if sign = '>' then Above(left, right) else Below(left, right)

        match rest with
        | { Word = Word.Name "and" } :: rest ->
            let more, rest = conditions own inside rest
            condition :: more, rest
        | ({ Word = Word.Sign('<' | '>') } as token) :: _ ->
            wrong
                token.Column
                "a condition has one < or >: join two by \"and\", as in ov_0_min > -0.5 and ov_0_min < 0.5."
        | _ -> [ condition ], rest

    /// Reads a rule, or says what is wrong with it and where. `own` are the quantities that a user measures beside the program's.
    let internal read (own: Quantity list) (text: string) : Result<Condition list, RuleProblem> =
        try
            if text.Length > longest then
                wrong (longest + 1) $"a rule has {longest} characters at most, found {text.Length}."

            if String.IsNullOrWhiteSpace text then
                wrong 1 $"the rule is empty, expected one as in {example}."

            match conditions own false (tokens text) with
            | conditions, { Word = Word.End } :: _ -> Ok conditions
            | _, ({ Word = Word.Sign ')' } as token) :: _ ->
                wrong token.Column $"this \")\" closes nothing, expected \"and\" or the end, as in {example}."
            | _, token :: _ -> expected "\"and\" or the end" $"{example} and held_out_loss < 2" token
            | _, [] -> Broken.because "A rule's tokens have an end."
        with Wrong problem ->
            Error problem

    /// Reads a rule, such as `max(previous_token over layer 0) > 0.5 and held_out_loss < 2`: conditions that must all hold, as they print; or
    /// says in one sentence what does not fit, and in which column. `own` are the quantities that a user measures beside the program's.
    let parse (own: Quantity list) (text: string) : Result<Condition list, string> =
        read own text
        |> Result.mapError (fun problem -> $"\"{Quote.text text}\", column {problem.Column}: {problem.Sentence}")

    /// Conditions as a rule that `parse` reads.
    let show (conditions: Condition list) : string = conditions |> List.map string |> String.concat " and "
