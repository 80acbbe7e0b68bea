/// From the program's arguments to the command they ask for. Pure: nothing is printed, read or written here.
module Interp.CommandLine.Parse

open Argu
open Interp
open Interp.CommandLine.Arguments
open Interp.CommandLine.Refusal

let private out = Option.map (Fields.place "--out")

let private pictures file directory : PictureOptions = {
    Picture = file |> Option.map (Fields.place "--picture")
    Out = out directory
}

let private threads = Fields.count "--threads"

/// Refuses what an option was given, and points at the help on its language.
let private refuseAs option topic (sentence: string) : 'a =
    refuse $"{option}: {sentence.TrimEnd '.'} (see `interp help {topic}`)."

let private task =
    Option.map (fun text ->
        match TaskForm.parse text with
        | Ok form -> form
        | Error sentence -> refuseAs "--task" "tasks" sentence)

let private sequences standard given = given |> Option.map (Fields.count "--sequences") |> Option.defaultValue standard

let private seed given = given |> Option.map (Fields.seed "--seed") |> Option.defaultValue DefaultSeed

let private reproduce (results: ParseResults<ReproduceArguments>) : ReproduceOptions =
    let given field text = text |> Option.map (fun text -> field, Fields.read field text) |> Option.toList

    let common =
        given Field.Steps (results.TryGetResult ReproduceArguments.Steps)
        @ given Field.Seed (results.TryGetResult ReproduceArguments.Seed)

    let configuration layers (smear: Smear) =
        Fields.configuration ((Field.NLayers, Whole layers) :: (Field.Smear, Word(string smear)) :: common)

    let oneLayer = [ "plain", configuration 1 Smear.Neither; "smeared", configuration 1 Smear.Keys ]
    let twoLayers = [ "two_layer", configuration 2 Smear.Neither ]

    let layers = results.TryGetResult ReproduceArguments.NLayers |> Option.map (Fields.read Field.NLayers)

    let configurations, choice =
        match layers, results.Contains All with
        | Some _, true -> refuse "--all trains models of one and of two layers, so --n-layers cannot be given with it."
        | _, true -> oneLayer @ twoLayers, " --all"
        | None, _
        | Some(Whole 1), _ -> oneLayer, ""
        | Some(Whole 2), _ -> twoLayers, " --n-layers 2"
        | Some layers, _ -> refuse $"--n-layers must be 1 or 2, the study's models, not {layers}."

    {
        Configurations = configurations
        Choice = choice
        Out = results.TryGetResult ReproduceArguments.Out |> out
        Threads = results.TryGetResult ReproduceArguments.Threads |> Option.map threads
        Json = results.Contains ReproduceArguments.Json
    }

let private reference (sequences: int) (seed: uint64) : Reference = { Sequences = sequences; Seed = seed }

let private interventions (texts: string list) =
    texts
    |> List.map (fun text ->
        match Intervention.parse text with
        | Ok intervention -> intervention
        | Error message -> refuseAs "--intervene" "interventions" message)

let private explanation (text: string) : Explanation =
    match Explanation.parse text with
    | Ok explanation -> explanation
    | Error message -> refuseAs "--with" "explanations" message

