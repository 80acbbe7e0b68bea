/// What the help says of each command in words and examples: the one list of commands, with what belongs to each.
module internal Interp.CommandLine.Stories

open Argu
open Interp.CommandLine.Table
open Interp.CommandLine.SurveyArguments
open Interp.CommandLine.Arguments

/// What a command is for.
[<RequireQualifiedAccess>]
type Group =
    | Reproduce
    | Look
    | Ask
    | Explain
    | Many
    | Other

    /// Above its commands in the help.
    member this.Heading =
        match this with
        | Reproduce -> "REPRODUCE AND TRAIN:"
        | Look -> "LOOK AT A MODEL:"
        | Ask -> "ASK WHAT IT DOES:"
        | Explain -> "EXPLAIN IT:"
        | Many -> "MANY TRAININGS:"
        | Other -> "OTHER:"

/// All groups, in the order of the help.
let groups = [ Group.Reproduce; Group.Look; Group.Ask; Group.Explain; Group.Many; Group.Other ]

/// A command, or a subcommand of one.
[<NoEquality; NoComparison>]
type Story = {
    /// "train", "study plan"
    Name: string
    Group: Group
    /// A line for lists.
    Summary: string
    /// What it does.
    Words: string
    /// To paste, each with a remark, which may be empty.
    Examples: (string * string) list
    /// Its arguments.
    Rows: unit -> Row list
}

/// The words of a name.
let wordsOf (story: Story) = story.Name.Split ' ' |> List.ofArray

let private story name group summary words examples rows = {
    Name = name
    Group = group
    Summary = summary
    Words = words
    Examples = examples
    Rows = rows
}

/// The shells that `completion` knows.
let shells = [ "bash"; "zsh"; "fish"; "pwsh" ]

