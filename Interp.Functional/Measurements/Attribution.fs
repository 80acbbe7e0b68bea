namespace Interp

/// One path to the logits: through no head, or through heads of ascending layers.
type PathTerm = {
    /// What wrote what the path carries: the embedding or the positions; a head where all that it writes is one term.
    Source: Component
    /// The heads on the way, the first first; none for a direct path.
    Heads: HeadAddress list
    /// What the path adds to the logits: [pos, vocab]
    Logits: Tensor
}

/// Logits as sums.
module Attribution =

    /// What the embedding and learned positions write to the stream: [pos, d_model] each.
    let private sources (model: Model<Tensor>) (tokens: Tokens) = [
        Embedding, Tensor.gather model.W_E tokens

        for w_pos in Option.toList model.W_pos do
            PositionEmbedding, Tensor.slice 0 0 tokens.Length w_pos
    ]

    /// The logits as an exact sum of what each component writes directly: the direct path, that of learned positions, then every head.
    let direct (model: Model<Tensor>) (tokens: Tokens) : PathTerm list =
        let activations = Transformer.activations Edits.none model tokens

        [
            for source, written in sources model tokens do
                { Source = source; Heads = []; Logits = Tensor.matmul written model.W_U }

            for layer, activations in List.indexed activations.Layers do
                let logits = Tensor.einsum "hpm,mv->hpv" activations.HeadOutput model.W_U

                for head in 0 .. logits.Shape.Head - 1 do
                    let address = { Layer = layer; Head = head }
                    { Source = HeadOutput address; Heads = [ address ]; Logits = Tensor.select 0 head logits }
        ]

    /// The logits as an exact sum over all paths through the heads' values, from the embedding and from learned positions, the attention
    /// patterns held fixed (Elhage et al. 2021). A layer of h heads multiplies the number of paths by h + 1.
    let paths (model: Model<Tensor>) (tokens: Tokens) : PathTerm list =
        let activations = Transformer.activations Edits.none model tokens

        // What each path has written to the stream, [pos, d_model].
        let through layer (block: Block<Tensor>) (source, heads, written: Tensor) =
            let pattern = activations.Layers[layer].Pattern
            let value = Tensor.einsum "pm,hmd->hpd" written block.W_V
            let output = Tensor.einsum "hpd,hdm->hpm" (Tensor.causalMix pattern value) block.W_O

            List.init output.Shape.Head (fun head ->
                source, heads @ [ { Layer = layer; Head = head } ], Tensor.select 0 head output)

        (sources model tokens |> List.map (fun (source, written) -> source, [], written), List.indexed model.Blocks)
        ||> List.fold (fun paths (layer, block) -> paths @ List.collect (through layer block) paths)
        |> List.map (fun (source, heads, written) -> {
            Source = source
            Heads = heads
            Logits = Tensor.matmul written model.W_U
        })

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

        if heads.IsEmpty then
            []
        else
            let slopes = Differentiation.grad loss (Tensor.ones [ heads.Length ])
            heads |> List.mapi (fun i head -> head, -(Tensor.item [ i ] slopes))
