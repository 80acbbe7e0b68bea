namespace Interp

/// What patching one activation at one position brings back.
[<StructuredFormatDisplay("{Display}")>]
type PatchEffect = {
    /// What is put in.
    Site: Site
    /// Where: a position of both texts.
    Position: int
    /// Logit difference restored: 0 is the corrupt run, 1 the clean one.
    Restored: float
} with

    member internal this.Display =
        Display.line $"{this.Site} at {this.Position}: {Display.percent this.Restored} restored"


/// Activation patching (Meng et al. 2022, "Locating and editing factual associations in GPT"; Wang et al. 2022).
[<StructuredFormatDisplay("{Display}")>]
type Patching = {
    /// Logit of the answer minus that of the wrong letter after the clean text.
    CleanDifference: float
    /// The same after the corrupt text.
    CorruptDifference: float
    /// Site by site, and at each position by position.
    Effects: PatchEffect list
} with

    member internal this.Display =
        let most =
            this.Effects
            |> List.sortByDescending (fun effect -> abs effect.Restored)
            |> List.truncate 10
            |> List.map (fun effect -> "  " + effect.Display)

        $"logit difference {Display.number this.CleanDifference} clean, {Display.number this.CorruptDifference} corrupt; the largest of {Display.count (int64 this.Effects.Length)} effects"
        :: most
        |> Display.lines 12


/// Activation patching carried out.
module Patching =

    /// Puts each activation of the clean text's run, one position at a time, into the corrupt text's run, both under interventions, and
    /// compares the logits of two letters behind the last position. The effects are not numbers where the runs' differences are equal.
    /// Raises `RefusedException` for texts of different lengths, for a letter that the model does not have, and for interventions as
    /// `Intervened` does.
    let measureWith
        (task: Task)
        (model: Model<Tensor>)
        (interventions: Intervention list)
        (answer: int)
        (wrong: int)
        (clean: Tokens)
        (corrupt: Tokens)
        : Patching =
        if clean.Length <> corrupt.Length then
            Refused.because
                $"The clean text has {clean.Length} letters and the corrupt one {corrupt.Length}, expected as many."

        let letters = model.W_U.Shape[1]

        for letter in [ answer; wrong ] do
            if letter < 0 || letter >= letters then
                Refused.because $"There is no letter {letter}; the model has letters 0 to {letters - 1}."

        let last = corrupt.Length - 1

        let edits = Intervened.under 1 task model interventions (fun edits _ -> edits)
        let cleanEdits, corruptEdits = edits clean, edits corrupt

        let difference edits tokens =
            let logits = Transformer.logitsWith edits model tokens
            Tensor.item [ last; answer ] logits - Tensor.item [ last; wrong ] logits

        let cleanDifference, corruptDifference = difference cleanEdits clean, difference corruptEdits corrupt
        let activations = Transformer.activations cleanEdits model clean

        let patched site position =
            Edits.at site (Intervened.replaceRow position (Transformer.at site activations))
            |> Edits.combine corruptEdits

        let sites = [
            for layer in 0 .. model.Blocks.Length do
                ResidualAt layer

            for site in [ QueryAt; KeyAt; ValueAt; PatternAt; OutputAt ] do
                for head in Model.heads model do
                    site head
        ]

        {
            CleanDifference = cleanDifference
            CorruptDifference = corruptDifference
            Effects = [
                for site in sites do
                    for position in 0..last do
                        {
                            Site = site
                            Position = position
                            Restored =
                                (difference (patched site position) corrupt - corruptDifference)
                                / (cleanDifference - corruptDifference)
                        }
            ]
        }

    /// The same of the model as it is.
    let measure (task: Task) (model: Model<Tensor>) (answer: int) (wrong: int) (clean: Tokens) (corrupt: Tokens) =
        measureWith task model [] answer wrong clean corrupt
