using System.Text.Json.Nodes;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>What is true of all inputs as JSON; counts are whole numbers.</summary>
internal static class ExactJson
{
    /// <summary>An evaluation, and the time it took.</summary>
    /// <param name="evaluation">What was found.</param>
    /// <param name="seconds">How long this process looked.</param>
    /// <param name="looked">At how many inputs.</param>
    public static JsonObject Of(ExactEvaluation evaluation, double seconds, long looked) => new()
    {
        ["patterns"] = evaluation.Patterns,
        ["inputs"] = evaluation.All,
        ["loss"] = Number(evaluation.Loss),
        ["accuracy"] = Number(evaluation.Accuracy),
        ["per_position_loss"] = Numbers(evaluation.PerPositionLoss),
        ["prompts"] = evaluation.ByBlock is { Value: var (distinct, repeated) }
            ? new JsonObject { ["distinct"] = Of(distinct), ["repeated"] = Of(repeated) }
            : new JsonObject { ["all"] = Of(evaluation.Whole) },
        ["by_pattern"] = List(evaluation.Classes, each => new JsonObject
        {
            ["pattern"] = each.Name,
            ["count"] = each.Count,
            ["exact"] = each.Exact,
            ["loss"] = Number(each.Loss),
        }),
        ["undecided"] = evaluation.Undecided,
        ["least_margin"] = evaluation.LeastMargin is { Value: var margin } ? Number(margin) : null,
        ["failed"] = evaluation.Failed,
        ["seconds"] = Number(seconds),
        ["patterns_per_second"] = Number(seconds > 0 ? looked / seconds : 0),
    };

    /// <summary>What failures have in common.</summary>
    public static JsonObject Of(SharedTrait trait) => new()
    {
        ["words"] = trait.Words,
        ["share"] = Number(trait.Share),
        ["usual"] = trait.Usual is { Value: var usual } ? Number(usual) : null,
    };

    private static JsonObject Of(ExactPrompts prompts) => new() { ["count"] = prompts.Count, ["exact"] = prompts.Exact };
}
