namespace Interp

/// What a configuration says of a training, as values.
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

    let private valid (c: Configuration) =
        match Field.problem c with
        | None -> c
        | Some problem -> Refused.because problem.Sentence

    let private initial (c: Configuration) = Model.initialise c.Architecture

    /// The attention-only transformer of a configuration on a task, under mean cross-entropy of the task's counted predictions. Raises
    /// `RefusedException` for a configuration that is not valid.
    let objective (c: Configuration) (task: Task) : Objective<Model<Tensor>> =
        let c = valid c

        {
            Structure = Model.structure
            Initial = initial c
            Loss = Loss.ofSequence task
            Task = task
            Batch = c.Batch
            Optimiser = optimiser c
            Seed = c.Seed
        }

    /// The state before the first step, whatever the task. Raises `RefusedException` for a configuration that is not valid.
    let start (c: Configuration) : TrainingState<Model<Tensor>> =
        let c = valid c
        let weights = initial c (Sequences.initialKey c.Seed)
        { Step = 0; Weights = weights; Moments = Optimiser.start Model.structure (optimiser c) weights }
