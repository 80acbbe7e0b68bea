using Interp.Host.Results;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Analyses;

/// <summary>How a model continues prompts, always with the likeliest letter.</summary>
internal static class CompletionAnalysis
{
    /// <summary>Completes each prompt up to <paramref name="length"/> letters, prompt included.</summary>
    /// <exception cref="RefusedException">An intervention does not fit the model or a prompt.</exception>
    public static IReadOnlyList<Completion> Of(
        Checkpoint checkpoint, int length, IReadOnlyList<Tokens> prompts, FSharpList<Intervention> interventions)
    {
        var logits = Experiments.logits(1, checkpoint.Task, checkpoint.Weights, interventions);
        return [.. Decoding.greedyWith(1, logits, length, ListModule.OfSeq(prompts))
            .Zip(prompts, (whole, prompt) => Completion(Letters.toText(whole), Letters.toText(prompt)))];

        Completion Completion(string whole, string prompt) => new()
        {
            Prompt = prompt,
            Generated = whole[prompt.Length..],
            Expected = Expected(prompt, checkpoint.Task.BlockLength, length),
        };
    }

    /// <summary>
    /// How a prompt that repeats its first block goes on, up to <paramref name="length"/> letters in all; null where the prompt is
    /// shorter than a block or does not repeat it.
    /// </summary>
    public static string? Expected(string prompt, int blockLength, int length)
    {
        if (prompt.Length < blockLength)
        {
            return null;
        }

        for (var position = blockLength; position < prompt.Length; position++)
        {
            if (prompt[position] != prompt[position - blockLength])
            {
                return null;
            }
        }

        return string.Create(length - prompt.Length, (prompt, blockLength), static (rest, source) =>
        {
            for (var index = 0; index < rest.Length; index++)
            {
                rest[index] = source.prompt[(source.prompt.Length + index) % source.blockLength];
            }
        });
    }
}
