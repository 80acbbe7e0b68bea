/// What claims of one's own may say: `interp help claims`, from the core's tables.
module internal Interp.CommandLine.ClaimsHelp

open Interp

let private unitOf (words: QuantityWords) =
    match words.Unit with
    | QuantityUnit.Nats -> "nats"
    | QuantityUnit.Share -> "0 to 1"
    | QuantityUnit.Score -> "-1 to 1"
    | QuantityUnit.Letters -> "letters"
    | QuantityUnit.Explained -> "at most 1"
    | QuantityUnit.Correlation -> "-1 to 1"
    | QuantityUnit.Number -> ""

let private row (name: string, words: QuantityWords) =
    // The name says which layer or rank it is.
    let sentence =
        words.Sentence.Replace("layer 0’s", "the layer’s").Replace("second highest", "RANKth highest")

    match unitOf words with
    | "" -> name, sentence
    | unit' -> name, $"{sentence.TrimEnd '.'} ({unit'})."

let private table (rows: (string * QuantityWords) list) = Terms(List.map row rows)

let private example =
    ClaimsFile.show [
        for name, about, sentence, rule in
            [
                "looks-back",
                Some TwoLayer,
                "Some head of the first layer looks at the letter before.",
                "max(previous_token over layer 0) > 0.5"
                "two-suppress",
                None,
                "Two heads or more make the letters that they look at less likely.",
                "count(ov < -0.5 over heads) > 1"
                "nearly-perfect",
                Some Smeared,
                "Its loss is nearly the least, and every head matters.",
                "loss_above_floor < 0.1 and min(ablation_rise over layer 0) > 0.1"
            ] do
            match Rules.parse [] rule with
            | Ok conditions -> { Name = name; About = about; Sentence = sentence; Conditions = conditions }
            | Error problem -> Broken.because problem
    ]

/// All of it.
let text () : HelpPage =
    let whole =
        Quantity.formed
        |> List.filter (fun (quantity, _) -> not quantity.IsOfHead)
        |> List.map (fun (quantity, form) -> form, QuantityWords.ofQuantity quantity)

    let heads = Part.ofHeads |> List.map (fun quantity -> string quantity, QuantityWords.ofHead quantity)
    let layers = Part.ofLayers |> List.map (fun quantity -> string quantity, QuantityWords.ofLayer quantity)
    let variants = Survey.variants |> List.map string |> String.concat ", "

    [
        Words
            "Claims of your own: `interp study --claims FILE` judges every training by them, beside the study's claims, and says in how \
             many of the trainings each holds."
        Words
            "A FILE has a block of lines for each claim, and an empty line between two of them; lines that begin with # are for people:"
        Lines(example.TrimEnd().Split '\n' |> Array.map (fun line -> ("    " + line).TrimEnd()) |> List.ofArray)
        Words $"A claim is about every variant of the study unless it has a line about: ({variants})."
        Heading "RULES:"
        Terms [
            "a < b, a > b", "conditions; several are joined by \"and\", and all must hold"
            "0.5, 1e-3, a + b, a - b", "numbers and sums, (...) around them"
            "held_out_loss", "a quantity of the model, by its name"
            "held_out_loss of smeared",
            $"the same of the study's {Smeared} model with the same seed at the same setting"
            "max(x over heads)", "the greatest x of all heads; so min, mean and sum"
            "max(x over layer 0)", "the same of one layer's heads, counted from 0"
            "max(x over layers)", "the greatest of all layers"
            "count(x > 0.5 over heads)",
            "how many heads there are for which all conditions hold: a number like any other"
        ]
        Words
            "Within a function x is of the head, or the layer, that it is at: mean(ov - copying over layer 0). A training on which \
             something that a rule asks for was not measured, or is no finite number, does not count for that claim."
        Heading
            "QUANTITIES OF A MODEL (LAYER counts from 0; RANK is 2 for the second highest, and so on; losses are in nats a letter):"
        table whole
        Heading
            $"QUANTITIES OF EVERY HEAD (over heads, over layer 0; by itself one is called {fst heads.Head}_LAYER.HEAD, but a head has no \
              name that lasts from training to training):"
        table heads
        Heading "QUANTITIES OF EVERY LAYER (over layers):"
        table layers
    ]
