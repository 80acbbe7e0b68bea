/// From the arguments of `study` to the job they ask for.
module internal Interp.CommandLine.SurveyCommandLine

open System
open System.Text.RegularExpressions
open Argu
open Interp
open Interp.CommandLine.Refusal
open Interp.CommandLine.SurveyArguments

/// Tasks of an array job unless told otherwise: as many as clusters commonly let one user have at work.
let private mostTasks = 100

/// What stands above and below the arguments in the help of `study` and its subcommands.
let story subcommand =
    match subcommand with
    | Some "plan" ->
        "Write down the items of a study, every variant at every setting with every seed, and train nothing: `interp study run` does\n\
         them, here or on other machines that share the directory.",
        [
            "interp study plan --seeds 100 --out studies/hundred"
            "interp study plan --variants plain --sweep d_head=4,8,16 --sweep batch=64,256 --out studies/widths --json"
        ]
    | Some "run" ->
        "Train and measure every item of a study that is not done yet, or a share of them. Any number of processes may do this at\n\
         once on a shared directory: items are claimed, and a finished one is never done twice. Items that another process has\n\
         claimed are waited for. Items that failed before are tried again.",
        [
            "interp study run studies/hundred"
            "interp study run studies/hundred --items 0-49 --workers 8"
            "interp study run studies/hundred --array --tasks 20     (a task of a Slurm array job numbered 0-19)"
        ]
    | Some "merge" ->
        "Put the results of a study together: results.csv and results.parquet (a row an item), curves.csv (held-out losses over\n\
         training), summary.json. The same bytes, whichever processes on whichever machines did the items, and in whatever order.",
        [ "interp study merge studies/hundred"; "interp study merge studies/hundred --partial --json" ]
    | Some "report" ->
        "Write the report on a study: report.html, which needs no other file, and figures/.",
        [ "interp study report studies/hundred" ]
    | Some "slurm" ->
        "Print a script for Slurm's sbatch: an array job whose tasks share the items of a study in a directory that all nodes see.",
        [
            "interp study slurm studies/hundred --tasks 20 --time 30 > study.sbatch"
            "sbatch study.sbatch"
            "sbatch --array=3 study.sbatch        (one task once more; what is finished is not done again)"
        ]
    | _ ->
        "Train every variant at every setting with every seed, several at once, and say in how many trainings each claim about these\n\
         models holds: results.csv, results.parquet, curves.csv, summary.json, and report.html. Interrupted, the same command goes\n\
         on; where --out holds a study already, nothing else needs to be given.",
        [
            "interp study --seeds 20 --out studies/twenty"
            "interp study --out studies/twenty          (goes on)"
            "interp study --variants smeared --sweep d_head=4,8,16 --sweep learning_rate=1e-3,3e-3 --seeds 10 --out studies/widths"
            "interp study --seeds 3 --steps 500 --out studies/quick     (a quick look: far from trained)"
        ]

let private variants (texts: string list) =
    texts
    |> List.collect (fun text -> text.Split ',' |> List.ofArray)
    |> List.map (fun name ->
        match Survey.variants |> List.tryFind (fun variant -> string variant = name.Trim()) with
        | Some variant -> variant
        | None ->
            let known = Survey.variants |> List.map string |> String.concat ", "
            raise (Refused $"--variants: there is no variant \"{Quote.text name}\", expected some of {known}."))

let private sweep text =
    match Survey.parseSweep text with
    | Ok sweep -> sweep
    | Error sentence -> raise (Refused $"--sweep: {sentence}")

/// The study that options describe; they may all be left out.
let private study command seeds (variantTexts: string list) (sweepTexts: string list list) firstSeed steps : Survey =
    if sweepTexts |> List.exists _.IsEmpty then
        raise (Refused "--sweep: expected a field and its values, as in d_head=4,8,16.")

    let sweeps = List.concat sweepTexts
    noOptions command sweeps
    let standard = Survey.standard

    let study = {
        Variants = if variantTexts.IsEmpty then standard.Variants else variants variantTexts
        Sweeps = sweeps |> List.map sweep
        FirstSeed =
            match firstSeed |> Option.map (Field.parse Field.Seed) with
            | None -> standard.FirstSeed
            | Some(Ok(Natural seed)) -> seed
            | Some(Ok other) -> invalidOp $"A seed is no {other}."
            | Some(Error expected) -> raise (Refused $"--first-seed: {expected}.")
        Seeds = seeds |> Option.defaultValue standard.Seeds |> positive "seeds"
        Steps =
            match steps |> Option.map (Fields.read Field.Steps) with
            | Some(Whole steps) -> steps
            | _ -> standard.Steps
    }

    match Survey.problem study with
    | Some sentence -> raise (Refused sentence)
    | None -> study

