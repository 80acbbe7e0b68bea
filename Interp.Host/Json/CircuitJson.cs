using System.Text.Json.Nodes;
using Interp.Runs.Wording;
using static Interp.Host.Json.Values;

namespace Interp.Host.Json;

/// <summary>Circuits, their scores and their composition as JSON.</summary>
internal static class CircuitJson
{
    /// <summary>A distribution over random weights.</summary>
    public static JsonObject Of(NullDistribution random) => new()
    {
        ["samples"] = random.Samples,
        ["mean"] = Number(random.Mean),
        ["std"] = Number(random.Std),
        ["p025"] = Number(random.P025),
        ["p975"] = Number(random.P975),
    };

    /// <summary>A score beside its null distribution.</summary>
    public static JsonObject Of(Compared compared) => new()
    {
        ["score"] = Number(compared.Score),
        ["null"] = Of(compared.Null),
        ["standing"] = Number(compared.Standing),
    };

    /// <summary>What is known of a circuit; its matrix [vocab (source)][vocab (logit)] only where it is asked for.</summary>
    public static JsonObject Of(CircuitScores scores, bool matrices) => Of(scores.Eigenvalues)
        .With("eigenvalues", List(scores.Spectrum.Eigenvalues, value => Numbers([value.Real, value.Imaginary])))
        .With("singular_values", Numbers(scores.SingularValues))
        .With("trace", Of(scores.Trace))
        .With("diagonal_share", Of(scores.DiagonalShare))
        .With("matrix", matrices ? Nested(FactoredModule.product(scores.Circuit)) : null);

    /// <summary>All circuits of a model, and what positions alone add to its heads' scores.</summary>
    public static JsonObject Of(ScoredCircuits circuits, IEnumerable<PositionScores> positions, bool matrices) => new()
    {
        ["direct_path"] = Of(circuits.DirectPath, matrices),
        ["ov"] = List(circuits.OV, circuit => Head(circuit.Head).With(Of(circuit.Scores, matrices))),
        ["ov_sum"] = List(circuits.OVSum, circuit => new JsonObject { ["layer"] = circuit.Layer }.With(Of(circuit.Scores, matrices))),
        ["qk"] = List(positions, head => Of(head, matrices)),
    };

    /// <summary>What positions alone add to a head's scores; [pos][key_pos] only where matrices are asked for.</summary>
    public static JsonObject Of(PositionScores head, bool matrices) => Head(head.Head)
        .With("by_offset", Numbers(head.ByOffset))
        .With("scores", matrices ? Nested(head.Scores) : null);

    /// <summary>How strongly one head feeds another.</summary>
    public static JsonObject Of(CompositionScore score) => new()
    {
        ["kind"] = Words.Input(score.Kind),
        ["from"] = Head(score.From),
        ["to"] = Head(score.To),
        ["norms"] = Of(score.Norms),
        ["eigenvalues"] = Of(score.Eigenvalues),
    };

}
