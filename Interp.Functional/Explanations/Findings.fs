namespace Interp

/// What is to be said of explanations that are judged.
module Findings =

    /// From such a difference of what is explained on, the kind of ablation is worth a word.
    let ablationMatters = 0.05

    /// Whether what an explanation explains depends on what its left out parts are replaced by; none where it leaves nothing out of scores.
    let dependsOnAblation (judged: Judged) : bool option =
        match judged.Ablated with
        | [] -> None
        | others ->
            let own = judged.Faithfulness.Explained.Value
            Some(others |> List.exists (fun other -> abs (other.Explained - own) > ablationMatters))

    /// The place of the prediction on which explanation and model part most, counted from 0, and the KL there in nats; none of no predictions.
    let worstPlace (judged: Judged) : (int * float) option =
        match judged.Faithfulness.KLByPosition with
        | [] -> None
        | places -> Some(List.maxBy snd places)

    /// Whether other texts are the two unrelated blocks; else they are repeated blocks of other lengths.
    let isUnrelated (texts: Elsewhere) : bool = texts.Texts.StartsWith Judge.unrelatedBlocksName

    /// Texts elsewhere on which it explains less than on the task's own, by more than twice the two errors together: the worst of them.
    let worseElsewhere (judged: Judged) : Elsewhere option =
        let own = judged.Faithfulness.Explained

        judged.Elsewhere
        |> List.filter (fun texts -> own.Value - texts.Explained.Value > 2.0 * (own.Error + texts.Explained.Error))
        |> List.sortBy _.Explained.Value
        |> List.tryHead

    /// Of those that explain at least a share, the one that keeps the fewest numbers.
    let fewest (share: float) (explanations: Judged list) : Judged option =
        explanations
        |> List.filter (fun judged -> judged.Faithfulness.Explained.Value >= share)
        |> List.sortBy _.Numbers
        |> List.tryHead

    /// The weights that a model of a shape began with, for what the same explanation explains of these.
    let untrained (a: Architecture) (seed: uint64) : Model<Tensor> = Model.initialise a (Sequences.initialKey seed)

    let private attention layer form =
        let heads = Heads.OfLayer layer
        let explanation = { Clauses = [ Clause.Attention(heads, form, None) ] }
        { Name = string explanation; Explanation = explanation }

    /// The few explanations that say what kind of model one is: padlocks, letters' own strengths, and each layer's heads by letters, by places and by a
    /// rule.
    let telling (a: Architecture) : NamedExplanation list = [
        if NamedShares.ofOneLayer a && Parts.havePositions a then
            Named.padlocks

        Named.ownStrengths a

        for layer in 0 .. a.NLayers - 1 do
            if Parts.areSums a then
                attention layer AttentionForm.OwnLetters

            attention layer AttentionForm.Averaged
            attention layer (AttentionForm.Rule AttentionRule.AfterLastMatch)
    ]

    /// The first of some steps, in their order, from which on what is measured never falls below a share; none where it does in the end.
    let reachedFrom (share: float) (steps: (int * float) seq) : int option =
        (None, steps)
        ||> Seq.fold (fun first (step, value) -> if value >= share then Some(Option.defaultValue step first) else None)
