namespace Interp

open System
open System.Collections.Concurrent
open System.Collections.Generic
open MathNet.Numerics.LinearAlgebra

/// Running explanations. Tables between letters are looked up by tokens and moved by patterns; what is exact is a table like any other.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Explained =

    let private add (terms: Tensor option list) : Tensor option =
        match List.choose id terms with
        | [] -> None
        | terms -> Some(List.reduce (fun (a: Tensor) b -> a + b) terms)

    /// [rows, columns] as [1, rows, columns]: one head's.
    let private single (x: Tensor) = Tensor.reshape (1 :: x.Shape) x

    /// What runs of one sequence share: patterns that were made already.
    [<NoEquality; NoComparison>]
    type private Run = {
        Explained: Explained
        Edits: Edits
        Tokens: Tokens
        /// Of another sequence, where letters are resampled.
        Others: Tokens
        /// A table [rows, columns] by its name; none where nothing is kept.
        Table: TableName -> Tensor option
        Patterns: Dictionary<HeadAddress * PatternUse, Tensor>
        Scored: Dictionary<int, Tensor>
    }

    let private memo (memory: Dictionary<'key, 'value>) key make =
        match memory.TryGetValue key with
        | true, value -> value
        | _ ->
            let value = make ()
            memory[key] <- value
            value

    let private architecture run = run.Explained.Parts.Architecture

    let private cuts run = run.Explained.Parts.Cuts + run.Edits.Cuts

    let private source (path: HeadAddress list) =
        match List.tryLast path with
        | Some head -> HeadOutput head
        | None -> Embedding

    let private output run head = Edits.find (OutputAt head) run.Edits

    /// Whether letters come along a path: no head on it writes something else, and none of its heads' values is cut from the one before.
    let private isWhole run (path: HeadAddress list) =
        let cuts = cuts run

        List.forall (fun head -> (output run head).IsNone) path
        && (path
            |> List.indexed
            |> List.forall (fun (place, head) -> not (cuts.Contains(source (List.take place path), head, ValueInput))))

    /// Paths through heads of layers from `first` to before `layer`, that of no heads first.
    let rec private behind run first layer : HeadAddress list list =
        if first >= layer then
            [ [] ]
        else
            let rest = behind run (first + 1) layer

            rest
            @ [
                for number in 0 .. (architecture run).NHeads - 1 do
                    for path in rest -> { Layer = first; Head = number } :: path
            ]

    /// What letters along all paths through heads before `layer` come to, moved by the patterns, where a path has a table [1, vocab, width]:
    /// [1, pos, width].
    let private carry
        run
        (pattern: HeadAddress -> Tensor)
        layer
        (tokens: Tokens)
        (table: HeadAddress list -> Tensor option)
        =
        let tables =
            behind run 0 layer |> List.choose (fun path -> table path |> Option.map (fun table -> path, table))

        if tables.IsEmpty then
            None
        else
            let start = Map [ for path, table in tables -> path, Tensor.gather table tokens ]

            (start, [ 0 .. layer - 1 ])
            ||> List.fold (fun carried layer' ->
                let rest = behind run (layer' + 1) layer

                let moved = [
                    for number in 0 .. (architecture run).NHeads - 1 do
                        let head = { Layer = layer'; Head = number }

                        for path in rest do
                            match carried.TryFind(head :: path) with
                            | Some values -> path, Tensor.causalMix (pattern head) values
                            | None -> ()
                ]

                Map [
                    for path in rest do
                        let arrived = [
                            for other, values in moved do
                                if other = path then
                                    Some values
                        ]

                        match add (carried.TryFind path :: arrived) with
                        | Some values -> path, values
                        | None -> ()
                ])
            |> Map.tryFind []

    let private smear (logits: Tensor option) (head: HeadAddress) (x: Tensor) =
        match logits with
        | Some logits ->
            let own = Tensor.slice 0 head.Head 1 logits |> Tensor.slice 1 0 (x.Shape[1] - 1)
            Tensor.smear x (Tensor.sigmoid own)
        | None -> x

    /// The residual stream without letters' own parts, as some heads' patterns move it: what was added to it, what heads wrote instead of what they mix,
    /// and learned positions, which are kept apart: [1, pos, d_model] each.
    let rec private others run (usage: PatternUse) layer : (Component * Tensor) list * Tensor option =
        let model = run.Explained.Terms.Model
        let length = run.Tokens.Length
        let width = model.W_E.Shape[1]

        let added layer = [
            for at, vector in run.Edits.Added do
                if at = layer then
                    single (Arithmetic.broadcastTo [ length; width ] vector)
        ]

        let positions = model.W_pos |> Option.map (fun vectors -> single (Tensor.slice 0 0 length vectors))

        let start = [ for vectors in Option.toList positions -> PositionEmbedding, vectors ]

        ((start, None), [ 0..layer ])
        ||> List.fold (fun (written, rest) at ->
            let rest = add (rest :: List.map Some (added at))

            if at = layer then
                written, rest
            else
                let block = model.Blocks[at]

                let wrote = [
                    for number in 0 .. (architecture run).NHeads - 1 do
                        let head = { Layer = at; Head = number }
                        let w_O = Tensor.select 0 number block.W_O

                        match output run head with
                        | Some edit ->
                            let z = edit (Tensor.zeros [ length; w_O.Shape.Head ])
                            HeadOutput head, single (Tensor.matmul z w_O)
                        | None ->
                            let reads =
                                add [
                                    for source, x in written do
                                        if (cuts run).Contains(source, head, ValueInput) then None else Some x
                                    rest
                                ]

                            match reads with
                            | Some x ->
                                let w = Tensor.matmul (Tensor.select 0 number block.W_V) w_O
                                let values = Tensor.einsum "hpm,mn->hpn" x w
                                HeadOutput head, Tensor.causalMix (pattern run usage head) values
                            | None -> ()
                ]

                written @ wrote, rest)

    /// A pattern by the scores' terms: [1, pos, key_pos]
    and private scoredPattern run (number: int) : Tensor =
        memo run.Scored number (fun () ->
            let explained = run.Explained
            let scored = explained.Patterns[number]
            let a = architecture run
            let model = explained.Terms.Model
            let head, layer, length = scored.Head, scored.Head.Layer, run.Tokens.Length
            let block = model.Blocks[layer]
            let cuts = cuts run
            let reads = pattern run (PatternUse.ReadBy head)
            let smearQuery, smearKey = smear block.SmearQueries head, smear block.Smear head

            let ends input = [
                for path in Parts.sources layer a do
                    if isWhole run path && not (cuts.Contains(source path, head, input)) then
                        path
            ]

            let queries, keys = ends QueryInput, ends KeyInput

            let tokens letter =
                if scored.By = Replacement.Resampled && scored.Without.Contains letter then
                    run.Others
                else
                    run.Tokens

            let queryTokens, keyTokens = tokens ScoreInput.QueryLetter, tokens ScoreInput.KeyLetter

            // With the study's positions, codes are put to queries and keys behind the smear, which mixes learned ones.
            let smearsPositions = a.Positions = Positions.Standard

            let hasPositions input = Parts.havePositions a && not (cuts.Contains(PositionEmbedding, head, input))

            /// What letters that are not cut, and places, make of queries or keys, by a table [vocab or n_ctx, width] of each: [1, pos, width]
            let summed input (ends: HeadAddress list list) tokens smear (table: ScoreEnd -> Tensor option) =
                let letters =
                    carry run reads layer tokens (fun path ->
                        if List.contains path ends then
                            table (ScoreEnd.Path path) |> Option.map single
                        else
                            None)

                let places =
                    if hasPositions input then
                        table ScoreEnd.Position |> Option.map (Tensor.slice 0 0 length >> single)
                    else
                        None

                if smearsPositions then
                    add [ letters; places ] |> Option.map smear
                else
                    add [ letters |> Option.map smear; places ]

            let ofQueries table = summed QueryInput queries queryTokens smearQuery table
            let ofKeys table = summed KeyInput keys keyTokens smearKey table

            let ofSums =
                if Parts.areSums a then
                    Option.map2
                        (Tensor.causalDot 1.0)
                        (ofQueries (fun side -> run.Table(TableName.OfQuery(number, side))))
                        (ofKeys (fun side -> run.Table(TableName.OfKey(number, side))))
                else
                    None

            /// A side of queries or keys as vectors, without what the pattern leaves out: [vocab or n_ctx, d_head]
            let vectors ofEnd letter place side =
                let without = if Kept.isLetters side then letter else place
                let asQuery = if Kept.isLetters side then ScoreInput.QueryLetter else ScoreInput.QueryPosition
                let whole: Matrix<float> = ofEnd explained.Terms head side

                (if scored.Without.Contains without then
                     Kept.leave explained asQuery scored.By side whole
                 else
                     whole)
                |> TableForms.toTensor
                |> Some

            let queryVectors () = ofQueries (vectors Terms.query ScoreInput.QueryLetter ScoreInput.QueryPosition)

            let keyVectors () = ofKeys (vectors Terms.key ScoreInput.KeyLetter ScoreInput.KeyPosition)

            let written, rest = others run (PatternUse.ReadBy head) layer

            /// What a query or key reads of the stream beside letters and its own place.
            let readsOf input (w: Tensor) smear =
                add [
                    for source, x in written do
                        if source <> PositionEmbedding && not (cuts.Contains(source, head, input)) then
                            Some x
                    rest
                ]
                |> Option.map (fun x -> smear (Tensor.einsum "hpm,md->hpd" x (Tensor.select 0 head.Head w)))

            let otherQuery, otherKey = readsOf QueryInput block.W_Q smearQuery, readsOf KeyInput block.W_K smearKey
            let scale = 1.0 / sqrt (float a.DHead)

            let dot (query: Tensor option) (key: Tensor option) =
                Option.map2 (fun q k -> Tensor.causalDot scale q k) query key

            let ofOthers =
                if not (Parts.areSums a) then
                    let turned x = Option.map Transformer.rotate x
                    [ dot (turned (add [ queryVectors (); otherQuery ])) (turned (add [ keyVectors (); otherKey ])) ]
                else
                    [
                        match otherKey with
                        | Some _ -> dot (add [ queryVectors (); otherQuery ]) otherKey
                        | None -> ()

                        match otherQuery with
                        | Some _ -> dot otherQuery (keyVectors ())
                        | None -> ()
                    ]

            add (ofSums :: ofOthers)
            |> Option.defaultWith (fun () -> Tensor.zeros [ 1; length; length ])
            |> Tensor.causalSoftmax)

    /// A head's pattern: [1, pos, key_pos]
    and private pattern run (usage: PatternUse) (head: HeadAddress) : Tensor =
        memo run.Patterns (head, usage) (fun () ->
            let length = run.Tokens.Length

            let unedited =
                match run.Explained.Sources[head, usage] with
                | PatternSource.Rule rule -> AttentionRules.pattern (architecture run).DVocab rule run.Tokens
                | PatternSource.Scored(averaged, numbers) ->
                    let one number =
                        if averaged then
                            run.Table(TableName.OfAverage number).Value
                            |> Tensor.slice 0 0 length
                            |> Tensor.slice 1 0 length
                            |> single
                        else
                            scoredPattern run number

                    match numbers |> List.map one with
                    | [ pattern ] -> pattern
                    | patterns -> List.reduce (fun (a: Tensor) b -> a + b) patterns / float patterns.Length

            match Edits.find (PatternAt head) run.Edits with
            | Some edit -> single (edit (Tensor.select 0 0 unedited))
            | None -> unedited)

    let private start explained table edits tokens others = {
        Explained = explained
        Table = table
        Edits = edits
        Tokens = tokens
        Others = others
        Patterns = Dictionary()
        Scored = Dictionary()
    }

    /// The logits [pos, vocab] of an explanation for one sequence, with edits applied; `others` are the letters of another sequence, which those that are
    /// left out by resampling are taken from.
    let internal logitsOf table (edits: Edits) (explained: Explained) (tokens: Tokens) (others': Tokens) : Tensor =
        let run = start explained table edits tokens others'
        let model = explained.Terms.Model
        let layers = model.Blocks.Length

        let letters =
            carry run (pattern run PatternUse.Moves) layers tokens (fun path ->
                if isWhole run path then
                    run.Table(TableName.OfPath path) |> Option.map single
                else
                    None)

        let written, rest = others run PatternUse.Moves layers

        let others =
            add (rest :: [ for _, x in written -> Some x ])
            |> Option.map (fun x -> Tensor.einsum "hpm,mv->hpv" x model.W_U)

        add [ letters; others ]
        |> Option.map (Tensor.select 0 0)
        |> Option.defaultWith (fun () -> Tensor.zeros [ tokens.Length; model.W_U.Shape[1] ])

    /// The same, each table being what the explanation keeps.
    let internal logitsWith (edits: Edits) (explained: Explained) (tokens: Tokens) (others: Tokens) : Tensor =
        logitsOf (Kept.table explained) edits explained tokens others

    /// The logits of an explanation for one sequence, with edits applied, as an exact sum: each path's table moved by the patterns on its way, and
    /// what else the residual stream has, as it is last written: positions, what heads make of them or write in an edit's stead, and what was added.
    let internal paths (edits: Edits) (explained: Explained) (tokens: Tokens) (others': Tokens) : PathTerm list =
        let run = start explained (Kept.table explained) edits tokens others'
        let model = explained.Terms.Model
        let layers = model.Blocks.Length

        let moved (path: HeadAddress list) (table: Tensor) =
            (Tensor.gather (single table) tokens, path)
            ||> List.fold (fun values head -> Tensor.causalMix (pattern run PatternUse.Moves head) values)

        let letters = [
            // The direct path first, then the first layer's heads, as the model's own paths are.
            for path in behind run 0 layers |> List.sortBy (List.map (fun head -> head.Layer, head.Head)) do
                match run.Table(TableName.OfPath path) with
                | Some table when isWhole run path -> {
                    Source = PathSource.Component Embedding
                    Heads = path
                    Logits = Tensor.select 0 0 (moved path table)
                  }
                | _ -> ()
        ]

        let toLogits (x: Tensor) = Tensor.einsum "hpm,mv->hpv" x model.W_U |> Tensor.select 0 0
        let written, _ = others run PatternUse.Moves layers

        letters
        @ [
            for source, x in written ->
                {
                    Source = PathSource.Component source
                    Heads =
                        match source with
                        | HeadOutput head -> [ head ]
                        | Embedding
                        | PositionEmbedding -> []
                    Logits = toLogits x
                }

            for layer, vector in edits.Added ->
                {
                    Source = PathSource.Intervention(ResidualAt layer)
                    Heads = []
                    Logits = single (Arithmetic.broadcastTo [ tokens.Length; model.W_E.Shape[1] ] vector) |> toLogits
                }
        ]

    /// The patterns by which values move, of one sequence, with edits applied, a layer each: [head, pos, key_pos].
    let internal patterns (edits: Edits) (explained: Explained) (tokens: Tokens) (others: Tokens) : Tensor list =
        let run = start explained (Kept.table explained) edits tokens others
        let a = explained.Parts.Architecture

        [
            for layer in 0 .. a.NLayers - 1 ->
                List.init a.NHeads (fun number -> pattern run PatternUse.Moves { Layer = layer; Head = number })
                |> Tensor.concatenate 0
        ]

    /// An explanation ready to run. `sequences` are those that patterns are averaged over, and letters counted in, where a form wants it; `known` and `factors`
    /// hold averages over them, of patterns that read through the same ones, and factors that were made before.
    let internal prepare
        (threads: int)
        (terms: Terms)
        (parts: Parts)
        renaming
        (sequences: Tokens list Lazy)
        (known: Dictionary<ScoredPattern, Tensor>)
        (factors: ConcurrentDictionary<ScoredPattern, Lazy<Factors>>)
        : Explained =
        let frequencies =
            lazy
                (let counts = Array.zeroCreate<float> terms.Architecture.DVocab
                 let mutable total = 0.0

                 for tokens in sequences.Value do
                     for letter in Tokens.toArray tokens do
                         counts[letter] <- counts[letter] + 1.0
                         total <- total + 1.0

                 counts |> Array.map (fun count -> count / max 1.0 total))

        let wants =
            parts.Attention
            |> Map.exists (fun _ form ->
                match form with
                | AttentionForm.Scored(_, Replacement.Frequencies, _, _) -> true
                | _ -> false)

        let patterns, sources = Kept.patterns parts

        let explained =
            Kept.rename renaming {
                Terms = terms
                Parts = parts
                Frequencies = if wants then frequencies.Value else Array.empty
                Renaming = renaming
                Patterns = patterns
                Sources = sources
                Averages = Map.empty
                Factors = []
                Known = factors
            }

        // What a layer's averages are of may rest on averages of earlier layers.
        let averaged layer =
            sources
            |> Map.toList
            |> List.collect (fun ((head, _), source) ->
                match source with
                | PatternSource.Scored(true, numbers) when head.Layer = layer -> numbers
                | _ -> [])
            |> List.distinct

        (explained, [ 0 .. parts.Architecture.NLayers - 1 ])
        ||> List.fold (fun explained layer ->
            match averaged layer with
            | [] -> explained
            | numbers ->
                match numbers |> List.filter (fun number -> not (known.ContainsKey patterns[number])) with
                | [] -> ()
                | missing ->
                    let means =
                        sequences.Value
                        |> Batch.mean threads (fun tokens ->
                            let run = start explained (Kept.table explained) Edits.none tokens tokens
                            missing |> List.map (scoredPattern run) |> Tensor.concatenate 0)

                    missing |> List.iteri (fun i number -> known[patterns[number]] <- Tensor.select 0 i means)

                let found = numbers |> List.map (fun number -> number, known[patterns[number]])

                {
                    explained with
                        Averages =
                            (explained.Averages, found) ||> List.fold (fun map (key, mean) -> Map.add key mean map)
                })

    /// Whether letters are taken from another sequence.
    let internal resamples (explained: Explained) =
        explained.Patterns
        |> List.exists (fun pattern ->
            pattern.By = Replacement.Resampled
            && (pattern.Without.Contains ScoreInput.QueryLetter || pattern.Without.Contains ScoreInput.KeyLetter))
