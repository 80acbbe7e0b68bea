namespace Interp

/// The study's task: a random pattern of letters (letters may repeat), repeated.
type Repetition = {
    /// Letters that patterns are drawn from.
    Letters: int
    /// Letters in a pattern.
    BlockLength: int
    /// Times that a sequence has its pattern.
    Blocks: int
} with

    /// Positions of a sequence. Raises `RefusedException` where they are more than an integer counts.
    member this.Length =
        match int64 this.BlockLength * int64 this.Blocks with
        | length when length >= 0L && length <= int64 System.Array.MaxLength -> int length
        | length ->
            Refused.because $"A sequence of {this.Blocks} blocks of {this.BlockLength} letters has {length} positions."

/// Held-out sequences of a task by their number and seed.
[<StructuredFormatDisplay("{Display}")>]
type Reference = {
    /// How many.
    Sequences: int
    /// What they are drawn with; no training batch of this seed shares random numbers with them.
    Seed: uint64
} with

    member internal this.Display = Display.line (this.ToString())

    /// "256 sequences of seed 7"
    override this.ToString() = $"{this.Sequences} sequences of seed {this.Seed}"
