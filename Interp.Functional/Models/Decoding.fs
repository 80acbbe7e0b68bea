namespace Interp

/// Continuing sequences with a model.
module Decoding =

    /// The place of the largest of `count` values, the first of equals.
    let private largest count (value: int -> float32) =
        let mutable best = 0

        for i in 1 .. count - 1 do
            if value i > value best then
                best <- i

        best

    /// Each prompt with the letters that some logits [pos, vocab] score highest (the first of equals) behind it, up to `length` letters.
    /// The logits of a position must not depend on later letters. Raises `RefusedException` for an empty prompt.
    let internal greedyWith
        (threads: int)
        (logits: Tokens -> Tensor)
        (length: int)
        (prompts: Tokens list)
        : Tokens list =
        if prompts |> List.exists (fun prompt -> prompt.Length = 0) then
            Refused.because "Decoding: a prompt is empty, expected at least one letter."

        match prompts |> List.filter (fun prompt -> prompt.Length < length) with
        | [] -> prompts
        | short ->
            // The letters to come do not show in the logits before them, so all prompts run at the full length from the start.
            let shape, run = Batch.compile threads (length - 1) logits
            let vocabulary = shape[1]

            let prompted (Tokens letters) = Array.append letters.Data (Array.zeroCreate (length - letters.Data.Length))
            let rows = short |> List.map prompted |> List.toArray
            let starts = short |> List.map _.Length |> List.toArray

            for position in Array.min starts .. length - 1 do
                run rows (fun row value ->
                    if starts[row] <= position then
                        rows[row][position] <-
                            largest vocabulary (fun letter -> value ((position - 1) * vocabulary + letter)) |> float32)

            let continued = rows |> Array.map (fun row -> Tokens(Value([ length ], row))) |> Array.toList

            // Back among the prompts that were long enough already.
            prompts
            |> List.mapFold
                (fun left prompt ->
                    match left with
                    | whole :: rest when prompt.Length < length -> whole, rest
                    | _ -> prompt, left)
                continued
            |> fst

    /// Each prompt with the letters that the model scores highest (the first of equals) behind it, up to `length` letters.
    let greedy threads (model: Model<Tensor>) length prompts =
        greedyWith threads (Transformer.logits model) length prompts

    /// The letter that the model scores highest behind a text, the first of equals.
    let likeliest (model: Model<Tensor>) (text: Tokens) : int =
        greedy 1 model (text.Length + 1) [ text ] |> List.head |> Tokens.toArray |> Array.last
