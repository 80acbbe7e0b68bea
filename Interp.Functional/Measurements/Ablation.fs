namespace Interp

/// How an ablated head's output is filled.
[<StructuredFormatDisplay("{Display}")>]
type AblationMode =
    /// Nothing.
    | ZeroMode
    /// Its mean over sequences, position by position.
    | MeanMode
    /// What it writes on another sequence.
    | ResampleMode

    member internal this.Display = Display.line (this.ToString())

    /// "zero", "mean" or "resample"
    override this.ToString() =
        match this with
        | ZeroMode -> "zero"
        | MeanMode -> "mean"
        | ResampleMode -> "resample"

/// Mean loss without some heads.
[<StructuredFormatDisplay("{Display}")>]
type Ablation = {
    /// Which.
    Heads: HeadAddress list
    /// In nats a letter.
    Loss: float
} with

    member internal this.Display =
        let heads = this.Heads |> List.map string |> String.concat " "
        Display.line $"without {heads}: loss {Display.number this.Loss}"


/// The loss without a head, and what it is to first order.
[<StructuredFormatDisplay("{Display}")>]
type HeadAblation = {
    /// Which.
    Head: HeadAddress
    /// In nats a letter.
    Loss: float
    /// The same estimated, in nats a letter, by gradient times activation; only where nothing takes the head's place.
    FirstOrder: float option
} with

    member internal this.Display =
        let firstOrder =
            this.FirstOrder
            |> Option.map (fun loss -> $" ({Display.number loss} to first order)")
            |> Option.defaultValue ""

        Display.line $"without {this.Head}: loss {Display.number this.Loss}{firstOrder}"


/// Losses without heads, over held-out sequences.
[<StructuredFormatDisplay("{Display}")>]
type Ablations = {
    /// What takes a head's place.
    Mode: AblationMode
    /// The sequences.
    Reference: Reference
    /// The loss of the whole model on them, in nats a letter.
    Whole: float
    /// Without each head in turn.
    Heads: HeadAblation list
    /// Without each pair of heads; none where they were not asked for.
    Pairs: Ablation list
} with

    member internal this.Display =
        let row heads loss = [ heads; Display.number loss; Display.number (loss - this.Whole) ]

        Display.table 1 (Display.line $"{this.Mode} ablation over {this.Reference}, in nats a letter") [
            "without"
            "loss"
            "rise"
        ] [
            row "nothing" this.Whole
            for each in this.Heads do
                row (string each.Head) each.Loss
            for pair in this.Pairs do
                row (pair.Heads |> List.map string |> String.concat " ") pair.Loss
        ]


/// Ablations carried out.
module Ablation =

    // Sequences behind the first-order estimate, which is a mean over them like the loss, at a gradient's cost.
    let internal mostForGradient = 4000

    let private ablated mode (reference: Reference) head =
        match mode with
        | ZeroMode -> ZeroAblate head
        | MeanMode -> MeanAblate(head, reference)
        // Another stream of sequences than the one that is measured on.
        | ResampleMode -> ResampleAblate(head, reference.Seed + 1UL)

    /// The loss, by what it is under interventions, without each of some sets of heads.
    let private ablateSets (loss: Intervention list -> float) mode reference sets : Ablation list =
        sets
        |> List.map (fun heads -> { Heads = heads; Loss = loss (heads |> List.map (ablated mode reference)) })

    let private single loss mode reference (heads: HeadAddress list) =
        heads |> List.map List.singleton |> ablateSets loss mode reference

    let private twos loss mode reference (heads: HeadAddress list) =
        List.allPairs heads heads
        |> List.filter (fun (a, b) -> (a.Layer, a.Head) < (b.Layer, b.Head))
        |> List.map (fun (a, b) -> [ a; b ])
        |> ablateSets loss mode reference

    let private lossOf threads task model reference interventions =
        Intervened.loss threads task model interventions reference

    /// The losses under interventions that are there before any head is taken out.
    let private beyond (interventions: Intervention list) (loss: Intervention list -> float) further =
        loss (interventions @ further)

    /// The loss without each head in turn.
    let heads threads task model mode reference : Ablation list =
        Model.heads model |> single (lossOf threads task model reference) mode reference

    /// The loss without each pair of heads.
    let pairs threads task model mode reference : Ablation list =
        Model.heads model |> twos (lossOf threads task model reference) mode reference

    let private put mode reference whole (estimates: Map<HeadAddress, float>) heads pairs : Ablations = {
        Mode = mode
        Reference = reference
        Whole = whole
        Heads = [
            for ablation: Ablation in heads ->
                {
                    Head = ablation.Heads.Head
                    Loss = ablation.Loss
                    FirstOrder = estimates.TryFind ablation.Heads.Head |> Option.map ((+) whole)
                }
        ]
        Pairs = pairs
    }

    /// The losses of what has a loss under interventions: whole, without each of its heads, and without each pair where `withPairs`.
    let internal by loss mode (reference: Reference) heads withPairs : Ablations =
        let pairs = if withPairs then twos loss mode reference heads else []
        put mode reference (loss []) Map.empty (single loss mode reference heads) pairs

    let private estimates threads (task: Task) model mode interventions (reference: Reference) =
        if mode = ZeroMode then
            let sequences =
                Sequences.heldOut task { reference with Sequences = min mostForGradient reference.Sequences }

            let losses logits = Intervened.perPositionOf threads task model interventions logits sequences

            Attribution.slopes losses task model |> Map.ofList
        else
            Map.empty

    /// What losses without each head (`heads`) and each pair (`pairs`) come to, beside the whole model's loss and, where heads write nothing,
    /// the estimates to first order.
    let beside
        threads
        (task: Task)
        model
        mode
        reference
        whole
        (heads: Ablation list)
        (pairs: Ablation list)
        : Ablations =
        put mode reference whole (estimates threads task model mode [] reference) heads pairs

    /// The losses under interventions without each head, and without each pair where `withPairs`, on the sequences of `reference`. What a head
    /// writes in the mean, or for another sequence, it writes where nothing else is done.
    let measureWith threads (task: Task) model interventions mode (reference: Reference) withPairs : Ablations =
        let loss = beyond interventions (lossOf threads task model reference)
        let whole = loss []
        let pairs = if withPairs then twos loss mode reference (Model.heads model) else []
        let estimates = estimates threads task model mode interventions reference
        put mode reference whole estimates (single loss mode reference (Model.heads model)) pairs

    /// The losses without each head, and without each pair where `withPairs`, on the sequences of `reference`.
    let measure threads (task: Task) model mode (reference: Reference) withPairs : Ablations =
        measureWith threads task model [] mode reference withPairs
