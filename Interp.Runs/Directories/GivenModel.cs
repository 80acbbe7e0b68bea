using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Given;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Core;

namespace Interp.Runs.Directories;

/// <summary>A model that a command was given, and what it is measured on.</summary>
/// <param name="Checkpoint">The model.</param>
/// <param name="Task">The task that was asked for, or else the one that the model was trained on; one that has no sequences where neither is known.</param>
internal sealed record GivenModel(Checkpoint Checkpoint, Task Task)
{
    public Architecture Architecture => Checkpoint.Architecture;

    public Model<Tensor> Weights => Checkpoint.Weights;

    /// <summary>The names of the tokens.</summary>
    public Vocabulary Names => Task.Tokens;

    /// <summary>Reads a model; says on standard error where its task is not known but the study's is taken.</summary>
    /// <param name="world">Where it is.</param>
    /// <param name="terminal">Where that is said.</param>
    /// <param name="path">A .safetensors file or a run directory.</param>
    /// <param name="asked">The task that the command line asks for.</param>
    /// <exception cref="BadInputException">It is no model.</exception>
    /// <exception cref="RefusedException">The task does not fit the model.</exception>
    public static GivenModel Load(World world, Terminal terminal, string path, FSharpOption<TaskForm>? asked) =>
        Of(world, terminal, ModelFile.Load(world.Disk, path), asked);

    /// <summary>Refuses a model that has nothing to ask a head about.</summary>
    /// <exception cref="BadInputException">It has no layers.</exception>
    public void RequireHeads(string path)
    {
        if (Architecture.NLayers == 0)
        {
            throw new BadInputException($"{path}: has no layers (n_layers is 0), so it has no heads; expected a model of one layer or more.");
        }
    }

    /// <summary>A model that was read already.</summary>
    public static GivenModel Of(World world, Terminal terminal, Checkpoint checkpoint, FSharpOption<TaskForm>? asked)
    {
        var architecture = checkpoint.Architecture;
        if (asked is null && checkpoint is { Task.Value: TaskForm.Text { Item: { Content: not null } text }, Tokens.Value: var tokens })
        {
            // What only reads or writes letters does without the text, be it as large as it likes or gone.
            return new(checkpoint, TaskModule.late(text, tokens, new(() => TaskFile.Of(world.Disk, TaskForm.NewText(text)))));
        }

        var study = Tasks.study;
        if ((asked?.Value ?? checkpoint.Task?.Value) is { } form)
        {
            var task = form is TaskForm.Own own
                ? TaskModule.unknown(architecture.DVocab, architecture.NCtx, $"the model's task, {Quote.text(own.name)}, is that of a script")
                : TaskFile.Of(world, terminal, form);
            if (TaskModule.problem(architecture.DVocab, architecture.NCtx, task)?.Value is { } problem)
            {
                throw new RefusedException(problem);
            }

            return form is TaskForm.Text { Item.File: var file } && checkpoint.Tokens is { Value: var known } && !known.Equals(task.Tokens)
                ? throw new BadInputException(
                    $"The text {Quote.text(file)} has the {task.Tokens.Size} tokens {VocabularyModule.describe(task.Tokens)}, expected those of the model's text, in the same order: the {known.Size} tokens {VocabularyModule.describe(known)}.")
                : new(checkpoint, task);
        }

        if (architecture.DVocab == study.Tokens.Size && architecture.NCtx == study.Length)
        {
            Terminal.Line(terminal.Progress, $"interp: the model's file does not say what it was trained on, so it is taken for \"{study.Name}\"; --task says otherwise.");
            return new(checkpoint, study);
        }

        return new(checkpoint, TaskModule.unknown(architecture.DVocab, architecture.NCtx, "the model's file does not say what it was trained on"));
    }
}
