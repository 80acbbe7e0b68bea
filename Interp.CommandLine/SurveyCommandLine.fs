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

let private variants (texts: string list) =
    texts
    |> List.collect (fun text -> text.Split ',' |> List.ofArray)
    |> List.map (fun name ->
        match Survey.variants |> List.tryFind (fun variant -> string variant = name.Trim()) with
        | Some variant -> variant
        | None ->
            let known = Survey.variants |> List.map string |> String.concat ", "
            refuse $"--variants: there is no variant \"{Quote.text name}\", expected some of {known}.")

let private sweep text =
    match Survey.parseSweep text with
    | Ok sweep -> sweep
    | Error sentence -> refuse $"--sweep: {sentence}"

/// The study that options describe; they may all be left out.
let private study
    seeds
    (variantTexts: string list)
    (task: string option)
    (sweepTexts: string list list)
    firstSeed
    steps
    untilDecided
    most
    : Survey =
    let sweeps = List.concat sweepTexts
    let standard = Survey.standard

    let seeds, most = Option.map (Fields.count "--seeds") seeds, Option.map (Fields.count "--most") most

    match seeds, most, untilDecided with
    | Some _, _, true ->
        refuse "--until-decided adds seeds as they are wanted: give --most, how many at most, in place of --seeds."
    | _, Some _, false ->
        refuse "--most says where --until-decided ends, so it needs that; --seeds is a number that is fixed."
    | _ -> ()

    let study = {
        Variants = if variantTexts.IsEmpty then standard.Variants else variants variantTexts
        Task =
            match task |> Option.map TaskForm.parse with
            | Some(Ok form) -> form
            | Some(Error sentence) -> refuse $"--task: {sentence}"
            | None -> standard.Task
        Sweeps = sweeps |> List.map sweep
        FirstSeed = firstSeed |> Option.map (Fields.seed "--first-seed") |> Option.defaultValue standard.FirstSeed
        Seeds =
            if untilDecided then
                most |> Option.defaultValue Survey.standardMost
            else
                seeds |> Option.defaultValue standard.Seeds
        Steps =
            match steps |> Option.map (Fields.read Field.Steps) with
            | Some(Whole steps) -> steps
            | _ -> standard.Steps
        Claims = []
        UntilDecided = untilDecided
    }

    match Survey.problem study with
    | Some sentence -> refuse sentence
    | None -> study

let private items (text: string) =
    let expected () : int = refuse $"--items {Quote.text text}: expected a number or a range, as in 7 or 20-39."

    let number text =
        match Numbers.whole text with
        | Some number when number >= 0 -> number
        | _ -> expected ()

    let first, last =
        match text.Split '-' with
        | [| one |] -> number one, number one
        | [| first; last |] -> number first, number last
        | _ -> expected (), 0

    if last < first then
        refuse $"--items {Quote.text text}: the range ends before it begins."

    ItemRange(first, last)

let private run (results: ParseResults<SurveyRunArguments>) =
    let tasks = results.TryGetResult SurveyRunArguments.Tasks |> Option.map (Fields.count "--tasks")

    let share =
        match results.TryGetResult Items, results.Contains Array with
        | Some _, true -> refuse "--items and --array each choose a share of the items: give one of them."
        | Some text, false -> items text
        | None, true -> ArrayTask tasks
        | None, false -> EveryItem

    if tasks.IsSome && not (results.Contains Array) then
        refuse "--tasks says how many tasks an array job has, so it needs --array."

    RunSurvey(
        results.GetResult SurveyRunArguments.Directory,
        share,
        results.TryGetResult SurveyRunArguments.Workers |> Option.map (Fields.count "--workers")
    )

let private slurm (results: ParseResults<SurveySlurmArguments>) =
    let time = results.TryGetResult Time

    match time with
    | Some text when not (Regex.IsMatch(text, @"^[0-9]{1,6}(?:-[0-9]{1,2})?(?::[0-9]{1,2}){0,2}\z")) ->
        refuse $"--time {Quote.text text}: expected a time as Slurm writes it, as in 30, 2:00:00 or 1-12."
    | _ -> ()

    SlurmScript(
        results.GetResult SurveySlurmArguments.Directory,
        (results.TryGetResult SurveySlurmArguments.Tasks |> Option.map (Fields.count "--tasks")),
        mostTasks,
        (results.TryGetResult SurveySlurmArguments.Workers
         |> Option.map (Fields.count "--workers")
         |> Option.defaultValue 1),
        time
    )

