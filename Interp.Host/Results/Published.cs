namespace Interp.Host.Results;

/// <summary>What the 2022 study published about one kind of model, trained from one seed.</summary>
public sealed record PublishedModel
{
    /// <summary>Held-out loss, nats a letter.</summary>
    public required double Loss { get; init; }

    /// <summary>True where the loss was read off a curve rather than printed.</summary>
    public required bool LossIsApproximate { get; init; }

    /// <summary>Eigenvalue scores of the heads' OV circuits, [layer][head].</summary>
    [System.Text.Json.Serialization.JsonPropertyName("ov_scores")]
    public required IReadOnlyList<IReadOnlyList<double>> OVScores { get; init; }

    /// <summary>Eigenvalue score of the sum of the OV circuits; null where it was not published.</summary>
    public required double? OVSumScore { get; init; }

    public required double DirectPathScore { get; init; }

    public required IReadOnlyList<PublishedCompletion> Completions { get; init; }

    /// <summary>Losses without each head of the first layer, [head]; null where they were not published.</summary>
    public IReadOnlyList<double>? AblatedLosses { get; init; }

    /// <summary>Losses of the path experiment; null where there is none.</summary>
    public IReadOnlyList<PathLoss>? Paths { get; init; }

    /// <summary>What was published of K-composition; null where there is nothing to compose.</summary>
    public PublishedComposition? KeyComposition { get; init; }

    /// <summary>The study's completion of a prompt; null where it shows none.</summary>
    public string? CompletionOf(string prompt) =>
        Completions.FirstOrDefault(completion => string.Equals(completion.Prompt, prompt, StringComparison.Ordinal))?.Generated;
}

/// <summary>Eigenvalue scores of the K-composition term, through the first layer's previous-token head and through its others.</summary>
public sealed record PublishedComposition(double ThroughPreviousTokenHead, double OthersLeast, double OthersMost);

/// <summary>A completion as the study printed it.</summary>
public sealed record PublishedCompletion(
    string Prompt,
    [property: System.Text.Json.Serialization.JsonPropertyName("completion")] string Generated);

/// <summary>The published figures of the 2022 study of one-layer transformers, and of its author's step to two. Facts to compare with: nothing of ours is computed from them.</summary>
public static class Published
{
    /// <summary>The prompts that the study completes; the last two are no repetition of one block.</summary>
    public static IReadOnlyList<string> Prompts { get; } =
        ["ABCDEF", "ABCDEFABCDEF", "XYZRSTXYZRST", "ABCDEFXYZRST", "QWERTYXYZRST"];

    /// <summary>One layer, keys as they are.</summary>
    public static PublishedModel Plain { get; } = new()
    {
        Loss = 2.6065,
        LossIsApproximate = false,
        OVScores = [[0.6860927, 0.85695416, 0.98481447, 0.5779195]],
        AblatedLosses = [2.8055, 2.8358, 2.8343, 2.8078],
        OVSumScore = 0.9997909,
        DirectPathScore = -0.9995849,
        Completions =
        [
            new("ABCDEF", "ECECECECECECECECEC"),
            new("ABCDEFABCDEF", "CFCFCFCFCFCF"),
            // Printed with 13 letters: one more than fits in 24.
            new("XYZRSTXYZRST", "TSTSZSTSTSZST"),
            new("ABCDEFXYZRST", "FEFEFEFEFEFE"),
            new("QWERTYXYZRST", "YTYTYTYTYTYT"),
        ],
    };

    /// <summary>One layer, smeared keys.</summary>
    public static PublishedModel Smeared { get; } = new()
    {
        Loss = 1.23,
        LossIsApproximate = true,
        OVScores = [[-0.71228284, 1.0, 1.0, -0.856813]],
        OVSumScore = null,
        DirectPathScore = -0.9998577,
        Completions =
        [
            new("ABCDEF", "EFEFEFEFEFEFEFEFEF"),
            new("ABCDEFABCDEF", "ABCDEFABCDEF"),
            new("XYZRSTXYZRST", "XYZRSTXYZRST"),
            new("ABCDEFXYZRST", "FXYZRSTFXYZR"),
            new("QWERTYXYZRST", "YXYXYXYXYXYX"),
        ],
    };

    /// <summary>Two layers, keys as they are: what the study's author went on to. No completions were published.</summary>
    public static PublishedModel TwoLayer { get; } = new()
    {
        Loss = 1.3845,
        LossIsApproximate = false,
        OVScores = [[-1.000, -0.940, -0.933, -1.000], [0.9998, 0.9999, 0.9999, 0.9970]],
        OVSumScore = null,
        DirectPathScore = -0.9995,
        Completions = [],
        AblatedLosses = [2.2649, 2.4580, 2.7365, 2.4093],
        Paths = [new("direct", 3.1235), new("direct+k", 2.5182), new("direct+q", 2.6181), new("direct+kq", 1.3905), new("full", 1.3845)],
        KeyComposition = new(0.9999, -0.94, 0.95),
    };

    /// <summary>The figures of a model of the study's kinds.</summary>
    public static PublishedModel Of(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return architecture.NLayers > 1 ? TwoLayer : architecture.Smeared ? Smeared : Plain;
    }
}
