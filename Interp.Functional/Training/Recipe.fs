namespace Interp

/// What a configuration says of a training, as values.
module Recipe =

    /// The optimiser of a configuration.
    let optimiser (c: Configuration) : Optimiser = {
        Rule =
            match c.Optimiser with
            | RuleName.AdamW -> UpdateRule.AdamW(c.Beta1, c.Beta2, c.Epsilon)
            | RuleName.SGD -> UpdateRule.SGD(c.Momentum, false)
        LearningRate = c.LearningRate
        Schedule = c.Schedule
        WeightDecay = c.WeightDecay
        Decay = c.Decay
        Clip = c.Clip
    }

    let private valid (c: Configuration) =
        match Field.problem c with
        | Some problem -> Refused.because problem.Sentence
        | None ->
            // Which weights there are to decay.
            Optimiser.problem (Model.leaves (Model.names c.Architecture)) (optimiser c)
            |> Option.iter Refused.because

            c

    let private initial (c: Configuration) = Model.initialise c.Architecture

    /// The attention-only transformer of a configuration on a task, which stands in the place of the configuration's own, under mean
    /// cross-entropy of the task's counted predictions. Raises `RefusedException` for a configuration that is not valid, and for a task with
    /// more tokens or positions than the model has.
    let objective (c: Configuration) (task: Task) : Objective<Model<Tensor>> =
        let c = valid { c with Task = TaskForm.ofName task.Name }
        Task.problem c.Architecture.DVocab c.Architecture.NCtx task |> Option.iter Refused.because

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
