namespace Interp

/// Everything that a training run depends on.
type Configuration = {
    /// The model's shape.
    Architecture: Architecture
    /// What it is trained on.
    Task: TaskForm
    /// Sequences a step.
    Batch: int
    /// Steps of the optimiser.
    Steps: int
    /// What a weight's step is made of.
    Optimiser: RuleName
    /// The learning rate, before the schedule.
    LearningRate: float
    /// The factor on the learning rate, by the step's number.
    Schedule: Schedule
    /// How much of themselves weights lose: decoupled with AdamW, through the momentum with gradient descent.
    WeightDecay: float
    /// Which weights do.
    Decay: Decay
    /// The longest that a step's gradient may be.
    Clip: float option
    /// How much of the gradients' running sum stays, of gradient descent.
    Momentum: float
    /// Decay of AdamW's first moment.
    Beta1: float
    /// Decay of AdamW's second moment.
    Beta2: float
    /// What AdamW adds to the root of the second moment.
    Epsilon: float
    /// Of the weights before training and of every batch.
    Seed: uint64
}

/// What the 2022 study trained.
module Configuration =

    /// The study's plain model and recipe: the defaults of everything.
    let study = {
        Architecture = {
            NLayers = 1
            NHeads = 4
            DModel = 32
            DHead = 8
            DVocab = 26
            NCtx = 24
            Positions = Positions.Study
            Smear = Smear.Neither
        }
        Task = TaskForm.study
        Batch = 256
        Steps = 10000
        Optimiser = RuleName.AdamW
        LearningRate = 1e-3
        Schedule = Schedule.constant
        WeightDecay = 1.0
        Decay = Decay.All
        Clip = None
        Momentum = 0.9
        Beta1 = 0.9
        Beta2 = 0.999
        Epsilon = 1e-8
        Seed = 1UL
    }

    /// The study's model with smeared keys.
    let studySmeared = { study with Architecture = { study.Architecture with Smear = Smear.Keys } }

    /// The model with two layers that the study's author went on to.
    let studyTwoLayer = { study with Architecture = { study.Architecture with NLayers = 2 } }
