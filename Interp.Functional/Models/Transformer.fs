namespace Interp

open System

/// What one layer computes on the way.
[<StructuredFormatDisplay("{Display}")>]
type LayerActivations = {
    /// The residual stream that the layer reads: [pos, d_model]
    ResidualBefore: Tensor
    /// x W_Q: [head, pos, d_head]
    Query: Tensor
    /// The query mixed with the one before it; the query itself without smearing: [head, pos, d_head]
    SmearedQuery: Tensor
    /// x W_K: [head, pos, d_head]
    Key: Tensor
    /// The key mixed with the one before it; the key itself without smearing: [head, pos, d_head]
    SmearedKey: Tensor
    /// The smeared query with its position: with the code of the study's positions added, turned by rotary ones: [head, pos, d_head]
    PositionedQuery: Tensor
    /// The smeared key with its position: [head, pos, d_head]
    PositionedKey: Tensor
    /// x W_V: [head, pos, d_head]
    Value: Tensor
    /// q . k / sqrt(d_head), zero where the key comes after the query: [head, pos, key_pos]
    Scores: Tensor
    /// Their causal softmax: [head, pos, key_pos]
    Pattern: Tensor
    /// The values mixed by the pattern: [head, pos, d_head]
    Mixed: Tensor
    /// What each head writes, z W_O: [head, pos, d_model]
    HeadOutput: Tensor
} with

    member internal this.Display =
        [
            "ResidualBefore", this.ResidualBefore
            "Query", this.Query
            "SmearedQuery", this.SmearedQuery
            "Key", this.Key
            "SmearedKey", this.SmearedKey
            "PositionedQuery", this.PositionedQuery
            "PositionedKey", this.PositionedKey
            "Value", this.Value
            "Scores", this.Scores
            "Pattern", this.Pattern
            "Mixed", this.Mixed
            "HeadOutput", this.HeadOutput
        ]
        |> List.map (fun (name, x) -> [ name; Shape.show x.Shape ])
        |> Display.table 2 "activations of a layer" [ "name"; "shape" ]


