/// The arguments of every command, as Argu reads them. Fields of a configuration come from the core's table.
module internal Interp.CommandLine.Arguments

open Argu
open Interp

/// Held-out sequences that `evaluate` and `attention` look at unless told otherwise.
[<Literal>]
let DefaultSequences = 20000

/// Sequences of each block length that `heads` looks at unless told otherwise.
[<Literal>]
let DefaultHeadSequences = 1000

/// Held-out sequences that `develop` looks at for each snapshot unless told otherwise.
[<Literal>]
let DefaultDevelopSequences = 2000

/// Of `explain`: a share is known to two thousandths, and there are many explanations.
[<Literal>]
let DefaultExplainSequences = 5000

/// Of `explore`: a browser runs all of them in a fifth of a second.
[<Literal>]
let DefaultExploreSequences = 200

/// Seed of held-out sequences unless told otherwise; their keys are apart from those of every training batch.
[<Literal>]
let DefaultSeed = 1UL

/// The temperature of what is drawn unless told otherwise.
[<Literal>]
let DefaultTemperature = 1.0

/// Sequences that `tasks` shows unless told otherwise.
[<Literal>]
let DefaultShown = 5

/// The page that `explore` writes unless told otherwise.
[<Literal>]
let DefaultPage = "explore.html"

/// Where `compare` draws unless told otherwise.
[<Literal>]
let DefaultPicture = "loss-curves.png"

let private threads = "worker threads (default: one a physical core); never changes a result."

let private task =
    $"the task to measure on, such as \"{TaskForm.study}\" (default: the one that the model was trained on)."

let private json =
    "print exactly one JSON object on standard output; everything else goes to standard error."

let private model = "a .safetensors file, or a run directory with model.safetensors in it."

let private out = "directory to write all of the command's pictures to (default: none)."

let private picture =
    "file to draw the command's main picture to; its ending says what it is: .svg, .png or .pdf."

let private intervene =
    "do something to the model while it runs, for example \"zero 0.1\" or \"cut 0.2 -> 1.3.k\" (see `interp help interventions`); may be repeated."

let private with' =
    "run this explanation in place of the model, for example \"direct two-numbers; ov 0.* diagonal\" (see `interp help explanations`)."

let private noPicture = "leave out the small maps that are shown where a terminal has colours."

let private sequences = $"held-out sequences (default {DefaultSequences})."
let private seed = $"seed of the held-out sequences (default {DefaultSeed})."

type ReproduceArguments =
    | [<Unique; CustomCommandLine "--n-layers">] NLayers of number: string
    | [<Unique>] All
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique>] Steps of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | NLayers _ -> "the study's models of 1 layer (default), or its model of 2."
            | All -> "all three models."
            | Seed _ -> $"seed of every model (default {Field.standard Field.Seed})."
            | Steps _ -> $"training steps of each model (default {Field.standard Field.Steps})."
            | Out _ -> "run directory to write (default: a new one under runs/)."
            | Threads _ -> threads
            | Json -> json

