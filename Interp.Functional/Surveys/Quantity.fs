namespace Interp

open System
open System.Globalization

/// Patterns by their letters.
[<RequireQualifiedAccess>]
type PatternKind =
    /// All letters differ.
    | Distinct
    /// Some letter occurs twice or more.
    | Repeated

/// Prompts of two blocks.
type PromptKind =
    /// The same block twice.
    | Patterned of PatternKind
    /// Two blocks of different letters that have nothing to do with each other.
    | Unrelated

/// A head's place when the heads of a layer are sorted by a score. Heads have no identity across trainings, so they go by rank.
type HeadRank =
    /// The greatest of the layer.
    | Highest
    /// Counted from the highest, which is 1; 2 or more, and not the lowest.
    | Ranked of int
    /// The least of the layer.
    | Lowest

/// A number that every head has.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type HeadQuantity =
    /// Eigenvalue score of its OV circuit.
    | OV
    /// Attention to the letter before, mean over block lengths.
    | PreviousToken
    /// Attention to earlier occurrences of the current letter, mean over block lengths.
    | DuplicateToken
    /// Attention to what followed the last occurrence of the current letter, mean over block lengths.
    | Induction
    /// Attention to what followed any earlier occurrence of the current letter, mean over block lengths.
    | PrefixMatching
    /// Entropy of the rows of its pattern, in nats, mean over block lengths.
    | AttentionEntropy
    /// Share of what it raises that goes to letters of the sequence, as a score from -1 to 1.
    | Copying
    /// Attention to what followed the current letter in the block before.
    | AttentionBlockBack
    /// Attention to the current letter and the two before it, after the first block.
    | AttentionNearby
    /// Rise of the loss when it writes nothing.
    | AblationRise
    /// The greatest mean attention at one distance but that of `AttentionBlockBack`, after the first block.
    | AttentionElsewhere
    /// Magnitudes of the imaginary parts of its OV circuit's eigenvalues, as a share of the eigenvalues' magnitudes.
    | OVImaginaryWeight
    /// What is explained of the model where the head's pattern depends on the key's letter alone.
    | ExplainedOwnLetters
    /// What is explained where its pattern is its average over sequences.
    | ExplainedPositions
    /// What is explained where it looks behind the last match of the current letter.
    | ExplainedAfterLastMatch
    /// What is explained where it looks at what followed the current letter in the block before.
    | ExplainedBlockBack

    member internal this.Display = Display.line (this.ToString())

    /// `ov`, `previous_token`
    override this.ToString() =
        match this with
        | OV -> "ov"
        | PreviousToken -> "previous_token"
        | DuplicateToken -> "duplicate_token"
        | Induction -> "induction"
        | PrefixMatching -> "prefix_matching"
        | AttentionEntropy -> "attention_entropy"
        | Copying -> "copying"
        | AttentionBlockBack -> "attention_block_back"
        | AttentionNearby -> "attention_nearby"
        | AblationRise -> "ablation_rise"
        | AttentionElsewhere -> "attention_elsewhere"
        | OVImaginaryWeight -> "ov_imaginary_weight"
        | ExplainedOwnLetters -> "explained_own_letters"
        | ExplainedPositions -> "explained_positions"
        | ExplainedAfterLastMatch -> "explained_after_last_match"
        | ExplainedBlockBack -> "explained_block_back"

/// A number that every layer has.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type LayerQuantity =
    /// Eigenvalue score of the sum of its OV circuits.
    | OVSum
    /// Average attention that its two least similar heads have in common.
    | AttentionOverlap

    member internal this.Display = Display.line (this.ToString())

    /// `ov_sum`, `attention_overlap`
    override this.ToString() =
        match this with
        | OVSum -> "ov_sum"
        | AttentionOverlap -> "attention_overlap"

