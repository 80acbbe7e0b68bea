namespace Interp

open System

/// The residual stream of one sequence as the sum of what was written to it. Whoever reads it through a matrix reads each
/// part through the product of the part's own matrix with that one (Elhage et al. 2021, "A mathematical framework for
/// transformer circuits"): 26 rows of W_E W instead of one product a position, and no product with W_O on its own.
type internal Residual = {
    Tokens: Tokens
    /// [vocab, d_model]
    Embedding: Tensor
    /// What the heads of each layer so far add up, z [head, pos, d_head], with their W_O [head, d_head, d_model].
    Written: (Tensor * Tensor) list
    /// What else was added, [pos, d_model].
    Rest: Tensor option
}

module internal Residual =

    let embed tokens embedding = { Tokens = tokens; Embedding = embedding; Written = []; Rest = None }

    let write z w_O residual = { residual with Written = residual.Written @ [ z, w_O ] }

    let private sum terms = List.reduce (fun (a: Tensor) b -> a + b) terms

    /// x W for the heads of a layer: W [head, d_model, d_head] gives [head, pos, d_head].
    let readHeads (w: Tensor) residual =
        Tensor.gather (Tensor.einsum "vm,hmd->hvd" residual.Embedding w) residual.Tokens
        :: [
            for z, w_O in residual.Written -> Tensor.einsum "ipk,ikhd->hpd" z (Tensor.einsum "ikm,hmd->ikhd" w_O w)
        ]
        @ [ for x in Option.toList residual.Rest -> Tensor.einsum "pm,hmd->hpd" x w ]
        |> sum

    /// x W for one matrix [d_model, n]: [pos, n].
    let read (w: Tensor) residual =
        Tensor.gather (Tensor.matmul residual.Embedding w) residual.Tokens
        :: [
            for z, w_O in residual.Written -> Tensor.einsum "ipk,ikn->pn" z (Tensor.einsum "ikm,mn->ikn" w_O w)
        ]
        @ [ for x in Option.toList residual.Rest -> Tensor.matmul x w ]
        |> sum

    /// The parts but the embedding added up to one [pos, d_model], as deep models would otherwise read ever more parts.
    let addUp residual =
        let written = [ for z, w_O in residual.Written -> Tensor.einsum "ipk,ikm->pm" z w_O ]

        {
            residual with
                Written = []
                Rest =
                    match written @ Option.toList residual.Rest with
                    | [] -> None
                    | parts -> Some(sum parts)
        }

/// The forward function.
module Transformer =

    /// The position code, added to queries and keys: angle p / 10000^(2 i / d_head) for position p and dimension i, its sine
    /// for even i, its cosine for odd i; the row of position 0 is zero. [pos, d_head]
    let positionCode (positions: int) (headWidth: int) =
        Tensor.init [ positions; headWidth ] (fun index ->
            let p, i = index[0], index[1]
            let angle = float p / Math.Pow(10000.0, 2.0 * float i / float headWidth)

            if p = 0 then 0.0
            elif i % 2 = 0 then Math.Sin angle
            else Math.Cos angle)

    // From this depth on it is cheaper to keep the residual stream than its parts.
    let private deep = 3

    /// One layer: the pattern [head, pos, key_pos] and what the heads mix with it, z [head, pos, d_head].
    let private attend (code: Tensor) (block: Block<Tensor>) stream =
        let positions, width = code.Shape[0], code.Shape[1]
        let query = Residual.readHeads block.W_Q stream + code
        let key = Residual.readHeads block.W_K stream

        let key =
            match block.Smear with
            | Some logits -> Tensor.smear key (Tensor.sigmoid (Tensor.slice 1 0 (positions - 1) logits))
            | None -> key

        let scores = Tensor.causalDot (1.0 / Math.Sqrt(float width)) query (key + code)
        let pattern = Tensor.causalSoftmax scores
        pattern, Tensor.causalMix pattern (Residual.readHeads block.W_V stream)

    let private check (model: Model<Tensor>) (tokens: Tokens) =
        let context = model.Blocks |> List.choose _.Smear |> List.map (fun smear -> smear.Shape[1] + 1)

        match context with
        | context :: _ when tokens.Length > context ->
            Shape.fail $"The sequence has {tokens.Length} letters, the model has {context} positions."
        | _ when tokens.Length = 0 -> Shape.fail "The sequence is empty."
        | _ -> ()

    /// The attention patterns [head, pos, key_pos] of all layers and the logits [pos, vocab] of one sequence.
    let forward (model: Model<Tensor>) (tokens: Tokens) : Tensor list * Tensor =
        check model tokens
        let code = positionCode tokens.Length (List.last model.Blocks.Head.W_Q.Shape)

        let layer (patterns, stream) block =
            let pattern, z = attend code block stream
            let stream = Residual.write z block.W_O stream
            pattern :: patterns, (if model.Blocks.Length >= deep then Residual.addUp stream else stream)

        let patterns, stream = List.fold layer ([], Residual.embed tokens model.W_E) model.Blocks

        List.rev patterns, Residual.read model.W_U stream

    /// The logits [pos, vocab] of one sequence: row p scores the letter at p + 1.
    let logits (model: Model<Tensor>) (tokens: Tokens) : Tensor = forward model tokens |> snd

/// What training minimises.
module Loss =

    /// Cross-entropy in nats of each letter but the first, given those before it: [pos-1].
    let perPosition (model: Model<Tensor>) (tokens: Tokens) : Tensor =
        let known = Tokens.slice 0 (tokens.Length - 1) tokens
        Tensor.crossEntropy (Transformer.logits model known) (Tokens.slice 1 (tokens.Length - 1) tokens)

    /// Their mean: a scalar.
    let ofSequence model tokens = Tensor.mean (perPosition model tokens)
