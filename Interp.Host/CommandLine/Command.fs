namespace Interp.Host

open Interp

/// `reproduce`: train the study's two models and report on them.
type ReproduceOptions = {
    /// The two models' configurations, by name: `plain` and `smeared`.
    Configurations: (string * Configuration) list
    /// Run directory; `None` for a new one under `runs/`.
    Out: string option
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    Json: bool
}

/// Which run `train` is about.
type TrainRun =
    | NewRun of configuration: Configuration * out: string
    | ResumedRun of directory: string

/// `train`: train one model of any configuration.
type TrainOptions = {
    Run: TrainRun
    /// Steps between checkpoints, beside those that come with time.
    CheckpointEvery: int option
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    Json: bool
}

/// `complete`: continue prompts greedily.
type CompleteOptions = {
    Model: string
    Prompts: string list
    /// Letters in prompt and completion together; `None` for the model's context.
    Length: int option
    Json: bool
}

/// `logits`: what the model predicts after each letter of a text.
type LogitsOptions = { Model: string; Text: string; Json: bool }

/// What attention is looked at on.
type AttentionInput =
    | OneText of text: string
    | RandomSequences of count: int * seed: uint64

/// `attention`: where every head looks.
type AttentionOptions = { Model: string; Input: AttentionInput; Threads: int option; Json: bool }

/// `circuits`: eigenvalues of the direct path and of the OV circuits.
type CircuitsOptions = {
    Model: string
    /// With `Json`: the matrices too.
    Matrices: bool
    Json: bool
}

/// `evaluate`: held-out loss and behaviour.
type EvaluateOptions = { Model: string; Sequences: int; Seed: uint64; Threads: int option; Json: bool }

/// `runs`: what run directories there are.
type RunsOptions = { Directory: string; Json: bool }

/// `compare`: runs side by side.
type CompareOptions = {
    Runs: string list
    /// Picture of the loss curves to write.
    Figure: string
    Sequences: int
    Seed: uint64
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    Json: bool
}

/// One job for the program, with everything it depends on.
type Command =
    | Reproduce of ReproduceOptions
    | Train of TrainOptions
    | Complete of CompleteOptions
    | Logits of LogitsOptions
    | Attention of AttentionOptions
    | Circuits of CircuitsOptions
    | Evaluate of EvaluateOptions
    | Runs of RunsOptions
    | Compare of CompareOptions

/// What the command line asks for.
type Parsed =
    | Run of command: Command
    /// Text for standard output; nothing is wrong.
    | Help of text: string
    | Version
    /// One sentence on what is wrong with the command line.
    | Bad of message: string