let private train (results: ParseResults<TrainArguments>) : TrainOptions =
    let ofHow argument =
        match argument with
        | TrainArguments.Out _
        | TrainArguments.Run _
        | TrainArguments.Resume _
        | Extend _
        | TrainArguments.Threads _
        | CheckpointEvery _
        | TrainArguments.Json -> true
        | _ -> false

    if results.Contains TrainArguments.Smeared && results.Contains TrainArguments.Smear then
        refuse $"--smeared is short for --smear {Smear.Keys}: give one of them."

    let snapshots = results.TryGetResult Snapshots |> Option.map (Fields.count "--snapshots")

    let given =
        results.GetAllResults()
        |> List.choose _.Field
        |> List.map (fun (field, text) -> field, Fields.read field text)
        |> List.sortBy (fun (field, _) -> List.findIndex ((=) field) (Field.all @ Field.spellings))

    let checkpointEvery =
        results.TryGetResult CheckpointEvery |> Option.map (Fields.count "--checkpoint-every")

    let threads = results.TryGetResult TrainArguments.Threads |> Option.map threads
    let config = results.TryGetResult Config |> Option.map (Fields.place "--config")
    let place = results.TryGetResult TrainArguments.Run |> Option.map (Fields.place "the name of the run")
    let further = results.TryGetResult Extend |> Option.map (Fields.count "--extend")
    let resumed = results.TryGetResult TrainArguments.Resume |> Option.map (Fields.place "--resume")
    let begun = results.TryGetResult TrainArguments.Out |> out
    let printed = results.Contains PrintConfig

    let goesOn option directory =
        if not (results.GetAllResults() |> List.forall ofHow) then
            refuse
                $"{option} goes on with the run as {directory} has it, so only --threads, --checkpoint-every and --json can be given with it."

    match place, further with
    | Some place, None ->
        refuse
            $"\"{Quote.text place}\" is the name of no option's value: a run that begins is named by --out, one that goes on by --resume, one that takes further steps stands beside --extend (see `interp train --help`)."
    | None, Some _ ->
        refuse "--extend wants the directory of a run beside it, as in `interp train --extend 5000 runs/one`."
    | _ -> ()

    let ways = [
        "--out", begun.IsSome
        "--resume", resumed.IsSome
        "--extend", further.IsSome
        "--print-config", printed
    ]

    let run =
        match ways |> List.filter snd |> List.map fst with
        | [ "--resume" ] ->
            goesOn "--resume" resumed.Value
            ResumedRun resumed.Value
        | [ "--extend" ] ->
            goesOn "--extend" place.Value
            ExtendedRun(place.Value, further.Value)
        | [ one ] ->
            // What a file says is known once it is read.
            let configuration =
                if config.IsNone then
                    Fields.configuration given
                else
                    Field.set given Configuration.study

            match snapshots with
            | Some count when config.IsNone && count > configuration.Steps ->
                refuse $"--snapshots must be at most the number of steps, {configuration.Steps}, not {count}."
            | _ -> ()

            if one = "--out" then
                NewRun(configuration, begun.Value)
            else
                let others =
                    results.GetAllResults()
                    |> List.exists (fun argument ->
                        match argument with
                        | PrintConfig
                        | Config _ -> false
                        | argument -> argument.Field.IsNone)

                if others then
                    refuse "--print-config prints fields, so only these and --config can be given with it."

                PrintedRun
        | [] ->
            refuse
                "--out is missing: the run directory to write, or `--resume` and one to go on with (see `interp train --help`)."
        | several ->
            let all = several |> String.concat " and "

            refuse
                $"{all}: --out begins a run, --resume and --extend go on with one, and --print-config has none: give one of them."

    {
        Run = run
        Given = given
        Config = config
        Snapshots = snapshots
        CheckpointEvery = checkpointEvery
        Threads = threads
        Json = results.Contains TrainArguments.Json
    }

// Far from where all letters are as likely as any to single precision.
let private mostTemperature = 1e6

let private complete (results: ParseResults<CompleteArguments>) : CompleteOptions =
    let model = results.GetResult CompleteArguments.Model
    let prompts = results.GetResults Prompt |> List.concat
    let file = results.TryGetResult Prompts |> Option.map (Fields.place "--prompts")

    if prompts.IsEmpty && file.IsNone then
        refuse
            "a prompt is needed: `--prompt` and one or more texts, or `--prompts` and a file (see `interp complete --help`)."

    let temperature =
        results.TryGetResult Temperature |> Option.map (Fields.number mostTemperature "--temperature")

    let topK = results.TryGetResult TopK |> Option.map (Fields.count "--top-k")
    let given = results.TryGetResult CompleteArguments.Seed

    let sampling =
        if temperature.IsNone && topK.IsNone && given.IsNone then
            None
        else
            Some { Temperature = Option.defaultValue DefaultTemperature temperature; TopK = topK; Seed = seed given }

    {
        Model = model
        Prompts = prompts
        PromptFile = file
        Sampling = sampling
        Length = results.TryGetResult Length |> Option.map (Fields.count "--length")
        Explanation = results.TryGetResult CompleteArguments.With |> Option.map explanation
        Interventions = results.GetResults CompleteArguments.Intervene |> interventions
        Task = results.TryGetResult CompleteArguments.Task |> task
        Pictures =
            pictures (results.TryGetResult CompleteArguments.Picture) (results.TryGetResult CompleteArguments.Out)
        Json = results.Contains CompleteArguments.Json
    }

