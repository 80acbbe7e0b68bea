namespace Interp

open System.Collections.Concurrent
open System.Collections.Generic

/// A pattern that scores make, as an explanation keeps it: all that is not in the model's weights.
type ExportedPattern = {
    /// Whose.
    Head: HeadAddress
    /// What is kept of terms that are not exact: what the query reads, what the key reads, the form.
    Terms: (ScoreEnd * ScoreEnd * TableForm) list
    /// What the scores leave out.
    Without: ScoreInput list
    /// What takes its place.
    By: Replacement
    /// The average over sequences [pos, key_pos]; none where nothing asks for it.
    Average: Tensor option
}

/// Where a head's pattern comes from.
[<RequireQualifiedAccess>]
type ExportedSource =
    /// A rule.
    | Rule of AttentionRule
    /// The mean of some patterns, by their numbers in the list of all, averaged over sequences or of each sequence.
    | Scored of averaged: bool * patterns: int list

/// An explanation as plain values: with the model's weights it is all that another program needs to run it.
type Exported = {
    /// What it keeps of each part; what is not named is exact.
    Parts: Parts
    /// The patterns that scores make and that are not the model's own, or that others are the mean of, each once.
    Patterns: ExportedPattern list
    /// Where those patterns come from that are not the model's own: of each head, and of those that later heads read through.
    Sources: (HeadAddress * PatternUse * ExportedSource) list
    /// How often each letter occurs in the sequences that are averaged over, summing to one: [vocab]; none where no form asks for it.
    Frequencies: float list
    /// The places that positions are resampled from: [n_ctx]; none where no form asks for them.
    Places: int list
    /// The sequence that letters are resampled from; none where no form asks for it.
    Others: Tokens option
}

/// Explanations for another program to run.
module Exported =

    let private resamplesPlaces (explained: Explained) =
        explained.Patterns
        |> List.exists (fun pattern ->
            pattern.By = Replacement.Resampled
            && (pattern.Without.Contains ScoreInput.QueryPosition || pattern.Without.Contains ScoreInput.KeyPosition))

    /// Whether a pattern is the model's own.
    let private isExact (pattern: ScoredPattern) = pattern.Terms.IsEmpty && pattern.Without.IsEmpty

    /// Where patterns come from that are not the model's own.
    let private sources (explained: Explained) = [
        for KeyValue((head, usage), source) in explained.Sources do
            match source with
            | PatternSource.Rule rule -> head, usage, ExportedSource.Rule rule
            | PatternSource.Scored(false, [ number ]) when isExact explained.Patterns[number] -> ()
            | PatternSource.Scored(averaged, numbers) -> head, usage, ExportedSource.Scored(averaged, numbers)
    ]

    let private ofExplained (task: Task) reference (explained: Explained) : Exported =
        let sources = sources explained

        // Only those that are asked for, by new numbers.
        let numbers =
            sources
            |> List.collect (fun (_, _, source) ->
                match source with
                | ExportedSource.Rule _ -> []
                | ExportedSource.Scored(_, numbers) -> numbers)
            |> List.distinct

        let renumbered source =
            match source with
            | ExportedSource.Scored(averaged, old) ->
                ExportedSource.Scored(averaged, old |> List.map (fun number -> List.findIndex ((=) number) numbers))
            | rule -> rule

        {
            Parts = explained.Parts
            Patterns =
                numbers
                |> List.map (fun number ->
                    let pattern = explained.Patterns[number]

                    {
                        Head = pattern.Head
                        Terms = [ for KeyValue((query, key), form) in pattern.Terms -> query, key, form ]
                        Without = Set.toList pattern.Without
                        By = pattern.By
                        Average = explained.Averages.TryFind number
                    })
            Sources = sources |> List.map (fun (head, usage, source) -> head, usage, renumbered source)
            Frequencies = List.ofArray explained.Frequencies
            Places =
                if resamplesPlaces explained then
                    List.ofArray (Kept.elsewhere explained.Terms.Architecture.NCtx)
                else
                    []
            Others =
                if Explained.resamples explained then
                    Sequences.heldOut task { Sequences = 1; Seed = Faithfulness.othersSeed reference } |> List.tryHead
                else
                    None
        }

    /// Whether an explanation of a model of some shape needs sequences of its task: for averages, or letters as often as the task has them, or of
    /// other sequences. Raises `RefusedException` as `Parts.expand` does.
    let needsTask (a: Architecture) (explanation: Explanation) : bool =
        (Parts.expand a explanation).Attention
        |> Map.exists (fun _ form ->
            match form with
            | AttentionForm.Scored(_, by, averaged, _) ->
                averaged || by = Replacement.Frequencies || by = Replacement.Resampled
            | AttentionForm.Rule _ -> false)

    /// Explanations of one model, patterns averaged over as many sequences as `reference` has, as `InPlace.ofExplanation` has them. Raises
    /// `RefusedException` for one that does not fit the model.
    let ofExplanations
        (threads: int)
        (task: Task)
        (positions: int)
        (model: Model<Tensor>)
        (reference: Reference)
        (explanations: Explanation list)
        : Exported list =
        let terms = Terms.ofModel positions model
        let sequences = Faithfulness.averagedOver task reference
        let averages = Dictionary<Parts, Dictionary<ScoredPattern, Tensor>>()
        let factors = ConcurrentDictionary()

        // Averages are the same where patterns read through the same ones.
        let known parts =
            match averages.TryGetValue(Parts.reads parts) with
            | true, known -> known
            | _ ->
                let known = Dictionary()
                averages[Parts.reads parts] <- known
                known

        explanations
        |> List.map (fun explanation ->
            let parts = Parts.expand terms.Architecture explanation

            Explained.prepare threads terms parts (fun _ -> None) sequences (known parts) factors
            |> ofExplained task reference)
