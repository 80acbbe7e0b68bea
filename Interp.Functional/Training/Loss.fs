namespace Interp

/// What training minimises.
module Loss =

    /// Cross-entropy in nats of each letter but the first, given those before it, from logits of any kind: [pos-1].
    let perPositionOf (logits: Tokens -> Tensor) (tokens: Tokens) : Tensor =
        let known = Tokens.slice 0 (tokens.Length - 1) tokens
        Tensor.crossEntropy (logits known) (Tokens.slice 1 (tokens.Length - 1) tokens)

    /// Cross-entropy in nats of each letter but the first: [pos-1].
    let perPosition (model: Model<Tensor>) (tokens: Tokens) : Tensor = perPositionOf (Transformer.logits model) tokens

    /// Their mean: a scalar.
    let ofSequence model tokens = Tensor.mean (perPosition model tokens)
