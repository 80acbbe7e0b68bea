/// From the program's arguments to the command they ask for. Pure: nothing is printed, read or written here.
module Interp.CommandLine.Parse

open Argu
open Interp
open Interp.CommandLine.Arguments
open Interp.CommandLine.Refusal

let private parser =
    lazy
        ArgumentParser.Create<ProgramArguments>(
            programName = "interp",
            usageStringCharacterWidth = 100,
            checkStructure = false
        )

/// What stands above and below the arguments in each command's help.
let private story command =
    match command with
    | "reproduce" ->
        "Train the study's models from scratch (one layer with plain and smeared keys; two layers), take them apart, and write a run\n\
         directory: report.html, figures/*.png, results.json, config.json, learning curves, and the models themselves.",
        [
            "interp reproduce"
            "interp reproduce --n-layers 2       (the model with two layers)"
            "interp reproduce --all            (all three)"
            "interp reproduce --seed 2 --out runs/second"
            "interp reproduce --steps 500      (a quick look: far from trained)"
        ]
    | "train" ->
        "Train one model in a run directory: config.json, metrics.jsonl, checkpoints/, status, and in the end model.safetensors\n\
         and learning-curve.csv. The same configuration and seed give the same weights, to the bit, whatever the number of\n\
         threads, and whether the run was interrupted or not: Ctrl-C leaves a checkpoint, --resume goes on from it.",
        [
            "interp train --smeared --out runs/smeared"
            "interp train --positions rotary --smear queries --out runs/rotary"
            "interp train --n-layers 2 --snapshots 30 --out runs/two-layer"
            "interp train --block-length 4 --blocks 5 --d-vocab 12 --out runs/short"
            "interp train --resume runs/two-layer"
        ]
    | "complete" ->
        "Continue each prompt, letter by letter: always with the likeliest one, or with one drawn by the model's probabilities where\n\
         --temperature, --top-k or --seed is given. The same seed gives the same letters.",
        [
            "interp complete runs/smeared --prompt ABCDEFABCDEF"
            "interp complete runs/smeared --prompt ABCDEF XYZRSTXYZRST QWERTYXYZRST --json"
            "interp complete runs/smeared --prompt ABCDEFABCDEF --intervene \"zero 0.1\""
            "interp complete runs/smeared --prompt ABCDEFABCDEF --temperature 0.8 --top-k 5 --seed 7"
            "interp complete runs/smeared --prompts prompts.txt --json"
        ]
    | "logits" ->
        "Show what the model predicts after each letter of a text; --json has all the logits, unrounded.",
        [
            "interp logits runs/smeared --text ABCDEFABC"
            "interp logits runs/smeared --text ABCDEFABC --json"
            "interp logits runs/two-layer --text ABCDEFABC --intervene \"cut 0.2 -> 1.3.k\""
        ]
    | "attention" ->
        "Show where each head looks: by offset on the console, whole patterns [layer][head][pos][key_pos] with --json.",
        [
            "interp attention runs/smeared"
            "interp attention runs/smeared --text ABCDEFABCDEF --json"
            "interp attention runs/smeared --sequences 500 --seed 7"
        ]
    | "circuits" ->
        "Show the eigenvalues of the direct path W_E W_U and of each head's OV circuit W_E W_V W_O W_U, and their score\n\
         Re(sum of eigenvalues) / sum of magnitudes: 1 is copying, -1 its opposite. Beside each score stands its distribution\n\
         over random weights of the same shapes: mean, standard deviation, 2.5th and 97.5th percentiles. Then what positions\n\
         alone add to each head's attention scores: the mean over all letters, by how far back the key is.",
        [
            "interp circuits runs/smeared"
            "interp circuits runs/smeared --json"
            "interp circuits runs/smeared --matrices --json"
        ]
    | "evaluate" ->
        "Measure the loss on held-out sequences, then complete prompts of two equal blocks: apart for blocks of different\n\
         letters and for blocks that repeat a letter. With --exact every input that the task has is looked at in their place; Ctrl-C\n\
         says what is known so far, and with --resume FILE the same command goes on from there.",
        [
            "interp evaluate runs/smeared"
            "interp evaluate runs/smeared --sequences 20000 --json"
            "interp evaluate runs/two-layer --intervene \"zero 0.2\" --intervene \"freeze 1.0\""
            "interp evaluate runs/smeared --exact --failures failures.csv --of ABCDEF --resume exact.state"
        ]
    | "ablate" ->
        "Measure the loss without each head: its output replaced by nothing, by its mean over held-out sequences, or by what it\n\
         writes for another sequence. With zeros the first-order estimate, gradient times activation, stands beside.",
        [
            "interp ablate runs/two-layer"
            "interp ablate runs/two-layer --mode mean --pairs --out pictures"
            "interp ablate runs/two-layer --mode resample --sequences 5000 --seed 7 --json"
        ]
    | "compose" ->
        "Show how strongly each head feeds the queries (Q), keys (K) and values (V) of each later head: |AB| / (|A| |B|) and the\n\
         eigenvalue score of the composed circuit, beside random weights'; and the loss with later layers' queries and keys cut\n\
         off from earlier heads.",
        [ "interp compose runs/two-layer"; "interp compose runs/two-layer --out pictures --json" ]
    | "heads" ->
        "Score every head on repeated blocks of different letters: attention to the letter before, to the same letter, to what\n\
         followed it (induction, prefix matching), five back, and its entropy; and how much it copies. Blocks of several lengths,\n\
         since at length 6 alone 'five back' and 'induction' are the same stripe.",
        [ "interp heads runs/two-layer"; "interp heads runs/two-layer --out pictures --json" ]
    | "attribute" ->
        "Take the logits at one position apart, exactly: into what the embedding and each head write directly, and into paths\n\
         through heads of several layers, attention held fixed.",
        [
            "interp attribute runs/two-layer --text ABCDEFABCDEF"
            "interp attribute runs/two-layer --text ABCDEFABCDEF --position 7 --json"
        ]
    | "patch" ->
        "Put single activations of a clean text's run into a corrupt text's run and show how much of the clean answer comes back:\n\
         0 is the corrupt run, 1 the clean one.",
        [
            "interp patch runs/two-layer --clean ABCDEFABC --corrupt ABXDEFABC --out pictures"
            "interp patch runs/two-layer --clean ABCDEFABC --corrupt ABXDEFABC --answer D --wrong E --json"
        ]
    | "lens" ->
        "Read predictions off the residual stream before every layer and behind the last (the logit lens).",
        [
            "interp lens runs/two-layer --text ABCDEFABCDEF"
            "interp lens runs/two-layer --text ABCDEFABC --json"
        ]
    | "develop" ->
        "Draw a run's loss and scores over training, from the weights kept by `interp train --snapshots N`.",
        [
            "interp develop runs/two-layer     (made by: interp train --n-layers 2 --snapshots 30 --out runs/two-layer)"
            "interp develop runs/two-layer --sequences 5000 --json"
        ]
    | "explain" ->
        "Judge explanations of a model: what each keeps of it, what it predicts, and how far that is from what the model does, with nulls\n\
         beside it. Without --with: what the study's author says of such models, single forms of each part, and the ladder from the exact\n\
         model down. An explanation is a list of clauses joined by semicolons, each a part of the model and what is kept of it;\n\
         `interp help explanations` has every part and every form, with examples.",
        [
            "interp explain runs/plain --out pictures"
            "interp explain runs/plain --with \"direct two-numbers; ov 0.* diagonal; attention 0.* own-letters\""
            "interp explain runs/smeared --with \"attention 0.* positions\" --with \"qk 0.* two-numbers\" --json"
            "interp explain runs/two-layer --with \"qk 1.*(0.*, 0.*) nothing\""
        ]
    | "explore" ->
        "Write one page with the models in it, to be opened in any browser, sent to anyone and played with without a network: type\n\
         any text, look where heads look, switch heads off, open circuits, take predictions apart, put explanations in the model's\n\
         place, and move through the training of a run with snapshots.",
        [
            "interp explore runs/smeared --open"
            "interp explore runs/plain runs/smeared runs/two-layer --out models.html"
            "interp explore runs/plain --with \"direct two-numbers; attention 0.* own-letters\" --out plain.html"
        ]
    | "tasks" ->
        "List the kinds of tasks: an example of each, what its sequences are, and its floor, the least mean loss over the predictions\n\
         that count that any model can have; or show sequences of one.",
        [
            "interp tasks"
            "interp tasks --show \"recall 5\""
            "interp tasks --show \"markov length 32 of 3\" --sequences 10 --seed 7 --json"
        ]
    | "runs" ->
        "List run directories: what is trained in each, since when, how far, to what loss, and how it stands.",
        [ "interp runs"; "interp runs /data/runs --json" ]
    | "compare" ->
        "Set runs side by side: their loss curves in one picture, and in one table how they differ, their losses and scores.\n\
         A run that is not finished is judged by its newest checkpoint.",
        [
            "interp compare runs/plain runs/smeared"
            "interp compare runs/seed1 runs/seed2 runs/seed3 --picture seeds.svg --json"
        ]
    | _ ->
        "Interp trains tiny attention-only transformers on repeated blocks of letters, and takes them apart.\n\
         From the source folder, `interp` is `dotnet run -c Release --project Interp.Host --`.",
        [
            "interp reproduce                                   (the whole study, with a report)"
            "interp train --smeared --out runs/smeared"
            "interp complete runs/smeared --prompt ABCDEFABCDEF"
            "interp COMMAND --help                              (what a command does, with examples)"
            "interp help claims                                 (how to state claims of your own)"
            "interp help interventions                          (what --intervene takes; so explanations and tasks)"
        ]

