namespace Interp

open System

/// Names of letters by their numbers: A to Z, a to z, 0 to 9, then letters of other alphabets.
module internal Letter =

    let names =
        let range (first: char) (last: char) = [| first..last |]
        Array.concat [ range 'A' 'Z'; range 'a' 'z'; range '0' '9'; Array.init 194 (fun i -> char (0x100 + i)) ]

/// A sequence of letters, counted from 0: an immutable vector [pos] of integers.
[<Struct; StructuredFormatDisplay("{Display}")>]
type Tokens =
    internal
    | Tokens of Tensor

    /// The number of letters.
    member tokens.Length = let (Tokens index) = tokens in index.Shape.Head

    /// The letters by their names where all have some, else by their numbers.
    member internal tokens.Shown =
        match tokens with
        | Tokens(Value(_, index)) when index |> Array.forall (fun letter -> int letter < Letter.names.Length) ->
            index |> Array.map (fun letter -> Letter.names[int letter]) |> String |> Display.within 60
        | Tokens(Value(_, index)) -> index |> Array.map (int >> string) |> String.concat " " |> Display.within 60
        | Tokens(Node _) -> "…"

    member internal tokens.Display =
        match tokens with
        | Tokens(Node _) -> $"tokens {tokens.Length}, being traced"
        | _ -> $"tokens {tokens.Length} {tokens.Shown}"

    /// A copy of the letters' numbers. Raises `InvalidOperationException` while a function of sequences is traced.
    member tokens.ToArray() = let (Tokens index) = tokens in Array.map int index.Data

/// Sequences of letters as values.
module Tokens =

    // Up to here every integer is a float32, which is what kernels read.
    let private greatest = 1 <<< 24

    /// A sequence from its letters' numbers. Raises `RefusedException` for one below 0 or above 2^24, with its position from 0.
    let ofArray (tokens: int[]) =
        match tokens |> Array.tryFindIndex (fun token -> token < 0 || token > greatest) with
        | Some position ->
            Refused.because
                $"Tokens.ofArray: the token at position {position} is {tokens[position]}, expected 0 to {greatest}."
        | None -> Tokens(Value([ tokens.Length ], Array.map float32 tokens))

    /// The letters' numbers.
    let toArray (tokens: Tokens) = tokens.ToArray()

    /// `count` letters from position `start` on. Raises `ArgumentException` where the sequence has them not.
    let slice start count (Tokens index) = Tokens(Movement.slice 0 start count index)

    /// The letters of one sequence and then those of another.
    let append (a: Tokens) (b: Tokens) = ofArray (Array.append (toArray a) (toArray b))
