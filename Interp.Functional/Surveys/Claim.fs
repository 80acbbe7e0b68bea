namespace Interp

/// A statement about a kind of model that one trained model supports or not.
type Claim = {
    /// A short name: `plain-looks-nearby`.
    Name: string
    /// The kind of model that it is about; none where it is about every kind.
    About: Variant option
    /// In words a newcomer understands.
    Sentence: string
    /// All must hold.
    Conditions: Condition list
}

/// What one training says of a claim.
[<StructuredFormatDisplay("{Display}")>]
type Verdict =
    /// All of its conditions hold.
    | Holds
    /// One does not.
    | Fails
    /// Something that the claim asks for was not measured, or is no finite number.
    | NotMeasured

    member internal this.Display = Display.line (this.ToString())

    /// "holds", "fails", "not measured"
    override this.ToString() =
        match this with
        | Holds -> "holds"
        | Fails -> "fails"
        | NotMeasured -> "not measured"

/// A claim on one training.
[<StructuredFormatDisplay("{Display}")>]
type ClaimOutcome = {
    /// Which.
    Claim: Claim
    /// What follows from its conditions.
    Verdict: Verdict
    /// Each of the claim's conditions.
    Conditions: ConditionOutcome list
    /// One sentence where it asks for a training of another kind with the same seed, and there is none.
    Lacks: string option
} with

    member internal this.Display = Display.line $"{this.Claim.Name}: {this.Verdict}"


/// Claims on trainings.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Claim =

    /// Whether a claim is about this kind of model.
    let isAbout (variant: Variant) (claim: Claim) : bool = claim.About |> Option.forall ((=) variant)

    /// The quantities of the whole model that a claim is about, each once.
    let quantities (claim: Claim) : Quantity list =
        claim.Conditions |> List.collect Condition.quantities |> List.distinct

    /// The quantities of other kinds of models that a claim is about, each once.
    let elsewhere (claim: Claim) : (Quantity * Variant) list =
        claim.Conditions |> List.collect Condition.elsewhere |> List.distinct

    /// What a claim asks of every head or layer, and of which, each once.
    let asked (claim: Claim) : (Part * Over) list = claim.Conditions |> List.collect Condition.asked |> List.distinct

    /// A claim on a training with these quantities, and with others of its seed beside it: the one rule, for one training and for many.
    let judgeBeside (beside: Beside) (measured: Map<Quantity, float>) (claim: Claim) : ClaimOutcome =
        let conditions = claim.Conditions |> List.map (Condition.judgeBeside beside measured)

        let absent = elsewhere claim |> List.map snd |> List.distinct |> List.filter (beside.ContainsKey >> not)

        {
            Claim = claim
            Verdict =
                // Every quantity is asked for, so that a missing one never hides behind a condition that fails.
                if conditions |> List.exists _.Margin.IsNone then
                    NotMeasured
                elif conditions |> List.forall (fun condition -> condition.Margin.Value > 0.0) then
                    Holds
                else
                    Fails
            Conditions = conditions
            Lacks =
                match absent with
                | [] -> None
                | absent ->
                    let kinds = absent |> List.map string |> String.concat " and no "
                    Some $"There is no {kinds} model of the same seed to hold it against."
        }

    /// The same of a training by itself, which decides no claim that holds it against another.
    let judge (measured: Map<Quantity, float>) (claim: Claim) : ClaimOutcome = judgeBeside Map.empty measured claim

    /// The figures that the study published of a claim's quantities, where there are any.
    let published (claim: Claim) : (Quantity * PublishedValue) list =
        match claim.About with
        | Some variant ->
            quantities claim
            |> List.choose (fun quantity ->
                Published.value variant quantity |> Option.map (fun value -> quantity, value))
        | None -> []

    /// One sentence on a claim that asks for something other than what will be measured, or has a bound that is no finite number, if
    /// it does. A name that is none gets the nearest ones, of the program's and of those that are measurable.
    let problem (measurable: Quantity list) (claim: Claim) : string option =
        let asksFor quantity =
            let why =
                match quantity with
                | Quantity.Own name ->
                    match Quantity.parse name with
                    | Ok _ -> $"\"{Quote.text name}\", a name of the program's, as a quantity of its own."
                    | Error sentence ->
                        let own =
                            measurable
                            |> List.choose (fun quantity ->
                                match quantity with
                                | Quantity.Own name -> Some name
                                | _ -> None)

                        let yours =
                            if own.IsEmpty then
                                ""
                            else
                                let near = Spelling.nearest own name |> List.map Quote.text |> String.concat " or "
                                $" The nearest of your own is {near}."

                        $"\"{Quote.text name}\", which nobody measures.{yours} {sentence}"
                | _ -> $"{quantity}, which no training of its kind has."

            $"The claim {Quote.text claim.Name} asks for {why}"

        let overNothing (part: Part, over: Over) =
            $"The claim {Quote.text claim.Name} asks for {part} over {over}, which no training of its kind has."

        let odd (condition: Condition) =
            if (Condition.endless condition).IsSome then
                Some $"The claim {Quote.text claim.Name} has the condition {condition}, expected a finite number in it."
            else
                Condition.free condition
                |> List.tryHead
                |> Option.map (fun part ->
                    $"The claim {Quote.text claim.Name} has the condition {condition}, expected {part} within a function, as in max({part} over heads).")

        quantities claim
        |> List.tryFind (fun quantity -> not (List.contains quantity measurable))
        |> Option.map asksFor
        |> Option.orElseWith (fun () ->
            asked claim
            |> List.tryFind (fun (part, over) -> (Expression.places measurable part over).IsEmpty)
            |> Option.map overNothing)
        |> Option.orElseWith (fun () -> claim.Conditions |> List.tryPick odd)