/// One thin case a field of the table, whose text the table parses.
type TrainArguments =
    | [<MainCommand; Unique>] Run of run: string
    | [<Unique; CustomCommandLine "--n-layers">] NLayers of number: string
    | [<Unique; CustomCommandLine "--n-heads">] NHeads of number: string
    | [<Unique; CustomCommandLine "--d-model">] DModel of number: string
    | [<Unique; CustomCommandLine "--d-head">] DHead of number: string
    | [<Unique; CustomCommandLine "--d-vocab">] DVocab of number: string
    | [<Unique; CustomCommandLine "--n-ctx">] NCtx of number: string
    | [<Unique; CustomCommandLine "--positions">] Positions of kind: string
    | [<Unique; CustomCommandLine "--smear">] Smear of what: string
    | [<Unique>] Smeared
    | [<Unique>] Task of task: string
    | [<Unique; CustomCommandLine "--block-length">] BlockLength of number: string
    | [<Unique; CustomCommandLine "--blocks">] Blocks of number: string
    | [<Unique; CustomCommandLine "--batch">] Batch of number: string
    | [<Unique; CustomCommandLine "--steps">] Steps of number: string
    | [<Unique>] Optimiser of name: string
    | [<Unique; CustomCommandLine "--learning-rate">] LearningRate of number: string
    | [<Unique>] Schedule of factors: string
    | [<Unique; CustomCommandLine "--weight-decay">] WeightDecay of number: string
    | [<Unique>] Decay of weights: string
    | [<Unique>] Clip of norm: string
    | [<Unique>] Momentum of number: string
    | [<Unique; CustomCommandLine "--beta1">] Beta1 of number: string
    | [<Unique; CustomCommandLine "--beta2">] Beta2 of number: string
    | [<Unique; CustomCommandLine "--epsilon">] Epsilon of number: string
    | [<Unique; CustomCommandLine "--seed"; AltCommandLine "-s">] Seed of number: string
    | [<Unique>] Snapshots of number: string
    | [<Unique>] Threads of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Resume of run: string
    | [<Unique>] Extend of number: string
    | [<Unique>] Config of file: string
    | [<Unique; CustomCommandLine "--print-config">] PrintConfig
    | [<Unique; CustomCommandLine "--checkpoint-every">] CheckpointEvery of steps: string
    | [<Unique>] Json

    /// The text that an argument gives a field, if it is about this one. A field without a case does not compile.
    member this.Text(field: Field) =
        match field, this with
        | Field.NLayers, NLayers text
        | Field.NHeads, NHeads text
        | Field.DModel, DModel text
        | Field.DHead, DHead text
        | Field.DVocab, DVocab text
        | Field.NCtx, NCtx text
        | Field.Positions, Positions text
        | Field.Smear, Smear text
        | Field.Task, Task text
        | Field.BlockLength, BlockLength text
        | Field.Blocks, Blocks text
        | Field.Batch, Batch text
        | Field.Steps, Steps text
        | Field.Optimiser, Optimiser text
        | Field.LearningRate, LearningRate text
        | Field.Schedule, Schedule text
        | Field.WeightDecay, WeightDecay text
        | Field.Decay, Decay text
        | Field.Clip, Clip text
        | Field.Momentum, Momentum text
        | Field.Beta1, Beta1 text
        | Field.Beta2, Beta2 text
        | Field.Epsilon, Epsilon text
        | Field.Seed, Seed text -> Some text
        | Field.Smear, Smeared -> Some(string Interp.Smear.Keys)
        | Field.NLayers, _
        | Field.NHeads, _
        | Field.DModel, _
        | Field.DHead, _
        | Field.DVocab, _
        | Field.NCtx, _
        | Field.Positions, _
        | Field.Smear, _
        | Field.Task, _
        | Field.BlockLength, _
        | Field.Blocks, _
        | Field.Batch, _
        | Field.Steps, _
        | Field.Optimiser, _
        | Field.LearningRate, _
        | Field.Schedule, _
        | Field.WeightDecay, _
        | Field.Decay, _
        | Field.Clip, _
        | Field.Momentum, _
        | Field.Beta1, _
        | Field.Beta2, _
        | Field.Epsilon, _
        | Field.Seed, _ -> None

    /// The field that an argument is about, and its text.
    member this.Field =
        Field.all @ Field.spellings
        |> List.tryPick (fun field -> this.Text field |> Option.map (fun text -> field, text))

    interface IArgParserTemplate with
        member this.Usage =
            match this, this.Field with
            | Run _, _ -> "with --extend: the directory of the run that takes further steps."
            | Smeared, _ -> $"short for --smear {Interp.Smear.Keys}."
            | _, Some(field, _) -> Fields.usage field
            | Snapshots _, _ -> "log-spaced steps at which to keep the weights, for `interp develop` (default: none)."
            | Threads _, _ -> threads
            | Out _, _ -> "run directory to write; if it holds this very run already, that goes on."
            | Resume _, _ -> "go on with the run in this directory, from its newest good checkpoint."
            | Extend _, _ ->
                "so many steps beyond those that RUN was to take, as if they had been asked for when it began."
            | Config _, _ ->
                "take fields from this file: what --print-config prints, or a run's config.json; options win over it."
            | PrintConfig, _ -> "print such a file with every field, what it means and its range, and train nothing."
            | CheckpointEvery _, _ -> "a checkpoint at every multiple of so many steps too, not only every two seconds."
            | _ -> json

type CompleteArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<AltCommandLine "-p">] Prompt of letters: string list
    | [<Unique>] Prompts of file: string
    | [<Unique>] Temperature of number: string
    | [<Unique; CustomCommandLine "--top-k">] TopK of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; AltCommandLine "-n">] Length of number: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Prompt _ -> "one prompt or several."
            | Prompts _ -> "a file of prompts, one a line; - for standard input."
            | Temperature _ ->
                $"draw letters instead of taking the likeliest: scores are divided by it, 0 is greedy (default {DefaultTemperature} where --top-k or --seed is given)."
            | TopK _ -> "draw from so many likeliest letters alone (default: all)."
            | Seed _ -> $"seed of what is drawn (default {DefaultSeed})."
            | Length _ ->
                $"letters of prompt and completion together (default: the model's context, {Configuration.study.Architecture.NCtx} in the study)."
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Out _ -> out
            | Task _ -> task
            | Json -> json

type LogitsArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Mandatory; Unique; AltCommandLine "-t">] Text of letters: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Text _ -> "the letters to predict after."
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Out _ -> out
            | Task _ -> task
            | Json -> json

type AttentionArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique; AltCommandLine "-t">] Text of letters: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--no-picture">] NoPicture
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Text _ -> "look at this one text instead of random sequences."
            | Sequences _ -> $"random sequences to average over (default {DefaultSequences})."
            | Seed _ -> $"seed of the random sequences (default {DefaultSeed})."
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Out _ -> out
            | NoPicture -> noPicture
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type CircuitsArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique>] Matrices
    | [<Hidden; CustomCommandLine "--with">] With of explanation: string
    | [<Hidden; CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--no-picture">] NoPicture
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Matrices -> "with --json: the circuits' matrices too, [source letter][logit]."
            | With _ -> ""
            | Intervene _ -> ""
            | Picture _ -> picture
            | Out _ -> out
            | NoPicture -> noPicture
            | Json -> json

type EvaluateArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<Unique>] Exact
    | [<Unique>] Failures of file: string
    | [<Unique>] Of of name: string
    | [<Unique>] Most of number: string
    | [<Unique>] Resume of file: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Sequences _ ->
                $"held-out sequences for the loss (default {DefaultSequences}); the first {Behaviour.mostPrompts} of them at most are completed."
            | Seed _ -> $"seed of the held-out sequences (default {DefaultSeed})."
            | With _ -> with'
            | Exact ->
                $"look at every input that the task has, {Exhaustive.mostInputs} at most, in place of held-out sequences."
            | Failures _ -> "with --exact: write the inputs that are not completed to this file, as CSV."
            | Of _ ->
                "with --failures: those of one class, for example an equality pattern (default: of all different letters, where the task repeats patterns), or \"all\"."
            | Most _ -> $"with --failures: as many as this at most (default {Exhaustive.mostFailures})."
            | EvaluateArguments.Resume _ ->
                "with --exact: keep how far it has come in this file, and go on from there where it has something."
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Out _ -> out
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type AblateArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique>] Mode of name: string
    | [<Unique>] Pairs
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Mode _ ->
                "what a head writes instead: nothing (zero, the default), its mean (mean), or its output on another sequence (resample)."
            | Pairs -> "every two heads together, too."
            | Sequences _ -> sequences
            | Seed _ -> seed
            | With _ -> with'
            | Out _ -> out
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type ComposeArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Sequences _ -> sequences
            | Seed _ -> seed
            | Out _ -> out
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type HeadsArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Sequences _ -> $"sequences of each block length (default {DefaultHeadSequences})."
            | Seed _ -> seed
            | Out _ -> out
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type AttributeArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Mandatory; Unique; AltCommandLine "-t">] Text of letters: string
    | [<Unique; AltCommandLine "-p">] Position of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Text _ -> "the letters the model reads."
            | Position _ -> "the position whose prediction is taken apart, counted from 0 (default: the last)."
            | Out _ -> out
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Task _ -> task
            | Json -> json

type PatchArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Mandatory; Unique>] Clean of letters: string
    | [<Mandatory; Unique>] Corrupt of letters: string
    | [<Unique>] Answer of letter: string
    | [<Unique>] Wrong of letter: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Hidden; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Clean _ -> "the text that activations are taken from."
            | Corrupt _ -> "the text, of the same length, into whose run they are put."
            | Answer _ -> "the letter that should follow the clean text (default: the likeliest to the model)."
            | Wrong _ -> "the letter that should follow the corrupt text (default: the likeliest to the model)."
            | Out _ -> out
            | With _ -> ""
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Task _ -> task
            | Json -> json

type LensArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Mandatory; Unique; AltCommandLine "-t">] Text of letters: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Text _ -> "the letters to predict after."
            | Out _ -> out
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Task _ -> task
            | Json -> json

type DevelopArguments =
    | [<MainCommand; ExactlyOnce>] Run of run: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; CustomCommandLine "--with">] With of explanation: string
    | [<CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Run _ -> "a run directory of `interp train --snapshots N`."
            | Sequences _ -> $"held-out sequences for each snapshot (default {DefaultDevelopSequences})."
            | Seed _ -> seed
            | Out _ ->
                "directory to write all of the command's pictures to (default: develop/ in the run, where --picture is not given)."
            | With _ -> with'
            | Intervene _ -> intervene
            | Picture _ -> picture
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type ExplainArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<CustomCommandLine "--with">] With of explanation: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Hidden; CustomCommandLine "--intervene">] Intervene of intervention: string
    | [<Unique>] Picture of file: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | With _ -> "an explanation; may be repeated."
            | Sequences _ -> $"held-out sequences to judge on (default {DefaultExplainSequences})."
            | Seed _ -> seed
            | Out _ -> out
            | Intervene _ -> ""
            | Picture _ -> picture
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type ExploreArguments =
    | [<MainCommand>] Models of model: string list
    | [<Unique; AltCommandLine "-o">] Out of file: string
    | [<Unique>] Open
    | [<CustomCommandLine "--with">] With of explanation: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Task of task: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Models _ -> "one or more .safetensors files or run directories; a run with snapshots brings its training."
            | Out _ -> $"the page to write, a file (default {DefaultPage})."
            | Open -> "show the page in the system's browser."
            | With _ -> "an explanation to switch to on the page, beside those that the program knows; may be repeated."
            | Sequences _ -> $"held-out sequences that losses on the page are over (default {DefaultExploreSequences})."
            | Seed _ -> seed
            | Threads _ -> threads
            | Task _ -> task
            | Json -> json

type TasksArguments =
    | [<Unique>] Show of task: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Show _ -> "print sequences of this task, such as \"recall 5\"."
            | Sequences _ -> $"with --show: so many (default {DefaultShown})."
            | Seed _ -> $"with --show: seed of the sequences (default {DefaultSeed})."
            | Json -> json

type RunsArguments =
    | [<MainCommand; Unique>] Directory of directory: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Directory _ -> "a directory of run directories, or one of them (default: runs)."
            | Json -> json

type CompareArguments =
    | [<MainCommand>] Place of run: string list
    | [<Unique; AltCommandLine "-f">] Picture of file: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique; AltCommandLine "-n">] Sequences of number: string
    | [<Unique; AltCommandLine "-s">] Seed of number: string
    | [<Unique>] Threads of number: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Place _ -> "two or more run directories."
            | Picture _ ->
                $"file to draw their loss curves to (default {DefaultPicture}, where --out is not given); its ending says what it is: .svg, .png or .pdf."
            | Out _ -> out
            | Sequences _ ->
                $"held-out sequences, the same for all runs of one kind (default {DefaultSequences}); the first {Behaviour.mostPrompts} of them at most are completed."
            | Seed _ -> $"seed of the held-out sequences (default {DefaultSeed})."
            | Threads _ -> threads
            | Json -> json

type CompletionArguments =
    | [<MainCommand; ExactlyOnce>] Shell of shell: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Shell _ -> "bash, zsh, fish or pwsh."
