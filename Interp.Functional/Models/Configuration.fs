namespace Interp

/// The shape of a model.
type Architecture = {
    Layers: int
    /// Heads a layer.
    Heads: int
    /// d_model
    ModelWidth: int
    /// d_head
    HeadWidth: int
    /// Letters.
    Vocabulary: int
    /// Positions.
    Context: int
    /// Each key is mixed with the one before it.
    Smeared: bool
}

/// Everything that a training run depends on.
type Configuration = {
    Architecture: Architecture
    /// Letters in the pattern that a sequence repeats.
    BlockLength: int
    /// Repetitions of the pattern.
    Blocks: int
    /// Sequences a step.
    Batch: int
    Steps: int
    LearningRate: float
    WeightDecay: float
    Beta1: float
    Beta2: float
    Epsilon: float
    Seed: uint64
} with

    /// Positions of a training sequence.
    member configuration.Length = configuration.BlockLength * configuration.Blocks

module Configuration =

    /// The 2022 study's plain model and recipe.
    let study = {
        Architecture = {
            Layers = 1
            Heads = 4
            ModelWidth = 32
            HeadWidth = 8
            Vocabulary = 26
            Context = 24
            Smeared = false
        }
        BlockLength = 6
        Blocks = 4
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
    let studySmeared = { study with Architecture = { study.Architecture with Smeared = true } }

    /// One sentence on a field that does not fit, with the field's name in config.json.
    type Problem = { Field: string; Sentence: string }

    let private within field name low high value =
        if value < low || value > high then
            Some { Field = field; Sentence = $"{name} is {value}, expected {low} to {high}." }
        else
            None

    let private number field name low high (value: float) =
        if System.Double.IsNaN value || value < low || value > high then
            Some { Field = field; Sentence = $"{name} is {value}, expected {low} to {high}." }
        else
            None

    let private architectureProblem (a: Architecture) : Problem option =
        [
            within "layers" "The number of layers" 1 8 a.Layers
            within "heads" "The number of heads" 1 64 a.Heads
            within "model_width" "d_model" 1 1024 a.ModelWidth
            within "head_width" "d_head" 1 256 a.HeadWidth
            within "vocabulary" "The vocabulary" 2 256 a.Vocabulary
            within "context" "The context" 2 512 a.Context
            (if a.Heads > 0 && a.ModelWidth % a.Heads <> 0 then
                 Some {
                     Field = "model_width"
                     Sentence = $"d_model is {a.ModelWidth}, which {a.Heads} heads do not divide evenly."
                 }
             else
                 None)
        ]
        |> List.tryPick id

    /// The first field that does not fit, if there is one.
    let problem (c: Configuration) : Problem option =
        architectureProblem c.Architecture
        |> Option.orElseWith (fun () ->
            [
                within "block_length" "The block length" 1 512 c.BlockLength
                within "blocks" "The number of blocks" 2 512 c.Blocks
                (if int64 c.BlockLength * int64 c.Blocks > int64 c.Architecture.Context then
                     Some {
                         Field = "blocks"
                         Sentence =
                             $"{c.Blocks} blocks of {c.BlockLength} letters make {int64 c.BlockLength * int64 c.Blocks} positions, the context has {c.Architecture.Context}."
                     }
                 else
                     None)
                within "batch" "The batch" 1 65536 c.Batch
                within "steps" "The number of steps" 0 100000000 c.Steps
                number "learning_rate" "The learning rate" 0.0 10.0 c.LearningRate
                number "weight_decay" "The weight decay" 0.0 1000.0 c.WeightDecay
                number "beta1" "AdamW's beta 1" 0.0 0.999999 c.Beta1
                number "beta2" "AdamW's beta 2" 0.0 0.99999999 c.Beta2
                number "epsilon" "AdamW's epsilon" 1e-30 1.0 c.Epsilon
            ]
            |> List.tryPick id)

    /// The architecture, or one sentence on what does not fit.
    let validateArchitecture (a: Architecture) : Result<Architecture, string> =
        match architectureProblem a with
        | Some problem -> Error problem.Sentence
        | None -> Ok a

    /// The configuration, or one sentence on what does not fit.
    let validate (c: Configuration) : Result<Configuration, string> =
        match problem c with
        | Some problem -> Error problem.Sentence
        | None -> Ok c

    /// The least loss that any model can have, in nats: the letters of the first block after its first one are pure chance,
    /// the rest is determined: (block length - 1) ln vocabulary / (length - 1).
    let floor (c: Configuration) =
        float (c.BlockLength - 1) * log (float c.Architecture.Vocabulary) / float (c.Length - 1)
