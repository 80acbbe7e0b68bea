namespace Interp.CommandLine

open Interp

/// `reproduce`: train the study's models and report on them.
type ReproduceOptions = {
    /// The models' configurations, by name: `plain`, `smeared`, `two_layer`.
    Configurations: (string * Configuration) list
    /// What chooses these models on the command line, with a space before it.
    Choice: string
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
    /// Log-spaced steps at which the weights are kept beside the trained model's.
    Snapshots: int option
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
    Interventions: Intervention list
    Json: bool
}

/// `logits`: what the model predicts after each letter of a text.
type LogitsOptions = { Model: string; Text: string; Interventions: Intervention list; Json: bool }

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
type EvaluateOptions = {
    Model: string
    Sequences: int
    Seed: uint64
    Interventions: Intervention list
    Threads: int option
    Json: bool
}

/// `ablate`: the loss without each head.
type AblateOptions = {
    Model: string
    Mode: AblationMode
    /// Every two heads together, too.
    Pairs: bool
    Reference: Reference
    /// Directory for pictures.
    Out: string option
    Threads: int option
    Json: bool
}

/// `compose`: which heads feed which, and what the model loses without.
type ComposeOptions = { Model: string; Reference: Reference; Out: string option; Threads: int option; Json: bool }

/// `heads`: every head's scores on blocks of several lengths.
type HeadsOptions = { Model: string; Reference: Reference; Out: string option; Threads: int option; Json: bool }

/// `attribute`: the logits at a position as a sum of paths.
type AttributeOptions = {
    Model: string
    Text: string
    /// `None` for the last one.
    Position: int option
    Out: string option
    Json: bool
}

/// `patch`: what of one text's run restores its answer in the run of another.
type PatchOptions = {
    Model: string
    Clean: string
    Corrupt: string
    /// The letters whose logits are compared; `None` for the likeliest after each text.
    Answer: string option
    Wrong: string option
    Out: string option
    Json: bool
}

/// `lens`: what the model would predict after each layer.
type LensOptions = { Model: string; Text: string; Out: string option; Json: bool }

/// `develop`: scores over a run's snapshots.
type DevelopOptions = {
    Run: string
    Reference: Reference
    /// Directory for pictures; `None` for the run's own.
    Out: string option
    Threads: int option
    Json: bool
}

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

/// Which items of a study a process does.
type SurveyShare =
    | EveryItem
    /// From the first to the last, both counted.
    | ItemRange of first: int * last: int
    /// The share of the task of a Slurm array job that this process is, of so many tasks; `None` for those of the job.
    | ArrayTask of tasks: int option

/// What `study` does.
type SurveyJob =
    /// Plan, run, merge and report. `described`: the options say which study, not only the directory.
    | WholeSurvey of study: Survey * described: bool * out: string * workers: int option
    | PlanSurvey of study: Survey * out: string
    | RunSurvey of directory: string * share: SurveyShare * workers: int option
    | MergeSurvey of directory: string * partial: bool
    | ReportSurvey of directory: string
    /// With no number of tasks: one an item, but no more than `mostTasks`.
    | SlurmScript of directory: string * tasks: int option * mostTasks: int * workers: int * time: string option

/// `study`: many trainings, and which claims hold in how many of them.
type SurveyOptions = { Job: SurveyJob; Json: bool }

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
    | Ablate of AblateOptions
    | Compose of ComposeOptions
    | Heads of HeadsOptions
    | Attribute of AttributeOptions
    | Patch of PatchOptions
    | Lens of LensOptions
    | Develop of DevelopOptions
    | Survey of SurveyOptions

/// What the command line asks for.
type Parsed =
    | Run of command: Command
    /// Text for standard output; nothing is wrong.
    | Help of text: string
    | Version
    /// One sentence on what is wrong with the command line.
    | Bad of message: string
