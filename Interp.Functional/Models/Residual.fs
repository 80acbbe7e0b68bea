namespace Interp

/// The residual stream of one sequence as the sum of what was written to it. Whoever reads it through a matrix reads each
/// part through the product of the part's own matrix with that one (Elhage et al. 2021, "A mathematical framework for
/// transformer circuits"): a row of W_E W for each letter instead of a product for each position, and no product with W_O
/// on its own.
type internal Residual = {
    /// The letters and W_E [vocab, d_model].
    Embedded: (Tokens * Tensor) option
    /// W_pos of the positions that there are: [pos, d_model].
    Positioned: Tensor option
    /// What heads of each layer so far mix, z [head, pos, d_head], with their addresses and their W_O [head, d_head, d_model]. A head
    /// that writes nothing is left out, as its W_O times another matrix may be infinite, and 0 times that is no number.
    Written: (HeadAddress list * Tensor * Tensor) list
    /// What else was added: [pos, d_model].
    Rest: Tensor option
}

module internal Residual =

    /// The letters' rows of W_E [vocab, d_model], and learned positions [pos, d_model] where there are some.
    let embed tokens w_E positions = { Embedded = Some(tokens, w_E); Positioned = positions; Written = []; Rest = None }

    /// The entries of some heads, by their places among others.
    let private pick places count (x: Tensor) =
        if List.length places = count then
            x
        else
            places |> List.map (fun place -> Tensor.slice 0 place 1 x) |> Tensor.concatenate 0

    /// The written parts of those heads that `writes`.
    let private only writes (heads: HeadAddress list, z, w_O) =
        match heads |> List.indexed |> List.filter (snd >> writes) with
        | [] -> None
        | kept ->
            let pick = pick (List.map fst kept) heads.Length
            Some(List.map snd kept, pick z, pick w_O)

    /// What a layer's heads mix, z [head, pos, d_head], written to the stream, but for heads that are `silent`.
    let write layer (silent: int -> bool) (z: Tensor) w_O residual =
        let heads = List.init z.Shape.Head (fun head -> { Layer = layer; Head = head })
        let written = only (fun address -> not (silent address.Head)) (heads, z, w_O)
        { residual with Written = residual.Written @ Option.toList written }

    /// Another stream in the place of the whole one: [pos, d_model].
    let replaced (x: Tensor) = { Embedded = None; Positioned = None; Written = []; Rest = Some x }

    let private sum terms =
        match terms with
        | [] -> None
        | terms -> Some(List.reduce (fun (a: Tensor) b -> a + b) terms)

    /// `x` [pos, d_model] added to the stream.
    let add (x: Tensor) residual = { residual with Rest = sum (Option.toList residual.Rest @ [ x ]) }

    /// What one part adds to a product of the stream, `gathered` from a table, through z, or as a plain product.
    let private parts residual table virtually plainly = [
        for tokens, w_E in Option.toList residual.Embedded -> Tensor.gather (table w_E) tokens
        for x in Option.toList residual.Positioned -> plainly x
        for _, z, w_O in residual.Written -> virtually z w_O
        for x in Option.toList residual.Rest -> plainly x
    ]

    /// x W for heads, W [head, d_model, d_head]: [head, pos, d_head]; nothing if the stream is empty.
    let readHeads (w: Tensor) residual =
        parts
            residual
            (fun w_E -> Tensor.einsum "vm,hmd->hvd" w_E w)
            (fun z w_O -> Tensor.einsum "ipk,ikhd->hpd" z (Tensor.einsum "ikm,hmd->ikhd" w_O w))
            (fun x -> Tensor.einsum "pm,hmd->hpd" x w)
        |> sum

    /// x W for one matrix W [d_model, n]: [pos, n]; nothing if the stream is empty.
    let read (w: Tensor) residual =
        parts
            residual
            (fun w_E -> Tensor.matmul w_E w)
            (fun z w_O -> Tensor.einsum "ipk,ikn->pn" z (Tensor.einsum "ikm,mn->ikn" w_O w))
            (fun x -> Tensor.matmul x w)
        |> sum

    /// The stream itself: [pos, d_model].
    let value residual = parts residual id (fun z w_O -> Tensor.einsum "ipk,ikm->pm" z w_O) id |> sum

    /// What heads wrote added up, as deep models would otherwise read ever more parts.
    let addUp residual = {
        residual with
            Written = []
            Rest = value { residual with Embedded = None; Positioned = None }
    }

    /// The stream at `count` positions from `first` on.
    let at first count residual =
        let rows axis = Tensor.slice axis first count

        match residual.Embedded with
        | Some(tokens, _) when count = tokens.Length -> residual
        | embedded -> {
            Embedded = embedded |> Option.map (fun (tokens, w_E) -> Tokens.slice first count tokens, w_E)
            Positioned = residual.Positioned |> Option.map (rows 0)
            Written = residual.Written |> List.map (fun (heads, z, w_O) -> heads, rows 1 z, w_O)
            Rest = residual.Rest |> Option.map (rows 0)
          }

    /// The stream, its letters' rows looked up where a shard's sequences have fewer of them at `positions` than W_E has: then a product for each
    /// position is cheaper than tables of all letters and their derivatives, which every shard has of its own.
    let lookedUp positions residual =
        match residual.Embedded with
        | Some(tokens, w_E) when w_E.Shape.Head > Ordering.lanes * positions ->
            add (Tensor.gather w_E tokens) { residual with Embedded = None }
        | _ -> residual

    /// The stream without what some components wrote to it.
    let without (components: Set<Component>) residual = {
        residual with
            Embedded = if components.Contains Embedding then None else residual.Embedded
            Positioned = if components.Contains PositionEmbedding then None else residual.Positioned
            Written =
                residual.Written
                |> List.choose (only (fun address -> not (components.Contains(HeadOutput address))))
    }
