namespace Interp

/// A pair of heads at a snapshot.
type SnapshotPair = {
    /// Which input of the later head.
    Kind: HeadInput
    /// The earlier head.
    From: HeadAddress
    /// The later head.
    To: HeadAddress
    /// Ratio of Frobenius norms, |AB| / (|A| |B|), in [0, 1] (Elhage et al. 2021).
    Norms: float
    /// Eigenvalue score of the composed circuit, from -1 to 1.
    Eigenvalues: float
}

/// Scores of a model on its way through training.
type Snapshot = {
    /// Steps taken.
    Step: int
    /// Held-out loss, nats a letter.
    Loss: float
    /// Loss of the last letter minus loss of the first one predicted, nats.
    InContextLearning: float
    /// Eigenvalue scores of the direct path and of the heads' OV circuits.
    Spectra: CircuitSpectra
    /// All heads' scores.
    Heads: HeadScores<float> list
    /// K, Q and V of all pairs; none for one layer.
    Composition: SnapshotPair list
}

/// What random weights show of the same scores.
type SnapshotNulls = {
    /// Of the in-context-learning score.
    InContextLearning: NullDistribution
    /// Of the direct path's eigenvalue score.
    DirectPath: NullDistribution
    /// Of a head's OV circuit's; none without layers.
    OV: NullDistribution option
    /// Of a head's scores; none without layers.
    Head: HeadScores<NullDistribution> option
    /// Of a pair's norms and eigenvalues, for each kind; none for one layer.
    Composition: (HeadInput * NullDistribution * NullDistribution) list
}

/// Scores over training.
module Development =

    // Sequences of each block length behind the heads' scores of a snapshot, at most.
    let internal mostForHeads = 500

    /// K-, Q- and V-composition of all pairs of heads of a model; none for one layer.
    let pairs (model: Model<Tensor>) : SnapshotPair list = [
        for kind in [ KeyInput; QueryInput; ValueInput ] do
            for first, second in Composition.pairs model ->
                {
                    Kind = kind
                    From = first
                    To = second
                    Norms = Composition.score kind first second model
                    Eigenvalues = Composition.eigenvalueScore kind first second model
                }
    ]

    /// The scores of a model after `step` steps, with the losses of each letter but the first on the sequences of a reference, and the heads'
    /// scores on 500 of each block length at most, of what runs.
    let internal by
        (task: Task)
        (step: int)
        (model: Model<Tensor>)
        (losses: Reference -> float list)
        (heads: Reference -> HeadScores<float> list)
        (reference: Reference)
        : Snapshot =
        let losses = losses reference

        {
            Step = step
            Loss = Task.mean task losses
            InContextLearning = HeadScores.inContextLearning task losses
            Spectra = Circuits.spectra model
            Heads = heads { reference with Sequences = min mostForHeads reference.Sequences }
            Composition = pairs model
        }

    /// The scores of a model after `step` steps: the losses under interventions on the sequences of `reference`, the heads' on 500 of each
    /// block length at most; those of circuits are of the weights, whatever is done to the model.
    let snapshotWith
        threads
        (a: Architecture)
        (task: Task)
        (step: int)
        (model: Model<Tensor>)
        (interventions: Intervention list)
        (reference: Reference)
        : Snapshot =
        by
            task
            step
            model
            (Intervened.heldOutLosses threads task model interventions)
            (Intervened.headScores threads a task model interventions)
            reference

    /// The same of the model as it is.
    let snapshot threads a (task: Task) (step: int) (model: Model<Tensor>) (reference: Reference) : Snapshot =
        snapshotWith threads a task step model [] reference

    /// What random weights of a model's shape show; `seed` is that of the sequences they look at.
    let nulls threads (a: Architecture) (task: Task) (model: Model<Tensor>) (seed: uint64) : SnapshotNulls =
        let circuits = CircuitScores.ofModel model
        let heads = HeadScores.measure threads a task model { Sequences = 1; Seed = seed }

        {
            InContextLearning = heads.InContextLearning.Null
            DirectPath = circuits.DirectPath.Eigenvalues.Null
            OV = circuits.OV |> List.tryHead |> Option.map _.Scores.Eigenvalues.Null
            Head = heads.Heads |> List.tryHead |> Option.map (HeadScores.map _.Null)
            Composition =
                Composition.scores model
                |> List.distinctBy _.Kind
                |> List.map (fun score -> score.Kind, score.Norms.Null, score.Eigenvalues.Null)
        }
