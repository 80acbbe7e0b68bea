namespace Interp

/// How strongly a head of the first layer looks for each letter.
type LettersOfHead = {
    /// Whose.
    Head: HeadAddress
    /// What the key's letter alone adds to its scores before the softmax, less the mean over letters: [vocab]
    Strengths: float list
}

/// The letters that the heads of a model's first layer look for, side by side.
type HeadLetters = {
    /// Each head's.
    Heads: LettersOfHead list
    /// The largest Pearson correlation between the strengths of two heads: below 0 where no two look for the same letters. None of one head.
    LargestCorrelation: float option
    /// Draws of the null below.
    Draws: int
    /// Of its permutations.
    Seed: uint64
    /// The share of draws, with each head's letters shuffled independently, in which all correlations are below 0. None of one head.
    AllBelowZeroByChance: float option
}

/// What letters heads look for: the numbers that `own-letters` keeps.
module HeadLetters =

    // A share near one in a hundred is known to three thousandths.
    let private draws = 1000
    let private seed = 0x6C657474UL

    /// Of a model of this shape; none without layers, with rotary positions, where scores are no sum, and for more letters and parts than explanations are
    /// measured of.
    let ofModel (a: Architecture) (model: Model<Tensor>) : HeadLetters option =
        if not (NamedShares.measurable a && Parts.areSums a) then
            None
        else
            let terms = Terms.ofModel a.NCtx model

            let heads =
                List.init a.NHeads (fun number ->
                    let head = { Layer = 0; Head = number }
                    head, NamedShares.letterStrengths terms head)

            let shuffled draw =
                let key = Key.ofSeed seed |> Key.split (uint64 draw)

                heads
                |> List.mapi (fun i (_, strengths) ->
                    let order = Nulls.permutation strengths.Length (Key.split (uint64 i) key)
                    order |> Array.map (fun letter -> strengths[letter]))
                |> NamedShares.largestCorrelation

            let below = List.init draws shuffled |> List.choose id

            {
                Heads = [ for head, strengths in heads -> { Head = head; Strengths = List.ofArray strengths } ]
                LargestCorrelation = heads |> List.map snd |> NamedShares.largestCorrelation
                Draws = draws
                Seed = seed
                AllBelowZeroByChance =
                    match below with
                    | [] -> None
                    | below ->
                        let count = below |> List.filter (fun largest -> largest < 0.0) |> List.length
                        Some(float count / float below.Length)
            }
            |> Some
