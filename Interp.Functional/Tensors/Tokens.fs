namespace Interp

/// A sequence of letters, counted from 0: an immutable vector [pos] of integers.
[<Struct>]
type Tokens =
    internal
    | Tokens of Tensor

    /// The number of letters.
    member tokens.Length = let (Tokens index) = tokens in index.Shape.Head

    /// A copy of the letters' numbers. Raises `InvalidOperationException` while a function of sequences is traced.
    member tokens.ToArray() = let (Tokens index) = tokens in Array.map int index.Data

/// Sequences of letters as values.
module Tokens =

    /// A sequence from its letters' numbers. Raises `RefusedException` for a negative one.
    let ofArray (tokens: int[]) =
        match tokens |> Array.tryFind (fun token -> token < 0) with
        | Some token -> Refused.because $"Tokens.ofArray: {token} is not a letter's number."
        | None -> Tokens(Value([ tokens.Length ], Array.map float32 tokens))

    /// The letters' numbers.
    let toArray (tokens: Tokens) = tokens.ToArray()

    /// `count` letters from position `start` on. Raises `ArgumentException` where the sequence has them not.
    let slice start count (Tokens index) = Tokens(Movement.slice 0 start count index)

    /// The letters of one sequence and then those of another.
    let append (a: Tokens) (b: Tokens) = ofArray (Array.append (toArray a) (toArray b))
