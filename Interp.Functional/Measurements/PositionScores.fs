namespace Interp

/// What positions alone add to a head's attention scores.
[<StructuredFormatDisplay("{Display}")>]
type PositionScores = {
    /// Whose.
    Head: HeadAddress
    /// The mean score over all letters at each query and key, zero where the key comes after the query: [pos, key_pos]
    Scores: Tensor
    /// Its mean at each distance, over the queries that can look so far back, for offsets 0 to pos/2 - 1.
    ByOffset: float list
} with

    member internal this.Display =
        let offsets =
            Display.matrix 1 None 1 this.ByOffset.Length (fun _ offset -> this.ByOffset[offset])
            |> String.concat ""

        Display.line $"head {this.Head}, mean score by offset:{offsets}"


/// The part of positions in QK circuits. Beside it `Circuits.qk` is the part of letters.
module PositionScores =

    /// The mean attention score q . k / sqrt(d_head) over all letters, each place's drawn apart from the others', for every head and sequences of
    /// so many positions. A head of a later layer is seen as it reads embedding and positions directly, not through other heads. What varies
    /// is the position's: through the study's sinusoids, through W_pos, or as mean query and mean key are turned against each other; without
    /// positions nothing does. Raises `RefusedException` for more positions than the model has, or none.
    let ofModel (positions: int) (model: Model<Tensor>) : PositionScores list =
        // A score is linear in the query's letters and in the key's, so that its mean is the score of a letter that is the mean of all, in a
        // model whose heads write nothing.
        let mean = {
            model with
                W_E = Tensor.meanKeep [ 0 ] model.W_E
                Blocks = model.Blocks |> List.map (fun block -> { block with W_O = Tensor.zerosLike block.W_O })
        }

        let activations = Transformer.activations Edits.none mean (Tokens.ofArray (Array.zeroCreate positions))

        [
            for layer, activations in List.indexed activations.Layers do
                let offsets = Attention.byOffset activations.Scores

                for head in 0 .. activations.Scores.Shape.Head - 1 do
                    {
                        Head = { Layer = layer; Head = head }
                        Scores = Tensor.select 0 head activations.Scores
                        ByOffset = Tensor.select 0 head offsets |> _.ToArray() |> Array.map float |> Array.toList
                    }
        ]
