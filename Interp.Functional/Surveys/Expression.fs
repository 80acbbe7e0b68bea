namespace Interp

open System

/// What a function runs over.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Over =
    /// Every head of the model.
    | Heads
    /// The heads of one layer, counted from 0.
    | HeadsOf of layer: int
    /// Every layer.
    | Layers

    member internal this.Display = Display.line (this.ToString())

    /// "heads", "layer 0", "layers"
    override this.ToString() =
        match this with
        | Heads -> "heads"
        | HeadsOf layer -> $"layer {layer}"
        | Layers -> "layers"

/// One number of many.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Aggregate =
    /// The greatest.
    | Max
    /// The least.
    | Min
    /// The arithmetic mean.
    | Mean
    /// All together.
    | Sum

    member internal this.Display = Display.line (this.ToString())

    /// "max"
    override this.ToString() =
        match this with
        | Max -> "max"
        | Min -> "min"
        | Mean -> "mean"
        | Sum -> "sum"

/// A number that is computed of what was measured.
[<RequireQualifiedAccess>]
[<StructuredFormatDisplay("{Display}")>]
type Expression =
    /// Itself.
    | Number of float
    /// A quantity of the whole model.
    | Measured of Quantity
    /// The same of the training of another kind that has the same seed and setting.
    | Elsewhere of Quantity * Variant
    /// A number of the head, or of the layer, that the function around it is at.
    | Each of Part
    /// Added up.
    | Plus of Expression * Expression
    /// The first without the second.
    | Minus of Expression * Expression
    /// Over all heads or layers of some kind.
    | Of of Aggregate * Expression * Over
    /// How many heads or layers of some kind there are for which all of the conditions hold.
    | Count of Condition list * Over

    member internal this.Display = Display.line (this.ToString())

    /// "max(previous_token over layer 0)"; what prints so parses back.
    override this.ToString() = this.Shown

    /// Names that mean something else where rules are read.
    static member internal Reserved =
        Set [
            "max"
            "min"
            "mean"
            "sum"
            "count"
            "over"
            "of"
            "and"
            "or"
            "not"
            "heads"
            "layer"
            "layers"
        ]

    /// Whether a letter may stand in a name that is not quoted.
    static member internal InName(letter: char) = Char.IsLetterOrDigit letter || letter = '_'

    member private this.Shown: string =
        // A sum behind a sign is one operand of it.
        let operand (e: Expression) =
            match e with
            | Plus _
            | Minus _ -> $"({e.Shown})"
            | _ -> e.Shown

        match this with
        // Minus zero is zero.
        | Number x -> Quote.number (x + 0.0)
        | Measured(Quantity.Own name) ->
            let plain =
                name <> ""
                && not (Char.IsDigit name[0])
                && Seq.forall Expression.InName name
                && not (Expression.Reserved.Contains name)

            if plain then name else "\"" + name.Replace("\"", "\"\"") + "\""
        | Measured quantity -> string quantity
        | Elsewhere(quantity, variant) -> $"{(Measured quantity).Shown} of {variant}"
        | Each part -> string part
        | Plus(a, b) -> $"{a.Shown} + {operand b}"
        | Minus(a, b) -> $"{a.Shown} - {operand b}"
        | Of(aggregate, e, over) -> $"{aggregate}({e.Shown} over {over})"
        | Count(conditions, over) ->
            let conditions = conditions |> List.map string |> String.concat " and "
            $"count({conditions} over {over})"

/// What two numbers must be for a claim to hold.
and [<StructuredFormatDisplay("{Display}")>] Condition =
    /// The first is more than the second.
    | Above of left: Expression * right: Expression
    /// The first is less than the second.
    | Below of left: Expression * right: Expression

    /// What is asked about.
    member this.Left =
        match this with
        | Above(left, _)
        | Below(left, _) -> left

    /// What it is held against.
    member this.Right =
        match this with
        | Above(_, right)
        | Below(_, right) -> right

    member internal this.Display = Display.line (this.ToString())

    /// "ov_0_max > 0.9", "path_direct > path_direct_k + 0.1"; what prints so parses back.
    override this.ToString() =
        match this with
        | Above(left, right) -> $"{left} > {right}"
        | Below(left, right) -> $"{left} < {right}"

/// What was measured on trainings of other kinds with the seed and the setting of one.
type Beside = Map<Variant, Map<Quantity, float>>

