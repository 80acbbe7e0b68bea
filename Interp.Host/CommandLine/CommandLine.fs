/// From the program's arguments to the command they ask for. Pure: nothing is printed, read or written here.
module Interp.Host.CommandLine

open Argu
open Interp
open Interp.Host.Arguments

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
        "Train the study's two one-layer models from scratch (keys plain and smeared), take them apart, and write a run\n\
         directory: report.html, figures/*.png, results.json, config.json, learning curves, and the models themselves.",
        [
            "interp reproduce"
            "interp reproduce --seed 2 --out runs/second"
            "interp reproduce --steps 500      (a quick look: far from trained)"
        ]
    | "train" ->
        "Train one model in a run directory: config.json, metrics.jsonl, checkpoints/, status, and in the end model.safetensors\n\
         and learning-curve.csv. The same configuration and seed give the same weights, to the bit, whatever the number of\n\
         threads, and whether the run was interrupted or not: Ctrl-C leaves a checkpoint, --resume goes on from it.",
        [
            "interp train --smeared --out runs/smeared"
            "interp train --layers 2 --steps 20000 --out runs/two-layer"
            "interp train --block-length 4 --blocks 5 --vocab 12 --out runs/short"
            "interp train --resume runs/two-layer"
        ]
    | "complete" ->
        "Continue each prompt, letter by letter, always with the likeliest one.",
        [
            "interp complete runs/smeared --prompt ABCDEFABCDEF"
            "interp complete runs/smeared --prompt ABCDEF XYZRSTXYZRST QWERTYXYZRST --json"
        ]
    | "logits" ->
        "Show what the model predicts after each letter of a text; --json has all the logits, unrounded.",
        [
            "interp logits runs/smeared --text ABCDEFABC"
            "interp logits runs/smeared --text ABCDEFABC --json"
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
         Re(sum of eigenvalues) / sum of magnitudes: 1 is copying, -1 its opposite.",
        [
            "interp circuits runs/smeared"
            "interp circuits runs/smeared --json"
            "interp circuits runs/smeared --matrices --json"
        ]
    | "evaluate" ->
        "Measure the loss on held-out sequences, then complete prompts of two equal blocks: apart for blocks of different\n\
         letters and for blocks that repeat a letter.",
        [ "interp evaluate runs/smeared"; "interp evaluate runs/smeared --sequences 20000 --json" ]
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

let private help args usage =
    let command = Array.tryHead args |> Option.defaultValue ""
    let summary, examples = story command
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
        | Some name when not (name.StartsWith '-') && fst (story name) <> fst (story "") -> $" {name}"
        | _ -> ""

    $"{sentence} (see `interp{command} --help`)."

exception private Refused of string

let private positive name value =
    if value < 1 then
        raise (Refused $"--{name} must be at least 1, not {value}.")

    value

let private valid (configuration: Configuration) =
    match Configuration.validate configuration with
    | Ok configuration -> configuration
    | Error message -> raise (Refused message)

let private reproduce (results: ParseResults<ReproduceArguments>) : ReproduceOptions =
    let study = Configuration.study

    let configuration smeared =
        valid {
            study with
                Architecture = { study.Architecture with Smeared = smeared }
                Steps = results.GetResult(ReproduceArguments.Steps, study.Steps) |> positive "steps"
                Seed = results.GetResult(ReproduceArguments.Seed, study.Seed)
        }

    {
        Configurations = [ "plain", configuration false; "smeared", configuration true ]
        Out = results.TryGetResult ReproduceArguments.Out
        Threads = results.TryGetResult ReproduceArguments.Threads |> Option.map (positive "threads")
        Json = results.Contains ReproduceArguments.Json
    }

/// The configuration that the arguments of `train` describe.
let private configuration (results: ParseResults<TrainArguments>) : Configuration =
    let study = Configuration.study
    let shape = study.Architecture
    let width = results.GetResult(ModelWidth, shape.ModelWidth) |> positive "d-model"
    let heads = results.GetResult(Heads, shape.Heads) |> positive "heads"

    if width % heads <> 0 then
        raise (Refused $"--heads must divide --d-model: {heads} heads do not divide a width of {width}.")

    let blockLength = results.GetResult(BlockLength, study.BlockLength) |> positive "block-length"
    let blocks = results.GetResult(Blocks, study.Blocks) |> positive "blocks"

    valid {
        study with
            Architecture = {
                Layers = results.GetResult(Layers, shape.Layers) |> positive "layers"
                Heads = heads
                ModelWidth = width
                HeadWidth = width / heads
                Vocabulary = results.GetResult(Vocab, shape.Vocabulary) |> positive "vocab"
                Context = int (min (int64 blockLength * int64 blocks) (int64 System.Int32.MaxValue))
                Smeared = results.Contains Smeared
            }
            BlockLength = blockLength
            Blocks = blocks
            Batch = results.GetResult(Batch, study.Batch) |> positive "batch"
            Steps = results.GetResult(TrainArguments.Steps, study.Steps) |> positive "steps"
            LearningRate = results.GetResult(LearningRate, study.LearningRate)
            WeightDecay = results.GetResult(WeightDecay, study.WeightDecay)
            Seed = results.GetResult(TrainArguments.Seed, study.Seed)
    }

let private train (results: ParseResults<TrainArguments>) : TrainOptions =
    let ofHow argument =
        match argument with
        | TrainArguments.Out _
        | Resume _
        | TrainArguments.Threads _
        | CheckpointEvery _
        | TrainArguments.Json -> true
        | _ -> false

    let run =
        match results.TryGetResult TrainArguments.Out, results.TryGetResult Resume with
        | Some out, None -> NewRun(configuration results, out)
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
        CheckpointEvery = results.TryGetResult CheckpointEvery |> Option.map (positive "checkpoint-every")
        Threads = results.TryGetResult TrainArguments.Threads |> Option.map (positive "threads")
        Json = results.Contains TrainArguments.Json
    }