let private items (text: string) =
    let ends = Regex.Match(text, @"^([0-9]{1,9})(?:-([0-9]{1,9}))?\z")
    let number (index: int) = Int32.Parse ends.Groups[index].Value

    let first, last =
        if not ends.Success then
            raise (Refused $"--items {Quote.text text}: expected a number or a range, as in 7 or 20-39.")
        elif ends.Groups[2].Success then
            number 1, number 2
        else
            number 1, number 1

    if last < first then
        raise (Refused $"--items {Quote.text text}: the range ends before it begins.")

    ItemRange(first, last)

let private run (results: ParseResults<SurveyRunArguments>) =
    let tasks = results.TryGetResult SurveyRunArguments.Tasks |> Option.map (positive "tasks")

    let share =
        match results.TryGetResult Items, results.Contains Array with
        | Some _, true -> raise (Refused "--items and --array each choose a share of the items: give one of them.")
        | Some text, false -> items text
        | None, true -> ArrayTask tasks
        | None, false -> EveryItem

    if tasks.IsSome && not (results.Contains Array) then
        raise (Refused "--tasks says how many tasks an array job has, so it needs --array.")

    RunSurvey(
        results.GetResult SurveyRunArguments.Directory,
        share,
        results.TryGetResult SurveyRunArguments.Workers |> Option.map (positive "workers")
    )

let private slurm (results: ParseResults<SurveySlurmArguments>) =
    let time = results.TryGetResult Time

    match time with
    | Some text when not (Regex.IsMatch(text, @"^[0-9]{1,6}(?:-[0-9]{1,2})?(?::[0-9]{1,2}){0,2}\z")) ->
        raise (Refused $"--time {Quote.text text}: expected a time as Slurm writes it, as in 30, 2:00:00 or 1-12.")
    | _ -> ()

    SlurmScript(
        results.GetResult SurveySlurmArguments.Directory,
        (results.TryGetResult SurveySlurmArguments.Tasks |> Option.map (positive "tasks")),
        mostTasks,
        (results.GetResult(SurveySlurmArguments.Workers, 1) |> positive "workers"),
        time
    )

let private plan (results: ParseResults<SurveyPlanArguments>) =
    PlanSurvey(
        study
            "study plan"
            (results.TryGetResult SurveyPlanArguments.Seeds)
            (results.GetResults SurveyPlanArguments.Variants)
            (results.GetResults SurveyPlanArguments.Sweep)
            (results.TryGetResult SurveyPlanArguments.FirstSeed)
            (results.TryGetResult SurveyPlanArguments.Steps),
        results.GetResult SurveyPlanArguments.Out
    )

/// The whole of a study, where no subcommand is given.
let private whole (results: ParseResults<WholeSurveyArguments>) =
    let seeds = results.TryGetResult WholeSurveyArguments.Seeds
    let variants = results.GetResults WholeSurveyArguments.Variants
    let sweeps = results.GetResults WholeSurveyArguments.Sweep
    let firstSeed = results.TryGetResult WholeSurveyArguments.FirstSeed
    let steps = results.TryGetResult WholeSurveyArguments.Steps

    let described =
        seeds.IsSome || firstSeed.IsSome || steps.IsSome || not (variants.IsEmpty && sweeps.IsEmpty)

    match results.TryGetResult WholeSurveyArguments.Out with
    | None -> raise (Refused "'--out' is missing: the directory of the study (see `interp study --help`).")
    | Some out ->
        WholeSurvey(
            study "study" seeds variants sweeps firstSeed steps,
            described,
            out,
            results.TryGetResult WholeSurveyArguments.Workers |> Option.map (positive "workers")
        )

let private subcommand argument =
    match argument with
    | Plan results -> Some(plan results, results.Contains SurveyPlanArguments.Json)
    | Run results -> Some(run results, results.Contains SurveyRunArguments.Json)
    | Merge results ->
        Some(
            MergeSurvey(results.GetResult SurveyMergeArguments.Directory, results.Contains Partial),
            results.Contains SurveyMergeArguments.Json
        )
    | Report results ->
        Some(
            ReportSurvey(results.GetResult SurveyReportArguments.Directory),
            results.Contains SurveyReportArguments.Json
        )
    | Slurm results -> Some(slurm results, false)
    | _ -> None

let options (results: ParseResults<WholeSurveyArguments>) : SurveyOptions =
    let all = results.GetAllResults()

    match all |> List.tryPick subcommand with
    | Some(job, json) when all.Length = 1 -> { Job = job; Json = json }
    | Some _ -> raise (Refused "options of `interp study` stand behind its subcommand (see `interp study --help`).")
    | None -> { Job = whole results; Json = results.Contains WholeSurveyArguments.Json }
