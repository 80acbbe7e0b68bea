namespace Interp

/// What is written behind prompts that have no right answer.
[<StructuredFormatDisplay("{Display}")>]
type UnrelatedRates = {
    /// Share of generated letters that equal the letter before.
    Repeats: float
    /// Share of generated letters that occur in the prompt.
    FromPrompt: float
    /// Share of generated letters that are one of the three before.
    Recent: float
    /// Of the generated letters but the first two, the share that equal the one two before.
    Alternating: float
    /// Share of generated letters that are the first block's at their place, were that block repeated.
    FirstBlock: float
    /// Of the generated letters whose letter before had stood earlier, the share that followed it there, the last time.
    FollowsLast: float
} with

    member internal this.Display =
        Display.line
            $"letters repeated {Display.percent this.Repeats}, from the prompt {Display.percent this.FromPrompt}, among the last three {Display.percent this.Recent}"


/// The standard errors of rates on a random choice of prompts; 0 where there are fewer than two.
type RateErrors = {
    /// Of the share that is completed without a wrong letter.
    Exact: float
    /// Of the share of generated letters that are right.
    Letters: float
    /// Of the share of generated letters that equal the letter before.
    Repeats: float
    /// Of the share of generated letters that occur in the prompt.
    FromPrompt: float
}

/// How well prompts of one kind are completed; the rates are 0 where there is no such prompt.
[<StructuredFormatDisplay("{Display}")>]
type PromptRates = {
    /// Prompts of the kind.
    Count: int
    /// Share completed without a wrong letter.
    Exact: float
    /// Share of generated letters that are right.
    Letters: float
    /// Share of generated letters that equal the letter before.
    Repeats: float
    /// Share of generated letters that occur in the prompt.
    FromPrompt: float
    /// Share of generated letters that are one of the three before.
    Recent: float
    /// Of the generated letters but the first two, the share that equal the one two before.
    Alternating: float
    /// Generated places whose right letter equals the right one before it.
    DoublesDue: int
    /// Share of these places whose letter equals the one written before it.
    Doubled: float
    /// Their standard errors, between prompts.
    Errors: RateErrors
} with

    member internal this.Display =
        Display.line
            $"{Display.count (int64 this.Count)} prompts, {Display.percent this.Exact} completed exactly, {Display.percent this.Letters} of letters right"


/// How prompts of a repeated block are completed.
type PatternRates = {
    /// Prompts whose block has no letter twice.
    Distinct: PromptRates
    /// Prompts whose block has a letter twice or more.
    Repeated: PromptRates
}

/// How prompts are completed.
type PromptResults = {
    /// All prompts.
    All: PromptRates
    /// By their block; only where the task repeats one.
    ByPattern: PatternRates option
}

/// What a model does on held-out sequences.
[<StructuredFormatDisplay("{Display}")>]
type Evaluation = {
    /// The sequences; at most 2,000 of them are completed.
    Reference: Reference
    /// Mean cross-entropy of the counted predictions, in nats a letter.
    Loss: float
    /// The loss's standard error, between sequences; none for a single one.
    LossStandardError: float option
    /// The least loss possible, in nats a letter; none where it is not known.
    Floor: float option
    /// Share of counted predictions whose likeliest letter is the right one.
    Accuracy: float
    /// The standard error of this share, between sequences; none for a single one.
    AccuracyStandardError: float option
    /// Cross-entropy of each letter but the first, in nats.
    PerPositionLoss: float list
    /// Greedy completions; none where the task has no prompts with a right answer.
    Prompts: PromptResults option
} with

    member internal this.Display =
        let error (error: float option) show =
            error |> Option.map (fun error -> $" ± {show error}") |> Option.defaultValue ""

        let floor =
            this.Floor
            |> Option.map (fun floor -> $", the least possible is {Display.number floor}")
            |> Option.defaultValue ""

        [
            $"over {this.Reference}"
            $"  loss {Display.number this.Loss}{error this.LossStandardError Display.brief} nats a letter{floor}"
            $"  accuracy {Display.percent this.Accuracy}{error this.AccuracyStandardError Display.percent}"
            match this.Prompts with
            | None -> ()
            | Some { ByPattern = None; All = all } -> $"  {all.Display}"
            | Some { ByPattern = Some patterns } ->
                $"  no letter twice: {patterns.Distinct.Display}"
                $"  a letter twice: {patterns.Repeated.Display}"
        ]
        |> Display.lines 6


