using System.Text.Json.Nodes;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>What <c>--with</c> has in common wherever it is given.</summary>
internal static class Explaining
{
    /// <summary>Does something with an explanation; one that does not fit the model is the user's to mend.</summary>
    /// <exception cref="BadInputException">An explanation does not fit.</exception>
    public static T Checked<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RefusedException misfit)
        {
            throw new BadInputException($"--with: {misfit.Message}");
        }
    }

    /// <summary>An explanation in the model's place; null where there is none.</summary>
    /// <exception cref="BadInputException">The explanation does not fit the model.</exception>
    public static InPlace? InPlaceOf(int threads, GivenModel model, FSharpOption<Explanation>? explanation, Reference? reference = null) =>
        explanation is { Value: var given }
            ? Checked(() => InPlaceModule.ofExplanation(threads, model.Task, model.Architecture.NCtx, model.Weights, reference ?? InPlaceModule.standard, given))
            : null;

    /// <summary>In its printed form; nothing where there is none.</summary>
    public static JsonObject Json(FSharpOption<Explanation>? explanation) =>
        explanation is { Value: var given } ? new() { ["explanation"] = given.ToString() } : [];

    public static void Show(IAnsiConsole console, FSharpOption<Explanation>? explanation)
    {
        if (explanation is { Value: var given })
        {
            Terminal.Line(console, $"By the explanation {given}:");
        }
    }
}
