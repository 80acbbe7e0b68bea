namespace Interp.Host.Results;

/// <summary>A head's score at a snapshot.</summary>
internal sealed record HeadScore(int Layer, int Head, double Score);

/// <summary>What a pair of heads showed at a snapshot.</summary>
internal sealed record PairScore(string Kind, HeadPlace From, HeadPlace To, double Score, double EigenvalueScore);

/// <summary>Scores of a model on its way. Attention scores are on blocks of the length trained on.</summary>
internal sealed record Snapshot
{
    public required int Step { get; init; }

    /// <summary>Held-out loss, nats a letter.</summary>
    public required double Loss { get; init; }

    /// <summary>Loss of the last letter minus loss of the first one predicted, nats.</summary>
    public required double InContextLearning { get; init; }

    public required double DirectPath { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("ov")]
    public required IReadOnlyList<HeadScore> OV { get; init; }

    public required IReadOnlyList<HeadScore> PreviousToken { get; init; }

    public required IReadOnlyList<HeadScore> Induction { get; init; }

    public required IReadOnlyList<HeadScore> Copying { get; init; }

    /// <summary>Empty for one layer.</summary>
    public required IReadOnlyList<PairScore> Composition { get; init; }
}

/// <summary>What random weights show of the same scores.</summary>
internal sealed record DevelopmentBaselines
{
    public required NullDistribution InContextLearning { get; init; }

    public required NullDistribution DirectPath { get; init; }

    [System.Text.Json.Serialization.JsonPropertyName("ov")]
    public required NullDistribution OV { get; init; }

    public required NullDistribution PreviousToken { get; init; }

    public required NullDistribution Induction { get; init; }

    public required NullDistribution Copying { get; init; }

    /// <summary>K-, Q- and V-composition; empty for one layer.</summary>
    public required IReadOnlyList<CompositionBaseline> Composition { get; init; }
}

internal sealed record CompositionBaseline(string Kind, NullDistribution Score, NullDistribution EigenvalueScore);