/// Expressions held against what was measured.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Expression =

    /// All parts of an expression and itself, outermost first; `into` says whether what stands inside a function counts.
    let rec private parts into (expression: Expression) : Expression list =
        let inner =
            match expression with
            | Expression.Number _
            | Expression.Measured _
            | Expression.Elsewhere _
            | Expression.Each _ -> []
            | Expression.Plus(a, b)
            | Expression.Minus(a, b) -> [ a; b ]
            | Expression.Of(_, e, _) -> if into then [ e ] else []
            | Expression.Count(conditions, _) ->
                if into then conditions |> List.collect (fun c -> [ c.Left; c.Right ]) else []

        expression :: List.collect (parts into) inner

    /// The quantities of the whole model that it asks for, each once.
    let quantities (expression: Expression) : Quantity list =
        parts true expression
        |> List.choose (fun part ->
            match part with
            | Expression.Measured quantity -> Some quantity
            | _ -> None)
        |> List.distinct

    /// The quantities of other kinds of models that it asks for, each once.
    let elsewhere (expression: Expression) : (Quantity * Variant) list =
        parts true expression
        |> List.choose (fun part ->
            match part with
            | Expression.Elsewhere(quantity, variant) -> Some(quantity, variant)
            | _ -> None)
        |> List.distinct

    /// What it asks of every head or layer by itself, outside of any function.
    let internal free (expression: Expression) : Part list =
        parts false expression
        |> List.choose (fun part ->
            match part with
            | Expression.Each part -> Some part
            | _ -> None)
        |> List.distinct

    /// What its functions ask of every head or layer, and of which.
    let asked (expression: Expression) : (Part * Over) list =
        parts true expression
        |> List.collect (fun part ->
            match part with
            | Expression.Of(_, e, over) -> free e |> List.map (fun part -> part, over)
            | Expression.Count(conditions, over) ->
                conditions
                |> List.collect (fun c -> free c.Left @ free c.Right)
                |> List.map (fun part -> part, over)
            | _ -> [])
        |> List.distinct

    /// Its numbers.
    let internal numbers (expression: Expression) : float list =
        parts true expression
        |> List.choose (fun part ->
            match part with
            | Expression.Number x -> Some x
            | _ -> None)

    /// The quantity that a head, or a layer (whose head is of no account), has of a part.
    let private quantityOf (part: Part) (layer, head) =
        match part with
        | Part.Head quantity -> Quantity.OfHead(quantity, layer, head)
        | Part.Layer LayerQuantity.OVSum -> Quantity.OVSum layer
        | Part.Layer LayerQuantity.AttentionOverlap -> Quantity.AttentionOverlap layer

    /// The place at which a quantity is one of a part.
    let private placeOf (part: Part) (quantity: Quantity) =
        match part, quantity with
        | Part.Head asked, Quantity.OfHead(found, layer, head) when asked = found -> Some(layer, head)
        | Part.Layer LayerQuantity.OVSum, Quantity.OVSum layer
        | Part.Layer LayerQuantity.AttentionOverlap, Quantity.AttentionOverlap layer -> Some(layer, 0)
        | _ -> None

    /// The heads, or layers, that a function runs over, among those that have the part: (layer, head).
    let internal places (measured: Quantity seq) (part: Part) (over: Over) : (int * int) list =
        measured
        |> Seq.choose (placeOf part)
        |> Seq.filter (fun (layer, _) ->
            match part, over with
            | Part.Head _, Over.Heads
            | Part.Layer _, Over.Layers -> true
            | Part.Head _, Over.HeadsOf asked -> layer = asked
            | _ -> false)
        |> List.ofSeq

    /// All or nothing.
    let private every (values: 'a option list) =
        if List.forall Option.isSome values then Some(List.choose id values) else None

    let rec private at (beside: Beside) (measured: Map<Quantity, float>) place (expression: Expression) : float option =
        let at = at beside
        let find quantity = measured.TryFind quantity

        let over parts over value =
            parts
            |> List.collect (fun part -> places measured.Keys part over)
            |> List.distinct
            |> List.map (Some >> value)
            |> every
            |> Option.filter (List.isEmpty >> not)

        match expression with
        | Expression.Number x -> Some x
        | Expression.Measured quantity -> find quantity
        | Expression.Elsewhere(quantity, variant) -> beside.TryFind variant |> Option.bind (Map.tryFind quantity)
        | Expression.Each part -> place |> Option.bind (quantityOf part >> find)
        | Expression.Plus(a, b) -> Option.map2 (+) (at measured place a) (at measured place b)
        | Expression.Minus(a, b) -> Option.map2 (-) (at measured place a) (at measured place b)
        | Expression.Of(aggregate, e, where) ->
            let choose =
                match aggregate with
                | Aggregate.Max -> List.max
                | Aggregate.Min -> List.min
                | Aggregate.Mean -> List.average
                | Aggregate.Sum -> List.sum

            over (free e) where (fun place -> at measured place e) |> Option.map choose
        | Expression.Count(conditions, where) ->
            let holds place =
                conditions
                |> List.map (margin beside measured place)
                |> every
                |> Option.map (List.forall (fun m -> m > 0.0))

            over (conditions |> List.collect (fun c -> free c.Left @ free c.Right)) where holds
            |> Option.map (List.filter id >> List.length >> float)
        |> Option.filter Double.IsFinite

    and private margin beside measured place (condition: Condition) =
        let at = at beside

        match condition with
        | Above(left, right) -> Option.map2 (-) (at measured place left) (at measured place right)
        | Below(left, right) -> Option.map2 (-) (at measured place right) (at measured place left)

    /// What it comes to; none where something that it asks for was not measured, or is no finite number, and where there is nothing
    /// that a function could run over.
    let value (measured: Map<Quantity, float>) (expression: Expression) : float option =
        at Map.empty measured None expression

    /// The same of a training with others beside it.
    let valueBeside (beside: Beside) (measured: Map<Quantity, float>) (expression: Expression) : float option =
        at beside measured None expression

    /// What its value is counted in: the unit of all that it is made of; any number where these differ, and for how many of something.
    let rec unit (expression: Expression) : QuantityUnit =
        match expression with
        | Expression.Measured quantity
        | Expression.Elsewhere(quantity, _) -> (QuantityWords.ofQuantity quantity).Unit
        | Expression.Each part -> (QuantityWords.ofPart part).Unit
        | Expression.Of(_, e, _) -> unit e
        | Expression.Plus(e, Expression.Number _)
        | Expression.Plus(Expression.Number _, e)
        | Expression.Minus(e, Expression.Number _)
        | Expression.Minus(Expression.Number _, e) -> unit e
        | Expression.Plus(a, b)
        | Expression.Minus(a, b) when unit a = unit b -> unit a
        | Expression.Plus _
        | Expression.Minus _
        | Expression.Number _
        | Expression.Count _ -> QuantityUnit.Number