let private attention (results: ParseResults<AttentionArguments>) : AttentionOptions =
    let count = results.TryGetResult AttentionArguments.Sequences
    let given = results.TryGetResult AttentionArguments.Seed

    let input =
        match results.TryGetResult AttentionArguments.Text, count, given with
        | Some text, None, None -> OneText text
        | Some _, _, _ -> refuse "--text looks at one text, so --sequences and --seed cannot be given with it."
        | None, _, _ -> RandomSequences(sequences DefaultSequences count, seed given)

    {
        Model = results.GetResult AttentionArguments.Model
        Explanation = results.TryGetResult AttentionArguments.With |> Option.map explanation
        Input = input
        Threads = results.TryGetResult AttentionArguments.Threads |> Option.map threads
        Task = results.TryGetResult AttentionArguments.Task |> task
        Pictures =
            pictures (results.TryGetResult AttentionArguments.Picture) (results.TryGetResult AttentionArguments.Out)
        Interventions = results.GetResults AttentionArguments.Intervene |> interventions
        Maps = not (results.Contains AttentionArguments.NoPicture)
        Json = results.Contains AttentionArguments.Json
    }

/// Options that other commands have, with why this one has not.
let private without (given: (string * bool * string) list) =
    for option, isGiven, why in given do
        if isGiven then
            refuse $"{option}: {why}"

let private circuits (results: ParseResults<CircuitsArguments>) : CircuitsOptions =
    let json = results.Contains CircuitsArguments.Json
    let why = "circuits are products of weights, for which no model is run, so that nothing can be"

    without [
        "--with", results.Contains CircuitsArguments.With, $"{why} run in its place."
        "--intervene", results.Contains CircuitsArguments.Intervene, $"{why} done to it meanwhile."
    ]

    if results.Contains Matrices && not json then
        refuse "--matrices is for programs to read, so it needs --json."

    {
        Model = results.GetResult CircuitsArguments.Model
        Matrices = results.Contains Matrices
        Pictures =
            pictures (results.TryGetResult CircuitsArguments.Picture) (results.TryGetResult CircuitsArguments.Out)
        Maps = not (results.Contains CircuitsArguments.NoPicture)
        Json = json
    }

let private exact (results: ParseResults<EvaluateArguments>) : ExactOptions option =
    let failures = results.TryGetResult EvaluateArguments.Failures |> Option.map (Fields.place "--failures")
    let ofClass = results.TryGetResult EvaluateArguments.Of

    let most =
        results.TryGetResult EvaluateArguments.Most
        |> Option.map (Fields.between 1 Exhaustive.mostFailures "--most")

    let resume = results.TryGetResult EvaluateArguments.Resume |> Option.map (Fields.place "--resume")

    if results.Contains EvaluateArguments.Exact then
        if results.Contains EvaluateArguments.Sequences || results.Contains EvaluateArguments.Seed then
            refuse "--exact looks at every input, so --sequences and --seed cannot be given with it."

        if failures.IsNone && (ofClass.IsSome || most.IsSome) then
            refuse "--of and --most say what --failures writes, so they need it."

        Some { Failures = failures; Of = ofClass; Most = most; Resume = resume }
    else
        match
            [ "--failures", failures; "--of", ofClass; "--most", Option.map string most; "--resume", resume ]
            |> List.tryFind (snd >> _.IsSome)
        with
        | Some(option, _) -> refuse $"{option} is about every input, so it needs --exact."
        | None -> None

let private evaluate (results: ParseResults<EvaluateArguments>) : EvaluateOptions = {
    Model = results.GetResult EvaluateArguments.Model
    Exact = exact results
    Sequences = sequences DefaultSequences (results.TryGetResult EvaluateArguments.Sequences)
    Seed = seed (results.TryGetResult EvaluateArguments.Seed)
    Explanation = results.TryGetResult EvaluateArguments.With |> Option.map explanation
    Interventions = results.GetResults EvaluateArguments.Intervene |> interventions
    Threads = results.TryGetResult EvaluateArguments.Threads |> Option.map threads
    Task = results.TryGetResult EvaluateArguments.Task |> task
    Pictures = pictures (results.TryGetResult EvaluateArguments.Picture) (results.TryGetResult EvaluateArguments.Out)
    Json = results.Contains EvaluateArguments.Json
}

