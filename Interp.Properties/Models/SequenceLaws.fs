/// Randomness as a value, the data made from it, and decoding.
module Interp.Properties.SequenceLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private block a b c d : Philox.Block = { A = a; B = b; C = c; D = d }

let private keys =
    testList "keys" [
        test "Philox gives the published answers" {
            // The known answers for philox4x32 with ten rounds that accompany Random123.
            Expect.equal
                (Philox.block (block 0u 0u 0u 0u) 0UL)
                (block 0x6627e8d5u 0xe169c58du 0xbc57ac4cu 0x9b00dbd8u)
                "zeros"

            Expect.equal
                (Philox.block (block 0xffffffffu 0xffffffffu 0xffffffffu 0xffffffffu) 0xffffffffffffffffUL)
                (block 0x408f276du 0x41c83b0eu 0xa20bc7c6u 0x6d5451fdu)
                "ones"

            Expect.equal
                (Philox.block (block 0x243f6a88u 0x85a308d3u 0x13198a2eu 0x03707344u) 0x299f31d0a4093822UL)
                (block 0xd16cfe09u 0x94fdccebu 0x5001e420u 0x24126ea1u)
                "digits of pi"
        }

        law 100 "children of a key have streams of their own" (fun key ->
            let first = integer 0 1000 1 key
            let children = key :: List.init 50 (fun i -> Key.split (uint64 (first + i)) key)
            let words = children |> List.collect (Key.words 8 >> Array.toList)
            // 408 random words of 32 bits: three coincidences are as good as impossible.
            Expect.isGreaterThan (List.distinct words).Length (words.Length - 3) "distinct words")

        law 100 "a child is not made of words that the key's stream gives out" (fun key ->
            let i = uint64 (integer 0 1000 1 key)
            let words = Key.block i key
            let known = Key.ofSeed (uint64 words.A ||| (uint64 words.B <<< 32))
            Expect.notEqual (Key.split i key) known "the child")

        law 100 "a stream's beginning does not depend on how much of it is taken" (fun key ->
            let n = integer 0 30 1 key
            Expect.equal (Key.words n key) (Array.take n (Key.words 40 key)) "words")

        law 50 "integers and uniform numbers lie in their ranges and come evenly" (fun key ->
            let bound, count = integer 1 26 1 key, 4000
            let integers = Key.integers bound count key
            Expect.all integers (fun i -> i >= 0 && i < bound) "in range"
            let expected = float count / float bound

            for i in 0 .. bound - 1 do
                let seen = integers |> Array.filter ((=) i) |> Array.length |> float
                within Tolerances.countErrors (sqrt expected) $"how often {i} comes" seen expected

            Expect.all (Key.uniform count key) (fun u -> u >= 0.0f && u < 1.0f) "in [0, 1)")

        law 300 "uniform tensors lie in their half-open interval, after rounding as well, whatever its ends" (fun key ->
            let finite use' =
                let word = Key.words 1 (Key.split (uint64 use') key) |> Array.head
                let x = float (System.BitConverter.UInt32BitsToSingle word)
                if System.Double.IsFinite x then x else 1.5

            // A few float32 apart, anywhere, or ends that are none themselves.
            let low, high =
                match integer 0 3 1 key with
                | 0 ->
                    let low = float32 (finite 2)
                    let next (x: float32) = System.MathF.BitIncrement x
                    float low, float (next (next (next low)))
                | 1 -> finite 2, finite 3
                | 2 -> 0.1 + finite 2, 0.7 + finite 3
                | _ -> 1.0, 2.0

            let low, high = min low high, max low high

            if low < high && high <= float System.Single.MaxValue && low >= -(float System.Single.MaxValue) then
                let drawn =
                    try
                        floats (Tensor.uniform low high [ 3000 ] key)
                    with :? System.ArgumentException ->
                        // No float32 lies between the ends.
                        Expect.isTrue (float (System.MathF.BitIncrement(float32 low)) >= high) "no float32"
                        [||]

                Expect.all drawn (fun x -> low <= x && x < high) $"from {low} to below {high}")

        test "the last uniform number below 2 is not 2, and what is no interval is refused" {
            // Of 2^24 multiples the last one is a tie between the last float32 and 2: 20,000,000 draws meet it.
            let draws = 20_000_000

            Expect.isTrue
                ((Tensor.uniform 1.0 2.0 [ draws ] (Key.ofSeed 1UL)).ToArray() |> Array.forall (fun x -> x < 2.0f))
                "below 2"

            for low, high in
                [
                    1.0, 1.0
                    2.0, 1.0
                    nan, 1.0
                    0.0, nan
                    0.0, infinity
                    -infinity, 0.0
                    -1e39, 1e39
                    0.7, 0.7000000001
                ] do
                Expect.throwsT<System.ArgumentException>
                    (fun () -> Tensor.uniform low high [ 1 ] (Key.ofSeed 1UL) |> ignore)
                    $"from {low} to {high}"
        }

        law 20 "normal numbers are finite: none is beyond the least uniform number's" (fun key ->
            let most = sqrt (-2.0 * log (2.0 ** -32.0))
            Expect.all (Key.normal 20000 key) (fun x -> abs (float x) <= most) "within 6.67")

        law 20 "normal numbers have mean 0 and variance 1" (fun key ->
            let count = 4000
            let x = Key.normal count key |> Array.map float
            let error = Tolerances.freshErrors / sqrt (float count)
            within error 1.0 "the mean" (Array.average x) 0.0
            within error (sqrt 2.0) "the variance" (x |> Array.averageBy (fun x -> x * x)) 1.0)
    ]

let private data =
    testList "data" [
        law 100 "a sequence has its period, and letters of the vocabulary" (fun key ->
            let c = Given.configuration key
            let batch = Sequences.batch (Given.task c) c.Batch c.Seed (integer 0 100000 30 key)
            Expect.equal batch.Length c.Batch "the batch"

            for tokens in batch @ Sequences.heldOut (Given.task c) { Sequences = 5; Seed = 3UL } do
                let letters = tokens.ToArray()
                Expect.equal letters.Length (Given.task c).Length "the length"
                Expect.all letters (fun letter -> letter >= 0 && letter < c.Architecture.DVocab) "letters"

                letters
                |> Array.iteri (fun i letter ->
                    Expect.equal letter letters[i % (Given.repetition c).BlockLength] "the period"))

        law 50 "a batch is the same whether or not others were made, and unlike the next" (fun key ->
            let c = { Configuration.study with Batch = 8; Seed = uint64 (integer 0 1000000 1 key) }
            let step = integer 1 100000 2 key
            let alone = Sequences.batch Tasks.study c.Batch c.Seed step |> List.map Tokens.toArray
            let before = Sequences.batch Tasks.study c.Batch c.Seed (step - 1) |> List.map Tokens.toArray
            Expect.equal (Sequences.batch Tasks.study c.Batch c.Seed step |> List.map Tokens.toArray) alone "again"
            Expect.notEqual before alone "the step before"

            Expect.notEqual
                (Sequences.heldOut (Given.task c) { Sequences = 8; Seed = c.Seed } |> List.map Tokens.toArray)
                alone
                "held out"

            let other = Sequences.batch Tasks.study c.Batch (c.Seed + 1UL) step |> List.map Tokens.toArray
            Expect.notEqual other alone "another seed")

        law 50 "a larger batch begins with the smaller one" (fun key ->
            let c = Given.configuration key
            let n = integer 1 c.Batch 30 key
            let sequences batch = Sequences.batch (Given.task c) batch c.Seed 7 |> List.map Tokens.toArray
            Expect.equal (sequences n) (List.take n (sequences c.Batch)) "the first sequences")

        law 100 "letters are read as they are written" (fun key ->
            let vocabulary = integer 2 256 1 key
            let tokens = Given.tokens vocabulary (integer 1 40 2 key) 3 key

            match Letters.ofText vocabulary (Letters.toText tokens) with
            | Ok read -> Expect.equal (read.ToArray()) (tokens.ToArray()) "the letters"
            | Error sentence -> failtest sentence)

        test "a letter outside of the vocabulary is named with its place" {
            match Letters.ofText 26 "ABcD" with
            | Error sentence ->
                Expect.stringContains sentence "'c'" "the letter"
                Expect.stringContains sentence "place 3" "its place"
            | Ok _ -> failtest "c is no letter of 26"

            Expect.isError (Letters.ofText 26 "") "an empty text"
        }
    ]

let private decoding =
    testList "decoding" [
        law 30 "greedy decoding keeps its prompts, and each new letter is the likeliest" (fun key ->
            let a = Given.architecture key
            let model = Given.model a key
            let length = a.NCtx

            let prompts =
                List.init (integer 1 5 30 key) (fun i ->
                    Given.tokens a.DVocab (integer 1 length (40 + i) key) (50 + i) key)

            for prompt, whole in List.zip prompts (Decoding.greedy (integer 1 2 31 key) model length prompts) do
                let letters = whole.ToArray()
                Expect.equal letters.Length length "the length"
                Expect.equal (Array.take prompt.Length letters) (prompt.ToArray()) "the prompt"
                let logits = Transformer.logits model whole

                for position in prompt.Length .. length - 1 do
                    let scores = [| for letter in 0 .. a.DVocab - 1 -> Tensor.item [ position - 1; letter ] logits |]

                    Expect.equal scores[letters[position]] (Array.max scores) "the highest score")

        law 30 "a prompt is continued the same alone and among others" (fun key ->
            let a = Given.architecture key
            let model = Given.model a key
            let prompts = Given.sequences a.DVocab 2 (integer 1 20 30 key) key
            let alone = prompts |> List.collect (fun prompt -> Decoding.greedy 1 model a.NCtx [ prompt ])
            let together = Decoding.greedy 2 model a.NCtx prompts
            Expect.equal (together |> List.map Tokens.toArray) (alone |> List.map Tokens.toArray) "continuations")
    ]

[<Tests>]
let tests = testList "Sequences" [ keys; data; decoding ]
