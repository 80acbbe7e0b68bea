namespace Interp

/// One path from a letter's embedding to the logits: through no head, or through heads of ascending layers.
type PathTerm = {
    /// The heads on the way, the first first; none for the direct path.
    Heads: HeadAddress list
    /// What the path adds to the logits: [pos, vocab]
    Logits: Tensor
}

/// Logits as sums.
module Attribution =

    /// The logits as an exact sum of what the embedding and each head write directly: the direct path, then every head.
    let direct (model: Model<Tensor>) (tokens: Tokens) : PathTerm list =
        let activations = Transformer.activations Edits.none model tokens

        { Heads = []; Logits = Tensor.gather (Tensor.matmul model.W_E model.W_U) tokens }
        :: [
            for layer, activations in List.indexed activations.Layers do
                let logits = Tensor.einsum "hpm,mv->hpv" activations.HeadOutput model.W_U

                for head in 0 .. logits.Shape.Head - 1 do
                    { Heads = [ { Layer = layer; Head = head } ]; Logits = Tensor.select 0 head logits }
        ]

    /// The logits as an exact sum over all paths through the heads' values, the attention patterns held fixed (Elhage et al.
    /// 2021). A layer of h heads multiplies the number of paths by h + 1.
    let paths (model: Model<Tensor>) (tokens: Tokens) : PathTerm list =
        let activations = Transformer.activations Edits.none model tokens

        // What each path has written to the stream, [pos, d_model].
        let through layer (block: Block<Tensor>) (heads, written: Tensor) =
            let pattern = activations.Layers[layer].Pattern
            let value = Tensor.einsum "pm,hmd->hpd" written block.W_V
            let output = Tensor.einsum "hpd,hdm->hpm" (Tensor.causalMix pattern value) block.W_O

            List.init output.Shape.Head (fun head ->
                heads @ [ { Layer = layer; Head = head } ], Tensor.select 0 head output)

        ([ [], Tensor.gather model.W_E tokens ], List.indexed model.Blocks)
        ||> List.fold (fun paths (layer, block) -> paths @ List.collect (through layer block) paths)
        |> List.map (fun (heads, written) -> { Heads = heads; Logits = Tensor.matmul written model.W_U })

    /// The logits that the residual stream would give before each layer and behind the last one (nostalgebraist's logit lens,
    /// 2020): a [pos, vocab] each.
    let lens (model: Model<Tensor>) (tokens: Tokens) : Tensor list =
        let activations = Transformer.activations Edits.none model tokens

        (activations.Layers |> List.map _.ResidualBefore) @ [ activations.ResidualAfter ]
        |> List.map (fun stream -> Tensor.matmul stream model.W_U)

    /// Every head's output times a factor of its own.
    let internal scaled (heads: HeadAddress list) (factors: Tensor) : Edits =
        heads
        |> List.mapi (fun i head -> Edits.at (OutputAt head) (fun z -> z * Tensor.select 0 i factors))
        |> List.fold Edits.combine Edits.none

    /// How much the mean loss would rise without each head, in nats a letter and to first order: -z . dloss/dz. Beside the ablation itself
    /// this shows how far the model is from linear.
    let gradientTimesActivation
        threads
        (task: Task)
        (model: Model<Tensor>)
        (sequences: Tokens list)
        : (HeadAddress * float) list =
        let heads = Model.heads model

        // A factor of one on every head's output; the loss's slope in it is z . dloss/dz.
        let loss factors =
            sequences
            |> Batch.mean threads (Loss.perPositionOf (Transformer.logitsWith (scaled heads factors) model))
            |> Loss.counted task

        let slopes = Differentiation.grad loss (Tensor.ones [ heads.Length ])
        heads |> List.mapi (fun i head -> head, -(Tensor.item [ i ] slopes))
