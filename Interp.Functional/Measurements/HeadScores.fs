namespace Interp

/// Scores of heads in a table.
module internal HeadScoreText =

    let names = [
        "block"
        "previous_token"
        "duplicate_token"
        "induction"
        "prefix_matching"
        "five_back"
        "entropy"
    ]

    let score (value: obj) : string =
        match value with
        | :? float as number -> Display.number number
        | :? Compared as compared -> Display.number compared.Score
        | :? NullDistribution as spread -> $"{Display.number spread.P025} to {Display.number spread.P975}"
        | other -> string other |> Display.within 12

    /// Over block lengths; a null distribution's have no mean that says anything, so the first stands for all.
    let mean (values: obj list) : string =
        let numbers =
            values
            |> List.choose (function
                | :? float as number -> Some number
                | :? Compared as compared -> Some compared.Score
                | _ -> None)

        match numbers, values with
        | _, [] -> "-"
        | [], first :: _ -> score first
        | numbers, _ -> Display.brief (List.average numbers)

/// What a head attends to on repeated blocks of one length, averaged over sequences and positions. Attention is a share
/// from 0 to 1.
[<StructuredFormatDisplay("{Display}")>]
type BlockScores<'score> = {
    /// Letters in a block.
    BlockLength: int
    /// Attention to the position before.
    PreviousToken: 'score
    /// Attention to earlier occurrences of the same letter.
    DuplicateToken: 'score
    /// Attention to the position after the last occurrence of the same letter: block length - 1 back.
    Induction: 'score
    /// Attention to all positions after earlier occurrences of the same letter (Olsson et al. 2022, appendix).
    PrefixMatching: 'score
    /// Attention five back, whatever the block length: at length 6 it is `Induction`.
    FiveBack: 'score
    /// Mean entropy of the pattern's rows, in nats.
    Entropy: 'score
} with

    member internal this.Display =
        let scores =
            [
                "previous_token", this.PreviousToken
                "duplicate_token", this.DuplicateToken
                "induction", this.Induction
                "prefix_matching", this.PrefixMatching
                "five_back", this.FiveBack
                "entropy", this.Entropy
            ]
            |> List.map (fun (name, value) -> $"  {name} {HeadScoreText.score (box value)}")

        $"block length {this.BlockLength}" :: scores |> Display.lines 8


/// Everything by which a head is told apart.
[<StructuredFormatDisplay("{Display}")>]
type HeadScores<'score> = {
    /// Whose.
    Head: HeadAddress
    /// One for each block length that fits the model's positions and letters.
    Blocks: BlockScores<'score> list
    /// Share of what a head raises among the logits that goes to letters of the sequence, scaled to [-1, 1] by 2 x - 1
    /// (after Olsson et al. 2022, appendix), on random letters.
    Copying: 'score
} with

    member internal this.Display =
        let scores =
            [
                "previous_token", _.PreviousToken
                "duplicate_token", _.DuplicateToken
                "induction", _.Induction
                "prefix_matching", _.PrefixMatching
            ]
            |> List.map (fun (name, score: BlockScores<'score> -> 'score) ->
                $"{name} {HeadScoreText.mean (this.Blocks |> List.map (score >> box))}")
            |> String.concat ", "

        Display.line $"{this.Head}: {scores}, copying {HeadScoreText.mean [ box this.Copying ]}"

