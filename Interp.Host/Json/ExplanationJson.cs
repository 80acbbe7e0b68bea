using System.Text.Json.Nodes;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>Explanations as JSON.</summary>
internal static class ExplanationJson
{
    /// <summary>What the model is that is explained.</summary>
    public static JsonObject Model(long numbers, int parameters) => new() { ["numbers"] = numbers, ["parameters"] = parameters };

    /// <summary>What an explanation keeps of each part.</summary>
    public static JsonObject Of(string explanation, IReadOnlyCollection<KeptNumbers> parts) => new()
    {
        ["explanation"] = explanation,
        ["numbers"] = parts.Sum(part => part.Numbers),
        ["parts"] = List(parts, part => new JsonObject { ["part"] = part.Part, ["form"] = part.Form, ["numbers"] = part.Numbers }),
    };
}
