namespace Interp

/// Where a path to the logits begins.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type PathSource =
    /// With what the model itself writes to the residual stream.
    | Component of Component
    /// With what an intervention left at a place: in the residual stream, in a head's values or in what it writes.
    | Intervention of Site

    member internal this.Display = Display.line (this.ToString())

    /// "embedding", "0.1"; "put at residual 1"
    override this.ToString() =
        match this with
        | Component source -> string source
        | Intervention site -> $"put at {site}"

/// One path to the logits: through no head, or through heads of ascending layers.
[<StructuredFormatDisplay("{Display}")>]
type PathTerm = {
    /// What wrote what the path carries: the embedding or the positions; a head where all that it writes is one term; an intervention.
    Source: PathSource
    /// The heads on the way, the first first; none for a direct path.
    Heads: HeadAddress list
    /// What the path adds to the logits: [pos, vocab]
    Logits: Tensor
} with

    member internal this.Display =
        let path = string this.Source :: List.map string this.Heads |> String.concat " -> "
        Display.line $"{path}: logits {Shape.show this.Logits.Shape}"


/// Logits as sums.
module Attribution =

    /// What the embedding and learned positions write to the stream: [pos, d_model] each.
    let private sources (model: Model<Tensor>) (tokens: Tokens) = [
        Embedding, Tensor.gather model.W_E tokens

        for w_pos in Option.toList model.W_pos do
            PositionEmbedding, Tensor.slice 0 0 tokens.Length w_pos
    ]

    let private total (terms: Tensor list) = List.reduce (fun (a: Tensor) b -> a + b) terms

    /// 1 in rows that two matrices have alike, 0 in others: [pos, 1]
    let private alike (before: Tensor) (after: Tensor) =
        let width = List.last before.Shape
        let before, after = before.ToArray(), after.ToArray()

        Tensor.init [ before.Length / width; 1 ] (fun index ->
            let same i = before[index[0] * width + i] = after[index[0] * width + i]
            if Seq.forall same (seq { 0 .. width - 1 }) then 1.0 else 0.0)

    /// Something on its way to the logits.
    [<NoEquality; NoComparison>]
    type private Way = {
        Source: PathSource
        Heads: HeadAddress list
        /// Who wrote it to the stream; none where an intervention did.
        Writer: Component option
        /// What it has written to the stream: [pos, d_model]
        Written: Tensor
    }

    let private begin' (source, written) = {
        Source = PathSource.Component source
        Heads = []
        Writer = Some source
        Written = written
    }

    let private put site writer heads written = {
        Source = PathSource.Intervention site
        Heads = heads
        Writer = writer
        Written = written
    }

    let private isZero (x: Tensor) = x.ToArray() |> Array.forall (fun entry -> entry = 0.0f)

    /// Parts of a matrix that is edited: in rows that the edit replaces they end, and what it leaves there, if anything, is a part of its own.
    let private replaced edit left (parts: ('way * Tensor) list) (whole: Tensor) : ('way * Tensor) list =
        let edited: Tensor = edit whole
        let kept = alike whole edited
        let instead = edited * (Tensor.ones kept.Shape - kept)

        [
            if not (isZero kept) then
                for way, part in parts do
                    way, part * kept
            if not (isZero instead) then
                left, instead
        ]

    /// The ways through the stream before a layer, edited. Where something is cut later on, parts must stay apart: a function's change is added.
    let private atResidual (edits: Edits) layer shape (ways: Way list) =
        let site = ResidualAt layer

        let left written = put site None [] written

        let edited =
            match Edits.find site edits with
            | None -> ways
            | Some edit ->
                let parts = ways |> List.map (fun way -> way, way.Written)
                let whole = total (List.map snd parts)

                if edits.Cuts.IsEmpty then
                    replaced edit (left whole) parts whole
                    |> List.map (fun (way, written) -> { way with Written = written })
                else
                    ways @ [ left (edit whole - whole) ]

        edited
        @ [
            for at, vector in edits.Added do
                if at = layer then
                    left (Arithmetic.broadcastTo shape vector)
        ]

    let private toLogits (model: Model<Tensor>) (ways: Way list) : PathTerm list = [
        for way in ways do
            { Source = way.Source; Heads = way.Heads; Logits = Tensor.matmul way.Written model.W_U }
    ]

    /// The logits under edits as an exact sum of what each component writes directly: the direct path, that of learned positions, then every
    /// head, and what was put into the residual stream. Where an edit replaces rows of the stream, what was written there before ends, unless
    /// something is cut. Raises `RefusedException` as `Transformer.logitsWith` does.
    let directWith (edits: Edits) (model: Model<Tensor>) (tokens: Tokens) : PathTerm list =
        let activations = Transformer.activations edits model tokens
        let begun = sources model tokens |> List.map begin'

        (begun, List.indexed activations.Layers)
        ||> List.fold (fun ways (layer, activations) ->
            atResidual edits layer activations.ResidualBefore.Shape ways
            @ [
                for head in 0 .. activations.HeadOutput.Shape.Head - 1 do
                    let address = { Layer = layer; Head = head }

                    {
                        Source = PathSource.Component(HeadOutput address)
                        Heads = [ address ]
                        Writer = Some(HeadOutput address)
                        Written = Tensor.select 0 head activations.HeadOutput
                    }
            ])
        |> atResidual edits model.Blocks.Length activations.ResidualAfter.Shape
        |> toLogits model

    /// The logits as an exact sum of what each component writes directly: the direct path, that of learned positions, then every head.
    let direct (model: Model<Tensor>) (tokens: Tokens) : PathTerm list = directWith Edits.none model tokens

    /// The logits under edits as an exact sum over all paths through the heads' values, from the embedding, from learned positions and from
    /// what was put into the stream, into values or into what a head writes; the attention patterns held fixed as they are under the edits.
    /// A path that is cut is left out, and one ends where what it carries is replaced. Raises `RefusedException` as `Transformer.logitsWith`
    /// does.
    let pathsWith (edits: Edits) (model: Model<Tensor>) (tokens: Tokens) : PathTerm list =
        let activations = Transformer.activations edits model tokens

        let through layer (block: Block<Tensor>) (ways: Way list) =
            let pattern = activations.Layers[layer].Pattern
            let heads = pattern.Shape.Head

            // Of each way, what all heads make of it at once: [head, pos, d_head].
            let values = ways |> List.map (fun way -> way, Tensor.einsum "pm,hmd->hpd" way.Written block.W_V)

            let isEdited =
                List.init heads (fun head -> { Layer = layer; Head = head })
                |> List.exists (fun head ->
                    (Edits.find (ValueAt head) edits).IsSome || (Edits.find (OutputAt head) edits).IsSome)

            let isRead head (way: Way) =
                match way.Writer with
                | Some writer -> not (edits.Cuts.Contains(writer, head, ValueInput))
                | None -> true

            let whole (values: (Way * Tensor) list) = [
                for way, value in values do
                    let output = Tensor.einsum "hpd,hdm->hpm" (Tensor.causalMix pattern value) block.W_O

                    for head in 0 .. heads - 1 do
                        let address = { Layer = layer; Head = head }

                        if isRead address way then
                            {
                                way with
                                    Heads = way.Heads @ [ address ]
                                    Writer = Some(HeadOutput address)
                                    Written = Tensor.select 0 head output
                            }
            ]

            /// The same of one head whose values or output are edited.
            let single head = [
                let address = { Layer = layer; Head = head }
                let pattern, w_O = Tensor.slice 0 head 1 pattern, Tensor.select 0 head block.W_O

                let mix (value: Tensor) =
                    Tensor.causalMix pattern (Tensor.reshape (1 :: value.Shape) value) |> Tensor.select 0 0

                let change site parts =
                    match Edits.find site edits with
                    | None -> parts
                    | Some edit ->
                        let whole = total (Tensor.zeros [ tokens.Length; w_O.Shape.Head ] :: List.map snd parts)
                        replaced edit (put site None [] whole) parts whole

                let read = [
                    for way, value in values do
                        if isRead address way then
                            way, Tensor.select 0 head value
                ]

                for way, z in
                    read
                    |> change (ValueAt address)
                    |> List.map (fun (way, v) -> way, mix v)
                    |> change (OutputAt address) do
                    {
                        way with
                            Heads = way.Heads @ [ address ]
                            Writer = Some(HeadOutput address)
                            Written = Tensor.matmul z w_O
                    }
            ]

            if isEdited then
                [
                    for head in 0 .. heads - 1 do
                        yield! single head
                ]
            else
                whole values

        (sources model tokens |> List.map begin', List.indexed model.Blocks)
        ||> List.fold (fun ways (layer, block) ->
            let ways = atResidual edits layer activations.ResidualAfter.Shape ways
            ways @ through layer block ways)
        |> atResidual edits model.Blocks.Length activations.ResidualAfter.Shape
        |> toLogits model

    /// The logits as an exact sum over all paths through the heads' values, from the embedding and from learned positions, the attention
    /// patterns held fixed (Elhage et al. 2021). A layer of h heads multiplies the number of paths by h + 1.
    let paths (model: Model<Tensor>) (tokens: Tokens) : PathTerm list = pathsWith Edits.none model tokens

    /// The logits that the residual stream would give under edits, before each layer and behind the last one: a [pos, vocab] each. Raises
    /// `RefusedException` as `Transformer.logitsWith` does.
    let lensWith (edits: Edits) (model: Model<Tensor>) (tokens: Tokens) : Tensor list =
        let activations = Transformer.activations edits model tokens

        (activations.Layers |> List.map _.ResidualBefore) @ [ activations.ResidualAfter ]
        |> List.map (fun stream -> Tensor.matmul stream model.W_U)

    /// The logits that the residual stream would give before each layer and behind the last one (nostalgebraist's logit lens,
    /// 2020): a [pos, vocab] each.
    let lens (model: Model<Tensor>) (tokens: Tokens) : Tensor list = lensWith Edits.none model tokens

    /// Every head's output times a factor of its own.
    let internal scaled (heads: HeadAddress list) (factors: Tensor) : Edits =
        heads
        |> List.mapi (fun i head -> Edits.at (OutputAt head) (fun z -> z * Tensor.select 0 i factors))
        |> List.fold Edits.combine Edits.none

    /// The same of what edits leave of every head's output.
    let private faded (heads: HeadAddress list) (factors: Tensor) (edits: Edits) : Edits =
        let rest = edits.At |> List.filter (fun (site, _) -> not site.IsOutputAt)

        let fade (i, head) =
            let factor = Tensor.select 0 i factors

            match Edits.find (OutputAt head) edits with
            | None -> OutputAt head, (fun z -> z * factor)
            | Some edit -> OutputAt head, (fun z -> edit z * factor)

        { edits with At = rest @ (heads |> List.indexed |> List.map fade) }

    /// How much the mean loss would rise without each head, in nats a letter and to first order, from the losses [pos - 1] of logits that are a
    /// function of the edits that there are already and of a text, averaged over sequences.
    let internal slopes
        (losses: (Edits -> Tokens -> Tensor) -> Tensor)
        (task: Task)
        (model: Model<Tensor>)
        : (HeadAddress * float) list =
        let heads = Model.heads model

        // A factor of one on every head's output; the loss's slope in it is z . dloss/dz.
        let loss factors =
            losses (fun edits -> Transformer.logitsWith (faded heads factors edits) model) |> Loss.counted task

        if heads.IsEmpty then
            []
        else
            let slopes = Differentiation.grad loss (Tensor.ones [ heads.Length ])
            heads |> List.mapi (fun i head -> head, -(Tensor.item [ i ] slopes))

    /// How much the mean loss would rise without each head, in nats a letter and to first order: -z . dloss/dz. Beside the ablation itself
    /// this shows how far the model is from linear.
    let gradientTimesActivation
        threads
        (task: Task)
        (model: Model<Tensor>)
        (sequences: Tokens list)
        : (HeadAddress * float) list =
        slopes (fun logits -> Batch.mean threads (Loss.perPositionOf (logits Edits.none)) sequences) task model