let private complete (results: ParseResults<CompleteArguments>) : CompleteOptions =
    let model = results.GetResult CompleteArguments.Model
    let prompts = results.GetResults Prompt |> List.concat

    if prompts.IsEmpty then
        raise (Refused "a prompt is needed: `--prompt` and one or more texts (see `interp complete --help`).")

    // A list of values takes in whatever follows it, misspelt options too.
    match prompts |> List.tryFind _.StartsWith('-') with
    | Some option -> raise (Refused $"unrecognized argument: '{option}' (see `interp complete --help`).")
    | None -> ()

    {
        Model = model
        Prompts = prompts
        Length = results.TryGetResult Length |> Option.map (positive "length")
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
    Threads = results.TryGetResult EvaluateArguments.Threads |> Option.map (positive "threads")
    Json = results.Contains EvaluateArguments.Json
}

let private compare (results: ParseResults<CompareArguments>) : CompareOptions =
    let runs = results.GetResults Place |> List.concat

    // A list of values takes in whatever follows it, misspelt options too.
    match runs |> List.tryFind _.StartsWith('-') with
    | Some option -> raise (Refused $"unrecognized argument: '{option}' (see `interp compare --help`).")
    | None -> ()

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

let private command (arguments: ProgramArguments) =
    match arguments with
    | ProgramArguments.Reproduce results -> Run(Command.Reproduce(reproduce results))
    | ProgramArguments.Train results -> Run(Command.Train(train results))
    | ProgramArguments.Complete results -> Run(Command.Complete(complete results))
    | ProgramArguments.Logits results ->
        Run(
            Command.Logits {
                Model = results.GetResult LogitsArguments.Model
                Text = results.GetResult LogitsArguments.Text
                Json = results.Contains LogitsArguments.Json
            }
        )
    | ProgramArguments.Attention results -> Run(Command.Attention(attention results))
    | ProgramArguments.Circuits results -> Run(Command.Circuits(circuits results))
    | ProgramArguments.Evaluate results -> Run(Command.Evaluate(evaluate results))
    | ProgramArguments.Runs results ->
        Run(
            Command.Runs {
                Directory = results.GetResult(Directory, "runs")
                Json = results.Contains RunsArguments.Json
            }
        )
    | ProgramArguments.Compare results -> Run(Command.Compare(compare results))
    | ProgramArguments.Version -> Parsed.Version

/// `--name=value` is `--name value`.
let private spaced (argument: string) =
    match argument.IndexOf '=' with
    | equals when equals > 2 && argument.StartsWith "--" -> [| argument[.. equals - 1]; argument[equals + 1 ..] |]
    | _ -> [| argument |]

/// <summary>Reads the program's arguments.</summary>
/// <param name="args">The arguments, without the program's name.</param>
/// <returns>The command, the help asked for, or one sentence on what is wrong.</returns>
let parse (args: string[]) : Parsed =
    let args = Array.collect spaced args

    try
        match parser.Value.ParseCommandLine(args).GetAllResults() with
        | [] -> Bad "no command was given (see `interp --help`)."
        | arguments -> arguments |> List.last |> command
    with
    | Refused message -> Bad message
    | :? ArguParseException as error when error.ErrorCode = ErrorCode.HelpText -> Help(help args error.Message)
    | :? ArguParseException as error -> Bad(complaint args error.Message)
