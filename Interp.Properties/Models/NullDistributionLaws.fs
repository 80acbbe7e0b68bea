/// Null distributions, and what stands beside them.
module Interp.Properties.NullDistributionLaws

open Expecto
open Interp
open Interp.Properties.Laws

[<Tests>]
let tests =
    testList "Null distributions" [
        law 60 "a null distribution describes its samples" (fun key ->
            let samples = floats (normal [ integer 1 60 1 key ] 2 key) |> Array.sort
            let found = NullDistribution.ofSamples samples
            within Tolerances.eigenvalues 10.0 "the mean" found.Mean (Array.average samples)

            Expect.isTrue
                (samples[0] <= found.P025 && found.P025 <= found.P975 && found.P975 <= Array.last samples)
                "order"

            Expect.equal (NullDistribution.percentile 0.0 samples) samples[0] "the least"
            Expect.equal (NullDistribution.percentile 1.0 samples) (Array.last samples) "the most"
            Expect.equal (NullDistribution.standing samples[0] samples) 0.0 "nothing is below the least"
            Expect.equal (NullDistribution.standing (Array.last samples + 1.0) samples) 1.0 "all is below what is more"
            let value = samples[samples.Length / 2]
            let compared = NullDistribution.compare samples value
            Expect.equal (compared.Score, compared.Null) (value, found) "the score beside it")

        test "what is remembered is made once a key, part by part, by all who ask" {
            let made = System.Collections.Concurrent.ConcurrentQueue<int * int>()
            use both = new System.Threading.Barrier 2

            let part key number =
                // The first two parts of the first key wait for each other: nobody waits who could make one.
                if key = 5 && number < 2 then
                    Expect.isTrue (both.SignalAndWait(System.TimeSpan.FromMinutes 1.0)) "two at work"

                made.Enqueue(key, number)
                key * number

            let ask = Remembered.ofParts id part (Array.toList)

            let askers =
                [ 1..2 ]
                |> List.map (fun _ ->
                    System.Threading.Tasks.Task.Factory.StartNew(
                        (fun () -> ask 5),
                        System.Threading.Tasks.TaskCreationOptions.LongRunning
                    ))

            for asker in askers do
                Expect.equal asker.Result [ 0; 5; 10; 15; 20 ] "the parts in order"

            Expect.equal (ask 3) [ 0; 3; 6 ] "another key's"
            Expect.equal (ask 5) [ 0; 5; 10; 15; 20 ] "again"

            Expect.equal
                (made |> Seq.sort |> Seq.toList)
                [
                    for key in [ 3; 5 ] do
                        for number in 0 .. key - 1 -> key, number
                ]
                "each part once"
        }

        test "random OV circuits have eigenvalue scores around zero, and so have random direct paths" {
            let model = (Recipe.start Configuration.study).Weights
            let scored = CircuitScores.ofModel model

            for scores in scored.DirectPath :: (scored.OV |> List.map _.Scores) do
                let random = scores.Eigenvalues.Null
                Expect.equal scores.Eigenvalues.Score scores.Spectrum.Score "the score is the spectrum's"
                let standardError = random.Std / sqrt (float random.Samples)
                within Tolerances.standardErrors standardError "the mean" random.Mean 0.0
                // An untrained model stands within its own null distribution.
                Expect.isTrue (scores.Eigenvalues.Standing > 0.0 && scores.Eigenvalues.Standing < 1.0) "standing"
        }

        test "every head's scores stand beside those of random heads" {
            let c = Configuration.study
            let model = (Recipe.start c).Weights
            let scores = HeadScores.ofModel 1 c.Architecture model { Sequences = 20; Seed = 1UL }
            let found = HeadScores.compare 1 c.Architecture 1UL scores
            Expect.equal (found |> List.map _.Head) (Model.heads model) "heads"

            for head in found do
                Expect.equal (head.Blocks |> List.map _.BlockLength) HeadScores.blockLengths "block lengths"

                for block in head.Blocks do
                    for score in
                        [
                            block.PreviousToken
                            block.Induction
                            block.PrefixMatching
                            block.DuplicateToken
                            block.FiveBack
                        ] do
                        Expect.isTrue (score.Score > 0.0 && score.Score < 1.0) "a share of attention"

                        within
                            Tolerances.standardErrors
                            (score.Null.Std + Tolerances.randomHeads)
                            "the score"
                            score.Score
                            score.Null.Mean
        }
    ]
