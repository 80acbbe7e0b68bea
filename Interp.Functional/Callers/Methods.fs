namespace Interp

open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

/// Models as C# asks them: texts in, arrays and records out. A text of a model alone is in letters, A to Z, a to z and so on; what a
/// model does under interventions is asked with their printed forms, as in `model.Logits("ABCDEF", "zero 0.1")`. What cannot be read or
/// does not fit raises `RefusedException`.
[<Extension>]
type ModelMethods =

    static member internal Ask
        (model: Model<Tensor>, interventions: string[], ask: Task -> Intervention list -> 'answer)
        =
        let positions = Model.room model |> Option.defaultValue Configuration.study.Architecture.NCtx

        let task =
            Task.unknown model.W_E.Shape.Head positions "a model alone does not say what it was trained on"

        ask task (Asked.interventions interventions)

    /// The number of weights.
    [<Extension>]
    static member Parameters(model: Model<Tensor>) : int = Model.parameters model

    /// Writes weights alone, as `Model.save` does.
    [<Extension>]
    static member Save(model: Model<Tensor>, path: string) : unit = ModelFiles.Model.save path model

    /// The logits behind each letter of a text: [pos, vocab].
    [<Extension>]
    static member Logits(model: Model<Tensor>, text: string, [<System.ParamArray>] interventions: string[]) : Tensor =
        ModelMethods.Ask(
            model,
            interventions,
            fun task edits -> Intervened.logits 1 task model edits (Asked.tokens task.Tokens text)
        )

    /// Where each head looks, a tensor a layer: [head, pos, key_pos].
    [<Extension>]
    static member Attention
        (model: Model<Tensor>, text: string, [<System.ParamArray>] interventions: string[])
        : IReadOnlyList<Tensor> =
        ModelMethods.Ask(
            model,
            interventions,
            fun task edits -> Intervened.patterns 1 task model edits (Asked.tokens task.Tokens text)
        )

    /// What the model writes behind a prompt, letter by letter the likeliest one, up to a length of both together.
    [<Extension>]
    static member Complete
        (model: Model<Tensor>, prompt: string, length: int, [<System.ParamArray>] interventions: string[])
        : string =
        ModelMethods.Ask(
            model,
            interventions,
            fun task edits ->
                let prompt = Asked.tokens task.Tokens prompt
                let completion = Completion.greedy 1 task model edits length [ prompt ] |> List.head
                Vocabulary.toText task.Tokens completion.Written
        )

    /// The circuits between letters with their eigenvalues, each score beside random weights'.
    [<Extension>]
    static member Circuits(model: Model<Tensor>) : ScoredCircuits = CircuitScores.ofModel model

/// Checkpoints as C# asks them: a model with what its file knows of its training. `task` is the printed form of a task, and without one that
/// which the model was trained on. Held-out sequences are drawn with `seed`. Figures do not depend on `threads`.
[<Extension>]
type CheckpointMethods =

    /// Writes the checkpoint, as `Checkpoint.save` does.
    [<Extension>]
    static member Save(checkpoint: Checkpoint, path: string) : unit = Checkpoint.save path checkpoint

    /// Loss, accuracy and completions over held-out sequences, under interventions by their printed forms.
    [<Extension>]
    static member Evaluate
        (
            checkpoint: Checkpoint,
            [<Optional; DefaultParameterValue(2000)>] sequences: int,
            [<Optional; DefaultParameterValue(1UL)>] seed: uint64,
            [<Optional; DefaultParameterValue(1)>] threads: int,
            [<Optional; DefaultParameterValue(null: string)>] task: string,
            [<System.ParamArray>] interventions: string[]
        ) : Evaluation =
        Behaviour.evaluateWith
            threads
            (Asked.task checkpoint.Task task)
            checkpoint.Weights
            (Asked.interventions interventions)
            { Sequences = sequences; Seed = seed }

    /// Losses without each head: `mode` is "zero", "mean" or "resample".
    [<Extension>]
    static member Ablate
        (
            checkpoint: Checkpoint,
            [<Optional; DefaultParameterValue("zero")>] mode: string,
            [<Optional; DefaultParameterValue(2000)>] sequences: int,
            [<Optional; DefaultParameterValue(1UL)>] seed: uint64,
            [<Optional; DefaultParameterValue(1)>] threads: int,
            [<Optional; DefaultParameterValue(null: string)>] task: string
        ) : Ablations =
        Ablation.measure
            threads
            (Asked.task checkpoint.Task task)
            checkpoint.Weights
            (Asked.mode mode)
            { Sequences = sequences; Seed = seed }
            false

    /// Every head's scores on repeated blocks and its copying.
    [<Extension>]
    static member HeadScores
        (
            checkpoint: Checkpoint,
            [<Optional; DefaultParameterValue(100)>] sequences: int,
            [<Optional; DefaultParameterValue(1UL)>] seed: uint64,
            [<Optional; DefaultParameterValue(1)>] threads: int
        ) : IReadOnlyList<HeadScores<float>> =
        HeadScores.ofModel threads checkpoint.Architecture checkpoint.Weights { Sequences = sequences; Seed = seed }

    /// How faithful an explanation is, given by its printed form: "direct two-numbers; ov 0.* diagonal".
    [<Extension>]
    static member Explain
        (
            checkpoint: Checkpoint,
            explanation: string,
            [<Optional; DefaultParameterValue(2000)>] sequences: int,
            [<Optional; DefaultParameterValue(1UL)>] seed: uint64,
            [<Optional; DefaultParameterValue(1)>] threads: int,
            [<Optional; DefaultParameterValue(null: string)>] task: string
        ) : Faithfulness =
        Faithfulness.measure
            threads
            (Asked.task checkpoint.Task task)
            checkpoint.Architecture.NCtx
            checkpoint.Weights
            []
            { Sequences = sequences; Seed = seed }
            (Asked.explanation explanation)

/// Tensors to arrays and back, as C# has them; an element is `tensor[0, 1]`, a tensor of no axes that converts to a number.
[<Extension>]
type TensorMethods =

    /// A matrix as an array of its rows. Raises `ArgumentException` for another number of axes.
    [<Extension>]
    static member ToArray2D(tensor: Tensor) : float[,] = Tensor.toArray2D tensor

    /// A matrix from an array of its rows, rounded to float32.
    [<Extension>]
    static member ToTensor(rows: float[,]) : Tensor = Tensor.ofArray2D rows

    /// A tensor from its elements, row-major, rounded to float32; without a shape a vector.
    [<Extension>]
    static member ToTensor(elements: IEnumerable<float>, [<System.ParamArray>] shape: int[]) : Tensor =
        if shape.Length = 0 then
            Tensor.vector elements
        else
            Tensor.ofSeq (List.ofArray shape) elements

    /// The size of each axis, the outermost first.
    [<Extension>]
    static member Sizes(tensor: Tensor) : int[] = List.toArray tensor.Shape
