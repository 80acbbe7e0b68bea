namespace Interp

/// What a quantity's values are.
[<RequireQualifiedAccess>]
type QuantityUnit =
    /// A loss, in nats a letter.
    | Nats
    /// A share of one.
    | Share
    /// An eigenvalue score, from -1 to 1.
    | Score
    /// A number of letters.
    | Letters
    /// 1 - KL / KL(nothing): 1 for equal predictions, 0 for what says no more than nothing does.
    | Explained
    /// A correlation, from -1 to 1.
    | Correlation
    /// Any number: a user's own.
    | Number

/// A heading that quantities stand under.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type QuantityFamily =
    /// Losses and completions.
    | Behaviour
    /// Eigenvalue scores.
    | Circuits
    /// Where heads look.
    | Attention
    /// Losses without heads or paths.
    | Ablation
    /// What explanations explain.
    | Explanations
    /// A user's.
    | Own

    member internal this.Display = Display.line (this.ToString())

    /// "What the models do"
    override this.ToString() =
        match this with
        | Behaviour -> "What the models do"
        | Circuits -> "Circuits"
        | Attention -> "Where heads look"
        | Ablation -> "Heads and paths taken away"
        | Explanations -> "What explanations explain"
        | Own -> "Others"

/// What a quantity is called where people read it.
type QuantityWords = {
    /// What it belongs with.
    Family: QuantityFamily
    /// Few words, for a picture.
    Title: string
    /// What was measured: half a sentence that begins small.
    Sentence: string
    /// What it is counted in.
    Unit: QuantityUnit
}

