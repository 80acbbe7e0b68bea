namespace Interp

/// What training minimises.
module Loss =

    /// Cross-entropy in nats of each letter but the first, given those before it, from logits of any kind: [pos-1].
    let perPositionOf (logits: Tokens -> Tensor) (tokens: Tokens) : Tensor =
        let known = Tokens.slice 0 (tokens.Length - 1) tokens
        Tensor.crossEntropy (logits known) (Tokens.slice 1 (tokens.Length - 1) tokens)

    /// Cross-entropy in nats of each token but the first, and whether it is the likeliest one (1 or 0): [2, pos-1].
    let internal withHits (logits: Tokens -> Tensor) (tokens: Tokens) : Tensor =
        let logits = logits (Tokens.slice 0 (tokens.Length - 1) tokens)
        let targets = Tokens.slice 1 (tokens.Length - 1) tokens
        Tensor.stack [ Tensor.crossEntropy logits targets; Tensor.isLikeliest logits targets ]

    /// Cross-entropy in nats of each letter but the first: [pos-1].
    let perPosition (model: Model<Tensor>) (tokens: Tokens) : Tensor = perPositionOf (Transformer.logits model) tokens

    /// The mean over a task's counted predictions of what is given for each token but the first, [pos-1]: a scalar.
    let counted (task: Task) (perPosition: Tensor) : Tensor =
        let first, count = task.Counted.Head, task.Counted.Length

        if Task.countsAll task then
            Tensor.mean perPosition
        elif List.last task.Counted - first + 1 = count then
            Tensor.mean (Tensor.slice 0 (first - 1) count perPosition)
        else
            task.Counted
            |> List.map (fun place -> Tensor.slice 0 (place - 1) 1 perPosition)
            |> Tensor.concatenate 0
            |> Tensor.mean

    /// Mean cross-entropy in nats of a sequence's counted predictions: a scalar.
    let ofSequence (task: Task) model tokens = counted task (perPosition model tokens)