/// The scores of a model's heads beside those of random heads.
[<StructuredFormatDisplay("{Display}")>]
type ScoredHeads = {
    /// Sequences of each block length.
    Reference: Reference
    /// All heads.
    Heads: HeadScores<Compared> list
    /// Loss of the last letter minus loss of the first one predicted, in nats.
    InContextLearning: Compared
} with

    member internal this.Display =
        let mean (head: HeadScores<Compared>) (score: BlockScores<Compared> -> Compared) =
            if head.Blocks.IsEmpty then
                ""
            else
                head.Blocks |> List.averageBy (fun block -> (score block).Score) |> Display.number

        let row (head: HeadScores<Compared>) = [
            string head.Head
            for score in
                [
                    (fun (block: BlockScores<Compared>) -> block.PreviousToken)
                    _.DuplicateToken
                    _.Induction
                    _.PrefixMatching
                    _.FiveBack
                    _.Entropy
                ] do
                mean head score
            Display.number head.Copying.Score
        ]

        Display.table
            1
            (Display.line $"heads over {this.Reference}, means over block lengths")
            ("head" :: HeadScoreText.names.Tail @ [ "copying" ])
            (this.Heads |> List.map row)


/// What heads do on sequences, averaged over these: of each sequence a function is given what they do there.
[<NoEquality; NoComparison>]
type internal HeadRun = {
    /// Of the patterns of each layer: [head, pos, key_pos].
    Patterns: (Tensor list -> Tensor) -> Tokens list -> Tensor
    /// Of the sequence, and what each layer's heads add to the logits: [head, pos, vocab].
    Written: (Tokens -> Tensor list -> Tensor) -> Tokens list -> Tensor
}

