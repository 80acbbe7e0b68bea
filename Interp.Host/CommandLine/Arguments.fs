/// The arguments of every command, as Argu reads them. Defaults in the help come from the study's configuration.
module internal Interp.Host.Arguments

open Argu
open Interp

let private study = Configuration.study
let private shape = study.Architecture

/// Held-out sequences that `evaluate` and `attention` look at unless told otherwise.
[<Literal>]
let DefaultSequences = 20000

/// Seed of held-out sequences unless told otherwise; their keys are apart from those of every training batch.
[<Literal>]
let DefaultSeed = 1UL

/// Where `compare` draws unless told otherwise.
[<Literal>]
let DefaultFigure = "loss-curves.png"

let private threads = "worker threads (default: one a physical core); never changes a result."

let private json =
    "print exactly one JSON object on standard output; everything else goes to standard error."

let private model = "a .safetensors file, or a run directory with model.safetensors in it."

type ReproduceArguments =
    | [<Unique; AltCommandLine "-s">] Seed of uint64
    | [<Unique>] Steps of int
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Threads of int
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Seed _ -> $"seed of both models (default {study.Seed})."
            | Steps _ -> $"training steps of each model (default {study.Steps})."
            | Out _ -> "run directory to write (default: a new one under runs/)."
            | Threads _ -> threads
            | Json -> json

type TrainArguments =
    | [<Unique>] Layers of int
    | [<Unique>] Heads of int
    | [<Unique; CustomCommandLine "--d-model">] ModelWidth of int
    | [<Unique>] Vocab of int
    | [<Unique; CustomCommandLine "--block-length">] BlockLength of int
    | [<Unique>] Blocks of int
    | [<Unique>] Smeared
    | [<Unique>] Steps of int
    | [<Unique>] Batch of int
    | [<Unique; CustomCommandLine "--learning-rate">] LearningRate of float
    | [<Unique; CustomCommandLine "--weight-decay">] WeightDecay of float
    | [<Unique; AltCommandLine "-s">] Seed of uint64
    | [<Unique>] Threads of int
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Resume of directory: string
    | [<Unique; CustomCommandLine "--checkpoint-every">] CheckpointEvery of steps: int
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Layers _ -> $"attention layers (default {shape.Layers})."
            | Heads _ -> $"heads a layer; must divide d_model (default {shape.Heads})."
            | ModelWidth _ -> $"width of the residual stream (default {shape.ModelWidth})."
            | Vocab _ -> $"size of the alphabet (default {shape.Vocabulary})."
            | BlockLength _ -> $"letters in the repeated block (default {study.BlockLength})."
            | Blocks _ -> $"times the block occurs in a sequence (default {study.Blocks})."
            | Smeared -> "mix each key with the one before it, in a learned proportion."
            | Steps _ -> $"AdamW steps (default {study.Steps})."
            | Batch _ -> $"fresh random sequences a step (default {study.Batch})."
            | LearningRate _ -> $"AdamW's learning rate (default {study.LearningRate})."
            | WeightDecay _ -> $"AdamW's decoupled weight decay (default {study.WeightDecay})."
            | Seed _ -> $"seed of the weights and of every batch (default {study.Seed})."
            | Threads _ -> threads
            | Out _ -> "run directory to write; if it holds this very run already, that goes on."
            | Resume _ -> "go on with the run in this directory, from its newest good checkpoint."
            | CheckpointEvery _ -> "a checkpoint at every multiple of so many steps too, not only every two seconds."
            | Json -> json

type CompleteArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<AltCommandLine "-p">] Prompt of letters: string list
    | [<Unique; AltCommandLine "-n">] Length of int
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Prompt _ -> "one prompt or several."
            | Length _ ->
                $"letters of prompt and completion together (default: the model's context, {shape.Context} in the study)."
            | Json -> json

type LogitsArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Mandatory; Unique; AltCommandLine "-t">] Text of letters: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Text _ -> "the letters to predict after."
            | Json -> json

type AttentionArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique; AltCommandLine "-t">] Text of letters: string
    | [<Unique; AltCommandLine "-n">] Sequences of int
    | [<Unique; AltCommandLine "-s">] Seed of uint64
    | [<Unique>] Threads of int
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Text _ -> "look at this one text instead of random sequences."
            | Sequences _ -> $"random sequences to average over (default {DefaultSequences})."
            | Seed _ -> $"seed of the random sequences (default {DefaultSeed})."
            | Threads _ -> threads
            | Json -> json

type CircuitsArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique>] Matrices
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Matrices -> "with --json: the circuits' matrices too, [source letter][logit]."
            | Json -> json

type EvaluateArguments =
    | [<MainCommand; ExactlyOnce>] Model of model: string
    | [<Unique; AltCommandLine "-n">] Sequences of int
    | [<Unique; AltCommandLine "-s">] Seed of uint64
    | [<Unique>] Threads of int
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> model
            | Sequences _ -> $"held-out sequences for the loss, and prompts to complete (default {DefaultSequences})."
            | Seed _ -> $"seed of the held-out sequences (default {DefaultSeed})."
            | Threads _ -> threads
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
    | [<Unique; AltCommandLine "-f">] Figure of file: string
    | [<Unique; AltCommandLine "-n">] Sequences of int
    | [<Unique; AltCommandLine "-s">] Seed of uint64
    | [<Unique>] Threads of int
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Place _ -> "two or more run directories."
            | Figure _ -> $"the picture of their loss curves to write (default {DefaultFigure})."
            | Sequences _ -> $"held-out sequences, the same for all runs of one kind (default {DefaultSequences})."
            | Seed _ -> $"seed of the held-out sequences (default {DefaultSeed})."
            | Threads _ -> threads
            | Json -> json

type ProgramArguments =
    | [<CliPrefix(CliPrefix.None)>] Reproduce of ParseResults<ReproduceArguments>
    | [<CliPrefix(CliPrefix.None)>] Train of ParseResults<TrainArguments>
    | [<CliPrefix(CliPrefix.None)>] Complete of ParseResults<CompleteArguments>
    | [<CliPrefix(CliPrefix.None)>] Logits of ParseResults<LogitsArguments>
    | [<CliPrefix(CliPrefix.None)>] Attention of ParseResults<AttentionArguments>
    | [<CliPrefix(CliPrefix.None)>] Circuits of ParseResults<CircuitsArguments>
    | [<CliPrefix(CliPrefix.None)>] Evaluate of ParseResults<EvaluateArguments>
    | [<CliPrefix(CliPrefix.None)>] Runs of ParseResults<RunsArguments>
    | [<CliPrefix(CliPrefix.None)>] Compare of ParseResults<CompareArguments>
    | [<Unique>] Version

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Reproduce _ -> "the whole study: train both models, analyse them, write a report (start here)."
            | Train _ -> "train one model of your own configuration, or go on with a run."
            | Complete _ -> "continue prompts, always with the likeliest letter."
            | Logits _ -> "what a model predicts after each letter of a text."
            | Attention _ -> "where every head looks."
            | Circuits _ -> "eigenvalues of the direct path and of every head's OV circuit."
            | Evaluate _ -> "held-out loss, and how well prompts are completed."
            | Runs _ -> "what run directories there are, and how they stand."
            | Compare _ -> "runs side by side: loss curves in one picture, scores in one table."
            | Version -> "print the version."