let private compare (results: ParseResults<CompareArguments>) : CompareOptions =
    let runs = results.GetResults Place |> List.concat

    if runs.Length < 2 then
        refuse "two or more run directories are needed (see `interp compare --help`)."

    {
        Runs = runs
        Pictures =
            match results.TryGetResult CompareArguments.Picture, results.TryGetResult CompareArguments.Out with
            | None, None -> pictures (Some DefaultPicture) None
            | file, directory -> pictures file directory
        Sequences = sequences DefaultSequences (results.TryGetResult CompareArguments.Sequences)
        Seed = seed (results.TryGetResult CompareArguments.Seed)
        Threads = results.TryGetResult CompareArguments.Threads |> Option.map threads
        Json = results.Contains CompareArguments.Json
    }

let private ablate (results: ParseResults<AblateArguments>) : AblateOptions = {
    Model = results.GetResult AblateArguments.Model
    Explanation = results.TryGetResult AblateArguments.With |> Option.map explanation
    Mode =
        match results.TryGetResult Mode with
        | None
        | Some "zero" -> ZeroMode
        | Some "mean" -> MeanMode
        | Some "resample" -> ResampleMode
        | Some other -> refuse $"--mode: expected zero, mean or resample, found \"{Quote.text other}\"."
    Pairs = results.Contains Pairs
    Reference =
        reference
            (sequences DefaultSequences (results.TryGetResult AblateArguments.Sequences))
            (seed (results.TryGetResult AblateArguments.Seed))
    Pictures = pictures (results.TryGetResult AblateArguments.Picture) (results.TryGetResult AblateArguments.Out)
    Interventions = results.GetResults AblateArguments.Intervene |> interventions
    Threads = results.TryGetResult AblateArguments.Threads |> Option.map threads
    Task = results.TryGetResult AblateArguments.Task |> task
    Json = results.Contains AblateArguments.Json
}

let private compose (results: ParseResults<ComposeArguments>) : ComposeOptions = {
    Model = results.GetResult ComposeArguments.Model
    Reference =
        reference
            (sequences DefaultSequences (results.TryGetResult ComposeArguments.Sequences))
            (seed (results.TryGetResult ComposeArguments.Seed))
    Pictures = pictures (results.TryGetResult ComposeArguments.Picture) (results.TryGetResult ComposeArguments.Out)
    Explanation = results.TryGetResult ComposeArguments.With |> Option.map explanation
    Interventions = results.GetResults ComposeArguments.Intervene |> interventions
    Threads = results.TryGetResult ComposeArguments.Threads |> Option.map threads
    Task = results.TryGetResult ComposeArguments.Task |> task
    Json = results.Contains ComposeArguments.Json
}

let private heads (results: ParseResults<HeadsArguments>) : HeadsOptions = {
    Model = results.GetResult HeadsArguments.Model
    Reference =
        reference
            (sequences DefaultHeadSequences (results.TryGetResult HeadsArguments.Sequences))
            (seed (results.TryGetResult HeadsArguments.Seed))
    Pictures = pictures (results.TryGetResult HeadsArguments.Picture) (results.TryGetResult HeadsArguments.Out)
    Explanation = results.TryGetResult HeadsArguments.With |> Option.map explanation
    Interventions = results.GetResults HeadsArguments.Intervene |> interventions
    Threads = results.TryGetResult HeadsArguments.Threads |> Option.map threads
    Task = results.TryGetResult HeadsArguments.Task |> task
    Json = results.Contains HeadsArguments.Json
}

let private attribute (results: ParseResults<AttributeArguments>) : AttributeOptions = {
    Model = results.GetResult AttributeArguments.Model
    Text = results.GetResult AttributeArguments.Text
    Position = results.TryGetResult Position |> Option.map (Fields.whole 0 "--position")
    Pictures = pictures (results.TryGetResult AttributeArguments.Picture) (results.TryGetResult AttributeArguments.Out)
    Explanation = results.TryGetResult AttributeArguments.With |> Option.map explanation
    Interventions = results.GetResults AttributeArguments.Intervene |> interventions
    Task = results.TryGetResult AttributeArguments.Task |> task
    Json = results.Contains AttributeArguments.Json
}

