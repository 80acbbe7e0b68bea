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
    let private exceedsThatOf variant (quantity, margin) = Condition.exceedsThatOf variant quantity margin
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

    // "Near 0" where scores and shares go to 1: a tenth.
    let private nearZero = 0.1

    /// No head for which all of these hold, given some head that is of the kind.
    let private everyHead (ofKind: Condition list) (but: Condition) = [
        Above(Expression.Count(ofKind, Over.Heads), Expression.Number 0.0)
        Below(Expression.Count(ofKind @ [ but ], Over.Heads), Expression.Number 1.0)
    ]

    let private ofHead quantity = Expression.Each(Part.Head quantity)
    let private number bound = Expression.Number bound

    // The author prints scores as complex numbers, and says that imaginary parts are always near 0. Those of the scores are 0 whatever the model,
    // as a real matrix has its eigenvalues in conjugate pairs: what a model can fail at is what he says of the eigenvalues.
    let private realEigenvalues variant name =
        claim
            variant
            name
            "The eigenvalues of every head’s OV circuit are nearly real: their imaginary parts come to less than a tenth of their magnitudes."
            [
                Below(Expression.Of(Aggregate.Max, ofHead HeadQuantity.OVImaginaryWeight, Over.Heads), number nearZero)
            ]

    let private neverRepeats prompts = [ below (Quantity.RepeatRate prompts, never) ]

    // Without the last binary digits of a sum of decimals, which a reader would have to see.
    let private round4 (bound: float) = System.Math.Round(bound, 4)

    let private lossNear variant name =
        let published = (Published.ofVariant variant).Loss

        claim variant name $"Its loss is within {clearly} nats of the published {published}." [
            above (Quantity.HeldOutLoss, round4 (published - clearly))
            below (Quantity.HeldOutLoss, round4 (published + clearly))
        ]

    // Nine tenths: what is left of the divergence of saying nothing is a tenth, less than any single part of a model is worth.
    let private explains = 0.9

    let private authorExplains variant name =
        claim
            variant
            name
            "The author’s explanation explains nine tenths of it: 1 − KL / KL(nothing), on held-out sequences."
            [ above (Quantity.ExplainedAuthor, explains) ]

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
        // "Just", with what his own five completions show: 58 of their 66 letters are one of the three before.
        claim
            Plain
            "plain-copies-the-last"
            "It just copies the past few letters: more than four in five of what it writes are one of the three before."
            [ above (Quantity.RecentRate(Patterned PatternKind.Distinct), 0.8) ]
        // Four of his five completions do nothing else, one has a third letter now and then: mostly is more than half.
        claim Plain "plain-alternates" "What it writes mostly goes to and fro between two letters." [
            above (Quantity.AlternationRate(Patterned PatternKind.Distinct), mostly)
        ]
        // "The last ~10 letters": spread evenly it would be 0.62.
        claim
            Plain
            "plain-last-ten"
            "It copies from the last ten letters or so: nine tenths of attention are there, where more than ten are seen."
            [ above (Quantity.AttentionLastTen 0, 0.9) ]
        // "Favour letters close to the current one": more on the nearer half of the ten, whatever they have together.
        claim
            Plain
            "plain-favours-near"
            "Of the last ten letters it favours the near ones: the last five have more attention than the five before them."
            [
                Above(
                    Expression.Measured(Quantity.AttentionLastFive 0),
                    Expression.Minus(
                        Expression.Measured(Quantity.AttentionLastTen 0),
                        Expression.Measured(Quantity.AttentionLastFive 0)
                    )
                )
            ]
        realEigenvalues Plain "plain-real-eigenvalues"
        authorExplains Plain "plain-author-explains"
        // A head alone is a quarter of what the heads do, so that its average, too, leaves most of the model as it is.
        claim
            Plain
            "plain-own-letters"
            "Every head looks for letters of its own, wherever they stand: that explains nine tenths of the model, and its places alone do not."
            [
                Above(
                    Expression.Of(Aggregate.Min, ofHead HeadQuantity.ExplainedOwnLetters, Over.Heads),
                    number explains
                )
                Below(Expression.Of(Aggregate.Max, ofHead HeadQuantity.ExplainedPositions, Over.Heads), number explains)
            ]
        claim
            Plain
            "plain-alphabet-divided"
            "No two heads look for the same letters: their strengths by letter are correlated negatively."
            [ below (Quantity.LettersCorrelation 0, 0.0) ]
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
        // A head looks there, rather than elsewhere, where it looks there more than at any other distance.
        claim
            Smeared
            "smeared-copying-heads-look-back"
            "Every head that copies looks five letters back, at what followed the current letter last time, more than at any other distance."
            (everyHead
                [ Above(ofHead HeadQuantity.OV, number mostly) ]
                (Below(ofHead HeadQuantity.AttentionBlockBack, ofHead HeadQuantity.AttentionElsewhere)))
        // Of the kinds that the study tells apart the other one does the opposite of copying. More than half, as of the plain model.
        claim
            Smeared
            "smeared-other-heads-nearby"
            "Every head that does the opposite looks mostly at the current letter and the two before it (counted after the first block)."
            (everyHead
                [ Below(ofHead HeadQuantity.OV, number -mostly) ]
                (Below(ofHead HeadQuantity.AttentionNearby, number 0.5)))
        // "The last ~3 letters (including the current letter)": two to four.
        claim
            Smeared
            "smeared-holds-down-three"
            "Direct path and suppressing heads together hold down the last three letters or so: two to four."
            [ above (Quantity.HeldDownBySuppressors, 1.0); below (Quantity.HeldDownBySuppressors, 5.0) ]
        // "It seems to": more often than not. His two completions have 22 letters of 23.
        claim
            Smeared
            "smeared-nearest-copy"
            "When the prompt shows no pattern, it mostly goes on with what followed the current letter the last time."
            [ above (Quantity.FollowsLastRate, mostly) ]
        realEigenvalues Smeared "smeared-real-eigenvalues"
        authorExplains Smeared "smeared-author-explains"
        // Two models tried before gave 0.888 and 0.908.
        claim
            Smeared
            "smeared-padlocks"
            "It is padlocks and keys: two numbers a table, one for a letter’s own key and one for all others, explain 0.85 of it."
            [ above (Quantity.ExplainedPadlocks, 0.85) ]
        claim
            Smeared
            "smeared-heads-by-place"
            "Its heads taken one by one look by place: each by its average attention alone leaves nine tenths explained."
            [
                Above(Expression.Of(Aggregate.Min, ofHead HeadQuantity.ExplainedPositions, Over.Heads), number explains)
            ]
        claim
            Smeared
            "smeared-copying-heads-match"
            "Every head that copies follows the last match of the current letter rather than the place five back."
            (everyHead
                [ Above(ofHead HeadQuantity.OV, number mostly) ]
                (Below(ofHead HeadQuantity.ExplainedAfterLastMatch, ofHead HeadQuantity.ExplainedBlockBack)))
    ]

    // Of queries from the end of the second block on evenly spread attention has 0.058 at one place, and a quarter more than that is
    // this; a fifth of a head's attention is what the study's smeared heads are asked for that look at one place.
    let private firstPlace = 0.073

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
        // Both are measured on the same sequences, so that any difference is one.
        claim
            TwoLayer
            "two-layer-worse-than-smeared"
            "It does worse than one layer with smeared keys (trained from the same seed)."
            [ exceedsThatOf Smeared (Quantity.HeldOutLoss, 0.0) ]
        // "(Almost) correctly": one wrong letter of the twelve is almost.
        claim
            TwoLayer
            "two-layer-almost-completes"
            "It almost completes prompts that show a pattern of six different letters twice: more than nine letters in ten are right."
            [ above (Quantity.LettersRight PatternKind.Distinct, 0.9) ]
        claim
            TwoLayer
            "two-layer-never-repeats"
            "It practically never writes the same letter twice in a row, not even where that is right."
            [ yield! neverRepeats (Patterned PatternKind.Distinct); below (Quantity.DoubledWhereRight, never) ]
        // In his example eleven letters of twelve are; mostly is more than half.
        claim
            TwoLayer
            "two-layer-first-block"
            "When the prompt shows two different blocks, it mostly goes on with the first."
            [ above (Quantity.FirstBlockRate, mostly) ]
        realEigenvalues TwoLayer "two-layer-real-eigenvalues"
        // "Always": he saw it on averages, so that more than half of all attention is the least that it can mean.
        claim
            TwoLayer
            "two-layer-always-previous"
            "A head of the first layer always looks at the letter before: more than half of its attention is there."
            [ above (Quantity.PreviousToken 0, 0.5) ]
        // "The last ~3 letters (including the current letter)": two to four.
        claim
            TwoLayer
            "two-layer-first-holds-down-three"
            "The heads of the first layer hold down the last three letters or so: two to four."
            [ above (Quantity.HeldDownByLayer 0, 1.0); below (Quantity.HeldDownByLayer 0, 5.0) ]
        // "Don't repeat the last ~4-6 letters", of which three are the least that it says.
        claim
            TwoLayer
            "two-layer-no-recent-letter"
            "It does not write the last four to six letters again: practically never one of the last three."
            [ below (Quantity.RecentRate(Patterned PatternKind.Distinct), never) ]
        // As of the plain model's heads.
        claim TwoLayer "two-layer-second-alike" "All heads of the second layer look at much the same places." [
            above (Quantity.AttentionOverlap 1, 0.9)
        ]
        claim
            TwoLayer
            "two-layer-looks-at-first"
            "The second layer looks at where the next letter stood first: a quarter more than evenly spread attention would."
            [ above (Quantity.AttentionFirst 1, firstPlace) ]
        claim
            TwoLayer
            "two-layer-looks-faintly"
            "What the second layer has there is faint: less than a fifth of its attention."
            [ below (Quantity.AttentionFirst 1, 0.2) ]
        claim
            TwoLayer
            "two-layer-first-by-keys"
            "It looks there by its keys that read the first layer (K-composition), and without these no longer does."
            [
                above (Quantity.AttentionFirst 1, firstPlace)
                below (Quantity.AttentionFirstWithoutKeys 1, firstPlace)
            ]
        authorExplains TwoLayer "two-layer-author-explains"
        claim
            TwoLayer
            "two-layer-own-strengths"
            "What its layers move is each letter’s own strength: all paths by their diagonals alone explain 0.8 of it."
            [ above (Quantity.ExplainedOwnStrengths, 0.8) ]
    ]

    /// The 2022 study's observations, and those of its author on two layers.
    let study: Claim list = plain @ smeared @ twoLayer
