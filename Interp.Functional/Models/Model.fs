namespace Interp

/// The weights of one attention layer, generic in what stands for a weight.
[<StructuredFormatDisplay("{Display}")>]
type Block<'leaf> = {
    /// [head, d_model, d_head]
    W_Q: 'leaf
    /// [head, d_model, d_head]
    W_K: 'leaf
    /// [head, d_model, d_head]
    W_V: 'leaf
    /// [head, d_head, d_model]
    W_O: 'leaf
    /// [head, pos-1]: logits of the share that a key keeps when it is mixed with the one before it; only with smeared keys
    Smear: 'leaf option
    /// [head, pos-1]: the same of queries; only with smeared queries
    SmearQueries: 'leaf option
}

/// An attention-only transformer. The same record holds weights, gradients, AdamW's moments, shapes and names.
[<StructuredFormatDisplay("{Display}")>]
type Model<'leaf> = {
    /// How it knows where a letter stands.
    Positions: Positions
    /// [vocab, d_model]
    W_E: 'leaf
    /// [pos, d_model]; only with learned positions, `Positions.Standard`
    W_pos: 'leaf option
    /// The attention layers, the first to read the embedding first.
    Blocks: Block<'leaf> list
    /// [d_model, vocab]
    W_U: 'leaf
}

