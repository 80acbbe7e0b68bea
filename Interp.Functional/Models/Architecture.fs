namespace Interp

/// How a model knows where a letter stands.
[<RequireQualifiedAccess>]
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
type Smear =
    /// Neither queries nor keys.
    | Neither
    /// Keys: the study's.
    | Keys
    /// Queries.
    | Queries
    /// Keys and queries, each in its own proportion.
    | Both

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
}

/// What sequences are made of: a random pattern of letters (letters may repeat), repeated.
type Task = {
    /// Letters that patterns are drawn from.
    Letters: int
    /// Letters in a pattern.
    BlockLength: int
    /// Times that a sequence has its pattern.
    Blocks: int
} with

    /// Positions of a sequence. Raises `RefusedException` where they are more than an integer counts.
    member task.Length =
        match int64 task.BlockLength * int64 task.Blocks with
        | length when length >= 0L && length <= int64 System.Array.MaxLength -> int length
        | length ->
            Refused.because $"A sequence of {task.Blocks} blocks of {task.BlockLength} letters has {length} positions."

/// Held-out sequences of a task by their number and seed.
type Reference = {
    /// How many.
    Sequences: int
    /// What they are drawn with; no training batch of this seed shares random numbers with them.
    Seed: uint64
} with

    /// "256 sequences of seed 7"
    override this.ToString() = $"{this.Sequences} sequences of seed {this.Seed}"

/// What follows from a task alone.
module Task =

    /// The least loss that any model can have, in nats a letter: the letters of the first block after its first one are pure
    /// chance, the rest is determined: (block length - 1) ln letters / (length - 1).
    let floor (task: Task) = float (task.BlockLength - 1) * log (float task.Letters) / float (task.Length - 1)

    /// Letters of a prompt: two whole blocks where a sequence has more, else one.
    let promptLength (task: Task) = task.BlockLength * min 2 (task.Blocks - 1)