/// Everything that a forward pass computes.
[<StructuredFormatDisplay("{Display}")>]
type Activations = {
    /// Each layer's, the first layer's first.
    Layers: LayerActivations list
    /// The residual stream behind the last layer: [pos, d_model]
    ResidualAfter: Tensor
    /// [pos, vocab]
    Logits: Tensor
} with

    member internal this.Display =
        let shape (x: Tensor) = Shape.show x.Shape

        Display.line
            $"""activations of {Display.counted this.Layers.Length "layer"}: ResidualAfter {shape this.ResidualAfter}, Logits {shape this.Logits}"""


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

    /// Rotary positions (Su et al. 2021, "RoFormer: Enhanced transformer with rotary position embedding"): entries 2i and 2i + 1 of the
    /// row at position p turned by the angle p 10000^(-2i / d_head): [head, pos, d_head] to the same, d_head even. The product of two
    /// rows then knows of their positions by the difference alone.
    let rotate (x: Tensor) =
        match x.Shape with
        | [ _; positions; width ] when width % 2 = 0 ->
            let turned f =
                Tensor.init [ positions; width ] (fun index ->
                    f (float index[0] * Math.Pow(10000.0, -float(index[1] / 2 * 2) / float width)))

            // Row 2i + 1 to column 2i less, row 2i to column 2i + 1: a quarter of a turn of each pair.
            let quarter =
                Tensor.init [ width; width ] (fun index ->
                    match index[0], index[1] with
                    | row, column when row / 2 <> column / 2 || row = column -> 0.0
                    | row, column -> float (column - row))

            x * turned Math.Cos + Tensor.einsum "hpd,de->hpe" x quarter * turned Math.Sin
        | shape ->
            Shape.fail
                $"Transformer.rotate: shape {Shape.show shape}, expected [head, pos, d_head] with an even d_head."

    /// What the positions of a model do to queries and keys [head, pos, d_head].
    let private place (model: Model<Tensor>) (positions: int) : Tensor -> Tensor =
        match model.Positions with
        | Positions.Study ->
            let struct (_, width) = Model.headShape model
            let code = positionCode positions width
            fun x -> x + code
        | Positions.Rotary -> rotate
        | Positions.Standard
        | Positions.NoPositions -> id

    // From this depth on it is cheaper to keep the residual stream than its parts.
    let private deep = 3

    let private check edits (model: Model<Tensor>) (tokens: Tokens) =
        Edits.check model edits
        let letters = model.W_E.Shape.Head

        match tokens with
        | Tokens(Value(_, numbers)) when numbers |> Array.exists (fun number -> number >= float32 letters) ->
            let position = numbers |> Array.findIndex (fun number -> number >= float32 letters)

            Refused.because
                $"The token at position {position} is {int numbers[position]}, the model has letters 0 to {letters - 1}."
        | _ -> ()

        if model.W_pos.IsSome <> (model.Positions = Positions.Standard) then
            Refused.because
                $"""The model {if model.W_pos.IsSome then "has" else "has no"} W_pos, and its positions are {model.Positions}: {Positions.Standard} ones want it, others have none."""

        match Model.room model with
        | _ when tokens.Length = 0 -> Refused.because "The sequence is empty."
        | Some positions when tokens.Length > positions ->
            Refused.because $"The sequence has {tokens.Length} letters, the model has {positions} positions."
        | _ -> ()

    /// The stream through one of a layer's matrices, each head leaving out what is cut for it: [head, pos, d_head].
    let private read edits layer input (w: Tensor) positions stream =
        let heads = w.Shape[0]

        let cuts =
            List.init heads (fun head ->
                edits.Cuts
                |> Set.filter (fun (_, target, i) -> target = { Layer = layer; Head = head } && i = input)
                |> Set.map (fun (source, _, _) -> source))

        let readOr (w: Tensor) stream =
            Residual.readHeads w stream
            |> Option.defaultWith (fun () -> Tensor.zeros [ w.Shape[0]; positions; w.Shape[2] ])

        if List.forall Set.isEmpty cuts then
            readOr w stream
        else
            cuts
            |> List.mapi (fun head cut -> readOr (Tensor.slice 0 head 1 w) (Residual.without cut stream))
            |> Tensor.concatenate 0

    /// One layer, as far as it must be computed: what it reads, and its attention.
    let private attend edits layer positions (place: Tensor -> Tensor) (block: Block<Tensor>) stream =
        let width = List.last block.W_Q.Shape
        let project input w = read edits layer input w positions stream

        let smear (logits: Tensor option) x =
            match logits with
            | Some logits -> Tensor.smear x (Tensor.sigmoid (Tensor.slice 1 0 (positions - 1) logits))
            | None -> x

        let query = project QueryInput block.W_Q
        let smearedQuery = smear block.SmearQueries query |> Edits.heads layer QueryAt edits
        let key = project KeyInput block.W_K
        let smearedKey = smear block.Smear key |> Edits.heads layer KeyAt edits
        let value = project ValueInput block.W_V |> Edits.heads layer ValueAt edits
        let q, k = place smearedQuery, place smearedKey
        let scores = Tensor.causalDot (1.0 / Math.Sqrt(float width)) q k
        let pattern = Tensor.causalSoftmax scores |> Edits.heads layer PatternAt edits
        let mixed = Tensor.causalMix pattern value
        let edited = Edits.each layer OutputAt edits mixed

        // Known while a function is traced, too: zeros that are put there are a value.
        let silent head =
            match edited |> Option.map (List.item head) with
            | Some(Value(_, zeros)) -> Array.forall (fun x -> x = 0.0f) zeros
            | _ -> false

        let z = edited |> Option.map Tensor.stack |> Option.defaultValue mixed

        {|
            Stream = stream
            Query = query
            SmearedQuery = smearedQuery
            Key = key
            SmearedKey = smearedKey
            Q = q
            K = k
            Value = value
            Scores = scores
            Pattern = pattern
            Z = z
            Silent = silent
        |}

    let private runOn embed edits (model: Model<Tensor>) (tokens: Tokens) =
        check edits model tokens
        let place = place model tokens.Length
        let positions = model.W_pos |> Option.map (Tensor.slice 0 0 tokens.Length)
        let collapse = model.Blocks.Length >= deep && edits.Cuts.IsEmpty

        let step (layers, stream) (layer, block: Block<Tensor>) =
            let attention = attend edits layer tokens.Length place block (Edits.residual layer edits stream)
            let stream = Residual.write layer attention.Silent attention.Z block.W_O attention.Stream
            attention :: layers, (if collapse then Residual.addUp stream else stream)

        let layers, stream =
            List.fold step ([], embed (Residual.embed tokens model.W_E positions)) (List.indexed model.Blocks)

        let stream = Edits.residual model.Blocks.Length edits stream
        List.rev layers, stream

    let private run edits model tokens = runOn id edits model tokens

    let private unembed (model: Model<Tensor>) stream = Residual.read model.W_U stream |> Option.get

    /// The logits [pos, vocab] of one sequence: row p scores the letter at p + 1.
    let logits (model: Model<Tensor>) (tokens: Tokens) : Tensor = run Edits.none model tokens |> snd |> unembed model

    /// The rows of the logits for `count` positions from `first` on, [count, vocab], as training has them: what others would cost is not paid.
    let internal logitsAt first count (model: Model<Tensor>) (tokens: Tokens) : Tensor =
        runOn (Residual.lookedUp tokens.Length) Edits.none model tokens
        |> snd
        |> Residual.at first count
        |> Residual.lookedUp count
        |> unembed model

    /// The logits with edits applied. Raises `RefusedException` for an edit at a place that the model does not have.
    let logitsWith (edits: Edits) (model: Model<Tensor>) (tokens: Tokens) : Tensor =
        run edits model tokens |> snd |> unembed model

    /// The attention patterns of one sequence with edits applied, a layer each: [head, pos, key_pos]. Raises `RefusedException` as `logitsWith` does.
    let patternsWith (edits: Edits) (model: Model<Tensor>) (tokens: Tokens) : Tensor list =
        let layers, _ = run edits model tokens
        layers |> List.map _.Pattern

    /// The attention patterns of one sequence, a layer each: [head, pos, key_pos].
    let patterns (model: Model<Tensor>) (tokens: Tokens) : Tensor list = patternsWith Edits.none model tokens

    /// Every activation of one sequence, with edits applied. Inside of `Batch` only what is used of them is computed.
    let activations (edits: Edits) (model: Model<Tensor>) (tokens: Tokens) : Activations =
        let layers, stream = run edits model tokens
        let value stream = Residual.value stream |> Option.get

        {
            Layers = [
                for layer, block in List.zip layers model.Blocks ->
                    {
                        ResidualBefore = value layer.Stream
                        Query = layer.Query
                        SmearedQuery = layer.SmearedQuery
                        Key = layer.Key
                        SmearedKey = layer.SmearedKey
                        PositionedQuery = layer.Q
                        PositionedKey = layer.K
                        Value = layer.Value
                        Scores = layer.Scores
                        Pattern = layer.Pattern
                        Mixed = layer.Z
                        HeadOutput = Tensor.einsum "hpd,hdm->hpm" layer.Z block.W_O
                    }
            ]
            ResidualAfter = value stream
            Logits = unembed model stream
        }

    /// The activation at a site. Raises `RefusedException` for one that the model does not have.
    let at (site: Site) (activations: Activations) : Tensor =
        let heads = activations.Layers |> List.tryHead |> Option.map _.Query.Shape.Head |> Option.defaultValue 0
        Edits.checkSite activations.Layers.Length heads site

        let head (address: HeadAddress) which = Tensor.select 0 address.Head (which activations.Layers[address.Layer])

        match site with
        | ResidualAt layer when layer = activations.Layers.Length -> activations.ResidualAfter
        | ResidualAt layer -> activations.Layers[layer].ResidualBefore
        | QueryAt address -> head address _.SmearedQuery
        | KeyAt address -> head address _.SmearedKey
        | ValueAt address -> head address _.Value
        | PatternAt address -> head address _.Pattern
        | OutputAt address -> head address _.Mixed
