namespace Interp

open System
open System.Threading
open Interp.Kernels

/// A training between two steps.
[<StructuredFormatDisplay("{Display}")>]
type TrainingState<'model> = {
    /// Steps taken.
    Step: int
    /// The weights after those steps.
    Weights: 'model
    /// The optimiser's moments after those steps, in the order of `Optimiser.moments`.
    Moments: 'model list
} with

    member internal this.Display =
        let model =
            match box this.Weights with
            | :? Model<Tensor> as model -> model.Display
            | other -> sprintf "%A" other |> _.Split('\n') |> Array.head

        Display.under $"after {Display.count (int64 this.Step)} steps" model


/// Some steps' outcome.
[<StructuredFormatDisplay("{Display}")>]
type Advance<'model> = {
    /// The state after the steps.
    State: TrainingState<'model>
    /// The mean loss of each step's batch before its update; the first step's first.
    Losses: float list
} with

    member internal this.Display =
        let loss =
            match List.tryLast this.Losses with
            | Some loss -> $"\n  loss {Display.number loss}, the last of {Display.count (int64 this.Losses.Length)}"
            | None -> ""

        this.State.Display + loss


/// What is looked at while a training goes on, and when it ends early.
[<NoEquality; NoComparison>]
type Watch<'model, 'value> = {
    /// After every step whose number is a multiple of this, wherever a training begins or goes on.
    Every: int
    /// A function of the state alone.
    See: TrainingState<'model> -> 'value
    /// Whether the training ends with what was seen.
    Stop: 'value -> bool
}

