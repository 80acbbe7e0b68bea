namespace Interp

/// How exactly a figure was published.
[<RequireQualifiedAccess>]
type Precision =
    /// To the digits printed.
    | Printed
    /// Read off a curve.
    | About
    /// The number or more.
    | AtLeast
    /// The number or less.
    | AtMost

/// A figure of the study's.
[<StructuredFormatDisplay("{Display}")>]
type PublishedValue = {
    /// The number.
    Value: float
    /// How it was given.
    Precision: Precision
} with

    member internal this.Display = Display.line (this.ToString())

    /// "2.6065", "about 1.23", "at least 0.9999"
    override this.ToString() =
        match this.Precision with
        | Precision.Printed -> $"{this.Value}"
        | Precision.About -> $"about {this.Value}"
        | Precision.AtLeast -> $"at least {this.Value}"
        | Precision.AtMost -> $"at most {this.Value}"

/// A completion as the study printed it.
type PublishedCompletion = {
    /// Letters.
    Prompt: string
    /// What the model wrote behind it.
    Completion: string
}

/// Eigenvalue scores of the K-composition term W_E W_QK W_OV^T W_E^T.
type PublishedComposition = {
    /// At least, through the first layer's previous-token head.
    ThroughPreviousTokenHead: float
    /// Through the other heads of the first layer.
    OthersLeast: float
    /// The same, at most.
    OthersMost: float
}

/// What the study published about one kind of model, trained from one seed. Losses are held out, in nats a letter.
type PublishedModel = {
    /// Of the trained model.
    Loss: float
    /// Read off a curve rather than printed.
    LossIsApproximate: bool
    /// Eigenvalue scores of the heads' OV circuits: [layer] of [head].
    OVScores: float list list
    /// Of the sum of the OV circuits.
    OVSumScore: float option
    /// Eigenvalue score of W_E W_U.
    DirectPathScore: float
    /// Of its prompts; empty where they were not published.
    Completions: PublishedCompletion list
    /// Without each head of the first layer: [head]; empty where they were not published.
    AblatedLosses: float list
    /// Losses with paths cut.
    Paths: PathExperiment option
    /// Of two layers.
    KComposition: PublishedComposition option
}

