using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>What a model predicts after each letter of a text.</summary>
internal static class LogitAnalysis
{
    /// <summary>Logits [pos][vocab].</summary>
    /// <exception cref="RefusedException">An intervention does not fit the model or the text.</exception>
    public static IReadOnlyList<IReadOnlyList<float>> Of(Checkpoint checkpoint, Tokens text, FSharpList<Intervention> interventions) => Grids.Matrix(
        Experiments.logits(1, checkpoint.Task, checkpoint.Weights, interventions).Invoke(text).ToArray(), text.Length, checkpoint.Architecture.DVocab);

    /// <summary>Probabilities [vocab] from logits [vocab].</summary>
    public static double[] Softmax(IReadOnlyList<float> logits)
    {
        var largest = logits.Max();
        var exponentials = logits.Select(logit => Math.Exp(logit - largest)).ToArray();
        var sum = exponentials.Sum();
        return [.. exponentials.Select(exponential => exponential / sum)];
    }
}
