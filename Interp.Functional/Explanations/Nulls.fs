namespace Interp

open System.Collections.Generic

/// How something spreads over random draws.
[<StructuredFormatDisplay("{Display}")>]
type Spread = {
    /// The mean.
    Mean: float
    /// 5th percentile.
    P05: float
    /// 95th percentile.
    P95: float
} with

    member internal this.Display =
        Display.line $"{Display.number this.Mean} ({Display.number this.P05} to {Display.number this.P95})"


/// An explanation with its letters shuffled: for each head and each kind of part the letters that it keeps something of are renamed by an independent
/// random permutation.
[<StructuredFormatDisplay("{Display}")>]
type Shuffled = {
    /// Draws.
    Draws: int
    /// Of the permutations.
    Seed: uint64
    /// KL from the model, in nats.
    KL: Spread
    /// 1 - KL / KL(nothing).
    Explained: Spread
} with

    member internal this.Display =
        Display.line $"letters shuffled: explained {this.Explained.Display}, KL {this.KL.Display}, {this.Draws} draws"


/// What an explanation is worth: what it would explain by chance, and of models that there is nothing to explain of. A form that fits anything
/// explains nothing (Drori 2026: pruned circuits look good on nonsense tasks, too).
[<StructuredFormatDisplay("{Display}")>]
type ExplanationNull = {
    /// With its letters shuffled; none where nothing is kept by letter.
    Shuffled: Shuffled option
    /// What the same explanation explains of the model before training.
    Untrained: float option
    /// What it explains of a model of this shape that was trained on the next letter from one fixed random table; none for a shape without one.
    BigramNoise: float option
} with

    member internal this.Display =
        [
            match this.Shuffled with
            | Some shuffled -> shuffled.Display
            | None -> ()
            match this.Untrained with
            | Some share -> $"before training: explained {Display.percent share}"
            | None -> ()
            match this.BigramNoise with
            | Some share -> $"trained on bigram noise: explained {Display.percent share}"
            | None -> ()
        ]
        |> Display.lines 3


/// Nulls of explanations.
module internal Nulls =

    // Draws of permutations, and the sequences that each is held against the model on: it is the permutations that spread.
    let draws = 100
    let sequences = 64
    let seed = 0x73687566UL

    /// What an explanation keeps something of each letter of.
    let letters (parts: Parts) : KeptLetters list =
        [
            for KeyValue(path, form) in parts.Paths do
                if Kept.keepsLetters form then
                    KeptLetters.OfPath path

            for KeyValue((head, _, query, key), form) in parts.Scores do
                if Kept.keepsLetters form then
                    KeptLetters.OfTerm(head, Kept.isLetters query, Kept.isLetters key)

            for KeyValue((head, usage), form) in parts.Attention do
                if Kept.attentionKeepsLetters form && NumbersKept.readsLetters parts head usage then
                    KeptLetters.OfAttention head
        ]
        |> List.distinct

    /// A permutation of 0 .. count - 1, uniform over all (Durstenfeld 1964).
    let permutation count (key: Key) : int[] =
        let order = Array.init count id
        let words = Key.words count key

        for i in count - 1 .. -1 .. 1 do
            let j = Key.below (uint32 (i + 1)) words[i]
            let entry = order[i]
            order[i] <- order[j]
            order[j] <- entry

        order

    /// The renaming of a draw.
    let renaming count (letters: KeptLetters list) draw : KeptLetters -> int[] option =
        let key = Key.ofSeed seed |> Key.split (uint64 draw)

        let orders =
            letters
            |> List.mapi (fun i kept -> kept, permutation count (Key.split (uint64 i) key))
            |> Map.ofList

        orders.TryFind

    let private spread (values: float[]) : Spread =
        // Weights that are finite, but huge, lead to what is not.
        if Array.forall System.Double.IsFinite values then
            let sorted = Array.sort values

            {
                Mean = Array.average sorted
                P05 = NullDistribution.percentile 0.05 sorted
                P95 = NullDistribution.percentile 0.95 sorted
            }
        else
            { Mean = nan; P05 = nan; P95 = nan }

    /// An explanation with its letters shuffled, on a bench of its model.
    let shuffled (bench: Bench) (parts: Parts) : Shuffled option =
        match letters parts with
        | [] -> None
        | letters ->
            let explained = Bench.prepare bench parts

            let divergences =
                Array.init draws (fun draw ->
                    explained |> Kept.rename (renaming bench.Terms.Architecture.DVocab letters draw) |> Bench.kl bench)

            Some {
                Draws = draws
                Seed = seed
                KL = spread divergences
                Explained = spread (divergences |> Array.map (fun kl -> 1.0 - kl / bench.KLNothing))
            }