/// The scores by which the field tells heads apart.
module HeadScores =

    /// The block lengths asked about: at 6 alone, "five back" and "induction" are the same stripe.
    let blockLengths = [ 3; 4; 5; 6; 8; 12 ]

    /// Sequences of a block of different letters, repeated as often as fits into `positions`.
    let internal blocks vocabulary positions blockLength key count : Tokens list =
        List.init count (fun i ->
            let order =
                Key.words vocabulary (Key.split (uint64 i) key)
                |> Array.indexed
                |> Array.sortBy (fun (letter, word) -> word, letter)
                |> Array.map fst

            Array.init (positions / blockLength * blockLength) (fun p -> order[p % blockLength])
            |> Tokens.ofArray)

    /// The mean over queries that have such a key of the attention to keys for which `holds query key`.
    let private meanAttention (pattern: Tensor) (holds: int -> int -> bool) =
        let positions = pattern.Shape[0]

        let sums = [
            for query in 0 .. positions - 1 do
                let keys = [ 0..query ] |> List.filter (holds query)

                if not keys.IsEmpty then
                    keys |> List.sumBy (fun key -> Tensor.item [ query; key ] pattern)
        ]

        if sums.IsEmpty then 0.0 else List.average sums

    let private scoresOf blockLength (pattern: Tensor) entropy =
        let mean = meanAttention pattern

        {
            BlockLength = blockLength
            PreviousToken = mean (fun query key -> key = query - 1)
            DuplicateToken = mean (fun query key -> key < query && (query - key) % blockLength = 0)
            Induction = mean (fun query key -> key = query - blockLength + 1 && key > 0)
            PrefixMatching = mean (fun query key -> key > 0 && key - 1 < query && (query - key + 1) % blockLength = 0)
            FiveBack = mean (fun query key -> key = query - 5)
            Entropy = entropy
        }

    /// Attention to each of the block's roles depends on positions alone, as its letters all differ; so averages of patterns do.
    let private patternsOn (run: HeadRun) sequences =
        let both patterns =
            let patterns = Tensor.stack patterns

            // p log p, with zero where p is zero.
            let surprise = patterns * Tensor.log (patterns + 1e-30)
            Tensor.stack [ patterns; surprise ]

        let averaged = run.Patterns both sequences
        let entropy = Tensor.select 0 1 averaged |> Tensor.sumOver [ 3 ] |> Tensor.meanOver [ 2 ]
        Tensor.select 0 0 averaged, Tensor.zerosLike entropy - entropy

    /// Of what each head raises above the mean logit, the share on letters of the sequence: [layer] of [head] tensors.
    let private copying vocabulary (run: HeadRun) (sequences: Tokens list) =
        let raised tokens (layers: Tensor list) =
            let present = Tensor.gather (Tensor.eye vocabulary) tokens |> Tensor.sumOver [ 0 ]
            // 1 for letters of the sequence, 0 for others, however often they occur.
            let present = present - Tensor.relu (present - 1.0)

            Tensor.stack [
                for logits in layers ->
                    let above = Tensor.relu (logits - Tensor.meanKeep [ -1 ] logits)
                    Tensor.stack [ Tensor.sumOver [ 1; 2 ] (above * present); Tensor.sumOver [ 1; 2 ] above ]
            ]

        let sums = run.Written raised sequences

        fun (head: HeadAddress) ->
            let at i = Tensor.item [ head.Layer; i; head.Head ] sums
            if at 1 = 0.0 then 0.0 else 2.0 * at 0 / at 1 - 1.0

    /// A model's heads, by the mean over sequences of what a function makes of the edits that there are and of a sequence.
    let internal run (model: Model<Tensor>) (average: (Edits -> Tokens -> Tensor) -> Tokens list -> Tensor) : HeadRun = {
        Patterns = fun f -> average (fun edits -> Transformer.patternsWith edits model >> f)
        Written =
            fun f ->
                average (fun edits tokens ->
                    let activations = Transformer.activations edits model tokens

                    f tokens [
                        for layer in activations.Layers -> Tensor.einsum "hpm,mv->hpv" layer.HeadOutput model.W_U
                    ])
    }

    /// The block lengths that a model is asked about: those beyond half of its positions, or its letters, are left out.
    let lengthsFor (a: Architecture) : int list =
        blockLengths |> List.filter (fun length -> 2 * length <= a.NCtx && length <= a.DVocab)

    /// The scores of some heads by what they do.
    let internal by
        (a: Architecture)
        (heads: HeadAddress list)
        (run: HeadRun)
        (reference: Reference)
        : HeadScores<float> list =
        let key = Key.ofSeed reference.Seed

        let measured =
            lengthsFor a
            |> List.map (fun length ->
                length,
                blocks a.DVocab a.NCtx length (Key.split (uint64 length) key) reference.Sequences |> patternsOn run)

        let random =
            List.init reference.Sequences (fun i ->
                Key.integers a.DVocab a.NCtx (key |> Key.split 0UL |> Key.split (uint64 i)) |> Tokens.ofArray)

        let copying = copying a.DVocab run random

        heads
        |> List.map (fun head -> {
            Head = head
            Blocks = [
                for length, (patterns, entropy) in measured ->
                    scoresOf
                        length
                        (Tensor.select 0 head.Layer patterns |> Tensor.select 0 head.Head)
                        (Tensor.item [ head.Layer; head.Head ] entropy)
            ]
            Copying = copying head
        })

    /// All scores of all heads on the block lengths that fit.
    let ofModel threads (a: Architecture) (model: Model<Tensor>) (reference: Reference) : HeadScores<float> list =
        if model.Blocks.IsEmpty then
            []
        else
            by
                a
                (Model.heads model)
                (run model (fun f sequences -> Batch.mean threads (f Edits.none) sequences))
                reference

    let private map2Block f a b = {
        BlockLength = a.BlockLength
        PreviousToken = f a.PreviousToken b.PreviousToken
        DuplicateToken = f a.DuplicateToken b.DuplicateToken
        Induction = f a.Induction b.Induction
        PrefixMatching = f a.PrefixMatching b.PrefixMatching
        FiveBack = f a.FiveBack b.FiveBack
        Entropy = f a.Entropy b.Entropy
    }

    /// `f` of every score.
    let map (f: 'a -> 'b) (scores: HeadScores<'a>) : HeadScores<'b> = {
        Head = scores.Head
        Blocks = scores.Blocks |> List.map (fun block -> map2Block (fun score _ -> f score) block block)
        Copying = f scores.Copying
    }

    let private map2 f (a: HeadScores<_>) b = {
        Head = a.Head
        Blocks = List.map2 (map2Block f) a.Blocks b.Blocks
        Copying = f a.Copying b.Copying
    }

    // Heads behind a null distribution, and sequences a random model is looked at on: it hardly tells letters apart, so that
    // few show what it does.
    let private nullHeads, private nullSequences = 96, 16

    /// Of the heads of random models of a shape, which look at sequences of a seed: each score, ascending. Threads do not show in it.
    let private random: int * Architecture * uint64 -> HeadScores<float[]> =
        Remembered.ofParts
            (fun (_, a, _) -> NullDistribution.models nullHeads (a.NLayers * a.NHeads))
            (fun (threads, a, seed) number ->
                ofModel threads a (NullDistribution.model a number) { Sequences = nullSequences; Seed = seed })
            (fun models ->
                let drawn = models |> List.ofArray |> List.concat
                let none = map2 (fun _ _ -> []) drawn.Head drawn.Head
                let gathered = List.foldBack (map2 (fun value values -> value :: values)) drawn none
                map (List.toArray >> Array.sort) gathered)

    /// The scores of all heads of a model beside their null distributions over the heads of random models, which look at
    /// sequences of the same seed.
    let compare threads (a: Architecture) (seed: uint64) (scores: HeadScores<float> list) : HeadScores<Compared> list =
        if scores.IsEmpty then
            []
        else
            let nulls = random (threads, a, seed)

            scores
            |> List.map (fun head -> map2 (fun value samples -> NullDistribution.compare samples value) head nulls)

    /// Loss of the last letter that counts minus loss of the first one, in nats: below zero where the context helps (Olsson et al. 2022).
    /// From the loss of each letter but the first.
    let inContextLearning (task: Task) (perPositionLoss: float list) =
        perPositionLoss[List.last task.Counted - 1] - perPositionLoss[task.Counted.Head - 1]

    /// The in-context-learning score by the loss of each letter but the first on sequences, beside those of random models.
    let internal inContextLearningBeside
        threads
        (a: Architecture)
        (task: Task)
        (losses: Reference -> float list)
        (reference: Reference)
        : Compared =
        let score sequences model =
            Sequences.heldOut task { reference with Sequences = sequences }
            |> Batch.mean threads (Loss.perPosition model)
            |> fun losses -> losses.ToArray() |> Array.map float |> Array.toList |> inContextLearning task

        NullDistribution.compare
            (NullDistribution.samples a nullHeads (score nullSequences >> List.singleton))
            (inContextLearning task (losses reference))

    /// The in-context-learning score on held-out sequences, beside those of random models.
    let inContextLearningCompared
        threads
        (a: Architecture)
        (task: Task)
        (model: Model<Tensor>)
        (reference: Reference)
        : Compared =
        let losses reference =
            Sequences.heldOut task reference
            |> Batch.mean threads (Loss.perPosition model)
            |> fun losses -> losses.ToArray() |> Array.map float |> Array.toList

        inContextLearningBeside threads a task losses reference

    /// All heads' `scores`, which were measured on `reference`, and the in-context-learning score, beside their null distributions.
    let beside threads (a: Architecture) (task: Task) (model: Model<Tensor>) reference scores : ScoredHeads = {
        Reference = reference
        Heads = compare threads a reference.Seed scores
        InContextLearning = inContextLearningCompared threads a task model reference
    }

    /// All heads' scores and the in-context-learning score, beside their null distributions.
    let measure threads (a: Architecture) (task: Task) (model: Model<Tensor>) (reference: Reference) : ScoredHeads =
        ofModel threads a model reference |> beside threads a task model reference

    /// The scores on blocks of some length, or of the one nearest to it. Raises `ArgumentException` where no length fits the model.
    let at (blockLength: int) (scores: HeadScores<'score>) : BlockScores<'score> =
        scores.Blocks |> List.minBy (fun block -> abs (block.BlockLength - blockLength))
