namespace Interp

/// What a quantity must be for a claim to hold.
type Condition =
    | Above of quantity: string * bound: float
    | Below of quantity: string * bound: float
    /// The first is above the second.
    | Exceeds of quantity: string * other: string

    override this.ToString() =
        match this with
        | Above(quantity, bound) -> $"{quantity} > {bound}"
        | Below(quantity, bound) -> $"{quantity} < {bound}"
        | Exceeds(quantity, other) -> $"{quantity} > {other}"

/// Which of the study's models a claim is about.
type Variant =
    | Plain
    | Smeared
    | TwoLayer

    override this.ToString() =
        match this with
        | Plain -> "plain"
        | Smeared -> "smeared"
        | TwoLayer -> "two-layer"

/// A statement about a kind of model that one trained model supports or not.
type Claim = {
    Name: string
    Variant: Variant
    /// In words a newcomer understands.
    Sentence: string
    /// All must hold.
    Conditions: Condition list
}

module Claims =

    let private value (quantities: Map<string, float>) name =
        match quantities.TryFind name with
        | Some value -> value
        | None -> Shape.fail $"The quantity \"{name}\" was not measured."

    /// Whether a model with these quantities supports the claim. Raises `ArgumentException` for a quantity that is missing.
    let holds (quantities: Map<string, float>) (claim: Claim) : bool =
        claim.Conditions
        |> List.forall (fun condition ->
            match condition with
            | Above(quantity, bound) -> value quantities quantity > bound
            | Below(quantity, bound) -> value quantities quantity < bound
            | Exceeds(quantity, other) -> value quantities quantity > value quantities other)

    let private claim variant name sentence conditions = {
        Name = name
        Variant = variant
        Sentence = sentence
        Conditions = conditions
    }

    /// The 2022 study's observations, and those of its author on two layers.
    let study: Claim list = [
        claim
            Plain
            "plain-fails"
            "Without smeared keys one layer does not learn the task: it completes no prompt of two blocks."
            [ Below("completed_distinct", 0.01) ]
        claim Plain "plain-never-repeats" "It never writes the same letter twice in a row." [
            Below("repeat_rate_distinct", 0.01)
        ]
        claim Plain "plain-copies" "What it writes are letters of the prompt." [
            Above("from_prompt_rate_distinct", 0.99)
        ]
        claim Plain "plain-direct-path" "The direct path suppresses the current letter." [ Below("direct_path", -0.99) ]
        claim Plain "plain-ov-sum" "Taken together the heads copy." [ Above("ov_sum_0", 0.99) ]
        claim Plain "plain-a-copying-head" "One head is almost entirely given to copying." [ Above("ov_0_max", 0.95) ]
        claim Plain "plain-looks-nearby" "Most attention is on the current letter and the two before it." [
            Above("attention_nearby_0_mean", 0.5)
        ]
        claim
            Smeared
            "smeared-completes"
            "With smeared keys one layer completes prompts of two blocks of six different letters."
            [ Above("completed_distinct", 0.95) ]
        claim Smeared "smeared-never-repeats" "It never writes the same letter twice in a row." [
            Below("repeat_rate_distinct", 0.01)
        ]
        claim Smeared "smeared-direct-path" "The direct path suppresses the current letter." [
            Below("direct_path", -0.99)
        ]
        claim Smeared "smeared-both-kinds" "It has copying heads and anti-copying heads." [
            Above("ov_0_max", 0.9)
            Below("ov_0_min", -0.5)
        ]
        claim Smeared "smeared-looks-back" "A head looks to the place after the last occurrence of the current letter." [
            Above("attention_block_back_0_max", 0.2)
        ]
        claim TwoLayer "two-layer-better" "Two layers do better than any one-layer model without smeared keys." [
            Below("held_out_loss", 2.0)
        ]
        claim TwoLayer "two-layer-direct-path" "The direct path suppresses the current letter." [
            Below("direct_path", -0.9)
        ]
        claim
            TwoLayer
            "two-layer-anti-then-copy"
            "Heads of the first layer have negative OV scores, heads of the second copy."
            [ Below("ov_0_max", -0.9); Above("ov_1_min", 0.99) ]
        claim
            TwoLayer
            "two-layer-k-composition"
            "Every second-layer head K-composes with the first layer's previous-token head."
            [ Above("k_composition_previous_min", 0.99) ]
        claim TwoLayer "two-layer-needs-k" "Second-layer keys must read the first layer." [
            Exceeds("path_direct_q", "path_direct_kq")
            Exceeds("path_direct", "path_direct_k")
        ]
        claim TwoLayer "two-layer-needs-q" "Second-layer queries must read the first layer too." [
            Exceeds("path_direct_k", "path_direct_kq")
            Exceeds("path_direct", "path_direct_q")
        ]
    ]

    /// The variant that a configuration trains, where it is one of the study's.
    let variantOf (c: Configuration) : Variant option =
        match c.Architecture.Layers, c.Architecture.Smeared with
        | 1, false -> Some Plain
        | 1, true -> Some Smeared
        | 2, false -> Some TwoLayer
        | _ -> None
