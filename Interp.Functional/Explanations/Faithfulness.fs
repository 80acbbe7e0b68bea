namespace Interp

open System
open System.Collections.Concurrent
open System.Collections.Generic
open Interp.Kernels

/// A mean over sequences and its standard error.
[<StructuredFormatDisplay("{Display}")>]
type Estimate = {
    /// The mean.
    Value: float
    /// Its standard error.
    Error: float
} with

    member internal this.Display = Display.line $"{Display.number this.Value} ± {Display.brief this.Error}"


/// A text on which model and explanation part.
[<StructuredFormatDisplay("{Display}")>]
type PartingText = {
    /// The sequence.
    Text: Tokens
    /// KL from the model to the explanation, mean over its counted predictions, in nats.
    KL: float
} with

    member internal this.Display = Display.line $"{this.Text.Shown}: KL {Display.number this.KL}"


/// How far predictions of an explanation are from the model's, over a task's counted predictions.
[<StructuredFormatDisplay("{Display}")>]
type Faithfulness = {
    /// The sequences.
    Reference: Reference
    /// Loss of the explanation, in nats.
    Loss: Estimate
    /// Loss of the model, in nats.
    ModelLoss: Estimate
    /// (L0 - L) / (L0 - L of the model), L0 being the loss of the best constant prediction: 1 for what predicts as well as the model. None where the
    /// model is less than 0.01 nats better than a constant.
    Recovered: float option
    /// Kullback-Leibler divergence from the model to the explanation, in nats.
    KL: Estimate
    /// The same from the explanation to the model.
    KLBack: Estimate
    /// KL from the model to an explanation that keeps nothing, in nats.
    KLNothing: float
    /// 1 - KL / KL(nothing): 1 only for equal predictions, 0 for what says no more than nothing does.
    Explained: Estimate
    /// Share of predictions with the same likeliest token; a tie never agrees.
    Agreement: Estimate
    /// The same where the context determines the answer and the model's is wrong; none where there is no such prediction.
    AgreementWhereWrong: Estimate option
    /// KL from the model to the explanation of each counted prediction, by the place of what is predicted.
    KLByPosition: (int * float) list
    /// The texts on which they part most, the farthest first.
    Worst: PartingText list
} with

    member internal this.Display =
        let recovered = this.Recovered |> Option.map Display.percent |> Option.defaultValue "not to be told"

        [
            $"over {this.Reference}"
            $"  explained {Display.percent this.Explained.Value} ± {Display.percent this.Explained.Error}"
            $"  KL {this.KL.Display} nats, of {Display.number this.KLNothing} where nothing is kept"
            $"  loss {this.Loss.Display}, the model's {this.ModelLoss.Display}, recovered {recovered}"
            $"  agreement {Display.percent this.Agreement.Value} ± {Display.percent this.Agreement.Error}"
        ]
        |> Display.lines 6