/// Every command, with its subcommands behind it, in the order of the help.
let all: Story list = [
    story
        "reproduce"
        Group.Reproduce
        "the whole study: train its models, analyse them, write a report (start here)."
        "Train the study's models from scratch (one layer with plain and smeared keys; two layers), take them \
         apart, and write a run directory: report.html, figures/*.png, results.json, config.json, learning \
         curves, and the models themselves."
        [
            "interp reproduce", ""
            "interp reproduce --n-layers 2", "the model with two layers"
            "interp reproduce --all", "all three"
            "interp reproduce --seed 2 --out runs/second", ""
            "interp reproduce --steps 500", "a quick look: far from trained"
        ]
        rows<ReproduceArguments>

    story
        "train"
        Group.Reproduce
        "train one model of your own configuration, or go on with a run."
        "Train one model in a run directory: config.json, metrics.jsonl, checkpoints/, status, and in the end \
         model.safetensors and learning-curve.csv. The same configuration and seed give the same weights, to \
         the bit, whatever the number of threads, and whether the run was interrupted or not: Ctrl-C leaves a \
         checkpoint, --resume goes on from it."
        [
            "interp train --smeared --out runs/smeared", ""
            "interp train --positions rotary --smear queries --out runs/rotary", ""
            "interp train --n-layers 2 --snapshots 30 --out runs/two-layer", ""
            "interp train --block-length 4 --blocks 5 --d-vocab 12 --out runs/short", ""
            "interp train --resume runs/two-layer", ""
            "interp train --extend 5000 runs/two-layer", "further steps for a run that is finished"
            "interp train --print-config --n-layers 2 > model.json", "every field with a comment, to be edited"
            "interp train --config model.json --seed 2 --out runs/mine", "options win over the file"
        ]
        rows<TrainArguments>

    story
        "tasks"
        Group.Reproduce
        "what tasks there are to train on and to measure on, and sequences of them."
        "List the kinds of tasks: an example of each, what its sequences are, and its floor, the least mean \
         loss over the predictions that count that any model can have; or show sequences of one."
        [
            "interp tasks", ""
            "interp tasks --show \"recall 5\"", ""
            "interp tasks --show \"markov length 32 of 3\" --sequences 10 --seed 7 --json", ""
        ]
        rows<TasksArguments>

    story
        "runs"
        Group.Reproduce
        "what run directories there are, and how they stand."
        "List run directories: what is trained in each, since when, how far, to what loss, and how it stands."
        [ "interp runs", ""; "interp runs /data/runs --json", "" ]
        rows<RunsArguments>

    story
        "complete"
        Group.Look
        "continue prompts with the likeliest letters, or with letters that are drawn."
        "Continue each prompt, letter by letter: always with the likeliest one, or with one drawn by the \
         model's probabilities where --temperature, --top-k or --seed is given. The same seed gives the same \
         letters."
        [
            "interp complete runs/smeared --prompt ABCDEFABCDEF", ""
            "interp complete runs/smeared --prompt ABCDEF XYZRSTXYZRST QWERTYXYZRST --json", ""
            "interp complete runs/smeared --prompt ABCDEFABCDEF --intervene \"zero 0.1\"", ""
            "interp complete runs/smeared --prompt ABCDEFABCDEF --temperature 0.8 --top-k 5 --seed 7", ""
            "interp complete runs/smeared --prompts prompts.txt --json", ""
        ]
        rows<CompleteArguments>

    story
        "logits"
        Group.Look
        "what a model predicts after each letter of a text."
        "Show what the model predicts after each letter of a text; --json has all the logits, unrounded."
        [
            "interp logits runs/smeared --text ABCDEFABC", ""
            "interp logits runs/smeared --text ABCDEFABC --json", ""
            "interp logits runs/two-layer --text ABCDEFABC --intervene \"cut 0.2 -> 1.3.k\"", ""
        ]
        rows<LogitsArguments>

    story
        "attention"
        Group.Look
        "where every head looks."
        "Show where each head looks: by offset on the console, whole patterns [layer][head][pos][key_pos] \
         with --json."
        [
            "interp attention runs/smeared", ""
            "interp attention runs/smeared --text ABCDEFABCDEF --json", ""
            "interp attention runs/smeared --sequences 500 --seed 7", ""
        ]
        rows<AttentionArguments>

    story
        "circuits"
        Group.Look
        "eigenvalues of the direct path and of every head's OV circuit, beside random weights'."
        "Show the eigenvalues of the direct path W_E W_U and of each head's OV circuit W_E W_V W_O W_U, and \
         their score Re(sum of eigenvalues) / sum of magnitudes: 1 is copying, -1 its opposite. Beside each \
         score stands its distribution over random weights of the same shapes: mean, standard deviation, \
         2.5th and 97.5th percentiles. Then what positions alone add to each head's attention scores: the \
         mean over all letters, by how far back the key is."
        [
            "interp circuits runs/smeared", ""
            "interp circuits runs/smeared --json", ""
            "interp circuits runs/smeared --matrices --json", ""
        ]
        rows<CircuitsArguments>

    story
        "explore"
        Group.Look
        "models as one page to play with in a browser, offline."
        "Write one page with the models in it, to be opened in any browser, sent to anyone and played with \
         without a network: type any text, look where heads look, switch heads off, open circuits, take \
         predictions apart, put explanations in the model's place, and move through the training of a run \
         with snapshots."
        [
            "interp explore runs/smeared --open", ""
            "interp explore runs/plain runs/smeared runs/two-layer --out models.html", ""
            "interp explore runs/plain --with \"direct two-numbers; attention 0.* own-letters\" --out \
             plain.html",
            ""
        ]
        rows<ExploreArguments>

    story
        "evaluate"
        Group.Ask
        "held-out loss, and how well prompts are completed."
        "Measure the loss on held-out sequences, then complete prompts of two equal blocks: apart for blocks \
         of different letters and for blocks that repeat a letter. With --exact every input that the task has \
         is looked at in their place; Ctrl-C says what is known so far, and with --resume FILE the same \
         command goes on from there."
        [
            "interp evaluate runs/smeared", ""
            "interp evaluate runs/smeared --sequences 20000 --json", ""
            "interp evaluate runs/two-layer --intervene \"zero 0.2\" --intervene \"freeze 1.0\"", ""
            "interp evaluate runs/smeared --exact --failures failures.csv --of ABCDEF --resume exact.state", ""
        ]
        rows<EvaluateArguments>

    story
        "ablate"
        Group.Ask
        "the loss without each head."
        "Measure the loss without each head: its output replaced by nothing, by its mean over held-out \
         sequences, or by what it writes for another sequence. With zeros the first-order estimate, gradient \
         times activation, stands beside."
        [
            "interp ablate runs/two-layer", ""
            "interp ablate runs/two-layer --mode mean --pairs --out pictures", ""
            "interp ablate runs/two-layer --mode resample --sequences 5000 --seed 7 --json", ""
        ]
        rows<AblateArguments>

    story
        "heads"
        Group.Ask
        "previous-token, induction, copying and other scores of every head."
        "Score every head on repeated blocks of different letters: attention to the letter before, to the \
         same letter, to what followed it (induction, prefix matching), five back, and its entropy; and how \
         much it copies. Blocks of several lengths, since at length 6 alone 'five back' and 'induction' are \
         the same stripe."
        [ "interp heads runs/two-layer", ""; "interp heads runs/two-layer --out pictures --json", "" ]
        rows<HeadsArguments>

    story
        "compose"
        Group.Ask
        "which heads feed which, and what the model loses without."
        "Show how strongly each head feeds the queries (Q), keys (K) and values (V) of each later head: |AB| \
         / (|A| |B|) and the eigenvalue score of the composed circuit, beside random weights'; and the loss \
         with later layers' queries and keys cut off from earlier heads."
        [ "interp compose runs/two-layer", ""; "interp compose runs/two-layer --out pictures --json", "" ]
        rows<ComposeArguments>

    story
        "attribute"
        Group.Ask
        "a prediction as a sum over paths."
        "Take the logits at one position apart, exactly: into what the embedding and each head write \
         directly, and into paths through heads of several layers, attention held fixed."
        [
            "interp attribute runs/two-layer --text ABCDEFABCDEF", ""
            "interp attribute runs/two-layer --text ABCDEFABCDEF --position 7 --json", ""
        ]
        rows<AttributeArguments>

    story
        "patch"
        Group.Ask
        "which activations of one text restore its answer in another's run."
        "Put single activations of a clean text's run into a corrupt text's run and show how much of the \
         clean answer comes back: 0 is the corrupt run, 1 the clean one."
        [
            "interp patch runs/two-layer --clean ABCDEFABC --corrupt ABXDEFABC --out pictures", ""
            "interp patch runs/two-layer --clean ABCDEFABC --corrupt ABXDEFABC --answer D --wrong E --json", ""
        ]
        rows<PatchArguments>

    story
        "lens"
        Group.Ask
        "what the model would predict after each layer."
        "Read predictions off the residual stream before every layer and behind the last (the logit lens)."
        [
            "interp lens runs/two-layer --text ABCDEFABCDEF", ""
            "interp lens runs/two-layer --text ABCDEFABC --json", ""
        ]
        rows<LensArguments>

    story
        "develop"
        Group.Ask
        "scores over training, from a run's snapshots."
        "Draw a run's loss and scores over training, from the weights kept by `interp train --snapshots N`."
        [
            "interp develop runs/two-layer",
            "made by: interp train --n-layers 2 --snapshots 30 --out \
             runs/two-layer"
            "interp develop runs/two-layer --sequences 5000 --json", ""
        ]
        rows<DevelopArguments>

    story
        "explain"
        Group.Explain
        "what explanations of a model predict, and how far that is from what the model does."
        "Judge explanations of a model: what each keeps of it, what it predicts, and how far that is from \
         what the model does, with nulls beside it. Without --with: what the study's author says of such \
         models, single forms of each part, and the ladder from the exact model down. An explanation is a \
         list of clauses joined by semicolons, each a part of the model and what is kept of it; `interp help \
         explanations` has every part and every form, with examples."
        [
            "interp explain runs/plain --out pictures", ""
            "interp explain runs/plain --with \"direct two-numbers; ov 0.* diagonal; attention 0.* \
             own-letters\"",
            ""
            "interp explain runs/smeared --with \"attention 0.* positions\" --with \"qk 0.* two-numbers\" \
             --json",
            ""
            "interp explain runs/two-layer --with \"qk 1.*(0.*, 0.*) nothing\"", ""
        ]
        rows<ExplainArguments>

    story
        "study"
        Group.Many
        "many trainings, several at once: in how many of them does each claim hold?"
        "Train every variant at every setting with every seed, several at once, and say in how many trainings \
         each claim about these models holds: results.csv, results.parquet, curves.csv, summary.json, and \
         report.html. Interrupted, the same command goes on; where --out holds a study already, nothing else \
         needs to be given."
        [
            "interp study --seeds 20 --out studies/twenty", ""
            "interp study --out studies/twenty", "goes on"
            "interp study --variants smeared --sweep d_head=4,8,16 --sweep learning_rate=1e-3,3e-3 --seeds 10 \
             --out studies/widths",
            ""
            "interp study --claims mine.txt --seeds 20 --out studies/mine",
            "claims of your own: `interp help \
             claims`"
            "interp study --until-decided --most 200 --out studies/decided", ""
            "interp study --keep-weights --out studies/kept",
            "and `interp circuits \
             studies/kept/items/000017.safetensors`"
            "interp study --seeds 3 --steps 500 --out studies/quick", "a quick look: far from trained"
        ]
        rows<WholeSurveyArguments>

    story
        "study plan"
        Group.Many
        "write down the study's items, and train nothing."
        "Write down the items of a study, every variant at every setting with every seed, and train nothing: \
         `interp study run` does them, here or on other machines that share the directory."
        [
            "interp study plan --seeds 100 --out studies/hundred", ""
            "interp study plan --variants plain --sweep d_head=4,8,16 --sweep batch=64,256 --out studies/widths \
             --json",
            ""
        ]
        rows<SurveyPlanArguments>

    story
        "study run"
        Group.Many
        "train the items that are not done yet, or a share of them."
        "Train and measure every item of a study that is not done yet, or a share of them. Any number of \
         processes may do this at once on a shared directory: items are claimed, and a finished one is never \
         done twice. Items that another process has claimed are waited for. Items that failed before are \
         tried again."
        [
            "interp study run studies/hundred", ""
            "interp study run studies/hundred --items 0-49 --workers 8", ""
            "interp study run studies/hundred --array --tasks 20", "a task of a Slurm array job numbered 0-19"
        ]
        rows<SurveyRunArguments>

    story
        "study merge"
        Group.Many
        "put the results together: results.csv, results.parquet, curves.csv, summary.json."
        "Put the results of a study together: results.csv and results.parquet (a row an item), curves.csv \
         (held-out losses over training), summary.json. The same bytes, whichever processes on whichever \
         machines did the items, and in whatever order."
        [
            "interp study merge studies/hundred", ""
            "interp study merge studies/hundred --partial --json", ""
        ]
        rows<SurveyMergeArguments>

    story
        "study report"
        Group.Many
        "write report.html from the results."
        "Write the report on a study: report.html, which needs no other file, and figures/."
        [ "interp study report studies/hundred", "" ]
        rows<SurveyReportArguments>

    story
        "study slurm"
        Group.Many
        "print a script for Slurm's sbatch that does the study on a cluster."
        "Print a script for Slurm's sbatch: an array job whose tasks share the items of a study in a \
         directory that all nodes see."
        [
            "interp study slurm studies/hundred --tasks 20 --time 30 > study.sbatch", ""
            "sbatch study.sbatch", ""
            "sbatch --array=3 study.sbatch", "one task once more; what is finished is not done again"
        ]
        rows<SurveySlurmArguments>

    story
        "compare"
        Group.Many
        "runs side by side: loss curves in one picture, scores in one table."
        "Set runs side by side: their loss curves in one picture, and in one table how they differ, their \
         losses and scores. A run that is not finished is judged by its newest checkpoint."
        [
            "interp compare runs/plain runs/smeared", ""
            "interp compare runs/seed1 runs/seed2 runs/seed3 --picture seeds.svg --json", ""
        ]
        rows<CompareArguments>

    story
        "completion"
        Group.Other
        "print a script that completes command lines in bash, zsh, fish or PowerShell (pwsh)."
        "Print a script for a shell: with it the Tab key completes commands, options, words that options take, runs and files. \
         It is made from the tables of this help, and starts no process when the key is pressed."
        [
            "eval \"$(interp completion bash)\"", "for ~/.bashrc; with zsh in its place for ~/.zshrc, after compinit"
            "interp completion fish > ~/.config/fish/completions/interp.fish", ""
            "interp completion pwsh | Out-String | Invoke-Expression", "for PowerShell's $PROFILE"
        ]
        rows<CompletionArguments>
    story
        "help"
        Group.Other
        "this list, or the help of a command, or of a topic: claims, interventions, explanations, tasks."
        ""
        []
        (fun () -> [])
    story "version" Group.Other "print the version." "" [] (fun () -> [])
]

/// The command of a name.
let tryFind (name: string) : Story option = all |> List.tryFind (fun story -> story.Name = name)

/// Commands by one word, without their subcommands.
let commands: Story list = all |> List.filter (fun story -> not (story.Name.Contains ' '))

/// The subcommands of a command.
let subcommandsOf (command: Story) : Story list =
    all
    |> List.filter (fun story -> story.Name.StartsWith(command.Name + " ", System.StringComparison.Ordinal))
