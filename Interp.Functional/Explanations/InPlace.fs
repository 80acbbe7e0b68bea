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

    /// Seeds of the sequences that stand behind one another, and the logits by these and the text.
    let private beside (explained: InPlace) interventions : uint64 list * (Tokens -> Tokens -> Tensor) =
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

            Explained.logitsWith (resolved tokens rest) explained.Explained tokens other

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

    /// The losses without each head, and without each pair where `withPairs`; there is no estimate to first order.
    let ablations (explained: InPlace) (mode: AblationMode) (reference: Reference) (withPairs: bool) : Ablations =
        let loss interventions = loss explained interventions reference
        Ablation.by loss mode reference (Model.heads explained.Model) withPairs

    /// The patterns by which values move, of one sequence, a layer each: [head, pos, key_pos].
    let patterns (explained: InPlace) (tokens: Tokens) : Tensor list =
        let patterns others tokens = Explained.patterns explained.Explained tokens others |> Tensor.stack

        Intervened.logitsBeside explained.Task (ownSeeds explained) patterns tokens |> Attention.layers

    /// The same averaged over sequences. Raises `RefusedException` for no sequences.
    let attention (explained: InPlace) (sequences: Tokens list) : Tensor list =
        let patterns others tokens =
            Explained.patterns explained.Explained tokens (Tokens.slice 0 (tokens: Tokens).Length others)
            |> Tensor.stack

        Intervened.averageBeside explained.Threads explained.Task (ownSeeds explained) patterns id sequences
        |> Attention.layers
