namespace Interp

/// The sentences of the study, and of its author's step to two layers, as claims.
module Claims =

    let private claim variant name sentence conditions = {
        Name = name
        About = Some variant
        Sentence = sentence
        Conditions = conditions
    }

    let private above (quantity, bound) = Condition.above quantity bound
    let private below (quantity, bound) = Condition.below quantity bound
    let private exceeds (quantity, other, margin) = Condition.exceeds quantity other margin

    // "Never" and "always" of a study that looked at five completions: less than one letter in a hundred.
    let private never = 0.01
    let private always = 0.99
    // Eigenvalues that have, for all that matters, one sign; the study's are beyond 0.999.
    let private oneSign = 0.99
    // A head with more than half of its eigenvalues' weight on one side copies, or does the opposite.
    let private mostly = 0.5
    // A tenth of a nat: ten times the error of a loss over 2,000 sequences, and half the least effect of a head in the study.
    let private clearly = 0.1

    let private neverRepeats prompts = [ below (Quantity.RepeatRate prompts, never) ]

    // Without the last binary digits of a sum of decimals, which a reader would have to see.
    let private round4 (bound: float) = System.Math.Round(bound, 4)

    let private lossNear variant name =
        let published = (Published.ofVariant variant).Loss

        claim variant name $"Its loss is within {clearly} nats of the published {published}." [
            above (Quantity.HeldOutLoss, round4 (published - clearly))
            below (Quantity.HeldOutLoss, round4 (published + clearly))
        ]

    let private plain = [
        claim
            Plain
            "plain-fails"
            "It cannot do the task: of prompts that show a pattern of six different letters twice, it continues fewer than one in a hundred correctly."
            [ below (Quantity.Completed PatternKind.Distinct, never) ]
        lossNear Plain "plain-loss"
        claim
            Plain
            "plain-never-repeats"
            "It practically never writes the same letter twice in a row."
            (neverRepeats (Patterned PatternKind.Distinct))
        claim Plain "plain-copies" "What it writes are letters of the prompt." [
            above (Quantity.FromPromptRate(Patterned PatternKind.Distinct), always)
        ]
        claim
            Plain
            "plain-copies-elsewhere"
            "What it writes are letters of the prompt even when the prompt shows no pattern."
            [ above (Quantity.FromPromptRate Unrelated, always) ]
        claim
            Plain
            "plain-direct-path"
            "The direct path, from a letter straight to the prediction, speaks against that letter."
            [ below (Quantity.DirectPath, -oneSign) ]
        claim
            Plain
            "plain-every-head-copies"
            "Every head makes the letters it looks at likelier rather than less likely."
            [ above (Quantity.OV(0, Lowest), 0.0) ]
        // The study's is 0.985, its next 0.857.
        claim Plain "plain-a-copying-head" "One head is almost entirely given to copying." [
            above (Quantity.OV(0, Highest), 0.95)
        ]
        claim Plain "plain-heads-copy-together" "Taken together, the heads do nothing but copy." [
            above (Quantity.OVSum 0, oneSign)
        ]
        // Most is more than half. Spread evenly it would be 0.22.
        claim
            Plain
            "plain-looks-nearby"
            "Most attention is on the current letter and the two before it (counted after the first block)."
            [ above (Quantity.AttentionNearby 0, 0.5) ]
        // Averages that share nine tenths of their mass are alike to the eye.
        claim Plain "plain-heads-alike" "All heads look at much the same places." [
            above (Quantity.AttentionOverlap 0, 0.9)
        ]
        claim Plain "plain-every-head-counts" "Without any one of its heads the loss rises by more than 0.1 nats." [
            above (Quantity.AblationRise 0, clearly)
        ]
    ]

    let private smeared = [
        // Nineteen of twenty: what the study's three prompts can just tell from always.
        claim
            Smeared
            "smeared-completes"
            "It does the task: of prompts that show a pattern of six different letters twice, it continues more than 95 in a hundred correctly."
            [ above (Quantity.Completed PatternKind.Distinct, 0.95) ]
        claim
            Smeared
            "smeared-fails-on-repeats"
            "Where the pattern has some letter twice, it continues fewer than half of the prompts correctly."
            [ below (Quantity.Completed PatternKind.Repeated, 0.5) ]
        lossNear Smeared "smeared-loss"
        claim
            Smeared
            "smeared-never-repeats"
            "It practically never writes the same letter twice in a row."
            (neverRepeats (Patterned PatternKind.Distinct))
        claim
            Smeared
            "smeared-never-repeats-elsewhere"
            "It practically never writes the same letter twice in a row even when the prompt shows no pattern."
            (neverRepeats Unrelated)
        claim
            Smeared
            "smeared-direct-path"
            "The direct path, from a letter straight to the prediction, speaks against that letter."
            [ below (Quantity.DirectPath, -oneSign) ]
        // The study's are 1, 1, -0.71 and -0.86.
        claim Smeared "smeared-both-kinds" "Some head copies the letters it looks at, and some head does the opposite." [
            above (Quantity.OV(0, Highest), 0.9)
            below (Quantity.OV(0, Lowest), -mostly)
        ]
        claim Smeared "smeared-two-and-two" "Two heads copy and two do the opposite." [
            above (Quantity.OV(0, Ranked 2), mostly)
            below (Quantity.OV(0, Ranked 3), -mostly)
        ]
        // Spread evenly it would be 0.08, and the plain model's is 0.09.
        claim
            Smeared
            "smeared-looks-back"
            "A head finds what followed the current letter last time: a fifth of its attention or more is there."
            [ above (Quantity.AttentionBlockBack 0, 0.2) ]
    ]

    let private twoLayer = [
        // Halfway between the two layers' published loss and the plain model's.
        claim TwoLayer "two-layer-better" "It does better than any one-layer model without smeared keys." [
            below (Quantity.HeldOutLoss, 2.0)
        ]
        lossNear TwoLayer "two-layer-loss"
        // The author gives -0.9995 and -0.9836 for it, so less is asked than of one layer.
        claim
            TwoLayer
            "two-layer-direct-path"
            "The direct path, from a letter straight to the prediction, speaks against that letter."
            [ below (Quantity.DirectPath, -0.9) ]
        claim
            TwoLayer
            "two-layer-first-suppresses"
            "Every head of the first layer makes the letters it looks at less likely rather than likelier."
            [ below (Quantity.OV(0, Highest), 0.0) ]
        // The published ones are -0.933 or less, and 0.997 or more.
        claim
            TwoLayer
            "two-layer-first-only-suppresses"
            "Every head of the first layer does almost nothing but make the letters it looks at less likely."
            [ below (Quantity.OV(0, Highest), -0.9) ]
        claim
            TwoLayer
            "two-layer-second-copies"
            "Every head of the second layer makes the letters it looks at likelier rather than less likely."
            [ above (Quantity.OV(1, Lowest), 0.0) ]
        claim
            TwoLayer
            "two-layer-second-only-copies"
            "Every head of the second layer does practically nothing but copy."
            [ above (Quantity.OV(1, Lowest), oneSign) ]
        claim
            TwoLayer
            "two-layer-every-head-counts"
            "Without any one head of the first layer the loss rises by more than half a nat."
            [ above (Quantity.AblationRise 0, 0.5) ]
        // Spread evenly it would be 0.12, which heads with random weights come close to.
        claim
            TwoLayer
            "two-layer-previous-token"
            "A head of the first layer looks at the letter before: a quarter more than evenly spread attention would."
            [ above (Quantity.PreviousToken 0, 0.15) ]
        claim
            TwoLayer
            "two-layer-k-composition"
            "All heads of the second layer search by what the first layer's previous-letter head has written (K-composition)."
            [ above (Quantity.PreviousToken 0, 0.15); above (Quantity.KCompositionPrevious, oneSign) ]
        // The published ones reach 0.95.
        claim
            TwoLayer
            "two-layer-one-carrier"
            "The previous-letter head is the only head of the first layer by which the second layer searches."
            [ below (Quantity.KCompositionOthers, oneSign) ]
        claim
            TwoLayer
            "two-layer-needs-keys"
            "The second layer needs keys that read the first: they lower the loss, with and without such queries."
            [
                exceeds (Quantity.PathLoss ComposedInputs.Neither, Quantity.PathLoss ComposedInputs.Keys, clearly)
                exceeds (Quantity.PathLoss ComposedInputs.Queries, Quantity.PathLoss ComposedInputs.Both, clearly)
            ]
        claim
            TwoLayer
            "two-layer-needs-queries"
            "The second layer needs queries that read the first: they lower the loss, with and without such keys."
            [
                exceeds (Quantity.PathLoss ComposedInputs.Neither, Quantity.PathLoss ComposedInputs.Queries, clearly)
                exceeds (Quantity.PathLoss ComposedInputs.Keys, Quantity.PathLoss ComposedInputs.Both, clearly)
            ]
        claim
            TwoLayer
            "two-layer-together"
            "Keys and queries that read the first layer bring more together than the sum of what each brings alone."
            [ above (Quantity.PathSynergy, clearly) ]
    ]

    /// The 2022 study's observations, and those of its author on two layers.
    let study: Claim list = plain @ smeared @ twoLayer
