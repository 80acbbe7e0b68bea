namespace Interp

/// A model under interventions: its logits and its losses. An intervention on a head or layer that the model does not have, with a
/// letter beyond its alphabet, a text shorter than the sequence, a position beyond it, or a vector that has not d_model numbers,
/// raises `RefusedException`.
module Intervened =

    let private checkSite (model: Model<Tensor>) site =
        let struct (heads, _) = Model.headShape model
        Edits.checkSite model.Blocks.Length heads site

    let private checkLength (task: Task) what length =
        if length > task.Length then
            Refused.because
                $"The text has {length} letters, but {what} is taken from sequences of the task, which have {task.Length}."

    /// A row of one matrix put in the place of another's: [pos, ..]
    let internal replaceRow position (source: Tensor) (x: Tensor) =
        [
            Tensor.slice 0 0 position x
            Tensor.slice 0 position 1 source
            Tensor.slice 0 (position + 1) (x.Shape.Head - position - 1) x
        ]
        |> List.filter (fun part -> part.Shape.Head > 0)
        |> Tensor.concatenate 0

    let private clean model tokens = Transformer.activations Edits.none model tokens

    /// What every head mixes on average over held-out sequences, which `MeanAblate` puts in its place, a layer each: [head, pos, d_head]. Raises
    /// `RefusedException` for no sequences.
    let headMeans threads (task: Task) (model: Model<Tensor>) (reference: Reference) : Tensor list =
        if model.Blocks.IsEmpty then
            []
        else
            let mixed tokens = (clean model tokens).Layers |> List.map _.Mixed |> Tensor.stack
            let means = Sequences.heldOut task reference |> Batch.mean threads mixed
            model.Blocks |> List.mapi (fun layer _ -> Tensor.select 0 layer means)

    /// What the sequence's edits are, given it and (for resampling) the other sequence of a seed.
    let private edits threads (task: Task) (model: Model<Tensor>) intervention : Tokens -> (uint64 -> Tokens) -> Edits =
        match intervention with
        | ZeroAblate head ->
            checkSite model (OutputAt head)
            fun _ _ -> Edits.at (OutputAt head) Tensor.zerosLike
        | MeanAblate(head, reference) ->
            checkSite model (OutputAt head)

            let mean =
                Sequences.heldOut task reference
                |> Batch.mean threads (fun tokens -> Transformer.at (OutputAt head) (clean model tokens))

            fun tokens _ ->
                checkLength task $"the mean of head {head}" tokens.Length
                Edits.at (OutputAt head) (fun _ -> Tensor.slice 0 0 tokens.Length mean)
        | ResampleAblate(head, seed) ->
            checkSite model (OutputAt head)
            fun _ other -> Edits.at (OutputAt head) (fun _ -> Transformer.at (OutputAt head) (clean model (other seed)))
        | Patch(site, position, source) ->
            checkSite model site
            let letters = model.W_E.Shape.Head

            match Tokens.toArray source |> Array.tryFind (fun letter -> letter >= letters) with
            | Some letter ->
                Refused.because
                    $"The patch has the letter {Letters.name letter}, which is beyond the model's {letters}."
            | None -> ()

            fun tokens _ ->
                if source.Length < tokens.Length then
                    Refused.because
                        $"The text {Letters.toText source} has {source.Length} letters, expected at least the {tokens.Length} of the sequence that it patches."

                let activation = Transformer.at site (clean model (Tokens.slice 0 tokens.Length source))

                match position with
                | None -> Edits.at site (fun _ -> activation)
                | Some position when position < tokens.Length -> Edits.at site (replaceRow position activation)
                | Some position ->
                    Refused.because
                        $"Position {position} does not exist; the sequence has positions 0 to {tokens.Length - 1}."
        | FreezePattern head ->
            checkSite model (PatternAt head)
            fun tokens _ -> Edits.at (PatternAt head) (fun _ -> Transformer.at (PatternAt head) (clean model tokens))
        | AddToResidual(layer, vector) ->
            checkSite model (ResidualAt layer)
            let width = model.W_E.Shape[1]

            if vector.Length <> width then
                Refused.because $"The vector has {vector.Length} numbers, d_model is {width}."

            match vector |> List.tryFind (float32 >> System.Single.IsFinite >> not) with
            | Some x -> Refused.because $"The vector has {Quote.number x}, expected finite numbers of float32."
            | None -> ()

            let vector = Tensor.vector vector
            fun _ _ -> { Edits.none with Added = [ layer, vector ] }
        | Cut(source, head, input) ->
            let edits = { Edits.none with Cuts = Set.singleton (source, head, input) }
            Edits.check model edits
            fun _ _ -> edits

    /// The seeds that interventions resample with, each once.
    let internal seeds interventions =
        interventions
        |> List.choose (fun intervention ->
            match intervention with
            | ResampleAblate(_, seed) -> Some seed
            | _ -> None)
        |> List.distinct

    /// The interventions' edits for a sequence and, one behind the other, sequences at least as long for the seeds that they
    /// resample with, in the order in which these first occur. Each intervention is what it is alone; of several at one site the later
    /// ones are given what the earlier ones left there.
    let resolve threads task model (interventions: Intervention list) : Tokens -> Tokens -> Edits =
        let resolved = interventions |> List.map (edits threads task model)
        let seeds = seeds interventions

        fun tokens others ->
            let other seed =
                let length = others.Length / seeds.Length
                Tokens.slice (length * List.findIndex ((=) seed) seeds) tokens.Length others

            resolved |> List.map (fun edits -> edits tokens other) |> List.fold Edits.combine Edits.none

    /// `count` held-out sequences of a seed, cut to a length.
    let private drawn (task: Task) count length seed =
        checkLength task "what is resampled" length
        Sequences.heldOut task { Sequences = count; Seed = seed } |> List.map (Tokens.slice 0 length)

    /// Logits of a sequence, by a function of it and of what stands behind one another: the first sequence of each of some seeds, or the sequence
    /// itself where there is none.
    let internal logitsBeside (task: Task) seeds (logits: Tokens -> Tokens -> 'value) : Tokens -> 'value =
        fun tokens ->
            match seeds with
            | [] -> logits tokens tokens
            | seeds ->
                let others = seeds |> List.map (drawn task 1 tokens.Length >> List.head) |> List.reduce Tokens.append
                logits others tokens

    /// The logits [pos, vocab] of a sequence under interventions. Resampling takes the first sequence of its own seed.
    let logits threads (task: Task) model interventions : Tokens -> Tensor =
        let resolved = resolve threads task model interventions

        logitsBeside task (seeds interventions) (fun others tokens ->
            Transformer.logitsWith (resolved tokens others) model tokens)

    /// The mean over sequences of what `f` makes of the logits [pos, vocab] of a text, and of a sequence; the logits by a function of what stands
    /// behind one another, a sequence of each of some seeds, or the text itself where there is none, and of the text.
    let internal averageBeside threads (task: Task) seeds (logits: Tokens -> Tokens -> Tensor) f sequences : Tensor =
        match seeds, sequences with
        | [], _
        | _, [] -> Batch.mean threads (f (fun tokens -> logits tokens tokens)) sequences
        | seeds, (first: Tokens) :: _ ->
            let length = first.Length

            // Each sequence, and behind it the other ones of all seeds.
            let all =
                seeds
                |> List.map (drawn task sequences.Length length)
                |> List.fold (List.map2 Tokens.append) sequences

            let apart (all: Tokens) =
                let others = Tokens.slice length (all.Length - length) all
                f (logits others) (Tokens.slice 0 length all)

            Batch.mean threads apart all

    /// The mean over sequences of what `f` makes of a function of a text, such as its logits, under interventions, and of a sequence. For resampling
    /// each sequence is paired with one of the resampling's own seed.
    let private averageWith
        threads
        (task: Task)
        model
        interventions
        (run: Edits -> Tokens -> Tensor)
        f
        sequences
        : Tensor =
        let resolved = resolve threads task model interventions

        averageBeside
            threads
            task
            (seeds interventions)
            (fun others tokens -> run (resolved tokens others) tokens)
            f
            sequences

    /// The losses [pos - 1] of logits that are a function of the edits that interventions are and of a text, averaged over sequences.
    let internal perPositionOf threads (task: Task) model interventions (logits: Edits -> Tokens -> Tensor) sequences =
        averageWith threads task model interventions logits Loss.perPositionOf sequences

    /// What `f` makes of a sequence under interventions: of their edits, and of it. Resampling takes the first sequence of its own seed.
    let under threads (task: Task) model interventions (f: Edits -> Tokens -> 'value) : Tokens -> 'value =
        let resolved = resolve threads task model interventions
        logitsBeside task (seeds interventions) (fun others tokens -> f (resolved tokens others) tokens)

    /// The attention patterns of a sequence under interventions, a layer each: [head, pos, key_pos].
    let patterns threads (task: Task) (model: Model<Tensor>) interventions : Tokens -> Tensor list =
        under threads task model interventions (fun edits -> Transformer.patternsWith edits model)

    /// The logits of a sequence under interventions as an exact sum of what each component writes directly (`Attribution.directWith`).
    let direct threads (task: Task) (model: Model<Tensor>) interventions : Tokens -> PathTerm list =
        under threads task model interventions (fun edits -> Attribution.directWith edits model)

    /// The logits of a sequence under interventions as an exact sum over all paths (`Attribution.pathsWith`).
    let paths threads (task: Task) (model: Model<Tensor>) interventions : Tokens -> PathTerm list =
        under threads task model interventions (fun edits -> Attribution.pathsWith edits model)

    /// The logits that the residual stream would give under interventions, before each layer and behind the last one: a [pos, vocab] each.
    let lens threads (task: Task) (model: Model<Tensor>) interventions : Tokens -> Tensor list =
        under threads task model interventions (fun edits -> Attribution.lensWith edits model)

    /// The mean over sequences of what `f` makes of the edits that interventions are, and of a sequence.
    let internal averageOf threads (task: Task) model interventions (f: Edits -> Tokens -> Tensor) sequences : Tensor =
        averageWith threads task model interventions f id sequences

    /// The patterns under interventions averaged over sequences, a layer each: [head, pos, key_pos]. For resampling each sequence is paired
    /// with one of the resampling's own seed. Raises `RefusedException` for no sequences, or sequences of different lengths.
    let attention threads (task: Task) (model: Model<Tensor>) interventions (sequences: Tokens list) : Tensor list =
        if model.Blocks.IsEmpty then
            []
        else
            let stacked =
                averageOf
                    threads
                    task
                    model
                    interventions
                    (fun edits -> Transformer.patternsWith edits model >> Tensor.stack)
                    sequences

            List.init stacked.Shape.Head (fun layer -> Tensor.select 0 layer stacked)

    /// The scores of all heads under interventions (`HeadScores.ofModel`). A text that is patched in, and what heads write in the mean, have
    /// to be at least as long as the sequences that heads are scored on.
    let headScores
        threads
        (a: Architecture)
        (task: Task)
        (model: Model<Tensor>)
        interventions
        (reference: Reference)
        : HeadScores<float> list =
        if model.Blocks.IsEmpty then
            []
        else
            let run = HeadScores.run model (averageOf threads task model interventions)
            HeadScores.by a (Model.heads model) run reference

    /// Cross-entropy of each letter but the first under interventions, averaged over sequences, in nats: [pos-1]. For resampling each
    /// sequence is paired with one of the resampling's own seed. Raises `RefusedException` for no sequences, or sequences of
    /// different lengths.
    let perPositionLoss threads (task: Task) model interventions (sequences: Tokens list) : Tensor =
        perPositionOf threads task model interventions (fun edits -> Transformer.logitsWith edits model) sequences

    /// The means of what `f` makes of the logits [pos, vocab] of a text, and of a sequence, over the first held-out sequences of a seed: drawn when
    /// their turn comes, so that memory does not grow with their number. The logits are a function of what stands behind one another, a sequence
    /// of each of some seeds, or the text itself where there is none, and of the text.
    let internal meansBeside
        threads
        (task: Task)
        seeds
        (logits: Tokens -> Tokens -> Tensor)
        f
        (reference: Reference)
        : Tensor list =
        let length = task.Length
        // A sequence, and behind it the other ones of all seeds.
        let writers = reference.Seed :: seeds |> List.map (Sequences.heldOutWriter task) |> List.toArray

        let write index (places: int[]) =
            if writers.Length = 1 then
                writers[0] index places
            else
                let one = Array.zeroCreate length

                for place in 0 .. writers.Length - 1 do
                    writers[place] index one
                    System.Array.Copy(one, 0, places, place * length, length)

        Batch.meansOver threads (length * writers.Length) reference.Sequences write (fun all ->
            let own, others =
                if writers.Length = 1 then
                    all, None
                else
                    Tokens.slice 0 length all, Some(Tokens.slice length (all.Length - length) all)

            f (fun tokens -> logits (Option.defaultValue tokens others) tokens) own)

    /// The same of a model under interventions. For resampling each is paired with one of the resampling's own seed.
    let internal meansOver threads (task: Task) model interventions f (reference: Reference) : Tensor list =
        let resolved = resolve threads task model interventions

        meansBeside
            threads
            task
            (seeds interventions)
            (fun others tokens -> Transformer.logitsWith (resolved tokens others) model tokens)
            f
            reference

    /// Cross-entropy of each letter but the first under interventions over the held-out sequences of `reference`, in nats.
    let internal heldOutLosses threads (task: Task) model interventions (reference: Reference) : float list =
        let losses = Sequences.heldOut task reference |> perPositionLoss threads task model interventions
        losses.ToArray() |> Array.map float |> Array.toList

    /// All heads' scores and the in-context-learning score under interventions, beside what random weights score that nothing is done to.
    let scoredHeads
        threads
        (a: Architecture)
        (task: Task)
        (model: Model<Tensor>)
        interventions
        (reference: Reference)
        : ScoredHeads = {
        Reference = reference
        Heads =
            headScores threads a task model interventions reference
            |> HeadScores.compare threads a reference.Seed
        InContextLearning =
            HeadScores.inContextLearningBeside threads a task (heldOutLosses threads task model interventions) reference
    }

    /// Mean loss under interventions over the held-out sequences of `reference`, in nats a counted letter.
    let loss threads (task: Task) model interventions (reference: Reference) =
        Sequences.heldOut task reference
        |> perPositionLoss threads task model interventions
        |> Loss.counted task
        |> Tensor.toScalar