/// A training that was watched.
type Watched<'model, 'value> = {
    /// The state after the last step.
    State: TrainingState<'model>
    /// As in `Advance`.
    Losses: float list
    /// What was seen, each with the number of steps taken; the first first.
    Seen: (int * 'value) list
}

/// A training step as a traced computation.
module internal TrainingStep =

    /// The mean loss of a batch, then its derivative in each leaf, where `variables` are weights that stand for any.
    let trace (threads: int) (objective: Objective<'model>) (variables: 'model) : Tensor list =
        let sequences = Trace.node (Sequences(None, threads)) [ objective.Task.Length ] true false
        let loss = objective.Loss variables (Tokens sequences)

        if not loss.Shape.IsEmpty then
            Refused.because $"The loss of a sequence has shape {Shape.show loss.Shape}, expected a scalar."

        let mean = if loss.Batched then Batch.average sequences objective.Batch loss else loss
        mean :: Differentiation.pullback mean (Tensor.scalar 1.0) (objective.Structure.Leaves variables)

/// A training step, compiled; made by `Training.compile`.
[<Sealed>]
type Trainer<'model> internal (objective: Objective<'model>, threads: int) =

    let structure, optimiser = objective.Structure, objective.Optimiser
    let example = Objective.initial objective
    let shapes = structure.Leaves example |> List.map _.Shape
    let names = structure.Names example
    let variables = shapes |> List.map Trace.variable
    let outputs = TrainingStep.trace threads objective (structure.Rebuild example variables)
    let plan = Plan(outputs, variables, threads, objective.Batch)

    let floats = shapes |> List.map Shape.size |> List.toArray

    let decays =
        List.map2
            (fun name shape -> if Decay.shrinks optimiser.Decay name shape then optimiser.WeightDecay else 0.0)
            names
            shapes
        |> List.toArray

    let kinds = (Optimiser.moments optimiser.Rule).Length

    let moments =
        floats |> Array.map (fun size -> Array.init kinds (fun _ -> Array.zeroCreate<float32> size))

    // A derivative may be one of the weights itself, which is overwritten before its turn comes: it is copied first.
    let copies =
        List.zip outputs.Tail (List.ofArray floats)
        |> List.map (fun (gradient, size) ->
            if List.contains gradient variables then
                Some(Array.zeroCreate<float32> size)
            else
                None)
        |> List.toArray

    let gradients =
        copies
        |> Array.mapi (fun i copy ->
            match copy with
            | Some copy -> Operand.ofArray copy
            | None -> plan.Outputs[i + 1])

    // Two leaves may have one derivative between them, so that it is not scaled in its place.
    let scaled =
        if optimiser.Clip.IsSome then
            Array.zeroCreate<float32>(Array.max floats)
        else
            [||]

    let mutable key = Sequences.batchKey objective.Seed 0

    // One for each shard, as shards run on several threads.
    let places =
        Array.init ((objective.Batch + Ordering.lanes - 1) / Ordering.lanes) (fun _ ->
            Array.zeroCreate objective.Task.Length)

    // `id` makes each an object, once, and not a method of which every step would make one.
    let load = id (fun shard operand -> Sequences.fill objective.Task key places[shard] shard operand)
    let collect = id (fun _ _ -> ())

    let squares () =
        let mutable sum = 0.0

        for gradient in gradients do
            sum <- sum + Reduction.SumOfSquares gradient.ReadOnly

        sum

    let update step =
        for i in 0 .. copies.Length - 1 do
            match copies[i] with
            | Some copy -> plan.Outputs[i + 1].ReadOnly.CopyTo(Span copy)
            | None -> ()

        let factor =
            match optimiser.Clip with
            | Some longest -> Optimiser.clipping longest (squares ())
            | None -> 1.0f

        let rate = Optimiser.rate optimiser step

        for i in 0 .. floats.Length - 1 do
            let weights = plan.Variables[i]

            if factor <> 1.0f then
                Elementwise.Scale(gradients[i].ReadOnly, factor, Span scaled)

            let gradient =
                if factor <> 1.0f then
                    ReadOnlySpan(scaled, 0, floats[i])
                else
                    gradients[i].ReadOnly

            Optimiser.stepLeaf
                optimiser.Rule
                step
                rate
                decays[i]
                weights.ReadOnly
                gradient
                moments[i]
                weights.Span
                moments[i]

    let gate = Lock()

    let model (leaf: int -> float32[]) =
        shapes |> List.mapi (fun i shape -> Value(shape, leaf i)) |> structure.Rebuild example

    /// What is trained.
    member _.Objective = objective

    /// Weights of the objective's shapes.
    member internal _.Example = example

    member internal _.Read(state: TrainingState<'model>) =
        structure.Leaves state.Weights |> List.iteri (fun i leaf -> leaf.Data.CopyTo plan.Variables[i].Span)

        state.Moments
        |> List.iteri (fun kind moment ->
            structure.Leaves moment |> List.iteri (fun i leaf -> leaf.Data.CopyTo(moments[i][kind], 0)))

    /// Takes as many steps as there is room for losses, after so many; allocates nothing.
    member internal _.Take(before: int, losses: float[]) =
        for i in 0 .. losses.Length - 1 do
            key <- Sequences.batchKey objective.Seed (before + i)
            plan.Run(objective.Batch, load, collect)
            losses[i] <- float plan.Outputs[0].Span[0]
            update (before + i + 1)

    member internal this.Advance(steps: int, state: TrainingState<'model>) : Advance<'model> =
        let _scope = gate.EnterScope()

        try
            this.Read state
            let losses = Array.zeroCreate steps
            this.Take(state.Step, losses)

            {
                State = {
                    Step = state.Step + steps
                    Weights = model (fun i -> plan.Variables[i].Span.ToArray())
                    Moments = List.init kinds (fun kind -> model (fun i -> Array.copy (moments[i][kind])))
                }
                Losses = List.ofArray losses
            }
        finally
            gate.Exit()

/// Training: pure steps from state to state. The batch of a step is a function of the seed and the step's number, so a training goes
/// on from any state, and `advance` by 2 + 3 steps is `advance` by 5, to the bit, on any number of threads.
module Training =

    /// The state before the first step: the objective's own weights. Raises `RefusedException` for an objective that cannot be trained.
    let start (objective: Objective<'model>) : TrainingState<'model> =
        let weights = Objective.initial objective

        {
            Step = 0
            Weights = weights
            Moments = Optimiser.start objective.Structure objective.Optimiser weights
        }

    /// A state, where it is one of an objective, of whose weights one example is given.
    let private fitting (objective: Objective<'model>) (example: 'model) (state: TrainingState<'model>) =
        let structure = objective.Structure
        let names = structure.Names example
        let shapes = structure.Leaves example |> List.map _.Shape

        let check (names: string list) (found: 'model) =
            let leaves = structure.Leaves found

            if leaves.Length <> names.Length then
                Refused.because $"The state has {leaves.Length} leaves, the objective's model {names.Length}."

            for name, shape, leaf in List.zip3 names shapes leaves do
                if leaf.Shape <> shape then
                    Refused.because
                        $"The state's \"{Quote.text name}\" has shape {Shape.show leaf.Shape}, the objective's {Shape.show shape}."

        if state.Step < 0 then
            Refused.because $"The state is after {state.Step} steps, expected at least 0."

        check names state.Weights
        let expected = Objective.momentNames objective example

        if state.Moments.Length <> expected.Length then
            Refused.because
                $"The state has {state.Moments.Length} moments of each leaf, the objective's optimiser {expected.Length}."

        List.iter2 check expected state.Moments
        state

    /// The state of an objective's training after `step` steps, from the weights and moments that it had then: what a file has kept, or what
    /// another objective has come to. With the moments and the step of a state that `advance` came to, it goes on as if it had never
    /// stopped. Raises `RefusedException` where leaves have other shapes than the objective's, moments are not as many as its optimiser
    /// has, or the step is below 0.
    let resume
        (objective: Objective<'model>)
        (step: int)
        (weights: 'model)
        (moments: 'model list)
        : TrainingState<'model> =
        { Step = step; Weights = weights; Moments = moments }
        |> fitting objective (Objective.initial objective)

    /// Traces the training step and lays its memory out; `threads` threads share the sequences of a batch. Raises `RefusedException`
    /// for an objective that cannot be trained, or whose loss is no scalar.
    let compile (threads: int) (objective: Objective<'model>) : Trainer<'model> = Trainer(objective, threads)

    /// The name of the first weight or moment of a state that holds something that is no finite number, if there is one.
    let notFinite (objective: Objective<'model>) (state: TrainingState<'model>) : string option =
        let structure = objective.Structure

        List.zip
            (structure.Names state.Weights :: Objective.momentNames objective state.Weights)
            (state.Weights :: state.Moments)
        |> List.tryPick (fun (names, values) ->
            List.zip names (structure.Leaves values)
            |> List.tryPick (fun (name, leaf) -> if Array.forall Single.IsFinite leaf.Data then None else Some name))

    /// Takes `steps` steps. Raises `RefusedException` for a state of another objective (see `resume`), or a number of steps below 0.
    let advance (trainer: Trainer<'model>) (steps: int) (state: TrainingState<'model>) : Advance<'model> =
        if steps < 0 then
            Refused.because $"The number of steps is {steps}, expected at least 0."

        trainer.Advance(steps, fitting trainer.Objective trainer.Example state)

    /// Takes up to `steps` steps and collects what is seen on the way; ends after the first sight that says stop. Taking 20 steps and then 30
    /// sees what taking 50 does. Raises `RefusedException` where `Every` is below 1, and as `advance` does.
    let watch
        (trainer: Trainer<'model>)
        (watch: Watch<'model, 'value>)
        (steps: int)
        (state: TrainingState<'model>)
        : Watched<'model, 'value> =
        if watch.Every < 1 then
            Refused.because $"A training is watched every {watch.Every} steps, expected at least 1."

        let rec go (state: TrainingState<'model>) losses seen left =
            let stretch = min left (watch.Every - state.Step % watch.Every)
            let next = advance trainer stretch state
            let losses = next.Losses :: losses
            let left = left - stretch

            let seen, stop =
                if stretch > 0 && next.State.Step % watch.Every = 0 then
                    let value = watch.See next.State
                    (next.State.Step, value) :: seen, watch.Stop value
                else
                    seen, false

            if stop || left = 0 then
                next.State, losses, seen
            else
                go next.State losses seen left

        let state, losses, seen = go state [] [] steps
        { State = state; Losses = List.concat (List.rev losses); Seen = List.rev seen }
