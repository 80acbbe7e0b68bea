using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>How well a model does on sequences it has not seen, and what it writes.</summary>
internal static class EvaluationAnalysis
{
    /// <summary>Evaluates a model, under interventions if there are any.</summary>
    public static EvaluationResults Of(
        int threads, Task task, Model<Tensor> weights, Reference reference, FSharpList<Intervention>? interventions = null) =>
        Of(Behaviour.evaluateWith(threads, task, weights, interventions ?? ListModule.Empty<Intervention>(), reference), reference);

    /// <summary>The same of what was measured already.</summary>
    public static EvaluationResults Of(Evaluation evaluation, Reference reference) => new()
    {
        Sequences = evaluation.Sequences,
        Seed = reference.Seed,
        Loss = evaluation.Loss,
        Floor = evaluation.Floor,
        PerPositionLoss = [.. evaluation.PerPositionLoss],
        Prompts = new() { Distinct = Kind(evaluation.Distinct), Repeated = Kind(evaluation.Repeated) },
        RepeatRate = evaluation.RepeatRate,
        FromPromptRate = evaluation.FromPromptRate,
    };

    private static PromptResults Kind(PromptRates rates) => new()
    {
        Count = rates.Count,
        Exact = rates.Exact,
        Letters = rates.Letters,
        Repeats = rates.Repeats,
        FromPrompt = rates.FromPrompt,
    };
}
