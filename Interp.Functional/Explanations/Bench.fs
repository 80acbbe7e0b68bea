namespace Interp

open System
open System.Collections.Concurrent
open System.Collections.Generic
open Interp.Kernels

/// What explanations have in common that can be carried out in the same way, on other tables.
type internal Outline = {
    Cuts: Set<Component * HeadAddress * HeadInput>
    Sources: Map<HeadAddress * PatternUse, PatternSource>
    /// Of each pattern by scores: its head, and what it is without, as far as that is more than another table.
    Patterns: (HeadAddress * Set<ScoreInput> * Replacement) list
    /// The rank of its scores' factors.
    Ranks: int list
}

module internal Outline =

    /// Whether scores are made of tables between letters and positions alone.
    let private isTables (a: Architecture) = Parts.areSums a && a.Positions <> Positions.Standard

    let ofExplained (explained: Explained) : Outline = {
        Cuts = explained.Parts.Cuts
        Sources = explained.Sources
        Patterns = [
            for pattern in explained.Patterns ->
                if isTables explained.Parts.Architecture && pattern.By <> Replacement.Resampled then
                    pattern.Head, Set.empty, Replacement.Mean
                else
                    pattern.Head, pattern.Without, pattern.By
        ]
        Ranks = explained.Factors |> List.map _.Value.Left.ColumnCount
    }

/// Sequences on which many explanations of one model are held against it: what it predicts is kept, and explanations of one outline are traced once.
[<NoEquality; NoComparison>]
type internal Bench = {
    Threads: int
    Task: Task
    Terms: Terms
    /// The sequences: [sequence] of [pos].
    Rows: float32[][]
    /// Log-probabilities of the model, [shard] of [counted, vocab, lane].
    Model: float[][]
    /// The same as shares.
    Shares: float[][]
    /// KL from the model to what keeps nothing, in nats.
    KLNothing: float
    /// What patterns are averaged over.
    AveragedOver: Lazy<Tokens list>
    /// Averages by what later heads read through.
    Averages: Dictionary<Parts, Dictionary<ScoredPattern, Tensor>>
    Factors: ConcurrentDictionary<ScoredPattern, Lazy<Factors>>
    /// How explanations of an outline run: shows the logits of each shard, [_, vocab, lane] from the first counted prediction on.
    Runs: Dictionary<Outline, Explained -> (int -> Operand -> unit) -> unit>
}

