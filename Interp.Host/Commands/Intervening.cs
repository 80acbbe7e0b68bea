using System.Text.Json.Nodes;
using Interp.Host.Json;
using Interp.Runs.Directories;
using Interp.Runs.Endings;
using Interp.Runs.Surroundings;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>What <c>--intervene</c> has in common wherever it is given.</summary>
internal static class Intervening
{
    /// <summary>Does something under interventions, their texts read by the names of the model's tokens; one that does not fit the model or the text is the user's to mend.</summary>
    /// <exception cref="BadInputException">An intervention does not fit.</exception>
    public static T Checked<T>(GivenModel model, FSharpList<Intervention> interventions, Func<FSharpList<Intervention>, T> work)
    {
        var named = ListModule.OfSeq(interventions.Select(intervention => Named(model.Names, intervention)));
        try
        {
            return work(named);
        }
        catch (RefusedException misfit) when (!interventions.IsEmpty)
        {
            throw new BadInputException($"--intervene: {misfit.Message}");
        }
    }

    /// <summary>A text on the command line is read as letters; other tokens have other names.</summary>
    private static Intervention Named(Vocabulary names, Intervention intervention)
    {
        if (intervention is not Intervention.Patch patch || names.Equals(VocabularyModule.letters(names.Size)))
        {
            return intervention;
        }

        if (VocabularyModule.separator(names).Length > 0)
        {
            throw new BadInputException($"--intervene: {intervention} is of letters, and the model's tokens are {VocabularyModule.describe(names)}; `interp patch` reads texts of these.");
        }

        var tokens = VocabularyModule.parse(names, Letters.toText(patch.source));
        return tokens.IsOk ? Intervention.NewPatch(patch.Item1, patch.position, tokens.ResultValue) : throw new BadInputException($"--intervene: {tokens.ErrorValue}");
    }

    /// <summary>As written on the command line; null where there are none.</summary>
    public static JsonObject Json(FSharpList<Intervention> interventions) =>
        interventions.IsEmpty ? [] : new() { ["interventions"] = Values.Texts(interventions.Select(intervention => intervention.ToString())) };

    public static void Show(IAnsiConsole console, FSharpList<Intervention> interventions)
    {
        if (!interventions.IsEmpty)
        {
            Terminal.Line(console, $"Under {string.Join("; ", interventions)}:");
        }
    }
}
