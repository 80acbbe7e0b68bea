namespace Interp

open System

/// One layer's or head's number, or all of them.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Which =
    /// "*"
    | Every
    /// "2", counted from 0.
    | One of int

    member internal this.Display = Display.line (this.ToString())

    /// "*" or the number
    override this.ToString() =
        match this with
        | Every -> "*"
        | One number -> string number

    /// Whether a number is meant.
    member this.Has number = this = Every || this = One number

/// Heads by layer and number: "0.2", "1.*", "*.*".
[<StructuredFormatDisplay("{Display}")>]
type Heads = {
    /// Of which layers.
    Layers: Which
    /// Which of a layer.
    Numbers: Which
} with

    member internal this.Display = Display.line (this.ToString())

    /// "layer.head"
    override this.ToString() = $"{this.Layers}.{this.Numbers}"

    /// All heads.
    static member Every = { Layers = Which.Every; Numbers = Which.Every }

    /// All heads of a layer.
    static member OfLayer layer = { Layers = Which.One layer; Numbers = Which.Every }

    /// One head.
    static member One(head: HeadAddress) = { Layers = Which.One head.Layer; Numbers = Which.One head.Head }

    /// Whether a head is meant.
    member this.Has(head: HeadAddress) = this.Layers.Has head.Layer && this.Numbers.Has head.Head

/// What a query or a key reads: a term of a sum (Elhage et al. 2021, "A mathematical framework for transformer circuits").
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type ScoreSource =
    /// "*": every source of letters, the embedding and all earlier heads.
    | Letters
    /// "embed": a letter's own embedding.
    | Embed
    /// "0.3", or "0.1>1.2": what heads have moved of the embedding, the first of them first.
    | Through of Heads list
    /// "pos": the position vectors.
    | Pos

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | Letters -> "*"
        | Embed -> "embed"
        | Through heads -> heads |> List.map string |> String.concat ">"
        | Pos -> "pos"

/// What an ablated part of scores is replaced by.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Replacement =
    /// The mean over the vocabulary, or over the positions of the model.
    | Mean
    /// The mean over letters as often as the task has them; of positions the plain mean.
    | Frequencies
    /// Nothing.
    | Zero
    /// The letter of another sequence at the same place; of positions that of another place.
    | Resampled

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | Mean -> "mean"
        | Frequencies -> "frequencies"
        | Zero -> "zero"
        | Resampled -> "resampling"

/// A script's own form: a name, which is all that it is printed and compared by, and what it does.
[<CustomEquality; CustomComparison>]
[<StructuredFormatDisplay("{Display}")>]
type Named<'value> = {
    /// What it is printed as, in double quotes.
    Name: string
    /// What it does.
    Value: 'value
} with

    override this.Equals other =
        match other with
        | :? Named<'value> as other -> this.Name = other.Name
        | _ -> false

    override this.GetHashCode() = hash this.Name

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() = $"\"{this.Name}\""

    interface IComparable with
        member this.CompareTo other =
            match other with
            | :? Named<'value> as other -> String.CompareOrdinal(this.Name, other.Name)
            | _ -> invalidArg (nameof other) "Expected a form of one's own."

/// What is kept of a table, [vocab, vocab] between letters; mixed ones are between letters and positions.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type TableForm =
    /// All of it.
    | Exact
    /// Its own diagonal, the mean elsewhere.
    | Diagonal
    /// The mean of the diagonal, and the mean elsewhere.
    | TwoNumbers
    /// The best approximation of a rank in the Frobenius norm (Eckart and Young 1936).
    | Rank of int
    /// Zero.
    | Nothing
    /// The mean over the queries' letters; of scores.
    | OverQueries
    /// The mean over the keys' letters; of scores.
    | OverKeys
    /// The mean over letters; of mixed tables.
    | OverLetters
    /// The mean over positions; of mixed tables.
    | OverPositions
    /// A script's own, a function of the exact table.
    | Own of Named<Tensor -> Tensor>

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | Exact -> "exact"
        | Diagonal -> "diagonal"
        | TwoNumbers -> "two-numbers"
        | Rank rank -> $"rank {rank}"
        | Nothing -> "nothing"
        | OverQueries -> "over-queries"
        | OverKeys -> "over-keys"
        | OverLetters -> "over-letters"
        | OverPositions -> "over-positions"
        | Own form -> string form

/// What scores can be without.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type ScoreInput =
    /// What the query reads of letters.
    | QueryLetter
    /// What the key reads of letters.
    | KeyLetter
    /// Where the query stands.
    | QueryPosition
    /// Where the key stands.
    | KeyPosition

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | QueryLetter -> "query-letter"
        | KeyLetter -> "key-letter"
        | QueryPosition -> "query-position"
        | KeyPosition -> "key-position"

