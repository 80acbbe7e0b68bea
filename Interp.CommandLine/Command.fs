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
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// Which run `train` is about.
type TrainRun =
    /// From the beginning, in a directory that is new or holds this very run; the configuration is what options alone say.
    | NewRun of configuration: Configuration * out: string
    /// From where the run in a directory stands.
    | ResumedRun of directory: string
    /// So many steps beyond those that the run in a directory was to take.
    | ExtendedRun of directory: string * steps: int
    /// None: its configuration is printed, as a file to be edited.
    | PrintedRun

/// `train`: train one model of any configuration.
type TrainOptions = {
    /// Which run.
    Run: TrainRun
    /// The fields of a run that begins, as they were given: others follow from a task of a text once that is read.
    Given: (Field * FieldValue) list
    /// A file of fields, over which those that were given win; `None` for none.
    Config: string option
    /// Steps between checkpoints, beside those that come with time.
    CheckpointEvery: int option
    /// Log-spaced steps at which the weights are kept beside the trained model's.
    Snapshots: int option
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// The pictures that a command is to draw; either, both or none.
type PictureOptions = {
    /// A file for the command's main picture, whose ending says what it is; `None` for none.
    Picture: string option
    /// A directory for all of the command's pictures; `None` for none.
    Out: string option
}

/// `complete`: continue prompts.
type CompleteOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// Letters to continue, each on its own.
    Prompts: string list
    /// A file with more of them, one a line; "-" for standard input.
    PromptFile: string option
    /// How letters are drawn; `None` for always the likeliest.
    Sampling: Sampling option
    /// Letters in prompt and completion together; `None` for the model's context.
    Length: int option
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `logits`: what the model predicts after each letter of a text.
type LogitsOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// Letters.
    Text: string
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// What attention is looked at on.
type AttentionInput =
    /// One text.
    | OneText of text: string
    /// An average over held-out sequences.
    | RandomSequences of count: int * seed: uint64

/// `attention`: where every head looks.
type AttentionOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What attention is looked at on.
    Input: AttentionInput
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// Small maps on a terminal that has colours.
    Maps: bool
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `circuits`: eigenvalues of the direct path and of the OV circuits.
type CircuitsOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// With `Json`: the matrices too.
    Matrices: bool
    /// Which pictures.
    Pictures: PictureOptions
    /// Small maps on a terminal that has colours.
    Maps: bool
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// What `evaluate --exact` is to do beside looking at every input.
type ExactOptions = {
    /// File for the inputs that are not completed; `None` for none.
    Failures: string option
    /// The class of these that was asked for; `None` for the usual one.
    Of: string option
    /// As many of them as this at most; `None` for what is usual.
    Most: int option
    /// File that keeps how far it has come, and to go on from where there is one.
    Resume: string option
}

/// `evaluate`: held-out loss and behaviour.
type EvaluateOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// Every input that there is, in place of held-out sequences; `None` for these.
    Exact: ExactOptions option
    /// Held-out sequences.
    Sequences: int
    /// Of these sequences.
    Seed: uint64
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `ablate`: the loss without each head.
type AblateOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What takes a head's place.
    Mode: AblationMode
    /// Every two heads together, too.
    Pairs: bool
    /// The held-out sequences to measure on.
    Reference: Reference
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `compose`: which heads feed which, and what the model loses without.
type ComposeOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// The held-out sequences to measure on.
    Reference: Reference
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `heads`: every head's scores on blocks of several lengths.
type HeadsOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// The held-out sequences to measure on.
    Reference: Reference
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `attribute`: the logits at a position as a sum of paths.
type AttributeOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// Letters.
    Text: string
    /// `None` for the last one.
    Position: int option
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `patch`: what of one text's run restores its answer in the run of another.
type PatchOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// The text that activations come from.
    Clean: string
    /// The text that is run with them.
    Corrupt: string
    /// The letter that should follow the clean text; `None` for the model's likeliest.
    Answer: string option
    /// The letter that should follow the corrupt text, whose logit the answer's is compared with; `None` for the model's likeliest.
    Wrong: string option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `lens`: what the model would predict after each layer.
type LensOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// Letters.
    Text: string
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures.
    Pictures: PictureOptions
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `develop`: scores over a run's snapshots.
type DevelopOptions = {
    /// A run directory.
    Run: string
    /// The held-out sequences to measure on.
    Reference: Reference
    /// What is run in the model's place; `None` for the model itself.
    Explanation: Explanation option
    /// What is done to the model, in this order; none leaves it alone.
    Interventions: Intervention list
    /// Which pictures; of neither, a directory in the run.
    Pictures: PictureOptions
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `explain`: what explanations of a model predict, and how far that is from what the model does.
type ExplainOptions = {
    /// A `.safetensors` file or a run directory.
    Model: string
    /// Each with its text as it was given, in that order; none for those that the program knows of such a model.
    Explanations: (string * Explanation) list
    /// The held-out sequences to judge on.
    Reference: Reference
    /// Which pictures.
    Pictures: PictureOptions
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What it is measured on; `None` for the model's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `explore`: models as one page to be played with.
type ExploreOptions = {
    /// `.safetensors` files or run directories; those with snapshots bring their training.
    Models: string list
    /// The page to write.
    Out: string
    /// Whether to show it in the system's browser.
    Open: bool
    /// Explanations to switch to beside those that the program knows, each with its text as it was given.
    Explanations: (string * Explanation) list
    /// The held-out sequences that losses on the page are over.
    Reference: Reference
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// What models are measured on; `None` for each one's own.
    Task: TaskForm option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `tasks`: what tasks there are.
type TasksOptions = {
    /// A task to show sequences of: how many, and of which seed; `None` for the list of all kinds.
    Show: (TaskForm * Reference) option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `runs`: what run directories there are.
type RunsOptions = {
    /// Where to look.
    Directory: string
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// `compare`: runs side by side.
type CompareOptions = {
    /// Run directories.
    Runs: string list
    /// Which pictures.
    Pictures: PictureOptions
    /// Held-out sequences.
    Sequences: int
    /// Of these sequences.
    Seed: uint64
    /// Worker threads; `None` for one a physical core.
    Threads: int option
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// Which items of a study a process does.
type SurveyShare =
    /// All that are not done.
    | EveryItem
    /// From the first to the last, both counted.
    | ItemRange of first: int * last: int
    /// The share of the task of a Slurm array job that this process is, of so many tasks; `None` for those of the job.
    | ArrayTask of tasks: int option

/// What `study` does.
type SurveyJob =
    /// Plan, run, merge and report. `described`: the options say which study, not only the directory. `claims`: a file of claims, which belong to the
    /// study. `keepWeights`: the weights of every training are kept.
    | WholeSurvey of
        study: Survey *
        claims: string option *
        keepWeights: bool *
        described: bool *
        out: string *
        workers: int option
    /// Write down its items, train nothing.
    | PlanSurvey of study: Survey * claims: string option * keepWeights: bool * out: string
    /// Train a share of the items.
    | RunSurvey of directory: string * share: SurveyShare * workers: int option
    /// Put the results together; `partial`: without those that are missing.
    | MergeSurvey of directory: string * partial: bool
    /// Write the page.
    | ReportSurvey of directory: string
    /// With no number of tasks: one an item, but no more than `mostTasks`.
    | SlurmScript of directory: string * tasks: int option * mostTasks: int * workers: int * time: string option

/// `study`: many trainings, and which claims hold in how many of them.
type SurveyOptions = {
    /// What to do.
    Job: SurveyJob
    /// One JSON object on standard output in place of tables.
    Json: bool
}

/// One job for the program, with everything it depends on.
type Command =
    /// The study.
    | Reproduce of ReproduceOptions
    /// One training.
    | Train of TrainOptions
    /// Prompts continued.
    | Complete of CompleteOptions
    /// Scores of the next letter.
    | Logits of LogitsOptions
    /// Where heads look.
    | Attention of AttentionOptions
    /// Eigenvalues of circuits.
    | Circuits of CircuitsOptions
    /// Held-out loss and behaviour.
    | Evaluate of EvaluateOptions
    /// Kinds of tasks.
    | Tasks of TasksOptions
    /// The runs in a directory.
    | Runs of RunsOptions
    /// Runs side by side.
    | Compare of CompareOptions
    /// Losses without heads.
    | Ablate of AblateOptions
    /// Heads that read heads.
    | Compose of ComposeOptions
    /// Scores of heads.
    | Heads of HeadsOptions
    /// Logits as sums.
    | Attribute of AttributeOptions
    /// Activations of one text in the run of another.
    | Patch of PatchOptions
    /// Predictions after each layer.
    | Lens of LensOptions
    /// Scores over a training.
    | Develop of DevelopOptions
    /// Explanations beside their model.
    | Explain of ExplainOptions
    /// A page to play with.
    | Explore of ExploreOptions
    /// Many trainings.
    | Survey of SurveyOptions

/// What the command line asks for.
type Parsed =
    /// A job to do.
    | Run of command: Command
    /// A page for standard output, once its width is known; nothing is wrong.
    | Help of page: HelpPage
    /// A text for standard output, as it is.
    | Script of text: string
    /// The program's version.
    | Version
    /// One sentence on what is wrong with the command line.
    | Bad of message: string
