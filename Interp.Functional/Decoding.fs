namespace Interp

/// Continuing sequences with a model.
module Decoding =

    let private largest (scores: Tensor) =
        let scores = scores.Data
        let mutable best = 0

        for i in 1 .. scores.Length - 1 do
            if scores[i] > scores[best] then
                best <- i

        best

    /// Each prompt with the letters that some logits [pos, vocab] score highest (the first of equals) behind it, up to `length` letters.
    let greedyWith (threads: int) (logits: Tokens -> Tensor) (length: int) (prompts: Tokens list) : Tokens list =
        let rec extend (sequences: Tokens list) =
            match sequences with
            | first :: _ when first.Length < length ->
                let next tokens = Tensor.select 0 (first.Length - 1) (logits tokens)

                Batch.map threads next sequences
                |> List.map2 (fun tokens scores -> Tokens.append tokens (Tokens.ofArray [| largest scores |])) sequences
                |> extend
            | _ -> sequences

        // Prompts of one length share the lanes.
        let extended =
            prompts
            |> List.indexed
            |> List.groupBy (fun (_, prompt) -> prompt.Length)
            |> List.collect (fun (_, group) -> List.zip (List.map fst group) (extend (List.map snd group)))
            |> Map.ofList

        List.init prompts.Length (fun i -> extended[i])

    /// Each prompt with the letters that the model scores highest (the first of equals) behind it, up to `length` letters.
    let greedy threads (model: Model<Tensor>) length prompts =
        greedyWith threads (Transformer.logits model) length prompts
