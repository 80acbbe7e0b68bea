/// The logits as sums over paths, the lens, and slopes by gradient times activation.
module Interp.Properties.AttributionLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private sum (terms: PathTerm list) = terms |> List.map _.Logits |> List.reduce (fun a b -> a + b)

[<Tests>]
let tests =
    testList "Attribution" [
        law 60 "the logits are what the embedding and every head write directly" (fun key ->
            let _, model, tokens = Given.anyRun key
            let terms = Attribution.direct model tokens
            let sources = [ Embedding ] @ (if model.W_pos.IsSome then [ PositionEmbedding ] else [])

            Expect.equal
                (terms |> List.map _.Source)
                (sources @ (Model.heads model |> List.map HeadOutput) |> List.map PathSource.Component)
                "a term for each component"

            close Tolerances.model "the sum" (floats (sum terms)) (floats (Transformer.logits model tokens)))

        law 40 "the logits are the sum over all paths" (fun key ->
            let c, model, tokens = Given.anyRun key
            let terms = Attribution.paths model tokens
            let sources = if model.W_pos.IsSome then 2 else 1
            let paths = sources * pown (c.Architecture.NHeads + 1) c.Architecture.NLayers
            let found = terms |> List.distinctBy (fun term -> term.Source, term.Heads)
            Expect.equal (terms.Length, found.Length) (paths, paths) "one for each path"
            close Tolerances.model "the sum" (floats (sum terms)) (floats (Transformer.logits model tokens)))

        law 40 "the lens shows the direct path first and the model's logits last" (fun key ->
            let _, model, tokens = Given.anyRun key
            let lens = Attribution.lens model tokens
            let direct = Given.directLogits model tokens
            Expect.equal lens.Length (model.Blocks.Length + 1) "a view a layer, and one behind the last"
            close Tolerances.model "first" (floats lens.Head) (floats direct)
            close Tolerances.model "last" (floats (List.last lens)) (floats (Transformer.logits model tokens)))

        law 12 "gradient times activation is the slope of the loss as a head fades" (fun key ->
            let c, model, _ = Given.run key
            let sequences = Sequences.heldOut (Given.task c) { Sequences = (integer 1 20 40 key); Seed = 3UL }
            let estimates = Attribution.gradientTimesActivation 1 (Given.task c) model sequences
            Expect.equal (List.map fst estimates) (Model.heads model) "heads"
            let head, estimate = one estimates 41 key

            let loss factor =
                let edits = Edits.at (OutputAt head) (fun z -> z * factor)

                sequences
                |> Batch.mean 1 (Loss.perPositionOf (Transformer.logitsWith edits model))
                |> floats
                |> Array.average

            let h = Tolerances.fading
            let slope h = (loss (1.0 - h) - loss (1.0 + h)) / (2.0 * h)
            let far, near = slope h, slope (h / 2.0)
            // Two steps together take the third derivative out (Richardson), which is large in some random models. Their
            // difference is three times what the nearer one was off by, and so bounds what is left.
            let expected = (4.0 * near - far) / 3.0
            let allowed = Tolerances.fadingSlope * (1.0 + abs expected) + abs (near - far)
            within 1.0 allowed "the estimate" estimate expected)
    ]
