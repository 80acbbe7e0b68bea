namespace Interp

/// What is measured on one model, each thing once: quantities, and through them claims, are read off it, and a report shows the rest.
[<StructuredFormatDisplay("{Display}")>]
type Measurements = {
    /// What the model is measured on.
    Task: Task
    /// The held-out sequences behind losses, completions and averages.
    Reference: Reference
    /// Held-out loss and completions.
    Evaluation: Evaluation
    /// None where there are no such prompts.
    Unrelated: UnrelatedRates option
    /// Eigenvalues of the direct path and of the OV circuits.
    Spectra: CircuitSpectra
    /// Mean patterns, a layer each: [head, pos, key_pos].
    Patterns: Tensor list
    /// The sequences of each block length behind the heads' scores.
    HeadReference: Reference
    /// Every head's scores.
    Heads: HeadScores<float> list
    /// What its parts do with the letters of a block; none where the task repeats none, or has too few of them.
    Letters: BlockLetters option
    /// What explanations with a name explain of it; none where its tables are too large.
    Shares: NamedShares option
    /// Without each head in turn, which then writes nothing.
    Ablations: Ablation list
    /// Eigenvalue scores of the K-composition terms of each head of the first layer with each head of a later one.
    KComposition: ((HeadAddress * HeadAddress) * float) list
    /// None for one layer, where nothing composes.
    Paths: PathExperiment option
} with

    member internal this.Display = Display.line $"measurements of {this.Task.Name} over {this.Reference}"


/// Measuring a model.
module Measurements =

    /// Sequences of each block length behind heads' scores at most: these are averages over positions too, and so many give them to
    /// some thousandths.
    let mostForHeads = 256

    /// Measures a model on held-out sequences of its task.
    let ofModel
        (threads: int)
        (a: Architecture)
        (task: Task)
        (model: Model<Tensor>)
        (reference: Reference)
        : Measurements =
        let forHeads = { reference with Sequences = min mostForHeads reference.Sequences }

        {
            Task = task
            Reference = reference
            Evaluation = Behaviour.evaluate threads task model reference
            Unrelated = Behaviour.unrelated threads task model reference
            Spectra = Circuits.spectra model
            Patterns = Attention.average threads model (Sequences.heldOut task reference)
            HeadReference = forHeads
            Heads = HeadScores.ofModel threads a model forHeads
            Letters = Tasks.repetition task |> Option.bind (fun r -> BlockLetters.measure threads a r model forHeads)
            Shares = NamedShares.measure threads task a model reference.Seed
            Ablations = Ablation.heads threads task model ZeroMode reference
            KComposition = [
                for first, second in Composition.pairs model do
                    if first.Layer = 0 then
                        (first, second), Composition.eigenvalueScore KeyInput first second model
            ]
            Paths =
                if a.NLayers > 1 then
                    Some(PathExperiment.measure threads task model reference)
                else
                    None
        }

    /// The whole model's loss in single precision, as `Intervened.loss` gives it.
    let loss (measured: Measurements) : float =
        measured.Evaluation.PerPositionLoss
        |> Tensor.vector
        |> Loss.counted measured.Task
        |> Tensor.toScalar
