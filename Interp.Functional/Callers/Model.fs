namespace Interp

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Threading

/// How far a training is.
[<Struct>]
type StepsTaken = {
    /// Steps taken.
    Step: int
    /// Steps to take.
    Steps: int
    /// The last step's loss, in nats a letter.
    Loss: float
}

/// Where models come from, for callers in C#; F# has `Model.load` and `Training`.
[<AbstractClass; Sealed>]
type Model private () =

    // Between two of them a training tells how far it is, and may end.
    static let stretch = 50

    /// The weights in a .safetensors file or in a run directory, as `Model.load` reads them.
    static member Load(path: string) : Model<Tensor> = (Checkpoint.load path).Weights

    /// Trains a model: the study's plain one, with some settings by the names that files and tables have, as in
    /// `new Dictionary&lt;string, object&gt; { ["n_layers"] = 2, ["smear"] = "keys", ["steps"] = 1000 }`. The same settings come to the same bits on any
    /// number of threads. Raises `RefusedException` for settings that do not fit, and for a training that comes to numbers that are not finite;
    /// `OperationCanceledException` where it was cancelled.
    static member Train
        (
            settings: IEnumerable<KeyValuePair<string, obj>>,
            [<Optional; DefaultParameterValue(null: IProgress<StepsTaken>)>] progress: IProgress<StepsTaken>,
            [<Optional; DefaultParameterValue(1)>] threads: int,
            [<Optional>] cancellation: CancellationToken
        ) : Checkpoint =
        let configuration = Asked.configuration settings
        let objective = Recipe.objective configuration (Tasks.ofForm configuration.Task)
        let trainer = Training.compile threads objective

        let rec go (state: TrainingState<Model<Tensor>>) =
            cancellation.ThrowIfCancellationRequested()

            match min stretch (configuration.Steps - state.Step) with
            | 0 -> state
            | steps ->
                let next = Training.advance trainer steps state

                match Training.notFinite objective next.State with
                | Some name ->
                    Refused.because
                        $"After {next.State.Step} steps \"{name}\" is not finite; a smaller learning rate may help."
                | None -> ()

                if not (isNull progress) then
                    progress.Report {
                        Step = next.State.Step
                        Steps = configuration.Steps
                        Loss = List.last next.Losses
                    }

                go next.State

        let state = go (Recipe.start configuration)
        Checkpoint.ofRun configuration state.Step state.Weights (Some state.Moments)