/// Words for quantities.
module QuantityWords =

    let private words family unit title sentence = { Family = family; Title = title; Sentence = sentence; Unit = unit }

    let private behaviour = words QuantityFamily.Behaviour
    let private circuit = words QuantityFamily.Circuits QuantityUnit.Score
    let private attention = words QuantityFamily.Attention QuantityUnit.Share
    let private letters = words QuantityFamily.Circuits QuantityUnit.Letters
    let private loss = words QuantityFamily.Ablation QuantityUnit.Nats

    let private explained = words QuantityFamily.Explanations QuantityUnit.Explained

    let private ofPattern kind =
        match kind with
        | PatternKind.Distinct -> "patterns without repeats", "prompts of two blocks of different letters"
        | PatternKind.Repeated -> "patterns with repeats", "prompts of two blocks with some letter twice"

    let private ofPrompt kind =
        match kind with
        | Patterned kind -> ofPattern kind
        | Unrelated -> "no pattern", "prompts of two blocks that have nothing to do with each other"

    let private place rank =
        match rank with
        | Highest -> "highest"
        | Ranked 2 -> "second highest"
        | Ranked 3 -> "third highest"
        | Ranked 4 -> "fourth highest"
        | Ranked 5 -> "fifth highest"
        | Ranked n -> $"{n}th highest"
        | Lowest -> "lowest"

    let private path inputs =
        match inputs with
        | ComposedInputs.Neither ->
            "Loss, keys and queries cut", "loss where the second layer’s keys and queries read the embedding alone"
        | ComposedInputs.Keys ->
            "Loss, queries cut", "loss where the second layer’s keys may read the first layer, its queries not"
        | ComposedInputs.Queries ->
            "Loss, keys cut", "loss where the second layer’s queries may read the first layer, its keys not"
        | ComposedInputs.Both -> "Loss, nothing cut", "loss where both may read the first layer: the whole model"

    /// The words for a number that every head has.
    let ofHead (quantity: HeadQuantity) : QuantityWords =
        match quantity with
        | HeadQuantity.OV -> circuit "OV score" "OV eigenvalue score: 1 copies, −1 does the opposite"
        | HeadQuantity.PreviousToken ->
            attention
                "Attention to the letter before"
                "attention to the letter before, mean over blocks of 3 to 12 letters"
        | HeadQuantity.DuplicateToken ->
            attention
                "Attention to the same letter"
                "attention to earlier occurrences of the current letter, mean over blocks of 3 to 12 letters"
        | HeadQuantity.Induction ->
            attention
                "Induction"
                "attention to what followed the last occurrence of the current letter, mean over blocks of 3 to 12 letters"
        | HeadQuantity.PrefixMatching ->
            attention
                "Prefix matching"
                "attention to what followed any earlier occurrence of the current letter, mean over blocks of 3 to 12 letters"
        | HeadQuantity.AttentionEntropy ->
            words
                QuantityFamily.Attention
                QuantityUnit.Nats
                "Entropy of attention"
                "entropy of what it attends to, mean over blocks of 3 to 12 letters"
        | HeadQuantity.Copying ->
            circuit
                "Copying"
                "share of what it raises among the logits that goes to letters of the sequence, as a score from −1 to 1"
        | HeadQuantity.AttentionBlockBack ->
            attention
                "Attention to what followed last time"
                "attention to the letter that followed the current one in the block before"
        | HeadQuantity.AttentionNearby ->
            attention
                "Attention nearby"
                "share of attention on the current letter and the two before it, after the first block"
        | HeadQuantity.AblationRise -> loss "Loss added without the head" "rise of the loss when it writes nothing"
        | HeadQuantity.AttentionElsewhere ->
            attention
                "Attention at another distance"
                "the greatest mean attention at one distance, after the first block, but where what followed in the block before stands"
        | HeadQuantity.OVImaginaryWeight ->
            words
                QuantityFamily.Circuits
                QuantityUnit.Share
                "Imaginary parts of the OV eigenvalues"
                "magnitudes of the imaginary parts of its OV eigenvalues, as a share of the eigenvalues’ magnitudes"
        | HeadQuantity.ExplainedOwnLetters ->
            explained
                "Explained, head by letters"
                "what is explained of the model where the head’s attention depends on the key’s letter alone"
        | HeadQuantity.ExplainedPositions ->
            explained
                "Explained, head by place"
                "what is explained of the model where the head’s attention is its average over sequences"
        | HeadQuantity.ExplainedAfterLastMatch ->
            explained
                "Explained, head behind the last match"
                "what is explained of the model where the head looks at what followed the current letter the last time"
        | HeadQuantity.ExplainedBlockBack ->
            explained
                "Explained, head one block back"
                "what is explained of the model where the head looks at what followed the current letter in the block before, by its place"

    /// The words for a number that every layer has.
    let ofLayer (quantity: LayerQuantity) : QuantityWords =
        match quantity with
        | LayerQuantity.OVSum ->
            circuit "Heads of the layer together" "eigenvalue score of the sum of its OV circuits: 1 is pure copying"
        | LayerQuantity.AttentionOverlap ->
            attention
                "Likeness of the layer’s heads"
                "average attention that its two least similar heads have in common"

    /// The words for a number of heads or layers.
    let ofPart (part: Part) : QuantityWords =
        match part with
        | Part.Head quantity -> ofHead quantity
        | Part.Layer quantity -> ofLayer quantity

    /// The words for a quantity; a user's own keeps its name.
    let ofQuantity (quantity: Quantity) : QuantityWords =
        match quantity with
        | Quantity.HeldOutLoss ->
            behaviour QuantityUnit.Nats "Held-out loss" "mean cross-entropy on sequences that training did not see"
        | Quantity.LossAboveFloor ->
            behaviour QuantityUnit.Nats "Loss above the floor" "held-out loss beyond the least that any model can have"
        | Quantity.Accuracy ->
            behaviour
                QuantityUnit.Share
                "Accuracy"
                "share of the predictions that count whose likeliest letter is the right one"
        | Quantity.InContextLearning ->
            behaviour
                QuantityUnit.Nats
                "In-context learning"
                "loss of the last letter minus that of the first: below zero where the context helps"
        | Quantity.Completed kind ->
            let kind, prompts = ofPattern kind

            behaviour
                QuantityUnit.Share
                $"Prompts completed, {kind}"
                $"share of {prompts} that are continued without a wrong letter"
        | Quantity.LettersRight kind ->
            let kind, prompts = ofPattern kind
            behaviour QuantityUnit.Share $"Letters right, {kind}" $"share of right letters behind {prompts}"
        | Quantity.RepeatRate kind ->
            let kind, prompts = ofPrompt kind

            behaviour
                QuantityUnit.Share
                $"Doubled letters, {kind}"
                $"share of written letters that equal the letter before, behind {prompts}"
        | Quantity.FromPromptRate kind ->
            let kind, prompts = ofPrompt kind

            behaviour
                QuantityUnit.Share
                $"Letters from the prompt, {kind}"
                $"share of written letters that occur in the prompt, behind {prompts}"
        | Quantity.RecentRate kind ->
            let kind, prompts = ofPrompt kind

            behaviour
                QuantityUnit.Share
                $"Letters of the last three, {kind}"
                $"share of written letters that are one of the three before, behind {prompts}"
        | Quantity.AlternationRate kind ->
            let kind, prompts = ofPrompt kind

            behaviour
                QuantityUnit.Share
                $"Alternation, {kind}"
                $"share of written letters, but for the first two, that equal the one two before, behind {prompts}"
        | Quantity.DoubledWhereRight ->
            behaviour
                QuantityUnit.Share
                "Doubled letters where that is right"
                "share of the places whose right letter equals the one before at which the letter before is written again"
        | Quantity.FirstBlockRate ->
            let kind, prompts = ofPrompt Unrelated

            behaviour
                QuantityUnit.Share
                $"Letters of the first block, {kind}"
                $"share of written letters that the first block would have at their place, behind {prompts}"
        | Quantity.FollowsLastRate ->
            let kind, prompts = ofPrompt Unrelated

            behaviour
                QuantityUnit.Share
                $"Letters that followed last time, {kind}"
                $"of written letters behind one that had stood before, the share that followed it the last time, behind {prompts}"
        | Quantity.DirectPath ->
            circuit "Direct path" "eigenvalue score of W_E W_U: −1 where every letter speaks against itself"
        | Quantity.OVSum layer ->
            circuit
                $"Heads of layer {layer} together"
                $"eigenvalue score of the sum of layer {layer}’s OV circuits: 1 is pure copying"
        | Quantity.OV(layer, rank) ->
            circuit
                $"OV score, {place rank} head of layer {layer}"
                $"OV eigenvalue score of layer {layer}’s {place rank} head: 1 copies, −1 does the opposite"
        | Quantity.HeldDownByLayer layer ->
            letters
                $"Last letters held down by layer {layer}"
                $"how many of the last letters, the current one first, get from layer {layer}’s heads logits a tenth of a nat or more below those of letters that are not there, on blocks of different letters"
        | Quantity.HeldDownBySuppressors ->
            letters
                "Last letters held down by direct path and suppressing heads"
                "the same of what the direct path and all heads with an OV score below 0 add to the logits"
        | Quantity.AttentionBlockBack layer ->
            attention
                $"Attention to what followed last time, layer {layer}"
                "mean attention to the letter that followed the current one in the block before, the layer’s strongest head"
        | Quantity.AttentionNearby layer ->
            attention
                $"Attention nearby, layer {layer}"
                "share of attention on the current letter and the two before it, after the first block, mean over heads"
        | Quantity.AttentionOverlap layer ->
            attention
                $"Likeness of heads, layer {layer}"
                "average attention that the layer’s two least similar heads have in common"
        | Quantity.AttentionLastFive layer ->
            attention
                $"Attention to the last five letters, layer {layer}"
                "share of attention on the last five letters, the current one among them, where more than ten are seen, mean over heads"
        | Quantity.AttentionLastTen layer ->
            attention
                $"Attention to the last ten letters, layer {layer}"
                "share of attention on the last ten letters, the current one among them, where more than ten are seen, mean over heads"
        | Quantity.AttentionFirst layer ->
            attention
                $"Attention to the next letter’s first place, layer {layer}"
                "attention to where the next letter stood first, where it has stood twice or more, on blocks of different letters, mean over heads"
        | Quantity.AttentionFirstWithoutKeys layer ->
            attention
                $"The same without K-composition, layer {layer}"
                "attention to where the next letter stood first, with the later layer’s keys cut off from earlier heads, mean over heads"
        | Quantity.PreviousToken layer ->
            attention
                $"Attention to the letter before, layer {layer}"
                "the layer’s strongest head, mean over blocks of 3 to 12 letters"
        | Quantity.PrefixMatching layer ->
            attention
                $"Prefix matching, layer {layer}"
                "attention to what followed any earlier occurrence of the current letter, the layer’s strongest head, mean over blocks of 3 to 12 letters"
        | Quantity.AblationRise layer ->
            loss
                $"Loss added without a head, layer {layer}"
                "rise of the loss when one head of the layer writes nothing, the head that is missed the least"
        | Quantity.KCompositionPrevious ->
            circuit
                "K-composition, previous-letter head"
                "eigenvalue score of the K-composition term through the first layer’s previous-letter head, the later head with the least"
        | Quantity.KCompositionOthers ->
            circuit
                "K-composition, other heads"
                "the largest eigenvalue score of a K-composition term through another head of the first layer"
        | Quantity.PathLoss inputs -> path inputs ||> loss
        | Quantity.PathSynergy ->
            loss
                "Gain of both together"
                "what keys and queries that read the first layer bring together beyond the sum of what each brings alone"
        | Quantity.ExplainedAuthor ->
            explained "Explained by the author" "what the author’s explanation of its kind of model explains of it"
        | Quantity.ExplainedPadlocks ->
            explained
                "Explained by padlocks"
                "what is explained of it by tables of two numbers, one for a letter’s own key and one for all others"
        | Quantity.ExplainedOwnStrengths ->
            explained
                "Explained by letters’ strengths"
                "what is explained of it where all paths to the logits keep each letter’s own strength alone"
        | Quantity.LettersCorrelation layer ->
            words
                QuantityFamily.Attention
                QuantityUnit.Correlation
                $"Letters in common, layer {layer}"
                "the largest correlation between the strengths with which two heads of the layer look for letters"
        | Quantity.OfHead(quantity, layer, head) ->
            let each = ofHead quantity
            let of' = { Layer = layer; Head = head }
            { each with Title = $"{each.Title}, head {of'}"; Sentence = $"of head {of'}: {each.Sentence}" }
        | Quantity.Own name -> words QuantityFamily.Own QuantityUnit.Number name name
