namespace Interp

open System.Collections.Generic

/// How faithful an explanation is on other texts than those of the task.
[<StructuredFormatDisplay("{Display}")>]
type Elsewhere = {
    /// The texts.
    Texts: string
    /// KL from the model, in nats.
    KL: Estimate
    /// 1 - KL / KL(nothing).
    Explained: Estimate
    /// Share of predictions with the same likeliest token.
    Agreement: Estimate
} with

    member internal this.Display =
        Display.line $"{this.Texts}: explained {Display.percent this.Explained.Value}, KL {this.KL.Display}"


/// What an explanation explains where what it leaves out of scores is replaced by something else than their mean.
type OtherwiseAblated = {
    /// By what.
    By: Replacement
    /// 1 - KL / KL(nothing).
    Explained: float
}

/// An explanation, judged.
[<StructuredFormatDisplay("{Display}")>]
type Judged = {
    /// What it is called: a name of the author's explanations or of single forms, or its own text.
    Name: string
    /// The explanation.
    Explanation: Explanation
    /// Numbers that it keeps.
    Numbers: int64
    /// On the sequences that it is judged on.
    Faithfulness: Faithfulness
    /// Share of prompts that are completed letter for letter as the model completes them; none where the task has no prompts.
    CompletedAlike: Estimate option
    /// On other texts; none where the task repeats no block.
    Elsewhere: Elsewhere list
    /// What it is worth.
    Null: ExplanationNull
    /// By other kinds of ablation than the mean; none where nothing is left out of scores.
    Ablated: OtherwiseAblated list
} with

    member internal this.Display =
        let alone =
            [
                match this.Null.Shuffled with
                | Some shuffled -> $"shuffled {Display.percent shuffled.Explained.Mean}"
                | None -> ()
                match this.Null.Untrained with
                | Some share -> $"before training {Display.percent share}"
                | None -> ()
            ]
            |> String.concat ", "

        let nulls = if alone = "" then "" else $" ({alone})"

        [
            this.Name
            $"  explained {Display.percent this.Faithfulness.Explained.Value}{nulls}, keeps {Display.count this.Numbers} numbers"
        ]
        |> Display.lines 2


/// Sequences that explanations are judged on.
[<NoEquality; NoComparison>]
type internal Ground = {
    Task: Task
    Reference: Reference
    /// What the model predicts of them, where that is kept.
    Known: Lazy<float[][] option>
}

/// What explanations of one model are judged with.
[<NoEquality; NoComparison>]
type Judge = internal {
    Threads: int
    Terms: Terms
    /// Sequences of the task.
    Own: Ground
    /// What patterns are averaged over.
    AveragedOver: Lazy<Tokens list>
    /// Where null draws are made.
    Draws: Bench
    /// Where other models' and other ablations' figures are taken.
    Bench: Bench
    Untrained: Bench option
    BigramNoise: Bench option
    Elsewhere: Ground list
    /// Letters of a prompt, and prompts as the model completes them.
    Prompts: Lazy<(int * Tokens list) option>
}

