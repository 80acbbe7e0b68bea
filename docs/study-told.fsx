(**
---
title: The study, told
category: Start
categoryindex: 1
index: 3
description: What one and two layers of attention do with repeated blocks of letters, told with three trained models.
---
# The study, told

In 2022 [CG80499](https://github.com/CG80499/interpretability_one_layer_transformers) asked how much of a transformer one can understand whose every number one can
look at. The models here are three that an independent program (PyTorch) trained by the study's recipe; what is computed of them is computed as this page is made. `golden` leads to their files in the repository; to yours leads a path, `Model.load "runs/smeared"`.
*)
(*** hide ***)
#load "../scripts/golden.fsx"

open Golden
(** *)
open Interp

let plain = Model.load (golden "plain_s11")
let smeared = Model.load (golden "smeared_s11")
let twoLayer = Model.load (golden "two_layer_s11")
(**
## The task, and its floor

A sequence is a block of six random letters, four times: `QWERTYQWERTYQWERTYQWERTY`. Of each of the first five predictions nothing can be known, and after the first block
everything is. So no model can have a loss below 5 ln 26 / 23 = 0.708 nats a letter, and one that never looks back has ln 26 = 3.258.

To go on with a block one has to find where the current letter stood before, and write what stood behind it. That is *induction*, and it is said to need two layers: one that
tells each position what stands before it, and one that searches for that.
*)
let task = Tasks.study
let reference = { Sequences = 1000; Seed = 1UL }

for name, model in [ "plain", plain; "smeared keys", smeared; "two layers", twoLayer ] do
    let found = Behaviour.evaluate 2 task model reference
    let prompts = found.Prompts.Value.ByPattern.Value

    printfn
        "%-13s loss %.3f (floor %.3f); completes %4.1f %% of blocks of different letters, %4.1f %% of the others"
        name
        found.Loss
        found.Floor.Value
        (100.0 * prompts.Distinct.Exact)
        (100.0 * prompts.Repeated.Exact)
(*** include-output ***)
(**
The last column is one that the study does not have. Nearly half of all random blocks have some letter twice, and on these the model that "correctly completes the sequences" mostly does not.

## One layer fails, and why

What does the plain model write?
*)
let complete model (text: string) =
    let prompt = Vocabulary.parse task.Tokens text |> Result.defaultWith failwith

    Decoding.greedy 1 model 24 [ prompt ]
    |> List.head
    |> Letters.toText
    |> _.Substring(text.Length)

for text in Published.prompts do
    printfn
        "%-13s plain %-19s smeared %-19s two layers %s"
        text
        (complete plain text)
        (complete smeared text)
        (complete twoLayer text)
(*** include-output ***)
(**
It goes to and fro between letters of the prompt. The study explains that from two matrices. The *direct path* W_E W_U, from a letter straight to the logits, has eigenvalues that are
nearly all negative: a letter speaks against itself. And the heads' OV circuits W_E W_V W_O W_U have mostly positive ones: what a head looks at becomes likelier.
*)
let show name model =
    let spectra = Circuits.spectra model

    let heads =
        spectra.OV
        |> List.map (fun head -> sprintf "%+.2f" head.Spectrum.Score)
        |> String.concat "  "

    printfn "%-13s direct path %+.3f   heads %s" name spectra.DirectPath.Score heads

show "plain" plain
show "smeared keys" smeared
show "two layers" twoLayer
(*** include-output ***)
(**
"The model is just copying the past couple of tokens", says the study. The attention says otherwise: where does it go?
*)
let heldOut = Sequences.heldOut task reference
let average = Attention.average 2 plain heldOut |> List.head

// Behind the first block, over all heads.
let places = List.allPairs [ 0..3 ] [ 6..23 ]

let recent =
    places
    |> List.averageBy (fun (head, query) ->
        List.sumBy (fun key -> Tensor.item [ head; query; key ] average) [ query - 2 .. query ])

let evenly = places |> List.averageBy (fun (_, query) -> 3.0 / float (query + 1))

printfn
    "on the current letter and the two before it: %.0f %%, where even attention would have %.0f %%"
    (100.0 * recent)
    (100.0 * evenly)
(*** include-output ***)
(**
It does not matter much *where* a letter stands. It matters *which* it is: every head looks for letters of its own.
*)
let architecture = (Checkpoint.load (golden "plain_s11")).Architecture
let letters = (HeadLetters.ofModel architecture plain).Value

for head in letters.Heads do
    let looksFor =
        head.Strengths
        |> List.indexed
        |> List.filter (fun (_, strength) -> strength > 0.5)
        |> List.map (fst >> Letters.name)
        |> String.concat " "

    printfn "head %O looks for %s" head.Head looksFor

printfn "the largest correlation between two heads: %.2f" letters.LargestCorrelation.Value
(*** include-output ***)
(** *)
let picture = Figure.headLetters task.Tokens letters
(*** hide ***)
Figure.html picture
(*** include-it-raw ***)
(**
The heads divide the alphabet among them: in 16 of 20 trainings the strengths of no two are correlated positively ([which claims hold](which-claims-hold.md)).

## Smeared keys: one layer is enough

Let each key be mixed, in a learned proportion, with the key of the letter before. Then the key at a B holds some of the A before it, and the query of an A can
ask for it: "a padlock", says the study, that such keys fit. The model completes nearly every block of different letters.
*)
let text =
    Vocabulary.parse task.Tokens "ABCDEFABCDEFABCDEFABCDEF" |> Result.defaultWith failwith

let patterns = Transformer.patterns smeared text |> List.head

for head in 0..3 do
    let share = List.sumBy (fun key -> Tensor.item [ head; 18; key ] patterns) [ 1; 7; 13 ]

    printfn
        "head 0.%d, at the fourth A: %3.0f %% of its attention is on the three Bs"
        head
        (100.0 * share)
(*** include-output ***)
(** *)
let heads = Figure.attention task.Tokens text [ patterns ]
(*** hide ***)
Figure.html heads[0]
(*** include-it-raw ***)
(**
## Two layers

With two layers and no smears the first layer can move the letter before to each position, and the second can search by it: *K-composition*. What is left of the model when queries
or keys of the second layer may not read the first?
*)
let paths = PathExperiment.measure 2 task twoLayer reference

printfn "second layer reads the embedding alone   %.3f" paths.Direct
printfn "its keys read the first layer, too       %.3f" paths.WithKeys
printfn "its queries do                           %.3f" paths.WithQueries
printfn "both: the whole model                    %.3f" paths.WithBoth
(*** include-output ***)
(**
Each alone brings something, both together far more than their sum. The study's picture of one head that looks at the letter before, and by which all others search, is true of some trainings
and not of others.

## What one may say of it

The study's sentences can be put to the test: make a model of the sentence, and ask how far its predictions are from the model's. 1 is the model itself, 0 is saying nothing.
*)
let explained model name (explanation: Explanation) =
    let found =
        Faithfulness.measure 2 task 24 model [] { Sequences = 500; Seed = 1UL } explanation

    printfn "%-48s %+.3f" name found.Explained.Value

let inWords text = Explanation.parse text |> Result.defaultWith failwith

for named in Named.ofAuthor task architecture plain do
    explained plain named.Name named.Explanation

explained
    plain
    "each head looks for letters of its own"
    (inWords "direct two-numbers; ov 0.* diagonal; attention 0.* own-letters")

for named in Named.ofAuthor task { architecture with Smear = Smear.Keys } smeared do
    explained smeared named.Name named.Explanation
(*** include-output ***)
(**
What the author *wrote* of either model explains half of it, or less than nothing; his *picture* of padlocks explains nine tenths.

## What was left open

He wondered whether some heads suppress letters since there are four of them for six letters (no: [What came out](findings.md)), whether smeared *queries* do the same as smeared keys (no), and noted
that training and tests had seen one sequence in a hundred. All 308,915,776 have been asked since: [Every input there is](exact.fsx).

Which of the sentences above are of these three models, and which of such models in general? [Which claims hold](which-claims-hold.md).
*)