let private patch (results: ParseResults<PatchArguments>) : PatchOptions =
    without [
        "--with",
        results.Contains PatchArguments.With,
        "an explanation keeps tables and patterns, and has no residual stream, queries, keys and values to patch; `interp attribute --with` takes its predictions apart."
    ]

    {
        Model = results.GetResult PatchArguments.Model
        Clean = results.GetResult Clean
        Corrupt = results.GetResult Corrupt
        Answer = results.TryGetResult Answer
        Wrong = results.TryGetResult Wrong
        Pictures = pictures (results.TryGetResult PatchArguments.Picture) (results.TryGetResult PatchArguments.Out)
        Interventions = results.GetResults PatchArguments.Intervene |> interventions
        Task = results.TryGetResult PatchArguments.Task |> task
        Json = results.Contains PatchArguments.Json
    }

let private lens (results: ParseResults<LensArguments>) : LensOptions = {
    Model = results.GetResult LensArguments.Model
    Text = results.GetResult LensArguments.Text
    Pictures = pictures (results.TryGetResult LensArguments.Picture) (results.TryGetResult LensArguments.Out)
    Explanation = results.TryGetResult LensArguments.With |> Option.map explanation
    Interventions = results.GetResults LensArguments.Intervene |> interventions
    Task = results.TryGetResult LensArguments.Task |> task
    Json = results.Contains LensArguments.Json
}

let private develop (results: ParseResults<DevelopArguments>) : DevelopOptions = {
    Run = results.GetResult DevelopArguments.Run
    Reference =
        reference
            (sequences DefaultDevelopSequences (results.TryGetResult DevelopArguments.Sequences))
            (seed (results.TryGetResult DevelopArguments.Seed))
    Pictures = pictures (results.TryGetResult DevelopArguments.Picture) (results.TryGetResult DevelopArguments.Out)
    Explanation = results.TryGetResult DevelopArguments.With |> Option.map explanation
    Interventions = results.GetResults DevelopArguments.Intervene |> interventions
    Threads = results.TryGetResult DevelopArguments.Threads |> Option.map threads
    Task = results.TryGetResult DevelopArguments.Task |> task
    Json = results.Contains DevelopArguments.Json
}

let private explain (results: ParseResults<ExplainArguments>) : ExplainOptions =
    without [
        "--intervene",
        results.Contains ExplainArguments.Intervene,
        "explanations are judged beside the model as it is; `interp evaluate` measures either under interventions, and \"cut 0.* -> 1.*.k\" is a clause of explanations."
    ]

    {
        Model = results.GetResult ExplainArguments.Model
        Explanations = results.GetResults ExplainArguments.With |> List.map (fun text -> text, explanation text)
        Reference =
            reference
                (sequences DefaultExplainSequences (results.TryGetResult ExplainArguments.Sequences))
                (seed (results.TryGetResult ExplainArguments.Seed))
        Pictures = pictures (results.TryGetResult ExplainArguments.Picture) (results.TryGetResult ExplainArguments.Out)
        Threads = results.TryGetResult ExplainArguments.Threads |> Option.map threads
        Task = results.TryGetResult ExplainArguments.Task |> task
        Json = results.Contains ExplainArguments.Json
    }

let private explore (results: ParseResults<ExploreArguments>) : ExploreOptions =
    let models = results.GetResults Models |> List.concat

    if models.IsEmpty then
        refuse "the model is missing (see `interp explore --help`)."

    {
        Models = models
        Out = results.TryGetResult ExploreArguments.Out |> out |> Option.defaultValue DefaultPage
        Open = results.Contains Open
        Explanations = results.GetResults ExploreArguments.With |> List.map (fun text -> text, explanation text)
        Reference =
            reference
                (sequences DefaultExploreSequences (results.TryGetResult ExploreArguments.Sequences))
                (seed (results.TryGetResult ExploreArguments.Seed))
        Threads = results.TryGetResult ExploreArguments.Threads |> Option.map threads
        Task = results.TryGetResult ExploreArguments.Task |> task
        Json = results.Contains ExploreArguments.Json
    }

let private logits (results: ParseResults<LogitsArguments>) : LogitsOptions = {
    Model = results.GetResult LogitsArguments.Model
    Text = results.GetResult LogitsArguments.Text
    Explanation = results.TryGetResult LogitsArguments.With |> Option.map explanation
    Interventions = results.GetResults LogitsArguments.Intervene |> interventions
    Task = results.TryGetResult LogitsArguments.Task |> task
    Pictures = pictures (results.TryGetResult LogitsArguments.Picture) (results.TryGetResult LogitsArguments.Out)
    Json = results.Contains LogitsArguments.Json
}

