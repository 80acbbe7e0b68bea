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

    /// The mean of what is given for tokens from place `start` on over some places, ascending.
    let private meanAt (start: int) (places: int list) (given: Tensor) : Tensor =
        let first, count = places.Head, places.Length

        if count = given.Shape.Head then
            Tensor.mean given
        elif List.last places - first + 1 = count then
            Tensor.mean (Tensor.slice 0 (first - start) count given)
        else
            places
            |> List.map (fun place -> Tensor.slice 0 (place - start) 1 given)
            |> Tensor.concatenate 0
            |> Tensor.mean

    /// The mean over a task's counted predictions of what is given for each token but the first, [pos-1]: a scalar.
    let counted (task: Task) (perPosition: Tensor) : Tensor = meanAt 1 task.Counted perPosition

    /// Mean cross-entropy in nats of a sequence's counted predictions: a scalar. Rows that none of these reads are not made.
    let ofSequence (task: Task) (model: Model<Tensor>) (tokens: Tokens) : Tensor =
        let first, last = task.Counted.Head, List.last task.Counted
        let count = last - first + 1
        let logits = Transformer.logitsAt (first - 1) count model (Tokens.slice 0 last tokens)
        Tensor.crossEntropy logits (Tokens.slice first count tokens) |> meanAt first task.Counted