/// Measuring how faithful explanations are.
module Faithfulness =

    // Texts that are kept.
    let private mostTexts = 10
    // Sequences between two sums, whole shards.
    let private stretch = 4096
    // Where a model is so little better than a constant, its share says nothing.
    let private leastGain = 0.01

    /// What is compared: logits [pos, vocab] of two kinds on rows that begin with a sequence.
    [<NoEquality; NoComparison>]
    type internal Pair = {
        Model: Tokens -> Tensor
        Explanation: Tokens -> Tensor
        /// Seeds of the other sequences that stand in a row behind the first.
        Seeds: uint64 list
        /// Log-probabilities of the model, where they are known: [shard] of [counted, vocab, lane]
        Known: float[][] option
    }

    // Other sequences than those that are measured on and those that are averaged over.
    let internal othersSeed (reference: Reference) = reference.Seed + 2UL

    /// Raises `RefusedException` for an intervention that explanations do not take.
    let internal check (interventions: Intervention list) =
        for intervention in interventions do
            match intervention with
            | Patch(PatternAt _, _, _)
            | Patch(OutputAt _, None, _)
            | ZeroAblate _
            | MeanAblate _
            | ResampleAblate _
            | FreezePattern _
            | AddToResidual _
            | Cut _ -> ()
            | Patch _ ->
                Refused.because
                    $"\"{intervention}\" patches what an explanation has not, expected a patch of a pattern, or of z at all positions."

    /// A model and an explanation of it under interventions. Raises `RefusedException` for an intervention that explanations do not take.
    let internal pair
        threads
        (task: Task)
        (reference: Reference)
        (model: Model<Tensor>)
        interventions
        explained
        : Pair =
        check interventions
        let resolved = Intervened.resolve threads task model interventions
        let seeds = Intervened.seeds interventions
        let resamples = Explained.resamples explained

        // What is compared is what is known before the last token.
        let apart (row: Tokens) =
            let length = row.Length / (1 + (if resamples then 1 else 0) + seeds.Length)
            let part number count = Tokens.slice (number * length) count row
            let tokens = part 0 (length - 1)
            let other = if resamples then part 1 (length - 1) else tokens
            let first = if resamples then 2 else 1

            let others =
                match seeds with
                | [] -> tokens
                | seeds -> part first (seeds.Length * length)

            tokens, other, resolved tokens others

        {
            Model =
                fun row ->
                    let tokens, _, edits = apart row
                    Transformer.logitsWith edits model tokens
            Explanation =
                fun row ->
                    let tokens, other, edits = apart row
                    Explained.logitsWith edits explained tokens other
            Seeds = (if resamples then [ othersSeed reference ] else []) @ seeds
            Known = None
        }

    /// What a model predicts of the sequences of a reference, for all pairs with it as it is; none where that is too much to keep.
    let internal known threads (task: Task) (reference: Reference) (model: Model<Tensor>) : float[][] option =
        let numbers = float reference.Sequences * float task.Counted.Length * float model.W_U.Shape[1]

        if numbers > Memory.mostKnown then
            None
        else
            Some(Sequences.heldOutRows task reference |> LogProbabilities.ofModel threads task model)

    // What is summed of every sequence, by number.
    let (private loss,
         private modelLoss,
         private kl,
         private klBack,
         private agrees,
         private nothing,
         private wrong,
         private alike) =
        0, 1, 2, 3, 4, 5, 6, 7

    let private figures = 8

    /// Whether the prediction at a place is determined by what stands before.
    let private isDetermined (task: Task) =
        match task.Floor.Value with
        | Some floor ->
            let least = Array.ofList floor.PerPosition
            fun place -> least[place - 1] = 0.0
        | None -> fun _ -> false

    let internal mean (sums: float) (squares: float) (count: float) : Estimate =
        let value = sums / count
        let variance = max 0.0 (squares / count - value * value)

        { Value = value; Error = if count > 1.0 then sqrt (variance / (count - 1.0)) else 0.0 }

    /// Compares a pair on the sequences of a reference.
    let internal compare threads (task: Task) (pair: Pair) (reference: Reference) : Faithfulness =
        if reference.Sequences < 1 then
            Refused.because $"The number of sequences is {reference.Sequences}, expected at least 1."

        let length = task.Length
        let counted = Array.ofList task.Counted
        let determined = counted |> Array.map (isDetermined task)
        let rowLength = length * (1 + pair.Seeds.Length)

        let compiled =
            Batch.compileShards threads rowLength (fun row ->
                Tensor.stack [
                    if pair.Known.IsNone then
                        pair.Model row

                    pair.Explanation row
                ])

        let predictions, vocabulary = compiled.Shape[1], compiled.Shape[2]
        let ofExplanation = if pair.Known.IsNone then predictions else 0
        let writers = reference.Seed :: pair.Seeds |> List.map (Sequences.heldOutWriter task) |> Array.ofList
        let row = Array.zeroCreate<float32[]>(min stretch reference.Sequences)
        let results = row |> Array.map (fun _ -> Array.zeroCreate<float> figures)
        let byPlace = row |> Array.map (fun _ -> Array.zeroCreate<float> counted.Length)
        let places = Array.zeroCreate length
        let sums, squares = Array.zeroCreate figures, Array.zeroCreate figures
        let perPlace = Array.zeroCreate<float> counted.Length
        let letters = Array.zeroCreate<int64> vocabulary
        let worst = PriorityQueue<float32[], struct (float * int)>()

        // What keeps nothing predicts every token alike.
        let uniform = Array.create (vocabulary * Ordering.lanes) (-Math.Log(float vocabulary))

        let divergences (shares: float[]) (from: float[]) (into: float[]) (sums: float[]) =
            Predictions.Divergences(ReadOnlySpan shares, ReadOnlySpan from, ReadOnlySpan into, Span sums, vocabulary)

        let see start (rows: float32[][]) shard (logits: Operand) =
            let model, explanation = LogProbabilities.none 1 vocabulary, LogProbabilities.none 1 vocabulary
            let shares, sharesBack = LogProbabilities.none 1 vocabulary, LogProbabilities.none 1 vocabulary
            let none () = Array.zeroCreate<float> Ordering.lanes
            let forth, back, fromNothing = none (), none (), none ()
            let best () = Array.zeroCreate<int> Ordering.lanes, Array.zeroCreate<bool> Ordering.lanes
            let modelBest, modelAlone = best ()
            let explanationBest, explanationAlone = best ()
            let first = shard * Ordering.lanes
            let last = min rows.Length (first + Ordering.lanes) - 1

            for number in first..last do
                Array.Clear results[number]

            for i in 0 .. counted.Length - 1 do
                let place = counted[i]

                match pair.Known with
                | Some known ->
                    Array.Copy(known[start / Ordering.lanes + shard], i * model.Length, model, 0, model.Length)
                | None -> LogProbabilities.write vocabulary logits (place - 1) model 0

                LogProbabilities.write vocabulary logits (ofExplanation + place - 1) explanation 0
                LogProbabilities.writeShares model shares
                LogProbabilities.writeShares explanation sharesBack
                divergences shares model explanation forth
                divergences sharesBack explanation model back
                divergences shares model uniform fromNothing
                LogProbabilities.likeliest vocabulary model modelBest modelAlone
                LogProbabilities.likeliest vocabulary explanation explanationBest explanationAlone

                for number in first..last do
                    let lane = number - first
                    let figures = results[number]
                    let target = int (rows[number][place])
                    let at = target * Ordering.lanes + lane
                    let own = modelBest[lane]
                    let same = modelAlone[lane] && explanationAlone[lane] && explanationBest[lane] = own
                    let put figure x = figures[figure] <- figures[figure] + x
                    put loss -explanation[at]
                    put modelLoss -model[at]
                    put kl forth[lane]
                    put klBack back[lane]
                    put nothing fromNothing[lane]
                    byPlace[number][i] <- forth[lane]

                    if same then
                        put agrees 1.0

                    if determined[i] && own <> target then
                        put wrong 1.0

                        if same then
                            put alike 1.0

            for number in first..last do
                let figures = results[number]

                for figure in 0 .. figures.Length - 1 do
                    figures[figure] <- figures[figure] / float counted.Length

        for first in 0..stretch .. reference.Sequences - 1 do
            let count = min stretch (reference.Sequences - first)

            let rows =
                Array.init count (fun i ->
                    let all = Array.zeroCreate<float32> rowLength

                    writers
                    |> Array.iteri (fun number write ->
                        write (first + i) places

                        for place in 0 .. length - 1 do
                            all[number * length + place] <- float32 places[place])

                    all)

            compiled.Run rows (see first rows)

            for i in 0 .. count - 1 do
                for figure in 0 .. figures - 1 do
                    sums[figure] <- sums[figure] + results[i][figure]
                    squares[figure] <- squares[figure] + results[i][figure] * results[i][figure]

                for place in 0 .. counted.Length - 1 do
                    perPlace[place] <- perPlace[place] + byPlace[i][place]
                    let letter = int (rows[i][counted[place]])
                    letters[letter] <- letters[letter] + 1L

                worst.Enqueue(Array.sub rows[i] 0 length, struct (results[i][kl], -(first + i)))

                if worst.Count > mostTexts then
                    worst.Dequeue() |> ignore

        compiled.Release()
        let count = float reference.Sequences
        let estimate figure = mean sums[figure] squares[figure] count
        let klNothing = sums[nothing] / count
        let divergence = estimate kl

        // The best constant prediction is how often tokens come; its loss is their entropy.
        let constant =
            letters
            |> Array.sumBy (fun n ->
                if n = 0L then
                    0.0
                else
                    let share = float n / (count * float counted.Length)
                    -share * log share)

        let gain = constant - sums[modelLoss] / count

        {
            Reference = reference
            Loss = estimate loss
            ModelLoss = estimate modelLoss
            Recovered = if gain < leastGain then None else Some((constant - sums[loss] / count) / gain)
            KL = divergence
            KLBack = estimate klBack
            KLNothing = klNothing
            Explained = { Value = 1.0 - divergence.Value / klNothing; Error = divergence.Error / klNothing }
            Agreement = estimate agrees
            AgreementWhereWrong =
                if sums[wrong] = 0.0 then
                    None
                else
                    let share = sums[alike] / sums[wrong]
                    let predictions = sums[wrong] * float counted.Length
                    Some { Value = share; Error = sqrt (share * (1.0 - share) / predictions) }
            KLByPosition = [ for i, place in Array.indexed counted -> place, perPlace[i] / count ]
            Worst = [
                for text, struct (divergence, _) in
                    worst.UnorderedItems
                    |> Seq.map (fun struct (text, priority) -> text, priority)
                    |> Seq.sortByDescending snd do
                    { Text = Tokens.ofArray (Array.map int text); KL = divergence }
            ]
        }

    /// The sequences that patterns are averaged over: as many others.
    let internal averagedOver (task: Task) (reference: Reference) =
        lazy (Sequences.heldOut task { reference with Seed = reference.Seed + 1UL })

    /// An explanation by itself, ready to run on the sequences of a reference.
    let internal ready threads (task: Task) (reference: Reference) (terms: Terms) (parts: Parts) : Explained =
        Explained.prepare
            threads
            terms
            parts
            (fun _ -> None)
            (averagedOver task reference)
            (Dictionary())
            (ConcurrentDictionary())

    /// How faithful an explanation of a model is on the sequences of a reference, both under interventions. Patterns are averaged over as many other
    /// sequences. Raises `RefusedException` for an explanation, or an intervention, that does not fit the model, and for fewer than one sequence.
    let measure
        (threads: int)
        (task: Task)
        (positions: int)
        (model: Model<Tensor>)
        (interventions: Intervention list)
        (reference: Reference)
        (explanation: Explanation)
        : Faithfulness =
        let terms = Terms.ofModel positions model
        let parts = Parts.expand terms.Architecture explanation

        let explained = ready threads task reference terms parts

        compare threads task (pair threads task reference model interventions explained) reference