let private exitCodes =
    "EXIT CODES:\n\n    0 done, 1 failed, 2 bad usage or bad input, 130 interrupted.\n"

/// The help of a command, or of the program, as Argu lays it out between our own words.
let private usage (command: string list) =
    let usage =
        try
            parser.Value.ParseCommandLine(Array.ofList (command @ [ Line.help ])) |> string
        with :? ArguParseException as help ->
            help.Message

    let (summary, examples), usage =
        match command with
        // Argu leaves the command itself out of its pointer to the subcommands' help.
        | "study" :: subcommand ->
            SurveyCommandLine.story (List.tryHead subcommand),
            usage.Replace("'interp <subcommand> --help'", "'interp study <subcommand> --help'")
        | _ -> story (List.tryHead command |> Option.defaultValue ""), usage

    let lines = examples |> List.map (sprintf "    %s\n") |> String.concat ""
    $"{summary}\n\n{usage}\nEXAMPLES:\n\n{lines}\n{exitCodes}"

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
        | TrainArguments.Resume _
        | TrainArguments.Threads _
        | CheckpointEvery _
        | TrainArguments.Json -> true
        | _ -> false

    if results.Contains TrainArguments.Smeared && results.Contains TrainArguments.Smear then
        refuse $"--smeared is short for --smear {Smear.Keys}: give one of them."

    let snapshots = results.TryGetResult Snapshots |> Option.map (Fields.count "--snapshots")

    let given () =
        results.GetAllResults()
        |> List.choose _.Field
        |> List.map (fun (field, text) -> field, Fields.read field text)
        |> List.sortBy (fun (field, _) -> List.findIndex ((=) field) (Field.all @ Field.spellings))

    let run =
        match
            results.TryGetResult TrainArguments.Out |> out,
            results.TryGetResult TrainArguments.Resume |> Option.map (Fields.place "--resume")
        with
        | Some out, None ->
            let configuration = Fields.configuration (given ())

            match snapshots with
            | Some count when count > configuration.Steps ->
                refuse $"--snapshots must be at most the number of steps, {configuration.Steps}, not {count}."
            | _ -> NewRun(configuration, out)
        | None, Some directory when results.GetAllResults() |> List.forall ofHow -> ResumedRun directory
        | None, Some directory ->
            refuse
                $"--resume goes on with the run as {directory} has it, so only --threads, --checkpoint-every and --json can be given with it."
        | Some _, Some _ -> refuse "--out begins a run and --resume goes on with one: give one of them."
        | None, None -> refuse "'--out' is missing: the run directory to write, or `--resume` and one to go on with."

    {
        Run = run
        Given = given ()
        Snapshots = snapshots
        CheckpointEvery = results.TryGetResult CheckpointEvery |> Option.map (Fields.count "--checkpoint-every")
        Threads = results.TryGetResult TrainArguments.Threads |> Option.map threads
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

let private version = "--version"

/// Texts that are about no command.
let private topics = [
    "claims", ClaimsHelp.text
    "interventions", LanguageHelp.interventions
    "explanations", LanguageHelp.explanations
    // Also a command's name.
    "tasks", (fun () -> LanguageHelp.tasks () + "\n" + usage [ "tasks" ])
]

/// `interp help`, `interp help claims`, `interp help train`.
let private help names (words: string list) =
    match words with
    | []
    | [ "--help" ] -> Help(usage [])
    | word :: rest ->
        match topics |> List.tryFind (fst >> (=) word) with
        | Some(_, text) when rest.IsEmpty -> Help(text ())
        | _ when List.contains word names && (rest.IsEmpty || SurveyCommandLine.subcommand word rest = rest) ->
            Help(usage (word :: rest))
        | _ when List.contains word names || List.exists (fst >> (=) word) topics ->
            refuse
                $"help is of one command or topic, found \"{Quote.text rest.Head}\" behind {word} (see `interp --help`)."
        | _ -> Line.unknown "command or topic" word (List.map fst topics @ names) ""

/// <summary>Reads the program's arguments.</summary>
/// <param name="args">The arguments, without the program's name.</param>
/// <returns>The command, the help asked for, or one sentence on what is wrong.</returns>
let commandLine (args: string[]) : Parsed =
    let names = List.map fst commands

    try
        match List.ofArray args with
        | [] -> Bad "no command was given (see `interp --help`)."
        | [ word ] when word = version -> Parsed.Version
        | word :: _ when word = Line.help -> Help(usage [])
        | "help" :: words -> help names words
        | word :: words ->
            match commands |> List.tryFind (fst >> (=) word) with
            | Some(name, _) when words |> List.takeWhile ((<>) "--") |> List.contains Line.help ->
                Help(usage (name :: SurveyCommandLine.subcommand name words))
            | Some(_, read) -> Parsed.Run(read words)
            | None when Line.isOption word && word <> version ->
                refuse $"the command comes first, found \"{Quote.text word}\" (see `interp --help`)."
            | None when word = version -> refuse $"{version} stands alone (see `interp --help`)."
            | None -> Line.unknown "command" word names ""
    with Refused message ->
        Bad message
