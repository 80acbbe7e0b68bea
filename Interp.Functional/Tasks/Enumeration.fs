namespace Interp

open System

/// Inputs counted and numbered.
module internal Enumeration =

    /// Whole numbers multiplied; none where the product is 2^64 or more.
    let product (factors: uint64 seq) : uint64 option =
        (Some 1UL, factors)
        ||> Seq.fold (fun product factor ->
            product
            |> Option.bind (fun product ->
                let mutable low = 0UL
                if Math.BigMul(product, factor, &low) = 0UL then Some low else None))

    /// `letters` to the power of `count`; none where it is 2^64 or more.
    let power (letters: int) (count: int) : uint64 option = product (Seq.replicate count (uint64 letters))

    /// The digits of `number` to the base `letters`, the highest first, into `count` places from `first` on; what is left of the number.
    let digits (letters: int) (first: int) (count: int) (places: int[]) (number: uint64) : uint64 =
        let mutable left = number

        for place in first + count - 1 .. -1 .. first do
            let struct (quotient, digit) = Math.DivRem(left, uint64 letters)
            places[place] <- int digit
            left <- quotient

        left

    /// Inputs of so many tokens, each as likely as any other, from their number, what writes one, and their classes.
    let inputs (count: uint64 option) (length: int) (classes: InputClasses) (write: uint64 -> int[] -> unit) =
        count
        |> Option.map (fun count -> {
            Count = count
            Length = length
            Write = write
            Probability = None
            Classes = classes
        })