/// A number that is measured on one trained model. Losses are in nats a letter, rates are shares from 0 to 1, circuits have
/// eigenvalue scores from -1 to 1; layers count from 0.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Quantity =
    /// Mean cross-entropy of held-out sequences.
    | HeldOutLoss
    /// The same beyond the least possible.
    | LossAboveFloor
    /// Share of the predictions that count whose likeliest letter is the right one.
    | Accuracy
    /// Loss of the last letter minus loss of the first one predicted (Olsson et al. 2022).
    | InContextLearning
    /// Share of prompts that are continued without a wrong letter.
    | Completed of PatternKind
    /// Share of letters that are right.
    | LettersRight of PatternKind
    /// Share of written letters that equal the letter before.
    | RepeatRate of PromptKind
    /// Share of written letters that occur in the prompt.
    | FromPromptRate of PromptKind
    /// Share of written letters that are one of the three before.
    | RecentRate of PromptKind
    /// Share of written letters that equal the one two before.
    | AlternationRate of PromptKind
    /// Where the right letter equals the one before it, the share that is written so.
    | DoubledWhereRight
    /// Behind two blocks that have nothing to do with each other: share of written letters that the first block has at their place.
    | FirstBlockRate
    /// Behind such blocks: share of written letters that followed the letter before the last time that it stood there.
    | FollowsLastRate
    /// W_E W_U (Elhage et al. 2021)
    | DirectPath
    /// The sum of a layer's OV circuits.
    | OVSum of layer: int
    /// The OV circuit of one head of a layer.
    | OV of layer: int * rank: HeadRank
    /// How many of the last letters one layer's heads hold down: what they add to their logits is below what they add to those of letters that
    /// are not there.
    | HeldDownByLayer of layer: int
    /// The same of what the direct path and all heads with an OV score below 0 add.
    | HeldDownBySuppressors
    /// Attention to what followed the current letter in the block before; the layer's strongest head.
    | AttentionBlockBack of layer: int
    /// Attention to the current letter and the two before it, after the first block; mean over the layer's heads.
    | AttentionNearby of layer: int
    /// Average attention that the layer's two least similar heads have in common.
    | AttentionOverlap of layer: int
    /// Attention to the last five letters with the current one, of queries that see more than ten; mean over the layer's heads.
    | AttentionLastFive of layer: int
    /// The same of the last ten.
    | AttentionLastTen of layer: int
    /// Attention to where the next letter stood first, where it has stood twice or more; mean over the layer's heads.
    | AttentionFirst of layer: int
    /// The same of a later layer whose keys are cut off from earlier heads.
    | AttentionFirstWithoutKeys of layer: int
    /// Attention to the letter before, mean over block lengths; the layer's strongest head.
    | PreviousToken of layer: int
    /// Attention to what followed earlier occurrences of the current letter, mean over block lengths; the layer's strongest head.
    | PrefixMatching of layer: int
    /// Rise of the loss when one head of the layer writes nothing; the head that is missed the least.
    | AblationRise of layer: int
    /// The K-composition term through the first layer's previous-token head; the later head with the least.
    | KCompositionPrevious
    /// The largest K-composition term through another head of the first layer.
    | KCompositionOthers
    /// Loss where only some inputs of later layers read earlier heads.
    | PathLoss of ComposedInputs
    /// What keys and queries that read earlier heads bring together beyond the sum of what each brings alone.
    | PathSynergy
    /// What the author's explanation of its kind of model explains of it: 1 - KL / KL(nothing).
    | ExplainedAuthor
    /// What is explained of it by tables of two numbers, one for a letter's own key and one for all others.
    | ExplainedPadlocks
    /// What is explained of it where all paths to the logits keep each letter's own strength alone.
    | ExplainedOwnStrengths
    /// The largest correlation between the strengths with which two heads of the layer look for letters.
    | LettersCorrelation of layer: int
    /// One head's. The same place in another training is another head: what claims ask of heads they ask of all, or of those of a layer.
    | OfHead of quantity: HeadQuantity * layer: int * head: int
    /// A user's own, measured by a script.
    | Own of name: string

    /// The name with its numbers spelled by three functions.
    member internal this.Spelled (layer: int -> string) (rank: int -> string) (head: int -> string) =
        let pattern kind =
            match kind with
            | PatternKind.Distinct -> "distinct"
            | PatternKind.Repeated -> "repeated"

        let prompt kind =
            match kind with
            | Patterned kind -> pattern kind
            | Unrelated -> "unrelated"

        match this with
        | HeldOutLoss -> "held_out_loss"
        | LossAboveFloor -> "loss_above_floor"
        | Accuracy -> "accuracy"
        | InContextLearning -> "in_context_learning"
        | Completed kind -> $"completed_{pattern kind}"
        | LettersRight kind -> $"letters_right_{pattern kind}"
        | RepeatRate kind -> $"repeat_rate_{prompt kind}"
        | FromPromptRate kind -> $"from_prompt_rate_{prompt kind}"
        | RecentRate kind -> $"recent_rate_{prompt kind}"
        | AlternationRate kind -> $"alternation_rate_{prompt kind}"
        | DoubledWhereRight -> "doubled_where_right"
        | FirstBlockRate -> "first_block_rate_unrelated"
        | FollowsLastRate -> "follows_last_rate_unrelated"
        | DirectPath -> "direct_path"
        | OVSum l -> $"ov_sum_{layer l}"
        | OV(l, Highest) -> $"ov_{layer l}_max"
        | OV(l, Ranked n) -> $"ov_{layer l}_rank_{rank n}"
        | OV(l, Lowest) -> $"ov_{layer l}_min"
        | HeldDownByLayer l -> $"held_down_{layer l}"
        | HeldDownBySuppressors -> "held_down_suppressors"
        | AttentionBlockBack l -> $"attention_block_back_{layer l}_max"
        | AttentionNearby l -> $"attention_nearby_{layer l}_mean"
        | AttentionOverlap l -> $"attention_overlap_{layer l}_min"
        | AttentionLastFive l -> $"attention_last_five_{layer l}_mean"
        | AttentionLastTen l -> $"attention_last_ten_{layer l}_mean"
        | AttentionFirst l -> $"attention_first_{layer l}_mean"
        | AttentionFirstWithoutKeys l -> $"attention_first_without_k_{layer l}_mean"
        | PreviousToken l -> $"previous_token_{layer l}_max"
        | PrefixMatching l -> $"prefix_matching_{layer l}_max"
        | AblationRise l -> $"ablation_rise_{layer l}_min"
        | KCompositionPrevious -> "k_composition_previous_min"
        | KCompositionOthers -> "k_composition_others_max"
        | PathLoss ComposedInputs.Neither -> "path_direct"
        | PathLoss ComposedInputs.Keys -> "path_direct_k"
        | PathLoss ComposedInputs.Queries -> "path_direct_q"
        | PathLoss ComposedInputs.Both -> "path_direct_kq"
        | PathSynergy -> "path_synergy"
        | ExplainedAuthor -> "explained_author"
        | ExplainedPadlocks -> "explained_padlocks"
        | ExplainedOwnStrengths -> "explained_own_strengths"
        | LettersCorrelation l -> $"letters_correlation_{layer l}_max"
        | OfHead(quantity, l, h) -> $"{quantity}_{layer l}.{head h}"
        | Own name -> name

    member internal this.Display = Display.line (this.ToString())

    /// The name in tables and files: `held_out_loss`, `ov_0_rank_2`, `ov_0.3`.
    override this.ToString() = this.Spelled string string string