/// The figures of the study, "Attempting to reverse engineer one-layer transformers" (CG80499, 2022; github.com/CG80499/Attention-only-transformers),
/// and of its author's step to two layers in the same repository. They are what claims are held against; nothing is measured by them.
module Published =

    /// The prompts that the study completes; the last two are no repetition of one block.
    let prompts = [ "ABCDEF"; "ABCDEFABCDEF"; "XYZRSTXYZRST"; "ABCDEFXYZRST"; "QWERTYXYZRST" ]

    let private completions letters =
        List.map2 (fun prompt completion -> { Prompt = prompt; Completion = completion }) prompts letters

    /// One layer, keys as they are.
    let plain: PublishedModel = {
        Loss = 2.6065
        LossIsApproximate = false
        OVScores = [ [ 0.6860927; 0.85695416; 0.98481447; 0.5779195 ] ]
        OVSumScore = Some 0.9997909
        DirectPathScore = -0.9995849
        Completions =
            completions [
                "ECECECECECECECECEC"
                "CFCFCFCFCFCF"
                // Printed with 13 letters: one more than fits in 24.
                "TSTSZSTSTSZST"
                "FEFEFEFEFEFE"
                "YTYTYTYTYTYT"
            ]
        AblatedLosses = [ 2.8055; 2.8358; 2.8343; 2.8078 ]
        Paths = None
        KComposition = None
    }

    /// One layer, smeared keys.
    let smeared: PublishedModel = {
        Loss = 1.23
        LossIsApproximate = true
        OVScores = [ [ -0.71228284; 1.0; 1.0; -0.856813 ] ]
        OVSumScore = None
        DirectPathScore = -0.9998577
        Completions =
            completions [ "EFEFEFEFEFEFEFEFEF"; "ABCDEFABCDEF"; "XYZRSTXYZRST"; "FXYZRSTFXYZR"; "YXYXYXYXYXYX" ]
        AblatedLosses = []
        Paths = None
        KComposition = None
    }

    /// Two layers, keys as they are. The direct path is the text's; a comment in the code says -0.9836.
    let twoLayer: PublishedModel = {
        Loss = 1.3845
        LossIsApproximate = false
        OVScores = [ [ -1.0; -0.94; -0.933; -1.0 ]; [ 0.9998; 0.9999; 0.9999; 0.997 ] ]
        OVSumScore = None
        DirectPathScore = -0.9995
        Completions = []
        AblatedLosses = [ 2.2649; 2.458; 2.7365; 2.4093 ]
        Paths = Some { Direct = 3.1235; WithKeys = 2.5182; WithQueries = 2.6181; WithBoth = 1.3905 }
        KComposition = Some { ThroughPreviousTokenHead = 0.9999; OthersLeast = -0.94; OthersMost = 0.95 }
    }

    /// What was published of a variant.
    let ofVariant (variant: Variant) : PublishedModel =
        match variant with
        | Plain -> plain
        | Smeared -> smeared
        | TwoLayer -> twoLayer

    let private figure precision value = { Value = value; Precision = precision }
    let private printed = figure Precision.Printed

    // A difference of figures printed with four decimals has no more.
    let private difference (value: float) = printed (System.Math.Round(value, 4))

    let private ranked rank (scores: float list) =
        let sorted = List.sortDescending scores

        match rank with
        | Highest -> List.tryHead sorted
        | Ranked n -> List.tryItem (n - 1) sorted
        | Lowest -> List.tryLast sorted

    /// The published figure of a quantity, or the difference of two such figures, where there is one.
    let value (variant: Variant) (quantity: Quantity) : PublishedValue option =
        let model = ofVariant variant

        match quantity with
        | Quantity.HeldOutLoss ->
            Some(figure (if model.LossIsApproximate then Precision.About else Precision.Printed) model.Loss)
        | Quantity.DirectPath -> Some(printed model.DirectPathScore)
        | Quantity.OVSum 0 -> model.OVSumScore |> Option.map printed
        | Quantity.OV(layer, rank) ->
            model.OVScores |> List.tryItem layer |> Option.bind (ranked rank) |> Option.map printed
        | Quantity.AblationRise 0 when not model.AblatedLosses.IsEmpty ->
            Some(difference (List.min model.AblatedLosses - model.Loss))
        | Quantity.KCompositionPrevious ->
            model.KComposition |> Option.map (_.ThroughPreviousTokenHead >> figure Precision.AtLeast)
        | Quantity.KCompositionOthers -> model.KComposition |> Option.map (_.OthersMost >> figure Precision.AtMost)
        | Quantity.PathLoss inputs -> model.Paths |> Option.map (PathExperiment.loss inputs >> printed)
        | Quantity.PathSynergy -> model.Paths |> Option.map (PathExperiment.synergy >> difference)
        | Quantity.LossAboveFloor
        | Quantity.Accuracy
        | Quantity.InContextLearning
        | Quantity.Completed _
        | Quantity.LettersRight _
        | Quantity.RepeatRate _
        | Quantity.FromPromptRate _
        | Quantity.RecentRate _
        | Quantity.AlternationRate _
        | Quantity.DoubledWhereRight
        | Quantity.FirstBlockRate
        | Quantity.FollowsLastRate
        | Quantity.OVSum _
        | Quantity.HeldDownByLayer _
        | Quantity.HeldDownBySuppressors
        | Quantity.AttentionLastFive _
        | Quantity.AttentionLastTen _
        | Quantity.AttentionFirst _
        | Quantity.AttentionFirstWithoutKeys _
        | Quantity.AttentionBlockBack _
        | Quantity.AttentionNearby _
        | Quantity.AttentionOverlap _
        | Quantity.PreviousToken _
        | Quantity.PrefixMatching _
        | Quantity.AblationRise _
        | Quantity.ExplainedAuthor
        | Quantity.ExplainedPadlocks
        | Quantity.ExplainedOwnStrengths
        | Quantity.LettersCorrelation _
        | Quantity.OfHead _
        | Quantity.Own _ -> None
