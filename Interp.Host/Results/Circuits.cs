using System.Text.Json.Serialization;

namespace Interp.Host.Results;

/// <summary>A product of weights that maps a source letter's one-hot vector to logits.</summary>
internal record Circuit
{
    /// <summary>Re(sum of the eigenvalues) / sum of their magnitudes, in [-1, 1].</summary>
    public required double Score { get; init; }

    /// <summary>The score's distribution over random weights.</summary>
    public required NullDistribution Baseline { get; init; }

    /// <summary>The share of random weights with a lower score.</summary>
    public required double Standing { get; init; }

    /// <summary>The eigenvalues that are not zero by rank, largest first.</summary>
    public required IReadOnlyList<ComplexNumber> Eigenvalues { get; init; }

    /// <summary>Those that are not zero by rank, largest first.</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>The sum of the diagonal.</summary>
    public required ComparedScore Trace { get; init; }

    /// <summary>Share of letters that raise their own logit the most.</summary>
    public required ComparedScore DiagonalShare { get; init; }

    /// <summary>[vocab (source)][vocab (logit)].</summary>
    public required IReadOnlyList<IReadOnlyList<float>> Matrix { get; init; }
}

/// <summary>W_E W_V W_O W_U of one head.</summary>
internal sealed record HeadCircuit : Circuit
{
    [JsonConstructor]
    public HeadCircuit()
    {
    }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public HeadCircuit(Circuit circuit, int layer, int head)
        : base(circuit)
    {
        Layer = layer;
        Head = head;
    }

    [JsonPropertyOrder(-2)]
    public required int Layer { get; init; }

    [JsonPropertyOrder(-1)]
    public required int Head { get; init; }
}

/// <summary>The sum of W_E W_V W_O W_U over the heads of a layer.</summary>
internal sealed record LayerCircuit : Circuit
{
    [JsonConstructor]
    public LayerCircuit()
    {
    }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public LayerCircuit(Circuit circuit, int layer)
        : base(circuit) => Layer = layer;

    [JsonPropertyOrder(-2)]
    public required int Layer { get; init; }
}

internal sealed record CircuitResults
{
    /// <summary>W_E W_U.</summary>
    public required Circuit DirectPath { get; init; }

    [JsonPropertyName("ov")]
    public required IReadOnlyList<HeadCircuit> OV { get; init; }

    [JsonPropertyName("ov_sum")]
    public required IReadOnlyList<LayerCircuit> OVSum { get; init; }
}

/// <summary>A complex number, written in JSON as [real, imaginary].</summary>
[JsonConverter(typeof(ComplexNumberConverter))]
internal readonly record struct ComplexNumber(double Real, double Imaginary)
{
    public double Magnitude => double.Hypot(Real, Imaginary);

    public static ComplexNumber Of(System.Numerics.Complex value) => new(value.Real, value.Imaginary);
}
