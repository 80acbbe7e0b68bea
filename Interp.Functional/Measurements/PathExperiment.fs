namespace Interp

/// Losses, in nats a letter, with later layers' queries and keys cut off from what earlier heads wrote; values are never cut.
[<StructuredFormatDisplay("{Display}")>]
type PathExperiment = {
    /// Queries and keys read the embedding alone.
    Direct: float
    /// Keys read earlier heads too.
    WithKeys: float
    /// Queries read earlier heads too.
    WithQueries: float
    /// Both do: the whole model.
    WithBoth: float
} with

    member internal this.Display =
        Display.line
            $"loss with queries and keys of the embedding alone {Display.number this.Direct}, keys composed {Display.number this.WithKeys}, queries {Display.number this.WithQueries}, both {Display.number this.WithBoth}"


/// Which inputs of later layers read what earlier heads wrote; the others read the embedding alone.
[<RequireQualifiedAccess>]
type ComposedInputs =
    /// Both read the embedding alone.
    | Neither
    /// Keys read earlier heads.
    | Keys
    /// Queries read earlier heads.
    | Queries
    /// Both read earlier heads: the whole model.
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

    /// Later layers' queries or keys cut off from every earlier head.
    let private cuts inputs (model: Model<Tensor>) = [
        for first, second in Composition.pairs model do
            for input in inputs -> Cut(HeadOutput first, second, input)
    ]

    /// The study's test of composition, by the loss of what is tested under interventions.
    let internal by (loss: Intervention list -> float) (model: Model<Tensor>) : PathExperiment =
        let without inputs = loss (cuts inputs model)

        {
            Direct = without [ QueryInput; KeyInput ]
            WithKeys = without [ QueryInput ]
            WithQueries = without [ KeyInput ]
            WithBoth = without []
        }

    /// The study's test of composition: which of queries and keys must read earlier heads.
    let measure threads task model reference : PathExperiment =
        by (fun cuts -> Intervened.loss threads task model cuts reference) model

/// What the heads of different layers make of each other.
type CompositionResults = {
    /// The sequences behind the losses.
    Reference: Reference
    /// Of every pair of an earlier and a later head, K, Q and V.
    Scores: CompositionScore list
    /// Losses with paths cut.
    Paths: PathExperiment
    /// The whole model's loss, in nats a letter.
    Whole: float
}

/// Composition measured.
module CompositionResults =

    /// The scores of a model beside losses with paths cut that were measured before.
    let beside (model: Model<Tensor>) reference paths whole : CompositionResults = {
        Reference = reference
        Scores = Composition.scores model
        Paths = paths
        Whole = whole
    }

    /// The scores of a model, beside the losses of what is tested under interventions.
    let internal by (loss: Intervention list -> float) (model: Model<Tensor>) reference : CompositionResults =
        beside model reference (PathExperiment.by loss model) (loss [])

    /// The scores of a model, which are of its weights and so the same whatever is done to it, and its losses under interventions with paths
    /// cut on the sequences of `reference`.
    let measureWith
        threads
        (task: Task)
        (model: Model<Tensor>)
        interventions
        (reference: Reference)
        : CompositionResults =
        by (fun cuts -> Intervened.loss threads task model (interventions @ cuts) reference) model reference

    /// The scores of a model, and its losses with paths cut on the sequences of `reference`.
    let measure threads (task: Task) (model: Model<Tensor>) (reference: Reference) : CompositionResults =
        measureWith threads task model [] reference
