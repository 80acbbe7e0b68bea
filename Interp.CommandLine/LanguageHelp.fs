/// The small languages of the command line, a form and its examples each: `interp help interventions`, `explanations` and `tasks`.
module internal Interp.CommandLine.LanguageHelp

open Interp

let private entries rows : HelpPage = rows |> List.map HelpBlock.Form

/// What can be done to a model while it runs.
let interventions () : HelpPage = [
    Words
        "Interventions: `--intervene` does something to a model while it runs, and may be repeated; each does what it does alone, and \
         of several at one place the later ones are given what the earlier left. HEAD is LAYER.HEAD, counted from 0: 1.3 is the fourth \
         head of the second layer."
    Heading "FORMS, with examples:"
    yield! Intervention.forms |> List.map (fun form -> form.Form, form.Meaning, form.Examples) |> entries
    Heading "COMMANDS:"
    Words
        "attention, logits, complete, evaluate, ablate, compose, heads, attribute, patch, lens and develop take them; with --with, what \
         is done is done to the explanation. circuits is of weights alone, and explain judges explanations of the model as it is."
    Heading "EXAMPLES:"
    Examples [
        "interp attention runs/two-layer --text ABCDEFABC --intervene \"zero 0.1\"", ""
        "interp evaluate runs/two-layer --intervene \"zero 0.2\" --intervene \"freeze 1.0\"", ""
        "interp attribute runs/two-layer --text ABCDEFABC --intervene \"cut 0.2 -> 1.3.k\" --picture paths.svg", ""
    ]
]

let private parts = [
    "direct FORM", "from a letter straight to the logits", [ "direct two-numbers" ]
    "ov HEADS FORM",
    "through a head's values; through those of several, one behind the other, with > between them",
    [ "ov 0.1 diagonal"; "ov 0.*>1.* diagonal" ]
    "qk HEADS FORM",
    "a term of a head's scores: what query and key read, (embed, embed) where not said; an earlier head may be read, letters along all ways are *",
    [
        "qk 0.1 two-numbers"
        "qk 1.2(embed, 0.3) over-keys"
        "qk 0.1(embed, pos) over-letters"
        "qk 1.*(0.*, 0.*) nothing"
    ]
    "attention HEADS FORM",
    "the pattern by which values move; behind it \"for\" and later heads: what these read instead",
    [ "attention 0.* positions"; "attention 0.1 positions for 1.*" ]
    "cut SOURCE -> HEADS.INPUT", "what heads do not read, as in `interp help interventions`", [ "cut 0.* -> 1.*.k" ]
]

let private tableForms = [
    "exact", "as the model has it", [ "direct exact" ]
    "diagonal", "each letter's own entry alone", [ "ov 0.* diagonal" ]
    "two-numbers", "one number for a letter and itself, one for all other pairs", [ "ov 0.* two-numbers" ]
    "rank N", "the N strongest directions", [ "ov 0.1 rank 2" ]
    "nothing", "the part is left out", [ "direct nothing" ]
    "over-queries, over-keys",
    "of qk between letters: the mean over the other side",
    [ "qk 0.1 over-queries"; "qk 0.1 over-keys" ]
    "over-letters, over-positions",
    "of qk between letters and positions: the mean over the other side",
    [ "qk 0.1(embed, pos) over-letters"; "qk 0.1(pos, embed) over-positions" ]
]

let private attentionForms = [
    "exact", "as its scores have it", [ "attention 0.1 exact" ]
    "without INPUTS [by mean, frequencies, zero or resampling]",
    "scores that do not know query-letter, key-letter, query-position, key-position: any of them, with commas",
    [
        "attention 0.* without query-letter"
        "attention 0.* without query-letter, key-position by resampling"
    ]
    "own-letters", "which letters the head looks for, wherever they stand", [ "attention 0.* own-letters" ]
    "positions", "the average pattern of held-out sequences", [ "attention 0.* positions" ]
    "shared, positions shared",
    "the layer's heads have one pattern, the mean of theirs",
    [ "attention 0.* shared"; "attention 0.* positions shared" ]
    "previous, N-back, same-letter, after-last-match, after-first-match, uniform",
    "a rule, whatever the model's scores",
    [ "attention 0.1 previous"; "attention 0.1 5-back"; "attention 1.* after-last-match" ]
]

/// What explanations may say.
let explanations () : HelpPage = [
    Words
        "Explanations: a list of clauses joined by semicolons, each a part of the model and what is kept of it. What is not named is \
         exact, and of two clauses for one part the later one holds. `interp explain` judges them; with --with other commands run one in \
         the model's place. HEADS is LAYER.HEAD, counted from 0; * is every layer, or every head."
    Heading "PARTS, with examples:"
    yield! entries parts
    Heading "FORMS of direct, ov and qk:"
    yield! entries tableForms
    Heading "FORMS of attention:"
    yield! entries attentionForms
    Heading "COMMANDS:"
    Words
        "explain, attention, logits, complete, evaluate, ablate, compose, heads, attribute, lens and develop take them with --with. An \
         explanation has no residual stream, queries, keys and values, so patch does not; circuits is of the model's weights."
    Heading "EXAMPLES:"
    Examples [
        "interp explain runs/plain --with \"direct two-numbers; ov 0.* diagonal; attention 0.* own-letters\"", ""
        "interp attribute runs/plain --text ABCDEFABC --with \"ov 0.* two-numbers\" --intervene \"zero 0.1\"", ""
    ]
]

/// How tasks are written.
let tasks () : HelpPage =
    let meaning (name: string) example =
        Tasks.all
        |> List.tryFind (fun kind -> string kind.Example = example)
        |> Option.orElseWith (fun () -> Tasks.all |> List.tryFind (fun kind -> kind.Name = name))
        |> Option.map _.Meaning
        |> Option.defaultValue ""

    let forms =
        TaskGrammar.forms
        |> List.map (fun (form, example, numbers) ->
            let name = form.Split(' ') |> Array.head
            let what = meaning name example
            form, $"{what} (numbers: {numbers})", [ example ])

    let others = [
        "text FILE [bytes] length N",
        "windows of N characters, or bytes, of a file; a name with spaces stands in double quotes",
        [ "text moby.txt length 64"; "text \"moby dick.txt\" bytes length 64" ]
        "TASK split N% seed N",
        "trained on a share of a task's inputs, and measured on the others",
        [ "add 113 split 30% seed 1" ]
    ]

    [
        Words
            "Tasks: --task says what a model is trained on, or measured on in place of its own task. Numbers may be left out from the \
             back, or with the word in front of them, as in \"repeat 6\"; the examples have what is meant then."
        Heading "FORMS, with examples:"
        yield! entries (forms @ others)
        Heading "COMMANDS:"
        Words
            "train and study train on them; evaluate, attention, ablate, compose, heads, develop and explain measure on them."
        Heading "EXAMPLES:"
        Examples [
            "interp train --task \"recall 5\" --out runs/recall", ""
            "interp evaluate runs/smeared --task \"repeat 3..8\"", ""
        ]
    ]

/// Words that a value may begin with in each language: what a shell offers first.
module Beginnings =

    let private first (text: string) = text.Split([| ' '; ',' |])[0]

    let interventions = Intervention.forms |> List.map (fun form -> first form.Form) |> List.distinct

    let explanations = parts |> List.map (fun (form, _, _) -> first form) |> List.distinct

    let tasks =
        (TaskGrammar.forms |> List.map (fun (form, _, _) -> first form)) @ [ "text" ] |> List.distinct
