namespace Interp

/// How a model knows where a letter stands.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Positions =
    /// The study's: sines and cosines added to queries and keys.
    | Study
    /// A learned vector of each position, W_pos, added to the residual stream as a letter's embedding is (Radford et al. 2018,
    /// "Improving language understanding by generative pre-training").
    | Standard
    /// Queries and keys turned by angles that grow with the position, so that scores know of differences alone (Su et al. 2021,
    /// "RoFormer: Enhanced transformer with rotary position embedding").
    | Rotary
    /// Not at all, but for the causal mask.
    | NoPositions

    member internal this.Display = Display.line (this.ToString())

    /// "study", "standard", "rotary" or "none"
    override this.ToString() =
        match this with
        | Study -> "study"
        | Standard -> "standard"
        | Rotary -> "rotary"
        | NoPositions -> "none"

/// What a head mixes with its like at the position before, in a learned proportion (Olsson et al. 2022, "In-context learning and
/// induction heads", of keys).
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Smear =
    /// Neither queries nor keys.
    | Neither
    /// Keys: the study's.
    | Keys
    /// Queries.
    | Queries
    /// Keys and queries, each in its own proportion.
    | Both

    member internal this.Display = Display.line (this.ToString())

    /// "none", "keys", "queries" or "both"
    override this.ToString() =
        match this with
        | Neither -> "none"
        | Keys -> "keys"
        | Queries -> "queries"
        | Both -> "both"

    /// Whether keys are smeared.
    member this.OfKeys = this.IsKeys || this.IsBoth

    /// Whether queries are smeared.
    member this.OfQueries = this.IsQueries || this.IsBoth

/// The shape of a model, by the words of the field (TransformerLens).
[<StructuredFormatDisplay("{Display}")>]
type Architecture = {
    /// Attention layers; with none the model is one of bigrams.
    NLayers: int
    /// Heads a layer.
    NHeads: int
    /// Width of the residual stream.
    DModel: int
    /// Width of a head's queries, keys and values.
    DHead: int
    /// Letters.
    DVocab: int
    /// Positions.
    NCtx: int
    /// How it knows where a letter stands.
    Positions: Positions
    /// What is mixed with its like at the position before.
    Smear: Smear
} with

    member internal this.Display =
        let layers =
            if this.NLayers = 0 then
                "no layers"
            else
                $"""{Display.counted this.NLayers "layer"} of {Display.counted this.NHeads "head"}"""

        let smear = if this.Smear = Smear.Neither then "" else $", smear {this.Smear}"

        Display.line
            $"{layers}, d_model {this.DModel}, d_head {this.DHead}, d_vocab {this.DVocab}, n_ctx {this.NCtx}, positions {this.Positions}{smear}"