let private tasks (results: ParseResults<TasksArguments>) : TasksOptions =
    let count = results.TryGetResult TasksArguments.Sequences
    let given = results.TryGetResult TasksArguments.Seed

    let show =
        match results.TryGetResult Show, count, given with
        | Some text, _, _ ->
            match TaskForm.parse text with
            | Ok form -> Some(form, reference (sequences DefaultShown count) (seed given))
            | Error sentence -> refuseAs "--show" "tasks" sentence
        | None, None, None -> None
        | None, _, _ ->
            refuse "--sequences and --seed are of the sequences that --show prints, for example --show \"recall 5\"."

    { Show = show; Json = results.Contains TasksArguments.Json }

let private runs (results: ParseResults<RunsArguments>) : RunsOptions = {
    Directory = results.GetResult(Directory, "runs")
    Json = results.Contains RunsArguments.Json
}

/// Every command by its name, and what makes one of its words.
let private commands: (string * (string list -> Command)) list = [
    "reproduce", Line.read "reproduce" >> reproduce >> Command.Reproduce
    "train", Line.read "train" >> train >> Command.Train
    "complete", Line.read "complete" >> complete >> Command.Complete
    "logits", Line.read "logits" >> logits >> Command.Logits
    "attention", Line.read "attention" >> attention >> Command.Attention
    "circuits", Line.read "circuits" >> circuits >> Command.Circuits
    "evaluate", Line.read "evaluate" >> evaluate >> Command.Evaluate
    "tasks", Line.read "tasks" >> tasks >> Command.Tasks
    "runs", Line.read "runs" >> runs >> Command.Runs
    "compare", Line.read "compare" >> compare >> Command.Compare
    "ablate", Line.read "ablate" >> ablate >> Command.Ablate
    "compose", Line.read "compose" >> compose >> Command.Compose
    "heads", Line.read "heads" >> heads >> Command.Heads
    "attribute", Line.read "attribute" >> attribute >> Command.Attribute
    "patch", Line.read "patch" >> patch >> Command.Patch
    "lens", Line.read "lens" >> lens >> Command.Lens
    "develop", Line.read "develop" >> develop >> Command.Develop
    "explain", Line.read "explain" >> explain >> Command.Explain
    "explore", Line.read "explore" >> explore >> Command.Explore
    "study", SurveyCommandLine.read >> Command.Survey
]

let private completion (words: string list) =
    let shell = (Line.read<CompletionArguments> "completion" words).GetResult Shell

    match Scripts.ofShell shell with
    | Some script -> Script script
    | None -> Line.unknown "shell" shell Stories.shells "completion"

/// The one command of those without options whose words are these.
let private version = [ "--version"; "-V"; "version" ]

/// <summary>Reads the program's arguments.</summary>
/// <param name="args">The arguments, without the program's name.</param>
/// <returns>The command, the help asked for, or one sentence on what is wrong.</returns>
let commandLine (args: string[]) : Parsed =
    let asksForHelp words =
        words |> List.takeWhile ((<>) "--") |> List.exists (fun word -> List.contains word Line.help)

    try
        match List.ofArray args with
        | [] -> Help(Help.ofProgram ())
        | [ word ] when List.contains word version -> Parsed.Version
        | word :: _ when List.contains word Line.help -> Help(Help.ofProgram ())
        | "help" :: words -> Help(Help.ofWords words)
        | name :: words when (Stories.tryFind name).IsSome && asksForHelp words ->
            Help(Help.ofWords (name :: SurveyCommandLine.subcommand name words))
        | "completion" :: words -> completion words
        | word :: words ->
            match commands |> List.tryFind (fst >> (=) word) with
            | Some(_, read) -> Parsed.Run(read words)
            | None when List.contains word version -> refuse $"{word} stands alone (see `interp --help`)."
            | None when Line.isOption word ->
                refuse $"the command comes first, found \"{Quote.text word}\" (see `interp --help`)."
            | None -> Line.unknown "command" word (Stories.commands |> List.map _.Name) ""
    with Refused message ->
        Bad message
