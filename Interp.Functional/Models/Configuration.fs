namespace Interp

/// Everything that a training run depends on.
type Configuration = {
    /// The model's shape.
    Architecture: Architecture
    /// What it is trained on.
    Task: TaskForm
    /// Sequences a step.
    Batch: int
    /// AdamW steps.
    Steps: int
    /// AdamW's learning rate.
    LearningRate: float
    /// AdamW's decoupled weight decay.
    WeightDecay: float
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
        LearningRate = 1e-3
        WeightDecay = 1.0
        Beta1 = 0.9
        Beta2 = 0.999
        Epsilon = 1e-8
        Seed = 1UL
    }

    /// The study's model with smeared keys.
    let studySmeared = { study with Architecture = { study.Architecture with Smear = Smear.Keys } }

    /// The model with two layers that the study's author went on to.
    let studyTwoLayer = { study with Architecture = { study.Architecture with NLayers = 2 } }
