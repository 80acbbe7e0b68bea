namespace Interp

/// A model under interventions: its logits and its losses. An intervention on a head or layer that the model does not have, with a
/// letter beyond its alphabet, a text shorter than the sequence, a position beyond it, or a vector that has not d_model numbers,
/// raises `RefusedException`.
module Intervened =

    let private checkHead (model: Model<Tensor>) (head: HeadAddress) = Model.blockOf head model |> ignore

    let private checkLayer (model: Model<Tensor>) layer =
        if layer < 0 || layer > model.Blocks.Length then
            Refused.because $"Residual stream {layer} does not exist; the model has 0 to {model.Blocks.Length}."

    let private checkSite model site =
        match site with
        | ResidualAt layer -> checkLayer model layer
        | QueryAt head
        | KeyAt head
        | ValueAt head
        | PatternAt head
        | OutputAt head -> checkHead model head

    /// A row of one matrix put in the place of another's: [pos, ..]
    let private replaceRow position (source: Tensor) (x: Tensor) =
        [
            Tensor.slice 0 0 position x
            Tensor.slice 0 position 1 source
            Tensor.slice 0 (position + 1) (x.Shape.Head - position - 1) x
        ]
        |> List.filter (fun part -> part.Shape.Head > 0)
        |> Tensor.concatenate 0

    let private clean model tokens = Transformer.activations Edits.none model tokens

    /// What the sequence's edits are, given it and (for resampling) another sequence.
    let private edits threads (task: Task) (model: Model<Tensor>) intervention : Tokens -> Tokens -> Edits =
        match intervention with
        | ZeroAblate head ->
            checkHead model head
            fun _ _ -> Edits.at (OutputAt head) (fun z -> z * 0.0)
        | MeanAblate(head, reference) ->
            checkHead model head

            let mean =
                Sequences.heldOut task reference
                |> Batch.mean threads (fun tokens -> Transformer.at (OutputAt head) (clean model tokens))

            fun tokens _ -> Edits.at (OutputAt head) (fun _ -> Tensor.slice 0 0 tokens.Length mean)
        | ResampleAblate(head, _) ->
            checkHead model head
            fun _ other -> Edits.at (OutputAt head) (fun _ -> Transformer.at (OutputAt head) (clean model other))
        | Patch(site, position, source) ->
            checkSite model site
            let letters = model.W_E.Shape.Head

            match Tokens.toArray source |> Array.tryFind (fun letter -> letter >= letters) with
            | Some letter ->
                Refused.because
                    $"The patch has the letter {Letters.name letter}, which is beyond the model's {letters}."
            | None -> ()

            fun tokens _ ->
                if source.Length < tokens.Length then
                    Refused.because
                        $"The text {Letters.toText source} has {source.Length} letters, expected at least the {tokens.Length} of the sequence that it patches."

                let activation = Transformer.at site (clean model (Tokens.slice 0 tokens.Length source))

                match position with
                | None -> Edits.at site (fun _ -> activation)
                | Some position when position < tokens.Length -> Edits.at site (replaceRow position activation)
                | Some position ->
                    Refused.because
                        $"Position {position} does not exist; the sequence has positions 0 to {tokens.Length - 1}."
        | FreezePattern head ->
            checkHead model head
            fun tokens _ -> Edits.at (PatternAt head) (fun _ -> Transformer.at (PatternAt head) (clean model tokens))
        | AddToResidual(layer, vector) ->
            checkLayer model layer
            let width = model.W_E.Shape[1]

            if vector.Length <> width then
                Refused.because $"The vector has {vector.Length} numbers, d_model is {width}."

            let vector = Tensor.vector vector
            fun _ _ -> { Edits.none with Added = [ layer, vector ] }
        | Cut(source, head, input) ->
            checkHead model head

            match source with
            | HeadOutput earlier ->
                checkHead model earlier

                if earlier.Layer >= head.Layer then
                    Refused.because $"Head {head} does not read head {earlier}, which is not in an earlier layer."
            | Embedding -> ()

            fun _ _ -> { Edits.none with Cuts = Set.singleton (source, head, input) }

    let private resampling interventions =
        interventions
        |> List.tryPick (fun intervention ->
            match intervention with
            | ResampleAblate(_, seed) -> Some seed
            | _ -> None)

    /// The interventions' edits for a sequence and another one of its length.
    let resolve threads task model (interventions: Intervention list) : Tokens -> Tokens -> Edits =
        let resolved = interventions |> List.map (edits threads task model)

        fun tokens other -> resolved |> List.map (fun edits -> edits tokens other) |> List.fold Edits.combine Edits.none

    /// The logits [pos, vocab] of a sequence under interventions. Resampling takes the first sequence of its seed.
    let logits threads (task: Task) model interventions : Tokens -> Tensor =
        let resolved = resolve threads task model interventions

        fun tokens ->
            let other =
                match resampling interventions with
                | Some seed ->
                    Sequences.heldOut task { Sequences = 1; Seed = seed } |> List.head |> Tokens.slice 0 tokens.Length
                | None -> tokens

            Transformer.logitsWith (resolved tokens other) model tokens

    /// Cross-entropy of each letter but the first under interventions, averaged over sequences, in nats: [pos-1]. For resampling each
    /// sequence is paired with one of the resampling's seed.
    let perPositionLoss threads (task: Task) model interventions (sequences: Tokens list) : Tensor =
        let resolved = resolve threads task model interventions

        match resampling interventions with
        | None ->
            let logits tokens = Transformer.logitsWith (resolved tokens tokens) model tokens
            Batch.mean threads (Loss.perPositionOf logits) sequences
        | Some seed ->
            let length = sequences.Head.Length

            let paired =
                Sequences.heldOut task { Sequences = sequences.Length; Seed = seed }
                |> List.map2 (fun tokens other -> Tokens.append tokens (Tokens.slice 0 length other)) sequences

            let loss both =
                let other = Tokens.slice length length both

                let logits (tokens: Tokens) =
                    Transformer.logitsWith (resolved tokens (Tokens.slice 0 tokens.Length other)) model tokens

                Loss.perPositionOf logits (Tokens.slice 0 length both)

            Batch.mean threads loss paired

    /// Mean loss under interventions over the held-out sequences of `reference`, in nats a letter.
    let loss threads (task: Task) model interventions (reference: Reference) =
        Sequences.heldOut task reference
        |> perPositionLoss threads task model interventions
        |> Tensor.mean
        |> Tensor.toScalar
