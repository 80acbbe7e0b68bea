namespace Interp

open System
open System.Threading

/// A run between two steps.
type TrainingState = {
    /// Steps taken.
    Step: int
    /// The weights after those steps.
    Weights: Model<Tensor>
    /// AdamW's moments after those steps.
    Moments: AdamW.Moments<Tensor>
}

/// Some steps' outcome.
type Advance = {
    /// The state after the steps.
    State: TrainingState
    /// The mean loss of each step's batch before its update, in nats a letter; the first step's first.
    Losses: float list
}

/// A training step as a traced computation.
module internal TrainingStep =

    /// Weights that stand for any of an architecture, and the outputs: the mean loss of a batch, then its derivative in each weight.
    let trace (threads: int) (c: Configuration) (task: Task) : Model<Tensor> * Tensor list =
        let variables = Model.shapes c.Architecture |> Model.map Trace.variable
        let sequences = Trace.node (Sequences(None, threads)) [ task.Length ] true false
        let loss = Batch.average sequences c.Batch (Loss.ofSequence task variables (Tokens sequences))
        variables, loss :: Differentiation.pullback loss (Tensor.scalar 1.0) (Model.leaves variables)

/// A training step, compiled.
[<Sealed>]
type Trainer internal (configuration: Configuration, task: Task, threads: int) =

    let variables, outputs = TrainingStep.trace threads configuration task
    let names = Model.names configuration.Architecture
    let leaves = Model.leaves variables
    let plan = Plan(outputs, leaves, threads, configuration.Batch)

    let floats = leaves |> List.map (fun leaf -> Shape.size leaf.Shape) |> List.toArray
    let first = floats |> Array.map Array.zeroCreate<float32>
    let second = floats |> Array.map Array.zeroCreate<float32>
    let mutable key = Sequences.batchKey configuration.Seed 0

    // One for each shard, as shards run on several threads.
    let places =
        Array.init ((configuration.Batch + Schedule.lanes - 1) / Schedule.lanes) (fun _ -> Array.zeroCreate task.Length)

    let load = fun shard operand -> Sequences.fill task key places[shard] shard operand
    let collect = fun _ _ -> ()

    let read (model: Model<Tensor>) (write: int -> float32[] -> unit) =
        Model.leaves model |> List.iteri (fun i leaf -> write i leaf.Data)

    let update step =
        for i in 0 .. floats.Length - 1 do
            let weights = plan.Variables[i]

            AdamW.step
                configuration
                step
                weights.ReadOnly
                (ReadOnlySpan first[i])
                (ReadOnlySpan second[i])
                plan.Outputs[i + 1].ReadOnly
                weights.Span
                (Span first[i])
                (Span second[i])

    let gate = Lock()

    member internal _.Advance(steps: int, state: TrainingState) : Advance =
        let _scope = gate.EnterScope()

        try
            read state.Weights (fun i data -> data.CopyTo plan.Variables[i].Span)
            read state.Moments.First (fun i data -> data.CopyTo(first[i], 0))
            read state.Moments.Second (fun i data -> data.CopyTo(second[i], 0))
            let losses = Array.zeroCreate steps

            for i in 0 .. steps - 1 do
                key <- Sequences.batchKey configuration.Seed (state.Step + i)
                plan.Run(configuration.Batch, load, collect)
                losses[i] <- float plan.Outputs[0].Span[0]
                update (state.Step + i + 1)

            let model (values: int -> float32[]) =
                Model.leaves variables
                |> List.mapi (fun i leaf -> Value(leaf.Shape, values i))
                |> Model.rebuild names

            {
                State = {
                    Step = state.Step + steps
                    Weights = model (fun i -> plan.Variables[i].Span.ToArray())
                    Moments = {
                        First = model (fun i -> Array.copy first[i])
                        Second = model (fun i -> Array.copy second[i])
                    }
                }
                Losses = List.ofArray losses
            }
        finally
            gate.Exit()

/// Training: pure steps from state to state. The batch of a step is a function of the seed and the step's number, so a run goes
/// on from any state, and `advance` by 2 + 3 steps is `advance` by 5, to the bit, on any number of threads.
module Training =

    let private valid configuration =
        match Field.problem configuration with
        | None -> configuration
        | Some problem -> Refused.because problem.Sentence

    /// The state before the first step. Raises `RefusedException` for a configuration that is not valid.
    let start (configuration: Configuration) : TrainingState =
        let configuration = valid configuration

        let weights = Model.initialise configuration.Architecture (Sequences.initialKey configuration.Seed)

        { Step = 0; Weights = weights; Moments = AdamW.start weights }

    /// Traces the training step and lays its memory out; `threads` threads share the sequences of a batch. Raises `RefusedException`
    /// for a configuration that is not valid.
    let compile (threads: int) (configuration: Configuration) (task: Task) : Trainer =
        Trainer(valid configuration, task, threads)

    /// The name of the first weight or moment of a state that holds something that is no finite number, if there is one.
    let notFinite (state: TrainingState) : string option =
        // A name depends on no size, so that the number of positions may be any.
        let moments = AdamW.names (Model.architecture 2 state.Weights)

        Model.notFinite state.Weights
        |> Option.orElseWith (fun () -> Model.firstNotFinite moments.First state.Moments.First)
        |> Option.orElseWith (fun () -> Model.firstNotFinite moments.Second state.Moments.Second)

    /// Takes `steps` steps.
    let advance (trainer: Trainer) (steps: int) (state: TrainingState) : Advance = trainer.Advance(steps, state)
