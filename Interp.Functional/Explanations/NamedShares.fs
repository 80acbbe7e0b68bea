namespace Interp

/// What a head explains of itself when everything else is left as it is.
type HeadShares = {
    /// Whose.
    Head: HeadAddress
    /// Where its pattern depends on the key's letter alone; none with rotary positions, where it cannot.
    OwnLetters: float option
    /// Where its pattern is its average over sequences, and so depends on places alone.
    Positions: float
    /// Where it looks at the last place whose previous letter is the current one.
    AfterLastMatch: float
    /// Where it looks at the letter one block back that followed the current one; none where sequences repeat no block.
    BlockBack: float option
}

/// How much of a model each explanation with a name explains: 1 - KL / KL(nothing).
type NamedShares = {
    /// The first of the author's explanations of its kind of model; none of other kinds.
    Author: float option
    /// Its tables as padlocks and keys; of models of one layer with position vectors.
    Padlocks: float option
    /// All paths to the logits by each letter's own strength alone.
    OwnStrengths: float
    /// Each head taken alone; of models of one layer.
    Heads: HeadShares list
    /// Of each layer with two heads or more whose first reading is the embedding, the largest correlation between the strengths with which two of its heads look
    /// for letters: below 0 where no two look for the same ones.
    LettersCorrelation: (int * float) list
}

/// Named explanations measured together, on few sequences.
module NamedShares =

    // A share is known to some thousandths by so many.
    let internal sequences = 256
    // Tables between letters are of this many rows at most; others take longer than all else that is measured of a model.
    let private mostLetters = 256

    /// The strengths with which a head of the first layer looks for each letter, [vocab]: what is left of its scores by the key's letter alone, about
    /// their mean.
    let internal letterStrengths (terms: Terms) (head: HeadAddress) : float[] =
        let overQueries side =
            let table = Terms.score terms head side (ScoreEnd.Path [])
            table.ColumnSums() / float table.RowCount

        let strengths =
            if Parts.havePositions terms.Architecture then
                overQueries (ScoreEnd.Path []) + overQueries ScoreEnd.Position
            else
                overQueries (ScoreEnd.Path [])

        let mean = strengths.Sum() / float strengths.Count
        strengths.ToArray() |> Array.map (fun x -> x - mean)

    /// Pearson's correlation of two lists of numbers whose means are zero; 0 where one is all zeros.
    let private correlation (a: float[]) (b: float[]) =
        let dot (a: float[]) b = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b
        let norms = sqrt (dot a a * dot b b)
        if norms = 0.0 then 0.0 else dot a b / norms

    /// The largest correlation between two of some heads' letter strengths; none for one head.
    let internal largestCorrelation (strengths: float[] list) : float option =
        match
            [
                for i, a in List.indexed strengths do
                    for b in List.skip (i + 1) strengths -> correlation a b
            ]
        with
        | [] -> None
        | correlations -> Some(List.max correlations)

    /// Whether a model of this shape is small enough for its tables to be worth the time.
    let measurable (a: Architecture) : bool =
        a.NLayers > 0 && Parts.count a <= float Parts.most && a.DVocab <= mostLetters

    /// Whether each head alone is measured, and against padlocks: of one layer.
    let internal ofOneLayer (a: Architecture) = a.NLayers = 1

    /// Measures a model on sequences of its task, drawn with a seed; none where it is not measurable.
    let measure threads (task: Task) (a: Architecture) (model: Model<Tensor>) (seed: uint64) : NamedShares option =
        if not (measurable a) then
            None
        else
            let terms = Terms.ofModel a.NCtx model
            let bench = Bench.make threads task terms { Sequences = sequences; Seed = seed }

            let share clauses = Parts.expand a { Clauses = clauses } |> Bench.prepare bench |> Bench.explained bench

            let back = Named.blockBack task

            let alone (head: HeadAddress) =
                let heads = Heads.One head
                let form form = share [ Clause.Attention(heads, form, None) ]

                {
                    Head = head
                    OwnLetters = if Parts.areSums a then Some(form AttentionForm.OwnLetters) else None
                    Positions = form AttentionForm.Averaged
                    AfterLastMatch = form (AttentionForm.Rule AttentionRule.AfterLastMatch)
                    BlockBack = back |> Option.map (AttentionRule.Back >> AttentionForm.Rule >> form)
                }

            Some {
                Author =
                    Named.ofAuthor task a model
                    |> List.tryHead
                    |> Option.map (fun named -> share named.Explanation.Clauses)
                Padlocks =
                    if ofOneLayer a && Parts.havePositions a then
                        Some(share Named.padlocks.Explanation.Clauses)
                    else
                        None
                OwnStrengths = share (Named.ownStrengths a).Explanation.Clauses
                Heads = if ofOneLayer a then Model.heads model |> List.map alone else []
                LettersCorrelation =
                    if Parts.areSums a then
                        List.init a.NHeads (fun number -> letterStrengths terms { Layer = 0; Head = number })
                        |> largestCorrelation
                        |> Option.map (fun correlation -> 0, correlation)
                        |> Option.toList
                    else
                        []
            }
