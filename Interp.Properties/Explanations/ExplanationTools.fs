/// Running explanations in laws.
module Interp.Properties.ExplanationTools

open System.Collections.Concurrent
open System.Collections.Generic
open Expecto
open Interp
open Interp.Properties.Laws

/// Reads an explanation, which has to be good.
let explanation text : Explanation =
    match Explanation.parse text with
    | Ok explanation -> explanation
    | Error sentence -> failtest sentence

let private prepare (sequences: Tokens list Lazy) (a: Architecture) (model: Model<Tensor>) (parts: Parts) : Explained =
    let terms = Terms.ofModel a.NCtx model
    Explained.prepare 1 terms parts (fun _ -> None) sequences (Dictionary()) (ConcurrentDictionary())

/// A model's explanation by its parts, its patterns averaged over some sequences.
let internal preparedOver (sequences: Tokens list) a model parts : Explained = prepare (lazy sequences) a model parts

/// A model's explanation by its parts, none of which is averaged.
let internal prepared a model parts : Explained =
    prepare (lazy (failtest "sequences were asked for where nothing is averaged")) a model parts

/// The logits [pos, vocab] of parts that are not averaged, with edits applied.
let logitsWith edits (a: Architecture) model (parts: Parts) (tokens: Tokens) : Tensor =
    Explained.logitsWith edits (prepared a model parts) tokens tokens

/// The same of an explanation's text, without edits.
let logits (a: Architecture) model (text: string) (tokens: Tokens) : Tensor =
    logitsWith Edits.none a model (Parts.expand a (explanation text)) tokens

/// The patterns [pos, key_pos] of a head that an explanation comes by while it runs.
let internal patterns (explained: Explained) (head: HeadAddress) (tokens: Tokens) : Tensor list =
    let found = List<Tensor>()

    let see pattern =
        found.Add pattern
        pattern

    Explained.logitsWith (Edits.at (PatternAt head) see) explained tokens tokens |> ignore
    List.ofSeq found

/// That head alone.
let only (head: HeadAddress) : Heads = { Layers = Which.One head.Layer; Numbers = Which.One head.Head }

/// All heads of a shape.
let headsOf (a: Architecture) : HeadAddress list = [
    for layer in 0 .. a.NLayers - 1 do
        for head in 0 .. a.NHeads - 1 -> { Layer = layer; Head = head }
]

/// One of a shape's heads.
let someHead (a: Architecture) use' key : HeadAddress = one (headsOf a) use' key

/// A shape that is not too large for explanations, with layers from some number to some number.
let shape least most key : Architecture =
    let a = Given.architectureOf (integer least most 7 key) key
    if Parts.count a > float Parts.most then { a with NHeads = 2 } else a

/// An explanation of so many clauses at most that fit a shape, of those that are drawn; one of them at most is of the direct path, which fits
/// every shape.
let fitting count (a: Architecture) key : Explanation =
    let fits clause =
        try
            Parts.expand a { Clauses = [ clause ] } |> ignore
            true
        with :? RefusedException ->
            false

    let direct, others =
        List.init 60 (fun i -> GivenExplanations.clause (Key.split (uint64 (300 + i)) key))
        |> List.filter fits
        |> List.partition _.IsDirect

    { Clauses = List.truncate (count - 1) others @ List.truncate (integer 0 1 290 key) direct }

/// Content of a path by tokens [pos]: which letters, and how much of each, heads with some patterns move to each place, [pos][letter].
let content (pattern: HeadAddress -> Tensor) vocabulary (tokens: Tokens) (path: HeadAddress list) : float[][] =
    let start =
        Tokens.toArray tokens
        |> Array.map (fun letter -> Array.init vocabulary (fun l -> if l = letter then 1.0 else 0.0))

    (start, path)
    ||> List.fold (fun moved head ->
        let shares = pattern head

        Array.init moved.Length (fun query ->
            Array.init vocabulary (fun letter ->
                Seq.sum (seq { for key in 0..query -> Tensor.item [ query; key ] shares * moved[key][letter] }))))
