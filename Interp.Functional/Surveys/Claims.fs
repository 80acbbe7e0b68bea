namespace Interp

/// What a quantity must be for a claim to hold.
type Condition =
    | Above of quantity: string * bound: float
    | Below of quantity: string * bound: float
    /// The first is above the second by more than a margin.
    | Exceeds of quantity: string * other: string * margin: float

    override this.ToString() =
        match this with
        | Above(quantity, bound) -> $"{quantity} > {bound}"
        | Below(quantity, bound) -> $"{quantity} < {bound}"
        | Exceeds(quantity, other, 0.0) -> $"{quantity} > {other}"
        | Exceeds(quantity, other, margin) -> $"{quantity} > {other} + {margin}"

    /// The quantities that it asks for.
    member this.Quantities =
        match this with
        | Above(quantity, _)
        | Below(quantity, _) -> [ quantity ]
        | Exceeds(quantity, other, _) -> [ quantity; other ]

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

    /// The quantities that a claim is about, each once.
    let quantities (claim: Claim) : string list = claim.Conditions |> List.collect _.Quantities |> List.distinct

    /// Whether a model with these quantities supports the claim; one that is not a number supports nothing. Raises
    /// `ArgumentException` for a quantity that is missing.
    let holds (quantities: Map<string, float>) (claim: Claim) : bool =
        let value = value quantities

        // Every quantity is asked for, so that a missing one never hides behind a condition that fails.
        claim.Conditions
        |> List.map (fun condition ->
            match condition with
            | Above(quantity, bound) -> value quantity > bound
            | Below(quantity, bound) -> value quantity < bound
            | Exceeds(quantity, other, margin) -> value quantity > value other + margin)
        |> List.forall id

    let private claim variant name sentence conditions = {
        Name = name
        Variant = variant
        Sentence = sentence
        Conditions = conditions
    }

    // "Never" and "always" of a study that looked at five completions: less than one letter in a hundred.
    let private never, always = 0.01, 0.99
    // Eigenvalues that have, for all that matters, one sign; the study's are beyond 0.999.
    let private oneSign = 0.99
    // A head with more than half of its eigenvalues' weight on one side copies, or does the opposite.
    let private mostly = 0.5
    // A tenth of a nat: ten times the error of a loss over 2,000 sequences, and half the least effect of a head in the study.
    let private clearly = 0.1

    let private neverRepeats quantity = [ Below(quantity, never) ]

    // Without the last binary digits of a sum of decimals, which a reader would have to see.
    let private round4 (bound: float) = System.Math.Round(bound, 4)

    let private lossNear (published: float) = [
        Above("held_out_loss", round4 (published - clearly))
        Below("held_out_loss", round4 (published + clearly))
    ]

    let private plain = [
        claim
            Plain
            "plain-fails"
            "It cannot do the task: of prompts that show a pattern of six different letters twice, it continues fewer than one in a hundred correctly."
            [ Below("completed_distinct", never) ]
        claim Plain "plain-loss" "Its loss is within 0.1 nats of the published 2.6065." (lossNear 2.6065)
        claim
            Plain
            "plain-never-repeats"
            "It practically never writes the same letter twice in a row."
            (neverRepeats "repeat_rate_distinct")
        claim Plain "plain-copies" "What it writes are letters of the prompt." [
            Above("from_prompt_rate_distinct", always)
        ]
        claim
            Plain
            "plain-copies-elsewhere"
            "What it writes are letters of the prompt even when the prompt shows no pattern."
            [ Above("from_prompt_rate_unrelated", always) ]
        claim
            Plain
            "plain-direct-path"
            "The direct path, from a letter straight to the prediction, speaks against that letter."
            [ Below("direct_path", -oneSign) ]
        claim
            Plain
            "plain-every-head-copies"
            "Every head makes the letters it looks at likelier rather than less likely."
            [ Above("ov_0_min", 0.0) ]
        // The study's is 0.985, its next 0.857.
        claim Plain "plain-a-copying-head" "One head is almost entirely given to copying." [ Above("ov_0_max", 0.95) ]
        claim Plain "plain-heads-copy-together" "Taken together, the heads do nothing but copy." [
            Above("ov_sum_0", oneSign)
        ]
        // Most is more than half. Spread evenly it would be 0.22.
        claim
            Plain
            "plain-looks-nearby"
            "Most attention is on the current letter and the two before it (counted after the first block)."
            [ Above("attention_nearby_0_mean", 0.5) ]
        // Averages that share nine tenths of their mass are alike to the eye.
        claim Plain "plain-heads-alike" "All heads look at much the same places." [
            Above("attention_overlap_0_min", 0.9)
        ]
        claim Plain "plain-every-head-counts" "Without any one of its heads the loss rises by more than 0.1 nats." [
            Above("ablation_rise_0_min", clearly)
        ]
    ]

    let private smeared = [
        // Nineteen of twenty: what the study's three prompts can just tell from always.
        claim
            Smeared
            "smeared-completes"
            "It does the task: of prompts that show a pattern of six different letters twice, it continues more than 95 in a hundred correctly."
            [ Above("completed_distinct", 0.95) ]
        claim
            Smeared
            "smeared-fails-on-repeats"
            "Where the pattern has some letter twice, it continues fewer than half of the prompts correctly."
            [ Below("completed_repeated", 0.5) ]
        claim Smeared "smeared-loss" "Its loss is within 0.1 nats of the published 1.23." (lossNear 1.23)
        claim
            Smeared
            "smeared-never-repeats"
            "It practically never writes the same letter twice in a row."
            (neverRepeats "repeat_rate_distinct")
        claim
            Smeared
            "smeared-never-repeats-elsewhere"
            "It practically never writes the same letter twice in a row even when the prompt shows no pattern."
            (neverRepeats "repeat_rate_unrelated")
        claim
            Smeared
            "smeared-direct-path"
            "The direct path, from a letter straight to the prediction, speaks against that letter."
            [ Below("direct_path", -oneSign) ]
        // The study's are 1, 1, -0.71 and -0.86.
        claim Smeared "smeared-both-kinds" "Some head copies the letters it looks at, and some head does the opposite." [
            Above("ov_0_max", 0.9)
            Below("ov_0_min", -mostly)
        ]
        claim Smeared "smeared-two-and-two" "Two heads copy and two do the opposite." [
            Above("ov_0_rank_2", mostly)
            Below("ov_0_rank_3", -mostly)
        ]
        // Spread evenly it would be 0.08, and the plain model's is 0.09.
        claim
            Smeared
            "smeared-looks-back"
            "A head finds what followed the current letter last time: a fifth of its attention or more is there."
            [ Above("attention_block_back_0_max", 0.2) ]
    ]

    let private twoLayer = [
        // Halfway between the two layers' published loss and the plain model's.
        claim TwoLayer "two-layer-better" "It does better than any one-layer model without smeared keys." [
            Below("held_out_loss", 2.0)
        ]
        claim TwoLayer "two-layer-loss" "Its loss is within 0.1 nats of the published 1.3845." (lossNear 1.3845)
        // The author gives -0.9995 and -0.9836 for it, so less is asked than of one layer.
        claim
            TwoLayer
            "two-layer-direct-path"
            "The direct path, from a letter straight to the prediction, speaks against that letter."
            [ Below("direct_path", -0.9) ]
        claim
            TwoLayer
            "two-layer-first-suppresses"
            "Every head of the first layer makes the letters it looks at less likely rather than likelier."
            [ Below("ov_0_max", 0.0) ]
        // The published ones are -0.933 or less, and 0.997 or more.
        claim
            TwoLayer
            "two-layer-first-only-suppresses"
            "Every head of the first layer does almost nothing but make the letters it looks at less likely."
            [ Below("ov_0_max", -0.9) ]
        claim
            TwoLayer
            "two-layer-second-copies"
            "Every head of the second layer makes the letters it looks at likelier rather than less likely."
            [ Above("ov_1_min", 0.0) ]
        claim
            TwoLayer
            "two-layer-second-only-copies"
            "Every head of the second layer does practically nothing but copy."
            [ Above("ov_1_min", oneSign) ]
        claim
            TwoLayer
            "two-layer-every-head-counts"
            "Without any one head of the first layer the loss rises by more than half a nat."
            [ Above("ablation_rise_0_min", 0.5) ]
        // Spread evenly it would be 0.12, which heads with random weights come close to.
        claim
            TwoLayer
            "two-layer-previous-token"
            "A head of the first layer looks at the letter before: a quarter more than evenly spread attention would."
            [ Above("previous_token_0_max", 0.15) ]
        claim
            TwoLayer
            "two-layer-k-composition"
            "All heads of the second layer search by what the first layer's previous-letter head has written (K-composition)."
            [ Above("previous_token_0_max", 0.15); Above("k_composition_previous_min", oneSign) ]
        // The published ones reach 0.95.
        claim
            TwoLayer
            "two-layer-one-carrier"
            "The previous-letter head is the only head of the first layer by which the second layer searches."
            [ Below("k_composition_others_max", oneSign) ]
        claim
            TwoLayer
            "two-layer-needs-keys"
            "The second layer needs keys that read the first: they lower the loss, with and without such queries."
            [
                Exceeds("path_direct", "path_direct_k", clearly)
                Exceeds("path_direct_q", "path_direct_kq", clearly)
            ]
        claim
            TwoLayer
            "two-layer-needs-queries"
            "The second layer needs queries that read the first: they lower the loss, with and without such keys."
            [
                Exceeds("path_direct", "path_direct_q", clearly)
                Exceeds("path_direct_k", "path_direct_kq", clearly)
            ]
        claim
            TwoLayer
            "two-layer-together"
            "Keys and queries that read the first layer bring more together than the sum of what each brings alone."
            [ Above("path_synergy", clearly) ]
    ]

    /// The 2022 study's observations, and those of its author on two layers.
    let study: Claim list = plain @ smeared @ twoLayer

    /// The variant that a configuration trains, where it is one of the study's.
    let variantOf (c: Configuration) : Variant option =
        match c.Architecture.NLayers, c.Architecture.Smeared with
        | 1, false -> Some Plain
        | 1, true -> Some Smeared
        | 2, false -> Some TwoLayer
        | _ -> None
