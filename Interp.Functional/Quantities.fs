namespace Interp

/// Everything that claims are about, measured on one model: named numbers, each from 0 to 1 where it is a share.
module Quantities =

    let private behaviour threads c model (reference: Reference) = [
        let e = Behaviour.evaluate threads c model reference.Sequences reference.Seed
        "held_out_loss", e.Loss
        "loss_above_floor", e.Loss - e.Floor
        "in_context_learning", HeadScores.inContextLearning e.PerPositionLoss

        for kind, rates in [ "distinct", e.Distinct; "repeated", e.Repeated ] do
            if rates.Count > 0 then
                $"completed_{kind}", rates.Exact
                $"letters_right_{kind}", rates.Letters
                $"repeat_rate_{kind}", rates.Repeats
                $"from_prompt_rate_{kind}", rates.FromPrompt
    ]

    let private circuits (model: Model<Tensor>) = [
        let spectra = Circuits.spectra model
        "direct_path", spectra.DirectPath.Score

        for sum in spectra.OVSum do
            $"ov_sum_{sum.Layer}", sum.Spectrum.Score

        for layer, heads in spectra.OV |> List.groupBy _.Layer do
            let scores = heads |> List.map _.Spectrum.Score
            $"ov_{layer}_max", List.max scores
            $"ov_{layer}_min", List.min scores

            for head in heads do
                $"ov_{layer}_{head.Head}", head.Spectrum.Score
    ]

    let private attention threads c model (reference: Reference) = [
        let sequences = Sequences.heldOutBatch c reference.Seed reference.Sequences

        for layer, pattern in Attention.average threads model sequences |> List.indexed do
            let offsets = Attention.byOffset pattern
            let heads = offsets.Shape[0]
            let mass offset = [ for head in 0 .. heads - 1 -> Tensor.item [ head; offset ] offsets ]
            let back = c.BlockLength - 1

            if back < offsets.Shape[1] then
                $"attention_block_back_{layer}_max", List.max (mass back)

            if offsets.Shape[1] > 2 then
                $"attention_nearby_{layer}_mean",
                List.average (List.map3 (fun a b c -> a + b + c) (mass 0) (mass 1) (mass 2))
    ]

    let private composition threads c (model: Model<Tensor>) (reference: Reference) = [
        if model.Blocks.Length > 1 then
            let scores =
                HeadScores.ofModel threads c model { reference with Sequences = min 256 reference.Sequences }

            let previous (scores: HeadScores<float>) =
                (scores.Blocks |> List.find (fun block -> block.BlockLength = 6 || block = scores.Blocks.Head))
                    .PreviousToken

            let first, later = scores |> List.partition (fun scores -> scores.Head.Layer = 0)
            let before = first |> List.maxBy previous

            "previous_token_0_max", previous before

            "induction_later_max",
            later |> List.map (fun scores -> scores.Blocks |> List.averageBy _.PrefixMatching) |> List.max

            let through = [
                for scores in later -> (Factored.spectrum (Circuits.keyComposition before.Head scores.Head model)).Score
            ]

            "k_composition_previous_min", List.min through
            let paths = Experiments.paths threads c model reference
            "path_direct", paths.Direct
            "path_direct_k", paths.WithKeys
            "path_direct_q", paths.WithQueries
            "path_direct_kq", paths.WithBoth
    ]

    /// All quantities of a model. `reference` are the held-out sequences that they are measured on.
    let measure
        (threads: int)
        (c: Configuration)
        (model: Model<Tensor>)
        (reference: Reference)
        : (string * float) list =
        behaviour threads c model reference
        @ circuits model
        @ attention threads c model reference
        @ composition threads c model reference
