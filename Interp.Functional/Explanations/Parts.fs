namespace Interp

open System

/// Whose pattern of a head is meant.
[<RequireQualifiedAccess>]
type PatternUse =
    /// That by which values move.
    | Moves
    /// That through which the attention of a later head reads what it moves.
    | ReadBy of HeadAddress

/// One side of a term of scores.
[<RequireQualifiedAccess>]
type ScoreEnd =
    /// Letters that heads have moved, the first of them first; of none the embedding itself.
    | Path of HeadAddress list
    /// The position vectors.
    | Position

/// An explanation of a model of some shape, part by part: what is not named is exact.
type Parts = {
    /// The shape.
    Architecture: Architecture
    /// What is kept of paths to the logits; of no heads it is the direct path.
    Paths: Map<HeadAddress list, TableForm>
    /// What is kept of the terms of scores: head, whose pattern, query's side, key's side.
    Scores: Map<HeadAddress * PatternUse * ScoreEnd * ScoreEnd, TableForm>
    /// What is kept of patterns.
    Attention: Map<HeadAddress * PatternUse, AttentionForm>
    /// What heads do not read.
    Cuts: Set<Component * HeadAddress * HeadInput>
}

/// Explanations without wildcards.
module Parts =

    /// Parts that a model has at most.
    let most = 1000

    // Numbers in the tables of an explanation at most: half a gigabyte of float64.
    let private mostNumbers = 67108864.0

    let private headsOf (a: Architecture) = [
        for layer in 0 .. a.NLayers - 1 do
            for head in 0 .. a.NHeads - 1 -> { Layer = layer; Head = head }
    ]

    /// Whether scores are a sum over what queries and keys read: with rotary positions they are not.
    let internal areSums (a: Architecture) = a.Positions <> Positions.Rotary

    /// Whether position vectors are a term of scores.
    let internal havePositions (a: Architecture) = a.Positions = Positions.Study || a.Positions = Positions.Standard

    /// The number of parts: the direct path, paths through heads, terms of scores and patterns. A float, as it may be astronomical.
    let count (a: Architecture) : float =
        // Sources of letters before a layer are paths through any heads of earlier layers, in order: each layer gives one or none.
        let sources layer = Math.Pow(float (a.NHeads + 1), float layer)

        let terms layer =
            let positions = if havePositions a then 2.0 else 0.0
            if areSums a then sources layer * (sources layer + positions) else 0.0

        sources a.NLayers
        + (List.init a.NLayers (fun layer -> float a.NHeads * (terms layer + 1.0)) |> List.sum)

    /// The numbers in all tables between letters, and between these and positions.
    let private numbers (a: Architecture) : float =
        let sources layer = Math.Pow(float (a.NHeads + 1), float layer)
        let letters = float a.DVocab

        let ofScores layer =
            let ends = sources layer * letters + (if havePositions a then float a.NCtx else 0.0)
            float a.NHeads * ends * ends

        sources a.NLayers * letters * letters + (List.init a.NLayers ofScores |> List.sum)

    /// All paths from the embedding through heads of layers before `layer`, that of no heads first; a path's first head first.
    let sources (layer: int) (a: Architecture) : HeadAddress list list =
        ([ [] ], [ 0 .. layer - 1 ])
        ||> List.fold (fun paths layer ->
            paths
            @ [
                for path in paths do
                    for head in 0 .. a.NHeads - 1 -> path @ [ { Layer = layer; Head = head } ]
            ])

    /// All paths to the logits, the direct one first.
    let paths (a: Architecture) : HeadAddress list list = sources a.NLayers a

    let private plural count noun = if count = 1 then $"1 {noun}" else $"{count} {noun}s"

    let private absent (a: Architecture) (heads: Heads) : 'a =
        let has =
            if a.NLayers = 0 then
                "no layers"
            else
                $"""{plural a.NLayers "layer"} of {plural a.NHeads "head"}, counted from 0"""

        Refused.because $"There is no head {heads}; the model has {has}."

    let private checkNumbers (a: Architecture) (heads: Heads) =
        let below limit which =
            match which with
            | Which.Every -> limit > 0
            | Which.One number -> number < limit

        if not (below a.NLayers heads.Layers && below a.NHeads heads.Numbers) then
            absent a heads

    let private ofHeads (a: Architecture) (heads: Heads) : HeadAddress list =
        checkNumbers a heads
        headsOf a |> List.filter heads.Has

    /// Paths through heads, each of a later layer than the one before, all before `layer`.
    let private ofPath (a: Architecture) layer (path: Heads list) : HeadAddress list list =
        path |> List.iter (checkNumbers a)

        ([ [] ], path)
        ||> List.fold (fun paths heads -> [
            for path in paths do
                for head in headsOf a do
                    let later =
                        match List.tryLast path with
                        | Some(last: HeadAddress) -> head.Layer > last.Layer
                        | None -> true

                    if heads.Has head && later && head.Layer < layer then
                        path @ [ head ]
        ])

    let private ofSource (a: Architecture) (head: HeadAddress) (source: ScoreSource) : ScoreEnd list =
        match source with
        | ScoreSource.Letters -> sources head.Layer a |> List.map ScoreEnd.Path
        | ScoreSource.Embed -> [ ScoreEnd.Path [] ]
        | ScoreSource.Through path -> ofPath a head.Layer path |> List.map ScoreEnd.Path
        | ScoreSource.Pos -> [ ScoreEnd.Position ]

    /// What is meant by a clause of a head's pattern.
    let private uses (a: Architecture) (by: Heads option) (head: HeadAddress) =
        match by with
        | None -> [ PatternUse.Moves ]
        | Some readers -> [
            for reader in ofHeads a readers do
                if reader.Layer > head.Layer then
                    PatternUse.ReadBy reader
          ]

    let private put key exact form map = if form = exact then Map.remove key map else Map.add key form map

    let private some (clause: Clause) what found =
        if List.isEmpty found then
            Refused.because $"\"{clause}\" names {what}."

        found

    let private checkForm (clause: Clause) query key form =
        let allowed =
            match query, key with
            | ScoreEnd.Position, ScoreEnd.Position ->
                Refused.because
                    $"\"{clause}\" names the term between positions alone, which is nobody's to leave out but attention's, \"without query-position\" or \"without key-position\"."
            | ScoreEnd.Path _, ScoreEnd.Path _ -> not (form = TableForm.OverLetters || form = TableForm.OverPositions)
            | _ ->
                match form with
                | TableForm.Exact
                | TableForm.Nothing
                | TableForm.OverLetters
                | TableForm.OverPositions
                | TableForm.Own _ -> true
                | _ -> false

        if not allowed then
            let expected =
                if query = ScoreEnd.Position || key = ScoreEnd.Position then
                    "exact, over-letters, over-positions or nothing, as it is between letters and positions"
                else
                    "exact, diagonal, two-numbers, rank N, over-queries, over-keys or nothing, as it is between letters"

            Refused.because $"\"{clause}\" has the form {form}, expected {expected}."

    /// What parts are where a clause is said of them, besides what was said before; `used` of these is what an explanation says.
    let internal add (a: Architecture) (parts: Parts) (clause: Clause) : Parts =
        let pathForm form =
            match form with
            | TableForm.OverQueries
            | TableForm.OverKeys
            | TableForm.OverLetters
            | TableForm.OverPositions ->
                Refused.because
                    $"\"{clause}\" has the form {form}, which is one of scores; expected exact, diagonal, two-numbers, rank N or nothing."
            | form -> form

        match clause with
        | Clause.Direct form -> { parts with Paths = put [] TableForm.Exact (pathForm form) parts.Paths }
        | Clause.OV(path, form) ->
            let form = pathForm form

            let found =
                ofPath a a.NLayers path
                |> some clause "no path: each head on it must be of a later layer than the one before"

            {
                parts with
                    Paths = (parts.Paths, found) ||> List.fold (fun map path -> put path TableForm.Exact form map)
            }
        | Clause.QK(heads, query, key, form, by) ->
            if not (areSums a) then
                Refused.because
                    $"\"{clause}\" names a term of scores, but with rotary positions scores are no sum of such terms."

            if not (havePositions a) && (query = ScoreSource.Pos || key = ScoreSource.Pos) then
                Refused.because $"\"{clause}\" names positions, but the model has no position vectors."

            let found = [
                for head in ofHeads a heads do
                    for usage in uses a by head do
                        for query in ofSource a head query do
                            for key in ofSource a head key -> head, usage, query, key
            ]

            for _, _, query, key in found do
                checkForm clause query key form

            let found = found |> some clause "nothing that such a head's scores, or such a reader, read"

            {
                parts with
                    Scores = (parts.Scores, found) ||> List.fold (fun map key -> put key TableForm.Exact form map)
            }
        | Clause.Attention(heads, form, by) ->
            match form with
            | AttentionForm.Scored(without, _, _, _) when
                not (areSums a)
                && (without.Contains ScoreInput.QueryPosition || without.Contains ScoreInput.KeyPosition)
                ->
                Refused.because
                    $"\"{clause}\" leaves positions out, but rotary positions turn queries and keys and cannot be taken away from them."
            | _ -> ()

            let found =
                [
                    for head in ofHeads a heads do
                        for usage in uses a by head -> head, usage
                ]
                |> some clause "no later head that reads such a head"

            {
                parts with
                    Attention =
                        (parts.Attention, found) ||> List.fold (fun map key -> put key AttentionForm.Exact form map)
            }
        | Clause.Cut(source, heads, input) ->
            let found =
                [
                    for head in ofHeads a heads do
                        match source with
                        | CutSource.Embedding -> Embedding, head, input
                        | CutSource.Positions ->
                            if a.Positions <> Positions.Standard then
                                Refused.because
                                    $"\"{clause}\" cuts positions out of the residual stream, but the model has none there."

                            PositionEmbedding, head, input
                        | CutSource.Heads earlier ->
                            for other in ofHeads a earlier do
                                if other.Layer < head.Layer then
                                    HeadOutput other, head, input
                ]
                |> some clause "no head that reads such a head"

            { parts with Cuts = parts.Cuts + Set found }

    /// Without terms of scores that nobody asks for: of patterns by rules, where no other head of their layer shares in them.
    let internal used (parts: Parts) : Parts =
        let isRule key =
            match parts.Attention.TryFind key with
            | Some(AttentionForm.Rule _) -> true
            | _ -> false

        let isShared layer usage =
            parts.Attention
            |> Map.exists (fun (head, use') form ->
                match form with
                | AttentionForm.Scored(shared = true) -> head.Layer = layer && use' = usage
                | _ -> false)

        {
            parts with
                Scores =
                    parts.Scores
                    |> Map.filter (fun (head, usage, _, _) _ -> not (isRule (head, usage)) || isShared head.Layer usage)
        }

    /// The model itself.
    let exact (a: Architecture) : Parts = {
        Architecture = a
        Paths = Map.empty
        Scores = Map.empty
        Attention = Map.empty
        Cuts = Set.empty
    }

    /// What is kept of each pattern's terms of scores, by the query's side and the key's.
    let internal terms (parts: Parts) : Map<HeadAddress * PatternUse, Map<ScoreEnd * ScoreEnd, TableForm>> =
        parts.Scores
        |> Map.toList
        |> List.groupBy (fun ((head, usage, _, _), _) -> head, usage)
        |> List.map (fun (key, forms) -> key, Map [ for (_, _, query, key), form in forms -> (query, key), form ])
        |> Map

    /// What is said of patterns through which others read, without all else: what averages of patterns rest on.
    let internal reads (parts: Parts) : Parts = {
        parts with
            Paths = Map.empty
            Scores = parts.Scores |> Map.filter (fun (_, usage, _, _) _ -> usage <> PatternUse.Moves)
            Attention = parts.Attention |> Map.filter (fun (_, usage) _ -> usage <> PatternUse.Moves)
    }

    /// What an explanation says of a model of some shape. Raises `RefusedException` for a head, a path or a source that there is not, for a form that
    /// does not fit its part, for a shape of more than 1,000 parts, and for tables beyond half a gigabyte.
    let expand (a: Architecture) (explanation: Explanation) : Parts =
        let parts = count a

        if parts > float most then
            Refused.because
                $"""A model of {plural a.NLayers "layer"} with {plural a.NHeads "head"} has {parts.ToString("N0", Globalization.CultureInfo.InvariantCulture)} parts to be explained, expected at most {most}."""

        let numbers = numbers a

        if numbers > mostNumbers then
            let show (x: float) = x.ToString("N0", Globalization.CultureInfo.InvariantCulture)

            Refused.because
                $"The tables between a model's {a.DVocab} letters and {a.NCtx} positions have {show numbers} numbers, expected at most {show mostNumbers} to be explained."

        explanation.Clauses |> List.fold (add a) (exact a) |> used

    /// Whether two explanations say the same of a model of some shape.
    let same (a: Architecture) (one: Explanation) (other: Explanation) : bool = expand a one = expand a other
