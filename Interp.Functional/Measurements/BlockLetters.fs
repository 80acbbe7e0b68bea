namespace Interp

/// What the parts of a model do with the letters of a block of different letters that repeats, seen from a whole block on. Means over
/// sequences and positions.
type BlockLetters = {
    /// Letters in a block.
    BlockLength: int
    /// What the embedding itself adds to the logit of the letter so many back (0 is the current one), beyond what it adds to letters that the
    /// sequence has not, in nats.
    Direct: float list
    /// The same of each head's output, straight to the logits.
    Heads: (HeadAddress * float list) list
    /// Attention to where the next letter stood first, of queries for which it has stood twice or more, so that first is not last.
    First: (HeadAddress * float) list
    /// The same of heads of later layers, with all their keys cut off from earlier heads.
    FirstWithoutKeys: (HeadAddress * float) list
}

/// Measuring what parts of a model do with a block's letters.
module BlockLetters =

    // The next letter has stood twice from the end of the second block on.
    let private fewestBlocks = 3

    /// Whether models of a shape are asked: they have heads, there are letters that a block has not, and blocks to look back at.
    let possible (a: Architecture) (r: Repetition) : bool =
        a.NLayers > 0
        && r.BlockLength > 1
        && r.BlockLength <= r.Letters
        && r.BlockLength < a.DVocab
        && r.Blocks >= fewestBlocks

    /// What each part writes, [part, pos, d_model]: the embedding, then every head.
    let private written (activations: Activations) =
        let embedding = activations.Layers.Head.ResidualBefore

        Tensor.reshape (1 :: embedding.Shape) embedding :: (activations.Layers |> List.map _.HeadOutput)
        |> Tensor.concatenate 0

    /// What each part adds at each position to the logit of the letter at another, beyond what it adds to letters that the sequence has not:
    /// [part, pos, pos].
    let private effects blockLength (model: Model<Tensor>) tokens activations =
        let written = written activations
        let unembedding = Tensor.transpose model.W_U
        let vocabulary = unembedding.Shape.Head
        let present = Tensor.einsum "apm,qm->apq" written (Tensor.gather unembedding tokens)
        let all = Tensor.einsum "apm,m->ap" written (Tensor.sumOver [ 0 ] unembedding)
        let ofBlock = present |> Tensor.slice 2 0 blockLength |> Tensor.sumOver [ 2 ]
        let absent = (all - ofBlock) * (1.0 / float (vocabulary - blockLength))
        present - Tensor.reshape (absent.Shape @ [ 1 ]) absent

    let private patterns (activations: Activations) = activations.Layers |> List.map _.Pattern |> Tensor.concatenate 0

    let private keysCut (model: Model<Tensor>) = {
        Edits.none with
            Cuts = Set [ for earlier, later in Composition.pairs model -> HeadOutput earlier, later, KeyInput ]
    }

    /// Effects of all parts, patterns of all heads, and of several layers all patterns with keys cut, one behind the other: [part, pos, pos].
    let internal ofSequence blockLength (model: Model<Tensor>) (tokens: Tokens) : Tensor =
        let activations = Transformer.activations Edits.none model tokens

        Tensor.concatenate 0 [
            effects blockLength model tokens activations
            patterns activations
            if model.Blocks.Length > 1 then
                patterns (Transformer.activations (keysCut model) model tokens)
        ]

    /// Measures a model on sequences of blocks of the task's length and letters. None where that is not `possible`. `reference` says how many
    /// sequences, of which seed.
    let measure
        (threads: int)
        (a: Architecture)
        (r: Repetition)
        (model: Model<Tensor>)
        (reference: Reference)
        : BlockLetters option =
        if not (possible a r) then
            None
        else
            let length, heads = r.BlockLength, Model.heads model
            let key = Key.ofSeed reference.Seed |> Key.split (uint64 length)

            let averaged =
                HeadScores.blocks r.Letters r.Length length key reference.Sequences
                |> Batch.mean threads (ofSequence length model)

            let at part query key = Tensor.item [ part; query; key ] averaged

            let added part = [
                for back in 0 .. length - 1 ->
                    [ length - 1 .. r.Length - 1 ] |> List.averageBy (fun query -> at part query (query - back))
            ]

            let first part =
                [ 2 * length - 1 .. r.Length - 1 ]
                |> List.averageBy (fun query -> at part query ((query + 1) % length))

            {
                BlockLength = length
                Direct = added 0
                Heads = heads |> List.mapi (fun i head -> head, added (1 + i))
                First = heads |> List.mapi (fun i head -> head, first (1 + heads.Length + i))
                FirstWithoutKeys =
                    heads
                    |> List.indexed
                    |> List.filter (fun (_, head) -> head.Layer > 0)
                    |> List.map (fun (i, head) -> head, first (1 + 2 * heads.Length + i))
            }
            |> Some

    /// What several parts add together. Raises `ArgumentException` for lists of different lengths.
    let together (parts: float list list) : float list = parts |> List.reduce (List.map2 (+))

    /// How many of the last letters, the current one first and without a gap, get less than so many nats below what letters get that are not
    /// there; no number where one of these is none.
    let heldDown (nats: float) (added: float list) : float =
        if List.exists System.Double.IsNaN added then
            nan
        else
            added |> List.takeWhile (fun x -> x < -nats) |> List.length |> float
