/// Letters that are drawn: from what the model says, as often as it says, and the same ones from the same seed.
module Interp.Properties.DecodingLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private sampling temperature topK seed : Sampling = { Temperature = temperature; TopK = topK; Seed = seed }

/// A model of some letters, and a text that it can read with room behind it.
let private given key =
    let a = { Given.anyArchitecture key with NCtx = integer 3 12 60 key }
    let length = integer 1 (a.NCtx - 1) 61 key
    let text = Key.integers a.DVocab length (Key.split 62UL key)
    a, Given.model a key, Tokens.ofArray text

/// The probabilities of the letter behind a text, as a sum over letters in float64 has them; 0 for those beyond the `k` likeliest.
let private expected (model: Model<Tensor>) (temperature: float) (k: int) (text: Tokens) =
    let logits = Transformer.logits model text

    let scores =
        Array.init logits.Shape[1] (fun letter -> float (Tensor.item [ text.Length - 1; letter ] logits) / temperature)

    let least = scores |> Array.sortDescending |> Array.item (min k scores.Length - 1)

    let weights =
        scores |> Array.map (fun score -> if score >= least then exp (score - Array.max scores) else 0.0)

    weights |> Array.map (fun weight -> weight / Array.sum weights)

[<Tests>]
let tests =
    testList "Decoding" [
        law 15 "letters are drawn as often as softmax says, and none but the k likeliest" (fun key ->
            let a, model, text = given key
            let temperature = one [ 0.3; 1.0; 3.0 ] 63 key
            let k = integer 1 (a.DVocab + 1) 64 key
            let draws = 3000

            let counts: int[] = Array.zeroCreate a.DVocab

            for whole in
                Decoding.sample
                    1
                    model
                    (sampling temperature (Some k) 5UL)
                    (text.Length + 1)
                    (List.replicate draws text) do
                let letter = Array.last (Tokens.toArray whole)
                counts[letter] <- counts[letter] + 1

            let shares = expected model temperature k text

            for letter in 0 .. a.DVocab - 1 do
                if shares[letter] = 0.0 then
                    Expect.equal counts[letter] 0 $"letter {letter} is not among the {k} likeliest"

            // Pearson's statistic; what is expected too seldom for its distribution makes one cell together.
            let often, seldom =
                Array.zip counts shares |> Array.partition (fun (_, share) -> share * float draws >= 20.0)

            let cells = Array.append often [| Array.sumBy fst seldom, Array.sumBy snd seldom |]

            let statistic =
                cells
                |> Array.sumBy (fun (count, share) ->
                    let mean = share * float draws
                    if mean < 5.0 then 0.0 else (float count - mean) ** 2.0 / mean)

            Expect.isLessThan statistic (Tolerances.chiSquare (cells.Length - 1)) $"temperature {temperature}, top {k}")

        law 20 "at temperature 0, and of one letter, the likeliest is taken" (fun key ->
            let a, model, text = given key
            let greedy = Decoding.greedy 1 model a.NCtx [ text ]
            let drawn sampling = Decoding.sample 1 model sampling a.NCtx [ text ]
            Expect.equal (drawn (sampling 0.0 (Some(integer 1 5 65 key)) 1UL)) greedy "temperature 0"
            Expect.equal (drawn (sampling 2.0 (Some 1) (uint64 (integer 0 99 66 key)))) greedy "of one letter"
            Expect.equal (drawn (sampling 1e-300 None 3UL)) greedy "all but 0")

        law
            20
            "the same seed draws the same letters, whatever prompts stand behind, and whatever the threads"
            (fun key ->
                let a, model, text = given key
                let sampling = sampling 1.5 None (uint64 (integer 0 99 65 key))
                let other = Tokens.ofArray [| integer 0 (a.DVocab - 1) 66 key |]
                let drawn threads prompts = Decoding.sample threads model sampling a.NCtx prompts
                let both = drawn 1 [ text; other ]
                Expect.equal both (drawn 2 [ text; other ]) "again, on two threads"
                Expect.equal both.Head (drawn 1 [ text ]).Head "without the other"

                for prompt, whole in List.zip [ text; other ] both do
                    Expect.equal (Tokens.slice 0 prompt.Length whole) prompt "the prompt stands first")

        law 30 "a guess of what comes shows in the time alone" (fun key ->
            let a, model, text = given key
            let prompts = [ text; Tokens.slice 0 1 text; text ]
            let greedy = prompts |> List.collect (fun prompt -> Decoding.greedy 1 model a.NCtx [ prompt ])

            // One that is right up to a place, and others that are not.
            let right = integer 0 a.NCtx 65 key

            let guesses =
                greedy
                |> List.mapi (fun i whole ->
                    let others = Key.integers a.DVocab (a.NCtx - right) (Key.split (uint64 (66 + i)) key)
                    Array.append (Array.truncate right (Tokens.toArray whole)) others |> Tokens.ofArray)

            Expect.equal
                (Decoding.greedyNear (integer 1 2 69 key) (Transformer.logits model) a.NCtx guesses prompts)
                greedy
                $"right up to place {right}"

            let start = integer 1 (a.NCtx - 1) 70 key
            let texts = greedy @ guesses

            Expect.equal
                (Decoding.areGreedy (integer 1 2 69 key) (Transformer.logits model) start texts)
                (texts
                 |> List.map (fun whole -> Decoding.greedy 1 model a.NCtx [ Tokens.slice 0 start whole ] = [ whole ]))
                $"told from those that are, from place {start} on")

        test "every prompt draws by itself, and so does every seed" {
            let a = { Configuration.study.Architecture with NCtx = 24 }
            let model = Given.model a (Key.ofSeed 3UL)
            let prompts = List.replicate 20 (Tokens.ofArray [| 0 |])
            let drawn seed = Decoding.sample 1 model (sampling 5.0 None seed) 24 prompts
            let all = [ 1UL; 2UL; 3UL ] |> List.collect drawn |> List.map Tokens.toArray
            Expect.equal (List.distinct all).Length all.Length "texts of 23 letters nearly as likely as any"
        }

        test "scores that are not finite are those of letters that never come" {
            let scores = [| nanf; 1.0f; infinityf; 1.0f; -infinityf |]
            let drawn uniform = Decoding.draw (sampling 1.0 None 1UL) uniform 5 (fun letter -> scores[letter])

            Expect.equal
                (List.map drawn [ 0.0; 0.49; 0.51; 1.0 - 2.0 ** -53.0 ])
                [ 1; 1; 3; 3 ]
                "of two that are as likely"

            Expect.equal (Decoding.draw (sampling 1.0 (Some 1) 1UL) 0.9 5 (fun i -> scores[i])) 1 "of equals the first"
            Expect.equal (Decoding.draw (sampling 1.0 None 1UL) 0.9 5 (fun _ -> nanf)) 0 "of none"
        }

        test "what cannot be drawn by is refused" {
            let _, model, text = given (Key.ofSeed 1UL)

            for sampling in [ sampling -1.0 None 1UL; sampling nan None 1UL; sampling 1.0 (Some 0) 1UL ] do
                Expect.throwsT<RefusedException>
                    (fun () -> Decoding.sample 1 model sampling (text.Length + 1) [ text ] |> ignore)
                    $"{sampling}"
        }
    ]
