using System.Text.Json.Nodes;
using Interp.Host.Endings;
using Interp.Host.Json;
using Interp.Host.Surroundings;
using Microsoft.FSharp.Collections;
using Spectre.Console;

namespace Interp.Host.Commands;

/// <summary>What <c>--intervene</c> has in common wherever it is given.</summary>
internal static class Intervening
{
    /// <summary>Does something under interventions; one that does not fit the model or the text is the user's to mend.</summary>
    /// <exception cref="BadInputException">An intervention does not fit.</exception>
    public static T Checked<T>(FSharpList<Intervention> interventions, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RefusedException misfit) when (!interventions.IsEmpty)
        {
            throw new BadInputException($"--intervene: {misfit.Message}");
        }
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
