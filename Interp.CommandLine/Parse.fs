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
            "interp train --n-layers 2 --snapshots 30 --out runs/two-layer"
            "interp train --block-length 4 --blocks 5 --d-vocab 12 --out runs/short"
            "interp train --resume runs/two-layer"
        ]
    | "complete" ->
        "Continue each prompt, letter by letter, always with the likeliest one.",
        [
            "interp complete runs/smeared --prompt ABCDEFABCDEF"
            "interp complete runs/smeared --prompt ABCDEF XYZRSTXYZRST QWERTYXYZRST --json"
            "interp complete runs/smeared --prompt ABCDEFABCDEF --intervene \"zero 0.1\""
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
         over random weights of the same shapes: mean, standard deviation, 2.5th and 97.5th percentiles.",
        [
            "interp circuits runs/smeared"
            "interp circuits runs/smeared --json"
            "interp circuits runs/smeared --matrices --json"
        ]
    | "evaluate" ->
        "Measure the loss on held-out sequences, then complete prompts of two equal blocks: apart for blocks of different\n\
         letters and for blocks that repeat a letter.",
        [
            "interp evaluate runs/smeared"
            "interp evaluate runs/smeared --sequences 20000 --json"
            "interp evaluate runs/two-layer --intervene \"zero 0.2\" --intervene \"freeze 1.0\""
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
    | "runs" ->
        "List run directories: what is trained in each, since when, how far, to what loss, and how it stands.",
        [ "interp runs"; "interp runs /data/runs --json" ]
    | "compare" ->
        "Set runs side by side: their loss curves in one picture, and in one table how they differ, their losses and scores.\n\
         A run that is not finished is judged by its newest checkpoint.",
        [
            "interp compare runs/plain runs/smeared"
            "interp compare runs/seed1 runs/seed2 runs/seed3 --figure seeds.png --json"
        ]
    | _ ->
        "Interp trains tiny attention-only transformers on repeated blocks of letters, and takes them apart.\n\
         From the source folder, `interp` is `dotnet run -c Release --project Interp.Host --`.",
        [
            "interp reproduce                                   (the whole study, with a report)"
            "interp train --smeared --out runs/smeared"
            "interp complete runs/smeared --prompt ABCDEFABCDEF"
            "interp COMMAND --help                              (what a command does, with examples)"
        ]

let private exitCodes =
    "EXIT CODES:\n\n    0 done, 1 failed, 2 bad usage or bad input, 130 interrupted.\n"

let private help args (usage: string) =
    let (summary, examples), usage =
        match Array.tryHead args |> Option.defaultValue "" with
        // Argu leaves the command itself out of its pointer to the subcommands' help.
        | "study" ->
            SurveyCommandLine.story (Array.tryItem 1 args),
            usage.Replace("'interp <subcommand> --help'", "'interp study <subcommand> --help'")
        | command -> story command, usage

    let lines = examples |> List.map (sprintf "    %s\n") |> String.concat ""
    $"{summary}\n\n{usage}\nEXAMPLES:\n\n{lines}\n{exitCodes}"

/// `USAGE: …`, `OPTIONS:` and the like.
let private heading (line: string) =
    match line.IndexOf ':' with
    | -1 -> false
    | colon -> line[.. colon - 1] <> "ERROR" && Seq.forall System.Char.IsUpper line[.. colon - 1]

/// Argu's message up to the usage that follows it, as one sentence, with a pointer to the help.
let private complaint (args: string[]) (message: string) =
    let lines =
        message.Split('\n')
        |> Array.map _.Trim()
        |> Array.takeWhile (fun line -> not (heading line))
        |> Array.filter ((<>) "")

    let sentence = (String.concat " " lines).Replace("ERROR: ", "").TrimEnd('.')

    let command =
        match Array.tryHead args with
        | Some "study" ->
            match Array.tryItem 1 args with
            | Some name when SurveyCommandLine.story (Some name) <> SurveyCommandLine.story None -> $" study {name}"
            | _ -> " study"
        | Some name when not (name.StartsWith '-') && fst (story name) <> fst (story "") -> $" {name}"
        | _ -> ""

    $"{sentence} (see `interp{command} --help`)."

let private reproduce (results: ParseResults<ReproduceArguments>) : ReproduceOptions =
    let given field text = text |> Option.map (fun text -> field, Fields.read field text) |> Option.toList

    let common =
        given Field.Steps (results.TryGetResult ReproduceArguments.Steps)
        @ given Field.Seed (results.TryGetResult ReproduceArguments.Seed)

    let configuration layers smeared =
        Fields.configuration ((Field.NLayers, Whole layers) :: (Field.Smeared, Truth smeared) :: common)

    let oneLayer = [ "plain", configuration 1 false; "smeared", configuration 1 true ]
    let twoLayers = [ "two_layer", configuration 2 false ]

    let layers = results.TryGetResult ReproduceArguments.NLayers |> Option.map (Fields.read Field.NLayers)

    let configurations, choice =
        match layers, results.Contains All with
        | Some _, true ->
            raise (Refused "--all trains models of one and of two layers, so --n-layers cannot be given with it.")
        | _, true -> oneLayer @ twoLayers, " --all"
        | None, _
        | Some(Whole 1), _ -> oneLayer, ""
        | Some(Whole 2), _ -> twoLayers, " --n-layers 2"
        | Some layers, _ -> raise (Refused $"--n-layers must be 1 or 2, the study's models, not {layers}.")

    {
        Configurations = configurations
        Choice = choice
        Out = results.TryGetResult ReproduceArguments.Out
        Threads = results.TryGetResult ReproduceArguments.Threads |> Option.map (positive "threads")
        Json = results.Contains ReproduceArguments.Json
    }

let private reference (sequences: int) (seed: uint64) : Reference = {
    Sequences = positive "sequences" sequences
    Seed = seed
}

let private interventions (texts: string list) =
    texts
    |> List.map (fun text ->
        match Intervention.parse text with
        | Ok intervention -> intervention
        | Error message -> raise (Refused $"--intervene: {message}"))

let private train (results: ParseResults<TrainArguments>) : TrainOptions =
    let ofHow argument =
        match argument with
        | TrainArguments.Out _
        | Resume _
        | TrainArguments.Threads _
        | CheckpointEvery _
        | TrainArguments.Json -> true
        | _ -> false

    let snapshots = results.TryGetResult Snapshots |> Option.map (positive "snapshots")

    let run =
        match results.TryGetResult TrainArguments.Out, results.TryGetResult Resume with
        | Some out, None ->
            let configuration =
                results.GetAllResults()
                |> List.choose _.Field
                |> List.map (fun (field, text) -> field, Fields.read field text)
                |> Fields.configuration

            match snapshots with
            | Some count when count > configuration.Steps ->
                raise (Refused $"--snapshots must be at most the number of steps, {configuration.Steps}, not {count}.")
            | _ -> NewRun(configuration, out)
        | None, Some directory when results.GetAllResults() |> List.forall ofHow -> ResumedRun directory
        | None, Some directory ->
            raise (
                Refused
                    $"--resume goes on with the run as {directory} has it, so only --threads, --checkpoint-every and --json can be given with it."
            )
        | Some _, Some _ -> raise (Refused "--out begins a run and --resume goes on with one: give one of them.")
        | None, None ->
            raise (Refused "'--out' is missing: the run directory to write, or `--resume` and one to go on with.")

    {
        Run = run
        Snapshots = snapshots
        CheckpointEvery = results.TryGetResult CheckpointEvery |> Option.map (positive "checkpoint-every")
        Threads = results.TryGetResult TrainArguments.Threads |> Option.map (positive "threads")
        Json = results.Contains TrainArguments.Json
    }

let private complete (results: ParseResults<CompleteArguments>) : CompleteOptions =
    let model = results.GetResult CompleteArguments.Model
    let prompts = results.GetResults Prompt |> List.concat

    if prompts.IsEmpty then
        raise (Refused "a prompt is needed: `--prompt` and one or more texts (see `interp complete --help`).")

    noOptions "complete" prompts

    {
        Model = model
        Prompts = prompts
        Length = results.TryGetResult Length |> Option.map (positive "length")
        Interventions = results.GetResults CompleteArguments.Intervene |> interventions
        Json = results.Contains CompleteArguments.Json
    }

let private attention (results: ParseResults<AttentionArguments>) : AttentionOptions =
    let count = results.TryGetResult AttentionArguments.Sequences
    let seed = results.TryGetResult AttentionArguments.Seed

    let input =
        match results.TryGetResult AttentionArguments.Text, count, seed with
        | Some text, None, None -> OneText text
        | Some _, _, _ -> raise (Refused "--text looks at one text, so --sequences and --seed cannot be given with it.")
        | None, _, _ ->
            RandomSequences(
                Option.defaultValue DefaultSequences count |> positive "sequences",
                Option.defaultValue DefaultSeed seed
            )

    {
        Model = results.GetResult AttentionArguments.Model
        Input = input
        Threads = results.TryGetResult AttentionArguments.Threads |> Option.map (positive "threads")
        Json = results.Contains AttentionArguments.Json
    }

let private circuits (results: ParseResults<CircuitsArguments>) : CircuitsOptions =
    let json = results.Contains CircuitsArguments.Json

    if results.Contains Matrices && not json then
        raise (Refused "--matrices is for programs to read, so it needs --json.")

    {
        Model = results.GetResult CircuitsArguments.Model
        Matrices = results.Contains Matrices
        Json = json
    }

let private evaluate (results: ParseResults<EvaluateArguments>) : EvaluateOptions = {
    Model = results.GetResult EvaluateArguments.Model
    Sequences = results.GetResult(EvaluateArguments.Sequences, DefaultSequences) |> positive "sequences"
    Seed = results.GetResult(EvaluateArguments.Seed, DefaultSeed)
    Interventions = results.GetResults EvaluateArguments.Intervene |> interventions
    Threads = results.TryGetResult EvaluateArguments.Threads |> Option.map (positive "threads")
    Json = results.Contains EvaluateArguments.Json
}

let private compare (results: ParseResults<CompareArguments>) : CompareOptions =
    let runs = results.GetResults Place |> List.concat

    noOptions "compare" runs

    if runs.Length < 2 then
        raise (Refused "two or more run directories are needed (see `interp compare --help`).")

    {
        Runs = runs
        Figure = results.GetResult(Figure, DefaultFigure)
        Sequences = results.GetResult(CompareArguments.Sequences, DefaultSequences) |> positive "sequences"
        Seed = results.GetResult(CompareArguments.Seed, DefaultSeed)
        Threads = results.TryGetResult CompareArguments.Threads |> Option.map (positive "threads")
        Json = results.Contains CompareArguments.Json
    }

let private ablate (results: ParseResults<AblateArguments>) : AblateOptions = {
    Model = results.GetResult AblateArguments.Model
    Mode =
        match results.GetResult(Mode, Zero) with
        | Zero -> ZeroMode
        | Mean -> MeanMode
        | Resample -> ResampleMode
    Pairs = results.Contains Pairs
    Reference =
        reference
            (results.GetResult(AblateArguments.Sequences, DefaultSequences))
            (results.GetResult(AblateArguments.Seed, DefaultSeed))
    Out = results.TryGetResult AblateArguments.Out
    Threads = results.TryGetResult AblateArguments.Threads |> Option.map (positive "threads")
    Json = results.Contains AblateArguments.Json
}

let private compose (results: ParseResults<ComposeArguments>) : ComposeOptions = {
    Model = results.GetResult ComposeArguments.Model
    Reference =
        reference
            (results.GetResult(ComposeArguments.Sequences, DefaultSequences))
            (results.GetResult(ComposeArguments.Seed, DefaultSeed))
    Out = results.TryGetResult ComposeArguments.Out
    Threads = results.TryGetResult ComposeArguments.Threads |> Option.map (positive "threads")
    Json = results.Contains ComposeArguments.Json
}

let private heads (results: ParseResults<HeadsArguments>) : HeadsOptions = {
    Model = results.GetResult HeadsArguments.Model
    Reference =
        reference
            (results.GetResult(HeadsArguments.Sequences, DefaultHeadSequences))
            (results.GetResult(HeadsArguments.Seed, DefaultSeed))
    Out = results.TryGetResult HeadsArguments.Out
    Threads = results.TryGetResult HeadsArguments.Threads |> Option.map (positive "threads")
    Json = results.Contains HeadsArguments.Json
}

let private attribute (results: ParseResults<AttributeArguments>) : AttributeOptions = {
    Model = results.GetResult AttributeArguments.Model
    Text = results.GetResult AttributeArguments.Text
    Position = results.TryGetResult Position
    Out = results.TryGetResult AttributeArguments.Out
    Json = results.Contains AttributeArguments.Json
}

let private patch (results: ParseResults<PatchArguments>) : PatchOptions = {
    Model = results.GetResult PatchArguments.Model
    Clean = results.GetResult Clean
    Corrupt = results.GetResult Corrupt
    Answer = results.TryGetResult Answer
    Wrong = results.TryGetResult Wrong
    Out = results.TryGetResult PatchArguments.Out
    Json = results.Contains PatchArguments.Json
}

let private lens (results: ParseResults<LensArguments>) : LensOptions = {
    Model = results.GetResult LensArguments.Model
    Text = results.GetResult LensArguments.Text
    Out = results.TryGetResult LensArguments.Out
    Json = results.Contains LensArguments.Json
}

let private develop (results: ParseResults<DevelopArguments>) : DevelopOptions = {
    Run = results.GetResult DevelopArguments.Run
    Reference =
        reference
            (results.GetResult(DevelopArguments.Sequences, DefaultDevelopSequences))
            (results.GetResult(DevelopArguments.Seed, DefaultSeed))
    Out = results.TryGetResult DevelopArguments.Out
    Threads = results.TryGetResult DevelopArguments.Threads |> Option.map (positive "threads")
    Json = results.Contains DevelopArguments.Json
}

let private command (arguments: ProgramArguments) =
    match arguments with
    | ProgramArguments.Reproduce results -> Parsed.Run(Command.Reproduce(reproduce results))
    | ProgramArguments.Train results -> Parsed.Run(Command.Train(train results))
    | ProgramArguments.Complete results -> Parsed.Run(Command.Complete(complete results))
    | ProgramArguments.Logits results ->
        Parsed.Run(
            Command.Logits {
                Model = results.GetResult LogitsArguments.Model
                Text = results.GetResult LogitsArguments.Text
                Interventions = results.GetResults LogitsArguments.Intervene |> interventions
                Json = results.Contains LogitsArguments.Json
            }
        )
    | ProgramArguments.Attention results -> Parsed.Run(Command.Attention(attention results))
    | ProgramArguments.Circuits results -> Parsed.Run(Command.Circuits(circuits results))
    | ProgramArguments.Evaluate results -> Parsed.Run(Command.Evaluate(evaluate results))
    | ProgramArguments.Ablate results -> Parsed.Run(Command.Ablate(ablate results))
    | ProgramArguments.Compose results -> Parsed.Run(Command.Compose(compose results))
    | ProgramArguments.Heads results -> Parsed.Run(Command.Heads(heads results))
    | ProgramArguments.Attribute results -> Parsed.Run(Command.Attribute(attribute results))
    | ProgramArguments.Patch results -> Parsed.Run(Command.Patch(patch results))
    | ProgramArguments.Lens results -> Parsed.Run(Command.Lens(lens results))
    | ProgramArguments.Develop results -> Parsed.Run(Command.Develop(develop results))
    | ProgramArguments.Runs results ->
        Parsed.Run(
            Command.Runs {
                Directory = results.GetResult(Directory, "runs")
                Json = results.Contains RunsArguments.Json
            }
        )
    | ProgramArguments.Compare results -> Parsed.Run(Command.Compare(compare results))
    | ProgramArguments.Study results -> Parsed.Run(Command.Survey(SurveyCommandLine.options results))
    | ProgramArguments.Version -> Parsed.Version

/// `--name=value` is `--name value`.
let private spaced (argument: string) =
    match argument.IndexOf '=' with
    | equals when equals > 2 && argument.StartsWith "--" -> [| argument[.. equals - 1]; argument[equals + 1 ..] |]
    | _ -> [| argument |]

/// <summary>Reads the program's arguments.</summary>
/// <param name="args">The arguments, without the program's name.</param>
/// <returns>The command, the help asked for, or one sentence on what is wrong.</returns>
let commandLine (args: string[]) : Parsed =
    let args = Array.collect spaced args |> Fields.renamed

    try
        match parser.Value.ParseCommandLine(args).GetAllResults() with
        | [] -> Bad "no command was given (see `interp --help`)."
        | arguments -> arguments |> List.last |> command
    with
    | Refused message -> Bad message
    | :? ArguParseException as error when error.ErrorCode = ErrorCode.HelpText -> Help(help args error.Message)
    | :? ArguParseException as error -> Bad(complaint args error.Message)
