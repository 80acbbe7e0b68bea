namespace Interp

open System
open System.Collections.Concurrent
open MathNet.Numerics.LinearAlgebra

/// A pattern that scores make: of which head, what is kept of its terms, and what it leaves out.
type internal ScoredPattern = {
    Head: HeadAddress
    /// Whether it is one by which values move; those that later heads read through are made apart.
    Moves: bool
    Terms: Map<ScoreEnd * ScoreEnd, TableForm>
    Without: Set<ScoreInput>
    By: Replacement
    /// Whether its letters are among those that a null renames.
    Renamed: bool
}

/// What letters are kept by, each with letters of its own to be renamed.
[<RequireQualifiedAccess>]
type internal KeptLetters =
    | OfPath of HeadAddress list
    | OfTerm of HeadAddress * queryIsLetters: bool * keyIsLetters: bool
    | OfAttention of HeadAddress

/// A table that an explanation runs on.
[<RequireQualifiedAccess>]
type internal TableName =
    /// Of a path to the logits: [vocab, vocab]
    | OfPath of HeadAddress list
    /// Of a scored pattern, by its number, what its terms make of a side of the query: [vocab or n_ctx, rank]
    | OfQuery of pattern: int * ScoreEnd
    /// The same of the key.
    | OfKey of pattern: int * ScoreEnd
    /// The average of a scored pattern: [n_ctx, n_ctx]
    | OfAverage of pattern: int

/// Where a pattern comes from.
[<RequireQualifiedAccess>]
type internal PatternSource =
    | Rule of AttentionRule
    /// The mean of scored patterns, by their numbers, averaged over sequences or not.
    | Scored of averaged: bool * patterns: int list

/// An explanation of a model, ready to run: it is a model itself, with logits.
type Explained = internal {
    Terms: Terms
    Parts: Parts
    /// How often each letter occurs in the task, summing to one: [vocab]
    Frequencies: float[]
    /// How kept letters are renamed, in nulls.
    Renaming: KeptLetters -> int[] option
    /// The patterns that scores make, by number.
    Patterns: ScoredPattern list
    /// Where the patterns come from that are not made by scores of their own.
    Sources: Map<HeadAddress * PatternUse, PatternSource>
    /// Average patterns [pos, key_pos], by the number of what they are of.
    Averages: Map<int, Tensor>
    /// The terms of each scored pattern, by number, as factors.
    Factors: Lazy<Factors> list
    /// Of patterns without renamed letters, which are the same in many explanations.
    Known: ConcurrentDictionary<ScoredPattern, Lazy<Factors>>
}

