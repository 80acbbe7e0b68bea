namespace Interp

/// A condition's two sides on one training. What was not measured is missing.
[<StructuredFormatDisplay("{Display}")>]
type ConditionOutcome = {
    /// What was asked for.
    Condition: Condition
    /// What the left side came to; none where it was not measured.
    Value: float option
    /// What that must be above or below.
    Bound: float option
    /// How far the value is on the right side of its bound: it holds above 0.
    Margin: float option
} with

    member internal this.Display =
        let value = this.Value |> Option.map Display.number |> Option.defaultValue "not measured"
        Display.line $"{this.Condition}: {value}"


/// Conditions made, and held against what was measured.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Condition =

    /// A quantity above a bound.
    let above (quantity: Quantity) (bound: float) : Condition =
        Above(Expression.Measured quantity, Expression.Number bound)

    /// A quantity below a bound.
    let below (quantity: Quantity) (bound: float) : Condition =
        Below(Expression.Measured quantity, Expression.Number bound)

    /// A quantity above another one by more than a margin.
    let exceeds (quantity: Quantity) (other: Quantity) (margin: float) : Condition =
        let other = Expression.Measured other

        Above(
            Expression.Measured quantity,
            (if margin = 0.0 then other else Expression.Plus(other, Expression.Number margin))
        )

    let private both (of': Expression -> 'a list) (condition: Condition) =
        of' condition.Left @ of' condition.Right |> List.distinct

    /// The quantities of the whole model that it asks for, each once.
    let quantities (condition: Condition) : Quantity list = both Expression.quantities condition

    /// The quantities of other kinds of models that it asks for, each once.
    let elsewhere (condition: Condition) : (Quantity * Variant) list = both Expression.elsewhere condition

    /// What it asks of every head or layer, and of which.
    let asked (condition: Condition) : (Part * Over) list = both Expression.asked condition

    /// Its first number that is not finite.
    let internal endless (condition: Condition) : float option =
        both Expression.numbers condition |> List.tryFind (System.Double.IsFinite >> not)

    /// What it asks of a head or a layer without saying which.
    let internal free (condition: Condition) : Part list = both Expression.free condition

    /// A quantity above that of another kind of model with the same seed by more than a margin.
    let exceedsThatOf (variant: Variant) (quantity: Quantity) (margin: float) : Condition =
        let other = Expression.Elsewhere(quantity, variant)

        Above(
            Expression.Measured quantity,
            (if margin = 0.0 then other else Expression.Plus(other, Expression.Number margin))
        )

    /// A condition against what was measured on a training, and on others beside it. A value that is no finite number was not measured.
    let judgeBeside (beside: Beside) (measured: Map<Quantity, float>) (condition: Condition) : ConditionOutcome =
        let value = Expression.valueBeside beside measured
        let value, bound = value condition.Left, value condition.Right

        {
            Condition = condition
            Value = value
            Bound = bound
            Margin =
                match condition with
                | Above _ -> Option.map2 (-) value bound
                | Below _ -> Option.map2 (-) bound value
        }

    /// The same of a training by itself.
    let judge (measured: Map<Quantity, float>) (condition: Condition) : ConditionOutcome =
        judgeBeside Map.empty measured condition
