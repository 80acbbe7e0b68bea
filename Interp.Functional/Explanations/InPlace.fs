namespace Interp

/// An explanation of a model that is asked what the model would be asked.
[<NoEquality; NoComparison>]
type InPlace = internal {
    Threads: int
    Task: Task
    Model: Model<Tensor>
    Explained: Explained
    /// What letters are taken from that are resampled, each time the same.
    OtherSeed: uint64
}

/// Explanations in their model's place.
module InPlace =

    /// The sequences that patterns are averaged over, and letters resampled from, where nothing else says which.
    let standard: Reference = { Sequences = 2000; Seed = 1UL }

    /// An explanation of a model. Patterns are averaged, and letters resampled, over other sequences than those of `reference`, as many. Raises
    /// `RefusedException` for an explanation that does not fit the model.
    let ofExplanation
        (threads: int)
        (task: Task)
        (positions: int)
        (model: Model<Tensor>)
        (reference: Reference)
        (explanation: Explanation)
        : InPlace =
        let terms = Terms.ofModel positions model
        let parts = Parts.expand terms.Architecture explanation

        {
            Threads = threads
            Task = task
            Model = model
            Explained = Faithfulness.ready threads task reference terms parts
            OtherSeed = Faithfulness.othersSeed reference
        }

    let private ownSeeds (explained: InPlace) =
        if Explained.resamples explained.Explained then [ explained.OtherSeed ] else []

    /// Seeds of the sequences that stand behind one another, and what `f` makes of the edits, of the text, and of what letters are resampled from, by
    /// these sequences and the text.
    let private besideOf
        (explained: InPlace)
        interventions
        (f: Edits -> Explained -> Tokens -> Tokens -> 'value)
        : uint64 list * (Tokens -> Tokens -> 'value) =
        Faithfulness.check interventions
        let resolved = Intervened.resolve explained.Threads explained.Task explained.Model interventions
        let own, seeds = ownSeeds explained, Intervened.seeds interventions

        own @ seeds,
        fun others tokens ->
            // Of no sequences behind one another the text itself stands there.
            let length = others.Length / max 1 (own.Length + seeds.Length)
            let other = if own.IsEmpty then tokens else Tokens.slice 0 tokens.Length others
            let first = own.Length * length

            let rest =
                if seeds.IsEmpty then
                    tokens
                else
                    Tokens.slice first (others.Length - first) others

            f (resolved tokens rest) explained.Explained tokens other

    /// Seeds of the sequences that stand behind one another, and the logits by these and the text.
    let private beside explained interventions : uint64 list * (Tokens -> Tokens -> Tensor) =
        besideOf explained interventions Explained.logitsWith

    /// The logits [pos, vocab] of a sequence under interventions. Resampling takes the first sequence of its seed. Raises `RefusedException` for an
    /// intervention that does not fit, or that explanations do not take.
    let logits (explained: InPlace) (interventions: Intervention list) : Tokens -> Tensor =
        let seeds, logits = beside explained interventions
        Intervened.logitsBeside explained.Task seeds logits

    let private average explained interventions f sequences =
        let seeds, logits = beside explained interventions
        Intervened.averageBeside explained.Threads explained.Task seeds logits f sequences

    /// Prompts continued up to `length` letters in all, greedily or with letters that are drawn. Raises `RefusedException` as `logits`,
    /// `Completion.greedy` and `Decoding.sample` do.
    let complete
        (explained: InPlace)
        (interventions: Intervention list)
        (sampling: Sampling option)
        (length: int)
        (prompts: Tokens list)
        : Completion list =
        Completion.by explained.Threads explained.Task (logits explained interventions) sampling length prompts

    /// Loss and greedy completions. Raises `RefusedException` as `logits` does, and for fewer than one sequence.
    let evaluate (explained: InPlace) (interventions: Intervention list) (reference: Reference) : Evaluation =
        let seeds, beside = beside explained interventions

        Behaviour.evaluateBy
            explained.Threads
            explained.Task
            (logits explained interventions)
            (Intervened.meansBeside explained.Threads explained.Task seeds beside)
            reference

    /// An evaluation on all inputs. Raises `RefusedException` as `logits` and `Exhaustive.compile` do.
    let exhaustive (explained: InPlace) (interventions: Intervention list) (listed: FailureList) : Exhaustive =
        Exhaustive.compile explained.Threads explained.Task listed (logits explained interventions)

    /// Mean loss over held-out sequences, in nats a counted letter. Raises `RefusedException` as `logits` does.
    let loss (explained: InPlace) (interventions: Intervention list) (reference: Reference) : float =
        Sequences.heldOut explained.Task reference
        |> average explained interventions Loss.perPositionOf
        |> Loss.counted explained.Task
        |> Tensor.toScalar

    /// The losses under interventions without each head, and without each pair where `withPairs`; there is no estimate to first order. Raises
    /// `RefusedException` as `logits` does.
    let ablations
        (explained: InPlace)
        (interventions: Intervention list)
        (mode: AblationMode)
        (reference: Reference)
        (withPairs: bool)
        : Ablations =
        let loss further = loss explained (interventions @ further) reference
        Ablation.by loss mode reference (Model.heads explained.Model) withPairs

    /// The model's composition scores, which are of its weights, beside the explanation's losses under interventions with paths cut. Raises
    /// `RefusedException` as `logits` does.
    let composition
        (explained: InPlace)
        (interventions: Intervention list)
        (reference: Reference)
        : CompositionResults =
        let loss cuts = loss explained (interventions @ cuts) reference
        CompositionResults.by loss explained.Model reference

    /// The patterns by which values move, of one sequence under interventions, a layer each: [head, pos, key_pos]. Raises `RefusedException`
    /// as `logits` does.
    let patterns (explained: InPlace) (interventions: Intervention list) (tokens: Tokens) : Tensor list =
        let seeds, patterns = besideOf explained interventions Explained.patterns
        Intervened.logitsBeside explained.Task seeds patterns tokens

    /// The mean over sequences under interventions of what `f` makes of the edits, of the explanation, of a sequence and of what its letters are
    /// resampled from.
    let private averageOf explained interventions f sequences =
        let seeds, found = besideOf explained interventions f
        Intervened.averageBeside explained.Threads explained.Task seeds found id sequences

    /// The same averaged over sequences. Raises `RefusedException` for no sequences, and as `logits` does.
    let attention (explained: InPlace) (interventions: Intervention list) (sequences: Tokens list) : Tensor list =
        let patterns edits explained tokens other = Explained.patterns edits explained tokens other |> Tensor.stack
        averageOf explained interventions patterns sequences |> Attention.layers

    /// The logits [pos, vocab] of a sequence under interventions as an exact sum: what is kept of each path, moved by the patterns on its way, and
    /// what of positions and interventions is in the residual stream, by who last wrote it. Raises `RefusedException` as `logits` does.
    let paths (explained: InPlace) (interventions: Intervention list) : Tokens -> PathTerm list =
        let seeds, paths = besideOf explained interventions Explained.paths
        Intervened.logitsBeside explained.Task seeds paths

    let private sumOf shape (terms: PathTerm list) =
        (Tensor.zeros shape, terms) ||> List.fold (fun sum term -> sum + term.Logits)

    let private endsIn head (term: PathTerm) = List.tryLast term.Heads = Some head

    /// Terms of an explanation added up by the head that wrote them last: the direct path, that of positions, every head, and what was added.
    let direct (explained: InPlace) (paths: PathTerm list) : PathTerm list =
        let shape = paths |> List.tryHead |> Option.map _.Logits.Shape

        match shape with
        | None -> []
        | Some shape ->
            let straight, through = paths |> List.partition _.Heads.IsEmpty
            let isAdded (term: PathTerm) = term.Source.IsIntervention

            List.filter (isAdded >> not) straight
            @ [
                for head in Model.heads explained.Model do
                    match List.filter (endsIn head) through with
                    | [] -> ()
                    | terms -> {
                        Source = PathSource.Component(HeadOutput head)
                        Heads = [ head ]
                        Logits = sumOf shape terms
                      }
            ]
            @ List.filter isAdded straight

    /// The logits that an explanation would give without what heads of later layers bring, before each layer and behind the last one, by its terms:
    /// a [pos, vocab] each. Those of the exact explanation are the model's lens. Terms of what was put into a later layer's stream come with it.
    let lens (explained: InPlace) (positions: int) (paths: PathTerm list) : Tensor list =
        let a = explained.Explained.Parts.Architecture

        let layer (term: PathTerm) =
            match term.Source with
            | PathSource.Intervention(ResidualAt layer) -> layer
            | _ -> term.Heads |> List.tryLast |> Option.map (fun head -> head.Layer + 1) |> Option.defaultValue 0

        [
            for depth in 0 .. a.NLayers ->
                paths
                |> List.filter (fun term -> layer term <= depth)
                |> sumOf [ positions; explained.Model.W_U.Shape[1] ]
        ]

    /// The scores of all heads of an explanation under interventions: by the patterns by which values move, and by what each head wrote last.
    /// Raises `RefusedException` as `logits` does.
    let headScores
        (explained: InPlace)
        (interventions: Intervention list)
        (reference: Reference)
        : HeadScores<float> list =
        let a = explained.Explained.Parts.Architecture
        let heads = Model.heads explained.Model

        let written (tokens: Tokens) (terms: PathTerm list) = [
            for layer in 0 .. a.NLayers - 1 ->
                Tensor.stack [
                    for number in 0 .. a.NHeads - 1 ->
                        terms
                        |> List.filter (endsIn { Layer = layer; Head = number })
                        |> sumOf [ tokens.Length; a.DVocab ]
                ]
        ]

        let run: HeadRun = {
            Patterns =
                fun f ->
                    averageOf explained interventions (fun edits explained tokens other ->
                        Explained.patterns edits explained tokens other |> f)
            Written =
                fun f ->
                    averageOf explained interventions (fun edits explained tokens other ->
                        Explained.paths edits explained tokens other |> written tokens |> f tokens)
        }

        if heads.IsEmpty then [] else HeadScores.by a heads run reference

    let private losses explained interventions (reference: Reference) =
        let losses =
            Sequences.heldOut explained.Task reference |> average explained interventions Loss.perPositionOf

        losses.ToArray() |> Array.map float |> Array.toList

    /// All heads' scores and the in-context-learning score of an explanation under interventions, beside what random weights score. Raises
    /// `RefusedException` as `logits` does.
    let scoredHeads (explained: InPlace) (interventions: Intervention list) (reference: Reference) : ScoredHeads =
        let a = explained.Explained.Parts.Architecture

        {
            Reference = reference
            Heads =
                headScores explained interventions reference
                |> HeadScores.compare explained.Threads a reference.Seed
            InContextLearning =
                HeadScores.inContextLearningBeside
                    explained.Threads
                    a
                    explained.Task
                    (losses explained interventions)
                    reference
        }

    /// An explanation's losses and heads' scores under interventions in place of those of a model after `step` steps; those of circuits are of
    /// the model's weights. Raises `RefusedException` as `logits` does.
    let snapshot (explained: InPlace) (interventions: Intervention list) (step: int) (reference: Reference) : Snapshot =
        Development.by
            explained.Task
            step
            explained.Model
            (losses explained interventions)
            (headScores explained interventions)
            reference