/// Judging explanations.
module Judge =

    // Sequences behind figures that stand beside an explanation's own: two decimals of a share.
    let internal beside = 500
    // Prompts that are completed: a share of them is known to two hundredths.
    let private mostPrompts = 500
    // Sequences elsewhere.
    let private mostElsewhere = 2000

    /// What the texts of `unrelatedBlocks` are called, but for their length.
    let internal unrelatedBlocksName = "two unrelated blocks"

    /// Two blocks that have nothing to do with each other, neither with a letter twice; of the second one, and of what follows it, predictions are
    /// compared.
    let internal unrelatedBlocks (r: Repetition) : Task option =
        let length = 2 * r.BlockLength + 1

        if r.BlockLength > r.Letters || length > r.Length then
            None
        else
            let write key index (places: int[]) =
                let key = Key.split (uint64 index) key

                for block in 0..1 do
                    let order = Nulls.permutation r.Letters (Key.split (uint64 block) key)
                    System.Array.Copy(order, 0, places, block * r.BlockLength, r.BlockLength)

                places[length - 1] <- places[0]

            Some {
                Task.create
                    unrelatedBlocksName
                    (Vocabulary.letters r.Letters)
                    length
                    [ r.BlockLength + 1 .. length - 1 ]
                    write with
                    Name = $"{unrelatedBlocksName} of {r.BlockLength}"
            }

    let private elsewhere (task: Task) : Task list =
        match Tasks.repetition task with
        | None -> []
        | Some r ->
            let periods = TaskForm.Periods(3, 8, task.Length, r.Letters)

            [
                if (TaskForm.problem periods).IsNone then
                    Tasks.ofForm periods

                yield! Option.toList (unrelatedBlocks r)
            ]

    /// Makes ready to judge explanations of a model on the sequences of a reference. `untrained` is the model before training, and `bigramNoise` one of its
    /// shape that was trained on that task, where there are such. Raises `RefusedException` for fewer than one sequence.
    let make
        (threads: int)
        (task: Task)
        (positions: int)
        (model: Model<Tensor>)
        (untrained: Model<Tensor> option)
        (bigramNoise: (Model<Tensor> * Task) option)
        (reference: Reference)
        : Judge =
        if reference.Sequences < 1 then
            Refused.because $"The number of sequences is {reference.Sequences}, expected at least 1."

        let terms = Terms.ofModel positions model
        // Others than those that are judged on, and than those that are averaged over.
        let other count = { Sequences = count; Seed = reference.Seed + 3UL }

        let bench (task: Task) model = Bench.make threads task (Terms.ofModel positions model) (other beside)

        let ground (task: Task) reference = {
            Task = task
            Reference = reference
            Known = lazy (Faithfulness.known threads task reference model)
        }

        {
            Threads = threads
            Terms = terms
            Own = ground task reference
            AveragedOver = Faithfulness.averagedOver task reference
            Draws = Bench.make threads task terms (other Nulls.sequences)
            Bench = Bench.make threads task terms (other beside)
            Untrained = untrained |> Option.map (bench task)
            BigramNoise = bigramNoise |> Option.map (fun (model, task) -> bench task model)
            Elsewhere = [
                for task in elsewhere task ->
                    ground task { reference with Sequences = min mostElsewhere reference.Sequences }
            ]
            Prompts =
                lazy
                    (task.Prompts
                     |> Option.map (fun prompts ->
                         let asked =
                             Sequences.heldOut task {
                                 other (min mostPrompts reference.Sequences) with
                                     Seed = reference.Seed
                             }

                         let completed =
                             asked
                             |> List.map (Tokens.slice 0 prompts.Length)
                             |> Decoding.greedyNear threads (Transformer.logits model) task.Length asked

                         prompts.Length, completed))
        }

    let private completedAlike (judge: Judge) explained : Estimate option =
        judge.Prompts.Value
        // Letters of other sequences are none that a prompt goes on with.
        |> Option.filter (fun _ -> not (Explained.resamples explained))
        |> Option.map (fun (start, completed) ->
            let alike =
                completed
                |> Decoding.areGreedy
                    judge.Threads
                    (fun tokens -> Explained.logitsWith Edits.none explained tokens tokens)
                    start
                |> List.map (fun alike -> if alike then 1.0 else 0.0)

            let sum = List.sum alike
            Faithfulness.mean sum sum (float alike.Length))

    let private ablated by (parts: Parts) = {
        parts with
            Attention =
                parts.Attention
                |> Map.map (fun _ form ->
                    match form with
                    | AttentionForm.Scored(without, _, averaged, shared) when not without.IsEmpty ->
                        AttentionForm.Scored(without, by, averaged, shared)
                    | form -> form)
    }

    let private leavesOut (parts: Parts) =
        parts.Attention
        |> Map.exists (fun _ form ->
            match form with
            | AttentionForm.Scored(without, Replacement.Mean, _, _) -> not without.IsEmpty
            | _ -> false)

    let private shareOn parts (bench: Bench) = Bench.prepare bench parts |> Bench.explained bench

    /// Judges an explanation. Raises `RefusedException` where it does not fit the model.
    let explanation (judge: Judge) (name: string) (explanation: Explanation) : Judged =
        let parts = Parts.expand judge.Terms.Architecture explanation

        let explained =
            Explained.prepare
                judge.Threads
                judge.Terms
                parts
                (fun _ -> None)
                judge.AveragedOver
                (Dictionary())
                judge.Draws.Factors

        let on (ground: Ground) =
            let pair = Faithfulness.pair judge.Threads ground.Task ground.Reference judge.Terms.Model [] explained

            Faithfulness.compare judge.Threads ground.Task { pair with Known = ground.Known.Value } ground.Reference

        {
            Name = name
            Explanation = explanation
            Numbers = NumbersKept.ofParts parts
            Faithfulness = on judge.Own
            CompletedAlike = completedAlike judge explained
            Elsewhere = [
                // Patterns are averaged over the task's own sequences: that is what they are believed to be.
                for ground in judge.Elsewhere ->
                    let found = on ground

                    {
                        Texts = ground.Task.Name
                        KL = found.KL
                        Explained = found.Explained
                        Agreement = found.Agreement
                    }
            ]
            Null = {
                Shuffled = Nulls.shuffled judge.Draws parts
                Untrained = judge.Untrained |> Option.map (shareOn parts)
                BigramNoise = judge.BigramNoise |> Option.map (shareOn parts)
            }
            Ablated =
                if leavesOut parts then
                    [
                        for by in [ Replacement.Zero; Replacement.Resampled ] ->
                            { By = by; Explained = shareOn (ablated by parts) judge.Bench }
                    ]
                else
                    []
        }
