namespace Interp

open System

/// How letters are drawn from what a model scores.
type Sampling = {
    /// What scores are divided by before the softmax; with 0 the likeliest letter is always taken.
    Temperature: float
    /// So many likeliest letters are drawn from; none for all.
    TopK: int option
    /// What is drawn is a function of it, of the prompt's number and of the place.
    Seed: uint64
}

/// Continuing sequences with a model.
module Decoding =

    /// The place of the largest of `count` values, the first of equals.
    let private largest count (value: int -> float32) =
        let mutable best = 0

        for i in 1 .. count - 1 do
            if value i > value best then
                best <- i

        best

    /// A letter of `count` drawn by their scores: softmax of the scores over the temperature, of the `TopK` likeliest (of equals the first)
    /// alone. `uniform` is from 0 to below 1. Scores that are not finite are taken as those of letters that never come; where none is
    /// finite the first letter is taken.
    let internal draw (sampling: Sampling) (uniform: float) count (value: int -> float32) =
        if sampling.Temperature = 0.0 then
            largest count value
        else
            let scores = Array.init count (value >> float)
            let letters = [| 0 .. count - 1 |] |> Array.filter (fun letter -> Double.IsFinite scores[letter])

            let kept =
                match sampling.TopK with
                // Stable, so that of equals the first come first.
                | Some k when k < letters.Length ->
                    letters
                    |> List.ofArray
                    |> List.sortBy (fun letter -> -scores[letter])
                    |> List.take k
                    |> Array.ofList
                | _ -> letters

            if kept.Length = 0 then
                0
            else
                let most = kept |> Array.fold (fun most letter -> max most scores[letter]) Double.NegativeInfinity

                let sums =
                    kept
                    |> Array.scan (fun sum letter -> sum + exp ((scores[letter] - most) / sampling.Temperature)) 0.0
                    |> Array.tail

                let target = uniform * Array.last sums
                // Rounding may leave the target at the last sum itself.
                kept[sums |> Array.tryFindIndex (fun sum -> target < sum) |> Option.defaultValue (kept.Length - 1)]

    /// Each prompt with letters behind it that `choose` takes, up to `length` letters: of prompt number i at a place, from the scores of
    /// so many letters. The logits of a position must not depend on later letters. `guesses` are what may come, a text of `length` letters for each prompt,
    /// and show in the time alone: every letter is chosen anew at each pass, and stands once all before it do (Jacobi's iteration, as Santilli et al. 2023
    /// decode). Raises `RefusedException` for an empty prompt.
    let private continued
        (threads: int)
        (logits: Tokens -> Tensor)
        (length: int)
        (choose: int -> int -> int -> (int -> float32) -> int)
        (guesses: Tokens list option)
        (prompts: Tokens list)
        : Tokens list =
        if prompts |> List.exists (fun prompt -> prompt.Length = 0) then
            Refused.because "Decoding: a prompt is empty, expected at least one letter."

        let guesses =
            match guesses with
            | Some guesses -> guesses |> List.map (fun (Tokens letters) -> letters.Data)
            | None -> prompts |> List.map (fun _ -> Array.zeroCreate length)

        match
            List.zip prompts guesses
            |> List.indexed
            |> List.filter (fun (_, (prompt, _)) -> prompt.Length < length)
        with
        | [] -> prompts
        | numbered ->
            let numbers, short = numbered |> List.unzip
            let numbers = List.toArray numbers
            // The letters to come do not show in the logits before them, so all prompts run at the full length from the start.
            let compiled = Batch.compile threads (length - 1) logits
            let vocabulary = compiled.Shape[1]

            let rows = [|
                for Tokens letters, guess in short -> Array.append letters.Data guess[letters.Data.Length ..]
            |]

            // The first place of each row that does not stand yet.
            let next = [| for prompt, _ in short -> prompt.Length |]
            let mutable unfinished = [| 0 .. rows.Length - 1 |]

            while unfinished.Length > 0 do
                let asked = unfinished

                compiled.Run (asked |> Array.map (fun row -> rows[row])) (fun i value ->
                    let row = asked[i]
                    let mutable stands = true

                    for position in next[row] .. length - 1 do
                        let letter =
                            choose numbers[row] position vocabulary (fun letter ->
                                value ((position - 1) * vocabulary + letter))
                            |> float32

                        if stands then
                            next[row] <- position + 1
                            stands <- rows[row][position] = letter

                        rows[row][position] <- letter)

                unfinished <- asked |> Array.filter (fun row -> next[row] < length)

            compiled.Release()
            let whole = rows |> Array.map (fun row -> Tokens(Value([ length ], row))) |> Array.toList

            // Back among the prompts that were long enough already.
            prompts
            |> List.mapFold
                (fun left prompt ->
                    match left with
                    | whole :: rest when prompt.Length < length -> whole, rest
                    | _ -> prompt, left)
                whole
            |> fst

    /// Each prompt with the letters that some logits [pos, vocab] score highest (the first of equals) behind it, up to `length` letters.
    /// The logits of a position must not depend on later letters. Raises `RefusedException` for an empty prompt.
    let internal greedyWith threads logits length prompts =
        continued threads logits length (fun _ _ -> largest) None prompts

    /// The same, found sooner the more of a guess is right: each guess is as long as the text is to be.
    let internal greedyNear threads logits length guesses prompts =
        continued threads logits length (fun _ _ -> largest) (Some guesses) prompts

    /// Whether texts of one length go on behind `start` letters as they are continued greedily. The logits of a position must not depend on later letters.
    let internal areGreedy threads logits start (texts: Tokens list) : bool list =
        match texts with
        | [] -> []
        | first :: _ ->
            let compiled = Batch.compile threads (first.Length - 1) logits
            let vocabulary = compiled.Shape[1]
            let rows = Valuation.rows texts
            let found = Array.create rows.Length true

            compiled.Run rows (fun row value ->
                found[row] <-
                    Seq.forall
                        (fun position ->
                            let letter =
                                largest vocabulary (fun letter -> value ((position - 1) * vocabulary + letter))

                            float32 letter = rows[row][position])
                        (seq { start .. first.Length - 1 }))

            compiled.Release()
            List.ofArray found

    /// Each prompt with letters behind it that are drawn one by one, up to `length` letters: prompt number i by the child key number i of
    /// the seed's. Raises `RefusedException` for an empty prompt, a temperature below 0 or not finite, and for fewer than one letter to draw from.
    let internal sampleWith threads logits (sampling: Sampling) length prompts =
        if not (Double.IsFinite sampling.Temperature) || sampling.Temperature < 0.0 then
            Refused.because $"The temperature is {sampling.Temperature}, expected a number from 0 on."

        match sampling.TopK with
        | Some k when k < 1 -> Refused.because $"The number of letters to draw from is {k}, expected at least 1."
        | _ -> ()

        let seed = Key.ofSeed sampling.Seed

        let choose prompt position count value =
            let words = seed |> Key.split (uint64 prompt) |> Key.block (uint64 position)
            let uniform = float ((uint64 words.A <<< 21) ||| (uint64 words.B >>> 11)) / 9007199254740992.0
            draw sampling uniform count value

        continued threads logits length choose None prompts

    /// Each prompt with letters of the model's behind it, drawn one by one, up to `length` letters; as `Sampling` says.
    let sample threads (model: Model<Tensor>) sampling length prompts =
        sampleWith threads (Transformer.logits model) sampling length prompts

    /// Each prompt with the letters that the model scores highest (the first of equals) behind it, up to `length` letters.
    let greedy threads (model: Model<Tensor>) length prompts =
        greedyWith threads (Transformer.logits model) length prompts

    /// The letter that logits [pos, vocab] of a text score highest behind it, the first of equals.
    let likeliest (logits: Tokens -> Tensor) (text: Tokens) : int =
        greedyWith 1 logits (text.Length + 1) [ text ] |> List.head |> Tokens.toArray |> Array.last
