/// The arguments of `study` and its subcommands, as Argu reads them.
module internal Interp.CommandLine.SurveyArguments

open Argu
open Interp

let private standard = Survey.standard
let private variants = Survey.variants |> List.map string |> String.concat ","

let private fields = String.concat ", " (Survey.sweepable |> List.map Field.name)

let private json =
    "print exactly one JSON object on standard output; everything else goes to standard error."

let private variantsUsage = $"comma-separated (default {variants})."

let private sweepUsage =
    $"a field and the values it takes, as in d_head=4,8,16 or n_heads=2..6; several are crossed. Fields: {fields}."

let private taskUsage =
    $"what every model is trained on, such as \"{TaskForm.study}\" (default: that); a sweep of tasks crosses several."

let private seedsUsage = $"seeds of each variant at each setting (default {standard.Seeds})."

let private firstSeedUsage = $"the first of the seeds (default {standard.FirstSeed})."
let private stepsUsage = $"training steps of every model (default {standard.Steps})."

let private claimsUsage =
    "a file of claims of your own, judged beside the study's (see `interp help claims`)."

let private untilDecidedUsage =
    "add seeds until every claim is decided, by intervals that allow for looking after every training."

let private mostUsage =
    $"with --until-decided: seeds of each variant at each setting at most (default {Survey.standardMost}); a claim that holds in about every other training ends undecided."

let private keepWeightsUsage =
    "keep the weights of every training beside its results, as a model that every command takes: items/000017.safetensors."

let private workersUsage =
    "trainings at once, each on one thread (default: one a physical core); never changes a result."

let private directoryUsage = "the directory of a study."

type SurveyPlanArguments =
    | [<Unique>] Seeds of number: string
    | Variants of variants: string
    | [<Unique>] Task of task: string
    | Sweep of sweep: string list
    | [<Unique; CustomCommandLine "--first-seed">] FirstSeed of number: string
    | [<Unique>] Steps of number: string
    | [<Unique>] Claims of file: string
    | [<Unique; CustomCommandLine "--until-decided">] UntilDecided
    | [<Unique>] Most of number: string
    | [<Unique; CustomCommandLine "--keep-weights">] KeepWeights
    | [<Mandatory; Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Seeds _ -> seedsUsage
            | Variants _ -> variantsUsage
            | Task _ -> taskUsage
            | Sweep _ -> sweepUsage
            | FirstSeed _ -> firstSeedUsage
            | Steps _ -> stepsUsage
            | Claims _ -> claimsUsage
            | UntilDecided -> untilDecidedUsage
            | Most _ -> mostUsage
            | KeepWeights -> keepWeightsUsage
            | Out _ -> "directory to write the plan to."
            | Json -> json

type SurveyRunArguments =
    | [<MainCommand; ExactlyOnce>] Directory of directory: string
    | [<Unique>] Items of items: string
    | [<Unique>] Array
    | [<Unique>] Tasks of number: string
    | [<Unique>] Workers of number: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Directory _ -> directoryUsage
            | Items _ -> "only these items, as in 20-39 or 7, counted from 0 (default: all)."
            | Array -> "only the share of this task of a Slurm array job, told by SLURM_ARRAY_TASK_ID and its like."
            | Tasks _ ->
                "with --array: how many tasks share the study, numbered from 0 (default: those of the array job)."
            | Workers _ -> workersUsage
            | Json -> json

type SurveyMergeArguments =
    | [<MainCommand; ExactlyOnce>] Directory of directory: string
    | [<Unique>] Partial
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Directory _ -> directoryUsage
            | Partial -> "put together what there is, though items are missing."
            | Json -> json

type SurveyReportArguments =
    | [<MainCommand; ExactlyOnce>] Directory of directory: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Directory _ -> directoryUsage
            | Json -> json

type SurveySlurmArguments =
    | [<MainCommand; ExactlyOnce>] Directory of directory: string
    | [<Unique>] Tasks of number: string
    | [<Unique>] Workers of number: string
    | [<Unique>] Time of time: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Directory _ -> directoryUsage
            | Tasks _ -> "tasks of the array job, which share the items (default: one an item, 100 at most)."
            | Workers _ -> "trainings at once in a task, and its processors (default 1)."
            | Time _ -> "time limit of a task, as Slurm writes it: 30, 2:00:00 or 1-12 (default: the cluster's)."

type WholeSurveyArguments =
    | [<Unique>] Seeds of number: string
    | Variants of variants: string
    | [<Unique>] Task of task: string
    | Sweep of sweep: string list
    | [<Unique; CustomCommandLine "--first-seed">] FirstSeed of number: string
    | [<Unique>] Steps of number: string
    | [<Unique>] Claims of file: string
    | [<Unique; CustomCommandLine "--until-decided">] UntilDecided
    | [<Unique>] Most of number: string
    | [<Unique; CustomCommandLine "--keep-weights">] KeepWeights
    | [<Unique>] Workers of number: string
    | [<Unique; AltCommandLine "-o">] Out of directory: string
    | [<Unique>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Seeds _ -> seedsUsage
            | Variants _ -> variantsUsage
            | Task _ -> taskUsage
            | Sweep _ -> sweepUsage
            | FirstSeed _ -> firstSeedUsage
            | Steps _ -> stepsUsage
            | Claims _ -> claimsUsage
            | UntilDecided -> untilDecidedUsage
            | Most _ -> mostUsage
            | KeepWeights -> keepWeightsUsage
            | Workers _ -> workersUsage
            | Out _ -> "directory of the study; if it holds this very study already, that goes on."
            | Json -> json
