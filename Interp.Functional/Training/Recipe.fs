namespace Interp

/// What a configuration says of a training, as one value.
module Recipe =

    /// The optimiser of a configuration.
    let optimiser (c: Configuration) : Optimiser = {
        Rule = UpdateRule.AdamW(c.Beta1, c.Beta2, c.Epsilon)
        LearningRate = c.LearningRate
        Schedule = Schedule.constant
        WeightDecay = c.WeightDecay
        Decay = Decay.All
        Clip = None
    }

    /// The attention-only transformer of a configuration under mean cross-entropy. Raises `RefusedException` for a configuration that is not
    /// valid.
    let objective (c: Configuration) : Objective<Model<Tensor>> =
        match Field.problem c with
        | Some problem -> Refused.because problem.Sentence
        | None -> {
            Structure = Model.structure
            Initial = Model.initialise c.Architecture
            Loss = Loss.ofSequence
            Task = c.Task
            Batch = c.Batch
            Optimiser = optimiser c
            Seed = c.Seed
          }
