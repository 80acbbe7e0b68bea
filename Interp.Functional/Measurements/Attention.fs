namespace Interp

/// Where heads look.
module Attention =

    /// A stack of layers' patterns, layer by layer.
    let internal layers (stacked: Tensor) : Tensor list =
        List.init stacked.Shape.Head (fun layer -> Tensor.select 0 layer stacked)

    /// The patterns averaged over sequences, a layer each: [head, pos, key_pos]. Raises `RefusedException` for no sequences, or
    /// sequences of different lengths.
    let average (threads: int) (model: Model<Tensor>) (sequences: Tokens list) : Tensor list =
        if model.Blocks.IsEmpty then
            []
        else
            Batch.mean threads (Transformer.patterns model >> Tensor.stack) sequences |> layers

    /// Mean attention at each distance, over the queries that can look so far back: [head, pos, key_pos] to [head, offset]
    /// for offsets 0 to pos/2 - 1. Raises `ArgumentException` for another shape.
    let byOffset (pattern: Tensor) : Tensor =
        match pattern.Shape with
        | [ heads; positions; _ ] ->
            Tensor.init [ heads; positions / 2 ] (fun index ->
                let head, offset = index[0], index[1]

                Seq.init (positions - offset) (fun i -> Tensor.item [ head; i + offset; i ] pattern) |> Seq.average)
        | shape -> Shape.fail $"Attention.byOffset: shape {Shape.show shape} is not [head, pos, key_pos]."

    /// Each key's column divided by its largest entry: the view in which the study shows its averages. Takes and
    /// gives [head, pos, key_pos]; a column of zeros stays. Raises `ArgumentException` for another shape.
    let columnNormalised (pattern: Tensor) : Tensor =
        match pattern.Shape with
        | [ heads; queries; keys ] ->
            let largest =
                Array2D.init heads keys (fun head key ->
                    Seq.init queries (fun query -> Tensor.item [ head; query; key ] pattern) |> Seq.max)

            Tensor.init pattern.Shape (fun index ->
                match largest[index[0], index[2]] with
                | 0.0 -> 0.0
                | most -> Tensor.item index pattern / most)
        | shape -> Shape.fail $"Attention.columnNormalised: shape {Shape.show shape} is not [head, pos, key_pos]."