/// What an explanation keeps, as tables.
module internal Kept =

    let private renamed rowLetters columnLetters (order: int[] option) (m: Matrix<float>) =
        match order with
        | None -> m
        | Some order ->
            let row i = if rowLetters then order[i] else i
            let column j = if columnLetters then order[j] else j
            Matrix<float>.Build.Dense(m.RowCount, m.ColumnCount, (fun i j -> m[row i, column j]))

    /// Whether a form keeps something of each letter, so that letters can be exchanged.
    let keepsLetters (form: TableForm) =
        match form with
        | TableForm.Exact
        | TableForm.TwoNumbers
        | TableForm.Nothing
        | TableForm.OverLetters -> false
        | _ -> true

    /// Whether a form of attention keeps something of each letter.
    let attentionKeepsLetters (form: AttentionForm) =
        match form with
        | AttentionForm.Rule _ -> false
        | AttentionForm.Scored(without, _, averaged, _) ->
            not averaged
            && not (without.Contains ScoreInput.QueryLetter && without.Contains ScoreInput.KeyLetter)

    let isLetters side = side <> ScoreEnd.Position

    /// The other places that positions are resampled from.
    let elsewhere count = Key.integers count count (Key.ofSeed 0x706C616365UL)

    /// A table of queries (rows) or keys (columns) without one of the things that scores can be without.
    let leave (explained: Explained) (without: ScoreInput) (by: Replacement) side (m: Matrix<float>) =
        let ofLetters = without = ScoreInput.QueryLetter || without = ScoreInput.KeyLetter
        let ofQuery = without = ScoreInput.QueryLetter || without = ScoreInput.QueryPosition
        let count = if ofQuery then m.RowCount else m.ColumnCount
        let over weights = if ofQuery then TableForms.rowsBy weights m else TableForms.columnsBy weights m

        if ofLetters <> isLetters side then
            m
        else
            match by with
            | Replacement.Mean -> over (TableForms.evenly count)
            | Replacement.Frequencies when ofLetters -> over explained.Frequencies
            | Replacement.Frequencies -> over (TableForms.evenly count)
            | Replacement.Zero -> m.Multiply 0.0
            // Letters are looked up by another sequence's tokens.
            | Replacement.Resampled when ofLetters -> m
            | Replacement.Resampled ->
                let places = elsewhere count

                let entry i j = if ofQuery then m[places[i], j] else m[i, places[j]]
                Matrix<float>.Build.Dense(m.RowCount, m.ColumnCount, entry)

    let private leaveAll explained (pattern: ScoredPattern) queryEnd keyEnd m =
        (m, pattern.Without)
        ||> Set.fold (fun m without ->
            let side =
                if without = ScoreInput.QueryLetter || without = ScoreInput.QueryPosition then
                    queryEnd
                else
                    keyEnd

            leave explained without pattern.By side m)

    /// A term of scores; none where nothing is kept.
    let private term (explained: Explained) (pattern: ScoredPattern) queryEnd keyEnd =
        match pattern.Terms.TryFind(queryEnd, keyEnd) |> Option.defaultValue TableForm.Exact with
        | TableForm.Nothing -> None
        | form ->
            let queryLetters, keyLetters = isLetters queryEnd, isLetters keyEnd

            let renaming kept letters = if kept then explained.Renaming letters else None

            let ofTerm = renaming (keepsLetters form) (KeptLetters.OfTerm(pattern.Head, queryLetters, keyLetters))

            let ofAttention = renaming pattern.Renamed (KeptLetters.OfAttention pattern.Head)

            Terms.score explained.Terms pattern.Head queryEnd keyEnd
            |> TableForms.keep form (not queryLetters)
            |> renamed queryLetters keyLetters ofTerm
            |> renamed queryLetters keyLetters ofAttention
            |> leaveAll explained pattern queryEnd keyEnd
            |> Some

    /// All terms of a pattern's scores, between all that its queries and all that its keys read, as one matrix of a few factors: its queries and keys.
    let private ofPattern (explained: Explained) (pattern: ScoredPattern) : Factors =
        let ends = Terms.ends explained.Terms pattern.Head.Layer
        let size = List.sumBy snd ends
        let all = Matrix<float>.Build.Dense(size, size)
        let starts = ends |> List.map snd |> List.scan (+) 0

        for queryEnd, row in List.zip (List.map fst ends) (List.truncate ends.Length starts) do
            for keyEnd, column in List.zip (List.map fst ends) (List.truncate ends.Length starts) do
                term explained pattern queryEnd keyEnd
                |> Option.iter (fun table -> all.SetSubMatrix(row, column, table))

        Factors.ofMatrix all

    /// An explanation with its letters renamed.
    let rename renaming (explained: Explained) : Explained =
        let explained = { explained with Renaming = renaming }

        let isRenamed (pattern: ScoredPattern) =
            (pattern.Renamed && (renaming (KeptLetters.OfAttention pattern.Head)).IsSome)
            || pattern.Terms
               |> Map.exists (fun (query, key) form ->
                   keepsLetters form
                   && (renaming (KeptLetters.OfTerm(pattern.Head, isLetters query, isLetters key))).IsSome)

        {
            explained with
                Factors =
                    explained.Patterns
                    |> List.map (fun pattern ->
                        if isRenamed pattern || pattern.By = Replacement.Frequencies then
                            lazy (ofPattern explained pattern)
                        else
                            explained.Known.GetOrAdd(pattern, fun pattern -> lazy (ofPattern explained pattern)))
        }

    /// Makes the factors of patterns that nobody asked for yet.
    let makeFactors threads (explained: Explained) =
        let factors = Array.ofList explained.Factors
        Workers.share threads factors.Length (fun number -> factors[number].Force() |> ignore)

    /// Rows of a side of what a pattern's scores are made of.
    let private side (explained: Explained) number sideEnd (which: Factors -> Matrix<float>) : Tensor =
        let pattern = explained.Patterns[number]
        let ends = Terms.ends explained.Terms pattern.Head.Layer
        let before = ends |> List.takeWhile (fun (other, _) -> other <> sideEnd)
        let factor = which explained.Factors[number].Value

        factor.SubMatrix(List.sumBy snd before, snd ends[before.Length], 0, factor.ColumnCount)
        |> TableForms.toTensor

    /// A path's table to the logits; none where nothing is kept.
    let private path (explained: Explained) (path: HeadAddress list) : Tensor option =
        match explained.Parts.Paths.TryFind path |> Option.defaultValue TableForm.Exact with
        | TableForm.Nothing -> None
        | form ->
            let renaming = if keepsLetters form then explained.Renaming(KeptLetters.OfPath path) else None

            Terms.path explained.Terms path
            |> TableForms.keep form false
            |> renamed true true renaming
            |> TableForms.toTensor
            |> Some

    /// A table by its name; none where nothing is kept.
    let table (explained: Explained) (name: TableName) : Tensor option =
        match name with
        | TableName.OfPath heads -> path explained heads
        | TableName.OfQuery(pattern, queryEnd) -> Some(side explained pattern queryEnd _.Left)
        | TableName.OfKey(pattern, keyEnd) -> Some(side explained pattern keyEnd _.Right)
        | TableName.OfAverage pattern -> Some explained.Averages[pattern]

    /// All patterns of a model, and whose they are.
    let private uses (a: Architecture) = [
        for layer in 0 .. a.NLayers - 1 do
            for number in 0 .. a.NHeads - 1 do
                let head = { Layer = layer; Head = number }
                head, PatternUse.Moves

                for later in layer + 1 .. a.NLayers - 1 do
                    for reader in 0 .. a.NHeads - 1 do
                        head, PatternUse.ReadBy { Layer = later; Head = reader }
    ]

    /// The patterns that scores make, each once, and where every pattern comes from.
    let patterns (parts: Parts) : ScoredPattern list * Map<HeadAddress * PatternUse, PatternSource> =
        let a = parts.Architecture

        let terms = Parts.terms parts

        let number pattern (patterns: ScoredPattern list) =
            match List.tryFindIndex ((=) pattern) patterns with
            | Some number -> number, patterns
            | None -> patterns.Length, patterns @ [ pattern ]

        (([], Map.empty), uses a)
        ||> List.fold (fun (patterns, sources) (head, usage) ->
            let given = parts.Attention.TryFind(head, usage)

            match given |> Option.defaultValue AttentionForm.Exact with
            | AttentionForm.Rule rule -> patterns, Map.add (head, usage) (PatternSource.Rule rule) sources
            | AttentionForm.Scored(without, by, averaged, shared) ->
                let heads =
                    if shared then
                        List.init a.NHeads (fun number -> { head with Head = number })
                    else
                        [ head ]

                let numbers, patterns =
                    (patterns, heads)
                    ||> List.mapFold (fun patterns head ->
                        patterns
                        |> number {
                            Head = head
                            Moves = (usage = PatternUse.Moves)
                            Terms = terms.TryFind(head, usage) |> Option.defaultValue Map.empty
                            Without = without
                            By = by
                            Renamed = given |> Option.exists attentionKeepsLetters
                        })

                patterns, Map.add (head, usage) (PatternSource.Scored(averaged, numbers)) sources)
