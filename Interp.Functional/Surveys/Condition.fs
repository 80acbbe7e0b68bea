namespace Interp

open System

/// What a quantity must be for a claim to hold.
type Condition =
    /// More than a bound.
    | Above of quantity: Quantity * bound: float
    /// Less than a bound.
    | Below of quantity: Quantity * bound: float
    /// The first is above the second by more than a margin.
    | Exceeds of quantity: Quantity * other: Quantity * margin: float

    /// "ov_0_max > 0.9", "path_direct > path_direct_k + 0.1"
    override this.ToString() =
        match this with
        | Above(quantity, bound) -> $"{quantity} > {bound}"
        | Below(quantity, bound) -> $"{quantity} < {bound}"
        | Exceeds(quantity, other, 0.0) -> $"{quantity} > {other}"
        | Exceeds(quantity, other, margin) -> $"{quantity} > {other} + {margin}"

    /// The quantities that it asks for.
    member this.Quantities =
        match this with
        | Above(quantity, _)
        | Below(quantity, _) -> [ quantity ]
        | Exceeds(quantity, other, _) -> [ quantity; other ]

/// A condition's quantity against its bound. What was not measured is missing.
type ConditionOutcome = {
    /// What was asked for.
    Condition: Condition
    /// What was found; none where it was not measured.
    Value: float option
    /// What the value must be above or below; of `Exceeds` the other quantity and the margin together.
    Bound: float option
    /// How far the value is on the right side of its bound: it holds above 0.
    Margin: float option
}

/// Conditions read, and held against what was measured.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Condition =

    let private (|Number|_|) text = Numbers.real text

    let private quantity (own: Quantity list) (text: string) : Result<Quantity, string> =
        match own |> List.tryFind (fun own -> Quantity.name own = text) with
        | Some own -> Ok own
        | None -> Quantity.parse text

    /// Reads a condition as it prints, or says in one sentence what does not fit. `own` are the quantities that a user measures
    /// beside the program's; their names have no space.
    let parse (own: Quantity list) (text: string) : Result<Condition, string> =
        let words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

        let exceeds first second margin =
            match quantity own first, quantity own second with
            | Ok first, Ok second -> Ok(Exceeds(first, second, margin))
            | Error sentence, _
            | _, Error sentence -> Error sentence

        match words with
        | [ name; ">"; Number bound ] -> quantity own name |> Result.map (fun quantity -> Above(quantity, bound))
        | [ name; "<"; Number bound ] -> quantity own name |> Result.map (fun quantity -> Below(quantity, bound))
        | [ name; ">"; other ] -> exceeds name other 0.0
        | [ name; ">"; other; "+"; Number margin ] -> exceeds name other margin
        | _ ->
            Error
                $"\"{Quote.text text}\" is no condition, expected one as in ov_0_max > 0.9, direct_path < -0.99 or path_direct > path_direct_k + 0.1."

    /// A condition against what was measured. A value that is no finite number was not measured.
    let judge (measured: Map<Quantity, float>) (condition: Condition) : ConditionOutcome =
        let value quantity = measured.TryFind quantity |> Option.filter Double.IsFinite

        let outcome value bound margin = {
            Condition = condition
            Value = value
            Bound = bound
            Margin = Option.map2 margin value bound
        }

        match condition with
        | Above(quantity, bound) -> outcome (value quantity) (Some bound) (-)
        | Below(quantity, bound) -> outcome (value quantity) (Some bound) (fun value bound -> bound - value)
        | Exceeds(quantity, other, margin) -> outcome (value quantity) (value other |> Option.map ((+) margin)) (-)