/// A number that every head has one of, or every layer.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Part =
    /// Every head.
    | Head of HeadQuantity
    /// Every layer.
    | Layer of LayerQuantity

    member internal this.Display = Display.line (this.ToString())

    /// `previous_token`, `ov_sum`
    override this.ToString() =
        match this with
        | Head quantity -> string quantity
        | Layer quantity -> string quantity

/// Numbers of heads and layers.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Part =

    /// Those of heads.
    let ofHeads: HeadQuantity list = [
        HeadQuantity.OV
        HeadQuantity.PreviousToken
        HeadQuantity.DuplicateToken
        HeadQuantity.Induction
        HeadQuantity.PrefixMatching
        HeadQuantity.AttentionEntropy
        HeadQuantity.Copying
        HeadQuantity.AttentionBlockBack
        HeadQuantity.AttentionNearby
        HeadQuantity.AblationRise
        HeadQuantity.AttentionElsewhere
        HeadQuantity.OVImaginaryWeight
        HeadQuantity.ExplainedOwnLetters
        HeadQuantity.ExplainedPositions
        HeadQuantity.ExplainedAfterLastMatch
        HeadQuantity.ExplainedBlockBack
    ]

    /// Those of layers.
    let ofLayers: LayerQuantity list = [ LayerQuantity.OVSum; LayerQuantity.AttentionOverlap ]

    /// All of them.
    let all: Part list = List.map Part.Head ofHeads @ List.map Part.Layer ofLayers

    /// The one of a name.
    let tryFind (name: string) : Part option = all |> List.tryFind (fun part -> string part = name)