/// What models do, measured.
module Behaviour =

    /// Prompts that are completed at most: completing is many forward passes a sequence, and so many give rates to about one per cent.
    let mostPrompts = 2000

    let private isDistinct (block: int[]) = (Array.distinct block).Length = block.Length

    let private share hits total = if total = 0 then 0.0 else float hits / float total

    /// Of the generated letters behind prompts of some length how many there are for which `asked whole position`, and the share of them for
    /// which `holds whole position`.
    let private among prompt (asked: 'a -> int -> bool) (holds: 'a -> int -> bool) (lengths: ('a * int) list) =
        let count, hits =
            lengths
            |> List.fold
                (fun counts (completion, length) ->
                    seq { prompt .. length - 1 }
                    |> Seq.filter (asked completion)
                    |> Seq.fold
                        (fun (count, hits) i -> count + 1, (if holds completion i then hits + 1 else hits))
                        counts)
                (0, 0)

        count, share hits count

    let private always _ _ = true

    // "The past couple of tokens": the current letter and two before it.
    let private recent (whole: int[]) i = System.Array.IndexOf(whole, whole[i], max 0 (i - 3), min 3 i) >= 0

    let private alternating prompt wholes =
        wholes
        |> among prompt (fun _ i -> i >= prompt + 2) (fun (whole: int[]) i -> whole[i] = whole[i - 2])
        |> snd

    /// The last earlier place of the letter before.
    let private lastPlace (whole: int[]) i = if i < 2 then -1 else System.Array.LastIndexOf(whole, whole[i - 1], i - 2)

    let private rates (prompt: int) (completions: (int[] * int[]) list) : PromptRates =
        /// The share of `each` things of every prompt that are hits, and its standard error between prompts.
        let rate each (hits: int list) =
            let count = hits.Length

            if count = 0 || each = 0 then
                0.0, 0.0
            else
                let mean = float (List.sum hits) / float (count * each)
                let squares = hits |> List.sumBy (fun hits -> (float hits / float each - mean) ** 2.0)
                mean, (if count < 2 then 0.0 else sqrt (squares / float (count - 1) / float count))

        /// Of the letters generated for each prompt.
        let letters (holds: int[] -> int[] -> int -> bool) =
            let each = completions |> List.tryHead |> Option.map (fun (_, whole) -> whole.Length - prompt)

            completions
            |> List.map (fun (truth, whole) ->
                seq { prompt .. whole.Length - 1 } |> Seq.filter (holds truth whole) |> Seq.length)
            |> rate (Option.defaultValue 0 each)

        let exact, exactError =
            completions |> List.map (fun (truth, whole) -> if truth = whole then 1 else 0) |> rate 1

        let right, rightError = letters (fun truth whole i -> whole[i] = truth[i])
        let repeats, repeatsError = letters (fun _ whole i -> whole[i] = whole[i - 1])

        let fromPrompt, fromPromptError =
            letters (fun _ whole i -> System.Array.IndexOf(whole, whole[i], 0, prompt) >= 0)

        let due, doubled =
            completions
            |> List.map (fun (truth, whole) -> (truth, whole), whole.Length)
            |> among prompt (fun (truth, _) i -> truth[i] = truth[i - 1]) (fun (_, whole) i -> whole[i] = whole[i - 1])

        {
            Count = completions.Length
            Exact = exact
            Letters = right
            Repeats = repeats
            FromPrompt = fromPrompt
            Recent = letters (fun _ -> recent) |> fst
            Alternating = completions |> List.map (fun (_, whole) -> whole, whole.Length) |> alternating prompt
            DoublesDue = due
            Doubled = doubled
            Errors = { Exact = exactError; Letters = rightError; Repeats = repeatsError; FromPrompt = fromPromptError }
        }

    /// Behind prompts of two blocks of some length, whose right continuation nobody knows.
    let private unrelatedRates blockLength (completions: int[] list) : UnrelatedRates =
        let prompt = 2 * blockLength
        let rates = completions |> List.map (fun whole -> whole, whole) |> rates prompt
        let wholes = completions |> List.map (fun whole -> whole, whole.Length)

        {
            Repeats = rates.Repeats
            FromPrompt = rates.FromPrompt
            Recent = rates.Recent
            Alternating = rates.Alternating
            FirstBlock = wholes |> among prompt always (fun whole i -> whole[i] = whole[i % blockLength]) |> snd
            FollowsLast =
                wholes
                |> among prompt (fun whole i -> lastPlace whole i >= 0) (fun whole i ->
                    whole[i] = whole[lastPlace whole i + 1])
                |> snd
        }

    /// Greedy completions of the beginnings of (at most 2,000 of) some sequences.
    let private completed threads (task: Task) logits (prompts: Prompts) reference : PromptResults =
        let asked = Sequences.heldOut task { reference with Sequences = min mostPrompts reference.Sequences }

        let completions =
            asked
            |> List.map (Tokens.slice 0 prompts.Length)
            |> Decoding.greedyNear threads logits task.Length asked
            |> List.map2 (fun truth whole -> Tokens.toArray truth, Tokens.toArray whole) asked

        {
            All = rates prompts.Length completions
            ByPattern =
                Tasks.repetition task
                |> Option.map (fun r ->
                    let distinct, repeated =
                        completions |> List.partition (fun (truth, _) -> isDistinct (Array.take r.BlockLength truth))

                    { Distinct = rates prompts.Length distinct; Repeated = rates prompts.Length repeated })
        }

    // A mean of so many sequences is near enough to that of all for squares of what is left not to be lost beside it.
    let private pilot = 256

    /// What `f` makes of the logits of a text and a sequence has a mean and a mean square of its distance from `about`: the mean's standard error.
    let private standardError count about mean (square: float) =
        if count < 2 then
            None
        else
            Some(sqrt (max 0.0 (square - (mean - about) * (mean - about)) / float (count - 1)))

    /// Loss and greedy completions of what predicts logits [pos, vocab], and has means over held-out sequences of what is made of its logits of a text,
    /// and of a sequence.
    let internal evaluateBy
        (threads: int)
        (task: Task)
        (logits: Tokens -> Tensor)
        (over: ((Tokens -> Tensor) -> Tokens -> Tensor list) -> Reference -> Tensor list)
        (reference: Reference)
        : Evaluation =
        if reference.Sequences < 1 then
            Refused.because $"The number of sequences is {reference.Sequences}, expected at least 1."

        let count = reference.Sequences

        let about =
            over (fun logits tokens -> [ Loss.perPositionOf logits tokens |> Loss.counted task ]) {
                reference with
                    Sequences = min pilot count
            }
            |> List.head
            |> Tensor.toScalar

        let both (logits: Tokens -> Tensor) tokens =
            let both = Loss.withHits logits tokens
            let loss = Loss.counted task (Tensor.select 0 0 both) - about
            // Of mistakes, as there may be none.
            let wrong = 1.0 - Loss.counted task (Tensor.select 0 1 both)
            [ both; loss * loss; wrong * wrong ]

        match over both reference with
        | [ both; lossSquare; wrongSquare ] ->
            let floats row = (Tensor.select 0 row both).ToArray() |> Array.map float |> Array.toList
            let losses = floats 0
            // A mean of noughts and ones, in single precision, is a count.
            let hits = floats 1 |> List.map (fun share -> round (share * float count) / float count)
            let loss, accuracy = Task.mean task losses, Task.mean task hits

            {
                Reference = reference
                Loss = loss
                LossStandardError = standardError count about loss (Tensor.toScalar lossSquare)
                Floor = Task.floor task
                Accuracy = accuracy
                AccuracyStandardError = standardError count 0.0 (1.0 - accuracy) (Tensor.toScalar wrongSquare)
                PerPositionLoss = losses
                Prompts = task.Prompts |> Option.map (fun prompts -> completed threads task logits prompts reference)
            }
        | _ -> Broken.because "As many means were taken as were asked for."

    /// Loss over the reference's held-out sequences, and greedy completions of the task's prompts from (at most 2,000 of) them,
    /// under interventions. Raises `RefusedException` for fewer than one sequence.
    let evaluateWith
        (threads: int)
        (task: Task)
        (model: Model<Tensor>)
        (interventions: Intervention list)
        (reference: Reference)
        : Evaluation =
        evaluateBy
            threads
            task
            (Intervened.logits threads task model interventions)
            (Intervened.meansOver threads task model interventions)
            reference

    /// Loss and completions of the model as it is. Raises `RefusedException` for fewer than one sequence.
    let evaluate threads task model reference = evaluateWith threads task model [] reference

    /// What is generated after two whole blocks that have nothing to do with each other, neither with a letter twice. No training sequence
    /// begins like that. None where sequences have no third block, or there are no two such blocks among the held-out ones.
    let unrelated (threads: int) (task: Task) (model: Model<Tensor>) (reference: Reference) : UnrelatedRates option =
        match Tasks.repetition task with
        | Some r when r.Blocks > 2 ->
            let prompts =
                Sequences.heldOut task { reference with Sequences = min mostPrompts reference.Sequences }
                |> List.map (Tokens.slice 0 r.BlockLength)
                |> List.filter (Tokens.toArray >> isDistinct)
                |> List.chunkBySize 2
                |> List.choose (function
                    | [ first; second ] -> Some(Tokens.append first second)
                    | _ -> None)

            if prompts.IsEmpty then
                None
            else
                Decoding.greedy threads model task.Length prompts
                |> List.map Tokens.toArray
                |> unrelatedRates r.BlockLength
                |> Some
        | _ -> None
