namespace Interp

/// How an ablated head's output is filled.
type AblationMode =
    | ZeroMode
    | MeanMode
    | ResampleMode

/// Mean loss without some heads.
type Ablation = { Heads: HeadAddress list; Loss: float }

/// Losses with later layers' queries and keys cut off from what earlier heads wrote; values are never cut.
type PathExperiment = {
    /// Queries and keys read the embedding alone.
    Direct: float
    /// Keys read earlier heads too.
    WithKeys: float
    /// Queries read earlier heads too.
    WithQueries: float
    /// Both do: the whole model.
    WithBoth: float
}

/// Which inputs of later layers read what earlier heads wrote; the others read the embedding alone.
[<RequireQualifiedAccess>]
type ComposedInputs =
    | Neither
    | Keys
    | Queries
    | Both

/// What follows from the losses of a path experiment.
module PathExperiment =

    /// The loss where these inputs read earlier heads.
    let loss (inputs: ComposedInputs) (paths: PathExperiment) : float =
        match inputs with
        | ComposedInputs.Neither -> paths.Direct
        | ComposedInputs.Keys -> paths.WithKeys
        | ComposedInputs.Queries -> paths.WithQueries
        | ComposedInputs.Both -> paths.WithBoth

    /// What both bring beyond the sum of what each brings alone, in nats.
    let synergy (paths: PathExperiment) : float = paths.WithKeys + paths.WithQueries - paths.Direct - paths.WithBoth

/// What patching one activation at one position brings back.
type PatchEffect = {
    Site: Site
    Position: int
    /// Logit difference restored: 0 is the corrupt run, 1 the clean one.
    Restored: float
}

/// Activation patching (Meng et al. 2022, "Locating and editing factual associations in GPT"; Wang et al. 2022).
type Patching = {
    /// Logit of the answer minus that of the wrong letter after the clean text.
    CleanDifference: float
    /// The same after the corrupt text.
    CorruptDifference: float
    Effects: PatchEffect list
}

/// Interventions carried out.
module Experiments =

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

    /// Cross-entropy of each letter but the first under interventions, averaged over sequences: [pos-1]. For resampling each
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

    /// Mean loss under interventions over `sequences` held-out sequences.
    let loss threads (task: Task) model interventions (reference: Reference) =
        Sequences.heldOut task reference
        |> perPositionLoss threads task model interventions
        |> Tensor.mean
        |> Tensor.toScalar

    /// Puts each activation of the clean text's run, one position at a time, into the corrupt text's run, and compares the
    /// logits of two letters behind the last position. The effects are not numbers where the runs' differences are equal.
    let patching (task: Task) model (answer: int) (wrong: int) (clean: Tokens) (corrupt: Tokens) : Patching =
        if clean.Length <> corrupt.Length then
            Refused.because
                $"The clean text has {clean.Length} letters and the corrupt one {corrupt.Length}, expected as many."

        let last = corrupt.Length - 1

        let difference interventions tokens =
            let logits = logits 1 task model interventions tokens
            Tensor.item [ last; answer ] logits - Tensor.item [ last; wrong ] logits

        let cleanDifference, corruptDifference = difference [] clean, difference [] corrupt

        let sites = [
            for layer in 0 .. model.Blocks.Length do
                ResidualAt layer

            for site in [ QueryAt; KeyAt; ValueAt; PatternAt; OutputAt ] do
                for head in Model.heads model do
                    site head
        ]

        {
            CleanDifference = cleanDifference
            CorruptDifference = corruptDifference
            Effects = [
                for site in sites do
                    for position in 0..last do
                        {
                            Site = site
                            Position = position
                            Restored =
                                (difference [ Patch(site, Some position, clean) ] corrupt - corruptDifference)
                                / (cleanDifference - corruptDifference)
                        }
            ]
        }

    let private ablated mode (reference: Reference) head =
        match mode with
        | ZeroMode -> ZeroAblate head
        | MeanMode -> MeanAblate(head, reference)
        // Another stream of sequences than the one that is measured on.
        | ResampleMode -> ResampleAblate(head, reference.Seed + 1UL)

    /// The loss without each of some sets of heads.
    let private ablateSets threads task model mode reference sets : Ablation list =
        sets
        |> List.map (fun heads -> {
            Heads = heads
            Loss = loss threads task model (heads |> List.map (ablated mode reference)) reference
        })

    /// The loss without each head in turn.
    let ablateHeads threads task model mode reference =
        Model.heads model |> List.map List.singleton |> ablateSets threads task model mode reference

    /// The loss without each pair of heads.
    let ablatePairs threads task model mode reference =
        let heads = Model.heads model

        List.allPairs heads heads
        |> List.filter (fun (a, b) -> (a.Layer, a.Head) < (b.Layer, b.Head))
        |> List.map (fun (a, b) -> [ a; b ])
        |> ablateSets threads task model mode reference

    /// Later layers' queries or keys cut off from every earlier head.
    let private cuts inputs (model: Model<Tensor>) = [
        for first, second in Composition.pairs model do
            for input in inputs -> Cut(HeadOutput first, second, input)
    ]

    /// The study's test of composition: which of queries and keys must read earlier heads.
    let paths threads task model reference : PathExperiment =
        let without inputs = loss threads task model (cuts inputs model) reference

        {
            Direct = without [ QueryInput; KeyInput ]
            WithKeys = without [ QueryInput ]
            WithQueries = without [ KeyInput ]
            WithBoth = without []
        }