/// Names of quantities.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Quantity =

    /// The name in tables and files: `held_out_loss`, `ov_0_rank_2`.
    let name (quantity: Quantity) : string = string quantity

    /// Every quantity but users' own, of one layer, one rank in between and one head.
    let private ofLayer layer rank head : Quantity list =
        let patterns = [ PatternKind.Distinct; PatternKind.Repeated ]
        let prompts = List.map Patterned patterns @ [ Unrelated ]

        [
            Quantity.HeldOutLoss
            Quantity.LossAboveFloor
            Quantity.Accuracy
            Quantity.InContextLearning
            yield! patterns |> List.map Quantity.Completed
            yield! patterns |> List.map Quantity.LettersRight
            yield! prompts |> List.map Quantity.RepeatRate
            yield! prompts |> List.map Quantity.FromPromptRate
            yield! prompts |> List.map Quantity.RecentRate
            yield! prompts |> List.map Quantity.AlternationRate
            Quantity.DoubledWhereRight
            Quantity.FirstBlockRate
            Quantity.FollowsLastRate
            Quantity.DirectPath
            Quantity.OVSum layer
            Quantity.OV(layer, Highest)
            Quantity.OV(layer, Ranked rank)
            Quantity.OV(layer, Lowest)
            Quantity.HeldDownByLayer layer
            Quantity.HeldDownBySuppressors
            Quantity.AttentionBlockBack layer
            Quantity.AttentionNearby layer
            Quantity.AttentionOverlap layer
            Quantity.AttentionLastFive layer
            Quantity.AttentionLastTen layer
            Quantity.AttentionFirst layer
            Quantity.AttentionFirstWithoutKeys layer
            Quantity.PreviousToken layer
            Quantity.PrefixMatching layer
            Quantity.AblationRise layer
            Quantity.KCompositionPrevious
            Quantity.KCompositionOthers
            yield!
                [ ComposedInputs.Neither; ComposedInputs.Keys; ComposedInputs.Queries; ComposedInputs.Both ]
                |> List.map Quantity.PathLoss
            Quantity.PathSynergy
            Quantity.ExplainedAuthor
            Quantity.ExplainedPadlocks
            Quantity.ExplainedOwnStrengths
            Quantity.LettersCorrelation layer
            yield! Part.ofHeads |> List.map (fun quantity -> Quantity.OfHead(quantity, layer, head))
        ]

    /// One quantity of each form, and its name with LAYER, RANK and HEAD where it has a number: `ov_LAYER_rank_RANK`.
    let internal formed: (Quantity * string) list =
        ofLayer 0 2 0
        |> List.map (fun quantity -> quantity, quantity.Spelled (fun _ -> "LAYER") (fun _ -> "RANK") (fun _ -> "HEAD"))

    /// The names that there are, with LAYER, RANK and HEAD where a name has a number: `ov_LAYER_rank_RANK`.
    let forms: string list = List.map snd formed

    // A longer text is no name.
    let private longest = 60

    /// Quantities with the numbers that stand in a text.
    let private candidates (text: string) =
        let numbers =
            text.Split([| '_'; '.' |])
            |> Array.choose (fun word ->
                match Int32.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture) with
                | true, number -> Some number
                | _ -> None)

        let number index otherwise = numbers |> Array.tryItem index |> Option.defaultValue otherwise
        ofLayer (number 0 0) (max 2 (number 1 2)) (number 1 0)

    let private tryFind (text: string) =
        if text.Length > longest then
            None
        else
            candidates text |> List.tryFind (fun quantity -> name quantity = text)

    /// The names that a text may have meant, with its numbers where they have any: a head's where it looks like one, as heads have no lasting name.
    let internal near (text: string) : string list =
        candidates text[.. longest - 1]
        |> List.filter (fun quantity -> text.Contains '.' || not quantity.IsOfHead)
        |> List.map name

    /// The quantity of a name, or one sentence that names the nearest ones and all that there are. A user's own is none of them.
    let parse (text: string) : Result<Quantity, string> =
        match tryFind text with
        | Some quantity -> Ok quantity
        | None ->
            let near = Spelling.nearest (near text) text |> String.concat " or "
            let all = String.concat ", " forms

            Error
                $"There is no quantity \"{Quote.text text}\"; the nearest is {near}, and there are {all} (LAYER and HEAD count from 0, RANK from 2)."

    /// The quantity of a name in a file: one that `parse` does not know is a user's own.
    let ofName (text: string) : Quantity = tryFind text |> Option.defaultWith (fun () -> Quantity.Own text)
