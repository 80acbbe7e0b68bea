namespace Interp

/// Everything that claims are about, read off what was measured on one model.
module Quantities =

    let private behaviour (measured: Measurements) = [
        let e = measured.Evaluation
        Quantity.HeldOutLoss, e.Loss

        match e.Floor with
        | Some floor -> Quantity.LossAboveFloor, e.Loss - floor
        | None -> ()

        Quantity.Accuracy, e.Accuracy
        Quantity.InContextLearning, HeadScores.inContextLearning measured.Task e.PerPositionLoss

        match e.Prompts |> Option.bind _.ByPattern with
        | Some prompts ->
            for kind, rates in [ PatternKind.Distinct, prompts.Distinct; PatternKind.Repeated, prompts.Repeated ] do
                if rates.Count > 0 then
                    Quantity.Completed kind, rates.Exact
                    Quantity.LettersRight kind, rates.Letters
                    Quantity.RepeatRate(Patterned kind), rates.Repeats
                    Quantity.FromPromptRate(Patterned kind), rates.FromPrompt
                    Quantity.RecentRate(Patterned kind), rates.Recent
                    Quantity.AlternationRate(Patterned kind), rates.Alternating

            // Two equal letters stand side by side in such patterns alone.
            if prompts.Repeated.DoublesDue > 0 then
                Quantity.DoubledWhereRight, prompts.Repeated.Doubled
        | None -> ()

        match measured.Unrelated with
        | Some rates ->
            Quantity.RepeatRate Unrelated, rates.Repeats
            Quantity.FromPromptRate Unrelated, rates.FromPrompt
            Quantity.RecentRate Unrelated, rates.Recent
            Quantity.AlternationRate Unrelated, rates.Alternating
            Quantity.FirstBlockRate, rates.FirstBlock
            Quantity.FollowsLastRate, rates.FollowsLast
        | None -> ()
    ]

    // Of scores one of which is no number, none is known to be the least or the greatest.
    let private known (choose: float list -> float) scores =
        if List.exists System.Double.IsNaN scores then nan else choose scores

    let private greatest = known List.max
    let private least = known List.min

    /// The ranks of so many heads, from the highest; one head is the highest and the lowest.
    let private ranks heads = [
        Highest
        for rank in 2 .. heads - 1 do
            Ranked rank

        Lowest
    ]

    let private byRank (scores: float list) =
        let sorted =
            if List.exists System.Double.IsNaN scores then
                scores |> List.map (fun _ -> nan)
            else
                List.sortDescending scores

        let inner = sorted |> List.skip 1 |> List.truncate (sorted.Length - 2)
        List.zip (ranks sorted.Length) (sorted.Head :: inner @ [ List.last sorted ])

    /// The first query that is looked at: behind the first block, where there is a choice; of other tasks the first one that can look
    /// further than two back, if there is one.
    let private firstQuery (task: Task) =
        match Tasks.repetition task with
        | Some r when r.BlockLength < task.Length -> r.BlockLength
        | _ -> min 3 (task.Length - 1)

    /// Rows of a mean pattern for such queries: [row] of [key_pos].
    let private lateRows (task: Task) (pattern: Tensor) head =
        let positions = pattern.Shape[1]

        [| firstQuery task .. positions - 1 |]
        |> Array.map (fun query -> Array.init positions (fun key -> Tensor.item [ head; query; key ] pattern))

    /// Share of attention on the current letter and the two before it.
    let private nearby (task: Task) (rows: float[][]) =
        let first = firstQuery task

        rows
        |> Array.mapi (fun i row -> let query = first + i in Array.sum row[max 0 (query - 2) .. query])
        |> Array.average

    /// Attention that two heads have in common: sum(min(a, b)), 1 minus the total variation distance, over the rows.
    let private overlap (a: float[][]) (b: float[][]) =
        Array.map2 (fun a b -> Array.map2 min a b |> Array.sum) a b |> Array.average

    /// How far back what followed the current letter last time stands, where sequences repeat a block and `Attention.byOffset` reaches there.
    let private blockBack (repetition: Repetition option) =
        repetition
        |> Option.filter (fun r -> r.BlockLength > 1 && r.BlockLength - 1 < r.Length / 2)
        |> Option.map (fun r -> r.BlockLength - 1)

    // A mean at less than half of the distances is one of few queries.
    /// The greatest mean attention at one distance other than `back`, over the late queries that can look so far.
    let private elsewhere task back (rows: float[][]) =
        let first = firstQuery task
        let positions = rows[0].Length

        [ 0 .. positions / 2 - 1 ]
        |> List.except [ back ]
        |> List.map (fun offset ->
            rows
            |> Array.mapi (fun i row -> first + i, row)
            |> Array.filter (fun (query, _) -> query >= offset)
            |> Array.averageBy (fun (query, row) -> row[query - offset]))
        |> known List.max

    // Ten places are a choice for a query that sees more.
    let private many, private half = 10, 5

    /// Share of attention on the last `count` letters, of queries that see more than ten.
    let private lastLetters count (pattern: Tensor) head =
        [ many .. pattern.Shape[1] - 1 ]
        |> List.averageBy (fun query ->
            [ query - count + 1 .. query ] |> List.sumBy (fun key -> Tensor.item [ head; query; key ] pattern))

    // Means over blocks of all lengths: what a head looks for is no matter of the length it was trained on.
    let private overBlocks (score: BlockScores<float> -> float) (scores: HeadScores<float>) =
        scores.Blocks |> List.averageBy score

    let private previousToken = overBlocks _.PreviousToken

    let private haveBlocks (heads: HeadScores<float> list) = heads |> List.forall (fun head -> not head.Blocks.IsEmpty)

    let private blockScores: (HeadQuantity * (BlockScores<float> -> float)) list = [
        HeadQuantity.PreviousToken, _.PreviousToken
        HeadQuantity.DuplicateToken, _.DuplicateToken
        HeadQuantity.Induction, _.Induction
        HeadQuantity.PrefixMatching, _.PrefixMatching
        HeadQuantity.AttentionEntropy, _.Entropy
    ]

    /// Every head's numbers, head by head. What layers have is read off these.
    let private ofHeads (measured: Measurements) : (Quantity * float) list =
        let task = measured.Task
        let back = blockBack (Tasks.repetition task)

        let numbers = [
            for head in measured.Spectra.OV do
                HeadQuantity.OV, head.Head, head.Spectrum.Score
                HeadQuantity.OVImaginaryWeight, head.Head, Spectrum.imaginaryWeight head.Spectrum

            for scores in measured.Heads do
                if haveBlocks measured.Heads then
                    for quantity, score in blockScores do
                        quantity, scores.Head, overBlocks score scores

                HeadQuantity.Copying, scores.Head, scores.Copying

            for layer, pattern in List.indexed measured.Patterns do
                let offsets = Attention.byOffset pattern

                for head in 0 .. offsets.Shape[0] - 1 do
                    let address = { Layer = layer; Head = head }

                    match back with
                    | Some back ->
                        HeadQuantity.AttentionBlockBack, address, Tensor.item [ head; back ] offsets
                        HeadQuantity.AttentionElsewhere, address, elsewhere task back (lateRows task pattern head)
                    | None -> ()

                    HeadQuantity.AttentionNearby, address, nearby task (lateRows task pattern head)

            for ablation in measured.Ablations do
                HeadQuantity.AblationRise, ablation.Heads.Head, ablation.Loss - measured.Evaluation.Loss

            for shares in measured.Shares |> Option.map _.Heads |> Option.defaultValue [] do
                for share in Option.toList shares.OwnLetters do
                    HeadQuantity.ExplainedOwnLetters, shares.Head, share

                HeadQuantity.ExplainedPositions, shares.Head, shares.Positions
                HeadQuantity.ExplainedAfterLastMatch, shares.Head, shares.AfterLastMatch

                for share in Option.toList shares.BlockBack do
                    HeadQuantity.ExplainedBlockBack, shares.Head, share
        ]

        numbers
        |> List.sortBy (fun (_, head, _) -> head)
        |> List.map (fun (quantity, head, value) -> Quantity.OfHead(quantity, head.Layer, head.Head), value)

    /// One number of each head of a layer.
    let private ofLayer quantity layer (heads: (Quantity * float) list) =
        heads
        |> List.choose (fun (each, value) ->
            match each with
            | Quantity.OfHead(found, l, _) when found = quantity && l = layer -> Some value
            | _ -> None)

    let private layers (measured: Measurements) = [ 0 .. measured.Patterns.Length - 1 ]

    let private circuits heads (measured: Measurements) = [
        let spectra = measured.Spectra
        Quantity.DirectPath, spectra.DirectPath.Score

        for sum in spectra.OVSum do
            Quantity.OVSum sum.Layer, sum.Spectrum.Score

        for layer in layers measured do
            for rank, score in byRank (ofLayer HeadQuantity.OV layer heads) do
                Quantity.OV(layer, rank), score
    ]

    let private attention heads (measured: Measurements) = [
        let task = measured.Task

        for layer, pattern in List.indexed measured.Patterns do
            if (blockBack (Tasks.repetition task)).IsSome then
                Quantity.AttentionBlockBack layer, heads |> ofLayer HeadQuantity.AttentionBlockBack layer |> greatest

            Quantity.AttentionNearby layer, heads |> ofLayer HeadQuantity.AttentionNearby layer |> List.average
            let rows = [ for head in 0 .. pattern.Shape[0] - 1 -> lateRows task pattern head ]

            Quantity.AttentionOverlap layer,
            least [
                for i, a in List.indexed rows do
                    for b in rows[i..] -> overlap a b
            ]

            if (Tasks.repetition task).IsSome && pattern.Shape[1] > many then
                let mean count = [ 0 .. pattern.Shape[0] - 1 ] |> List.averageBy (lastLetters count pattern)

                Quantity.AttentionLastFive layer, mean half
                Quantity.AttentionLastTen layer, mean many
    ]

    // As much as claims call clear: a tenth of a nat.
    let private heldDown = BlockLetters.heldDown 0.1

    /// What is read off a block's letters.
    let private letters (measured: Measurements) = [
        match measured.Letters with
        | Some letters ->
            let ofLayer layer (heads: (HeadAddress * 'a) list) =
                heads |> List.filter (fun (head, _) -> head.Layer = layer) |> List.map snd

            let suppressing =
                let below =
                    measured.Spectra.OV |> List.filter (fun head -> head.Spectrum.Score < 0.0) |> List.map _.Head

                letters.Heads |> List.filter (fun (head, _) -> List.contains head below) |> List.map snd

            for layer in layers measured do
                Quantity.HeldDownByLayer layer, ofLayer layer letters.Heads |> BlockLetters.together |> heldDown

            Quantity.HeldDownBySuppressors, letters.Direct :: suppressing |> BlockLetters.together |> heldDown

            for layer in layers measured do
                Quantity.AttentionFirst layer, ofLayer layer letters.First |> List.average

                if layer > 0 then
                    Quantity.AttentionFirstWithoutKeys layer, ofLayer layer letters.FirstWithoutKeys |> List.average
        | None -> ()
    ]

    let private heads heads (measured: Measurements) = [
        if haveBlocks measured.Heads then
            for layer in layers measured do
                Quantity.PreviousToken layer, heads |> ofLayer HeadQuantity.PreviousToken layer |> greatest
                Quantity.PrefixMatching layer, heads |> ofLayer HeadQuantity.PrefixMatching layer |> greatest
    ]

    let private ablations heads (measured: Measurements) = [
        for layer in layers measured ->
            Quantity.AblationRise layer, heads |> ofLayer HeadQuantity.AblationRise layer |> least
    ]

    let private keyComposition (measured: Measurements) = [
        let first = measured.Heads |> List.filter (fun scores -> scores.Head.Layer = 0)

        if not measured.KComposition.IsEmpty && haveBlocks first then
            let unknown = first |> List.exists (previousToken >> System.Double.IsNaN)
            let before = (first |> List.maxBy previousToken).Head
            let ofScores choose scores = if unknown then nan else scores |> List.map snd |> choose

            let through, others =
                measured.KComposition |> List.partition (fun ((earlier, _), _) -> earlier = before)

            Quantity.KCompositionPrevious, through |> ofScores least

            if not others.IsEmpty then
                Quantity.KCompositionOthers, others |> ofScores greatest
    ]

    let private pathInputs = [
        ComposedInputs.Neither
        ComposedInputs.Keys
        ComposedInputs.Queries
        ComposedInputs.Both
    ]

    let private paths (measured: Measurements) = [
        match measured.Paths with
        | Some paths ->
            for inputs in pathInputs do
                Quantity.PathLoss inputs, PathExperiment.loss inputs paths

            Quantity.PathSynergy, PathExperiment.synergy paths
        | None -> ()
    ]

    /// What explanations with a name explain.
    let private shares (measured: Measurements) = [
        match measured.Shares with
        | Some shares ->
            for share in Option.toList shares.Author do
                Quantity.ExplainedAuthor, share

            for share in Option.toList shares.Padlocks do
                Quantity.ExplainedPadlocks, share

            Quantity.ExplainedOwnStrengths, shares.OwnStrengths

            for layer, correlation in shares.LettersCorrelation do
                Quantity.LettersCorrelation layer, correlation
        | None -> ()
    ]

    /// All quantities of a model that was measured.
    let ofMeasurements (measured: Measurements) : (Quantity * float) list =
        let each = ofHeads measured

        behaviour measured
        @ circuits each measured
        @ attention each measured
        @ letters measured
        @ heads each measured
        @ ablations each measured
        @ keyComposition measured
        @ paths measured
        @ shares measured
        @ each

    /// All quantities of a model, measured on held-out sequences of its task.
    let measure
        (threads: int)
        (a: Architecture)
        (task: Task)
        (model: Model<Tensor>)
        (reference: Reference)
        : (Quantity * float) list =
        Measurements.ofModel threads a task model reference |> ofMeasurements

    /// The quantities that models of this shape have on this task, before any is trained, in the order of `measure`. Those of
    /// prompts are missing on a model only where its held-out sequences are too few to have such prompts.
    let measurable (a: Architecture) (task: TaskForm) : Quantity list =
        let layers = [ 0 .. a.NLayers - 1 ]
        let repetition = TaskForm.repetition task
        let headsHaveScores = not (HeadScores.lengthsFor a).IsEmpty

        [
            Quantity.HeldOutLoss
            if (Tasks.floor task).IsSome then
                Quantity.LossAboveFloor

            Quantity.Accuracy
            Quantity.InContextLearning

            match repetition with
            | Some r ->
                let distinct = r.BlockLength <= r.Letters

                for kind, possible in [ PatternKind.Distinct, distinct; PatternKind.Repeated, r.BlockLength > 1 ] do
                    if possible then
                        Quantity.Completed kind
                        Quantity.LettersRight kind
                        Quantity.RepeatRate(Patterned kind)
                        Quantity.FromPromptRate(Patterned kind)
                        Quantity.RecentRate(Patterned kind)
                        Quantity.AlternationRate(Patterned kind)

                if r.BlockLength > 1 then
                    Quantity.DoubledWhereRight

                if distinct && r.Blocks > 2 then
                    Quantity.RepeatRate Unrelated
                    Quantity.FromPromptRate Unrelated
                    Quantity.RecentRate Unrelated
                    Quantity.AlternationRate Unrelated
                    Quantity.FirstBlockRate
                    Quantity.FollowsLastRate
            | None -> ()

            Quantity.DirectPath
            yield! layers |> List.map Quantity.OVSum

            for layer in layers do
                for rank in ranks a.NHeads do
                    Quantity.OV(layer, rank)

            for layer in layers do
                if (blockBack repetition).IsSome then
                    Quantity.AttentionBlockBack layer

                Quantity.AttentionNearby layer
                Quantity.AttentionOverlap layer

                if repetition |> Option.exists (fun r -> r.Length > many) then
                    Quantity.AttentionLastFive layer
                    Quantity.AttentionLastTen layer

            match repetition with
            | Some r when BlockLetters.possible a r ->
                yield! layers |> List.map Quantity.HeldDownByLayer
                Quantity.HeldDownBySuppressors

                for layer in layers do
                    Quantity.AttentionFirst layer

                    if layer > 0 then
                        Quantity.AttentionFirstWithoutKeys layer
            | _ -> ()

            for layer in layers do
                if headsHaveScores then
                    Quantity.PreviousToken layer
                    Quantity.PrefixMatching layer

            yield! layers |> List.map Quantity.AblationRise

            if a.NLayers > 1 then
                if headsHaveScores then
                    Quantity.KCompositionPrevious

                    if a.NHeads > 1 then
                        Quantity.KCompositionOthers

                yield! pathInputs |> List.map Quantity.PathLoss
                Quantity.PathSynergy

            if NamedShares.measurable a then
                if Named.hasAuthor repetition a then
                    Quantity.ExplainedAuthor

                if NamedShares.ofOneLayer a && Parts.havePositions a then
                    Quantity.ExplainedPadlocks

                Quantity.ExplainedOwnStrengths

                if Parts.areSums a && a.NHeads > 1 then
                    Quantity.LettersCorrelation 0

            for layer in layers do
                for head in 0 .. a.NHeads - 1 do
                    let ofHead quantity = Quantity.OfHead(quantity, layer, head)
                    ofHead HeadQuantity.OV
                    ofHead HeadQuantity.OVImaginaryWeight

                    if headsHaveScores then
                        yield! blockScores |> List.map (fst >> ofHead)

                    ofHead HeadQuantity.Copying

                    if (blockBack repetition).IsSome then
                        ofHead HeadQuantity.AttentionBlockBack
                        ofHead HeadQuantity.AttentionElsewhere

                    ofHead HeadQuantity.AttentionNearby
                    ofHead HeadQuantity.AblationRise

                    if NamedShares.measurable a && NamedShares.ofOneLayer a then
                        if Parts.areSums a then
                            ofHead HeadQuantity.ExplainedOwnLetters

                        ofHead HeadQuantity.ExplainedPositions
                        ofHead HeadQuantity.ExplainedAfterLastMatch

                        if repetition |> Option.exists (fun r -> r.BlockLength > 1) then
                            ofHead HeadQuantity.ExplainedBlockBack
        ]