module internal Bench =

    let make threads (task: Task) (terms: Terms) (reference: Reference) : Bench =
        let rows = Sequences.heldOutRows task reference
        let vocabulary = terms.Architecture.DVocab
        let places = Array.ofList task.Counted
        let model = LogProbabilities.ofModel threads task terms.Model rows
        let shares = model |> Array.map LogProbabilities.shares

        // Summed in order, sequence by sequence.
        let entropies =
            Seq.init rows.Length (fun row ->
                let shard, lane = row / Ordering.lanes, row % Ordering.lanes
                let mutable sum = 0.0

                for i in 0 .. places.Length * vocabulary - 1 do
                    let at = i * Ordering.lanes + lane
                    sum <- sum - model[shard][at] * shares[shard][at]

                sum)
            |> Seq.sum

        {
            Threads = threads
            Task = task
            Terms = terms
            Rows = rows
            Model = model
            Shares = shares
            KLNothing = Math.Log(float vocabulary) - entropies / float (rows.Length * places.Length)
            AveragedOver = lazy (Sequences.heldOut task { reference with Seed = reference.Seed + 1UL })
            Averages = Dictionary()
            Factors = ConcurrentDictionary()
            Runs = Dictionary()
        }

    /// An explanation ready to run on a bench.
    let prepare (bench: Bench) (parts: Parts) : Explained =
        let reads = Parts.reads parts

        let known =
            match bench.Averages.TryGetValue reads with
            | true, known -> known
            | _ ->
                let known = Dictionary()
                bench.Averages[reads] <- known
                known

        Explained.prepare bench.Threads bench.Terms parts (fun _ -> None) bench.AveragedOver known bench.Factors

    let private shape (bench: Bench) (explained: Explained) (name: TableName) : Shape =
        let a = bench.Terms.Architecture

        let factor pattern side = [
            (if Kept.isLetters side then a.DVocab else a.NCtx)
            explained.Factors[pattern].Value.Left.ColumnCount
        ]

        match name with
        | TableName.OfPath _ -> [ bench.Terms.Architecture.DVocab; bench.Terms.Architecture.DVocab ]
        | TableName.OfQuery(pattern, side)
        | TableName.OfKey(pattern, side) -> factor pattern side
        | TableName.OfAverage _ -> [ bench.Task.Length; bench.Task.Length ]

    /// How explanations of this one's outline run: traced with their tables left open.
    let private trace (bench: Bench) (explained: Explained) =
        let tables = Dictionary<TableName, Tensor>()

        let table name =
            match tables.TryGetValue name with
            | true, variable -> Some variable
            | _ ->
                let variable = Trace.variable (shape bench explained name)
                tables[name] <- variable
                Some variable

        let resamples = Explained.resamples explained
        let length = bench.Task.Length

        let leaf =
            Trace.node (Source.Sequences(None, bench.Threads)) [ (if resamples then 2 * length else length) ] true false

        let y =
            LogProbabilities.counted
                bench.Task
                (fun tokens ->
                    let other = if resamples then Tokens.slice length tokens.Length (Tokens leaf) else tokens

                    Explained.logitsOf table Edits.none explained tokens other)
                (Tokens leaf)

        let names = Seq.toArray tables.Keys
        let plan = Plan([ y ], List.ofSeq tables.Values, bench.Threads, bench.Rows.Length)

        let rows =
            lazy
                (if resamples then
                     // The sequence behind, as another one.
                     bench.Rows |> Array.mapi (fun i row -> Array.append row bench.Rows[(i + 1) % bench.Rows.Length])
                 else
                     bench.Rows)

        fun (explained: Explained) see ->
            for i in 0 .. names.Length - 1 do
                match Kept.table explained names[i] with
                | Some table -> table.Data.CopyTo plan.Variables[i].Span
                | None -> plan.Variables[i].Span.Clear()

            plan.Run(
                rows.Value.Length,
                Valuation.load rows.Value,
                (fun shard (outputs: Operand[]) -> see shard outputs[0])
            )

    /// KL from the model to an explanation, in nats a counted prediction.
    let kl (bench: Bench) (explained: Explained) : float =
        Kept.makeFactors bench.Threads explained
        let outline = Outline.ofExplained explained

        let run =
            match bench.Runs.TryGetValue outline with
            | true, run -> run
            | _ ->
                let run = trace bench explained
                bench.Runs[outline] <- run
                run

        let vocabulary = bench.Terms.Architecture.DVocab
        let places = Array.ofList bench.Task.Counted
        let size = vocabulary * Ordering.lanes
        let sums = bench.Model |> Array.map (fun _ -> Array.zeroCreate<float> Ordering.lanes)

        run explained (fun shard logits ->
            let logs = LogProbabilities.none 1 vocabulary
            let divergences, sums = Array.zeroCreate<float> Ordering.lanes, sums[shard]
            let model, shares = bench.Model[shard], bench.Shares[shard]

            for i in 0 .. places.Length - 1 do
                LogProbabilities.write vocabulary logits (LogProbabilities.at bench.Task places[i]) logs 0

                Predictions.Divergences(
                    ReadOnlySpan(shares, i * size, size),
                    ReadOnlySpan(model, i * size, size),
                    ReadOnlySpan logs,
                    Span divergences,
                    vocabulary
                )

                for lane in 0 .. Ordering.lanes - 1 do
                    sums[lane] <- sums[lane] + divergences[lane])

        (sums |> Seq.concat |> Seq.take bench.Rows.Length |> Seq.sum)
        / float (bench.Rows.Length * places.Length)

    /// 1 - KL / KL(nothing).
    let explained (bench: Bench) (explained: Explained) : float = 1.0 - kl bench explained / bench.KLNothing
