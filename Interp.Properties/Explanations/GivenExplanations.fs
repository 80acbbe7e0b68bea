/// Explanations drawn at random.
module Interp.Properties.GivenExplanations

open Expecto
open Interp
open Interp.Properties.Laws

let private which number wild = if wild then Which.Every else Which.One number

/// Heads in ascending layers from one on, the last of them with its layer's number.
let private ascending count first key : Heads list =
    List.init count (fun i ->
        let use' = 100 * i

        {
            Layers = which (first + 2 * i + integer 0 1 use' key) (truth (use' + 1) key)
            Numbers = which (integer 0 7 (use' + 2) key) (truth (use' + 3) key)
        })

let private tables = [ TableForm.Exact; TableForm.Diagonal; TableForm.TwoNumbers; TableForm.Nothing ]

let private rank key = TableForm.Rank(one [ 1; 2; 26; 2147483647 ] 11 key)

/// A form of a table of values.
let valueForm key : TableForm = one (rank key :: tables) 10 key

/// A form of a table of scores between letters.
let scoreForm key : TableForm = one (rank key :: TableForm.OverQueries :: TableForm.OverKeys :: tables) 12 key

/// A form of a table between letters and positions.
let mixedForm key : TableForm =
    one [ TableForm.Exact; TableForm.OverLetters; TableForm.OverPositions; TableForm.Nothing ] 13 key

/// A form of attention.
let attentionForm key : AttentionForm =
    let without =
        Set [
            for i, input in
                List.indexed [
                    ScoreInput.QueryLetter
                    ScoreInput.KeyLetter
                    ScoreInput.QueryPosition
                    ScoreInput.KeyPosition
                ] do
                if truth (20 + i) key then
                    input
        ]

    let by =
        if without.IsEmpty then
            Replacement.Mean
        else
            one [ Replacement.Mean; Replacement.Frequencies; Replacement.Zero; Replacement.Resampled ] 25 key

    if truth 26 key then
        AttentionForm.Scored(without, by, truth 27 key, truth 28 key)
    else
        one
            [
                AttentionRule.Back(integer 1 9 29 key)
                AttentionRule.SameLetter
                AttentionRule.AfterLastMatch
                AttentionRule.AfterFirstMatch
                AttentionRule.Uniform
            ]
            30
            key
        |> AttentionForm.Rule

let private scored key : Clause =
    let sourceOf use' =
        one
            [
                ScoreSource.Letters
                ScoreSource.Embed
                ScoreSource.Pos
                ScoreSource.Through(ascending (integer 1 3 (use' + 1) key) 0 (Key.split (uint64 use') key))
            ]
            use'
            key

    let query = sourceOf 40

    let key' =
        match query, sourceOf 50 with
        | ScoreSource.Pos, ScoreSource.Pos -> ScoreSource.Embed
        | _, other -> other

    let form = if query.IsPos || key'.IsPos then mixedForm key else scoreForm key

    match ascending 2 9 (Key.split 60UL key) with
    | [ head; by ] -> Clause.QK(head, query, key', form, (if truth 61 key then Some by else None))
    | heads -> failtest $"{heads}"

let private attention key : Clause =
    match ascending 2 0 (Key.split 70UL key) with
    | [ head; by ] -> Clause.Attention(head, attentionForm key, (if truth 71 key then Some by else None))
    | heads -> failtest $"{heads}"

let private cut key : Clause =
    match ascending 2 0 (Key.split 80UL key) with
    | [ earlier; head ] ->
        let source = one [ CutSource.Embedding; CutSource.Positions; CutSource.Heads earlier ] 81 key
        Clause.Cut(source, head, one [ QueryInput; KeyInput; ValueInput ] 82 key)
    | heads -> failtest $"{heads}"

/// A clause, of whatever model.
let clause key : Clause =
    match integer 0 4 90 key with
    | 0 -> Clause.Direct(valueForm key)
    | 1 -> Clause.OV(ascending (integer 1 4 91 key) 0 (Key.split 92UL key), valueForm key)
    | 2 -> scored key
    | 3 -> attention key
    | _ -> cut key

/// An explanation, of whatever model.
let explanation key : Explanation = {
    Clauses = List.init (integer 0 6 95 key) (fun i -> clause (Key.split (uint64 (96 + i)) key))
}
