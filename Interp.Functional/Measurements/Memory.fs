namespace Interp

/// How many bytes of memory a command wants at once, told from sizes before anything is made: what runs over many sequences is traced and
/// laid out as it will be, only without the memory. .NET collects what is left over when it sees fit, so that all of these are estimates.
/// Measured as the peak of resident memory with two threads: sixteen trainings of 0.1 to 7.7 GB took 0.4 to 1.4 times what is said here
/// (0.8 at least where held-out losses are taken on the way), a dozen analyses of 0.1 to 2.8 GB took 0.4 to 1.1 times as much.
module Memory =

    // .NET, its compiled code, and what it keeps for itself.
    let private runtime = 100_000_000.0

    // Layouts of computations that are made again and again, until .NET collects them.
    let private again = 2.5

    // Weights, gradients, moments and their copies between steps, in checkpoints and in what is read back of those, as multiples of the
    // weights.
    let private copiesOfWeights = 50.0

    // The same where nothing is trained.
    let private copiesWhenMeasuring = 10.0

    // A step's loss as a number in a list that grows, and as text and bytes of the learning curve.
    let private bytesOfStep = 180.0

    // The objects around a sequence's letters.
    let private bytesOfSequence = 250.0

    // The number of a listed failure, a state of the list that it stands in, and its line as text and bytes.
    let private bytesOfFailure = 250.0

    // A number as a value of JSON, and its text.
    let private bytesOfJsonNumber = 200.0

    /// Log-probabilities of a model that are kept while explanations are held against it on one task, at most: 64 MB.
    let internal mostKnown = 8_388_608.0

    let private variables (a: Architecture) = Model.shapes a |> Model.map Trace.variable

    let private weights (a: Architecture) =
        float sizeof<float32> * (Model.shapes a |> Model.leaves |> List.sumBy (Shape.size >> float))

    let private held (length: int) (count: int) = float count * (bytesOfSequence + float sizeof<float32> * float length)

    /// Of a layout; where one value is larger than an array can be, which is refused later, of that value alone, for every thread.
    let private layout outputs variables threads count =
        let largest = Layout.largest outputs

        if largest > Shape.mostEntries then
            float sizeof<float32> * float largest * float (max 1 threads)
        else
            Layout.ofOutputs outputs variables threads count |> Layout.bytes |> float

    let private leaf threads length = Trace.node (Sequences(None, threads)) [ length ] true false

    /// A mean of some function over `count` sequences of some length.
    let private meanOf threads count length (f: Tokens -> Tensor) =
        let leaf = leaf threads length
        layout [ Batch.average leaf count (f (Tokens leaf)) ] [] threads count

    let private lossOf threads (a: Architecture) length count =
        meanOf threads count length (Loss.withHits (Transformer.logits (variables a)))

    let private decodingOf threads (a: Architecture) length count =
        layout [ Transformer.logits (variables a) (Tokens(leaf threads length)) ] [] threads count

    /// The slope of the loss in a factor on every head's output.
    let private slopesOf threads (a: Architecture) (task: Task) count =
        let heads = [
            for layer in 0 .. a.NLayers - 1 do
                for head in 0 .. a.NHeads - 1 -> { Layer = layer; Head = head }
        ]

        let factors = Trace.variable [ heads.Length ]
        let leaf = leaf threads task.Length
        let model = variables a

        let loss =
            Loss.perPositionOf (Transformer.logitsWith (Attribution.scaled heads factors) model) (Tokens leaf)
            |> Tensor.mean

        let mean = Batch.average leaf count loss
        layout (mean :: Differentiation.pullback mean (Tensor.scalar 1.0) [ factors ]) [ factors ] threads count

    let private patternsOf threads (a: Architecture) length count =
        if a.NLayers = 0 then
            0.0
        else
            meanOf threads count length (fun tokens -> Tensor.stack (Transformer.patterns (variables a) tokens))

    let private measuring (a: Architecture) plans sequences =
        int64 (runtime + again * List.max plans + sequences + copiesWhenMeasuring * weights a)

    /// Of a training on `threads` threads, to its end.
    let ofTraining (threads: int) (c: Configuration) (task: Task) : int64 =
        let variables = variables c.Architecture
        let outputs = TrainingStep.trace threads (Recipe.objective c task) variables
        let step = layout outputs (Model.leaves variables) threads c.Batch

        int64 (
            runtime
            + step
            + again * lossOf threads c.Architecture task.Length System.Int32.MaxValue
            + copiesOfWeights * weights c.Architecture
            + bytesOfStep * float c.Steps
        )

    /// Of `evaluate` on so many sequences, under so many interventions.
    let ofEvaluation threads (a: Architecture) (task: Task) (count: int) (interventions: int) : int64 =
        let plans = [
            lossOf threads a task.Length count
            decodingOf threads a (task.Length - 1) (min Behaviour.mostPrompts count)
        ]

        measuring
            a
            (plans |> List.map ((*) (float (1 + interventions))))
            (held task.Length (min Behaviour.mostPrompts count))

    /// Of `evaluate` on all inputs, with a list of so many failures, under so many interventions: however many inputs there are.
    let ofExhaustive threads (a: Architecture) (task: Task) (failures: int) (interventions: int) : int64 =
        measuring
            a
            [ float (1 + interventions) * decodingOf threads a (task.Length - 1) System.Int32.MaxValue ]
            (float failures * bytesOfFailure)

    /// Of `explain` on so many sequences. Log-probabilities of the model are kept for the sequences of its nulls, some 1,600, and for these and those
    /// elsewhere where they are not too many.
    let ofExplanations threads (a: Architecture) (task: Task) (count: int) : int64 =
        let loss = lossOf threads a task.Length count
        let prompts = min Behaviour.mostPrompts count
        let predicted = float task.Counted.Length * float a.DVocab
        let known = min mostKnown (float count * predicted)
        let kept = (1600.0 * predicted + 3.0 * known) * float sizeof<float>

        measuring
            a
            [ 4.0 * loss; 2.0 * decodingOf threads a (task.Length - 1) prompts ]
            (4.0 * held task.Length count + kept)

    /// Of `attention` on average over so many sequences of some length; `json` with every number of it.
    let ofAttention threads (a: Architecture) (length: int) (count: int) (json: bool) : int64 =
        let numbers = float a.NLayers * float a.NHeads * float length * float length

        measuring
            a
            [ patternsOf threads a length count ]
            (held length count + (if json then bytesOfJsonNumber * numbers else 0.0))

    /// Of `ablate` on so many sequences, at most so many heads at once.
    let ofAblation threads (a: Architecture) (task: Task) (mode: AblationMode) (count: int) (heads: int) : int64 =
        let loss = lossOf threads a task.Length count

        let plans, lists =
            match mode with
            | ZeroMode when a.NLayers = 0 -> loss, 4.0
            | ZeroMode -> loss + slopesOf threads a task (min Ablation.mostForGradient count), 4.0
            | MeanMode -> float (1 + heads) * loss, 4.0
            // Every sequence stands beside another one, in two computations.
            | ResampleMode -> float (2 * (1 + heads)) * loss, 6.0

        measuring a [ plans ] (lists * held task.Length count)

    /// Of `compose` on so many sequences.
    let ofComposition threads (a: Architecture) (task: Task) (count: int) : int64 =
        measuring a [ 2.0 * lossOf threads a task.Length count ] (2.0 * held task.Length count)

    /// Of `heads` on so many sequences of each length.
    let ofHeads threads (a: Architecture) (count: int) : int64 =
        let lengths = float (1 + (HeadScores.lengthsFor a).Length)

        measuring
            a
            [ 2.0 * patternsOf threads a a.NCtx count; lossOf threads a a.NCtx count ]
            (lengths * held a.NCtx count)

    /// Of `develop` on so many sequences for each of so many snapshots.
    let ofDevelopment threads (a: Architecture) (task: Task) (count: int) (snapshots: int) : int64 =
        ofHeads threads a (min Development.mostForHeads count)
        |> max (ofEvaluation threads a task count 0)
        |> (+) (int64 (float snapshots * weights a))

    /// Of `explore` on so many sequences for each of so many snapshots of a model: their weights as numbers, as text, and as the page's bytes.
    let ofPage threads (a: Architecture) (task: Task) (count: int) (snapshots: int) : int64 =
        ofDevelopment threads a task count snapshots
        |> max (ofExplanations threads a task count)
        |> (+) (int64 (copiesWhenMeasuring * float snapshots * weights a))

    /// Of `complete` with so many prompts, under so many interventions.
    let ofCompletion (a: Architecture) (prompts: int) (interventions: int) : int64 =
        measuring
            a
            [ float (1 + interventions) * decodingOf 1 a a.NCtx prompts ]
            (float (2 + interventions) * held a.NCtx prompts)

    /// Of `attribute` on a text of some length: a path goes through one head or none of every layer, and each is kept.
    let ofPaths (a: Architecture) (length: int) : int64 =
        let sources = if a.Positions = Positions.Standard then 2.0 else 1.0
        let paths = sources * float (1 + a.NHeads) ** float a.NLayers
        let numbers = float length * float (a.DModel + a.DVocab)
        measuring a [ 0.0 ] (paths * (bytesOfSequence + 2.0 * float sizeof<float32> * numbers))

    /// Of `circuits`; with `matrices` every number of them.
    let ofCircuits (a: Architecture) (matrices: bool) : int64 =
        let circuits = 1.0 + float a.NLayers * float (1 + a.NHeads)
        let scores = float a.NLayers * float a.NHeads * float a.NCtx * float a.NCtx
        let numbers = circuits * float a.DVocab * float a.DVocab + scores
        // Scores stand beside the patterns that are made of them, and beside the copies that are kept.
        let held = 3.0 * float sizeof<float32> * scores
        measuring a [ 0.0 ] (held + (if matrices then bytesOfJsonNumber * numbers else 0.0))

    /// Of what the parts of a model do with a block's letters, on so many sequences.
    let private ofBlockLetters threads (a: Architecture) (task: Task) (count: int) : int64 =
        match Tasks.repetition task with
        | Some r when BlockLetters.possible a r ->
            let plan = meanOf threads count r.Length (BlockLetters.ofSequence r.BlockLength (variables a))
            measuring a [ plan ] (held r.Length count)
        | _ -> 0L

    /// Of everything that a report says of a model, or a study of many.
    let ofMeasurements threads (a: Architecture) (task: Task) (count: int) : int64 =
        [
            ofEvaluation threads a task count 1
            ofAttention threads a task.Length count false
            ofAblation threads a task ZeroMode count 1
            ofAblation threads a task MeanMode count 1
            ofHeads threads a (min 256 count)
            ofBlockLetters threads a task (min 256 count)
        ]
        |> List.max
        |> (+) (int64 (held task.Length count))

    /// Of so many of the same at once: .NET is there only once.
    let times (count: int) (one: int64) : int64 = int64 (runtime + float count * (float one - runtime))

    /// Of so many trainings at once, each on one thread, whose models are measured on `count` sequences. Of many configurations those
    /// are looked at that are largest in one of the sizes that memory grows with. 0 for no configurations.
    let ofTrainings (atOnce: int) (count: int) (trainings: (Configuration * Task) list) : int64 =
        let sizes: (Configuration * Task -> float) list = [
            fun (c, _) -> weights c.Architecture
            fun (c, task) -> float c.Architecture.NLayers * float c.Architecture.NHeads * float task.Length ** 2.0
            fun (c, task) -> float c.Architecture.NLayers * float task.Length * float c.Architecture.DModel
            fun (c, task) -> float c.Architecture.NHeads * float c.Architecture.DHead * float task.Length
            fun (c, task) -> float c.Architecture.DVocab * float task.Length
            fun (c, _) -> float c.Batch * weights c.Architecture
            fun (_, task) -> float task.Length
        ]

        match trainings with
        | [] -> 0L
        | some ->
            sizes
            |> List.map (fun size -> let c, task = List.maxBy size some in { c with Seed = 0UL }, task)
            |> List.distinct
            |> List.map (fun (c, task) -> max (ofTraining 1 c task) (ofMeasurements 1 c.Architecture task count))
            |> List.max
            |> times atOnce
