namespace Interp

/// What is trained, on what, and how: all that a training depends on but its number of steps. The weights may be of any record.
[<NoEquality; NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
type Objective<'model> = {
    /// How the weights are taken apart and put together.
    Structure: Structure<'model>
    /// The weights before training, from a key: a function of the key alone, always of the same leaves and shapes.
    Initial: Key -> 'model
    /// The loss of one sequence, a scalar. It is traced once, so that it may not look at the tokens' values but through operations on tensors.
    Loss: 'model -> Tokens -> Tensor
    /// What sequences are drawn from.
    Task: Task
    /// Sequences a step.
    Batch: int
    /// How weights go from step to step.
    Optimiser: Optimiser
    /// Of the weights before training and of every batch.
    Seed: uint64
} with

    member internal this.Display =
        [ $"objective: {this.Task.Name}, batch {this.Batch}, seed {this.Seed}"; $"  {this.Optimiser}" ]
        |> Display.lines 2


/// What follows from an objective alone.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Objective =

    /// The weights before training. Raises `RefusedException` for an objective that cannot be trained: a batch below 1, leaves without
    /// names of their own, or an optimiser that does not fit them.
    let initial (objective: Objective<'model>) : 'model =
        let weights = objective.Initial(Sequences.initialKey objective.Seed)
        let leaves, names = objective.Structure.Leaves weights, objective.Structure.Names weights

        if objective.Batch < 1 then
            Refused.because $"The batch has {objective.Batch} sequences, expected at least 1."

        if leaves.IsEmpty then
            Refused.because "The model has no weights, so that there is nothing to train."

        if names.Length <> leaves.Length then
            Refused.because
                $"The model's structure has {leaves.Length} leaves and {names.Length} names, expected as many."

        match names |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) -> Refused.because $"The model's structure calls two leaves \"{Quote.text name}\"."
        | None -> ()

        Optimiser.problem names objective.Optimiser |> Option.iter Refused.because
        weights

    /// The name of every moment of every leaf, as in files: moment by moment.
    let internal momentNames (objective: Objective<'model>) (weights: 'model) : string list list =
        Optimiser.moments objective.Optimiser.Rule
        |> List.map (fun prefix -> objective.Structure.Names weights |> List.map (fun name -> prefix + name))
