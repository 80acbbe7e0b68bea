namespace Interp

/// Attention by rules.
module internal AttentionRules =

    /// [rows, columns] as [1, rows, columns]: one head's.
    let private single (x: Tensor) = Tensor.reshape (1 :: x.Shape) x

    /// Where a rule looks, of tokens [pos]: [1, pos, key_pos]. What is not chosen has scores so much lower that its exponential is zero.
    let pattern (vocabulary: int) (rule: AttentionRule) (tokens: Tokens) : Tensor =
        let length = tokens.Length
        let oneHot = Tensor.gather (single (Tensor.eye vocabulary)) tokens

        let table f = single (Tensor.init [ length; length ] (fun index -> f index[0] index[1]))

        // More than enough for e^-step to vanish, and little enough for whole numbers to be exact.
        let step = 200.0
        let itself = table (fun query key -> if query = key then step else 0.0)

        let matching order =
            let before =
                if length = 1 then
                    Tensor.zerosLike oneHot
                else
                    Tensor.concatenate 1 [ Tensor.zeros [ 1; 1; vocabulary ]; Tensor.slice 1 0 (length - 1) oneHot ]

            let preference = table (fun _ key -> 2.0 * step * float (1 + order key))
            Tensor.causalSoftmax (Tensor.causalDot 1.0 oneHot before * preference + itself)

        match rule with
        | AttentionRule.Back places -> table (fun query key -> if key = max 0 (query - places) then 1.0 else 0.0)
        | AttentionRule.Uniform -> Tensor.causalSoftmax (table (fun _ _ -> 0.0))
        | AttentionRule.SameLetter ->
            let others = table (fun query key -> if query = key then 0.0 else 2.0 * step)
            Tensor.causalSoftmax (Tensor.causalDot 1.0 oneHot oneHot * others + itself)
        | AttentionRule.AfterLastMatch -> matching id
        | AttentionRule.AfterFirstMatch -> matching (fun key -> length - key)
        | AttentionRule.Own own -> OwnRule.follow own tokens
