namespace Interp

/// How many numbers of a part an explanation keeps.
[<StructuredFormatDisplay("{Display}")>]
type KeptNumbers = {
    /// As clauses name it: "direct", "ov 0.1>1.3", "attention 0.2", "qk 0.2(embed, pos)".
    Part: string
    /// What is kept of it: "exact", "diagonal".
    Form: string
    /// How many numbers it takes to rebuild that.
    Numbers: int64
} with

    member internal this.Display =
        Display.line $"{this.Part} {this.Form}: {Display.count this.Numbers} numbers"


/// What an explanation costs: the numbers from which what it keeps can be rebuilt. A table of rank r between V letters is r (2V - r) of them.
module NumbersKept =

    let private ofRank (vocab: int64) (rank: int64) = rank * (2L * vocab - rank)

    /// A table between letters that has at most a rank; never more than the table itself.
    let private ofTable (a: Architecture) (rank: int) (form: TableForm) : int64 =
        let vocab = int64 a.DVocab
        let rank = int64 (min rank (min a.DVocab a.DModel))
        let exact = ofRank vocab rank

        match form with
        | TableForm.Exact
        // A function of the exact table is had from that.
        | TableForm.Own _ -> exact
        | TableForm.Diagonal -> min exact (vocab + 1L)
        | TableForm.TwoNumbers -> min exact 2L
        | TableForm.Rank kept -> ofRank vocab (min rank (int64 kept))
        | TableForm.OverQueries
        | TableForm.OverKeys
        | TableForm.OverPositions -> vocab
        | TableForm.OverLetters -> int64 a.NCtx
        | TableForm.Nothing -> 0L

    let private isCut (parts: Parts) source head input = parts.Cuts.Contains(source, head, input)

    /// Whether each head on a path reads through its values what the one before has written.
    let private leads (parts: Parts) (path: HeadAddress list) =
        let sources = Embedding :: List.map HeadOutput path |> List.take path.Length
        List.forall2 (fun source head -> not (isCut parts source head ValueInput)) sources path

    /// What a head's queries or keys are a sum of.
    let private ends (parts: Parts) (head: HeadAddress) (input: HeadInput) : ScoreEnd list =
        let a = parts.Architecture

        let letters =
            Parts.sources head.Layer a
            |> List.filter (fun path ->
                let last = path |> List.tryLast |> Option.map HeadOutput |> Option.defaultValue Embedding
                leads parts path && not (isCut parts last head input))
            |> List.map ScoreEnd.Path

        if
            Parts.havePositions a
            && not (a.Positions = Positions.Standard && isCut parts PositionEmbedding head input)
        then
            letters @ [ ScoreEnd.Position ]
        else
            letters

    /// A term of scores that is not nothing, and what of its two sides is left in.
    type private Term = { Query: ScoreEnd; Key: ScoreEnd; Form: TableForm; QueryIn: bool; KeyIn: bool }

    /// A pattern that has to be made: whose, by what scores, for whom.
    type private Pattern = { Head: HeadAddress; Use: PatternUse; Form: AttentionForm }

    let private formOf (parts: Parts) head usage =
        parts.Attention |> Map.tryFind (head, usage) |> Option.defaultValue AttentionForm.Exact

    /// A pattern that is the mean of its layer's is made of theirs.
    let private averagedOver (parts: Parts) (pattern: Pattern) : Pattern list =
        match pattern.Form with
        | AttentionForm.Scored(without, by, averaged, true) -> [
            for head in 0 .. parts.Architecture.NHeads - 1 ->
                { pattern with Head.Head = head; Form = AttentionForm.Scored(without, by, averaged, false) }
          ]
        | _ -> [ pattern ]

    /// The terms of a pattern's scores, of each of which an explanation keeps something.
    let private terms (parts: Parts) forms (pattern: Pattern) : Term list =
        match pattern.Form with
        | AttentionForm.Rule _
        | AttentionForm.Scored(averaged = true) -> []
        | AttentionForm.Scored(without, by, _, _) ->
            let forms = forms |> Map.tryFind (pattern.Head, pattern.Use) |> Option.defaultValue Map.empty
            let keys = ends parts pattern.Head KeyInput

            // Letters of another sequence are letters still.
            let isIn letter position source =
                by = Replacement.Resampled
                || not (without.Contains(if source = ScoreEnd.Position then position else letter))

            [
                for query in ends parts pattern.Head QueryInput do
                    for key in keys do
                        let form =
                            if forms.IsEmpty then
                                TableForm.Exact
                            else
                                forms |> Map.tryFind (query, key) |> Option.defaultValue TableForm.Exact

                        if form <> TableForm.Nothing then
                            {
                                Query = query
                                Key = key
                                Form = form
                                QueryIn = isIn ScoreInput.QueryLetter ScoreInput.QueryPosition query
                                KeyIn = isIn ScoreInput.KeyLetter ScoreInput.KeyPosition key
                            }
            ]

    let private isLetters source = source <> ScoreEnd.Position

    let private needsVectors (term: Term) =
        match term.Form with
        | TableForm.Exact
        | TableForm.Own _ -> true
        | _ -> false

    /// Whether a mixed term differs from letter to letter, or from place to place; of one between letters see `OverQueries` and `OverKeys`.
    let private dependsOn side (term: Term) =
        match term.Form with
        | TableForm.OverLetters -> not (isLetters side)
        | TableForm.OverPositions -> isLetters side
        | _ -> true

    /// Whether a pattern is another one where letters are exchanged.
    let internal readsLetters (parts: Parts) head usage : bool =
        let reads side isIn over (term: Term) = isLetters side && isIn && dependsOn side term && term.Form <> over

        terms parts (Parts.terms parts) { Head = head; Use = usage; Form = formOf parts head usage }
        |> List.exists (fun term ->
            term.Form <> TableForm.TwoNumbers
            && (reads term.Query term.QueryIn TableForm.OverQueries term
                || reads term.Key term.KeyIn TableForm.OverKeys term))

    /// The numbers of a simplified term: fewer still where one of its sides is left out.
    let private ofSimplified (a: Architecture) (term: Term) : int64 =
        let own = ofTable a a.DHead term.Form

        match term.QueryIn, term.KeyIn with
        | true, true -> own
        | false, false -> 0L
        | queryIn, _ ->
            let left = if queryIn then term.Query else term.Key
            min own (int64 (if isLetters left then a.DVocab else a.NCtx))

    /// Vectors, smears and means of the scores of a head.
    let private ofScores (parts: Parts) (pattern: Pattern) (terms: Term list) : int64 =
        let a = parts.Architecture
        let vocab, context, width = int64 a.DVocab, int64 a.NCtx, int64 a.DHead
        let isLearned source = isLetters source || a.Positions = Positions.Standard
        let exact = terms |> List.filter (fun term -> needsVectors term && term.KeyIn)
        let varying, constant = exact |> List.partition _.QueryIn

        let isZero =
            match pattern.Form with
            | AttentionForm.Scored(by = Replacement.Zero) -> true
            | _ -> false

        // A query that is the same everywhere; rotary positions turn it all the same.
        let met = if isZero then [] else constant
        let isTurned = not (Parts.areSums a)
        let queries = varying |> List.map _.Query |> set
        let keys = (varying @ (if isTurned then met else [])) |> List.map _.Key |> set

        let vectors source =
            if isLetters source then vocab * width
            elif isLearned source then context * width
            else 0L

        let ofConstant =
            let letters = met |> List.map _.Key |> List.filter isLetters |> List.distinct
            let unread = letters |> List.filter (keys.Contains >> not)

            // Of codes that are not learned the mean query alone tells how it likes them.
            let profile =
                if not (met |> List.exists (fun term -> term.Key = ScoreEnd.Position && isLearned term.Query)) then
                    0L
                elif isLearned ScoreEnd.Position then
                    context
                else
                    min context width

            let strengths = int64 unread.Length * vocab

            // A strength of each letter; or its vector and the mean query, where places count, too, and that is less.
            if not unread.IsEmpty then min (strengths + profile) (strengths * width + width)
            // Beside the keys' vectors the one mean vector of the queries is enough.
            elif letters.IsEmpty then profile
            elif met |> List.exists (fun term -> isLearned term.Query) then width
            else 0L

        let smear isSmeared reads = if isSmeared && List.exists reads terms then context - 1L else 0L

        // Codes that are not learned are put to queries and keys behind the smear.
        let mixes side term = isLearned side && dependsOn side term

        let readsKey term =
            mixes term.Key term
            && term.KeyIn
            && term.Form <> TableForm.OverKeys
            && not (isZero && not term.QueryIn)

        let readsQuery term =
            mixes term.Query term
            && term.QueryIn
            && term.Form <> TableForm.OverQueries
            && (term.KeyIn || not (needsVectors term))

        (queries |> Seq.sumBy vectors)
        + (keys |> Seq.sumBy vectors)
        + ofConstant
        + smear a.Smear.OfKeys readsKey
        + smear a.Smear.OfQueries readsQuery

    let private named (pattern: Pattern) =
        match pattern.Use with
        | PatternUse.Moves -> ""
        | PatternUse.ReadBy reader -> $" for {reader}"

    let private nameOf source =
        match source with
        | ScoreEnd.Position -> "pos"
        | ScoreEnd.Path [] -> "embed"
        | ScoreEnd.Path path -> path |> List.map string |> String.concat ">"

    /// The numbers that something takes, and what it is called, which is dear to say.
    let private kept numbers part form : int64 * (unit -> KeptNumbers) =
        numbers, (fun () -> { Part = part (); Form = form (); Numbers = numbers })

    let private ofPattern (parts: Parts) (pattern: Pattern, terms: Term list) : (int64 * (unit -> KeptNumbers)) list =
        let a = parts.Architecture

        let whole =
            match pattern.Form with
            | AttentionForm.Rule _ -> 0L
            | AttentionForm.Scored(averaged = true) -> int64 a.NCtx * (int64 a.NCtx + 1L) / 2L
            | AttentionForm.Scored _ -> ofScores parts pattern terms

        kept whole (fun () -> $"attention {pattern.Head}{named pattern}") (fun () -> string pattern.Form)
        :: [
            for term in terms do
                if not (needsVectors term) then
                    kept
                        (ofSimplified a term)
                        (fun () -> $"qk {pattern.Head}({nameOf term.Query}, {nameOf term.Key}){named pattern}")
                        (fun () -> string term.Form)
        ]

    /// What makes a pattern the same as another of its head: its form and those of its terms.
    let private identity (pattern: Pattern) (terms: Term list) =
        pattern.Head, pattern.Form, terms |> List.map (fun term -> term.Query, term.Key, term.Form)

    /// All patterns that have to be made, with their terms: those by which values move, those that they average, and those through which scores read.
    let private needed (parts: Parts) : (Pattern * Term list) list =
        let forms = Parts.terms parts

        /// The patterns through which a pattern reads.
        let read (pattern: Pattern) (terms: Term list) =
            let heads = [
                for term in terms do
                    for source in [ term.Query; term.Key ] do
                        match source with
                        | ScoreEnd.Path path -> yield! path
                        | ScoreEnd.Position -> ()
            ]

            let usage = PatternUse.ReadBy pattern.Head

            heads
            |> List.distinct
            |> List.map (fun head -> { Head = head; Use = usage; Form = formOf parts head usage })

        let rec all known found (patterns: Pattern list) =
            match patterns with
            | [] -> List.rev found
            | pattern :: rest ->
                let terms = terms parts forms pattern
                let identity = identity pattern terms

                if Set.contains identity known then
                    all known found rest
                else
                    let others = read pattern terms |> List.collect (averagedOver parts)
                    all (Set.add identity known) ((pattern, terms) :: found) (rest @ others)

        [
            for layer in 0 .. parts.Architecture.NLayers - 1 do
                for head in 0 .. parts.Architecture.NHeads - 1 ->
                    let address = { Layer = layer; Head = head }
                    { Head = address; Use = PatternUse.Moves; Form = formOf parts address PatternUse.Moves }
        ]
        |> List.collect (averagedOver parts)
        |> all Set.empty []

    let private all (parts: Parts) : (int64 * (unit -> KeptNumbers)) list =
        let a = parts.Architecture

        [
            for path in Parts.paths a do
                if leads parts path then
                    let form = parts.Paths |> Map.tryFind path |> Option.defaultValue TableForm.Exact

                    kept
                        (ofTable a (if path.IsEmpty then a.DModel else a.DHead) form)
                        (fun () -> if path.IsEmpty then "direct" else $"ov {nameOf (ScoreEnd.Path path)}")
                        (fun () -> string form)

            yield! needed parts |> List.collect (ofPattern parts)
        ]

    /// The numbers kept of each part: paths to the logits, then patterns with the simplified terms of their scores. A pattern that is used in
    /// several ways, or that several average, is there once; a path that is cut is not there.
    let each (parts: Parts) : KeptNumbers list = all parts |> List.map (fun (_, part) -> part ())

    /// All numbers kept. Of a model itself, `Parts.exact`, it is what its exact parts take: 3,748 of the study's plain one.
    let ofParts (parts: Parts) : int64 = all parts |> List.sumBy fst
