/// Activations patched from another text, or from the same one.
module Interp.Properties.PatchingLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private address layer head = { Layer = layer; Head = head }

let private sites (a: Architecture) = [
    for layer in 0 .. a.NLayers do
        ResidualAt layer

    for site in [ QueryAt; KeyAt; ValueAt; PatternAt; OutputAt ] do
        for layer in 0 .. a.NLayers - 1 do
            for head in 0 .. a.NHeads - 1 do
                site (address layer head)
]

[<Tests>]
let tests =
    testList "Patching" [
        law
            15
            "an activation patched with itself, or a pattern frozen, changes nothing, to the bit, at any site"
            (fun key ->
                let c, model, tokens = Given.run key
                let whole = Transformer.logits model tokens
                let logits interventions = Intervened.logits 1 (Given.task c) model interventions tokens

                for site in sites c.Architecture do
                    same $"the logits after {site}" (logits [ Patch(site, None, tokens) ]) whole

                for head in Model.heads model do
                    same $"the logits after freezing {head}" (logits [ FreezePattern head ]) whole)

        law 30 "patching each position in turn is patching all of them" (fun key ->
            let c, model, tokens = Given.run key
            let site = one (sites c.Architecture) 40 key
            let source = Given.tokens c.Architecture.DVocab tokens.Length 41 key
            let logits interventions = Intervened.logits 1 (Given.task c) model interventions tokens
            let each = List.init tokens.Length (fun position -> Patch(site, Some position, source))
            close Tolerances.model "the logits" (floats (logits each)) (floats (logits [ Patch(site, None, source) ])))

        law 30 "a mean over one sequence, and a resampled one, are that sequence's" (fun key ->
            let c, model, _ = Given.run key
            let tokens = Given.tokens c.Architecture.DVocab (Given.task c).Length 31 key
            let head = one (Model.heads model) 40 key
            let source = Sequences.heldOut (Given.task c) { Sequences = 1; Seed = 9UL } |> List.head
            let logits intervention = floats (Intervened.logits 1 (Given.task c) model [ intervention ] tokens)
            let patched = logits (Patch(OutputAt head, None, source))
            close Tolerances.model "mean" (logits (MeanAblate(head, { Sequences = 1; Seed = 9UL }))) patched
            close Tolerances.model "resampled" (logits (ResampleAblate(head, 9UL))) patched)

        law 15 "the last stream restores the answer where it is read, and nowhere else" (fun key ->
            let c, model, _ = Given.run key
            let a = c.Architecture
            let length = integer 1 (Given.task c).Length 30 key
            let clean, corrupt = Given.tokens a.DVocab length 31 key, Given.tokens a.DVocab length 32 key
            let found = Patching.measure (Given.task c) model 0 1 clean corrupt

            if abs (found.CleanDifference - found.CorruptDifference) > Tolerances.leastDifference then
                for effect in found.Effects do
                    if effect.Site = ResidualAt a.NLayers then
                        let expected = if effect.Position = length - 1 then 1.0 else 0.0
                        within Tolerances.restored 1.0 $"restored at {effect.Position}" effect.Restored expected)

        test "a position or a text that does not fit is refused" {
            let c = { Configuration.study with Task = TaskForm.Repeat { Letters = 26; BlockLength = 2; Blocks = 2 } }
            let model = (Recipe.start c).Weights
            let tokens = Tokens.ofArray [| 0; 1; 2 |]

            let refused intervention =
                Expect.throwsT<RefusedException>
                    (fun () -> Intervened.logits 1 (Given.task c) model [ intervention ] tokens |> ignore)
                    (string intervention)

            refused (Patch(OutputAt(address 0 0), Some 3, tokens))
            refused (Patch(OutputAt(address 0 0), None, Tokens.slice 0 2 tokens))
            refused (Patch(OutputAt(address 0 4), None, tokens))
            refused (Patch(ResidualAt 2, None, tokens))
            refused (Patch(ResidualAt 1, None, Tokens.ofArray [| 0; 1; 26 |]))
            refused (AddToResidual(0, [ 1.0 ]))
            refused (Cut(HeadOutput(address 0 1), address 0 2, KeyInput))
        }
    ]