/// Functions of models: by leaves, and what a shape determines.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Model =

    let private mapBlock f block = {
        W_Q = f block.W_Q
        W_K = f block.W_K
        W_V = f block.W_V
        W_O = f block.W_O
        Smear = Option.map f block.Smear
        SmearQueries = Option.map f block.SmearQueries
    }

    /// `f` of every leaf.
    let map (f: 'a -> 'b) (model: Model<'a>) : Model<'b> = {
        Positions = model.Positions
        W_E = f model.W_E
        W_pos = Option.map f model.W_pos
        Blocks = List.map (mapBlock f) model.Blocks
        W_U = f model.W_U
    }

    let private map2Block f a b = {
        W_Q = f a.W_Q b.W_Q
        W_K = f a.W_K b.W_K
        W_V = f a.W_V b.W_V
        W_O = f a.W_O b.W_O
        Smear = Option.map2 f a.Smear b.Smear
        SmearQueries = Option.map2 f a.SmearQueries b.SmearQueries
    }

    // What a block has beside its matrices.
    let private smearing block = block.Smear.IsSome, block.SmearQueries.IsSome

    /// `f` of every pair of leaves. Raises `ArgumentException` if the models differ in positions, layers or smearing.
    let map2 (f: 'a -> 'b -> 'c) (a: Model<'a>) (b: Model<'b>) : Model<'c> =
        if
            (a.Positions, a.W_pos.IsSome) <> (b.Positions, b.W_pos.IsSome)
            || List.map smearing a.Blocks <> List.map smearing b.Blocks
        then
            Shape.fail "Model.map2: the models differ in positions, layers or smearing."

        {
            Positions = a.Positions
            W_E = f a.W_E b.W_E
            W_pos = Option.map2 f a.W_pos b.W_pos
            Blocks = List.map2 (map2Block f) a.Blocks b.Blocks
            W_U = f a.W_U b.W_U
        }

    let private leavesOfBlock block =
        [ block.W_Q; block.W_K; block.W_V; block.W_O ]
        @ Option.toList block.Smear
        @ Option.toList block.SmearQueries

    /// All leaves: W_E, W_pos, each block's W_Q, W_K, W_V, W_O, smear and smear_q, W_U.
    let leaves (model: Model<'leaf>) =
        model.W_E :: Option.toList model.W_pos @ List.collect leavesOfBlock model.Blocks @ [ model.W_U ]

    /// `f` over all leaves, in the order of `leaves`.
    let fold (f: 'state -> 'leaf -> 'state) (state: 'state) (model: Model<'leaf>) = List.fold f state (leaves model)

    /// The model with its leaves replaced by a list in the order of `leaves`.
    let rebuild (model: Model<'a>) (replacements: 'b list) : Model<'b> =
        let numbered, count =
            let mutable next = -1

            let number _ =
                next <- next + 1
                next

            map number model, next + 1

        if count <> replacements.Length then
            Shape.fail $"Model.rebuild: the model has {count} leaves, found {replacements.Length}."

        let replacements = List.toArray replacements
        map (fun i -> replacements[i]) numbered

    /// The name of every weight, as in a checkpoint file.
    let names (a: Architecture) : Model<string> = {
        Positions = a.Positions
        W_E = "embed.W_E"
        W_pos = if a.Positions = Positions.Standard then Some "pos_embed.W_pos" else None
        Blocks = [
            for layer in 0 .. a.NLayers - 1 ->
                let name leaf = $"blocks.{layer}.attn.{leaf}"

                {
                    W_Q = name "W_Q"
                    W_K = name "W_K"
                    W_V = name "W_V"
                    W_O = name "W_O"
                    Smear = if a.Smear.OfKeys then Some(name "smear") else None
                    SmearQueries = if a.Smear.OfQueries then Some(name "smear_q") else None
                }
        ]
        W_U = "unembed.W_U"
    }

    /// The shape of every weight.
    let shapes (a: Architecture) : Model<Shape> =
        let into = [ a.NHeads; a.DModel; a.DHead ]
        let smear = [ a.NHeads; a.NCtx - 1 ]

        {
            Positions = a.Positions
            W_E = [ a.DVocab; a.DModel ]
            W_pos = if a.Positions = Positions.Standard then Some [ a.NCtx; a.DModel ] else None
            Blocks = [
                for _ in 1 .. a.NLayers ->
                    {
                        W_Q = into
                        W_K = into
                        W_V = into
                        W_O = [ a.NHeads; a.DHead; a.DModel ]
                        Smear = if a.Smear.OfKeys then Some smear else None
                        SmearQueries = if a.Smear.OfQueries then Some smear else None
                    }
            ]
            W_U = [ a.DModel; a.DVocab ]
        }

    /// Heads of a layer, and their width; of a model without layers, which has none, one head of width 1.
    let internal headShape (model: Model<Tensor>) =
        match model.Blocks with
        | block :: _ -> struct (block.W_Q.Shape[0], block.W_Q.Shape[2])
        | [] -> struct (1, 1)

    /// The positions that its weights have room for; none where any will do.
    let internal room (model: Model<Tensor>) : int option =
        let ofSmears =
            model.Blocks
            |> List.tryPick (fun block -> Option.orElse block.SmearQueries block.Smear)
            |> Option.map (fun smear -> smear.Shape[1] + 1)

        model.W_pos |> Option.map _.Shape.Head |> Option.orElse ofSmears

    /// The architecture of some weights. What these do not tell is given or made up: the positions of a model that has none among its
    /// weights are `positions`, and a model without layers is said to have one head of width 1.
    let architecture (positions: int) (model: Model<Tensor>) : Architecture =
        let struct (heads, headWidth) = headShape model

        let smear =
            match List.tryHead model.Blocks |> Option.map smearing with
            | Some(true, true) -> Smear.Both
            | Some(true, false) -> Smear.Keys
            | Some(false, true) -> Smear.Queries
            | Some(false, false)
            | None -> Smear.Neither

        match model.W_E.Shape with
        | [ letters; width ] -> {
            NLayers = model.Blocks.Length
            NHeads = heads
            DModel = width
            DHead = headWidth
            DVocab = letters
            NCtx = positions
            Positions = model.Positions
            Smear = smear
          }
        | shape -> Refused.because $"A model's embedding has shape {Shape.show shape}, expected [vocab, d_model]."

    /// A model of tensors as a list of leaves, named as in a checkpoint file.
    let structure: Structure<Model<Tensor>> = {
        Leaves = leaves
        Rebuild = fun model replacements -> rebuild model replacements
        // A name depends on no size, so that the number of positions may be any.
        Names = fun model -> leaves (names (architecture 2 model))
    }

    /// The name of the first leaf that holds something that is no finite number, if there is one.
    let internal firstNotFinite (names: Model<string>) (model: Model<Tensor>) : string option =
        List.zip (leaves names) (leaves model)
        |> List.tryPick (fun (name, leaf: Tensor) ->
            if Array.forall System.Single.IsFinite leaf.Data then None else Some name)

    /// The name, as in a checkpoint file, of the first weight that holds something that is no finite number, if there is one.
    let notFinite (model: Model<Tensor>) : string option =
        // A name depends on no size, so that the number of positions may be any.
        firstNotFinite (names (architecture 2 model)) model

    /// All heads, layer by layer.
    let heads (model: Model<Tensor>) : HeadAddress list = [
        for layer, block in List.indexed model.Blocks do
            for head in 0 .. block.W_V.Shape.Head - 1 do
                { Layer = layer; Head = head }
    ]

    /// A layer's weights. Raises `RefusedException` where the model has no such layer.
    let block (layer: int) (model: Model<Tensor>) : Block<Tensor> =
        if model.Blocks.IsEmpty then
            Refused.because $"Layer {layer} does not exist; the model has no layers."

        if layer < 0 || layer >= model.Blocks.Length then
            Refused.because $"Layer {layer} does not exist; the model has layers 0 to {model.Blocks.Length - 1}."

        model.Blocks[layer]

    /// Raises `RefusedException` where a model of so many layers and heads has not the head.
    let internal checkHead layers heads (head: HeadAddress) =
        if layers = 0 then
            Refused.because $"Head {head} does not exist; the model has no layers."

        if head.Layer < 0 || head.Layer >= layers || head.Head < 0 || head.Head >= heads then
            Refused.because
                $"Head {head} does not exist; the model has layers 0 to {layers - 1} with heads 0 to {heads - 1}."

    /// Raises `RefusedException` where a model of so many layers and heads has not both heads, or `later` does not read `earlier`.
    let internal checkReads layers heads (earlier: HeadAddress) (later: HeadAddress) =
        checkHead layers heads earlier
        checkHead layers heads later

        if earlier.Layer >= later.Layer then
            Refused.because $"Head {later} does not read head {earlier}, which is not in an earlier layer."

    /// The weights of a head's layer. Raises `RefusedException` where the model has no such head.
    let blockOf (head: HeadAddress) (model: Model<Tensor>) : Block<Tensor> =
        let struct (heads, _) = headShape model
        checkHead model.Blocks.Length heads head
        model.Blocks[head.Layer]

    /// The number of weights.
    let parameters (model: Model<Tensor>) = leaves model |> List.map _.Shape |> Shape.total

    /// sigmoid(alpha) of each layer, [head, pos-1]: the share of a smeared key that is its own position's; none where keys are not smeared.
    let smearShares (model: Model<Tensor>) : Tensor list =
        model.Blocks |> List.choose _.Smear |> List.map Tensor.sigmoid

    /// The number of smear logits of a shape.
    let smearParameters (a: Architecture) =
        shapes a
        |> _.Blocks
        |> List.collect (fun block -> Option.toList block.Smear @ Option.toList block.SmearQueries)
        |> Shape.total

    /// The number of weights of a shape without its smear logits: the count that the study gives.
    let matrixParameters (a: Architecture) = Shape.total (leaves (shapes a)) - smearParameters a

    /// The shape of the random weights that a circuit of a model is held against, with some layers: without smears and learned positions,
    /// which no circuit between letters reads, so that the number of positions does not matter.
    let internal unsmeared (layers: int) (model: Model<Tensor>) : Architecture = {
        architecture 2 model with
            NLayers = layers
            Positions = Positions.NoPositions
            Smear = Smear.Neither
    }

    /// Weights before training: uniform in +-1/sqrt(fan_in), fan_in being the vocabulary for W_E, all heads' outputs together
    /// for W_O and d_model elsewhere; smear logits 1. W_pos is drawn as W_E is, so that whatever the vocabulary and the context a
    /// position begins as loud in the stream as a letter (as with GPT-2 and TransformerLens). Models that differ in positions or
    /// smeared queries alone begin with the same numbers elsewhere.
    let initialise (a: Architecture) (key: Key) : Model<Tensor> =
        let shapes = shapes a

        let fanIn = {
            Positions = a.Positions
            W_E = float a.DVocab
            W_pos = shapes.W_pos |> Option.map (fun _ -> float a.DVocab)
            Blocks = [
                for block in shapes.Blocks ->
                    {
                        W_Q = float a.DModel
                        W_K = float a.DModel
                        W_V = float a.DModel
                        W_O = float (a.NHeads * a.DHead)
                        Smear = block.Smear |> Option.map (fun _ -> 0.0)
                        SmearQueries = block.SmearQueries |> Option.map (fun _ -> 0.0)
                    }
            ]
            W_U = float a.DModel
        }

        // The study's leaves have the numbers of their keys from their order among themselves; W_pos has the one behind them, and logits
        // that are not drawn need none.
        let indices =
            let first = {
                shapes with
                    W_pos = None
                    Blocks = shapes.Blocks |> List.map (fun block -> { block with SmearQueries = None })
            }

            let count = (leaves first).Length
            let numbered = rebuild first (List.init count uint64)

            {
                numbered with
                    W_pos = shapes.W_pos |> Option.map (fun _ -> uint64 count)
                    Blocks =
                        (numbered.Blocks, shapes.Blocks)
                        ||> List.map2 (fun block shape -> {
                            block with
                                SmearQueries = shape.SmearQueries |> Option.map (fun _ -> 0UL)
                        })
            }

        map2 (fun shape fanIn -> shape, fanIn) shapes fanIn
        |> map2
            (fun index (shape, fanIn) ->
                if fanIn = 0.0 then
                    Tensor.ones shape
                else
                    let bound = 1.0 / sqrt fanIn
                    Tensor.uniform -bound bound shape (Key.split index key))
            indices

type Model<'leaf> with

    member internal model.Display =
        match box model with
        | :? Model<Tensor> as model when model.W_E.Shape.Length = 2 ->
            let a = Model.architecture 1 model

            // Of any number of positions, it says nothing.
            let positions =
                Model.room model |> Option.map (fun positions -> $", n_ctx {positions}") |> Option.defaultValue ""

            let shape, widths =
                if a.NLayers = 0 then
                    "no layers", $"d_model {a.DModel}, "
                else
                    $"""{Display.counted a.NLayers "layer"} of {Display.counted a.NHeads "head"}""",
                    $"d_model {a.DModel}, d_head {a.DHead}, "

            let smear = if a.Smear = Smear.Neither then "" else $", smear {a.Smear}"

            Display.under
                $"model of {shape}: {Display.count (int64 (Model.parameters model))} weights"
                $"{widths}d_vocab {a.DVocab}{positions}, positions {a.Positions}{smear}"
        | _ ->
            // Shapes, names, gradients that are traced: each leaf in a line.
            let leaf value = (sprintf "%A" value).Split('\n')[0]

            let names =
                let smear =
                    match List.tryHead model.Blocks with
                    | Some block ->
                        [ "W_Q"; "W_K"; "W_V"; "W_O" ]
                        @ (if block.Smear.IsSome then [ "smear" ] else [])
                        @ (if block.SmearQueries.IsSome then [ "smear_q" ] else [])
                    | None -> []

                [
                    "W_E"
                    if model.W_pos.IsSome then
                        "W_pos"
                    for layer in 0 .. model.Blocks.Length - 1 do
                        for name in smear do
                            $"{layer} {name}"
                    "W_U"
                ]

            Display.table
                2
                "model"
                [ "leaf"; "value" ]
                (List.map2 (fun name value -> [ name; leaf value ]) names (Model.leaves model))

type Block<'leaf> with

    member internal block.Display =
        let leaves =
            [
                "W_Q", Some block.W_Q
                "W_K", Some block.W_K
                "W_V", Some block.W_V
                "W_O", Some block.W_O
                "smear", block.Smear
                "smear_q", block.SmearQueries
            ]
            |> List.choose (fun (name, leaf) ->
                leaf |> Option.map (fun leaf -> [ name; (sprintf "%A" leaf).Split('\n')[0] ]))

        Display.table 2 "layer" [ "leaf"; "value" ] leaves
