namespace Interp

/// What is written behind prompts that have no right answer.
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
}

/// How well prompts of one kind are completed; the rates are 0 where there is no such prompt.
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
}

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
type Evaluation = {
    /// The sequences; at most 2,000 of them are completed.
    Reference: Reference
    /// Mean cross-entropy of the counted predictions, in nats a letter.
    Loss: float
    /// The least loss possible, in nats a letter; none where it is not known.
    Floor: float option
    /// Share of counted predictions whose likeliest letter is the right one.
    Accuracy: float
    /// Cross-entropy of each letter but the first, in nats.
    PerPositionLoss: float list
    /// Greedy completions; none where the task has no prompts with a right answer.
    Prompts: PromptResults option
}

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

    let private rates (prompt: int) (completions: (int[] * int[]) list) =
        let right = completions |> List.filter (fun (truth, whole) -> truth = whole)
        let pairs = completions |> List.map (fun (truth, whole) -> (truth, whole), whole.Length)

        /// Share of generated letters for which `holds truth whole position`.
        let letters (holds: int[] -> int[] -> int -> bool) =
            pairs |> among prompt always (fun (truth, whole) i -> holds truth whole i) |> snd

        let due, doubled =
            pairs
            |> among prompt (fun (truth, _) i -> truth[i] = truth[i - 1]) (fun (_, whole) i -> whole[i] = whole[i - 1])

        {
            Count = completions.Length
            Exact = share right.Length completions.Length
            Letters = letters (fun truth whole i -> whole[i] = truth[i])
            Repeats = letters (fun _ whole i -> whole[i] = whole[i - 1])
            FromPrompt = letters (fun _ whole i -> System.Array.IndexOf(whole, whole[i], 0, prompt) >= 0)
            Recent = letters (fun _ -> recent)
            Alternating = completions |> List.map (fun (_, whole) -> whole, whole.Length) |> alternating prompt
            DoublesDue = due
            Doubled = doubled
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
    let private completed threads (task: Task) logits (prompts: Prompts) heldOut : PromptResults =
        let asked = heldOut |> List.truncate mostPrompts

        let completions =
            asked
            |> List.map (Tokens.slice 0 prompts.Length)
            |> Decoding.greedyWith threads logits task.Length
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

    /// Loss and greedy completions of what predicts logits [pos, vocab], and has losses and shares of right letters [pos-1] over sequences.
    let internal evaluateBy
        (threads: int)
        (task: Task)
        (logits: Tokens -> Tensor)
        (lossAndHits: Tokens list -> Tensor * Tensor)
        (reference: Reference)
        : Evaluation =
        if reference.Sequences < 1 then
            Refused.because $"The number of sequences is {reference.Sequences}, expected at least 1."

        let heldOut = Sequences.heldOut task reference
        let losses, hits = lossAndHits heldOut
        let floats (x: Tensor) = x.ToArray() |> Array.map float |> Array.toList
        let losses, hits = floats losses, floats hits
        // A mean of noughts and ones, in single precision, is a count.
        let count = float reference.Sequences
        let hits = hits |> List.map (fun share -> round (share * count) / count)

        {
            Reference = reference
            Loss = Task.mean task losses
            Floor = Task.floor task
            Accuracy = Task.mean task hits
            PerPositionLoss = losses
            Prompts = task.Prompts |> Option.map (fun prompts -> completed threads task logits prompts heldOut)
        }

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
            (Intervened.perPositionLossAndHits threads task model interventions)
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