/// A rule that says where a head looks, of the tokens alone.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type AttentionRule =
    /// So many places back; the first place where there are not so many.
    | Back of int
    /// Evenly on all earlier places of the same letter; on itself where there is none.
    | SameLetter
    /// The last place whose previous letter is the current one; itself where there is none.
    | AfterLastMatch
    /// The first place whose previous letter is the current one; itself where there is none.
    | AfterFirstMatch
    /// Evenly on all places so far.
    | Uniform
    /// A script's own: tokens to a pattern [pos, key_pos].
    | Own of Named<Tokens -> Tensor>

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | Back 1 -> "previous"
        | Back places -> $"{places}-back"
        | SameLetter -> "same-letter"
        | AfterLastMatch -> "after-last-match"
        | AfterFirstMatch -> "after-first-match"
        | Uniform -> "uniform"
        | Own rule -> string rule

/// What is kept of an attention pattern.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type AttentionForm =
    /// Softmax of scores that leave some things out; its average over other sequences where `averaged`; the mean over the layer's heads
    /// where `shared`. Without any of it: exact.
    | Scored of without: Set<ScoreInput> * by: Replacement * averaged: bool * shared: bool
    /// A rule.
    | Rule of AttentionRule

    /// The pattern as it is.
    static member Exact = Scored(Set.empty, Replacement.Mean, false, false)

    /// Without all but the key's letter.
    static member OwnLetters =
        Scored(
            Set [ ScoreInput.QueryLetter; ScoreInput.QueryPosition; ScoreInput.KeyPosition ],
            Replacement.Mean,
            false,
            false
        )

    /// Its average over sequences.
    static member Averaged = Scored(Set.empty, Replacement.Mean, true, false)

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | Rule rule -> string rule
        | Scored(without, by, averaged, shared) ->
            let left =
                let own = Set [ ScoreInput.QueryLetter; ScoreInput.QueryPosition; ScoreInput.KeyPosition ]

                if without.IsEmpty then None
                elif without = own then Some "own-letters"
                else Some("without " + (without |> Seq.map string |> String.concat ", "))
                |> Option.map (fun words -> if by = Replacement.Mean then words else $"{words} by {by}")

            match
                Option.toList left
                @ (if averaged then [ "positions" ] else [])
                @ (if shared then [ "shared" ] else [])
            with
            | [] -> "exact"
            | words -> String.concat " " words

/// What a cut takes from a head, some of them by wildcards.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type CutSource =
    /// "embedding"
    | Embedding
    /// "positions"
    | Positions
    /// What heads wrote.
    | Heads of Heads

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        match this with
        | Embedding -> "embedding"
        | Positions -> "positions"
        | Heads heads -> string heads

/// A part of a model and what is kept of it.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Clause =
    /// "direct FORM": the path from a letter's embedding straight to the logits, W_E W_U.
    | Direct of TableForm
    /// "ov 0.1>1.3 FORM": the path from the embedding through the values of some heads to the logits; what later layers read is not touched.
    | OV of path: Heads list * TableForm
    /// "qk 1.2(embed, 0.3) FORM": the term of scores between what queries and keys read, of the patterns by which values move, or of those
    /// `by` which the attention of later heads reads.
    | QK of head: Heads * query: ScoreSource * key: ScoreSource * TableForm * by: Heads option
    /// "attention 0.2 FORM": the pattern by which values move, or that `by` which the attention of later heads reads ("for 1.*").
    | Attention of head: Heads * AttentionForm * by: Heads option
    /// "cut 0.* -> 1.*.k": heads do not read what others wrote.
    | Cut of CutSource * Heads * HeadInput

    member internal this.Display = Display.line (this.ToString())

    override this.ToString() =
        let reading by =
            match by with
            | Some(heads: Heads) -> $" for {heads}"
            | None -> ""

        match this with
        | Direct form -> $"direct {form}"
        | OV(path, form) -> $"ov {ScoreSource.Through path} {form}"
        | QK(head, ScoreSource.Embed, ScoreSource.Embed, form, by) -> $"qk {head} {form}{reading by}"
        | QK(head, query, key, form, by) -> $"qk {head}({query}, {key}) {form}{reading by}"
        | Attention(head, form, by) -> $"attention {head} {form}{reading by}"
        | Cut(source, head, input) -> $"cut {source} -> {head}.{input}"

/// What somebody believes of how a model works, as a value: what is kept of each of its parts; what no clause names is exact, and of two clauses
/// for one part the later one holds. Without clauses it is the model itself.
[<StructuredFormatDisplay("{Display}")>]
type Explanation = {
    /// In order.
    Clauses: Clause list
} with

    member internal this.Display =
        match this.ToString() with
        | short when short.Length <= Display.width -> short
        | _ -> this.Clauses |> List.map string |> Display.lines 12

    /// The clauses joined by "; ", as `Explanation.parse` reads them; "exact" for none.
    override this.ToString() =
        match this.Clauses with
        | [] -> "exact"
        | clauses -> clauses |> List.map string |> String.concat "; "
