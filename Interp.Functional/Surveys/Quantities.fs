namespace Interp

/// Everything that claims are about, measured on one model: named numbers, each from 0 to 1 where it is a share. Heads have no
/// identity across trainings, so that theirs are named by rank: `ov_0_max`, `ov_0_rank_2`, ..., `ov_0_min`.
module Quantities =

    /// Sequences of each block length behind heads' scores at most: these are averages over positions too, and so many give them to
    /// some thousandths.
    let mostForHeads = 256

    let private behaviour threads (task: Task) model (reference: Reference) = [
        let e = Behaviour.evaluate threads task model reference
        "held_out_loss", e.Loss
        "loss_above_floor", e.Loss - e.Floor
        "in_context_learning", HeadScores.inContextLearning e.PerPositionLoss

        for kind, rates in [ "distinct", e.Distinct; "repeated", e.Repeated ] do
            if rates.Count > 0 then
                $"completed_{kind}", rates.Exact
                $"letters_right_{kind}", rates.Letters
                $"repeat_rate_{kind}", rates.Repeats
                $"from_prompt_rate_{kind}", rates.FromPrompt

        // Prompts unlike any sequence of training: two blocks that have nothing to do with each other.
        match Behaviour.unrelated threads task model reference with
        | Some rates ->
            "repeat_rate_unrelated", rates.Repeats
            "from_prompt_rate_unrelated", rates.FromPrompt
        | None -> ()
    ]

    let private ranked name (scores: float list) = [
        $"{name}_max", List.max scores

        for rank, score in scores |> List.sortDescending |> List.indexed do
            if rank > 0 && rank < scores.Length - 1 then
                $"{name}_rank_{rank + 1}", score

        $"{name}_min", List.min scores
    ]

    let private circuits (model: Model<Tensor>) = [
        let spectra = Circuits.spectra model
        "direct_path", spectra.DirectPath.Score

        for sum in spectra.OVSum do
            $"ov_sum_{sum.Layer}", sum.Spectrum.Score

        for layer, heads in spectra.OV |> List.groupBy _.Head.Layer do
            yield! heads |> List.map _.Spectrum.Score |> ranked $"ov_{layer}"
    ]

    /// Rows of an averaged pattern for queries after the first block, where there is a choice: [row] of [key_pos].
    let private lateRows (task: Task) (pattern: Tensor) head =
        let positions = pattern.Shape[1]

        [| task.BlockLength .. positions - 1 |]
        |> Array.map (fun query -> Array.init positions (fun key -> Tensor.item [ head; query; key ] pattern))

    /// Share of attention on the current letter and the two before it.
    let private nearby (task: Task) (rows: float[][]) =
        rows
        |> Array.mapi (fun i row -> let query = task.BlockLength + i in Array.sum row[max 0 (query - 2) .. query])
        |> Array.average

    /// Attention that two heads have in common: sum(min(a, b)), 1 minus the total variation distance, over the rows.
    let private overlap (a: float[][]) (b: float[][]) =
        Array.map2 (fun a b -> Array.map2 min a b |> Array.sum) a b |> Array.average

    let private attention threads (task: Task) model (reference: Reference) = [
        let sequences = Sequences.heldOut task reference

        for layer, pattern in Attention.average threads model sequences |> List.indexed do
            let offsets = Attention.byOffset pattern
            let heads = [ for head in 0 .. offsets.Shape[0] - 1 -> lateRows task pattern head ]
            let back = task.BlockLength - 1

            if back > 0 && back < offsets.Shape[1] then
                $"attention_block_back_{layer}_max",
                List.max [ for head in 0 .. heads.Length - 1 -> Tensor.item [ head; back ] offsets ]

            $"attention_nearby_{layer}_mean", heads |> List.averageBy (nearby task)

            $"attention_overlap_{layer}_min",
            List.min [
                for i, a in List.indexed heads do
                    for b in heads[i..] -> overlap a b
            ]
    ]

    let private previousToken (scores: HeadScores<float>) = scores.Blocks |> List.averageBy _.PreviousToken

    let private prefixMatching (scores: HeadScores<float>) = scores.Blocks |> List.averageBy _.PrefixMatching

    /// Means over blocks of all lengths: what a head looks for is no matter of the length it was trained on.
    let private heads (scores: HeadScores<float> list) = [
        for layer, heads in scores |> List.groupBy _.Head.Layer do
            if heads |> List.forall (fun head -> not head.Blocks.IsEmpty) then
                $"previous_token_{layer}_max", heads |> List.map previousToken |> List.max
                $"prefix_matching_{layer}_max", heads |> List.map prefixMatching |> List.max
    ]

    /// The least rise of the loss when one head of a layer writes nothing.
    let private ablations threads task (model: Model<Tensor>) (reference: Reference) loss = [
        let ablated = Experiments.ablateHeads threads task model ZeroMode reference

        for layer, heads in ablated |> List.groupBy (fun ablation -> ablation.Heads.Head.Layer) do
            $"ablation_rise_{layer}_min", (heads |> List.map _.Loss |> List.min) - loss
    ]

    let private composition
        threads
        task
        (model: Model<Tensor>)
        (reference: Reference)
        (scores: HeadScores<float> list)
        = [
        let first, later = scores |> List.partition (fun scores -> scores.Head.Layer = 0)

        if not later.IsEmpty then
            let through (head: HeadScores<float>) = [
                for scores in later -> (Factored.spectrum (Circuits.keyComposition head.Head scores.Head model)).Score
            ]

            if first |> List.forall (fun head -> not head.Blocks.IsEmpty) then
                let before = first |> List.maxBy previousToken
                "k_composition_previous_min", List.min (through before)

                if first.Length > 1 then
                    "k_composition_others_max",
                    first |> List.filter (fun head -> head.Head <> before.Head) |> List.collect through |> List.max

            let paths = Experiments.paths threads task model reference
            "path_direct", paths.Direct
            "path_direct_k", paths.WithKeys
            "path_direct_q", paths.WithQueries
            "path_direct_kq", paths.WithBoth
            // What both bring beyond the sum of what each brings alone.
            "path_synergy", paths.WithKeys + paths.WithQueries - paths.Direct - paths.WithBoth
    ]

    /// All quantities of a model. `reference` are the held-out sequences that they are measured on.
    let measure
        (threads: int)
        (a: Architecture)
        (task: Task)
        (model: Model<Tensor>)
        (reference: Reference)
        : (string * float) list =
        let scores =
            HeadScores.ofModel threads a model { reference with Sequences = min mostForHeads reference.Sequences }

        let behaviour = behaviour threads task model reference
        let loss = snd behaviour.Head

        behaviour
        @ circuits model
        @ attention threads task model reference
        @ heads scores
        @ ablations threads task model reference loss
        @ composition threads task model reference scores