let private plan (results: ParseResults<SurveyPlanArguments>) =
    PlanSurvey(
        study
            (results.TryGetResult SurveyPlanArguments.Seeds)
            (results.GetResults SurveyPlanArguments.Variants)
            (results.TryGetResult SurveyPlanArguments.Task)
            (results.GetResults SurveyPlanArguments.Sweep)
            (results.TryGetResult SurveyPlanArguments.FirstSeed)
            (results.TryGetResult SurveyPlanArguments.Steps)
            (results.Contains SurveyPlanArguments.UntilDecided)
            (results.TryGetResult SurveyPlanArguments.Most),
        results.TryGetResult SurveyPlanArguments.Claims |> Option.map (Fields.place "--claims"),
        results.Contains SurveyPlanArguments.KeepWeights,
        results.GetResult SurveyPlanArguments.Out |> Fields.place "--out"
    )

/// The whole of a study, where no subcommand is given.
let private whole (results: ParseResults<WholeSurveyArguments>) =
    let seeds = results.TryGetResult WholeSurveyArguments.Seeds
    let variants = results.GetResults WholeSurveyArguments.Variants
    let task = results.TryGetResult WholeSurveyArguments.Task
    let sweeps = results.GetResults WholeSurveyArguments.Sweep
    let firstSeed = results.TryGetResult WholeSurveyArguments.FirstSeed
    let steps = results.TryGetResult WholeSurveyArguments.Steps
    let untilDecided = results.Contains WholeSurveyArguments.UntilDecided
    let most = results.TryGetResult WholeSurveyArguments.Most
    let claims = results.TryGetResult WholeSurveyArguments.Claims |> Option.map (Fields.place "--claims")

    let described =
        [ task; seeds; firstSeed; steps; most; claims ] |> List.exists Option.isSome
        || untilDecided
        || not (variants.IsEmpty && sweeps.IsEmpty)

    match results.TryGetResult WholeSurveyArguments.Out with
    | None -> refuse "--out is missing: the directory of the study (see `interp study --help`)."
    | Some out ->
        let out = Fields.place "--out" out

        WholeSurvey(
            study seeds variants task sweeps firstSeed steps untilDecided most,
            claims,
            results.Contains WholeSurveyArguments.KeepWeights,
            described,
            out,
            results.TryGetResult WholeSurveyArguments.Workers |> Option.map (Fields.count "--workers")
        )

let private subcommands: (string * (string list -> SurveyOptions)) list = [
    "plan",
    fun words ->
        let results = Line.read<SurveyPlanArguments> "study plan" words
        { Job = plan results; Json = results.Contains SurveyPlanArguments.Json }
    "run",
    fun words ->
        let results = Line.read<SurveyRunArguments> "study run" words
        { Job = run results; Json = results.Contains SurveyRunArguments.Json }
    "merge",
    fun words ->
        let results = Line.read<SurveyMergeArguments> "study merge" words
        let directory = results.GetResult SurveyMergeArguments.Directory

        {
            Job = MergeSurvey(directory, results.Contains Partial)
            Json = results.Contains SurveyMergeArguments.Json
        }
    "report",
    fun words ->
        let results = Line.read<SurveyReportArguments> "study report" words

        {
            Job = ReportSurvey(results.GetResult SurveyReportArguments.Directory)
            Json = results.Contains SurveyReportArguments.Json
        }
    "slurm", fun words -> { Job = slurm (Line.read<SurveySlurmArguments> "study slurm" words); Json = false }
]

/// The subcommand that the words behind a command begin with, if they do.
let subcommand command (words: string list) : string list =
    match words with
    | word :: _ when command = "study" && subcommands |> List.exists (fst >> (=) word) -> [ word ]
    | _ -> []

/// Reads the words behind `study`.
let read (words: string list) : SurveyOptions =
    let find word = subcommands |> List.tryFind (fst >> (=) word)

    match words |> List.tryHead |> Option.bind find with
    | Some(_, read) -> read words.Tail
    | None ->
        match words with
        | word :: _ when not (Line.isOption word) -> Line.unknown "subcommand" word (List.map fst subcommands) "study"
        | _ -> ()

        // Behind an option a subcommand's name may be a directory's, or one value of a list of sweeps.
        match words |> List.pairwise |> List.tryFind (fun (_, word) -> (find word).IsSome) with
        | Some(before, word) when not (Line.isOption before) || before = "--json" ->
            refuse
                $"options of the subcommand `interp study {word}` stand behind its name, found \"{Quote.text words.Head}\" before it (see `interp study --help`)."
        | _ ->
            let results = Line.read<WholeSurveyArguments> "study" words
            { Job = whole results; Json = results.Contains WholeSurveyArguments.Json }
